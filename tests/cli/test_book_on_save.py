"""The rules of the management book when its sheet is imported: what is refused, what is taken and told, in which cell."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl.utils import get_column_letter

from collectors.collect import Collected
from evidence.datasets import catalogue
from house import day, desk, open_house
from registers.forms import form
from registers.sheets import export
from tests.cli.conftest import tenken
from tests.homes import copied

TODAY = datetime.now(ZoneInfo("Asia/Tokyo")).date()
LONG_AGO = TODAY - timedelta(days=800)
BOOK = catalogue()["book_entries"]
WHO = ["--by", "1", "--reason", "台帳の更新"]
SOUND: dict[str, Any] = {
    "company": "AOBA", "department": "D1", "entry_version": 1, "status": "approved", "process": "会員管理", "subject_kinds": ["会員"],
    "items": ["氏名"], "legal_class": "retained", "special_care": False, "my_number": False, "volume": 100,
    "volume_on": TODAY, "purposes": ["P01"], "acquisition": "ウェブ", "notice_ref": "第1版", "media": "electronic",
    "system_ids": ["S1"], "countries": ["JP"], "protection": "暗号化", "owner_key": "1", "access_group": "G1",
    "retention_start": "退会日", "retention_months": 36, "disposal": "erase", "provided": "none", "received": "なし",
    "usage_log_match": "none", "dsar_scope": True, "author_key": "2", "department_approved_by": "1",
    "department_approved_on": TODAY, "approved_by": "3", "approved_on": TODAY, "confirmed_on": TODAY, "next_due_on": TODAY,
}  # fmt: skip
UNSIGNED = {"status": "draft", "confirmed_on": None, "next_due_on": None} | dict.fromkeys(
    ("department_approved_by", "department_approved_on", "approved_by", "approved_on")
)
Acting = Callable[[str, int, str], "subprocess.CompletedProcess[str]"]
ENTRUSTED = {"legal_class": "entrusted", "entruster": "みなと商事", "entruster_contact": "みなと商事 情報管理窓口"}
GIVEN = {"provided": "consent", "recipient_ids": ["R1"], "consent_ref": "同意書", "provision_details": "氏名をウェブで"}
CARE = {"special_care": True, "special_care_kinds": ["病歴"], "special_care_basis": "同意"}
REGISTERS: dict[str, list[dict[str, Any]]] = {
    "purposes": [{"company": "AOBA", "purpose_code": "P01", "category": "会員", "published_from_on": LONG_AGO, "published_to_on": "9999-12-31", "generic": False}],
    "vocabulary": [{"kind": "special_care", "term": "病歴"}, {"kind": "my_number", "term": "個人番号"}],
    "systems": [
        {"company": "AOBA", "department": "D1", "system_id": "S1", "name": "会員管理", "owner_key": "1", "log_calendar": "daily",
         "log_retention_days": 365, "min_events_per_day": 0}
        | dict.fromkeys(("holds_personal_data", "requires_ticket", "requires_mfa", "internet_facing"), False),
    ],
    "recipients": [{"recipient_id": "R1", "name": "提供先", "recipient_class": "求人者", "country": "JP", "impaired": False}],
    "vendors": [{"company": "AOBA", "department": "D1", "vendor_id": "V1", "name": "委託先", "tier": "T1", "status": "ended", "handles_personal_data": True}],
    "shared_use_scopes": [
        {"company": "AOBA", "scope_id": "SC1", "scope_version": "1", "items": ["氏名"], "purposes": ["P01"], "manager_complete": True,
         "collected_from_on": LONG_AGO, "collected_to_on": "9999-12-31"},
    ],
}  # fmt: skip
ERRORS = [
    pytest.param("BK-01", "protection", {"protection": None}, id="BK-01 an empty cell"),
    pytest.param("BK-01", "entruster", {**ENTRUSTED, "entruster": None}, id="BK-01 entrusted by nobody"),
    pytest.param("BK-01", "entruster_contact", {**ENTRUSTED, "entruster_contact": None}, id="BK-01 nobody to notify"),
    pytest.param("BK-02", "purposes", {"purposes": ["P01", "P99"]}, id="BK-02 an unpublished purpose"),
    pytest.param("BK-03", "retention_months", {"retention_months": None}, id="BK-03 no period"),
    pytest.param("BK-04", "special_care", {"items": ["氏名", "病歴"]}, id="BK-04 hidden special care"),
    pytest.param("BK-05", "special_care_basis", {**CARE, "special_care_basis": None}, id="BK-05 no basis"),
    pytest.param("BK-06", "items", {"items": ["個人番号", "氏名"]}, id="BK-06 a mixed row"),
    pytest.param("BK-07", "recipient_ids", {**GIVEN, "recipient_ids": []}, id="BK-07 provided to nobody"),
    pytest.param("BK-08", "foreign_route", {"countries": ["US"]}, id="BK-08 abroad without a route"),
    pytest.param("BK-09", "vendor_ids", {"vendor_ids": ["V1"]}, id="BK-09 an ended vendor"),
    pytest.param("BK-10", "scope_ids", {"scope_ids": ["SC1"], "collected_from_on": LONG_AGO - timedelta(days=1)}, id="BK-10 collected before"),
    pytest.param("BK-11", "owner_key", {"owner_key": "9"}, id="BK-11 an owner who is no worker"),
    pytest.param("BK-12", "system_ids", {"system_ids": ["S9"]}, id="BK-12 an unknown system"),
    pytest.param("BK-13", "disposal", {"disposal": "shred"}, id="BK-13 a shredded disk"),
    pytest.param("BK-17", "consent_ref", {"usage_log_match": "third_party"}, id="BK-17 logs without consent"),
    pytest.param("BK-20", "esl_reason", {"esl_restricted": True}, id="BK-20 no reason"),
]  # fmt: skip
OF_APPROVED = [
    pytest.param("BK-15", "confirmed_on", {"confirmed_on": LONG_AGO}, id="BK-15 confirmed long ago"),
    pytest.param("BK-01", "approved_on", {"approved_on": None}, id="BK-01 no day of approval"),
    pytest.param("BK-11", "approved_by", {"approved_by": "2"}, id="BK-11 approved by its author"),
    pytest.param("BK-24", "provision_details", {**GIVEN, "provision_details": None}, id="BK-24 items not confirmed"),
]
WARNINGS = [
    pytest.param("BK-14", "volume_on", {"volume_on": LONG_AGO}, id="BK-14 counted long ago"),
    pytest.param("BK-16", "dsar_scope", ENTRUSTED, id="BK-16 entrusted in scope"),
    pytest.param("BK-18", "entry_id", {}, id="BK-18 no risks"),
    pytest.param("BK-19", "name", {"name": "基本の名簿"}, id="BK-19 a double"),
    pytest.param("BK-21", "media", {}, id="BK-21 no paper beside a paper store"),
    pytest.param("BK-23", "status", {"status": "abolished"}, id="BK-23 abolished without erasure"),
]
CASES: list[Any] = [param.values for param in (*ERRORS, *OF_APPROVED, *WARNINGS)]


@dataclass(frozen=True)
class Told:
    """What an import answered: its process, and the row of each entry."""

    done: subprocess.CompletedProcess[str]
    rows: Mapping[str, int]

    def of(self, entry: str, rule: str, column: str) -> bool:
        """Whether the rule is told at the cell of an entry, and with words."""
        fields = [field.name for field in form(BOOK).fields]
        place = f"row {self.rows[entry]}: column {get_column_letter(fields.index(column) + 1)}({BOOK.column(column).header}): {rule}: "
        return re.search(f"{re.escape(place)}.+ / .+", self.done.stderr) is not None

    def taken(self, entry: str) -> bool:
        """Whether an entry is among the rows that were added."""
        return entry in {row["key"][0] for row in json.loads(self.done.stdout)}


def entry(number: int, change: Mapping[str, Any]) -> dict[str, Any]:
    return SOUND | {"entry_id": f"AOBA-D1-{number:04}", "name": f"名簿 {number}"} | dict(change)


def key(rule: str, column: str) -> str:
    [number] = [n for n, case in enumerate(CASES, start=1) if case[:2] == (rule, column)]
    return entry(number, {})["entry_id"]  # type: ignore[no-any-return]


def sent(home: Path, name: str, rows: Sequence[Mapping[str, Any]]) -> Told:
    """Import rows of the book through the command line."""
    path = home.parent / f"{name}.xlsx"
    path.write_bytes(export(BOOK, rows))
    done = tenken(home, "registers", "import", "book_entries", path, *WHO, "--json")
    return Told(done, {row["entry_id"]: number for number, row in enumerate(rows, start=3)})


@pytest.fixture(scope="module")
def kept(made: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A home with a roster, the registers that a book speaks of, and one sound entry; and what importing that said."""
    folder = tmp_path_factory.mktemp("book")
    home = copied(made[0], folder / "home")
    house = open_house(home)
    people = [house.keys().person("worker_no", number) for number in ("1", "2", "3")]
    source = "companies: [AOBA]\nformat: {kind: json_lines}\ncompleteness: file\nzone: Asia/Tokyo\nmax_age_days: 3\n"
    rows: dict[str, list[dict[str, Any]]] = {
        "workers": [
            {"company": "AOBA", "department": "D1", "engagement_key": f"e{person}", "person_key": person, "kind": "regular", "hired_on": "2020-04-01",
             "handles_personal_data": True, "pledge_held_by_agency": False, "has_account": True}
            for person in people
        ],
        "org_units": [{"company": "AOBA", "department": "D1", "name": "営業部", "in_scope": True, "owns_paper_store": True}],
    }  # fmt: skip
    for name, told in rows.items():
        inbox = home / "inbox" / name
        inbox.mkdir(parents=True)
        (inbox / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in told), "utf-8")
        transport = f"transport: {{kind: local, folder: inbox/{name}, pattern: '*.jsonl'}}\n"
        (home / "sources" / f"{name}.yaml").write_text(f"name: {name}\ndataset: {name}\n{transport}{source}", "utf-8")
    house = open_house(home)
    collected = list(day.collect_day(house, TODAY, tuple(rows)))
    assert [one.rejected for one in collected if isinstance(one, Collected)] == [0, 0]
    for name, told in REGISTERS.items():
        path = folder / f"{name}.xlsx"
        path.write_bytes(export(catalogue()[name], told))
        assert not desk.import_register(house, name, path, "1", "初回登録").problems
    house.store.close()
    return home, sent(home, "base", [entry(0, {"name": "基本の名簿"})])


