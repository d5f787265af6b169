"""The book to begin with, as the notice tells it (notice.txt; domain.md §2.3)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from evidence.datasets import register
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.memory import MemoryVault
from registers.forms import form
from registers.imports import apply, plan
from registers.starting_book import ORDER, Given, rows, workbooks

GIVEN = Given("AOBA", "ADM", author="1001", owner="1002", published_on=date(2026, 4, 1))
COMMON = ["P01", "P02", "P03", "P04", "P05", "P06", "P07"]
CLIENT = ["P01", "P02", "P09", "P04", "P10", "P05", "P06", "P07"]
PURPOSES = {
    1: COMMON,
    2: [*COMMON, "P08"],
    3: CLIENT,
    4: CLIENT,
    5: ["P11", "P12", "P05"],
    6: ["P13"],
    7: ["P14", "P15", "P12", "P04", "P16"],
    8: ["P17", "P18", "P12", "P04", "P06", "P16"],
    9: ["P19"],
    10: ["P20", "P21"],
    11: ["P23"],
    12: [],
    13: ["P22"],
}
RECIPIENTS = {1: ["R1", "R2", "R3", "R4", "R5", "R6"], 2: ["R1"], 3: ["R7"], 4: ["R7"]}
UNSAID = """
provision_details retention_start retention_months retention_law use_until disposal volume foreign_route consent_ref
countries system_ids db_ids zone_ids vendor_ids notice_ref protection approved_by
entruster entrusted_work entruster_contract entruster_contact
"""
HISTORY = "取引・商談・接触履歴"


def entry(number: int) -> dict[str, Any]:
    return dict(rows("book_entries", GIVEN)[number - 1])


def by_id(name: str, key: str) -> dict[str, Any]:
    return {row[key]: row for row in rows(name, GIVEN)}


def import_all(folder: Path, store: Store, vault: MemoryVault, keys: Keys) -> list[tuple[int, int, int, int]]:
    """Import every workbook in order: what was added, changed, unchanged, refused."""
    told = []
    for name, (file, content) in zip(ORDER, workbooks(GIVEN).items(), strict=True):
        path = folder / file
        path.write_bytes(content)
        planned = plan(store, register(name), path, keys, companies=["AOBA"])
        apply(planned, store, vault, keys, by="1001", reason="台帳の作成開始")
        told.append((len(planned.added), len(planned.changed), planned.unchanged, len(planned.problems)))
    return told


def test_on_a_fresh_home_every_workbook_is_imported_whole(
    tmp_path: Path, store: Store, vault: MemoryVault, keys: Keys
) -> None:
    counts = [len(rows(name, GIVEN)) for name in ORDER]
    assert import_all(tmp_path, store, vault, keys) == [(count, 0, 0, 0) for count in counts]


def test_imported_twice_nothing_changes(tmp_path: Path, store: Store, vault: MemoryVault, keys: Keys) -> None:
    import_all(tmp_path, store, vault, keys)
    counts = [len(rows(name, GIVEN)) for name in ORDER]
    assert import_all(tmp_path, store, vault, keys) == [(0, 0, count, 0) for count in counts]


@pytest.mark.parametrize("name", ORDER)
def test_a_row_fills_columns_that_its_register_has(name: str) -> None:
    known = {field.name for field in form(register(name)).fields}
    assert {column for row in rows(name, GIVEN) for column in row} <= known


@pytest.mark.parametrize(("number", "codes"), PURPOSES.items())
def test_an_entry_has_the_purposes_of_the_notice(number: int, codes: list[str]) -> None:
    assert entry(number)["purposes"] == codes


@pytest.mark.parametrize("number", PURPOSES)
def test_an_entry_names_the_recipients_of_the_notice(number: int) -> None:
    told = entry(number)
    assert told.get("recipient_ids", []) == RECIPIENTS.get(number, [])
    assert (told["provided"] == "none") is (number not in RECIPIENTS)


@pytest.mark.parametrize("number", PURPOSES)
def test_what_the_notice_leaves_empty_stays_empty(number: int) -> None:
    assert [name for name in UNSAID.split() if entry(number).get(name)] == []


@pytest.mark.parametrize("number", PURPOSES)
def test_an_entry_is_a_draft_of_the_department_that_the_notice_is_the_ground_of(number: int) -> None:
    told = entry(number)
    assert (told["entry_id"], told["entry_version"]) == (f"AOBA-ADM-{number:04}", 1)
    assert (told["status"], told["provenance"]) == ("draft", "notice")
    assert (told["author_key"], told["owner_key"]) == ("1001", "1002")


@pytest.mark.parametrize(
    ("number", "first", "last", "scopes"),
    [
        pytest.param(3, date(2015, 10, 1), date(9999, 12, 31), ["S1"], id="since October 2015"),
        pytest.param(4, None, date(2015, 9, 30), ["S2"], id="before"),
    ],
)
def test_persons_of_clients_are_two_entries_by_the_day_of_collection(
    number: int, first: date | None, last: date, scopes: list[str]
) -> None:
    told = entry(number)
    assert (told["collected_from_on"], told["collected_to_on"], told["scope_ids"]) == (first, last, scopes)


@pytest.mark.parametrize(("number", "there"), [(3, True), (4, False)], ids=["since October 2015", "before"])
def test_only_what_was_collected_since_october_2015_shows_the_history(number: int, there: bool) -> None:
    assert (HISTORY in entry(number)["items"]) is there


@pytest.mark.parametrize(("scope", "there"), [("S1", True), ("S2", False)])
def test_only_the_younger_scope_shares_the_history(scope: str, there: bool) -> None:
    assert (HISTORY in by_id("shared_use_scopes", "scope_id")[scope]["items"]) is there


@pytest.mark.parametrize("scope", ["S1", "S2"])
def test_the_notice_names_a_manager_without_address_and_representative(scope: str) -> None:
    told = by_id("shared_use_scopes", "scope_id")[scope]
    assert told["manager"]
    assert (told.get("manager_address"), told["manager_complete"]) == (None, False)


def test_entrusted_data_is_not_open_to_requests() -> None:
    assert [number for number in PURPOSES if entry(number)["legal_class"] == "entrusted"] == [6]
    assert (entry(6)["dsar_scope"], bool(entry(6)["dsar_exclusion_reason"])) == (False, True)


def test_every_purpose_of_the_notice_is_published_with_its_wording() -> None:
    told = rows("purposes", GIVEN)
    assert {row["purpose_code"] for row in told} == {f"P{number:02}" for number in range(1, 24)}
    assert all(row["wording"] for row in told)
    assert {row["published_from_on"] for row in told} == {GIVEN.published_on}


@pytest.mark.parametrize("number", PURPOSES)
def test_the_purposes_of_an_entry_are_published_for_its_category(number: int) -> None:
    told = entry(number)
    published = {(row["category"], row["purpose_code"]) for row in rows("purposes", GIVEN)}
    [category] = told["subject_kinds"]
    assert {(category, code) for code in told["purposes"]} <= published


def test_the_recipients_are_the_nine_of_the_notice() -> None:
    assert [row["recipient_id"] for row in rows("recipients", GIVEN)] == [f"R{number}" for number in range(1, 10)]


@pytest.mark.parametrize("recipient", ["R1", "R3"])
def test_a_country_that_the_notice_does_not_name_is_not_japan(recipient: str) -> None:
    assert by_id("recipients", "recipient_id")[recipient]["country"] == "ZZ"


@pytest.mark.parametrize(
    ("kind", "term"),
    [
        ("generic_purpose", "社内利用"),
        ("retention_refused", "当面"),
        ("special_care", "健康診断"),
        ("special_care", "病歴"),
        ("my_number", "個人番号"),
    ],
)
def test_the_dictionaries_of_the_rules_are_there(kind: str, term: str) -> None:
    assert {"kind": kind, "term": term} in rows("vocabulary", GIVEN)
