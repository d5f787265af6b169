"""verify.html in a real Chromium: what an auditor reads of a genuine pack, and of one that is not."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from cli.pack import hand_out
from evidence.ledger.keys import SigningKey
from reports.pack.page import page
from tests.outside import CODE
from tests.reports.packed import OTHER, SEAL, Issued, flip, problems, relist, reseal
from tests.tamper.browser import Verifier, opened, zipped
from tests.tamper.made import Made, make

KINDS = {"masked": CODE, "raw": CODE, "other": OTHER, "other-raw": OTHER, "later": CODE}
NO_ED25519 = """
const real = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (...told) {
  if (told[2] === "Ed25519" || told[2]?.name === "Ed25519") return Promise.reject(new DOMException("no", "NotSupportedError"));
  return real.apply(this, told);
};
"""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(3, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_pack_gets_a_circle_for_all(issued: Issued, verifier: Verifier, kind: str) -> None:
    last = issued.folder / kind / "checkpoint"
    told = verifier.answer(issued.zips / f"{kind}.zip", issued.vkey(KINDS[kind]), last)
    marks = dict.fromkeys(told.marks, "○") | {"stamp": "―"}  # nobody stamps these
    assert (told.verdict, told.marks) == ("genuine", marks), told.all_found


def test_the_unpacked_folder_will_do(issued: Issued, verifier: Verifier) -> None:
    told = verifier.answer(issued.folder / "masked", issued.vkey())
    assert (told.verdict, told.marks["growth"]) == ("genuine", "―"), told.all_found


def test_it_says_which_company_and_period_it_verified(issued: Issued, verifier: Verifier) -> None:
    said = verifier.answer(issued.zips / "masked.zip", issued.vkey()).said
    assert f"tenken/{CODE} {issued.period.since} ～ {issued.period.as_of}" in said


def test_a_later_pack_has_grown_from_the_last_visit(issued: Issued, verifier: Verifier) -> None:
    last = issued.folder / "masked" / "checkpoint"
    assert verifier.answer(issued.zips / "later.zip", issued.vkey(), last).marks["growth"] == "○"


def test_without_a_key_the_origin_is_not_verified(made: Made, verifier: Verifier) -> None:
    told = verifier.answer(made.folder, None)
    assert (told.verdict, told.marks["origin"]) == ("unknown", "？")
    assert "発行元未確認" in told.said
    assert "ORIGIN NOT VERIFIED" in told.said
    assert {mark for check, mark in told.marks.items() if check != "origin"} == {"○", "―"}


@pytest.mark.parametrize("seed", [bytes(32), bytes(range(32))], ids=["zeroes", "a row"])
def test_another_key_of_the_same_name_is_refused(made: Made, verifier: Verifier, seed: bytes) -> None:
    told = verifier.answer(made.folder, str(SigningKey.from_seed(made.key.vkey.name, seed).vkey))
    assert (told.verdict, told.marks["origin"]) == ("refused", "×")


def test_another_company_s_key_is_refused(issued: Issued, verifier: Verifier) -> None:
    told = verifier.answer(issued.zips / "masked.zip", issued.vkey(OTHER))
    assert (told.verdict, told.marks["origin"]) == ("refused", "×")
    assert f"tenken/{OTHER}" in told.found["origin"]


@pytest.mark.parametrize(
    "cut", [slice(0, -1), slice(1, None), slice(0, 0)], ids=["cut", "without its first letter", "x"]
)
def test_a_damaged_key_is_refused_and_not_taken_for_none(made: Made, verifier: Verifier, cut: slice) -> None:
    told = verifier.answer(made.folder, made.vkeys()[0][cut] or "x")
    assert (told.verdict, told.marks["origin"]) == ("refused", "×")


@pytest.mark.parametrize("around", ["{}\n", " {}", "\t{} "])
def test_a_key_may_bring_blanks_from_its_file(made: Made, verifier: Verifier, around: str) -> None:
    assert verifier.answer(made.folder, around.format(made.vkeys()[-1])).verdict == "genuine"


def test_a_browser_that_lacks_ed25519_never_says_that_the_origin_is_verified(
    browser: Browser, made: Made, tmp_path: Path
) -> None:
    old = opened(browser, page(), tmp_path, before=NO_ED25519)
    told = old.answer(made.folder, made.vkeys()[-1])
    old.page.context.close()
    assert (told.verdict, told.marks["origin"]) == ("unknown", "？")
    assert "137" in told.said


def test_a_browser_that_cannot_unpack_says_so_and_takes_nothing(browser: Browser, tmp_path: Path) -> None:
    old = opened(browser, page(), tmp_path, before="delete globalThis.DecompressionStream")
    expect(old.page.locator("#status")).to_contain_text("このブラウザーでは検証できません")
    expect(old.page.locator("#archive")).to_be_disabled()
    old.page.context.close()


def test_what_was_changed_is_named_in_japanese(made: Made, verifier: Verifier) -> None:
    flip(made.folder / "data/00_index.xlsx", 4)
    told = verifier.answer(made.folder, made.vkeys()[-1])
    assert told.marks["lists"] == "×"
    assert re.search(r"data/00_index\.xlsx\s+seal\.sig と違います\(変更\)", told.found["lists"])


def test_who_signed_does_not_say_who_changed_it(made: Made, verifier: Verifier) -> None:
    flip(made.folder / "data/00_index.xlsx", 4)
    told = verifier.answer(made.folder, made.vkeys()[-1])
    assert (told.verdict, told.marks["origin"]) == ("refused", "？")


def test_a_forger_without_the_key_is_not_seen_without_it_and_seen_with_it(made: Made, verifier: Verifier) -> None:
    flip(made.folder / "data/00_index.xlsx", 4)
    relist(made.folder)
    assert verifier.answer(made.folder, None).verdict == "unknown"
    assert verifier.answer(made.folder, made.vkeys()[-1]).verdict == "refused"


def test_a_name_is_shown_and_never_taken_for_markup(made: Made, verifier: Verifier, tmp_path: Path) -> None:
    (made.folder / "data" / "<img src=x onerror=document.title=1>\u202e○").write_bytes(b"")
    told = verifier.answer(zipped(made.folder, tmp_path / "p.zip"), made.vkeys()[-1])
    assert told.verdict == "refused"
    assert verifier.page.locator("#result img").count() == 0
    assert "\u202e" not in verifier.page.content()


def test_a_previous_checkpoint_that_is_none_is_told(made: Made, verifier: Verifier, tmp_path: Path) -> None:
    (tmp_path / "last").write_bytes(b"tenken/AOI\n1\n")
    told = verifier.answer(made.folder, made.vkeys()[-1], tmp_path / "last")
    assert (told.verdict, told.marks["growth"]) == ("refused", "×")


@pytest.mark.parametrize("seed", range(8))
def test_any_key_of_the_company_and_any_earlier_visit_will_do(verifier: Verifier, tmp_path: Path, seed: int) -> None:
    made = make(seed, tmp_path)
    archive = zipped(made.folder, tmp_path / "p.zip")
    for number, key in enumerate(made.vkeys()):
        visit = made.visits[number % len(made.visits)]
        assert verifier.answer(archive, key, visit).verdict == "genuine"


def test_a_seal_of_an_older_key_is_not_the_company_s(verifier: Verifier, tmp_path: Path) -> None:
    made = next(one for one in (make(seed, tmp_path) for seed in range(99)) if len(one.keys) > 1)
    reseal(made.folder, made.keys[0])
    told = verifier.answer(made.folder, made.vkeys()[0])
    assert (told.verdict, SEAL in told.found["origin"]) == ("refused", True)


class Parts(HTMLParser):
    """The labels, inputs and references of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: set[str | None] = set()
        self.inputs: set[str | None] = set()
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.outside += [name for name in ("src", "href", "srcset", "action", "style", "onclick") if name in told]
        if tag == "label":
            self.labels.add(told["for"])
        if tag == "input":
            self.inputs.add(told["id"])


