"""A pack is a sealed bag that other tools accept, the same bytes whenever it is asked for, or not there at all."""

import ast
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace as replaced
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import bagit
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from controls.assess import judged_members
from controls.engine import run
from evidence import persons
from evidence.errors import ConfigError
from evidence.ledger import keys as signing
from evidence.ledger import log_of
from evidence.ledger.merkle import leaf_hash
from evidence.ledger.note import verify
from evidence.period import Period
from house import House, day, handout, open_house, window
from reports import products
from reports.pack import Scope, recorded, verifier, write
from reports.pack.payload import Payload
from reports.pack.tables import csv_of
from reports.products import Materials
from tests.homes import copied
from tests.outside import CODE
from tests.reports.packed import JUDGED, SEAL, VERIFIER, Issued, problems
from tests.servers import need

ROOT = Path(__file__).parents[2]
SCOPE = Scope(CODE, "株式会社葵", date(2026, 3, 1), date(2026, 3, 31), datetime(2026, 4, 1, tzinfo=UTC), False, ())


@pytest.fixture
def home(issued: Issued, tmp_path: Path) -> Path:
    """A copy of the home, to be worked on."""
    return copied(issued.house.home, tmp_path / "home")


def test_the_shell_agrees(issued: Issued) -> None:
    command = ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(command, cwd=issued.folder / "masked", capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_another_make_of_bagit_agrees(issued: Issued, kind: str) -> None:
    assert bagit.Bag(str(issued.folder / kind)).is_valid()


def test_openssl_agrees_on_the_signature(issued: Issued, tmp_path: Path) -> None:
    need("openssl", "openssl")
    text, _, signature = (issued.folder / "masked" / SEAL).read_bytes().rpartition(b"\n\n")
    (tmp_path / "text").write_bytes(text + b"\n")
    (tmp_path / "sig").write_bytes(base64.b64decode(signature.split()[-1])[4:])
    public = bytes.fromhex("302a300506032b6570032100") + issued.key().vkey.public
    (tmp_path / "key.der").write_bytes(public)
    options = "-verify -rawin -pubin -keyform DER -inkey key.der -in text -sigfile sig"
    command = ["openssl", "pkeyutl", *options.split()]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_the_verifier_is_python_3_9() -> None:
    ast.parse(verifier(), feature_version=(3, 9))


def test_python_3_10_would_be_seen() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1:\n        pass\n", feature_version=(3, 9))


def test_the_verifier_needs_nothing_but_the_standard_library() -> None:
    lines = verifier().decode().splitlines()
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported
    assert imported <= sys.stdlib_module_names


PACK = """
import sys
from datetime import date
from pathlib import Path
from house import handout, open_house
from evidence.period import Period
home = open_house(Path(sys.argv[1]))
period = Period(date.fromisoformat(sys.argv[3]), date.fromisoformat(sys.argv[4]), home.settings.zone)
handout.create_pack(home, sys.argv[2], period, Path(sys.argv[5]))
"""


@pytest.mark.parametrize(
    "around",
    [
        pytest.param({"TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4242"}, id="Apia, UTF-8, seed 4242"),
        pytest.param({"TZ": "America/Los_Angeles", "LC_ALL": "ja_JP.UTF-8", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}, id="Los Angeles, ja, seed 7"),
    ],
)  # fmt: skip
def test_asked_again_it_is_the_same_bytes(issued: Issued, home: Path, tmp_path: Path, around: dict[str, str]) -> None:
    period, out = issued.period, tmp_path / "later.zip"
    told = [str(home), CODE, period.as_of.isoformat(), period.as_of.isoformat(), str(out)]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **around}
    subprocess.run([sys.executable, "-c", PACK, *told], cwd=tmp_path, env=environment, check=True, timeout=120)
    assert (
        hashlib.sha256(out.read_bytes()).digest() == hashlib.sha256((issued.zips / "later.zip").read_bytes()).digest()
    )


def test_another_day_would_be_other_bytes(issued: Issued) -> None:
    assert (issued.zips / "later.zip").read_bytes() != (issued.zips / "masked.zip").read_bytes()


def test_nothing_stays_of_a_pack_that_could_not_be_finished(issued: Issued, tmp_path: Path) -> None:
    def gone() -> io.BufferedIOBase:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "p.zip", SCOPE, [Payload("06_raw/1", gone)], [], "", issued.key())
    assert list(tmp_path.iterdir()) == []


