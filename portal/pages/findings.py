"""Findings: what people make of gaps, step by step, from the cause to the check that what was done holds."""

from typing import Any

from starlette.responses import Response

from evidence.errors import ConfigError
from house import findings
from house.findings import Finding
from portal.door import Asked, NotThere
from portal.forms import day_of
from portal.naming import address_of
from portal.pages.gaps import line_of
from portal.pages.standing import seen
from portal.rights import Right
from registers.imports import person

STEPS = {  # by state: what can be said next, and who may
    "raised": {"plan": Right.FOLLOW},
    "planned": {"plan": Right.FOLLOW, "complete": Right.FOLLOW},
    "completed": {"hold": Right.VERIFY, "fail": Right.VERIFY},
    "ineffective": {"plan": Right.FOLLOW, "complete": Right.FOLLOW},
    "verified": {"close": Right.VERIFY, "fail": Right.VERIFY},
    "closed": {},
}
TEXTS = ("content", "cause", "correction", "prevention")
PERSONS = ("owner_key", "implemented_by", "verified_by")
DAYS = ("raised_on", "due_on", "completed_on", "verified_on", "closed_on")
OF_A_GAP = "gap-"  # begins the name of a field that chooses one


def list_(asked: Asked) -> Response:
    """The findings of a company that are for whoever asks; those that are not closed unless all are asked for."""
    only = asked.request.query_params.get("show", "open")
    told = [one for one in _findings(asked) if only == "all" or one.state != "closed"]
    return asked.page("findings.html", findings=[_line(asked, one) for one in told], only=only)


def finding(asked: Asked) -> Response:
    """One finding, how far it has come, and its gaps."""
    one = _found(asked)
    gaps = [line_of(asked, told) for told in one.gaps if seen(asked, told)]
    steps = [step for step, right in STEPS[one.state].items() if _may(asked, one, right)]
    return asked.page("finding.html", one=_line(asked, one), gaps=gaps, steps=steps, today=asked.house.today)


def take_up(asked: Asked) -> Response:
    """Make one finding of gaps."""
    chosen = {name.removeprefix(OF_A_GAP) for name in asked.form if name.startswith(OF_A_GAP)}
    content = asked.form.get("content", "").strip()
    if not content or not chosen:
        raise ConfigError("ギャップを選び、内容を記入してください / choose gaps, and say what was found")
    gaps = [one for one in asked.followed if address_of(asked.masked, one.gap) in chosen]
    if len(gaps) < len(chosen) or not all(seen(asked, one) for one in gaps):
        raise NotThere
    department = asked.form.get("department", "").strip() or None
    told = findings.take_up(asked.house, gaps, asked.session.person, content, department)
    return asked.moved(f"/{asked.company}/findings/{told}")


def step(asked: Asked) -> Response:
    """Bring a finding further."""
    one, house, by, told = _found(asked), asked.house, asked.session.person, asked.form
    wanted = told.get("step", "")
    if wanted not in STEPS[one.state] or not _may(asked, one, STEPS[one.state][wanted]):
        raise NotThere
    if wanted == "plan":
        owner, due = told.get("owner", "").strip(), day_of(told.get("due"))
        if not owner or due is None:
            raise ConfigError("責任者と期限を記入してください / say who does it, and until when")
        keys = house.keys()
        findings.plan(
            house, one, by, cause=told.get("cause", ""), correction=told.get("correction", ""),
            prevention=told.get("prevention", ""), due=due,
            owner=keys.of_person(person(keys, owner)),
        )  # fmt: skip
    else:
        reason = told.get("reason", "").strip()
        if not reason:
            raise ConfigError("何をしたか・何を確かめたかを記入してください / say what was done or seen")
        if wanted == "complete":
            findings.complete(house, one, by, reason)
        elif wanted == "close":
            findings.close(house, one, by, reason)
        else:
            findings.verify(house, one, by, reason, effective=wanted == "hold")
    return asked.moved(f"/{asked.company}/findings/{asked.given['finding']}")


def _may(asked: Asked, one: Finding, right: Right) -> bool:
    return asked.holds(right, one.row["control_id"] or "", one.row["department"])


def _findings(asked: Asked) -> list[Finding]:
    told = asked.once(findings.findings, str(asked.company))
    return [one for one in told if asked.scope.holds(one.row["control_id"] or "", one.row["department"])]


def _found(asked: Asked) -> Finding:
    found = [one for one in _findings(asked) if one.row["finding_id"] == asked.given["finding"]]
    if not found:
        raise NotThere
    return found[0]


def _line(asked: Asked, one: Finding) -> dict[str, Any]:
    row = one.row
    late = row["due_on"] is not None and row["completed_on"] is None and row["due_on"] < asked.house.today
    told = {name: asked.masked(str(row[name])) if row[name] else "" for name in (*TEXTS, *PERSONS)}
    return {
        "id": row["finding_id"], "state": one.state, "control": row["control_id"], "department": row["department"],
        "severity": row["severity"], "overdue": late, "gaps": len(one.gaps), "open_gaps": len(one.open_gaps),
        **told, **{name: row[name] for name in DAYS},
    }  # fmt: skip
