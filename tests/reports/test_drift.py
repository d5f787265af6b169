"""The sheet 乖離 of the management book: what stands in the book and not in the world, or the other way round."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from controls.loader import load
from controls.model import UNVERIFIED_SUBJECT, About, Assessment, Control, ControlId, Deviation, Gap, Proof, Verdict
from reports import management_book
from reports.drift import drift
from tests.reports import made
from tests.reports.made_book import book

RECONCILED = load().control("ORG-3-04")
GROUPS = replace(RECONCILED, id=ControlId("ORG-1-03"))
MESSAGE = "SYS-9: システム に存在、対応する記載または有効な相手なし(0件)"
LOST = Deviation("SYS-9", "system", None, "D100", {"entries": 0}, Proof())


def judged(verdict: Verdict, *found: Deviation, of: Control = RECONCILED, **told: Any) -> Assessment:
    return made.assessment(1, of, verdict, deviations=found, **told)


def gap(subject: str, aspect: str | None, opened_on: date) -> Gap:
    return Gap(RECONCILED.id, made.COMPANY, subject, aspect, About.STATE, "open", opened_on, severity="high")


def rows(*assessments: Assessment, controls: tuple[Control, ...] = (RECONCILED,), gaps: tuple[Gap, ...] = ()) -> Any:
    """The sheet as it is read, below its headers."""
    view = replace(book(), drift=drift(controls, assessments, gaps, made.hidden))
    sheet = load_workbook(io.BytesIO(management_book.workbook(view).content))["乖離"]
    return [tuple(row) for row in sheet.iter_rows(min_row=3, values_only=True)]


def test_a_deviation_is_told_in_the_words_of_its_control_with_its_place() -> None:
    [_, told] = rows(judged(Verdict.FAIL, LOST))
    assert told == ("ORG-3-04", "×", "SYS-9", "システム", "D100", MESSAGE, None, None)


def test_a_deviation_says_since_when() -> None:
    gaps = (gap("SYS-9", "vendor", date(2026, 1, 1)), gap("SYS-9", "system", date(2026, 5, 31)))
    [_, told] = rows(judged(Verdict.FAIL, LOST), gaps=gaps)
    assert told[6].date() == date(2026, 5, 31)


def test_a_waived_deviation_names_its_waiver_and_is_no_failure() -> None:
    [_, told] = rows(judged(Verdict.PARTIAL, replace(LOST, waiver="WV-2026-001")))
    assert (told[1], told[7]) == ("△", "WV-2026-001")


def test_what_concerns_the_whole_company_and_a_person_is_told_without_a_name() -> None:
    [_, told] = rows(judged(Verdict.FAIL, replace(LOST, subject=made.person(1), department=None)))
    assert (told[2], told[4]) == (made.hidden(made.person(1)), "全社")
    assert made.person(1) not in told[5]


@pytest.mark.parametrize(
    ("verdict", "mark", "why"),
    [
        pytest.param(Verdict.PASS, "○", "例外なし", id="conforming"),
        pytest.param(Verdict.UNVERIFIED, "？", made.REASONS[Verdict.UNVERIFIED], id="not verified"),
        pytest.param(Verdict.NOT_APPLICABLE, "―", made.REASONS[Verdict.NOT_APPLICABLE], id="not applicable"),
    ],
)
def test_a_control_without_deviations_says_why_there_are_none(verdict: Verdict, mark: str, why: str) -> None:
    [told] = rows(judged(verdict))
    assert (told[0], told[1], told[5]) == ("ORG-3-04", mark, f"台帳の突合: {why}")


def test_what_is_not_verified_says_since_when() -> None:
    [told] = rows(judged(Verdict.UNVERIFIED), gaps=(gap(UNVERIFIED_SUBJECT, None, date(2026, 6, 1)),))
    assert told[6].date() == date(2026, 6, 1)


def test_what_was_found_before_the_evidence_ended_is_told_beside_the_doubt() -> None:
    assert [told[1] for told in rows(judged(Verdict.UNVERIFIED, LOST))] == ["？", "×"]


def test_a_control_that_was_not_judged_is_not_verified() -> None:
    [told] = rows()
    assert (told[1], told[5]) == ("？", "台帳の突合: この期間は判定されていない")


def test_a_book_without_any_such_control_says_that_nothing_was_compared() -> None:
    [told] = rows(controls=())
    assert told[0] == "突合する管理策がないため、台帳と実態の一致は確認されていない。"


def test_the_access_groups_stand_on_the_same_sheet_once_they_have_a_control() -> None:
    told = rows(judged(Verdict.PASS, of=GROUPS), judged(Verdict.FAIL, LOST), controls=(GROUPS, RECONCILED))
    assert [row[0] for row in told] == ["ORG-3-04", "ORG-3-04", "ORG-1-03"]


def test_other_controls_stand_in_other_reports() -> None:
    other = replace(RECONCILED, id=ControlId("ORG-3-02"))
    told = rows(judged(Verdict.PASS), judged(Verdict.FAIL, LOST, of=other), controls=(other, RECONCILED))
    assert [row[0] for row in told] == ["ORG-3-04"]
