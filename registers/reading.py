"""Reading a filled-in sheet: every problem of every row in one pass; good rows count beside bad ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from evidence.border import WITHHELD
from evidence.errors import ConfigError
from evidence.persons import OF_SOMEBODY, Keys
from registers.cells import Broken, Unreadable, Value, parse
from registers.csv_files import MISSING, Encoding, is_csv, open_csv
from registers.forms import SPAN, Field, Form, folded
from registers.workbook import Seen, Sheet, open_sheet

WORKER_NUMBER = "worker_no"
SURPLUS = Unreadable(
    "見出しより項目が多い行です。区切り文字を含む値は引用符で囲んでください",
    "has more fields than the header; quote a value that holds the separator",
)
MASKED = Unreadable(
    "仮名が書かれています。社員番号または元の文を書いてください",
    "holds a pseudonym; write the worker number, or what stood there",
)
PROGRAM = "入力"  # stands for the file where a program hands in rows
ERROR_HEADER = "エラー / error"  # of the column that tells, in rows given back, what was wrong: never read


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one cell (or, without a column, one row) cannot be taken; says where, never what stands there."""

    file: str
    sheet: str | None  # None: the file has no sheets, and its rows are counted as lines
    row: int
    column: str  # letters of the sheet, or the column's name
    header: str | None  # None: no column of ours stands there
    ja: str
    en: str

    def __str__(self) -> str:
        place = f"{self.sheet}: row {self.row}" if self.sheet else f"line {self.row}"
        column = f"{self.column}({self.header})" if self.header else self.column
        return f"{self.file}: {place}: column {column}: {self.ja} / {self.en}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row that was understood; a column that the sheet does not have is not there."""

    row: int
    key: tuple[str, ...]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the values of a field stand."""

    field: Field
    index: int
    letters: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One row as it was sent, and what stands beyond its last column."""

    row: int
    cells: Mapping[Place, object]
    surplus: Mapping[str, object] = field(default_factory=dict)  # by letters


