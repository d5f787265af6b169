"""How things stand: what a company's controls came to, measure by measure, with what is unverified first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from controls.model import Assessment, Verdict, Words
from evidence.period import Period
from house.following import Followed
from house.standing import assessments, newest_assessments
from portal.door import Asked, NotThere
from portal.pages.trend import trends
from portal.rights import Right, scope
from reports.self_check_view import WORST_FIRST, rate
from reports.words import remark

BACK, MOST_PERIODS = timedelta(days=800), 60


@dataclass(frozen=True, slots=True)
class Line:
    """A control as lists show it."""

    control: str
    title: Words
    severity: str
    verdict: Verdict
    remark: str
    population: int
    deviations: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the measures of section 4, by the marks of its controls."""

    code: str
    title: Words
    lines: tuple[Line, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many controls have each mark."""
        return {verdict: sum(line.verdict is verdict for line in self.lines) for verdict in Verdict}

    @property
    def worst(self) -> Verdict:
        """Its own mark: that of its worst control."""
        return next((verdict for verdict in WORST_FIRST if self.counts[verdict]), Verdict.NOT_APPLICABLE)

    @property
    def rate(self) -> int | None:
        """Share of ○ in percent."""
        return rate(self.counts)


def companies(asked: Asked) -> Response:
    """The companies of which somebody may see anything, and the periods of those who are confined to some."""
    told = [(one, where) for one in asked.house.settings.companies if (where := _entry(asked, one.code)) is not None]
    return asked.page("companies.html", companies=told)


def _entry(asked: Asked, company: str) -> str | None:
    """What somebody sees first of a company; None: nothing."""
    if asked.may(Right.RESULTS, company):
        return ""
    if asked.may(Right.GAPS, company):
        return "/gaps"
    return "/periods" if scope(asked.grants, Right.RESULTS, company) else None


def periods(asked: Asked) -> Response:
    """The periods of a company that were judged, the newest first."""
    return asked.page("periods.html", periods=judged_periods(asked), documents=("self-check", "management-book"))


def judged_periods(asked: Asked) -> list[Period]:
    """The periods that were judged, the newest first, as far as they are for whoever asks."""
    house, company, today = asked.house, str(asked.company), asked.house.today
    controls = [str(one.id) for one in house.catalogue.controls]
    with house.store.read() as tx:
        days = tx.judgements.days(company, today - BACK, today, asked.known_at, controls)
        judged = {(one.as_of, one.since) for one in days}
    told = [Period(since, as_of, house.settings.zone) for as_of, since in sorted(judged, reverse=True)]
    return [one for one in told if asked.scope.spans(one)][:MOST_PERIODS]


def dashboard(asked: Asked) -> Response:
    """The measures of a company, what is unverified, what is overdue, and what waits for whoever looks."""
    judged = results(asked)
    told = measures(asked, judged)
    gaps = [one for one in asked.followed if seen(asked, one)] if asked.may(Right.GAPS) else []
    waiting = [one for one in gaps if one.waits]
    natural = asked.house.keys().of_person
    mine = [one for one in waiting if one.charge and natural(one.charge.person) == natural(asked.session.person)]
    return asked.page(
        "dashboard.html",
        measures=told,
        trends=trends(asked) if asked.period is None else None,  # who is confined to a period sees no other
        unverified=_by_remark(line for one in told for line in one.lines if line.verdict is Verdict.UNVERIFIED),
        period=_period(judged),
        open=len(waiting),
        overdue=sum(one.overdue_days > 0 for one in waiting),
        mine=len(mine),
        heard=_heard(asked),
    )


def measure(asked: Asked) -> Response:
    """The controls of one measure."""
    found = [one for one in measures(asked, results(asked)) if one.code == asked.given["measure"]]
    if not found:
        raise NotThere
    return asked.page("measure.html", measure=found[0])


def results(asked: Asked) -> list[Assessment]:
    """What was judged, of the period that was asked for or last, as far as it is for whoever asks."""
    house = asked.house
    judged = (
        asked.once(newest_assessments, str(asked.company))
        if asked.period is None
        else assessments(house, asked.period, asked.company)
    )
    return [one for one in judged if asked.scope.knows(str(one.control))]


def measures(asked: Asked, judged: Iterable[Assessment]) -> list[Measure]:
    """The measures in the order of the notice, with those of their controls that were judged."""
    of = {str(one.control): one for one in judged}
    lines: dict[str, list[Line]] = {code: [] for code in asked.house.catalogue.measures}
    for control in asked.house.catalogue.controls:
        if one := of.get(str(control.id)):
            told = asked.masked(remark(control, one))
            count = len(one.deviations)
            lines[control.measure].append(
                Line(str(control.id), control.title, control.severity, one.verdict, told, one.population, count)
            )
    told_of = asked.house.catalogue.measures.items()
    return [Measure(code, title, tuple(lines[code])) for code, title in told_of if lines[code]]


def seen(asked: Asked, one: Followed) -> bool:
    """Whether a gap is for whoever asks."""
    return asked.scope.holds(str(one.gap.control), one.gap.department)


def _by_remark(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Controls by why they are unverified: what most of them lack comes first."""
    told: dict[str, list[Line]] = {}
    for line in lines:
        told.setdefault(line.remark, []).append(line)
    return dict(sorted(told.items(), key=lambda one: -len(one[1])))


def _period(judged: Iterable[Assessment]) -> tuple[date, date] | None:
    return max(((one.since, one.as_of) for one in judged), key=lambda one: (one[1], one[0]), default=None)


def _heard(asked: Asked) -> tuple[str, bool] | None:
    """When a scheduler was heard last, and whether one should have been heard again by now."""
    now = asked.house.clock.now()
    with asked.house.store.read() as tx:
        span = tx.slots.silent(now)
    return span and (f"{span[0].astimezone(asked.house.zone):%Y-%m-%d %H:%M}", span[1] <= now)
