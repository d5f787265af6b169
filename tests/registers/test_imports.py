import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.clock import StandingClock
from evidence.datasets import catalogue
from evidence.errors import ConfigError
from evidence.ledger import commitment
from evidence.persons import Keys, pseudonym
from evidence.store import Store
from evidence.vault import Digest
from evidence.vault.memory import MemoryVault
from registers.imports import Plan, apply, plan, plan_rows
from registers.sheets import export
from registers.versions import entered, rows_as_of
from tests.evidence.vault.keyed import content_of
from tests.registers.samples import OTHER_VENDOR, VENDOR, VENDOR_HEADERS, VENDORS, sample, sent, vendors

BY, WHY = "1001", "年度初めの棚卸"
HEADERS = [*VENDOR_HEADERS, "法人番号", "有効開始日", "有効終了日"]


@dataclass
class Desk:
    """Somebody who keeps registers: a store, a vault, keys and a folder to send files from."""

    store: Store
    vault: MemoryVault
    keys: Keys
    clock: StandingClock
    folder: Path

    def plan(self, content: bytes, as_of: date = date(1900, 1, 1)) -> Plan:
        return plan(self.store, VENDORS, sent(self.folder, content), self.keys, as_of=as_of)

    def enter(self, content: bytes) -> int:
        return self.apply(self.plan(content))

    def apply(self, planned: Plan) -> int:
        self.clock.at += timedelta(hours=1)
        return apply(planned, self.store, self.vault, self.keys, by=BY, reason=WHY)

    def rows(self, on: date | None = None, known_at: datetime | None = None) -> dict[str, dict[str, Any]]:
        return {row["vendor_id"]: row for row in rows_as_of(self.store, VENDORS, known_at, on)}

    def leaves(self, log: str) -> list[Mapping[str, Any]]:
        with self.store.read() as tx:
            return [json.loads(entry.leaf) for entry in tx.ledger.leaves(log)]


@pytest.fixture
def desk(store: Store, vault: MemoryVault, keys: Keys, clock: StandingClock, tmp_path: Path) -> Desk:
    return Desk(store, vault, keys, clock, tmp_path)


def row(first: date | None = None, last: date | None = None, **changed: Any) -> list[Any]:
    told = dict(zip(VENDOR_HEADERS, VENDOR, strict=True)) | changed
    return [*told.values(), None, first, last]


def dated(*rows: list[Any]) -> bytes:
    return vendors(*rows, headers=HEADERS)


def test_a_plan_tells_what_is_new_and_writes_nothing(desk: Desk) -> None:
    before = desk.store.last_commit()
    planned = desk.plan(vendors(VENDOR, OTHER_VENDOR))
    assert ([entry.key for entry in planned.added], planned.changed, planned.unchanged) == ([("V-1",), ("V-2",)], (), 0)
    assert (desk.store.last_commit(), desk.rows()) == (before, {})


def test_what_was_planned_is_entered_with_who_when_and_why(desk: Desk) -> None:
    assert desk.enter(vendors(VENDOR)) == 1
    [version] = entered(desk.store, VENDORS)
    assert (version.entered_by, version.reason) == (desk.keys.person("worker_no", BY), WHY)
    assert version.entered_at == desk.store.last_commit() == datetime(2026, 4, 1, 1, 0, tzinfo=UTC)


def test_a_row_leads_back_to_the_very_sheet_that_said_it(desk: Desk) -> None:
    content = vendors(VENDOR)
    desk.enter(content)
    kept = desk.rows()["V-1"]
    assert content_of(desk.vault, Digest(kept["object"])) == content
    assert (kept["part"], kept["line"]) == ("委託先", 2)


def test_the_same_sheet_twice_changes_nothing(desk: Desk) -> None:
    content = vendors(VENDOR, OTHER_VENDOR)
    desk.enter(content)
    after = desk.store.last_commit()
    again = desk.plan(content, as_of=date(2026, 5, 1))
    assert (again.added, again.changed, again.unchanged) == ((), (), 2)
    assert (desk.apply(again), desk.store.last_commit()) == (0, after)


def test_our_own_export_changes_nothing(desk: Desk) -> None:
    desk.enter(dated(row(date(2026, 4, 1)), row(委託先ID="V-2", 委託先の名称="＝1+1")))
    exported = export(VENDORS, rows_as_of(desk.store, VENDORS))
    assert desk.plan(exported).unchanged == 2
    assert desk.plan(exported).problems == ()


