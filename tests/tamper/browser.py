"""verify.html in a real Chromium, opened from disk as an auditor opens it."""

import os
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from stat import S_ISDIR

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import need

PATIENCE = 300_000  # milliseconds: the machine may be busy
ROW = re.compile(r'<tr data-check="(\w+)" data-mark="(.)">.*?</th><td>(.*?)</td></tr>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the auditor reads."""

    verdict: str  # genuine, refused or unknown
    marks: dict[str, str]
    found: dict[str, str]  # by check, the text of what was found
    said: str  # all that stands above the table

    @property
    def all_found(self) -> str:
        return "\n".join(self.found.values())


@dataclass(frozen=True, slots=True)
class Verifier:
    """The page, open."""

    page: Page

    def answer(self, pack: Path, key: str | None, previous: Path | None = None) -> Answer:
        """Give it a pack (an archive, or an unpacked folder), press the button and read."""
        page = self.page
        page.reload()
        page.set_input_files("#folder" if pack.is_dir() else "#archive", pack)
        page.fill("#key", key or "")
        if previous:
            page.set_input_files("#previous", previous)
        page.click("#run")
        result = page.locator("#result:not([hidden])")
        result.wait_for(timeout=PATIENCE)
        rows = ROW.findall(page.locator("#checks").inner_html())
        found = {check: unescape(TAG.sub(" ", rest)) for check, _, rest in rows}
        said = " ".join(page.locator(one).inner_text() for one in ("#verdict", "#about", "#notes", "#status"))
        return Answer(result.get_attribute("data-verdict") or "", {c: m for c, m, _ in rows}, found, said)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that has never been used."""
    program = need("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"], timeout=PATIENCE)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, html: bytes, folder: Path, *, before: str = "", bypass_csp: bool = False) -> Verifier:
    """The page, from disk; ``before`` is a script that runs first, such as one that takes Ed25519 away."""
    path = folder / "verify.html"
    path.write_bytes(html)
    page = browser.new_context(bypass_csp=bypass_csp, offline=True).new_page()
    page.set_default_timeout(PATIENCE)
    if before:
        page.add_init_script(before)
    page.goto(path.as_uri())
    return Verifier(page)


class _Named(zipfile.ZipInfo):
    """A member named by bytes, whatever they are."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own
        raw = os.fsencode(self.filename)
        return raw, self.flag_bits | (0 if raw.isascii() else 0x800)


def zipped(pack: Path, to: Path) -> Path:
    """An archive of a folder as it is: links stay links, pipes pipes, and empty folders are there."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(pack.rglob("*")):
            mode = path.lstat().st_mode
            folder = S_ISDIR(mode)
            name = f"pack/{path.relative_to(pack).as_posix()}"
            member = _Named(name, (1980, 1, 1, 0, 0, 0))
            member.filename = name + "/" * folder  # as it is: ZipInfo cuts a name at a NUL
            member.external_attr = mode << 16
            member.create_system = 3
            member.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
            regular = path.is_file() and not path.is_symlink()
            content = path.read_bytes() if regular else os.fsencode(path.readlink()) if path.is_symlink() else b""
            archive.writestr(member, content)
    return to
