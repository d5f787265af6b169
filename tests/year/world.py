"""The demo's group in the year after its last day: who is there, what they do, and what becomes of them.

People, companies and systems are the demo's, with nothing planted among them; of its systems one of each company is kept. A day of the
world changes the group; ``exports`` hands out what its systems then tell, ``home`` what people enter into registers.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import demo
from demo.days import DAY, at, is_open
from demo.group import Group, shift_of
from demo.people import trained
from demo.personnel import pledge
from demo.plan import Plan
from demo.rules import attest
from demo.values import Access, Account, BadgeRight, Cell, Leave, Row, Training, VendorAudit, Worker
from demo.worlds import Size

SEED, PEOPLE = 1, 0.5
BEFORE, FIRST, LAST = date(2026, 3, 31), date(2026, 4, 1), date(2027, 3, 31)
SYSTEMS = {"SYS-CRM": "sv-crm", "SYS-WMS": "sv-wms"}
"""Whose logs are kept, and the server of each; the demo's others stay out, with all that is registered of them."""
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
    stuck: dict[tuple[str, str], date] = field(default_factory=dict)  # machine and what it tells no more → the last day
    vanished: set[str] = field(default_factory=set)  # who is left out of rosters
    idle: set[str] = field(default_factory=set)  # who use no system by themselves
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))

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

    def no(self, scope: str, post: str) -> str:
        """The worker number of who holds a post of a department or company."""
        return self.group.posts[scope, post]

    def post(self, scope: str, post: str) -> str:
        """The key of who holds a post of a department or company."""
        return self.person(self.group.posts[scope, post])

    def machine(self, no: str) -> str:
        """The id of somebody's machine."""
        return f"DV-{no[1:]}"

    def vendor(self, company: str, tier: str) -> str:
        """The id of a vendor of a tier that handles personal data and is at work."""
        return str(
            self.row("vendors", company=company, tier=tier, status="active", handles_personal_data=True)["vendor_id"]
        )

    def portable(self, department: str, place: int = 0) -> str:
        """The number of an ordinary worker of a department who has a portable machine: one of the last."""
        mine = [self.staff(department, -n) for n in range(1, 9)]
        return [no for no in mine if self.group.devices[self.machine(no)].portable][place]

    @property
    def campaign(self) -> list[str]:
        """The numbers of those who take the annual course together: they use no system of this year."""
        parts = [*(("AOI-SYS", n) for n in range(6, 17)), *(("AOI-MKT", n) for n in range(6, 18))]
        return [self.staff(*part) for part in parts]

    def row(self, register: str, **like: Cell) -> dict[str, Cell]:
        """The newest row of a register like this."""
        return list(self.group.rows(register, **like))[-1]

    def named(self, told: object) -> str:
        """A text with what a minted key was made of in its place."""
        text = str(told)
        for key, (_, *parts) in self.plan.minted.items():
            text = text.replace(key, "/".join(parts))
        return text

    def live(self, day: date) -> None:
        """An ordinary day: courses are taken again, systems are used, those who leave are gone."""
        self.serve(day)
        self.group.access, self.acts = self.group.access + self.acts, []
        for one in list(self._lapsing(day)):
            course = trained(one, day, 90)
            self.group.training.append(course)
            self.taken.append(course)
        for (machine, what), last in self.stuck.items():
            self.group.devices[machine] = replace(self.group.devices[machine], **{what: (day - last).days})  # type: ignore[arg-type]
        if is_open(day):
            for worker in self.group.workers:
                if worker.no not in self.idle and _there(worker, day):
                    self._work(worker, day)

    def serve(self, day: date) -> None:
        """What the systems do by themselves at night: every day of a log has a line."""
        self.group.access = []
        for system, server in SYSTEMS.items():
            self._use(system, f"batch-{system[4:].lower()}", at(day, 2, 30), rows=40, host=server, ip="10.20.9.9")

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

    # what people enter
    def write(self, register: str, **row: Cell) -> None:
        """Let somebody enter a row, the newest version of it, on this day."""
        self.group.registers.setdefault(register, []).append(dict(row))
        self.written.append((register, row))

    def rewrite(self, register: str, changes: Row, **like: Cell) -> None:
        """Let somebody enter the next version of the newest row like this."""
        *_, row = self.group.rows(register, **like)
        self.write(register, **(row | dict(changes)))

    def finding(self, number: str, company: str, department: str, *, raised: date, due: date) -> None:
        """Raise a finding whose plan is in order."""
        manager = self.no(department, "dept_privacy_manager")
        self.write(
            "findings", company=company, department=department, finding_id=number, origin="audit", control_id=None,
            vendor_id=None, severity="medium", raised_on=raised, cause="手順の周知不足", correction="再教育",
            prevention="手順書の確認票", owner_key=manager, due_on=due, due_set_on=raised, escalated_on=None, suspension_decided_on=None, completed_on=None,
            implemented_by=None, verified_on=None, verified_by=None, effective=None, closed_on=None,
        )  # fmt: skip


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
        away = group.engagement(world.staff(department, 1))
        group.leaves.append(Leave(away.no, away.company, department, "育児", date(2026, 3, 1), date(2027, 12, 31)))
    group.registers["findings"] = [row for row in group.registers["findings"] if row["closed_on"]]
    for system in SYSTEMS:
        _serve(group, system)
    for company in group.companies:
        for index, worker in enumerate(w for w in group.workers if w.department == f"{company}-ADM"):
            right = BadgeRight(
                f"BR-{company}-{index}",
                f"CARD{worker.no[1:]}",
                worker.no,
                f"Z-{company}-DOC",
                company,
                worker.department,
                None,
            )
            group.badges.append(right)
    for department in ("AOI-MKT", "MID-ADM"):  # somebody left in order: nobody to look at proves nothing either
        left = group.leave_company(group.engagement(world.staff(department, 0)), date(2026, 3, 13))
        pledge(group, left, "exit_pledged", date(2026, 3, 13))
        group.badges = [b for b in group.badges if b.no != left.no]
    for company in group.companies:
        _attest_nothing(group, company, "ORG-2-04")
    return world


def _attest_nothing(group: Group, company: str, control: str) -> None:
    """Let the privacy officer answer that there is nothing to judge, as in the days before the first output."""
    attest(group, company, control)
    group.registers["attestations"][-1] |= {
        "answer": "nil",
        "expires_on": LAST,
        "answered_at": at(BEFORE, 11),
    }


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
