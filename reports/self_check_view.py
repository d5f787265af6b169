"""What the self-check report shows of one company and period, as frozen values (domain.md §3).

Keys of persons, accounts and devices are already pseudonyms here; nothing below this module can put them back.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from controls.model import Assessment, Control, Deviation, Gap, Tally, Verdict, Words
from reports.coverage import CoverageYear
from reports.words import aspect_text, deviation_text, reason_text, remark

FULL_WIDTH_SEVERITY = {"critical": "重大", "high": "高", "medium": "中", "low": "低"}
GAP_STATE = {
    "open": "未着手",
    "acknowledged": "確認済",
    "planned": "計画済",
    "corrected": "是正済(再判定待ち)",
    "closed": "解消",
    "disposed": "処置済",
}
COMPANY_WIDE = "全社"  # stands for the department of what concerns the company as a whole
WORST_FIRST = (Verdict.FAIL, Verdict.UNVERIFIED, Verdict.PARTIAL, Verdict.PASS, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Change:
    """A threshold that the group or the company changed (判定値の変更), and since when that is known."""

    change_id: str
    approved_on: date
    base: object  # the value of the catalogue
    late: bool  # entered after the period had ended


@dataclass(frozen=True, slots=True)
class ControlLine:
    """One judged control as the report shows it."""

    control: Control
    verdict: Verdict
    before: Verdict | None
    reason: str  # why it has this mark, whichever it is
    population: int
    population_digest: str
    deviations: int
    waived: int
    evidence: tuple[str, ...]  # numbers in the index of evidence
    findings: tuple[str, ...]
    changes: Mapping[str, Change]  # of its thresholds, by parameter

    @property
    def counted(self) -> bool:
        """Whether a population was counted at all; none is not the same as zero."""
        return self.verdict not in (Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """One of the 18 measures with the count of each mark."""

    code: str
    title: Words
    counts: Mapping[Verdict, int]
    before: Mapping[Verdict, int]

    @property
    def total(self) -> int:
        """How many controls of the measure were judged."""
        return sum(self.counts.values())

    @property
    def rate(self) -> int | None:
        """Share of ○ in percent among what applies; ？ counts against it."""
        return rate(self.counts)

    @property
    def change(self) -> int | None:
        """How many more ○ than in the period before; None when nothing was judged then."""
        return self.counts[Verdict.PASS] - self.before[Verdict.PASS] if sum(self.before.values()) else None

    @property
    def worst(self) -> Verdict:
        """The mark of the measure: that of its worst control."""
        return next((v for v in WORST_FIRST if self.counts[v]), Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class DepartmentCell:
    """One department in one measure: its mark, and how many of its members deviate."""

    verdict: Verdict | None  # None: no member of the department was in any population
    deviations: int


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """One department over all measures."""

    code: str
    name: str
    cells: Mapping[str, DepartmentCell]  # by measure


@dataclass(frozen=True, slots=True)
class DeviationLine:
    """One deviation, without names or values of personal data."""

    control: str
    subject: str
    aspect: str
    department: str
    occurred_on: date | None
    text: str
    severity: str
    waiver: str
    state: str
    proof: tuple[str, ...]  # each as evidence number, part and line
    proof_total: int


@dataclass(frozen=True, slots=True)
class GapLine:
    """One open gap, worst first."""

    control: str
    title: str
    severity: str
    subject: str
    text: str
    department: str
    opened_on: date
    due_on: date | None
    state: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One source object or import behind the verdicts (the provenance columns of domain.md §4)."""

    number: str
    controls: tuple[str, ...]
    name: str
    kind: str
    origin: str
    how: str
    fetched_at: datetime
    modified_at: datetime | None
    size: int
    rows: int
    sha256: str
    reader: str
    complete: str


