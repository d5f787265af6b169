"""Counting: everything planted found, and nothing else."""

import pytest

from demo.plan import Planted
from demo.score import compare

FAULT = Planted("HUM-01", "AOI", "p1", ("p1", "e1"), "late", "")
NEAR = Planted("HUM-01", "AOI", "p2", ("p2",), "in time", "", near_miss=True)
EITHER = Planted("HUM-01", "AOI", "p3", ("p3",), "unclear", "", optional=True)
SILENT = Planted("PHY-1-02", "MID", "unverified", ("unverified",), "source never delivers", "")


def gap(subject: str, control: str = "HUM-01", company: str = "AOI", **fields: object) -> dict[str, object]:
    return {"control": control, "company": company, "subject": subject, "aspect": None, **fields}


def test_a_fault_is_found_under_any_of_its_names() -> None:
    assert compare([FAULT, NEAR], [gap("e1")], []).perfect


def test_a_fault_without_a_gap_is_missing() -> None:
    score = compare([FAULT], [], [])
    assert (score.planted, score.found, score.missing) == (1, 0, ("HUM-01 AOI p1: late",))


def test_the_same_subject_in_another_company_is_missing_and_false() -> None:
    score = compare([FAULT], [gap("p1", company="MID")], [])
    assert (len(score.missing), score.false) == (1, ("HUM-01 MID p1",))


def test_a_gap_that_nobody_planted_is_false() -> None:
    assert compare([FAULT], [gap("p1"), gap("p9")], []).false == ("HUM-01 AOI p9",)


def test_a_flagged_near_miss_is_false() -> None:
    assert "near-miss HUM-01 AOI p2: in time" in compare([FAULT, NEAR], [gap("p1"), gap("p2")], []).false


@pytest.mark.parametrize("gaps", [pytest.param([], id="not found"), pytest.param([gap("p3")], id="found")])
def test_what_can_be_read_either_way_counts_for_nothing(gaps: list[dict[str, object]]) -> None:
    assert compare([EITHER], gaps, []).perfect


def test_a_control_left_unverified_as_planned_is_as_planned() -> None:
    verdicts = [{"control": "PHY-1-02", "company": "MID", "verdict": "unverified"}]
    assert compare([SILENT], [gap("unverified", "PHY-1-02", "MID")], verdicts).perfect


def test_a_control_left_unverified_by_accident_is_unexpected() -> None:
    verdicts = [{"control": "HUM-01", "company": "AOI", "verdict": "unverified", "reason": "stale"}]
    assert compare([], [], verdicts).unexpected == ("HUM-01 AOI: stale",)


def test_a_fault_of_one_day_is_known_by_the_day_when_its_subject_cannot_be_told_before() -> None:
    told = {**FAULT.told(), "subject_any": ["*"], "day": "2026-03-13"}
    assert compare([told], [gap("anything", days=["2026-03-13"])], []).perfect
    assert compare([told], [gap("anything", days=["2026-03-14"])], []).missing


def test_a_planted_near_miss_on_a_day_spares_other_days_of_the_same_subject() -> None:
    near = Planted("HUM-01", "AOI", "p1", ("p1",), "in time", "", near_miss=True, day=None)
    assert compare([FAULT, near], [gap("p1")], []).perfect
