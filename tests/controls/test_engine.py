"""What a test answers becomes members, or a reason why it cannot be believed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from controls.compile import compiled
from controls.engine import TestFault, prove, run
from controls.model import About, Member, Proof
from evidence.facts.window import Window
from evidence.period import Period
from tests.controls.catalogues import MARCH, control, parameter


class Answering:
    """A window that answers what it is told, and remembers what it was asked."""

    period: Period = MARCH

    def __init__(self, answer: pa.Table | Exception) -> None:
        self.answer = answer
        self.asked: tuple[str, Mapping[str, object], int] | None = None

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table:
        self.asked = (sql, dict(bindings), lookback_days)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def rows(*told: Mapping[str, object], **types: pa.DataType) -> pa.Table:
    """Rows of an answer; what they leave out is subject S1, company C1, department D1, conforms true."""
    usual = {"subject": "S1", "company": "C1", "department": "D1", "conforms": True}
    full = [usual | dict(one) for one in told]
    known = {"subject": pa.string(), "company": pa.string(), "department": pa.string(), "conforms": pa.bool_()} | types
    names = list(full[0]) if full else list(known)
    return pa.table({name: pa.array([one[name] for one in full], known.get(name)) for name in names})


ONE = control("SELECT w.engagement_key AS subject FROM workers AS w")


def test_members_come_by_company_subject_aspect_and_day() -> None:
    told = [
        ("C2", "S1", None, None),
        ("C1", "S2", "b", None),
        ("C1", "S2", "a", None),
        ("C1", "S2", None, date(2026, 3, 1)),
        ("C1", "S2", "a", date(2026, 3, 2)),
        ("C1", "S2", "a", date(2026, 3, 1)),
        ("C1", "S1", None, None),
    ]
    names = ("company", "person_key", "department", "left_on", "engagement_key")
    workers = [dict(zip(names, (*one, f"E{n}"), strict=True)) for n, one in enumerate(told)]
    test = """
        SELECT w.person_key AS subject, w.department AS aspect, w.left_on AS occurred_on, w.company, 'D' AS department,
               true AS conforms
        FROM workers AS w"""
    one = control(test, about=dict.fromkeys(("a", "b", None), About.STATE))
    members = run(one, Window.given({"workers": workers}, MARCH))
    assert not isinstance(members, TestFault)
    assert [(m.company, m.subject, m.aspect, m.occurred_on) for m in members] == [
        told[6],
        told[5],
        told[4],
        told[2],
        told[1],
        told[3],
        told[0],
    ]


def test_what_a_test_leaves_out_is_filled() -> None:
    members = run(ONE, Answering(rows({})))
    assert not isinstance(members, TestFault)
    assert list(members) == [Member("C1", "D1", "S1", None, None, True, 1, {})]


def test_an_empty_answer_is_an_empty_population() -> None:
    members = run(ONE, Answering(rows()))
    assert not isinstance(members, TestFault)
    assert list(members) == []


def test_columns_are_exact_and_instants_are_in_utc() -> None:
    answer = rows(
        {
            "n": Decimal("7"),
            "share": Decimal("79.5000"),
            "f": 0.25,
            "at": datetime(2026, 3, 31, tzinfo=UTC),
            "l": ["a"],
            "none": None,
        },
        n=pa.decimal128(38, 0),
        share=pa.decimal128(18, 4),
        at=pa.timestamp("us", tz="Asia/Tokyo"),
        l=pa.list_(pa.string()),
    )
    members = run(ONE, Answering(answer))
    assert not isinstance(members, TestFault)
    told = next(iter(members)).columns
    assert told == {
        "n": 7,
        "share": Decimal("79.5"),
        "f": Decimal("0.25"),
        "at": datetime(2026, 3, 31, tzinfo=UTC),
        "l": ["a"],
        "none": None,
    }
    assert isinstance(told["n"], int)
    assert str(told["at"]).endswith("+00:00")


FAULTS = [
    pytest.param(rows({"conforms": None}), "conforms is NULL in 1 of 1 rows; write coalesce", id="a mark that is NULL"),
    pytest.param(rows({"company": None}), "company is NULL", id="a member of no company"),
    pytest.param(rows({"subject": None}), "subject is NULL", id="a member without a key"),
    pytest.param(rows({"members": None}, members=pa.int64()), "members is NULL", id="members that are NULL"),
    pytest.param(rows({"members": 0}), "members is below 1", id="a row that stands for nobody"),
    pytest.param(rows({"members": 2, "conforms": False}), "members is above 1", id="a deviation that stands for two"),
    pytest.param(
        rows({"due_on": 2_932_897}, due_on=pa.int32()).cast(
            pa.schema(
                [
                    *((n, pa.string()) for n in ("subject", "company", "department")),
                    ("conforms", pa.bool_()),
                    ("due_on", pa.date32()),
                ]
            )
        ),
        "due_on lies outside of 0001-01-01 to 9999-12-31",
        id="a day that no calendar has",
    ),
    pytest.param(rows({}, {}), "one member has 2 rows (company C1, subject S1)", id="a member twice"),
    pytest.param(
        rows({"aspect": None}, {"aspect": None}, aspect=pa.string()),
        "one member has 2 rows",
        id="a member twice without aspect",
    ),
]


@pytest.mark.parametrize(("answer", "what"), FAULTS)
def test_an_answer_that_cannot_be_believed_is_a_fault_with_its_reason(answer: pa.Table, what: str) -> None:
    fault = run(ONE, Answering(answer))
    assert isinstance(fault, TestFault)
    assert str(fault).startswith(what)


def test_equal_subjects_of_two_companies_are_two_members() -> None:
    members = run(ONE, Answering(rows({}, {"company": "C2"})))
    assert not isinstance(members, TestFault)
    assert len(members) == 2


def test_many_conforming_members_may_share_a_row() -> None:
    members = run(ONE, Answering(rows({"members": 5})))
    assert not isinstance(members, TestFault)
    assert next(iter(members)).members == 5


MIXED = control("SELECT 1 AS subject", about={"account": About.STATE, "use": About.EVENT})
PLACES = [
    pytest.param(
        MIXED, {"aspect": "badge", "occurred_on": None}, "aspect badge is not told under about", id="an unknown aspect"
    ),
    pytest.param(MIXED, {"aspect": None, "occurred_on": None}, "aspect None is not told", id="no aspect"),
    pytest.param(
        MIXED, {"aspect": "use", "occurred_on": None}, "occurred_on is NULL for an event", id="an event of no day"
    ),
    pytest.param(
        control("SELECT 1 AS subject", about=About.EVENT),
        {"aspect": None, "occurred_on": None},
        "occurred_on is NULL",
        id="events of no day",
    ),
]


@pytest.mark.parametrize(("one", "row", "what"), PLACES)
def test_a_member_that_could_open_no_gap_is_a_fault(one: object, row: Mapping[str, object], what: str) -> None:
    answer = rows(row, aspect=pa.string(), occurred_on=pa.date32())
    fault = run(one, Answering(answer))  # type: ignore[arg-type]
    assert isinstance(fault, TestFault)
    assert str(fault).startswith(what)


def test_a_state_beside_events_needs_no_day() -> None:
    answer = rows({"aspect": "account", "occurred_on": None}, aspect=pa.string(), occurred_on=pa.date32())
    assert not isinstance(run(MIXED, Answering(answer)), TestFault)


def test_a_test_that_the_engine_refuses_is_a_fault() -> None:
    fault = run(ONE, Answering(duckdb.ConversionException("Conversion Error: date out of range\nLINE 1")))
    assert fault == TestFault("the test does not run: Conversion Error: date out of range")


def test_only_the_names_that_a_test_uses_are_bound() -> None:
    one = control(
        "SELECT w.kind AS subject FROM workers AS w CROSS JOIN codes AS c WHERE w.hired_on < $as_of "
        "- $days AND w.known_since_at < $until_at",
        parameters=(parameter("days", 30), parameter("codes", ("a", "b"))),
        lookback_days=45,
    )
    window = Answering(rows({}))
    run(one, window)
    assert window.asked is not None
    sql, bindings, lookback = window.asked
    moments = {"as_of": date(2026, 3, 31), "until_at": datetime(2026, 3, 31, 15, tzinfo=UTC)}
    assert (bindings, lookback) == ({**moments, "days": 30, "codes": ["a", "b"]}, 45)
    assert "$days" in sql
    assert "30" not in sql


def test_a_test_runs_and_is_proven_over_the_window_of_the_evidence() -> None:
    one = control(
        "SELECT w.engagement_key AS subject, w.company, w.department, count(k.value) = 0 AS conforms FROM workers AS w "
        "LEFT JOIN kinds AS k ON k.value = w.kind WHERE w.hired_on <= $as_of - $days "
        "GROUP BY w.engagement_key, w.company, w.department",
        parameters=(parameter("days", 30), parameter("kinds", ("officer", "regular"))),
    )
    told = [
        ("E1", "officer", date(2020, 4, 1)),
        ("E2", "part_time", date(2020, 4, 1)),
        ("E3", "officer", date(2026, 3, 30)),
    ]
    names = ("engagement_key", "kind", "hired_on")
    window = Window.given({"workers": [dict(zip(names, row, strict=True)) for row in told]}, MARCH)
    members = run(one, window)
    assert not isinstance(members, TestFault)
    assert {m.subject: m.conforms for m in members} == {"E1": False, "E2": True}
    [first, _] = members
    assert prove(one, window, [first]) == {first: Proof(("workers::1",), 1)}


def test_nothing_is_traced_where_nothing_deviates() -> None:
    window = Answering(RuntimeError("asked"))
    assert prove(ONE, window, []) == {}


def test_a_proof_that_the_engine_cannot_gather_is_a_fault() -> None:
    member = Member("C1", "D1", "S1", None, None, False, 1, {})
    fault = prove(
        ONE, Answering(duckdb.OutOfMemoryException("Out of Memory Error: no block\nPossible solutions")), [member]
    )
    assert fault == TestFault("the proof does not run: Out of Memory Error: no block")


def test_a_text_is_written_once() -> None:
    assert compiled(ONE) is compiled(control(ONE.test))
