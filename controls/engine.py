"""A test over a window: its population with the marks, or what is wrong with it; and the proof of its deviations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from itertools import takewhile
from operator import methodcaller
from typing import ClassVar, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from controls.compile import Compiled, compiled
from controls.model import KEY, About, Control, Member, Parameter, Proof
from controls.narrowing import DEVIATING, NONE
from controls.population import Population
from controls.proof import traced
from evidence.period import Period


class Evidence(Protocol):
    """What a test runs over (``evidence.facts.window.Window``)."""

    period: Period

    def run(self, sql: str, bindings: Mapping[str, object], *, lookback_days: int) -> pa.Table: ...


@dataclass(frozen=True, slots=True)
class TestFault:
    """Why a test's answer cannot be believed: its control is then UNVERIFIED, for this reason."""

    what: str
    __test__: ClassVar[bool] = False  # not a class of tests, whatever pytest thinks of its name

    def __str__(self) -> str:
        return self.what


def run(control: Control, window: Evidence) -> Population | TestFault:
    """The whole population with its marks, by company, subject, aspect and day; a fault when it is not sound."""
    text = compiled(control)
    bindings = given(control.parameters, window.period, text.bound)
    try:
        answer = window.run(text.sql, bindings, lookback_days=control.lookback_days)
    except duckdb.Error as error:
        return TestFault(f"the test does not run: {_first_line(error)}")
    answer = _completed(answer)
    if fault := _fault(answer, control):
        return TestFault(fault)
    return Population(answer)


def prove(control: Control, window: Evidence, deviating: Iterable[Member]) -> Mapping[Member, Proof] | TestFault:
    """The evidence rows behind each deviating member; a fault when the engine cannot gather them."""
    wanted = {_key(m.company, m.subject, m.aspect, m.occurred_on): m for m in deviating}
    if not wanted:
        return {}
    text, bindings = tracing(control, window.period, wanted.values())
    try:
        answer = _completed(window.run(text.sql, bindings, lookback_days=control.lookback_days))
    except duckdb.Error as error:
        return TestFault(f"the proof does not run: {_first_line(error)}")
    keys = zip(*(answer[name].to_pylist() for name in KEY), strict=True)
    proofs = zip(keys, answer["refs"].to_pylist(), answer["total"].to_pylist(), strict=True)
    return {wanted[_key(*key)]: Proof(tuple(refs), total) for key, refs, total in proofs}


def tracing(control: Control, period: Period, members: Iterable[Member]) -> tuple[Compiled, dict[str, object]]:
    """The text that gathers the rows behind some members, and what it is given."""
    text = traced(control)
    bindings = given(control.parameters, period, text.bound - {DEVIATING})
    keys = [list(_key(m.company, m.subject, m.aspect, m.occurred_on)) for m in members]
    return text, bindings | {DEVIATING: keys}


def given(parameters: Iterable[Parameter], period: Period, bound: frozenset[str]) -> dict[str, object]:
    """What a text is given: the moments and the parameters that it names."""
    known: dict[str, object] = {
        "since": period.since,
        "as_of": period.as_of,
        "since_at": period.since_at,
        "until_at": period.until_at,
        **{p.name: list(p.value) if isinstance(p.value, tuple) else p.value for p in parameters},
    }
    return {name: known[name] for name in bound}


def _completed(answer: pa.Table) -> pa.Table:
    """The answer with the reserved columns that a test may leave out."""
    for name, kind in (("aspect", pa.string()), ("occurred_on", pa.date32()), ("department", pa.string())):
        if name not in answer.column_names:
            answer = answer.append_column(name, pa.nulls(answer.num_rows, kind))
        elif pa.types.is_null(answer.schema.field(name).type):
            answer = answer.set_column(answer.column_names.index(name), name, pa.nulls(answer.num_rows, kind))
    if "members" not in answer.column_names:
        answer = answer.append_column("members", pa.repeat(pa.scalar(1, pa.int64()), answer.num_rows))
    return answer


def _fault(answer: pa.Table, control: Control) -> str | None:
    for name in ("subject", "company", "conforms", "members"):
        if answer[name].null_count:
            return f"{name} is NULL in {answer[name].null_count} of {answer.num_rows} rows; {_MEND[name]}"
    if answer.num_rows == 0:
        return None
    if pc.min(answer["members"]).as_py() < 1:
        return "members is below 1: a row stands for at least one member"
    deviating = answer.filter(pc.invert(answer["conforms"]))
    if deviating.num_rows and pc.max(deviating["members"]).as_py() != 1:
        return "members is above 1 in a deviating row: deviations stay single rows"
    return _repeated(answer) or _unplaced(answer, control) or _beyond_time(answer)


_MEND = {
    "subject": "every member has a key",
    "company": "every member belongs to a company",
    "conforms": "write coalesce(…, false) around comparisons with columns that may be empty",
    "members": "count(*) is never NULL",
}


def _repeated(answer: pa.Table) -> str | None:
    """A member that is told twice: the rows are in order, so it stands beside itself."""
    again = reduce(pc.and_, (_as_before(answer[name]) for name in KEY))
    first = pc.index(again, True).as_py()
    if first < 0:
        return None
    told = answer.select(KEY).slice(first, 1).to_pylist()[0]
    rows = 1 + sum(1 for _ in takewhile(methodcaller("as_py"), again.slice(first)))
    named = ", ".join(f"{name} {one}" for name, one in told.items() if one is not None)
    return f"one member has {rows} rows ({named}); GROUP BY its key"


def _as_before(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each value but the first is the one before it, known or not."""
    one, before = column.slice(1), column.slice(0, len(column) - 1)
    return pc.or_(pc.fill_null(pc.equal(one, before), False), pc.and_(pc.is_null(one), pc.is_null(before)))


def _unplaced(answer: pa.Table, control: Control) -> str | None:
    """A member whose aspect is not told under ``about``, or an event without its day, would open no gap."""
    events = [aspect for aspect, about in control.about.items() if about is About.EVENT]
    if set(control.about) == {None}:
        return _DAYLESS if events and answer["occurred_on"].null_count else None
    unknown = sorted(set(answer["aspect"].unique().to_pylist()) - set(control.about), key=str)
    if unknown:
        return f"aspect {unknown[0]} is not told under about: state or event?"
    of_events = pc.is_in(answer["aspect"], pa.array(events, pa.string()))
    return _DAYLESS if answer.filter(of_events)["occurred_on"].null_count else None


_DAYLESS = "occurred_on is NULL for an event: without its day it opens no gap"


def _beyond_time(answer: pa.Table) -> str | None:
    """A day that no calendar has: the sum of a day and too many days, or of the last one and any."""
    for field in answer.schema:
        if not (pa.types.is_date32(field.type) or pa.types.is_timestamp(field.type)):
            continue
        of = date if pa.types.is_date32(field.type) else datetime
        told, zone = answer[field.name], {} if of is date else {"tzinfo": UTC}
        first, last = (pa.scalar(of(day.year, day.month, day.day, **zone), field.type) for day in (date.min, date.max))
        if pc.any(pc.or_(pc.less(told, first), pc.greater(told, last))).as_py():
            return f"{field.name} lies outside of {date.min} to {date.max}; bound it with greatest(…) or least(…)"
    return None


def _key(company: str, subject: str, aspect: str | None, day: object) -> tuple[str, str, str, str]:
    return (company, subject, NONE if aspect is None else aspect, NONE if day is None else str(day))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
