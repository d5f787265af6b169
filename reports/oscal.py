"""The results in OSCAL 1.2.1 assessment-results JSON, which audit tools of other makes read (https://pages.nist.gov/OSCAL).

OSCAL knows an objective as satisfied or not: what is unverified is not satisfied, for the reason ``other``, and of what
does not apply nothing is claimed. Our own verdict stands beside it as a property in our namespace.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from controls.model import Assessment, Control, Verdict
from evidence.period import Period
from reports import Document

VERSION = "1.2.1"
NAMESPACE = "urn:tenken:assessment"
STATES = {
    Verdict.PASS: ("satisfied", "pass"),
    Verdict.PARTIAL: ("not-satisfied", "fail"),
    Verdict.FAIL: ("not-satisfied", "fail"),
    Verdict.UNVERIFIED: ("not-satisfied", "other"),
}
Json = dict[str, object]


def assessment_results(
    company: str,
    company_name: str,
    period: Period,
    known_at: datetime,
    controls: Sequence[Control],
    assessments: Sequence[Assessment],
    masked: Callable[[str], str],
) -> Document:
    """One result with an observation for each control that was judged, and a finding where OSCAL can tell one."""
    named = f"tenken/{company}/{period.since}/{period.as_of}/{known_at.isoformat()}"

    def uuid(what: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{named}/{what}"))

    judged = {control.id: control for control in controls}
    told = [(judged[one.control], one) for one in assessments if one.control in judged]
    findings = [_finding(*one, uuid, masked) for one in told if one[1].verdict in STATES]
    result: Json = {
        "uuid": uuid("result"),
        "title": f"{company_name} {period.since} - {period.as_of}",
        "description": "点検結果(母集団は全件) / results of the self-check, over whole populations",
        "start": period.since_at.isoformat(),
        "end": period.until_at.isoformat(),
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": str(control.id)} for control, _ in told]}]
        },
        "observations": [_observation(*one, uuid, masked) for one in told],
    }
    if findings:
        result["findings"] = findings
    body = {
        "uuid": uuid("assessment-results"),
        "metadata": {
            "title": f"{company_name} 個人情報保護 自己点検 / self-check of personal-information protection",
            "last-modified": known_at.isoformat(),
            "version": known_at.isoformat(),
            "oscal-version": VERSION,
            "parties": [{"uuid": uuid("company"), "type": "organization", "name": company_name}],
        },
        "import-ap": {"href": "../01_scope.md"},
        "results": [result],
    }
    content = json.dumps({"assessment-results": body}, ensure_ascii=False, indent=1) + "\n"
    return Document(f"assessment-results_{company}_{period.as_of:%Y%m%d}.json", content.encode())


def _observation(control: Control, one: Assessment, uuid: Callable[[str], str], masked: Callable[[str], str]) -> Json:
    figures: Mapping[str, object] = {
        "verdict": one.verdict.value,
        "population": one.population,
        "deviations": len(one.deviations),
        "population-sha256": one.population_digest,
        "definition-sha256": one.control_digest,
    }
    files = [(f"03_results/{control.id}.json", "result"), (f"04_populations/{control.id}.csv", "population")]
    return {
        "uuid": uuid(f"observation/{control.id}"),
        "title": f"{control.id} {control.title.ja} / {control.title.en}",
        "description": _described(one, masked),
        "props": [
            {"name": name, "ns": NAMESPACE, "value": str(value)} for name, value in figures.items() if value != ""
        ],
        "methods": ["INTERVIEW" if control.attest else "TEST"],
        "types": ["control-objective"],
        "relevant-evidence": [{"href": f"../{path}", "description": what} for path, what in files],
        "collected": one.known_at.isoformat(),
    }


def _finding(control: Control, one: Assessment, uuid: Callable[[str], str], masked: Callable[[str], str]) -> Json:
    state, reason = STATES[one.verdict]
    return {
        "uuid": uuid(f"finding/{control.id}"),
        "title": f"{control.id} {one.verdict.mark} {control.title.ja}",
        "description": _described(one, masked),
        "target": {
            "type": "objective-id",
            "target-id": str(control.id),
            "description": f"{control.requires.ja} / {control.requires.en}",
            "status": {"state": state, "reason": reason},
        },
        "related-observations": [{"observation-uuid": uuid(f"observation/{control.id}")}],
    }


def _described(one: Assessment, masked: Callable[[str], str]) -> str:
    told = f"{one.verdict.mark} 母集団 {one.population} 例外 {len(one.deviations)}"
    return f"{told}: {masked(one.reason)}" if one.reason else told
