"""Whatever somebody wrote is text: no page gets another element by it, and none gets lost (promises.md §5.6: T10)."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import jinja2
import pytest
import requests
from openpyxl import load_workbook

from controls.model import GapKind
from evidence.datasets import register
from evidence.errors import ConfigError
from house import credentials, newest
from house.duties import event
from house.following import followed
from house.granting import GRANTS
from house.standing import act
from portal.sessions import Sessions
from registers.sheets import export
from tests.following import deliver, furnished, judged, write
from tests.portal.attacking import GAP
from tests.portal.served import DAY, OTHERS, PASSWORD, Served, Visitor, digest, gap_at, grant, key, served
from tests.registers.test_sheets import naughty_texts
from tests.test_measured import VENDOR

MARKUP = frozenset("<>\"'&{}`")
MORE = (
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{{ asked.room }}",
    "${7*7}",
    "<%= 7 %>",
    "#{7*7}",
    "</td></tr></table>",
    "--><img>",
    "%41",
    "<a?b>",
)
OPEN_ENDED = frozenset({"meta", "link", "input", "br", "img"})
VENDORS = "/AOI/registers/vendors"
EVERY = 12  # of what costs a page each, one of so many


@dataclass
class Outline(HTMLParser):
    """The elements of a page with the names of their attributes, and apart from them every text and value."""

    html: str
    elements: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    is_whole: bool = True

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        self.is_whole &= not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(f"{tag} {' '.join(name for name, _ in attrs)}")
        self.values += [value or "" for _, value in attrs]
        if tag not in OPEN_ENDED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(f"/{tag}")
        self.is_whole &= bool(self.open) and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.elements.append("a comment")

    def unknown_decl(self, data: str) -> None:
        self.elements.append("a declaration")

    @property
    def rows(self) -> list[list[str]]:
        """The elements of each row of the page's tables but for their heads."""
        told = "\n".join(self.elements).split("tbody ")[1:]
        return [row.split("\n") for body in told for row in body.split("/tbody")[0].split("tr ")[1:]]

    @property
    def around(self) -> list[str]:
        """The elements beside those rows."""
        return [part.split("/tbody")[-1] for part in "\n".join(self.elements).split("tbody ")]


@pytest.fixture(scope="session")
def naughty(shared: Path) -> list[str]:
    return [*dict.fromkeys((*naughty_texts(shared), *MORE))]


@pytest.fixture(scope="module")
def kept(naughty: Sequence[str]) -> list[str]:
    """Those that a register may hold as a name of something."""
    return []


