"""What stories make happen in the world: people come, learn, sign, move, are away and leave; machines and accounts change."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from demo import systems
from demo.days import DAY, OPEN_END, at
from demo.log_reviews import PURPOSE
from demo.people import trained
from demo.personnel import COURSES
from demo.rules import appoint
from demo.values import Access, Cell, Leave, Posting, Training, Worker
from tests.year.world import World

LONG = date(2027, 12, 31)


def use(w: World, no: str, system: str, moment: datetime, **fields: Any) -> None:
    """Let somebody use a system on this day, from the own machine."""
    told: dict[str, Any] = {"action": "read", "store": w.group.hosts[system].stores[0], "rows": 3}
    told |= {"login": f"u{no[1:]}", "host": w.group.host_of(no), "id": w.group.number("act", "E{:06d}")} | fields
    w.acts.append(Access(at=moment, system=system, **told))


def put_out(w: World, no: str, system: str, moment: datetime, name: str, rows: int) -> None:
    """Let somebody export rows; the log calls it ``name``."""
    use(w, no, system, moment, id=name, action="export", rows=rows, purpose=PURPOSE)


def approve_output(w: World, no: str, system: str, moment: datetime) -> None:
    """Let the privacy officer approve an output."""
    host = w.group.hosts[system]
    by, told = w.no(host.company, "cpo"), {"approved_at": moment, "purpose": PURPOSE, "valid_to_at": at(LONG, 0)}
    w.group.approve("bulk_output", host.company, by, no, host.stores[:1], **told)  # type: ignore[arg-type]
    w.written.append(("approvals", w.group.registers["approvals"][-1]))


def learn(w: World, worker: Worker, day: date, kind: str = "年次", *, told: bool = True) -> Training:
    """Let somebody take and pass a course; ``told``: the learning system exports it."""
    course = replace(trained(worker, day, 90), kind=kind, course=COURSES[kind])
    w.group.training.append(course)
    if told:
        w.taken.append(course)
    return course


def trained_last(w: World, no: str, day: date) -> None:
    """Let somebody's annual course of the year before have been on a day, and let nothing renew it by itself."""
    w.untaught.add(no)
    w.idle.add(no)
    worker = w.group.engagement(no)
    kept = [t for t in w.group.training if (t.no, t.kind) != (no, "年次")]
    w.group.training = [*kept, trained(worker, day, 90, version="2024" if day < date(2025, 4, 1) else "2025")]
    w.taken = list(w.group.training)


def hire(w: World, no: str, department: str, day: date, *, onboarded: int | None = 2, pledged: int | None = 0) -> None:
    """Let somebody begin, with account and machine; in days after that: the course, the pledge."""
    group = w.group
    like = group.engagement(w.staff(department, 0))
    worker = replace(like, no=no, name="見本 新人", hired_on=day, left_on=None, announced_on=None)
    group.workers.append(worker)
    post = group.number("posting", "H{:06d}")
    group.postings.append(
        Posting(post, no, worker.company, department, worker.role, "主務", day, day, OPEN_END, worker.manager)
    )
    for host in [h for h in group.hosts.values() if h.department == department]:
        key = host.system, group.login(worker, host.system)
        group.accounts[key] = replace(group.accounts[key], created_on=day)
    systems.machine(group, no[1:], worker.company, department, owner=no)
    w.idle.add(no)
    if pledged is not None:
        pledge(w, no, day + pledged * DAY)
    if onboarded is not None:
        learn(w, worker, day + onboarded * DAY, "入社時")


def leave(w: World, no: str, day: date, *, disabled: datetime | None = None, signs: bool = True, **told: Any) -> None:
    """Let somebody go, all in order but for what is said."""
    w.group.leave_company(w.group.engagement(no), day, disabled_at=disabled)
    w.group.change(w.group.engagement(no), **told)
    w.group.badges = [replace(b, enabled_until=day) if b.no == no else b for b in w.group.badges]
    if signs:
        pledge(w, no, day, "exit_pledged")


