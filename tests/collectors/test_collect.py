"""Collecting: everything that came is kept, everything that happened is recorded, nothing half counts."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import AlreadyDone, SourceError, SourceMalformed
from evidence.ledger import commitment
from tests.collectors.homes import ACCEPTED, BADGES, DAY, KEYS, NOON, SSHD, TRAINING, Home, learned, rights
from tests.evidence.vault.keyed import content_of


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.store.close()


def test_what_a_source_gave_becomes_rows_with_their_provenance(home: Home) -> None:
    home.drop("r.csv", rights(("R1", "W-1"), ("R2", "W-2")))
    told = home.collect()
    [first, second] = home.rows("badge_rights")
    assert (told.rows, told.complete, told.reason) == (2, True, None)
    assert (first["person_key"], first["line"], second["line"]) == (KEYS.person("worker_no", "W-1"), 2, 3)
    assert (first["run_id"], first["snapshot_at"]) == (told.run_id, NOON - timedelta(hours=1))
    assert content_of(home.vault, first["object"]) == rights(("R1", "W-1"), ("R2", "W-2")).encode()


def test_the_ledger_commits_to_the_bytes_and_tells_no_name(home: Home) -> None:
    home.drop("sato_taro.csv", rights(("R1", "W-1")))
    told = home.collect()
    [leaf] = home.leaves()
    with home.store.read() as tx:
        [kept] = tx.objects.of_source("badges")
    assert leaf["commitments"] == [commitment(bytes.fromhex(kept.salt), bytes.fromhex(kept.digest)).hex()]
    assert (leaf["kind"], leaf["run"], leaf["attempt"]) == ("collected", told.run_id, 1)
    assert leaf["datasets"] == {"badge_rights": {"rows": 1, "rejected": 0, "complete": True}}
    assert "sato" not in json.dumps(leaf) and "W-1" not in json.dumps(leaf)


def test_what_is_known_is_not_read_again(home: Home) -> None:
    home.drop("r.csv", rights(("R1", "W-1")))
    home.collect()
    again = home.collect()
    assert (again.objects, again.rows, again.complete) == (0, 0, True)
    assert len(home.rows("badge_rights")) == 1
    assert [leaf["attempt"] for leaf in home.leaves()] == [1, 2]


def test_an_export_with_the_same_bytes_at_a_later_time_is_a_new_snapshot(home: Home) -> None:
    home.drop("r.csv", rights(("R1", "W-1")))
    home.collect()
    home.drop("r.csv", rights(("R1", "W-1")), NOON)
    assert [run.snapshot_at for run in home.collect(DAY + timedelta(days=1)).runs] == [NOON]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(rights(("R1", "W-1")) + "AOI,SYS\n", "line 3: 2 fields, the header has 7", id="a bad row"),
        pytest.param(rights(("R1", "W-1"), ("R1", "W-2")), "1 keys stand more than once", id="a key twice"),
        pytest.param(
            rights(("R1", "W-1"), company="MID"), "company is not a company of this source", id="another's company"
        ),
    ],
)
def test_a_snapshot_that_is_not_whole_says_why_and_counts_for_nothing(home: Home, content: str, why: str) -> None:
    home.drop("r.csv", content)
    told = home.collect()
    assert not told.complete
    assert why in str(told.reason)
    assert home.rows("badge_rights", complete=True) == []


def test_a_company_of_which_nothing_is_told_is_a_hole(home: Home) -> None:
    home.write(BADGES.replace("[AOI]", "[AOI, MID]"))
    home.drop("r.csv", rights(("R1", "W-1")))
    assert home.collect().reason == "nothing about MID"


def test_a_company_without_rows_may_be_declared_no_hole(home: Home) -> None:
    home.write(BADGES.replace("[AOI]", "[AOI, MID]") + "may_lack_companies: true\n")
    home.drop("r.csv", rights(("R1", "W-1")))
    assert [(run.company, run.rows, run.complete) for run in home.collect().runs] == [
        ("AOI", 1, True),
        ("MID", 0, True),
    ]


def test_each_object_is_a_snapshot_of_its_own_moment(home: Home) -> None:
    home.drop("r1.csv", rights(("R1", "W-1")), NOON - timedelta(days=2))
    home.drop("r2.csv", rights(("R1", "W-1"), ("R2", "W-2")), NOON - timedelta(days=1))
    [run] = home.collect().runs
    assert (run.rows, run.snapshot_at) == (2, NOON - timedelta(days=1))
    assert len(home.rows("badge_rights", complete=True)) == 3


def test_the_objects_of_a_run_may_be_one_snapshot_together(home: Home) -> None:
    home.write(BADGES + "snapshot: run\n")
    home.drop("r1.csv", rights(("R1", "W-1")))
    home.drop("r2.csv", rights(("R2", "W-2")))
    assert [run.rows for run in home.collect().runs] == [2]


def test_a_snapshot_that_lost_too_many_rows_is_held(home: Home) -> None:
    home.drop("r1.csv", rights(*((f"R{n}", "W-1") for n in range(10))), NOON - timedelta(days=1))
    home.collect()
    home.drop("r2.csv", rights(*((f"R{n}", "W-1") for n in range(7))))
    assert "held: 7 rows, 10 before" in str(home.collect(DAY + timedelta(days=1)).reason)


def test_a_snapshot_that_lost_few_rows_is_believed(home: Home) -> None:
    home.drop("r1.csv", rights(*((f"R{n}", "W-1") for n in range(10))), NOON - timedelta(days=1))
    home.collect()
    home.drop("r2.csv", rights(*((f"R{n}", "W-1") for n in range(8))))
    assert home.collect(DAY + timedelta(days=1)).complete


def test_the_good_objects_beside_a_bad_one_count(home: Home) -> None:
    home.write(TRAINING)
    (home.folder / "sources" / "badges.yaml").unlink()
    home.drop("a.csv", learned("W-1"))
    home.drop("b.csv", "nothing\n")
    told = home.collect()
    assert (told.rows, told.rejected, told.complete) == (1, 1, False)
    assert "line 1: the header has no" in str(told.reason)


def test_a_bad_object_keeps_the_next_runs_from_looking_whole_until_it_is_mended(home: Home) -> None:
    home.write(TRAINING)
    (home.folder / "sources" / "badges.yaml").unlink()
    home.drop("a.csv", learned("W-1"))
    home.drop("b.csv", learned("W-2") + "x\n")
    home.collect()
    again = home.collect()
    home.drop("b.csv", learned("W-2"), NOON)
    assert (again.complete, home.collect().complete) == (False, True)


def test_a_failing_source_is_itself_recorded(home: Home) -> None:
    home.drop("r.csv", "nothing\n")
    with pytest.raises(SourceMalformed, match="the header has no"):
        home.collect()
    with home.store.read() as tx:
        [run] = tx.runs.of_slot("badges", DAY)
        [kept] = tx.objects.of_source("badges")
    assert (run.outcome, run.complete, run.rows) == ("failed", False, 0)
    assert [(leaf["kind"], leaf["attempt"], len(leaf["commitments"])) for leaf in home.leaves()] == [("failed", 1, 1)]
    assert content_of(home.vault, kept.digest) == b"nothing\n"  # type: ignore[arg-type]


def test_a_folder_that_is_gone_fails_and_is_recorded(home: Home) -> None:
    (home.folder / "inbox").rmdir()
    with pytest.raises(SourceError):
        home.collect()
    assert [leaf["kind"] for leaf in home.leaves()] == ["failed"]


def test_what_failed_is_read_once_it_can_be(home: Home) -> None:
    home.write(BADGES.replace("kind: csv", "kind: csv, encoding: utf-16"))
    home.drop("r.csv", rights(("R1", "W-1")))
    with pytest.raises(SourceMalformed):
        home.collect()
    home.write(BADGES)
    assert home.collect().complete
    assert [leaf["attempt"] for leaf in home.leaves()] == [1, 2]


def test_of_two_that_collect_one_slot_at_once_one_counts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.drop("r.csv", rights(("R1", "W-1")))
    rival = Home(home.folder)
    begun = type(home.vault).put

    def put(vault: Any, stream: Any) -> Any:
        # Ours is on its way when the rival, who counted the same attempt, is through.
        monkeypatch.undo()
        rival.collect()
        return begun(vault, stream)

    monkeypatch.setattr(type(home.vault), "put", put)
    with pytest.raises(AlreadyDone):
        home.collect()
    assert (len(home.leaves()), len(home.rows("badge_rights"))) == (1, 1)
    rival.store.close()


def test_nothing_of_a_run_counts_that_was_killed_before_its_commit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.drop("r.csv", rights(("R1", "W-1")))

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("collectors.recorded.Slip.keep", killed)
    with pytest.raises(KeyboardInterrupt):
        home.collect()
    monkeypatch.undo()
    assert (home.rows("badge_rights"), home.leaves()) == ([], [])
    assert (home.collect().rows, len(home.rows("badge_rights"))) == (1, 1)


def test_a_log_brings_its_segments(home: Home) -> None:
    home.write(SSHD)
    (home.folder / "sources" / "badges.yaml").unlink()
    home.accounts = frozenset({KEYS.mint("account", "SYS-LNX", "sato")})
    other = ACCEPTED.replace("sato", "ito").replace("[7]", "[8]")
    lines = [f"Mar 31 09:00:0{n} h1 {text}" for n, text in enumerate((ACCEPTED, other, "CRON[1]: x\n"))]
    home.drop("auth.log", "".join(lines) + "nonsense\n")
    told = home.collect()
    [segment] = home.rows("log_segments")
    assert (segment["lines_read"], segment["lines_rejected"], segment["lines_reported"]) == (3, 1, 4)
    assert (segment["accounts_seen"], segment["accounts_mapped"], segment["system_id"]) == (2, 1, "SYS-LNX")
    assert segment["starts_at"] == datetime(2026, 3, 31, 0, 0, 0, tzinfo=UTC)
    assert segment["retained_until_on"] == date(2029, 3, 30)
    assert (told.rows, told.skipped, told.rejected, told.complete) == (2, 1, 1, False)
    assert {run.dataset for run in told.runs} == {"access_events", "log_segments"}


def test_a_manifest_of_segments_is_a_source_like_any_other(home: Home) -> None:
    home.write(BADGES.replace("badge_rights", "log_segments"))
    header = "system_id,source_name,starts_at,ends_at,lines_read,lines_rejected,accounts_seen,accounts_mapped,"
    row = "S1,crm,2026-03-01T00:00:00+09:00,2026-03-02T00:00:00+09:00,5,0,1,1,true,true,2029-03-01,2026-03-01\n"
    home.drop("m.csv", header + "digest_ok,chain_ok,retained_until_on,occurred_on\n" + row)
    told = home.collect()
    assert (told.rows, told.complete, [run.dataset for run in told.runs]) == (1, True, ["log_segments"])
    assert home.collect().objects == 0


def test_a_log_that_has_grown_gives_its_old_events_their_old_keys(home: Home) -> None:
    home.write(SSHD)
    (home.folder / "sources" / "badges.yaml").unlink()
    home.drop("auth.log", f"Mar 31 09:00:00 h1 {ACCEPTED}", NOON - timedelta(hours=2))
    home.collect()
    home.drop("auth.log", f"Mar 31 09:00:00 h1 {ACCEPTED}Mar 31 09:00:01 h1 {ACCEPTED}")
    home.collect(DAY + timedelta(days=1))
    assert len({row["event_key"] for row in home.rows("access_events")}) == 2


def test_days_of_training_are_the_days_of_its_events(home: Home) -> None:
    home.write(TRAINING)
    (home.folder / "sources" / "badges.yaml").unlink()
    home.drop("a.csv", learned("W-1", "W-1"))
    [run] = home.collect().runs
    rows = home.rows("training")
    assert (run.covers_from, run.covers_to) == (date(2026, 3, 1), date(2026, 3, 1))
    assert (rows[0]["kind"], rows[0]["method"], rows[0]["time_basis"]) == ("annual", "classroom", "day_only")
    assert rows[0]["training_key"] != rows[1]["training_key"]


def test_a_link_in_the_folder_is_never_silently_missing(home: Home) -> None:
    home.drop("r.csv", rights(("R1", "W-1")))
    (home.folder / "inbox" / "l.csv").symlink_to("/etc/hostname")
    told = home.collect()
    assert not told.complete
    assert "not collected: " in str(told.reason)


def of_both(aoi: int, mid: int) -> str:
    return rights(*((f"A{n}", "W-1") for n in range(aoi))) + rights(
        *((f"M{n}", "W-1") for n in range(mid)), company="MID"
    ).removeprefix(rights())


@pytest.mark.parametrize(
    ("mid", "why"),
    [
        pytest.param(2, "held: 2 rows about MID, 10 before", id="most of one company gone"),
        pytest.param(0, "nothing about MID", id="one company gone"),
        pytest.param(9, "None", id="a few gone"),
    ],
)
def test_a_company_cannot_vanish_behind_the_rows_of_another(home: Home, mid: int, why: str) -> None:
    home.write(BADGES.replace("[AOI]", "[AOI, MID]"))
    home.drop("r1.csv", of_both(90, 10), NOON - timedelta(days=1))
    assert home.collect().complete
    home.drop("r2.csv", of_both(92, mid))
    told = home.collect(DAY + timedelta(days=1))
    assert why in str(told.reason)
    assert told.complete == (why == "None")


def test_a_state_of_no_company_is_compared_as_a_whole_each_time_it_comes(home: Home) -> None:
    text = BADGES.replace("badge_rights", "system_settings").replace("[AOI]", "[AOI, MID]")
    home.write(text.replace("{kind: csv}", "{kind: csv}\ncompleteness: file"))
    header, row = "system_id,component,setting,value,observed_on\n", "SYS-{},auth,lock_after,5,2026-03-31\n"
    for number, moment in enumerate((NOON - timedelta(days=1), NOON)):
        home.drop(f"s{number}.csv", header + "".join(map(row.format, range(10))), moment)
        told = home.collect(DAY + timedelta(days=number))
        assert (told.complete, told.reason) == (True, None)


def test_a_row_about_a_company_of_another_source_is_a_reject_by_line_and_column(home: Home) -> None:
    home.write(TRAINING)
    (home.folder / "sources" / "badges.yaml").unlink()
    header, row = learned("W-1").splitlines()
    home.drop("a.csv", f"会社,{header}\nAOI,{row}\nMID,{row}\nＡＯＩ,{row}\naoi,{row}\n,{row}\n")
    told = home.collect()
    with home.store.read() as tx:
        rejects = tx.rejects.of_run(told.run_id)
    assert [(one.line, one.column, one.reason) for one in rejects] == [
        (3, "company", "is not a company of this source"),
        (5, "company", "is not a company of this source"),
    ]
    assert {row["company"] for row in home.rows("training")} == {"AOI"}


def test_the_ledger_tells_that_a_folder_gives_no_checksums(home: Home) -> None:
    home.drop("a.csv", rights(("R1", "W-1")), NOON - timedelta(hours=2))
    home.drop("b.csv", rights(("R1", "W-1")))
    home.collect()
    [leaf] = home.leaves()
    assert leaf["checksums"] == ["absent", "absent"]
    assert len(leaf["commitments"]) == len(leaf["sizes"]) == 2
