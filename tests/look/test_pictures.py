"""The pure parts of ``make look``: which documents, which pages, how large the contact sheet."""

from pathlib import Path

import pytest

from tests.look.pictures import TALLEST, Picture, chosen, contact_page, contact_size, documents, sheet_of


def test_the_home_and_other_files_are_left_out(tmp_path: Path) -> None:
    for name in ("a/book.xlsx", "a/page.html", "home/vault/x.xlsx", "b/notes.txt", "c/home/in.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [p.relative_to(tmp_path).as_posix() for p in documents(tmp_path)] == ["a/book.xlsx", "a/page.html"]


@pytest.mark.parametrize(
    ("page", "sheet"),
    [
        pytest.param("題\n\n例外明細                6 / 13\n", "例外明細", id="a footer"),
        pytest.param("題\n\n委託先                2/4\n", "委託先", id="a footer whose blanks are narrow"),
        pytest.param("題\n本文\n", "", id="no footer"),
        pytest.param(
            "題\n管理策別結果     全件を判定。 ― は未判定。     6 / 13\n", "管理策別結果", id="a note in the footer"
        ),
        pytest.param("", "", id="an empty page"),
        pytest.param("指摘・是正処置    12 / 22\n\n", "指摘・是正処置", id="blank lines below"),
    ],
)
def test_the_footer_names_the_sheet(page: str, sheet: str) -> None:
    assert sheet_of(page) == sheet


def test_the_first_pages_of_each_sheet_are_shown() -> None:
    pages = [f"表紙   {n} / 5" if n == 1 else f"明細   {n} / 5" for n in range(1, 6)]
    assert chosen(pages, 2) == [(1, "表紙"), (2, "明細"), (3, "明細")]


@pytest.mark.parametrize("count", [1, 4, 30, 500])
def test_the_contact_sheet_stays_within_what_a_browser_paints(count: int) -> None:
    columns, _, height = contact_size(count)
    assert height <= TALLEST
    assert columns * -(-count // columns) >= count


def test_the_contact_page_shows_each_picture_with_its_caption(tmp_path: Path) -> None:
    page = contact_page([Picture(tmp_path / "a b.png", "<台帳>")], tmp_path, 4)
    assert '<img src="a%20b.png" alt=""><figcaption>&lt;台帳&gt;</figcaption>' in page
