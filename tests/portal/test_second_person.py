"""The security team's day: triage, what a second person decides, and what only a re-test closes."""

import re
from datetime import timedelta

import pytest

from house import asking, credentials
from house.following import followed
from house.granting import granted
from tests.following import deliver, judged, write
from tests.portal import conftest
from tests.portal.served import DAY, OTHERS, PASSWORD, PEOPLE, Served, Visitor, address, grant, key, unaudited
from tests.test_measured import AUDIT

UNTIL = (DAY + timedelta(days=90)).isoformat()
door = conftest.own_door


def act(visitor: Visitor, path: str, **told: str) -> int:
    return visitor.post(path, told | {"token": visitor.token()}).status_code


def test_a_waiver_that_is_asked_for_holds_when_another_person_grants_it(door: Served) -> None:
    operator, officer, path = door.visitor("107"), door.visitor("103"), address(door, unaudited(door))
    assert act(operator, path, act="acknowledge") == 303
    assert act(operator, path + "/ask", wish="waive", reason="監査は来月", until=UNTIL) == 303
    assert unaudited(door).waits
    assert "監査は来月" in officer.get(path).text
    assert path in officer.get("/AOBA/decisions").text
    assert act(officer, path + "/decide", decision="grant", reason="妥当") == 303
    one = unaudited(door)
    assert one.waiver is not None
    assert one.waiver.approved_by == key(door.house, "103")
    assert not one.waits
    assert path not in officer.get("/AOBA/decisions").text
    assert "/decide" not in officer.get(path).text


def test_what_is_refused_waits_no_more_and_covers_nothing(door: Served) -> None:
    operator, officer, path = door.visitor("107"), door.visitor("103"), address(door, unaudited(door))
    assert act(operator, path + "/ask", wish="waive", reason="監査は来月", until=UNTIL) == 303
    assert act(officer, path + "/decide", decision="refuse", reason="今月中に実施のこと") == 303
    assert unaudited(door).waiver is None
    assert unaudited(door).waits
    assert act(officer, path + "/decide", decision="grant", reason="やはり") == 404
    assert unaudited(door).waiver is None


def test_nobody_grants_what_they_asked_for_under_another_role(door: Served) -> None:
    second = grant("security_operator", "103", grant_id="G-second-role")
    assert write(door.house, "portal_grants", second, by="104") == []
    officer, path = door.visitor("103"), address(door, unaudited(door))
    assert act(officer, path + "/ask", wish="waive", reason="監査は来月", until=UNTIL) == 303
    assert act(officer, path + "/decide", decision="grant", reason="妥当") == 422
    assert unaudited(door).waiver is None


def test_who_answers_for_the_gap_does_not_ask_for_its_waiver(door: Served) -> None:
    """The manager of D2 owns it; the officer's approval is refused by the rules of the register itself."""
    manager, officer, path = door.visitor("101"), door.visitor("103"), address(door, unaudited(door))
    assert act(manager, path + "/ask", wish="waive", reason="忙しい", until=UNTIL) == 303
    assert act(officer, path + "/decide", decision="grant", reason="妥当") == 422
    assert unaudited(door).waiver is None


@pytest.mark.parametrize("until", ["", "2026-03-01", "2028-01-01", "tomorrow"])
def test_a_waiver_without_an_end_within_twelve_months_is_not_asked_for(door: Served, until: str) -> None:
    operator, path = door.visitor("107"), address(door, unaudited(door))
    assert act(operator, path + "/ask", wish="waive", reason="監査は来月", until=until) == 422
    assert "/decide" not in door.visitor("103").get(path).text