def pledge(w: World, no: str, day: date, kind: str = "pledged") -> None:
    """Write down that somebody signed."""
    worker = w.group.engagement(no)
    w.write(
        "acknowledgements", company=worker.company, department=worker.department,
        acknowledgement_id=w.group.number("acknowledgement", "AK-{:05d}"), person_key=no,
        document_code="PLEDGE", document_version="3.0", versions_behind=0, kind=kind, signed_on=day,
    )  # fmt: skip


def be_away(w: World, no: str, first: date, last: date, kind: str = "休暇") -> None:
    """Let somebody be on leave."""
    worker = w.group.engagement(no)
    w.idle.add(no)
    w.group.leaves.append(Leave(no, worker.company, worker.department, kind, first, last))


def move(w: World, no: str, department: str, day: date) -> None:
    """Let somebody work in another department of the company from a day on."""
    group, worker = w.group, w.group.engagement(no)
    [last] = [posting for posting in group.postings if posting.no == no and posting.to_on == OPEN_END]
    number, manager = group.number("posting", "H{:06d}"), w.no(department, "dept_privacy_manager")
    group.postings[group.postings.index(last)] = replace(last, to_on=day - DAY)
    group.postings.append(replace(last, id=number, department=department, from_on=day, manager=manager))
    group.change(worker, department=department)


def succeed(w: World, scope: tuple[str, str], no: str, day: date) -> None:
    """Appoint somebody to a post of a department or company from a day on."""
    department, post = scope
    company = w.group.engagement(no).company
    appoint(w.group, company, None if department == company else department, post, no, day)
    w.written.append(("appointments", w.group.registers["appointments"][-1]))
    w.group.posts[scope] = no


def end_post(w: World, scope: tuple[str, str], day: date) -> None:
    """End the appointment of who holds a post on a day."""
    department, post = scope
    company = department[:3]
    unit = None if department == company else department
    w.rewrite("appointments", {"ends_on": day}, role=post, company=company, department=unit, person_key=w.no(*scope))


def change_machine(w: World, no: str, **fields: Any) -> None:
    """Change somebody's machine."""
    w.group.devices[w.machine(no)] = replace(w.group.devices[w.machine(no)], **fields)


def stick(w: World, no: str, what: str, day: date) -> None:
    """Let an agent report (``agent_ago``), or a machine be seen (``seen_ago``), for the last time on a day."""
    w.stuck[w.machine(no), what] = day


def unstick(w: World, no: str, what: str) -> None:
    """Let it report again."""
    del w.stuck[w.machine(no), what]
    change_machine(w, no, **{what: 0})


def set_account(w: World, system: str, login: str, **fields: Any) -> None:
    """Change an account."""
    w.group.accounts[system, login] = replace(w.group.accounts[system, login], **fields)


def set_up(w: World, system: str, name: str, number: int) -> None:
    """Change a setting of a system's sign-in."""
    w.group.settings = [
        replace(one, number=number, value=str(number)) if (one.system, one.name) == (system, name) else one
        for one in w.group.settings
    ]


def publish(w: World, resource: str, *, public: bool) -> None:
    """Open a resource of the cloud to everybody, or shut it."""
    w.group.cloud = [replace(one, public=public) if one.id == resource else one for one in w.group.cloud]


def contract(w: World, vendor: str, first: date, last: date) -> None:
    """Sign the next contract with a vendor, like the last one."""
    *_, row = w.group.rows("vendor_contracts", vendor_id=vendor)
    w.write(
        "vendor_contracts", **(row | {"contract_id": f"{row['contract_id']}-N", "starts_on": first, "ends_on": last})
    )


def redo(w: World, register: str, key: str, dated: tuple[str, ...], day: date, **like: Cell) -> None:
    """Do again what a register has a row of, on a day."""
    *_, row = w.group.rows(register, **like)
    number = w.group.number(f"again {register}", f"AGAIN-{register[:9].upper()}-{{:03d}}")
    w.write(register, **(row | {key: number} | dict.fromkeys(dated, day)))


def backdate(w: World, register: str, dated: tuple[str, ...], day: date, **like: Cell) -> None:
    """Let the newest of what a register has about something have been done on a day before the year."""
    *_, row = w.group.rows(register, **like)
    row |= dict.fromkeys(dated, day)
