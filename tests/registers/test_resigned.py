"""Signatures are of what was signed: none stays on other content, by whatever sheet that comes."""

import pytest

from evidence.datasets import State
from registers import acts
from registers.approval import Act
from registers.imports import apply
from registers.versions import rows_as_of, waiting
from tests.registers.desks import ABROAD, AUTHOR, BOOK, CLERK, MANAGER, OFFICER, SIGNED, TODAY, Desk
from tests.registers.samples import sample


@pytest.mark.parametrize("without_columns", [False, True])
def test_a_signature_does_not_stay_on_other_content_that_waits(desk: Desk, *, without_columns: bool) -> None:
    """A sheet that repeats the first of two signatures, or does not have the columns of any."""
    desk.bring_to("draft")
    desk.act(Act.SUBMIT, AUTHOR)
    desk.act(Act.APPROVE, MANAGER)
    signed = {"department_approved_by": MANAGER, "department_approved_on": TODAY}
    row = {**desk.entry(name="別の名簿", status="requested"), **signed}
    told = {name: value for name, value in row.items() if name not in SIGNED} if without_columns else row
    desk.write(told, CLERK)
    [newest] = waiting(desk.store, BOOK)
    assert newest.values["name"] == "別の名簿"
    assert [newest.values[name] for name in SIGNED] == [None] * 4


def test_a_row_that_was_ended_does_not_come_back_signed(desk: Desk) -> None:
    row = {**sample(ABROAD), "approved_by": None}
    desk.write(row, AUTHOR, ABROAD.name)
    key = tuple(str(row[name]) for name in ABROAD.key)
    for act, by in ((Act.SUBMIT, AUTHOR), (Act.APPROVE, OFFICER), (Act.RETIRE, OFFICER)):
        planned = acts.plan(desk.store, ABROAD, [key], act, desk.keys, by, TODAY, None)
        apply(planned, desk.store, desk.vault, desk.keys, by=by, reason="理由")
    assert rows_as_of(desk.store, ABROAD) == []
    desk.write({name: value for name, value in row.items() if name != "approved_by"}, AUTHOR, ABROAD.name)
    assert rows_as_of(desk.store, ABROAD) == []
    [newest] = waiting(desk.store, ABROAD)
    assert (newest.state, newest.values["approved_by"]) == (State.DRAFT, None)
