"""The part of verify.py that reads files: as bytes, strictly, and none that is larger than memory."""

import csv
import io
import json
import os
import stat
from typing import Any

MOST_BYTES = 1 << 30  # that are read as one text
csv.field_size_limit(MOST_BYTES)


def told(raw: bytes) -> Any:  # a JSON object, read strictly: UTF-8, every name once, no NaN
    return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=int)


def once(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in a JSON object")
    return dict(pairs)


def rows(path: str) -> "list[dict[str, str]]":  # without the apostrophe that keeps a text from being a formula
    try:
        lines = csv.DictReader(io.StringIO(read(path).decode("utf-8-sig"), newline=""), restval="", strict=True)
        return [{name: value[1:] if value[:1] == "'" else value for name, value in row.items()} for row in lines]
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: {error}") from error


def read(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode) or os.path.getsize(path) > MOST_BYTES:
        raise ValueError("not a regular file, or larger than any that is read")
    with open(path, "rb") as file:
        return file.read()
