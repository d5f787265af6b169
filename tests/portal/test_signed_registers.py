"""Who signs a row of a register by browser, and that no sheet does it for them."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from evidence.datasets import Dataset, register
from house import within
from registers import sheets
from tests.portal import conftest
from tests.portal.gate import PASSED_ON
from tests.portal.served import Served, Visitor, key
from tests.portal.sheets import (
    SUBS,
    advanced,
    brought,
    cell,
    content,
    counts,
    keys,
    page_of,
    rows,
    seen,
    sent_as_seen,
    workbook,
)
from tests.test_measured import AUDIT

door = conftest.own_door


def test_a_row_is_handed_in_by_one_and_signed_by_another(door: Served) -> None:
    operator, officer = door.visitor("107"), door.visitor("103")
    told = sheets.export(register("sub_vendor_approvals"), [{**PASSED_ON, "approval_id": "S-1"}])
    assert counts(brought(operator, SUBS, told)) == [1, 0, 0, 0]
    path = page_of(operator, SUBS, "S-1", "?show=waiting")

    def act(who: Visitor, what: str) -> int:
        return advanced(who, path, what)

    assert act(officer, "approve") == 422, "nobody handed it in"
    assert act(operator, "submit") == 303
    assert act(operator, "approve") == 404, "that is for an approver"
    assert rows(door.house, "sub_vendor_approvals") == {}
    assert act(officer, "approve") == 303
    assert rows(door.house, "sub_vendor_approvals")["S-1"]["approved_by"] == key(door.house, "103")
    assert act(operator, "retire") == 404
    assert act(officer, "retire") == 303
    assert keys(operator.get(SUBS).text, SUBS) == []


SIGNED = {"approved_by": "103", "approved_on": date(2026, 3, 4)}


def test_no_sheet_says_that_somebody_else_signed(door: Served) -> None:
    """Neither of a new row, nor of one that waits, nor that one is over; the row beside it counts."""
    operator, officer = door.visitor("107"), door.visitor("103")
    dataset = register("sub_vendor_approvals")
    draft, waits = ({**PASSED_ON, "approval_id": name} for name in ("S-1", "S-2"))
    assert counts(brought(operator, SUBS, sheets.export(dataset, [draft | SIGNED, waits]))) == [1, 0, 0, 1]
    assert counts(brought(operator, SUBS, sheets.export(dataset, [waits | SIGNED]))) == [0, 0, 0, 1]
    assert rows(door.house, "sub_vendor_approvals") == {}
    path = page_of(operator, SUBS, "S-2", "?show=waiting")
    assert [advanced(operator, path, "submit"), advanced(officer, path, "approve")] == [303, 303]
    signed = workbook(operator, SUBS)
    assert counts(brought(operator, SUBS, content(signed))) == [0, 0, 1, 0]
    cell(signed, "S-2", "承認日").value = date(2026, 3, 3)
    assert counts(brought(operator, SUBS, content(signed))) == [0, 0, 0, 1]


@pytest.mark.parametrize("status", ["施行中", "旧版"])
def test_no_sheet_makes_a_document_hold_or_ends_it(door: Served, status: str) -> None:
    paper = {
        "company": "AOBA", "document_code": "POLICY", "document_version": "1", "status": "draft", "author_key": "107",
    }  # fmt: skip
    operator, dataset = door.visitor("107"), register("documents")
    filled = {one.name: paper.get(one.name) for one in dataset.columns}
    draft = sheets.export(dataset, [filled])
    book = openpyxl.load_workbook(io.BytesIO(draft))
    for header, value in {
        "状態": status,
        "承認者": "103",
        "承認日": date(2026, 3, 4),
        "施行日": date(2026, 3, 4),
    }.items():
        cell(book, "POLICY", header).value = value
    path = "/AOBA/registers/documents"
    assert counts(brought(operator, path, content(book)))[:2] == [0, 0]
    assert counts(brought(operator, path, draft))[:2] == [1, 0]


@pytest.mark.parametrize("name", ["waivers", "attestations", "findings"])
def test_what_somebody_did_is_said_by_no_sheet(door: Served, name: str) -> None:
    operator, before = door.visitor("107"), rows(door.house, name)
    path = f"/AOBA/registers/{name}"
    assert 'type="file"' not in operator.get(path).text
    assert brought(operator, path, sheets.export(register(name), [])).status_code == 422
    assert rows(door.house, name) == before


def test_nobody_signs_what_they_were_not_shown(door: Served) -> None:
    """The operator brings other content while the officer looks at the page."""
    operator, officer, dataset = door.visitor("107"), door.visitor("103"), register("sub_vendor_approvals")
    sheet = {**PASSED_ON, "approval_id": "S-1"}
    assert counts(brought(operator, SUBS, sheets.export(dataset, [sheet]))) == [1, 0, 0, 0]
    path = page_of(operator, SUBS, "S-1", "?show=waiting")
    assert advanced(operator, path, "submit") == 303
    version = seen(officer, path)
    assert counts(brought(operator, SUBS, sheets.export(dataset, [sheet | {"sub_vendor": "別の会社"}]))) == [0, 1, 0, 0]
    assert advanced(operator, path, "submit") == 303
    assert sent_as_seen(officer, path, "approve", version) == 422
    assert sent_as_seen(officer, path, "approve", "") == 422
    assert rows(door.house, "sub_vendor_approvals") == {}


def test_a_row_that_was_ended_does_not_rise_again_signed(door: Served) -> None:
    operator, officer, dataset = door.visitor("107"), door.visitor("103"), register("sub_vendor_approvals")
    sheet = {**PASSED_ON, "approval_id": "S-1"}
    brought(operator, SUBS, sheets.export(dataset, [sheet]))
    path = page_of(operator, SUBS, "S-1", "?show=waiting")
    told = [advanced(who, path, act) for who, act in ((operator, "submit"), (officer, "approve"), (officer, "retire"))]
    assert told == [303, 303, 303]
    assert (
        brought(
            operator, SUBS, without_signatures(dataset, sheet | {"sub_vendor": "別の会社"}), name="a.csv"
        ).status_code
        == 200
    )
    assert rows(door.house, "sub_vendor_approvals") == {}


def test_what_was_signed_keeps_its_days(door: Served) -> None:
    """A first day ahead would let nobody end it, a last day behind would end it."""
    operator, officer, dataset = door.visitor("107"), door.visitor("103"), register("sub_vendor_approvals")
    sheet = {**PASSED_ON, "approval_id": "S-1"}
    brought(operator, SUBS, sheets.export(dataset, [sheet]))
    path = page_of(operator, SUBS, "S-1", "?show=waiting")
    assert [advanced(operator, path, "submit"), advanced(officer, path, "approve")] == [303, 303]
    before = rows(door.house, "sub_vendor_approvals")
    for column, day_on in (("valid_from_on", date(2099, 1, 1)), ("valid_to_on", date(2026, 3, 1))):
        told = without_signatures(dataset, sheet | {column: day_on})
        assert counts(brought(operator, SUBS, told, name="a.csv")) == [0, 0, 0, 1]
    assert rows(door.house, "sub_vendor_approvals") == before


def without_signatures(dataset: Dataset, row: dict[str, Any]) -> bytes:
    """A sheet that does not have the columns of signatures."""
    told = {name: value for name, value in row.items() if name not in ("approved_by", "approved_on")}
    cells = [("はい" if value is True else "" if value is None else str(value)) for value in told.values()]
    return f"{','.join(told)}\n{','.join(cells)}\n".encode("utf-8-sig")


OF_OTHERS: dict[str, tuple[str, dict[str, Any]]] = {  # rows in which all is well, and who in them did something
    "appointments": ("appointed_by", {
        "appointment_id": "P-9", "role": "auditor", "person_key": "106", "appointed_on": date(2026, 3, 1),
        "ends_on": date(9999, 12, 31),
    }),
    "vendor_audits": ("auditor_key", AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-9"}),
    "management_reviews": ("signed_by", {
        "review_id": "M-1", "held_on": date(2026, 3, 1), "inputs": ["audit_results"], "decisions": 1,
        "decisions_tracked": 1,
    }),
    "document_elements": ("confirmed_by", {
        "element_key": "POLICY-1-窓口", "document_code": "POLICY", "document_version": "1", "element": "窓口",
    }),
}  # fmt: skip


def signed_by(number: str | None, name: str) -> bytes:
    """A sheet with a row that this person did, confirmed or signed; None: nobody yet."""
    column, told = OF_OTHERS[name]
    dataset = register(name)
    row = {one.name: told.get(one.name) for one in dataset.columns} | {"company": "AOBA", column: number}
    return sheets.export(dataset, [row])


@pytest.mark.parametrize("name", OF_OTHERS)
def test_no_sheet_says_what_somebody_else_did(door: Served, name: str) -> None:
    before = rows(door.house, name)
    assert counts(brought(door.visitor("107"), f"/AOBA/registers/{name}", signed_by("109", name))) == [0, 0, 0, 1]
    assert rows(door.house, name) == before


@pytest.mark.parametrize(
    ("name", "number"),
    [*((name, "107") for name in OF_OTHERS), ("management_reviews", None), ("document_elements", None)],
)
def test_control_the_same_row_is_taken_of_who_did_it_or_where_nobody_did_yet(
    door: Served, name: str, number: str | None
) -> None:
    before = rows(door.house, name)
    assert counts(brought(door.visitor("107"), f"/AOBA/registers/{name}", signed_by(number, name))) == [1, 0, 0, 0]
    [added] = [row for row in rows(door.house, name).values() if row not in before.values()]
    assert added[OF_OTHERS[name][0]] == (number and key(door.house, number))


@pytest.mark.parametrize("name", OF_OTHERS)
def test_control_without_the_look_at_who_did_it_the_row_of_somebody_else_is_taken(
    door: Served, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(within, "_of_others", lambda *_: None)
    assert counts(brought(door.visitor("107"), f"/AOBA/registers/{name}", signed_by("109", name))) == [1, 0, 0, 0]
