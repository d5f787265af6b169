"""What several verbs are given alike: the home, a period, a moment, a person; and what it stands for."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from evidence.clock import Clock
from evidence.errors import ConfigError
from evidence.period import Period
from house import House, open_house


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-03-31") from error


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no month; write it as 2026-03") from error


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment; write it as 2026-03-31T18:00:00+09:00") from error
    if at.tzinfo is None:
        raise typer.BadParameter(f"{text!r} has no zone; write it as {text}+09:00")
    return at


Home = typer.Context
FirstDay = Annotated[date, typer.Argument(parser=_day, metavar="SINCE", help="Its first day.")]
LastDay = Annotated[date, typer.Argument(parser=_day, metavar="AS_OF", help="Its last day.")]
Since = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="First judged day.")]
AsOf = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="Last judged day; default: yesterday.")]
On = Annotated[date | None, typer.Option("--as-of", parser=_day, metavar="DATE", help="The day it is asked about.")]
Day = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="A day.")]
From = Annotated[date, typer.Option("--from", parser=_day, metavar="DATE", help="The earlier day.")]
To = Annotated[date, typer.Option("--to", parser=_day, metavar="DATE", help="The later day.")]
OneMonth = Annotated[date, typer.Option("--month", parser=_month, metavar="MONTH", help="The month, as 2026-03.")]
UpTo = Annotated[date, typer.Option("--until", parser=_day, metavar="DATE", help="The last day of collection.")]
KnownAt = Annotated[
    datetime | None, typer.Option(parser=_instant, metavar="MOMENT", help="Only what was recorded by then.")
]
OneCompany = Annotated[str, typer.Option("--company", help="The company's code.")]
AnyCompany = Annotated[str | None, typer.Option("--company", help="Only this company's code.")]
By = Annotated[str, typer.Option("--by", help="Your worker number.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def opened(home: Home, clock: Clock | None = None) -> House:
    """The house of the home that the command line names; its store is let go of when the verb ends."""
    house = open_house(home.obj, clock)
    home.call_on_close(house.store.close)
    return house


def period(house: House, since: date | None, as_of: date | None) -> Period:
    """The period to judge; by default as many days as late news is judged again for, ending yesterday."""
    last = as_of or house.today - timedelta(days=1)
    first = since or last - timedelta(days=house.settings.recompute_days - 1)
    if first > last:
        raise ConfigError(f"--since {first} is after --as-of {last}; a period cannot end before it begins")
    return Period(first, last, house.settings.zone)


def month_of(house: House, first: date) -> Period:
    """The month that begins on a day."""
    return Period(first, first.replace(day=monthrange(first.year, first.month)[1]), house.settings.zone)


def known_company(house: House, company: str | None) -> str | None:
    """The code, or None for all companies; ConfigError names the known ones."""
    return company if company is None else house.settings.company(company).code


def person(house: House, number: str) -> str:
    """The key of the person with a worker number; a key stands for itself."""
    from registers.cells import person_key  # readers of workbooks come with it, and most verbs name nobody
    from registers.reading import WORKER_NUMBER

    if not number.strip():
        raise ConfigError("a worker number cannot be blank")
    keys = house.keys()
    return keys.of_person(person_key(number.strip(), lambda told: keys.person(WORKER_NUMBER, told)))
