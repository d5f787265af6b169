"""Four eyes on a real store: every state change, and every approval that is forbidden (domain.md §2.1 40, BK-11, BK-22)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evidence.datasets import State
from evidence.errors import ConfigError
from evidence.facts import Facts
from evidence.facts.window import Window
from evidence.period import Period
from evidence.persons import Keys
from registers import acts
from registers.acts import key_of
from registers.approval import Act
from registers.imports import apply
from registers.versions import differences, history, rows_as_of, waiting
from tests.registers.desks import (
    ABROAD,
    ALLOWED,
    AUTHOR,
    BOOK,
    CLERK,
    DUE,
    ENTRUSTER,
    KEY,
    MANAGER,
    OFFICER,
    SECOND,
    SIGNED,
    TODAY,
    VENDORS,
    WAY,
    Desk,
)
from tests.registers.samples import sample


@pytest.mark.parametrize("act", list(Act), ids=str)
@pytest.mark.parametrize("state", WAY)
def test_an_act_is_done_in_its_turn_and_refused_in_any_other(desk: Desk, state: str, act: Act) -> None:
    desk.bring_to(state)
    done = True
    try:
        desk.act(act, OFFICER)
    except ConfigError:
        done = False
    assert done == ((state, act.value) in ALLOWED)


@pytest.mark.parametrize("state", WAY)
def test_a_control_sees_what_the_register_shows(desk: Desk, state: str, tmp_path: Path) -> None:
    desk.bring_to(state)
    (tmp_path / "facts").mkdir()
    known_at = desk.store.last_commit()
    assert known_at is not None
    window = Window.open(desk.store, Facts(tmp_path / "facts"), [], Period(TODAY, TODAY), known_at, only=[BOOK.name])
    assert window.rows(BOOK.name) == rows_as_of(desk.store, BOOK, known_at, TODAY)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("draft", "draft"),
        ("submitted", "requested"),
        ("sent_back", "draft"),
        ("approved", "approved"),
        ("retired", "abolished"),
    ],
)
def test_the_row_says_how_far_it_has_come(desk: Desk, state: str, shown: str) -> None:
    desk.bring_to(state)
    assert (desk.state(), desk.row()["status"]) == (state, shown)


def test_the_first_of_two_signatures_does_not_approve_yet(desk: Desk) -> None:
    desk.bring_to("submitted")
    desk.act(Act.APPROVE, MANAGER)
    row = desk.row()
    assert (row["status"], row["department_approved_by"], row["approved_by"]) == (
        "requested",
        desk.person(MANAGER),
        None,
    )


def test_an_approved_row_says_who_signed_it_and_when(desk: Desk) -> None:
    desk.bring_to("approved")
    row = desk.row()
    assert [row[name] for name in SIGNED] == [desk.person(MANAGER), TODAY, desk.person(OFFICER), TODAY]


def test_what_was_signed_is_void_when_a_row_is_sent_back(desk: Desk) -> None:
    desk.bring_to("submitted")
    desk.act(Act.APPROVE, MANAGER)
    desk.act(Act.SEND_BACK, OFFICER)
    assert desk.row()["department_approved_by"] is None


def test_what_nobody_had_confirmed_is_confirmed_by_the_department_manager_who_signed(desk: Desk) -> None:
    desk.write(desk.entry(confirmed_by=None, confirmed_on=None, next_due_on=None), CLERK)
    for act, by in WAY["approved"]:
        desk.act(act, by)
    row = desk.row()
    assert (row["confirmed_by"], row["confirmed_on"], row["next_due_on"]) == (desk.person(MANAGER), TODAY, DUE)


def test_a_confirmation_says_who_when_and_until_when(desk: Desk) -> None:
    desk.bring_to("approved")
    desk.act(Act.CONFIRM, MANAGER)
    row = desk.row()
    assert (row["confirmed_by"], row["confirmed_on"], row["next_due_on"], row["status"]) == (
        desk.person(MANAGER),
        TODAY,
        DUE,
        "approved",
    )


@pytest.mark.parametrize(
    "number", [AUTHOR, SECOND, CLERK], ids=["the author", "the author's second number", "who typed it"]
)
@pytest.mark.parametrize("signed", [0, 1], ids=["first signature", "last signature"])
def test_who_wrote_a_row_never_signs_it(desk: Desk, number: str, signed: int) -> None:
    desk.bring_to("submitted")
    for _ in range(signed):
        desk.act(Act.APPROVE, MANAGER)
    with pytest.raises(ConfigError, match="who wrote the row"):
        desk.act(Act.APPROVE, number)


@pytest.mark.parametrize("number", ["7001", "7002", "7003"])
def test_who_wrote_a_row_never_signs_it_under_a_number_that_was_found_to_be_theirs_by_way_of_another(
    desk: Desk, number: str
) -> None:
    desk.write(desk.entry(author_key=OFFICER), "7001")
    desk.act(Act.SUBMIT, MANAGER)
    person = Keys(desk.keys.secret).person
    desk.keys = Keys(desk.keys.secret, {("worker_no", f"700{n}"): person("worker_no", f"700{n + 1}") for n in (1, 2)})
    with pytest.raises(ConfigError, match="who wrote the row"):
        desk.act(Act.APPROVE, number)


def test_who_corrected_a_draft_does_not_sign_it_either(desk: Desk) -> None:
    desk.bring_to("sent_back")
    desk.write(desk.entry(process="採用選考"), OFFICER)
    desk.act(Act.SUBMIT, AUTHOR)
    with pytest.raises(ConfigError, match="who wrote the row"):
        desk.act(Act.APPROVE, OFFICER)


def test_who_wrote_a_row_does_not_abolish_it(desk: Desk) -> None:
    desk.bring_to("approved")
    desk.act(Act.CONFIRM, MANAGER)
    with pytest.raises(ConfigError, match="who wrote the row"):
        desk.act(Act.RETIRE, CLERK)


@pytest.mark.parametrize(
    ("said", "by", "column"),
    [
        pytest.param({"approved_by": AUTHOR}, CLERK, "approved_by", id="the author as approver"),
        pytest.param({"department_approved_by": AUTHOR}, CLERK, "department_approved_by", id="the author as manager"),
        pytest.param({"approved_by": SECOND}, CLERK, "approved_by", id="the author's second number"),
        pytest.param({"approved_by": None}, CLERK, "approved_by", id="no approver"),
        pytest.param({"approved_on": None}, CLERK, "approved_on", id="no day of approval"),
        pytest.param({"department_approved_by": None}, CLERK, "department_approved_by", id="no department manager"),
    ],
)
def test_a_sheet_cannot_approve_what_the_desk_would_not(desk: Desk, said: dict[str, Any], by: str, column: str) -> None:
    planned = desk.write(desk.entry(status="approved", **(SIGNED | said)), by)
    assert ([problem.column for problem in planned.problems], planned.added) == ([column], ())


def test_a_sheet_may_bring_in_what_others_approved(desk: Desk) -> None:
    planned = desk.write(desk.entry(status="approved", **SIGNED), CLERK)
    assert (planned.problems, desk.row()["status"], desk.state()) == ((), "approved", "approved")


@pytest.mark.parametrize(
    ("by", "state"),
    [
        pytest.param(AUTHOR, "approved", id="its author"),
        pytest.param(SECOND, "approved", id="its author's second number"),
        pytest.param(CLERK, "retired", id="another person"),
    ],
)
def test_a_sheet_cannot_abolish_what_the_desk_would_not(desk: Desk, by: str, state: str) -> None:
    desk.write(desk.entry(status="approved", **SIGNED), CLERK)
    planned = desk.write(desk.entry(**{**SIGNED, "status": "abolished"}), by)
    assert (desk.state(), [problem.column for problem in planned.problems]) == (
        state,
        [] if state == "retired" else ["status"],
    )


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"process": "採用選考"}, id="other content"),
        pytest.param({"status": "draft"}, id="back to a draft"),
        pytest.param({"status": "requested"}, id="back to submitted"),
    ],
)
def test_an_approved_entry_of_the_book_is_changed_by_a_new_version_only(desk: Desk, said: dict[str, Any]) -> None:
    desk.write(desk.entry(status="approved", **SIGNED), CLERK)
    planned = desk.write(desk.entry(**({"status": "approved", **SIGNED} | said)), CLERK)
    assert ([problem.en for problem in planned.problems], planned.changed) == (
        ["was approved and cannot be changed; add a row of a new version"],
        (),
    )


def test_a_new_version_of_an_entry_waits_beside_the_approved_one(desk: Desk) -> None:
    desk.write(desk.entry(status="approved", **SIGNED), CLERK)
    desk.write(desk.entry(entry_version=2, process="採用選考"), CLERK)
    assert [(row["entry_version"], row["status"]) for row in rows_as_of(desk.store, BOOK)] == [
        (1, "approved"),
        (2, "draft"),
    ]


@pytest.mark.parametrize("column", ["volume", "volume_on", "oldest_on", "confirmed_on", "next_due_on"])
def test_what_is_measured_or_confirmed_changes_without_a_new_approval(desk: Desk, column: str) -> None:
    desk.write(desk.entry(status="approved", **SIGNED), CLERK)
    value = 7 if column == "volume" else date(2026, 3, 1)
    planned = desk.write(desk.entry(status="approved", **SIGNED, **{column: value}), CLERK)
    assert (planned.problems, desk.row()[column], desk.row()["status"]) == ((), value, "approved")


@pytest.fixture
def older(desk: Desk) -> Desk:
    """An entry that was approved before anybody asked who entrusted the data."""
    planned = desk.plan(desk.entry(status="approved", **SIGNED), CLERK)
    [entry] = planned.added
    values = {name: value for name, value in entry.values.items() if name not in ENTRUSTER}
    before = replace(planned, added=(replace(entry, values=values),))
    apply(before, desk.store, desk.vault, desk.keys, by=CLERK, reason="記入")
    return desk


def test_a_version_older_than_a_column_says_nothing_of_it_and_is_confirmed_as_it_is(older: Desk) -> None:
    older.act(Act.CONFIRM, MANAGER)
    row = older.row()
    assert (older.state(), row["confirmed_on"], [row[name] for name in ENTRUSTER]) == ("approved", TODAY, [None] * 4)


def test_a_sheet_that_leaves_a_later_column_empty_changes_nothing(older: Desk) -> None:
    planned = older.plan(older.entry(status="approved", **SIGNED, **dict.fromkeys(ENTRUSTER)), CLERK)
    assert (planned.problems, planned.unchanged) == ((), 1)


@pytest.mark.parametrize("column", ENTRUSTER)
def test_a_later_column_of_an_approved_entry_is_filled_in_by_a_new_version_only(older: Desk, column: str) -> None:
    said = {**dict.fromkeys(ENTRUSTER), column: "みなと商事"}
    planned = older.plan(older.entry(status="approved", **SIGNED, **said), CLERK)
    assert ([problem.column for problem in planned.problems], planned.changed) == ([column], ())


def assessment(**said: Any) -> Mapping[str, Any]:
    return {**sample(ABROAD), "country": "US", "company": "AOI", "approved_by": OFFICER, **said}


def test_other_content_waits_for_new_signatures_where_rows_have_no_versions(desk: Desk) -> None:
    desk.write(assessment(), CLERK, "country_assessments")
    desk.write(assessment(system_summary="改正"), CLERK, "country_assessments")
    [held], [waits] = rows_as_of(desk.store, ABROAD), waiting(desk.store, ABROAD)
    assert (held["system_summary"], waits.state, waits.values["approved_by"]) == ("system_summary 1", State.DRAFT, None)


def test_who_brings_in_a_row_without_an_author_does_not_approve_it(desk: Desk) -> None:
    planned = desk.write(assessment(), OFFICER, "country_assessments")
    assert ([problem.column for problem in planned.problems], planned.added) == (["approved_by"], ())


def test_importing_again_what_holds_leaves_alone_what_waits(desk: Desk) -> None:
    desk.write(assessment(), CLERK, "country_assessments")
    desk.write(assessment(system_summary="改正"), CLERK, "country_assessments")
    again = desk.write(assessment(), CLERK, "country_assessments")
    assert (again.unchanged, again.changed, len(waiting(desk.store, ABROAD))) == (1, (), 1)


def test_a_row_of_a_register_without_approval_holds_at_once_and_can_only_be_retired(desk: Desk) -> None:
    desk.write(sample(VENDORS), CLERK, "vendors")
    with pytest.raises(ConfigError, match="cannot submit"):
        acts.plan(desk.store, VENDORS, [("vendor_id 1",)], Act.SUBMIT, desk.keys, CLERK, TODAY)
    retiring = acts.plan(desk.store, VENDORS, [("vendor_id 1",)], Act.RETIRE, desk.keys, CLERK, TODAY)
    apply(retiring, desk.store, desk.vault, desk.keys, by=CLERK, reason="取引終了")
    assert rows_as_of(desk.store, VENDORS) == []


def test_an_act_is_done_to_all_rows_or_to_none(desk: Desk) -> None:
    desk.bring_to("draft")
    with pytest.raises(ConfigError, match="no such row"):
        desk.act(Act.SUBMIT, AUTHOR, KEY, ("AOI-SALES-0002", "1"))
    assert desk.state() == "draft"


def test_of_two_who_edit_one_row_one_wins_and_the_other_is_told(desk: Desk) -> None:
    desk.bring_to("draft")
    mine, theirs = desk.plan(desk.entry(process="採用"), CLERK), desk.plan(desk.entry(process="応募"), AUTHOR)
    apply(theirs, desk.store, desk.vault, desk.keys, by=AUTHOR, reason="訂正")
    with pytest.raises(ConfigError, match="edited since"):
        apply(mine, desk.store, desk.vault, desk.keys, by=CLERK, reason="訂正")
    assert desk.row()["process"] == "応募"


def test_every_act_is_an_entry_of_the_ledger_and_names_nobody(desk: Desk) -> None:
    desk.bring_to("retired")
    with desk.store.read() as tx:
        told = [json.loads(entry.leaf) for entry in tx.ledger.leaves("tenken/AOI")]
    assert [entry.get("act") for entry in told] == [None, "submit", "approve", "approve", "retire"]
    assert all(entry["actor"].startswith("x") for entry in told)


def test_the_history_says_who_did_what_and_why(desk: Desk) -> None:
    desk.bring_to("approved")
    told = [(one.entered_by, one.after) for one in history(desk.store, BOOK, key=KEY) if one.column == "status"]
    assert told == [
        (desk.person(CLERK), "draft"),
        (desk.person(AUTHOR), "requested"),
        (desk.person(OFFICER), "approved"),
    ]


def test_the_difference_between_two_moments_is_told_field_by_field(desk: Desk) -> None:
    desk.bring_to("draft")
    before = rows_as_of(desk.store, BOOK)
    desk.write(desk.entry(process="採用選考"), CLERK)
    desk.write(desk.entry(entry_id="AOI-SALES-0002"), CLERK)
    told = differences(BOOK, before, rows_as_of(desk.store, BOOK))
    assert [(one.key[0], one.change, one.column, one.before, one.after) for one in told] == [
        ("AOI-SALES-0001", "changed", "process", "process 1", "採用選考"),
        ("AOI-SALES-0002", "added", None, None, None),
    ]


def test_a_row_that_is_gone_is_a_difference_too(desk: Desk) -> None:
    desk.bring_to("draft")
    assert [one.change for one in differences(BOOK, rows_as_of(desk.store, BOOK), [])] == ["removed"]


def test_a_key_of_several_parts_is_written_with_slashes() -> None:
    assert key_of(BOOK, "AOI-SALES-0001/2") == ("AOI-SALES-0001", "2")
    with pytest.raises(ConfigError, match="entry_id/entry_version"):
        key_of(BOOK, "AOI-SALES-0001")
