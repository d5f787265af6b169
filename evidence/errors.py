"""One tree of errors raised on purpose; the message says what happened, where, and what to do next.

The command line prints them without a traceback and leaves with ``exit_code``
(0 fine, 1 gaps or unverified, 2 usage or configuration, 3 a source failed or a notice was not taken, 4 integrity).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


class TenkenError(Exception):
    """Base of all errors raised on purpose."""

    exit_code: ClassVar[int] = 2


class ConfigError(TenkenError):
    """A file that people write (settings, source, profile, control, register sheet) cannot be used as it is."""


class Misplaced(ConfigError):
    """One or more problems at known places of one file: ``file:line:column: path: problem``."""

    def __init__(self, problems: "list[Problem]") -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Problem:
    """One problem in a file that people write, with the place where they can mend it."""

    __slots__ = ("column", "file", "line", "path", "what")

    def __init__(self, file: Path | str, line: int, column: int, path: str, what: str) -> None:
        self.file, self.line, self.column, self.path, self.what = str(file), line, column, path, what

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.path}: {self.what}" if self.path else f"{place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A row, or a whole file, of a source that could not be read. Told to the operator who must mend it, and never
    recorded: the name of a file may be a person's."""

    source: str
    file: str
    part: str | None
    line: int | None  # None: nothing of the file came
    column: str | None
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = [f"{self.source}/{self.file}"]
        place += [f"part {self.part}"] if self.part else []
        place += [f"line {self.line}"] if self.line is not None else []
        column = f", column {self.column}" if self.column else ""
        return f"{' '.join(place)}{column}: {self.reason}{self.remedy and f'; {self.remedy}'}"


class SourceError(TenkenError):
    """A source gave nothing usable."""

    exit_code = 3

    def __init__(self, source: str, why: str, unread: Sequence[Unread] = ()) -> None:
        super().__init__(f"{source}: {why}")
        self.source = source
        self.why = why
        self.unread = tuple(unread)  # what came and could not be read


class SourceUnreachable(SourceError):
    """The source did not answer: trying again may help."""


class SourceMalformed(SourceError):
    """The source answered with something we cannot read: a person must look."""


class Undelivered(TenkenError):
    """A server did not take what somebody was to be told."""

    exit_code = 3


class AlreadyDone(TenkenError):
    """The claim key of this act is in the ledger already: somebody did it before us, nothing was written."""

    exit_code = 0


class FencedOff(TenkenError):
    """Somebody else serves this due moment now: nothing was written, and this attempt must stop."""


class IntegrityError(TenkenError):
    """Something we hold is not what we recorded: stop, and restore from a backup."""

    exit_code = 4


class Tampered(IntegrityError):
    """Bytes, a leaf or a head differ from their recorded digest."""


class Erased(IntegrityError):
    """The key of an object is gone: when it was purged, its entry in the ledger says so."""


class StoreUnavailable(TenkenError):
    """The database, or what wraps the keys of objects, did not do what it was asked: trying again may help."""


class NoRoom(StoreUnavailable):
    """The disk of the database is full; what was kept free on it for telling so is free now."""


class VaultUnwritable(TenkenError):
    """The disk did not take what was fetched: nothing was stored, and no source is to blame."""


class VaultUnreachable(TenkenError):
    """The bucket of the vault did not do what it was asked; nothing that lies there is known to be wrong."""
