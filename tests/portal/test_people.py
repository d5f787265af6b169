"""What three people do in a real Chromium: an internal auditor, a security lead with a second person, and one from outside."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from house import credentials
from house.following import Followed, followed
from reports.pack.page import page as verify_html
from tests.following import at, deliver, judged, write
from tests.portal import conftest
from tests.portal.served import DAY, OTHERS, PASSWORD, PERIOD, Served, address, grant, key, unaudited
from tests.tamper.browser import chromium, opened
from tests.test_measured import AUDIT

OPERATOR, OFFICER, OTHER_OFFICER, AUDITOR, OUTSIDE = "107", "103", "111", "109", "EXT-1"
UNTIL = date(2026, 6, 30)
door = conftest.own_door


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def come_in(browser: Browser, door: Served, number: str) -> Page:
    """A page of somebody who came in, in a browser of their own; it runs no script, for there is none."""
    page = browser.new_context(locale="ja", accept_downloads=True, java_script_enabled=False).new_page()
    page.goto(f"{door.origin}/login")
    page.fill("#number", number)
    page.fill("#password", PASSWORD)
    page.click("button")
    page.wait_for_url(f"{door.origin}/")
    return page


def test_an_internal_auditor_takes_a_pack_away_and_their_own_browser_finds_it_genuine(
    browser: Browser, door: Served, tmp_path: Path
) -> None:
    page = come_in(browser, door, AUDITOR)
    for name in ("株式会社AOBA", "VEN 委託先の監督", "VEN-04", "V-2"):
        page.locator("main a", has_text=name).first.click()
    assert "vendors.xlsx" in page.inner_text("main")
    page.locator("nav a", has_text="証跡パック").click()
    page.select_option("#period", PERIOD)
    page.fill("#purpose", "内部監査")
    page.click("main form:has(#purpose) button")
    key_shown = page.locator("dd code").last.inner_text()
    with page.expect_download() as coming:
        page.click("main a.button")
    pack = tmp_path / coming.value.suggested_filename
    coming.value.save_as(pack)
    answer = opened(browser, verify_html(), tmp_path).answer(pack, key_shown)
    assert answer.verdict == "genuine", answer.said
    assert key_shown == door.house.vkey("AOBA")


def triaged(page: Page, door: Served, one: Followed) -> None:
    """The lead has seen a gap and says what is to be done about it."""
    page.goto(door.origin + address(door, one))
    page.click("main form:has(input[value=acknowledge]) button")
    page.fill("#plan", "来週監査する")
    page.click("main form:has(#plan) button")


def asked(page: Page, door: Served, one: Followed, wish: str) -> None:
    page.goto(door.origin + address(door, one))
    page.fill(f"#{wish}-reason", "理由がある")
    if wish == "waive":
        page.fill("#until", f"{UNTIL}")
    page.click(f"main form:has(#{wish}-reason) button")


def granted(page: Page, one: Followed) -> None:
    """A second person finds it among what waits, and grants it."""
    page.locator("main a", has_text="株式会社AOBA").click()
    page.locator("nav a", has_text="決裁").click()
    page.locator("main tbody a", has_text=one.gap.subject).first.click()
    page.fill("#decision-reason", "妥当である")
    page.click("button[value=grant]")


def test_a_security_lead_triages_and_waives_with_a_second_person(browser: Browser, door: Served) -> None:
    lead, officer = come_in(browser, door, OPERATOR), come_in(browser, door, OFFICER)
    triaged(lead, door, unaudited(door))
    assert unaudited(door).gap.state == "planned"
    asked(lead, door, unaudited(door), "waive")
    assert unaudited(door).waiver is None
    assert lead.locator("button[value=grant]").count() == 0
    granted(officer, unaudited(door))
    waiver = unaudited(door).waiver
    assert waiver is not None
    officer.locator("nav a", has_text="例外承認").click()
    assert waiver.waiver_id in officer.inner_text("main")
    assert f"{UNTIL}" in officer.inner_text("main")


def test_a_security_lead_closes_by_a_re_test_and_by_nothing_else(browser: Browser, door: Served) -> None:
    lead = come_in(browser, door, OPERATOR)
    triaged(lead, door, unaudited(door))
    lead.fill("#correct", "監査した")
    lead.click("main form:has(#correct) button")
    assert unaudited(door).gap.state == "corrected"
    audit = AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-2"}
    assert write(door.house, "vendor_audits", audit) == []
    deliver(door.house, DAY + timedelta(days=1), also=OTHERS)
    judged(door.house, DAY + timedelta(days=1), ["VEN-04"])
    lead = come_in(browser, door, OPERATOR)
    lead.goto(door.origin + address(door, unaudited(door)))
    assert "解消" in lead.inner_text("main dl")
    assert lead.locator("main form").count() == 0


def test_a_security_lead_disposes_of_an_event_with_a_second_person(browser: Browser, door: Served) -> None:
    assert (
        write(door.house, "portal_grants", grant("privacy_officer", OTHER_OFFICER, approved_by="103"), by="104") == []
    )
    credentials.set_password(door.house, key(door.house, OTHER_OFFICER), PASSWORD)
    lead, officer = come_in(browser, door, OPERATOR), come_in(browser, door, OTHER_OFFICER)
    event = next(one for one in followed(door.house, "AOBA") if one.gap.open_days and one.waits)
    asked(lead, door, event, "dispose")
    officer.goto(door.origin + address(door, event))
    officer.fill("#decision-reason", "再発防止を確認した")
    officer.click("button[value=grant]")
    lead.goto(door.origin + address(door, event))
    assert "処置済" in lead.inner_text("main dl")
    assert "再発防止を確認した" in lead.inner_text("main")


def test_an_external_auditor_whose_engagement_ends_is_out_at_the_next_click(browser: Browser, door: Served) -> None:
    page = come_in(browser, door, OUTSIDE)
    page.locator("main a").first.click()
    page.locator("main a").first.click()
    assert "VEN" in page.inner_text("main")
    later = at(date(2027, 1, 1), 0)
    door.house.clock.at = later - timedelta(minutes=1)  # type: ignore[attr-defined]
    page = come_in(browser, door, OUTSIDE)
    page.goto(f"{door.origin}/AOBA?period={PERIOD}")
    assert "VEN" in page.inner_text("main")
    door.house.clock.at = later  # type: ignore[attr-defined]
    page.locator("main a", has_text="VEN").first.click()
    assert "VEN" not in page.inner_text("main")
    assert page.locator("nav a", has_text="証跡").count() == 0
