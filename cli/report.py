"""``tenken report``: the management book and the self-check report of a period that was judged."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli.given import AsOf, Home, OneCompany, Since, opened, period
from cli.progress import working
from house import management_book as book_of
from house import self_check_documents
from reports import Document

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The management book and the self-check report.")

Out = Annotated[Path, typer.Option(help="The folder to write into.")]


@app.command("management-book")
def management_book(
    home: Home, company: OneCompany, out: Out = Path(), since: Since = None, as_of: AsOf = None
) -> None:
    """Write 個人情報管理台帳 as it stood at the end of a judged period."""
    house = opened(home)
    with working("writing"):
        document = book_of(house, house.settings.company(company).code, period(house, since, as_of))
    _write(out, [document])


@app.command("self-check")
def self_check(home: Home, company: OneCompany, out: Out = Path(), since: Since = None, as_of: AsOf = None) -> None:
    """Write 自己点検報告書 of a judged period, as a workbook and as a page."""
    house = opened(home)
    with working("writing"):
        documents = self_check_documents(house, house.settings.company(company).code, period(house, since, as_of))
    _write(out, documents)


def _write(folder: Path, documents: Iterable[Document]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        (folder / document.name).write_bytes(document.content)
        print(folder / document.name)
