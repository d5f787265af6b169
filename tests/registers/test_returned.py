"""Rows that were not taken come back as they were sent, and can be corrected and sent again."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.memory import MemoryVault
from registers.csv_files import Encoding
from registers.forms import form
from registers.imports import OVERTAKEN, Plan, apply, plan
from registers.reading import Place, Sent, as_sent
from registers.returned import returned
from registers.sheets import cell_at, put_text, saved
from registers.workbook import Seen
from tests.registers.samples import OTHER_VENDOR, VENDOR, VENDOR_HEADERS, VENDORS, sent, vendors
from tests.registers.test_csv_files import sheet as csv_sheet
from tests.registers.test_sheets import INJECTIONS

WRONG = ["AOI", "SALES", "V-3", "=1+1", "T9", "取引中", "たぶん"]
ERROR = "エラー / error"


class Desk:
    """Somebody who sends files and gets rows back."""

    def __init__(self, store: Store, keys: Keys, folder: Path) -> None:
        self.store, self.keys, self.folder = store, keys, folder

    def plan(self, content: bytes, name: str = "委託先.xlsx", encoding: Encoding | None = None) -> Plan:
        return plan(self.store, VENDORS, sent(self.folder, content, name), self.keys, encoding=encoding)

    def enter(self, row: Sequence[Any]) -> Seen:
        """Write a row; as what a workbook shows it from then on."""
        apply(self.plan(vendors(row)), self.store, MemoryVault(), self.keys, by="1001", reason="記入")
        at = self.store.last_commit()
        assert at is not None
        return Seen(at)


@pytest.fixture
def desk(store: Store, keys: Keys, tmp_path: Path) -> Desk:
    return Desk(store, keys, tmp_path)


def as_text(rows: Sequence[Sequence[Any]], seen: Seen | None = None) -> bytes:
    """A workbook in which each text is a text, whatever it begins with."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = cell_at(sheet, number, column)
            put_text(cell, value) if isinstance(value, str) else setattr(cell, "value", value)
    return saved(book, seen)


def back(planned: Plan) -> bytes:
    content = returned(planned)
    assert content is not None
    return content


def opened(content: bytes) -> Worksheet:
    sheet = load_workbook(io.BytesIO(content))["委託先"]
    assert isinstance(sheet, Worksheet)
    return sheet


def fields(content: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline=""), strict=True))


def values(content: bytes, row: int) -> list[Any]:
    return [cell.value for cell in opened(content)[row]]


def test_where_nothing_is_wrong_nothing_comes_back(desk: Desk) -> None:
    assert returned(desk.plan(vendors(VENDOR, OTHER_VENDOR))) is None


def test_the_wrong_rows_come_back_and_no_others(desk: Desk) -> None:
    content = back(desk.plan(vendors(VENDOR, WRONG, OTHER_VENDOR)))
    assert opened(content).max_row == 3
    assert values(content, 3)[2] == "V-3"


def test_the_last_column_tells_each_problem_by_its_header_in_both_languages(desk: Desk) -> None:
    content = back(desk.plan(vendors([*WRONG[:3], "みどり印刷", *WRONG[4:]])))
    assert values(content, 1)[-1] == ERROR
    assert str(values(content, 3)[-1]).split("\n") == [
        "委託先の区分: 選択肢にありません。次のいずれか: T1(重要)、T2(標準)、T3(軽微) / must be one of T1, T2, T3",
        "個人情報の取扱い: 「はい」か「いいえ」で入力してください / must be yes (はい, ○, true) or no (いいえ, ×, false)",
    ]


def test_the_wrong_cells_are_marked_by_fill_and_note_and_no_others(desk: Desk) -> None:
    row = opened(back(desk.plan(vendors([*WRONG[:3], "みどり印刷", *WRONG[4:]]))))[3]
    assert [cell.coordinate for cell in row if cell.comment] == ["E3", "G3"]
    assert [cell.coordinate for cell in row if cell.fill.fgColor.rgb == "00F4B0A0"] == ["E3", "G3"]
    assert "must be one of" in str(row[4].comment.text if row[4].comment else "")


KINDS: dict[str, Any] = {
    "a date where text stands": date(2026, 3, 1),
    "a number where text stands": 12.5,
    "a yes where text stands": True,
    "text with a tab": "\t=1+1",
    "text with a control character": "a\x1b[31m",
    **INJECTIONS,
}


def as_it_came(plan: Plan) -> tuple[list[Place], list[Sent]]:
    """The rows that were sent, and their columns in the register's order."""
    told = form(VENDORS)
    _, places, rows = as_sent(told, plan.content, plan.name)
    order = [field.name for field in told.fields]
    return sorted(places, key=lambda place: order.index(place.field.name)), list(rows)


@pytest.mark.parametrize("cell", KINDS.values(), ids=KINDS)
def test_a_row_comes_back_in_the_cells_as_they_were_sent(desk: Desk, cell: Any) -> None:
    headers = [*VENDOR_HEADERS, "法人番号"]
    first = desk.plan(as_text([headers, [*VENDOR[:4], "T9", *VENDOR[5:], cell]]))
    again = desk.plan(back(first))
    told, back_again = ([one.cells[place] for place in places] for places, [one] in map(as_it_came, (first, again)))
    assert told == back_again


