"""A home in which canaries are planted wherever a system or a person writes something."""

import json
import os
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from evidence import settings
from evidence.clock import StandingClock
from evidence.datasets import catalogue
from evidence.store.values import RegisterVersion
from house import House, furnish
from tests.canaries.search import CANARIES, WRITTEN
from tests.notices.homes import DAY, FAR, at

CODE, OTHER = "AOI", "MID"
NUMBER, COLLEAGUE = CANARIES["an employee number"], "W904172"
JUDGED = (
    "HUM-01", "ORG-2-02", "ORG-2-04", "ORG-4-06", "ORG-5-04", "PHY-2-01", "PHY-3-01", "REQ-05", "TEC-2-01", "TEC-3-04",
    "VEN-05",
)  # fmt: skip
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "workers": [
        {"department": "営業部", "engagement_key": f"{number}-1", "person_key": number, "kind": "regular",
         "hired_on": "2020-04-01", "handles_personal_data": "true", "pledge_held_by_agency": "false", "has_account": "true"}
        for number in (NUMBER, COLLEAGUE, "W904173")
    ],
    "training": [
        {"department": "営業部", "training_key": NUMBER, "person_key": NUMBER, "course": "PI", "content_version": WRITTEN,
         "kind": "annual", "completed_on": "2025-01-01", "occurred_on": "2025-01-01", "passed": "true", "method": "classroom"}
    ],
    "devices": [
        {"department": "営業部", "device_id": f"PC-{name}", "kind": "pc", "portable": "true", "owner_key": NUMBER,
         "site": CANARIES["an address"], "status": "in_use", "aliases": [CANARIES["a login"]], "encryption": "off",
         "approved_model": "true", "serial": WRITTEN}
        for name in (CANARIES["an employee number"], CANARIES["a login"], "1")
    ],
    "accounts": [
        {"account_key": f"SYS-A/{CANARIES['a login']}", "account_id": CANARIES["a login"], "system_id": "SYS-A",
         "kind": "personal", "enabled": "true", "external_company": WRITTEN}
    ],
    "access_events": [
        {"event_key": "1", "system_id": "SYS-A", "account_key": f"SYS-A/{CANARIES['a login']}", "action": "login_ok",
         "operation": f"Mozilla/5.0 {CANARIES['a mail address']}", "target": f"/home/{CANARIES['a login']}/{WRITTEN}.csv",
         "result": "ok", "site": CANARIES["a phone number"], "purpose": WRITTEN, "source_ip": "192.0.2.7",
         "subject_keys": [CANARIES["a customer's name"]], "occurred_at": f"{DAY}T10:00:00+09:00"}
    ],
    "security_events": [
        {"signal_id": f"S-{CANARIES['a login']}", "kind": "malware", "severity": "critical", "text": WRITTEN,
         "occurred_at": f"{DAY}T11:00:00+09:00"}
    ],
}  # fmt: skip
MOMENT = datetime.fromisoformat(f"{DAY}T09:00:00+09:00").isoformat()
REGISTERS: Mapping[str, dict[str, Any]] = {
    "findings": {
        "department": "営業部", "finding_id": "F-1", "origin": "automatic", "severity": "high", "raised_on": "2026-03-01",
        "content": WRITTEN, "cause": WRITTEN, "correction": f"{CANARIES['a name']}が是正", "prevention": WRITTEN,
    },
    "waivers": {
        "waiver_id": "WV-1", "control_id": "PHY-2-01", "reason": WRITTEN, "approved_by": COLLEAGUE,
        "approved_on": "2026-03-01", "expires_on": "2026-06-30", "subject": f"PC-{CANARIES['a login']}",
    },
    "attestations": {
        "attestation_id": "AT-1", "control_id": "PHY-1-01", "question": "Q", "question_version": "1",
        "subject_kind": "company", "subject": CODE, "answer": "yes", "fact": WRITTEN, "evidence": [],
        "answered_by": COLLEAGUE, "answered_at": MOMENT, "expires_on": "2027-03-31",
    },
    "complaints": {
        "department": "営業部", "complaint_id": f"CP-{CANARIES['My Number']}", "arrived_on": "2026-03-02",
        "arrived_at": MOMENT, "class": "purpose", "cause": WRITTEN,
    },
    "take_outs": {
        "department": "営業部", "take_out_id": "TO-1", "carrier_key": NUMBER, "content": WRITTEN, "out_at": MOMENT,
        "due_back_on": "2026-03-31", "device_id": f"PC-{CANARIES['a login']}",
    },
    "triages": {
        "triage_id": "TR-1", "signal_kind": "security_event", "signal_id": f"S-{CANARIES['a login']}",
        "triaged_at": MOMENT, "triaged_by": COLLEAGUE, "is_incident": False, "reason": WRITTEN,
    },
    "stock_counts": {
        "department": "営業部", "count_id": "SC-1", "device_id": f"PC-{CANARIES['a login']}",
        "site": CANARIES["an address"], "counted_on": "2026-03-30", "found": False, "counted_by": COLLEAGUE,
        "explanation": WRITTEN,
    },
    "vendors": {
        "department": "総務部", "vendor_id": "V-1", "name": "架空印刷", "tier": "T2", "status": "active",
        "handles_personal_data": True, "items": ["氏名"], "work": WRITTEN,
    },
}  # fmt: skip
KNOWN_BY = {
    "name": ("a name", "a name in kana"),
    "mail": ("a mail address",),
    "login": ("a login",),
}


