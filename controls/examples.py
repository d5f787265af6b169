"""``controls test``: each example answers its whole population, and two probes ask what no example can show.

The first probe empties each nullable column that a test names, one at a time: a mark that turns NULL would leave the
control UNVERIFIED one day. The second empties each dataset outside ``population``: a member that disappears with a
lookup is an exclusion that nobody told.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
from sqlglot import exp

from controls.binding import closed_engine, dataset_of
from controls.compile import combined
from controls.definition import with_parameters
from controls.engine import TestFault, prove, run
from controls.loader import Catalogue
from controls.model import Control, Example, Member, Value, View, ViewExample
from controls.shown import Rows, Shown
from controls.values import told
from controls.views import ask, datasets_of
from evidence.datasets import catalogue as datasets
from evidence.period import Period

Engine = duckdb.DuckDBPyConnection
ALL_OF_IT = 36_500  # a view has no lookback of its own


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one example or of one probe on it."""

    of: str  # control id or name of a view
    example: str
    probe: str | None  # None = the example itself; else what was taken away
    problem: str | None  # None = as it should be


def shown(catalogue: Catalogue, only: str | None = None) -> Iterator[Outcome]:
    """Show all examples and probes of a catalogue, views first; ``only`` one control or view."""
    views = {view.name: view for view in catalogue.views}
    with closed_engine() as judging, closed_engine(optimised=False) as probing:
        for example in catalogue.view_examples:
            if only in (None, example.view):
                problem = _of_view(views[example.view], example, views, judging)
                yield Outcome(example.view, example.name, None, problem)
        for control in catalogue.controls:
            if only in (None, control.id):
                for one in catalogue.examples_of(control.id):
                    yield from _of_control(control, one, judging, probing)


def _of_control(control: Control, example: Example, judging: Engine, probing: Engine) -> Iterator[Outcome]:
    """One example of a control, its proofs, and both probes on it."""
    control = with_parameters(control, example.parameters)
    period = Period(example.since, example.as_of)
    window = Shown(control.datasets, period, judging)
    tables = holding(window, example.given, control.lookback_days)
    answer = run(control, window)
    if isinstance(answer, TestFault):
        yield Outcome(control.id, example.name, None, str(answer))
        return
    problem = differing(answer, example) or _unproven(control, window, answer)
    yield Outcome(control.id, example.name, None, problem)
    probed = Shown(control.datasets, period, probing)
    holding(probed, example.given, control.lookback_days)
    yield from _emptied_columns(control, example, probed, tables)
    yield from _emptied_datasets(control, example, probed, tables, answer)


def holding(window: Shown, given: Rows, lookback_days: int) -> dict[str, pa.Table]:
    """Put the rows of an example into a window; they, as tables."""
    tables = window.filled(given, lookback_days)
    for name, rows in tables.items():
        window.hold(name, rows)
    return tables


def name_of(member: Member) -> str:
    """How an example names a member: subject, subject/aspect, and @day for an event."""
    aspect = f"/{member.aspect}" if member.aspect is not None else ""
    return f"{member.subject}{aspect}" + (f"@{member.occurred_on}" if member.occurred_on else "")


def differing(answer: Iterable[Member], example: Example) -> str | None:
    """How an answer is another than an example expects; None: it is the same."""
    found, expect = named(answer), example.expect
    told = [
        *(f"{name} is no member" for name in expect if name not in found),
        *(f"{name} is a member too ({_mark(m.conforms)})" for name, m in found.items() if name not in expect),
        *(f"{name} is {_mark(found[name].conforms)}" for name in expect if _otherwise(found.get(name), expect[name])),
        *(
            f"{name} has {column} {_told(found[name]).get(column)!r}"
            for name, columns in example.tells.items()
            for column, value in columns.items()
            if name in found and not (column in _told(found[name]) and _is(_told(found[name])[column], value))
        ),
    ]
    return "; ".join(told) or None


def _told(member: Member) -> Mapping[str, Value]:
    """What a message can say of a member: its columns, and the department that it is of."""
    return {**member.columns, "department": member.department}


