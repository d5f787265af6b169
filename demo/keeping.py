"""How things are kept: whose they are, counted, locked up, written to under an approval, erased when they are due."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from demo.days import ago, at
from demo.group import COMPANIES, Group
from demo.systems import machine
from demo.values import Cell, Device, MediaWrite, Worker

DESK = {"AOI": "AOI-CSC", "MID": "MID-SUP"}
WORK = {"AOI": "SYS-CRM", "MID": "SYS-WMS"}
LOCKED_FOR = timedelta(days=92)
GONE = ("lost", "disposed")


def build(group: Group) -> None:
    """Fill both companies' writes to media and erasures, all in order."""
    for company in COMPANIES:
        writer = group.engagement(group.posts[f"{company}-ADM", "deputy"], company)
        for days in (47, 33, 19, 5):
            stick = medium(group, company)
            approve_write(group, writer, (stick.id,))
            put_on(group, writer, at(ago(days), 14), stick.id)
        book = group.row("book_entries", company=company, status="approved", media="paper")
        contract = group.row("vendor_contracts", company=company)
        asked = request(group, company, ago(70))
        erase(group, company, "retention", str(book["entry_id"]), ago(40))
        erase(group, company, "contract_end", str(contract["contract_id"]), ago(100))
        erase(group, company, "request", asked, ago(45))


def complete(group: Group) -> None:
    """Give owner, count and lock to all that has none, after everything that is kept is there."""
    for device in [d for d in group.devices.values() if d.status not in GONE]:
        if device.owner is None and device.status != "stored":
            group.devices[device.id] = replace(device, owner=_responsible(group, device.department))
    counted = {row["device_id"] for row in group.rows("stock_counts")}
    locked = {(row["subject_kind"], row["subject"]) for row in group.rows("attestations", control_id="PHY-2-04")}
    for device in _kept(group):
        if device.id not in counted:
            count(group, device, ago(60 if device.kind == "media" else 110))
        if device.portable and ("device", device.id) not in locked:
            confirm_lock(group, device.company, device.department, "device", device.id, ago(25))
    for store in [row for row in group.rows("data_stores") if row["zone_id"] and ("store", row["db_id"]) not in locked]:
        confirm_lock(group, str(store["company"]), str(store["department"]), "store", str(store["db_id"]), ago(25))


def _kept(group: Group) -> Iterable[Device]:
    return [d for d in sorted(group.devices.values(), key=lambda d: d.id) if d.status not in GONE]


def _responsible(group: Group, department: str) -> str:
    """Who answers for what nobody has of one's own: the deputy, or the manager when that one has left."""
    deputy, manager = group.posts[department, "deputy"], group.posts[department, "dept_privacy_manager"]
    return manager if group.engagement(deputy).left_on else deputy


def count(group: Group, device: Device, day: date, **fields: Cell) -> None:
    """Count a device where the inventory places it, before a witness; fields override."""
    admin = f"{device.company}-ADM"
    row: dict[str, Cell] = {
        "company": device.company,
        "department": admin,
        "count_id": f"SC-{device.company}-{day:%Y%m%d}",
        "device_id": device.id,
        "site": device.site,
        "counted_on": day,
        "found": True,
        "counted_by": group.posts[admin, "deputy"],
        "witnessed_by": group.posts[admin, "dept_privacy_manager"],
        "explanation": None,
    }
    group.add("stock_counts", **(row | fields))


def answer(group: Group, control: str, question: str, company: str, department: str, day: date, **fields: Cell) -> None:
    """Let a department's manager answer yes about a thing; fields name it and override."""
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "attestation_id": group.number("attestation", "ATT-{:04d}"),
        "control_id": control,
        "question": question,
        "question_version": "1",
        "answer": "yes",
        "fact": "現物を確認した",
        "evidence": (),
        "answered_by": group.posts[department, "dept_privacy_manager"],
        "answered_at": at(day, 11),
        "expires_on": ago(-180),
    }
    group.add("attestations", **(row | fields))


