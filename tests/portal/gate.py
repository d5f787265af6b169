"""A portal whose visitors are remembered, and what each was answered: a cell of the table is asked once."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import requests

from evidence.clock import StandingClock
from evidence.datasets import register
from evidence.period import Period
from house import credentials, day, desk, findings
from registers import sheets
from registers.approval import Act
from tests.following import gap_of, write
from tests.portal.served import DAY, PASSWORD, PEOPLE, Served, Visitor, digest, gap_at, grant, key
from tests.recipient import timeless
from tests.test_measured import VENDOR

TODAY = DAY + timedelta(days=1)
WITHIN, BEYOND = (f"{DAY - timedelta(days=days)}..{DAY}" for days in (5, 7))  # what an external auditor was granted
NUMBERS: Mapping[str, str] = PEOPLE | {"ungranted": "106"}
TWICE = ("administrator", "internal_auditor", "external_auditor")  # whom a password is not enough for (promises.md T9)
ALONE = dict(zip((f"{role} by a password" for role in TWICE), ("112", "113", "EXT-30"), strict=True))
# a company (c), its vendor of D2 (v) and the one of D1 (u), and a finding about the first (f)
JUDGED = {"w": WITHIN, "b": BEYOND}
HERE: Mapping[str, str] = {"c": "AOBA", "v": "V-2", "u": "V-1", "f": "F-20260304-001"} | JUDGED
THERE: Mapping[str, str] = {"c": "AOI", "v": "V-3", "u": "V-4", "f": "F-20260304-002"} | JUDGED
NOWHERE: Mapping[str, str] = {**THERE, "c": "NONE"}
FORMS: Mapping[str, Mapping[str, str]] = {
    "PLAN": {"act": "plan", "reason": "是正の計画"},
    "RAISE": {f"gap-{gap_at('VEN-01', 'V-1', 'evaluation')}": "1", "content": "評価していない"},
    "STEP": {
        "step": "plan", "cause": "漏れ", "correction": "監査", "prevention": "予定表", "owner": "101", "due": "2026-04-30",
    },
    "ASK": {"period": WITHIN, "purpose": "監査"},
    "GRANT": {"decision": "grant"},
    "MAKE": {},
    "HOLD": {"head": "no head"},
    "HAND": {"act": "submit", "reason": "記入済み", "version": "1"},
    "SIGN": {"act": "approve", "reason": "確認した", "version": "2"},
    "SHEET": {"do": "in", "reason": "更新"},
    "WITHIN": {"period": WITHIN, "purpose": "監査"},
    "BEYOND": {"period": BEYOND, "purpose": "監査"},
}  # fmt: skip
PASSED_ON: Mapping[str, Any] = {  # that a vendor may pass work on: a row that waits for an approver
    "company": "AOBA", "department": "D2", "vendor_id": "V-2", "sub_vendor": "下請", "work": "印刷", "method": "専用線",
    "approved_on": None, "approved_by": None, "expires_on": date(2026, 12, 31), "pass_down_terms": True,
}  # fmt: skip
CERTIFICATE, _ = timeless()
_FRESH = count()


@dataclass(frozen=True, slots=True)
class Cell:
    """Somebody who asks for something of a company, what is alike but not there, and whether it is theirs."""

    who: str
    how: str
    path: str
    like: str
    place: Mapping[str, str] = field(hash=False)
    query: str
    may: bool

    def __str__(self) -> str:
        return f"{self.who} {self.how} {self.path.replace('{c}', self.place['c'])}{self.query}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser got, and what the access log says of it."""

    path: str
    response: requests.Response
    noted: list[Mapping[str, Any]]

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def look(self) -> tuple[int, Mapping[str, str], str]:
        """All that answers could be told apart by; a page names its own path in the link to the other language."""
        told = {name: value for name, value in self.response.headers.items() if name not in ("date", "content-length")}
        return self.status, told, re.sub(r"/language\?back=[^\"]*", "/language", self.response.text)


@dataclass(slots=True)
class Gate:
    """A portal, a pack that waits for its keeper, an auditor of the other company, and who came in and asked what."""

    door: Served
    keeper: Visitor
    kept: str  # the link of the pack
    wish: str  # what the keeper of the pack asked for besides
    insider: Visitor
    inside: dict[str, tuple[Visitor, str]] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], Answer] = field(default_factory=dict)

    def visitor(self, who: str) -> Visitor:
        return self._entered(who)[0]

    def text(self, who: str, path: str) -> str:
        return self.visitor(who).get(path).text

    def ask(self, cell: Cell) -> Answer:
        """What a cell is answered. Who builds no packs tries the link that is kept for somebody else."""
        own = link(self.ask(built(cell)).response) if "{own}" in cell.path and cell.may else self.kept
        return self._asked(cell, addressed(cell.path.format(own=own, others=self.kept, o=self.wish, **cell.place)))

    def missing(self, cell: Cell) -> Answer:
        """What somebody is answered who asks in the same way for what is not there."""
        if cell.place is HERE and cell.who != "nobody":
            return self._asked(cell, addressed(cell.like.format(**HERE)))
        return self._asked(cell, addressed(cell.path.format(own=self.kept, others=self.kept, o=self.wish, **NOWHERE)))

    def _asked(self, cell: Cell, path: str) -> Answer:
        path = path.replace("/roster", f"/{roster(self.door)}")
        asked = (cell.who, cell.how, path + cell.query)
        if asked not in self.answers:
            visitor, token = self._entered(cell.who)
            before = len(self._log())
            form = FORMS.get(cell.how)
            whole = path + cell.query
            response = visitor.get(whole) if form is None else sent(visitor, whole, {**form, "token": token})
            self.answers[asked] = Answer(path, response, [json.loads(line) for line in self._log()[before:]])
        return self.answers[asked]

    def _log(self) -> list[str]:
        files = sorted((self.door.house.home / "access").glob("*.jsonl"))
        return [line for file in files for line in file.read_text("utf-8").splitlines()]

    def _entered(self, who: str) -> tuple[Visitor, str]:
        if who not in self.inside:
            self.inside[who] = left_without_grant(self.door) if who == "ungranted" else self._come_in(who)
        return self.inside[who]

    def _come_in(self, who: str) -> tuple[Visitor, str]:
        if who == "nobody":
            return self.door.visitor(), ""
        if who in ALONE:
            one = newcomer(self.door, ALONE[who], who.split()[0], is_enrolled=False)
        else:
            one = self.door.visitor(NUMBERS[who])
        return one, token(one)


