"""What the security lead looks over: the coverage of the year, the trend, what is accepted for a time, and the vendors."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.period import Period
from house.handout import management_book, self_check_documents
from tests.following import deliver, judged, write
from tests.portal import conftest
from tests.portal.gate import PASSED_ON
from tests.portal.served import DAY, OTHERS, PERIOD, Served, Visitor, digest, grant, key, served, unaudited
from tests.test_measured import AUDIT, VENDOR

MAIL = "hanako@aoba.example"
door = conftest.own_door


def rows(who: Visitor, path: str) -> dict[str, list[str]]:
    """The cells of each row of a page's tables, by what its row is called."""
    told = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", who.get(path).text))
    plain = ([re.sub(r"<[^>]*>", "", cell).strip() for cell in cells] for cells in told)
    return {cells[0].split(" ")[0]: cells[1:] for cells in plain if cells}


def test_the_calendar_says_of_each_control_what_was_due_and_what_became_of_it(door: Served) -> None:
    """On the fourth the first two days are due; for them no evidence came. What is due each month is not due yet."""
    told = rows(door.visitor("109"), "/AOBA/calendar")
    assert [*told][1:] == [str(one.id) for one in door.house.catalogue.controls]
    march = told["Control"].index("2026/03")
    assert (told["ORG-2-04"][0], told["ORG-2-04"][march], told["ORG-2-04"][-1]) == ("daily", "？ 0/2 未2", "？ 0/2 未2")
    assert {*told["ORG-2-04"][1:march]} == {"導入前"}
    assert (told["VEN-04"][0], told["VEN-04"][march]) == ("monthly", "期限前")


def test_days_that_nobody_checked_are_missed(door: Served) -> None:
    """On the seventh five are due: the third was judged, and the fourth and the fifth by nobody."""
    march = rows(door.visitor("109"), "/AOBA/calendar")["Control"].index("2026/03")
    before = rows(door.visitor("109"), "/AOBA/calendar")["ORG-2-04"][march]
    door.house.clock.at += timedelta(days=3)  # type: ignore[attr-defined]
    after = rows(door.visitor("109"), "/AOBA/calendar")["ORG-2-04"][march]
    assert (before, after) == ("？ 0/2 未2", "× 0/5 未3 欠2")


def test_a_control_owner_sees_the_calendar_of_their_controls_alone(door: Served) -> None:
    assert {*rows(door.visitor("108"), "/AOBA/calendar")} - {"Control"} == {"VEN-04"}


def test_another_year_is_asked_for_and_a_year_that_is_none_is_this_one(door: Served) -> None:
    auditor = door.visitor("109")
    assert "2024/04" in rows(auditor, "/AOBA/calendar?year=2024")["Control"]
    for year in ("0", "99999999999", "x", "-1", "1999"):
        assert "2026/03" in rows(auditor, f"/AOBA/calendar?year={year}")["Control"]


