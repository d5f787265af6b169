"""Planted in what third parties get and give, and in the records of it: TPP-01, TPP-02 and TPP-03."""

from datetime import date, timedelta

from demo.days import AS_OF, ago, at, open_days_after
from demo.group import Group, day_of
from demo.plan import Plan
from demo.plant_access import waive
from demo.provisions import ITEMS, consent, enter, provide, receive, record, subject
from demo.requests import stop
from demo.values import Cell
from demo.values_subjects import Provided

_WHEN = at(date(2026, 3, 12), 10)
_SECOND = timedelta(seconds=1)
_KEPT = timedelta(days=1096)  # the 3 years here hold a leap day
_CONTRACT_KEPT = timedelta(days=366)  # so does the year


def plant(group: Group, plan: Plan) -> None:
    """Plant provisions without basis, recorded late or made after a stop, and records that say too little."""
    _recorded_late(group, plan)
    _recorded_in_time(group, plan)
    _without_basis(group, plan)
    _with_basis(group, plan)
    _after_a_stop(group, plan)
    _records(group, plan)
    _records_kept(group, plan)
    _receipts(group, plan)


def _fault(plan: Plan, one: Provided, kind: str, note: str) -> None:
    plan.fault("TPP-01", one.company, one.id, kind, note, day=day_of(one.at))


def _near(plan: Plan, one: Provided, kind: str, note: str) -> None:
    plan.near("TPP-01", one.company, one.id, kind, note, day=day_of(one.at))


def _recorded_late(group: Group, plan: Plan) -> None:
    _fault(plan, provide(group, "AOI", _WHEN), "never recorded", "同意はあるが提供記録がない")
    one = provide(group, "MID", _WHEN)
    record(group, one, recorded_on=open_days_after(day_of(_WHEN), 6))
    _fault(plan, one, "recorded on the 6th business day", "提供の6営業日後に記録(後日登録)")
    one = provide(group, "AOI", at(open_days_after(AS_OF, -6), 9))
    _fault(plan, one, "due yesterday", "記録の期限が前営業日に過ぎた")
    one = provide(group, "MID", _WHEN)
    record(group, one, company="AOI")
    _fault(plan, one, "recorded by another company", "記録は他社の記録簿にしかない")


def _recorded_in_time(group: Group, plan: Plan) -> None:
    one = provide(group, "AOI", _WHEN)
    record(group, one, recorded_on=open_days_after(day_of(_WHEN), 5))
    _near(plan, one, "recorded on the 5th business day", "提供のちょうど5営業日後に記録")
    one = provide(group, "MID", at(open_days_after(AS_OF, -5), 9))
    _near(plan, one, "due today", "本日が記録の期限")
    one = provide(group, "AOI", _WHEN, channel="fax")
    record(group, one)
    _near(plan, one, "by fax", "公表した手段(FAX)による提供")


def _without_basis(group: Group, plan: Plan) -> None:
    def fault(
        company: str, kind: str, note: str, consents: tuple[dict[str, Cell], ...] = (), **fields: Cell
    ) -> Provided:
        person = subject(group)
        for told in consents:
            consent(group, company, person, **told)
        one = provide(group, company, _WHEN, person=person, consented=False)
        record(group, one, **fields)
        _fault(plan, one, kind, note)
        return one

    fault("AOI", "consent to another class", "別の類型の提供先への同意のみ", ({"recipient_class": "職業紹介事業者"},))
    fault("MID", "an item without consent", "電話番号への同意がない", ({"items": ("氏名",)},))
    fault("AOI", "withdrawn a second before", "提供の1秒前に同意を撤回", ({"withdrawn_at": _WHEN - _SECOND},))
    fault("MID", "consent given afterwards", "提供の1秒後に同意を取得", ({"given_at": _WHEN + _SECOND},))
    fault("AOI", "an exception without reason", "例外(法27条1項)とするが理由がない", route="exception_27_1")
    fault("MID", "opt-out", "オプトアウトは同意に代わらない", route="opt_out", consent_stated=False)
    one = fault("MID", "consent to another company, waived", "他社への同意のみ(例外承認あり)")
    consent(group, "AOI", str(one.person), recipient_class="職業紹介事業者")
    waive(group, "TPP-01", "MID", one.id, "本人に確認のうえ4月に同意を取り直す")
    one = provide(group, "AOI", _WHEN, party="REC-99")
    record(group, one)
    _fault(plan, one, "unknown recipient", "登録のない提供先")
    one = provide(group, "AOI", _WHEN, channel="sftp")
    record(group, one)
    _fault(plan, one, "a way that is not published", "公表していない手段による提供")


def _with_basis(group: Group, plan: Plan) -> None:
    def near(company: str, kind: str, note: str, consents: tuple[dict[str, Cell], ...] = (), **fields: Cell) -> None:
        person = subject(group)
        for told in consents:
            consent(group, company, person, **told)
        one = provide(group, company, _WHEN, person=person, consented=False)
        record(group, one, **fields)
        _near(plan, one, kind, note)

    near("AOI", "withdrawn a second after", "提供の1秒後に同意を撤回", ({"withdrawn_at": _WHEN + _SECOND},))
    near("MID", "consent of that instant", "提供と同時刻の同意", ({"given_at": _WHEN, "shown_at": _WHEN - _SECOND},))
    near("AOI", "two consents", "項目ごとに二つの同意", ({"items": ITEMS[:1]}, {"items": ITEMS[1:]}))
    reason = "法令に基づく照会(刑訴法197条2項)"
    near("MID", "a reasoned exception", "理由のある例外", route="exception_27_1", exception_reason=reason)
    near("AOI", "entrustment", "委託に伴う提供", route="entrustment", consent_stated=False)


