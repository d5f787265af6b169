"""Planted in how leaks are met: ORG-4-01 to ORG-4-05. An incident's day is the one on which it was first known."""

from datetime import date

from demo.care import incident
from demo.days import AS_OF, DAY, ago, at
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.readiness import NOTICE_ITEMS, PLAN, leak, state
from demo.rules import appoint
from demo.values import Cell

_DEPARTMENT = {"AOI": "AOI-SAL", "MID": "MID-OPS"}
_UNJUDGED: dict[str, Cell] = {"judged_at": None, "judged_by": None, "reportable": None, "closed_on": None}


def plant(group: Group, plan: Plan) -> None:
    """Plant in plans and drills, and in the clocks of incidents."""
    _plans(group, plan)
    _drills(group, plan)
    _not_judged(group, plan)
    _judged_just_so(group, plan)
    _preliminary(group, plan)
    _final(group, plan)
    _individuals(group, plan)
    _entrusted(group, plan)


def _plans(group: Group, plan: Plan) -> None:
    control = "ORG-4-01"
    stated = group.row("document_elements", company="MID", document_code=PLAN, element="公表")
    stated["confirmed_by"] = None
    plan.fault(control, "MID", "MID", "an item nobody confirmed", "公表の定めを誰も確認していない", aspect="plan")
    state(group, "AOI", "調査・原因", document_version="2.0")
    note = "旧版の対応手順は記載不足、施行中の版にはすべてあり"
    plan.near(control, "AOI", "AOI", "an older version states less", note, aspect="plan")


def _drills(group: Group, plan: Plan) -> None:
    control = "ORG-4-01"
    late = group.row("exercises", company="AOI", kind="breach_drill")
    late["performed_on"] = ago(366)
    plan.fault(control, "AOI", "AOI", "366 days ago", "最終の漏えい対応訓練から366日", aspect="drill")
    plan.near(control, "AOI", "AOI", "lessons of an old drill", "古い訓練でも教訓は指摘に登録済", aspect="lessons")
    drill = group.row("exercises", company="MID", kind="breach_drill")
    drill |= {"performed_on": ago(365), "finding_ids": (*_ids(drill["finding_ids"]), "F-NONE")}
    plan.near(control, "MID", "MID", "365 days ago", "最終の漏えい対応訓練からちょうど365日", aspect="drill")
    note = "教訓の一つが指摘に登録されていない"
    plan.fault(control, "MID", "MID", "a lesson that is no finding", note, aspect="lessons")


def _ids(told: Cell) -> tuple[str, ...]:
    assert isinstance(told, tuple)
    return told


def _fault(plan: Plan, control: str, company: str, subject: str, kind: str, note: str, day: date) -> None:
    plan.fault(control, company, subject, kind, note, day=day)


def _near(plan: Plan, control: str, company: str, subject: str, kind: str, note: str, day: date) -> None:
    plan.near(control, company, subject, kind, note, day=day)


def _not_judged(group: Group, plan: Plan) -> None:
    control = "ORG-4-02"

    def fault(company: str, days: int, kind: str, note: str, **fields: Cell) -> str:
        subject = incident(group, company, _DEPARTMENT[company], at(ago(days), 9), **fields)
        _fault(plan, control, company, subject, kind, note, ago(days))
        return subject

    fault("AOI", 24, "told after 25 hours", "一次報告が25時間後", reported_to_owner_at=at(ago(23), 10))
    fault("MID", 23, "judged after 49 hours", "報告要否の判断が49時間後", judged_at=at(ago(21), 10))
    note = "不正の目的の有無が5日経っても不明"
    fault("AOI", 5, "one answer unknown", note, wrongful_purpose="unknown", closed_on=None)
    by = group.posts["MID", "audit_officer"]
    fault("MID", 19, "judged by the head of audit", "個人情報保護管理者ではない者が判断", judged_by=by)
    fault("AOI", 18, "no upper bound", "本人数の上限が不明のまま", persons_max=None)
    subject = fault("MID", 8, "not judged, waived", "例外承認あり(印は付くが消えない)", **_UNJUDGED)
    waive(group, control, "MID", subject, "捜査機関の要請により判断を保留")


def _judged_just_so(group: Group, plan: Plan) -> None:
    control = "ORG-4-02"

    def near(company: str, detected: tuple[int, int], kind: str, note: str, **fields: Cell) -> None:
        days, hour = detected
        subject = incident(group, company, _DEPARTMENT[company], at(ago(days), hour), **fields)
        _near(plan, control, company, subject, kind, note, ago(days))

    note = "夜勤中の23時に発覚、ちょうど24時間後に報告、48時間後に判断"
    exact: dict[str, Cell] = {"reported_to_owner_at": at(ago(16), 23), "judged_at": at(ago(15), 23)}
    near("MID", (17, 23), "after exactly 24 and 48 hours", note, **exact)
    untold: dict[str, Cell] = _UNJUDGED | {"reported_to_owner_at": None, "special_care": "unknown"}
    near("AOI", (0, 20), "found this evening", "当日夜に発覚、報告も判断も期限前", **untold)
    note = "前日未明に発覚、判断の期限は翌日"
    near("MID", (1, 1), "47 hours old", note, **_UNJUDGED | {"persons_max": None})
    former = group.take("AOI", "AOI-SAL")
    appoint(group, "AOI", None, "cpo", former.no, ago(3000), ago(13))
    note = "任期の最終日に前任の個人情報保護管理者が判断"
    near("AOI", (13, 9), "judged on the last day of the post", note, judged_by=former.no, judged_at=at(ago(13), 23, 59))


