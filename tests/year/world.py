"""The demo's group in the year after its last day: who is there, what they do, and what becomes of them.

People, companies and systems are the demo's, with nothing planted among them; of its systems four are kept. A day of the
world changes the group; ``exports`` hands out what its systems then tell, ``home`` what people enter into registers.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import demo
from demo.days import DAY, JST, OPEN_END, at, is_open
from demo.group import Group, shift_of
from demo.people import trained
from demo.log_reviews import PURPOSE
from demo.personnel import COURSES
from demo.plan import Plan
from demo.values import Access, Account, BadgeRight, Cell, Leave, Posting, Row, Training, VendorAudit, Worker
from demo.worlds import Size

SEED, PEOPLE = 1, 0.75
BEFORE, FIRST, LAST = date(2026, 3, 31), date(2026, 4, 1), date(2027, 3, 31)
SYSTEMS = {"SYS-CRM": "sv-crm", "SYS-HRM": "sv-hrm", "SYS-WMS": "sv-wms", "SYS-SUP": "sv-sup"}
"""Whose logs are kept, and the server of each; the demo's others stay out, with all that is registered of them."""
OPEN_END_OF_YEAR = date(2027, 12, 31)
BUSY = 0.3  # of those with an account work with it on a business day
AGAIN_AFTER = 340  # days after which a course, good for 365, is taken again
Entry = tuple[str, Mapping[str, Any]]  # a register and a row of it


