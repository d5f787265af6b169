"""What goes in comes out the same, in order, once, and as it was known at a moment."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from evidence.datasets import PENDING, State
from evidence.errors import AlreadyDone
from evidence.store import Store, Transaction
from evidence.store.values import JudgementRow, Written
from tests.evidence.store import samples as s

Add = Callable[[Transaction], Any]
Seen = Callable[[Transaction, datetime], list[Any]]

KINDS = {
    "run": (lambda tx: [tx.runs.add(s.RUN), tx.runs.add(s.FAILED)], lambda tx, at: tx.runs.visible(at)),
    "object": (
        lambda tx: [tx.objects.add(s.OBJECT), tx.objects.add(s.VERSIONED)],
        lambda tx, at: tx.objects.visible(at),
    ),
    "fact file": (lambda tx: [tx.facts.add(s.LOG_FACTS), tx.facts.add(s.FACTS)], lambda tx, at: tx.facts.visible(at)),
    "register": (
        lambda tx: [tx.registers.add(s.VERSION), tx.registers.add(s.RETIRED)],
        lambda tx, at: tx.registers.visible(at),
    ),
    "judgement": (
        lambda tx: [tx.judgements.add(s.JUDGEMENT), tx.judgements.add(s.UNVERIFIED)],
        lambda tx, at: tx.judgements.latest(at),
    ),
    "gap event": (lambda tx: [tx.gaps.add(s.GAP), tx.gaps.add(s.DISPOSED)], lambda tx, at: tx.gaps.all()),
    "close": (
        lambda tx: [tx.closes.add(s.CLOSE), tx.closes.add(replace(s.CLOSE, version=2))],
        lambda tx, at: tx.closes.all(),
    ),
    "slot": (
        lambda tx: [
            tx.slots.finish(s.SLOT),
            tx.slots.finish(replace(s.SLOT, schedule="late", outcome="missed", reason="停止")),
        ],
        lambda tx, at: tx.slots.all(),
    ),
}
KNOWN_AT = {name: KINDS[name] for name in ("run", "object", "fact file", "register")}


@pytest.mark.parametrize(("add", "seen"), KINDS.values(), ids=KINDS)
def test_what_was_added_is_read_as_it_was_told_back(store: Store, add: Add, seen: Seen) -> None:
    with store.write() as tx:
        added = add(tx)
    with store.read() as tx:
        assert seen(tx, tx.at) == added


@pytest.mark.parametrize(("add", "seen"), KNOWN_AT.values(), ids=KNOWN_AT)
def test_a_row_is_known_from_its_commit_on(store: Store, add: Add, seen: Seen) -> None:
    with store.write() as tx:
        added = add(tx)
    with store.read() as tx:
        assert seen(tx, tx.at - timedelta(microseconds=1)) == []
        assert seen(tx, tx.at.astimezone(timezone(timedelta(hours=9)))) == added


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(lambda tx: tx.runs.add(s.RUN), id="a run of one company and dataset"),
        pytest.param(lambda tx: tx.objects.add(s.OBJECT), id="an object with a modification time"),
        pytest.param(lambda tx: tx.objects.add(s.VERSIONED), id="an object with a version"),
        pytest.param(lambda tx: tx.objects.add(replace(s.OBJECT, modified=None)), id="an object with neither"),
        pytest.param(lambda tx: tx.facts.add(s.FACTS), id="the path of a fact file"),
        pytest.param(lambda tx: tx.registers.add(s.VERSION), id="a version of a register row"),
        pytest.param(lambda tx: tx.slots.finish(s.SLOT), id="the end of a slot"),
        pytest.param(lambda tx: tx.closes.add(s.CLOSE), id="a version of a closed period"),
    ],
)
def test_nothing_is_recorded_twice(store: Store, add: Add) -> None:
    with store.write() as tx:
        add(tx)
    before = store.last_commit()
    with pytest.raises(AlreadyDone), store.write() as tx:
        add(tx)
    assert store.last_commit() == before


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(lambda tx: tx.runs.add(replace(s.RUN, company="KITA")), id="the run's other company"),
        pytest.param(lambda tx: tx.runs.add(replace(s.RUN, dataset="leaves")), id="the run's other dataset"),
        pytest.param(lambda tx: tx.runs.add(replace(s.RUN, run_id="r9")), id="another run of the slot"),
        pytest.param(
            lambda tx: tx.objects.add(replace(s.OBJECT, digest="ef" * 32)), id="other bytes under the old name"
        ),
        pytest.param(
            lambda tx: tx.objects.add(replace(s.OBJECT, modified=s.MORNING + timedelta(microseconds=1))),
            id="the same bytes modified later",
        ),
        pytest.param(lambda tx: tx.objects.add(replace(s.OBJECT, version="1")), id="the same bytes as a version"),
        pytest.param(
            lambda tx: tx.objects.add(replace(s.OBJECT, source="other")), id="the same bytes of another source"
        ),
        pytest.param(
            lambda tx: tx.registers.add(replace(s.VERSION, key=("KITA", "V-1"))), id="another row of the register"
        ),
        pytest.param(lambda tx: tx.judgements.add(s.JUDGEMENT), id="the same judgement made again"),
        pytest.param(lambda tx: tx.gaps.add(s.GAP), id="the same event of a gap"),
    ],
)
def test_what_differs_is_recorded(store: Store, add: Add) -> None:
    with store.write() as tx:
        s.fill(tx)
    with store.write() as tx:
        add(tx)
    assert store.last_commit() == tx.at


@pytest.mark.parametrize(
    "add",
    [
        pytest.param(lambda tx: tx.runs.add(replace(s.RUN, outcome="green")), id="an outcome that is none"),
        pytest.param(lambda tx: tx.slots.finish(replace(s.SLOT, outcome="claimed")), id="an end that is none"),
        pytest.param(lambda tx: tx.objects.add(replace(s.OBJECT, salt="5a")), id="a short salt"),
        pytest.param(lambda tx: tx.objects.add(replace(s.OBJECT, modified=datetime(2026, 3, 1))), id="a naive time"),
        pytest.param(lambda tx: tx.slots.finish(replace(s.SLOT, due_at=datetime(2026, 3, 1))), id="a naive due time"),
        pytest.param(
            lambda tx: tx.runs.add(replace(s.RUN, recorded_at=s.MORNING)), id="a time of recording given by the writer"
        ),
        pytest.param(lambda tx: tx.gaps.add(replace(s.GAP, seq=7)), id="a number given by the writer"),
        pytest.param(
            lambda tx: tx.slots.finish(replace(s.SLOT, finished_at=s.MORNING)), id="an end given by the writer"
        ),
        pytest.param(
            lambda tx: tx.gaps.add(replace(s.GAP, body={"score": float("nan")})), id="a body that is not JSON"
        ),
    ],
)
def test_a_row_that_says_what_it_may_not_is_refused(store: Store, add: Add) -> None:
    with pytest.raises(ValueError), store.write() as tx:
        add(tx)
    assert store.last_commit() is None


def test_a_refusal_does_not_tell_what_stood_in_the_row(store: Store) -> None:
    with pytest.raises(ValueError) as refused, store.write() as tx:
        tx.runs.add(replace(s.RUN, outcome="青井花子", reason="青井花子"))
    assert "青井花子" not in str(refused.value)


def test_the_runs_of_a_slot_come_in_the_order_of_their_recording(store: Store) -> None:
    tries = [replace(s.RUN, run_id=name, outcome=outcome) for name, outcome in (("z", "failed"), ("a", "collected"))]
    for one in (*tries, replace(s.RUN, run_id="m", slot_on=date(2026, 4, 1)), replace(s.RUN, source="lms")):
        with store.write() as tx:
            tx.runs.add(one)
    with store.read() as tx:
        assert [run.run_id for run in tx.runs.of_slot(s.RUN.source, s.DAY)] == ["z", "a"]


def test_objects_are_found_by_source_and_by_digest(store: Store) -> None:
    again = replace(s.OBJECT, source="mirror", salt="5c" * 32)
    with store.write() as tx:
        first, other, _ = [tx.objects.add(one) for one in (s.OBJECT, s.VERSIONED, again)]
    with store.read() as tx:
        assert tx.objects.of_source(s.OBJECT.source) == [first]
        assert tx.objects.visible(tx.at, {s.OBJECT.source, "trail"}) == [first, other]
        assert tx.objects.visible(tx.at, set()) == []
        assert tx.objects.by_digest(s.DIGEST) == first
        assert tx.objects.by_digest("00" * 32) is None


def test_rejects_are_kept_in_their_order(store: Store) -> None:
    with store.write() as tx:
        tx.rejects.add_all([s.REJECT_OF_PART, s.REJECT, replace(s.REJECT, run_id="r2")])
        tx.rejects.add_all([])
    with store.read() as tx:
        assert tx.rejects.of_run("r1") == [s.REJECT_OF_PART, s.REJECT]


def test_fact_files_come_by_time_and_then_by_path(store: Store) -> None:
    for paths in (("b", "A", "名"), ("a",)):
        with store.write() as tx:
            for path in paths:
                tx.facts.add(replace(s.FACTS, path=path))
    with store.read() as tx:
        assert [file.path for file in tx.facts.visible(tx.at)] == ["A", "b", "名", "a"]


def test_what_a_collection_asks_is_of_its_own_source_however_much_others_brought(store: Store) -> None:
    with store.write() as tx:
        for number, source in enumerate(("hr", "lms", "mdm")):
            tx.facts.add(
                replace(s.FACTS, path=source, source=source, dataset=("workers", "training", "devices")[number])
            )
            tx.runs.add(replace(s.RUN, run_id=source, source=source))
    with store.read() as tx:
        assert [file.path for file in tx.facts.visible(tx.at, source="lms")] == ["lms"]
        assert {file.path for file in tx.facts.visible(tx.at, datasets=("workers", "devices"))} == {"hr", "mdm"}
        assert [run.run_id for run in tx.runs.visible(tx.at, source="mdm")] == ["mdm"]


def test_what_is_about_a_company_is_of_that_company_alone(store: Store) -> None:
    with store.write() as tx:
        tx.runs.add(s.RUN)
        tx.runs.add(replace(s.RUN, company="KITA"))
    with store.read() as tx:
        assert [run.company for run in tx.runs.visible(tx.at, company="KITA")] == ["KITA"]


def test_what_objects_say_in_registers_is_counted_by_whom_it_is_about(store: Store) -> None:
    about = [("AOI", "D1"), ("AOI", "D1"), ("AOI", None), (None, None), ("KITA", "D1")]
    days = [date(2026, 3, day) for day in (5, 3, 9, 1, 2)]
    for number, ((company, department), day) in enumerate(zip(about, days, strict=True)):
        values = {"company": company} | ({"department": department} if department else {})  # or it is not told at all
        told = replace(s.VERSION, key=(str(number),), values=values, valid_from_on=day, valid_to_on=day)
        with store.write() as tx:
            at = tx.registers.add(told).entered_at
    with store.write() as tx:
        tx.registers.add(replace(s.VERSION, key=("0",), version=2, object="ef" * 32, values={"company": None}))
    assert at is not None
    with store.read() as tx:
        told_then, told_now = tx.registers.written(at), tx.registers.written(tx.at)
        assert {(one.company, one.rows) for one in tx.registers.written(at, "AOI")} == {
            ("AOI", 2),
            ("AOI", 1),
            (None, 1),
        }
    assert {(one.company, one.department): (one.rows, one.first_on.day, one.last_on.day) for one in told_then} == {
        ("AOI", "D1"): (2, 3, 5), ("AOI", None): (1, 9, 9), (None, None): (1, 1, 1), ("KITA", "D1"): (1, 2, 2),
    }  # fmt: skip
    assert {(one.register, one.object) for one in told_then} == {("vendors", s.DIGEST)}
    new = Written("ef" * 32, "vendors", None, None, 1, s.VERSION.valid_from_on, s.VERSION.valid_to_on)
    assert [one for one in told_now if one not in told_then] == [new]


def test_register_versions_come_by_register_key_and_time(store: Store) -> None:
    told = [("b", ("1",), 1), ("a", ("1", "2"), 1), ("a", ("1",), 2), ("a", ("1",), 1), ("a", ('"',), 1)]
    for register, key, version in told:
        with store.write() as tx:
            tx.registers.add(replace(s.VERSION, register=register, key=key, version=version))
    with store.read() as tx:
        rows = [(one.register, one.key, one.version) for one in tx.registers.visible(tx.at)]
        assert rows == [("a", ('"',), 1), ("a", ("1",), 2), ("a", ("1",), 1), ("a", ("1", "2"), 1), ("b", ("1",), 1)]
        assert [one.register for one in tx.registers.visible(tx.at, "b")] == ["b"]


def test_of_a_company_come_all_versions_of_the_rows_that_ever_were_its_own_or_the_whole_groups(store: Store) -> None:
    told: list[tuple[str, str, int, dict[str, Any]]] = [
        ("vendors", "given away", 1, {"company": "AOI"}), ("vendors", "given away", 2, {"company": "KITA"}),
        ("vendors", "another's", 1, {"company": "KITA"}), ("vendors", "the group's", 1, {"company": None}),
        ("courses", "of no company", 1, {}), ("courses", "given away", 1, {"company": "KITA"}),
    ]  # fmt: skip
    with store.write() as tx:
        for register, key, version, values in told:
            tx.registers.add(replace(s.VERSION, register=register, key=(key,), version=version, values=values))
    with store.read() as tx:
        found = [(one.register, *one.key, one.version) for one in tx.registers.visible(tx.at, company="AOI")]
    assert found == [
        ("courses", "of no company", 1), ("vendors", "given away", 1), ("vendors", "given away", 2),
        ("vendors", "the group's", 1),
    ]  # fmt: skip


def test_the_rows_that_wait_are_those_that_waited_at_the_moment_that_is_asked_about(store: Store) -> None:
    told = [("V-1", 1, State.DRAFT), ("V-1", 2, State.APPROVED), ("V-2", 1, State.SUBMITTED)]
    moments = []
    for key, version, state in told:
        with store.write() as tx:
            tx.registers.add(replace(s.VERSION, key=(key,), version=version, state=state))
        moments.append(tx.at)
    with store.read() as tx:
        waits = [[one.key[0] for one in tx.registers.newest(at, PENDING, "vendors")] for at in moments]
    assert waits == [["V-1"], [], ["V-2"]]


MARCH, APRIL = (date(2026, 3, 1), s.DAY), (date(2026, 4, 1), date(2026, 4, 30))
EARLY, LATE = s.MORNING, s.MORNING + timedelta(days=30)


def judged(verdict: str, period: tuple[date, date], known_at: datetime) -> JudgementRow:
    return replace(s.JUDGEMENT, verdict=verdict, since=period[0], as_of=period[1], known_at=known_at)


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        pytest.param({}, "april", id="the newest period"),
        pytest.param({"since": MARCH[0], "as_of": MARCH[1]}, "march restated", id="a period as it is known now"),
        pytest.param({"as_of": MARCH[1], "known_at": EARLY}, "march judged again", id="a period as it was known then"),
        pytest.param({"known_at": EARLY}, "march judged again", id="all as it was known then"),
    ],
)
def test_the_newest_judgement_is_of_the_asked_period_and_knowledge(
    store: Store, asked: dict[str, Any], verdict: str
) -> None:
    told = [
        ("march", MARCH, EARLY),
        ("march restated", MARCH, LATE),
        ("april", APRIL, LATE),
        ("march judged again", MARCH, EARLY),
    ]
    for one in told:
        with store.write() as tx:
            tx.judgements.add(judged(*one))
    with store.read() as tx:
        assert [row.verdict for row in tx.judgements.latest(**asked)] == [verdict]
        assert [row.verdict for row in tx.judgements.history("HUM-01", "AOI")] == [one[0] for one in told]


def test_there_is_one_newest_judgement_for_each_control_and_company(store: Store) -> None:
    with store.write() as tx:
        for control, company in (("TEC-01", "AOI"), ("HUM-01", "KITA"), ("HUM-01", "AOI"), ("HUM-01", "AOI")):
            tx.judgements.add(replace(s.JUDGEMENT, control=control, company=company))
        newest = [(row.control, row.company) for row in tx.judgements.latest()]
    assert newest == [("HUM-01", "AOI"), ("HUM-01", "KITA"), ("TEC-01", "AOI")]


def test_a_judgement_that_was_not_followed_does_not_count_as_the_latest(store: Store) -> None:
    later = replace(s.JUDGEMENT, as_of=s.DAY + timedelta(days=1))
    with store.write() as tx:
        assert tx.judgements.followed_until(date(2100, 1, 1)) == {}
        for one in (later, s.JUDGEMENT, replace(later, as_of=s.FAR, followed=False)):
            tx.judgements.add(one)
        assert tx.judgements.followed_until(date(2100, 1, 1)) == {("HUM-01", "AOI"): later.as_of}


def test_gap_events_are_numbered_in_the_order_of_their_recording(store: Store) -> None:
    events = [
        replace(s.GAP, company=company, subject=subject) for company, subject in (("B", "2"), ("A", "9"), ("B", "1"))
    ]
    for event in events:
        with store.write() as tx:
            tx.gaps.add(event)
    with store.read() as tx:
        numbers = [event.seq or 0 for event in tx.gaps.all()]
        assert [event.subject for event in tx.gaps.all("B")] == ["2", "1"]
    assert numbers == sorted(set(numbers))
