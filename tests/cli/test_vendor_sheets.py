"""What is asked of vendors, and whom they work with, from the terminal."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import Tenken

VENDOR = {
    "会社": "AOBA",
    "部門": "AOBA-ADM",
    "委託先ID": "V-1",
    "委託先の名称": "みどり印刷",
    "委託先の区分": "T1(重要)",
}
APPROVAL = {
    "会社": "AOBA",
    "部門": "AOBA-ADM",
    "承認ID": "A-1",
    "委託先ID": "V-1",
    "再委託先": "S-1",
    "再委託する業務": "封入",
    "取扱いの方法": "専用室",
    "再委託先の国": "JP",
    "承認日": "2025-04-01",
    "承認者": "2",
    "有効期限": "9999-12-31",
    "同等条件の引継ぎ": "はい",
}
HEAD = {
    "監査の方法": "実地",
    "実施日": "2026-06-10",
    "報告日": "2026-06-20",
    "監査者": "1",
    "監査範囲の記載": "はい",
    "サンプル数": 3,
    "必要な項目のみの提供": "はい",
}
BY = ("--by", "1", "--reason", "定期監査")


def fill(path: Path, sheet: int, rows: Sequence[dict[str, Any]]) -> None:
    book = load_workbook(path)
    places = {str(cell.value).removesuffix(" ●"): n for n, cell in enumerate(book.worksheets[sheet][1], start=1)}
    for number, row in enumerate(rows, start=3):
        for header, value in row.items():
            book.worksheets[sheet].cell(number, places[header]).value = value
    book.save(path)


def enter(run: Tenken, folder: Path, name: str, row: dict[str, Any]) -> None:
    path = folder / f"{name}.xlsx"
    assert run("registers", "template", name, "--out", path).returncode == 0
    fill(path, 0, [row])
    told = run("registers", "import", name, path, *BY)
    assert told.returncode == 0, told.stderr


@pytest.fixture
def vendor(run: Tenken, tmp_path: Path) -> Path:
    """A home with one vendor, and a folder to send sheets from."""
    enter(run, tmp_path, "vendors", VENDOR | {"取引の状態": "取引中", "個人情報の取扱い": "はい"})
    return tmp_path


@pytest.fixture
def sheet(run: Tenken, vendor: Path) -> Path:
    path = vendor / "checklist.xlsx"
    told = run("registers", "audit-sheet", "V-1", "--out", path)
    assert (told.returncode, told.stdout.strip()) == (0, str(path)), told.stderr
    fill(path, 0, [HEAD])
    fill(path, 1, [{"回答": "○"}] * 24)
    return path


def test_a_checklist_goes_out_and_comes_back_once(run: Tenken, sheet: Path) -> None:
    first, again = (run("registers", "audit-result", sheet, *BY, "--json") for _ in range(2))
    assert [row["register"] for row in json.loads(first.stdout)] == ["vendor_audits", "vendor_evaluations"]
    assert "score 100 %, 0 questions open" in first.stderr
    assert (again.returncode, json.loads(again.stdout)) == (0, [])


def test_a_dry_run_of_a_checklist_writes_nothing(run: Tenken, sheet: Path) -> None:
    assert run("registers", "audit-result", sheet, *BY, "--dry-run").returncode == 0
    assert len(json.loads(run("registers", "audit-result", sheet, *BY, "--json").stdout)) == 2


def test_a_checklist_with_a_wrong_cell_is_exit_2_and_adds_nothing(run: Tenken, sheet: Path) -> None:
    fill(sheet, 1, [{"回答": "×"}])
    told = run("registers", "audit-result", sheet, *BY)
    assert (told.returncode, told.stdout) == (2, "")
    assert "row 3: column J(指摘)" in told.stderr
    fill(sheet, 1, [{"回答": "○"}])
    assert len(json.loads(run("registers", "audit-result", sheet, *BY, "--json").stdout)) == 2


def test_a_vendor_nobody_registered_is_named(run: Tenken, vendor: Path) -> None:
    told = run("registers", "audit-sheet", "V-9", "--out", vendor / "x.xlsx")
    assert (told.returncode, told.stdout) == (2, "")
    assert "V-9" in told.stderr


def test_the_tree_of_sub_vendors_is_told(run: Tenken, vendor: Path) -> None:
    enter(run, vendor, "sub_vendor_approvals", APPROVAL)
    [tree] = json.loads(run("registers", "sub-vendors", "--vendor", "V-1", "--json").stdout)
    [below] = tree["sub_vendors"]
    assert (tree["vendor_id"], tree["name"]) == ("V-1", "みどり印刷")
    assert (below["sub_vendor"], below["approval"], below["countries"]) == ("S-1", "valid", ["JP"])
    assert (below["sightings"], below["sub_vendors"]) == ([], [])


def test_the_tree_of_an_unknown_vendor_is_exit_2(run: Tenken, vendor: Path) -> None:
    assert run("registers", "sub-vendors", "--vendor", "V-9").returncode == 2