@dataclass
class World:
    """The group as it is on a day, and what happened on it that is not handed out yet."""

    group: Group
    plan: Plan
    taken: list[Training] = field(default_factory=list)  # courses
    written: list[Entry] = field(default_factory=list)  # what people are about to enter
    acts: list[Access] = field(default_factory=list)  # of this day, by name; live adds the everyday ones
    neglected: set[str] = field(default_factory=set)  # vendors, zones and so on that nobody renews anything of
    untaught: set[str] = field(default_factory=set)  # who take no course again by themselves
    idle: set[str] = field(default_factory=set)  # who use no system by themselves
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 - a synthetic world

    def staff(self, department: str, place: int) -> str:
        """The number of an ordinary worker of a department: the same person for the same place, whoever left."""
        mine = (w for w in self.group.workers if w.department == department and w.kind == "正社員" and w.handles)
        return sorted({w.no for w in mine} - set(self.group.posts.values()))[place]

    def person(self, no: str) -> str:
        """The key that gaps name a person by."""
        return self.plan.person(no)

    def engagement(self, no: str) -> str:
        """The key of somebody's newest engagement."""
        return self.plan.engagement(self.group.engagement(no))

    def account(self, no: str, system: str) -> str:
        """The key of somebody's account."""
        return self.plan.account(system, f"u{no[1:]}")

    def live(self, day: date) -> None:
        """An ordinary day: courses are taken again, systems are used, those who leave are gone."""
        self.group.access, self.acts = self.acts, []
        for one in list(self._lapsing(day)):
            self.learn(one, day)
        for system, machine in SYSTEMS.items():
            self._use(system, f"batch-{system[4:].lower()}", at(day, 2, 30), rows=40, host=machine, ip="10.20.9.9")
        if is_open(day):
            for worker in self.group.workers:
                if worker.no not in self.idle and _there(worker, day):
                    self._work(worker, day)

    def _lapsing(self, day: date) -> Iterator[Worker]:
        newest = {t.no: t for t in sorted(self.group.training, key=lambda t: t.on) if t.kind == "年次"}
        for worker in self.group.workers:
            last = newest.get(worker.no)
            if _there(worker, day) and worker.no not in self.untaught and last and last.on + AGAIN_AFTER * DAY <= day:
                yield worker

    def _work(self, worker: Worker, day: date) -> None:
        for (system, login), account in self.group.accounts_of(worker.no, worker.company):
            if account.enabled and account.kind == "個人" and self.rng.random() < BUSY:
                shift = shift_of(replace(worker, pattern="office"), day)
                assert shift is not None
                moment = shift.starts_at + timedelta(minutes=self.rng.randrange(5, 300))
                host = self.group.host_of(worker.no)
                self._use(system, login, moment, action="login_ok", store=None, rows=None, host=host)
                self._use(system, login, moment + timedelta(minutes=2), rows=self.rng.randrange(1, 60), host=host)

    def _use(self, system: str, login: str, moment: datetime, **fields: Any) -> None:
        told: dict[str, Any] = {"action": "read", "store": self.group.hosts[system].stores[0]}
        self.group.access.append(
            Access(self.group.number("visit", "X{:06d}"), moment, system, login, **(told | fields))
        )

    # what stories make happen
    def use(self, no: str, system: str, moment: datetime, **fields: Any) -> None:
        """Let somebody use a system on this day, from the own machine."""
        told: dict[str, Any] = {"action": "read", "store": self.group.hosts[system].stores[0], "rows": 3}
        told |= {"login": f"u{no[1:]}", "host": self.group.host_of(no)} | fields
        self.acts.append(Access(self.group.number("visit", "X{:06d}"), moment, system, **told))

    def approve_output(self, no: str, system: str, moment: datetime, **fields: Cell) -> None:
        """Let the deputy of a system's department approve an output."""
        host = self.group.hosts[system]
        told: dict[str, Cell] = {"approved_at": moment, "purpose": PURPOSE, "valid_to_at": at(OPEN_END_OF_YEAR, 0)}
        by = self.group.posts[host.department, "deputy"]
        self.group.approve("bulk_output", host.company, by, no, host.stores[:1], **(told | fields))
        self.written.append(("approvals", self.group.registers["approvals"][-1]))

    def learn(self, worker: Worker, day: date, kind: str = "年次", score: int = 90, told: bool = True) -> None:
        """Let somebody take a course; ``told``: the learning system exports it."""
        course = replace(trained(worker, day, score), kind=kind, course=COURSES[kind])
        self.group.training.append(course)
        if told:
            self.taken.append(course)

    def hire(self, no: str, department: str, day: date, *, onboarded: int | None = 2, pledged: int | None = 0) -> None:
        """Let somebody begin, with an account, a machine and a card; in days after that: the course, the pledge."""
        group = self.group
        like = group.engagement(self.staff(department, 0))
        worker = replace(like, no=no, name="見本 新人", hired_on=day)
        group.workers.append(worker)
        group.postings.append(
            Posting(group.number("posting", "H{:06d}"), no, worker.company, department, worker.role, "主務", day, day, OPEN_END, worker.manager)
        )
        for host in (h for h in group.hosts.values() if h.department == department):
            group.login(worker, host.system)
            key = host.system, f"u{no[1:]}"
            group.accounts[key] = replace(group.accounts[key], created_on=day)
        demo.systems.machine(group, no[1:], worker.company, department, owner=no)
        self.idle.add(no)
        if pledged is not None:
            self.pledge(no, day + pledged * DAY)
        if onboarded is not None:
            self.learn(worker, day + onboarded * DAY, "入社時")

    def leave(self, no: str, day: date, *, disabled: datetime | None = None, exit_pledge: bool = True, **told: Any) -> None:
        """Let somebody go, all in order but for what is said."""
        self.group.leave_company(self.group.engagement(no), day, disabled_at=disabled)
        worker = self.group.engagement(no)
        self.group.change(worker, **told)
        self.group.badges = [replace(b, enabled_until=day) if b.no == no else b for b in self.group.badges]
        if exit_pledge:
            self.pledge(no, day, "exit_pledged")

    def pledge(self, no: str, day: date, kind: str = "pledged") -> None:
        """Write down that somebody signed."""
        worker = self.group.engagement(no)
        self.write(
            "acknowledgements", company=worker.company, department=worker.department,
            acknowledgement_id=self.group.number("acknowledgement", "AK-{:05d}"), person_key=no,
            document_code="PLEDGE", document_version="3.0", versions_behind=0, kind=kind, signed_on=day,
        )  # fmt: skip

    def be_away(self, no: str, first: date, last: date, kind: str = "休暇") -> None:
        """Let somebody be on leave."""
        worker = self.group.engagement(no)
        self.group.leaves.append(Leave(no, worker.company, worker.department, kind, first, last))

    def write(self, register: str, **row: Cell) -> None:
        """Let somebody enter a row, the newest version of it, on this day."""
        self.group.registers.setdefault(register, []).append(dict(row))
        self.written.append((register, row))

    def rewrite(self, register: str, changes: Row, **like: Cell) -> None:
        """Let somebody enter the next version of the newest row like this."""
        *_, row = self.group.rows(register, **like)
        self.write(register, **(row | dict(changes)))


