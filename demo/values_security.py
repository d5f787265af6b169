"""What exists in the synthetic group of networks, clouds and what leaves them: plain frozen values."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Transfer:
    """Something with personal data that left the company."""

    id: str
    at: datetime
    company: str
    department: str
    system: str
    login: str
    destination: str
    destination_kind: str  # recipient vendor data_subject unknown
    party: str | None
    hits: int
    items: tuple[str, ...]
    approval: str | None = None
    contract: str | None = None
    protected: bool = True
    channel: str = "sftp"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud resource."""

    id: str
    company: str
    system: str | None
    kind: str  # bucket link snapshot database share
    region: str | None
    country: str | None
    public: bool = False
    anonymous: bool = False
    tagged: bool = True  # as holding personal data
    encrypted: bool | None = True


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """What the scanner found on one machine, or on a system as such."""

    id: str
    company: str
    department: str
    device: str | None
    system: str | None
    severity: str  # critical high medium low
    found_on: date
    fixed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a firewall."""

    id: str
    any_any: bool = False
    temporary_until: date | None = None


@dataclass(frozen=True, slots=True)
class Firewall:
    """A firewall that exports its rules."""

    id: str
    company: str
    rules: tuple[Rule, ...]
