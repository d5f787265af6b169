"""Who may what: each cell of role, address, company and period asked over HTTP; then what time changes, and who grants."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from evidence.clock import StandingClock
from house import desk
from portal.app import DOORS, portal
from registers.approval import Act
from tests.following import FIRST, at, write
from tests.portal import gate as gates
from tests.portal.gate import BEYOND, FORMS, NUMBERS, THERE, TODAY, WITHIN, Cell, Gate, addressed, link, newcomer
from tests.portal.served import DAY, PERIOD, STEP, Visitor, grant, key, served
from tests.portal.table import CELLS, DENIED, HELD_BACK, MOVING, NOBODY, ROWS, SERVED, THEIRS


@pytest.fixture(scope="module")
def gate(judged_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with served(judged_home, tmp_path_factory.mktemp("matrix"), more="") as door:
        yield gates.gate(door)


@pytest.fixture
def clock(gate: Gate) -> Iterator[StandingClock]:
    """The portal's clock; afterwards whoever was inside comes in anew, half a minute later: a code is taken once."""
    clock = gates.standing(gate.door)
    before = clock.at
    yield clock
    clock.at = before + timedelta(seconds=STEP)
    gate.inside.clear()


def named(text: str) -> set[str]:
    """The controls that a page names, but for what somebody typed into a field of it."""
    return set(re.findall(r"\b[A-Z]{3}(?:-\d)?-\d\d\b", re.sub(r'value="[^"]*"', "", text)))


