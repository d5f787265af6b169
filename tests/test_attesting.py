"""Who answers a question is there, and an answer holds as long as its control allows, by whatever door (issue 5)."""

from datetime import date, timedelta
from typing import Any

import pytest

from controls.attested import zeros
from house import House, desk, newest
from house.standing import gaps
from registers.approval import Act
from tests.following import FIRST, STAFF, at, write

TODAY = FIRST + timedelta(days=1)
ASKED, DAYS = "PHY-2-03", 30  # as the catalogue says
UNASKED = "VEN-04"
ROW: dict[str, Any] = {
    "company": "AOBA", "attestation_id": "A-1", "control_id": UNASKED, "question": "nil", "question_version": "1",
    "subject_kind": "company", "subject": "AOBA", "answer": "nil", "fact": "委託がない", "answered_by": STAFF["cpo"],
    "answered_at": at(FIRST), "expires_on": date(2027, 3, 2),
}  # fmt: skip
ANSWER = ROW | {
    "control_id": ASKED, "question": "present_location", "subject_kind": "device", "subject": "PC-1", "answer": "yes",
    "expires_on": FIRST + timedelta(DAYS),
}  # fmt: skip
DAY = timedelta(days=1)


@pytest.mark.parametrize("row", [pytest.param(ROW, id="a zero"), pytest.param(ANSWER, id="an answer")])
def test_what_is_answered_by_who_is_there_for_as_long_as_is_allowed_is_taken(house: House, row: dict[str, Any]) -> None:
    assert write(house, "attestations", row, by=STAFF["clerk"]) == []


@pytest.mark.parametrize(
    ("columns", "header", "says"),
    [
        pytest.param({"answered_by": "999"}, "回答者", "roster", id="by a number that nobody has"),
        pytest.param({"expires_on": ROW["expires_on"] + DAY}, "有効期限", "12 months", id="a zero for a year and a day"),
        pytest.param({"expires_on": date(2099, 1, 1)}, "有効期限", "by 2027-03-02", id="a zero for ever"),
        pytest.param(ANSWER | {"expires_on": ANSWER["expires_on"] + DAY}, "有効期限", "30 days", id="an answer for long"),
        pytest.param({"answered_at": at(TODAY + DAY, 0)}, "回答日時", "ahead", id="answered tomorrow"),
        pytest.param({"control_id": "VEN-99"}, "管理策ID", "no such control", id="of a control that is none"),
    ],
)  # fmt: skip
def test_an_answer_of_a_sheet_is_refused_by_its_place_and_the_good_row_stays(
    house: House, columns: dict[str, Any], header: str, says: str
) -> None:
    [problem] = write(house, "attestations", ROW | columns, ROW | {"attestation_id": "A-2"}, by=STAFF["clerk"])
    assert header in problem
    assert says in problem
    assert [row["attestation_id"] for row in newest(house, ("attestations",)).rows("attestations")] == ["A-2"]


def test_the_answer_of_who_has_left_can_be_ended(house: House) -> None:
    assert write(house, "attestations", ROW, by=STAFF["clerk"]) == []
    desk.act_on(house, "attestations", ["A-1"], Act.RETIRE, STAFF["clerk"], "委託を始めた")
    assert newest(house, ("attestations",)).rows("attestations") == []


def test_control_run_a_zero_that_no_rule_is_asked_about_holds_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "held_to_rules", lambda house, planned, by: (planned, ()))
    forever = ROW | {"answered_by": "999", "expires_on": date(2099, 1, 1)}
    assert write(house, "attestations", forever, by="999") == []
    house.clock.at = at(date(2090, 1, 1))  # type: ignore[attr-defined]
    assert zeros(newest(house, ("attestations",)))[UNASKED] == {"AOBA"}
    assert gaps(house)
