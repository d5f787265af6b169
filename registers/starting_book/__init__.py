"""The book to begin with: what a company's public notice says, as workbooks that can be imported.

The YAML beside this module holds what the notice says and nothing else; what it leaves empty stays empty, so the rules
of the book (BK-01, BK-03, BK-24) ask for it before an entry can be approved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evidence import yaml_files
from evidence.datasets import register
from evidence.facts.rows import OPEN_END
from registers import sheets

FOLDER = Path(__file__).parent
ORDER = ("vocabulary", "purposes", "recipients", "shared_use_scopes", "book_entries")  # what others name comes first
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """What the notice cannot say: whose book it is, who writes it and answers for it, and since when it is public."""

    company: str
    department: str
    author: str  # worker numbers
    owner: str
    published_on: date


def workbooks(given: Given) -> dict[str, bytes]:
    """The workbooks by file name, in the order in which they are to be imported."""
    return {
        f"{number}_{name}.xlsx": sheets.export(register(name), rows(name, given))
        for number, name in enumerate(ORDER, start=1)
    }


def rows(name: str, given: Given) -> list[Row]:
    """The rows of one register."""
    told = yaml_files.load(FOLDER / f"{name}.yaml")
    match name:
        case "vocabulary":
            return [{"kind": one["kind"], "term": term} for one in told for term in one["terms"]]
        case "purposes":
            return list(_purposes(told, given))
        case "recipients":  # the whole group's: the notice names classes, not a company's own partners
            return [{**one, "company": None, "impaired": False} for one in told]
        case "shared_use_scopes":
            return [{**one, "company": given.company} for one in told]
        case _:
            return list(_entries(told, given))


def _purposes(told: Any, given: Given) -> Iterator[Row]:
    for category, codes in told["categories"].items():
        for code in codes:
            yield {
                "company": given.company,
                "purpose_code": code,
                "category": category,
                "wording": told["wordings"][code],
                "published_from_on": given.published_on,
                "published_to_on": OPEN_END,
                "generic": False,
            }


def _entries(told: Any, given: Given) -> Iterator[Row]:
    purposes = yaml_files.load(FOLDER / "purposes.yaml")["categories"]
    for number, entry in enumerate(told["entries"], start=1):
        said = {name: value for name, value in entry.items() if name not in ("category", "section")}
        yield {
            **told["unsaid"],
            **said,
            "company": given.company,
            "department": given.department,
            "entry_id": f"{given.company}-{given.department}-{number:04}",
            "entry_version": 1,
            "status": "draft",
            "subject_kinds": [entry["category"]],
            "purposes": purposes.get(entry["category"], []),
            "owner_key": given.owner,
            "author_key": given.author,
            "dsar_scope": "dsar_exclusion_reason" not in entry,
            "provenance": "notice",
            "provenance_refs": [entry["section"]],
        }
