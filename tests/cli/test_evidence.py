"""Evidence in, proof out: collecting, registers, attestations, reports, packs and the ledger."""

import json
import re
import sqlite3
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Tenken, tenken
from tests.homes import copied

SOURCE = """\
name: {name}
companies: [AOBA]
transport: {{kind: local, folder: inbox/{name}, pattern: "*.csv"}}
dataset: org_units
format: {{kind: csv, encoding: utf-8}}
"""
UNITS = """\
company,department,name,in_scope,owns_paper_store
AOBA,D10,営業部,true,false
AOBA,D20,総務部,maybe,true
"""


@pytest.fixture
def fed(home: Path) -> Path:
    """A home with one source that has a file, and one whose folder is not there."""
    for name in ("units", "gone"):
        (home / "sources" / f"{name}.yaml").write_text(SOURCE.format(name=name), "utf-8")
    (home / "inbox" / "units").mkdir(parents=True)
    (home / "inbox" / "units" / "units.csv").write_text(UNITS, "utf-8")
    return home


@pytest.mark.usefixtures("fed")
def test_collect_acknowledges_what_is_committed_and_leaves_with_3_for_what_failed(run: Tenken) -> None:
    told = run("collect")
    assert told.returncode == 3
    [line] = told.stdout.splitlines()
    assert re.fullmatch(r"collected units rows=1 rejected=1 complete=(yes|no) run=\S+", line)
    assert "inbox/gone" in told.stderr


@pytest.mark.usefixtures("fed")
def test_collect_takes_the_named_sources_only(run: Tenken) -> None:
    told = run("collect", "--source", "units", "--slot", "2026-05-01", "--json")
    [row] = json.loads(told.stdout)
    assert told.returncode == 1, told.stderr
    assert (row["source"], row["slot_on"], row["rows"], row["rejected"]) == ("units", "2026-05-01", 1, 1)
    assert run("collect", "--source", "nobody").returncode == 2


@pytest.mark.usefixtures("fed")
def test_a_row_that_cannot_be_read_is_named_with_its_file_its_place_and_what_to_do(run: Tenken) -> None:
    told = run("collect", "--source", "units", "--json")
    [row] = json.loads(told.stdout)
    assert told.stderr.splitlines()[1:] == [
        "units/units.csv line 3, column in_scope: says neither yes nor no; "
        "write true or false (はい or いいえ), or map it in a profile"
    ]
    assert [(one["file"], one["line"], one["column"]) for one in row["rejects"]] == [("units.csv", 3, "in_scope")]
    assert json.loads(run("sources", "rejects", "units", "--json").stdout) == row["rejects"]
    assert "maybe" not in told.stdout + told.stderr


@pytest.mark.usefixtures("fed")
def test_of_many_rows_that_cannot_be_read_the_first_are_named_and_the_rest_counted(home: Path, run: Tenken) -> None:
    rows = "".join(f"AOBA,D{n},営業部,maybe,true\n" for n in range(30))
    (home / "inbox" / "units" / "units.csv").write_text(UNITS + rows, "utf-8")
    *named, last = run("collect", "--source", "units").stderr.splitlines()[1:]
    assert (len(named), last) == (20, "units: 11 more; `tenken sources rejects units` lists them")
    assert len(json.loads(run("sources", "rejects", "units", "--json").stdout)) == 31


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "units/units.csv line 1: it is empty", id="an empty file"),
        pytest.param(b"company,name\n", "units/units.csv line 1: the header has no department", id="a missing column"),
        pytest.param(
            b"\xff\xfeA\0", "units/units.csv line 1: it begins with the mark of utf-16", id="another encoding"
        ),
    ],
)
@pytest.mark.usefixtures("fed")
def test_a_file_that_cannot_be_read_at_all_fails_its_source_by_name(
    home: Path, run: Tenken, content: bytes, told: str
) -> None:
    (home / "inbox" / "units" / "units.csv").write_bytes(content)
    done = run("collect", "--source", "units", "--json")
    [row] = json.loads(done.stdout)
    assert (done.returncode, row["outcome"], len(row["rejects"])) == (3, "failed", 1)
    assert [line.startswith(told) for line in done.stderr.splitlines()] == [False, True], done.stderr


