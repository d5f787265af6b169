"""What is frozen of a closed period, as one canonical JSON object, and why a later one differs from it.

Pure. It tells verdicts, counts and digests: whoever holds the evidence can make each digest again, and nobody can read
a subject out of it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import rfc8785

from controls.model import Assessment, Control, Deviation, Gap, Verdict
from evidence.cycles import Span
from evidence.datasets import OURSELVES, Kind, catalogue
from evidence.facts.feeds import Feed
from evidence.ledger import merkle
from evidence.settings import CompanySettings
from evidence.store.values import RegisterVersion, Run, SlotRow

KIND = "close"  # of the ledger's entry
FORMAT = "tenken period close v1"
OUTCOMES = ("collected", "done", "failed", "missed")
COMPARED = (
    "verdict",
    "population",
    "population_digest",
    "deviations",
    "deviations_digest",
    "parameters",
    "control_digest",
)
SHOWN = ("verdict", "population", "deviations")  # of what was and what is
Results = Mapping[str, Mapping[str, Any]]  # by control


@dataclass(frozen=True, slots=True)
class Slots:
    """The due moments of one schedule in a period: how many there were, and what became of them."""

    expected: int
    outcomes: Mapping[str, int]

    def told(self) -> dict[str, int]:
        """As the snapshot tells it."""
        return {"expected": self.expected, **{name: self.outcomes.get(name, 0) for name in OUTCOMES}}


def due_moments(rows: Iterable[SlotRow]) -> list[list[str | None]]:
    """Each due moment of a period: its schedule, when it was due, and what it had ended as."""
    return [[row.schedule, moment(row.due_at), row.outcome if row.outcome in OUTCOMES else None] for row in rows]


def due_root(due: Iterable[Sequence[str | None]]) -> str:
    """The root (RFC 9162) over the due moments, each in canonical JSON: what should be there is signed with it."""
    return merkle.root(merkle.leaf_hash(rfc8785.dumps(list(one))) for one in due).hex()


def slots_of(rows: Iterable[SlotRow]) -> dict[str, Slots]:
    """The due moments of a period by schedule; what has not ended is expected and nothing else."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.schedule, []).append(row.outcome)
    return {name: Slots(len(told), Counter(told)) for name, told in sorted(found.items())}


def results(judged: Iterable[Assessment], base: Mapping[str, Control], masked: Callable[[str], str]) -> Results:
    """What came out of each control; ``base`` is the catalogue, without the thresholds of a company."""
    told = {str(one.control): _result(one, base[one.control], masked) for one in judged}
    plain: Results = json.loads(rfc8785.dumps(told))
    return plain


def _result(one: Assessment, base: Control, masked: Callable[[str], str]) -> dict[str, Any]:
    return {
        "verdict": one.verdict.value,
        "reason": None if one.reason is None else masked(one.reason),
        "population": one.population,
        "population_digest": one.population_digest,
        "deviations": len(one.deviations),
        "deviations_digest": deviations_digest(one.deviations),
        "waived": sum(1 for deviation in one.deviations if deviation.waiver),
        "parameters": {name: _plain(value) for name, value in one.parameters.items()},
        "control_digest": one.control_digest,
        "definition_digest": base.digest,
    }


def deviations_digest(deviations: Iterable[Deviation]) -> str:
    """SHA-256 of which members deviate, on which days, and under which waivers."""
    told = [[d.subject, d.aspect or "", _plain(d.occurred_on) or "", d.waiver or ""] for d in deviations]
    return hashlib.sha256(rfc8785.dumps(sorted(told))).hexdigest()


