"""Importing a register: a plan that touches nothing, then one transaction that adds versions and never changes one.

A row that a sheet no longer has stays: it ends by its 有効終了日. What stays as it was, too: a column that the sheet
does not have, and a 有効開始日 or 有効終了日 that is left empty.
"""

import io
import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from evidence.datasets import Dataset, State, source_of
from evidence.errors import ConfigError
from evidence.facts.rows import LONG_AGO, OPEN_END, typed_row
from evidence.ledger import EDITED, GROUP, SALT_SIZE, commitment, log_of
from evidence.persons import Keys, pseudonym
from evidence.store import Store, Transaction
from evidence.store.registers import bound
from evidence.store.values import FetchedObject, RegisterVersion, Rejected
from evidence.vault import Digest, StoredObject, Vault
from registers.approval import Refusal, complete, gone, in_force, resigned, settled
from registers.cells import Kept, Value, kept, person_key
from registers.csv_files import Encoding
from registers.forms import SPAN, form
from registers.reading import (
    PROGRAM,
    WORKER_NUMBER,
    Border,
    Line,
    Problem,
    Sent,
    Stream,
    as_it_stands,
    read_rows,
    stream,
)
from registers.versions import by_key, holding, run_id
from registers.workbook import Seen

Hidden = Callable[[Mapping[str, Any]], bool]
TOKYO = ZoneInfo("Asia/Tokyo")
OVERTAKEN = (
    "このシートを出した後に他の人が更新した行です。新しいシートに記入し直してください",
    "was brought further by somebody else after this sheet was handed out; write into a new one",
)
ELSEWHERE = ("他の会社またはグループ共通の行です", "is of another company or of the whole group")


@dataclass(frozen=True, slots=True)
class Entry:
    """One version that an import adds: what the row says then, and what it said before (None: it is new)."""

    key: tuple[str, ...]
    version: int
    values: Mapping[str, Any]  # as kept: JSON
    valid_from_on: date
    valid_to_on: date
    line: int
    before: Mapping[str, Any] | None = None
    state: str = State.APPROVED

    @property
    def says(self) -> dict[str, Any]:
        """What the row says, with the days on which it holds."""
        return says(self.values, self.valid_from_on, self.valid_to_on)

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns that say something else than before."""
        before = self.before or {}
        return tuple(name for name, value in self.says.items() if name not in before or before[name] != value)


@dataclass(frozen=True, slots=True)
class Where:
    """The file and sheet that rows stand on, and the letters of its columns by name.

    Rows that stand on none are ``called`` by their keys, each by its number.
    """

    file: str
    sheet: str | None
    letters: Mapping[str, str]
    called: Mapping[int, str] = field(default_factory=dict)

    def problem(self, dataset: Dataset, row: int, name: str, ja: str, en: str) -> Problem:
        """What is wrong with a row at a column; one that is not on the sheet is called by its name."""
        sheet, header = self.called.get(row, self.sheet), dataset.column(name).header
        return Problem(self.file, sheet, row, self.letters.get(name, name), header, ja, en)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do; nothing has been written yet."""

    dataset: Dataset
    name: str
    content: bytes
    sheet: str | None
    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    unchanged: int
    problems: tuple[Problem, ...]
    where: Where
    notes: tuple[Problem, ...] = ()  # what is told of rows that are taken all the same
    act: str | None = None  # what is done to rows that are there already

    def row(self, entry: Entry) -> dict[str, Any]:
        """What an entry says, typed."""
        return typed_row(self.dataset.columns, entry.values)

    @property
    def digest(self) -> Digest:
        """SHA-256 of the bytes that the rows were read from."""
        return Digest(sha256(self.content).hexdigest())


