"""What the notices say is right but for what is planted: POL-03 done again here by hand over the same values."""

from typing import Any

import pytest

from demo.days import AS_OF
from demo.group import COMPANIES, Group
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

# fmt: off
ITEMS = {
    "名称", "住所", "代表者名", "全利用目的", "手続", "手数料", "安全管理措置", "苦情申出先", "認定団体と申出先", "任意性",
    "提供しない場合の結果",
}
ACTIONS = {
    "notice_purpose", "disclose", "correct", "add", "remove", "stop_use", "erase", "stop_provision", "disclose_provision_record",
}
# fmt: on
Rows = list[dict[str, Any]]


def _planned(plan: Plan) -> set[tuple[str, str | None]]:
    return {(one.company, one.aspect) for one in plan.planted if one.control == "POL-03" and not one.near_miss}


def _stated(group: Group, company: str) -> Rows:
    held = {
        (row["document_code"], row["document_version"])
        for row in group.rows("documents", company=company, status="effective")
        if row["document_code"] in ("POLICY", "NOTICE")
    }
    rows: Rows = list(group.rows("document_elements", company=company))
    return [row for row in rows if (row["document_code"], row["document_version"]) in held]


def _values(rows: Rows, element: str) -> set[Any]:
    return {row["value"] for row in rows if row["element"] == element}


def _unpublished(group: Group, company: str) -> bool:
    told: Rows = list(group.rows("purposes", company=company))
    published = {
        (row["purpose_code"], row["category"])
        for row in told
        if row["published_from_on"] <= AS_OF <= row["published_to_on"]
    }
    entries: Rows = list(group.rows("book_entries", company=company, status="approved"))
    return any(
        not any((code, kind) in published for kind in entry["subject_kinds"])
        for entry in entries
        for code in entry["purposes"]
    )


def _lacking(group: Group, company: str) -> set[str]:
    """The parts of the notice that are wrong."""
    rows = _stated(group, company)
    confirmed = [row for row in rows if row["confirmed_by"]]
    laws: Rows = list(group.rows("legal_references"))
    force = [row for row in laws if row["in_force_from_on"] <= AS_OF <= row["in_force_to_on"]]
    valid = {row["citation"] for row in force if row["current_citation"] == row["citation"]}
    parts = {
        "items": ITEMS - {row["element"] for row in confirmed},
        "actions": ACTIONS - _values(confirmed, "請求種別"),
        "citation": _values(rows, "条番号") - valid,
        "reference": _values(rows, "参照") - {row["clause_ref"] for row in rows},
        "address": _values(rows, "住所") - {group.row("companies", company=company)["address"]},
        "purposes": _unpublished(group, company),
        "read_through": not any(_read(row) for row in group.rows("attestations", company=company, control_id="POL-03")),
    }
    return {part for part, wrong in parts.items() if wrong}


def _read(row: Any) -> bool:
    days = (AS_OF - row["answered_at"].date()).days
    return bool(row["answer"] == "yes" and days <= 365 and row["expires_on"] >= AS_OF)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_parts_of_the_notices_are_wrong(seed: int) -> None:
    group, plan = world(seed)
    bad = {(company, part) for company in COMPANIES for part in _lacking(group, company)}
    assert bad == _planned(plan)
