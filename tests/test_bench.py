"""What ``make bench`` measures is what it says: the large world's evidence, and a ledger, both in small."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from evidence.clock import StandingClock
from evidence.datasets import catalogue
from evidence.facts import read_schema
from evidence.facts.rows import shown, table
from evidence.period import Period
from house import House, create, day, window
from tests.bench import packing
from tests.bench.ledger import measured
from tests.bench.many import multiplied
from tests.test_thresholds import put

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 31))
STARTED = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)
CODES = ("AOBA", "MIDORI")


def deliver(house: House, name: str, *rows: Mapping[str, object]) -> None:
    dataset = catalogue()[name]
    told = table(dataset, shown(dataset, rows, PERIOD.zone)).select(read_schema(dataset).names)
    with house.store.write() as tx:
        file = house.facts.write(dataset, "hr", "run-1", STARTED.date(), told.to_batches(), snapshot_at=STARTED)
        assert file is not None
        tx.facts.add(file)


def populations(house: House) -> dict[str, int]:
    return {one.company: one.population for one in day.judge(house, PERIOD, only=["VEN-04"])}


def people(house: House) -> list[tuple[str, str]]:
    told = window(house, PERIOD, house.store.last_commit() or STARTED).rows("workers")
    return [(row["company"], row["engagement_key"]) for row in told]


def test_twice_the_worlds_are_twice_the_populations(tmp_path: Path) -> None:
    first = create(tmp_path / "first", "青葉グループ", [(code, code) for code in CODES], StandingClock(STARTED))
    vendors = [
        {"company": code, "department": "D1", "vendor_id": f"V-{code}", "name": "委託先", "tier": "T2",
         "status": "active", "handles_personal_data": True}
        for code in CODES
    ]  # fmt: skip
    assert not put(first, "vendors", *vendors, folder=tmp_path).problems
    deliver(first, "workers", *({"company": code, "engagement_key": f"E-{code}", "kind": "regular"} for code in CODES))
    twice = multiplied(tmp_path / "first", tmp_path / "twice", 2)
    assert populations(twice) == {"AOBA": 1, "MIDORI": 1, "AOBA_01": 1, "MIDORI_01": 1}
    assert people(twice) == [(code, f"E-{code}") for code in ("AOBA", "AOBA_01", "MIDORI", "MIDORI_01")]


def test_a_ledger_is_appended_to_signed_verified_and_proven(tmp_path: Path) -> None:
    told = measured(tmp_path, 2_500)
    assert told.keys() == {"entries", "append", "sign", "prove", "verify", "peak"}


def test_a_pack_is_made_verified_and_proven_beside_the_bare_work_on_its_bytes(tmp_path: Path) -> None:
    told = packing.measured(tmp_path, 20, 20_000)
    assert (told["different"], told["files"] > 20, told["bytes"] > 20_000) == (1, True, True)
    assert told.keys() == {
        "files", "bytes", "packed", "times_zip", "grown", "different", "hashed", "verified", "peak", "proven"
    }  # fmt: skip
