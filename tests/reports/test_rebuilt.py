"""The facts of a raw pack say what its objects say: each object is read again, and whatever was forged is named."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from cli.app import app
from evidence.errors import IntegrityError
from reports.pack.reperform import differences
from tests.outside import CODE
from tests.reports.packed import OBJECTS, Issued, problems, reseal, rewrite_ledger
from tests.reports.reread import Row, differing, facts, forge, identified, place, reread

Rows = list[Row]
Forged = tuple[dict[str, Row], list[str]]  # the rows that were forged, and what is told of the pack
READINGS = "data/10_config/readings"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    return reread(tmp_path_factory.mktemp("reread"))


@pytest.fixture
def pack(reading: Issued, tmp_path: Path) -> Path:
    return reading.pack("raw", tmp_path)


def saying(told: Sequence[str], *words: str) -> list[str]:
    """The differences that hold all these words."""
    return [one for one in told if all(word in one for word in words)]


def named(pack: Path, *words: str) -> list[str]:
    """The same of what a pack says otherwise than its objects."""
    return saying(differing(pack), *words)


def changed(column: str, value: object, at: int = 0) -> Callable[[Rows], Rows]:
    return lambda rows: [row | {column: value} if n == at else row for n, row in enumerate(rows)]


CELLS: dict[str, tuple[str, str, object]] = {
    "csv, a list of people": ("workers", "department", "総務部"),
    "csv, an event": ("training", "score", 10),
    "csv, a flag of an event": ("training", "passed", None),
    "json, a list of devices": ("devices", "encryption", "on"),
    "json, a number of a device": ("devices", "device_id", "PC-9"),
    "utf-16, a list of accounts": ("accounts", "system_id", "SYS-X"),
    "utf-16, a register that a source delivers": ("account_owners", "valid_from_on", None),
    "a log, what was done": ("access_events", "action", "read"),
    "a log, when": ("access_events", "occurred_at", None),
    "a log, its segment": ("log_segments", "lines_read", 99),
    "the day on which a content began to hold": ("devices_history", "valid_from_on", None),
    "the day on which it ended": ("workers_history", "valid_to_on", None),
}


@pytest.mark.parametrize("kind", ["raw", "other-raw", "masked"])
def test_a_pack_as_it_was_issued_says_what_its_objects_say(reading: Issued, kind: str) -> None:
    assert list(differences(reading.folder / kind)) == []


@pytest.mark.parametrize("kind", ["raw", "other-raw", "masked"])
def test_it_verifies(reading: Issued, kind: str) -> None:
    key = reading.vkey("MID") if kind == "other-raw" else reading.vkey()
    assert problems(reading.folder / kind, key) == []


@pytest.fixture(scope="module")
def cells(reading: Issued, tmp_path_factory: pytest.TempPathFactory) -> Forged:
    """One cell of each kind changed, each in a row of its own."""
    pack, rows = reading.pack("raw", tmp_path_factory.mktemp("cells")), dict[str, Row]()
    for kind, (table, column, value) in CELLS.items():
        held, taken = facts(pack, table), [one["row_ref"] for one in rows.values()]
        at = next(n for n, row in enumerate(held) if row[column] != value and row["row_ref"] not in ("", *taken))
        rows[kind] = held[at]
        forge(reading, pack, table, changed(column, value, at))
    return rows, differing(pack)


@pytest.mark.parametrize("kind", CELLS)
def test_a_changed_cell_is_named_by_object_line_and_column(cells: Forged, kind: str) -> None:
    (table, column, _), (rows, told) = CELLS[kind], cells
    assert saying(told, f"13_facts: {table}:", *place(rows[kind]), column)


def test_cells_that_nobody_changed_are_not_named(cells: Forged) -> None:
    rows, told = cells
    assert [one for one in told if not any(saying([one], *place(row)) for row in rows.values())] == []


def test_a_cell_of_a_workbook_is_named(reading: Issued, pack: Path) -> None:
    rows = facts(pack, "training")
    at = next(n for n, row in enumerate(rows) if row["row_ref"].split(":")[1] != "")
    forge(reading, pack, "training", changed("course", "PI-2", at))
    assert named(pack, "13_facts: training:", *place(rows[at]), "course")


def without_last(rows: Rows) -> tuple[Rows, Row]:
    return rows[:-1], rows[-1]


def first_again(rows: Rows) -> tuple[Rows, Row]:
    return [*rows, rows[0]], rows[0]


def of_line_77(rows: Rows) -> tuple[Rows, Row]:
    more = rows[0] | {"row_ref": rows[0]["row_ref"].rpartition(":")[0] + ":77"}
    return [*rows, more], more


FED = ("workers", "training", "devices", "access_events")
ROWS: dict[str, tuple[Callable[[Rows], tuple[Rows, Row]], Sequence[str]]] = {  # what is done, and to which tables
    "left out": (without_last, (*FED, "devices_history", "accounts", "account_owners", "log_segments")),
    "told twice": (first_again, FED),
    "of a line that is not there": (of_line_77, FED),
}


@pytest.mark.parametrize(("done", "tables"), ROWS.values(), ids=ROWS)
def test_a_row_too_few_or_too_many_is_named_by_object_and_line(
    reading: Issued, pack: Path, done: Callable[[Rows], tuple[Rows, Row]], tables: Sequence[str]
) -> None:
    rows = {table: done(facts(pack, table))[1] for table in tables}
    for table in tables:
        forge(reading, pack, table, lambda told: done(told)[0])
    told = differing(pack)
    assert [table for table, row in rows.items() if not saying(told, f"13_facts: {table}:", *place(row))] == []


def test_a_row_pointed_at_another_line_is_named(reading: Issued, pack: Path) -> None:
    first, second = facts(pack, "devices")[:2]
    forge(reading, pack, "devices", changed("row_ref", second["row_ref"]))
    assert named(pack, "13_facts: devices:", *place(first))
    assert named(pack, "13_facts: devices:", *place(second))


def test_a_row_pointed_at_an_object_that_brought_no_such_rows_is_named(reading: Issued, pack: Path) -> None:
    withheld = next(told for told in lines(pack) if "withheld" in told)
    first = facts(pack, "devices")[0]
    other = first | {"row_ref": f"{withheld['sha256']}::2", "device_id": "PC-9"}
    forge(reading, pack, "devices", lambda rows: [*rows, other])
    assert named(pack, "13_facts: devices:", f"object {withheld['sha256'][:12]}")


def test_two_persons_exchanged_in_one_row_are_named(reading: Issued, pack: Path) -> None:
    rows = facts(pack, "training")
    another = next(row["person_key"] for row in rows if row["person_key"] != rows[0]["person_key"])
    forge(reading, pack, "training", changed("person_key", another))
    assert named(pack, "13_facts: training:", *place(rows[0]), "person_key")


def test_a_person_of_nobody_s_is_named(reading: Issued, pack: Path) -> None:
    rows = facts(pack, "training")
    forge(reading, pack, "training", changed("person_key", "p" + "a" * 20))
    assert named(pack, "13_facts: training:", *place(rows[0]), "person_key")


def test_every_key_of_the_pack_changed_alike_is_no_difference(reading: Issued, pack: Path) -> None:
    key = facts(pack, "training")[0]["person_key"]
    for path in sorted((pack / "data/13_facts").glob("*/*.parquet")):
        told = pq.read_table(path)
        rows = [
            {name: "p" + "a" * 20 if value == key else value for name, value in row.items()} for row in told.to_pylist()
        ]
        pq.write_table(type(told).from_pylist(rows, schema=told.schema), path)
    assert named(pack, "13_facts") == []


def test_an_account_exchanged_in_one_line_of_a_log_is_named(reading: Issued, pack: Path) -> None:
    rows, accounts = facts(pack, "access_events"), facts(pack, "accounts")
    another = next(row["account_key"] for row in accounts if row["account_key"] != rows[0]["account_key"])
    forge(reading, pack, "access_events", changed("account_key", another))
    assert named(pack, "13_facts: access_events:", *place(rows[0]), "account_key")


def reader(pack: Path, source: str) -> Path:
    """How a source was read, as the pack tells it."""
    return next(
        path
        for path in sorted((pack / READINGS).iterdir())
        if json.loads(path.read_bytes())["source"]["name"] == source
    )


@pytest.mark.parametrize("content", [None, b"", b"{}", "another way"], ids=["gone", "empty", "of nothing", "another"])
def test_how_an_object_is_read_is_the_ledger_s_to_say(reading: Issued, pack: Path, content: bytes | str | None) -> None:
    path = reader(pack, "mdm")
    told = path.read_bytes().replace(b'"plain": "off"', b'"plain": "on"') if isinstance(content, str) else content
    assert told != path.read_bytes()
    path.unlink() if told is None else path.write_bytes(told)
    reseal(pack, reading.key())
    assert problems(pack, reading.vkey()) == []
    assert named(pack, "mdm", path.stem[:12])


def test_an_entry_that_does_not_say_how_it_was_read_is_named(reading: Issued, pack: Path) -> None:
    def strip(leaves: list[Row]) -> None:
        for leaf in leaves:
            if leaf.get("source") == "mdm":
                del leaf["reading"]

    rewrite_ledger(pack, reading.key(), strip)
    reseal(pack, reading.key())
    assert problems(pack, reading.vkey()) == []
    assert named(pack, "mdm")


def test_rows_that_the_ledger_counts_otherwise_are_named(reading: Issued, pack: Path) -> None:
    def more(leaves: list[Row]) -> None:
        for leaf in leaves:
            if leaf.get("source") == "lms":
                leaf["datasets"]["training"]["rows"] += 1

    rewrite_ledger(pack, reading.key(), more)
    reseal(pack, reading.key())
    assert named(pack, "lms", "training", "rows")


def test_no_reading_tells_where_its_source_is(reading: Issued) -> None:
    told = "".join(path.read_text("utf-8") for path in (reading.folder / "raw" / READINGS).iterdir())
    assert "inbox" not in told and "${" not in told.replace("${system_id}", "")


def test_a_reading_travels_with_the_objects_it_is_for(reading: Issued) -> None:
    sources = {
        json.loads(path.read_bytes())["source"]["name"] for path in (reading.folder / "raw" / READINGS).iterdir()
    }
    assert "bastion" in sources and "hr" not in sources
    assert not (reading.folder / "masked" / READINGS).exists()
    assert not (reading.folder / "other-raw" / READINGS).exists()


def test_a_reading_is_named_by_its_digest(reading: Issued) -> None:
    for path in (reading.folder / "raw" / READINGS).iterdir():
        assert path.name == f"{hashlib.sha256(path.read_bytes()).hexdigest()}.json"


def test_objects_that_are_withheld_are_told_and_no_difference(reading: Issued) -> None:
    told: list[str] = []
    withheld = sum("withheld" in one for one in lines(reading.folder / "raw"))
    assert differing(reading.folder / "raw", told.append) == []
    assert [one for one in told if f"{withheld} withheld" in one]


def test_an_object_that_is_taken_out_is_counted_as_withheld(reading: Issued, pack: Path) -> None:
    kept = lines(pack)
    mine = next(one for one in kept if one.get("file") and one["sha256"] == place_of(pack, "devices"))
    (pack / mine.pop("file")).unlink()
    mine["withheld"] = "says so"
    (pack / OBJECTS).write_text("".join(json.dumps(one, sort_keys=True) + "\n" for one in kept), "utf-8")
    reseal(pack, reading.key())
    told: list[str] = []
    assert differing(pack, told.append) == []
    assert [one for one in told if f"{sum('withheld' in one for one in kept)} withheld" in one]


def place_of(pack: Path, table: str) -> str:
    return str(facts(pack, table)[0]["row_ref"][:64])


def lines(pack: Path) -> list[Row]:
    return [json.loads(line) for line in (pack / OBJECTS).read_bytes().split(b"\n") if line]


def test_the_verb_names_it_and_leaves_with_4(reading: Issued, pack: Path, tmp_path: Path) -> None:
    row = facts(pack, "devices")[0]
    forge(reading, pack, "devices", changed("device_id", "PC-9"))
    archive = tmp_path / "raw.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(p for p in pack.rglob("*") if p.is_file()):
            made.write(path, f"raw/{path.relative_to(pack).as_posix()}")
    verb = ["pack", "verify", str(archive), "--key", reading.vkey(CODE)]
    assert CliRunner().invoke(app, verb).exit_code == 0
    done = CliRunner().invoke(app, [*verb, "--reperform"])
    assert isinstance(done.exception, IntegrityError)  # which leaves with 4
    assert all(word in done.output for word in ("13_facts: devices:", *place(row), "device_id"))


def test_the_verb_tells_what_was_read_again(reading: Issued) -> None:
    verb = ["pack", "verify", str(reading.zips / "raw.zip"), "--key", reading.vkey(CODE), "--reperform"]
    done = CliRunner().invoke(app, verb)
    assert done.exit_code == 0, done.output
    assert "read again" in done.output and "withheld" in done.output


@pytest.mark.parametrize("run", ["../../../elsewhere", "/tmp/elsewhere", ""])
def test_nothing_is_written_where_a_forged_ledger_says(reading: Issued, pack: Path, run: str) -> None:
    def lead(leaves: list[Row]) -> None:
        for leaf in leaves:
            leaf |= {"run": run} if "run" in leaf else {}

    rewrite_ledger(pack, reading.key(), lead)
    assert list(differences(pack))
    assert not list(pack.parents[0].rglob("elsewhere*")) and not list(Path("/tmp").glob("elsewhere*"))


@pytest.mark.parametrize("forge_it", [lambda path: path.symlink_to("/etc/hostname"), os.mkfifo], ids=["link", "pipe"])
def test_an_object_that_is_no_file_is_named(reading: Issued, pack: Path, forge_it: Callable[[Path], None]) -> None:
    path = pack / next(one["file"] for one in lines(pack) if one["sha256"] == place_of(pack, "devices"))
    path.unlink()
    forge_it(path)
    assert [one for one in differences(pack) if path.name in one]


def test_who_came_to_be_known_by_two_numbers_is_one_person_and_no_forgery(reading: Issued, tmp_path: Path) -> None:
    copied = identified(reading, tmp_path)
    assert list(differences(copied)) == []
    assert len({row["person_key"] for row in facts(copied, "workers")}) < len(facts(copied, "workers"))