def test_the_trend_is_the_share_of_conforming_controls_at_the_end_of_each_month(door: Served) -> None:
    """One control of the vendors' measure conformed in March and no more in April, or the other way round."""
    auditor = door.visitor("109")
    assert 'class="spark"' not in auditor.get("/AOBA").text, "one month makes no trend"
    april = date(2026, 4, 2)
    assert write(door.house, "vendor_audits", AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-2"}) == []
    deliver(door.house, april, also=OTHERS)
    judged(door.house, april)
    assert unaudited(door).gap.state == "closed"
    auditor = door.visitor("109")
    [told] = re.findall(r'aria-label="([^"]*)"', rows_of(auditor, "VEN"))
    shares = dict(re.findall(r"(\S+): (\d+)%", told))
    assert [*shares] == [f"{DAY}", f"{april}"]
    assert [*shares.values()] == [share(door, DAY), share(door, april)]
    assert int(shares[f"{april}"]) > int(shares[f"{DAY}"])


def rows_of(who: Visitor, measure: str) -> str:
    [row] = [one for one in re.findall(r"<tr>.*?</tr>", who.get("/AOBA").text) if f'/measures/{measure}"' in one]
    return str(row)


def share(door: Served, as_of: date) -> str:
    """By the store: of the measure's controls that came out either way, those that conform."""
    of = {str(one.id) for one in door.house.catalogue.controls if one.measure == "VEN"}
    with door.house.store.read() as tx:
        told = tx.judgements.latest(since=as_of - timedelta(days=6), as_of=as_of)
    verdicts = [one.verdict for one in told if one.company == "AOBA" and one.control in of]
    due = [one for one in verdicts if one != "not_applicable"]
    return str(100 * due.count("pass") // len(due))


def test_who_is_confined_to_a_period_is_shown_no_trend(door: Served) -> None:
    assert "Trend" not in door.visitor("EXT-1").get(f"/AOBA?period={PERIOD}").text


def test_a_waiver_is_listed_with_what_it_covers_until_it_ends(door: Served) -> None:
    told = {
        "company": "AOBA", "department": None, "waiver_id": "W-1", "control_id": "VEN-04", "subject": "V-2",
        "aspect": None, "reason": f"監査は来月。連絡は {MAIL}", "approved_by": "103", "approved_on": date(2026, 3, 4),
        "expires_on": date(2026, 6, 30),
    }  # fmt: skip
    assert write(door.house, "waivers", told, by="107") == []
    officer, manager, owner = door.visitor("103"), door.visitor("101"), door.visitor("108")
    found = rows(officer, "/AOBA/waivers")["W-1"]
    assert (found[0], found[1], found[-2], found[-1]) == ("VEN-04", "V-2", "2026-06-30", "1")
    assert MAIL not in str(found)
    assert key(door.house, "103") not in officer.get("/AOBA/waivers").text
    assert "W-1" in rows(owner, "/AOBA/waivers")
    assert "W-1" not in rows(manager, "/AOBA/waivers"), "it is not of their department alone"


def test_vendors_tell_when_they_were_looked_at_and_what_is_open(door: Served) -> None:
    audit = AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-2", "performed_on": date(2026, 3, 1)}
    assert write(door.house, "vendor_audits", audit) == []
    assert write(door.house, "sub_vendor_approvals", {**PASSED_ON, "approval_id": "S-1"}) == []
    of_others = VENDOR | {"company": "AOI", "department": "D9", "vendor_id": "V-9"}
    assert write(door.house, "vendors", of_others) == []
    auditor = door.visitor("109")
    told = rows(auditor, "/AOBA/vendors")
    assert [*told] == ["Vendor", "V-2", "V-1"], "the one with more open gaps comes first"
    assert (told["V-2"][5], told["V-1"][5]) == ("2026-03-01", "2025-06-03")
    assert int(told["V-2"][-1]) > int(told["V-1"][-1])
    page = auditor.get(f"/AOBA/vendors/{digest(['V-2'])}").text
    assert f"/AOBA/registers/vendor_audits/{digest(['A-2'])}" in page
    assert f"/AOBA/registers/vendor_audits/{digest(['A-1'])}" not in page
    assert "S-1" not in page, "it holds once it is approved"
    assert auditor.get(f"/AOBA/vendors/{digest(['V-9'])}").status_code == 404


@pytest.mark.parametrize(
    ("name", "made"),
    [("self-check", lambda *about: self_check_documents(*about)[0]), ("management-book", management_book)],
)
def test_the_documents_of_a_period_are_those_that_the_command_line_writes(door: Served, name: str, made: Any) -> None:
    since, _, as_of = PERIOD.partition("..")
    told = made(door.house, "AOBA", Period(date.fromisoformat(since), date.fromisoformat(as_of), "Asia/Tokyo"))
    for number in ("109", "EXT-1"):
        answer = door.visitor(number).get(f"/AOBA/periods/{PERIOD}/{name}")
        assert answer.content == told.content
        assert told.name in answer.headers["content-disposition"]
        assert f"/AOBA/periods/{PERIOD}/{name}" in door.visitor(number).get("/AOBA/periods").text


def test_the_settings_do_not_say_where_secrets_lie(judged_home: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("not known to us")
    more = f", second_factor: [], oidc: {{issuer: 'https://login.example', client_id: portal, client_secret: '${{file:{secret}}}'}}"
    with served(judged_home, tmp_path, more) as door:
        text = door.visitor("105").get("/settings").text
    assert "login.example" in text
    assert str(secret) not in text


def test_the_settings_name_the_companies_that_somebody_has_to_do_with(door: Served) -> None:
    operator = door.visitor("107")
    assert "株式会社AOBA" in operator.get("/settings").text
    assert "株式会社AOI" not in operator.get("/settings").text
    told = grant("security_operator", "107", company=None, grant_id="G-all")
    assert write(door.house, "portal_grants", told, by="104") == []
    assert "株式会社AOI" in operator.get("/settings").text


@pytest.mark.parametrize(("spoken", "elements", "days"), [
    ("ja", "事業者名称、法令・指針遵守、", "365 日"), ("en", "事業者名称, 法令・指針遵守, ", "365 days"),
])  # fmt: skip
def test_thresholds_are_told_in_words(door: Served, spoken: str, elements: str, days: str) -> None:
    page = door.visitor("109").get("/AOBA/controls/POL-01", **{"Accept-Language": spoken}).text
    assert (f">{elements}" in page, f">{days}<" in page, "[&#39;" in page) == (True, True, False)
