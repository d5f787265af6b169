"""What a schedule can do, for the last whole day before it was due; each says why it failed, or nothing."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from typing import Protocol

from evidence.errors import ConfigError, SourceError
from evidence.period import Period
from house import House
from house.apart import Said
from house.day import checkpoint, collect_day, judge
from house.following import escalate
from house.handout import self_check_documents
from house.periods import close_due
from house.scrubbing import scrub
from house.stamps import stamp


class Asked(Protocol):
    """What a line of the schedule says of its work."""

    @property
    def name(self) -> str: ...

    @property
    def sources(self) -> Collection[str]: ...

    @property
    def frequency(self) -> Collection[str]: ...


Work = Callable[[House, Asked, date, Said], str | None]


def _collect(house: House, asked: Asked, day: date, said: Said) -> str | None:
    failed: list[str] = []
    for told in collect_day(house, day, asked.sources):
        if isinstance(told, SourceError):
            failed.append(str(told))
            said(str(told))
    return "; ".join(failed) or None


def _judge(house: House, asked: Asked, day: date, _: Said) -> str | None:
    """Judge the controls (of these frequencies) for as many days as late news is judged again for."""
    wanted = set(asked.frequency)
    only = [str(c.id) for c in house.catalogue.controls if not wanted or wanted & set(c.frequency)]
    if not only:  # to judge no control in particular would be to judge them all
        raise ConfigError(
            f"no control is judged {', '.join(sorted(wanted))}; `tenken controls list` shows what is when"
        )
    since = day - timedelta(days=house.settings.recompute_days - 1)
    judge(house, Period(since, day, house.settings.zone), only=only)
    escalate(house)
    return None


def _close(house: House, _: Asked, day: date, said: Said) -> str | None:
    """Close the periods whose day it is when this was due, or was before; restate those that late news changed."""
    for row in close_due(house, day + timedelta(days=1)):
        said(f"closed {row.company} {row.since} to {row.as_of}, version {row.version}")
    return None


def _self_check(house: House, _: Asked, day: date, said: Said) -> str | None:
    """Judge the last whole month and write its reports into ``reports/`` of the home."""
    month = last_month(day, house.settings.zone)
    judge(house, month)
    documents = [one for code in house.settings.codes for one in self_check_documents(house, code, month)]
    folder = house.home / "reports"
    folder.mkdir(exist_ok=True)
    with house.store.write():  # whoever lost the slot writes no file either
        for document in documents:
            (folder / document.name).write_bytes(document.content)
            said(str(folder / document.name))
    return None


def _checkpoint(house: House, _: Asked, __: date, said: Said) -> str | None:
    """Sign the heads, and have them stamped; the work is done where only the authority fails."""
    checkpoint(house)
    for failed in stamp(house):
        said(failed)
    return None


def _scrub(house: House, *_: object) -> str | None:
    return scrub(house)


def last_month(day: date, zone: str) -> Period:
    """The last whole calendar month that is over when ``day`` is."""
    first = (day + timedelta(days=1)).replace(day=1)
    return Period((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1), zone)


WORK: Mapping[str, Work] = {
    "collect": _collect,
    "judge": _judge,
    "close": _close,
    "self-check": _self_check,
    "checkpoint": _checkpoint,
    "scrub": _scrub,
}
