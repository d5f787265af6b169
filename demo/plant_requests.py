"""Planted in what outsiders ask for: REQ-01, REQ-02, REQ-03 and REQ-04."""

from datetime import date, timedelta

from demo.days import AS_OF, SINCE, ago, at, open_days_after
from demo.group import Group, day_of
from demo.keeping import DESK
from demo.plan import Plan
from demo.plant_access import waive
from demo.provisions import provide, record
from demo.requests import ANSWERED_AFTER, PAPERS, REFUSED, UNDECIDED, ask, dispose_papers, stop, use
from demo.values import Cell
from demo.values_subjects import Use

_WEEKS = timedelta(days=14)  # after which a refused request is deemed not made, and for disposing of the papers
_STOPPED = ago(45)
_GRACE = timedelta(days=30)
_BEYOND = _GRACE + timedelta(days=1)


def plant(group: Group, plan: Plan) -> None:
    """Plant requests answered late or refused without ground, papers that stay, and stops that do not hold."""
    _late(group, plan)
    _in_time(group, plan)
    _refused(group, plan)
    _refused_rightly(group, plan)
    _papers_left(group, plan)
    _papers_gone(group, plan)
    _used_after_a_stop(group, plan)
    _used_rightly(group, plan)


def _late(group: Group, plan: Plan) -> None:
    def fault(company: str, action: str, arrived: date, kind: str, note: str, **fields: Cell) -> str:
        number = ask(group, company, action, arrived, **fields)
        plan.fault("REQ-01", company, number, kind, note, day=arrived)
        return number

    day = date(2026, 3, 5)
    late = open_days_after(day, 2)
    fault("AOI", "correct", day, "registered on the 2nd business day", "到達の2営業日後に登録", registered_on=late)
    fault("MID", "correct", day, "never registered", "登録日の記録がない", registered_on=None)
    judged = at(day + timedelta(days=1), 10)
    note = "本人確認の1分前に開示"
    early = judged - timedelta(minutes=1)
    fault("AOI", "disclose", day, "disclosed a minute before", note, identity_judged_at=judged, disclosed_at=early)
    fault("MID", "disclose", day, "disclosed to a stranger", "本人確認ができないまま開示", identity="failed")
    fault("AOI", "disclose", ago(15), "unanswered for 15 days", "15日間未回答", **UNDECIDED)
    fifteenth = ago(25)
    fault("MID", "add", ago(40), "answered on the 15th day", "到達の15日後に回答", responded_on=fifteenth)
    note = "延長の通知が15日目"
    fault("AOI", "remove", ago(20), "extended on the 15th day", note, **(UNDECIDED | {"extension_notified_on": ago(5)}))
    number = fault("MID", "disclose", ago(16), "unanswered, waived", "16日間未回答(例外承認あり)", **UNDECIDED)
    waive(group, "REQ-01", "MID", number, "本人の求めにより面談の日まで回答を待つ")


def _in_time(group: Group, plan: Plan) -> None:
    def near(company: str, action: str, arrived: date, kind: str, note: str, **fields: Cell) -> None:
        number = ask(group, company, action, arrived, **fields)
        plan.near("REQ-01", company, number, kind, note, day=arrived)

    saturday = date(2026, 3, 7)
    monday = date(2026, 3, 9)
    near("AOI", "correct", saturday, "registered after the weekend", "土曜に到達、月曜に登録", registered_on=monday)
    judged = at(saturday, 10)
    note = "本人確認と同時刻に開示"
    near("MID", "disclose", saturday, "disclosed at once", note, identity_judged_at=judged, disclosed_at=judged)
    near("AOI", "disclose", ago(14), "unanswered for 14 days", "ちょうど14日、期限当日", **UNDECIDED)
    near("MID", "add", ago(40), "answered on the 14th day", "到達のちょうど14日後に回答", responded_on=ago(26))
    extended = UNDECIDED | {"extension_notified_on": ago(6)}
    near("AOI", "remove", ago(20), "extended on the 14th day", "延長の通知がちょうど14日目", **extended)
    new = UNDECIDED | {"registered_on": None, "identity": "pending", "identity_judged_at": None}
    near("MID", "notice_purpose", AS_OF, "arrived today", "本日到達、登録の期限は翌営業日", **new)
    closed: dict[str, Cell] = {"responded_on": ago(70), "closed_on": SINCE - timedelta(days=1)}
    near("AOI", "correct", ago(95), "closed before the period", "遅れた回答だが期間前に完結", **closed)
    taken_back: dict[str, Cell] = {"decision": "withdrawn", "responded_on": None, "disclosed_at": None}
    near("MID", "disclose", ago(30), "taken back", "4日目に本人が取下げ", **taken_back)


