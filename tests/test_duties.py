"""Who asks, approves and owns are three persons, by whatever door a waiver or a disposition comes in (issue 5, 2)."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from controls.model import About, ControlId, GapEvent, GapKind
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.store.values import RegisterVersion
from house import House, acting, day, desk, duties, findings, newest, waiving
from house.following import Followed, followed, waivers
from house.standing import act
from registers.approval import Act
from tests.following import FIRST, STAFF, UNAUDITED, at, gap_of, judged, key, write
from tests.test_thresholds import EXCLUSION

CONTROL, VENDOR = UNAUDITED
TODAY = FIRST + timedelta(days=1)
WAIVER: dict[str, Any] = {
    "company": "AOBA", "waiver_id": "W-1", "control_id": CONTROL, "subject": VENDOR, "reason": "契約終了まで",
    "approved_by": STAFF["cpo"], "approved_on": TODAY, "expires_on": date(2026, 12, 31),
}  # fmt: skip
REST = "106"  # the clerk, who has no post
DEVICE = "PC-0001"


def kinds(house: House, control: str = CONTROL, subject: str = VENDOR) -> list[GapKind]:
    with house.store.read() as tx:
        told = [event_of(row) for row in tx.gaps.all(control=control)]
    return [event.kind for event in told if event.subject == subject]


def handed_on(house: House) -> None:
    """The manager gives the gap to the deputy."""
    one = gap_of(house, CONTROL, VENDOR)
    acting.record(house, one.gap, GapKind.ASSIGNED, key(house, "manager"), key(house, "deputy"))


@pytest.mark.parametrize(
    ("columns", "by"),
    [
        pytest.param({"approved_by": STAFF["manager"]}, REST, id="approved by who owns the gap"),
        pytest.param({"approved_by": STAFF["manager"], "subject": None}, REST, id="of a company, by an owner in it"),
        pytest.param({"approved_by": STAFF["manager"], "department": "D2", "subject": None}, REST, id="of a department"),
        pytest.param({}, STAFF["manager"], id="brought in by who owns the gap"),
        pytest.param({"subject": None}, STAFF["manager"], id="of a company, brought in by an owner in it"),
        pytest.param({"approved_by": REST}, REST, id="approved by who brings it in"),
        pytest.param({"approved_by": "999"}, REST, id="approved by a number that nobody has"),
        pytest.param({"approved_on": TODAY - timedelta(days=8)}, REST, id="approved eight days before"),
    ],
)  # fmt: skip
def test_a_waiver_of_a_sheet_takes_three_persons_and_a_fresh_signature(
    house: House, columns: dict[str, Any], by: str
) -> None:
    good = WAIVER | {"waiver_id": "W-2", "subject": "V-9"}
    assert len(write(house, "waivers", WAIVER | columns, good, by=by)) == 1
    assert gap_of(house, CONTROL, VENDOR).waiver is None
    assert [one.waiver_id for one in waivers(house)] == ["W-2"]


def test_a_refusal_names_the_column_in_both_languages(house: House) -> None:
    [problem] = write(house, "waivers", WAIVER | {"approved_by": STAFF["manager"]}, by=REST)
    assert "承認者" in problem
    assert "somebody else must approve" in problem


def test_who_gave_a_gap_away_neither_approves_nor_asks_by_a_sheet(house: House) -> None:
    handed_on(house)
    assert len(write(house, "waivers", WAIVER | {"approved_by": STAFF["manager"]}, by=REST)) == 1
    assert len(write(house, "waivers", WAIVER, by=STAFF["manager"])) == 1
    assert write(house, "waivers", WAIVER, by=REST) == []


def test_who_brought_an_earlier_version_in_does_not_approve_the_next(house: House) -> None:
    assert write(house, "waivers", WAIVER, by=REST) == []
    later = WAIVER | {"approved_by": REST, "expires_on": date(2027, 1, 31)}
    assert len(write(house, "waivers", later, by=STAFF["admin"])) == 1


def test_a_waiver_of_a_sheet_is_seen_in_the_gap_and_its_end_too(house: House) -> None:
    assert write(house, "waivers", WAIVER, by=REST) == []
    assert gap_of(house, CONTROL, VENDOR).waits is False
    assert kinds(house)[-1] is GapKind.WAIVED
    desk.act_on(house, "waivers", ["W-1"], Act.RETIRE, STAFF["admin"], "契約が延びた")
    assert gap_of(house, CONTROL, VENDOR).waits is True
    assert kinds(house)[-1] is GapKind.UNWAIVED


def test_a_waiver_of_a_company_is_seen_in_every_gap_that_it_covers(house: House) -> None:
    act(house, state(house, "V-7", control=CONTROL))
    assert write(house, "waivers", WAIVER | {"subject": None}, by=REST) == []
    assert [kinds(house, subject=subject)[-1] for subject in (VENDOR, "V-7")] == [GapKind.WAIVED] * 2


def test_a_waiver_is_renewed_by_who_approved_it_before(house: House) -> None:
    for until in (TODAY + timedelta(days=5), TODAY + timedelta(days=9)):
        waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "延長", key(house, "cpo"), until)
    assert kinds(house)[-2:] == [GapKind.WAIVED] * 2


def test_what_is_changed_in_a_waiver_is_approved_anew(house: House) -> None:
    assert write(house, "waivers", WAIVER, by=REST) == []
    house.clock.at = at(TODAY + timedelta(days=30))  # type: ignore[attr-defined]
    assert len(write(house, "waivers", WAIVER | {"subject": None}, by=REST)) == 1
    assert write(house, "waivers", WAIVER, by=REST) == []


def state(house: House, subject: str, control: str = "TEC-2-01", **columns: str) -> GapEvent:
    """A gap about a state that opens today."""
    return GapEvent(ControlId(control), "AOBA", subject, None, GapKind.OPENED, About.STATE, FIRST, None, "D2", columns=columns)  # fmt: skip


def happened(subject: str, control: str, **columns: str) -> GapEvent:
    """A gap about something that happened yesterday."""
    return GapEvent(ControlId(control), "AOBA", subject, None, GapKind.OPENED, About.EVENT, FIRST, FIRST, "D2", columns=columns)  # fmt: skip


def account_of(house: House, who: str) -> str:
    """An account that is recorded as somebody's."""
    account = house.keys().mint("account", "SYS-1", who)
    _entered(house, "account_owners", (account, "2020-04-01"), {
        "account_key": account, "person_key": key(house, who), "basis": "worker_no", "decided_by": None,
    })  # fmt: skip
    return account


