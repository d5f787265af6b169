"""Every control with each of its sources unsound, or a register unwritten: UNVERIFIED for that reason, no gap closes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pytest

from controls.assess import Company, assess
from controls.decided import Decided
from controls.gaps import fold, reconcile
from controls.loader import shipped
from controls.model import About, Control, ControlId, GapEvent, GapKind, Verdict
from controls.population import NOBODY, Population
from evidence.datasets import OWN, Kind, catalogue
from evidence.facts.feeds import Doubts, Feed
from evidence.facts.window import Window
from evidence.period import Period
from evidence.store.values import FactFile, Run

CODE, MAX_AGE_DAYS = "C1", 3
AS_OF = date(2026, 3, 31)
PERIOD = Period(date(2026, 3, 1), AS_OF)
TAKEN_AT = datetime.combine(AS_OF, time(12), UTC)
Damage = Callable[[Doubts, str], Doubts]


def sourced(control: Control) -> list[str]:
    """What machines must deliver for a control; registers are written by people, and have no source."""
    return [n for n in control.datasets if n != "source_runs" and catalogue()[n].kind is not Kind.REGISTER]


def sound(control: Control) -> Doubts:
    """All sources of a control as they should be."""
    names = sourced(control)
    runs = tuple(
        Run(f"run-{n}", f"s-{n}", CODE, n, AS_OF, "collected", True, 9, 9, 0, None, TAKEN_AT, since, AS_OF, TAKEN_AT)
        for n in names
        for since in [PERIOD.since if n in OWN else AS_OF]
    )
    files = tuple(FactFile(n, "d", n, f"s-{n}", AS_OF, f"run-{n}", 9, TAKEN_AT, True, TAKEN_AT) for n in names)
    feeds = tuple(Feed(f"s-{n}", n, (CODE,), MAX_AGE_DAYS, of_period=n in OWN) for n in names)
    return Doubts(feeds, runs, files, frozenset(run.run_id for run in runs), PERIOD)


def _runs(doubts: Doubts, name: str, **changes: object) -> Doubts:
    changed = (replace(run, **changes) if run.dataset == name else run for run in doubts.runs)  # type: ignore[arg-type]
    return replace(doubts, runs=tuple(changed))


def missing(doubts: Doubts, name: str) -> Doubts:
    return replace(doubts, feeds=tuple(feed for feed in doubts.feeds if feed.dataset != name))


def silent(doubts: Doubts, name: str) -> Doubts:
    left = tuple(run for run in doubts.runs if run.dataset != name)
    return replace(doubts, runs=left, files=tuple(file for file in doubts.files if file.dataset != name))


def failed(doubts: Doubts, name: str) -> Doubts:
    return _runs(silent_files(doubts, name), name, outcome="failed", complete=False, reason="接続できない")


def silent_files(doubts: Doubts, name: str) -> Doubts:
    return replace(doubts, files=tuple(file for file in doubts.files if file.dataset != name))


def stale(doubts: Doubts, name: str) -> Doubts:
    day = AS_OF - timedelta(days=MAX_AGE_DAYS + 1)
    old = _runs(doubts, name, slot_on=day, covers_from=day, covers_to=day, snapshot_at=TAKEN_AT - timedelta(days=4))
    files = (replace(f, snapshot_at=TAKEN_AT - timedelta(days=4)) if f.dataset == name else f for f in doubts.files)
    return replace(old, files=tuple(files))


def truncated(doubts: Doubts, name: str) -> Doubts:
    files = (replace(file, complete=False) if file.dataset == name else file for file in doubts.files)
    return replace(_runs(doubts, name, complete=False, reason="途中で終わっている"), files=tuple(files))


def unreconciled(doubts: Doubts, name: str) -> Doubts:
    told = _runs(doubts, name, complete=False, rows_reported=10, reason="末尾件数 10 に対し読取 9 行")
    files = (replace(file, complete=False) if file.dataset == name else file for file in doubts.files)
    return replace(told, files=tuple(files))


def empty(doubts: Doubts, name: str) -> Doubts:
    """A list without a row; of a log, a run that was given nothing."""
    told = _runs(doubts, name, rows=0)
    return replace(told, delivered=told.delivered - {f"run-{name}"})


SOURCED = [control for control in shipped().controls if sourced(control)]  # the others read registers alone
WAYS: tuple[Damage, ...] = (missing, silent, failed, stale, truncated, unreconciled, empty)


def written(control: Control) -> list[str]:
    """The registers that people write for a control; without a waiver nothing is excepted, and nothing is missing."""
    return [n for n in control.datasets if catalogue()[n].kind is Kind.REGISTER and n != "waivers"]


WRITTEN = [control for control in shipped().controls if written(control)]


def member(control: Control, *, conforms: bool) -> Population:
    """Somebody or something, who is the whole population of a control."""
    aspect = next((one for one in control.about if one), None)
    on = AS_OF if control.about_aspect(aspect) is About.EVENT else None
    told = {"company": CODE, "department": None, "subject": "W-2", "aspect": aspect, "occurred_on": on}
    return Population(pa.Table.from_pylist([told | {"conforms": conforms, "members": 1}], NOBODY.rows.schema))


def without(control: Control, name: str) -> Window:
    """All registers of a control with a row about the company, but for one that nobody ever wrote."""
    rows: dict[str, list[dict[str, object]]] = {other: [{}] for other in written(control) if other != name}
    seen = Window.given(rows, PERIOD, only=[*control.datasets, "attestations"])
    return replace(seen, everything_is_proven=False, doubts=sound(control))


@pytest.fixture(scope="module")
def window() -> Window:
    return replace(Window.given({}, PERIOD), everything_is_proven=False)


def why_unverified(control: Control, window: Window) -> str:
    """Why a control is unverified of whom nobody deviates. Its open gap stays, and only the doubt is added."""
    [one] = assess(control, window, [Company(CODE)], Decided(), member(control, conforms=True))
    known = GapEvent(control.id, CODE, "W-1", None, GapKind.OPENED, About.STATE, PERIOD.since)
    events = list(reconcile(fold([known], {}).values(), one, control, due_on=PERIOD.as_of))
    assert [event.subject for event in events] == ["unverified"]
    return one.reason or "" if one.verdict is Verdict.UNVERIFIED else ""


@pytest.mark.parametrize("damage", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("control", SOURCED, ids=lambda control: control.id)
def test_a_control_with_one_unsound_source_is_unverified_for_that_reason(
    control: Control, window: Window, damage: Damage
) -> None:
    told = {n: why_unverified(control, replace(window, doubts=damage(sound(control), n))) for n in sourced(control)}
    assert {n: why.startswith((f"{n}(", f"{n}:")) for n, why in told.items()} == dict.fromkeys(told, True)


@pytest.mark.parametrize("control", WRITTEN, ids=lambda control: control.id)
def test_a_control_with_one_register_that_nobody_wrote_is_unverified_for_that_reason(control: Control) -> None:
    told = {name: why_unverified(control, without(control, name)) for name in written(control)}
    assert {n: why.startswith(f"{n}: 登録簿に記入がなく") for n, why in told.items()} == dict.fromkeys(told, True)


@pytest.mark.parametrize("control", shipped().controls, ids=lambda control: control.id)
def test_control_with_every_source_sound_and_every_register_written_it_passes(control: Control) -> None:
    [one] = assess(control, without(control, ""), [Company(CODE)], Decided(), member(control, conforms=True))
    assert one.verdict is (Verdict.PASS if control.valid_from <= AS_OF else Verdict.NOT_APPLICABLE)


def test_a_register_that_nobody_wrote_hides_no_deviation(monkeypatch: pytest.MonkeyPatch) -> None:
    control = shipped().control(ControlId("TEC-3-04"))
    monkeypatch.setattr("controls.assess.prove", lambda *_: {})  # the member is made up: no row shows it
    [one] = assess(control, without(control, "triages"), [Company(CODE)], Decided(), member(control, conforms=False))
    assert (one.verdict, len(one.deviations)) == (Verdict.FAIL, 1)
