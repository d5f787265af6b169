"""Planted in what is known of foreign countries and of recipients there: EXT-01, EXT-03 and EXT-04."""

from dataclasses import replace
from datetime import date, timedelta

from demo.countries import ELEMENT, agree, recipient, record
from demo.days import AS_OF, ago, at
from demo.group import Group
from demo.partners import gone, partner
from demo.plan import Plan
from demo.plant_access import waive
from demo.published import state
from demo.values import Cell
from demo.values_security import Cloud
from demo.vendors import declare, locate, vendor


def plant(group: Group, plan: Plan) -> None:
    """Plant places that nobody recorded, recipients without a route, countries that no text names."""
    _places(group, plan)
    _places_in_order(group, plan)
    _routes(group, plan)
    _routes_in_order(group, plan)
    _consents(group, plan)
    _unnamed(group, plan)
    _named(group, plan)


def _located(group: Group, company: str) -> tuple[str, dict[str, Cell]]:
    """A vendor and where it is recorded to keep data."""
    number = str(partner(group, company)["vendor_id"])
    return number, group.row("storage_locations", holder_id=number)


def _passed(group: Group, company: str) -> str:
    """A sub-vendor of which nobody declared where it is operated."""
    name = group.number("sub-vendor", "SUB-{:04d}")
    declare(group, next(group.rows("vendors", company=company, tier="T2", status="active")), name)
    group.sub_vendors[-1] = replace(group.sub_vendors[-1], operator_country="")
    group.row("storage_locations", holder_id=name)["operator_country"] = None
    return name


def _places(group: Group, plan: Plan) -> None:
    control = "EXT-01"
    note = "委託先の保管国・運営者国が未登録"
    subject, place = _located(group, "AOI")
    group.registers["storage_locations"].remove(place)
    plan.fault(control, "AOI", subject, "vendor without a place", note, aspect="vendor")
    subject, place = _located(group, "MID")
    place["operator_country"] = None
    plan.fault(control, "MID", subject, "operator of a vendor unknown", "委託先の運営者国が未登録", aspect="vendor")
    subject, place = _located(group, "MID")
    group.registers["storage_locations"].remove(place)
    waive(group, control, "MID", subject, "4月の定例で確認予定")
    plan.fault(control, "MID", subject, "vendor without a place, waived", f"{note}(例外承認あり)", aspect="vendor")
    subject = _passed(group, "AOI")
    note = "再委託先の運営者国が申告されていない"
    plan.fault(control, "AOI", subject, "operator of a sub-vendor unknown", note, aspect="sub_vendor")
    group.row("systems", system_id="SYS-LNX")["operator_country"] = None
    group.row("storage_locations", holder_id="SYS-LNX")["operator_country"] = None
    plan.fault(control, "AOI", "SYS-LNX", "operator of a system unknown", "運営者国が未登録", aspect="system")
    note = "登録は国内だけ、実リージョンはドイツ"
    plan.fault(control, "MID", "SYS-WMS", "real region elsewhere", note, aspect="system")


def _places_in_order(group: Group, plan: Plan) -> None:
    control = "EXT-01"
    group.cloud.append(Cloud("arn:aws:s3:::aoi-archive", "AOI", "SYS-AWS", "bucket", "ap-northeast-3", "JP"))
    plan.near(control, "AOI", "SYS-AWS", "another region at home", "実リージョンは二つとも登録どおり国内")
    plan.near(control, "MID", "SYS-SUP", "abroad as recorded", "登録どおり外国で保管")
    told = _passed(group, "MID")
    locate(group, "MID", "sub_vendor", told, "JP", "JP", "statement")
    group.registers["storage_locations"].remove(group.row("storage_locations", holder_id=told))
    plan.near(control, "MID", told, "stated later", "申告になかった運営者国を後の回答で登録")
    idle = vendor(group, "AOI", "T3", contract=False, audit=False, department="AOI-SAL", handles_personal_data=False)
    plan.near(control, "AOI", str(idle["vendor_id"]), "no personal data", "個人情報を扱わない取引先の保管国は不要")
    ended = gone(group, "MID", ago(100), ago(90))
    plan.near(control, "MID", str(ended["vendor_id"]), "an ended vendor", "終了し返却済の委託先")


def _routes(group: Group, plan: Plan) -> None:
    control = "EXT-03"

    def fault(company: str, country: str, route: str | None, kind: str, note: str, **fields: Cell) -> str:
        subject = str(recipient(group, company, country, route, **fields)["recipient_id"])
        plan.fault(control, company, subject, kind, note, aspect="recipient")
        return subject

    upheld = "conforming_system"
    fault("AOI", "US", None, "no route", "外国の提供先に法的根拠がない")
    fault("MID", "SG", "domestic", "as if at home", "外国の提供先を国内として登録")
    fault("AOI", "SG", upheld, "checked 366 days ago", "相当措置の確認から366日", checked_on=ago(366))
    fault("MID", "US", upheld, "never checked", "相当措置を一度も確認していない")
    note = "相当措置に支障があるのに停止の決定がない"
    fault("AOI", "US", upheld, "impaired, not stopped", note, checked_on=ago(30), impaired=True)
    fault("MID", "TW", "consent", "nothing to tell of the country", "同意で提供する国の制度を誰も調べていない")
    waived = fault("MID", "US", None, "no route, waived", "法的根拠がない(例外承認あり)")
    waive(group, control, "MID", waived, "提供は停止中、4月に契約締結予定")