@pytest.fixture(scope="module")
def approved(kept: tuple[Path, Told]) -> Told:
    """What is said of a sheet with a broken approved entry for each rule."""
    edited = entry(0, {"name": "基本の名簿", "acquisition": "書面"})
    return sent(kept[0], "approved", [*(entry(n, case[2]) for n, case in enumerate(CASES, start=1)), edited])


@pytest.fixture(scope="module")
def drafts(kept: tuple[Path, Told], approved: Told) -> Told:
    """What is said of the same entries as drafts, under numbers of their own."""
    rows = (entry(n, {**case[2], "status": "draft", "entry_version": 2}) for n, case in enumerate(CASES, start=1))
    return sent(kept[0], "drafts", list(rows))


def test_a_sound_entry_is_taken(kept: tuple[Path, Told]) -> None:
    told = kept[1]
    assert (told.done.returncode, told.taken("AOBA-D1-0000")) == (0, True), told.done.stderr


@pytest.mark.parametrize(("rule", "column", "change"), [*ERRORS, *OF_APPROVED])
def test_an_approved_entry_that_breaks_a_rule_is_refused_at_its_cell(
    approved: Told, rule: str, column: str, change: Mapping[str, Any]
) -> None:
    assert approved.of(key(rule, column), rule, column), approved.done.stderr
    assert not approved.taken(key(rule, column))


