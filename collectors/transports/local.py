"""Files that another system drops into a folder: regular files only, and never through a link below that folder."""

import io
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Never, Self

from pydantic import BaseModel

from collectors.transports import (
    STRICT,
    Cursor,
    Item,
    Pattern,
    Received,
    Refused,
    Stamp,
    check_begun,
    check_whole,
    fault,
    instant,
    matches,
    may_hold,
    printable,
)
from evidence.errors import SourceError, SourceUnreachable
from evidence.references import Resolve

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # without O_NONBLOCK a FIFO would hold us for ever


class Options(BaseModel):
    """What a source says of its folder."""

    model_config = STRICT

    kind: Literal["local"]
    folder: str  # relative to the home
    pattern: Pattern = "*"  # below the folder; "**/*.csv" also looks into folders in it


def build(
    options: Options,
    home: Path,
    secrets: Resolve | None = None,  # noqa: ARG001  (no secrets here)
    *,
    growing: bool = False,
) -> "LocalFolder":
    """The folder of a source; it may be empty, but must be there when it is listed."""
    return LocalFolder(home / options.folder, options.pattern, growing=growing)


class LocalFolder:
    """A folder on this machine."""

    def __init__(self, folder: Path, pattern: str, *, growing: bool = False) -> None:
        self.folder = folder.absolute()
        self.pattern = tuple(pattern.split("/"))
        self.growing = growing
        self.refused: list[Refused] = []

    def items(self, since: Cursor | None) -> Iterator[Item]:
        """List the regular files, oldest first; links and other oddities that match go to ``refused``."""
        self.refused = []
        found = []
        try:
            for name, about in self._entries():
                item = _item(name, about)
                if since is None or since.reached(item.modified):
                    found.append(item)
        except OSError as error:
            where = printable(os.path.relpath(error.filename or self.folder, self.folder))
            why = f"{where} cannot be listed: {error.strerror}; create it, mount it, or let this user read it"
            raise SourceUnreachable(str(self.folder), why) from error
        yield from sorted(found, key=lambda item: (item.modified, item.name))

    def open(self, item: Item) -> Received:
        """Open one file as it was listed, walking down without following any link."""
        parts = item.name.split("/")
        if any(fault(part) for part in parts):
            raise SourceError(str(self.folder), f"{printable(item.name)} is not a name that is opened")
        try:
            handle = self._walk(parts)
        except FileNotFoundError as error:
            raise SourceError(str(self.folder), f"{printable(item.name)} is gone since it was listed") from error
        except OSError as error:
            why = f"{printable(item.name)} cannot be opened without following a link: {error.strerror}"
            raise SourceError(
                str(self.folder), f"{why}; let this user read it, and put the file itself there"
            ) from error
        raw = _Growing(handle, self, item.name) if self.growing else _Watched(handle, self, item.name)
        try:
            return Received(raw, raw.expect(item))
        except SourceError:
            raw.close()
            raise

    def origin(self, item: Item) -> str:
        """The file's URI."""
        return self.folder.joinpath(item.name).as_uri()

    def file_now(self, name: str) -> tuple[int, int] | None:
        """Which file now lies under a name; None when there is none, or none that is opened."""
        try:
            handle = self._walk(name.split("/"))
        except OSError:
            return None
        try:
            return _file(os.fstat(handle))
        finally:
            os.close(handle)

    def close(self) -> None:
        """Nothing is held open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """The regular files that match, with what lstat says of them."""
        # Path.glob leaves out what it may not read without a word; a folder left out is evidence left out.
        for top, folders, files in os.walk(self.folder, onerror=_raise):
            above = Path(top).relative_to(self.folder).parts
            folders[:] = [name for name in folders if self._descends(Path(top, name), (*above, name))]
            for name in files:
                parts = (*above, name)
                if matches(parts, self.pattern) and (about := self._regular(Path(top, name), parts)):
                    yield "/".join(parts), about

    def _descends(self, path: Path, parts: tuple[str, ...]) -> bool:
        holds = may_hold(parts, self.pattern)
        if not holds and not matches(parts, self.pattern):
            return False
        why = "is a link: not followed" if path.is_symlink() else fault(parts[-1])
        if why:
            self.refused.append(Refused(printable("/".join(parts)), why))
        return holds and not why

    def _regular(self, path: Path, parts: tuple[str, ...]) -> os.stat_result | None:
        try:
            about = path.lstat()
        except FileNotFoundError:
            return None  # moved away since the folder was read: as if listed a moment later
        why = fault(parts[-1])
        if stat.S_ISLNK(about.st_mode):
            why = "is a link: not followed"
        elif not stat.S_ISREG(about.st_mode):
            why = "is not a regular file"
        if why is None:
            return about
        self.refused.append(Refused(printable("/".join(parts)), why))
        return None

    def _walk(self, parts: list[str]) -> int:
        """A handle on the file, each step taken from the one before: a link swapped in on the way is refused."""
        here = os.open(self.folder, _STEP & ~os.O_NOFOLLOW)
        try:
            for part in parts[:-1]:
                below = os.open(part, _STEP, dir_fd=here)
                os.close(here)
                here = below
            return os.open(parts[-1], _FILE, dir_fd=here)
        finally:
            os.close(here)


class _Watched(io.RawIOBase):
    """One open file that must not change between its listing and its last byte."""

    def __init__(self, handle: int, folder: LocalFolder, name: str) -> None:
        self._file = io.FileIO(handle, "rb")
        self._folder, self._place, self._name = folder, str(folder.folder), name
        self._opened = os.fstat(handle)
        self._before = _stamp(self._opened)
        self._received = 0

    def expect(self, item: Item) -> Item:
        """The file as it was opened; SourceError unless this is the regular file that was listed."""
        if not stat.S_ISREG(self._opened.st_mode):
            raise SourceError(self._place, f"{printable(self._name)} is not a regular file any more")
        opened = _item(self._name, self._opened)
        if item.file not in (None, opened.file) or not self._may_follow(item, opened):
            raise SourceError(self._place, f"{printable(self._name)} changed since it was listed; collect again")
        return replace(opened, version=item.version)

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer", /) -> int:
        try:
            count = self._file.readinto(self._room(into)) or 0
        except OSError as error:
            raise SourceUnreachable(self._place, f"{printable(self._name)} cannot be read: {error.strerror}") from error
        self._received += count
        if count == 0 and memoryview(into).nbytes:
            self._check()
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _may_follow(self, listed: Item, opened: Item) -> bool:
        return listed == opened

    def _room(self, into: "WriteableBuffer") -> "WriteableBuffer":
        return into

    def _check(self) -> None:
        check_whole(self._place, self._name, self._before, self._received, _stamp(os.fstat(self._file.fileno())))


class _Growing(_Watched):
    """A log that is being written: exactly the bytes that it had when it was opened, if it only grew meanwhile."""

    def _may_follow(self, listed: Item, opened: Item) -> bool:
        return listed.size <= opened.size

    def _room(self, into: "WriteableBuffer") -> "WriteableBuffer":
        return memoryview(into).cast("B")[: self._before.size - self._received]

    def _check(self) -> None:
        after = _stamp(os.fstat(self._file.fileno()))
        check_begun(self._place, self._name, self._before, self._received, after)
        if self._folder.file_now(self._name) != _file(self._opened):
            why = "was replaced while it was read; nothing was kept. Collect again"
            raise SourceError(self._place, f"{printable(self._name)} {why}")


def _item(name: str, about: os.stat_result) -> Item:
    return Item(name, about.st_size, instant(about.st_mtime_ns), file=_file(about))


def _file(about: os.stat_result) -> tuple[int, int]:
    return about.st_dev, about.st_ino


def _stamp(about: os.stat_result) -> Stamp:
    return Stamp(about.st_size, about.st_mtime_ns)


def _raise(error: OSError) -> Never:
    raise error