@pytest.fixture(scope="module")
def inert(naughty: Sequence[str], kept: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A portal of registers that are full of such texts, and of reasons that are some."""
    house = furnished(tmp_path_factory.mktemp("naughty"))
    deliver(house, DAY, also=OTHERS)
    rows = [VENDOR | {"company": "AOI", "department": one or None, "vendor_id": one, "name": one} for one in naughty]
    refused = write(house, "vendors", *rows)
    out = {int(re.findall(r"row (\d+)", one)[0]) - 3 for one in refused}
    kept += [one for place, one in enumerate(naughty) if place not in out]
    assert write(house, "vendors", *(row for row in rows if row["vendor_id"] in kept)) == []
    judged(house, DAY, only=["VEN-04"])
    some = [one for one in kept if MARKUP & {*one}]
    desk = [grant("requests_desk", "110", grant_id=one, department=one, purpose=one) for one in some[::2]]
    people = [grant("security_operator", "107"), grant("security_operator", "108", company="AOI")]
    assert write(house, "portal_grants", *desk, *people, grant("administrator", "105"), by="104") == []
    for number in ("105", "107", "108"):
        credentials.set_password(house, key(house, number), PASSWORD)
    house.store.close()
    with served(house.home, tmp_path_factory.mktemp("inert")) as one:
        yield one


@pytest.fixture(scope="module")
def operator(inert: Served) -> Visitor:
    return inert.visitor("107")


@pytest.fixture(scope="module")
def neighbour(inert: Served) -> Visitor:
    return inert.visitor("108")


def outline(answer: requests.Response, status: int = 200) -> Outline:
    assert answer.status_code == status
    return Outline(answer.text)


def test_an_outline_notices_what_a_page_without_escapes_would_let_in() -> None:
    told = "<tbody><tr><td>{{ one }}</td></tr></tbody>"
    harmless, hostile = (
        Outline(jinja2.Environment(autoescape=False).from_string(told).render(one=one))
        for one in ("x", "<script>alert(1)</script>")
    )
    assert harmless.elements != hostile.elements


def test_most_of_the_naughty_texts_are_kept_as_they_are(inert: Served, kept: list[str], naughty: Sequence[str]) -> None:
    assert len(kept) > len(naughty) * 0.95


def test_reasons_of_gaps_are_text(inert: Served, operator: Visitor, naughty: Sequence[str]) -> None:
    assert operator.post(GAP, {"act": "plan", "reason": "harmless", "token": operator.token()}).status_code == 303
    before = outline(operator.get(GAP))
    by_form = [one for one in naughty if one.strip() and MARKUP & {*one}][::EVERY]
    for one in by_form:
        operator.post(GAP, {"act": "plan", "reason": one, "token": operator.token()})
    [about] = [one.gap for one in followed(inert.house, "AOBA") if one.gap.subject == "V-2"]
    who, rest = key(inert.house, "107"), [one for one in naughty if one.strip() and one not in by_form]
    act(inert.house, *(event(inert.house, about, GapKind.PLANNED, who, one) for one in rest))
    page = outline(operator.get(GAP))
    assert page.is_whole
    assert {*map(tuple, page.rows)} == {tuple(before.rows[-1])} | {tuple(row) for row in before.rows}
    assert len(page.rows) == len(before.rows) + len(by_form) + len(rest)
    masked = inert.house.masking("AOBA")
    assert [one for one in by_form if masked(one.strip()) not in page.texts] == []
    assert [one for one in rest if masked(one) not in page.texts] == []


def test_names_in_registers_are_text_in_every_list(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    masked, texts = inert.house.masking("AOI"), list[str]()
    for first in range(0, len(kept), 200):
        page = outline(neighbour.get(f"/AOI/controls/VEN-04?from={first}"))
        deviations = [row for row in page.rows if any(one.startswith("a ") for one in row)]
        assert page.is_whole
        assert len({*map(tuple, deviations)}) == 1
        texts += page.texts
    gaps = [one.gap for one in followed(inert.house, "AOI") if one.gap.control == "VEN-04"]
    assert len(gaps) == len(kept)
    assert [one.subject for one in gaps if masked(one.subject) not in texts] == []
    assert [one.department for one in gaps if one.department not in texts] == []


def test_names_in_registers_are_text_in_the_list_of_gaps(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    page = outline(neighbour.get("/AOI/gaps?show=all&control=VEN-04"))
    assert page.is_whole
    assert len({*map(tuple, page.rows)}) == 1
    assert len(page.rows) == 200
    assert sum(one in kept for one in page.texts) >= 200


def test_what_registers_say_is_text(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    masked, texts = inert.house.masking("AOI"), list[str]()
    for first in range(0, len(kept), 200):
        page = outline(neighbour.get(f"{VENDORS}?from={first}"))
        assert page.is_whole
        assert len({*map(tuple, page.rows)}) == 1
        texts += page.texts
    assert [one for one in kept if masked(one) not in texts] == []


def test_a_row_of_any_name_has_a_page_like_any_other(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    masked, missing = inert.house.masking("AOI"), list[str]()
    harmless = outline(neighbour.get(f"{VENDORS}/{digest(['undefined'])}"))
    for one in [one for one in kept if MARKUP & {*one}][::EVERY]:
        page = outline(neighbour.get(f"{VENDORS}/{digest([masked(one)])}"))
        assert page.elements == harmless.elements
        missing += [one] if masked(one) not in page.texts else []
    assert missing == []


def test_no_cell_of_a_workbook_is_a_formula(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    """Whatever it begins with, a text is kept as one."""
    masked, book = inert.house.masking("AOI"), load_workbook(io.BytesIO(neighbour.get(VENDORS + "/sheet").content))
    told = [one for line in book.worksheets[0].iter_rows() for one in line if one.value is not None]
    assert {one.data_type for one in told} <= {"s", "n", "d"}
    assert len([one for one in told if str(one.value)[:1] in "=+-@"]) > 50
    texts = {str(one.value) for one in told}
    assert len([one for one in kept if masked(one) not in texts]) < len(kept) / 50, "some signs are no text of a sheet"


def test_vendors_of_any_name_are_text(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    masked = inert.house.masking("AOI")
    page = outline(neighbour.get("/AOI/vendors"))
    assert page.is_whole
    assert len({*map(tuple, page.rows)}) == 1
    assert [one for one in kept if masked(one) not in page.texts] == []
    harmless = outline(neighbour.get(f"/AOI/vendors/{digest(['undefined'])}"))
    for one in [one for one in kept if MARKUP & {*one}][::EVERY]:
        assert outline(neighbour.get(f"/AOI/vendors/{digest([masked(one)])}")).elements == harmless.elements


def test_what_is_wrong_with_a_sheet_is_text(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    told = [VENDOR | {"company": one, "department": one, "vendor_id": one, "tier": one} for one in kept[::EVERY]]
    answer = neighbour.browser.post(
        neighbour.origin + VENDORS, data={"token": neighbour.token(), "reason": "<b>", "do": "try"},
        files={"file": ('"><script>.xlsx', export(register("vendors"), told))}, headers={"Origin": neighbour.origin},
        timeout=60,
    )  # fmt: skip
    page = outline(answer)
    assert page.is_whole
    assert len(page.rows) >= len(told)
    assert len({*map(tuple, page.rows)}) == 1


def test_what_grants_say_is_text(inert: Served, kept: list[str]) -> None:
    page = outline(inert.visitor("105").get("/grants"))
    assert page.is_whole
    assert len({*map(tuple, page.rows)}) == 1
    rows = [row for row in newest(inert.house, (GRANTS,)).rows(GRANTS) if row["company"] == "AOBA"]
    assert len(page.rows) == len(rows) > 100
    assert [row["grant_id"] for row in rows if row["grant_id"] not in page.texts] == []
    assert [row["department"] for row in rows if row["department"] and row["department"] not in page.texts] == []


@pytest.mark.parametrize("place", range(0, 480, 480 // EVERY))
def test_a_deviation_of_any_name_has_a_page_like_any_other(inert: Served, neighbour: Visitor, place: int) -> None:
    page, other = (outline(neighbour.get(f"/AOI/controls/VEN-04/{one}")) for one in (place, 479))
    assert page.is_whole
    assert page.around == other.around


def gap_of(name: str) -> str:
    return f"/AOI/gaps/{gap_at('VEN-04', name, 'vendor')}"


def test_a_gap_of_any_name_has_a_page_like_any_other(inert: Served, neighbour: Visitor, kept: list[str]) -> None:
    masked, missing = inert.house.masking("AOI"), list[str]()
    harmless = outline(neighbour.get(gap_of("undefined")))
    for one in [one for one in kept if MARKUP & {*one} and "/" not in one][::EVERY]:
        page = outline(neighbour.get(gap_of(masked(one))))
        assert page.elements == harmless.elements
        missing += [one] if not any(masked(one) in text for text in page.texts) else []
    assert missing == []


@pytest.mark.parametrize("name", ["1/0", "%41", "%n", "#{7*7}", "<a?b>"])
def test_an_act_about_a_gap_of_any_name_is_done_and_leads_back_to_it(
    inert: Served, neighbour: Visitor, kept: list[str], name: str
) -> None:
    assert name in kept
    acted = neighbour.post(gap_of(name), {"act": "acknowledge", "token": neighbour.token()})
    assert acted.status_code == 303
    assert "acknowledged" in outline(neighbour.get(acted.headers["location"])).texts


def test_messages_of_refusals_are_text(
    inert: Served, operator: Visitor, naughty: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    masked, wrong, said = inert.house.masking("AOBA"), list[str](), ["harmless"]

    def refused(*_: object) -> None:
        raise ConfigError(said[-1])

    monkeypatch.setattr(Sessions, "end", refused)
    token = operator.token()
    harmless = outline(operator.post("/logout", {"token": token}), 422)
    for one in [one for one in naughty if one.strip() and MARKUP & {*one}][::2]:
        said.append(one)
        page = outline(operator.post("/logout", {"token": token}), 422)
        if page.elements != harmless.elements or masked(one) not in page.texts or not page.is_whole:
            wrong.append(one)
    assert wrong == []


def test_an_address_is_text_where_a_page_repeats_it(inert: Served, naughty: Sequence[str]) -> None:
    stranger, wrong = inert.visitor(), list[str]()
    harmless = outline(stranger.get("/there/is/nothing/at/all"), 404)
    for one in naughty:
        page = outline(stranger.get(f"/there/is/nothing/at/{quote(one, safe='')}"), 404)
        if page.elements != harmless.elements or page.texts != harmless.texts or not page.is_whole:
            wrong.append(one)
    assert wrong == []


def test_what_a_list_was_narrowed_to_is_text(inert: Served, operator: Visitor, naughty: Sequence[str]) -> None:
    harmless = outline(operator.get("/AOBA/gaps?control=harmless&show=harmless"))
    for one in [one for one in naughty if MARKUP & {*one}][::EVERY]:
        page = outline(operator.get(f"/AOBA/gaps?control={quote(one)}&show={quote(one)}"))
        assert page.elements == harmless.elements
        assert one in page.values
    harmless = outline(operator.get("/AOBA/registers/vendors?q=harmless"))
    for one in [one for one in naughty if MARKUP & {*one}][::EVERY]:
        page = outline(operator.get(f"/AOBA/registers/vendors?q={quote(one)}"))
        assert page.elements == harmless.elements
        assert one in page.values


def test_the_other_language_leads_to_a_path_of_ours_from_any_address(inert: Served, naughty: Sequence[str]) -> None:
    stranger, wrong = inert.visitor(), list[str]()
    for one in naughty:
        to = stranger.get(f"/language?back=/{quote(one, safe='')}").headers["location"]
        wrong += [one] if not re.match(r"/(?![/\\])[!-~]*$", to) else []
    assert wrong == []


PAGES: tuple[tuple[str, str], ...] = (
    ("107", "/"), ("107", "/AOBA"), ("107", "/AOBA/controls/VEN-04"), ("107", "/AOBA/controls/VEN-04/0"),
    ("107", "/AOBA/gaps"), ("107", GAP), ("107", "/AOBA/measures/VEN"), ("107", "/AOBA/packs"), ("107", "/AOBA/registers"),
    ("107", "/AOBA/calendar"), ("107", "/AOBA/waivers"), ("107", "/AOBA/vendors"), ("107", "/AOBA/findings"), ("107", "/AOBA/evidence"), ("107", "/AOBA/registers/vendors"), ("107", "/AOBA/registers/vendors/compare?first=2026-03-01&last=2026-03-04"), ("107", "/AOBA/ledger"),
    ("107", "/AOBA/periods"), ("107", "/settings"), ("105", "/grants"), ("105", "/AOBA"),
)  # fmt: skip


@pytest.mark.parametrize(("number", "path"), PAGES, ids=[f"{path} of {number}" for number, path in PAGES])
def test_no_page_holds_a_script_a_style_or_anything_from_elsewhere(inert: Served, number: str, path: str) -> None:
    page = Outline(inert.visitor(number).get(path).text)
    inside = [
        one for one in page.elements if re.match(r"(?i)(script|style|iframe|object|embed|base|svg/script)\b", one)
    ]
    on = [one for one in page.elements if re.search(r"(?i) (on[a-z]+|style|srcdoc)\b", one)]
    elsewhere = [one for one in page.values if re.match(r"(?i)\s*(https?:|//|javascript:|data:)", one)]
    assert (inside, on, elsewhere) == ([], [], [])