def test_a_name_that_looks_like_a_formula_comes_back_as_text(desk: Desk) -> None:
    rows = csv_sheet([*WRONG[:3], "'=1+1", *WRONG[4:]])
    content = back(desk.plan(rows, "委託先.csv"))
    assert fields(content)[1][3] == "'=1+1"


@pytest.mark.parametrize("value", ["#N/A", "=1+1"], ids=["an error", "a formula without a result"])
def test_a_cell_that_said_nothing_is_still_wrong_when_it_is_sent_again(desk: Desk, value: str) -> None:
    first = desk.plan(vendors([*VENDOR, value], headers=[*VENDOR_HEADERS, "法人番号"]))
    content = back(first)
    assert [(one.header, one.ja) for one in desk.plan(content).problems] == [
        (one.header, one.ja) for one in first.problems
    ]
    assert "f" not in {cell.data_type for row in opened(content).iter_rows() for cell in row}


def test_a_formula_without_a_result_is_told_in_the_note(desk: Desk) -> None:
    content = back(desk.plan(vendors([*VENDOR, "=1+1"], headers=[*VENDOR_HEADERS, "法人番号"])))
    note = opened(content)["D3"].comment
    assert note is not None
    assert "=1+1" in note.text


def test_a_column_that_was_not_sent_does_not_come_back_to_empty_what_the_register_holds(desk: Desk) -> None:
    assert values(back(desk.plan(vendors(WRONG))), 2) == [
        *("company", "department", "vendor_id", "name", "tier", "status", "handles_personal_data"),
        None,
    ]


def test_the_columns_come_back_in_the_registers_order(desk: Desk) -> None:
    content = back(desk.plan(vendors(WRONG[::-1], headers=VENDOR_HEADERS[::-1])))
    assert [str(one).removesuffix(" ●") for one in values(content, 1)] == [*VENDOR_HEADERS, ERROR]


def test_nothing_but_the_header_is_locked_in_rows_to_be_corrected(desk: Desk) -> None:
    row = opened(back(desk.plan(vendors(WRONG))))[3]
    assert not any(cell.protection.locked for cell in row[:-1])


def corrected(content: bytes) -> bytes:
    book = load_workbook(io.BytesIO(content))
    sheet = book["委託先"]
    sheet["E3"], sheet["G3"] = "T1(重要)", "はい"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_that_came_back_is_corrected_and_taken_as_it_is(desk: Desk) -> None:
    planned = desk.plan(corrected(back(desk.plan(vendors([*WRONG[:3], "みどり印刷", *WRONG[4:]])))))
    assert ([entry.key for entry in planned.added], planned.problems) == ([("V-3",)], ())


def test_a_workbook_that_came_back_takes_nothing_back_that_was_written_since_it_was_handed_out(desk: Desk) -> None:
    seen = desk.enter([*VENDOR[:4], "T2(標準)", *VENDOR[5:]])
    older = as_text([VENDOR_HEADERS, [*VENDOR[:4], "T9", *VENDOR[5:]]], seen)
    desk.enter([*VENDOR[:4], "T3(軽微)", *VENDOR[5:]])
    planned = desk.plan(corrected(back(desk.plan(older))))
    assert ([one.ja for one in planned.problems], planned.changed) == ([OVERTAKEN[0]], ())


@pytest.mark.parametrize("encoding", Encoding)
def test_a_csv_that_came_back_is_corrected_and_taken_as_it_is(desk: Desk, encoding: Encoding) -> None:
    said = encoding if encoding is Encoding.CP932 else None
    rows = csv_sheet(VENDOR, WRONG).decode("utf-8-sig").encode(encoding)
    content = back(desk.plan(rows, "委託先.csv", said))
    assert [row[2] for row in fields(content, encoding)] == ["委託先ID ●", "V-3"]
    mended = content.decode(encoding).replace("T9", "T1").replace("たぶん", "はい").encode(encoding)
    planned = desk.plan(mended, "委託先.csv", said)
    assert ([entry.key for entry in planned.added], planned.problems) == ([("V-3",)], ())


SPOILT: dict[str, tuple[Sequence[bytes], Encoding | None]] = {
    "bytes of no encoding": ([b"\x81\xff"], None),
    "a byte that cp932 does not know": ([b"\x81"], Encoding.CP932),
    "the mark of a missing letter": (["〓".encode("cp932")], Encoding.CP932),
    "NUL": ([b"a\x00b"], None),
    "too many fields": ([b"a", b"b"], None),
}


@pytest.mark.parametrize(("spoilt", "said"), SPOILT.values(), ids=SPOILT)
def test_what_cannot_be_read_comes_back_and_is_still_wrong(
    desk: Desk, spoilt: Sequence[bytes], said: Encoding | None
) -> None:
    encoding = said or Encoding.UTF_8
    rows = csv_sheet([*VENDOR[:3], "%", *VENDOR[4:]]).decode("utf-8-sig").encode(encoding)
    first = desk.plan(rows.replace(b"%", b",".join(spoilt)), "委託先.csv", said)
    content = back(first)
    assert spoilt[0] in content
    assert [one.ja for one in desk.plan(content, "委託先.csv", said).problems] == [one.ja for one in first.problems]