def _after_a_stop(group: Group, plan: Plan) -> None:
    done = day_of(_WHEN) - timedelta(days=3)
    for company, action, note in (
        ("AOI", "stop_provision", "第三者提供停止の実施3日後に提供"),
        ("MID", "stop_use", "利用停止の実施3日後に提供"),
    ):
        asked = stop(group, company, action, done)
        one = provide(group, company, _WHEN, person=str(asked["subject_key"]))
        record(group, one)
        _fault(plan, one, f"three days after {action}", note)
    asked = stop(group, "AOI", "stop_provision", done)
    one = provide(group, "MID", _WHEN, person=str(asked["subject_key"]))
    record(group, one)
    _near(plan, one, "stopped in another company", "停止の請求は他社へのもの")
    asked = stop(group, "AOI", "stop_provision", day_of(_WHEN) + timedelta(days=3))
    one = provide(group, "AOI", _WHEN, person=str(asked["subject_key"]))
    record(group, one)
    _near(plan, one, "before the stop", "停止の実施3日前の提供")


def _records(group: Group, plan: Plan) -> None:
    control, day = "TPP-02", ago(120)

    def fault(company: str, kind: str, note: str, **fields: Cell) -> str:
        number = enter(group, company, day, **fields)
        plan.fault(control, company, number, kind, note)
        return number

    def near(company: str, kind: str, note: str, **fields: Cell) -> None:
        plan.near(control, company, enter(group, company, day, **fields), kind, note)

    fault("AOI", "consent not stated", "同意の旨の記載がない", consent_stated=False)
    fault("MID", "recipient incomplete", "提供先の住所・代表者の記載がない", recipient_complete=False)
    fault("AOI", "nobody identified", "本人を特定できる記載がない", subject_stated=False)
    fault("MID", "no items", "項目の記載がない", items=())
    opt_out: dict[str, Cell] = {"route": "opt_out", "consent_stated": False}
    fault("AOI", "opt-out without date", "オプトアウトの提供年月日がない", **(opt_out | {"provided_on": None}))
    number = fault("MID", "no items, waived", "項目の記載がない(例外承認あり)", items=())
    waive(group, control, "MID", number, "提供先の控えから4月に補記する")
    near("AOI", "opt-out with date", "オプトアウトは同意の旨に代えて年月日を記載", **opt_out)
    near("MID", "entrustment", "委託は記載事項の定めがない", route="entrustment", consent_stated=False, items=())


def _records_kept(group: Group, plan: Plan) -> None:
    control, day = "TPP-02", date(2023, 3, 1)
    later = date(2023, 3, 20)
    for company, kind, note, manner, last, deleted in (
        ("AOI", "deleted a day early", "作成から3年の前日に削除", "each", later, day + _KEPT - timedelta(days=1)),
        (
            "MID",
            "a batch deleted too early",
            "一括の最終提供から3年の前日に削除",
            "batch",
            later,
            later + _KEPT - timedelta(days=1),
        ),
        (
            "AOI",
            "a contract deleted too early",
            "契約書の最終提供から1年の前日に削除",
            "contract",
            later,
            later + timedelta(days=365),
        ),
    ):
        number = enter(group, company, day, manner=manner, last_provision_on=last, deleted_on=deleted)
        plan.fault(control, company, number, kind, note)
    for company, kind, note, manner, deleted in (
        ("MID", "deleted after 3 years", "作成からちょうど3年で削除", "each", day + _KEPT),
        ("AOI", "a batch deleted after 3 years", "一括の最終提供からちょうど3年で削除", "batch", later + _KEPT),
        (
            "MID",
            "a contract deleted after a year",
            "最終提供からちょうど1年で削除",
            "contract",
            later + _CONTRACT_KEPT,
        ),
    ):
        number = enter(group, company, day, manner=manner, last_provision_on=later, deleted_on=deleted)
        plan.near(control, company, number, kind, note)


def _receipts(group: Group, plan: Plan) -> None:
    control, day = "TPP-03", ago(15)

    def fault(company: str, kind: str, note: str, **fields: Cell) -> str:
        number = receive(group, company, day, **fields)
        plan.fault(control, company, number, kind, note)
        return number

    def near(company: str, kind: str, note: str, **fields: Cell) -> None:
        plan.near(control, company, receive(group, company, day, **fields), kind, note)

    fault(
        "AOI",
        "provider incomplete",
        "提供元の代表者の確認がない",
        provider_complete=False,
        provider_representative=None,
    )
    fault("MID", "origin unknown", "取得の経緯の確認がない", acquired_how=None)
    fault("AOI", "no items", "項目の記載がない", items=())
    fault("MID", "merged without consent", "突合する個人関連情報に同意の確認がない", person_related=True)
    gone = consent(group, "AOI", subject(group), withdrawn_at=at(day, 23, 59, 59))
    fault(
        "AOI",
        "consent withdrawn that day",
        "受領日のうちに同意が撤回された",
        person_related=True,
        consent_check_ref=gone,
    )
    number = fault("MID", "origin unknown, waived", "取得の経緯の確認がない(例外承認あり)", acquired_how=None)
    waive(group, control, "MID", number, "提供元の解散により照会できない")
    held = consent(group, "AOI", subject(group), withdrawn_at=at(day, 24))
    near(
        "AOI",
        "consent withdrawn the next day",
        "受領日の翌日0時に同意を撤回",
        person_related=True,
        consent_check_ref=held,
    )
    near("MID", "not merged", "突合しない受領に同意の確認は不要")
    near(
        "AOI",
        "proof of the provider",
        "提供元が得た同意の確認書",
        person_related=True,
        consent_check_ref="同意確認書 7号",
    )
