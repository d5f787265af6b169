"""Thresholds of a group or a company, and controls that do not apply to one (design.md law 8, domain.md F3)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from controls.assess import Company, assess
from controls.decided import EXCLUSIONS, PARAMETERS, WAIVERS, Decided, broken
from controls.definition import sealed
from controls.engine import run
from controls.model import Parameter, Verdict
from evidence.facts.window import Window
from evidence.period import Period
from tests.controls.test_assess import CONTROL, device

AS_OF = date(2026, 3, 31)
TOKYO = ZoneInfo("Asia/Tokyo")
PERIOD = Period(date(2026, 3, 1), AS_OF)
TEST = """
SELECT d.device_id AS subject, d.company, d.department, d.last_seen_on >= $as_of - $days AS conforms
FROM devices AS d
"""
DAYS = replace(CONTROL, test=TEST, parameters=(Parameter("days", 30, "days", "所管", (1, 60)),))
SEEN = [device("PC1", last_seen_on="2026-03-11"), device("PC2", last_seen_on="2026-03-11", company="C2")]  # 20 days ago
CODES = ("C1", "C2")


def change(number: int, value: str | list[str], company: str | None = None, **columns: Any) -> dict[str, Any]:
    told = {"control_id": CONTROL.id, "parameter": "days", "value": [value] if isinstance(value, str) else value}
    return {"change_id": f"PV-{number}", "company": company, "approved_on": "2026-01-01", **told, **columns}


def exclusion(**columns: Any) -> dict[str, Any]:
    told = {"exclusion_id": "EX-1", "company": "C1", "control_id": CONTROL.id, "reason": "該当する機器がない"}
    return {**told, "approved_on": "2025-06-01", "review_on": "2026-05-31", **columns}


def verdicts(**rows: list[dict[str, Any]]) -> dict[str, Verdict]:
    """The verdicts of both companies, as a day's work judges them."""
    window = Window.given({"devices": SEEN, **rows}, PERIOD)
    decided = Decided.shown(window)
    found: dict[str, Verdict] = {}
    for variant in decided.variants(sealed(DAYS), CODES):
        tested = variant.fault or run(variant.control, window)
        companies = [Company(code) for code in variant.companies]
        found |= {one.company: one.verdict for one in assess(variant.control, window, companies, decided, tested)}
    return found


@pytest.mark.parametrize(
    ("changes", "first", "second"),
    [
        pytest.param([], Verdict.PASS, Verdict.PASS, id="the catalogue's value"),
        pytest.param([change(1, "19")], Verdict.FAIL, Verdict.FAIL, id="the group's"),
        pytest.param([change(1, "20")], Verdict.PASS, Verdict.PASS, id="the group's, at the limit"),
        pytest.param([change(1, "19", "C1")], Verdict.FAIL, Verdict.PASS, id="one company's"),
        pytest.param([change(1, "19"), change(2, "30", "C2")], Verdict.FAIL, Verdict.PASS, id="the company's first"),
        pytest.param(
            [change(1, "19", valid_from_on="2026-02-01"), change(2, "30", valid_from_on="2026-01-01")],
            Verdict.FAIL,
            Verdict.FAIL,
            id="what began last",
        ),
        pytest.param([change(1, "19", control_id="HUM-01")], Verdict.PASS, Verdict.PASS, id="another control's"),
        pytest.param([change(1, "61", "C1")], Verdict.UNVERIFIED, Verdict.PASS, id="outside the limits of today"),
        pytest.param([change(1, "9", parameter="hours")], Verdict.UNVERIFIED, Verdict.UNVERIFIED, id="no such one"),
    ],
)
def test_a_company_is_judged_by_the_threshold_that_holds_for_it(
    changes: list[dict[str, Any]], first: Verdict, second: Verdict
) -> None:
    assert verdicts(parameter_values=changes) == {"C1": first, "C2": second}


def test_companies_with_equal_thresholds_are_judged_in_one_run() -> None:
    decided = Decided(Window.given({PARAMETERS: [change(1, "19"), change(2, "19", "C2")]}, PERIOD).rows(PARAMETERS))
    [one] = decided.variants(sealed(DAYS), CODES)
    assert (one.companies, one.control.parameters[0].value) == (CODES, 19)


def test_another_threshold_is_another_definition() -> None:
    decided = Decided(Window.given({PARAMETERS: [change(1, "19", "C1")]}, PERIOD).rows(PARAMETERS))
    changed, plain = decided.variants(sealed(DAYS), CODES)
    assert changed.control.digest != plain.control.digest == sealed(DAYS).digest


@pytest.mark.parametrize(
    ("row", "first"),
    [
        pytest.param(exclusion(), Verdict.NOT_APPLICABLE, id="holds"),
        pytest.param(exclusion(review_on="2026-03-31"), Verdict.NOT_APPLICABLE, id="its last day"),
        pytest.param(exclusion(review_on="2026-03-30"), Verdict.PASS, id="to be reviewed since yesterday"),
        pytest.param(exclusion(approved_on="2026-03-31"), Verdict.NOT_APPLICABLE, id="its first day"),
        pytest.param(exclusion(approved_on="2026-04-01"), Verdict.PASS, id="approved tomorrow"),
        pytest.param(exclusion(control_id="HUM-01"), Verdict.PASS, id="another control"),
    ],
)
def test_what_does_not_apply_to_a_company_is_not_judged_for_it(row: dict[str, Any], first: Verdict) -> None:
    assert verdicts(exclusions=[row]) == {"C1": first, "C2": Verdict.PASS}


