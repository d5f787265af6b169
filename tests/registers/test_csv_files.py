"""Registers as CSV: what was written is read back, and what cannot be trusted is refused by line and column."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.datasets import Dataset
from evidence.errors import ConfigError
from registers.csv_files import Encoding, Written, export, template
from registers.forms import form
from registers.reading import Reading, read
from tests.registers.samples import BORDER, REGISTERS, TOKYO, VENDOR, VENDOR_HEADERS, VENDORS, sample
from tests.registers.test_sheets import INJECTIONS, named, naughty_texts

COMPUTED = re.compile(r"[=+\-@\t\r＝＋－＠]")
FORM = form(VENDORS)
NAME = VENDOR_HEADERS.index("委託先の名称")


def reading(content: bytes, encoding: Encoding | None = None) -> Reading:
    return read(FORM, content, "委託先.csv", BORDER, encoding)


def exported(*texts: str, encoding: Encoding = Encoding.UTF_8) -> Written:
    rows = [{**named(text), "vendor_id": f"V-{number}"} for number, text in enumerate(texts)]
    return export(VENDORS, rows, TOKYO, encoding)


def names(content: bytes, encoding: Encoding | None = None) -> list[object]:
    return [line.values["name"] for line in reading(content, encoding).lines]


def sheet(*rows: Sequence[str], headers: Sequence[str] = VENDOR_HEADERS) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([headers, *rows])
    return text.getvalue().encode("utf-8-sig")


def spoilt(field: bytes, mark: bytes = b"\xef\xbb\xbf", encoding: str = "utf-8") -> bytes:
    """A sheet whose third line has these very bytes for the vendor's name."""
    lines = [",".join(one).encode(encoding) for one in (VENDOR_HEADERS, VENDOR, [*VENDOR[:2], "V-2", *VENDOR[3:]])]
    lines[2] = lines[2].replace(VENDOR[NAME].encode(encoding), field)
    return mark + b"\r\n".join(lines) + b"\r\n"


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_full_row_of_any_register_survives_its_own_export(dataset: Dataset, encoding: Encoding) -> None:
    row = sample(dataset)
    told = export(dataset, [row], TOKYO, encoding)
    said = encoding if encoding is Encoding.CP932 else None
    [line] = read(form(dataset), told.content, "e.csv", BORDER, said).lines
    assert (line.values, told.unheld) == (row, ())


def test_a_template_is_read_as_an_empty_register() -> None:
    told = reading(template(VENDORS, Encoding.UTF_8).content)
    assert (told.sheet, told.lines, told.problems) == (None, (), ())


def test_lines_end_as_windows_ends_them_and_the_file_shows_its_encoding() -> None:
    content = exported("みどり印刷").content
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") == 2


def test_every_naughty_text_survives_our_own_export(shared: Path) -> None:
    texts = [unicodedata.normalize("NFC", text) for text in naughty_texts(shared)]
    assert names(exported(*texts).content) == texts


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("text", INJECTIONS.values(), ids=INJECTIONS)
def test_what_looks_like_a_formula_is_written_inert_and_read_back(text: str, encoding: Encoding) -> None:
    content = exported(text, encoding=encoding).content
    assert names(content, encoding if encoding is Encoding.CP932 else None) == [text]


def test_no_field_is_one_that_a_spreadsheet_would_compute(shared: Path) -> None:
    texts = [*INJECTIONS.values(), *naughty_texts(shared), "　=1+1", " \n＝1+1", "\u200b=1+1", "\x0c@A1"]
    rows = csv.reader(io.StringIO(exported(*texts).content.decode("utf-8-sig"), newline=""), strict=True)
    fields = [field for row in rows for field in row]
    assert len(fields) > len(texts)
    assert not [field for field in fields if COMPUTED.match(field) or COMPUTED.match(field.strip(" 　\n\u200b\x0c"))]


@given(st.lists(st.sampled_from(["'", "=", "＝", "-", " ", "\t", "\r", "\n", "a", '"', ","]), min_size=1).map("".join))
def test_apostrophes_are_read_as_they_were_written(text: str) -> None:
    assert names(exported(text).content) == ([text] if text.strip() else [])


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_read_back_from_utf_8(text: str) -> None:
    told = unicodedata.normalize("NFC", f"{text}.")
    assert names(exported(told).content) == [told]


@pytest.mark.parametrize(
    ("text", "codes", "shown"),
    [
        pytest.param("山田😀商店", ("U+1F600",), "山田〓商店", id="a letter beyond the plane"),
        pytest.param("𠮷野家 〜", ("U+20BB7", "U+301C"), "〓野家 〓", id="a letter that would come back as its like"),
        pytest.param("5－3−2¢", ("U+2212", "U+00A2"), "5－3〓2〓", id="signs of the other table"),
        pytest.param("〓", ("U+3013",), "〓", id="the mark of a missing letter itself"),
    ],
)
def test_what_cp932_cannot_hold_is_told_by_place_and_number(text: str, codes: tuple[str, ...], shown: str) -> None:
    told = exported("みどり印刷", text, encoding=Encoding.CP932)
    assert [(one.line, one.header, one.codes) for one in told.unheld] == [(3, "委託先の名称 ●", codes)]
    assert shown in told.content.decode("cp932")
    assert text.strip("〓") == "" or text not in str(told.unheld[0])