def test_it_holds_everything_and_every_field_has_a_label() -> None:
    parts = Parts()
    parts.feed(page().decode())
    assert parts.outside == []
    assert parts.inputs == parts.labels == {"archive", "folder", "key", "previous"}
    assert not re.search(rb"https?:|innerHTML|insertAdjacent|\beval\b|document\.write", page())


def test_it_runs_nothing_but_what_it_came_with() -> None:
    text = page().decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        content = re.search(rf"<{tag}>(.*)</{tag}>", text, re.DOTALL)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy[1]
    assert policy[1].startswith("default-src 'none';")


def test_it_is_used_with_the_keyboard_alone(verifier: Verifier) -> None:
    verifier.page.reload()
    reached = []
    for _ in range(4):
        verifier.page.keyboard.press("Tab")
        reached.append(verifier.page.locator(":focus").get_attribute("id"))
    assert reached == ["archive", "folder", "key", "previous"]
    expect(verifier.page.locator("#status")).to_have_attribute("aria-live", "polite")


def test_the_company_hands_it_out_apart_from_packs(issued: Issued, tmp_path: Path) -> None:
    hand_out(tmp_path / "verifiers")
    told = {path.name: path.read_bytes() for path in (tmp_path / "verifiers").iterdir()}
    assert told == {name: (issued.folder / "masked" / name).read_bytes() for name in ("verify.py", "verify.html")}


def test_a_pack_without_the_page_is_refused(made: Made) -> None:
    (made.folder / "verify.html").unlink()
    reseal(made.folder, made.key)
    assert any("verify.html" in one for one in problems(made.folder, made.vkeys()[-1]))


def test_no_part_of_it_is_longer_than_a_file_of_ours_may_be() -> None:
    folder = Path(__file__).parents[2] / "reports" / "pack" / "page"
    assert {one.name for one in folder.iterdir() if one.is_file() and len(one.read_bytes().splitlines()) > 400} == set()
