from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.facts.rows import typed
from registers.cells import Unreadable, kept, parse, shown
from registers.forms import Field
from tests.registers.samples import BORDER, PERSON, TOKYO, field

TEXT = field("vendors", "name")
LIST = field("vendors", "items")
CLAUSES = field("vendor_contracts", "clauses")
TIER = field("vendors", "tier")
FLAG = field("vendors", "certificate_covers_scope")
DAY = field("vendors", "ended_on")
INSTANT = field("approvals", "approved_at")
COUNT = field("approvals", "max_rows")
POINTS = field("courses", "pass_mark")
VENDOR_ID = field("vendors", "vendor_id")
APPROVER = field("approvals", "approved_by")


def read(one: Field, cell: object) -> Any:
    return parse(one, cell, TOKYO, BORDER.person)


@pytest.mark.parametrize(
    ("one", "cell", "value"),
    [
        pytest.param(TEXT, " みどり印刷 ", " みどり印刷 ", id="outer blanks of free text stay"),
        pytest.param(TEXT, "\t=1+1", "\t=1+1", id="a leading tab stays"),
        pytest.param(field("vendors", "corporate_number"), "　\t\n", None, id="free text of blanks alone is empty"),
        pytest.param(TEXT, "a\x1b[31mb\x85\ufffe", "a\x1b[31mb\x85\ufffe", id="control characters stay in free text"),
        pytest.param(TEXT, "か\u3099", "が", id="text is composed"),
        pytest.param(TEXT, "a\r\nb", "a\r\nb", id="new lines stay what they were"),
        pytest.param(VENDOR_ID, " V-1 ", "V-1", id="outer blanks of an identifier go"),
        pytest.param(TEXT, 1001.0, "1001", id="a number cell that is text"),
        pytest.param(TEXT, "＝1+1", "＝1+1", id="full width stays in free text"),
        pytest.param(VENDOR_ID, "Ｖ－１", "V-1", id="full width goes in an identifier"),
        pytest.param(FLAG, "はい", True, id="yes"),
        pytest.param(FLAG, "いいえ", False, id="no"),
        pytest.param(FLAG, "○", True, id="circle"),
        pytest.param(FLAG, "×", False, id="cross"),
        pytest.param(FLAG, "TRUE", True, id="true as text"),
        pytest.param(FLAG, False, False, id="a boolean cell"),
        pytest.param(FLAG, None, None, id="not known"),
        pytest.param(DAY, date(2026, 4, 1), date(2026, 4, 1), id="a date cell"),
        pytest.param(DAY, "2026/4/1", date(2026, 4, 1), id="slashes"),
        pytest.param(DAY, "２０２６年４月１日", date(2026, 4, 1), id="Japanese date, full width"),
        pytest.param(DAY, "9999-12-31", date(9999, 12, 31), id="open end"),
        pytest.param(INSTANT, "2026-04-01 09:30", datetime(2026, 4, 1, 0, 30, tzinfo=UTC), id="in the company's zone"),
        pytest.param(
            INSTANT, "2026/04/01 09:30:15", datetime(2026, 4, 1, 0, 30, 15, tzinfo=UTC), id="slashes and time"
        ),
        pytest.param(INSTANT, "2026-04-01T00:30Z", datetime(2026, 4, 1, 0, 30, tzinfo=UTC), id="with an offset"),
        pytest.param(INSTANT, datetime(2026, 4, 1, 9, 30), datetime(2026, 4, 1, 0, 30, tzinfo=UTC), id="a time cell"),
        pytest.param(COUNT, 12.0, 12, id="a number cell that is an integer"),
        pytest.param(COUNT, "１，２３４", 1234, id="full width digits and comma"),
        pytest.param(POINTS, 80.5, Decimal("80.5"), id="a decimal"),
        pytest.param(TIER, "T1(重要)", "T1", id="a label"),
        pytest.param(TIER, "Ｔ１（重要）", "T1", id="a label in full width"),
        pytest.param(TIER, "t2", "T2", id="a code in lower case"),
        pytest.param(LIST, "氏名、住所;氏名\n電話", ["住所", "氏名", "電話"], id="a list, without repeats, sorted"),
        pytest.param(LIST, "氏名\r\n住所", ["住所", "氏名"], id="a list on lines of Windows"),
        pytest.param(LIST, None, [], id="an empty list"),
        pytest.param(CLAUSES, "再委託、安全管理", ["security", "subcontracting"], id="labels in a list"),
        pytest.param(APPROVER, PERSON, PERSON, id="a person key stays"),
        pytest.param(APPROVER, "1001", BORDER.keys.person("worker_no", "1001"), id="a worker number becomes a key"),
        pytest.param(APPROVER, 1001.0, BORDER.keys.person("worker_no", "1001"), id="a worker number in a number cell"),
    ],
)
def test_a_cell_is_read_as_its_column_means_it(one: Field, cell: object, value: object) -> None:
    assert read(one, cell) == value


