"""What is behind the desk: the ledger's head, whether it grew from what was seen before, and how all is set up."""

import base64
import binascii
from typing import Any

from starlette.responses import Response

from evidence import ledger
from evidence.errors import IntegrityError
from evidence.references import is_reference
from house.heads import grown_since
from portal.door import YEAR, Asked

HIDDEN = "${…}"  # in the place of where a secret lies
SEEN = "tenken-head-"  # begins the name of the cookie that holds what was seen of a company


def head(asked: Asked) -> Response:
    """The signed head of a company's log, and whether the log grew from the one that this browser was shown last.

    The browser keeps what it was shown, out of our reach: a log that did not grow from it is not taken for the one that
    is kept there.
    """
    company = str(asked.company)
    with asked.house.store.read() as tx:
        signed = tx.checkpoints.latest(ledger.log_of(company))
    told = asked.request.cookies.get(asked.room.cookie_of(SEEN + company))
    kept = _unpacked(told) if told else None
    answer, is_sound = _page(asked, kept)
    if signed and is_sound:
        packed = base64.urlsafe_b64encode(signed[1].encode()).decode()
        asked.room.give_cookie(answer, SEEN + company, packed, "strict", YEAR)
    return answer


def compare(asked: Asked) -> Response:
    """Whether the log grew from a head that somebody kept elsewhere."""
    return _page(asked, asked.form.get("head", "").replace("\r\n", "\n").strip() + "\n")[0]


def settings(asked: Asked) -> Response:
    """How the deployment is set up; where its database is, and what notices need, is not shown."""
    shown = asked.house.settings.model_dump(mode="json", exclude={"database", "notices"})
    reached = {one.company for one in asked.scope.grants}
    shown["companies"] = [one for one in shown["companies"] if reached & {None, one["code"]}]
    return asked.page("settings.html", settings=[(name, _said(asked, told)) for name, told in sorted(shown.items())])


def _said(asked: Asked, told: Any) -> Any:
    """A setting as a page shows it: no person, and not where a secret lies."""
    if isinstance(told, dict):
        return {name: _said(asked, one) for name, one in told.items()}
    if isinstance(told, list):
        return [_said(asked, one) for one in told]
    return HIDDEN if is_reference(str(told)) else asked.masked(told) if isinstance(told, str) else told


def _page(asked: Asked, kept: str | None) -> tuple[Response, bool]:
    """The page of the ledger, and whether nothing speaks against it."""
    log, wrong, grown = ledger.log_of(str(asked.company)), "", None
    with asked.house.store.read() as tx:
        signed, size = tx.checkpoints.latest(log), tx.ledger.size(log)
    if kept is not None:
        try:
            grown = grown_since(asked.house, log, kept)
        except (IntegrityError, ValueError) as error:
            wrong = asked.masked(str(error))
    page = asked.page(
        "ledger.html", size=size, signed=signed and signed[0], note=signed and signed[1], grown=grown, wrong=wrong,
        vkey=asked.house.vkey(str(asked.company)),
    )  # fmt: skip
    return page, not wrong


def _unpacked(told: str) -> str:
    try:
        return base64.urlsafe_b64decode(told).decode()
    except (binascii.Error, ValueError):
        return ""
