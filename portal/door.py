"""The one door of the portal: every route says which right it asks for, and none is reached without.

A request is let in, or answered as if there were nothing: who may not see a thing does not learn that it is there.
Each is a line of the access log before its answer leaves.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from secrets import compare_digest
from threading import RLock
from typing import Any, Concatenate, Literal, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, Lock, move_on_after, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from evidence.border import Border
from evidence.errors import TenkenError
from evidence.period import Period
from evidence.portal_settings import Role
from house import House
from house.credentials import changed_since
from house.following import Followed, followed
from house.granting import Grant, granted
from house.once import once
from portal.access_log import AccessLog
from portal.forms import NOTHING, Brought, Form, form_of
from portal.links import Links
from portal.oidc import Provider
from portal.rights import Right, Scope, about, scope
from portal.sessions import Session, Sessions, Tries
from portal.shown import Shown
from portal.wishes import Wishes

MOST_PATH = 2_000  # signs of an address that are kept
SAFE = frozenset({"GET", "HEAD"})
LONGEST_UPLOAD = 120  # seconds
SESSION = "tenken"  # its cookie
YEAR = 366 * 24 * 60 * 60  # seconds
NOBODY = "nobody"  # has not come in
PERIOD = "period"  # the parameter that names one: 2026-03-01..2026-03-31
T = TypeVar("T")
_log = logging.getLogger("tenken.portal")


@dataclass(frozen=True)
class Asked:
    """A request of somebody who may make it, and how much of what it asks for they may see."""

    room: "Room"
    house: House
    request: Request
    session: Session
    grants: tuple[Grant, ...]
    scope: Scope
    company: str | None = None
    period: Period | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    file: Brought | None = None
    is_held_back: bool = False  # whether they have roles that a password is not enough for

    @property
    def given(self) -> Mapping[str, str]:
        """The parts of the address that name something."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def known_at(self) -> datetime:
        """Now, with all that was committed: the clock of a commit may be a moment ahead."""
        now = self.house.clock.now()
        return max(now, self.house.store.last_commit() or now)

    @cached_property
    def masked(self) -> Border:
        """What a text becomes that leaves the company of the request."""
        return self.house.masking(self.company or self.house.settings.codes[0])

    @property
    def followed(self) -> list[Followed]:
        """Every gap of the company, whomever it is for."""
        return followed(self.house, self.company)

    def once(self, made: Callable[Concatenate[House, ...], T], *about: object) -> T:
        """What is made of the house as it stands, for all requests."""
        return once(self.house, made, *about)

    def may(self, right: Right, company: str | None = None) -> bool:
        """Whether whoever asks has another right, too, as of what they ask about."""
        return bool(about(scope(self.grants, right, company or self.company), self.period))

    def holds(self, right: Right, control: str, department: str | None) -> bool:
        """Whether they have a right about what is about a control and a department."""
        return about(scope(self.grants, right, self.company), self.period).holds(control, department)

    def ever(self, right: Right) -> bool:
        """Whether they have a right in this company, about whatever time."""
        return bool(scope(self.grants, right, self.company))

    def anywhere(self, right: Right) -> bool:
        """Whether they have a right in any company."""
        return bool(scope(self.grants, right, None))

    @property
    def suffix(self) -> str:
        """What goes on with the period of the request when it is put behind an address."""
        return f"?{PERIOD}={self.period.since}..{self.period.as_of}" if self.period else ""

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page for whoever asks."""
        return self.room.shown.page(self.request, template, status, asked=self, **values)

    def moved(self, to: str) -> Response:
        """Go on with another page."""
        return RedirectResponse(to, 303)


Answer = Callable[[Asked], Response]


class Lane(StrEnum):
    """Who waits for whom: readers share the rooms, of each other kind one is answered at a time."""

    READING = "reading"
    ACTING = "acting"
    PACKING = "packing"
    SEARCHING = "searching"
    BRINGING = "bringing"
    SIGNING_IN = "signing_in"


WIDTH = {Lane.BRINGING: 2}  # files that are read at a time


@dataclass(frozen=True, slots=True)
class Door:
    """A route, the right that it asks for, and who answers behind it."""

    method: str
    path: str
    right: Right | None  # None: whoever has come in, whatever they may
    answer: Answer
    act: str = "read"  # what the access log calls it
    timeless: bool = False  # it is for who is confined to a period, too, whichever is asked for
    lane: Lane = Lane.READING
    free: bool = False  # it takes no grant
    takes_file: bool = False


@dataclass(slots=True)
class Room:
    """What all requests share. The house's windows take one at a time: whoever answers holds the lock."""

    house: House
    shown: Shown
    log: AccessLog
    origin: str
    provider: Provider | None
    is_secret: bool  # whether nobody on the way to it can read along
    twice: Collection[Role] = ()  # roles that a password is not enough for
    ready: Path = field(init=False)  # what waits to be taken away, while the portal is served
    sessions: Sessions = field(default_factory=Sessions)
    tries: Tries = field(default_factory=Tries)
    links: Links = field(default_factory=Links)
    wishes: Wishes = field(default_factory=Wishes)
    lock: RLock = field(default_factory=RLock)
    queues: WeakValueDictionary[str, Lock] = field(default_factory=WeakValueDictionary)  # by person: of their files
    lanes: Mapping[Lane, CapacityLimiter] = field(
        default_factory=lambda: {one: CapacityLimiter(WIDTH.get(one, 1)) for one in Lane if one is not Lane.READING}
    )

    def look_ahead(self) -> None:
        """Work out what most pages show, as far as it is not known, and keep nobody waiting; what is wrong now may be
        right the next time."""
        try:
            with self.house.another() as house:
                followed(house)
                house.masking(house.settings.codes[0])
                house.feeds  # noqa: B018 - a large group's sources take seconds to read
        except Exception as error:
            tell("what most pages show was not worked out", error)

    @property
    def cookie(self) -> str:
        """The name of the cookie that holds a session's id."""
        return self.cookie_of(SESSION)

    def cookie_of(self, name: str) -> str:
        """A cookie's name; with the prefix that no neighbour can set where nobody reads along."""
        return f"__Host-{name}" if self.is_secret else name

    def give_cookie(
        self, answer: Response, name: str, value: str, site: Literal["lax", "strict"], age: int | None = None
    ) -> None:
        """Let the browser keep something that no script of it reads."""
        answer.set_cookie(
            self.cookie_of(name), value, max_age=age, httponly=True, samesite=site, secure=self.is_secret, path="/"
        )

    def note(self, request: Request, person: str | None, act: str, company: str | None, status: int) -> None:
        """Put down a request: who, what, and what came of it. Of the address its parts, never what a form held."""
        codes = self.house.settings.codes
        result = "ok" if status < 400 else "denied" if status < 500 else "error"
        path, link = request.url.path, request.path_params.get("link")
        told = {
            "person": person or NOBODY,
            "ip": request.client.host if request.client else None,
            "act": act,
            "company": company if company in codes else codes[0],  # what names none is told under the first
            "method": request.method,
            "path": (path.replace(link, f"{link[:6]}…") if link else path)[:MOST_PATH],  # what opens stands in no log
            "status": status,
            "result": result,
        }
        self.log.add(self.house.clock.now(), told)


