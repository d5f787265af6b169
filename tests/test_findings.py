"""A finding owns gaps, and nobody checks or closes his own (issue 5, 2; domain.md §4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from controls.model import GapKind, Verdict
from evidence.errors import ConfigError
from house import House, findings, waiving
from house.findings import Finding
from house.following import followed
from tests.following import FIRST, UNAUDITED, at, deliver, gap_of, judged, key, write
from tests.test_measured import AUDIT

CONTROL, VENDOR = UNAUDITED
DUE = FIRST + timedelta(days=20)


def step(house: House, finding: str, act: str, who: str = "manager") -> None:
    """One step of a finding's life."""
    one, by = findings.find(house, finding), key(house, who)
    steps: dict[str, Callable[[], None]] = {
        "plan": lambda: findings.plan(
            house, one, by, cause="監査計画の漏れ", correction="監査する", prevention="計画を委託先台帳から作る",
            owner=key(house, "manager"), due=DUE,
        ),
        "complete": lambda: findings.complete(house, one, by, "監査した"),
        "verify": lambda: findings.verify(house, one, by, "監査報告書を見た", effective=True),
        "refute": lambda: findings.verify(house, one, by, "報告書がない", effective=False),
        "close": lambda: findings.close(house, one, by, "完了"),
    }  # fmt: skip
    steps[act]()


def at_step(house: House, finding: str, *acts: str) -> Finding:
    for act in acts:
        step(house, finding, act, "clerk" if act in ("verify", "refute", "close") else "manager")
    return findings.find(house, finding)


def mended(house: House) -> None:
    """The vendor is audited, and the next judgement finds nothing."""
    house.clock.at = at(FIRST + timedelta(days=3))  # type: ignore[attr-defined]
    audit = AUDIT | {"department": "D2", "audit_id": "A-2", "vendor_id": VENDOR, "performed_on": FIRST}
    assert not write(house, "vendor_audits", audit)
    day_on = FIRST + timedelta(days=2)
    deliver(house, day_on)
    [one] = [one for one in judged(house, day_on, [CONTROL]) if one.company == "AOBA"]
    assert one.verdict is Verdict.PASS


def test_a_finding_takes_up_gaps_with_their_control_severity_and_owner(house: House, raised: str) -> None:
    one = findings.find(house, raised)
    told = {name: one.row[name] for name in ("control_id", "department", "severity", "raised_on", "owner_key")}
    assert told == {
        "control_id": CONTROL, "department": "D2", "severity": "high", "raised_on": house.today,
        "owner_key": key(house, "manager"),
    }  # fmt: skip
    assert [gap.subject for gap in one.open_gaps] == [VENDOR]
    assert gap_of(house, CONTROL, VENDOR).gap.finding == raised


def test_a_gap_is_in_one_finding(house: House, raised: str) -> None:
    with pytest.raises(ConfigError, match=raised):
        findings.take_up(house, [gap_of(house, CONTROL, VENDOR)], key(house, "clerk"), "もう一度")


def test_a_finding_goes_its_way_to_the_end(house: House, raised: str) -> None:
    states = [findings.find(house, raised).state]
    for act in ("plan", "complete"):
        states.append(at_step(house, raised, act).state)
    mended(house)
    for act in ("verify", "close"):
        states.append(at_step(house, raised, act).state)
    assert states == ["raised", "planned", "completed", "verified", "closed"]
    assert findings.find(house, raised).row["prevention"] == "計画を委託先台帳から作る"


@pytest.mark.parametrize(
    ("before", "act", "who"),
    [
        pytest.param((), "complete", "manager", id="completed before it was planned"),
        pytest.param(("plan",), "verify", "clerk", id="verified before it was completed"),
        pytest.param(("plan", "complete"), "close", "clerk", id="closed before it was verified"),
        pytest.param(("plan", "complete"), "verify", "manager", id="verified by who did it"),
        pytest.param(("plan", "complete", "verify"), "close", "manager", id="closed by who owns it"),
        pytest.param(("plan", "complete", "verify"), "close", "clerk", id="closed while a gap is open"),
    ],
)
def test_steps_that_are_refused(house: House, raised: str, before: tuple[str, ...], act: str, who: str) -> None:
    state = at_step(house, raised, *before).state
    with pytest.raises(ConfigError):
        step(house, raised, act, who)
    assert findings.find(house, raised).state == state


