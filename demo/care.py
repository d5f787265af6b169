"""Incidents, alerts and their first answers, findings, take-outs and disposals; all handled in time."""

from datetime import date, datetime, timedelta

from demo.days import AS_OF, SINCE, ago, at, is_open, open_days_after
from demo.group import COMPANIES, Group, day_of
from demo.systems import machine
from demo.values import Cell, Device, Signal

_CONTROLS = ("ORG-2-03", "PHY-1-03", "PHY-2-01", "TEC-1-02", "TEC-3-01", "ORG-1-04", "REQ-05", "HUM-05")


def build(group: Group) -> None:
    """Fill both companies' records of what went wrong and was put right."""
    for company in COMPANIES:
        _signals(group, company)
        _findings(group, company)
        _take_outs(group, company)
        for _ in range(2):
            dispose(group, company, ago(group.rng.randrange(30, 200)))
        complaint(group, company, at(ago(33), 10), "leak_suspected")
        complaint(group, company, at(ago(21), 15), "stop_mail")


def incident(group: Group, company: str, department: str, detected: datetime, **fields: Cell) -> str:
    """Write an incident that was told, judged and closed as it must be; not reportable unless fields say so."""
    number = group.number("incident", "INC-{:04d}")
    officer = group.posts[company, "cpo"]
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "incident_id": number,
        "occurred_on": day_of(detected),
        "detected_at": detected,
        "known_on": day_of(detected),
        "reported_to_owner_at": detected + timedelta(hours=2),
        "judged_at": detected + timedelta(hours=20),
        "judged_by": officer,
        "special_care": "no",
        "property_damage": "no",
        "wrongful_purpose": "no",
        "over_1000": "no",
        "encrypted": "yes",
        "persons_max": 3,
        "reportable": False,
        "privacy_mark_report": False,
        "as_processor": False,
        "preliminary_on": None,
        "final_on": None,
        "final_items_missing": 0,
        "follow_up_task": None,
        "individuals_notified_on": None,
        "notice_items": (),
        "alternative_measure": None,
        "entrusting_party_notified_on": None,
        "vendor_id": None,
        "vendor_noticed_at": None,
        "device_id": None,
        "signal_ids": (),
        "finding_ids": (),
        "closed_on": day_of(detected) + timedelta(days=10),
    }
    group.add("incidents", **(row | fields))
    return number