def _preliminary(group: Group, plan: Plan) -> None:
    control = "ORG-4-03"

    def leaked(company: str, known: date, **fields: Cell) -> str:
        return leak(group, company, _DEPARTMENT[company], known, **fields)

    subject = leaked("AOI", ago(21), preliminary_on=ago(16))
    _fault(plan, control, "AOI", subject, "reported on day 6", "速報が6日目", ago(21))
    subject = leaked("MID", ago(5), preliminary_on=None)
    _fault(plan, control, "MID", subject, "day 6, no report", "6日目、速報なし", ago(5))
    subject = leaked("AOI", ago(7), known_on=ago(10), preliminary_on=ago(5))
    note = "営業部が3日前に知っていたため、起算日から6日目の速報"
    _fault(plan, control, "AOI", subject, "a department knew before", note, ago(10))
    friday = date(2026, 3, 19)  # then a holiday and a weekend
    subject = leaked("MID", friday, preliminary_on=date(2026, 3, 23))
    _near(plan, control, "MID", subject, "day 5 after a long weekend", "連休を挟んだ5日目の速報", friday)
    subject = leaked("AOI", ago(4), preliminary_on=None)
    _near(plan, control, "AOI", subject, "day 5 is today", "本日が5日目、速報は期限前", ago(4))
    subject = leaked("MID", ago(11), encrypted="yes", reportable=False, preliminary_on=None)
    _near(plan, control, "MID", subject, "not reportable", "高度な暗号化により報告対象外", ago(11))


def _final(group: Group, plan: Plan) -> None:
    control = "ORG-4-04"
    known = date(2026, 2, 20)  # day 30 is a Saturday, the next open day 23 March

    def leaked(company: str, on: date, final: date | None, **fields: Cell) -> str:
        return leak(group, company, _DEPARTMENT[company], on, final_on=final, **fields)

    subject = leaked("AOI", known, date(2026, 3, 24))
    _fault(plan, control, "AOI", subject, "a day late", "休日明けの期限の翌日に確報", known)
    subject = leaked("MID", ago(34), None)
    _fault(plan, control, "MID", subject, "no report", "知った日から35日目、確報なし", ago(34))
    subject = leaked("AOI", ago(25), ago(3), final_items_missing=2)
    _fault(plan, control, "AOI", subject, "two items missing", "期限内の確報に2項目の未記載、追完の予定なし", ago(25))
    accident: dict[str, Cell] = {"reportable": False, "privacy_mark_report": True, "special_care": "no"}
    subject = leaked("MID", ago(33), None, **accident)
    _fault(plan, control, "MID", subject, "PrivacyMark accident", "Pマークのみ報告対象の事故に確報なし", ago(33))
    subject = leaked("MID", known, date(2026, 3, 23))
    _near(plan, control, "MID", subject, "the next open day", "30日目は土曜、休日明けの開庁日に確報", known)
    subject = leaked("AOI", ago(55), None, wrongful_purpose="yes")
    _near(plan, control, "AOI", subject, "60 days", "不正の目的によるおそれ、期限は60日", ago(55))
    subject = leaked("AOI", ago(26), ago(2), final_items_missing=1, follow_up_task="追完 4月15日")
    _near(plan, control, "AOI", subject, "to be completed", "未記載の1項目に追完の予定あり", ago(26))
    subject = leaked("MID", ago(29), None)
    _near(plan, control, "MID", subject, "day 30 is today", "本日が30日目、確報は期限前", ago(29))


def _individuals(group: Group, plan: Plan) -> None:
    def case(company: str, days: int, kind: str, note: str, *, near: bool = False, **fields: Cell) -> None:
        subject = leak(group, company, _DEPARTMENT[company], ago(days), **fields)
        plan.fault("ORG-4-05", company, subject, kind, note, aspect="individuals", day=ago(days), near_miss=near)

    case("AOI", 12, "nobody told", "本人通知なし", individuals_notified_on=None)
    lacking = tuple(item for item in NOTICE_ITEMS if item != "5")
    case("MID", 14, "one item missing", "本人通知に二次被害の事項なし", notice_items=lacking)
    untold: dict[str, Cell] = {"individuals_notified_on": None, "notice_items": ()}
    note = "連絡先不明のため公表で代替、理由の記録あり"
    case("MID", 15, "an alternative measure", note, near=True, **untold, alternative_measure="公表(連絡先が不明のため)")
    case("AOI", 6, "told today", "当日に本人通知", near=True, individuals_notified_on=AS_OF)


def _entrusted(group: Group, plan: Plan) -> None:
    def case(company: str, days: int, told: date | None, kind: str, note: str, *, near: bool = False) -> None:
        fields: dict[str, Cell] = {"as_processor": True, "entrusting_party_notified_on": told, "closed_on": None}
        subject = incident(group, company, _DEPARTMENT[company], at(ago(days), 9), **fields)
        plan.fault("ORG-4-05", company, subject, kind, note, aspect="entrusting_party", day=ago(days), near_miss=near)

    case("MID", 22, ago(17), "told on day 6", "委託元への通知が6日目")
    case("AOI", 9, None, "entrusting party not told", "委託元への通知なし")
    case("AOI", 22, ago(22) + 4 * DAY, "told on day 5", "委託元への通知が5日目", near=True)
    case("MID", 4, None, "day 5 is today, not told", "本日が5日目、委託元への通知は期限前", near=True)
