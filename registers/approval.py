"""Four eyes: how far a row has come that somebody writes down, and who may bring it further (承認, 差戻し).

Who wrote a row never signs it, under no number or account of theirs. What is approved stays as it was approved: other
content is another version of the thing where its key has one, else it waits for new signatures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from evidence.datasets import PENDING, Approval, Dataset, State
from evidence.errors import ConfigError
from evidence.persons import Keys
from evidence.store.values import RegisterVersion
from registers.cells import Unreadable

Values = Mapping[str, Any]  # as kept: JSON


class Act(StrEnum):
    """What is done to a row that waits, or that holds."""

    SUBMIT = "submit"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    RETIRE = "retire"
    CONFIRM = "confirm"


FROM = {
    Act.SUBMIT: frozenset({State.DRAFT, State.SENT_BACK}),
    Act.SEND_BACK: frozenset({State.SUBMITTED}),
    Act.APPROVE: frozenset({State.SUBMITTED}),
    Act.RETIRE: frozenset({State.APPROVED}),
    Act.CONFIRM: frozenset({State.APPROVED}),
}
BY_ANOTHER = frozenset({Act.APPROVE, Act.RETIRE})
STATES_JA = {
    State.DRAFT: "下書",
    State.SUBMITTED: "申請中",
    State.SENT_BACK: "差戻し",
    State.APPROVED: "承認済み",
    State.RETIRED: "廃止",
}
WHY = {
    "own": Unreadable("作成者・記入者は承認・廃止できません", "is who wrote the row; that is for another person"),
    "unsigned": Unreadable("承認済みの行に署名がありません", "lacks a signature that an approved row has"),
    "changed": Unreadable(
        "承認済みの行は変更できません。新しい版の行を追加してください",
        "was approved and cannot be changed; add a row of a new version",
    ),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What a row comes to: its state and its values, signatures that are not of this content taken off."""

    state: State
    values: Values


class Refusal(Exception):
    """Why a row may not be written so, and at which column, in both languages."""

    def __init__(self, column: str, ja: str, en: str) -> None:
        super().__init__(f"{ja} / {en}")
        self.column, self.ja, self.en = column, ja, en


class Forbidden(Refusal):
    """What signatures forbid; with the register's own rule, where it has one for that."""

    def __init__(self, approval: Approval, column: str, what: str) -> None:
        why, rule = WHY[what], dict(approval.rules).get(what)
        super().__init__(column, f"{rule}: {why.ja}" if rule else why.ja, why.en)


def in_force(dataset: Dataset, versions: Sequence[RegisterVersion]) -> RegisterVersion | None:
    """Which of a row's versions, oldest first, is the row; None when it is none yet, or no more."""
    holding = [version for version in versions if version.state not in PENDING]
    told = holding or (versions if dataset.shows_pending else [])
    return None if not told or gone(dataset, told[-1]) else told[-1]


def gone(dataset: Dataset, version: RegisterVersion) -> bool:
    """Whether the row is no more with this version: retired, where no column tells so."""
    return version.state == State.RETIRED and not dataset.shows_retired


def settled(dataset: Dataset, values: Values, held: RegisterVersion | None, by: str | None, keys: Keys) -> Settled:
    """What a row comes to that ``by`` writes down (None: not known yet) over the one that is ``held``.

    Forbidden when it is approved by whom it may not be, or would change what was approved.
    """
    approval = dataset.approval
    if approval is None:
        return Settled(State.APPROVED, values)
    state = _told(approval, values)
    if held is not None and held.state == State.APPROVED:
        now, before = _content(dataset, values), _content(dataset, held.values)
        same = now == before
        if approval.status is not None and (state in PENDING or not same):
            changed = next((name for name in now if now[name] != before[name]), approval.status)
            raise Forbidden(approval, changed, "changed")
        if approval.status is not None and state is State.RETIRED and _wrote(approval, values, by, keys):
            raise Forbidden(approval, approval.status, "own")
        if _signatures(approval, values) == _signatures(approval, held.values):
            if same:
                return Settled(state, values)
            state = State.DRAFT  # these signatures are of other content
            values = unsigned(approval, values)
    if state in (State.SUBMITTED, State.APPROVED):
        _check_signatures(approval, values, by, keys, complete=state is State.APPROVED)
    return Settled(state, values)


def resigned(dataset: Dataset, values: Values, newest: RegisterVersion | None) -> Values:
    """The values without signatures of other content: of a row that waits, or was ended, and is written anew."""
    approval = dataset.approval
    if approval is None or newest is None or newest.state == State.APPROVED:
        return values
    same = _content(dataset, values) == _content(dataset, newest.values)
    if _signatures(approval, values) != _signatures(approval, newest.values) or (same and newest.state in PENDING):
        return values
    return unsigned(approval, values)


