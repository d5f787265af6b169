"""When what is judged in the year, what cannot be believed then, and what the coverage calendar must say of it.

Worked out from the schedule of the year, the ages that evidence may have, and what the history says of sources and the
scheduler; nothing here knows how the product does it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from controls.loader import shipped
from demo.days import DAY, at, open_days_after
from tests.year.expected import CONTROLS
from tests.year.story import Life, Step
from tests.year.world import FIRST, LAST

CLOSES = 5  # on this business day of a month, what ended before it is judged again and closed
SELDOM = ("quarterly", "half_yearly", "annual")
QUARTERS = (1, 4, 7, 10)
ASKED = {"POL-01": "monthly"}  # it is about an event too: whether there was one is asked each month
DAILY = {"hr_roster": 4, "idp": 4, "mdm": 4, "badge_mid": 4, "log_crm": 2, "log_wms": 2}
"""Days after which the evidence of a source proves nothing; the other sources are never so old in this year."""
DELIVERS: Mapping[str, Mapping[str, str | None]] = {  # dataset → its sources, with the company that each tells of where it is one only
    "workers": {"hr_roster": None}, "accounts": {"idp": None}, "account_owners": {"idp": None}, "devices": {"mdm": None},
    "badge_rights": {"badge_aoi": "AOI", "badge_mid": "MID"},
    "access_events": {"log_crm": "AOI", "log_wms": "MID"},
    "log_segments": {"log_crm": "AOI", "log_wms": "MID"},
}  # fmt: skip
Silences = Mapping[str, tuple[date, date]]  # source → first and last day without an export


@dataclass(frozen=True, slots=True)
class Judging:
    """One judging of some controls as of a day, and when it is made."""

    made_at: datetime
    as_of: date
    frequencies: frozenset[str]  # empty: all of them
    months: int = 0  # that are closed; none: as many days as late news is judged again for

    @property
    def since(self) -> date:
        """The first day of the judged period."""
        year, month = divmod(self.as_of.year * 12 + self.as_of.month - self.months, 12)
        return date(year, month + 1, 1) if self.months else self.as_of - 44 * DAY

    def judges(self, control: str) -> bool:
        """Whether a control is judged then."""
        return not self.frequencies or CONTROLS[control][0] in self.frequencies


def judgings(until: date, down: Sequence[date]) -> Iterator[Judging]:
    """All of them, in order, until the evening of a day; what was missed meanwhile is made up for its newest day."""
    missed: list[date] = []
    day = FIRST
    while day <= until:
        if day in down:
            missed.append(day)
        else:
            for slot in missed:
                yield from _of_slot(slot, at(day, 5, 30), newest=slot == missed[-1])
            missed = []
            yield from _of_slot(day, None, newest=True)
            if day == open_days_after(day.replace(day=1) - DAY, CLOSES):
                over = (day.month - FIRST.month) % 12 or 12  # months of a fiscal year
                for months in (1, 3, 6, 12):
                    if over % months == 0:
                        yield Judging(at(day, 8), day.replace(day=1) - DAY, frozenset(), months)
        day += DAY


def _of_slot(slot: date, made_at: datetime | None, *, newest: bool) -> Iterator[Judging]:
    """What is due on a day; of what is due each day only the newest is made up."""
    as_of = slot - DAY
    if newest:
        yield Judging(made_at or at(slot, 7), as_of, frozenset({"daily"}))
    if slot.weekday() == 0:
        yield Judging(made_at or at(slot, 7, 5), as_of, frozenset({"weekly"}))
    if slot.day == 1:
        yield Judging(made_at or at(slot, 7, 10), as_of, frozenset({"monthly"}))
        if slot.month in QUARTERS:
            yield Judging(made_at or at(slot, 7, 15), as_of, frozenset(SELDOM))


def reads(control: str) -> Sequence[str]:
    """The datasets that a control reads, as its definition names them."""
    return shipped().control(control).datasets


def blamed(control: str, company: str, as_of: date, silences: Silences, never: str) -> str | None:
    """The first source because of which nothing can be judged."""
    for dataset in reads(control):
        for source, about in sorted(DELIVERS.get(dataset, {}).items()):
            if about in (None, company) and (source == never or _stale(source, as_of, silences)):
                return source
    return None


def _stale(source: str, as_of: date, silences: Silences) -> bool:
    first, last = silences.get(source, (LAST + DAY, LAST))
    return first <= as_of <= last and (as_of - (first - DAY)).days >= DAILY[source]


def unverified(control: str, company: str, made: Sequence[Judging], silences: Silences, never: str) -> Life:
    """The life of the gap that a control cannot be judged."""
    steps: list[Step] = []
    blame: str | None = None
    newest: date | None = None
    clean: date | None = None
    for one in made:
        if not one.judges(control) or (newest is not None and one.as_of < newest):
            continue
        newest, before = one.as_of, blame
        blame = blamed(control, company, one.as_of, silences, never)
        day = one.made_at.date()
        if blame and not before:
            again = f"{(one.as_of - clean).days} clean " if clean else ""
            steps.append(Step(one.as_of, "regressed" if clean else "opened", None, day, f"{again}source:{blame}"))
        elif blame and before != blame:
            steps.append(Step(one.as_of, "found", None, day, f"source:{blame}"))
        elif before and not blame:
            steps.append(Step(one.as_of, "closed", None, day))
            clean = one.as_of
    return Life((control, company, "unverified", None), tuple(steps), {})


def marks(
    control: str, company: str, made: Sequence[Judging], silences: Silences, never: str, now: datetime
) -> list[str]:
    """What the coverage calendar must say of each time at which a control should be checked.

    How things stand is known of the day as of which they were judged; what happened, of all days of the period.
    """
    mine = [(one, blamed(control, company, one.as_of, silences, never) is None) for one in made if one.judges(control)]
    events = {about.value for about in shipped().control(control).about.values()} == {"event"}
    told = []
    for first, last, due, asked in _occurrences(ASKED.get(control, CONTROLS[control][0])):
        if events:
            within = _found(first, last, [one for one, _ in mine])
            good = _found(first, last, [one for one, is_good in mine if is_good])
        else:
            as_of = [(one.made_at, is_good) for one, is_good in mine if asked <= one.as_of <= last]
            within = min((when for when, _ in as_of), default=None)
            good = min((when for when, is_good in as_of if is_good), default=None)
        if good is None:
            told.append("open" if now < due else "unverified" if within else "missed")
        elif good < due:
            told.append("done")
        else:
            told.append("backfilled" if within and within < due else "late")
    return told


def _found(first: date, last: date, made: Sequence[Judging]) -> datetime | None:
    """When what happened on each of these days had been judged; None while it was not."""
    found = []
    for n in range((last - first).days + 1):
        day = first + n * DAY
        found.append(min((one.made_at for one in made if one.since <= day <= one.as_of), default=None))
    known = [one for one in found if one is not None]
    return max(known) if len(known) == len(found) else None


def _occurrences(frequency: str) -> Iterator[tuple[date, date, datetime, date]]:
    """First and last day of each, the moment that is too late: the end of the day after, or of the closing day; and from
    which day on a state is looked at: of what is closed, as of its last."""
    if frequency in ("daily", "weekly"):
        day = FIRST
        while day <= LAST:
            if frequency == "daily" or day.weekday() == 6:
                first = day - (timedelta(days=6) if frequency == "weekly" else timedelta())
                yield first, day, at(day, 48), first
            day += DAY
        return
    months = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "annual": 12}[frequency]
    for place in range(0, 12, months):
        first, after = _month(place), _month(place + months)
        yield first, after - DAY, at(open_days_after(after - DAY, CLOSES), 24), after - DAY


def _month(place: int) -> date:
    year, month = divmod(FIRST.month - 1 + place, 12)
    return date(FIRST.year + year, month + 1, 1)
