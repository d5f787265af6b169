"""What is done with the data of outsiders: plain frozen values, as the systems that export them would hold them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Provided:
    """Personal data that went to a third party."""

    id: str
    at: datetime
    company: str
    department: str
    party: str | None
    destination: str
    person: str | None  # None = a set of people
    items: tuple[str, ...]
    channel: str = "web"  # web mail fax hand; what is published, and others that are not


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the data of one person."""

    id: str
    at: datetime
    company: str
    department: str
    system: str
    person: str
    kind: str  # mail call ad_list read provision
    exception: str | None = None
