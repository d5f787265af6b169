"""What a restated period names as its reason, of what sources handed out since."""

import json
import os
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from evidence.cycles import Cycle, Span
from evidence.period import Period
from house import House
from house.periods import _brought, close_due
from house.snapshot import evidence_since
from tests.closing import APRIL, at, clock_of, collected, kept, made
from tests.evidence.store.samples import RUN


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose April is closed."""
    built = made(tmp_path / "home")
    clock_of(built).at = at("2026-05-12T07:30")
    assert [row.version for row in close_due(built, date(2026, 5, 12))] == [1]
    yield built
    built.store.close()


@pytest.mark.parametrize(
    ("dataset", "brought", "is_one"),
    [
        pytest.param("documents", {"documents"}, True, id="a register's rows hold from ever on"),
        pytest.param("documents", (), False, id="a register that says the same again"),
        pytest.param("workers", (), False, id="a list of a later day"),
    ],
)
def test_what_a_source_handed_out_after_the_period_is_a_reason_where_it_tells_of_it(
    dataset: str, brought: Collection[str], is_one: bool
) -> None:
    after = APRIL[1] + timedelta(days=14)
    late = replace(
        RUN, company="AOBA", dataset=dataset, slot_on=after, snapshot_at=at(f"{after}T18:00"), covers_from=None
    )
    span, until_at = Span(Cycle.MONTH, *APRIL), at("2026-05-01T00:00")
    told = evidence_since("AOBA", span, until_at, {"POL-01": [dataset]}, [late], [], brought)
    assert bool(told["runs"]) is is_one


def handed_out(house: House, on: str, reviewed: str) -> datetime:
    """A list of documents that a source hands out on a day; when it was known."""
    head = "company,document_code,document_version,status,author_key,reviewed_on"
    path = house.home / "inbox" / "documents" / f"{on}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{head}\nAOBA,PP-01,1,effective,1,{reviewed}\n", "utf-8")
    os.utime(path, (at(f"{on}T18:00").timestamp(),) * 2)
    clock_of(house).at = at(f"{on}T19:00")
    collected(house, date.fromisoformat(on))
    known_at = house.store.last_commit()
    assert known_at
    return known_at


def test_a_register_that_a_source_hands_out_again_brought_something_only_where_it_tells_otherwise(house: House) -> None:
    source = json.loads((house.home / "sources" / "mdm.yaml").read_text("utf-8"))
    source |= {"name": "documents", "dataset": "documents"}
    source["transport"]["folder"] = "inbox/documents"
    (house.home / "sources" / "documents.yaml").write_text(json.dumps(source), "utf-8")
    first, same, other = (
        handed_out(house, on, reviewed)
        for on, reviewed in (("2026-05-13", "2026-04-01"), ("2026-05-14", "2026-04-01"), ("2026-05-15", "2026-05-15"))
    )
    before, period = replace(kept(house)[-1], known_at=first), Period(*APRIL, house.settings.zone)
    found = [_brought(house, before, period, known_at, {"documents", "workers"}) for known_at in (same, other)]
    assert found == [frozenset(), {"documents"}]
