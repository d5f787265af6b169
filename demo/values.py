"""What exists in the synthetic group: plain frozen values, as the systems that export them would hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Cell = str | int | bool | date | datetime | tuple[str, ...] | None
Row = Mapping[str, Cell]
"""A row of a register, by the column names of its dataset; persons are worker numbers."""


@dataclass(frozen=True, slots=True)
class Department:
    """A department of one company."""

    company: str
    code: str
    name: str
    owns_paper_store: bool = False
    in_scope: bool = True


@dataclass(frozen=True, slots=True)
class Worker:
    """One engagement: a person at a company from a first to a last day."""

    no: str
    name: str
    company: str
    department: str
    kind: str  # as in the roster: 役員 正社員 契約社員 パート 派遣 業務委託常駐 出向受入
    hired_on: date
    role: str
    pattern: str = "office"  # office | rota | night
    employer: str | None = None
    left_on: date | None = None
    announced_on: date | None = None
    posted_on: date | None = None  # first roster that shows the leaving; None = on the announcement
    handles: bool = True
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """A post held from a first to a last day."""

    id: str
    no: str
    company: str
    department: str
    role: str
    kind: str  # 主務 兼務 出向
    hired_on: date
    from_on: date
    to_on: date
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Days absent."""

    no: str
    company: str
    department: str
    kind: str  # 休職 育児 傷病 停職 休暇
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time of one person and business day."""

    no: str
    company: str
    department: str
    on: date
    starts_at: datetime
    ends_at: datetime
    kind: str = "所定"  # 所定 時間外承認 待機


@dataclass(frozen=True, slots=True)
class Training:
    """One completed course."""

    no: str
    company: str
    department: str
    course: str
    version: str
    kind: str  # 年次 入社時
    on: date
    score: int | None
    passed: bool
    classroom: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one system."""

    system: str
    login: str
    kind: str = "個人"  # 個人 共有 サービス 特権 緊急
    enabled: bool = True
    created_on: date = date(2023, 4, 3)
    disabled_at: datetime | None = None
    registered_owner: str | None = None
    expires_on: date | None = None
    department: str | None = None
    mfa: bool = True
    approval: str | None = None  # the number it quotes, of a privileged one
    outside: str | None = None  # the vendor that holds it


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account it is, from a first to a last day."""

    system: str
    login: str
    no: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Right:
    """A right of an account: on one store or on the system as such, perhaps given with a group."""

    system: str
    login: str
    name: str
    store: str | None
    group: str | None
    enabled: bool = True
    approval: str | None = None  # the number it quotes; None = one is given to it, empty = it quotes none
    removed_on: date | None = None  # first day on which no export shows it


@dataclass(frozen=True, slots=True)
class Device:
    """A machine or medium of the inventory."""

    id: str
    serial: str
    kind: str  # pc phone server media
    company: str
    department: str
    portable: bool
    hosts: tuple[str, ...]
    owner: str | None = None
    site: str = "本社"
    status: str = "in_use"
    changed_at: datetime | None = None
    encryption: str = "on"
    verified_ago: int | None = 0  # days before each export; None = never verified
    approved_model: bool = True
    wiped_at: datetime | None = None
    seen_ago: int | None = 0  # days before each export; None = never in contact
    former_owner: str | None = None  # who had it until the status changed
    agent_ago: int | None = 0  # days before each export that the protection agent reported; None = never
    signature_ago: int | None = 0
    os_supported: bool | None = True


@dataclass(frozen=True, slots=True)
class Access:
    """One line of an access log."""

    id: str
    at: datetime
    system: str
    login: str
    action: str  # login_ok login_ng read search update stop_logging ...
    store: str | None = None
    rows: int | None = None
    result: str = "ok"
    host: str | None = None
    ip: str = "10.20.0.9"
    ticket: str | None = None
    site: str | None = "本社"  # None = an address outside the group's network
    purpose: str | None = None
    mfa: bool | None = True  # of a login; None = the log does not say
    country: str | None = None
    zone: str | None = None  # of a console in a zone


@dataclass(frozen=True, slots=True)
class Page:
    """One capture of a published page."""

    id: str
    company: str
    code: str
    url: str
    at: datetime
    status: int
    text: str | None  # digest of what it said


@dataclass(frozen=True, slots=True)
class Segment:
    """One day of a system's log as the log platform reports it."""

    system: str
    source: str
    starts_at: datetime
    ends_at: datetime
    lines: int
    lines_reported: int
    accounts: int
    accounts_mapped: int
    digest_ok: bool = True
    chain_ok: bool = True
    drift_s: int | None = 1  # None = not measured
    retained_until: date = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Signal:
    """One alert."""

    id: str
    at: datetime
    company: str
    kind: str  # malware dlp_block_failed mis_send intrusion other
    severity: str
    host: str | None = None
    department: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class MediaWrite:
    """Files written to a removable medium."""

    id: str
    at: datetime
    company: str
    department: str
    terminal: str
    system: str
    login: str
    medium: str | None
    files: int = 3


@dataclass(frozen=True, slots=True)
class BadgeRight:
    """The right of one card to enter one zone."""

    id: str
    badge: str
    no: str
    zone: str
    company: str
    department: str
    approval: str | None
    enabled_until: date = date(9999, 12, 31)  # last day usable


@dataclass(frozen=True, slots=True)
class GatePass:
    """One pass of a person through the gate of an office."""

    no: str
    company: str
    at: datetime
    direction: str  # 入 出


@dataclass(frozen=True, slots=True)
class Setting:
    """What a system's sign-in, or another part of it, is set to; None = nobody has read it out."""

    system: str
    name: str
    number: float | None = None
    value: str | None = None
    part: str = "auth"


@dataclass(frozen=True, slots=True)
class SubVendor:
    """A sub-vendor that a vendor declares."""

    id: str
    on: date
    company: str
    department: str
    vendor: str
    sub_vendor: str
    work: str
    country: str = "JP"
    operator_country: str = "JP"


@dataclass(frozen=True, slots=True)
class VendorAudit:
    """One audit of a vendor, written on the sheet of 24 questions."""

    id: str
    vendor: str
    company: str
    department: str
    method: str  # on_site remote questionnaire special
    on: date
    auditor: str
    has_scope: bool = True
    samples: int = 5
    remark: int | None = None  # the number of the question with a finding


@dataclass(frozen=True, slots=True)
class Host:
    """A system and how its log is written."""

    system: str
    company: str
    department: str
    source: str | None
    log: str  # json csv cloudtrail sshd none
    stores: tuple[str, ...] = ()
    tickets: bool = False
    fields: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage through the door of a zone."""

    id: str
    at: datetime
    company: str
    department: str
    zone: str
    no: str
    direction: str  # 入 出
    mark: str = ""  # 最初 最後
    result: str = "許可"


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor, as the tablet at the door hands it out: of a name only that it was written."""

    id: str
    company: str
    department: str
    zone: str
    host: str | None
    arrived: datetime
    left: datetime | None
    named: bool = True
    of_an_organisation: bool = True
    escorted: bool | None = True