@pytest.mark.usefixtures("fed")
def test_a_source_beside_a_wrong_file_is_collected(home: Path, run: Tenken) -> None:
    (home / "sources" / "gone.yaml").write_text("name: gone\ncompanies: AOBA\n", "utf-8")
    told = run("collect")
    assert (told.returncode, told.stdout.startswith("collected units rows=1 ")) == (2, True)
    assert f"{home}/sources/gone.yaml:2:12: companies: " in told.stderr


@pytest.mark.usefixtures("fed")
def test_the_good_file_beside_a_bad_one_counts_and_no_record_holds_a_name(home: Path, run: Tenken) -> None:
    (home / "inbox" / "units" / "sato_taro.csv").write_bytes(b"a,b\n\0")
    (home / "inbox" / "units" / "link.csv").symlink_to("units.csv")
    told = run("collect", "--source", "units")
    assert told.returncode == 1
    assert "rows=1 " in told.stdout
    assert "units/sato_taro.csv line 1: " in told.stderr
    assert "units/'link.csv': not collected: " in told.stderr
    with sqlite3.connect(home / "tenken.db") as database:
        kept = [
            str(row) for table in ("ledger", "runs", "rejects") for row in database.execute(f"SELECT * FROM {table}")
        ]
    database.close()
    assert not [row for row in kept if "sato" in row or "link.csv" in row]


@pytest.mark.usefixtures("fed")
def test_sources_test_asks_and_fetches_nothing(run: Tenken) -> None:
    told = run("sources", "test", "--json")
    answers = {row["source"]: (row["answers"], row["items"]) for row in json.loads(told.stdout)}
    assert told.returncode == 3
    assert answers == {"units": (True, 1), "gone": (False, 0)}
    assert run("sources", "test", "units").returncode == 0
    assert [row["last_collected"] for row in json.loads(run("sources", "list", "--json").stdout)] == [None, None]


def test_an_import_names_bad_rows_and_takes_good_ones(home: Path, run: Tenken, tmp_path: Path) -> None:
    sheet = tmp_path / "zones.xlsx"
    assert run("registers", "template", "zones", "--out", sheet).returncode == 0
    book = load_workbook(sheet)
    for row, (zone, kind) in enumerate([("Z-1", "管理区域"), ("Z-2", "裏口")], start=3):
        for column, value in enumerate(["AOBA", "D10", zone, "東京", kind, "7"], start=1):
            book.worksheets[0].cell(row, column).value = value
    book.save(sheet)
    words = ["registers", "import", "zones", sheet, "--by", "7", "--reason", "初回登録"]
    dry = run(*words, "--dry-run", "--json")
    assert (dry.returncode, len(json.loads(dry.stdout))) == (2, 1)
    assert json.loads(run("registers", "history", "zones", "--json").stdout) == []
    told = run(*words)
    assert told.returncode == 2
    assert "zones.xlsx: 区域: row 4: column E" in told.stderr
    assert "裏口" not in told.stderr
    changes = json.loads(run("registers", "history", "zones", "--key", "Z-1", "--json").stdout)
    assert {change["reason"] for change in changes} == {"初回登録"}


def test_an_export_can_be_imported_again_and_changes_nothing(found: Tenken, tmp_path: Path) -> None:
    sheet = tmp_path / "companies.xlsx"
    assert found("registers", "export", "companies", "--out", sheet, "--company", "AOBA").returncode == 0
    told = found("registers", "import", "companies", sheet, "--by", "7", "--reason", "確認", "--json")
    assert (told.returncode, told.stdout.strip()) == (0, "[]")
    assert "1 unchanged" in told.stderr


def test_what_must_be_erased_in_a_month_is_written_without_a_judgement(run: Tenken, tmp_path: Path) -> None:
    told = run("report", "erasures", "--company", "AOBA", "--month", "2026-03", "--out", tmp_path)
    assert (told.returncode, told.stdout.strip()) == (0, str(tmp_path / "erasures_AOBA_202603.xlsx")), told.stderr


def test_a_month_is_written_as_year_and_month(run: Tenken) -> None:
    told = run("report", "erasures", "--company", "AOBA", "--month", "2026-13")
    assert (told.returncode, "2026-03" in told.stderr) == (2, True)


def test_registers_are_listed_and_others_are_refused(run: Tenken) -> None:
    names = {row["register"] for row in json.loads(run("registers", "list", "--json").stdout)}
    assert {"waivers", "attestations", "vendors"} <= names
    assert "workers" not in names
    assert run("registers", "template", "workers").returncode == 2


