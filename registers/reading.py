"""Reading a filled-in sheet: every problem of every row in one pass; good rows count beside bad ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from evidence.errors import ConfigError
from evidence.persons import Keys
from registers.cells import Unreadable, Value, parse
from registers.forms import Field, Form, folded
from registers.workbook import open_sheet

WORKER_NUMBER = "worker_no"
PROGRAM = "入力"  # stands for the file where a program hands in rows


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one cell (or, without a column, one row) cannot be taken; says where, never what stands there."""

    file: str
    sheet: str
    row: int
    column: str | None  # letters of the sheet, or the column's name
    header: str | None
    ja: str
    en: str

    def __str__(self) -> str:
        place = f"row {self.row}" + (f": column {self.column}({self.header})" if self.column else "")
        return f"{self.file}: {self.sheet}: {place}: {self.ja} / {self.en}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row that was understood; a column that the sheet does not have is not there."""

    row: int
    key: tuple[str, ...]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a field stand."""

    field: Field
    index: int
    letters: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sheet says: the rows that can be taken and the problems of all others."""

    sheet: str | None
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    places: tuple[Place, ...] = ()

    @property
    def letters(self) -> Mapping[str, str]:
        """Where the columns stand on the sheet, by their names."""
        return {place.field.name: place.letters for place in self.places}


@dataclass(frozen=True, slots=True)
class Border:
    """What a sheet does not say itself: who is who, in which zone its times are, and which companies there are."""

    keys: Keys
    zone: ZoneInfo
    companies: frozenset[str] = frozenset()  # none: any code may stand there

    def person(self, worker_number: str) -> str:
        """The key of the person who has this number."""
        return self.keys.person(WORKER_NUMBER, worker_number)

    def value(self, field: Field, cell: object) -> Value:
        """The value of a cell; Unreadable says why there is none."""
        value = parse(field, cell, self.zone, self.person)
        if field.name == "company" and isinstance(value, str) and not self._knows(value):
            known = ", ".join(sorted(self.companies)) or "settings.yaml"
            raise Unreadable(
                f"登録されていない会社コードです。登録済み: {known}",
                f"is not the code of a known company; known: {known}",
            )
        return value

    def _knows(self, company: str) -> bool:
        """The group's own log is called so, hence no company is."""
        return company.casefold() != "group" and (not self.companies or company in self.companies)


def read(form: Form, content: bytes, name: str, border: Border) -> Reading:
    """Read a workbook; ConfigError, naming all of it, when the file or its first row is not what the form asks for."""
    sheet = open_sheet(content, name, form.dataset.title_ja)
    places = _places(form, sheet.rows[0] if sheet.rows else [], f"{name}: {sheet.title}")
    given = [
        (number, {place: None if place.index >= len(row) else row[place.index] for place in places})
        for number, row in enumerate(sheet.rows[1:], start=2)
        if not (number == 2 and _names_columns(form, row))
    ]
    unread = {(row, column - 1) for row, column in sheet.unread}
    reading = _read(form, given, unread, (name, sheet.title), border)
    return replace(reading, places=tuple(places))


def read_rows(form: Form, rows: Iterable[Mapping[str, object]], border: Border) -> Reading:
    """Read rows that a program hands in (portal, calendar) by the same rules; values by column name."""
    fields = {field.name: Place(field, index, field.name) for index, field in enumerate(form.fields)}
    given = []
    for number, row in enumerate(rows, start=1):
        if unknown := sorted(set(row) - set(fields)):
            raise ConfigError(f"{form.dataset.name}: 列がありません / has no column {', '.join(unknown)}")
        present = {name: row.get(name) for name, place in fields.items() if name in row or place.field.required}
        given.append((number, {fields[name]: value for name, value in present.items()}))
    reading = _read(form, given, set(), (PROGRAM, form.dataset.title_ja), border)
    return Reading(None, reading.lines, reading.problems)


def _read(
    form: Form,
    given: Iterable[tuple[int, Mapping[Place, object]]],
    unread: set[tuple[int, int]],
    where: tuple[str, str],
    border: Border,
) -> Reading:
    lines: dict[tuple[str, ...], Line] = {}
    problems: list[Problem] = []
    for number, cells in given:
        broken = {place for place in cells if (number, place.index) in unread}
        if not broken and all(_is_blank(cell) for cell in cells.values()):
            continue
        values, wrong = _values(cells, broken, border)
        problems += [_problem(where, number, place, why) for place, why in wrong]
        if wrong:
            continue
        key = tuple(str(values[name]) for name in form.dataset.key)
        if (first := lines.get(key)) is not None:
            again = Unreadable(
                f"{first.row}行目と同じキーです。1行だけ残してください",
                f"has the key of row {first.row}; leave one of them",
            )
            problems.append(_problem(where, number, None, again))
            continue
        lines[key] = Line(number, key, values)
    return Reading(where[1], tuple(lines.values()), tuple(problems))


def _values(
    cells: Mapping[Place, object], broken: set[Place], border: Border
) -> tuple[dict[str, Value], list[tuple[Place | None, Unreadable]]]:
    values: dict[str, Value] = {}
    wrong: list[tuple[Place | None, Unreadable]] = []
    for place, cell in cells.items():
        try:
            if place in broken:
                raise Unreadable(
                    "エラー値か、計算されていない数式です。値を入力してください",
                    "is an error or a formula without a result; type the value",
                )
            values[place.field.name] = border.value(place.field, cell)
        except Unreadable as why:
            wrong.append((place, why))
    first, last = values.get("valid_from_on"), values.get("valid_to_on")
    if first and last and str(first) > str(last):
        wrong.append((None, Unreadable("有効終了日が有効開始日より前です", "ends before it begins")))
    return values, wrong


def _problem(where: tuple[str, str], row: int, place: Place | None, why: Unreadable) -> Problem:
    column, header = (place.letters, place.field.header) if place else (None, None)
    return Problem(*where, row, column, header, why.ja, why.en)


def _places(form: Form, header: list[object], where: str) -> list[Place]:
    known, found, wrong = form.headers, dict[str, Place](), list[str]()
    for index, cell in enumerate(header):
        if _is_blank(cell):
            continue
        letters = get_column_letter(index + 1)
        field = known.get(folded(str(cell)))
        if field is None:
            what = (
                "この台帳にない見出しです。直すか列を削除してください / unknown header; correct it or delete the column"
            )
            wrong.append(f"{where}: row 1: column {letters}: {what}")
        elif field.name in found:
            wrong.append(f"{where}: row 1: column {letters}({field.header}): 見出しが重複しています / stands twice")
        else:
            found[field.name] = Place(field, index, letters)
    wrong += [
        f"{where}: row 1: 必須の見出し「{field.header}」がありません。追加してください"
        f" / lacks the required column {field.name}; add it"
        for field in form.fields
        if field.required and field.name not in found
    ]
    if wrong:
        raise ConfigError("\n".join(wrong))
    return list(found.values())


def _names_columns(form: Form, row: list[object]) -> bool:
    """The template's hidden second row repeats the English names."""
    names = {field.name for field in form.fields}
    filled = {str(cell) for cell in row if not _is_blank(cell)}
    return bool(filled) and filled <= names


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell == []
