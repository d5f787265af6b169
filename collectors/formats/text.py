"""Lines of stored text, plain or gzip, in bounded memory, strictly in the declared encoding."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from collectors.formats import Unreadable
from evidence.vault import StoredObject

LONGEST = 1 << 20  # bytes of one line; what is longer is no text that we collect
TOO_LONG = f"a line is longer than {LONGEST >> 20} MiB"
GZIP = b"\x1f\x8b"
MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))
ENCODINGS = ("utf-8", "utf-8-sig", "cp932", "utf-16")


@contextmanager
def plain(stored: StoredObject) -> Iterator[BinaryIO]:
    """Open an object's bytes, inflated when they are gzip (no text of ours begins like gzip)."""
    with stored.open() as file:
        packed = file.peek(2)[:2] == GZIP
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as inflated:
            yield cast(BinaryIO, inflated)


def whole(stored: StoredObject, most: int) -> bytes:
    """All bytes of an object; Unreadable when they are more than ``most`` or damaged."""
    try:
        with plain(stored) as file:
            content = file.read(most + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(stored, 1, f"damaged gzip ({error})") from error
    if len(content) > most:
        raise Unreadable(stored, 1, f"larger than {most >> 20} MiB")
    return content


def byte_lines(stored: StoredObject) -> Iterator[bytes]:
    """The lines of an object with their line feeds, one that is too long cut off behind LONGEST bytes; Unreadable for
    damaged gzip."""
    number = 0
    try:
        with plain(stored) as file:
            while line := file.readline(LONGEST + 1):
                number += 1
                if len(line) <= LONGEST:
                    yield line
                    continue
                rest = line
                while rest and not rest.endswith(b"\n"):
                    rest = file.readline(LONGEST)
                yield line[:LONGEST] + b"\n"
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(stored, number + 1, f"damaged gzip ({error})") from error


def text_lines(stored: StoredObject, encoding: str, wrong: dict[int, str]) -> Iterator[str]:
    """The lines of an object as text; Unreadable for another encoding's mark.

    A line that is too long, or has a wrong byte or NUL, is told in ``wrong`` before it comes: only the caller knows
    which row it belongs to.
    """
    lines = _wide_lines(stored) if encoding == "utf-16" else _narrow_lines(stored, encoding, wrong)
    for number, text in enumerate(lines, start=1):
        if "\0" in text:
            wrong[number] = f"NUL in the text; is it really {encoding}?"
        yield text


def _narrow_lines(stored: StoredObject, encoding: str, wrong: dict[int, str]) -> Iterator[str]:
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    for number, line in enumerate(byte_lines(stored), start=1):
        told = _unmarked(stored, line, encoding) if number == 1 else line
        if len(line) > LONGEST:
            wrong[number] = TOO_LONG
            yield "\n"
            continue
        try:
            yield told.decode(codec)
        except UnicodeDecodeError as error:
            place = error.start + len(line) - len(told) + 1
            wrong[number] = f"byte {place} of the line is not {encoding}"
            yield told.decode(codec, errors="backslashreplace")  # the row is refused, its delimiters are kept


def _unmarked(stored: StoredObject, line: bytes, encoding: str) -> bytes:
    for name, mark in MARKS:
        if line.startswith(mark):
            if name != encoding:
                raise Unreadable(stored, 1, f"it begins with the mark of {name}, declared is {encoding}")
            return line[len(mark) :]
    return line


def _wide_lines(stored: StoredObject) -> Iterator[str]:
    number = 0
    try:
        with plain(stored) as file:
            head = io.BufferedReader(cast(io.RawIOBase, file))
            if head.peek(2)[:2] not in (b"\xff\xfe", b"\xfe\xff"):
                raise Unreadable(stored, 1, "no mark of utf-16 at its beginning, declared is utf-16")
            with io.TextIOWrapper(head, encoding="utf-16", newline="\n") as text:
                while line := text.readline(LONGEST + 1):
                    number += 1
                    if len(line) > LONGEST:
                        raise Unreadable(stored, number, TOO_LONG)
                    yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable(stored, number + 1, f"damaged gzip ({error})") from error
    except UnicodeError as error:
        raise Unreadable(stored, number + 1, "bytes near this line are not utf-16") from error
