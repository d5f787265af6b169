"""What is collected for a day that was missed: it vouches for the day on which the source handed it out."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from evidence.facts.feeds import Feed
from tests.evidence.facts.test_window import Held, at


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    yield Held(tmp_path)


@pytest.mark.parametrize(
    ("handed_out", "believed"),
    [
        pytest.param("2026-03-29", True, id="on a day after it"),
        pytest.param("2026-03-09", False, id="before it"),
        pytest.param("2026-04-01", False, id="after the period"),
    ],
)
def test_a_register_that_is_collected_for_a_missed_day_vouches_for_the_day_it_was_handed_out(
    held: Held, handed_out: str, believed: bool
) -> None:
    row = {"account_key": "A1", "company": "C1", "person_key": "P1"}
    held.deliver("account_owners", [row], at=at(handed_out), slot_on=date(2026, 3, 10))
    seen = held.window(feeds=(Feed("s", "account_owners", ("C1",), 7),))
    assert (seen.doubt("C1", ["account_owners"]) is None) is believed