def test_a_department_makes_its_own_nil_return(run: Tenken) -> None:
    words = ["attest", "ORG-3-01", "--company", "AOBA", "--by", "7", "--fact", "取扱いなし", "--answer", "nil"]
    told = run(*words, "--subject", "AOBA-1")
    changes = json.loads(run("registers", "history", "attestations", "--key", told.stdout.strip(), "--json").stdout)
    row = {c["column"]: c["after"] for c in changes}
    assert (row["subject_kind"], row["subject"], row["answer"]) == ("department", "AOBA-1", "nil")


@pytest.mark.parametrize(
    ("words", "about"),
    [
        pytest.param(("PHY-2-03", "--subject", "DV-1"), ("device", "DV-1"), id="the one kind that is asked about"),
        pytest.param(("PHY-2-04", "--subject", "DV-1", "--kind", "device"), ("device", "DV-1"), id="one kind of two"),
        pytest.param(
            ("PHY-2-04", "--subject", "PAPER-1", "--kind", "store"), ("store", "PAPER-1"), id="the other kind"
        ),
        pytest.param(("PHY-3-02",), ("company", "AOBA"), id="nothing that has an id of its own"),
    ],
)
def test_an_answer_is_about_what_the_control_asks_about(
    run: Tenken, words: tuple[str, ...], about: tuple[str, str]
) -> None:
    told = run("attest", *words, "--company", "AOBA", "--by", "7", "--fact", "現物を確認", "--answer", "yes")
    changes = json.loads(run("registers", "history", "attestations", "--key", told.stdout.strip(), "--json").stdout)
    row = {c["column"]: c["after"] for c in changes}
    assert (row["subject_kind"], row["subject"]) == about


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("PHY-2-04", "--subject", "DV-1"), id="which of two kinds"),
        pytest.param(("PHY-2-04", "--subject", "DV-1", "--kind", "zone"), id="a kind that is not asked about"),
        pytest.param(("PHY-2-03",), id="which device"),
    ],
)
def test_an_answer_that_does_not_say_what_it_is_about_is_refused(run: Tenken, words: tuple[str, ...]) -> None:
    told = run("attest", *words, "--company", "AOBA", "--by", "7", "--fact", "現物を確認", "--answer", "yes")
    assert told.returncode == 2
    assert "--kind" in told.stderr or "--subject" in told.stderr


def test_an_attested_zero_is_a_row_that_expires(run: Tenken) -> None:
    words = ["attest", "POL-01", "--company", "AOBA", "--by", "7", "--fact", "0件"]
    told = run(*words, "--answer", "nil", "--valid-days", "30")
    assert told.returncode == 0, told.stderr
    changes = json.loads(run("registers", "history", "attestations", "--key", told.stdout.strip(), "--json").stdout)
    assert {c["column"]: c["after"] for c in changes}["answer"] == "nil"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--answer", "nil"], id="a zero for ever"),
        pytest.param(["--answer", "nil", "--valid-days", "367"], id="a zero for more than a year"),
        pytest.param(["--answer", "yes", "--valid-days", "30"], id="a question that nobody asks"),
    ],
)
def test_answers_that_are_refused(run: Tenken, words: list[str]) -> None:
    assert run("attest", "POL-01", "--company", "AOBA", "--by", "7", "--fact", "0件", *words).returncode == 2


def test_reports_are_written_of_what_was_judged(found: Tenken, tmp_path: Path) -> None:
    out = tmp_path / "out"
    told = [found("report", kind, "--company", "AOBA", "--out", out) for kind in ("self-check", "management-book")]
    assert [one.returncode for one in told] == [0, 0], told
    printed = [Path(line) for one in told for line in one.stdout.splitlines()]
    assert sorted(printed) == sorted(out.iterdir())
    assert {path.suffix for path in printed} == {".xlsx", ".html"}


def test_a_period_that_was_never_judged_has_no_report(run: Tenken, tmp_path: Path) -> None:
    told = run("report", "self-check", "--company", "AOBA", "--out", tmp_path)
    assert told.returncode == 2
    assert "tenken check" in told.stderr


