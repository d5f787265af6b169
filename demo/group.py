"""The synthetic group as plain frozen values, built from a seed and nothing else."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from demo.days import AS_OF, JST, OPEN_END, at, is_open
from demo.values import (
    Access,
    Account,
    BadgeRight,
    Cell,
    Department,
    Device,
    Entry,
    GatePass,
    Host,
    Leave,
    MediaWrite,
    Owner,
    Page,
    Posting,
    Right,
    Row,
    Segment,
    Setting,
    Shift,
    Signal,
    SubVendor,
    Training,
    VendorAudit,
    Visit,
    Worker,
)
from demo.values_partners import Sighting
from demo.values_security import Cloud, Firewall, Transfer, Vulnerability
from demo.values_subjects import Provided, Use

COMPANIES = {"AOI": "あおみね架空ワークス株式会社", "MID": "みどりの架空サポート株式会社"}
WEEK = timedelta(days=7)


@dataclass(slots=True)
class Group:
    """Everything that the real systems of its companies would hold; only the builders of this room change it."""

    rng: random.Random
    people: float = 1  # times as many workers and vendors as the smallest group has
    companies: dict[str, str] = field(default_factory=lambda: dict(COMPANIES))
    departments: list[Department] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    training: list[Training] = field(default_factory=list)
    hosts: dict[str, Host] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)
    rights: list[Right] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    access: list[Access] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    writes: list[MediaWrite] = field(default_factory=list)
    badges: list[BadgeRight] = field(default_factory=list)
    passes: list[GatePass] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    sub_vendors: list[SubVendor] = field(default_factory=list)
    cloud: list[Cloud] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    audits: list[VendorAudit] = field(default_factory=list)
    provided: list[Provided] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    firewalls: list[Firewall] = field(default_factory=list)
    registers: dict[str, list[dict[str, Cell]]] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)  # worker numbers that play a part
    silent: set[str] = field(default_factory=set)  # worker numbers without everyday access
    unread: set[str] = field(default_factory=set)  # worker numbers whose acknowledgements are planted
    bare: set[tuple[str, str]] = field(default_factory=set)  # (record, whose) that the plan leaves out
    unlogged: dict[str, set[date]] = field(default_factory=dict)  # system → days without everyday access
    segment_edits: dict[tuple[str, date], dict[str, Any] | None] = field(default_factory=dict)  # None = not delivered
    posts: dict[tuple[str, str], str] = field(default_factory=dict)  # (company or department, post) → worker number
    cast: dict[tuple[str, str], str] = field(default_factory=dict)  # (company, name of a part) → worker number
    counters: dict[str, int] = field(default_factory=dict)

    # people
    def engagement(self, no: str, company: str | None = None) -> Worker:
        """The newest engagement of a worker number, in one company if given."""
        found = [w for w in self.workers if w.no == no and company in (None, w.company)]
        return max(found, key=lambda w: w.hired_on)

    def change(self, worker: Worker, **fields: Any) -> Worker:
        """Replace an engagement; postings and training follow the person and stay."""
        changed = replace(worker, **fields)
        self.workers[self.workers.index(worker)] = changed
        return changed

    def take(
        self, company: str, department: str | None = None, *, role: str | None = None, pattern: str = "office"
    ) -> Worker:
        """Reserve an ordinary worker who handles personal data for one part in the plan."""
        free = [
            w
            for w in self.workers
            if w.company == company
            and w.no not in self.reserved
            and w.kind == "正社員"
            and w.handles
            and w.left_on is None
            and w.pattern == pattern
            and department in (None, w.department)
            and role in (None, w.role)
        ]
        worker = self.rng.choice(free)
        self.reserved.add(worker.no)
        return worker

    def leave_company(
        self, worker: Worker, left_on: date, *, disabled_at: datetime | None = None, announced: int = 30
    ) -> Worker:
        """Let a worker go: the roster says so, the post ends, the accounts of the company are disabled."""
        gone = self.change(worker, left_on=left_on, announced_on=left_on - timedelta(days=announced))
        for index, posting in enumerate(self.postings):
            if posting.no == worker.no and posting.company == worker.company and posting.to_on > left_on:
                self.postings[index] = replace(posting, to_on=left_on)
        for key, account in self.accounts_of(worker.no, worker.company):
            self.accounts[key] = replace(account, enabled=False, disabled_at=disabled_at or at(left_on, 23))
        for device in [d for d in self.devices.values() if d.owner == worker.no and d.company == worker.company]:
            self.devices[device.id] = replace(
                device, owner=None, status="stored", changed_at=at(left_on, 33), former_owner=worker.no
            )
        return gone

    # accounts and machines
    def accounts_of(self, no: str, company: str | None = None) -> list[tuple[tuple[str, str], Account]]:
        """The accounts that a person owns today."""
        mine = [
            (o.system, o.login)
            for o in self.owners
            if o.no == no and o.to_on >= AS_OF and company in (None, self.hosts[o.system].company)
        ]
        return [(key, self.accounts[key]) for key in dict.fromkeys(mine)]

    def login(self, worker: Worker, system: str) -> str:
        """A worker's account on a system, made when there is none."""
        login = f"u{worker.no[1:]}"
        if (system, login) not in self.accounts:
            self.accounts[system, login] = Account(
                system, login, created_on=worker.hired_on, department=worker.department
            )
            self.owners.append(Owner(system, login, worker.no, worker.hired_on, OPEN_END))
        return login

    def host_of(self, no: str) -> str:
        """The name by which a worker's own machine appears in logs."""
        return f"PC-{no[1:]}"

    def steady_machine(self, company: str, *, portable: bool = False) -> Device:
        """A machine in use whose holder plays no part in the plan, so that it stays what it is."""
        posts = set(self.posts.values())
        kept = {w.no for w in self.workers if w.company == company and (w.no in posts or w.kind != "正社員")}
        own = [d for d in self.devices.values() if d.owner in kept and d.kind == "pc" and d.company == company]
        return self.rng.choice([d for d in own if d.portable or not portable])

    # registers and numbers
    def add(self, register: str, **row: Cell) -> dict[str, Cell]:
        """Write one row of a register."""
        self.registers.setdefault(register, []).append(row)
        return row

    def rows(self, register: str, **like: Cell) -> Iterator[dict[str, Cell]]:
        """The rows of a register that hold these values."""
        wanted = tuple(like.items())
        for row in self.registers.get(register, ()):
            for name, value in wanted:  # tens of thousands of rows are looked at ten thousand times
                if row.get(name) != value:
                    break
            else:
                yield row

    def row(self, register: str, **like: Cell) -> dict[str, Cell]:
        """The first row of a register that holds these values."""
        return next(self.rows(register, **like))

    def number(self, series: str, pattern: str = "{:04d}") -> str:
        """The next number of a series."""
        self.counters[series] = self.counters.get(series, 0) + 1
        return pattern.format(self.counters[series])

    # everyday acts that more than one builder needs
    def approve(
        self, kind: str, company: str, by: str, person: str | None, scopes: tuple[str, ...], **fields: Cell
    ) -> str:
        """Write an approval that holds long enough, given well before; fields override."""
        number = self.number("approval", "AP-{:05d}")
        row: dict[str, Cell] = {
            "company": company,
            "department": None,
            "approval_id": number,
            "kind": kind,
            "requested_by": person or by,
            "approved_by": by,
            "approved_at": at(date(2025, 12, 1), 10),
            "person_key": person,
            "scope_ids": scopes,
            "purpose": "業務のための利用申請",
            "max_rows": None,
            "valid_from_at": at(date(2025, 12, 1), 0),
            "valid_to_at": at(date(2026, 12, 31), 0),
            "status": "approved",
        }
        self.add("approvals", **(row | fields))
        return number

    def visit(self, worker: Worker, system: str, moment: datetime, **fields: Any) -> Access:
        """One access by a worker from the own machine to the first store of a system; fields override."""
        host = self.hosts[system]
        told: dict[str, Any] = {
            "id": self.number("visit", "X{:06d}"),
            "at": moment,
            "system": system,
            "login": fields.get("login") or self.login(worker, system),
            "action": "read",
            "store": host.stores[0] if host.stores else None,
            "rows": 3,
            "host": self.host_of(worker.no),
            "ip": address(worker.no),
        }
        access = Access(**(told | fields))
        self.access.append(access)
        return access


def address(no: str) -> str:
    """The office address of a worker's machine."""
    number = int(no[1:])
    return f"10.20.{number // 250 % 250}.{number % 250 + 1}"


def shift_of(worker: Worker, day: date) -> Shift | None:
    """The working time that a worker's pattern gives a day."""
    turn = (day.toordinal() + int(worker.no[1:])) % 7
    match worker.pattern:
        case "office" if is_open(day):
            hours = (9, 18)
        case "rota" if turn < 5:
            hours = (10, 19) if int(worker.no[1:]) % 2 else (12, 21)
        case "night" if turn < 5:
            hours = (22, 31)
        case _:
            return None
    return Shift(worker.no, worker.company, worker.department, day, at(day, hours[0]), at(day, hours[1]))


def day_of(moment: datetime) -> date:
    """The day of an instant in Japan."""
    return moment.astimezone(JST).date()


def event_id(access: Access) -> str:
    """The id that CloudTrail gives an event."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"event/{access.id}"))


def copied(row: Row) -> dict[str, Cell]:
    """A register row that may be changed without changing its model."""
    return dict(row)