def _there(worker: Worker, day: date) -> bool:
    return worker.hired_on <= day and (worker.left_on is None or day <= worker.left_on)


def begun(people: float = PEOPLE) -> World:
    """The group of the demo on its last day with nothing planted, and of its systems only those of this year."""
    group, plan = demo.build(SEED, Size(1, people), planted=False)
    gone = {name for name in group.hosts if name not in SYSTEMS}
    dropped = gone | {store for name in gone for store in group.hosts[name].stores}
    for name, rows in group.registers.items():
        group.registers[name] = [row for row in rows if not _names(row) & dropped]
    group.hosts = {name: host for name, host in group.hosts.items() if name in SYSTEMS}
    group.accounts = {key: one for key, one in group.accounts.items() if key[0] in SYSTEMS}
    group.owners = [one for one in group.owners if one.system in SYSTEMS]
    group.settings = [one for one in group.settings if one.system in SYSTEMS]
    group.training = [replace(one, classroom=False) for one in group.training]
    group.access, group.segments, group.shifts, group.leaves = [], [], [], []
    group.registers["vendor_audits"] = [_audit(one) for one in group.audits]
    world = World(group, plan, taken=list(group.training))
    for department in ("AOI-SYS", "MID-ADM"):  # somebody is on leave all the year: a list of nobody proves nothing
        world.be_away(world.staff(department, 1), date(2026, 3, 1), date(2027, 12, 31), "育児")
    for system in SYSTEMS:
        _serve(group, system)
    for company in group.companies:
        for index, worker in enumerate(w for w in group.workers if w.department == f"{company}-ADM"):
            right = BadgeRight(f"BR-{company}-{index}", f"CARD{worker.no[1:]}", worker.no, f"Z-{company}-DOC", company, worker.department, None)
            group.badges.append(right)
    for department in ("AOI-MKT", "MID-ADM"):
        world.leave(world.staff(department, 0), date(2026, 3, 13))
    world.written = []  # it is in the registers that the home begins with
    return world


def _audit(one: VendorAudit) -> dict[str, Cell]:
    """An audit as its register keeps it; the sheets of 24 questions stay out of this year."""
    return {
        "company": one.company, "department": one.department, "audit_id": one.id, "vendor_id": one.vendor,
        "method": one.method, "performed_on": one.on, "auditor_key": one.auditor, "has_scope": one.has_scope,
        "samples": one.samples, "finding_ids": (),
    }  # fmt: skip


def _serve(group: Group, system: str) -> None:
    """The account that runs each night, so that every day of a log has a line."""
    login, deputy = f"batch-{system[4:].lower()}", group.posts[group.hosts[system].department, "deputy"]
    group.accounts[system, login] = Account(
        system, login, "サービス", registered_owner=deputy, expires_on=date(2027, 3, 15)
    )


def _names(row: Row) -> set[str]:
    told = (value if isinstance(value, tuple) else (value,) for value in row.values())
    return {one for some in told for one in some if isinstance(one, str)}