def confirm_lock(
    group: Group, company: str, department: str, kind: str, thing: str, day: date, said: str = "yes"
) -> None:
    """Let a department's manager say, for a quarter, whether a thing is locked up."""
    told: dict[str, Cell] = {"subject_kind": kind, "subject": thing, "answer": said, "expires_on": day + LOCKED_FOR}
    answer(group, "PHY-2-04", "locks", company, department, day, **told)


def medium(group: Group, company: str, **fields: object) -> Device:
    """Put an approved, encrypted medium into the inventory; fields override."""
    told: dict[str, object] = {"kind": "media", "hosts": ()}
    return machine(group, group.number("stick", "54{:04d}"), company, f"{company}-ADM", **(told | fields))


def approve_write(group: Group, writer: Worker, things: tuple[str, ...], **fields: Cell) -> None:
    """Approve the writes of a person to a medium, or from a terminal; fields override."""
    by = group.posts[f"{writer.company}-ADM", "dept_privacy_manager"]
    group.approve("media_write", writer.company, by, writer.no, things, **fields)


def put_on(group: Group, writer: Worker, moment: datetime, stick: str | None, **fields: Any) -> MediaWrite:
    """Let a person write three files to a medium from the own machine; fields override."""
    system = WORK[writer.company]
    told: dict[str, Any] = {
        "id": group.number("write", "MW-{:04d}"),
        "at": moment,
        "company": writer.company,
        "department": writer.department,
        "terminal": f"DV-{writer.no[1:]}",
        "system": system,
        "login": group.login(writer, system),
        "medium": stick,
    }
    written = MediaWrite(**(told | fields))
    group.writes.append(written)
    return written


def erase(group: Group, company: str, reason: str, thing: str, due: date, **fields: Cell) -> str:
    """Write an erasure done the day before it was due, confirmed within the week by who answers; fields override."""
    admin = f"{company}-ADM"
    number = group.number("erasure", "ER-{:04d}")
    owners = [
        row["owner_key"] for row in group.rows("book_entries", company=company, entry_id=thing, status="approved")
    ]
    row: dict[str, Cell] = {
        "company": company,
        "department": admin,
        "erasure_id": number,
        "reason": reason,
        "ref_id": thing,
        "due_on": due,
        "done_on": due - timedelta(days=1),
        "method": "論理消去と上書き",
        "count_before": 80,
        "count_after": 0,
        "backup_expires_on": due + timedelta(days=60),
        "confirmed_by": owners[-1] if owners else group.posts[admin, "dept_privacy_manager"],
        "confirmed_on": due + timedelta(days=5),
    }
    group.add("erasures", **(row | fields))
    return number


def request(group: Group, company: str, decided: date, **fields: Cell) -> str:
    """Write a request for erasure that was granted and carried out in time; fields override."""
    desk = DESK[company]
    number = group.number("request", "REQ-{:04d}")
    arrived = decided - timedelta(days=4)
    row: dict[str, Cell] = {
        "company": company,
        "department": desk,
        "request_id": number,
        "arrived_on": arrived,
        "registered_on": arrived,
        "channel": "web",
        "action": "erase",
        "subject_key": f"S-{number}",
        "requester": "principal",
        "documents_received": False,
        "documents": (),
        "identity": "ok",
        "identity_judged_at": at(arrived + timedelta(days=1), 10),
        "handler_key": group.posts[desk, "deputy"],
        "decision": "granted",
        "decided_on": decided,
        "approved_by": group.posts[desk, "dept_privacy_manager"],
        "notice_method": "e_mail",
        "responded_on": decided,
        "reason_sent": False,
        "done_on": decided + timedelta(days=20),
        "done_evidence": (),
        "fee": 0,
        "closed_on": decided + timedelta(days=30),
    }
    group.add("requests", **(row | fields))
    return number