def sent(visitor: Visitor, path: str, form: Mapping[str, str]) -> requests.Response:
    """What a form is answered; where one takes a file, it brings one."""
    if not path.endswith(("/originals", "/registers/vendors")):
        return visitor.post(path, form)
    brought = CERTIFICATE if path.endswith("/originals") else sheets.export(register("vendors"), [])
    return visitor.browser.post(
        visitor.origin + path, data=form, files={"file": ("file", brought)}, headers={"Origin": visitor.origin},
        allow_redirects=False, timeout=60,
    )  # fmt: skip


def addressed(path: str) -> str:
    """A path of the table as the portal knows it: rows and gaps are called by a digest of what they are about."""
    path = re.sub(r"(/registers/\w+/|/vendors/)(V-\d+)$", lambda told: told[1] + digest([told[2]]), path)
    return re.sub(r"/gaps/([^/]+)/([^/]+)/([^/]+)$", lambda told: f"/gaps/{gap_at(*told.groups())}", path)


def gate(door: Served) -> Gate:
    """Both companies have vendors and were judged for two more periods, the shortest last; who needs an authenticator
    has one."""
    for role in TWICE:
        door.enrol(NUMBERS[role])
    vendors = [VENDOR | {"company": "AOI", "department": f"D{5 - n}", "vendor_id": f"V-{n}"} for n in (3, 4)]
    assert write(door.house, "vendors", *vendors) == []
    passed_on = [{**PASSED_ON, "company": "AOBA" if n < 3 else "AOI", "approval_id": f"V-{n}"} for n in (1, 2, 3, 4)]
    assert write(door.house, "sub_vendor_approvals", *passed_on) == []
    desk.act_on(door.house, "sub_vendor_approvals", ["V-1", "V-4"], Act.SUBMIT, "107", "記入済み")
    for days in (7, 5):
        day.judge(door.house, Period(DAY - timedelta(days=days), DAY), only=["VEN-01", "VEN-04"])
        standing(door).at += timedelta(seconds=1)
    for subject in ("V-2", "V-3"):
        findings.take_up(door.house, [gap_of(door.house, "VEN-04", subject)], key(door.house, "107"), "監査していない")
    keeper = newcomer(door, "102", "internal_auditor")
    kept = link(keeper.post("/AOBA/packs", {**FORMS["WITHIN"], "token": token(keeper)}))
    assert sent(keeper, "/AOBA/originals", {**FORMS["ASK"], "token": token(keeper)}).status_code == 303
    [wish] = re.findall(r"/originals/([\w-]+)/build", keeper.get("/AOBA/packs").text)
    return Gate(door, keeper, kept, wish, newcomer(door, "111", "internal_auditor", company="AOI", approved_by="103"))


def roster(door: Served) -> str:
    """The digest of what was delivered of a day's roster."""
    [file] = (door.house.home / "inbox" / "hr").glob(f"*{DAY:%Y%m%d}.csv")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def newcomer(door: Served, number: str, role: str, *, is_enrolled: bool = True, **other: Any) -> Visitor:
    """Somebody who is granted a role just now, and came in; by more than a password if they need it."""
    by = "103" if number == "104" else "104"  # nobody brings in their own
    assert write(door.house, "portal_grants", grant(role, number, **other), by=by) == []
    if not credentials.is_password(door.house, key(door.house, number), PASSWORD):  # another ends their sessions
        credentials.set_password(door.house, key(door.house, number), PASSWORD)
    if is_enrolled and role in TWICE and number not in door.authenticators:  # another ends their sessions, too
        door.enrol(number)
    return door.visitor(number)


def left_without_grant(door: Served) -> tuple[Visitor, str]:
    """Somebody whose only grant was retired since they came in, and the token of their forms."""
    name = f"G-{next(_FRESH)}"
    one = newcomer(door, NUMBERS["ungranted"], "requests_desk", grant_id=name)
    found = token(one)
    retire(door, name)
    return one, found


def retire(door: Served, name: str) -> None:
    desk.act_on(door.house, "portal_grants", [name], Act.RETIRE, "105", "契約の終了")


def standing(door: Served) -> StandingClock:
    assert isinstance(door.house.clock, StandingClock)
    return door.house.clock


def token(visitor: Visitor) -> str:
    """What forms bring along; none where somebody is not even shown the first page."""
    return visitor.token() if visitor.get("/").status_code == 200 else ""


def built(cell: Cell) -> Cell:
    """The cell in which somebody builds their own pack."""
    return Cell(cell.who, "WITHIN", "/{c}/packs", "/{c}/nothing", HERE, "", may=True)


def link(page: requests.Response) -> str:
    [found] = re.findall(r'href="/AOBA/packs/([^"]+)"', page.text)
    return str(found)
