"""Sixty ordinary days: shifts, leaves kept, accesses inside working time, tickets quoted, logs delivered."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby

from demo.days import AS_OF, DAY, DAYS, SINCE, at
from demo.group import Group, day_of, shift_of
from demo.values import Access, Host, Segment, Shift, Worker

_QUIET = {"SYS-WIKI": 0.08, "SYS-LNX": 0.6}
_RETENTION = timedelta(days=800)
_REQUIRED = timedelta(days=730)
_MONTH = timedelta(days=30)


def build(group: Group) -> None:
    """Fill shifts, everyday accesses and the log platform's report, around what has been planted."""
    away = _absences(group)
    for worker in group.workers:
        shifts = [
            s
            for s in _shifts(worker)
            if not away[worker.no, worker.company] & {s.on, day_of(s.ends_at - timedelta(seconds=1))}
        ]
        group.shifts.extend(shifts)
        if worker.no not in group.silent:
            systems = [
                key[0]
                for key, account in group.accounts_of(worker.no, worker.company)
                if account.kind == "個人" and group.hosts[key[0]].source  # without a log nobody sees the rest
            ]
            for shift in shifts:
                _work(group, worker, shift, systems)
    for system, login, host in (("SYS-CRM", "batch-crm", "sv-crm"), ("SYS-WMS", "batch-wms", "sv-wms")):
        for day in DAYS:
            if day not in group.unlogged.get(system, ()):
                store = group.hosts[system].stores[0]
                number = group.number("visit", "X{:06d}")
                group.access.append(
                    Access(number, at(day, 2, 30), system, login, "read", store, 40, host=host, ip="10.20.9.9")
                )
    group.access.sort(key=lambda a: (a.at, a.id))
    group.segments.extend(_segments(group))


def _absences(group: Group) -> dict[tuple[str, str], set[date]]:
    away: dict[tuple[str, str], set[date]] = defaultdict(set)
    for leave in group.leaves:
        away[leave.no, leave.company] |= {d for d in (SINCE - DAY, *DAYS) if leave.from_on <= d <= leave.to_on}
    return away


def _shifts(worker: Worker) -> list[Shift]:
    days = (d for d in (SINCE - DAY, *DAYS) if worker.hired_on <= d and (worker.left_on is None or d <= worker.left_on))
    return [shift for shift in (shift_of(worker, d) for d in days) if shift]


def _work(group: Group, worker: Worker, shift: Shift, systems: list[str]) -> None:
    rng = group.rng
    for system in systems:
        if rng.random() > _QUIET.get(system, 0.86):
            continue
        minutes = int((shift.ends_at - shift.starts_at).total_seconds()) // 60
        moments = sorted(
            shift.starts_at + timedelta(minutes=rng.randrange(5, minutes - 5), seconds=rng.randrange(60))
            for _ in range(5)
        )
        for index, moment in enumerate(moments[: rng.randrange(3, 6)]):
            if SINCE <= (day := day_of(moment)) <= DAYS[-1] and day not in group.unlogged.get(system, ()):
                _act(group, worker, system, moment, first=index == 0)


def _act(group: Group, worker: Worker, system: str, moment: datetime, *, first: bool) -> None:
    host = group.hosts[system]
    ticket_id = ticket(group, worker, system, day_of(moment)) if host.tickets else None
    if first and group.rng.random() < 0.03:
        wrong = moment - timedelta(seconds=30)
        group.visit(worker, system, wrong, action="login_ng", store=None, rows=None, result="denied", ticket=ticket_id)
    if first or host.log == "sshd":
        group.visit(worker, system, moment, action="login_ok", store=None, rows=None, ticket=ticket_id)
        return
    action = group.rng.choice(("read", "search", "read", "update"))
    store = group.rng.choice(host.stores)
    rows = 1 if action == "update" else group.rng.randrange(1, 60)
    group.visit(
        worker,
        system,
        moment,
        action=action if host.log != "cloudtrail" else "read",
        store=store,
        rows=rows,
        ticket=ticket_id,
    )


def ticket(group: Group, worker: Worker, system: str, day: date) -> str:
    """The approved ticket of a worker for a system and the week of a day."""
    monday = day - timedelta(days=day.weekday())
    for row in group.rows("approvals", kind="ticket", person_key=worker.no, valid_from_at=at(monday, 0)):
        if system in (row["scope_ids"] or ()):  # type: ignore[operator]
            return str(row["approval_id"])
    host = group.hosts[system]
    manager, deputy = group.posts[host.department, "dept_privacy_manager"], group.posts[host.department, "deputy"]
    return group.approve(
        "ticket",
        host.company,
        deputy if worker.no == manager else manager,
        worker.no,
        (system, *host.stores),
        approved_at=at(monday - timedelta(days=3), 16),
        valid_from_at=at(monday, 0),
        valid_to_at=at(monday, 24 * 7),
    )


def _segments(group: Group) -> list[Segment]:
    """One segment a system and day; what the plan says of a day overrides it."""
    lines: dict[tuple[str, date], list[Access]] = {
        key: list(found)
        for key, found in groupby(
            sorted(group.access, key=lambda a: (a.system, day_of(a.at))), key=lambda a: (a.system, day_of(a.at))
        )
    }
    owned = {(o.system, o.login) for o in group.owners} | {k for k, a in group.accounts.items() if a.registered_owner}
    told = []
    for host in [h for h in group.hosts.values() if h.source]:
        for day in DAYS:
            given = group.segment_edits.get((host.system, day), {})
            if given is None:
                continue
            edit = {name: value for name, value in given.items() if name != "lost"}
            found = lines.get((host.system, day), [])
            seen = {a.login for a in found}
            mapped = sum(1 for login in seen if (host.system, login) in owned)
            values = {
                "lines": len(found),
                "lines_reported": len(found) + given.get("lost", 0),
                "accounts": len(seen),
                "accounts_mapped": mapped,
                "drift_s": group.rng.randrange(3),
                "retained_until": day + _RETENTION,
            }
            told.append(Segment(host.system, str(host.source), at(day, 0), at(day, 24), **(values | edit)))
        told.extend(_archived(group, host))
    return told


def _archived(group: Group, host: Host) -> Iterator[Segment]:
    """A day a month of the years before, as far back as the log must be kept and two months longer."""
    own_rule = group.row("systems", system_id=host.system)["log_retention_days"]
    kept = max(_REQUIRED, timedelta(days=int(str(own_rule)))) + timedelta(days=60)
    for months in range(kept // _MONTH):
        day = AS_OF - kept + months * _MONTH
        if day < SINCE:
            yield Segment(
                host.system, str(host.source), at(day, 0), at(day, 24), 500, 500, 20, 20, retained_until=day + kept
            )