def triage(group: Group, company: str, kind: str, signal: str, moment: datetime, **fields: Cell) -> None:
    """Write the first answer to a signal: not an incident, with a reason; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "triage_id": group.number("triage", "TG-{:04d}"),
        "signal_kind": kind,
        "signal_id": signal,
        "triaged_at": moment,
        "triaged_by": group.posts[f"{company}-ADM", "deputy"],
        "is_incident": False,
        "incident_id": None,
        "reason": "調査の結果、漏えい等のおそれなし",
    }
    group.add("triages", **(row | fields))


def alert(group: Group, company: str, moment: datetime, kind: str, severity: str, host: str | None = None) -> Signal:
    """Write one alert about a known machine of the company."""
    host = host or group.steady_machine(company).hosts[0]
    signal = Signal(group.number("signal", "SIG-{:05d}"), moment, company, kind, severity, host, None, "検知")
    group.signals.append(signal)
    return signal


def _signals(group: Group, company: str) -> None:
    for day in [d for d in (SINCE + timedelta(days=n) for n in range(0, 58, 3)) if is_open(d)]:
        alert(group, company, at(day, 11, 20), "malware", group.rng.choice(("low", "medium")))
    for days in (52, 38, 17):
        moment = at(ago(days), 13, 5)
        signal = alert(group, company, moment, "malware", "high")
        triage(group, company, "security_event", signal.id, moment + timedelta(hours=3))
    moment = at(ago(26), 9, 40)
    signal = alert(group, company, moment, "intrusion", "critical")
    number = incident(group, company, f"{company}-ADM", moment + timedelta(hours=1), signal_ids=(signal.id,))
    triage(
        group, company, "security_event", signal.id, moment + timedelta(hours=1), is_incident=True, incident_id=number
    )


def complaint(group: Group, company: str, moment: datetime, kind: str, *, answered: bool = True) -> str:
    """Write a complaint, acknowledged and resolved; one that speaks of a leak is triaged unless told otherwise."""
    number = group.number("complaint", "CP-{:04d}")
    department = "AOI-CSC" if company == "AOI" else "MID-SUP"
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "complaint_id": number,
        "arrived_on": day_of(moment),
        "arrived_at": moment,
        "class": kind,
        "acknowledged_on": day_of(moment),
        "resolved_on": min(day_of(moment) + timedelta(days=5), AS_OF),
        "cause": "案内文の誤解",
    }
    group.add("complaints", **row)
    if kind == "leak_suspected" and answered:
        triage(group, company, "complaint", number, moment + timedelta(hours=4))
    return number


def finding(group: Group, company: str, department: str, raised: date, **fields: Cell) -> dict[str, Cell]:
    """Write a finding that was corrected in time and verified by somebody else; fields override."""
    manager, officer = group.posts[department, "dept_privacy_manager"], group.posts[company, "audit_officer"]
    set_on = open_days_after(raised, 5)
    completed = raised + timedelta(days=25)
    row: dict[str, Cell] = {
        "company": company,
        "department": department,
        "finding_id": group.number("finding", "F-{:04d}"),
        "origin": "audit",
        "control_id": None,
        "vendor_id": None,
        "severity": "medium",
        "raised_on": raised,
        "cause": "手順の周知不足",
        "correction": "手順書の改訂と再教育",
        "prevention": "手順書の改訂時の確認票",
        "owner_key": manager,
        "due_on": raised + timedelta(days=30),
        "due_set_on": set_on,
        "escalated_on": None,
        "suspension_decided_on": None,
        "completed_on": completed,
        "implemented_by": manager,
        "verified_on": completed + timedelta(days=60),
        "verified_by": officer,
        "effective": True,
        "closed_on": completed + timedelta(days=62),
    }
    return group.add("findings", **(row | fields))


UNDONE: dict[str, Cell] = {
    "completed_on": None,
    "implemented_by": None,
    "verified_on": None,
    "verified_by": None,
    "effective": None,
    "closed_on": None,
}
UNVERIFIED_YET: dict[str, Cell] = {"verified_on": None, "verified_by": None, "effective": None, "closed_on": None}


def _findings(group: Group, company: str) -> None:
    departments = [d.code for d in group.departments if d.company == company]
    for index, control in enumerate(_CONTROLS):
        raised = ago(group.rng.randrange(160, 330))
        finding(group, company, departments[index % len(departments)], raised, control_id=control)
    partner = next(group.rows("vendors", company=company, tier="T1"))
    finding(group, company, departments[0], ago(200), origin="vendor_audit", vendor_id=partner["vendor_id"])
    soon = open_days_after(AS_OF, -6)
    finding(group, company, departments[1], soon, due_set_on=open_days_after(soon, 2), due_on=ago(-24), **UNDONE)


def carry(group: Group, device: Device, out: datetime, back: date | None, **fields: Cell) -> str:
    """Write a take-out, approved beforehand by the department's manager."""
    number = group.number("take-out", "TO-{:04d}")
    manager = group.posts[device.department, "dept_privacy_manager"]
    deputy = group.posts[device.department, "deputy"]
    row: dict[str, Cell] = {
        "company": device.company,
        "department": device.department,
        "take_out_id": number,
        "device_id": device.id,
        "carrier_key": deputy,
        "content": "打合せ用の資料",
        "record_count": 0,
        "approved_by": manager,
        "approved_at": out - timedelta(days=1),
        "out_at": out,
        "due_back_on": back or AS_OF,
        "returned_on": back,
    }
    group.add("take_outs", **(row | fields))
    return number


def _take_outs(group: Group, company: str) -> None:
    for _ in range(8):
        day = SINCE + timedelta(days=group.rng.randrange(3, 50))
        carry(group, group.steady_machine(company, portable=True), at(day, 9), day + timedelta(days=2))


def dispose(group: Group, company: str, done: date, *, record: bool = True, kind: str = "pc", **fields: Cell) -> Device:
    """Dispose of a machine in house, recorded and confirmed by another person; fields override the record."""
    number = group.number("scrap", "6{:05d}")
    admin = f"{company}-ADM"
    device = machine(
        group,
        number,
        company,
        admin,
        kind=kind,
        portable=False,
        status="disposed",
        changed_at=at(done, 17),
        verified_ago=None,
        encryption="on",
    )
    row: dict[str, Cell] = {
        "company": company,
        "department": admin,
        "disposal_id": group.number("disposal", "DP-{:04d}"),
        "device_id": device.id,
        "serial": device.serial,
        "method": "destroy",
        "done_on": done,
        "done_by": group.posts[admin, "deputy"],
        "confirmed_by": group.posts[admin, "dept_privacy_manager"],
        "vendor_id": None,
        "certificate_serials": (),
        "certificate_on": None,
    }
    if record:
        group.add("disposals", **(row | fields))
    return device
