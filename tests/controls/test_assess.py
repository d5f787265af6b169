"""From a population to a verdict: what proves, what does not, and what people accepted (domain.md §1.0, design.md §4)."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from controls.assess import Company, assess, verdict
from controls.decided import Decided
from controls.engine import TestFault
from controls.model import About, Assessment, Control, ControlId, Deviation, Proof, Verdict, Words
from controls.record import assessment_of, judgement_row
from evidence.facts.window import Window
from evidence.period import Period

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
TEST = """
SELECT d.device_id AS subject, d.company, d.department, d.encryption = 'on' AS conforms
FROM devices AS d
"""
CONTROL = Control(
    id=ControlId("PHY-3-01"),
    measure="PHY-3",
    title=Words("題", "title"),
    requires=Words("要求", "requirement"),
    basis=(),
    about={None: About.STATE},
    severity="critical",
    frequency=("daily",),
    datasets=("devices",),
    population=("devices",),
    lookback_days=0,
    parameters=(),
    test=TEST,
    gap=Words("{subject}", "{subject}"),
    valid_from=date(2022, 4, 1),
    valid_to=date(9999, 12, 31),
    attest=None,
    digest="0" * 64,
    file="",
)


def device(name: str, encryption: str = "on", **columns: Any) -> dict[str, Any]:
    return {"device_id": name, "kind": "pc", "encryption": encryption, **columns}


def judged(rows: dict[str, list[dict[str, Any]]], control: Control = CONTROL, company: str = "C1") -> Assessment:
    window = Window.given(rows, PERIOD)
    [one] = assess(control, window, [Company(company)], Decided.shown(window))
    return one


def waiver(subject: str | None = None, **columns: Any) -> dict[str, Any]:
    told = {
        "control_id": "PHY-3-01",
        "subject": subject,
        "department": None,
        "approved_on": "2026-01-01",
        "expires_on": "2026-12-31",
    }
    return told | columns


def deviations(count: int, waived: int = 0) -> list[Deviation]:
    return [Deviation(str(n), None, None, None, {}, Proof(), "w" if n < waived else None) for n in range(count)]


@pytest.mark.parametrize(
    ("severity", "population", "found", "waived", "expected"),
    [
        pytest.param("critical", 1000, 0, 0, Verdict.PASS, id="no deviation"),
        pytest.param("critical", 1000, 1, 0, Verdict.FAIL, id="one in a thousand, critical"),
        pytest.param("high", 100, 5, 0, Verdict.PARTIAL, id="exactly the tolerance"),
        pytest.param("high", 100, 6, 0, Verdict.FAIL, id="over the tolerance"),
        pytest.param("critical", 10, 2, 2, Verdict.PARTIAL, id="all waived turns fail to partial"),
        pytest.param("critical", 10, 2, 1, Verdict.FAIL, id="one unwaived keeps fail"),
    ],
)
def test_the_verdict_rule(severity: str, population: int, found: int, waived: int, expected: Verdict) -> None:
    assert verdict(severity, population, deviations(found, waived), 5) is expected


def test_all_that_conforms_passes() -> None:
    assert judged({"devices": [device("PC1")]}).verdict is Verdict.PASS


def test_a_deviation_points_at_the_rows_that_show_it() -> None:
    one = judged({"devices": [device("PC1"), device("PC2", "off")]})
    assert [(d.subject, d.proof.rows) for d in one.deviations] == [("PC2", ("devices::2",))]


def test_an_empty_population_is_unverified() -> None:
    assert judged({}).verdict is Verdict.UNVERIFIED


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param({}, Verdict.PASS, id="attested"),
        pytest.param({"expires_on": "2026-03-30"}, Verdict.UNVERIFIED, id="expired the day before"),
        pytest.param({"answer": "yes"}, Verdict.UNVERIFIED, id="another answer"),
        pytest.param({"company": "C2"}, Verdict.UNVERIFIED, id="of another company"),
        pytest.param({"control_id": "HUM-01"}, Verdict.UNVERIFIED, id="about another control"),
        pytest.param({"subject_kind": "department"}, Verdict.UNVERIFIED, id="for one department only"),
        pytest.param({"answered_at": "2026-04-01T00:00+09:00"}, Verdict.UNVERIFIED, id="answered after the period"),
    ],
)
def test_a_zero_passes_only_when_somebody_answered_for_it(answer: dict[str, str], expected: Verdict) -> None:
    told = {
        "control_id": "PHY-3-01",
        "subject_kind": "company",
        "answer": "nil",
        "answered_at": "2026-03-01T09:00+09:00",
    }
    assert judged({"attestations": [told | answer]}).verdict is expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([waiver("PC2")], Verdict.PARTIAL, id="the member"),
        pytest.param([waiver(None)], Verdict.PARTIAL, id="the whole company"),
        pytest.param([waiver("PC2", expires_on="2026-03-31")], Verdict.PARTIAL, id="on its last day"),
        pytest.param([waiver("PC2", expires_on="2026-03-30")], Verdict.FAIL, id="expired the day before"),
        pytest.param([waiver("PC2", approved_on="2026-04-01")], Verdict.FAIL, id="approved later"),
        pytest.param([waiver("PC1")], Verdict.FAIL, id="another member"),
        pytest.param([waiver(None, department="D2")], Verdict.FAIL, id="another department"),
        pytest.param([waiver("PC2", company="C2")], Verdict.FAIL, id="another company"),
    ],
)
def test_a_waiver_shows_and_never_hides(rows: list[dict[str, Any]], expected: Verdict) -> None:
    one = judged({"devices": [device("PC1"), device("PC2", "off")], "waivers": rows})
    assert (one.verdict, len(one.deviations)) == (expected, 1)


def test_each_company_is_judged_on_its_own_members() -> None:
    window = Window.given({"devices": [device("PC1"), device("PC2", "off", company="C2")]}, PERIOD)
    found = assess(CONTROL, window, [Company("C1"), Company("C2"), Company("C3")], Decided())
    assert [one.verdict for one in found] == [Verdict.PASS, Verdict.FAIL, Verdict.UNVERIFIED]


def test_a_mark_that_is_null_is_a_test_error_and_no_pass() -> None:
    broken = replace(CONTROL, test=TEST.replace("d.encryption = 'on'", "d.wiped_at IS NULL AND d.serial = 'S'"))
    one = judged({"devices": [device("PC1")]}, broken)
    assert (one.verdict, "test error" in str(one.reason)) == (Verdict.UNVERIFIED, True)


def test_a_control_that_was_not_in_force_does_not_apply() -> None:
    later = replace(CONTROL, valid_from=date(2026, 4, 1))
    assert judged({"devices": [device("PC1", "off")]}, later).verdict is Verdict.NOT_APPLICABLE


def test_departments_add_up_to_the_company() -> None:
    rows = [device("PC1"), device("PC2", "off"), device("PC3", "off", department="D2")]
    one = judged({"devices": rows, "waivers": [waiver("PC3")]})
    assert [(t.department, t.population, t.deviations, t.waived) for t in one.departments] == [
        ("D1", 2, 1, 0),
        ("D2", 1, 1, 1),
    ]


def test_the_population_digest_tells_a_changed_mark() -> None:
    good, bad = judged({"devices": [device("PC1")]}), judged({"devices": [device("PC1", "off")]})
    assert good.population_digest != bad.population_digest


def test_judged_twice_it_is_equal() -> None:
    rows = {"devices": [device("PC1"), device("PC2", "off")]}
    assert judged(rows) == judged(rows)


def test_an_assessment_comes_back_from_its_row_whole() -> None:
    one = judged({"devices": [device("PC2", "off", status_changed_at=datetime(2026, 3, 1, tzinfo=UTC))]})
    assert judgement_row(assessment_of(judgement_row(one))) == judgement_row(one)


def test_deviations_that_nothing_shows_leave_the_control_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("controls.assess.prove", lambda *_: TestFault("the proof does not run: no block"))
    one = judged({"devices": [device("PC-1", "off")]})
    assert (one.verdict, one.deviations) == (Verdict.UNVERIFIED, ())
    assert (one.reason or "").endswith("the proof does not run: no block")