def _refused(group: Group, plan: Plan) -> None:
    arrived = ago(25)

    def fault(company: str, action: str, kind: str, note: str, **fields: Cell) -> str:
        number = ask(group, company, action, arrived, **(REFUSED | fields))
        plan.fault("REQ-02", company, number, kind, note, day=arrived)
        return number

    officer = {company: group.posts[company, "cpo"] for company in group.companies}
    note = "訂正不要の理由は開示の請求に使えない"
    fault("AOI", "disclose", "ground of corrections", note, refusal_ground="H1", second_reviewer_key=officer["AOI"])
    note = "開示だけに使える理由を利用停止に使用"
    fault("MID", "stop_use", "ground of disclosures", note, refusal_ground="G4", second_reviewer_key=officer["MID"])
    fault("AOI", "correct", "no ground", "応じない理由の記載がない", refusal_ground=None)
    fault("MID", "disclose", "reason not sent", "理由を本人に送っていない", reason_sent=False)
    fault("AOI", "disclose", "no second person", "判断を伴う理由に第二の者の確認がない", refusal_ground="G3")
    note, handler = "担当者が第二の者を兼ねた", group.posts[DESK["AOI"], "deputy"]
    fault("AOI", "disclose", "reviewed by the handler", note, refusal_ground="G9", second_reviewer_key=handler)
    number = fault(
        "MID", "stop_use", "no second person, waived", "第二の者の確認なし(例外承認あり)", refusal_ground="H2"
    )
    waive(group, "REQ-02", "MID", number, "第二の者の不在により4月6日に確認")


def _refused_rightly(group: Group, plan: Plan) -> None:
    def near(company: str, action: str, days: int, kind: str, note: str, **fields: Cell) -> None:
        number = ask(group, company, action, ago(days), **(REFUSED | fields))
        plan.near("REQ-02", company, number, kind, note, day=ago(days))

    officer = {company: group.posts[company, "cpo"] for company in group.companies}
    note = "業務への著しい支障は開示に使え、第二の者が確認"
    near("AOI", "disclose", 24, "G4 of a disclosure", note, refusal_ground="G4", second_reviewer_key=officer["AOI"])
    note = "利用停止の要件なし、第二の者が確認"
    near("MID", "stop_use", 24, "H2 of a stop", note, refusal_ground="H2", second_reviewer_key=officer["MID"])
    near("AOI", "stop_provision", 24, "curable ground", "書類の不備に第二の者は不要", refusal_ground="G5")
    granted: dict[str, Cell] = {"decision": "granted", "refusal_ground": None, "reason_sent": False}
    near("MID", "correct", 24, "granted", "応じた請求に理由は不要", **granted)
    closed: dict[str, Cell] = {"refusal_ground": None, "closed_on": SINCE - timedelta(days=1)}
    near("AOI", "disclose", 90, "closed before the period", "理由の記載はないが期間前に完結", **closed)


def _papers_left(group: Group, plan: Plan) -> None:
    def fault(company: str, arrived: date, kind: str, note: str, **fields: Cell) -> str:
        number = ask(group, company, "disclose", arrived, **(PAPERS | fields))
        plan.fault("REQ-03", company, number, kind, note, day=arrived)
        return number

    fault("AOI", ago(30), "closed 15 days ago", "完結から15日、書類が残る", closed_on=ago(15))
    told = REFUSED | {"documents_disposed_on": ago(1)}
    number = fault("MID", _answered(ago(30)), "a day late", "みなし日の15日後に廃棄", **told)
    dispose_papers(group, "MID", number, ago(1))
    told = {"closed_on": ago(30), "documents_disposed_on": ago(20)}
    fault("AOI", ago(50), "no record of disposal", "廃棄の記録がない", **told)
    number = fault(
        "MID", ago(50), "domicile not masked", "本籍が見える書類を保管", documents_masked=False, closed_on=ago(5)
    )
    told = REFUSED | {"decision": "deemed_no_request"}
    fault("AOI", _answered(ago(13)), "deemed after 13 days", "回答の13日後にみなし不請求", **told)
    number = fault(
        "MID", _answered(ago(20)), "deemed although asked again", "14日目の再請求があるのにみなし不請求", **told
    )
    _ask_again(group, number, ago(6))
    number = fault("AOI", ago(40), "left, waived", "完結から20日、書類が残る(例外承認あり)", closed_on=ago(20))
    waive(group, "REQ-03", "AOI", number, "溶解業者の回収が4月3日")


def _answered(day: date) -> date:
    """When a request arrived that was answered on a day."""
    return day - ANSWERED_AFTER


def _ask_again(group: Group, number: str, day: date) -> None:
    """Let the same person ask again."""
    row = group.row("requests", request_id=number)
    ask(group, str(row["company"]), "disclose", day, subject_key=row["subject_key"])


