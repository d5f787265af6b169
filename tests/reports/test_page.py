"""The self-check page: self-contained, readable without colour, by ear and on a phone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest

from reports import self_check
from reports.self_check_view import SelfCheckView, self_check_view
from tests.reports import made


@cache
def view() -> SelfCheckView:
    return self_check_view(made.judged())


@cache
def text() -> str:
    return self_check.html_page(view()).content.decode()


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(*tags: str) -> Iterator[dict[str, str | None]]:
    yield from (attributes for tag, attributes in Elements(text()).found if tag in tags)


def test_the_page_is_in_japanese_and_says_its_encoding_first() -> None:
    assert next(elements("html")) == {"lang": "ja"}
    assert text().index('<meta charset="utf-8">') < 100


def test_the_page_forbids_every_source_but_its_own_style() -> None:
    policies = [a["content"] for a in elements("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("outside", ["<script", "<link", "<img", "<iframe", "@import", "url(http", "//", "<form"])
def test_the_page_needs_nothing_from_outside(outside: str) -> None:
    assert outside not in text()


def test_each_header_says_what_it_heads() -> None:
    assert {a.get("scope") for a in elements("th")} == {"col", "row"}


def test_the_chart_is_told_in_words() -> None:
    assert next(elements("svg"))["role"] == "img"
    assert '<title id="bars-title">措置別の判定件数</title>' in text()
    assert "POL: ×1 。REG: ○1 △1 。" in text()


def test_each_table_and_chart_that_scrolls_can_be_reached_and_is_named() -> None:
    regions = [a for a in elements("div") if a.get("class") == "wide"]
    names = {a["id"] for tag in ("h2", "title") for a in elements(tag) if "id" in a}
    assert len(regions) == len({a["aria-labelledby"] for a in regions}) == 8
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-labelledby"] in names for a in regions)


@pytest.mark.parametrize("mark", ["△", "×", "？"])
def test_a_colour_never_stands_without_its_letter(mark: str) -> None:
    kind = {"△": "partial", "×": "fail", "？": "unverified"}[mark]
    coloured = re.findall(rf'<td class="m {kind}">([^<]*)</td>', text())
    assert coloured
    assert all(cell.startswith(mark) for cell in coloured)


def test_days_are_printed_as_in_the_workbook() -> None:
    assert "2026/04/01 〜 2026/09/30" in text()
    assert not re.findall(r'<td class="d">\d{4}-', text())


def test_a_phone_is_not_shown_a_desk() -> None:
    assert any(a.get("content") == "width=device-width, initial-scale=1" for a in elements("meta"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"gaps": ()}, "未解消のギャップはありません。", id="no gap"),
        pytest.param({"deviations": ()}, "判定できた管理策に例外はない。？ の管理策 3 件は未確認", id="no deviation"),
        pytest.param({"findings": ()}, "登録された指摘はありません。", id="no finding"),
        pytest.param({"departments": ()}, "組織図に部門の登録がありません。", id="no department"),
    ],
)
def test_what_is_empty_says_so(changes: dict[str, tuple[()]], said: str) -> None:
    assert said in self_check.html_page(replace(view(), **changes)).content.decode()  # type: ignore[arg-type]


def test_the_page_has_the_digest_of_the_cover() -> None:
    assert f"<code>{view().digest}</code>" in text()


def test_each_deviation_of_the_page_leads_to_its_line() -> None:
    assert '<td class="k">E-0001 Sheet1 1行' in text()
