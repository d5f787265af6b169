"""What the company's own fetcher wrote of the published pages: one line a capture."""

from demo.days import AS_OF
from demo.files import Folder, exported, json_lines
from demo.group import Group


def write(group: Group, inbox: Folder) -> None:
    """Write every capture, oldest first."""
    told = [
        {
            "id": page.id,
            "company": page.company,
            "document": page.code,
            "url": page.url,
            "fetched": page.at.isoformat(timespec="seconds"),
            "status": page.status,
            "sha256": page.text,
            "method": "fetch",
        }
        for page in sorted(group.pages, key=lambda page: (page.at, page.id))
    ]
    lines = [{name: value for name, value in one.items() if value is not None} for one in told]
    inbox.under("page_captures").put("pages.jsonl", json_lines(lines), exported(AS_OF))