def plant(home: Path) -> House:
    """The home, with what lies in its inboxes and registers; nothing collected yet."""
    settings.write(home, "架空グループ", [(CODE, "株式会社葵"), (OTHER, "株式会社緑")])
    with (home / "settings.yaml").open("a", encoding="utf-8") as file:
        hold = {"retention": {"holds": [{"reason": WRITTEN, "dataset": "leaves"}]}}
        file.write(json.dumps(hold, ensure_ascii=False)[1:-1] + "\n")
    house = furnish(home, StandingClock(at("20:00")))
    for name, rows in ROWS.items():
        _deliver(home, name, rows)
    _deliver(home, "leaves", [{"department": "営業部", "leave_key": WRITTEN, "person_key": WRITTEN, "kind": WRITTEN,
                               "leave_from_on": WRITTEN, "leave_to_on": WRITTEN}])  # fmt: skip
    _source(home, "postings", "postings", "*.csv")
    _put(home, f"postings/{CANARIES['a name']}.csv", f"department\n\x00{WRITTEN}\n".encode())
    person = house.keys().person
    told = [(kind, CANARIES[name]) for kind, names in KNOWN_BY.items() for name in names]
    with house.store.write() as tx:
        for number, (kind, identifier) in enumerate(told, start=1):
            values = {"identity_key": f"I{number}", "person_key": person("worker_no", NUMBER), "identifier_kind": kind,
                      "identifier": identifier, "basis": "source"}  # fmt: skip
            tx.registers.add(_version("person_identities", (f"I{number}",), values))
        for name, values in REGISTERS.items():
            keyed = {k: person("worker_no", v) if v in (NUMBER, COLLEAGUE) else v for k, v in values.items()}
            tx.registers.add(_version(name, tuple(str(values[k]) for k in catalogue()[name].key), keyed))
    return house


def _version(register: str, key: tuple[str, ...], values: Mapping[str, Any]) -> RegisterVersion:
    told = {"company": CODE, **values}
    return RegisterVersion(register, key, 1, told, date(2020, 4, 1), FAR, "p-editor", WRITTEN, "ab" * 32, None, 3)


def _deliver(home: Path, dataset: str, rows: list[dict[str, Any]]) -> None:
    _source(home, dataset, dataset, "*.jsonl")
    content = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    _put(home, f"{dataset}/{CANARIES['a name']}_{CANARIES['an employee number']}.jsonl", content.encode())


def _source(home: Path, name: str, dataset: str, pattern: str) -> None:
    kind = "json_lines" if pattern.endswith("jsonl") else "csv"
    told = {
        "name": name, "companies": [CODE], "zone": "Asia/Tokyo", "max_age_days": 3, "dataset": dataset,
        "format": {"kind": kind}, "transport": {"kind": "local", "folder": f"inbox/{name}", "pattern": pattern},
    }  # fmt: skip
    (home / "sources" / f"{name}.yaml").write_text(json.dumps(told), "utf-8")
    (home / "inbox" / name).mkdir(parents=True)


def _put(home: Path, name: str, content: bytes) -> None:
    path = home / "inbox" / name
    path.write_bytes(content)
    moment = (at("19:00") - timedelta(hours=1)).timestamp()
    os.utime(path, (moment, moment))
