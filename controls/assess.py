"""One control judged for each company: population and deviations become a verdict, or a reason why there is none.

A pure function of (definition, parameters, evidence known at one moment, company, period). Absent, stale, incomplete or
empty evidence gives UNVERIFIED, never PASS (law 4).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import rfc8785

from controls.decided import Decided
from controls.engine import TestFault, prove, run
from controls.model import Assessment, Control, Deviation, Member, Proof, Tally, Value, Verdict
from evidence.facts.window import ENGINE, Window
from evidence.records import Waiver, Waivers


@dataclass(frozen=True, slots=True)
class Company:
    """What judging must know of a company beside its evidence."""

    code: str
    tolerance_percent: int = 5  # share of deviations up to which a control below critical is △ (domain.md §1.0)


def assess(
    control: Control,
    window: Window,
    companies: Sequence[Company],
    waivers: Waivers,
    tested: Sequence[Member] | TestFault | None = None,
    decided: Decided = Decided(),  # noqa: B008 - a frozen value
) -> tuple[Assessment, ...]:
    """Judge one control for every company; the test runs once over all of them and is split by company.

    ``tested`` is what the test answered, when the caller ran it already; ``decided`` says to whom it does not apply.
    """
    tested = run(control, window) if tested is None else tested
    if isinstance(tested, TestFault):
        return tuple(
            _inapplicable(control, window, c, decided)
            or _unverified(control, window, c, f"判定エラー / test error: {tested}")
            for c in companies
        )
    deviating = [member for member in tested if not member.conforms]
    proofs = prove(control, window, deviating) if deviating else {}
    nil = _attested_nil(control, window)
    return tuple(
        _inapplicable(control, window, company, decided)
        or _judge(control, window, company, [m for m in tested if m.company == company.code], proofs, waivers, nil)
        for company in companies
    )


def _judge(
    control: Control,
    window: Window,
    company: Company,
    members: Sequence[Member],
    proofs: Mapping[Member, Proof],
    waivers: Waivers,
    nil: frozenset[str],
) -> Assessment:
    as_of = window.period.as_of
    if doubt := window.doubt(company.code, control.datasets, nil=company.code in nil):
        return _unverified(control, window, company, doubt)
    if not members and company.code not in nil:
        return _unverified(
            control,
            window,
            company,
            "母集団が空で、該当なしの確認もない / empty population, and nobody attested the zero",
        )
    covering = waivers.of(control.id, company.code)
    unwritten = None if company.code in nil else window.unwritten(company.code, control.datasets)
    if unwritten and all(member.conforms for member in members):  # it lets nothing pass, and hides no deviation
        return _unverified(control, window, company, unwritten)
    deviations = tuple(_deviation(m, proofs.get(m, Proof()), covering, as_of) for m in members if not m.conforms)
    return Assessment(
        control=control.id,
        company=company.code,
        since=window.period.since,
        as_of=as_of,
        known_at=window.known_at,
        verdict=verdict(control.severity, _size(members), deviations, company.tolerance_percent),
        reason=None,
        population=_size(members),
        population_digest=population_digest(members),
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


def judged_members(assessment: Assessment, tested: Sequence[Member] | TestFault) -> Sequence[Member]:
    """The members that an assessment counted: none when nothing could be judged."""
    if isinstance(tested, TestFault) or assessment.verdict in (Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE):
        return ()
    return [member for member in tested if member.company == assessment.company]


def verdict(severity: str, population: int, deviations: Sequence[Deviation], tolerance_percent: int) -> Verdict:
    """The verdict rule of domain.md §1.0: all waived turns × to △, one unwaived keeps ×."""
    if not deviations:
        return Verdict.PASS
    if all(deviation.waiver for deviation in deviations):
        return Verdict.PARTIAL
    if severity != "critical" and len(deviations) * 100 <= population * tolerance_percent:
        return Verdict.PARTIAL
    return Verdict.FAIL


def population_digest(members: Iterable[Member]) -> str:
    """SHA-256 over the members with their marks, one RFC 8785 line each, in the order of the test."""
    digest = hashlib.sha256()
    for m in members:
        day = m.occurred_on.isoformat() if m.occurred_on else None
        digest.update(rfc8785.dumps([m.subject, m.aspect, day, m.department, m.conforms, m.members]) + b"\n")
    return digest.hexdigest()


def _deviation(member: Member, proof: Proof, waivers: Iterable[Waiver], as_of: date) -> Deviation:
    on = member.occurred_on or as_of
    waiver = next(
        (w.waiver_id for w in waivers if w.covers(member.department, member.subject, member.aspect, on)), None
    )
    return Deviation(
        member.subject, member.aspect, member.occurred_on, member.department, member.columns, proof, waiver
    )


def _tallies(members: Sequence[Member], deviations: Sequence[Deviation]) -> tuple[Tally, ...]:
    population: dict[str | None, int] = {}
    for member in members:
        population[member.department] = population.get(member.department, 0) + member.members
    found = {d: [x for x in deviations if x.department == d] for d in population}
    return tuple(
        Tally(d, population[d], len(found[d]), sum(1 for x in found[d] if x.waiver))
        for d in sorted(population, key=lambda name: name or "")
    )


def _attested_nil(control: Control, window: Window) -> frozenset[str]:
    """Companies where somebody answered for the whole company that there is nothing to judge, and the answer holds."""
    as_of = window.period.as_of
    return frozenset(
        str(row["company"])
        for row in window.rows("attestations")
        if row["control_id"] == control.id
        and row["answer"] == "nil"
        and row["subject_kind"] == "company"
        and row["answered_at"] < window.period.until_at
        and row["expires_on"] >= as_of
    )


def _unverified(
    control: Control, window: Window, company: Company, reason: str, verdict: Verdict = Verdict.UNVERIFIED
) -> Assessment:
    return Assessment(
        control=control.id,
        company=company.code,
        since=window.period.since,
        as_of=window.period.as_of,
        known_at=window.known_at,
        verdict=verdict,
        reason=reason,
        population=0,
        population_digest=population_digest(()),
        deviations=(),
        departments=(),
        parameters=_parameters(control),
        control_digest=control.digest,
        engine=ENGINE,
    )


def _size(members: Iterable[Member]) -> int:
    return sum(member.members for member in members)


def _parameters(control: Control) -> Mapping[str, Value]:
    return {p.name: list(p.value) if isinstance(p.value, tuple) else p.value for p in control.parameters}
