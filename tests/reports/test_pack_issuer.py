"""What the issuer leaves out or changes before sealing, with its own key, is seen by what the ledger recorded earlier.

The ledger's own rewriting is seen by a checkpoint that the auditor took home, and by nothing else: that too is told.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outside import CODE
from tests.reports.packed import GAPS, OBJECTS, Issued, problems, replace, reseal, rewrite_ledger

Change = Callable[[Path], object]
RESULT, POPULATION = "data/03_results/PHY-3-01.json", "data/04_populations/PHY-3-01.csv"
CONTROL = "data/10_config/controls/PHY-3-01.json"
VENDORS, SCOPE, CUSTODY = "data/07_registers/vendors.csv", "scope.json", "data/11_custody/custody.csv"


def dropped(*names: str) -> Change:
    return lambda pack: [(pack / name).unlink() for name in names]


def without(name: str, text: bytes) -> Change:
    """A file without its lines that hold a text."""

    def change(pack: Path) -> None:
        told = (pack / name).read_bytes().splitlines(keepends=True)
        kept = [line for line in told if text not in line]
        assert len(kept) < len(told)
        (pack / name).write_bytes(b"".join(kept))

    return change


def said(name: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """A JSON file that says something else."""

    def rewrite(pack: Path) -> None:
        told = json.loads((pack / name).read_text("utf-8"))
        change(told)
        text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        (pack / name).write_bytes(text.encode())

    return rewrite


def all_of(*changes: Change) -> Change:
    return lambda pack: [change(pack) for change in changes]


def turned(name: str, old: bytes, new: bytes) -> Change:
    return lambda pack: replace(pack / name, old, new)


def without_a_deviation(pack: Path) -> None:
    """A deviation made to conform wherever it is told of."""

    def mend(told: dict[str, Any]) -> None:
        gone = told["deviations"].pop()
        replace(
            pack / POPULATION,
            f"{gone['subject']},device,,営業部,false".encode(),
            f"{gone['subject']},device,,営業部,true".encode(),
        )
        without(GAPS, gone["subject"].encode())(pack)

    said(RESULT, mend)(pack)


def exchanged(pack: Path) -> None:
    """An object in the place of another one, with its own salt."""
    lines = (pack / OBJECTS).read_bytes().splitlines(keepends=True)
    told = json.loads(lines[0]) | {"salt": "0" * 64}
    (pack / OBJECTS).write_bytes(b"".join([json.dumps(told, sort_keys=True).encode() + b"\n", *lines[1:]]))


def listed_twice(pack: Path) -> None:
    lines = (pack / OBJECTS).read_bytes()
    (pack / OBJECTS).write_bytes(lines + lines.splitlines(keepends=True)[0])


CHANGES: dict[str, tuple[str, Change]] = {
    "a result": (RESULT, dropped(RESULT)),
    "a population": (POPULATION, dropped(POPULATION)),
    "the query of a control": ("PHY-3-01.sql", dropped("data/04_populations/PHY-3-01.sql")),
    "the definition of a control": (CONTROL, dropped(CONTROL)),
    "all of a control": (SCOPE, all_of(dropped(RESULT, POPULATION), said(SCOPE, lambda s: s["controls"].remove("PHY-3-01")))),
    "all but one control": (SCOPE, said(SCOPE, lambda s: s.update(controls=["POL-01"]))),
    "a member that conforms": (POPULATION, without(POPULATION, b"USB-1")),
    "a member that deviates": (POPULATION, without(POPULATION, b"PC-3")),
    "a member and its count": (RESULT, all_of(without(POPULATION, b"USB-1"), said(RESULT, lambda r: r.update(population=3)))),
    "a member added": (POPULATION, turned(POPULATION, b"USB-1,", "USB-0,media,,営業部,true,1\r\nUSB-1,".encode())),
    "members for one": (POPULATION, turned(POPULATION, b",true,1", b",true,9")),
    "a mark": (POPULATION, turned(POPULATION, b",false,", b",true,")),
    "a verdict": (RESULT, said(RESULT, lambda r: r.update(verdict="pass"))),
    "a reason": (RESULT, said(RESULT, lambda r: r.update(reason="-"))),
    "a waiver": (RESULT, said(RESULT, lambda r: r["deviations"][0].update(waiver="WV-1"))),
    "the proof of a deviation": (RESULT, said(RESULT, lambda r: r["deviations"][0].update(proof={"rows": [], "total": 0}))),
    "a deviation in one place": (RESULT, said(RESULT, lambda r: r["deviations"].pop())),
    "a deviation everywhere": (POPULATION, without_a_deviation),
    "the gap of a deviation": (GAPS, without(GAPS, b"PC-3")),
    "the gap of what was not verified": (GAPS, without(GAPS, b"HUM-01")),
    "a register": (VENDORS, dropped(VENDORS)),
    "an empty register": ("waivers.csv", dropped("data/07_registers/waivers.csv")),
    "a row of a register": (VENDORS, without(VENDORS, b"V-1")),
    "a value in a register": (VENDORS, turned(VENDORS, b",T2,", b",T3,")),
    "a waiver that was not there": ("waivers.csv", turned("data/07_registers/waivers.csv", b"row_ref\r\n", b"row_ref\r\nAOI\r\n")),
    "the findings": ("findings.csv", dropped("data/09_findings/findings.csv")),
    "the attestations": ("attestations.csv", dropped("data/08_attestations/attestations.csv")),
    "a query of nobody's": ("PHY-9.sql", lambda pack: (pack / "data/04_populations/PHY-9.sql").write_bytes(b"SELECT 1")),
    "a query in another folder": ("x.sql", lambda pack: (pack / "data/03_results/x.sql").write_bytes(b"SELECT 1")),
    "a mark in another notation": (POPULATION, turned(POPULATION, b",true,1", b",TRUE,1")),
    "a cell in quotes": (POPULATION, turned(POPULATION, b"PC-3", b'"PC-3"')),
    "a number with a zero in front": (POPULATION, turned(POPULATION, b",1\r\n", b",01\r\n")),
    "a column twice": (POPULATION, turned(POPULATION, b"members\r\n", b"members,conforms\r\n")),
    "a register of nobody's": ("of_mine.csv", lambda pack: (pack / "data/07_registers/of_mine.csv").write_bytes(b"x\r\n")),
    "a result of nobody's": ("PHY-9.json", lambda pack: (pack / "data/03_results/PHY-9.json").write_bytes(b"{}")),
    "a word of a query": ("PHY-3-01.sql", turned("data/04_populations/PHY-3-01.sql", b"SELECT", b"SELECT DISTINCT")),
    "a parameter of a definition": (CONTROL, turned(CONTROL, b'"severity":"', b'"severity":"x')),
    "an object": (OBJECTS, without(OBJECTS, b'"entry": 5')),
    "the entry of an object": (OBJECTS, turned(OBJECTS, b'"entry": 5', b'"entry": 6')),
    "an object for another": (OBJECTS, exchanged),
    "an object told twice": (OBJECTS, listed_twice),
    "an object nobody collected": (OBJECTS, lambda pack: (pack / OBJECTS).write_bytes((pack / OBJECTS).read_bytes() + json.dumps({"salt": "1" * 64, "sha256": "2" * 64}).encode() + b"\n")),
    "an entry in the chain of custody": (CUSTODY, without(CUSTODY, b"judged")),
    "the kind of an entry in the chain of custody": (CUSTODY, turned(CUSTODY, b",collected,", b",edited,")),
    "the time of an entry in the chain of custody": (CUSTODY, turned(CUSTODY, b"Z,judged", b"1Z,judged")),
    "what an entry says in the chain of custody": (CUSTODY, turned(CUSTODY, b'""complete"": true', b'""complete"": false')),
    "a column more in the chain of custody": (CUSTODY, turned(CUSTODY, b"leaf_hash\r\n", b"leaf_hash,note\r\n")),
    "the names of the chain of custody": (CUSTODY, turned(CUSTODY, b"seq,at,kind,", b"at,seq,kind,")),
    "a cell more in the chain of custody": (CUSTODY, lambda pack: (pack / CUSTODY).write_bytes((pack / CUSTODY).read_bytes()[:-2] + b",x\r\n")),
    "the chain of custody": (CUSTODY, dropped(CUSTODY)),
    "the list of objects": (OBJECTS, dropped(OBJECTS)),
    "the gaps": (GAPS, dropped(GAPS)),
    "the index": ("00_index", dropped("data/00_index.xlsx")),
    "a report": ("self-check", lambda pack: next((pack / "data/12_reports").glob("self-check*.html")).unlink()),
    "the management book": ("management-book", lambda pack: next((pack / "data/12_reports").glob("management*")).unlink()),
    "when it was known": (SCOPE, said(SCOPE, lambda s: s.update(known_at="2030-01-01T00:00:00+00:00"))),
    "another period": (SCOPE, said(SCOPE, lambda s: s.update(since="2000-01-01"))),
    "a masked pack that says raw": (OBJECTS, said(SCOPE, lambda s: s.update(raw=True))),
    "the company": (SCOPE, said(SCOPE, lambda s: s.update(company="MID"))),
    "the size of the ledger": (SCOPE, said(SCOPE, lambda s: s.update(ledger_size=1))),
}  # fmt: skip


@pytest.fixture
def pack(issued: Issued, tmp_path: Path) -> Path:
    return issued.pack("masked", tmp_path)


def test_a_pack_that_the_issuer_seals_again_as_it_is_verifies(issued: Issued, pack: Path) -> None:
    reseal(pack, issued.key())
    assert problems(pack, issued.vkey()) == []


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_issuer_changes_before_sealing_is_named(issued: Issued, pack: Path, name: str) -> None:
    where, change = CHANGES[name]
    change(pack)
    reseal(pack, issued.key())
    found = problems(pack, issued.vkey())
    assert any(where in one for one in found), found


def test_a_figure_that_differs_is_told_with_what_was_recorded(issued: Issued, pack: Path) -> None:
    turned(POPULATION, b",false,", b",true,")(pack)
    reseal(pack, issued.key())
    told = f"{POPULATION}: counts ['fail', 4, 2]; judged and recorded in the ledger was ['fail', 4, 3]"
    assert told in problems(pack, issued.vkey())


def in_raw(change: Callable[[dict[str, Any]], object]) -> Change:
    """A raw pack whose first object with a file is told of otherwise."""

    def rewrite(pack: Path) -> None:
        told = [json.loads(line) for line in (pack / OBJECTS).read_bytes().splitlines()]
        change(next(one for one in told if "file" in one))
        (pack / OBJECTS).write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in told))

    return rewrite


def first_objects(pack: Path) -> list[Path]:
    return sorted((pack / "data/06_raw").iterdir())[:2]


def raw_swapped(pack: Path) -> None:
    one, other = first_objects(pack)
    here, there = one.read_bytes(), other.read_bytes()
    one.write_bytes(there)
    other.write_bytes(here)


RAW: dict[str, Change] = {
    "an object's bytes": lambda pack: first_objects(pack)[0].write_bytes(b"other"),
    "an object's file": lambda pack: first_objects(pack)[0].unlink(),
    "an object's file and where it is": in_raw(lambda one: one.pop("file")),
    "two objects' bytes": raw_swapped,
    "an object outside of the raw ones": in_raw(lambda one: one.update(file="data/01_scope.md")),
    "an object outside of the pack": in_raw(lambda one: one.update(file="../../etc/passwd")),
    "an object above, by a detour": in_raw(lambda one: one.update(file="data/06_raw/../01_scope.md")),
    "an object at a number": in_raw(lambda one: one.update(file=7)),
    "an object more": lambda pack: (pack / "data/06_raw/777777.bin").write_bytes(b""),
    "a raw pack that says masked": said(SCOPE, lambda s: s.update(raw=False)),
}


@pytest.mark.parametrize("name", RAW)
def test_what_the_issuer_changes_in_a_raw_pack_is_seen(issued: Issued, tmp_path: Path, name: str) -> None:
    pack = issued.pack("raw", tmp_path)
    RAW[name](pack)
    reseal(pack, issued.key())
    assert problems(pack, issued.vkey())


def test_a_raw_pack_may_withhold_an_object_with_a_reason_that_shows(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("raw", tmp_path)
    told = [json.loads(line) for line in (pack / OBJECTS).read_bytes().splitlines()]
    assert {bool(one.get("file")) for one in told} == {True, False}
    assert all(one.get("withheld") for one in told if "file" not in one)
    assert problems(pack, issued.vkey()) == []


def test_masked_tables_are_no_raw_pack(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("raw", tmp_path)
    (pack / VENDORS).write_bytes((issued.folder / "masked" / VENDORS).read_bytes())
    reseal(pack, issued.key())
    assert any(VENDORS in one for one in problems(pack, issued.vkey()))


def older(leaves: list[dict[str, Any]]) -> None:
    """A judgement of the same period made later, that the pack does not show."""
    judged = next(one for one in leaves if one["kind"] == "judged")
    leaves.append(
        judged | {"seq": len(leaves), "known_at": "2031-01-01T00:00:00+00:00", "verdicts": {"POL-01": ["fail", 1, 1]}}
    )


def test_an_older_judgement_in_the_place_of_the_newest_is_seen(issued: Issued, pack: Path) -> None:
    rewrite_ledger(pack, issued.key(), older)
    reseal(pack, issued.key())
    assert any(one.startswith(SCOPE) for one in problems(pack, issued.vkey()))


REWRITTEN: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "an entry less": lambda leaves: leaves.pop(),
    "an entry changed": lambda leaves: leaves[0].update(at="2000-01-01T00:00:00.000000Z"),
    "a failure made a success": lambda leaves: leaves[1].update(kind="collected"),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_history_rewritten_by_the_issuer_is_seen_by_whoever_holds_a_checkpoint(
    issued: Issued, pack: Path, tmp_path: Path, name: str
) -> None:
    kept = tmp_path / "last-visit"
    kept.write_bytes((pack / "checkpoint").read_bytes())
    rewrite_ledger(pack, issued.key(), REWRITTEN[name])
    reseal(pack, issued.key())
    assert any(one.startswith(("ledger.jsonl", "checkpoint")) for one in problems(pack, issued.vkey(), kept))


def test_history_rewritten_by_the_issuer_is_not_seen_without_one(issued: Issued, pack: Path) -> None:
    rewrite_ledger(pack, issued.key(), REWRITTEN["an entry changed"])
    reseal(pack, issued.key())
    assert problems(pack, issued.vkey()) == []


def test_a_later_pack_has_grown_from_the_last_visit(issued: Issued) -> None:
    last = issued.folder / "masked" / "checkpoint"
    assert problems(issued.folder / "later", issued.vkey(), last) == []


@pytest.mark.parametrize(
    ("kind", "last"), [("masked", "later"), ("masked", "other"), ("other", "masked")], ids=["older", "of another", "other"]
)  # fmt: skip
def test_a_checkpoint_that_it_did_not_grow_from_is_told(issued: Issued, kind: str, last: str) -> None:
    company = CODE if kind == "masked" else "MID"
    assert problems(issued.folder / kind, issued.vkey(company), issued.folder / last / "checkpoint")


@pytest.mark.parametrize("content", [b"", b"\xff", b"tenken/AOI\n1\nAAAA\n\n", b"tenken/AOI\n-1\n"], ids=repr)
def test_a_last_checkpoint_that_is_none_is_told(issued: Issued, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "last").write_bytes(content)
    [found] = problems(issued.folder / "masked", issued.vkey(), tmp_path / "last")
    assert found.startswith("--previous: ")


def test_a_last_checkpoint_that_is_not_there_is_told(issued: Issued, tmp_path: Path) -> None:
    [found] = problems(issued.folder / "masked", issued.vkey(), tmp_path / "none")
    assert found.startswith("--previous: ")
