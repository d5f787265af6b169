"""Planted in complaints: REQ-05."""

from datetime import date, timedelta

from demo.care import complaint, incident
from demo.days import AS_OF, SINCE, ago, at, open_days_after
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Cell

_CONTROL = "REQ-05"


def plant(group: Group, plan: Plan) -> None:
    """Plant complaints that were acknowledged or resolved too late, without a cause or without an incident."""
    _late(group, plan)
    _in_time(group, plan)
    _leaks(group, plan)


def _told(group: Group, company: str, arrived: date, fields: dict[str, Cell]) -> str:
    """Write a complaint about no leak; fields override."""
    number = complaint(group, company, at(arrived, 10), "other")
    group.row("complaints", complaint_id=number).update(fields)
    return number


def _late(group: Group, plan: Plan) -> None:
    def fault(company: str, arrived: date, kind: str, note: str, **fields: Cell) -> str:
        number = _told(group, company, arrived, fields)
        plan.fault(_CONTROL, company, number, kind, note, day=arrived)
        return number

    day = date(2026, 3, 10)
    note = "受付の4営業日後に受領を連絡"
    fault("AOI", day, "acknowledged on the 4th business day", note, acknowledged_on=open_days_after(day, 4))
    fault("MID", day, "never acknowledged", "受領の連絡がない", acknowledged_on=None)
    fault("AOI", ago(50), "resolved on the 31st day", "受付の31日後に解決", resolved_on=ago(19))
    fault("MID", ago(31), "unresolved for 31 days", "31日間未解決", resolved_on=None, cause=None)
    fault("AOI", day, "no cause", "解決したが原因の記録がない", cause=None)
    number = fault("MID", ago(33), "unresolved, waived", "33日間未解決(例外承認あり)", resolved_on=None, cause=None)
    waive(group, _CONTROL, "MID", number, "申出者の入院により回答を待っている")


def _in_time(group: Group, plan: Plan) -> None:
    def near(company: str, arrived: date, kind: str, note: str, **fields: Cell) -> None:
        number = _told(group, company, arrived, fields)
        plan.near(_CONTROL, company, number, kind, note, day=arrived)

    day = date(2026, 3, 10)
    note = "受付のちょうど3営業日後に受領を連絡"
    near("AOI", day, "acknowledged on the 3rd business day", note, acknowledged_on=open_days_after(day, 3))
    fresh: dict[str, Cell] = {"acknowledged_on": None, "resolved_on": None, "cause": None}
    near("MID", open_days_after(AS_OF, -3), "acknowledgement due today", "本日が受領連絡の期限", **fresh)
    near("AOI", ago(50), "resolved on the 30th day", "受付のちょうど30日後に解決", resolved_on=ago(20))
    near("MID", ago(30), "unresolved for 30 days", "ちょうど30日、期限当日", resolved_on=None, cause=None)
    closed: dict[str, Cell] = {"resolved_on": SINCE - timedelta(days=1), "cause": None}
    near("AOI", ago(99), "resolved before the period", "原因の記録はないが期間前に解決", **closed)


def _leaks(group: Group, plan: Plan) -> None:
    kind, day = "leak_suspected", date(2026, 3, 11)
    number = complaint(group, "MID", at(day, 10), kind, answered=False)
    for control in (_CONTROL, "ORG-4-06"):
        plan.fault(control, "MID", number, "leak complaint, no answer", "漏えいの申出に判断の記録がない", day=day)
    number = complaint(group, "AOI", at(day, 10), kind, answered=False)
    incident(group, "AOI", "AOI-CSC", at(day, 13), signal_ids=(number,))
    for control in (_CONTROL, "ORG-4-06"):
        plan.near(control, "AOI", number, "leak complaint, incident", "3時間後に事案として登録", day=day)
    number = complaint(group, "MID", at(AS_OF, 15), kind, answered=False)
    for control in (_CONTROL, "ORG-4-06"):
        plan.near(control, "MID", number, "leak complaint of today", "本日の申出、判断の期限は翌日", day=AS_OF)
