"""``tenken registers starting-book``: the public notice as workbooks to begin a management book with."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cli.given import Day, Home, OneCompany, opened, person
from cli.output import progress
from evidence.errors import ConfigError
from registers.starting_book import Given, workbooks


def starting_book(
    home: Home,
    company: OneCompany,
    department: Annotated[str, typer.Option(help="The department that the entries begin with.")],
    author: Annotated[str, typer.Option(help="Worker number of who writes the entries.")],
    owner: Annotated[str, typer.Option(help="Worker number of who answers for the data.")],
    out: Annotated[Path, typer.Option(help="The folder to write the workbooks into.")],
    published_on: Day = None,
) -> None:
    """Write the workbooks of a first management book, drafts that say what the notice says; import them in order.

    The notice does not say since when it is published: give --published-on, else it is today.
    """
    house = opened(home)
    since: date = published_on or house.today
    for number in (author, owner):
        person(house, number)
    books = workbooks(Given(house.settings.company(company).code, department, author, owner, since))
    if there := [name for name in books if (out / name).exists()]:
        raise ConfigError(f"{out / there[0]}: is there already, and may be filled in; choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    for name, content in books.items():
        (out / name).write_bytes(content)
        print(out / name)
    progress("import them in this order: `tenken registers import NAME FILE --by NUMBER --reason TEXT`")