def test_an_exclusion_is_told_with_its_reason_its_number_and_its_review() -> None:
    window = Window.given({EXCLUSIONS: [exclusion()]}, PERIOD)
    told = Decided(exclusions=window.rows(EXCLUSIONS)).excluded(CONTROL.id, "C1", AS_OF)
    assert told == "該当する機器がない(承認 EX-1、2025-06-01、次回見直し 2026-05-31)"


LISTED = replace(
    DAYS,
    parameters=(
        *DAYS.parameters,
        Parameter("kinds", ("pc", "phone"), "kinds", "所管"),
        Parameter("strict", True, "yes or no", "所管"),
        Parameter("share", Decimal("0.5"), "percent", "所管", (Decimal(0), Decimal(1))),
        Parameter("name", "x", "text", "所管"),
    ),
)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param(change(1, "30"), None, id="a whole number"),
        pytest.param(change(1, "1"), None, id="the lower limit"),
        pytest.param(change(1, "60"), None, id="the upper limit"),
        pytest.param(change(1, "0"), "value", id="below the limits"),
        pytest.param(change(1, "61"), "value", id="above the limits"),
        pytest.param(change(1, "30.5"), "value", id="no whole number"),
        pytest.param(change(1, "三十"), "value", id="no number"),
        pytest.param(change(1, "NaN"), "value", id="not a number at all"),
        pytest.param(change(1, ["30", "31"]), "value", id="two values for one"),
        pytest.param(change(1, []), "value", id="no value"),
        pytest.param(change(1, ["pc", "server"], parameter="kinds"), None, id="a list"),
        pytest.param(change(1, [], parameter="kinds"), "value", id="an empty list"),
        pytest.param(change(1, "false", parameter="strict"), None, id="no"),
        pytest.param(change(1, "0", parameter="strict"), "value", id="neither yes nor no"),
        pytest.param(change(1, "0.25", parameter="share"), None, id="a decimal"),
        pytest.param(change(1, "1.1", parameter="share"), "value", id="a decimal above the limits"),
        pytest.param(change(1, "y", parameter="name"), None, id="a text"),
        pytest.param(change(1, "30", parameter="hours"), "parameter", id="no such parameter"),
        pytest.param(change(1, "30", control_id="HUM-99"), "control_id", id="no such control"),
    ],
)
def test_a_threshold_that_does_not_fit_is_refused_at_its_cell(row: dict[str, Any], column: str | None) -> None:
    row |= {"approved_on": AS_OF}
    found = [(one.key, one.column) for one in broken(PARAMETERS, [row], {str(LISTED.id): LISTED}, AS_OF, TOKYO, ())]
    assert found == ([] if column is None else [(("PV-1",), column)])


@pytest.mark.parametrize(
    ("signed", "until", "column"),
    [
        pytest.param(date(2026, 4, 1), date(2027, 4, 2), None, id="366 days"),
        pytest.param(date(2026, 4, 1), date(2027, 4, 3), "review_on", id="367 days"),
        pytest.param(date(2026, 4, 1), date(2026, 3, 31), "review_on", id="over before it began"),
        pytest.param(None, date(2030, 1, 1), None, id="not signed yet"),
    ],
)
def test_an_exclusion_is_reviewed_within_a_year(signed: date | None, until: date, column: str | None) -> None:
    row = exclusion(approved_on=signed, review_on=until)
    found = [one.column for one in broken(EXCLUSIONS, [row], {str(CONTROL.id): CONTROL}, date(2026, 4, 1), TOKYO, ())]
    assert found == ([] if column is None else [column])


@pytest.mark.parametrize("register", [PARAMETERS, EXCLUSIONS, WAIVERS])
@pytest.mark.parametrize(
    ("days", "judged", "refused"),
    [
        pytest.param(0, ("C1",), False, id="today"),
        pytest.param(7, ("C1",), False, id="seven days ago"),
        pytest.param(8, ("C1",), True, id="eight days ago"),
        pytest.param(8, ("C2",), False, id="eight days ago, where nothing was judged"),
        pytest.param(-1, (), True, id="tomorrow"),
    ],
)
def test_what_is_decided_is_entered_when_it_is_approved(
    register: str, days: int, judged: tuple[str, ...], refused: bool
) -> None:
    signed = AS_OF - timedelta(days=days)
    row = {"waiver_id": "W-1", "expires_on": AS_OF + timedelta(days=1), **exclusion(), **change(1, "30", "C1")}
    row |= {"approved_on": signed, "review_on": AS_OF + timedelta(days=1)}
    found = [one.column for one in broken(register, [row], {str(DAYS.id): DAYS}, AS_OF, TOKYO, judged)]
    assert found == (["approved_on"] if refused else [])