def _routes_in_order(group: Group, plan: Plan) -> None:
    control = "EXT-03"

    def near(company: str, country: str, route: str, kind: str, note: str, **fields: Cell) -> dict[str, Cell]:
        row = recipient(group, company, country, route, **fields)
        plan.near(control, company, str(row["recipient_id"]), kind, note)
        return row

    upheld = "conforming_system"
    near("AOI", "SG", upheld, "checked 365 days ago", "相当措置の確認からちょうど365日", checked_on=ago(365))
    stopped: dict[str, Cell] = {"checked_on": ago(30), "impaired": True, "stop_decided_on": AS_OF}
    near("MID", "US", upheld, "stopped today", "支障を受け、本日停止を決定", **stopped)
    near("AOI", "GB", "eea_uk", "in the United Kingdom", "英国の提供先")
    near("MID", "US", "exception_27_1", "an exception", "法令に基づく提供先")
    near("MID", "JP", "domestic", "at home", "国内の提供先に外国の根拠は不要")
    member = near("AOI", "DE", "eea_uk", "in the European Union", "EU域内の提供先")
    number = record(group, member, AS_OF)
    note = "EU域内の提供先への提供"
    plan.near(control, "AOI", number, "provided today", note, aspect="provision", day=AS_OF)


def _consents(group: Group, plan: Plan) -> None:
    control, day, provided = "EXT-03", date(2026, 3, 5), date(2026, 3, 10)
    shown = at(day, 14)
    untold: dict[str, Cell] = {"information_version": None, "shown_at": None, "country_shown": None}
    for company, fields, kind, note in (
        ("AOI", {"given_at": shown, "shown_at": shown}, "shown at the same instant", "同意と同時刻の情報提供"),
        ("MID", {"shown_at": shown + timedelta(hours=2)}, "shown afterwards", "情報提供が同意の後"),
        ("AOI", {"country_shown": "SG"}, "another country shown", "別の国を示して同意を取得"),
        ("MID", untold, "nothing shown", "情報を示さずに同意を取得"),
    ):
        row = recipient(group, company, "US", "consent")
        subject = _by_consent(group, row, provided, agree(group, row, day, **fields), agree(group, row, day))
        plan.fault(control, company, subject, kind, note, aspect="provision", day=provided)
        route = str(row["recipient_id"])
        plan.near(control, company, route, f"{kind}, its route", "提供先の根拠は同意で足りる", aspect="recipient")

    def near(company: str, row: dict[str, Cell], on: date, consent: str, kind: str, note: str) -> None:
        plan.near(control, company, _by_consent(group, row, on, consent), kind, note, aspect="provision", day=on)

    told = recipient(group, "AOI", "US", "consent")
    in_time = agree(group, told, day, given_at=shown + timedelta(seconds=1), shown_at=shown)
    near("AOI", told, provided, in_time, "a second later", "情報提供の1秒後に同意")
    before = agree(group, told, ago(101), **untold)
    near("AOI", told, ago(100), before, "before the period", "情報のない同意による提供は期間の前")
    home = recipient(group, "MID", "JP", "consent")
    near("MID", home, provided, agree(group, home, day, **untold), "at home", "国内の提供先に国の情報は不要")


def _by_consent(group: Group, row: dict[str, Cell], day: date, *consents: str) -> str:
    """The record of a provision that rests on these consents."""
    return record(group, row, day, route="consent", consent_stated=True, consent_ids=consents)


def _unnamed(group: Group, plan: Plan) -> None:
    control = "EXT-04"

    def leave_out(company: str, country: str, kind: str, note: str) -> None:
        group.bare.add((ELEMENT, f"{company} {country}"))
        plan.fault(control, company, country, kind, note)

    leave_out("AOI", "VN", "neither named nor assessed", "再委託先の国が公表にも台帳にもない")
    leave_out("MID", "DE", "neither named nor assessed", "実リージョンの国が公表にも台帳にもない")
    leave_out("AOI", "IE", "named by the replaced version", "改定前の版だけが国名を挙げる")
    state(group, "AOI", ELEMENT, "6", "IE", document_version="2.0")
    leave_out("MID", "KR", "not confirmed", "国名の記載を誰も確認していない")
    state(group, "MID", ELEMENT, "6", "KR", confirmed_by=None)
    leave_out("AOI", "TH", "not named, waived", "国名の記載がない(例外承認あり)")
    waive(group, control, "AOI", "TH", "4月1日の改定で追記")
    state(group, "MID", ELEMENT, "6", "BR")
    plan.fault(control, "MID", "BR", "named without need", "保管も評価もない国を公表")


def _named(group: Group, plan: Plan) -> None:
    control = "EXT-04"
    group.bare.add((ELEMENT, "MID SG"))
    state(group, "MID", ELEMENT, "基本方針", "SG", document_code="POLICY")
    plan.near(control, "MID", "SG", "named in the policy", "公表事項ではなく基本方針に国名の記載")
    plan.near(control, "AOI", "US", "named", "公表事項に国名の記載")
    state(group, "AOI", ELEMENT, "6", "BR", document_version="2.0")
    plan.near(control, "AOI", "BR", "named by the replaced version", "改定前の版だけが挙げる、保管のない国")
    state(group, "MID", ELEMENT, "6", "JP")
    plan.near(control, "MID", "JP", "at home", "国内は外国の台帳と一致する必要がない")
    plan.near(control, "MID", "PH", "of the sister company", "姉妹会社だけが保管する国")
