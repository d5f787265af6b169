"""The life of a finding by browser: an auditor raises it, its owner mends it, and whoever did not says that it holds."""

import re
from datetime import timedelta

import pytest

from house import findings
from tests.following import deliver, judged, write
from tests.portal import conftest
from tests.portal.served import DAY, OTHERS, Served, Visitor, address, digest, gap_at, grant, key, unaudited
from tests.test_measured import AUDIT

LIST = "/AOBA/findings"
OF_D2, OF_D1 = (f"gap-{gap_at(*told)}" for told in (("VEN-04", "V-2", "vendor"), ("VEN-01", "V-1", "evaluation")))
PLAN = {
    "step": "plan", "cause": "監査計画の漏れ", "correction": "監査する", "prevention": "計画を台帳から作る",
    "owner": "101", "due": "2026-04-30",
}  # fmt: skip
door = conftest.own_door


def sent(who: Visitor, path: str, **told: str) -> int:
    return who.post(path, {**told, "token": who.token()}).status_code


def raised(who: Visitor, *gaps: str, **told: str) -> str:
    """The page of a finding that was made of these gaps."""
    form = dict.fromkeys(gaps, "1") | {"content": "委託先を監査していない", "token": who.token()} | told
    answer = who.post(LIST, form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def state(door: Served, path: str) -> str:
    return findings.find(door.house, path.rpartition("/")[2]).state


def steps(who: Visitor, path: str) -> list[str]:
    """What whoever looks can say next."""
    return re.findall(r'name="step" value="(\w+)"', who.get(path).text)


def mended(door: Served) -> None:
    """The vendor is audited, and the next judgement finds nothing."""
    audit = AUDIT | {"department": "D2", "vendor_id": "V-2", "audit_id": "A-2"}
    assert write(door.house, "vendor_audits", audit) == []
    deliver(door.house, DAY + timedelta(days=1), also=OTHERS)
    judged(door.house, DAY + timedelta(days=1), ["VEN-04"])
    assert unaudited(door).gap.state == "closed"


def test_a_finding_lives_from_the_auditor_who_raises_it_to_the_one_who_closes_it(door: Served) -> None:
    auditor, manager, operator = door.visitor("109"), door.visitor("101"), door.visitor("107")
    path = raised(auditor, OF_D2)
    assert f'href="{path}"' in auditor.get(LIST).text
    assert f'href="{path}"' in auditor.get(address(door, unaudited(door))).text
    assert (steps(auditor, path), steps(manager, path)) == ([], ["plan"])
    assert sent(manager, path, **PLAN) == 303
    assert sent(manager, path, step="complete", reason="監査した") == 303
    assert (steps(manager, path), steps(auditor, path)) == ([], ["hold", "fail"])
    assert sent(auditor, path, step="fail", reason="報告書がない") == 303
    assert state(door, path) == "ineffective"
    assert sent(manager, path, step="complete", reason="報告書を受け取った") == 303
    assert sent(operator, path, step="hold", reason="報告書を見た") == 303
    assert sent(auditor, path, step="close", reason="完了") == 422, "its gap is open"
    mended(door)
    auditor = door.visitor("109")
    assert sent(auditor, path, step="close", reason="完了") == 303
    assert state(door, path) == "closed"
    assert f'href="{path}"' not in auditor.get(LIST).text
    assert f'href="{path}"' in auditor.get(LIST + "?show=all").text


def test_who_mends_does_not_say_whether_it_holds(door: Served) -> None:
    """The operator may verify findings, but not the one that is hers to mend."""
    operator, auditor = door.visitor("107"), door.visitor("109")
    path = raised(auditor, OF_D2)
    assert sent(operator, path, **PLAN | {"owner": "107"}) == 303
    assert sent(operator, path, step="complete", reason="監査した") == 303
    assert sent(operator, path, step="hold", reason="自分で見た") == 422
    assert state(door, path) == "completed"


def test_each_step_is_for_who_may_take_it_and_in_its_turn(door: Served) -> None:
    auditor, manager = door.visitor("109"), door.visitor("101")
    path = raised(auditor, OF_D2)
    for who, told in (
        (auditor, PLAN),
        (manager, {"step": "complete"}),
        (auditor, {"step": "close"}),
        (manager, {"step": "x"}),
    ):
        assert sent(who, path, **{"reason": "理由"} | told) == 404
    assert state(door, path) == "raised"
    assert sent(manager, path, **PLAN) == 303
    assert sent(manager, path, step="complete", reason=" ") == 422
    assert sent(manager, path, **PLAN | {"due": "2020-01-01"}) == 422
    assert sent(manager, path, **PLAN | {"due": "いつか"}) == 422
    assert state(door, path) == "planned"


def test_who_sees_one_department_sees_its_findings_alone(door: Served) -> None:
    auditor, manager = door.visitor("109"), door.visitor("101")
    other = raised(auditor, OF_D1)
    assert manager.get(other).status_code == 404
    assert other not in manager.get(LIST).text
    assert sent(manager, other, **PLAN) == 404
    assert (state(door, other), auditor.get(other).status_code) == ("raised", 200)


@pytest.mark.parametrize("who", ["101", "103", "108"])
def test_who_may_not_raise_a_finding_is_answered_as_if_there_were_no_such_thing(door: Served, who: str) -> None:
    assert sent(door.visitor(who), LIST, **{OF_D2: "1", "content": "内容"}) == 404
    assert findings.findings(door.house) == []


def test_gaps_that_are_taken_up_or_not_there_are_not_taken_up(door: Served) -> None:
    auditor = door.visitor("109")
    raised(auditor, OF_D2)
    assert sent(auditor, LIST, **{OF_D2: "1", "content": "もう一度"}) == 422
    assert sent(auditor, LIST, **{f"gap-VEN-04-{digest(['V-99', 'vendor'])}": "1", "content": "内容"}) == 404
    assert sent(auditor, LIST, content="内容") == 422
    assert sent(auditor, LIST, **{OF_D1: "1", "content": " "}) == 422
    assert len(findings.findings(door.house)) == 1


def test_gaps_of_two_departments_are_one_finding_where_somebody_says_whose(door: Served) -> None:
    auditor = door.visitor("109")
    of_d2 = f"gap-{gap_at('VEN-01', 'V-2', 'evaluation')}"
    assert sent(auditor, LIST, **{OF_D1: "1", of_d2: "1", "content": "評価がない"}) == 422
    path = raised(auditor, OF_D1, of_d2, department="D2")
    one = findings.find(door.house, path.rpartition("/")[2])
    assert (one.row["department"], len(one.gaps)) == ("D2", 2)
    assert key(door.house, "101") not in auditor.get(path).text


def test_who_owns_one_control_brings_no_finding_of_another_further(door: Served) -> None:
    """Though they see it, as an auditor of the company."""
    assert write(door.house, "portal_grants", grant("control_owner", "109", grant_id="G-109")) == []
    both = door.visitor("109")
    of_theirs, of_others = raised(both, OF_D2), raised(both, OF_D1)
    assert (steps(both, of_theirs), steps(both, of_others)) == (["plan"], [])
    assert sent(both, of_others, **PLAN) == 404
    assert sent(both, of_theirs, **PLAN) == 303
