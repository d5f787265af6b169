"""Outsourcing entities 委託先: whom personal data goes to, when each was looked at, and what is open about them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from evidence.datasets import register
from evidence.facts.feeds import Feed
from house import House, within
from house.following import Followed
from portal.door import Asked, NotThere
from portal.naming import name_of
from portal.pages.gaps import line_of
from portal.pages.standing import seen
from registers.handed_out import masked

VENDOR = "vendor_id"
ABOUT = {  # the registers that tell of vendors, and the column of the day by which their rows are ordered
    "vendor_contracts": "ends_on",
    "vendor_evaluations": "evaluated_on",
    "vendor_audits": "performed_on",
    "sub_vendor_approvals": "expires_on",
}
Row = dict[str, Any]


def list_(asked: Asked) -> Response:
    """The vendors of a company, those with open gaps first."""
    told, gaps = {name: _rows(asked, name) for name in ABOUT}, _gaps(asked)
    lines = [
        {
            **vendor, "address": name_of([vendor[VENDOR]]),
            "open": sum(one.gap.subject == vendor["id"] for one in gaps),
            **{name: _last(rows, vendor[VENDOR], ABOUT[name]) for name, rows in told.items()},
        }
        for vendor in _rows(asked, "vendors")
    ]  # fmt: skip
    return asked.page("vendors.html", vendors=sorted(lines, key=lambda one: (-one["open"], one[VENDOR])))


def vendor(asked: Asked) -> Response:
    """One vendor: the rows of registers that tell of it, and its gaps."""
    found = [one for one in _rows(asked, "vendors") if name_of([one[VENDOR]]) == asked.given["vendor"]]
    if not found:
        raise NotThere
    [one] = found
    rows = {
        name: [
            {"day": row[day], "key": row["key"], "name": row["name_of"]}
            for row in _of(_rows(asked, name), one[VENDOR], day)
        ]
        for name, day in ABOUT.items()
    }
    gaps = [line_of(asked, told) for told in _gaps(asked) if told.gap.subject == one["id"]]
    titles = {name: register(name) for name in ABOUT}
    return asked.page("vendor.html", one=one, address=name_of([one[VENDOR]]), rows=rows, titles=titles, gaps=gaps)


def _rows(asked: Asked, name: str) -> list[Row]:
    return asked.once(_called, name, str(asked.company), tuple(one for one in asked.house.feeds if one.dataset == name))


def _called(house: House, name: str, company: str, _: Sequence[Feed]) -> list[Row]:
    """The rows of a register as whoever reads about the company may see them, each with what it is called; they follow
    from who delivers it, too."""
    dataset, held = register(name), within.rows(house, name, company)
    told = masked(dataset, held, house.masking(company))
    for row, original in zip(told, held, strict=True):
        key = [str(row[column]) for column in dataset.key]
        row |= {"name_of": name_of(key), "key": " / ".join(key), "id": original[VENDOR]}
    return told


def _gaps(asked: Asked) -> list[Followed]:
    return [one for one in asked.followed if one.gap.is_open and seen(asked, one)]


def _of(rows: Sequence[Row], vendor: str, day: str) -> list[Row]:
    """The rows that tell of a vendor, the newest first; one without its day is the last."""
    return sorted((one for one in rows if one[VENDOR] == vendor), key=lambda one: one[day] or date.min, reverse=True)


def _last(rows: Sequence[Row], vendor: str, day: str) -> date | None:
    return next((one[day] for one in _of(rows, vendor, day)), None)
