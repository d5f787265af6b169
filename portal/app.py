"""The portal as a program: its doors, and what is open to everybody."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from anyio import create_task_group, sleep, to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as ASGIScope

from evidence.errors import ConfigError, TenkenError
from evidence.references import resolver
from evidence.vault.plain import PLAIN, PlainFolder
from house import House
from house.credentials import CODE_LIVES, last_step
from portal.access_log import AccessLog
from portal.api import api, not_found
from portal.door import Door, Lane, Room, tell, through, unanswered
from portal.forms import form_of
from portal.oidc import BACK, Provider
from portal.pages import (
    calendar,
    entrance,
    evidence,
    findings,
    gaps,
    grants,
    office,
    originals,
    packs,
    registers,
    results,
    standing,
    vendors,
    waivers,
)
from portal.rights import Right
from portal.shown import BY_TLS, HEADERS, Shown, static

GAP = "/{company}/gaps/{gap}"
FINDING = "/{company}/findings/{finding}"
DOCUMENT = "/{company}/periods/{judged}/{document}"
WISHES = "/{company}/originals"
WISH = WISHES + "/{wish}"
REGISTER = "/{company}/registers/{register}"
OPEN = frozenset({"api", "healthz", "language", "login", "oidc", "static"})
DOORS = (
    Door("GET", "/", None, standing.companies),
    Door("POST", "/logout", None, entrance.leave, "update", free=True),
    Door("GET", "/grants", Right.GRANTS, grants.list_),
    Door("POST", "/grants", Right.GRANTS, grants.propose, "admin", lane=Lane.ACTING),
    Door("POST", "/grants/{grant}", Right.GRANTS, grants.decide, "admin", lane=Lane.ACTING),
    Door("GET", "/settings", Right.SETTINGS, office.settings),
    Door("GET", "/{company}", Right.RESULTS, standing.dashboard),
    Door("GET", "/{company}/periods", Right.RESULTS, standing.periods, timeless=True),
    Door("GET", "/{company}/measures/{measure}", Right.RESULTS, standing.measure),
    Door("GET", "/{company}/controls/{control}", Right.RESULTS, results.control),
    Door("GET", "/{company}/controls/{control}/{number}", Right.SOURCE_LINES, results.deviation),
    Door("GET", "/{company}/gaps", Right.GAPS, gaps.list_),
    Door("GET", GAP, Right.GAPS, gaps.gap),
    Door("POST", GAP, Right.FOLLOW, gaps.act, "update", lane=Lane.ACTING),
    Door("POST", GAP + "/ask", Right.ASK, gaps.ask, "update", lane=Lane.ACTING),
    Door("POST", GAP + "/decide", Right.DECIDE, gaps.decide, "update", lane=Lane.ACTING),
    Door("GET", "/{company}/findings", Right.GAPS, findings.list_),
    Door("POST", "/{company}/findings", Right.RAISE, findings.take_up, "update", lane=Lane.ACTING),
    Door("GET", FINDING, Right.GAPS, findings.finding),
    Door("POST", FINDING, Right.GAPS, findings.step, "update", lane=Lane.ACTING),
    Door("GET", "/{company}/decisions", Right.DECIDE, gaps.decisions),
    Door("GET", DOCUMENT, Right.PACKS, packs.document, "export", timeless=True, lane=Lane.PACKING),
    Door("GET", "/{company}/packs", Right.PACKS, packs.builder, timeless=True),
    Door("POST", "/{company}/packs", Right.PACKS, packs.build, "export", timeless=True, lane=Lane.PACKING),
    Door("GET", "/{company}/packs/{link}", Right.PACKS, packs.take, "export", timeless=True),
    Door("POST", WISHES, Right.ORIGINALS, originals.ask, "update", timeless=True, lane=Lane.ACTING, takes_file=True),
    Door("GET", WISHES, Right.RELEASE, originals.list_),
    Door("POST", WISH, Right.RELEASE, originals.decide, "admin"),
    Door("POST", WISH + "/build", Right.ORIGINALS, originals.build, "export", timeless=True, lane=Lane.PACKING),
    Door("GET", "/{company}/calendar", Right.CALENDAR, calendar.calendar, lane=Lane.SEARCHING),
    Door("GET", "/{company}/waivers", Right.GAPS, waivers.list_),
    Door("GET", "/{company}/vendors", Right.REGISTERS, vendors.list_),
    Door("GET", "/{company}/vendors/{vendor}", Right.REGISTERS, vendors.vendor),
    Door("GET", "/{company}/evidence", Right.EVIDENCE, evidence.list_, lane=Lane.SEARCHING),
    Door("GET", "/{company}/evidence/{object}", Right.EVIDENCE, evidence.thing, lane=Lane.SEARCHING),
    Door("GET", "/{company}/registers", Right.REGISTERS, registers.list_),
    Door("GET", REGISTER, Right.REGISTERS, registers.rows),
    Door("POST", REGISTER, Right.ENTER, registers.bring_in, "update", lane=Lane.ACTING, takes_file=True),
    Door("GET", REGISTER + "/compare", Right.REGISTERS, registers.compare, lane=Lane.SEARCHING),
    Door("GET", REGISTER + "/sheet", Right.REGISTERS, registers.sheet, "export", lane=Lane.SEARCHING),
    Door("GET", REGISTER + "/{row}", Right.REGISTERS, registers.row),
    Door("POST", REGISTER + "/{row}", Right.REGISTERS, registers.act, "update", lane=Lane.ACTING),
    Door("GET", "/{company}/ledger", Right.LEDGER, office.head),
    Door("POST", "/{company}/ledger", Right.LEDGER, office.compare),
)


def portal(house: House, ahead: timedelta | None = None) -> ASGIApp:
    """The portal of a house; ConfigError when its settings do not say where it is reached.

    Every so often (``ahead``) what most pages show is worked out before somebody asks: of a large group that takes
    seconds after a night of collections.
    """
    told = house.settings.portal
    if told is None:
        raise ConfigError(
            f"{house.home / 'settings.yaml'}: has no portal; write `portal: {{url: https://HOST}}` into it"
        )
    first = {door.path.split("/")[1] for door in DOORS} | OPEN
    if taken := sorted(first.intersection(house.settings.codes)):
        raise ConfigError(
            f"a company cannot have the code {', '.join(taken)} where there is a portal: a page is called so"
        )
    secret = told.oidc and resolver(house.home)(told.oidc.client_secret)
    provider = Provider(told.oidc, secret, told.origin) if told.oidc and secret else None
    room = Room(house, Shown(), AccessLog(house.home), told.origin, provider, told.is_secret, told.second_factor)
    _recall_codes(room)
    routes = [Route(door.path, through(room, door), methods=[door.method]) for door in DOORS]

    @asynccontextmanager
    async def lasting(_: Starlette) -> AsyncIterator[None]:
        with PlainFolder(house.home / PLAIN).room() as room.ready:  # gone with the process, however that ends
            async with create_task_group() as beside:
                if ahead:
                    beside.start_soon(_look_ahead, room, ahead)
                yield
                beside.cancel_scope.cancel()

    app = Starlette(
        routes=[*_open_to_all(room), Mount("/api", api(room)), *routes],
        exception_handlers={404: _nothing(room), 405: _nothing(room)},
        lifespan=lasting,
    )
    app.router.redirect_slashes = False  # it would tell the host that it was asked by
    return _Headers(app, HEADERS | (BY_TLS if told.is_secret else {}))


def _recall_codes(room: Room) -> None:
    """A one-time password that was taken before a restart is not taken again (RFC 6238 §5.2)."""
    now = room.house.clock.now()
    for person, at in room.log.came_in(now - CODE_LIVES, now + CODE_LIVES):  # of a clock that was ahead, nothing
        room.tries.take(person, last_step(at))


async def _look_ahead(room: Room, every: timedelta) -> None:
    while True:
        await to_thread.run_sync(room.look_ahead)
        await sleep(every.total_seconds())


def _open_to_all(room: Room) -> list[Route]:
    files = static()

    async def login(request: Request) -> Response:
        return await run_in_threadpool(entrance.form, room, request)

    async def come_in(request: Request) -> Response:
        form = (await form_of(request)).fields
        return await to_thread.run_sync(entrance.come_in, room, request, form, limiter=room.lanes[Lane.SIGNING_IN])

    async def to_provider(request: Request) -> Response:
        return await run_in_threadpool(entrance.to_provider, room, request)

    async def from_provider(request: Request) -> Response:
        return await run_in_threadpool(entrance.from_provider, room, request)

    async def health(_: Request) -> Response:
        is_well = await run_in_threadpool(_is_well, room.house)
        return PlainTextResponse("ok\n" if is_well else "the database does not answer\n", 200 if is_well else 503)

    async def file(request: Request) -> Response:
        content, kind = files.get(request.path_params["name"], (None, ""))
        return room.shown.nothing(request) if content is None else Response(content, media_type=kind)

    async def speak(request: Request) -> Response:
        return entrance.speak(request)

    return [
        Route("/healthz", health),
        Route("/login", login, methods=["GET"]),
        Route("/login", come_in, methods=["POST"]),
        Route("/oidc", to_provider),
        Route(BACK, from_provider),
        Route("/language", speak),
        Route("/static/{name}", file),
    ]


def _is_well(house: House) -> bool:
    try:
        with house.store.read() as tx:
            return tx.last_at is not None
    except TenkenError:
        return False


def _nothing(room: Room) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answered(request: Request, _: Exception) -> Response:
        session = room.sessions.find(request.cookies.get(room.cookie), room.house.clock.now())
        room.note(request, session and session.person, "read", None, 404)
        return not_found() if request.url.path.startswith("/api/") else room.shown.nothing(request)

    return answered


class _Headers:
    """Puts what keeps foreign things out on every answer, whoever gave it, and no message of a fault into the log."""

    def __init__(self, app: ASGIApp, told: Mapping[str, str]) -> None:
        self._app, self._told = app, told

    async def __call__(self, asked: ASGIScope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._told)
            await send(message)

        try:
            await self._app(asked, receive, sent)
        except Exception as error:  # Starlette has answered; the server would log what it is about, too
            if asked["type"] != "http":
                raise
            tell(unanswered(asked["method"], "outside of a door"), error)
