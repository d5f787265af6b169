"""What a form brings: its fields and, at some doors, a file; nothing of what is too long, cut off or no form."""

import unicodedata
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from evidence.errors import ConfigError
from registers.workbook import MAX_BYTES

MOST_FORM_BYTES, MOST_FIELDS, MOST_SIGNS = 1 << 20, 100, 2_000
MOST_FILE_BYTES = MAX_BYTES + MOST_FORM_BYTES


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as somebody sent it: what they call it, and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent."""

    fields: Mapping[str, str] = field(default_factory=dict)
    file: Brought | None = None


NOTHING = Form()
YEARS = range(1900, 2200)


class _Unread(MultiPartException):
    """More was sent than anybody needs to, or it was cut off; what was read of it is let go of."""


async def form_of(request: Request, *, with_file: bool = False) -> Form:
    """The fields of a form and the file that it may bring."""
    kind, body = request.headers.get("content-type", ""), bytearray()
    try:
        if with_file and kind.startswith("multipart/form-data"):
            return await _with_file(request)
        async for piece in _whole(request, MOST_FORM_BYTES):
            body += piece
        if not kind.startswith("application/x-www-form-urlencoded"):
            return NOTHING
        told = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except (MultiPartException, ValueError):
        return NOTHING
    return _form(told)


async def _with_file(request: Request) -> Form:
    read = MultiPartParser(
        request.headers, _whole(request, MOST_FILE_BYTES), max_files=1, max_fields=MOST_FIELDS,
        max_part_size=MOST_FORM_BYTES,
    )  # fmt: skip
    read.spool_max_size = MOST_FILE_BYTES  # what somebody sent lies on no disk before they may send it
    parts = await read.parse()
    told = [(name, value) for name, value in parts.multi_items() if isinstance(value, str)]
    files = [Brought(one.filename or "", await one.read()) for one in parts.values() if isinstance(one, UploadFile)]
    await parts.close()
    fields = _form(told).fields
    return Form(fields, files[0] if files else None) if fields else NOTHING


async def _whole(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    had = 0
    try:
        async for piece in request.stream():
            had += len(piece)
            if had > most:
                raise _Unread("is too long")
            yield piece
    except ClientDisconnect as error:
        raise _Unread("was cut off") from error


def _form(told: list[tuple[str, str]]) -> Form:
    if any(len(value) > MOST_SIGNS for _, value in told):
        return NOTHING
    return Form({name: normal(value) for name, value in told})


def normal(told: str) -> str:
    """A text as the ledger keeps it (NFC): a Mac writes others."""
    return unicodedata.normalize("NFC", told)


def number_of(told: str | None) -> int:
    """The number that somebody wrote; 0 where they wrote none."""
    return int(told) if told and told.isdecimal() and len(told) < 10 else 0


def day_of(told: str | None) -> date | None:
    """The day that somebody wrote; None where they wrote none, ConfigError when it is no day."""
    try:
        day = date.fromisoformat(told) if told else None
    except ValueError as error:
        raise ConfigError(f"{told!r} is no day; write it as 2026-03-31") from error
    if day is not None and day.year not in YEARS:
        raise ConfigError(f"{told}: is too far away")
    return day
