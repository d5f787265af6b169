"""The pages in a real Chromium: by keyboard alone, without a script, at two widths and in two languages; axe finds nothing."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from house import desk, findings
from registers.approval import Act
from tests.following import gap_of, write
from tests.portal.gate import PASSED_ON, roster, sent
from tests.portal.served import PASSWORD, PERIOD, Served, address, digest, key, served, unaudited
from tests.tamper.browser import chromium

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
GAP = "of the vendor that nobody audited"
PAGES = {  # who sees it, and where
    "login": (None, "/login"),
    "nothing": ("109", "/nowhere"),
    "companies": ("109", "/"),
    "dashboard": ("109", "/AOBA"),
    "periods": ("109", "/AOBA/periods"),
    "measure": ("109", "/AOBA/measures/VEN"),
    "control": ("109", "/AOBA/controls/VEN-04"),
    "control of a period": ("EXT-1", f"/AOBA/controls/VEN-04?period={PERIOD}"),
    "deviation": ("109", "/AOBA/controls/VEN-04/0"),
    "gaps": ("107", "/AOBA/gaps"),
    "gap": ("107", GAP),
    "decisions": ("103", "/AOBA/decisions"),
    "decision": ("103", GAP),
    "packs": ("109", "/AOBA/packs"),
    "originals": ("103", "/AOBA/originals"),
    "findings": ("109", "/AOBA/findings"),
    "finding": ("101", "/AOBA/findings/F-20260304-001"),
    "calendar": ("109", "/AOBA/calendar"),
    "waivers": ("103", "/AOBA/waivers"),
    "vendors": ("109", "/AOBA/vendors"),
    "vendor": ("109", f"/AOBA/vendors/{digest(['V-2'])}"),
    "evidence": ("109", "/AOBA/evidence"),
    "object": ("109", "/AOBA/evidence/roster"),
    "registers": ("109", "/AOBA/registers"),
    "register": ("107", "/AOBA/registers/vendors"),
    "row": ("107", f"/AOBA/registers/vendors/{digest(['V-2'])}"),
    "row to be signed": ("103", f"/AOBA/registers/sub_vendor_approvals/{digest(['S-1'])}"),
    "compared": ("109", "/AOBA/registers/vendors/compare?first=2026-03-01&last=2026-03-04"),
    "ledger": ("109", "/AOBA/ledger"),
    "ledger again": ("109", "/AOBA/ledger"),
    "grants": ("105", "/grants"),
    "settings": ("105", "/settings"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def door(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(judged_home, tmp_path_factory.mktemp("served")) as one:
        assert write(one.house, "sub_vendor_approvals", {**PASSED_ON, "approval_id": "S-1"}) == []
        desk.act_on(one.house, "sub_vendor_approvals", ["S-1"], Act.SUBMIT, "107", "記入済み")
        gap = gap_of(one.house, "VEN-01", "V-2")
        findings.take_up(one.house, [gap], key(one.house, "107"), "評価していない")
        auditor, operator = one.visitor("109"), one.visitor("107")
        of = {"period": PERIOD, "purpose": "監査", "token": auditor.token()}
        assert sent(auditor, "/AOBA/originals", of).status_code == 303  # it waits as long as this browser stays
        asked = {"wish": "waive", "reason": "監査は来月", "until": "2026-06-30", "token": operator.token()}
        assert operator.post(address(one, unaudited(one)) + "/ask", asked).status_code == 303
        yield one


def context(browser: Browser, door: Served, number: str | None, width: str, lang: str) -> BrowserContext:
    """A browser of somebody who came in; it runs none of our pages' scripts, for there are none."""
    wide, high = WIDTHS[width]
    one = browser.new_context(viewport={"width": wide, "height": high}, locale=lang)
    if number is not None:
        page = one.new_page()
        page.goto(f"{door.origin}/login")
        page.fill("#number", number)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_url(f"{door.origin}/")
        page.close()
    return one


def heard(told: list[str], message: ConsoleMessage) -> None:
    """What a browser refuses to do it says on its console."""
    told.append(message.text)


@pytest.mark.parametrize(("width", "lang"), [("desktop", "en"), ("phone", "ja")])
def test_axe_finds_nothing_on_any_page_and_nothing_overflows(
    browser: Browser, door: Served, width: str, lang: str
) -> None:
    found, axe = [], Axe()
    for number in dict.fromkeys(number for number, _ in PAGES.values()):
        who = context(browser, door, number, width, lang)
        page = who.new_page()
        refused: list[str] = []
        page.on("console", partial(heard, refused))
        for name, (whose, path) in PAGES.items():
            if whose == number:
                there = path.replace("roster", roster(door))
                page.goto(door.origin + (address(door, unaudited(door)) if path == GAP else there))
                told = axe.run(page).response["violations"]
                found += [f"{name}: {one['id']} {one['nodes'][0]['html'][:100]}" for one in told]
                wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
                found += [f"{name}: {wide} pixels too wide"] if wide > 0 else []
                assert page.locator("html").get_attribute("lang") == lang
        found += [one for one in refused if "404" not in one]
        who.close()
    assert found == []


def press_to(page: Page, href: str) -> None:
    """Go from link to link by the tab key until one leads there, and follow it."""
    for _ in range(300):
        page.keyboard.press("Tab")
        told = page.evaluate("() => document.activeElement.getAttribute('href')")
        if told and re.fullmatch(href, told):
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile(re.escape(told) + "$"))
            return
    raise AssertionError(f"no tab leads to {href}")


def test_an_auditor_comes_from_the_door_to_the_source_line_by_keyboard_alone(browser: Browser, door: Served) -> None:
    page = browser.new_context(java_script_enabled=True).new_page()
    page.goto(f"{door.origin}/login")
    for word in ("109", PASSWORD):
        while page.evaluate("() => document.activeElement.tagName") != "INPUT" or page.evaluate(
            "() => document.activeElement.value"
        ):
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{door.origin}/")
    for href in ("/AOBA", "/AOBA/measures/VEN", "/AOBA/controls/VEN-04", "/AOBA/controls/VEN-04/0"):
        press_to(page, href)
    assert "vendors.xlsx" in page.inner_text("main")


def test_without_scripts_the_officer_decides_what_the_operator_asked(browser: Browser, door: Served) -> None:
    one = browser.new_context(java_script_enabled=False)
    page = one.new_page()
    page.goto(f"{door.origin}/login")
    page.fill("#number", "103")
    page.fill("#password", PASSWORD)
    page.click("button")
    page.goto(f"{door.origin}/AOBA/decisions")
    page.click("tbody a")
    page.fill("#decision-reason", "妥当")
    page.click("button[value=grant]")
    assert unaudited(door).waiver is not None