def through(room: Room, door: Door) -> Callable[[Request], Awaitable[Response]]:
    """What answers a request at a door.

    Whoever reads shares the rooms, one after the other. Who changes or builds something has rooms of their own, and
    waits for others of their kind outside, where no thread waits with them.
    """

    async def answered(request: Request) -> Response:
        form = NOTHING if request.method in SAFE else await _sent(room, door, request)
        if door.lane is Lane.READING:
            return await to_thread.run_sync(_answered, room, door, request, form)
        return await to_thread.run_sync(_answered, room, door, request, form, limiter=room.lanes[door.lane])

    return answered


async def _sent(room: Room, door: Door, request: Request) -> Form:
    """The form of a request; a file is read of who may bring one, two at a time and one of each person, and not for
    ever."""
    if not door.takes_file:
        return await form_of(request)
    person = await to_thread.run_sync(_may_bring, room, door, request)
    if person is None:
        return NOTHING
    queue = room.queues.setdefault(person, Lock())
    async with queue, room.lanes[Lane.BRINGING]:
        with move_on_after(LONGEST_UPLOAD):  # from when it is its turn
            return await form_of(request, with_file=True)
    return NOTHING


def _may_bring(room: Room, door: Door, request: Request) -> str | None:
    """Who brings a file that they may bring; None: somebody who may not."""
    session = _session(room, request)
    if session is None or door.right is None or not from_here(room, request):
        return None
    with room.lock:
        grants = _proved(room, session, once(room.house, granted, session.person))
    return session.person if scope(grants, door.right, request.path_params.get("company")) else None