def engagement_of(house: House, who: str) -> str:
    """What the roster calls somebody's employment."""
    rows = newest(house, ("workers",)).rows("workers")
    return next(str(row["engagement_key"]) for row in rows if row["person_key"] == key(house, who))


def device_of(house: House, who: str) -> str:
    """A device of the inventory, which a source delivers."""
    source = {
        "name": "mdm", "companies": ["AOBA"], "zone": "Asia/Tokyo", "max_age_days": 2, "dataset": "devices",
        "format": {"kind": "csv", "encoding": "utf-8"}, "completeness": "file",
        "transport": {"kind": "local", "folder": "inbox/mdm", "pattern": "*.csv"},
    }  # fmt: skip
    (house.home / "sources" / "mdm.yaml").write_text(json.dumps(source), "utf-8")
    (house.home / "inbox" / "mdm").mkdir(parents=True)
    path = house.home / "inbox" / "mdm" / "devices.csv"
    path.write_text(
        "company,department,device_id,kind,portable,owner_key,status,aliases,encryption,approved_model\n"
        f"AOBA,D2,{DEVICE},パソコン,はい,{STAFF[who]},使用中,,未暗号化,はい\n",
        "utf-8",
    )
    moment = at(FIRST, 4).timestamp()
    os.utime(path, (moment, moment))
    assert [one for one in day.collect_day(house, FIRST, ["mdm"]) if isinstance(one, Exception)] == []
    return DEVICE


