"""Rows of text become rows of a dataset, a batch at a time: typed, keyed, checked against the dataset's declaration.

A rule is asked once for each combination of values (``collectors.lookup``), so a batch costs Python only for what
differs in it. A row of which one column cannot be read is a reject that names line and column; the others go on.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from collectors import cells, stamps
from collectors.cells import Refused
from collectors.formats import LINE, OBJECT, PART, Reject
from collectors.lookup import combinations
from collectors.rules import MINTED, Constant, Reading, Rule, Rules
from evidence.datasets import Column, Kind
from evidence.datasets.arrow import ARROW
from evidence.facts import read_schema

ALWAYS, NEVER_ENDS = date(1900, 1, 1), date(9999, 12, 31)
QUARTER_HOUR = 900_000_000  # µs: every zone's midnight since 2000 falls on one
TIMESTAMP = ARROW["timestamp"]
Bad = dict[int, str]  # row → why


@dataclass(slots=True)
class Typer:
    """Types the batches of one dataset, object after object."""

    rules: Rules
    reading: Reading
    skipped: int = 0  # rows that belong to other datasets
    _seen: dict[bytes, int] = field(default_factory=dict)
    _object: str | None = None

    def batch(self, raw: pa.RecordBatch) -> tuple[pa.RecordBatch, list[Reject]]:
        """The rows that could be typed, and rejects for the others."""
        mine = self._mine(raw)
        columns: dict[str, pa.Array] = {}
        bad: dict[int, tuple[str, str]] = {}
        for column in self._order():
            array, refused = self._column(column, mine, columns)
            if isinstance(always := self._of_register(column), date):
                array = array.fill_null(always)  # an empty 有効開始日 or 有効終了日 bounds nothing
            columns[column.name] = array
            if not column.nullable and array.null_count:
                empty = pc.indices_nonzero(pc.is_null(array)).to_pylist()
                refused = dict.fromkeys(empty, "is empty") | refused
            for row, why in refused.items():
                bad.setdefault(row, (column.name, why))
        schema = read_schema(self.rules.dataset)
        columns |= {"object": mine.column(OBJECT), "part": mine.column(PART), "line": mine.column(LINE)}
        told = pa.RecordBatch.from_arrays(
            [columns[name].cast(schema.field(name).type) for name in schema.names], schema=schema
        )
        if not bad:
            return told, []
        lost = sorted(bad)
        where = pa.RecordBatch.from_arrays([mine.column(n) for n in (OBJECT, PART, LINE)], names=["o", "p", "l"])
        rejects = [
            Reject(row["o"], row["p"], row["l"], *bad[number])
            for number, row in zip(lost, where.take(pa.array(lost, pa.int64())).to_pylist(), strict=True)
        ]
        kept = pc.invert(pc.is_in(pa.array(range(mine.num_rows), pa.int64()), value_set=pa.array(lost, pa.int64())))
        return told.filter(kept), rejects

    def _mine(self, raw: pa.RecordBatch) -> pa.RecordBatch:
        if (only := self.rules.only) is None:
            return raw
        trimmed = pc.utf8_trim_whitespace(_field(raw, only.column))
        mask = pc.is_in(trimmed, value_set=pa.array(sorted(only.values), pa.string()))
        mine = raw.filter(mask)
        self.skipped += raw.num_rows - mine.num_rows
        return mine

    def _order(self) -> list[Column]:
        """Declared columns first, so that a day may be that of another column."""
        schema = read_schema(self.rules.dataset).names
        return [
            column for column in self.rules.dataset.all_columns if column.name in schema and column.name not in _PLACE
        ]

    def _column(self, column: Column, raw: pa.RecordBatch, done: dict[str, pa.Array]) -> tuple[pa.Array, Bad]:
        if column.name in ("occurred_on", "time_basis") and column.name in done:
            return done[column.name], {}
        rule = self.rules.columns.get(column.name)
        if column.name == "occurred_at":
            return self._occurred(column, rule, raw, done)
        if rule is None:
            return self._unmapped(column, raw), {}
        if rule.is_constant:
            if column.name == "company" and rule.value is None:
                return self._unmapped(column, raw), {}
            return _repeat(rule.value, column, raw.num_rows), {}
        if rule.mint == "event":
            return self._events(rule, raw), {}
        if column.type == "timestamp":
            times, _, bad = self._times(rule, raw, is_past=False)
            return times, bad
        if column.type == "list":
            return _asked(_gathered(rule, raw), self._list(rule), ARROW["list"])
        if column.name == "company":
            return _asked(_gathered(rule, raw), self._company(rule), ARROW["text"])
        given = _field(raw, rule.names[0]) if len(rule.parts) == 1 and rule.names else None
        if (
            given is not None
            and rule.mapping is None
            and rule.mint is None
            and given.type == ARROW[column.type] != pa.string()
        ):
            return given, {}
        return _asked(_gathered(rule, raw), self._value(rule), ARROW[column.type])

    def _of_register(self, column: Column) -> Any:
        """What stands in a register's own column where its source says nothing."""
        if self.rules.dataset.kind is not Kind.REGISTER:
            return None
        given = _OF_REGISTERS | {"entered_by": f"source:{self.reading.source}"}
        return None if column.name in self.rules.dataset.key else given.get(column.name)

    def _unmapped(self, column: Column, raw: pa.RecordBatch) -> pa.Array:
        count = raw.num_rows
        if column.type == "list":
            return pa.array([[]] * count, ARROW["list"])
        if (value := self._of_register(column)) is not None:
            return _repeat(value, column, count)
        if column.name == "company" and (only := self._only_company(column)):
            return _repeat(only, column, count)
        return _repeat(None, column, count)

    def _occurred(
        self, column: Column, rule: Rule | None, raw: pa.RecordBatch, done: dict[str, pa.Array]
    ) -> tuple[pa.Array, Bad]:
        """The instant of an event, with its day in the company's zone and how it was read, which follow from it."""
        count = raw.num_rows
        bad: Bad = {}
        day_rule = self._read_by("occurred_on", raw)
        if rule is None or self._read_by("occurred_at", raw) is None:
            rule = None
            stand_in = self.rules.columns.get(self.rules.day or "")
            if stand_in is not None and stand_in.column.type == "timestamp":
                rule = stand_in
            elif day_rule is None:
                day_rule = stand_in
        if rule is None:
            times, basis, bad = pa.nulls(count, TIMESTAMP), _repeat(stamps.DAY_ONLY, column, count, pa.string()), bad
        else:
            times, basis, bad = self._times(rule, raw, is_past=True)
        if day_rule is not None:
            days, wrong = self._days(day_rule, raw)
            days = pc.coalesce(days, local_days(times, self.reading))  # a JSON field may be left out of any row
            bad = wrong | bad
        else:
            days = local_days(times, self.reading)
        basis_rule = self.rules.columns.get("time_basis")
        if basis_rule is not None and basis_rule.names and basis_rule.names[0] in raw.schema.names:
            basis = _field(raw, basis_rule.names[0])
        done |= {"occurred_on": days, "time_basis": basis}
        missing = pc.and_(pc.is_null(days), pc.is_null(times))
        empty: Bad = dict.fromkeys(pc.indices_nonzero(missing).to_pylist(), "is empty")
        return times, empty | bad

    def _read_by(self, name: str, raw: pa.RecordBatch) -> Rule | None:
        """The rule of a column, when the file has what it reads."""
        rule = self.rules.columns.get(name)
        return rule if rule is not None and (rule.is_constant or set(rule.names) & set(raw.schema.names)) else None

    def _days(self, rule: Rule, raw: pa.RecordBatch) -> tuple[pa.Array, Bad]:
        if rule.is_constant:
            return _repeat(rule.value, rule.column, raw.num_rows), {}
        return _asked(_gathered(rule, raw), self._value(rule), ARROW["date"])

    def _times(self, rule: Rule, raw: pa.RecordBatch, *, is_past: bool) -> tuple[pa.Array, pa.Array, Bad]:
        reading = self.reading
        given = _field(raw, rule.names[0]) if rule.names else None
        if given is not None and given.type == TIMESTAMP:
            bad = _out_of_bounds(given, reading) if is_past else {}
            return given, _repeat(stamps.ZONE_GIVEN, rule.column, raw.num_rows, pa.string()), bad

        def instant(*parts: str | None) -> tuple[datetime, str] | None:
            told = _joined(parts)
            if told is None:
                return None
            try:
                if rule.epoch is not None:
                    at, basis = stamps.epoch(told, rule.epoch)
                else:
                    at, basis = stamps.read(unicodedata.normalize("NFKC", told), reading.zone, rule.pattern)
                return (stamps.bounded(at, reading.collected_at, reading.allowance) if is_past else at), basis
            except stamps.NoInstant as error:
                raise Refused(str(error)) from error

        codes, answers, bad = _answers(_gathered(rule, raw), instant)
        times = pa.array([answer and answer[0] for answer in answers], TIMESTAMP).take(codes)
        basis = pa.array([answer[1] if answer else stamps.DAY_ONLY for answer in answers], pa.string()).take(codes)
        return times, basis, bad

    def _events(self, rule: Rule, raw: pa.RecordBatch) -> pa.Array:
        """Keys of rows that have none: their values and how many equal ones stood above them in the same object.

        So a log keeps the keys of its rows when it grows and under any name. Of two rows that are equal to the
        instant, one at the end of a log and one at the beginning of its successor, one counts: as in two exports
        that overlap, which nobody can tell from it.
        """
        names = rule.names or tuple(name for name in raw.schema.names if name not in (OBJECT, PART, LINE))
        keys = []
        columns = [raw.column(OBJECT), *(_field(raw, name) for name in names)]
        for told, *values in zip(*(column.to_pylist() for column in columns), strict=True):
            if told != self._object:
                self._object, self._seen = told, {}
            parts = ["" if value is None else str(value) for value in values]
            digest = blake2b("\0".join(parts).encode(), digest_size=8).digest()
            ordinal = self._seen.get(digest, 0)
            self._seen[digest] = ordinal + 1
            keys.append(self.reading.keys.mint("event", self.reading.source, *parts, str(ordinal)))
        return pa.array(keys, pa.string())

    def _company(self, rule: Rule) -> Callable[..., Any]:
        convert = self._value(rule)

        def company(*parts: str | None) -> str | None:
            told: str | None = convert(*parts)
            if told is None and (only := self._only_company(rule.column)):
                return only
            if told is None and rule.column.nullable and not self.reading.is_about_all:
                raise Refused("is empty, and this source is not about the whole group")
            if told is not None and told not in self.reading.companies:
                raise Refused("is not a company of this source")
            return told

        return company

    def _only_company(self, column: Column) -> str | None:
        """Whose a row is that names no company, where the source is about one; empty may mean the whole group."""
        companies = self.reading.companies
        if len(companies) != 1 or (column.nullable and self.reading.is_about_all):
            return None
        return companies[0]

    def _value(self, rule: Rule) -> Callable[..., Any]:
        """What makes the value of a column out of the fields it is made of."""
        if rule.mint is not None:
            return self._minter(rule)
        if rule.mapping is not None:
            return _mapper(rule.mapping)
        convert = cells.converter(rule.column, rule.pattern, iso_too=self.reading.iso_too)
        return lambda *parts: convert(_joined(parts))

    def _minter(self, rule: Rule) -> Callable[..., str | None]:
        keys, fixed = self.reading.keys, [isinstance(part, Constant) for part in rule.parts]

        def minted(*parts: str | None) -> str | None:
            told = [cells.identifier(part) for part in parts]
            own = [part for part, constant in zip(told, fixed, strict=True) if not constant]
            if not any(own):
                return None
            given = [part for part in told if part is not None]
            if len(given) != len(told):
                raise Refused("lacks a part of its key")
            if rule.may_be_minted and MINTED.fullmatch(given[-1]):
                return given[-1]
            if rule.mint == "person":
                return keys.person(rule.person_kind or "worker_no", given[-1])
            return keys.mint(str(rule.mint), *given)

        return minted

    def _list(self, rule: Rule) -> Callable[..., list[str]]:
        one: Callable[..., Any] = _member(rule.column)
        if rule.mint:
            one = self._minter(rule)
        elif rule.mapping:
            one = _mapper(rule.mapping)
        ordered = rule.column.name.endswith("_path")

        def gathered(*parts: str | Sequence[str] | None) -> list[str]:
            last = parts[-1]
            fields = (
                last.split(rule.split)
                if isinstance(last, str) and rule.split
                else [last]
                if isinstance(last, str)
                else last
            )
            before = parts[:-1]
            told = [one(*before, part) for part in fields or () if part.strip()]
            distinct = dict.fromkeys(str(value) for value in told if value is not None)
            return list(distinct) if ordered else sorted(distinct)

        return gathered


