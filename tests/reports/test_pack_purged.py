"""A pack made after a purge says how many objects are gone, and that the ledger tells so; no other object may be gone."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from controls.model import Verdict
from evidence.errors import ConfigError
from evidence.ledger import keys as signing
from house import House, handout
from house.scrubbing import scrub
from reports.pack.reperform import differences
from tests import test_purging
from tests.reports.packed import OBJECTS, problems, reseal, rewrite_ledger, verified
from tests.reports.test_reperform import bare
from tests.test_purging import CONTROL, PERIOD, damaged, judged, object_of, purged, turned

LOG = "tenken/AOBA"
with_devices, house = test_purging.with_devices, test_purging.house


def packed(house: House, to: Path, *, raw: bool = False) -> Path:
    path = to / f"{'raw' if raw else 'masked'}.zip"
    handout.create_pack(house, "AOBA", PERIOD, path, raw=raw)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(to)
    return path.with_suffix("")


@pytest.fixture
def pack(house: House, tmp_path: Path) -> Path:
    """A pack of a period whose list of devices was purged meanwhile, and which was judged again."""
    purged(house)
    judged(house)
    return packed(house, tmp_path)


def forged(house: House, pack: Path, change: Callable[[list[dict[str, Any]]], object]) -> list[str]:
    """What is found when the issuer wrote its ledger anew."""
    key = signing.load(house.home / "keys", LOG)
    rewrite_ledger(pack, key, change)
    reseal(pack, key)
    return problems(pack, house.vkey("AOBA"))


@pytest.mark.parametrize("raw", [False, True], ids=["masked", "raw"])
def test_a_pack_after_a_purge_says_so_and_alarms_nobody(house: House, tmp_path: Path, raw: bool) -> None:
    purged(house)
    judged(house)
    code, told = verified(packed(house, tmp_path, raw=raw), house.vkey("AOBA"))
    assert (code, "purged 1: the ledger says so" in told) == (0, True), told


@pytest.mark.parametrize("lose", [purged, damaged], ids=["purged", "damaged"])
def test_what_rests_on_it_comes_out_the_same_when_it_is_judged_again(
    house: House, tmp_path: Path, lose: Callable[[House], object]
) -> None:
    lose(house)
    assert judged(house).verdict is Verdict.UNVERIFIED
    pack = packed(house, tmp_path)
    assert list(differences(pack)) == []
    assert set(bare(pack).values()) == {("○", "")}


def test_what_was_damaged_or_mended_since_it_was_judged_is_judged_again_first(house: House, tmp_path: Path) -> None:
    path, whole = turned(house)
    assert scrub(house) is not None
    with pytest.raises(ConfigError, match="was damaged, or mended, since it was judged"):
        packed(house, tmp_path)
    judged(house)
    path.write_bytes(whole)
    assert scrub(house) is None
    with pytest.raises(ConfigError, match="was damaged, or mended, since it was judged"):
        packed(house, tmp_path)
    judged(house)
    assert list(differences(packed(house, tmp_path))) == []


def test_control_unless_the_pack_tells_what_is_lost_it_passes_when_it_is_judged_again(
    house: House, tmp_path: Path
) -> None:
    damaged(house)
    judged(house)
    pack = packed(house, tmp_path)
    for path in pack.glob("data/13_facts/*/feeds/lost.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 0), path)
    assert "judged again pass, shown unverified" in bare(pack)[CONTROL][1]


def test_a_pack_of_before_stays_as_it_was(house: House, tmp_path: Path) -> None:
    pack = packed(house, tmp_path)
    purged(house)
    code, told = verified(pack, house.vkey("AOBA"))
    assert (code, "purged" in told) == (0, False)


def test_a_pack_of_after_has_grown_from_one_of_before(house: House, tmp_path: Path) -> None:
    last = packed(house, tmp_path) / "checkpoint"
    kept = tmp_path / "last"
    kept.write_bytes(last.read_bytes())
    purged(house)
    judged(house)
    (tmp_path / "later").mkdir()
    assert problems(packed(house, tmp_path / "later"), house.vkey("AOBA"), kept) == []


def test_an_object_that_is_gone_without_a_tombstone_is_refused(house: House, pack: Path) -> None:
    def untold(leaves: list[dict[str, Any]]) -> None:
        next(one for one in leaves if one["kind"] == "purged").update(kind="noted")

    assert any(f"{OBJECTS}: an object of ledger entry" in one for one in forged(house, pack, untold))


def test_a_tombstone_of_before_the_object_covers_nothing(house: House, pack: Path) -> None:
    def first(leaves: list[dict[str, Any]]) -> None:
        asked, tomb = (next(one for one in leaves if one["kind"] == kind) for kind in ("purge_requested", "purged"))
        place = next(number for number, one in enumerate(leaves) if one.get("commitments") == tomb["erased"])
        leaves[:] = [one for one in leaves if one not in (asked, tomb)]
        leaves[place:place] = [one | {"at": leaves[place]["at"]} for one in (asked, tomb)]
        for number, leaf in enumerate(leaves):
            leaf["seq"] = number

    assert any("is left out" in one for one in forged(house, pack, first))


def test_an_object_that_is_shown_though_it_was_purged_is_told(house: House, tmp_path: Path) -> None:
    one = object_of(house)
    purged(house)
    judged(house)
    pack = packed(house, tmp_path)
    leaves = [json.loads(line) for line in (pack / "ledger.jsonl").read_bytes().splitlines()]
    [erased] = [leaf["erased"] for leaf in leaves if leaf["kind"] == "purged"]
    entry = next(leaf["seq"] for leaf in leaves if leaf.get("commitments") == erased)
    line = json.dumps({"sha256": one.digest, "salt": one.salt, "entry": entry}, sort_keys=True)
    (pack / OBJECTS).write_bytes((pack / OBJECTS).read_bytes() + line.encode() + b"\n")
    reseal(pack, signing.load(house.home / "keys", LOG))
    assert problems(pack, house.vkey("AOBA")) == [
        f"{OBJECTS}: an object of ledger entry {entry} is shown, and was purged as the ledger says"
    ]


def test_the_index_keeps_its_line_and_says_that_it_was_purged(house: House, pack: Path) -> None:
    rows = list(load_workbook(pack / "data" / "00_index.xlsx")["証跡索引"].iter_rows(values_only=True))
    names = next(row for row in rows if row[0] == "証跡番号")
    [told] = [dict(zip(names, row, strict=True)) for row in rows if "mdm" in row]
    assert (told["保管場所"], told["SHA-256"]) == ("消去済み(台帳に記録)", None)
