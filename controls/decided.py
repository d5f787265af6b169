"""What people decided about controls: other thresholds, controls that do not apply, waivers, and zeros they attest.

All are registers, so a window shows what held on its day as it was known at its moment, and a past judgement is
repeated with the thresholds of then (design.md law 8, domain.md F1 and F3).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from controls.attested import zeros
from controls.definition import with_parameters
from controls.engine import TestFault
from controls.model import Control, Parameter, Words
from evidence.facts.window import Window
from evidence.records import Broken, Waivers, twelve_months_after

PARAMETERS, EXCLUSIONS, WAIVERS, ATTESTATIONS = "parameter_values", "exclusions", "waivers", "attestations"
DECIDED = {  # registers whose rows name the control that they decide about, by their key
    PARAMETERS: "change_id",
    EXCLUSIONS: "exclusion_id",
    WAIVERS: "waiver_id",
    ATTESTATIONS: "attestation_id",
}
ENTERED_WITHIN = timedelta(days=7)  # a paper that is signed before a weekend or holidays is entered after them
REVIEWED_WITHIN = timedelta(days=366)  # lists of what does not apply are reviewed yearly (domain.md §3)
_BOOLEANS = {"true": True, "false": False}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Variant:
    """A control with the thresholds of some companies; a fault when one of these does not fit it."""

    control: Control
    companies: tuple[str, ...]
    fault: TestFault | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds on the day of a judgement: rows of thresholds and of exclusions, waivers, attested zeros."""

    parameters: Sequence[Row] = ()
    exclusions: Sequence[Row] = ()
    waivers: Waivers = field(default_factory=Waivers)
    nil: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by control: companies with nothing to judge

    @staticmethod
    def shown(window: Window) -> "Decided":
        """All that a window shows."""
        waivers = Waivers.from_rows(window.rows("waivers"))
        return Decided(window.rows(PARAMETERS), window.rows(EXCLUSIONS), waivers, zeros(window))

    def changes(self, control: str, company: str | None) -> dict[str, Row]:
        """The row that sets each changed parameter: the company's before the group's, and the one that began last."""
        return {row["parameter"]: row for row in self._ordered(control, company)}

    def _ordered(self, control: str, company: str | None) -> Sequence[Row]:
        mine = [r for r in self.parameters if r["control_id"] == control and r["company"] in (None, company)]
        return sorted(mine, key=lambda r: (r["company"] is not None, r["valid_from_on"], r["change_id"]))

    def thresholds(self, control: str, company: str | None, parameters: Iterable[Parameter]) -> dict[str, object]:
        """What a company (None: the group) changed of parameters of a control, as far as it fits them."""
        known = {one.name: one for one in parameters}
        values: dict[str, object] = {}
        for row in self._ordered(control, company):
            if row["parameter"] in known:
                with suppress(ValueError):  # judging tells of it
                    values[row["parameter"]] = _fitting(known[row["parameter"]], row)
        return values

    def changed_by(self, control: str) -> frozenset[str]:
        """The companies that have thresholds of their own for a control."""
        return frozenset(r["company"] for r in self.parameters if r["control_id"] == control and r["company"])

    def variants(self, control: Control, companies: Iterable[str]) -> Sequence[Variant]:
        """The control as it is judged: once for all companies that have the same thresholds."""
        told: dict[tuple[str, str], Variant] = {}
        for company in companies:
            one = self._variant(control, company)
            key = (one.control.digest, str(one.fault or ""))
            told[key] = replace(one, companies=(*told[key].companies, company)) if key in told else one
        return tuple(told.values())

    def _variant(self, control: Control, company: str) -> Variant:
        known = {p.name: p for p in control.parameters}
        values: dict[str, object] = {}
        for name, row in self.changes(control.id, company).items():
            try:
                values[name] = _fitting(known.get(name), row)
            except ValueError as error:  # held when it was saved; the catalogue has changed since
                _, ja, en = error.args
                return Variant(control, (company,), TestFault(f"{row['change_id']} {name}: {ja} / {en}"))
        return Variant(with_parameters(control, values) if values else control, (company,))

    def excluded(self, control: str, company: str, on: date) -> str | None:
        """Why a control does not apply to a company, with who may be asked about it by its id; None: it applies."""
        for row in self.exclusions:
            if (row["control_id"], row["company"]) == (control, company) and row["approved_on"] <= on <= row[
                "review_on"
            ]:
                return (
                    f"{row['reason']}(承認 {row['exclusion_id']}、{row['approved_on']}、次回見直し {row['review_on']})"
                )
        return None


