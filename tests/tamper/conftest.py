"""One browser a module: while it is open its event loop runs, which other tests could stumble over."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from reports.pack.page import page
from tests.tamper.browser import Verifier, chromium, opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def verifier(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """verify.html as it is handed out."""
    return opened(browser, page(), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def inside(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    """The same page without its policy, so that a test may call its parts."""
    return opened(browser, page(), tmp_path_factory.mktemp("inside"), bypass_csp=True)
