"""Coming in and leaving: a number and a password, and a session that nobody brought along."""

import logging
import re
from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from house.credentials import has_totp, is_password, totp_step
from portal import oidc
from portal.access_log import CAME_IN
from portal.door import SESSION, YEAR, Asked, Room, from_here
from portal.shown import LANGUAGE, LANGUAGES, language
from registers.reading import WORKER_NUMBER

ARRIVAL = "tenken-arrival"
_log = logging.getLogger("tenken.portal")
OURS = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")  # a path of this host: no second slash, no backslash, no blank
LONGEST = 100  # signs of a number


def form(room: Room, request: Request, status: int = 200) -> Response:
    """Where somebody says who they are."""
    return room.shown.page(request, "login.html", status, wrong=status != 200, provider=room.provider is not None)


def come_in(room: Room, request: Request, told: Mapping[str, str]) -> Response:
    """Begin a session for who knows the password; and a one-time password if they have any; whatever was
    wrong, the answer is the same."""
    number, password = told.get("number", "").strip()[:LONGEST], told.get("password", "")
    now, address, person = room.house.clock.now(), request.client.host if request.client else "", None
    proved_at = room.house.store.last_commit() or now
    if from_here(room, request) and number and password:
        person = _person(room, WORKER_NUMBER, number)
    if person is None or not room.tries.may(person, address, now):
        return _refused(room, request, person)
    is_known = is_password(room.house, person, password)
    step = totp_step(room.house, person, "".join(told.get("code", "").split()))
    is_proved_twice = is_known and step is not None and room.tries.take(person, step)
    if not is_known or (has_totp(room.house, person) and not is_proved_twice):
        return _refused(room, request, person)
    room.tries.was_right(person, address)
    return _begun(room, request, person, RedirectResponse("/", 303), proved_at, is_proved_twice=is_proved_twice)


def _refused(room: Room, request: Request, person: str | None) -> Response:
    room.note(request, person, "login_ng", None, 401)
    return form(room, request, 401)


def to_provider(room: Room, request: Request) -> Response:
    """Send somebody to the identity provider."""
    if room.provider is None:
        return room.shown.nothing(request)
    try:
        address, browser = room.provider.begin(room.house.clock.now())
    except oidc.Refused as error:
        return _not_let_in(room, request, error)
    answer = RedirectResponse(address, 303)
    life = int(oidc.LIFE.total_seconds())
    room.give_cookie(answer, ARRIVAL, browser, "lax", life)  # a strict one would not come back with them
    return answer


def from_provider(room: Room, request: Request) -> Response:
    """Begin a session for whom the identity provider named."""
    if room.provider is None:
        return room.shown.nothing(request)
    browser = request.cookies.get(room.cookie_of(ARRIVAL), "")
    proved_at = room.house.store.last_commit() or room.house.clock.now()
    try:
        claim = room.provider.back(request.query_params, browser, room.house.clock.now())
    except oidc.Refused as error:
        return _not_let_in(room, request, error)
    person = _person(room, room.provider.identifies, claim)
    # A page, no redirect: a strict cookie does not go on with who still comes from elsewhere.
    return _begun(room, request, person, room.shown.page(request, "arrived.html"), proved_at, is_proved_twice=True)


def _not_let_in(room: Room, request: Request, error: oidc.Refused) -> Response:
    _log.warning("nobody was let in by the identity provider: %s", error)
    return _refused(room, request, None)


def _person(room: Room, kind: str, told: str) -> str:
    with room.lock:
        keys = room.house.keys()
        return keys.of_person(keys.person(kind, told))


def _begun(
    room: Room, request: Request, person: str, answer: Response, proved_at: datetime, *, is_proved_twice: bool
) -> Response:
    """Begin a session under a new id, in the place of any that the browser has."""
    room.sessions.end(request.cookies.get(room.cookie))
    told = room.sessions.begin(person, room.house.clock.now(), proved_at, is_proved_twice=is_proved_twice)
    room.give_cookie(answer, SESSION, told, "strict")
    room.note(request, person, CAME_IN, None, answer.status_code)
    return answer


def leave(asked: Asked) -> Response:
    """End the session."""
    asked.room.sessions.end(asked.request.cookies.get(asked.room.cookie))
    answer = asked.moved("/login")
    answer.delete_cookie(asked.room.cookie, path="/", secure=asked.room.is_secret, httponly=True, samesite="strict")
    return answer


def speak(request: Request) -> Response:
    """Go on in the other language, on the page that was left."""
    other = next(one for one in LANGUAGES if one != language(request))
    back = request.query_params.get("back", "")
    answer = RedirectResponse(back if OURS.fullmatch(back) else "/", 303)
    answer.set_cookie(LANGUAGE, other, max_age=YEAR, samesite="strict", path="/")
    return answer
