"""Privileged and breakglass accounts and their everyday use: approved, with a ticket, reviewed each week."""

from datetime import date, timedelta

from demo.activity import ticket
from demo.days import AS_OF, DAYS, OPEN_END, ago, at, is_open
from demo.group import COMPANIES, Group
from demo.rules import appoint
from demo.values import Account, Cell, Owner, Worker

SYSTEMS = {"AOI": ("SYS-CRM", "AOI-SYS"), "MID": ("SYS-SUP", "MID-ADM")}  # where, and whose people administer it
_WEEKDAY = 1  # administrators work on Tuesdays
_WEEK = timedelta(days=7)
_LONG_AGO = date(2024, 4, 1)


def build(group: Group) -> None:
    """Give each company two administrators of a system, a breakglass account, and an owner of its data."""
    for company in COMPANIES:
        appoint(group, company, None, "data_owner", group.posts[company, "cpo"], date(2014, 4, 1))
        system, department = SYSTEMS[company]
        for _ in range(2):
            worker = group.take(company, department)
            login = privileged(group, system, worker, created=_LONG_AGO)
            for day in [d for d in DAYS if d.weekday() == _WEEKDAY and is_open(d)]:
                administer(group, worker, system, login, day)
        keeper = group.engagement(group.posts[group.hosts[system].department, "deputy"], company)
        account(group, system, "breakglass", keeper, "緊急", _LONG_AGO)
        for monday in [d for d in DAYS if d.weekday() == 0 and d + _WEEK <= AS_OF]:
            reviewed(group, system, monday + _WEEK)


def account(
    group: Group, system: str, login: str, worker: Worker, kind: str, created: date, approval: str | None = None
) -> str:
    """Give a worker another account of a system; its login."""
    group.accounts[system, login] = Account(system, login, kind, created_on=created, approval=approval)
    group.owners.append(Owner(system, login, worker.no, created, OPEN_END))
    return login


def privileged(group: Group, system: str, worker: Worker, *, created: date | None = None, **fields: Cell) -> str:
    """Give a worker a privileged account whose use is approved; its login. Fields override the approval."""
    host = group.hosts[system]
    by = group.posts[host.department, "dept_privacy_manager"]
    number = group.approve("privileged", host.company, by, worker.no, (system,), **fields)
    return account(group, system, f"adm{worker.no[1:]}", worker, "特権", created or ago(25), number)


def administer(group: Group, worker: Worker, system: str, login: str, day: date, **fields: Cell) -> str:
    """One act of administration in the afternoon, with a ticket; its id."""
    told: dict[str, Cell] = {"store": None, "rows": None}
    if "ticket" not in fields:
        told["ticket"] = ticket(group, worker, system, day)
    moment = fields.pop("moment", None) or at(day, 14, 20)
    return group.visit(worker, system, moment, action="admin", login=login, **(told | fields)).id  # type: ignore[arg-type]


def reviewed(group: Group, system: str, day: date, by: str | None = None) -> None:
    """Let the manager of the department, who is no administrator, look through the use of privileged accounts."""
    host = group.hosts[system]
    group.add(
        "reviews",
        company=host.company,
        department=host.department,
        review_id=group.number("privileged review", "RV-PRV-{:04d}"),
        kind="privileged_use",
        scope_id=system,
        period=day.strftime("%Y-%m"),
        reviewed_on=day,
        reviewed_by=by or group.posts[host.department, "dept_privacy_manager"],
        items_total=2,
        items_decided=2,
        success_count=None,
        failure_count=None,
        anomalies=0,
        anomalies_disposed=0,
    )
