"""What lies on the disk after writing: the same bytes for a seed, each file as its source declares it."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from ruamel.yaml import YAML

import demo
import scheduler
from demo import write_people
from demo.days import AS_OF, JST, at
from demo.people import _FAMILY, _GIVEN
from evidence import secrets, settings
from evidence.datasets import catalogue
from evidence.persons import Keys, load_secret
from tests.demo.conftest import SEEDS, world


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def _sources(home: Path) -> Iterator[dict[str, object]]:
    yaml = YAML(typ="safe", pure=True)
    for path in sorted((home / "sources").glob("*.yaml")):
        yield yaml.load(path.read_text("utf-8"))


def _profile(home: Path, name: str) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = YAML(typ="safe", pure=True).load(
        (home / "profiles" / f"{name}.yaml").read_text("utf-8")
    )
    return told


def test_the_same_seed_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    demo.write(1, tmp_path)
    assert _files(tmp_path) == _files(written)


def test_the_same_seed_gives_the_same_times_of_modification(written: Path) -> None:
    roster = written / "home" / "inbox" / "hr_roster" / f"roster_{AS_OF:%Y%m%d}.csv"
    assert roster.stat().st_mtime == at(AS_OF, 22).timestamp()


def test_another_seed_gives_another_group() -> None:
    first, second = (world(seed)[0].workers for seed in SEEDS)
    assert first != second


def test_what_is_planted_is_written_before_any_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise InterruptedError

    monkeypatch.setattr(write_people, "write", stop)
    with pytest.raises(InterruptedError):
        demo.write(1, tmp_path)
    assert json.loads((tmp_path / "planted.json").read_text("utf-8"))
    assert not (tmp_path / "home" / "inbox").exists()


def test_the_home_mints_the_keys_that_are_planted(written: Path) -> None:
    keys = Keys(load_secret(written / "home" / "keys" / "secret"))
    told = json.loads((written / "planted.json").read_text("utf-8"))
    planned = {one["subject"] for one in told if one["control"] == "HUM-01"}
    with (written / "home/inbox/hr_roster" / f"roster_{AS_OF:%Y%m%d}.csv").open(encoding="cp932", newline="") as file:
        persons = {keys.person("worker_no", row["社員番号"]) for row in csv.DictReader(file)}
    assert planned <= persons


def test_the_secret_is_closed_to_others(written: Path) -> None:
    assert secrets.load(written / "home" / "keys" / "secret")


def test_the_settings_are_those_of_a_home(written: Path) -> None:
    assert settings.read(written / "home").codes == ("AOI", "MID")


def test_the_schedule_is_one_that_the_scheduler_reads(written: Path) -> None:
    names = [entry.name for entry in scheduler.read(written / "home").schedules]
    assert names == ["collect", "judge", "close", "self-check"]


def test_every_csv_opens_in_its_declared_encoding(written: Path) -> None:
    home = written / "home"
    for source in _sources(home):
        name = str(source.get("profile"))
        if not (home / "profiles" / f"{name}.yaml").exists():
            continue
        told = _profile(home, name)
        if told["format"]["kind"] != "csv":
            continue
        for path in (home / "inbox" / str(source["name"])).iterdir():
            text = path.read_bytes().decode(str(told["format"]["encoding"]))
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=str(told["format"].get("delimiter", ","))))
            assert len({len(row) for row in rows}) == 1, path


def test_a_roster_counts_its_own_rows(written: Path) -> None:
    for path in (written / "home/inbox/hr_roster").iterdir():
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("cp932"), newline="")))
        assert rows[-1][:2] == ["合計", str(len(rows) - 2)]


def test_profiles_read_columns_that_the_exports_have(written: Path) -> None:
    home = written / "home"
    for source in _sources(home):
        name = str(source.get("profile"))
        folder = home / "inbox" / str(source["name"])
        if not (home / "profiles" / f"{name}.yaml").exists() or not any(folder.iterdir()):
            continue
        told = _profile(home, name)
        if told["format"]["kind"] == "csv":
            text = next(folder.iterdir()).read_bytes().decode(str(told["format"]["encoding"]))
            header = set(text.splitlines()[0].split(str(told["format"].get("delimiter", ","))))
            assert _read_columns(told) <= header, name


def test_what_comes_without_a_profile_has_the_columns_of_its_dataset(written: Path) -> None:
    own = [source for source in _sources(written / "home") if "dataset" in source]
    assert own
    for source in own:
        names = {column.name for column in catalogue()[str(source["dataset"])].columns}
        for path in (written / "home" / "inbox" / str(source["name"])).iterdir():
            assert {name for line in path.read_text("utf-8").splitlines() for name in json.loads(line)} <= names


def _read_columns(profile: dict[str, dict[str, object]]) -> set[str]:
    told: set[str] = set()
    for dataset in profile["datasets"].values():
        for column in dataset["columns"].values():  # type: ignore[index]
            given = column.get("from", [])
            told |= {given} if isinstance(given, str) else {one for one in given if not one.startswith("${")}
    return told


def test_profiles_fill_every_column_that_must_not_be_empty(written: Path) -> None:
    home = written / "home"
    for path in (home / "profiles").iterdir():
        for dataset, part in _profile(home, path.stem)["datasets"].items():
            needed = {c.name for c in catalogue()[dataset].columns if not c.nullable and c.type != "list"}
            assert needed - set(part["columns"]) <= {"company"}, f"{path.stem}: {dataset}"  # type: ignore[index]


def test_cloudtrail_lies_as_aws_delivers_it(written: Path) -> None:
    root = written / "home/inbox/log_aws"
    paths = sorted(root.rglob("*.json.gz"))
    records = [record for path in paths for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
    assert {path.relative_to(root).parts[:4] for path in paths} == {
        ("AWSLogs", "000000000001", "CloudTrail", "ap-northeast-1")
    }
    assert {record["eventName"] for record in records} == {"ConsoleLogin", "GetObject", "StopLogging"}


def test_the_sshd_log_has_neither_year_nor_zone(written: Path) -> None:
    lines = (written / "home/inbox/log_lnx/auth.log").read_text("ascii").splitlines()
    assert all(line.startswith("Mar ") and "sshd[" in line for line in lines)


def test_one_source_never_delivers(written: Path) -> None:
    assert not list((written / "home/inbox/badge_mid").iterdir())


def test_register_workbooks_open_under_their_own_titles(written: Path) -> None:
    for path in sorted((written / "home/registers").glob("*.xlsx")):
        sheets = load_workbook(path).sheetnames
        assert catalogue()[path.stem].title_ja in sheets


def test_nobody_in_the_roster_exists(written: Path) -> None:
    text = (written / f"home/inbox/hr_roster/roster_{AS_OF:%Y%m%d}.csv").read_bytes().decode("cp932")
    names = {row["氏名"] for row in csv.DictReader(io.StringIO(text, newline="")) if row["会社コード"] != "合計"}
    assert names <= {f"{family} {given}" for family in _FAMILY for given in _GIVEN}


def test_the_logs_of_a_day_end_with_it(written: Path) -> None:
    path = written / f"home/inbox/log_crm/sys-crm-{AS_OF:%Y%m%d}.jsonl"
    days = {json.loads(line)["ts"][:10] for line in path.read_text("utf-8").splitlines()}
    assert days == {AS_OF.isoformat()}
    assert path.stat().st_mtime == at(AS_OF, 24).astimezone(JST).timestamp()
