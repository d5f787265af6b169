"""The coverage calendar held against a reckoning by brute force."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.coverage import Asked, Mark, covered
from tests.reports.test_coverage import DAY, EVER, LONG_AGO, Judged, at, calendar, closes_on, plan, rows


def brute(
    frequency: str, history: Sequence[Judged], known_at: datetime, year: int, began: datetime, *, events: bool
) -> list[Mark]:
    """The same by looking at every day of the year and every judgement, in words of domain.md alone."""
    days = [date(year, 4, 1) + n * DAY for n in range(366) if date(year, 4, 1) + n * DAY < date(year + 1, 4, 1)]
    groups: dict[object, list[date]] = {}
    for day in [days[0] - n * DAY for n in range(6, 0, -1)] + days:
        place = (day.year - year) * 12 + day.month - 4
        key: object = {
            "daily": day, "weekly": day - day.weekday() * DAY, "monthly": place, "event": place,
            "quarterly": place // 3, "half_yearly": place // 6, "annual": place // 12,
        }[frequency]  # fmt: skip
        groups.setdefault(key, []).append(day)
    found = []
    for group in groups.values():
        if group[-1] < days[0] or (frequency == "weekly" and group[-1].weekday() != 6):
            continue
        last_day = group[-1] + DAY if frequency in ("daily", "weekly") else closes_on(group[-1])
        due_at = at(f"{last_day}T00:00") + DAY
        asked = group if frequency in ("daily", "weekly") else group[-1:]
        own = [one for one in history if one.as_of in asked and one.at <= known_at]

        def when(known: Sequence[Judged], group: Sequence[date] = group) -> datetime | None:
            """When the first of them tells of one day it is asked about, or all together of each day."""
            if not events:
                return min((one.at for one in known), default=None)
            of_days = [[one.at for one in known if one.since <= day <= one.as_of] for day in group]
            return max(min(told) for told in of_days) if all(of_days) else None

        of_it = [one for one in history if one.at <= known_at] if events else own
        looked, told = when(of_it), when([one for one in of_it if one.concluded])
        newest = {(one.as_of, one.since): one.verdict for one in sorted(own, key=lambda one: one.at)}
        if own and not any(one.concluded for one in own) and set(newest.values()) == {"not_applicable"}:
            found.append(Mark.NOT_APPLICABLE)
        elif told is not None and told < due_at:
            found.append(Mark.DONE)
        elif told is not None:
            found.append(Mark.BACKFILLED if looked is not None and looked < due_at else Mark.LATE)
        elif known_at < due_at:
            found.append(Mark.OPEN)
        elif due_at <= began:
            found.append(Mark.BEFORE)
        else:
            found.append(Mark.UNVERIFIED if looked else Mark.MISSED)
    return found


VERDICTS = st.sampled_from(["pass", "fail", "unverified", "unverified", "not_applicable"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Judged], datetime, int, datetime]:
    year = draw(st.sampled_from([2026, 2027]))
    known_at = at(f"{year}-04-01T00:00") + timedelta(hours=draw(st.integers(0, 24 * 400)))
    made = []
    for number, (as_of, long, later, verdict) in enumerate(
        draw(
            st.lists(
                st.tuples(st.integers(-8, 370), st.sampled_from([0, 1, 44, 130]), st.integers(0, 24 * 20), VERDICTS),
                max_size=60,
            )
        )
    ):
        day = date(year, 4, 1) + as_of * DAY
        moment = at(f"{day}T00:00") + timedelta(hours=later, seconds=number)  # no two commits have the same
        made.append(Judged(day - long * DAY, day, moment, verdict))
    return made, known_at, year, at(f"{year}-03-28T00:00") + timedelta(days=draw(st.integers(0, 60)))


FREQUENCIES = ["daily", "weekly", "monthly", "event", "quarterly", "half_yearly", "annual"]


@given(histories(), st.sampled_from(FREQUENCIES), st.booleans())
def test_any_history_is_marked_as_brute_force_would(
    told: tuple[list[Judged], datetime, int, datetime], frequency: str, events: bool
) -> None:
    history, known_at, year, began = told
    found = calendar(frequency, history, known_at, day=f"{year}-04-01", began=began.isoformat()[:16], events=events)
    assert list(found.marks) == brute(frequency, history, known_at, year, began, events=events)


@given(histories(), st.sampled_from(["daily", "monthly"]))
def test_months_add_up_to_the_year(told: tuple[list[Judged], datetime, int, datetime], frequency: str) -> None:
    history, known_at, year, _ = told
    of_plan = plan(f"{year}-04-01", "03-21")
    [found] = covered(of_plan, [Asked("A", frequency, LONG_AGO, EVER, False)], rows("A", history, known_at), known_at)
    added = sum((Counter(dict(month)) for month in found.by_month(of_plan.months)), Counter())
    assert added == found.counts
