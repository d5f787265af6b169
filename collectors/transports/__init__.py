"""Transports: where evidence comes from. They list and hand over bytes, and judge nothing.

A listing is hostile until shown otherwise: only regular files, no links, no name that could be mistaken for a path.
What a listing shows and a transport will not touch is in ``refused``, so that it is never silently missing. Bytes are
complete and unchanged to their last, or reading them raises. A new transport is one module and one line in
``TRANSPORTS``; its libraries are imported when a source of its kind is.
"""

import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Protocol, Self, cast

from pydantic import AfterValidator, BaseModel, ConfigDict

from evidence.errors import SourceError
from evidence.references import Resolve

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # options stand beside secrets
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_NAME = 255  # bytes, as on every file system we know
BUFFER = 256 * 1024
_MISLEADING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, invisible, undecodable, line and paragraph breaks


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a source offers, as it was listed."""

    name: str  # the source's own name for it; never used as a path of ours
    size: int
    modified: datetime
    version: str | None = None
    file: tuple[int, int] | None = field(default=None, compare=False)  # device and inode, where they are told


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source was collected: items modified at this instant or later are listed (the caller knows which of
    those it has; an instant may hold several)."""

    modified: datetime

    def reached(self, modified: datetime) -> bool:
        """Whether something modified then is to be listed."""
        return modified >= self.modified


@dataclass(frozen=True, slots=True)
class Refused:
    """Something in a listing that is not collected: its name, safe to print, and why."""

    name: str
    why: str


class Received(io.BufferedReader):
    """The bytes of one item as a stream; reading to the end raises SourceError unless they are whole and unchanged.

    ``item`` is what was opened: the item as listed, but for the version that the answer names and, where a log was
    written on since, its size and time then. ``checksum`` is the source's own that the bytes were verified against
    (``crc32``, ``sha256``); None: the source gave none.
    """

    def __init__(self, raw: io.RawIOBase, item: Item, checksum: str | None = None) -> None:
        super().__init__(raw, BUFFER)
        self.item, self.checksum = item, checksum


class Transport(Protocol):
    """Where evidence comes from, while it is open."""

    refused: list[Refused]  # what the last listing showed and must not be collected

    def items(self, since: Cursor | None) -> Iterator[Item]:
        """List what there is; SourceUnreachable when trying again may help, else SourceError: a person must look."""
        ...

    def open(self, item: Item) -> Received:
        """Stream exactly the item that was listed; SourceError when it is gone, replaced or unreadable."""
        ...

    def origin(self, item: Item) -> str:
        """Where the item lies, for the record: a URI without user and secrets."""
        ...

    def close(self) -> None:
        """Let go of connections; safe to repeat."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Kind(Protocol):
    """What every module of ``TRANSPORTS`` offers."""

    Options: type[BaseModel]

    def build(self, options: Any, home: Path, secrets: Resolve | None = None, *, growing: bool = False) -> Transport:
        """A transport from its options; nothing is connected yet. ConfigError when a secret is missing or unusable.

        ``growing``: its files are logs that are being written; of each come the bytes that it had when it was opened.
        """
        ...


class _Table(Mapping[str, Kind]):
    """Kinds by name, imported when asked for: boto3 and paramiko cost a third of a second."""

    _modules: Mapping[str, str] = {
        "local": "collectors.transports.local",
        "sftp": "collectors.transports.sftp",
        "s3": "collectors.transports.s3",
    }

    def __getitem__(self, kind: str) -> Kind:
        return cast(Kind, import_module(self._modules[kind]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, kind: object) -> bool:
        return kind in self._modules


TRANSPORTS: Mapping[str, Kind] = _Table()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file system says of a file's content; two equal ones mean: not touched in between."""

    size: int
    modified: int | float


def check_begun(place: str, name: str, before: Stamp, received: int, after: Stamp) -> None:
    """Raise SourceError unless all bytes arrived that a growing file had when it was opened, and it only grew."""
    if after.size < before.size:
        why = "was cut off while it was read; nothing was kept. Collect again"
        raise SourceError(place, f"{printable(name)} {why}")
    check_whole(place, name, before, received, before)


def check_whole(place: str, name: str, before: Stamp, received: int, after: Stamp) -> None:
    """Raise SourceError for bytes that changed while they were read, or ended before their end."""
    if before != after:
        why = "changed while it was read; nothing was kept. Rotate it first; or say `growing: true` if it is a log"
        raise SourceError(place, f"{printable(name)} {why}")
    if received != before.size:
        why = (
            f"has {before.size} bytes, but {received} arrived; nothing was kept. Look at the disk and the server's log"
        )
        raise SourceError(place, f"{printable(name)} {why}")


def instant(nanoseconds: int) -> datetime:
    """A file's time as an aware UTC datetime, exact to the microsecond."""
    return EPOCH + timedelta(microseconds=nanoseconds // 1000)


def printable(name: str) -> str:
    """A name in quotes, with everything that does not print escaped: safe in a message, a log and a terminal."""
    return repr(name)


def fault(part: str) -> str | None:
    """Why one part of a name is refused; None when it is an ordinary file name."""
    if part in ("", ".", ".."):
        return "is not a file name"
    if "/" in part or "\\" in part:
        return "holds a path separator"
    if any(unicodedata.category(character) in _MISLEADING for character in part):
        return "holds control, invisible or undecodable characters"
    if len(part.encode()) > LONGEST_NAME:
        return f"is longer than {LONGEST_NAME} bytes"
    return None


def _pattern(pattern: str) -> str:
    if not pattern or pattern.startswith("/") or {"", ".", ".."} & set(pattern.split("/")):
        raise ValueError("write a pattern below the folder, e.g. '*.csv' or '**/*.csv', without '..' or a leading '/'")
    return pattern


Pattern = Annotated[str, AfterValidator(_pattern)]


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a name matches a glob pattern, both cut at "/"; ``**`` stands for any number of parts, also none."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return matches(parts, pattern[1:]) or (bool(parts) and matches(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])


def may_hold(folder: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether something below a folder could match a pattern, both cut at "/"."""
    if not pattern:
        return False
    if pattern[0] == "**" or not folder:
        return True
    return fnmatchcase(folder[0], pattern[0]) and may_hold(folder[1:], pattern[1:])
