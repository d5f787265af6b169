"""Reading an SFTP file ahead of whoever takes its bytes: fast over a long line, in a fixed amount of memory."""

import io
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from paramiko import SFTPAttributes, SFTPClient, SFTPError, SFTPFile
from paramiko.message import Message
from paramiko.sftp import CMD_DATA, CMD_READ, int64

from collectors.transports import Stamp, check_begun, check_whole, printable
from evidence.errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

REQUEST = 128 * 1024  # bytes asked for at a time; a server that gives less is then asked for less
WINDOW = 4 * 1024 * 1024  # bytes asked for and not yet handed on: the memory that one stream may take


class ReadAhead(io.RawIOBase):
    """One open file, asked for ahead of its reader within ``WINDOW``: whole and unchanged, or an error."""

    # ``_read_response``, ``_async_request`` and ``_convert_status`` are what prefetch itself calls; the stubs leave out
    # what has an underscore, and no public call asks for a piece without waiting for it (hence the ignores below).
    # SFTPFile.prefetch asks for the whole file at once and holds what the reader has not taken; its limit on requests
    # waits in a sleep and, measured, never ends on a large file. So the requests are counted here.
    def __init__(
        self,
        session: SFTPClient,
        file: SFTPFile,
        opened: SFTPAttributes,
        place: str,
        name: str,
        telling: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        self._session, self._file, self._place, self._name, self._telling = session, file, place, name, telling
        self._before = _stamp(opened)
        self._next = 0  # where the next request begins
        self._request = REQUEST
        self._asked: deque[tuple[int, int, int]] = deque()  # number of the request, offset, length
        self._came: dict[int, bytes | Exception] = {}
        self._rest = memoryview(b"")
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, into: "WriteableBuffer", /) -> int:
        target = memoryview(into).cast("B")
        if not self._rest:
            with self._telling(printable(self._name)):
                self._rest = memoryview(self._next_piece())
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()

    def _next_piece(self) -> bytes:
        """The next bytes; none at an end that is the end."""
        self._ask()
        if not self._asked:
            return self._nothing_asked()
        number, offset, length = self._asked.popleft()
        while number not in self._came:
            self._session._read_response()  # type: ignore[attr-defined]  # not in the stubs; there is no public way to ask ahead
        piece = self._came.pop(number)
        if isinstance(piece, EOFError):
            piece = b""
        elif isinstance(piece, Exception):
            raise piece
        self._received += len(piece)
        if not piece or offset >= self._before.size:
            self._check()
            self._asked.clear()
        elif len(piece) < length:
            self._request = max(len(piece), 1024)
            self._asked.appendleft(self._send(offset + len(piece), length - len(piece)))
        return piece

    def _ask(self) -> None:
        """Keep the window full; the last request is for a byte behind the end, where there must be none."""
        while self._next <= self._before.size and len(self._asked) * self._request < WINDOW:
            length = min(self._request, self._before.size - self._next) or 1
            self._asked.append(self._send(self._next, length))
            self._next += length

    def _nothing_asked(self) -> bytes:
        return b""

    def _check(self) -> None:
        check_whole(self._place, self._name, self._before, self._received, _stamp(self._file.stat()))

    def _send(self, offset: int, length: int) -> tuple[int, int, int]:
        arguments = (self, CMD_READ, self._file.handle, int64(offset), length)
        return self._session._async_request(*arguments), offset, length  # type: ignore[attr-defined]  # as above

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        """Called by paramiko's session with the answer to one of our requests."""
        if kind == CMD_DATA:
            self._came[number] = message.get_string()
            return
        try:
            self._session._convert_status(message)  # type: ignore[attr-defined]  # as above
            self._came[number] = SFTPError("neither bytes nor an error")
        except (EOFError, OSError) as error:
            self._came[number] = error


class Growing(ReadAhead):
    """A log that is being written: exactly the bytes that it had when it was opened, if it only grew meanwhile."""

    still: Callable[[], bool]  # whether the name is still that of the file that was opened

    def _ask(self) -> None:
        while self._next < self._before.size and len(self._asked) * self._request < WINDOW:
            length = min(self._request, self._before.size - self._next)
            self._asked.append(self._send(self._next, length))
            self._next += length

    def _nothing_asked(self) -> bytes:
        self._check()
        return b""

    def _check(self) -> None:
        check_begun(self._place, self._name, self._before, self._received, _stamp(self._file.stat()))
        if not self.still():
            why = "was replaced while it was read; nothing was kept. Collect again"
            raise SourceError(self._place, f"{printable(self._name)} {why}")


def _stamp(about: SFTPAttributes) -> Stamp:
    return Stamp(-1 if about.st_size is None else about.st_size, about.st_mtime or 0)
