"""The part of verify.py that reads files: as bytes, strictly, and none that is larger than memory."""

import csv
import io
import json
import os
import re
import stat
from typing import Any

MOST_BYTES = 1 << 30  # that are read as one text
QUOTED = re.compile(rb'(?<![^,\n])"[^"]*(?:""[^"]*)*"(?=[,\r])')  # a field in quotes, from its first to its last
STRAY = re.compile(rb'"|\r(?!\n)|(?<!\r)\n')  # what may stand in such a field alone
MOST_TOLD = 1 << 28  # bytes of one JSON object; the page holds no more
csv.field_size_limit(1 << 24)


def told(raw: bytes) -> Any:  # a JSON object, read strictly: UTF-8, every name once, no NaN
    if len(raw) > MOST_TOLD:
        raise ValueError("larger than any that is read")
    return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=int)


def leaf(line: bytes) -> Any:  # an entry of a ledger, in the one form that it has: RFC 8785, whole numbers below 2^53
    read = json.loads(
        line.decode("utf-8"), object_pairs_hook=once, parse_constant=int, parse_float=str, parse_int=whole
    )
    if json.dumps(read, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode() + b"\n" != line:
        raise ValueError("not canonical JSON and a newline")
    return read


def whole(text: str) -> "int | str":  # another number is left a text, which is written otherwise than it stood
    return int(text) if abs(int(text)) < 1 << 53 else text


def once(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in a JSON object")
    return dict(pairs)


def rows(path: str, *needed: str) -> "list[dict[str, str]]":  # no apostrophe that keeps a text from being a formula
    content = read(path)
    plain = QUOTED.sub(b"", content[3:])
    if content[:3] != b"\xef\xbb\xbf" or content[-2:] != b"\r\n" or STRAY.search(plain):
        raise ValueError(f"{path}: not a table of RFC 4180 after a byte order mark")
    try:
        told = csv.reader(io.StringIO(content[3:].decode("utf-8"), newline=""), strict=True)
        names, *lines = ([value[1:] if value[:1] == "'" else value for value in line] for line in told)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: {error}") from error
    if len(set(names)) != len(names) or set(needed) - set(names) or any(len(line) != len(names) for line in lines):
        raise ValueError(f"{path}: a column is missing or stands twice, or a row has other columns")
    return [dict(zip(names, line)) for line in lines]  # noqa: B905 - Python 3.9 knows no strict


def read(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode) or os.path.getsize(path) > MOST_BYTES:
        raise ValueError("not a regular file, or larger than any that is read")
    with open(path, "rb") as file:
        return file.read()
