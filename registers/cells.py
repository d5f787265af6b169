"""One cell: what stands on the sheet, the value it means, and how that value is kept and shown.

Strict at the border: a cell that can be read two ways is refused with a reason, never guessed. Reasons hold no value.
Free text is kept as it was written, blanks and control characters too: whoever shows it must show it inert.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from registers.forms import Field, folded

Value = str | int | bool | Decimal | date | datetime | list[str] | None
Kept = str | int | bool | list[str] | None  # as JSON can hold it
Person = Callable[[str], str]

LIST_SEPARATORS = re.compile(r"[、;；\r\n]")
LONGEST_TEXT = 32_767  # what a cell holds: longer text could never be exported
# No database holds NUL, no encoding a lone surrogate; a workbook cannot tell _xFFFE_ from what it stands for there.
UNHOLDABLE = re.compile(r"[\x00\ud800-\udfff]|_x[Ff]{3}[EeFf]_")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")  # in no identifier
MINTED_PERSON = re.compile(r"p[a-z2-7]{20}")
DATE_TEXT = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
BOOLEANS = {folded(word): True for word in ("はい", "○", "〇", "◯", "true", "有", "あり", "yes")} | {
    folded(word): False for word in ("いいえ", "×", "✕", "false", "無", "なし", "no")
}
SHOWN_BOOLEANS = {True: "はい", False: "いいえ"}
SEPARATOR = "、"
FIRST_EXCEL_DAY = date(1900, 3, 1)  # Excel believes that 1900 was a leap year
EXACT_INTEGER = 2**53  # a number cell is a double
DECIMAL_STEP = Decimal("0.0001")
DECIMAL_LIMIT = Decimal(10) ** 14
INTEGER_LIMIT = 2**63


class Unreadable(ValueError):
    """A cell that does not say a value of its column: why, in both languages and without the value."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(f"{ja} / {en}")
        self.ja, self.en = ja, en


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that cannot be read at all: what was sent, as far as it is known, and why it says nothing."""

    sent: str
    why: Unreadable

    def __str__(self) -> str:
        return self.sent


def parse(field: Field, cell: object, zone: ZoneInfo, person: Person) -> Value:
    """The value that a cell, or a value given by a program, means in a field; Unreadable says why it means none."""
    if isinstance(cell, Broken):
        raise cell.why
    if isinstance(cell, str):
        cell = unicodedata.normalize("NFC", cell)
        if field.column.type != "text" or not cell.strip():
            cell = cell.strip()
    if cell is None or cell in ("", []):
        if field.required:
            raise Unreadable("必須項目が空です", "is required")
        return [] if field.column.type == "list" else None
    value = _value(field, cell, zone)
    return person_key(value, person) if field.person and isinstance(value, str) else value


def person_key(identifier: str, person: Person) -> str:
    """The person key itself when it was minted before, else the one of this worker number."""
    return identifier if MINTED_PERSON.fullmatch(identifier) else person(identifier)


def shown(field: Field, value: Value, zone: ZoneInfo) -> str | int | Decimal | date | None:
    """The value as it stands on an exported sheet; :func:`parse` reads it back as it was."""
    labels = dict(field.column.allowed)
    match value:
        case bool():
            return SHOWN_BOOLEANS[value]
        case list():
            return SEPARATOR.join(labels.get(one, one) for one in value) or None
        case str():
            return labels.get(value, value)
        case datetime():
            return _shown_instant(value, zone)
        case date():
            return value if value >= FIRST_EXCEL_DAY else value.isoformat()
        case Decimal():
            return value.normalize() if Decimal(repr(float(value))) == value else f"{value:f}"
        case int():
            return value if abs(value) < EXACT_INTEGER else str(value)
        case _:
            return None


def kept(value: Value) -> Kept:
    """The value as JSON can hold it; ``evidence.facts.rows.typed`` is the way back."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return value


def _shown_instant(at: datetime, zone: ZoneInfo) -> str:
    """A cell's own time has no zone and no microseconds, so an instant is text with its offset."""
    try:
        return at.astimezone(zone).isoformat(sep=" ")
    except OverflowError:
        return at.astimezone(UTC).isoformat(sep=" ")


def _value(field: Field, cell: object, zone: ZoneInfo) -> Value:
    match field.column.type:
        case "text":
            return _text(field, cell)
        case "list":
            return _list(field, cell)
        case "boolean":
            return _boolean(cell)
        case "date":
            return _date(cell)
        case "timestamp":
            return _timestamp(cell, zone)
        case "decimal":
            return _decimal(cell)
        case _:
            return _integer(cell)