def test_a_state_closes_by_its_re_test_alone(door: Served) -> None:
    operator, path = door.visitor("107"), address(door, unaudited(door))
    assert act(operator, path, act="plan", reason="来週監査する") == 303
    assert act(operator, path, act="correct", reason="監査した") == 303
    assert unaudited(door).gap.state == "corrected"
    audit = AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-2"}
    assert write(door.house, "vendor_audits", audit) == []
    deliver(door.house, DAY + timedelta(days=1), also=OTHERS)
    judged(door.house, DAY + timedelta(days=1), ["VEN-04"])
    assert unaudited(door).gap.state == "closed"
    assert "acknowledge" not in re.findall(r'name="act" value="(\w+)"', operator.get(path).text)


def test_an_event_is_disposed_of_by_two_persons(door: Served) -> None:
    """The officer answers for readiness herself: somebody else must approve."""
    assert write(door.house, "portal_grants", grant("privacy_officer", "111", approved_by="103"), by="104") == []
    credentials.set_password(door.house, key(door.house, "111"), PASSWORD)
    operator, officer, other = door.visitor("107"), door.visitor("103"), door.visitor("111")
    events = [one for one in followed(door.house, "AOBA") if one.gap.open_days and one.waits]
    assert events, "the home has an event that somebody must answer for"
    path = address(door, events[0])
    assert act(operator, path + "/ask", wish="dispose", reason="確認済み") == 303
    assert act(officer, path + "/decide", decision="grant", reason="妥当") == 422
    assert act(other, path + "/decide", decision="grant", reason="妥当である") == 303
    [one] = [one for one in followed(door.house, "AOBA") if one.gap.subject == events[0].gap.subject]
    assert one.gap.state == "disposed"
    assert "妥当である" in operator.get(path).text, "why it was granted stands with it"


def test_a_grant_takes_a_second_administrator(door: Served) -> None:
    assert write(door.house, "portal_grants", grant("administrator", "111", approved_by="103"), by="104") == []
    credentials.set_password(door.house, key(door.house, "111"), PASSWORD)
    first, second = door.visitor("105"), door.visitor("111")
    told = {
        "person": "106", "role": "internal_auditor", "company": "AOBA", "department": "", "controls": "",
        "starts_on": "2026-03-04", "ends_on": "2026-09-30", "period_from_on": "", "period_to_on": "",
        "purpose": "内部監査",
    }  # fmt: skip
    assert act(first, "/grants", **told) == 303
    assert granted(door.house, key(door.house, "106")) == ()
    [name] = set(re.findall(r"/grants/(G-2026\d+-\d+)", second.get("/grants").text))
    assert act(first, f"/grants/{name}", act="approve") == 422
    assert granted(door.house, key(door.house, "106")) == ()
    assert act(second, f"/grants/{name}", act="approve") == 303
    [one] = granted(door.house, key(door.house, "106"))
    assert (one.role, one.company) == ("internal_auditor", "AOBA")


MAY = {"/ask": {"107", "108", "101"}, "/decide": {"103"}, "/grants": {"105"}, "/grants/G-machine-BOT-1": {"105"}}


@pytest.mark.parametrize("path", MAY)
def test_whose_it_is_not_asks_decides_and_grants_nothing(door: Served, path: str) -> None:
    told = {"act": "retire", "wish": "waive", "decision": "grant", "reason": "x", "until": UNTIL, "role": "machine"}
    for number in {*PEOPLE.values()} - MAY[path]:
        whole = path if path.startswith("/grants") else address(door, unaudited(door)) + path
        visitor = door.visitor(number)
        if visitor.get("/").status_code == 200:  # a machine is shown no form at all
            assert act(visitor, whole, **told) == 404, number
    assert not asking.waiting(door.house, "AOBA")


def test_a_reason_may_name_somebody_as_the_pages_do(door: Served) -> None:
    """By the pseudonym; it is a text, and nobody's number."""
    operator, officer, path = door.visitor("107"), door.visitor("103"), address(door, unaudited(door))
    called = door.house.masking("AOBA")(key(door.house, "101"))
    assert act(operator, path + "/ask", wish="waive", reason=f"{called} が休職中", until=UNTIL) == 303
    assert act(officer, path + "/decide", decision="grant", reason="妥当") == 303
    assert unaudited(door).waiver is not None
