"""The home of the year: the demo's own files for it, the sources and registers of this year, and a clock that stands."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from controls.loader import Catalogue, shipped
from demo import secret_of, sources
from demo.days import DAY, at
from demo.files import Folder
from demo.write_taken_over import TAKEN_OVER
from evidence.clock import StandingClock
from evidence.datasets import register
from house import House, desk, furnish
from registers.sheets import export
from tests.year.exports import BEGAN, Exports, logs
from tests.year.world import BEFORE, SEED, World

EDITOR = "1"  # the worker number of who keeps the registers
JUDGED = (
    "POL-01", "ORG-1-01", "ORG-1-02", "ORG-1-04", "ORG-2-01", "ORG-2-04", "ORG-3-01", "ORG-5-04",
    "HUM-01", "HUM-02", "HUM-03", "HUM-05", "HUM-06", "PHY-1-01", "PHY-2-02", "PHY-2-03", "PHY-3-01", "PHY-4-01",
    "TEC-1-03", "TEC-2-01", "TEC-2-02", "TEC-2-03", "TEC-3-01", "TEC-3-02", "TEC-4-05",
    "VEN-01", "VEN-02", "VEN-04", "VEN-05",
)  # fmt: skip
"""The controls of this year: states and events, of every severity and frequency; the others stay out."""
DAILY_SOURCES = [
    "hr_roster", "hr_postings", "hr_leaves", "idp", "mdm", "lms", "badge_aoi", "badge_mid", "log_crm", "log_wms",
]  # fmt: skip
SLOW = {
    "hr_postings": 31,
    "hr_leaves": 31,
    "badge_aoi": 31,
}  # days until they are stale, for they come when they change
WEEKLY_SOURCES = ["hr_units", "cloud", "settings", "scanner", "edr", "dlp", "document_store", "old_book"]


def told(controls: Collection[str] = JUDGED) -> Catalogue:
    """The catalogue with these controls only."""
    whole = shipped()
    return replace(whole, controls=tuple(c for c in whole.controls if c.id in controls))


def built(
    folder: Path, world: World, schedule: Sequence[Mapping[str, Any]], controls: Collection[str]
) -> tuple[House, Exports]:
    """A home on the evening of the day before the year: registers entered, all that came until then in the inbox."""
    group, home = world.group, Folder(folder / "home")
    sources.write_secret(secret_of(SEED), home.path)
    sources.write(group, home)
    for path in (home.path / "sources").glob("*.yaml"):
        if path.stem not in (*DAILY_SOURCES, *WEEKLY_SOURCES):
            path.unlink()
        elif path.stem in SLOW:
            path.write_text(
                re.sub(r"max_age_days: \d+", f"max_age_days: {SLOW[path.stem]}", path.read_text("utf-8")), "utf-8"
            )
    (home.path / "schedule.yaml").write_text(json.dumps({"schedules": list(schedule), "grace_hours": 12}), "utf-8")
    house = furnish(home.path, StandingClock(at(BEFORE, 18)))
    (home.path / "inbox" / "badge_mid").mkdir(parents=True)  # it never delivers
    exports = Exports(home.under("inbox"))
    _history(world, exports)
    world.live(BEFORE)
    exports.evening(world, BEFORE)
    judged = told(controls)
    for name in sorted(registers_of(judged) & group.registers.keys()):
        enter(house, name, group.registers[name])
    house.catalogue = judged  # people answer for all controls, also for those that the year leaves out
    return house, exports


def registers_of(judged: Catalogue) -> frozenset[str]:
    """The registers that people keep: what the controls read and no source delivers, posts, and what people attest."""
    read = {name for control in judged.controls for name in control.datasets}
    return frozenset(read | {"appointments", "attestations"}) - TAKEN_OVER.keys()


def enter(house: House, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Enter rows into a register by a sheet of its own form; all of them must be taken."""
    path = house.home / "sheet.xlsx"
    path.write_bytes(export(register(name), [{k: _kept(v) for k, v in row.items()} for row in rows]))
    problems = desk.import_register(house, name, path, EDITOR, "記入").problems
    if problems:
        raise ValueError(f"{name}: {problems[0]}")


def _kept(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _history(world: World, exports: Exports) -> None:
    """The logs of the weeks before, of which the year asks nothing but that they are there."""
    for n in range((BEFORE - BEGAN).days):
        world.serve(BEGAN + n * DAY)
        for source, name, content, moment in logs(world.group, BEGAN + n * DAY):
            exports.inbox.under(source).put(name, content, moment)
