"""Zones as they are kept: walked each quarter, doors logged each business day, visitors received, logs reviewed."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from demo.days import DAYS, ago, at, is_open
from demo.group import COMPANIES, Group
from demo.values import Cell, Entry, Visit

REVIEWED = {"2026-01": date(2026, 2, 10), "2026-02": date(2026, 3, 10)}


def build(group: Group) -> None:
    """Fill what the zones of both companies leave behind in an ordinary quarter."""
    for company in COMPANIES:
        for row in list(group.rows("zones", company=company)):
            zone = str(row["zone_id"])
            if row["class"] == "handling":
                patrol(group, company, zone, ago(40))
            if row["reader_ids"]:
                _doors(group, company, zone)
        for index, day in enumerate(d for d in DAYS if is_open(d) and d.day % 3 == 0):
            visit(group, company, f"Z-{company}-DOC", at(day, 10 + index % 6, 20))


def zone(group: Group, company: str, code: str, kind: str, **fields: Cell) -> str:
    """Register one more zone."""
    row = dict(group.row("zones", zone_id=f"Z-{company}-WRK"))
    name = f"Z-{company}-{code}"
    group.add(
        "zones",
        **(row | {"zone_id": name, "class": kind, "plan_ref": f"PLAN-{company}-{code}", "reader_ids": ()} | fields),
    )
    return name


def patrol(group: Group, company: str, zone: str, day: date, answer: str = "yes", hour: int = 15) -> None:
    """Let the zone's manager walk it on a day."""
    admin = f"{company}-ADM"
    group.add(
        "attestations",
        company=company,
        department=admin,
        attestation_id=group.number("attestation", "ATT-{:04d}"),
        control_id="PHY-1-01",
        question="patrol",
        question_version="1",
        subject_kind="zone",
        subject=zone,
        answer=answer,
        fact="5項目を巡回し写真を残した",
        evidence=(),
        answered_by=group.posts[admin, "dept_privacy_manager"],
        answered_at=at(day, hour),
        expires_on=day + timedelta(days=92),
    )


def passage(
    group: Group, company: str, zone: str, no: str, moment: datetime, direction: str = "入", mark: str = ""
) -> None:
    """Let a person through a door."""
    number = group.number("passage", "NT{:06d}")
    group.entries.append(Entry(number, moment, company, f"{company}-ADM", zone, no, direction, mark))


def _doors(group: Group, company: str, zone: str) -> None:
    admin = f"{company}-ADM"
    first, last = group.posts[admin, "deputy"], group.posts[admin, "dept_privacy_manager"]
    for day in filter(is_open, DAYS):
        passage(group, company, zone, first, at(day, 8, 40), mark="最初")
        passage(group, company, zone, first, at(day, 12, 5), "出")
        passage(group, company, zone, last, at(day, 15, 30))
        passage(group, company, zone, last, at(day, 18, 50), "出", "最後")
    for month, day in REVIEWED.items():
        review(group, company, zone, month, day)


def review(group: Group, company: str, zone: str, month: str, day: date) -> None:
    """Write that the entry log of a month was looked through."""
    group.add(
        "reviews",
        company=company,
        department=f"{company}-ADM",
        review_id=f"RV-{zone}-{month}",
        kind="entry_log",
        scope_id=zone,
        period=month,
        reviewed_on=day,
        reviewed_by=group.posts[f"{company}-ADM", "deputy"],
        items_total=0,
        items_decided=0,
        success_count=80,
        failure_count=0,
        anomalies=0,
        anomalies_disposed=0,
    )


def visit(group: Group, company: str, zone: str, arrived: datetime, **fields: object) -> str:
    """Receive a visitor, named, hosted and escorted for an hour; fields override."""
    number = group.number("visitor", "VS-{:05d}")
    admin = f"{company}-ADM"
    told = Visit(number, company, admin, zone, group.posts[admin, "deputy"], arrived, arrived + timedelta(hours=1))
    group.visits.append(replace(told, **fields))  # type: ignore[arg-type]
    return number
