"""Who may use the portal: what is in force, what waits for a second person, and what somebody asks for."""

from typing import Any

from starlette.responses import Response

from evidence.datasets import State, register
from evidence.portal_settings import Role
from house import newest
from house.desk import act_on, enter, next_id
from house.granting import GRANTS
from portal.door import Asked, NotThere
from portal.forms import day_of
from registers import versions
from registers.approval import Act

ACTS = {"approve": Act.APPROVE, "send_back": Act.SEND_BACK, "retire": Act.RETIRE}
DAYS = ("starts_on", "ends_on", "period_from_on", "period_to_on")


def list_(asked: Asked) -> Response:
    """The grants of the companies that whoever asks administers."""
    rows = [row for row in newest(asked.house, (GRANTS,)).rows(GRANTS) if _mine(asked, row["company"])]
    waits = [one.values for one in _waiting(asked).values() if one.state == State.SUBMITTED]
    return asked.page(
        "grants.html",
        grants=[_shown(asked, row) for row in sorted(rows, key=_order)],
        waiting=[_shown(asked, row) for row in waits],
        companies=[one for one in asked.house.settings.codes if _mine(asked, one)],
        whole=_mine(asked, None),
    )


def propose(asked: Asked) -> Response:
    """Ask for a grant; another administrator approves it."""
    told = {name: value.strip() or None for name, value in asked.form.items()}
    if not _mine(asked, told.get("company")) or told.get("role") not in {*Role}:
        raise NotThere
    row = {
        "company": told.get("company"),
        "department": told.get("department"),
        "grant_id": next_id(asked.house, GRANTS, "G"),
        "person_key": told.get("person"),
        "role": told["role"],
        "control_ids": [one for one in (told.get("controls") or "").replace(",", " ").split() if one],
        "purpose": told.get("purpose"),
        "requested_by": asked.session.person,
        "approved_by": None,
        "approved_on": None,
        **{name: day_of(told.get(name)) for name in DAYS},
    }
    reason = str(row["purpose"] or "")
    enter(asked.house, GRANTS, row, asked.session.person, reason)
    act_on(asked.house, GRANTS, [str(row["grant_id"])], Act.SUBMIT, asked.session.person, reason)
    return asked.moved("/grants")


def decide(asked: Asked) -> Response:
    """Approve a grant that somebody else asked for, send it back, or end one that is in force."""
    name, act = asked.given["grant"], ACTS.get(asked.form.get("act", ""))
    held = {str(row["grant_id"]): row for row in newest(asked.house, (GRANTS,)).rows(GRANTS)}
    waits = {key[0]: one.values for key, one in _waiting(asked).items()}
    row = held.get(name) if act is Act.RETIRE else waits.get(name)
    if act is None or row is None or not _mine(asked, row["company"]):
        raise NotThere
    act_on(asked.house, GRANTS, [name], act, asked.session.person, asked.form.get("reason", "").strip() or act.value)
    return asked.moved("/grants")


def _waiting(asked: Asked) -> dict[tuple[str, ...], Any]:
    found = versions.waiting(asked.house.store, register(GRANTS))
    return {tuple(one.key): one for one in found if _mine(asked, one.values.get("company"))}


def _mine(asked: Asked, company: object) -> bool:
    return any(one.company in (None, company) for one in asked.scope.grants)


def _order(row: Any) -> tuple[str, str, str]:
    return str(row["company"] or ""), str(row["role"]), str(row["grant_id"])


def _shown(asked: Asked, row: Any) -> dict[str, Any]:
    names = ("person_key", "requested_by", "approved_by", "purpose")
    return {**row, **{name: asked.masked(str(row[name])) if row[name] else "―" for name in names}}
