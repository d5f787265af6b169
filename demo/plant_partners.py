"""Planted in how vendors are chosen, found, pass work on and end: VEN-01, VEN-03, VEN-06 and VEN-07."""

from dataclasses import replace
from datetime import date, timedelta

from demo.care import incident
from demo.days import AS_OF, ago, at
from demo.group import Group
from demo.partners import DESK, allow, decide, evaluate, gone, partner, see
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Account, Cell
from demo.vendors import declare, send, sign, vendor

Told = tuple[date, dict[str, Cell]]  # an evaluation: the day of its approval, and what is not ordinary of it

FIRST = date(2024, 4, 8)  # of the evaluation before the first transfer of whom data went to in 2024
WORK = "発送の一部"
DECLARED = date(2026, 2, 2)


def plant(group: Group, plan: Plan) -> None:
    """Plant evaluations, undeclared parties, sub-vendors and endings that do not hold."""
    _evaluations(group, plan)
    _evaluations_in_order(group, plan)
    _starts(group, plan)
    _undeclared(group, plan)
    _declared_or_judged(group, plan)
    _passed_on(group, plan)
    _passed_on_in_order(group, plan)
    _certificates(group, plan)
    _accounts(group, plan)
    _transfers(group, plan)
    _notices(group, plan)


def _judged(group: Group, company: str, tier: str, *evaluations: Told, **fields: Cell) -> str:
    """A vendor with these evaluations and no other."""
    row = partner(group, company, tier, **fields)
    group.bare.add(("evaluation", str(row["vendor_id"])))
    for day, told in evaluations:
        evaluate(group, row, day, **told)
    return str(row["vendor_id"])


def _evaluations(group: Group, plan: Plan) -> None:
    control = "VEN-01"

    def fault(company: str, tier: str, kind: str, note: str, *evaluations: Told) -> str:
        subject = _judged(group, company, tier, *evaluations)
        plan.fault(control, company, subject, kind, note, aspect="evaluation")
        return subject

    fault("AOI", "T2", "never evaluated", "評価なしで委託を開始")
    fault("MID", "T1", "T1 366 days ago", "再評価から366日", (FIRST, {}), (ago(366), {}))
    fault("AOI", "T3", "T3 731 days ago", "再評価から731日", (ago(731), {}))
    fault("AOI", "T2", "79 percent", "評価が79点", (FIRST, {}), (ago(60), {"score": 79}))
    fault("MID", "T2", "a knock-out", "ノックアウト項目が「否」", (FIRST, {}), (ago(60), {"knock_outs": ("12",)}))
    fault("AOI", "T3", "one question open", "未採点の設問が1問", (FIRST, {}), (ago(60), {"questions_open": 1}))
    more: Told = (ago(60), {"necessary_items_only": False})
    fault("MID", "T3", "more than the necessary items", "必要のない項目まで提供", (FIRST, {}), more)
    nobody: dict[str, Cell] = {"approved_by": None, "approved_on": None}
    waived = fault("MID", "T2", "not approved, waived", "評価が未承認(例外承認あり)", (ago(60), nobody))
    waive(group, control, "MID", waived, "4月の委員会で承認予定")


def _evaluations_in_order(group: Group, plan: Plan) -> None:
    control = "VEN-01"

    def near(company: str, tier: str, kind: str, note: str, *evaluations: Told) -> None:
        plan.near(control, company, _judged(group, company, tier, *evaluations), kind, note)

    near("AOI", "T1", "T1 365 days ago", "再評価からちょうど365日", (FIRST, {}), (ago(365), {}))
    near("MID", "T3", "T3 366 days ago", "区分T3の評価から366日", (FIRST, {}), (ago(366), {}))
    near("MID", "T2", "80 percent", "評価がちょうど80点", (FIRST, {}), (ago(60), {"score": 80}))
    mended: tuple[Told, ...] = ((FIRST, {}), (ago(200), {"score": 60}), (ago(30), {}))
    near("AOI", "T2", "passed after it had failed", "不合格の後の再評価で合格", *mended)
    fields: dict[str, Cell] = {"status": "candidate", "first_transfer_on": None, "department": DESK["AOI"]}
    asked = vendor(group, "AOI", "T2", contract=False, audit=False, **fields)
    group.bare.add(("evaluation", str(asked["vendor_id"])))
    plan.near(control, "AOI", str(asked["vendor_id"]), "a candidate", "まだ何も渡していない候補先")