def periods(text: str) -> set[str]:
    return set(re.findall(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", text))


def listed(text: str) -> list[tuple[str, str]]:
    """The gaps of a list: their addresses, and the department of each."""
    return re.findall(r'<th scope="row"><a href="(/AOBA/gaps/[^"]+)">[^<]*</a></th><td>([^<]*)</td>', text)


def asked_at(clock: StandingClock, moment: datetime, visitor: Visitor, path: str = "/") -> int:
    clock.at = moment
    return visitor.get(path).status_code


@pytest.mark.parametrize("cell", SERVED, ids=str)
def test_who_may_is_served(gate: Gate, cell: Cell) -> None:
    assert gate.ask(cell).status == (303 if cell.how in MOVING else 200)


@pytest.mark.parametrize("cell", DENIED, ids=str)
def test_who_may_not_finds_what_is_not_there(gate: Gate, cell: Cell) -> None:
    answer = gate.ask(cell)
    assert (answer.status, answer.look) == (404, gate.missing(cell).look)


@pytest.mark.parametrize("cell", HELD_BACK, ids=str)
def test_what_takes_more_than_a_password_is_not_there_for_who_brought_no_more(gate: Gate, cell: Cell) -> None:
    answer = gate.ask(cell)
    assert (answer.status, answer.look) == (404, gate.missing(cell).look)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_each_answer_is_noted_once_with_who_asked(gate: Gate, cell: Cell) -> None:
    person, answer = key(gate.door.house, NUMBERS[cell.who]), gate.ask(cell)
    told = [(line["person"], line["result"], line["path"], line["status"]) for line in answer.noted]
    path = re.sub(r"(/packs/.{6}).*", r"\1…", answer.path)  # what opens stands in no log
    assert told == [(person, "ok" if cell.may else "denied", path, answer.status)]


@pytest.mark.parametrize("cell", NOBODY, ids=str)
def test_who_did_not_come_in_is_sent_to_the_entrance_whatever_there_is(gate: Gate, cell: Cell) -> None:
    answer = gate.ask(cell)
    there = (404, None) if cell.how in FORMS else (303, "/login")
    assert (answer.status, answer.response.headers.get("location"), answer.look) == (*there, gate.missing(cell).look)


@pytest.mark.parametrize("how", ["GET", "SEEN", "PLAN", "WITHIN"])
def test_that_somebody_unknown_was_denied_is_noted(gate: Gate, how: str) -> None:
    answer = gate.ask(next(cell for cell in NOBODY if cell.how == how))
    assert [(line["person"], line["result"], line["path"]) for line in answer.noted] == [
        ("nobody", "denied", answer.path)
    ]


@pytest.mark.parametrize("who", [who for who in NUMBERS if who not in ("machine", "ungranted")])
def test_everybody_may_leave_and_their_cookie_is_worth_nothing_then(gate: Gate, who: str) -> None:
    visitor = gate.door.visitor(NUMBERS[who])
    cookies = visitor.browser.cookies.copy()
    visitor.post("/logout", {"token": visitor.token()})
    visitor.browser.cookies = cookies
    assert visitor.get("/").headers.get("location") == "/login"


def test_the_table_has_each_door_of_the_portal() -> None:
    asked = [("POST" if how in FORMS else "GET", addressed(path)) for how, path, *_ in ROWS]
    met = {
        next(door for door in DOORS if door.method == how and re.fullmatch(re.sub(r"{\w+}", "[^/]+", door.path), path))
        for how, path in asked
    }
    assert [(door.method, door.path) for door in DOORS if door not in met] == [
        ("POST", "/logout"), ("POST", "/grants"), ("POST", "/grants/{grant}"),  # the last four: test_second_person
        ("POST", "/{company}/gaps/{gap}/ask"), ("POST", "/{company}/gaps/{gap}/decide"),
    ]  # fmt: skip


def test_nothing_else_is_open_but_what_everybody_needs_to_come_in(gate: Gate) -> None:
    paths = {one.path for one in vars(portal(gate.door.house))["_app"].routes if isinstance(one, Route)}
    free = {"/healthz", "/login", "/language", "/static/{name}", "/oidc", "/oidc/back"}
    assert paths - {one.path for one in DOORS} == free


@pytest.mark.parametrize("cell", THEIRS, ids=str)
def test_what_is_denied_of_the_other_company_is_there(gate: Gate, cell: Cell) -> None:
    path = addressed(cell.path.format(**THERE)).replace("/roster", f"/{gates.roster(gate.door)}")
    assert gate.insider.get(path + cell.query).status_code == 200


def test_a_link_that_others_tried_serves_whom_it_was_made_for(gate: Gate) -> None:
    tried = [gate.visitor("internal_auditor").get(f"/AOBA/packs/{gate.kept}")]
    tried += [gate.keeper.get(f"/{company}/packs/{gate.kept}") for company in ("AOI", "AOBA")]
    assert [one.status_code for one in tried] == [404, 404, 200]


@pytest.mark.parametrize("who", ["administrator", "requests_desk"])
def test_who_sees_nothing_of_a_company_is_shown_none(gate: Gate, who: str) -> None:
    assert not re.search(r"AOBA|AOI", gate.text(who, "/"))


@pytest.mark.parametrize("path", [
    f"?period={PERIOD}", f"/measures/VEN?period={PERIOD}", f"/measures/ORG-4?period={PERIOD}",
    "/measures/VEN", "/gaps", "/gaps?show=all", "/gaps?control=VEN-01",
])  # fmt: skip
def test_a_control_owner_sees_of_controls_only_their_own(gate: Gate, path: str) -> None:
    owner, auditor = (named(gate.text(who, f"/AOBA{path}")) for who in ("control_owner", "internal_auditor"))
    assert owner == auditor & {"VEN-04"} != auditor


@pytest.mark.parametrize("figure, own", [("Unverified controls", "0"), ("Open gaps", "1")])
def test_a_control_owners_dashboard_counts_only_their_own(gate: Gate, figure: str, own: str) -> None:
    text = gate.text("control_owner", f"/AOBA?period={PERIOD}")
    assert re.findall(rf"<b>(\d+)</b><span>{figure}", text) == [own]


def test_a_control_owners_dashboard_marks_only_measures_that_they_have_a_part_in(gate: Gate) -> None:
    text = gate.text("control_owner", f"/AOBA?period={PERIOD}")
    assert set(re.findall(r'href="/AOBA/measures/([^"?]+)', text)) == {"VEN"}


@pytest.mark.parametrize("query", ["", "?show=all", "?control=VEN-01"])
def test_a_department_manager_sees_the_gaps_of_their_department_only(gate: Gate, query: str) -> None:
    manager, auditor = (
        listed(gate.text(who, f"/AOBA/gaps{query}")) for who in ("department_manager", "internal_auditor")
    )
    assert {"D1", "D2"} <= {department for _, department in auditor}
    assert manager == [gap for gap in auditor if gap[1] == "D2"]


def test_an_administrator_of_one_company_sees_no_grant_in_another(gate: Gate) -> None:
    assert set(re.findall(r"AOBA|AOI", gate.text("administrator", "/grants"))) == {"AOBA"}


@pytest.mark.parametrize("number, role, confined", [
    pytest.param("104", "internal_auditor", {"department": "D2"}, id="to a department"),
    pytest.param("EXT-20", "external_auditor", {"control_ids": ["VEN-04"]}, id="to a control"),
    pytest.param("EXT-21", "external_auditor", {"department": "D2"}, id="to a department of an engagement"),
])  # fmt: skip
def test_who_is_confined_to_a_part_takes_no_pack_of_the_whole(
    gate: Gate, number: str, role: str, confined: Mapping[str, Any]
) -> None:
    visitor = newcomer(gate.door, number, role, requested_by="103", **confined)
    built = visitor.post("/AOBA/packs", {**FORMS["WITHIN"], "token": visitor.token()})
    assert built.status_code == 404


@pytest.mark.parametrize("path", ["/AOBA/periods", "/AOBA/packs"])
def test_an_external_auditor_is_offered_the_periods_of_the_engagement_only(gate: Gate, path: str) -> None:
    external, internal = (periods(gate.text(who, path)) for who in ("external_auditor", "internal_auditor"))
    assert (external, internal) == ({WITHIN, PERIOD}, {WITHIN, PERIOD, BEYOND})


@pytest.mark.parametrize("path", ["", "/measures/VEN", "/controls/VEN-04", "/controls/VEN-04/0"])
def test_an_external_auditor_is_told_nothing_of_todays_gaps(gate: Gate, path: str) -> None:
    text = gate.text("external_auditor", f"/AOBA{path}?period={WITHIN}")
    assert not re.search(r"/gaps|/ledger|Open gaps|Overdue", text)


@pytest.mark.parametrize("later, earlier, status", [
    pytest.param(0, 0, 200, id="to the day"),
    pytest.param(1, 0, 404, id="begins a day later"),
    pytest.param(0, 1, 404, id="ends a day earlier"),
])  # fmt: skip
def test_a_period_must_be_wholly_within_what_was_granted(gate: Gate, later: int, earlier: int, status: int) -> None:
    granted: dict[str, Any] = {
        "period_from_on": DAY - timedelta(days=6 - later),
        "period_to_on": DAY - timedelta(days=earlier),
    }
    external = newcomer(gate.door, f"EXT-1{later}{earlier}", "external_auditor", **granted)
    assert external.get(f"/AOBA/controls/VEN-04?period={PERIOD}").status_code == status


@pytest.mark.parametrize("period", ["", "..", "now", f"{DAY}..", f"..{DAY}", f"{DAY}..{FIRST}"])
def test_what_is_no_period_opens_nothing_to_who_is_confined_to_one(gate: Gate, period: str) -> None:
    assert gate.visitor("external_auditor").get(f"/AOBA/controls/VEN-04?period={period}").status_code == 404


@pytest.mark.parametrize("first, second", [(WITHIN, BEYOND), (BEYOND, WITHIN)])
def test_a_period_told_twice_opens_nothing_beyond(gate: Gate, first: str, second: str) -> None:
    text = gate.text("external_auditor", f"/AOBA/controls/VEN-04?period={first}&period={second}")
    assert BEYOND.split("..")[0] not in re.sub(r"/language\?back=[^\"]*", "", text)


def test_two_grants_do_not_add_up_to_more_than_each(gate: Gate) -> None:
    both = newcomer(gate.door, "EXT-2", "external_auditor", grant_id="E-1")
    wider: dict[str, Any] = {"company": "AOI", "period_from_on": DAY - timedelta(days=7)}
    newcomer(gate.door, "EXT-2", "external_auditor", grant_id="E-2", **wider)
    paths = [f"/{code}/controls/VEN-04?period={period}" for code in ("AOBA", "AOI") for period in (WITHIN, BEYOND)]
    assert [both.get(path).status_code for path in paths] == [200, 404, 200, 200]


def test_a_grant_begins_with_its_first_day_while_somebody_waits(gate: Gate, clock: StandingClock) -> None:
    midnight = at(TODAY + timedelta(days=1), 0)
    clock.at = midnight - timedelta(minutes=1)
    early = newcomer(gate.door, "EXT-3", "external_auditor", starts_on=TODAY + timedelta(days=1))
    path = f"/AOBA?period={WITHIN}"
    assert [asked_at(clock, moment, early, path) for moment in (clock.at, midnight)] == [404, 200]


@pytest.mark.parametrize("path", [f"/AOBA?period={WITHIN}", "/AOBA/periods", "/AOBA/packs"])
def test_an_engagement_that_is_over_shows_nothing_at_the_next_request(
    gate: Gate, clock: StandingClock, path: str
) -> None:
    midnight = at(TODAY + timedelta(days=1), 0)
    clock.at = midnight - timedelta(minutes=1)
    late = newcomer(gate.door, "EXT-4", "external_auditor", ends_on=TODAY)
    assert [asked_at(clock, moment, late, path) for moment in (clock.at, midnight)] == [200, 404]


def test_a_link_serves_nobody_whose_engagement_is_over(gate: Gate, clock: StandingClock) -> None:
    clock.at = at(TODAY + timedelta(days=1), 0) - timedelta(minutes=1)
    late = newcomer(gate.door, "EXT-5", "external_auditor", ends_on=TODAY)
    taken = link(late.post("/AOBA/packs", {**FORMS["WITHIN"], "token": late.token()}))
    assert asked_at(clock, at(TODAY + timedelta(days=1), 0), late, f"/AOBA/packs/{taken}") == 404


def test_a_grant_that_is_given_holds_at_the_next_request(gate: Gate) -> None:
    first = newcomer(gate.door, "EXT-6", "external_auditor", grant_id="E-3", company="AOI")
    before = first.get("/AOBA/packs").status_code
    newcomer(gate.door, "EXT-6", "external_auditor", grant_id="E-4")
    assert (before, first.get("/AOBA/packs").status_code) == (404, 200)


def test_a_grant_that_is_retired_holds_no_more_at_the_next_request(gate: Gate) -> None:
    visitor = newcomer(gate.door, "EXT-7", "external_auditor", grant_id="E-5")
    before = visitor.get("/AOBA/packs").status_code
    gates.retire(gate.door, "E-5")
    assert (before, visitor.get("/AOBA/packs").status_code) == (200, 404)


def test_a_grant_that_is_changed_holds_as_changed_at_the_next_request(gate: Gate) -> None:
    visitor, house = newcomer(gate.door, "EXT-8", "external_auditor", grant_id="E-6"), gate.door.house
    before = visitor.get(f"/AOBA/controls/VEN-04?period={PERIOD}").status_code
    narrowed = grant("external_auditor", "EXT-8", grant_id="E-6", period_from_on=DAY - timedelta(days=5))
    assert write(house, "portal_grants", narrowed, by="104") == []
    desk.act_on(house, "portal_grants", ["E-6"], Act.SUBMIT, "104", "範囲の変更")
    desk.act_on(house, "portal_grants", ["E-6"], Act.APPROVE, "111", "範囲の変更")
    assert (before, visitor.get(f"/AOBA/controls/VEN-04?period={PERIOD}").status_code) == (200, 404)


def test_a_grant_that_nobody_approved_opens_nothing(gate: Gate) -> None:
    waiting = newcomer(gate.door, "EXT-9", "external_auditor", approved_by=None, approved_on=None)
    assert waiting.get("/AOBA/packs").status_code == 404


@pytest.mark.parametrize("minutes, code", [
    pytest.param([29.9], 200, id="for less"),
    pytest.param([29.9, 59.7], 200, id="for less, twice"),
    pytest.param([30.1], 303, id="for longer"),
    pytest.param([29.9, 60.1], 303, id="for longer after a visit"),
])  # fmt: skip
def test_who_is_idle_for_half_an_hour_is_out(gate: Gate, clock: StandingClock, minutes: list[float], code: int) -> None:
    visitor, start = gate.door.visitor(NUMBERS["requests_desk"]), clock.at
    assert [asked_at(clock, start + timedelta(minutes=each), visitor) for each in minutes][-1] == code


@pytest.mark.parametrize("minutes, code", [(479.9, 200), (480.1, 303)])
def test_who_is_never_idle_is_out_after_eight_hours(
    gate: Gate, clock: StandingClock, minutes: float, code: int
) -> None:
    visitor, start = gate.door.visitor(NUMBERS["requests_desk"]), clock.at
    moments = [start + timedelta(minutes=each) for each in (*range(20, 480, 20), minutes)]
    assert [asked_at(clock, moment, visitor) for moment in moments] == [*[200] * 23, code]


@pytest.mark.parametrize("role, number, other, column", [
    pytest.param("requests_desk", "102", {"approved_by": "102"}, "承認者", id="approved by whom it is for"),
    pytest.param("requests_desk", "102", {"approved_by": "104"}, "承認者", id="approved by who asked for it"),
    pytest.param("requests_desk", "102", {"ends_on": date(2027, 3, 3)}, "利用終了日", id="longer than twelve months"),
    pytest.param("external_auditor", "EXT-0", {"company": None}, "会社", id="an external auditor of every company"),
    pytest.param("external_auditor", "EXT-0", {"period_from_on": None}, "閲覧対象の開始日", id="a period without a beginning"),
    pytest.param("external_auditor", "EXT-0", {"period_to_on": None}, "閲覧対象の終了日", id="a period without an end"),
    pytest.param("department_manager", "102", {"department": None}, "部門", id="a manager of no department"),
    pytest.param("control_owner", "102", {"control_ids": ["VEN-04", "VEN-99"]}, "担当する管理策", id="a control that there is not"),
    pytest.param("control_owner", "102", {"control_ids": None}, "担当する管理策", id="an owner of no control"),
])  # fmt: skip
def test_a_grant_that_breaks_a_rule_is_refused(
    gate: Gate, role: str, number: str, other: Mapping[str, Any], column: str
) -> None:
    refused = write(gate.door.house, "portal_grants", grant(role, number, grant_id="G-7", **other), by="104")
    assert any(f"({column})" in one for one in refused)


def test_a_grant_of_twelve_months_is_taken(gate: Gate) -> None:
    row = grant("requests_desk", "102", starts_on=FIRST, ends_on=date(2027, 3, 1))
    assert write(gate.door.house, "portal_grants", row, by="104") == []