THINGS: dict[str, tuple[Callable[[House, str], str], str]] = {
    "account": (account_of, "TEC-2-01"),
    "engagement": (engagement_of, "HUM-05"),
    "device": (device_of, "PHY-3-01"),
}


def gap_about(house: House, thing: str, who: str, about: About) -> Followed:
    made, control = THINGS[thing]
    subject = made(house, who)
    act(house, state(house, subject, control) if about is About.STATE else happened(subject, control))
    return gap_of(house, control, subject)


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("door", ["verb", "sheet", "dispose"])
def test_who_is_behind_what_a_gap_is_about_does_not_approve(house: House, thing: str, door: str) -> None:
    one = gap_about(house, thing, "cpo", About.EVENT if door == "dispose" else About.STATE)
    clerk, cpo, told = key(house, "clerk"), key(house, "cpo"), (one.gap.control, one.gap.subject)
    if door == "sheet":
        assert len(write(house, "waivers", WAIVER | {"control_id": told[0], "subject": told[1]}, by=REST)) == 1
    elif door == "verb":
        with pytest.raises(ConfigError, match="somebody else"):
            waiving.waive(house, one, clerk, "理由", cpo, TODAY)
    else:
        with pytest.raises(ConfigError, match="somebody else"):
            acting.dispose(house, one, clerk, "理由", cpo)
    assert gap_of(house, *told).gap.is_open
    assert gap_of(house, *told).waiver is None


def test_who_acted_under_an_account_that_the_gap_tells_of_does_not_approve(house: House) -> None:
    act(house, happened("eabc", "ORG-2-04", account=account_of(house, "cpo")))
    with pytest.raises(ConfigError, match="somebody else"):
        acting.dispose(house, gap_of(house, "ORG-2-04", "eabc"), key(house, "clerk"), "理由", key(house, "cpo"))


@pytest.mark.parametrize("thing", THINGS)
def test_a_gap_about_what_is_the_manager_s_falls_to_the_deputy(house: House, thing: str) -> None:
    charge = gap_about(house, thing, "manager", About.STATE).charge
    assert charge is not None
    assert charge.person == key(house, "deputy")


def test_a_gap_about_what_is_the_clerk_s_falls_to_the_manager(house: House) -> None:
    charge = gap_about(house, "account", "clerk", About.STATE).charge
    assert charge is not None
    assert charge.person == key(house, "manager")


@pytest.mark.parametrize(
    ("by", "approver"),
    [
        pytest.param("admin", "clerk", id="who did it"),
        pytest.param("admin", "admin", id="who asks"),
        pytest.param("admin", "manager", id="who owns the gap"),
    ],
)
def test_a_disposition_takes_an_approver_apart(house: House, by: str, approver: str) -> None:
    act(house, happened(key(house, "clerk"), "HUM-03"))
    one = gap_of(house, "HUM-03", key(house, "clerk"))
    with pytest.raises(ConfigError, match="somebody else"):
        acting.dispose(house, one, key(house, by), "理由", key(house, approver))
    acting.dispose(house, one, key(house, by), "理由", key(house, "cpo"))
    assert gap_of(house, "HUM-03", key(house, "clerk")).gap.state == "disposed"


def test_a_state_is_not_answered_for(house: House) -> None:
    with pytest.raises(ConfigError, match="about a state"):
        acting.dispose(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "理由", key(house, "cpo"))


