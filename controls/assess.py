"""One control judged for each company: population and deviations become a verdict, or a reason why there is none.

A pure function of (definition, parameters, evidence known at one moment, company, period). Absent, stale, incomplete or
empty evidence gives UNVERIFIED, never PASS (law 4).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from controls.decided import Decided
from controls.engine import TestFault, prove, run
from controls.model import Assessment, Control, Deviation, Member, Proof, Tally, Value, Verdict
from controls.population import NOBODY, Population
from evidence.facts.engine import ENGINE
from evidence.facts.feeds import Doubt
from evidence.facts.window import Window
from evidence.records import Waiver

_OF_NOBODY = NOBODY.digest


@dataclass(frozen=True, slots=True)
class Company:
    """What judging must know of a company beside its evidence."""

    code: str
    tolerance_percent: int = 5  # share of deviations up to which a control below critical is △ (domain.md §1.0)


def assess(
    control: Control,
    window: Window,
    companies: Sequence[Company],
    decided: Decided,
    tested: Population | TestFault | None = None,
) -> tuple[Assessment, ...]:
    """Judge one control for every company; the test runs once over all of them and is split by company.

    ``tested`` is what the test answered, when the caller ran it already.
    """
    tested = run(control, window) if tested is None else tested
    proofs = tested if isinstance(tested, TestFault) else prove(control, window, tested.deviating)
    if isinstance(tested, TestFault) or isinstance(proofs, TestFault):
        return tuple(
            _inapplicable(control, window, c, decided)
            or _unverified(control, window, c, Doubt(f"test:{control.id}", f"判定エラー / test error: {proofs}"))
            for c in companies
        )
    return tuple(
        _inapplicable(control, window, company, decided)
        or _judge(control, window, company, tested.of(company.code), proofs, decided)
        for company in companies
    )


def _judge(
    control: Control,
    window: Window,
    company: Company,
    members: Population,
    proofs: Mapping[Member, Proof],
    decided: Decided,
) -> Assessment:
    as_of, nil = window.period.as_of, company.code in decided.nil.get(control.id, ())
    if doubt := window.doubt(company.code, control.datasets, nil=nil, lookback_days=control.lookback_days):
        return _unverified(control, window, company, doubt)
    if not members and not nil:
        return _unverified(
            control,
            window,
            company,
            "母集団が空で、該当なしの確認もない / empty population, and nobody attested the zero",
        )
    deviating, covering = members.deviating, decided.waivers.of(control.id, company.code)
    unwritten = None if nil else window.unwritten(company.code, control.datasets)
    if unwritten and not deviating:  # it lets nothing pass, and hides no deviation
        return _unverified(control, window, company, unwritten)
    deviations = tuple(_deviation(m, proofs.get(m, Proof()), covering, as_of) for m in deviating)
    return Assessment(
        control=control.id,
        company=company.code,
        since=window.period.since,
        as_of=as_of,
        known_at=window.known_at,
        verdict=verdict(control.severity, members.size, deviations, company.tolerance_percent),
        reason=None,
        population=members.size,
        population_digest=members.digest,
        deviations=deviations,
        departments=_tallies(members, deviations),
        parameters=_parameters(control),
        control_digest=control.digest,
        engine=ENGINE,
    )


def _inapplicable(control: Control, window: Window, company: Company, decided: Decided) -> Assessment | None:
    """The assessment of a control that is not in force, or that does not apply to a company; None: it is judged."""
    as_of = window.period.as_of
    why = decided.excluded(control.id, company.code, as_of)
    if not control.valid_from <= as_of <= control.valid_to:
        why = f"{as_of} には管理策が有効でない / not in force on that day"
    return _unverified(control, window, company, why, Verdict.NOT_APPLICABLE) if why else None


def judged_members(assessment: Assessment, tested: Population | TestFault) -> Population:
    """The members that an assessment counted: none when nothing could be judged."""
    if isinstance(tested, TestFault) or assessment.verdict in (Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE):
        return NOBODY
    return tested.of(assessment.company)


def verdict(severity: str, population: int, deviations: Sequence[Deviation], tolerance_percent: int) -> Verdict:
    """The verdict rule of domain.md §1.0: all waived turns × to △, one unwaived keeps ×."""
    if not deviations:
        return Verdict.PASS
    if all(deviation.waiver for deviation in deviations):
        return Verdict.PARTIAL
    if severity != "critical" and len(deviations) * 100 <= population * tolerance_percent:
        return Verdict.PARTIAL
    return Verdict.FAIL


def _deviation(member: Member, proof: Proof, waivers: Iterable[Waiver], as_of: date) -> Deviation:
    on = member.occurred_on or as_of
    waiver = next(
        (w.waiver_id for w in waivers if w.covers(member.department, member.subject, member.aspect, on)), None
    )
    return Deviation(
        member.subject, member.aspect, member.occurred_on, member.department, member.columns, proof, waiver
    )


def _tallies(members: Population, deviations: Sequence[Deviation]) -> tuple[Tally, ...]:
    found = Counter(one.department for one in deviations)
    waived = Counter(one.department for one in deviations if one.waiver)
    return tuple(Tally(name, size, found[name], waived[name]) for name, size in members.departments.items())


def _unverified(
    control: Control, window: Window, company: Company, why: Doubt | str, verdict: Verdict = Verdict.UNVERIFIED
) -> Assessment:
    return Assessment(
        control=control.id,
        company=company.code,
        since=window.period.since,
        as_of=window.period.as_of,
        known_at=window.known_at,
        verdict=verdict,
        reason=str(why),
        population=0,
        population_digest=_OF_NOBODY,
        deviations=(),
        departments=(),
        parameters=_parameters(control),
        control_digest=control.digest,
        engine=ENGINE,
        cause=why.cause if isinstance(why, Doubt) else None,
    )


def _parameters(control: Control) -> Mapping[str, Value]:
    return {p.name: list(p.value) if isinstance(p.value, tuple) else p.value for p in control.parameters}