def _starts(group: Group, plan: Plan) -> None:
    control, start = "VEN-01", ago(20)
    for company, days, score, passed, kind, note in (
        ("MID", 19, 92, ago(19), "approved the day after", "初回提供の翌日に評価を承認"),
        ("AOI", 25, 70, ago(5), "started though failed", "不合格の評価のまま提供を開始し、後日合格"),
    ):
        told: tuple[Told, ...] = ((ago(days), {"score": score}), (ago(5), {}))
        subject = _judged(group, company, "T2", *told, first_transfer_on=start)
        plan.fault(control, company, subject, kind, note, aspect="late", day=passed)
        plan.near(control, company, subject, f"{kind}, in order now", "現在は合格した評価がある")
    subject = _judged(group, "AOI", "T2", (start, {}), first_transfer_on=start)
    plan.near(control, "AOI", subject, "approved on the day", "初回提供の当日に評価を承認", aspect="late", day=start)


def _undeclared(group: Group, plan: Plan) -> None:
    control = "VEN-03"

    def fault(company: str, party: str, days: int, seen_in: str, kind: str, note: str) -> None:
        see(group, company, party, ago(days), seen_in)
        plan.fault(control, company, party, kind, note)

    fault("AOI", "0000000200001", 0, "payment", "payee", "データ処理の支払先が委託先台帳にない")
    fault("MID", "forms.mid-saas.example", 20, "sso", "application", "個人情報の権限を持つ連携アプリが台帳にない")
    fault("AOI", "0000000200002", 45, "account", "outside account", "IDを持つ社外の会社が台帳にない")
    fault("MID", "0000000200003", 200, "payment", "paid once half a year ago", "半年前の支払先が未登録のまま")
    fault("AOI", "survey.aoi-saas.example", 30, "sso", "judged to handle", "「取り扱う」と判断したのに未登録")
    decide(group, "AOI", "survey.aoi-saas.example", ago(25), handles=True)
    fault("MID", "board.mid-saas.example", 30, "sso", "judged again", "「取り扱わない」の判断を新しい判断が覆した")
    decide(group, "MID", "board.mid-saas.example", ago(300))
    decide(group, "MID", "board.mid-saas.example", ago(10), handles=True)
    fault("MID", "video.shared-saas.example", 15, "sso", "judged by the sister", "姉妹会社だけが判断した連携アプリ")
    decide(group, "AOI", "video.shared-saas.example", ago(100))
    fault("AOI", "0000000200004", 50, "payment", "waived", "未登録の支払先(例外承認あり)")
    waive(group, control, "AOI", "0000000200004", "4月1日付で契約・登録予定")


def _declared_or_judged(group: Group, plan: Plan) -> None:
    control = "VEN-03"

    def near(company: str, party: str, seen_in: str, kind: str, note: str, **fields: object) -> None:
        see(group, company, party, ago(15), seen_in, **fields)
        plan.near(control, company, party, kind, note)

    near("AOI", "0000000300001", "payment", "no personal data", "個人情報に関わらない支払先", likely=False)
    near("AOI", "video.shared-saas.example", "sso", "judged", "「取り扱わない」と判断済")
    near("MID", "wiki.mid-saas.example", "sso", "judged today", "本日「取り扱わない」と判断")
    decide(group, "MID", "wiki.mid-saas.example", AS_OF)
    near("AOI", "notes.aoi-saas.example", "sso", "judged again", "「取り扱う」の判断を新しい判断が改めた")
    decide(group, "AOI", "notes.aoi-saas.example", ago(300), handles=True)
    decide(group, "AOI", "notes.aoi-saas.example", ago(10))
    row = gone(group, "MID", ago(150), ago(140))
    number, party = str(row["vendor_id"]), str(row["corporate_number"])
    near("MID", party, "payment", "an ended vendor", "終了したが台帳にある委託先への支払", vendor=number)


def _passed(group: Group, company: str, name: str | None = None, country: str = "JP", on: date = DECLARED) -> str:
    """Let one of a company's vendors declare a sub-vendor that the plan approves or does not; the vendor."""
    own = next(group.rows("vendors", company=company, tier="T2", status="active"))
    told = name or group.number("sub-vendor", "SUB-{:04d}")
    declare(group, own, told, country, on=on)
    group.bare.add(("passed on", told))
    return str(own["vendor_id"])