def acted(
    dataset: Dataset, act: Act, versions: Sequence[RegisterVersion], by: str, on: date, due: date | None, keys: Keys
) -> Settled:
    """What the newest version of a row becomes by an act; ConfigError when it is not its turn, or not ``by``'s."""
    approval, newest = dataset.approval, versions[-1]
    if act is Act.RETIRE:  # whatever waits over it
        newest = in_force(dataset, versions) or newest
    if newest.state not in FROM[act]:
        told = STATES_JA[State(newest.state)]
        raise ConfigError(f"{told}の行にはできません / cannot {act.value} a row that is {newest.state}")
    if approval is None:
        return Settled(State.RETIRED, newest.values)
    if act in BY_ANOTHER and keys.of_person(by) in _writers(dataset, approval, versions, keys):
        raise ConfigError(str(WHY["own"]))
    match act:
        case Act.SUBMIT:
            return _with(approval, State.SUBMITTED, unsigned(approval, newest.values))
        case Act.SEND_BACK:
            return _with(approval, State.SENT_BACK, unsigned(approval, newest.values))
        case Act.APPROVE:
            return _signed(dataset, approval, newest.values, by, on, due)
        case Act.RETIRE:
            return _with(approval, State.RETIRED, newest.values)
        case Act.CONFIRM:
            return Settled(State.APPROVED, {**newest.values, **_confirmed(dataset, approval, by, on, due)})


def _confirmed(dataset: Dataset, approval: Approval, by: str, on: date, due: date | None) -> dict[str, Any]:
    told = approval.confirmation
    if told is None:
        raise ConfigError(f"{dataset.title_ja}: 定期確認のない台帳です / {dataset.name} has no rows to confirm")
    return {told.by: by, told.on: on.isoformat(), told.due: due.isoformat() if due else None}


def complete(dataset: Dataset, values: Values) -> dict[str, Any]:
    """The values with the columns that were declared after they were entered: of those they say nothing."""
    return {one.name: values.get(one.name, [] if one.type == "list" else None) for one in dataset.columns}


def unsigned(approval: Approval, values: Values) -> Values:
    """The values without anybody's signature."""
    return {name: None if name in approval.signed_columns else value for name, value in values.items()}


def _told(approval: Approval, values: Values) -> State:
    """The state that a sheet tells: by the status, else by the signatures."""
    if approval.status is None:
        return State.APPROVED if all(values.get(one.by) for one in approval.signatures) else State.DRAFT
    codes = {code: state for state, code in reversed(approval.states)}  # of two states with one word, the first
    return codes.get(str(values.get(approval.status)), State.DRAFT)


def _wrote(approval: Approval, values: Values, by: str | None, keys: Keys) -> bool:
    """Whether ``by`` is the author that a row names; where none is named as author, who brings it in is."""
    author = values.get(approval.author) if approval.author else by
    return by is not None and author is not None and keys.of_person(by) == keys.of_person(str(author))


def _check_signatures(approval: Approval, values: Values, by: str | None, keys: Keys, *, complete: bool) -> None:
    # A sheet may be brought in by whom it names as signer; where none is named as author, who brings it in is.
    author = values.get(approval.author) if approval.author else by
    writers = {keys.of_person(str(author))} if author else set()
    for one in approval.signatures:
        if values.get(one.by) and keys.of_person(str(values[one.by])) in writers:
            raise Forbidden(approval, one.by, "own")
        for name in (one.by, one.on):
            if complete and name and not values.get(name):
                raise Forbidden(approval, name, "unsigned")


def _signed(dataset: Dataset, approval: Approval, values: Values, by: str, on: date, due: date | None) -> Settled:
    """The next signature; the last one approves, and the first signer then has confirmed what nobody had before."""
    missing = [one for one in approval.signatures if not values.get(one.by)] or [approval.signatures[-1]]
    signed = {**values, missing[0].by: by} | ({missing[0].on: on.isoformat()} if missing[0].on else {})
    if len(missing) > 1:
        return _with(approval, State.SUBMITTED, signed)
    if approval.confirmation and not signed.get(approval.confirmation.on):
        signed |= _confirmed(dataset, approval, str(signed[approval.signatures[0].by]), on, due)
    return _with(approval, State.APPROVED, signed)


def _with(approval: Approval, state: State, values: Values) -> Settled:
    shown = {approval.status: dict(approval.states)[state]} if approval.status else {}
    return Settled(state, {**values, **shown})


def _writers(dataset: Dataset, approval: Approval, versions: Sequence[RegisterVersion], keys: Keys) -> set[str]:
    """The author that the row names, and whoever had a hand in its content since other content was approved."""
    now = _content(dataset, versions[-1].values)
    contents = [_content(dataset, version.values) for version in versions]
    other = [n for n, one in enumerate(versions) if one.state not in PENDING and contents[n] != now]
    first = other[-1] + 1 if other else 0
    changed = [n for n in range(first, len(versions)) if n == 0 or contents[n] != contents[n - 1]]
    author = versions[-1].values.get(approval.author) if approval.author else None
    return {keys.of_person(str(key)) for key in (author, *(versions[n].entered_by for n in changed)) if key}


def _content(dataset: Dataset, values: Values) -> dict[str, Any]:
    """What is signed: not the signatures, nor the state, nor what may change freely."""
    approval = dataset.approval
    other = {*approval.signed_columns, approval.status, *approval.free_columns} if approval else set()
    return {name: value for name, value in complete(dataset, values).items() if name not in other}


def _signatures(approval: Approval, values: Values) -> dict[str, Any]:
    return {name: values.get(name) for name in approval.signed_columns}
