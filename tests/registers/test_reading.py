import io
import re
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import ConfigError
from registers import workbook as opening
from registers.forms import form
from registers.reading import Reading, read, read_rows
from tests.registers.samples import (
    BORDER,
    OTHER_VENDOR,
    VENDOR,
    VENDOR_HEADERS,
    VENDORS,
    sample,
    vendors,
    workbook,
)

FORM = form(VENDORS)


def reading(content: bytes) -> Reading:
    return read(FORM, content, "委託先.xlsx", BORDER)


def with_part(content: bytes, name: str, change: "tuple[str, str]") -> bytes:
    """The workbook with one replacement in one of its files."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            part = old.read(member)
            new.writestr(member, part.replace(change[0].encode(), change[1].encode()) if member == name else part)
    return changed.getvalue()


def test_every_problem_is_told_in_one_pass_by_file_sheet_row_and_column() -> None:
    bad = ["AOI", "SALES", "V-3", "", "T9", "取引中", "たぶん"]
    assert [str(problem) for problem in reading(vendors(VENDOR, bad)).problems] == [
        "委託先.xlsx: 委託先: row 3: column D(委託先の名称): 必須項目が空です / is required",
        "委託先.xlsx: 委託先: row 3: column E(委託先の区分): 選択肢にありません。次のいずれか: "
        "T1(重要)、T2(標準)、T3(軽微) / must be one of T1, T2, T3",
        "委託先.xlsx: 委託先: row 3: column G(個人情報の取扱い): 「はい」か「いいえ」で入力してください / "
        "must be yes (はい, ○, true) or no (いいえ, ×, false)",
    ]


def test_good_rows_beside_a_bad_one_still_count() -> None:
    told = reading(vendors(VENDOR, ["AOI", "SALES", "V-3"], OTHER_VENDOR))
    assert [line.key for line in told.lines] == [("V-1",), ("V-2",)]
    assert {problem.row for problem in told.problems} == {3}


def test_problems_never_repeat_what_stands_in_the_cell() -> None:
    [problem] = reading(vendors([*VENDOR[:6], "山田太郎"])).problems
    assert "山田" not in str(problem)


def test_empty_rows_between_the_rows_do_not_matter() -> None:
    told = reading(vendors(VENDOR, [], ["", None, "  "], OTHER_VENDOR))
    assert ([line.row for line in told.lines], told.problems) == ([2, 5], ())


def test_the_second_row_with_one_key_is_a_problem_that_names_the_first() -> None:
    told = reading(vendors(VENDOR, OTHER_VENDOR, VENDOR))
    assert [(problem.row, problem.column, problem.ja) for problem in told.problems] == [
        (4, "C", "2行目と同じキーです。1行だけ残してください")
    ]


def test_an_end_before_the_beginning_is_a_problem() -> None:
    headers = [*VENDOR_HEADERS, "有効開始日", "有効終了日"]
    told = reading(vendors([*VENDOR, date(2026, 4, 1), date(2026, 3, 31)], headers=headers))
    assert [(problem.row, problem.header, problem.ja) for problem in told.problems] == [
        (2, "有効終了日", "有効終了日が有効開始日より前です")
    ]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(["会社 ●", *VENDOR_HEADERS[1:]], id="the mark of must"),
        pytest.param(["company", "department", *VENDOR_HEADERS[2:]], id="English names"),
        pytest.param(
            ["会社　", "ﾌﾞﾓﾝ".replace("ﾌﾞﾓﾝ", "部門"), "委託先ＩＤ", *VENDOR_HEADERS[3:]], id="width and blanks"
        ),
    ],
)
def test_headers_are_known_in_all_their_spellings(headers: list[str]) -> None:
    assert len(reading(vendors(VENDOR, headers=headers)).lines) == 1


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        pytest.param(VENDOR_HEADERS[1:], "必須の見出し「会社」がありません", id="a required column is missing"),
        pytest.param([*VENDOR_HEADERS, "備考"], "column H: この台帳にない見出しです", id="a column that is not ours"),
        pytest.param([*VENDOR_HEADERS, "会社"], "column H\\(会社\\): 見出しが重複", id="a column twice"),
        pytest.param([], "必須の見出し「会社」がありません", id="an empty sheet"),
    ],
)
def test_a_first_row_that_is_not_the_forms_is_refused(headers: list[str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        reading(vendors(VENDOR[: len(headers)], headers=headers) if headers else workbook([]))


def test_columns_may_stand_in_any_order() -> None:
    [line] = reading(vendors(VENDOR[::-1], headers=VENDOR_HEADERS[::-1])).lines
    assert line.values["vendor_id"] == "V-1"


def test_the_sheet_of_the_registers_name_is_read_else_the_first_one() -> None:
    assert reading(workbook([VENDOR_HEADERS, VENDOR], title="Sheet1")).sheet == "Sheet1"


def test_a_company_that_does_not_exist_is_a_problem() -> None:
    border = type(BORDER)(BORDER.keys, BORDER.zone, frozenset({"KAEDE"}))
    [problem] = read(FORM, vendors(VENDOR), "委託先.xlsx", border).problems
    assert problem.ja == "登録されていない会社コードです。登録済み: KAEDE"


def test_no_company_is_called_as_the_groups_own_log_is() -> None:
    [problem] = reading(vendors(["Group", *VENDOR[1:]])).problems
    assert problem.header == "会社"


@pytest.mark.parametrize("value", ["#N/A", "=1+1"], ids=["an error", "a formula without a result"])
def test_a_cell_without_a_readable_value_is_a_problem_and_not_empty(value: str) -> None:
    told = reading(vendors([*VENDOR, value], headers=[*VENDOR_HEADERS, "法人番号"]))
    assert [(problem.column, problem.row, problem.ja) for problem in told.problems] == [
        ("H", 2, "エラー値か、計算されていない数式です。値を入力してください")
    ]


def test_an_error_in_a_column_without_header_is_nobodys_problem() -> None:
    assert reading(vendors([*VENDOR, "#N/A"], headers=VENDOR_HEADERS)).problems == ()


def test_a_sheet_that_begins_further_down_and_to_the_right_keeps_its_places() -> None:
    shifted = [[None, None, *row] for row in (VENDOR_HEADERS, [*VENDOR[:4], "T9", *VENDOR[5:]])]
    assert [(problem.row, problem.column) for problem in reading(workbook(shifted)).problems] == [(2, "G")]


def test_a_formula_with_a_result_says_its_result() -> None:
    content = vendors([*VENDOR, "=1+1"], headers=[*VENDOR_HEADERS, "法人番号"])
    done = with_part(content, "xl/worksheets/sheet1.xml", ("<v />", "<v>2</v>"))
    [line] = reading(done).lines
    assert line.values["corporate_number"] == "2"


@pytest.mark.parametrize(
    "cell", ["XFD2", "A1048576", "xfd1048576"], ids=["far to the right", "far below", "far off in lower case"]
)
def test_a_cell_far_off_is_refused_before_it_fills_the_memory(cell: str) -> None:
    content = with_part(vendors(VENDOR), "xl/worksheets/sheet1.xml", ('r="G2"', f'r="{cell}"'))
    with pytest.raises(ConfigError, match="シートは200000行・256列まで"):
        reading(content)


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_UNPACKED", 4_000)
    with pytest.raises(ConfigError, match="展開すると大きすぎます"):
        reading(vendors(VENDOR))


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MAX_BYTES", 100)
    with pytest.raises(ConfigError, match="MB"):
        reading(vendors(VENDOR))


def test_an_archive_that_claims_a_smaller_size_than_it_has_is_refused() -> None:
    content = bytearray(vendors(VENDOR))
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    with pytest.raises(ConfigError):
        reading(bytes(content))


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet '
    content = with_part(vendors(VENDOR), "xl/worksheets/sheet1.xml", ("<worksheet ", bomb))
    with pytest.raises(ConfigError, match="EntitiesForbidden"):
        reading(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param("会社,部門\n".encode("cp932"), id="a CSV"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), id="an old or a password-protected book"),
        pytest.param(vendors(VENDOR)[:-40], id="a cut-off book"),
        pytest.param(b"PK\x05\x06" + bytes(18), id="an empty archive"),
    ],
)
def test_what_is_no_workbook_is_refused_by_the_name_of_the_file(content: bytes) -> None:
    with pytest.raises(ConfigError, match=re.escape("委託先.xlsx")):
        reading(content)


GOOD = vendors(VENDOR, OTHER_VENDOR)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_damaged_book_is_read_as_it_was_or_refused(place: int, byte: int) -> None:
    damaged = bytearray(GOOD)
    damaged[place] = byte
    try:
        told = reading(bytes(damaged))
    except ConfigError:
        return
    assert told.lines == reading(GOOD).lines


def test_rows_of_a_program_follow_the_same_rules() -> None:
    told = read_rows(FORM, [sample(VENDORS), {"vendor_id": "V-9"}], BORDER)
    assert [line.row for line in told.lines] == [1]
    assert {problem.column for problem in told.problems} >= {"company", "name", "tier"}


def test_a_program_that_names_an_unknown_column_is_told_so() -> None:
    with pytest.raises(ConfigError, match="remark"):
        read_rows(FORM, [{**sample(VENDORS), "remark": "x"}], BORDER)