def _passed_on(group: Group, plan: Plan) -> None:
    control = "VEN-06"

    def fault(company: str, kind: str, note: str, *approved: dict[str, Cell], on: date = DECLARED) -> str:
        own = _passed(group, company, on=on)
        seen = group.sub_vendors[-1]
        for fields in approved:
            told: dict[str, Cell] = {"day": ago(90), "work": WORK, "country": "JP"}
            allow(group, company, own, seen.sub_vendor, **(told | fields))  # type: ignore[arg-type]
        subject = f"{own}:{seen.sub_vendor}"
        late = [one["day"] for one in approved if "day" in one]
        if late:
            plan.fault(control, company, subject, kind, note, aspect="late", day=late[0])
        else:
            plan.fault(control, company, subject, kind, note, aspect="approval")
        return subject

    fault("AOI", "never approved", "申告のあった再委託先に承認がない")
    fault("MID", "never approved, seen before", "期間前に把握した再委託先に承認がない", on=ago(120))
    fault("AOI", "other work", "別の業務だけを承認", {"work": "封入"})
    fault("MID", "other country", "別の国だけを承認", {"country": "SG"})
    fault("AOI", "terms not passed down", "同等の条件が引き継がれていない", {"pass_down_terms": False})
    fault("MID", "expired the day before", "承認が申告の前日に失効", {"expires_on": DECLARED - timedelta(days=1)})
    late = fault("AOI", "approved the day after", "申告の翌日に承認", {"day": DECLARED + timedelta(days=1)})
    plan.near(control, "AOI", late, "approved by now", "現在は承認済", aspect="approval")
    waived = fault("MID", "never approved, waived", "承認がない(例外承認あり)")
    waive(group, control, "MID", waived, "4月の委員会で承認予定")


def _passed_on_in_order(group: Group, plan: Plan) -> None:
    control = "VEN-06"

    def near(company: str, kind: str, note: str, day: date, expires: date) -> None:
        own = _passed(group, company)
        seen = group.sub_vendors[-1]
        allow(group, company, own, seen.sub_vendor, day, WORK, "JP", expires_on=expires)
        subject = f"{own}:{seen.sub_vendor}"
        plan.near(control, company, subject, kind, note, aspect="approval")

    near("AOI", "approved on the day", "申告の当日に承認", DECLARED, ago(-300))
    near("MID", "last day of the approval", "承認の最終日に申告", ago(400), DECLARED)
    own = _passed(group, "AOI")
    seen = group.sub_vendors[-1]
    second = replace(seen, id=group.number("sighting", "SV-{:04d}"), work="封入")
    group.sub_vendors.append(second)
    for work in (WORK, "封入"):
        allow(group, "AOI", own, seen.sub_vendor, ago(90), work, "JP")
    plan.near(control, "AOI", f"{own}:{seen.sub_vendor}", "two works", "二つの業務がそれぞれ承認済", aspect="approval")


def _certificates(group: Group, plan: Plan) -> None:
    control = "VEN-07"

    def fault(company: str, days: int, kind: str, note: str) -> str:
        subject = str(gone(group, company, ago(days), None)["vendor_id"])
        plan.fault(control, company, subject, kind, note, aspect="certificate")
        return subject

    fault("AOI", 31, "no certificate in 31 days", "終了から31日、返却・消去の証明なし")
    fault("MID", 200, "no certificate in 200 days", "終了から200日、返却・消去の証明なし")
    waive(group, control, "AOI", fault("AOI", 90, "no certificate, waived", "証明なし(例外承認あり)"), "督促済")
    for tell, company, day, kind, note in (
        (plan.fault, "MID", ago(19), "certificate after 31 days", "証明が終了の31日後"),
        (plan.near, "AOI", ago(20), "certificate on the 30th day", "証明が終了のちょうど30日後"),
    ):
        subject = str(gone(group, company, ago(50), day)["vendor_id"])
        tell(control, company, subject, kind, note, aspect="late", day=day)
    due = str(gone(group, "MID", ago(30), None)["vendor_id"])
    plan.near(control, "MID", due, "30 days after the end", "終了から30日目、証明は期限内")
    idle = str(gone(group, "AOI", ago(100), None, handles_personal_data=False)["vendor_id"])
    plan.near(control, "AOI", idle, "no personal data", "個人情報を扱わなかった取引先")
    followed = partner(group, "MID")
    group.row("vendor_contracts", vendor_id=followed["vendor_id"]).update(ends_on=ago(80))
    sign(group, followed, starts_on=ago(79), ends_on=ago(-300))
    plan.near(control, "MID", str(followed["vendor_id"]), "followed the next day", "翌日から次の契約")