@pytest.fixture(scope="session")
def packed(
    judged: tuple[Path, subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A pack of the judged home, and its company's key."""
    folder = tmp_path_factory.mktemp("packed")
    home = copied(judged[0], folder / "home")
    assert tenken(home, "ledger", "checkpoint").returncode == 0
    told = tenken(home, "pack", "create", "--company", "AOBA", "--out", folder / "AOBA.zip")
    assert told.returncode == 0, told.stderr
    return folder / "AOBA.zip", tenken(home, "ledger", "key", "--company", "AOBA").stdout.strip()


def test_a_pack_is_verified_with_the_key_of_its_company(run: Tenken, packed: tuple[Path, str]) -> None:
    assert run("pack", "verify", packed[0], "--key", packed[1]).returncode == 0


def test_a_pack_is_judged_again(run: Tenken, packed: tuple[Path, str]) -> None:
    told = run("pack", "verify", packed[0], "--key", packed[1], "--reperform")
    assert told.returncode == 0, told.stdout
    assert "RE-PERFORMED" in told.stdout


def test_what_does_not_come_out_again_is_named_and_exit_4(
    run: Tenken, packed: tuple[Path, str], tmp_path: Path
) -> None:
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(packed[0]) as pack, zipfile.ZipFile(forged, "w") as copy:
        for name in pack.namelist():
            changed = name.endswith("/03_results/VEN-04.json")
            copy.writestr(
                name,
                re.sub(rb'"verdict": "\w+"', b'"verdict": "partial"', pack.read(name), count=1)
                if changed
                else pack.read(name),
            )
    told = run("pack", "verify", forged, "--key", packed[1], "--reperform")
    assert told.returncode == 4
    assert "× VEN-04: verdict: shown" in told.stdout


def test_a_pack_whose_origin_nobody_named_is_exit_1(run: Tenken, packed: tuple[Path, str]) -> None:
    told = run("pack", "verify", packed[0])
    assert told.returncode == 1
    assert "ORIGIN NOT VERIFIED" in told.stdout


def test_a_pack_of_another_company_is_exit_4(run: Tenken, packed: tuple[Path, str]) -> None:
    other = run("ledger", "key", "--company", "AOBA").stdout.strip()
    assert other == packed[1]
    forged = re.sub("AOBA", "MIDORI", packed[1])
    assert run("pack", "verify", packed[0], "--key", forged).returncode == 2


def test_a_pack_with_another_verifier_in_it_is_exit_4(run: Tenken, packed: tuple[Path, str], tmp_path: Path) -> None:
    forged = tmp_path / "forged.zip"
    with zipfile.ZipFile(packed[0]) as pack, zipfile.ZipFile(forged, "w") as copy:
        for name in pack.namelist():
            copy.writestr(name, b"print('fine')\n" if name.endswith("/verify.py") else pack.read(name))
    told = run("pack", "verify", forged, "--key", packed[1])
    assert told.returncode == 4
    assert "verify.py: changed" in told.stdout


@pytest.mark.parametrize("content", [pytest.param(b"", id="empty"), pytest.param(b"PK\x03\x04rest", id="cut off")])
def test_what_is_no_archive_is_exit_4(run: Tenken, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert run("pack", "verify", tmp_path / "x.zip").returncode == 4


def test_a_ledger_as_it_was_written_is_exit_0(found: Tenken) -> None:
    assert found("ledger", "verify").returncode == 0


def test_a_changed_byte_in_the_ledger_is_exit_4(home: Path, run: Tenken) -> None:
    with sqlite3.connect(home / "tenken.db") as database:
        database.execute("DROP TRIGGER ledger_no_update")
        changed = database.execute(
            "UPDATE ledger SET leaf = replace(leaf, 'calendar', 'Calendar') WHERE instr(CAST(leaf AS TEXT), 'calendar')"
        )
    database.close()
    assert changed.rowcount == 1
    told = run("ledger", "verify", "--json")
    assert told.returncode == 4
    assert "tenken/group: entry 0" in json.loads(told.stdout)[0]["problem"]


def test_a_proof_needs_a_signed_head_that_covers_the_entry(run: Tenken) -> None:
    assert run("ledger", "prove", "0").returncode == 2
    assert "tenken/group" in run("ledger", "checkpoint").stdout
    told = run("ledger", "prove", "0")
    assert told.returncode == 0
    assert told.stdout.startswith("c2sp.org/tlog-proof@v1\nindex 0\n")