def test_what_cp932_holds_is_read_back() -> None:
    text = "髙﨑①㈱～－ｶﾅ" + chr(0x5C)
    told = exported(text, encoding=Encoding.CP932)
    assert (told.unheld, names(told.content, Encoding.CP932)) == ((), [text])


@pytest.mark.parametrize("code", range(0x20, 0x10000, 0x800), ids=hex)
def test_each_letter_is_read_back_from_cp932_or_told(code: int) -> None:
    letters = [chr(n) for n in range(code, code + 0x800) if not 0xD800 <= n < 0xE000]
    texts = [f"a{one}b" for one in letters if unicodedata.normalize("NFC", f"a{one}b") == f"a{one}b"]
    told = exported(*texts, encoding=Encoding.CP932)
    lost = {code for one in told.unheld for code in one.codes}
    held = [text for text in texts if f"U+{ord(text[1]):04X}" not in lost]
    assert names(told.content, Encoding.CP932) == held


def test_a_cell_with_the_mark_of_a_missing_letter_is_not_taken_from_cp932() -> None:
    content = exported("山田😀商店", encoding=Encoding.CP932).content
    [problem] = reading(content, Encoding.CP932).problems
    assert (problem.row, problem.header) == (2, "委託先の名称")
    assert names(exported("〓").content) == ["〓"]


@pytest.mark.parametrize(
    ("content", "line", "header", "why"),
    [
        pytest.param(spoilt(b"a\x00b"), 3, "委託先の名称", "制御文字", id="NUL"),
        pytest.param(spoilt(b"\x83\x65"), 3, "委託先の名称", "文字コード", id="a byte that is not UTF-8"),
        pytest.param(spoilt(b"=\xff"), 3, "委託先の名称", "文字コード", id="a formula with such a byte"),
        pytest.param(spoilt(b"a,b"), 3, None, "項目が多い", id="too many fields"),
        pytest.param(sheet(VENDOR[:6]), 2, "個人情報の取扱い", "項目が少ない", id="a row that is cut off"),
        pytest.param(spoilt(b"x" * 200_000), 3, "委託先の名称", "文字を超えて", id="longer than a cell"),
    ],
)
def test_a_wrong_row_is_named_by_line_and_column_and_no_other(
    content: bytes, line: int, header: str | None, why: str
) -> None:
    [problem] = reading(content).problems
    assert (problem.row, problem.header, problem.sheet) == (line, header, None)
    assert why in problem.ja
    assert f"委託先.csv: line {line}: column {problem.column}" in str(problem)


def test_a_byte_that_cp932_does_not_know_is_named_by_line_and_column() -> None:
    [problem] = reading(spoilt(b"\x81", b"", "cp932"), Encoding.CP932).problems
    assert (problem.row, problem.column) == (3, "D")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        pytest.param(spoilt(b'"x'), "line 3: column D", id="a quote that is never closed"),
        pytest.param(spoilt(b'"x"y'), "line 3: column D", id="a letter behind the closing quote"),
        pytest.param(spoilt(b'"x\r\ny",,"z'), "line 4: column F", id="one further down in its row"),
    ],
)
def test_a_wrong_quote_is_named_by_line_and_column(content: bytes, place: str) -> None:
    with pytest.raises(ConfigError, match=place):
        reading(content)


def test_rows_are_counted_as_the_lines_that_they_begin_on() -> None:
    content = sheet([*VENDOR[:3], "みどり\n印刷", *VENDOR[4:]], [], [*VENDOR[:2], "V-2", "", *VENDOR[4:]])
    told = reading(content)
    assert ([line.row for line in told.lines], [problem.row for problem in told.problems]) == ([2], [5])


PLAIN = ",".join(VENDOR_HEADERS)


@pytest.mark.parametrize(
    ("content", "encoding", "why"),
    [
        pytest.param(PLAIN.encode(), None, "--encoding cp932", id="no mark and nothing said"),
        pytest.param(PLAIN.encode("cp932"), Encoding.UTF_8, "--encoding cp932", id="no mark where one is said"),
        pytest.param(
            PLAIN.encode("utf-8-sig"), Encoding.CP932, "leave out --encoding", id="a mark against what is said"
        ),
        pytest.param(PLAIN.encode("utf-16"), Encoding.CP932, "UTF-16", id="the mark of UTF-16"),
        pytest.param(PLAIN.encode(), Encoding.CP932, "row 1: column A", id="UTF-8 said to be cp932"),
        pytest.param(
            b"\xef\xbb\xbf" + PLAIN.encode("cp932"), None, "row 1: column A", id="cp932 behind a mark of UTF-8"
        ),
        pytest.param(b"", Encoding.CP932, "必須の見出し", id="nothing"),
    ],
)
def test_an_encoding_is_never_guessed(content: bytes, encoding: Encoding | None, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        reading(content, encoding)


def test_an_encoding_is_said_of_csv_only() -> None:
    with pytest.raises(ConfigError, match="leave out --encoding"):
        read(FORM, b"", "委託先.xlsx", BORDER, Encoding.CP932)


@given(st.binary(), st.sampled_from([b"\xef\xbb\xbf", b""]))
def test_any_bytes_are_read_or_refused_by_name(tail: bytes, mark: bytes) -> None:
    head = ",".join(VENDOR_HEADERS).encode("utf-8" if mark else "cp932") + b"\r\n"
    try:
        reading(mark + head + tail, None if mark else Encoding.CP932)
    except ConfigError as refused:
        assert "委託先.csv" in str(refused)
