"""Judge every control of an unpacked pack again, by the facts and definitions in it, and tell what comes out otherwise.

The engine is ours; nothing else is: not the installed catalogue, no store, no network. A definition is read, and
refused, as any catalogue is.
"""

import csv
import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

from controls.assess import Company, assess, judged_members
from controls.columns import ROW_REF
from controls.decided import Decided
from controls.definition import canonical
from controls.engine import run
from controls.loader import Catalogue, load_for_judging
from controls.model import Assessment, Control, ControlId
from controls.population import Population
from controls.record import judgement_row
from evidence.errors import TenkenError
from evidence.facts.carried import window_over
from evidence.facts.look import RUNS
from evidence.facts.window import Window
from evidence.ledger import JUDGED
from evidence.period import Period
from reports.pack import rebuild
from reports.pack.facts import FOLDER, OwnMembers, carried, folder_of
from reports.pack.payload import SHOWN
from reports.pack.recorded import unmasked
from reports.pack.tables import csv_of

TOLD = 20  # members that are named of one control
COMPARED = ("verdict", "reason", "population", "departments", "parameters", "control_digest", "cause")
BROKEN = (
    TenkenError, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
    csv.Error, duckdb.Error, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bag:
    """An unpacked pack, and what it says it is about."""

    folder: Path
    company: Company
    period: Period
    raw: bool
    controls: tuple[str, ...]

    @staticmethod
    def read(folder: Path) -> "Bag":
        """The pack in a folder; any error when it does not say."""
        scope, settings = (
            json.loads((folder / path).read_bytes()) for path in ("scope.json", f"{_CONFIG}/settings.json")
        )
        if (code := settings["company"]["code"]) != scope["company"]:
            raise ValueError(f"settings.json is of {code}, scope.json of {scope['company']}")
        since, as_of = (date.fromisoformat(scope[name]) for name in ("since", "as_of"))
        company = Company(code, settings["company"]["tolerance_percent"])
        return Bag(folder, company, Period(since, as_of, settings["zone"]), scope["raw"], tuple(scope["controls"]))

    def result(self, control: str) -> Any:
        """What the pack shows of a control's judgement."""
        return json.loads((self.folder / f"data/03_results/{control}.json").read_bytes())

    def members(self, control: str) -> "Counter[tuple[str, ...]]":
        """What it shows of its population."""
        return _rows((self.folder / f"data/04_populations/{control}.csv").read_bytes())


_CONFIG = "data/10_config"


def differences(folder: Path, told: Callable[[str], None] = lambda _: None) -> Iterator[str]:
    """What comes out otherwise when all controls of a pack are judged again, by control and member; in a raw pack also
    which facts say another thing than its objects do. ``told`` is what could be compared."""
    try:
        bag = Bag.read(folder)
        catalogue, recorded = load_for_judging(folder / _CONFIG / "catalogue"), _recorded(bag)
    except BROKEN as error:
        yield f"the pack cannot be judged again 再実施できません: {_first_line(error)}"
        return
    shown = {path.stem for path in (folder / "data/03_results").glob("*.json")}
    for odd in sorted(shown ^ set(bag.controls)):
        yield f"{odd}: a result without its control in scope.json, or the other way round"
    try:
        yield from _unfounded(bag)
    except BROKEN as error:
        yield f"{FOLDER}: cannot be read: {_first_line(error)}"
    if bag.raw:
        try:
            yield from rebuild.differences(folder, bag.company.code, bag.period, _moments(bag, catalogue), told)
        except BROKEN as error:
            yield f"{FOLDER}: cannot be compared with the objects 再構築できません: {_first_line(error)}"
    seen = cache(partial(_known, bag))
    for control in bag.controls:
        try:
            yield from (f"{control}: {what}" for what in _of_control(bag, catalogue, recorded[control], seen, control))
        except BROKEN as error:
            yield f"{control}: cannot be judged again 再実施できません: {_first_line(error)}"


def _unfounded(bag: Bag) -> Iterator[str]:
    """Facts about the company that come from no object that its ledger commits to: nobody collected them."""
    lines = (bag.folder / "data/11_custody/objects.jsonl").read_bytes().split(b"\n")
    held = {json.loads(line)["sha256"] for line in lines if line}
    for path in sorted((bag.folder / "data" / FOLDER).glob("*/*.parquet")):
        if path.stem == RUNS or not {"company", ROW_REF} <= set(pq.read_schema(path).names):
            continue  # of its own runs tenken tells itself; of what is nobody's, the log of the group
        rows = pq.read_table(path, columns=["company", ROW_REF])
        mine = rows.filter(pc.equal(rows["company"], bag.company.code))[ROW_REF]
        if odd := set(pc.utf8_slice_codeunits(mine, 0, 64).unique().to_pylist()) - held:
            yield f"{FOLDER}: {path.stem}: rows of {len(odd)} objects that the ledger does not commit to 出所のない事実"


def _moments(bag: Bag, catalogue: Catalogue) -> dict[datetime, Mapping[str, date]]:
    """The moments at which controls were judged, and from which day on their facts are carried."""
    found = defaultdict[datetime, list[Control]](list)
    for name in bag.controls:
        found[datetime.fromisoformat(bag.result(name)["known_at"])].append(catalogue.control(ControlId(name)))
    return {moment: carried(controls, bag.period.since).first for moment, controls in found.items()}


def _known(bag: Bag, moment: str) -> tuple[Window, Decided]:
    """What was known at a moment, and what people had decided by then."""
    known_at = datetime.fromisoformat(moment)
    window = window_over(bag.folder / "data" / folder_of(known_at), bag.company.code, bag.period, known_at)
    return window, Decided.shown(window)


def _of_control(
    bag: Bag, catalogue: Catalogue, entry: Any, seen: Callable[[str], tuple[Window, Decided]], name: str
) -> Iterator[str]:
    shown = bag.result(name)
    window, decided = seen(shown["known_at"])
    [variant] = decided.variants(catalogue.control(name), [bag.company.code])
    control, own = variant.control, OwnMembers(window, bag.company.code, bag.period)
    tested = variant.fault or run(control, own)
    yield from _of_definition(bag, control, entry["digests"][name][0])
    if _erred(shown) and entry["verdicts"][name] == [shown["verdict"], 0, 0]:
        return  # the test failed over the whole group: over one company's facts it may run
    [judged] = assess(control, window, [bag.company], decided, tested)
    yield from _of_result(bag, judged, shown, entry["verdicts"][name])
    yield from _of_members(judged_members(judged, tested), bag.members(name))


def _erred(shown: Any) -> bool:
    """Whether a test could not answer when it was judged: nothing is proven then, and nothing passed."""
    return bool(shown["verdict"] == "unverified" and (shown["cause"] or "").startswith("test:"))


def _of_definition(bag: Bag, control: Control, recorded: str) -> Iterator[str]:
    held = (bag.folder / f"{_CONFIG}/controls/{control.id}.json").read_bytes()
    if held != canonical(control):
        yield "the definition is not the catalogue's with the thresholds of the registers 定義・判定値が相違"
    if {hashlib.sha256(held).hexdigest(), control.digest} != {recorded}:
        yield "the definition is not the one that the ledger recorded when it was judged 台帳の定義と相違"


def _of_result(bag: Bag, judged: Assessment, shown: Any, recorded: Any) -> Iterator[str]:
    again: Any = judgement_row(judged).body
    for name in (*COMPARED, *(["population_digest"] if bag.raw else [])):
        if again[name] != shown[name]:
            yield f"{name}: shown {_short(shown[name])}, judged again {_short(again[name])}"
    counted = [judged.verdict.value, judged.population, len(judged.deviations)]
    if counted != recorded:
        yield f"the ledger recorded {_short(recorded)}, judged again {_short(counted)}"
    told = ("department", "waiver")  # what else a test says of it may rest on rows of others, or on the order of keys
    ours, theirs = ({_named(one): one for one in result["deviations"]} for result in (again, shown))
    if len(theirs) != len(shown["deviations"]):
        yield "a deviation is shown twice"
    for key in sorted(ours.keys() | theirs.keys())[:TOLD]:
        if key not in theirs:
            yield f"{' '.join(key)}: deviates, and is not shown 例外の欠落"
        elif key not in ours:
            yield f"{' '.join(key)}: is shown as a deviation, and does not deviate 根拠のない例外"
        elif odd := [name for name in told if ours[key][name] != theirs[key].get(name)]:
            yield f"{' '.join(key)}: {', '.join(odd)} of the deviation differ 例外の内容が相違"


def _of_members(judged: Population, shown: "Counter[tuple[str, ...]]") -> Iterator[str]:
    again = _rows(csv_of(judged.rows.select(SHOWN), unmasked))
    lacking, more = (
        "is not shown as the member that it is 母集団の欠落・相違",
        "is shown, and no such member 根拠のない対象",
    )
    for what, odd in ((lacking, again - shown), (more, shown - again)):
        for row in sorted(odd)[:TOLD]:
            yield f"{' '.join(one for one in row[:3] if one)}: {what}"
        if len(odd) > TOLD:
            yield f"and {len(odd) - TOLD} members more"


def _recorded(bag: Bag) -> dict[str, Any]:
    """The newest entry of the ledger of a judgement of each control in the period."""
    told = [json.loads(line) for line in (bag.folder / "ledger.jsonl").read_bytes().split(b"\n") if line]
    about = [JUDGED, bag.period.since.isoformat(), bag.period.as_of.isoformat()]
    judged = [one for one in told if [one.get(name) for name in ("kind", "since", "as_of")] == about]
    newest: dict[str, Any] = {}
    for entry in sorted(judged, key=lambda one: datetime.fromisoformat(one["known_at"])):
        newest |= dict.fromkeys(entry["verdicts"], entry)
    return newest


def _named(deviation: Mapping[str, Any]) -> tuple[str, ...]:
    return (deviation["subject"], deviation["aspect"] or "", deviation["occurred_on"] or "")


def _rows(content: bytes) -> "Counter[tuple[str, ...]]":
    read = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    if next(read, None) != SHOWN:
        raise ValueError(f"the columns of a population are {', '.join(SHOWN)}")
    return Counter(map(tuple, read))


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:160]


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:300]}"