_PLACE = frozenset({"object", "part", "line"})
_OF_REGISTERS: dict[str, Any] = {"valid_from_on": ALWAYS, "valid_to_on": NEVER_ENDS}


def local_days(times: pa.Array, reading: Reading) -> pa.Array:
    """The company's calendar days of instants."""
    quarters = pc.divide(times.cast(pa.int64()), QUARTER_HOUR)

    def day(quarter: int | None) -> date | None:
        if quarter is None:
            return None
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=quarter * QUARTER_HOUR)
        return at.astimezone(reading.company_zone).date()

    return _asked([quarters], day, ARROW["date"])[0]


def _out_of_bounds(times: pa.Array, reading: Reading) -> Bad:
    latest = pa.scalar(reading.collected_at + reading.allowance, TIMESTAMP)
    out = pc.or_(pc.less(times, pa.scalar(stamps.OLDEST, TIMESTAMP)), pc.greater(times, latest))
    why = "is a time before 2000, or after the collection itself"
    return dict.fromkeys(pc.indices_nonzero(pc.fill_null(out, False)).to_pylist(), why)


def _answers(columns: Sequence[pa.Array], rule: Callable[..., Any]) -> tuple[pa.Array, list[Any], Bad]:
    codes, found = combinations(columns)
    answers: list[Any] = []
    reasons: dict[int, str] = {}
    for code, values in enumerate(found):
        try:
            answers.append(rule(*values))
        except Refused as error:
            answers.append(None)
            reasons[code] = str(error)
    bad = {row: reasons[code] for row, code in enumerate(codes.to_pylist()) if code in reasons} if reasons else {}
    return codes, answers, bad