def _otherwise(member: Member | None, mark: bool) -> bool:
    return member is not None and member.conforms != mark


def named(answer: Iterable[Member]) -> dict[str, Member]:
    """Members by the name that an example gives them; where two companies have one name, with the company in front."""
    times = Counter(map(name_of, answer))
    return {name_of(m) if times[name_of(m)] == 1 else f"{m.company}:{name_of(m)}": m for m in answer}


def _mark(conforms: bool) -> str:
    return str(conforms).lower()


def _unproven(control: Control, window: Shown, answer: Iterable[Member]) -> str | None:
    deviating = [member for member in answer if not member.conforms]
    proofs = prove(control, window, deviating)
    if isinstance(proofs, TestFault):
        return str(proofs)
    missing = set(deviating) - set(proofs)
    return f"no proof could be traced for {', '.join(sorted(map(name_of, missing)))}" if missing else None


def _emptied_columns(
    control: Control, example: Example, window: Shown, tables: Mapping[str, pa.Table]
) -> Iterator[Outcome]:
    named = {column.name for column in combined(control.test, control.views).find_all(exp.Column)}
    for table, held in tables.items():
        for column in datasets()[dataset_of(table)].all_columns:
            told = held[column.name]
            if not column.nullable or column.name not in named or told.null_count == len(told):
                continue
            place = held.column_names.index(column.name)
            window.hold(table, held.set_column(place, column.arrow, pa.nulls(len(told), told.type)))
            answer = run(control, window)
            problem = str(answer) if isinstance(answer, TestFault) else None
            yield Outcome(control.id, example.name, f"{table}.{column.name} empty", problem)
        window.hold(table, held)


def _emptied_datasets(
    control: Control, example: Example, window: Shown, tables: Mapping[str, pa.Table], before: Iterable[Member]
) -> Iterator[Outcome]:
    for dataset in control.datasets:
        mine = [table for table in tables if dataset_of(table) == dataset]
        if dataset in control.population or not any(tables[table].num_rows for table in mine):
            continue
        for table in mine:
            window.hold(table, tables[table].slice(0, 0))
        yield Outcome(control.id, example.name, f"{dataset} without rows", _vanished(run(control, window), before))
        for table in mine:
            window.hold(table, tables[table])


def _vanished(answer: Iterable[Member] | TestFault, before: Iterable[Member]) -> str | None:
    if isinstance(answer, TestFault):
        return str(answer)
    left = {(m.company, name_of(m)) for m in answer}
    gone = [name for name, m in named(before).items() if (m.company, name_of(m)) not in left]
    if not gone:
        return None
    return f"{', '.join(gone)} disappeared; LEFT JOIN it or ask in the SELECT list, or name it under population"


def _of_view(view: View, example: ViewExample, views: Mapping[str, View], judging: Engine) -> str | None:
    window = Shown(datasets_of(view, views), Period(example.since, example.as_of), judging)
    holding(window, example.given, ALL_OF_IT)
    answer = ask(view, views, window, example.parameters, lookback_days=ALL_OF_IT)
    columns = {name: told(answer[name]) for name in answer.column_names}
    found = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return _other_rows(found, example.expect)


def _other_rows(found: Sequence[Mapping[str, Value]], expect: Sequence[Mapping[str, Value]]) -> str | None:
    left = list(found)
    for wanted in expect:
        same = next((row for row in left if all(name in row and _is(row[name], wanted[name]) for name in wanted)), None)
        if same is None:
            return f"no row {dict(wanted)}; it answers {[dict(row) for row in found]}"
        left.remove(same)
    return f"rows that nobody expects: {[dict(row) for row in left]}" if left else None


def _is(found: Value, wanted: object) -> bool:
    """Whether a value is the one that people wrote, as YAML read it."""
    if isinstance(found, datetime) and isinstance(wanted, str):
        return found == datetime.fromisoformat(wanted)
    if isinstance(found, Decimal) and isinstance(wanted, float):
        return found == Decimal(repr(wanted))
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
