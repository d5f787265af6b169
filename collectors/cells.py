"""One field of text and the value that it means in a column's type. Strict: what could be read two ways is refused.

Reasons never hold the value.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from collectors import stamps
from evidence.datasets import Column

Value = str | int | bool | Decimal | date | None
TRUE = frozenset({"true", "yes", "1", "はい", "有", "あり", "○", "〇", "◯"})
FALSE = frozenset({"false", "no", "0", "いいえ", "無", "なし", "×", "✕"})
CODES = frozenset({"company", "department", "course", "country", "host", "serial", "subject"})
STEP, LIMIT = Decimal("0.0001"), Decimal(10) ** 14


class Refused(ValueError):
    """A field that does not say a value of its column; the message says why, without the value."""


def is_identifier(column: Column) -> bool:
    """Whether values of a column are compared: full and half width, and outer blanks, must make no difference."""
    return bool(column.allowed) or column.name in CODES or column.name.endswith(("_id", "_key", "_ids", "_keys", "_by"))


def text(field: str | None) -> str | None:
    """Text as it is kept: NFC, no outer blanks; an empty field is None."""
    if field is None:
        return None
    return unicodedata.normalize("NFC", field).strip() or None


def identifier(field: str | None) -> str | None:
    """An identifier as it is compared: NFKC, no outer blanks, nothing invisible."""
    if field is None:
        return None
    told = unicodedata.normalize("NFKC", field).strip()
    if not told.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf") for c in told):
        raise Refused("holds an invisible character")
    return told or None


def converter(column: Column, pattern: str | None, *, iso_too: bool) -> Callable[[str | None], Value]:
    """What turns a field into a value of a column that is neither a list nor a timestamp."""
    match column.type:
        case "text":
            labels = {label: code for code, label in column.allowed}
            return lambda field: _code(column, labels, identifier(field) if is_identifier(column) else text(field))
        case "boolean":
            return _boolean
        case "integer":
            return _integer
        case "decimal":
            return _decimal
        case "date":
            return lambda field: _day(field, pattern, iso_too=iso_too)
    raise ValueError(f"{column.name}: {column.type} is not made of one field")


def _code(column: Column, labels: Mapping[str, str], told: str | None) -> str | None:
    if told is None or not column.allowed or told in column.codes:
        return told
    if told in labels:
        return labels[told]
    raise Refused("is not in the column's list")


def _boolean(field: str | None) -> bool | None:
    told = unicodedata.normalize("NFKC", field or "").strip().lower()
    if not told:
        return None
    if told in TRUE:
        return True
    if told in FALSE:
        return False
    raise Refused("says neither yes nor no")


def _integer(field: str | None) -> int | None:
    told = unicodedata.normalize("NFKC", field or "").strip()
    if not told:
        return None
    if not re.fullmatch(r"[+-]?\d{1,19}", told, re.ASCII) or not -(2**63) <= int(told) < 2**63:
        raise Refused("is not a whole number")
    return int(told)


def _decimal(field: str | None) -> Decimal | None:
    told = unicodedata.normalize("NFKC", field or "").strip()
    if not told:
        return None
    if not re.fullmatch(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})", told, re.ASCII):
        raise Refused("is not a decimal number")
    try:
        exact = Decimal(told)
        if abs(exact) >= LIMIT or exact != exact.quantize(STEP):
            raise Refused("has more digits than are kept")
    except InvalidOperation as error:
        raise Refused("has more digits than are kept") from error
    return exact


def _day(field: str | None, pattern: str | None, *, iso_too: bool) -> date | None:
    told = unicodedata.normalize("NFKC", field or "").strip()
    if not told:
        return None
    try:
        return stamps.day(told, pattern, iso_too=iso_too)
    except stamps.NoInstant as error:
        raise Refused(str(error)) from error