def marks(told: Results) -> dict[str, int]:
    """How many controls have each verdict."""
    found = Counter(one["verdict"] for one in told.values())
    return {verdict.value: found[verdict.value] for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Frozen:
    """All that one version of a closed period says."""

    company: str
    span: Span
    version: int
    known_at: datetime
    results: Results
    judged_by: Mapping[str, Any]  # what of the settings a verdict depends on
    gaps: Sequence[Gap]
    slots: Sequence[SlotRow]  # the due moments, by due time and schedule
    log: str
    log_size: int  # before its own entry
    reasons: Mapping[str, Any] | None  # why it restates the version before; of a first one there is nothing to say


def judged_by(company: CompanySettings, feeds: Iterable[Feed]) -> dict[str, Any]:
    """What of the settings the verdicts of a company depend on."""
    mine = sorted([feed.source, feed.dataset, feed.max_age_days] for feed in feeds if company.code in feed.companies)
    return {"tolerance_percent": company.tolerance_percent, "feeds": mine}


def content(told: Frozen) -> bytes:
    """The canonical JSON (RFC 8785) of one version of a closed period."""
    still_open = Counter(gap.severity for gap in told.gaps if gap.is_open)
    whole = {
        "format": FORMAT,
        "company": told.company,
        "cycle": told.span.cycle.value,
        "since": told.span.since.isoformat(),
        "as_of": told.span.as_of.isoformat(),
        "version": told.version,
        "known_at": moment(told.known_at),
        "marks": marks(told.results),
        "controls": told.results,
        "judged_by": told.judged_by,
        "open_gaps": {name: still_open[name] for name in ("critical", "high", "medium", "low")},
        "slots": {name: one.told() for name, one in slots_of(told.slots).items()},
        "due": due_moments(told.slots),
        "ledger": {"log": told.log, "size": told.log_size},
        "reasons": told.reasons,
    }
    return rfc8785.dumps(whole)  # type: ignore[arg-type]


def entry(told: Frozen, commitment: str) -> dict[str, object]:
    """The ledger's entry of one version: counts, and the commitment to the object; nobody's key or name."""
    named = (
        {} if told.reasons is None else {"restates": told.reasons["restates"], "changed": len(told.reasons["controls"])}
    )
    slots = [one.told() for one in slots_of(told.slots).values()]
    return {
        "kind": KIND,
        "actor": "tenken",
        "cycle": told.span.cycle.value,
        "since": told.span.since.isoformat(),
        "as_of": told.span.as_of.isoformat(),
        "version": told.version,
        "known_at": moment(told.known_at),
        "marks": marks(told.results),
        "slots": {name: sum(one[name] for one in slots) for name in ("expected", *OUTCOMES)},
        "due_root": due_root(due_moments(told.slots)),
        "size": told.log_size,
        "commitments": [commitment],
        **named,
    }


def changes(before: Results, now: Results) -> dict[str, Any]:
    """The controls whose result is another than before: what was, what is, which thresholds and definitions changed."""
    differing = (
        name
        for name in sorted(before.keys() | now.keys())
        if [before.get(name, {}).get(key) for key in COMPARED] != [now.get(name, {}).get(key) for key in COMPARED]
    )
    return {name: _change(before.get(name), now.get(name)) for name in differing}


def _change(was: Mapping[str, Any] | None, is_: Mapping[str, Any] | None) -> dict[str, Any]:
    old, new = (one["parameters"] if one else {} for one in (was, is_))
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return {
        "was": was and {key: was[key] for key in SHOWN},
        "is": is_ and {key: is_[key] for key in SHOWN},
        "parameters": {name: [old.get(name), new.get(name)] for name in names} if was and is_ else {},
        "definition": bool(was and is_) and was["definition_digest"] != is_["definition_digest"],  # type: ignore[index]
    }


def settings_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What of the settings is another than before, as was and is."""
    return {name: [before.get(name), now[name]] for name in sorted(now) if before.get(name) != now[name]}


def evidence_since(
    company: str, span: Span, until_at: datetime, controls: Mapping[str, Iterable[str]], runs: Iterable[Run],
    versions: Iterable[RegisterVersion], brought: Collection[str],
) -> dict[str, Any]:  # fmt: skip
    """What came that concerns a period and the ``controls`` whose result changed, told with their datasets.

    A run does when it was made for a day up to the period's end, or brings anything from before that end; one that
    hands out a register, whose rows hold from ever on, when that is of those which ``brought`` something. A version of
    a register's row does when it holds on any day of the period, also one that decides about a control without being
    evidence: a waiver, a threshold, an answer.
    """
    from controls.decided import DECIDED  # with the whole engine, which who reads a snapshot needs not

    datasets = frozenset(name for read in controls.values() for name in read)
    found: Counter[tuple[str, str, str]] = Counter()
    rows: Counter[tuple[str, str, str]] = Counter()
    for run in runs:
        if (
            (run.company, run.outcome) != (company, "collected")
            or run.source == OURSELVES
            or run.dataset not in datasets
        ):
            continue
        early = run.slot_on <= span.as_of or _before(run.snapshot_at, until_at) or _until(run.covers_from, span.as_of)
        if run.dataset in brought if catalogue()[run.dataset].kind is Kind.REGISTER else early:
            key = (run.source, run.dataset, run.slot_on.isoformat())
            found[key] += 1
            rows[key] += run.rows
    written = Counter(
        one.register
        for one in versions
        if (one.register in datasets or (one.register in DECIDED and one.values.get("control_id") in controls))
        and one.values.get("company") in (None, company)
        and one.valid_from_on <= span.as_of
        and one.valid_to_on >= span.since
    )
    return {
        "runs": [
            {"source": source, "dataset": dataset, "slot_on": slot_on, "runs": found[source, dataset, slot_on],
             "rows": rows[source, dataset, slot_on]}
            for source, dataset, slot_on in sorted(found)
        ],
        "registers": [{"register": name, "versions": written[name]} for name in sorted(written)],
    }  # fmt: skip


def _before(at: datetime | None, moment: datetime) -> bool:
    return at is not None and at < moment


def _until(day: date | None, last: date) -> bool:
    return day is not None and day <= last


def moment(at: datetime) -> str:
    """An instant as the snapshot tells it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Decimal | date) else value