def test_a_state_of_what_does_not_apply_any_more_is_answered_for(house: House) -> None:
    """Nothing tests it again: it could only be waived for ever."""
    excluded = EXCLUSION | {
        "company": "AOBA",
        "control_id": CONTROL,
        "requested_by": STAFF["admin"],
        "approved_by": STAFF["cpo"],
    }
    assert write(house, "exclusions", excluded, by=REST) == []
    judged(house, TODAY, [CONTROL])
    acting.dispose(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "委託を終えた", key(house, "cpo"))
    assert gap_of(house, CONTROL, VENDOR).gap.state == "disposed"


def second_key(house: House, who: str) -> str:
    """A key that was minted from a mail address before it was known whose that is."""
    mail = f"{who}@aoba.example"
    old = house.keys().person("mail", mail)
    _entered(house, "person_identities", (f"I-{who}",), {
        "company": "AOBA", "identity_key": f"I-{who}", "person_key": key(house, who), "identifier_kind": "mail",
        "identifier": mail, "basis": "source", "decided_by": None,
    })  # fmt: skip
    assert house.keys().of_person(old) == key(house, who) != old
    return old


@pytest.mark.parametrize("door", ["verb", "sheet", "dispose"])
def test_a_second_key_is_the_same_person(house: House, door: str) -> None:
    clerk, old = key(house, "clerk"), second_key(house, "clerk")
    act(house, happened(clerk, "HUM-03"))
    with pytest.raises(ConfigError, match="somebody else"):
        if door == "verb":
            waiving.waive(house, gap_of(house, CONTROL, VENDOR), clerk, "理由", old, TODAY)
        elif door == "dispose":
            acting.dispose(house, gap_of(house, "HUM-03", clerk), key(house, "admin"), "理由", old)
        else:
            raise ConfigError("\n".join(write(house, "waivers", WAIVER | {"approved_by": old}, by=REST)))


def test_whoever_has_looked_releases_what_was_held_and_nothing_is_accepted_by_it(house: House) -> None:
    cause = "mass:TEC-2-01:AOBA:2026-03-02"
    act(house, *(happened(f"S{n}", "TEC-2-01") for n in range(2)))
    act(house, *(GapEvent(ControlId("TEC-2-01"), "AOBA", f"S{n}", None, GapKind.FOUND, About.EVENT, FIRST, FIRST, "D2", cause=cause) for n in range(2)))  # fmt: skip
    assert [one.gap.held for one in followed(house) if one.gap.control == "TEC-2-01"] == [True, True]
    with pytest.raises(ConfigError, match=f"held now: {cause}"):
        acting.release(house, "mass:other", key(house, "clerk"), "見た")
    with pytest.raises(ConfigError, match="blank"):
        acting.release(house, cause, key(house, "clerk"), " ")
    acting.release(house, cause, key(house, "clerk"), "実機で確認した")
    gaps = [one.gap for one in followed(house) if one.gap.control == "TEC-2-01"]
    assert [(gap.held, gap.is_open) for gap in gaps] == [(False, True)] * 2


Stale = Callable[[House, Followed], object]
ACTS: dict[str, Stale] = {
    "acknowledge": lambda house, one: acting.record(house, one.gap, GapKind.ACKNOWLEDGED, key(house, "admin")),
    "dispose": lambda house, one: acting.dispose(house, one, key(house, "admin"), "理由", key(house, "cpo")),
    "waive": lambda house, one: waiving.waive(house, one, key(house, "clerk"), "理由", key(house, "cpo"), TODAY),
    "take up": lambda house, one: findings.take_up(house, [one], key(house, "clerk"), "指摘"),
}


@pytest.mark.parametrize("second", ACTS)
@pytest.mark.parametrize("first", ["dispose", "waive", "take up"])
def test_an_act_upon_what_somebody_else_did_meanwhile_is_refused_and_told_so(
    house: House, first: str, second: str
) -> None:
    act(house, replace(happened("S1", "TEC-2-01"), day=TODAY))
    seen = gap_of(house, "TEC-2-01", "S1")
    ACTS[first](house, gap_of(house, "TEC-2-01", "S1"))
    before = kinds(house, "TEC-2-01", "S1")
    with pytest.raises(ConfigError, match=before[-1].value):
        ACTS[second](house, seen)
    assert kinds(house, "TEC-2-01", "S1") == before
    assert len(waivers(house)) == (first == "waive")
    assert len(findings.findings(house)) == (first == "take up")


