"""What an operator sees of a line that a deviation was read from."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from cli.explain import places
from collectors.collect import Collected
from controls.model import Proof
from house import House, create
from house.day import collect_day

SOURCE = """\
name: units
companies: [AOBA]
transport: {kind: local, folder: inbox, pattern: "*.csv"}
dataset: org_units
format: {kind: csv, encoding: cp932}
"""
UNITS = "company,department,name,in_scope,owns_paper_store\nAOBA,D10,営業部,true,false\nAOBA,D20,総務部,true,true\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")])
    (built.home / "sources" / "units.yaml").write_text(SOURCE, "utf-8")
    (built.home / "inbox").mkdir()
    (built.home / "inbox" / "units.csv").write_text(UNITS, "cp932")
    [done] = collect_day(built, date(2026, 5, 1))
    assert isinstance(done, Collected)
    yield built
    built.store.close()


def digest(house: House) -> str:
    with house.store.read() as tx:
        return tx.objects.of_source("units")[0].digest


def test_a_collected_line_is_shown_as_its_format_reads_it(house: House) -> None:
    [row] = places(house, Proof((f"{digest(house)}::3",), 1), preview=True)
    assert (row["source"], row["object"], row["part"], row["line"]) == ("units", "units.csv", None, 3)
    assert "name=総務部" in row["shows"]
    assert "営業部" not in row["shows"]


def test_nothing_is_shown_unless_asked(house: House) -> None:
    [row] = places(house, Proof((f"{digest(house)}::3",), 1), preview=False)
    assert "shows" not in row


def test_a_line_that_no_format_reads_any_more_says_so(house: House) -> None:
    [row] = places(house, Proof((f"{digest(house)}::99",), 1), preview=True)
    assert row["shows"].startswith("(")


def test_a_source_that_is_gone_says_so(house: House) -> None:
    ref = f"{digest(house)}::3"
    (house.home / "sources" / "units.yaml").unlink()
    [row] = places(house, Proof((ref,), 1), preview=True)
    assert "not configured any more" in row["shows"]


def test_a_row_of_our_own_store_has_no_object(house: House) -> None:
    [row] = places(house, Proof(("run:units-20260501-1-abcd:1",), 1), preview=True)
    assert (row["source"], row["object"], row["sha256"], row["shows"]) == ("run", "units-20260501-1-abcd", None, None)