def test_an_approved_entry_that_was_edited_is_refused_without_a_new_version(approved: Told) -> None:
    assert approved.of("AOBA-D1-0000", "BK-22", "acquisition"), approved.done.stderr
    assert not approved.taken("AOBA-D1-0000")


@pytest.mark.parametrize(("rule", "column", "change"), ERRORS)
def test_a_draft_that_breaks_a_rule_is_taken_and_told(
    drafts: Told, rule: str, column: str, change: Mapping[str, Any]
) -> None:
    assert drafts.of(key(rule, column), rule, column), drafts.done.stderr
    assert drafts.taken(key(rule, column))


@pytest.mark.parametrize(("rule", "column", "change"), OF_APPROVED)
def test_a_rule_about_the_approval_is_not_told_of_a_draft(
    drafts: Told, rule: str, column: str, change: Mapping[str, Any]
) -> None:
    assert not drafts.of(key(rule, column), rule, column)
    assert drafts.taken(key(rule, column))


@pytest.mark.parametrize(("rule", "column", "change"), WARNINGS)
def test_a_warning_is_told_and_the_approved_entry_taken(
    approved: Told, rule: str, column: str, change: Mapping[str, Any]
) -> None:
    assert approved.of(key(rule, column), rule, column), approved.done.stderr
    assert approved.taken(key(rule, column))