def broken(
    register: str,
    rows: Iterable[Row],
    controls: Mapping[str, Control],
    today: date,
    zone: ZoneInfo,
    judged: Collection[str],
) -> Iterator[Broken]:
    """What is wrong in rows that are about to be saved today in one of these registers, of which companies were
    ``judged`` before."""
    for row in rows:
        if register != ATTESTATIONS:
            yield from _signed(register, row, today, judged)
        control = controls.get(row["control_id"])
        if control is None:
            yield _broken(register, row, "control_id", "その管理策はありません", "there is no such control")
        elif register == EXCLUSIONS:
            yield from _too_long(row)
        elif register == WAIVERS:
            yield from _of_waiver(row)
        elif register == ATTESTATIONS:
            yield from _of_answer(row, control, row["answered_at"].astimezone(zone).date(), today)
        else:
            try:
                _fitting({p.name: p for p in control.parameters}.get(row["parameter"]), row)
            except ValueError as error:
                column, ja, en = error.args
                yield _broken(register, row, column, ja, en)


def _signed(register: str, row: Row, today: date, judged: Collection[str]) -> Iterator[Broken]:
    """It is entered when it is approved: it excuses nothing of long before, but where nothing was judged yet."""
    signed, first = row["approved_on"], today - ENTERED_WITHIN
    if signed is not None and signed > today:
        ja = f"承認日は {today} 以前にしてください"
        yield _broken(register, row, "approved_on", ja, f"is ahead of today, {today}; enter it once it is approved")
    elif signed is not None and signed < first and (row["company"] in judged if row["company"] else judged):
        ja = f"承認日は {first} 以降にしてください。過ぎた承認は、改めて承認を受けてください"
        yield _broken(register, row, "approved_on", ja, f"is before {first}; have it approved anew, as of today")


def _too_long(row: Row) -> Iterator[Broken]:
    signed, until = row["approved_on"], row["review_on"]
    if signed is not None and not signed <= until <= signed + REVIEWED_WITHIN:
        ja = "次回見直し日は承認日から 1 年以内にしてください"
        yield _broken(EXCLUSIONS, row, "review_on", ja, "is reviewed within a year of its approval")


def _of_waiver(row: Row) -> Iterator[Broken]:
    last = twelve_months_after(row["approved_on"])
    if not row["approved_on"] <= row["expires_on"] <= last:
        ja = f"有効期限は承認日から 12 か月以内({last} まで)にしてください"
        yield _broken(WAIVERS, row, "expires_on", ja, f"ends within 12 months of its approval, by {last}")


def _of_answer(row: Row, control: Control, answered_on: date, today: date) -> Iterator[Broken]:
    """It is given before it is entered, and ends when the control says; within a year where the control asks nobody."""
    if answered_on > today:
        ja = f"回答日時は {today} 以前にしてください"
        yield _broken(ATTESTATIONS, row, "answered_at", ja, f"is ahead of today, {today}; enter it once it is given")
        return
    asked = control.attest
    last = answered_on + timedelta(asked.valid_days) if asked else twelve_months_after(answered_on)
    within = Words(f"{asked.valid_days} 日", f"{asked.valid_days} days") if asked else Words("12 か月", "12 months")
    if row["expires_on"] > last:
        ja = f"有効期限は回答日から {within.ja}以内({last} まで)にしてください"
        yield _broken(ATTESTATIONS, row, "expires_on", ja, f"ends within {within.en} of its answer, by {last}")


def _broken(register: str, row: Row, column: str, ja: str, en: str) -> Broken:
    return Broken((str(row[DECIDED[register]]),), column, ja, en, grave=True)


def _fitting(parameter: Parameter | None, row: Row) -> object:
    """The value that a row gives a parameter; ValueError(column, Japanese, English) when it does not fit."""
    if parameter is None:
        raise ValueError("parameter", "その管理策にこのパラメータはありません", "the control has no such parameter")
    value = _read(parameter.value, row["value"])
    if value is None:
        raise ValueError("value", "値の型がパラメータと合いません", "is not of the parameter's kind")
    if parameter.limits and not parameter.limits[0] <= value <= parameter.limits[1]:
        low, high = parameter.limits
        raise ValueError("value", f"{low} から {high} までにしてください", f"is outside the limits, {low} to {high}")
    return value


def _read(like: object, told: Sequence[str]) -> Any:
    """Texts as a value of the kind of ``like``; None when they are not."""
    if isinstance(like, tuple):
        return tuple(told) or None
    if len(told) != 1:
        return None
    [text] = told
    if isinstance(like, bool):
        return _BOOLEANS.get(text.lower())
    if isinstance(like, str):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if isinstance(like, int):
        return int(number) if number.is_finite() and number == number.to_integral_value() else None
    return number if number.is_finite() else None