def _proved(room: Room, session: Session, held: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants that somebody may use who came in as they did."""
    return tuple(one for one in held if session.is_proved_twice or one.role not in room.twice)


def from_here(room: Room, request: Request) -> bool:
    """Whether a request that changes something comes from a page of ours, as its browser says."""
    told = request.headers.get("origin") or request.headers.get("referer") or ""
    try:
        parts = urlsplit(told)
    except ValueError:  # a bracket without the other
        return False
    return f"{parts.scheme}://{parts.netloc}" == room.origin


def _answered(room: Room, door: Door, request: Request, form: Form) -> Response:
    company, session, status = request.path_params.get("company"), None, 500
    try:
        session = _session(room, request)
        if session is None:
            status = 401
            return room.shown.nothing(request) if request.method not in SAFE else RedirectResponse("/login", 303)
        with room.lock:
            room.house.look_again()
            asked = _let_in(room, door, request, session, form)
            answer = None if asked and door.lane is not Lane.READING else _answer(room, door, request, asked)
        if answer is None:
            with room.house.another() as house:
                answer = _answer(room, door, request, replace(asked, house=house) if asked else None)
        status = answer.status_code
        return answer
    except Exception as error:  # whatever it is, who asked gets an answer, and no message is logged
        tell(unanswered(request.method, door.path), error)
        return room.shown.page(request, "refused.html", 500, why="")
    finally:
        room.note(request, session and session.person, door.act, company, status)


def _session(room: Room, request: Request) -> Session | None:
    """The session of a request; one is over when what its person proved is not what counts any more."""
    told = request.cookies.get(room.cookie)
    session = room.sessions.find(told, room.house.clock.now())
    if session is not None and changed_since(room.house, session.person, session.proved_at):
        room.sessions.end(told)
        return None
    return session


def _let_in(room: Room, door: Door, request: Request, session: Session, form: Form) -> Asked | None:
    """What is asked, by who may; None when it is not for them, or does not come from a page of ours."""
    try:
        company, period = request.path_params.get("company"), _period(request, room.house)
    except ValueError:
        return None
    held = once(room.house, granted, session.person)
    grants = _proved(room, session, held)
    known = company is None or company in room.house.settings.codes
    people = Scope(tuple(one for one in held if one.role is not Role.MACHINE))
    seen = scope(grants, door.right, company) if door.right else people
    seen = seen if door.timeless or not door.right else about(seen, period)
    if not known or not (seen or door.free) or not _is_ours(room, request, session, form):
        return None
    told = (company, period, form.fields, form.file, len(grants) < len(held))
    return Asked(room, room.house, request, session, grants, seen, *told)


def _is_ours(room: Room, request: Request, session: Session, form: Form) -> bool:
    """Whether what would change something comes from a form that was given to this session."""
    if request.method in SAFE:
        return True
    brought = form.fields.get("token", "").encode()
    return from_here(room, request) and compare_digest(brought, session.token.encode())


def _answer(room: Room, door: Door, request: Request, asked: Asked | None) -> Response:
    if asked is None:
        return room.shown.nothing(request)
    try:
        return door.answer(asked)
    except NotThere:
        return room.shown.nothing(request)
    except TenkenError as error:
        return asked.page("refused.html", 422, why=asked.masked(str(error)))
    except Exception as error:
        tell(unanswered(request.method, door.path), error)
        return asked.page("refused.html", 500, why="")


def unanswered(method: str, path: str) -> str:
    """What is told of a request that failed: ``path`` is a pattern, for what was asked may name somebody."""
    return f"{method} {path} was not answered"


def tell(what: str, error: Exception) -> None:
    """Say that something failed, and where: not of what, for that may name somebody."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s: %s\n%s", what, type(error).__name__, where)


class NotThere(Exception):
    """What was asked for is not there, or not for whoever asks."""


def _period(request: Request, house: House) -> Period | None:
    """The period that is asked about, if any; ValueError when it is none."""
    told = request.query_params.get(PERIOD)
    first, _, last = (told or "").partition("..")
    return None if not told else Period(date.fromisoformat(first), date.fromisoformat(last), house.settings.zone)