def test_a_changed_cell_is_a_new_version_and_the_old_one_stays(desk: Desk) -> None:
    desk.enter(vendors(VENDOR))
    first = desk.store.last_commit()
    planned = desk.plan(vendors([*VENDOR[:3], "みどり印刷株式会社", *VENDOR[4:]]))
    assert [(entry.version, entry.changed) for entry in planned.changed] == [(2, ("name",))]
    desk.apply(planned)
    assert desk.rows()["V-1"]["name"] == "みどり印刷株式会社"
    assert desk.rows(known_at=first)["V-1"]["name"] == "みどり印刷"


def test_a_row_that_vanished_from_the_sheet_is_not_deleted(desk: Desk) -> None:
    desk.enter(vendors(VENDOR, OTHER_VENDOR))
    desk.enter(vendors(VENDOR))
    assert set(desk.rows()) == {"V-1", "V-2"}


def test_a_column_that_the_sheet_does_not_have_stays_as_it_was(desk: Desk) -> None:
    desk.enter(vendors([*VENDOR, "1234567890123"], headers=[*VENDOR_HEADERS, "法人番号"]))
    desk.enter(vendors([*VENDOR[:5], "停止中", "はい"]))
    kept = desk.rows()["V-1"]
    assert (kept["corporate_number"], kept["status"]) == ("1234567890123", "suspended")


def test_a_column_that_is_declared_later_makes_no_row_a_changed_one(desk: Desk) -> None:
    later = ("work", "certificate", "items")
    before = replace(VENDORS, columns=tuple(one for one in VENDORS.columns if one.name not in later))
    desk.apply(plan(desk.store, before, sent(desk.folder, vendors(VENDOR)), desk.keys))
    assert desk.plan(vendors([*VENDOR, None], headers=[*VENDOR_HEADERS, "委託する業務"])).unchanged == 1


def test_a_cell_that_was_emptied_is_emptied(desk: Desk) -> None:
    headers = [*VENDOR_HEADERS, "法人番号"]
    desk.enter(vendors([*VENDOR, "1234567890123"], headers=headers))
    desk.enter(vendors([*VENDOR, None], headers=headers))
    assert desk.rows()["V-1"]["corporate_number"] is None


@pytest.mark.parametrize(
    ("on", "status"),
    [
        pytest.param(date(2026, 3, 31), "active", id="the day before the change"),
        pytest.param(date(2026, 4, 1), "suspended", id="the day of the change"),
    ],
)
def test_a_change_from_a_day_on_leaves_the_days_before_as_they_were(desk: Desk, on: date, status: str) -> None:
    desk.enter(dated(row()))
    desk.enter(dated(row(date(2026, 4, 1), 取引の状態="停止中")))
    assert desk.rows(on)["V-1"]["status"] == status


@pytest.mark.parametrize(
    ("on", "there"),
    [
        pytest.param(date(2026, 3, 31), True, id="its last day"),
        pytest.param(date(2026, 4, 1), False, id="the day after"),
    ],
)
def test_a_row_that_was_ended_does_not_come_back_as_it_was_before(desk: Desk, on: date, there: bool) -> None:
    desk.enter(dated(row()))
    desk.enter(dated(row(last=date(2026, 3, 31))))
    assert ("V-1" in desk.rows(on)) is there


@pytest.mark.parametrize(
    ("as_of", "there"),
    [
        pytest.param(date(1900, 1, 1), True, id="by default it always held: it is a record entered late"),
        pytest.param(date(2026, 4, 1), False, id="from a day on where that is asked for"),
    ],
)
def test_from_when_a_new_row_without_a_first_day_holds(desk: Desk, as_of: date, there: bool) -> None:
    desk.apply(desk.plan(vendors(VENDOR), as_of=as_of))
    assert ("V-1" in desk.rows(date(2026, 3, 31))) is there


def test_an_older_sheet_may_be_imported_again_to_take_an_edit_back(desk: Desk) -> None:
    desk.enter(vendors(VENDOR))
    desk.enter(vendors([*VENDOR[:5], "停止中", "はい"]))
    assert desk.enter(vendors(VENDOR)) == 1
    assert [version.values["status"] for version in entered(desk.store, VENDORS)] == ["active", "suspended", "active"]


