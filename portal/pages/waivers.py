"""Waivers 例外承認: what is accepted for a time, by whom, until when, and how much of it there is."""

from starlette.responses import Response

from house import waiving
from portal.door import Asked
from portal.naming import name_of

SOON = 30  # days before the end of a waiver in which it is told


def list_(asked: Asked) -> Response:
    """The waivers of a company that are for whoever asks, those that end first first."""
    today, told = asked.house.today, asked.masked
    lines = [
        {
            "id": told(one.waiver_id), "address": name_of([told(one.waiver_id)]), "control": one.control,
            "subject": told(one.subject or ""), "department": one.department, "reason": told(one.reason),
            "approved_by": told(one.approved_by), "approved_on": one.approved_on, "expires_on": one.expires_on,
            "covers": covers, "is_over": one.expires_on < today, "is_soon": (one.expires_on - today).days <= SOON,
        }
        for one, covers in asked.once(waiving.effect, str(asked.company))
        if asked.scope.holds(one.control, one.department)
    ]  # fmt: skip
    return asked.page("waivers.html", waivers=sorted(lines, key=lambda one: (one["expires_on"], one["id"])))
