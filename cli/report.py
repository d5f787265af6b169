"""``tenken report``: the management book, the self-check report of a judged period, and what must be erased."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from cli.given import AsOf, Home, KnownAt, OneCompany, OneMonth, Since, month_of, opened, period
from cli.progress import working
from house import window
from house.handout import management_book as book_of
from house.handout import self_check_documents
from reports import Document, products

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What is handed out: book, self-check, erasures.")

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


@app.command()
def erasures(home: Home, company: OneCompany, month: OneMonth, out: Out = Path(), known_at: KnownAt = None) -> None:
    """Write 消去対象一覧: what must be erased by the end of a month, and the record that answers each."""
    house = opened(home)
    told = house.settings.company(company)
    seen = window(house, month_of(house, month), known_at or house.store.last_commit() or house.clock.now())
    _write(out, [products.erasure_list_document(seen, house.views, told.code, told.name, house.masking(told.code))])


def _write(folder: Path, documents: Iterable[Document]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for document in documents:
        (folder / document.name).write_bytes(document.content)
        print(folder / document.name)
