"""What the tests of packs share: one small group, whose packs are made once."""

import pytest

from tests.reports.packed import Issued, issue


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Packs as auditors get them."""
    return issue(tmp_path_factory.mktemp("issued"))
