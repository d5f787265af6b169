"""What is there and not for whoever asks is answered like what is not: in each byte, and in what it costs (promises.md §5.6).

What a wall clock says on a busy machine is no speed, so the cost is the time of the processor that this process spent
and who asks did not: of all threads of the portal together.
"""

import hashlib
import re
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import pytest
import requests

import portal.door
import portal.pages.gaps
from house import House, findings
from house.following import Followed
from portal.door import Asked
from portal.pages.standing import seen
from tests.following import gap_of, write
from tests.portal import gate as gates
from tests.portal.gate import BEYOND, FORMS, Gate
from tests.portal.served import Served, Visitor, digest, gap_at, key
from tests.test_measured import VENDOR

PAIRS = 200
BAR = 0.005  # seconds by which the medians may differ
WORK = 0.010  # seconds: what a lookup of what is there costs in the control
OTHERS, THEIRS, NONE = (f"/AOBA/gaps/{gap_at('VEN-01', subject, 'evaluation')}" for subject in ("V-1", "V-4", "V-9"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody, what is there and not for them, and what is not there: addresses of one length."""

    who: str
    there: str
    nowhere: str
    form: Mapping[str, str] | None = None


def row(register: str, key_: str) -> str:
    return f"/AOBA/registers/{register}/{digest([key_])}"


AUDITOR, MANAGER, OWNER, DESK = "internal_auditor", "department_manager", "control_owner", "requests_desk"
ALIKE = {
    "another company": Pair(AUDITOR, "/AOI", "/AOX"),
    "a gap in another company": Pair(AUDITOR, f"/AOI{THEIRS[5:]}", f"/AOI{NONE[5:]}"),
    "a gap of another company": Pair(AUDITOR, THEIRS, NONE),
    "a gap of another department": Pair(MANAGER, OTHERS, NONE),
    "a plan for a gap of another department": Pair(MANAGER, OTHERS, NONE, FORMS["PLAN"]),
    "a control of others": Pair(OWNER, "/AOBA/controls/VEN-01", "/AOBA/controls/XXX-99"),
    "a finding of another department": Pair(MANAGER, "/AOBA/findings/F-20260304-003", "/AOBA/findings/F-20260304-999"),
    "a finding of another company": Pair(AUDITOR, "/AOBA/findings/F-20260304-002", "/AOBA/findings/F-20260304-999"),
    "a row of another company": Pair(AUDITOR, row("vendors", "V-3"), row("vendors", "V-9")),
    "an object of another company": Pair(AUDITOR, "/AOBA/evidence/{theirs}", "/AOBA/evidence/{none}"),
    "an object beyond the engagement": Pair(
        "external_auditor", f"/AOBA/evidence/{{roster}}?period={BEYOND}", f"/AOBA/evidence/{{none}}?period={BEYOND}"
    ),
    "a vendor of another company": Pair(
        AUDITOR, f"/AOBA/vendors/{digest(['V-3'])}", f"/AOBA/vendors/{digest(['V-9'])}"
    ),
    "a pack of somebody else": Pair(AUDITOR, "/AOBA/packs/{kept}", "/AOBA/packs/{lost}"),
    "a page for other roles": Pair(DESK, "/AOBA/ledger", "/AOBA/nether"),
    "a form for other roles": Pair(DESK, "/AOBA/findings", "/AOBA/followed", FORMS["RAISE"]),
    "a page of the group for other roles": Pair(DESK, "/settings", "/sittings"),
}

SHOWN = {  # to others than an auditor of the company, or there
    "another company": ("insider", "/AOI"),
    "a gap in another company": ("insider", f"/AOI{THEIRS[5:]}"),
    "a gap of another company": ("insider", f"/AOI{THEIRS[5:]}"),
    "a finding of another company": ("insider", "/AOI/findings/F-20260304-002"),
    "a row of another company": ("insider", f"/AOI{row('vendors', 'V-3')[5:]}"),
    "an object of another company": ("insider", "/AOI/evidence/{theirs}"),
    "a vendor of another company": ("insider", f"/AOI/vendors/{digest(['V-3'])}"),
    "a pack of somebody else": ("keeper", "/AOBA/packs/{kept}"),
    "a page of the group for other roles": ("security_operator", "/settings"),
}


@pytest.fixture(scope="module")
def gate(door: Served) -> Gate:
    """A gate whose other company wrote a sheet of its own, with a finding of each department."""
    one = gates.gate(door)
    findings.take_up(door.house, [gap_of(door.house, "VEN-01", "V-1")], key(door.house, "107"), "評価していない")
    return one


@pytest.fixture(scope="module")
def told(gate: Gate) -> Mapping[str, str]:
    """What is called otherwise in each run."""
    theirs = VENDOR | {"company": "AOI", "department": "D2", "vendor_id": "V-5"}
    assert write(gate.door.house, "vendors", theirs) == []
    sheet = hashlib.sha256((gate.door.house.home / "vendors.xlsx").read_bytes()).hexdigest()
    return {
        "theirs": sheet, "none": sheet[::-1], "kept": gate.kept, "lost": gate.kept[::-1], "roster": gates.roster(gate.door),
    }  # fmt: skip


@dataclass(slots=True)
class Asking:
    """Somebody who asks for one of two addresses, and what each answer cost the portal."""

    visitor: Visitor
    pair: Pair
    told: Mapping[str, str]
    token: str

    def ask(self, path: str) -> requests.Response:
        whole = path.format(**self.told)
        if self.pair.form is None:
            return self.visitor.get(whole)
        return self.visitor.post(whole, {**self.pair.form, "token": self.token})

    def cost(self, path: str) -> float:
        before, own = time.process_time(), time.thread_time()
        self.ask(path)
        return (time.process_time() - before) - (time.thread_time() - own)

    def difference(self) -> float:
        """By how much the medians differ of pairs that were asked one after the other."""
        costs: dict[str, list[float]] = {self.pair.there: [], self.pair.nowhere: []}
        for n in range(PAIRS):
            for path in sorted(costs, reverse=n % 2 == 0):
                costs[path].append(self.cost(path))
        there, nowhere = (statistics.median(one) for one in costs.values())
        return there - nowhere


def asking(gate: Gate, told: Mapping[str, str], pair: Pair) -> Asking:
    visitor = gate.visitor(pair.who)
    return Asking(visitor, pair, told, gates.token(visitor))


def look(answer: requests.Response) -> tuple[int, Mapping[str, str], str]:
    """All of an answer but the day; a page names its own path in the link to the other language."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, headers, re.sub(r"/language\?back=[^\"]*", "/language", answer.text)


@pytest.mark.parametrize("name", ALIKE)
def test_the_answers_are_the_same_in_each_byte(gate: Gate, told: Mapping[str, str], name: str) -> None:
    one = asking(gate, told, ALIKE[name])
    there, nowhere = (look(one.ask(path)) for path in (one.pair.there, one.pair.nowhere))
    assert there == nowhere
    assert there[0] == 404


def test_control_where_gaps_are_for_everybody_the_answers_differ(
    gate: Gate, told: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal.pages.gaps, "seen", lambda *_: True)
    one = asking(gate, told, ALIKE["a gap of another department"])
    assert look(one.ask(one.pair.there)) != look(one.ask(one.pair.nowhere))


@pytest.fixture
def opened(door: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever acts does so in a house that is open already: to open one costs so much that nothing else shows."""
    with door.house.another() as house:
        monkeypatch.setattr(House, "another", lambda _: nullcontext(house))
        yield


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("name", ALIKE)
def test_the_answers_cost_the_same(gate: Gate, told: Mapping[str, str], name: str) -> None:
    assert abs(asking(gate, told, ALIKE[name]).difference()) < BAR


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("name", ["a gap of another department", "a plan for a gap of another department"])
def test_control_where_more_is_done_about_what_is_there_the_costs_differ(
    gate: Gate, told: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(portal.pages.gaps, "seen", looked_up)
    assert asking(gate, told, ALIKE[name]).difference() > BAR


def looked_up(asked: Asked, one: Followed) -> bool:
    """Whether a gap is for whoever asks, found out with some work; it is asked only where there is one."""
    until = time.thread_time() + WORK
    while time.thread_time() < until:
        pass
    return seen(asked, one)


@pytest.mark.parametrize("name", ALIKE)
def test_what_is_denied_is_shown_to_whom_it_is_for(gate: Gate, told: Mapping[str, str], name: str) -> None:
    who, path = SHOWN.get(name, (AUDITOR, ALIKE[name].there))
    visitor = {"insider": gate.insider, "keeper": gate.keeper}.get(who) or gate.visitor(who)
    assert visitor.get(path.format(**told)).status_code == 200
