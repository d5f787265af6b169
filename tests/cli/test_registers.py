"""Registers at the command line: workbooks and CSV files out and in, and wrong rows back."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Tenken

ENTERED = ("--by", "7", "--reason", "初回登録")
IMPORT = ("import", "zones", "in.csv", *ENTERED)
HEADER = "会社,部門,区域ID,名称,区域の種別,管理者"
GOOD, WRONG = "AOBA,D10,Z-1,東京,管理区域,7", "AOBA,D10,Z-2,東京,裏口,7"


def csv_of(path: Path, *lines: str, encoding: str = "utf-8-sig") -> Path:
    path.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    return path


@pytest.fixture
def header(run: Tenken, tmp_path: Path) -> str:
    """The first six headers of the register of zones."""
    assert run("registers", "template", "zones", "--out", tmp_path / "zones.csv").returncode == 0
    told = (tmp_path / "zones.csv").read_text("utf-8-sig")
    return ",".join(told.split(",")[:6])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_a_csv_goes_in_and_out_and_in_again_and_changes_nothing(
    run: Tenken, tmp_path: Path, header: str, encoding: str
) -> None:
    said = ("--encoding", encoding) if encoding == "cp932" else ()
    sent, out = csv_of(tmp_path / "in.csv", header, GOOD, encoding=encoding), tmp_path / "out.csv"
    assert run("registers", "import", "zones", sent, *said, *ENTERED).returncode == 0
    assert run("registers", "export", "zones", "--out", out, "--encoding", encoding).returncode == 0
    again = run("registers", "import", "zones", out, *said, *ENTERED)
    assert (again.returncode, again.stdout) == (0, "")
    assert "1 unchanged, 0 problems" in again.stderr


def test_letters_that_cp932_lacks_are_named_by_place_and_number_and_lead_to_exit_code_2(
    run: Tenken, tmp_path: Path, header: str
) -> None:
    sent = csv_of(tmp_path / "in.csv", header, GOOD.replace("東京", "東京😀"))
    assert run("registers", "import", "zones", sent, *ENTERED).returncode == 0
    told = run("registers", "export", "zones", "--out", tmp_path / "out.csv", "--encoding", "cp932")
    assert told.returncode == 2
    assert "out.csv: line 2: column D(" in told.stderr
    assert "U+1F600" in told.stderr
    assert "東京〓" in (tmp_path / "out.csv").read_text("cp932")
    back = run("registers", "import", "zones", tmp_path / "out.csv", "--encoding", "cp932", *ENTERED)
    assert back.returncode == 2
    assert "0 new versions; 0 unchanged, 1 problems" in back.stderr


@pytest.mark.parametrize("mode", [("--dry-run",), ()], ids=["only planned", "imported"])
def test_wrong_rows_are_written_where_asked(run: Tenken, tmp_path: Path, header: str, mode: tuple[str, ...]) -> None:
    sent, errors = csv_of(tmp_path / "in.csv", header, GOOD, WRONG), tmp_path / "errors.csv"
    told = run("registers", "import", "zones", sent, "--errors", errors, *mode, *ENTERED)
    assert told.returncode == 2
    assert [line.split(",")[2] for line in errors.read_text("utf-8-sig").splitlines()] == ["区域ID ●", "Z-2"]


def test_where_nothing_is_wrong_no_file_of_errors_is_written(run: Tenken, tmp_path: Path, header: str) -> None:
    sent, errors = csv_of(tmp_path / "in.csv", header, GOOD), tmp_path / "errors.csv"
    assert run("registers", "import", "zones", sent, "--errors", errors, *ENTERED).returncode == 0
    assert not errors.exists()


def test_wrong_rows_of_a_workbook_come_back_in_a_workbook(run: Tenken, tmp_path: Path) -> None:
    sheet, errors = tmp_path / "zones.xlsx", tmp_path / "errors.xlsx"
    assert run("registers", "template", "zones", "--out", sheet).returncode == 0
    book = load_workbook(sheet)
    for column, value in enumerate(WRONG.split(","), start=1):
        book.worksheets[0].cell(3, column).value = value
    book.save(sheet)
    assert run("registers", "import", "zones", sheet, "--errors", errors, *ENTERED).returncode == 2
    assert load_workbook(errors).worksheets[0]["E3"].value == "裏口"


@pytest.mark.parametrize(
    ("words", "file", "why"),
    [
        pytest.param((*IMPORT, "--errors"), "out.xlsx", "end in .csv", id="errors of another format"),
        pytest.param(("import", "zones", *ENTERED), "in.csv", "--encoding cp932", id="no encoding to be seen"),
        pytest.param(("export", "zones", "--out"), "zones.txt", ".xlsx or .csv", id="an export of no known format"),
        pytest.param(("template", "zones", "--out"), "zones", ".xlsx or .csv", id="a template of no known format"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_remedy(
    run: Tenken, tmp_path: Path, words: tuple[str, ...], file: str, why: str
) -> None:
    csv_of(tmp_path / "in.csv", HEADER, GOOD, encoding="utf-8")
    told = run("registers", *words, tmp_path / file)
    assert told.returncode == 2
    assert why in told.stderr