def test_what_did_not_hold_is_to_be_done_again(house: House, raised: str) -> None:
    assert at_step(house, raised, "plan", "complete", "refute").state == "ineffective"
    assert at_step(house, raised, "complete").state == "completed"


def test_what_was_verified_and_holds_no_more_is_to_be_done_again(house: House, raised: str) -> None:
    assert at_step(house, raised, "plan", "complete", "verify", "refute").state == "ineffective"


def test_a_waived_gap_is_accepted_and_not_mended_and_holds_its_finding_open(house: House, raised: str) -> None:
    at_step(house, raised, "plan", "complete", "verify")
    until = house.today + timedelta(days=9)
    waiving.waive(house, gap_of(house, CONTROL, VENDOR), key(house, "clerk"), "契約終了", key(house, "cpo"), until)
    with pytest.raises(ConfigError, match="accepted, not mended"):
        at_step(house, raised, "close")
    assert findings.find(house, raised).state == "verified"


def test_a_gap_that_comes_back_stays_with_its_finding(house: House, raised: str) -> None:
    mended(house)
    day_on = FIRST + timedelta(days=400)
    deliver(house, day_on)
    judged(house, day_on, [CONTROL])
    gap = gap_of(house, CONTROL, VENDOR).gap
    assert (gap.state, gap.finding, gap.regressions) == ("open", raised, 1)


def test_findings_of_two_companies_are_two(house: House) -> None:
    silent = FIRST + timedelta(days=9)
    judged(house, silent)
    mine = [one for one in followed(house) if one.gap.cause == "source:hr"]
    with pytest.raises(ConfigError, match="AOBA and AOI"):
        findings.take_up(house, mine, key(house, "clerk"), "名簿が届かない", "D2")
    ours = [one for one in mine if one.gap.company == "AOBA"]
    finding = findings.take_up(house, ours, key(house, "clerk"), "名簿が届かない", "D2")
    assert len(findings.find(house, finding).gaps) == len(ours) > 1


def test_what_is_taken_up_is_on_record(house: House, raised: str) -> None:
    with house.store.read() as tx:
        kinds = [row.kind for row in tx.gaps.all(control=CONTROL) if row.subject == VENDOR]
    assert kinds == [GapKind.OPENED, GapKind.TAKEN_UP]


def test_a_number_that_is_taken_is_given_to_nobody_else(house: House) -> None:
    taken = {
        "company": "AOBA", "department": "D2", "finding_id": f"F-{house.today:%Y%m%d}-002", "origin": "audit",
        "severity": "critical", "raised_on": house.today, "content": "外部監査の指摘",
    }  # fmt: skip
    assert not write(house, "findings", taken)
    mine = findings.take_up(house, [gap_of(house, CONTROL, VENDOR)], key(house, "clerk"), "委託先監査が未実施")
    assert mine == f"F-{house.today:%Y%m%d}-003"
    assert findings.find(house, str(taken["finding_id"])).row["content"] == "外部監査の指摘"


def test_what_comes_back_after_its_finding_was_closed_can_be_taken_up_again(house: House, raised: str) -> None:
    at_step(house, raised, "plan", "complete")
    mended(house)
    assert at_step(house, raised, "verify", "close").state == "closed"
    day_on = FIRST + timedelta(days=400)
    deliver(house, day_on)
    judged(house, day_on, [CONTROL])
    again = findings.take_up(house, [gap_of(house, CONTROL, VENDOR)], key(house, "clerk"), "再発")
    assert [gap.subject for gap in findings.find(house, again).open_gaps] == [VENDOR]
