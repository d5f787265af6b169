"""Every page of the portal of a demo's home, as it is seen on a desk and on a phone, in Japanese and in English."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page

from demo import AS_OF, COMPANIES
from tests.following import at
from tests.look.pictures import DESK, PHONE, Picture
from tests.portal.admitted import Person, admit
from tests.portal.served import PASSWORD, served
from tests.tamper.browser import chromium

COMPANY = max(COMPANIES)
NOW = at(AS_OF + timedelta(days=1), 10)
VIEWS = [(where, width, lang) for where, width in (("desk", DESK), ("phone", PHONE)) for lang in ("ja", "en")]
HIGH = 900
# Who looks, and where they go: an address, or what the address of a link on the page before begins with.
WALKS = {
    "internal_auditor": [
        "/", "/{c}", "/{c}/measures/", "/{c}/controls/", "/{c}/controls/TEC-1-01", "/{c}/controls/TEC-1-01/",
        "/{c}/gaps", "/{c}/gaps/", "/{c}/findings", "/{c}/waivers", "/{c}/calendar?year=2025", "/{c}/vendors", "/{c}/vendors/",
        "/{c}/evidence", "/{c}/evidence/", "/{c}/registers", "/{c}/registers/book_entries",
        "/{c}/registers/book_entries/", "/{c}/registers/vendors/compare?first=2020-01-01&last=2026-04-01",
        "/{c}/periods", "/{c}/packs", "/{c}/ledger", "/no/such/page",
    ],
    "security_operator": ["/{c}/gaps", "/{c}/gaps/", "/{c}/registers/vendors"],
    "privacy_officer": ["/{c}/decisions"],
    "administrator": ["/grants", "/settings"],
}  # fmt: skip


def portal_pictures(home: Path, out: Path) -> list[Picture]:
    """Take them all."""
    folder = out / "portal"
    folder.mkdir(parents=True)
    people = {role: Person(f"L-{place}", role, COMPANY) for place, role in enumerate(WALKS)}
    with TemporaryDirectory(prefix="tenken-look-") as scratch, served(home, Path(scratch), now=NOW) as door:
        admit(door.house, [*people.values()])
        with chromium() as browser:
            return [
                picture
                for view in VIEWS
                for role, walk in WALKS.items()
                for picture in _walked(browser, door.origin, people[role].number, walk, view, folder)
            ]


def _walked(
    browser: Browser, origin: str, number: str, walk: list[str], view: tuple[str, int, str], folder: Path
) -> Iterator[Picture]:
    where, width, lang = view
    context = browser.new_context(viewport={"width": width, "height": HIGH}, locale=lang)
    page = context.new_page()
    page.goto(f"{origin}/login")
    yield _shot(page, folder, f"{number}_00_{where}_{lang}")
    page.fill("#number", number)
    page.fill("#password", PASSWORD)
    page.click("button")
    for place, step in enumerate(walk, start=1):
        page.goto(origin + _address(page, step.format(c=COMPANY)))
        yield _shot(page, folder, f"{number}_{place:02d}_{where}_{lang}")
    context.close()


def _address(page: Page, step: str) -> str:
    """Where a step leads; one that ends with a slash, to the first such link of its tables."""
    if step == "/" or not step.endswith("/"):
        return step
    return str(page.locator(f"main :is(td, th) a[href^='{step}']").first.get_attribute("href", timeout=5_000))


def _shot(page: Page, folder: Path, name: str) -> Picture:
    file = folder / f"{name}.png"
    page.screenshot(path=file, full_page=True)
    return Picture(file, f"{name} {page.title()}")
