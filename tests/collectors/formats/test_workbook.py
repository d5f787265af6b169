"""Workbooks: a cell is the text that a person sees in it, or its row is refused."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from collectors.formats import Layout, Trailer, Unreadable
from evidence.errors import SourceMalformed
from tests.collectors.objects import stored, strictly, told, wanted

ROSTER = Layout("workbook", wanted("番号", "値"), sheet="名簿")


def workbook(rows: Sequence[Sequence[Any]], title: str = "名簿", *, is_hidden: bool = False) -> bytes:
    """A workbook with one sheet, behind which stands an empty one where it is hidden."""
    book, out = Workbook(), BytesIO()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if is_hidden:
        book.create_sheet("別")
        sheet.sheet_state, book.active = "hidden", 1
    book.save(out)
    return out.getvalue()


def changed(archive: bytes, old: bytes, new: bytes) -> bytes:
    """The workbook with other bytes in its sheet."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(archive)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name.startswith("xl/worksheets/"):
                assert old in content
                content = content.replace(old, new)
            after.writestr(name, content)
    return out.getvalue()


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    with pytest.raises(SourceMalformed, match=r"^object "):
        strictly([stored(content)], ROSTER)


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_by_name(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        content[place] ^= data.draw(st.integers(1, 255))
    read = told([stored(bytes(content))], ROSTER)
    assert read.ends or read.rejects


SOUND = workbook([("番号", "値"), ("E1", 1)])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(1001, "1001", id="a whole number has no fraction"),
        pytest.param(0.1, "0.1", id="a fraction as written"),
        pytest.param("00123", "00123", id="text keeps its zeros"),
        pytest.param(date(2026, 4, 1), "2026-04-01", id="a day"),
        pytest.param(datetime(2026, 4, 1, 9, 30, 15), "2026-04-01T09:30:15", id="an instant"),
        pytest.param(time(9, 30), "09:30:00", id="a time of day"),
        pytest.param(timedelta(hours=30), "30:00:00", id="a length of time"),
        pytest.param(True, "true", id="yes"),
        pytest.param(None, "", id="nothing"),
        pytest.param(-5, "-5", id="below zero"),
    ],
)
def test_a_cell_is_the_text_that_a_person_would_write(cell: Any, text: str) -> None:
    assert strictly([stored(workbook([("番号", "値"), ("E1", cell)]))], ROSTER).rows == [{"番号": "E1", "値": text}]


def test_a_formula_is_its_stored_result() -> None:
    archive = changed(workbook([("番号", "値"), ("E1", "=1+1")]), b"<v />", b"<v>2</v>")
    assert strictly([stored(archive)], ROSTER).rows == [{"番号": "E1", "値": "2"}]


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        pytest.param("=1+1", "its formula was never calculated; open and save the workbook once", id="no result"),
        pytest.param("#N/A", "its formula ended in an error", id="an error"),
        pytest.param(
            12345678901234567,
            "a number of more than 15 digits, rounded by the workbook; format the column as text",
            id="too many digits",
        ),
    ],
)
def test_a_cell_that_cannot_be_believed_is_a_reject_by_line(cell: Any, why: str) -> None:
    read = told([stored(workbook([("番号", "値"), ("E1", cell), ("E2", 2)]))], ROSTER)
    assert [(reject.line, reject.column, reject.reason) for reject in read.rejects] == [(2, "値", why)]
    assert (read.rows, read.lines, read.parts) == ([{"番号": "E2", "値": "2"}], [3], ["名簿"])


def test_an_empty_text_of_a_formula_is_a_value() -> None:
    archive = changed(workbook([("番号", "値"), ("E1", '=""')]), b'<c r="B2">', b'<c r="B2" t="str">')
    assert strictly([stored(archive)], ROSTER).rows == [{"番号": "E1", "値": ""}]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param([("番号", "額")], "the header has no 値", id="a missing header"),
        pytest.param([("番号", "値", "値")], "the header has 値 more than once", id="a header twice"),
        pytest.param([], "the sheet ends above its header", id="nothing"),
    ],
)
def test_a_sheet_that_is_not_as_declared_is_refused(rows: Sequence[Sequence[Any]], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        strictly([stored(workbook(rows))], ROSTER)


def test_a_missing_sheet_is_refused_by_its_name() -> None:
    with pytest.raises(Unreadable, match="no sheet 名簿"):
        strictly([stored(workbook([("番号", "値")], title="別"))], ROSTER)


def test_a_hidden_sheet_is_read_only_where_it_is_named() -> None:
    hidden = workbook([("番号", "値"), ("E1", 1)], is_hidden=True)
    with pytest.raises(Unreadable, match="the first sheet is hidden; show it"):
        strictly([stored(hidden)], replace(ROSTER, sheet=None))
    assert len(strictly([stored(hidden)], ROSTER).rows) == 1


def test_an_archive_that_swells_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (4 << 20))
    with pytest.raises(Unreadable, match="out of proportion"):
        strictly([stored(out.getvalue())], ROSTER)


def test_rows_are_where_the_sheet_has_them() -> None:
    rows = [("名簿", None), (None, None), ("番号", "値"), ("E1", 1), (None, None), ("E2", 2), ("合計", 2)]
    layout = Layout("workbook", ROSTER.columns, header_row=3, trailer=Trailer("合計", 2))
    read = strictly([stored(workbook(rows))], layout)
    assert (read.lines, read.ends[0].lines, read.ends[0].reported) == ([4, 6], 2, 2)