def as_it_stands(sent: Sent) -> Sent:
    """What a row means that says all itself."""
    return sent


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sheet says: the rows that can be taken, and the problems of all others."""

    file: str
    sheet: str | None  # None: the file has no sheets
    lines: tuple[Line, ...]
    problems: tuple[Problem, ...]
    places: tuple[Place, ...]

    @property
    def stream(self) -> "Stream":
        """The same, as if it were being read."""
        return Stream(self.file, self.sheet, self.places, iter((*self.lines, *self.problems)))


@dataclass(frozen=True, slots=True)
class Stream:
    """A sheet as it is read: each row that can be taken, and each problem of the others, in their order."""

    file: str
    sheet: str | None
    places: tuple[Place, ...]
    told: Iterator[Line | Problem]
    seen: Seen | None = None  # as what the sheet was handed out

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
    behind: Callable[[Sent], Sent] = as_it_stands  # what a row means that was handed out masked

    def person(self, worker_number: str) -> str:
        """The key of the person who has this number."""
        return self.keys.person(WORKER_NUMBER, worker_number)

    def value(self, field: Field, cell: object) -> Value:
        """The value of a cell; Unreadable says why there is none."""
        # What a person writes of somebody by the pseudonym that they were shown is a text; no sheet repeats a mask so.
        may_be_masked = field.person or self.behind is not as_it_stands
        told = normalize("NFKC", cell).casefold() if may_be_masked and isinstance(cell, str) else ""
        if WITHHELD in told or OF_SOMEBODY.search(told):
            raise MASKED
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


def opened(content: bytes, name: str, title: str, encoding: Encoding | None = None) -> Sheet:
    """The sheet of a workbook, or a CSV file, by its name; an encoding is said of CSV only."""
    if is_csv(name):
        return open_csv(content, name, encoding)
    if encoding is not None:
        raise ConfigError(f"{name}: CSVではありません / is no .csv file: leave out --encoding")
    return open_sheet(content, name, title)


def read(form: Form, content: bytes, name: str, border: Border, encoding: Encoding | None = None) -> Reading:
    """Read a file; ConfigError, naming all of it, when the file or its first row is not what the form asks for."""
    return _gathered(stream(form, content, name, border, encoding))


def stream(form: Form, content: bytes, name: str, border: Border, encoding: Encoding | None = None) -> Stream:
    """The same, row by row: a large sheet is never held as a whole."""
    sheet, places, rows = as_sent(form, content, name, encoding)
    return Stream(name, sheet.title, places, _understood(form, rows, (name, sheet.title), border), sheet.seen)


def as_sent(
    form: Form, content: bytes, name: str, encoding: Encoding | None = None
) -> tuple[Sheet, tuple[Place, ...], Iterator[Sent]]:
    """The sheet, where the columns stand, and the rows as they were sent; ConfigError as :func:`read`."""
    sheet = opened(content, name, form.dataset.title_ja, encoding)
    header = next(sheet.rows, [])
    places = _places(form, header, f"{name}: {sheet.title}" if sheet.title else name)
    given = (
        Sent(
            number,
            {place: row[place.index] if place.index < len(row) else None for place in places},
            {get_column_letter(n + 1): row[n] for n in range(len(header), len(row))},
        )
        for number, row in enumerate(sheet.rows, start=2)
        if not (number == 2 and _names_columns(form, row))
    )
    return sheet, tuple(places), given


def read_rows(form: Form, rows: Iterable[Mapping[str, object]], border: Border) -> Reading:
    """Read rows that a program hands in (portal, calendar) by the same rules; values by column name."""
    fields = {field.name: Place(field, index, field.name) for index, field in enumerate(form.fields)}
    given = []
    for number, row in enumerate(rows, start=1):
        if unknown := sorted(set(row) - set(fields)):
            raise ConfigError(f"{form.dataset.name}: 列がありません / has no column {', '.join(unknown)}")
        present = {name: row.get(name) for name, place in fields.items() if name in row or place.field.required}
        given.append(Sent(number, {fields[name]: value for name, value in present.items()}))
    where = (PROGRAM, form.dataset.title_ja)
    return _gathered(Stream(*where, tuple(fields.values()), _understood(form, given, where, border)))


def _gathered(stream: Stream) -> Reading:
    told = list(stream.told)
    lines = tuple(one for one in told if isinstance(one, Line))
    problems = tuple(one for one in told if isinstance(one, Problem))
    return Reading(stream.file, stream.sheet, lines, problems, stream.places)


def _understood(
    form: Form, given: Iterable[Sent], where: tuple[str, str | None], border: Border
) -> Iterator[Line | Problem]:
    rows: dict[tuple[str, ...], int] = {}
    for sent in map(border.behind, given):
        if all(map(_is_blank, (*sent.cells.values(), *sent.surplus.values()))):
            continue
        values, wrong = _values(sent, border)
        key = tuple(str(values.get(name)) for name in form.dataset.key)
        if not wrong and (first := rows.get(key)) is not None:
            again = Unreadable(
                f"{first}行目と同じキーです。1行だけ残してください",
                f"has the key of row {first}; leave one of them",
            )
            wrong = [(next(place for place in sent.cells if place.field.key), again)]
        if wrong:
            yield from (_problem(where, sent.row, place, why) for place, why in wrong)
        else:
            rows[key] = sent.row
            yield Line(sent.row, key, values)


def _values(sent: Sent, border: Border) -> tuple[dict[str, Value], list[tuple[Place | str, Unreadable]]]:
    if misshapen := _misshapen(sent):
        return {}, [misshapen]
    values: dict[str, Value] = {}
    wrong: list[tuple[Place | str, Unreadable]] = []
    for place, cell in sent.cells.items():
        try:
            values[place.field.name] = border.value(place.field, cell)
        except Unreadable as why:
            wrong.append((place, why))
    first, last = (values.get(name) for name in SPAN)
    if first and last and str(first) > str(last):
        [place] = [place for place in sent.cells if place.field.name == SPAN[1]]
        wrong.append((place, Unreadable("有効終了日が有効開始日より前です", "ends before it begins")))
    return values, wrong


def _misshapen(sent: Sent) -> tuple[Place | str, Unreadable] | None:
    """Where a row has too many fields or too few: what its cells say then is said of the wrong columns."""
    if sent.surplus:
        return next(iter(sent.surplus)), SURPLUS
    missing = (place for place, cell in sent.cells.items() if isinstance(cell, Broken) and cell.why is MISSING)
    return next(((place, MISSING) for place in missing), None)


def _problem(where: tuple[str, str | None], row: int, place: Place | str, why: Unreadable) -> Problem:
    column, header = (place, None) if isinstance(place, str) else (place.letters, place.field.header)
    return Problem(*where, row, column, header, why.ja, why.en)


def _places(form: Form, header: list[object], where: str) -> list[Place]:
    known, found, wrong = form.headers, dict[str, Place](), list[str]()
    for index, cell in enumerate(header):
        if _is_blank(cell) or folded(str(cell)) == folded(ERROR_HEADER):
            continue
        letters = get_column_letter(index + 1)
        field = known.get(folded(str(cell)))
        if isinstance(cell, Broken):
            wrong.append(f"{where}: row 1: column {letters}: {cell.why}")
        elif field is None:
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