@dataclass(frozen=True, slots=True)
class SelfCheckView:
    """The whole report of one company and period."""

    company: str
    company_name: str
    since: date
    as_of: date
    known_at: datetime  # in the company's zone
    report_id: str
    measures: tuple[MeasureLine, ...]
    controls: tuple[ControlLine, ...]
    departments: tuple[DepartmentLine, ...]
    deviations: tuple[DeviationLine, ...]
    gaps: tuple[GapLine, ...]
    findings: tuple[Mapping[str, object], ...]
    evidence: tuple[EvidenceLine, ...]
    engine: str
    coverage: CoverageYear

    def count(self, verdict: Verdict) -> int:
        """How many controls have a mark."""
        return sum(line.verdict is verdict for line in self.controls)

    @property
    def changed(self) -> tuple[ControlLine, ...]:
        """The controls whose mark is another than in the period before."""
        return tuple(line for line in self.controls if line.before not in (None, line.verdict))

    @property
    def unfinished(self) -> tuple[Mapping[str, object], ...]:
        """The findings that are not closed."""
        return tuple(finding for finding in self.findings if finding.get("closed_on") is None)

    @property
    def total(self) -> MeasureLine:
        """All measures together."""
        counts = {v: sum(m.counts[v] for m in self.measures) for v in Verdict}
        return MeasureLine("合計", Words("", ""), counts, {v: sum(m.before[v] for m in self.measures) for v in Verdict})

    @property
    def digest(self) -> str:
        """SHA-256 over what was judged: it binds the paper that people sign to these results."""
        told = [
            [c.control.id, c.control.digest, c.verdict.value, c.population, c.population_digest, c.deviations, c.waived]
            for c in self.controls
        ]
        lines = "\n".join(json.dumps(line, separators=(",", ":")) for line in [[self.report_id], *told])
        return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Judged:
    """What the report is made of: everything is handed in, nothing is fetched."""

    company: str
    company_name: str
    measures: Sequence[tuple[str, Words]]
    controls: Sequence[Control]
    assessments: Sequence[Assessment]
    changes: Mapping[str, Mapping[str, Change]]  # by control and parameter
    before: Sequence[Assessment]
    gaps: Sequence[Gap]
    departments: Sequence[tuple[str, str]]
    findings: Sequence[Mapping[str, object]]
    evidence: Sequence[EvidenceLine]
    coverage: CoverageYear
    known_at: datetime
    masked: Callable[[str], str]  # puts a pseudonym in the place of each key in a text


def rate(counts: Mapping[Verdict, int]) -> int | None:
    """Whole percent of ○ among what applies, rounded down."""
    applies = sum(counts.values()) - counts[Verdict.NOT_APPLICABLE]
    return 100 * counts[Verdict.PASS] // applies if applies else None


def self_check_view(told: Judged) -> SelfCheckView:
    """Arrange what was judged for the reader."""
    of: dict[str, Assessment] = {a.control: a for a in told.assessments}
    before = {a.control: a.verdict for a in told.before}
    controls = tuple(_control_line(c, of[c.id], before.get(c.id), told) for c in told.controls if c.id in of)
    any_one = told.assessments[0]
    report_id = f"SC-{told.company}-{any_one.since:%Y%m%d}-{any_one.as_of:%Y%m%d}-{told.known_at:%Y%m%d%H%M%S}"
    return SelfCheckView(
        company=told.company,
        company_name=told.company_name,
        since=any_one.since,
        as_of=any_one.as_of,
        known_at=told.known_at,
        report_id=report_id,
        measures=tuple(_measure_line(code, title, controls) for code, title in told.measures),
        controls=controls,
        departments=tuple(_department_lines(told, of)),
        deviations=tuple(_deviation_lines(controls, of, told)),
        gaps=tuple(_gap_lines(told)),
        findings=tuple({name: _masked(value, told.masked) for name, value in row.items()} for row in told.findings),
        evidence=tuple(
            replace(e, name=told.masked(e.name), origin=told.masked(e.origin), complete=told.masked(e.complete))
            for e in told.evidence
        ),
        engine=any_one.engine,
        coverage=told.coverage,
    )


def _control_line(control: Control, judged: Assessment, before: Verdict | None, told: Judged) -> ControlLine:
    return ControlLine(
        control=control,
        verdict=judged.verdict,
        before=before,
        reason=told.masked(remark(control, judged)),
        population=judged.population,
        population_digest=judged.population_digest,
        deviations=len(judged.deviations),
        waived=sum(1 for d in judged.deviations if d.waiver),
        evidence=tuple(line.number for line in told.evidence if control.id in line.controls),
        findings=tuple(str(f["finding_id"]) for f in told.findings if f.get("control_id") == control.id),
        changes=told.changes.get(control.id, {}),
    )


def _measure_line(code: str, title: Words, controls: Iterable[ControlLine]) -> MeasureLine:
    mine = [line for line in controls if line.control.measure == code]
    return MeasureLine(
        code,
        title,
        {v: sum(line.verdict is v for line in mine) for v in Verdict},
        {v: sum(line.before is v for line in mine) for v in Verdict},
    )


def _department_lines(told: Judged, of: Mapping[str, Assessment]) -> Iterable[DepartmentLine]:
    """The company as a whole first, when anything concerns it; then each department, also one that left the chart."""
    tallies: dict[tuple[str | None, str], list[Tally]] = {}
    unverified: set[str] = set()
    for control in told.controls:
        if (judged := of.get(control.id)) is None:
            continue
        if judged.verdict is Verdict.UNVERIFIED:
            unverified.add(control.measure)
        for tally in judged.departments:
            tallies.setdefault((tally.department, control.measure), []).append(tally)
    seen = {department for department, _ in tallies}
    known = {code for code, _ in told.departments}
    whole: list[tuple[str | None, str]] = [(None, "会社全体に関する点検")] if None in seen else []
    gone = [
        (code, "(組織図にない部門)") for code in sorted(code for code in seen if code is not None and code not in known)
    ]
    for code, name in [*whole, *told.departments, *gone]:
        cells = {m: _department_cell(tallies.get((code, m), []), unverified=m in unverified) for m, _ in told.measures}
        yield DepartmentLine(COMPANY_WIDE if code is None else code, name, cells)


def _department_cell(tallies: Sequence[Tally], *, unverified: bool) -> DepartmentCell:
    found = [_mark(t.deviations, t.waived) for t in tallies] + [Verdict.UNVERIFIED] * unverified
    return DepartmentCell(next((v for v in WORST_FIRST if v in found), None), sum(t.deviations for t in tallies))


def _mark(deviations: int, waived: int) -> Verdict:
    if not deviations:
        return Verdict.PASS
    return Verdict.PARTIAL if waived == deviations else Verdict.FAIL


def _deviation_lines(
    controls: Iterable[ControlLine], of: Mapping[str, Assessment], told: Judged
) -> Iterable[DeviationLine]:
    numbers = {e.sha256: e.number for e in reversed(told.evidence)}
    states = {(g.control, g.subject, g.aspect): GAP_STATE.get(g.state, g.state) for g in told.gaps}
    for line in controls:
        for deviation in of[line.control.id].deviations:
            state = states.get((line.control.id, deviation.subject, deviation.aspect), "")
            yield _deviation_line(line.control, deviation, state, numbers, told.masked)


def _deviation_line(
    control: Control, deviation: Deviation, state: str, numbers: Mapping[str, str], masked: Callable[[str], str]
) -> DeviationLine:
    return DeviationLine(
        control=control.id,
        subject=masked(deviation.subject),
        aspect=masked(aspect_text(deviation.aspect)),
        department=deviation.department or COMPANY_WIDE,
        occurred_on=deviation.occurred_on,
        text=masked(deviation_text(control, deviation)),
        severity=FULL_WIDTH_SEVERITY[control.severity],
        waiver=masked(deviation.waiver or ""),
        state=state,
        proof=tuple(_place(row_ref, numbers) for row_ref in deviation.proof.rows),
        proof_total=deviation.proof.total,
    )


def _place(row_ref: str, numbers: Mapping[str, str]) -> str:
    """Where a row stands, as a reader of the index finds it; an object that the index does not list by its digest."""
    digest, _, rest = row_ref.partition(":")
    part, _, line = rest.rpartition(":")
    where = numbers.get(digest) or (f"{digest[:12]}…" if len(digest) > 24 else digest)
    return " ".join(word for word in (where, part, f"{line}行") if word)


def _masked(value: object, masked: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return masked(value)
    return [_masked(one, masked) for one in value] if isinstance(value, list | tuple) else value


def _gap_lines(told: Judged) -> Iterable[GapLine]:
    titles = {control.id: control.title.ja for control in told.controls}
    by_id: dict[str, Control] = {control.id: control for control in told.controls}
    found = {
        (a.control, d.subject, d.aspect): deviation_text(by_id[a.control], d)
        for a in told.assessments
        for d in a.deviations
        if a.control in by_id
    }
    order = list(FULL_WIDTH_SEVERITY)
    still_open = [gap for gap in told.gaps if gap.is_open]
    for gap in sorted(
        still_open, key=lambda g: (order.index(g.severity), g.opened_on, g.control, g.subject, g.aspect or "")
    ):
        yield GapLine(
            control=gap.control,
            title=titles.get(gap.control, ""),
            severity=FULL_WIDTH_SEVERITY[gap.severity],
            subject=told.masked(gap.subject),
            text=told.masked(found.get((gap.control, gap.subject, gap.aspect)) or _message(gap)),
            department=gap.department or COMPANY_WIDE,
            opened_on=gap.opened_on,
            due_on=gap.due_on,
            state=GAP_STATE.get(gap.state, gap.state),
        )


def _message(gap: Gap) -> str:
    return reason_text(gap.message.ja) if gap.message else ""