@pytest.mark.parametrize("second", ["dispose", "waive", "take up"])
def test_what_happens_between_the_decision_and_the_writing_is_seen(
    house: House, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(house, replace(happened("S1", "TEC-2-01"), day=TODAY))
    again = replace(happened("S1", "TEC-2-01"), kind=GapKind.FOUND, day=FIRST)

    def late(where: Any, name: str) -> None:
        decide = getattr(where, name)

        def decided_then(*told: Any) -> Any:
            answer = decide(*told)
            act(house, again)
            return answer

        monkeypatch.setattr(where, name, decided_then)

    late(*((acting, "strangers") if second == "dispose" else (desk, "held_to_rules")))
    with pytest.raises(ConfigError, match=f"found {FIRST}"):
        ACTS[second](house, gap_of(house, "TEC-2-01", "S1"))
    assert kinds(house, "TEC-2-01", "S1") == [GapKind.OPENED, GapKind.FOUND]
    assert not waivers(house)
    assert not findings.findings(house)


def test_control_run_an_act_that_does_not_tell_what_it_saw_is_taken(house: House) -> None:
    act(house, happened("S1", "TEC-2-01"))
    seen = gap_of(house, "TEC-2-01", "S1").gap
    ACTS["dispose"](house, gap_of(house, "TEC-2-01", "S1"))
    act(house, duties.event(house, seen, GapKind.ACKNOWLEDGED, key(house, "admin"), None))
    assert kinds(house, "TEC-2-01", "S1")[-1] is GapKind.ACKNOWLEDGED


def test_control_run_a_sheet_that_no_rule_is_asked_about_is_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "held_to_rules", lambda house, planned, by: (planned, ()))
    own = WAIVER | {"approved_by": STAFF["manager"], "approved_on": house.today}
    assert write(house, "waivers", own, by=STAFF["manager"]) == []
    assert gap_of(house, CONTROL, VENDOR).waiver is not None


def test_nobody_answers_for_days_that_he_was_not_asked_about(house: House) -> None:
    act(house, happened("S1", "TEC-2-01"))
    seen = gap_of(house, "TEC-2-01", "S1")
    act(house, GapEvent(ControlId("TEC-2-01"), "AOBA", "S1", None, GapKind.FOUND, About.EVENT, TODAY, TODAY, "D2"))
    with pytest.raises(ConfigError, match=f"found {TODAY}"):
        ACTS["dispose"](house, seen)
    assert gap_of(house, "TEC-2-01", "S1").gap.open_days == {FIRST, TODAY}


def test_what_is_held_is_released_as_it_was_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cause = "mass:TEC-2-01:AOBA:2026-03-02"
    mass = GapEvent(ControlId("TEC-2-01"), "AOBA", "S1", None, GapKind.OPENED, About.EVENT, FIRST, FIRST, "D2", cause=cause)  # fmt: skip
    act(house, mass)
    seen = followed(house)
    acting.release(house, cause, key(house, "admin"), "見た")
    monkeypatch.setattr(acting, "followed", lambda house: seen)  # as the second person saw it
    with pytest.raises(ConfigError, match="released"):
        acting.release(house, cause, key(house, "clerk"), "見た")


def _entered(house: House, register: str, row_key: tuple[str, ...], values: dict[str, Any]) -> None:
    version = RegisterVersion(register, row_key, 1, values, date(2020, 4, 1), date(9999, 12, 31), "p-editor", "初回", "ab" * 32, None, 3)  # fmt: skip
    with house.store.write() as tx:
        tx.registers.add(version)