def _text(field: Field, cell: object) -> str:
    match cell:
        case bool() | date():
            raise Unreadable(
                "文字列の列です。表計算ソフトが日付などに変えた値は、書式を「文字列」にして入れ直してください",
                "is a text column; format the cell as text and type the value again",
            )
        case float() if cell.is_integer() and abs(cell) < EXACT_INTEGER:
            text = str(int(cell))
        case str() | int() | float():
            text = unicodedata.normalize("NFC", str(cell))
        case _:
            raise Unreadable("文字列ではありません", "is not text")
    if (UNPRINTABLE if field.identifier else UNHOLDABLE).search(text):
        raise Unreadable("使えない制御文字が含まれています", "contains control characters that cannot be kept")
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"{LONGEST_TEXT}文字を超えています", f"is longer than {LONGEST_TEXT} characters")
    if field.identifier:
        text = unicodedata.normalize("NFKC", text).strip()
    return _code(field, text) if field.column.allowed else text


def _code(field: Field, text: str) -> str:
    wanted = folded(text)
    for code, label in field.column.allowed:
        if wanted in (folded(code), folded(label)):
            return code
    labels = "、".join(label for _, label in field.column.allowed)
    raise Unreadable(f"選択肢にありません。次のいずれか: {labels}", f"must be one of {', '.join(field.column.codes)}")


def _list(field: Field, cell: object) -> list[str]:
    given = cell if isinstance(cell, list | tuple) else LIST_SEPARATORS.split(cell) if isinstance(cell, str) else [cell]
    trimmed = (one.strip() if isinstance(one, str) else one for one in given)
    found = {_text(field, one) for one in trimmed if one not in ("", None)}
    if any(LIST_SEPARATORS.search(one) for one in found):
        raise Unreadable("区切り文字(、;改行)は値に使えません", "a member of a list cannot hold a separator")
    return sorted(found)


def _boolean(cell: object) -> bool:
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, str) and (word := folded(cell)) in BOOLEANS:
        return BOOLEANS[word]
    raise Unreadable("「はい」か「いいえ」で入力してください", "must be yes (はい, ○, true) or no (いいえ, ×, false)")


def _date(cell: object) -> date:
    match cell:
        case datetime():
            raise Unreadable("日付の列に時刻が入っています", "is a date column but holds a time of day")
        case date():
            return cell
        case str() if found := DATE_TEXT.fullmatch(unicodedata.normalize("NFKC", cell)):
            try:
                return date(*(int(part) for part in found.groups()))
            except ValueError as error:
                raise Unreadable("暦にない日付です", "is not a day of the calendar") from error
        case _:
            raise Unreadable("日付ではありません。例: 2026-04-01", "is not a date, e.g. 2026-04-01")


def _timestamp(cell: object, zone: ZoneInfo) -> datetime:
    match cell:
        case datetime():
            at = cell
        case str():
            try:
                at = datetime.fromisoformat(unicodedata.normalize("NFKC", cell).replace("/", "-"))
            except ValueError as error:
                raise Unreadable("日時ではありません。例: 2026-04-01 09:30", "is not a time") from error
            if len(cell) <= len("2026-04-01"):
                raise Unreadable("時刻がありません。例: 2026-04-01 09:30", "lacks the time of day")
        case _:
            raise Unreadable("日時ではありません。例: 2026-04-01 09:30", "is not a time, e.g. 2026-04-01 09:30")
    try:
        return (at.replace(tzinfo=zone) if at.utcoffset() is None else at).astimezone(UTC)
    except OverflowError as error:
        raise Unreadable("扱える範囲の日時ではありません", "is out of range") from error


def _decimal(cell: object) -> Decimal:
    number = _number(cell)
    if abs(number) >= DECIMAL_LIMIT or number != number.quantize(DECIMAL_STEP):
        raise Unreadable("整数部14桁・小数4桁までの数です", "must have at most 14 digits and 4 decimals")
    return number.quantize(DECIMAL_STEP)


def _integer(cell: object) -> int:
    number = _number(cell)
    if number != number.to_integral_value() or abs(number) >= INTEGER_LIMIT:
        raise Unreadable("整数ではありません", "is not an integer")
    return int(number)


def _number(cell: object) -> Decimal:
    """An exact number of bounded size, so that comparing it costs nothing."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float | Decimal):
        raise Unreadable("数ではありません", "is not a number")
    text = unicodedata.normalize("NFKC", cell).replace(",", "") if isinstance(cell, str) else str(cell)
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("数ではありません", "is not a number") from error
    if not number.is_finite() or (number and abs(number.adjusted()) > 20):
        raise Unreadable("扱える大きさの数ではありません", "is out of range")
    return number
