"""Who reads the logs each month, and the large outputs that were approved; all in order."""

from datetime import date, timedelta

from demo.days import at, open_days_after
from demo.group import Group
from demo.values import Access, Cell, Worker

MONTHS = {"2026-01": date(2026, 1, 31), "2026-02": date(2026, 2, 28)}  # whose reviews fall due in the period
PURPOSE = "定例の報告資料の作成"
_EVERYDAY = ("SYS-CRM", "SYS-HRM", "SYS-WMS", "SYS-SUP")


def build(group: Group) -> None:
    """Review the logs of January and February, and let four managers make the month's approved output."""
    _review_all(group)
    for system in _EVERYDAY:
        host = group.hosts[system]
        worker = group.engagement(group.posts[host.department, "dept_privacy_manager"], host.company)
        for day in (date(2026, 2, 10), date(2026, 3, 12)):
            moment = at(day, 11)
            approve_output(group, worker, system, approved_at=moment - timedelta(hours=20))
            put_out(group, worker, system, day, 11, 1500)


def complete(group: Group) -> None:
    """Review the logs of the systems that were planted since."""
    _review_all(group)


def _review_all(group: Group) -> None:
    done = {row["scope_id"] for row in group.rows("reviews", kind="log")}
    for host in group.hosts.values():
        if host.system not in done:
            for month, ends in MONTHS.items():
                review(group, host.system, month, open_days_after(ends, 4))


def review(group: Group, system: str, month: str, day: date, **fields: Cell) -> None:
    """Write a month's review by the manager of the system's department; fields override."""
    host = group.hosts[system]
    row: dict[str, Cell] = {
        "company": host.company,
        "department": host.department,
        "review_id": group.number("log review", "LR-{:04d}"),
        "kind": "log",
        "scope_id": system,
        "period": month,
        "reviewed_on": day,
        "reviewed_by": group.posts[host.department, "dept_privacy_manager"],
        "items_total": 1,
        "items_decided": 1,
        "success_count": 1240,
        "failure_count": 18,
        "anomalies": 2,
        "anomalies_disposed": 2,
    }
    group.add("reviews", **(row | fields))


def approve_output(group: Group, worker: Worker, system: str, **fields: Cell) -> None:
    """Approve a worker's output from the first store of a system; fields override."""
    host = group.hosts[system]
    approver = group.posts[host.department, "deputy"]
    given: dict[str, Cell] = {"purpose": PURPOSE}
    group.approve("bulk_output", host.company, approver, worker.no, host.stores[:1], **(given | fields))


def put_out(
    group: Group, worker: Worker, system: str, day: date, hour: int, rows: int, *, second: int = 0, **fields: object
) -> Access:
    """Let a worker export rows for a stated purpose; fields override."""
    told: dict[str, object] = {"action": "export", "rows": rows, "purpose": PURPOSE}
    return group.visit(worker, system, at(day, hour, 0, second), **(told | fields))