@pytest.mark.parametrize(
    ("one", "cell", "why"),
    [
        pytest.param(VENDOR_ID, "　", "必須", id="a required cell that is blank"),
        pytest.param(TEXT, date(2026, 3, 1), "文字列", id="text that a spreadsheet made a date"),
        pytest.param(TEXT, True, "文字列", id="a boolean where text stands"),
        pytest.param(TEXT, time(9, 30), "文字列", id="a time of day where text stands"),
        pytest.param(VENDOR_ID, "a\x1b[31mb", "制御文字", id="a terminal's control sequence in an identifier"),
        pytest.param(TEXT, "a\x00b", "制御文字", id="NUL"),
        pytest.param(TEXT, "_xFFFE_", "制御文字", id="what a workbook takes for a character that is none"),
        pytest.param(TEXT, "a\udc80b", "制御文字", id="a lone surrogate"),
        pytest.param(TEXT, "x" * 32_768, "文字を超えています", id="longer than a cell"),
        pytest.param(FLAG, "はいいいえ", "はい", id="neither yes nor no"),
        pytest.param(FLAG, 1.0, "はい", id="a number for yes"),
        pytest.param(DAY, "2026-02-30", "暦にない", id="no such day"),
        pytest.param(DAY, 46113.0, "日付", id="a bare serial number"),
        pytest.param(DAY, datetime(2026, 4, 1, 9), "時刻", id="a time in a date column"),
        pytest.param(DAY, "4/1", "日付", id="a date without a year"),
        pytest.param(INSTANT, "2026-04-01", "時刻がありません", id="a date in a time column"),
        pytest.param(INSTANT, timedelta(hours=9), "日時", id="a duration"),
        pytest.param(INSTANT, date(2026, 4, 1), "日時", id="a date cell in a time column"),
        pytest.param(INSTANT, "0001-01-01 00:00", "範囲", id="before all time"),
        pytest.param(COUNT, 1.5, "整数", id="a fraction of a row"),
        pytest.param(COUNT, "1e400", "大きさ", id="an absurd number"),
        pytest.param(COUNT, "NaN", "大きさ", id="not a number"),
        pytest.param(COUNT, 2**63, "整数", id="more than 64 bits"),
        pytest.param(POINTS, "0.00001", "小数", id="too many decimals"),
        pytest.param(TIER, "T4", "T1(重要)、T2(標準)、T3(軽微)", id="not in the closed list"),
        pytest.param(CLAUSES, "再委託、雑則", "選択肢", id="one member not in the closed list"),
        pytest.param(LIST, ["a、b"], "区切り", id="a member that holds a separator"),
    ],
)
def test_a_cell_that_can_be_read_two_ways_is_refused_with_a_reason(one: Field, cell: object, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(one, cell)
    assert why in refused.value.ja
    assert refused.value.en


INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
DECIMALS = st.decimals(-(10**13), 10**13, places=4)


@pytest.mark.parametrize(
    ("one", "values"),
    [
        pytest.param(TEXT, st.text(), id="text"),
        pytest.param(VENDOR_ID, st.text(min_size=1), id="identifier"),
        pytest.param(LIST, st.lists(st.text()), id="list"),
        pytest.param(COUNT, st.integers(-(2**63) + 1, 2**63 - 1), id="integer"),
        pytest.param(POINTS, DECIMALS, id="decimal"),
        pytest.param(DAY, st.dates(), id="date"),
        pytest.param(INSTANT, INSTANTS, id="timestamp"),
        pytest.param(FLAG, st.booleans(), id="boolean"),
        pytest.param(CLAUSES, st.lists(st.sampled_from(CLAUSES.column.codes)), id="list of codes"),
    ],
)
@given(data=st.data())
def test_what_a_register_holds_is_shown_and_read_back_and_kept_and_taken_out_as_it_was(
    one: Field, values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    try:
        value = read(one, data.draw(values))
    except Unreadable:
        return
    assert read(one, shown(one, value, TOKYO)) == value
    assert typed(one.column, kept(value)) == value


CELLS = st.one_of(
    st.none(),
    st.text(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@pytest.mark.parametrize(
    "one", [TEXT, LIST, FLAG, DAY, INSTANT, COUNT, POINTS, TIER, APPROVER], ids=lambda one: one.name
)
@given(cell=CELLS)
def test_any_cell_is_read_or_refused_by_name(one: Field, cell: object) -> None:
    try:
        read(one, cell)
    except Unreadable as refused:
        assert refused.ja and refused.en
