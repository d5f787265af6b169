"""The coverage calendar held against a second head: each day and each judgement, by the words of the manual."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reports.coverage import Asked, covered
from tests.reports.test_coverage import DAY, EVER, LONG_AGO, Judged, at, calendar, closes_on, plan, rows


def groups(frequency: str, year: int) -> list[list[date]]:
    """The days of each occurrence that ends in a fiscal year from April."""
    first, after = date(year, 4, 1), date(year + 1, 4, 1)
    months = {"monthly": 1, "event": 1, "quarterly": 3, "half_yearly": 6, "annual": 12}
    found: dict[object, list[date]] = {}
    for day in [first + n * DAY for n in range(-6, 366)]:
        key: object = day
        if frequency == "weekly":
            key = day.isocalendar()[:2]
        elif frequency in months:
            key = ((day.year - year) * 12 + day.month - 4) // months[frequency]
        found.setdefault(key, []).append(day)
    whole = (days for days in found.values() if first <= days[-1] < after)
    return [days for days in whole if frequency != "weekly" or len(days) == 7]


def exempt(told: Sequence[Judged]) -> bool:
    """``―`` last, and never anything but ``―`` and ``？``: whatever period was judged."""
    last = [max((one for one in told if (one.since, one.as_of) == days), key=lambda one: one.at).verdict
            for days in {(one.since, one.as_of) for one in told}]  # fmt: skip
    return bool(told) and all(verdict == "not_applicable" for verdict in last) and not any(o.concluded for o in told)


def reckoned(
    frequency: str, history: Sequence[Judged], known_at: datetime, year: int, began: datetime, *, events: bool
) -> list[str]:
    """The marks by docs/operations.md alone, looking at each day of each occurrence and at every judgement."""
    made = [one for one in history if one.at <= known_at]

    def of(day: date) -> list[Judged]:
        """The judgements that tell of a day: of a state as of it, from that day on; of events when it was over."""
        if events:
            return [
                one for one in made if one.since <= day <= one.as_of and one.known_until >= at(f"{day + DAY}T00:00")
            ]
        return [one for one in made if one.as_of == day and one.known_until >= at(f"{day}T00:00")]

    def mark(days: Sequence[date]) -> str:
        short = frequency in ("daily", "weekly")
        due_at = at(f"{(days[-1] + DAY if short else closes_on(days[-1])) + DAY}T00:00")
        if events:
            asked = [(told, [one for one in told if one.as_of == day] or told) for day in days for told in [of(day)]]
            left = [told for told, own in asked if not exempt(own)]
            if not left:
                return "not_applicable"
            looked, verified = _all_of(left), _all_of([[one for one in told if one.concluded] for told in left])
        else:
            asked_on = [told for day in (days if short else days[-1:]) if (told := of(day))]
            if asked_on and all(exempt(told) for told in asked_on):
                return "not_applicable"
            together = [one for told in asked_on for one in told]
            looked = min((one.at for one in together), default=None)
            verified = min((one.at for one in together if one.concluded), default=None)
        if verified is not None:
            in_time = looked is not None and looked < due_at
            return "done" if verified < due_at else "backfilled" if in_time else "late"
        if known_at < due_at:
            return "open"
        if due_at <= began:
            return "before"
        return "missed" if looked is None else "unverified"

    return [mark(days) for days in groups(frequency, year)]


def _all_of(days: Sequence[Sequence[Judged]]) -> datetime | None:
    """When each of these days had been judged; None while one was not."""
    return max(min(one.at for one in told) for told in days) if all(days) else None


VERDICTS = st.sampled_from(["pass", "fail", "unverified", "unverified", "not_applicable"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Judged], datetime, int, datetime]:
    year = draw(st.sampled_from([2026, 2027]))
    known_at = at(f"{year}-04-01T00:00") + timedelta(hours=draw(st.integers(0, 24 * 400)))
    made = []
    for number, (as_of, long, later, verdict, unseen) in enumerate(
        draw(
            st.lists(
                st.tuples(
                    st.integers(-8, 370),
                    st.sampled_from([0, 1, 44, 130, 400]),
                    st.integers(-24 * 9, 24 * 20),
                    VERDICTS,
                    st.sampled_from([0, 0, 0, 12, 60]),
                ),
                max_size=60,
            )
        )
    ):
        day = date(year, 4, 1) + as_of * DAY
        moment = at(f"{day}T00:00") + timedelta(hours=later, seconds=number)  # no two commits have the same
        made.append(Judged(day - long * DAY, day, moment, verdict, moment - timedelta(hours=unseen)))
    return made, known_at, year, at(f"{year}-03-28T00:00") + timedelta(days=draw(st.integers(0, 60)))


FREQUENCIES = ["daily", "weekly", "monthly", "event", "quarterly", "half_yearly", "annual"]


@given(histories(), st.sampled_from(FREQUENCIES), st.booleans())
def test_any_history_is_marked_as_is_told_to_the_reader(
    told: tuple[list[Judged], datetime, int, datetime], frequency: str, events: bool
) -> None:
    history, known_at, year, began = told
    found = calendar(frequency, history, known_at, day=f"{year}-04-01", began=began.isoformat()[:16], events=events)
    assert list(found.marks) == reckoned(frequency, history, known_at, year, began, events=events)


@given(histories(), st.sampled_from(["daily", "monthly"]))
def test_months_add_up_to_the_year(told: tuple[list[Judged], datetime, int, datetime], frequency: str) -> None:
    history, known_at, year, _ = told
    of_plan = plan(f"{year}-04-01", "03-21")
    [found] = covered(of_plan, [Asked("A", frequency, LONG_AGO, EVER, False)], rows("A", history, known_at), known_at)
    added = sum((Counter(dict(month)) for month in found.by_month(of_plan.months)), Counter())
    assert added == found.counts