def test_a_sheet_leaves_with_2_only_for_rows_that_were_not_taken(approved: Told, drafts: Told) -> None:
    assert (approved.done.returncode, drafts.done.returncode) == (2, 0)


def test_of_entries_that_are_not_in_the_sheet_nothing_is_told(kept: tuple[Path, Told], drafts: Told) -> None:
    told = sent(kept[0], "one", [entry(100, {"status": "draft"})])
    assert set(re.findall(r"row (\d+)", told.done.stderr)) == {"3"}


@pytest.fixture(scope="module")
def handed_in(kept: tuple[Path, Told], drafts: Told, tmp_path_factory: pytest.TempPathFactory) -> Acting:
    """A sound draft, and one whose provided items nobody confirmed, in a home of their own."""
    home = copied(kept[0], tmp_path_factory.mktemp("acts") / "home")
    unconfirmed = {**GIVEN, "provision_details": None}
    told = sent(
        home, "acts", [entry(n, {**case, **UNSIGNED}) for n, case in ((201, {}), (202, unconfirmed), (203, {}))]
    )
    assert told.done.returncode == 0, told.done.stderr

    def act(verb: str, number: int, by: str) -> subprocess.CompletedProcess[str]:
        return tenken(home, "registers", verb, "book_entries", f"AOBA-D1-{number:04}/1", "--by", by, "--reason", "確認")

    return act


def test_a_sound_draft_goes_the_whole_way(handed_in: Acting) -> None:
    way = [("submit", "2"), ("approve", "3"), ("approve", "3"), ("confirm", "1"), ("retire", "3")]
    done = [handed_in(verb, 201, by) for verb, by in way]
    assert [one.returncode for one in done] == [0] * 5, [one.stderr for one in done]
    assert [one.stdout.split()[-1] for one in done] == ["submitted", "submitted", "approved", "approved", "retired"]


def test_an_entry_whose_provided_items_are_not_confirmed_is_not_approved(handed_in: Acting) -> None:
    before = [handed_in(verb, 202, by).returncode for verb, by in (("submit", "2"), ("approve", "3"))]
    done = handed_in("approve", 202, "3")
    assert (before, done.returncode, "BK-24" in done.stderr) == ([0, 0], 2, True), done.stderr
    assert "個人情報管理台帳 AOBA-D1-0202/1: " in done.stderr


@pytest.mark.parametrize("by", ["1", "2"], ids=["who typed it in", "the author"])
def test_who_wrote_an_entry_is_told_to_let_another_person_sign(handed_in: Acting, by: str) -> None:
    handed_in("submit", 203, "2")
    done = handed_in("approve", 203, by)
    assert (done.returncode, "who wrote the row" in done.stderr) == (2, True), done.stderr
