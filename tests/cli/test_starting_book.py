"""A management book is begun from the terminal."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tenken

ASKED = ("--department", "ADM", "--author", "1001", "--owner", "1002")


def test_a_book_is_begun_in_the_order_that_is_printed(run: Tenken, tmp_path: Path) -> None:
    told = run("registers", "starting-book", "--company", "AOBA", *ASKED, "--out", tmp_path / "book")
    assert told.returncode == 0, told.stderr
    files = [Path(line) for line in told.stdout.split()]
    assert [path.name[:2] for path in files] == ["1_", "2_", "3_", "4_", "5_"]
    entries = run("registers", "import", "book_entries", files[-1], "--by", "1", "--reason", "着手", "--json")
    assert (entries.returncode, len(json.loads(entries.stdout))) == (0, 13)


def test_workbooks_that_are_there_are_not_written_over(run: Tenken, tmp_path: Path) -> None:
    (tmp_path / "2_purposes.xlsx").write_bytes(b"filled in")
    told = run("registers", "starting-book", "--company", "AOBA", *ASKED, "--out", tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert "2_purposes.xlsx" in told.stderr
    assert (tmp_path / "2_purposes.xlsx").read_bytes() == b"filled in"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--company", "NOBODY", *ASKED), id="a company that is not known"),
        pytest.param(("--company", "AOBA", *ASKED[:4]), id="nobody answers for the data"),
        pytest.param(("--company", "AOBA", *ASKED[:4], "--owner", " "), id="a blank worker number"),
    ],
)
def test_a_book_of_nobody_is_exit_2(run: Tenken, tmp_path: Path, words: tuple[str, ...]) -> None:
    told = run("registers", "starting-book", *words, "--out", tmp_path / "book")
    assert (told.returncode, told.stdout) == (2, "")
    assert not (tmp_path / "book").exists()
