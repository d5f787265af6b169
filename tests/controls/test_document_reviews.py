"""What a document store delivers of a version takes the place of the row before; the reviews told before count all the same."""

from datetime import date
from pathlib import Path

import pytest

from controls.loader import load_views
from controls.views import ask
from evidence.facts.window import Window
from tests.evidence.facts.test_window import LATER, PERIOD, Held

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 10)
VIEWS = {view.name: view for view in load_views()}


def delivered(home: Path, *reviews: date | None) -> Window:
    """A window over a document whose store delivered one newest review after the other."""
    held = Held(home)
    for reviewed_on in reviews:
        row = {"document_code": "A", "document_version": "1", "status": "effective", "reviewed_on": reviewed_on}
        held.deliver("documents", [row], at=LATER)
    return held.window()


@pytest.mark.parametrize(
    ("reviews", "last"),
    [
        pytest.param([MARCH, JUNE], MARCH, id="reviewed again after the period"),
        pytest.param([JUNE], None, id="reviewed after the period only"),
        pytest.param([MARCH, None], None, id="taken back"),
        pytest.param([MARCH, None, JUNE], None, id="taken back, and reviewed after the period"),
    ],
)
def test_the_last_review_until_the_day_counts(tmp_path: Path, reviews: list[date | None], last: date | None) -> None:
    told = ask(VIEWS["reviewed_documents"], VIEWS, delivered(tmp_path, *reviews), {}, lookback_days=0)
    assert told["reviewed_on"].to_pylist() == [last]


def test_control_the_register_alone_shows_the_newest_review(tmp_path: Path) -> None:
    [row] = delivered(tmp_path, MARCH, JUNE).rows("documents")
    assert row["reviewed_on"] > PERIOD.as_of