def _accounts(group: Group, plan: Plan) -> None:
    control, friday = "VEN-07", date(2026, 3, 13)

    def held(company: str, last: date, disabled: date | None) -> str:
        row = gone(group, company, last, min(last + timedelta(days=10), AS_OF))
        system, department = ("SYS-CRM", "AOI-SAL") if company == "AOI" else ("SYS-WMS", "MID-OPS")
        login = group.number("outside account", "ext{:03d}")
        group.accounts[system, login] = Account(
            system,
            login,
            "サービス",
            enabled=disabled is None,
            disabled_at=at(disabled, 15) if disabled else None,
            registered_owner=group.posts[department, "deputy"],
            expires_on=date(2026, 9, 30),
            outside=str(row["vendor_id"]),
        )
        return str(row["vendor_id"])

    subject = held("AOI", ago(4), None)
    plan.fault(control, "AOI", subject, "account after two business days", "終了後もIDが有効", aspect="account")
    subject = held("MID", ago(60), None)
    plan.fault(control, "MID", subject, "account after 60 days", "終了から60日、IDが有効", aspect="account")
    subject = held("MID", ago(1), None)
    plan.near(control, "MID", subject, "account on the next business day", "終了の翌営業日、停止は期限内")
    for tell, company, day, kind, note in (
        (plan.fault, "AOI", date(2026, 3, 17), "two business days later", "金曜の終了から2営業日後にIDを停止"),
        (plan.near, "MID", date(2026, 3, 16), "on the next business day", "金曜の終了の翌営業日にIDを停止"),
    ):
        tell(control, company, held(company, friday, day), kind, note, aspect="late", day=day)


def _transfers(group: Group, plan: Plan) -> None:
    control = "VEN-07"

    def sent(company: str, row: dict[str, Cell], day: date, hits: int) -> str:
        department, system = ("AOI-MKT", "SYS-ATS") if company == "AOI" else ("MID-OPS", "SYS-WMS")
        people = [w for w in group.workers if w.department == department and w.handles and w.pattern == "office"]
        sender = next(w for w in people if w.left_on is None and w.no not in group.reserved)
        send(group, company, sender.no, department, system, str(row["vendor_id"]), day, hits=hits)
        return str(row["vendor_id"])

    for company, day in (("AOI", date(2026, 3, 11)), ("MID", date(2026, 3, 12))):
        subject = sent(company, gone(group, company, ago(60), ago(40)), day, 15)
        plan.fault(
            control, company, subject, "sent after the end", "契約終了後も送信を継続", aspect="transfer", day=day
        )
        plan.fault("VEN-02", company, subject, "sent after the end", "契約の終わった先へ個人情報を送信")
    day = date(2026, 3, 18)
    subject = sent("AOI", gone(group, "AOI", ago(60), ago(40)), day, 0)
    plan.near(control, "AOI", subject, "nothing personal", "終了先への送信に個人情報なし", aspect="transfer", day=day)
    again = partner(group, "MID")
    group.row("vendor_contracts", vendor_id=again["vendor_id"]).update(ends_on=ago(60), return_certificate_on=ago(45))
    sign(group, again, starts_on=day, ends_on=ago(-300))
    subject = sent("MID", again, day, 15)
    note = "新しい契約の初日に送信"
    plan.near(control, "MID", subject, "first day of a new contract", note, aspect="transfer", day=day)


def _notices(group: Group, plan: Plan) -> None:
    control = "VEN-07"

    def told(company: str, day: date, hours: int | None, minutes: int | None) -> str:
        row = partner(group, company)
        group.row("vendor_contracts", vendor_id=row["vendor_id"])["notice_hours"] = hours
        seen = at(day, 9)
        noticed = None if minutes is None else seen + timedelta(minutes=minutes)
        fields: dict[str, Cell] = {"vendor_id": row["vendor_id"], "vendor_noticed_at": noticed}
        return incident(group, company, str(row["department"]), seen, **fields)

    day = date(2026, 3, 9)
    for company, hours, minutes, kind, note in (
        ("AOI", 24, 24 * 60 + 1, "a minute late", "事案の連絡が24時間を1分超過"),
        ("MID", 12, 13 * 60, "after 13 of 12 hours", "契約の12時間に対し13時間後の連絡"),
        ("AOI", None, 25 * 60, "no hours agreed, after 25", "時間の定めがなく、25時間後の連絡"),
        ("MID", 24, None, "never noticed", "委託先から連絡がない"),
    ):
        subject = told(company, day, hours, minutes)
        plan.fault(control, company, subject, kind, note, aspect="vendor_notice", day=day)
    for company, hours, minutes, kind, note in (
        ("MID", 24, 24 * 60, "after 24 hours", "ちょうど24時間後の連絡"),
        ("AOI", 12, 12 * 60, "after 12 of 12 hours", "契約の12時間ちょうどの連絡"),
        ("MID", None, 24 * 60, "no hours agreed, after 24", "時間の定めがなく、24時間後の連絡"),
    ):
        subject = told(company, day, hours, minutes)
        plan.near(control, company, subject, kind, note, aspect="vendor_notice", day=day)
    long_ago = ago(80)
    subject = told("AOI", long_ago, 24, 48 * 60)
    note = "遅い連絡だが、期間の前に終結した事案"
    plan.near(control, "AOI", subject, "closed before", note, aspect="vendor_notice", day=long_ago)