def _asked(columns: Sequence[pa.Array], rule: Callable[..., Any], type: pa.DataType) -> tuple[pa.Array, Bad]:
    codes, answers, bad = _answers(columns, rule)
    return pa.array(answers, type).take(codes), bad


def _gathered(rule: Rule, raw: pa.RecordBatch) -> list[pa.Array]:
    count = raw.num_rows
    return [
        pa.repeat(pa.scalar(part.text, pa.string()), count) if isinstance(part, Constant) else _field(raw, part)
        for part in rule.parts
    ]


def _field(raw: pa.RecordBatch, name: str) -> pa.Array:
    """A column of the batch; empty where the file has no such column."""
    return raw.column(name) if name in raw.schema.names else pa.nulls(raw.num_rows, pa.string())


def _repeat(value: Any, column: Column, count: int, type: pa.DataType | None = None) -> pa.Array:
    return pa.repeat(pa.scalar(value, type or ARROW[column.type]), count)


def _joined(parts: Sequence[str | None]) -> str | None:
    told = [part.strip() for part in parts if part is not None and part.strip()]
    return " ".join(told) or None


def _mapper(mapping: Mapping[str, Any]) -> Callable[..., Any]:
    def mapped(*parts: str | None) -> Any:
        told = cells.identifier(_joined(parts)) or ""
        if told in mapping:
            return mapping[told]
        if not told:
            return None
        raise Refused("is not in the profile's map")

    return mapped


def _member(column: Column) -> Callable[[str], str | None]:
    return cells.identifier if cells.is_identifier(column) else cells.text
