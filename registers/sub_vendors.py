"""Who works for whom: vendor → sub-vendor → …, each with where it was seen and whether it is approved."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Approval(StrEnum):
    """Whether a day finds an approval, with the terms passed down, for every country a sub-vendor was seen in."""

    VALID = "valid"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SubVendor:
    """One that was passed work by the vendor above it, and those that it passes work to."""

    sub_vendor: str
    approval: Approval
    countries: tuple[str, ...]
    sightings: tuple[Row, ...]
    sub_vendors: tuple["SubVendor", ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """Everything that is known of work passed on: vendors of the register, what was seen, what was approved."""

    vendors: Collection[Row]
    sightings: Collection[Row]
    approvals: Collection[Row]

    def roots(self) -> list[str]:
        """The vendors of the register that pass work on, and others that are nobody's sub-vendor."""
        passing = {str(row["vendor_id"]) for row in (*self.sightings, *self.approvals)}
        registered = {str(row["vendor_id"]) for row in self.vendors}
        below = {str(row["sub_vendor"]) for row in (*self.sightings, *self.approvals)}
        return sorted((passing & registered) | (passing - registered - below))

    def below(self, name: str, on: date, above: frozenset[str] = frozenset()) -> tuple[SubVendor, ...]:
        """Those that one passes work to, by its id, 法人番号 or name; nobody stands below itself."""
        names = self._names(name)
        seen = _by_sub_vendor(self.sightings, names)
        approved = _by_sub_vendor(self.approvals, names)
        path = above | names
        return tuple(
            SubVendor(
                sub_vendor=one,
                approval=_approval(seen.get(one, []), approved.get(one, []), on),
                countries=tuple(sorted({*_countries((*seen.get(one, []), *approved.get(one, [])))})),
                sightings=tuple(seen.get(one, [])),
                sub_vendors=() if self._names(one) & path else self.below(one, on, path),
            )
            for one in sorted(seen.keys() | approved.keys())
        )

    def _names(self, name: str) -> frozenset[str]:
        """All names of one: a sub-vendor may be a vendor of the register, too."""
        same = [row for row in self.vendors if name in (row["vendor_id"], row["corporate_number"], row["name"])]
        told = {row[column] for row in same for column in ("vendor_id", "corporate_number", "name")} - {None}
        return frozenset({name} | {str(one) for one in told})


def _by_sub_vendor(rows: Iterable[Row], names: Collection[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["vendor_id"] in names:
            found.setdefault(str(row["sub_vendor"]), []).append(row)
    return found


def _approval(sightings: Iterable[Row], approvals: Iterable[Row], on: date) -> Approval:
    given = [row for row in approvals if row["pass_down_terms"] and row["approved_on"] <= on]
    needed: set[str | None] = {*_countries(sightings)} or {None}
    found = {_covered(country, given, on) for country in needed}
    return next(one for one in (Approval.MISSING, Approval.EXPIRED, Approval.VALID) if one in found)


def _covered(country: str | None, approvals: Iterable[Row], on: date) -> Approval:
    """An approval names the country it holds for: work that moved to another one is not approved by it."""
    last = [row["expires_on"] for row in approvals if country in (None, row["country"])]
    if not last:
        return Approval.MISSING
    return Approval.VALID if max(last) >= on else Approval.EXPIRED


def _countries(rows: Iterable[Row]) -> Iterator[str]:
    return (str(row["country"]) for row in rows if row["country"] is not None)
