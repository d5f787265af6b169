"""The plan: what is planted, said before anything runs, in the subjects that the controls report."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from demo.values import Access, Worker
from evidence.persons import Keys

UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault that must be found, or one near-miss that must not.

    ``optional``: the requirement can be read either way; found or not, it is neither missing nor false.
    """

    control: str
    company: str
    subject: str
    subject_any: tuple[
        str, ...
    ]  # every way in which a control may name it; ``*`` with a day: whatever was found that day
    kind: str
    note: str
    near_miss: bool = False
    optional: bool = False
    aspect: str | None = None
    day: date | None = None

    def told(self) -> dict[str, Any]:
        """As it is written into planted.json."""
        return asdict(self) | {"day": self.day.isoformat() if self.day else None}


@dataclass(slots=True)
class Plan:
    """Collects what is planted and names it by the keys that the home will mint."""

    keys: Keys
    planted: list[Planted] = field(default_factory=list)

    def fault(
        self, control: str, company: str, subject: str | Iterable[str], kind: str, note: str, **fields: Any
    ) -> None:
        """Plan something that must be found."""
        names = (subject,) if isinstance(subject, str) else tuple(dict.fromkeys(subject))
        self.planted.append(Planted(control, company, names[0], names, kind, note, **fields))

    def near(
        self, control: str, company: str, subject: str | Iterable[str], kind: str, note: str, **fields: Any
    ) -> None:
        """Plan something on the good side of a boundary."""
        self.fault(control, company, subject, kind, note, near_miss=True, **fields)

    def either(
        self, control: str, company: str, subject: str | Iterable[str], kind: str, note: str, **fields: Any
    ) -> None:
        """Plan something that follows from another fault under one reading only."""
        self.fault(control, company, subject, kind, note, optional=True, **fields)

    # the keys that the sources' profiles mint
    def person(self, no: str) -> str:
        """The key of a person."""
        return self.keys.person("worker_no", no)

    def persons(self, worker: Worker) -> tuple[str, ...]:
        """The ways to name somebody at a company: the person, or this engagement."""
        return (self.person(worker.no), self.engagement(worker))

    def doer(self, worker: Worker, access: Access) -> tuple[str, ...]:
        """The ways to name who did something: the person, the engagement, or the account that was used."""
        return (*self.persons(worker), self.account(access.system, access.login))

    def engagement(self, worker: Worker) -> str:
        """The key of an engagement, made from the roster's own text."""
        return self.keys.mint("engagement", worker.company, worker.no, worker.hired_on.strftime("%Y/%m/%d"))

    def account(self, system: str, login: str) -> str:
        """The key of an account."""
        return self.keys.mint("account", system, login)

    def device(self, host: str) -> str:
        """The key of a host name or MAC."""
        return self.keys.mint("device", host)
