"""What machines read: results and gaps of a company as JSON, with a token, and nothing to change.

Persons are pseudonyms here as on every page. What a token is not for is answered as if it were not there.
"""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from evidence.period import Period
from house.credentials import owner_of_token
from house.following import followed
from house.granting import granted
from house.standing import assessments, newest_assessments
from portal.door import NotThere, Room
from portal.rights import Right, scope

MOST = 1_000


class Told(BaseModel):
    """What is told when there is nothing, or nothing for this token."""

    detail: str


class Result(BaseModel):
    """One control, as it was judged."""

    control: str
    since: date
    as_of: date
    known_at: datetime
    verdict: str  # pass | partial | fail | unverified | not_applicable
    reason: str | None
    population: int
    deviations: int
    population_digest: str


class OpenGap(BaseModel):
    """One gap, as it is today."""

    control: str
    subject: str
    aspect: str | None
    department: str | None
    state: str
    severity: str
    opened_on: date
    due_on: date | None
    overdue_days: int
    waiver: str | None


NOTHING = {404: {"model": Told}}
_bearer = HTTPBearer(auto_error=False)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def api(room: Room) -> FastAPI:
    """The routes for machines, to be mounted."""
    app = FastAPI(title="tenken", version="1", docs_url=None, redoc_url=None)

    @app.exception_handler(NotThere)
    async def nothing(_: Request, __: Exception) -> JSONResponse:
        return not_found()

    @app.get("/{company}/results", responses=NOTHING)
    def results(
        request: Request, company: str, bearer: Bearer, since: date | None = None, as_of: date | None = None
    ) -> list[Result]:
        """The newest result of each control, or those of a period (since and as_of)."""
        with room.lock, _Reading(room, request, company, bearer):
            return _results(room, company, since, as_of)

    @app.get("/{company}/gaps", responses=NOTHING)
    def gaps(
        request: Request, company: str, bearer: Bearer, skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0
    ) -> list[OpenGap]:
        """The gaps that are open, a thousand at once."""
        with room.lock, _Reading(room, request, company, bearer):
            return _gaps(room, company)[skip : skip + MOST]

    return app


def not_found() -> JSONResponse:
    """That there is nothing here, or nothing for whoever asks."""
    return JSONResponse({"detail": "Not Found"}, 404)


class _Reading:
    """Lets a token in that may read of a company, and puts down what came of it."""

    def __init__(self, room: Room, request: Request, company: str, bearer: HTTPAuthorizationCredentials | None) -> None:
        self._room, self._request, self._company = room, request, company
        self._person = owner_of_token(room.house, bearer.credentials) if bearer else None

    def __enter__(self) -> None:
        house, company = self._room.house, self._company
        may = self._person and company in house.settings.codes
        if not may or not scope(granted(house, str(self._person)), Right.API, company):
            self._note(404)
            raise NotThere

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._note(500 if kind else 200)

    def _note(self, status: int) -> None:
        self._room.note(self._request, self._person, "read", self._company, status)


def _results(room: Room, company: str, since: date | None, as_of: date | None) -> list[Result]:
    house = room.house
    if since and as_of and since <= as_of:
        judged = assessments(house, Period(since, as_of, house.settings.zone), company)
    elif since or as_of:
        return []
    else:
        judged = newest_assessments(house, company)
    masked = house.masking(company)
    return [
        Result(
            control=str(one.control),
            since=one.since,
            as_of=one.as_of,
            known_at=one.known_at,
            verdict=one.verdict.value,
            reason=one.reason and masked(one.reason),
            population=one.population,
            deviations=len(one.deviations),
            population_digest=one.population_digest,
        )
        for one in judged
    ]


def _gaps(room: Room, company: str) -> list[OpenGap]:
    masked = room.house.masking(company)
    return [
        OpenGap(
            control=str(one.gap.control),
            subject=masked(one.gap.subject),
            aspect=masked(one.gap.aspect) if one.gap.aspect else None,
            department=one.gap.department,
            state=one.gap.state,
            severity=one.gap.severity,
            opened_on=one.gap.opened_on,
            due_on=one.gap.due_on,
            overdue_days=one.overdue_days,
            waiver=masked(one.waiver.waiver_id) if one.waiver else None,
        )
        for one in followed(room.house, company)
        if one.gap.is_open
    ]
