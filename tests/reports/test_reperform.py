"""An auditor judges every control again from the pack alone; what a forger with the company's key changed is named."""

import csv
import hashlib
import io
import json
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evidence.persons import MINTED
from house import day, handout, open_house
from reports.pack.reperform import differences
from tests.homes import copied
from tests.outside import CODE, LEAVER, people
from tests.reports.packed import JUDGED, THEIRS, Issued, problems, replace, reseal, rewrite_ledger

Rows = list[dict[str, str]]
STATE, DEVIATING = "PHY-3-01", "VEN-04"  # some of its members deviate; all do
BARE = (
    "import duckdb, json; print(json.dumps(duckdb.execute(open('reperform.sql', encoding='utf-8').read()).fetchall()))"
)
STAFF = [*people("kouno"), LEAVER]


def bare(pack: Path) -> dict[str, tuple[str, str]]:
    """What the script says that travels in a pack, run by DuckDB without anything of ours."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", BARE], cwd=pack, capture_output=True, check=True, timeout=300, env={}
    )
    return {control: (mark, differs) for control, mark, differs in json.loads(done.stdout)}


def result(pack: Path, control: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = pack / f"data/03_results/{control}.json"
    told = json.loads(path.read_bytes())
    change(told)
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def members(pack: Path, control: str, change: Callable[[Rows], Rows]) -> None:
    path = pack / f"data/04_populations/{control}.csv"
    read = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
    rows, kept = change(list(read)), io.StringIO()
    writer = csv.DictWriter(kept, read.fieldnames or ())
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(b"\xef\xbb\xbf" + kept.getvalue().encode())


def facts(pack: Path, table: str, keep: Callable[[dict[str, Any]], bool]) -> None:
    [path] = (pack / "data" / "13_facts").glob(f"*/{table}.parquet")
    told = pq.read_table(path)
    rows = [row for row in told.to_pylist() if keep(row)]
    assert len(rows) < told.num_rows
    pq.write_table(type(told).from_pylist(rows, schema=told.schema), path)


def covered_up(pack: Path, issued: Issued, control: str) -> None:
    """Let the ledger say what the files of a control say now, and seal it all anew: only judging again sees it."""
    shown = json.loads((pack / f"data/03_results/{control}.json").read_bytes())
    paths = [f"03_results/{control}.json", f"04_populations/{control}.csv"]
    digest = hashlib.sha256((pack / f"data/10_config/controls/{control}.json").read_bytes()).hexdigest()

    def change(leaves: list[dict[str, Any]]) -> None:
        entry = next(one for one in leaves if one["kind"] == "judged" and control in one["verdicts"])
        for path in paths:
            entry["files"][path][0] = hashlib.sha256((pack / "data" / path).read_bytes()).hexdigest()
        entry["verdicts"][control] = [shown["verdict"], shown["population"], len(shown["deviations"])]
        entry["digests"][control][0] = digest

    rewrite_ledger(pack, issued.key(), change)
    reseal(pack, issued.key())


def passed(pack: Path) -> None:
    result(pack, STATE, lambda told: told.update(verdict="pass", deviations=[]))
    members(pack, STATE, lambda rows: [row | {"conforms": "true"} for row in rows])


def dropped(pack: Path) -> None:
    shown = json.loads((pack / f"data/03_results/{DEVIATING}.json").read_bytes())
    gone = shown["deviations"][0]["subject"]
    result(
        pack, DEVIATING, lambda told: told.update(deviations=told["deviations"][1:], population=told["population"] - 1)
    )
    members(pack, DEVIATING, lambda rows: [row for row in rows if row["subject"] != gone])


def narrowed(pack: Path) -> None:
    result(pack, STATE, lambda told: told.update(population=told["population"] - 1))
    members(
        pack, STATE, lambda rows: [row for row in rows if row is not next(r for r in rows if r["conforms"] == "true")]
    )


def loosened(pack: Path) -> None:
    path = pack / "data/10_config/controls/HUM-01.json"
    told = json.loads(path.read_bytes())
    told["parameters"][0]["value"] = 400
    path.write_text(json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False), "utf-8")
    result(pack, "HUM-01", lambda told: told.update(control_digest=hashlib.sha256(path.read_bytes()).hexdigest()))


FORGED: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a verdict": (STATE, passed),
    "a deviation that is dropped": (DEVIATING, dropped),
    "a population that is narrowed": (STATE, narrowed),
    "a threshold that is loosened": ("HUM-01", loosened),
    "a fact that is removed": (DEVIATING, lambda pack: facts(pack, "vendors", lambda row: row["vendor_id"] != "V-1")),
    "what a source never delivered": (STATE, lambda pack: facts(pack, "feeds/runs", lambda row: row["dataset"] != "devices")),
}  # fmt: skip


@pytest.fixture
def forged(issued: Issued, tmp_path: Path) -> Iterator[Callable[[str], tuple[str, Path]]]:
    def make(name: str) -> tuple[str, Path]:
        pack, (control, forge) = issued.pack("masked", tmp_path), FORGED[name]
        forge(pack)
        covered_up(pack, issued, control)
        return control, pack

    yield make


@pytest.mark.parametrize("kind", ["masked", "raw", "other", "other-raw", "later"])
def test_a_pack_as_it_was_issued_is_judged_again_with_the_same_results(issued: Issued, kind: str) -> None:
    assert list(differences(issued.folder / kind)) == []


@pytest.mark.parametrize("kind", ["masked", "raw", "other"])
def test_plain_duckdb_comes_to_the_same_results(issued: Issued, kind: str) -> None:
    assert bare(issued.folder / kind) == dict.fromkeys(sorted(JUDGED), ("○", ""))


def test_the_command_of_verify_txt_shows_every_control(issued: Issued) -> None:
    pack = issued.folder / "masked"
    [told] = [line for line in (pack / "VERIFY.txt").read_text("utf-8").splitlines() if "import duckdb" in line]
    command = [sys.executable, "-I", *shlex.split(told)[1:]]
    done = subprocess.run(command, cwd=pack, capture_output=True, check=True, text=True, timeout=300, env={})
    assert [control for control in JUDGED if f" {control} " not in done.stdout] == []


@pytest.mark.parametrize("name", FORGED)
def test_what_the_issuer_covered_up_is_named_by_its_control(
    name: str, forged: Callable[[str], tuple[str, Path]]
) -> None:
    control, pack = forged(name)
    assert {one.split(":")[0] for one in differences(pack)} == {control}


@pytest.mark.parametrize("name", FORGED)
def test_without_judging_again_it_would_be_taken(
    issued: Issued, name: str, forged: Callable[[str], tuple[str, Path]]
) -> None:
    assert problems(forged(name)[1], issued.vkey()) == []


@pytest.mark.parametrize("name", [name for name in FORGED if "threshold" not in name])
def test_plain_duckdb_names_it_too(name: str, forged: Callable[[str], tuple[str, Path]]) -> None:
    control, pack = forged(name)
    assert {one for one, (mark, _) in bare(pack).items() if mark == "×"} == {control}


def test_the_member_is_named(forged: Callable[[str], tuple[str, Path]]) -> None:
    _, pack = forged("a fact that is removed")
    assert [one for one in differences(pack) if "V-1" in one]
    assert "V-1" in bare(pack)[DEVIATING][1]


def test_a_definition_that_is_not_the_ledger_s_is_named(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("masked", tmp_path)
    path = next((pack / "data/10_config/catalogue").glob("*_ven.yaml"))
    replace(path, b"severity: critical", b"severity: low    ", path.read_bytes().count(b"severity: critical"))
    reseal(pack, issued.key())
    told = list(differences(pack))
    assert [one for one in told if "ledger recorded" in one]
    assert {one.split("-")[0] for one in told} == {"VEN"}


@pytest.mark.parametrize(
    "path", ["scope.json", "data/10_config/settings.json", "data/03_results/VEN-04.json", "ledger.jsonl"]
)
@pytest.mark.parametrize("content", [b"", b"[]", b"\x00\xff", b"{}"])
def test_what_cannot_be_read_is_told_and_never_taken(issued: Issued, tmp_path: Path, path: str, content: bytes) -> None:
    pack = issued.pack("masked", tmp_path)
    (pack / path).write_bytes(content)
    assert list(differences(pack))


@pytest.mark.parametrize("content", [None, b"", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_facts_that_are_missing_or_broken_are_told(issued: Issued, tmp_path: Path, content: bytes | None) -> None:
    pack = issued.pack("masked", tmp_path)
    [path] = (pack / "data/13_facts").glob("*/vendors.parquet")
    path.unlink() if content is None else path.write_bytes(content)
    assert list(differences(pack))


def test_a_fact_that_nobody_collected_is_told(issued: Issued, tmp_path: Path) -> None:
    pack = issued.pack("masked", tmp_path)
    [path] = (pack / "data/13_facts").glob("*/vendors.parquet")
    told = pq.read_table(path)
    rows = [row | {"row_ref": f"{'0' * 64}::2"} for row in told.to_pylist()]
    pq.write_table(type(told).from_pylist(rows, schema=told.schema), path)
    assert [one for one in differences(pack) if one.startswith("13_facts: vendors")]


def test_controls_of_two_moments_are_judged_by_what_was_known_at_each(issued: Issued, tmp_path: Path) -> None:
    house = open_house(copied(issued.house.home, tmp_path / "home"))
    day.judge(house, issued.period, only=[DEVIATING])
    handout.create_pack(house, CODE, issued.period, tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "two.zip") as archive:
        archive.extractall(tmp_path)
    assert len(list((tmp_path / "two/data/13_facts").iterdir())) == 2
    assert list(differences(tmp_path / "two")) == []
    assert {mark for mark, _ in bare(tmp_path / "two").values()} == {"○"}


def told_by_facts(pack: Path) -> str:
    """Everything that the facts of a pack say, which is packed in their files."""
    return "\n".join(
        str(pq.read_table(path).to_pylist()) for path in sorted((pack / "data/13_facts").rglob("*.parquet"))
    )


@pytest.mark.parametrize("kind", ["masked", "other", "later"])
def test_masked_facts_hold_no_key_and_name_nobody(issued: Issued, kind: str) -> None:
    told = told_by_facts(issued.folder / kind)
    assert MINTED.findall(told) == []
    words = [word for one in STAFF for word in (one.number, one.name, one.mail)] + [
        *THEIRS[:3],
        "kouno.hanako",
        "otoyama1",
    ]
    assert [word for word in words if word in told] == []


def test_raw_facts_hold_keys(issued: Issued) -> None:
    assert MINTED.findall(told_by_facts(issued.folder / "raw"))


@pytest.mark.parametrize("kind", ["masked", "raw", "later"])
@pytest.mark.parametrize("word", [*THEIRS, "株式会社緑", "V-9"])
def test_no_facts_tell_of_the_other_company(issued: Issued, kind: str, word: str) -> None:
    assert word not in told_by_facts(issued.folder / kind)


def test_the_other_s_own_facts_do(issued: Issued) -> None:
    assert "V-9" in told_by_facts(issued.folder / "other")
