"""The plan: what is planted, said before anything runs, in the subjects that the controls report.

Who did something is named as domain.md's line about the control names it: HUM-03 tells the person, ORG-2-05 and
TEC-4-04 the account, TEC-1-03 the engagement that ended, TEC-3-04 the login itself.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from demo.values import Worker
from evidence.persons import Keys

UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault that must be found, or one near-miss that must not, in the one way in which its control names it."""

    control: str
    company: str
    subject: str
    kind: str
    note: str
    near_miss: bool = False
    aspect: str | None = None  # where a control asks about a state and about events
    day: date | None = None  # of an event; a state has none


@dataclass(slots=True)
class Plan:
    """Collects what is planted and names it by the keys that the home will mint."""

    keys: Keys
    planted: list[Planted] = field(default_factory=list)
    minted: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what each key was made of, with its kind before

    def fault(self, control: str, company: str, subject: str, kind: str, note: str, **fields: Any) -> None:
        """Plan something that must be found."""
        self.planted.append(Planted(control, company, subject, kind, note, **fields))

    def near(self, control: str, company: str, subject: str, kind: str, note: str, **fields: Any) -> None:
        """Plan something on the good side of a boundary."""
        self.fault(control, company, subject, kind, note, near_miss=True, **fields)

    # the keys that the sources' profiles mint
    def mint(self, kind: str, *parts: str) -> str:
        """The key that a profile mints; it is remembered what it was made of."""
        key = self.keys.person("worker_no", *parts) if kind == "person" else self.keys.mint(kind, *parts)
        self.minted[key] = (kind, *parts)
        return key

    def person(self, no: str) -> str:
        """The key of a person."""
        return self.mint("person", no)

    def engagement(self, worker: Worker) -> str:
        """The key of an engagement, made from the roster's own text."""
        return self.mint("engagement", worker.company, worker.no, worker.hired_on.strftime("%Y/%m/%d"))

    def account(self, system: str, login: str) -> str:
        """The key of an account."""
        return self.mint("account", system, login)

    def device(self, host: str) -> str:
        """The key of a host name or MAC."""
        return self.mint("device", host)


def written(planted: Iterable[Planted]) -> str:
    """What is planted, as planted.json holds it."""
    told = [asdict(one) for one in planted]
    return json.dumps(told, default=date.isoformat, ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> list[Planted]:
    """What planted.json holds."""
    return [Planted(**one | {"day": one["day"] and date.fromisoformat(one["day"])}) for one in json.loads(text)]