def test_a_pack_of_very_many_files_is_sealed(issued: Issued, tmp_path: Path) -> None:
    files = [Payload(f"06_raw/{number:06d}.bin", io.BytesIO) for number in range(12_000)]
    write(tmp_path / "p.zip", SCOPE, files, [], "", issued.key())
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        seal = archive.read(f"p/{SEAL}")
    assert len(seal) > 1_000_000
    assert verify(seal, issued.key().vkey).count("06_raw") == len(files)


def written(house: House, told: Materials, path: Path) -> None:
    """Write a pack of materials that somebody had in hand."""
    signer = signing.load(house.home / "keys", log_of(CODE))
    shown = {"company": house.settings.company(CODE).model_dump(mode="json")}
    products.write_pack(told, house.vault, shown, path, signer, raw=False, record=lambda _: None)


def test_a_pack_of_another_definition_is_not_written(issued: Issued, tmp_path: Path) -> None:
    house = issued.house
    told = handout.materials(house, CODE, issued.period)
    other = [replaced(one, control_digest="0" * 64) for one in told.assessments]
    with pytest.raises(ConfigError, match="judged by another definition"):
        written(house, replaced(told, assessments=other), tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


@pytest.mark.parametrize("what", ["verdict", "left out"])
def test_a_pack_that_shows_other_judgements_than_the_ledger_is_not_written(
    issued: Issued, tmp_path: Path, what: str
) -> None:
    house = issued.house
    told = handout.materials(house, CODE, issued.period)
    first, *rest = told.assessments
    shown = rest if what == "left out" else [replaced(first, reason="another"), *rest]
    with pytest.raises(ConfigError, match=rf"03_results/{first.control}\.json .* is not as the ledger recorded it"):
        written(house, replaced(told, assessments=shown), tmp_path / "p.zip")


def test_the_materials_as_they_are_can_be_written(issued: Issued, tmp_path: Path) -> None:
    house = issued.house
    written(house, handout.materials(house, CODE, issued.period), tmp_path / "p.zip")
    assert (tmp_path / "p.zip").exists()


def test_controls_judged_at_different_moments_are_packed_together(home: Path, tmp_path: Path, issued: Issued) -> None:
    house = open_house(home)
    day.judge(house, issued.period, only=JUDGED[:1])
    moments = {one.known_at for one in day.assessments(house, issued.period, CODE)}
    handout.create_pack(house, CODE, issued.period, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(tmp_path / "out")
    assert len(moments) == 2
    assert problems(tmp_path / "out" / "p", issued.vkey()) == []


def test_a_past_judgement_that_opened_no_gap_can_be_packed(home: Path, tmp_path: Path, issued: Issued) -> None:
    house = open_house(home)
    earlier = Period(issued.period.since - timedelta(days=9), issued.period.since, house.settings.zone)
    day.judge(house, earlier, house.store.last_commit(), only=["POL-01", "VEN-04"])
    handout.create_pack(house, CODE, earlier, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(tmp_path / "out")
    assert problems(tmp_path / "out" / "p", issued.vkey()) == []


def test_the_entry_of_a_judgement_has_the_digest_of_its_population(issued: Issued) -> None:
    house = issued.house
    [one] = [a for a in day.assessments(house, issued.period, CODE) if a.control == "PHY-3-01"]
    members = judged_members(one, run(house.catalogue.control(one.control), window(house, issued.period, one.known_at)))
    assert members.digest == one.population_digest
    leaves = (issued.folder / "masked" / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    kept = recorded.newest(leaves, issued.period)["04_populations/PHY-3-01.csv"]
    shown = [
        hashlib.sha256((issued.folder / kind / "data/04_populations/PHY-3-01.csv").read_bytes()).hexdigest()
        for kind in ("masked", "raw")
    ]
    assert kept == shown


def indexed(pack: Path) -> list[dict[str, Any]]:
    """The rows of the index, by the headers of its columns."""
    lines = load_workbook(pack / "data/00_index.xlsx").worksheets[0].iter_rows(values_only=True)
    headers = next(line for line in lines if line[0] == "証跡番号")
    return [dict(zip(map(str, headers), line, strict=True)) for line in lines]


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_the_index_leads_to_the_ledger_s_entry_of_each_object(issued: Issued, kind: str) -> None:
    pack = issued.folder / kind
    opened = [json.loads(line) for line in (pack / "data/11_custody/objects.jsonl").read_bytes().splitlines()]
    leaves = [json.loads(line) for line in (pack / "ledger.jsonl").read_bytes().splitlines()]
    rows = indexed(pack)
    assert rows
    assert {(row["SHA-256"], row["台帳番号"]) for row in rows} <= {(one["sha256"], one["entry"]) for one in opened}
    assert [row["取得者"] for row in rows] == [leaves[row["台帳番号"]]["actor"] for row in rows]
    assert {row["会社"] for row in rows} == {CODE}


PROVENANCE = (  # domain.md §4
    "証跡番号", "管理策ID", "証跡名", "種類", "会社", "部門", "システム", "対象期間", "取得元", "取得方法", "抽出条件", "取得者",
    "取得日時(UTC, TZ)", "元ファイル日時", "バイト数", "件数", "SHA-256", "前項ハッシュ", "変換", "個人情報含有", "保存期限",
    "保管場所", "完全性確認", "受入判定者",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_the_index_tells_all_of_where_each_piece_of_evidence_came_from(issued: Issued, kind: str) -> None:
    rows = indexed(issued.folder / kind)
    assert [name for name in PROVENANCE if not any(header.startswith(name) for header in rows[0])] == []
    optional = {"元ファイル日時", "変換後のSHA-256"}
    assert [name for row in rows for name, value in row.items() if value is None and name not in optional] == []


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_the_index_names_the_leaf_that_each_piece_is_sealed_by(issued: Issued, kind: str) -> None:
    leaves = (issued.folder / kind / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    for row in indexed(issued.folder / kind):
        assert row["前項ハッシュ(台帳の葉)"] == leaf_hash(leaves[row["台帳番号"]]).hex()


def test_the_index_says_what_is_personal_and_until_when_it_is_kept(issued: Issued) -> None:
    of = {kind: {row["システム"]: row for row in indexed(issued.folder / kind)} for kind in ("masked", "raw")}
    assert [of[kind]["mdm"]["個人情報含有"] for kind in ("masked", "raw")] == ["仮名化", "有"]
    collected = issued.house.today
    assert of["raw"]["mdm"]["保存期限"] == collected.replace(year=collected.year + 3).isoformat()
    assert of["raw"]["register:vendors"]["保存期限"] == "期限なし(消去しない)"


def test_the_index_leads_from_an_object_to_the_facts_that_were_read_from_it(issued: Issued) -> None:
    with issued.house.store.read() as tx:
        facts = {file.digest for file in tx.facts.visible(tx.at) if file.source == "mdm"}
    told = next(row for row in indexed(issued.folder / "raw") if row["システム"] == "mdm")
    assert set(told["変換後のSHA-256"].split("、")) == facts


def test_the_index_of_a_raw_pack_leads_to_the_bytes(issued: Issued) -> None:
    held = [row for row in indexed(issued.folder / "raw") if row["保管場所"].startswith("06_raw/")]
    assert held
    for row in held:
        content = (issued.folder / "raw" / "data" / row["保管場所"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["SHA-256"]


def test_the_database_s_address_is_not_handed_out(issued: Issued) -> None:
    told = json.loads((issued.folder / "masked" / "data/10_config/settings.json").read_text("utf-8"))
    assert set(told) & {"database", "companies"} == set()
    assert told["company"]["code"] == CODE


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "'", "''", "@x", "plain", "-1", "a'b"])
def test_a_text_of_a_table_is_got_back_whole(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_bytes(csv_of(pa.table({"x": [text], "y": ["1"]}), str))
    assert VERIFIER.rows(str(tmp_path / "t.csv")) == [{"x": text, "y": "1"}]


def test_pseudonyms_are_the_company_s_own(issued: Issued) -> None:
    secret = persons.load_secret(issued.house.home / "keys" / "secret")
    key = issued.house.keys().person("worker_no", "W904171")
    assert persons.pseudonym(secret, CODE, key) in (issued.folder / "masked/data/07_registers/systems.csv").read_text(
        "utf-8"
    )
