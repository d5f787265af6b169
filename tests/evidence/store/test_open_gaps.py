"""Which gaps are open is asked of the database: what is over is not read."""

import random
from dataclasses import replace

import pytest

from controls.gaps import fold
from controls.model import About, ControlId, GapEvent, GapKind
from controls.record import event_of, event_row
from evidence.store import Store
from evidence.store.values import GapEventRow
from tests.evidence.store.samples import DAY, GAP

KINDS = [kind for kind in GapKind if kind is not GapKind.TAKEN_UP]
ENDS = [GapKind.CLOSED, GapKind.DISPOSED]


def kept(store: Store, *rows: GapEventRow) -> None:
    with store.write() as tx:
        for row in rows:
            tx.gaps.add(row)


def left(store: Store) -> list[tuple[str, str | None, str]]:
    with store.read() as tx:
        return [(row.subject, row.aspect, row.kind) for row in tx.gaps.open()]


@pytest.mark.parametrize("end", ["closed", "disposed"])
def test_what_ended_is_not_read(store: Store, end: str) -> None:
    opened = replace(GAP, subject="1", kind="opened")
    kept(store, opened, replace(opened, kind=end), replace(opened, subject="2"), replace(opened, aspect="kept"))
    assert left(store) == [("2", GAP.aspect, "opened"), ("1", "kept", "opened")]


def test_what_came_back_is_read_from_its_beginning(store: Store) -> None:
    opened = replace(GAP, kind="opened")
    kept(store, opened, replace(opened, kind="closed"), replace(opened, kind="regressed"))
    assert [kind for *_, kind in left(store)] == ["opened", "closed", "regressed"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(GAP, control="another"), id="control"),
        pytest.param(replace(GAP, company="another"), id="company"),
        pytest.param(replace(GAP, subject="another"), id="subject"),
        pytest.param(replace(GAP, aspect="another"), id="aspect"),
    ],
)
def test_gaps_that_differ_in_one_thing_are_two(store: Store, other: GapEventRow) -> None:
    kept(store, GAP, other, replace(GAP, kind="closed"))
    with store.read() as tx:
        assert [replace(row, at=None, seq=None) for row in tx.gaps.open()] == [other]


def test_after_any_history_the_open_ones_are_those_of_all_events(store: Store) -> None:
    dice, events = random.Random(4), list[GapEvent]()
    for _ in range(300):
        kind, aspect = dice.choice(KINDS + ENDS * 5), dice.choice([None, "kept"])
        control, subject = ControlId(dice.choice(["A-01", "B-01"])), str(dice.randrange(9))
        events.append(GapEvent(control, "AOBA", subject, aspect, kind, About.EVENT, DAY, DAY))
    kept(store, *map(event_row, events))
    with store.read() as tx:
        told, every = ([event_of(row) for row in rows] for rows in (tx.gaps.open(), tx.gaps.all()))
    assert open_of(told) == open_of(every)
    assert 0 < len(told) < len(every)


def open_of(events: list[GapEvent]) -> dict[object, object]:
    return {key: gap for key, gap in fold(events, {}).items() if gap.is_open}