def plan(
    store: Store,
    dataset: Dataset,
    path: Path,
    keys: Keys,
    by: str | None = None,
    *,
    companies: Collection[str] = (),
    as_of: date = LONG_AGO,
    zone: ZoneInfo = TOKYO,
    encoding: Encoding | None = None,
    behind: Callable[[Sent], Sent] = as_it_stands,
    hidden: Hidden = lambda _: False,
) -> Plan:
    """Read a file and compare it with the register: the dry run. ConfigError when the file cannot be used at all.

    ``as_of`` is the first day on which new rows without a 有効開始日 hold; by default they always did, as a record does
    that is entered late. ``by`` is who will enter it: he approves none of it. ``companies`` are the codes that may
    stand in the sheet; none given: any. ``behind`` says what a row means (:mod:`registers.handed_out`), ``hidden`` of
    which rows nobody is to learn: whatever stands in the place of one, the answer is the same.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: 読めません / cannot be read: {error.strerror}") from error
    told = stream(form(dataset), content, path.name, Border(keys, zone, frozenset(companies), behind), encoding)
    return _Comparing(store, dataset, keys, by, as_of, hidden).plan(told, path.name, content)


def plan_rows(
    store: Store,
    dataset: Dataset,
    rows: Iterable[Mapping[str, object]],
    keys: Keys,
    by: str | None = None,
    *,
    companies: Collection[str] = (),
    as_of: date = LONG_AGO,
    zone: ZoneInfo = TOKYO,
) -> Plan:
    """The same for rows that a program hands in (portal, calendar); their JSON lines are the object in the vault."""
    reading = read_rows(form(dataset), rows, Border(keys, zone, frozenset(companies)))
    told = ({name: kept(value) for name, value in line.values.items()} for line in reading.lines)
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in told)
    comparing = _Comparing(store, dataset, keys, by, as_of)
    return comparing.plan(reading.stream, f"{dataset.name}.jsonl", "".join(lines).encode())


def apply(
    plan: Plan,
    store: Store,
    vault: Vault,
    keys: Keys,
    *,
    by: str,
    reason: str,
    beside: Callable[[Transaction], None] = lambda _: None,
) -> int:
    """Write what was planned, in one transaction, and tell how many versions were added; 0 writes nothing at all.

    ``by`` is the person's key or worker number. ConfigError when somebody edited one of these rows since the plan.
    ``beside`` writes what belongs to it in the same transaction, or raises, and nothing is written.
    """
    entries = plan.added + plan.changed
    if not entries:
        return 0
    if not by.strip() or not reason.strip():
        raise ConfigError("記入者と理由を入力してください / say who enters this (by) and why (reason)")
    editor = person(keys, by)
    stored = vault.put(io.BytesIO(plan.content))
    with store.write() as tx:
        _refuse_if_moved(tx, plan)
        salt = secrets.token_bytes(SALT_SIZE)
        tx.objects.add(_object(plan, stored, salt, edition=tx.at.isoformat()))
        versions = partial(_versions, plan, stored.digest, editor, reason.strip())
        tx.registers.add_all(versions())
        tx.rejects.add_all([_rejected(problem, stored.digest) for problem in plan.problems])
        sheet = commitment(salt, bytes.fromhex(stored.digest)).hex()
        _tell_ledger(tx, plan, sheet, bound(versions(), salt), editor, keys)
        beside(tx)
    return len(entries)


def person(keys: Keys, by: str) -> str:
    """The key of the person who has this key or worker number."""
    return person_key(by.strip(), lambda number: keys.person(WORKER_NUMBER, number))


class _Comparing:
    """What rows that were read mean beside what a register says already."""

    def __init__(
        self, store: Store, dataset: Dataset, keys: Keys, by: str | None, as_of: date, hidden: Hidden = lambda _: False
    ) -> None:
        self.dataset, self.keys, self.as_of, self.hidden = dataset, keys, as_of, hidden
        self.by = person(keys, by) if by and by.strip() else None
        with store.read() as tx:
            known = tx.registers.entered(tx.last_at, dataset.name) if tx.last_at else ()
            self.versions = by_key(replace(one, values=_told(dataset, one.values)) for one in known)

    def plan(self, stream: Stream, name: str, content: bytes) -> Plan:
        added, changed, unchanged = list[Entry](), list[Entry](), 0
        problems, where = list[Problem](), Where(stream.file, stream.sheet, stream.letters)
        for told in stream.told:
            if isinstance(told, Problem):
                problems.append(told)
                continue
            try:
                entry = self._entry(told, stream.seen)
            except Refusal as found:
                problems.append(where.problem(self.dataset, told.row, found.column, found.ja, found.en))
                continue
            if entry is None:
                unchanged += 1
            else:
                (changed if entry.before else added).append(entry)
        sheet = None if stream.file == PROGRAM else stream.sheet
        return Plan(self.dataset, name, content, sheet, tuple(added), tuple(changed), unchanged, tuple(problems), where)

    def _entry(self, line: Line, seen: Seen | None) -> Entry | None:
        """The version that a line adds; None when the register says so already, or is to say so once it is approved."""
        versions = self.versions.get(line.key, [])
        if versions and self.hidden(versions[-1].values):
            raise Refusal(self.dataset.key[0], *ELSEWHERE)
        entry = self._said(line, versions)
        if entry is None:
            return None
        held, newest = in_force(self.dataset, versions), versions[-1] if versions else None
        if seen and newest:
            known = [one for one in versions if one.entered_at and one.entered_at <= seen.at]
            shown = holding(self.dataset, known, seen.on)
            if not (newest is shown or self._is_ours(newest) or (newest in known and gone(self.dataset, newest))):
                if shown and self._said(line, [shown]) is None:
                    return None  # nobody wrote anything into it
                raise Refusal(self.dataset.key[0], *OVERTAKEN)
        told = settled(self.dataset, resigned(self.dataset, entry.values, newest), held, self.by, self.keys)
        return replace(entry, values=told.values, state=told.state)

    def _is_ours(self, version: RegisterVersion) -> bool:
        return self.by is not None and self.keys.of_person(version.entered_by) == self.keys.of_person(self.by)

    def _said(self, line: Line, versions: Sequence[RegisterVersion]) -> Entry | None:
        """What a line says beside the versions of its row; None when one of those that count says so."""
        held, newest = in_force(self.dataset, versions), versions[-1] if versions else None
        entry = _entry(self.dataset, line, newest, self.as_of)
        known = [one for one in (held, newest) if one is not None and not gone(self.dataset, one)]
        told = [says(complete(self.dataset, one.values), one.valid_from_on, one.valid_to_on) for one in known]
        return None if entry.says in told else entry


def says(values: Mapping[str, Any], first: date, last: date) -> dict[str, Any]:
    """What a row says: its values as kept, and the days on which they hold."""
    return {**values, SPAN[0]: first.isoformat(), SPAN[1]: last.isoformat()}


def _entry(dataset: Dataset, line: Line, before: RegisterVersion | None, as_of: date) -> Entry:
    old = complete(dataset, before.values if before else {})
    values = _told(dataset, old | {name: kept(value) for name, value in line.values.items() if name in old})
    first = _day(line.values.get(SPAN[0])) or (before.valid_from_on if before else as_of)
    last = _day(line.values.get(SPAN[1])) or (before.valid_to_on if before else OPEN_END)
    if before is None:
        return Entry(line.key, 1, values, first, last, line.row)
    old = says(old, before.valid_from_on, before.valid_to_on)
    return Entry(line.key, before.version + 1, values, first, last, line.row, old)


def _told(dataset: Dataset, values: Mapping[str, Any]) -> "_Told":
    return _Told(_places(dataset), complete(dataset, values).values())


class _Told(Mapping[str, Kept]):
    """The values of a row by column, as their JSON: a plan holds all rows, as objects they take thrice that."""

    __slots__ = ("_json", "_places")

    def __init__(self, places: Mapping[str, int], values: Iterable[Kept]) -> None:
        self._places, self._json = places, json.dumps([*values], ensure_ascii=False).encode()

    def __getitem__(self, column: str) -> Kept:
        return _read(self._json)[self._places[column]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@lru_cache(maxsize=1)  # whoever asks for one value of a row asks for all of them
def _read(values: bytes) -> list[Kept]:
    told: list[Kept] = json.loads(values)
    return told


@cache
def _places(dataset: Dataset) -> Mapping[str, int]:
    return {column.name: place for place, column in enumerate(dataset.columns)}


def _day(value: Value) -> date | None:
    return value if isinstance(value, date) else None


def _refuse_if_moved(tx: Transaction, plan: Plan) -> None:
    now = {version.key: version.version for version in tx.registers.visible(tx.at, plan.dataset.name)}
    if any(now.get(entry.key, 0) != entry.version - 1 for entry in plan.added + plan.changed):
        raise ConfigError(
            f"{plan.dataset.title_ja}: 確認の後に他の人が更新しました。もう一度取り込んでください / "
            f"{plan.dataset.name} was edited since this plan was made; run the import again"
        )


def _object(plan: Plan, stored: StoredObject, salt: bytes, edition: str) -> FetchedObject:
    return FetchedObject(
        digest=stored.digest,
        size=stored.size,
        source=source_of(plan.dataset.name),
        run_id=run_id(stored.digest),
        name=plan.name,
        modified=None,
        version=edition,  # the same sheet may be imported again after other edits: that is another act
        origin=f"import:{plan.name}",
        how="import",
        salt=salt.hex(),
        key_id=stored.key_id,
    )


def version_of(plan: Plan, entry: Entry, digest: Digest, editor: str, reason: str) -> RegisterVersion:
    """One entry of a plan as the version that it adds."""
    return RegisterVersion(
        register=plan.dataset.name,
        key=entry.key,
        version=entry.version,
        values=entry.values,
        valid_from_on=entry.valid_from_on,
        valid_to_on=entry.valid_to_on,
        entered_by=editor,
        reason=reason,
        object=digest,
        part=plan.sheet,
        line=entry.line,
        state=entry.state,
    )


def _rejected(problem: Problem, digest: Digest) -> Rejected:
    return Rejected(run_id(digest), digest, problem.sheet, problem.row, problem.column, problem.en)


def _versions(plan: Plan, digest: Digest, editor: str, reason: str) -> Iterator[RegisterVersion]:
    return (version_of(plan, entry, digest, editor, reason) for entry in (*plan.added, *plan.changed))


def _tell_ledger(tx: Transaction, plan: Plan, sheet: str, versions: str, editor: str, keys: Keys) -> None:
    """One entry for each company concerned; rows that belong to no single company are the group's.

    It has commitments to the ``sheet`` as it came and to the ``versions`` that were made of it.
    """
    counts: dict[str | None, list[int]] = {}
    for place, entries in enumerate((plan.added, plan.changed)):
        for entry in entries:
            counts.setdefault(entry.values.get("company"), [0, 0])[place] += 1
    for company, (added, changed) in sorted(counts.items(), key=lambda one: one[0] or ""):
        told = {
            "kind": EDITED,
            "actor": pseudonym(keys.secret, company or "", editor),
            "register": plan.dataset.name,
            "commitments": [sheet],
            "versions": versions,
            "added": added,
            "changed": changed,
            "rejected": len(plan.problems),
        } | ({"act": plan.act} if plan.act else {})
        claim = f"{EDITED}|{plan.dataset.name}|{company or ''}|{tx.at.isoformat()}"
        tx.ledger.append(log_of(company) if company else GROUP, told, claim)