def _papers_gone(group: Group, plan: Plan) -> None:
    def near(company: str, arrived: date, kind: str, note: str, **fields: Cell) -> str:
        number = ask(group, company, "disclose", arrived, **(PAPERS | fields))
        plan.near("REQ-03", company, number, kind, note, day=arrived)
        return number

    near("AOI", ago(30), "closed 14 days ago", "完結からちょうど14日、期限当日", closed_on=ago(14))
    told: dict[str, Cell] = {"closed_on": ago(24), "documents_disposed_on": ago(10)}
    number = near("MID", ago(50), "on the 14th day", "完結のちょうど14日後に廃棄", **told)
    dispose_papers(group, "MID", number, ago(10))
    near("AOI", _answered(ago(28)), "deemed 14 days ago", "みなし日からちょうど14日、期限当日", **REFUSED)
    told = REFUSED | {"decision": "deemed_no_request"}
    near("MID", _answered(ago(15)), "deemed after two weeks", "回答の14日後を過ぎてみなし不請求", **told)
    number = near("AOI", _answered(ago(35)), "asked again on the 14th day", "14日目の再請求、手続は続く", **REFUSED)
    _ask_again(group, number, ago(21))
    none: dict[str, Cell] = {"documents_received": False, "documents": (), "documents_masked": None, "channel": "web"}
    near("MID", ago(45), "no papers", "書類の提出がない請求", **(none | {"closed_on": ago(28)}))
    near("AOI", ago(20), "nothing to mask", "マスクを要する記載がない", documents_masked=None)


def _used_after_a_stop(group: Group, plan: Plan) -> None:
    def fault(company: str, action: str, kind: str, note: str, used: str) -> Use:
        asked = stop(group, company, action, _STOPPED)
        one = use(group, company, str(asked["subject_key"]), at(_STOPPED + _BEYOND, 9), used)
        plan.fault("REQ-04", company, str(asked["request_id"]), kind, note, day=day_of(one.at))
        return one

    fault("AOI", "stop_use", "mailed on the 31st day", "利用停止の31日後にメール", "mail")
    fault("MID", "stop_use", "called", "利用停止の31日後に電話", "call")
    fault("AOI", "erase", "read after an erasure", "消去の31日後に閲覧", "read")
    sold = fault("MID", "stop_provision", "provided after a stop", "第三者提供停止の31日後に提供", "provision")
    made = provide(group, "MID", sold.at, person=sold.person)
    record(group, made)
    note = "第三者提供停止の31日後に提供(REQ-04と同じ提供)"
    plan.fault("TPP-01", "MID", made.id, "provided after a stop", note, day=day_of(made.at))
    listed = fault("AOI", "stop_use", "on an advertising list, waived", "広告配信の対象(例外承認あり)", "ad_list")
    asked = group.row("requests", company="AOI", subject_key=listed.person)
    waive(group, "REQ-04", "AOI", str(asked["request_id"]), "配信会社の名簿更新が4月1日")


def _used_rightly(group: Group, plan: Plan) -> None:
    def near(company: str, action: str, kind: str, note: str, *, days: int = 31, used: str = "mail") -> Use:
        asked = stop(group, company, action, _STOPPED)
        one = use(group, company, str(asked["subject_key"]), at(_STOPPED, 9) + timedelta(days=days), used)
        plan.near("REQ-04", company, str(asked["request_id"]), kind, note, day=day_of(one.at))
        return one

    near("AOI", "stop_use", "mailed on the 30th day", "利用停止のちょうど30日後のメール", days=30)
    near("MID", "stop_provision", "mailed after a stop of provision", "第三者提供停止は提供だけを止める")
    asked = stop(group, "AOI", "stop_use", _STOPPED)
    one = use(group, "MID", str(asked["subject_key"]), at(_STOPPED + _BEYOND, 9))
    note = "停止の請求を受けていない他社からのメール"
    plan.near("REQ-04", "AOI", str(asked["request_id"]), "mailed by another company", note, day=day_of(one.at))
    asked = stop(group, "MID", "stop_use", _STOPPED)
    person = str(asked["subject_key"])
    one = use(group, "MID", person, at(_STOPPED + _BEYOND, 9), exception="請求への回答")
    note = "請求への回答のためのメール"
    plan.near("REQ-04", "MID", str(asked["request_id"]), "the answer itself", note, day=day_of(one.at))
    asked = stop(group, "AOI", "stop_use", _STOPPED, **(REFUSED | {"refusal_ground": "G6", "done_on": None}))
    one = use(group, "AOI", str(asked["subject_key"]), at(_STOPPED + _BEYOND, 9))
    note = "応じなかった停止の請求"
    plan.near("REQ-04", "AOI", str(asked["request_id"]), "never carried out", note, day=day_of(one.at))
