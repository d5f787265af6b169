"""What must have become of every gap, by code of its own: the rules of domain.md and design.md, and the told lives.

Nothing here knows how controls, gaps, matters or escalations are made. A life says when it opens, closes and what
people do; here follow when it is due, who is told that it is late, and how it stands in the end.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from demo.days import DAY
from tests.year.story import Key, Life, Step, Story
from tests.year.world import FIRST

# domain.md §1: frequency and severity of each control of this year
CONTROLS = {
    "POL-01": ("annual", "high"), "ORG-1-01": ("monthly", "high"), "ORG-1-02": ("monthly", "medium"),
    "ORG-1-04": ("half_yearly", "medium"), "ORG-2-01": ("daily", "critical"), "ORG-2-04": ("daily", "critical"),
    "ORG-3-01": ("annual", "high"), "ORG-5-04": ("daily", "high"),
    "HUM-01": ("monthly", "high"), "HUM-02": ("daily", "high"), "HUM-03": ("daily", "critical"),
    "HUM-05": ("monthly", "high"), "HUM-06": ("daily", "critical"), "PHY-1-01": ("quarterly", "medium"),
    "PHY-2-02": ("daily", "critical"), "PHY-2-03": ("weekly", "high"), "PHY-3-01": ("daily", "critical"),
    "PHY-4-01": ("daily", "critical"), "TEC-1-03": ("daily", "critical"), "TEC-2-01": ("daily", "high"),
    "TEC-2-02": ("daily", "high"), "TEC-2-03": ("monthly", "medium"), "TEC-3-01": ("daily", "high"),
    "TEC-3-02": ("weekly", "high"), "TEC-4-05": ("daily", "critical"), "VEN-01": ("monthly", "high"),
    "VEN-02": ("daily", "critical"), "VEN-04": ("monthly", "high"), "VEN-05": ("daily", "high"),
    "SCHEDULE": ("event", "high"),
}  # fmt: skip
DUE_DAYS = {"critical": 7, "high": 30, "medium": 60, "low": 90}  # domain.md §1.0
LATE = (("cpo", 7), ("representative", 30))  # who is told, days after the due day
OPENS = ("opened", "regressed")
ENDS = ("closed", "disposed")


@dataclass
class Told:
    """A gap as it must be known: each event as one line, and how it stands in the end."""

    lines: list[str] = field(default_factory=list)
    state: str = ""
    due_on: date | None = None
    escalated: int = 0
    regressions: int = 0
    clean_days: int | None = None
    closed_on: date | None = None
    open_days: frozenset[date] = frozenset()
    waived_until: date | None = None
    held: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody has to do something about it, waived or not."""
        return bool(self.state) and self.state not in ENDS


def expected(
    stories: Iterable[Story], until: date, posts: Mapping[tuple[str, str], str], down: Container[date]
) -> dict[Key, Told]:
    """Every gap as it must be on the evening of a day; ``posts``: who is chief privacy officer and representative."""
    told: dict[Key, Told] = {}
    for story in stories:
        for one in story.lives:
            gap = lived(one, until, posts, down)
            if gap.lines:
                if one.key in told:
                    raise ValueError(f"{story.name}: {one.key} is told twice")
                told[one.key] = gap
    return told


def lived(life: Life, until: date, posts: Mapping[tuple[str, str], str], down: Container[date]) -> Told:
    """One gap, day by day: what judging puts down in the morning, then who is told that it is late, then acts."""
    gap, steps = Told(), [(put_down(step), step) for step in life.steps]
    day = FIRST
    while day <= until:
        for when, step in steps:
            if when == day and not is_act(step):
                _after(gap, step, life)
        if day not in down:
            _escalate(gap, day, life, posts)
        for when, step in steps:
            if when == day and is_act(step):
                _after(gap, step, life)
        day += DAY
    return gap


def put_down(step: Step) -> date:
    """The day on which a step is recorded: a judgement on the morning after its day, an act at once."""
    return step.put_down or (step.as_of if is_act(step) else step.as_of + DAY)


def is_act(step: Step) -> bool:
    """Whether a person did it, not a judgement."""
    return step.kind in (
        "acknowledged",
        "assigned",
        "planned",
        "corrected",
        "disposed",
        "waived",
        "unwaived",
        "released",
        "taken_up",
    )


def _after(gap: Told, step: Step, life: Life) -> None:
    line = f"{step.as_of} {step.kind}"
    if step.day:
        line += f" of {step.day}"
    control = life.key[0]
    if step.kind in OPENS:
        days = DUE_DAYS[CONTROLS[control][1]]
        gap.regressions += step.kind == "regressed"
        gap.state, gap.closed_on, gap.escalated, gap.open_days = "open", None, 0, frozenset()
        gap.due_on = put_down(step) + timedelta(days=days)
        line += f" due {gap.due_on}"
    if step.kind in (*OPENS, "found") and step.day:
        gap.open_days |= {step.day}
    if step.kind == "gone" and step.day:
        gap.open_days -= {step.day}
    if step.kind in ENDS:
        gap.state, gap.closed_on, gap.open_days, gap.held = step.kind, step.as_of, frozenset(), False
    if step.kind in ("acknowledged", "planned", "corrected"):
        gap.state = step.kind
    if step.kind == "refuted":
        gap.state = "open"
    if step.kind == "waived":
        gap.waived_until = date.fromisoformat(step.told)
    if step.kind == "unwaived":
        gap.waived_until = None
    if step.kind == "regressed":
        gap.clean_days = int(step.told.split()[0])
    if step.told == "mass":
        gap.held = True
    if step.kind == "released":
        gap.held = False
    told = step.told.partition(" clean")[2].strip() if step.kind == "regressed" else step.told
    gap.lines.append(f"{line} {told}".rstrip())


def _escalate(gap: Told, day: date, life: Life, posts: Mapping[tuple[str, str], str]) -> None:
    waived = gap.waived_until is not None and day <= gap.waived_until
    if not gap.is_open or gap.held or waived or gap.due_on is None:
        return
    for role, days in LATE[gap.escalated :]:
        if (day - gap.due_on).days >= days:
            gap.escalated += 1
            gap.lines.append(f"{day} escalated to {posts[life.key[1], role]}")