def test_a_plan_that_somebody_overtook_is_refused_and_writes_nothing(desk: Desk) -> None:
    desk.enter(vendors(VENDOR))
    late = desk.plan(vendors([*VENDOR[:5], "停止中", "はい"]))
    desk.enter(vendors([*VENDOR[:5], "終了", "はい"]))
    after = desk.store.last_commit()
    with pytest.raises(ConfigError, match="もう一度取り込んで"):
        desk.apply(late)
    assert (desk.rows()["V-1"]["status"], desk.store.last_commit()) == ("ended", after)


def test_good_rows_are_entered_and_bad_ones_are_kept_as_rejects_without_their_content(desk: Desk) -> None:
    desk.enter(vendors(VENDOR, [*OTHER_VENDOR[:4], "T9", "候補", "いいえ"]))
    with desk.store.read() as tx:
        [reject] = tx.rejects.of_run(desk.rows()["V-1"]["run_id"])
    assert (reject.part, reject.line, reject.column, reject.reason) == ("委託先", 3, "E", "must be one of T1, T2, T3")


def test_the_ledger_tells_each_company_what_was_edited_and_no_more(desk: Desk) -> None:
    desk.enter(vendors(VENDOR, ["KAEDE", *OTHER_VENDOR[1:]]))
    desk.enter(vendors([*VENDOR[:5], "停止中", "はい"]))
    assert [(leaf["kind"], leaf["added"], leaf["changed"]) for leaf in desk.leaves("tenken/AOI")] == [
        ("edited", 1, 0),
        ("edited", 0, 1),
    ]
    assert [(leaf["register"], leaf["added"]) for leaf in desk.leaves("tenken/KAEDE")] == [("vendors", 1)]


def test_the_ledger_names_the_sheet_by_a_commitment_and_the_editor_by_a_pseudonym(desk: Desk) -> None:
    desk.enter(vendors(VENDOR))
    [leaf] = desk.leaves("tenken/AOI")
    with desk.store.read() as tx:
        [held] = tx.objects.of_source("register:vendors")
    assert leaf["commitments"] == [commitment(bytes.fromhex(held.salt), bytes.fromhex(held.digest)).hex()]
    assert leaf["actor"] == pseudonym(desk.keys.secret, "AOI", desk.keys.person("worker_no", BY))


def test_the_ledger_holds_nothing_of_what_was_written_down(desk: Desk) -> None:
    desk.enter(vendors(VENDOR))
    told = json.dumps(desk.leaves("tenken/AOI"), ensure_ascii=False)
    assert not [word for word in (*VENDOR[1:5], BY, WHY, desk.keys.person("worker_no", BY)) if word in told]


def test_rows_of_no_single_company_are_told_to_the_group(desk: Desk) -> None:
    terms = [{"kind": "generic_purpose", "term": "業務のため"}]
    desk.apply(plan_rows(desk.store, catalogue()["vocabulary"], terms, desk.keys))
    assert [leaf["register"] for leaf in desk.leaves("tenken/group")] == ["vocabulary"]


def test_worker_numbers_are_never_kept(desk: Desk) -> None:
    approvals = catalogue()["approvals"]
    told = {**sample(approvals), "approved_by": "A-10077", "requested_by": "A-10078"}
    desk.apply(plan_rows(desk.store, approvals, [told], desk.keys))
    [version] = entered(desk.store, approvals)
    assert version.values["approved_by"] == desk.keys.person("worker_no", "A-10077")
    assert b"A-1007" not in content_of(desk.vault, Digest(version.object))


@pytest.mark.parametrize("name", ["approvals", "book_entries", "courses", "incidents", "account_owners"])
def test_what_a_program_enters_is_read_back_typed(desk: Desk, name: str) -> None:
    dataset, told = catalogue()[name], sample(catalogue()[name])
    desk.apply(plan_rows(desk.store, dataset, [told], desk.keys))
    [kept] = rows_as_of(desk.store, dataset)
    assert {column: kept[column] for column in told} == told


def test_an_edit_needs_somebody_and_a_reason(desk: Desk) -> None:
    planned = desk.plan(vendors(VENDOR))
    with pytest.raises(ConfigError, match="記入者と理由"):
        apply(planned, desk.store, desk.vault, desk.keys, by=BY, reason=" ")


def test_a_file_that_is_not_there_is_refused_by_name(desk: Desk) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.xlsx"):
        plan(desk.store, VENDORS, desk.folder / "nowhere.xlsx", desk.keys)
