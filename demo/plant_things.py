"""Planted in machines, media and doors: PHY-1-02, PHY-2-02, PHY-3-01 and PHY-4-01."""

from dataclasses import replace
from datetime import date, timedelta

from demo.care import alert, carry, dispose
from demo.days import OPEN_END, ago, at
from demo.group import Group
from demo.plan import UNVERIFIED, Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import BadgeRight, Cell, Device, Worker
from demo.vendors import vendor


def plant(group: Group, plan: Plan) -> None:
    """Plant machines that should not be there, unencrypted ones, scraps without proof and open doors."""
    _strangers(group, plan)
    _known_after_all(group, plan)
    _unencrypted(group, plan)
    _encrypted_enough(group, plan)
    _scraps(group, plan)
    _scraps_in_order(group, plan)
    _doors(group, plan)


def _use(group: Group, company: str, host: str, day: date) -> None:
    """Let an ordinary worker use a machine once, in working time."""
    department, system = ("AOI-SAL", "SYS-CRM") if company == "AOI" else ("MID-OPS", "SYS-WMS")
    group.visit(group.take(company, department), system, at(day, 15, 5), host=host)


def _strangers(group: Group, plan: Plan) -> None:
    def fault(company: str, host: str, day: date, kind: str, note: str) -> None:
        plan.fault("PHY-2-02", company, plan.device(host), kind, note, day=day)

    def used(company: str, host: str, day: date, kind: str, note: str) -> None:
        _use(group, company, host, day)
        fault(company, host, day, kind, note)

    used("AOI", "PC-PRIVATE-7", date(2026, 3, 3), "unknown host", "台帳にない端末から会員情報を参照")
    day = date(2026, 3, 6)
    alert(group, "MID", at(day, 10, 15), "malware", "low", "TABLET-UNKNOWN")
    fault("MID", "TABLET-UNKNOWN", day, "unknown host in the alerts", "台帳にない端末の検知")
    shelf = machine(group, "500001", "MID", "MID-OPS", status="stored", changed_at=at(ago(90), 9))
    used("MID", shelf.hosts[0], date(2026, 3, 4), "stored machine in use", "保管中のはずの端末の使用")
    scrap = dispose(group, "AOI", ago(45))
    used("AOI", scrap.hosts[1], ago(20), "scrapped machine in use", "廃棄済の端末の再出現")


def _known_after_all(group: Group, plan: Plan) -> None:
    def near(device: Device, host: str, day: date, kind: str, note: str) -> None:
        _use(group, device.company, host, day)
        plan.near("PHY-2-02", device.company, plan.device(host), kind, note, day=day)

    known = machine(group, "500002", "AOI", "AOI-SAL")
    near(known, known.hosts[1], date(2026, 3, 5), "known by its MAC", "ログにはMACアドレスで現れる台帳内の端末")
    out = machine(group, "500003", "MID", "MID-OPS", status="carried", changed_at=at(ago(30), 9))
    near(out, out.hosts[0], date(2026, 3, 5), "carried", "持出中として登録済の端末")
    before = dispose(group, "MID", date(2026, 3, 10))
    near(before, before.hosts[0], date(2026, 3, 9), "the day before it was scrapped", "廃棄前日の使用")
    upper = machine(group, "500004", "AOI", "AOI-SAL")
    near(upper, upper.hosts[0].lower(), date(2026, 3, 6), "written in lower case", "小文字で記録された台帳内の端末")


def _unencrypted(group: Group, plan: Plan) -> None:
    control = "PHY-3-01"

    def fault(device: Device, kind: str, note: str) -> None:
        plan.fault(control, device.company, device.id, kind, note, aspect="device")

    fault(machine(group, "510001", "AOI", "AOI-SAL", encryption="off"), "off", "暗号化が無効の可搬端末")
    fault(machine(group, "510002", "MID", "MID-SUP", verified_ago=8), "verified 8 days ago", "暗号化の確認から8日")
    fault(
        machine(group, "510003", "AOI", "AOI-MKT", encryption="unknown", verified_ago=None),
        "unknown",
        "暗号化状態が不明",
    )
    stick = machine(group, "510004", "MID", "MID-OPS", kind="media", hosts=(), approved_model=False)
    fault(stick, "not an approved medium", "承認外の型式の媒体")
    desk = machine(group, "510005", "AOI", "AOI-MKT", portable=False, encryption="off", verified_ago=1)
    out = date(2026, 3, 11)
    taken = carry(group, desk, at(out, 9), date(2026, 3, 12))
    plan.fault(
        control, "AOI", taken, "carried unencrypted", "未暗号化の据置端末を催事に持出", aspect="take_out", day=out
    )
    plan.near(control, "AOI", desk.id, "fixed machine back again", "返却済の据置端末")
    old = machine(group, "510006", "MID", "MID-SUP", encryption="off")
    waive(group, control, "MID", old.id, "4月末に交換予定の旧型。社外持出を禁止")
    fault(old, "off, waived", "例外承認あり(印は付くが消えない)")


def _encrypted_enough(group: Group, plan: Plan) -> None:
    control = "PHY-3-01"

    def near(device: Device, kind: str, note: str) -> None:
        plan.near(control, device.company, device.id, kind, note)

    near(machine(group, "511001", "AOI", "AOI-SAL", verified_ago=7), "verified 7 days ago", "確認からちょうど7日")
    near(
        machine(group, "511002", "MID", "MID-ADM", portable=False, encryption="off", verified_ago=None),
        "fixed machine",
        "持ち出していない据置端末",
    )
    stick = machine(group, "511004", "MID", "MID-OPS", kind="media", hosts=(), verified_ago=None)
    near(stick, "approved medium", "端末管理の外にある、承認済型式(ハードウェア暗号化)の媒体")
    out = machine(group, "511003", "AOI", "AOI-SYS")
    carry(group, out, at(date(2026, 3, 17), 9), None, due_back_on=ago(-3))
    near(out, "carried encrypted", "暗号化済の端末の持出中")
    paper = carry(
        group,
        out,
        at(date(2026, 3, 18), 9),
        date(2026, 3, 19),
        device_id=None,
        content="紙の申込書10枚",
        record_count=10,
    )
    plan.near(control, "AOI", paper, "paper", "紙の持出に暗号化はない", day=date(2026, 3, 18))


def _scraps(group: Group, plan: Plan) -> None:
    control = "PHY-4-01"

    def fault(device: Device, kind: str, note: str) -> None:
        plan.fault(control, device.company, device.id, kind, note, aspect="device")

    fault(dispose(group, "AOI", ago(50), record=False), "no record", "廃棄済だが廃棄記録がない")
    fault(dispose(group, "MID", ago(50), serial="SN000000"), "other serial", "記録の製造番号が台帳と違う")
    fault(dispose(group, "AOI", ago(55), kind="media", method="shred"), "method not allowed", "媒体に認められない方法")
    same = group.posts["MID-ADM", "deputy"]
    fault(
        dispose(group, "MID", ago(55), done_by=same, confirmed_by=same), "confirmed by the operator", "実施者が自ら確認"
    )
    trader = _scrapper(group, "AOI")
    fault(
        _by_vendor(group, "AOI", trader, 60, 20, listed=False),
        "serial not on the certificate",
        "証明書に製造番号がない",
    )
    late = _by_vendor(group, "AOI", trader, 60, 31)
    plan.fault(control, "AOI", late.id, "certificate after 31 days", "証明書が31日後", aspect="late", day=ago(60 - 31))
    closed = vendor(group, "MID", "T3", status="ended", ended_on=ago(150), audit=False)
    fault(_by_vendor(group, "MID", str(closed["vendor_id"]), 40, 10), "vendor had ended", "取引を終えた業者が廃棄")


def _scrapper(group: Group, company: str) -> str:
    return str(vendor(group, company, "T3", handles_personal_data=False)["vendor_id"])


def _by_vendor(group: Group, company: str, trader: str, days: int, later: int | None, *, listed: bool = True) -> Device:
    done = ago(days)
    device = dispose(group, company, done, vendor_id=trader, done_by=group.posts[f"{company}-ADM", "deputy"])
    proof: dict[str, Cell] = {"certificate_on": done + timedelta(days=later) if later is not None else None}
    if listed and later is not None:
        proof["certificate_serials"] = (device.serial, "SN-OTHER")
    group.row("disposals", device_id=device.id).update(proof)
    return device


def _scraps_in_order(group: Group, plan: Plan) -> None:
    control = "PHY-4-01"

    def near(device: Device, kind: str, note: str) -> None:
        plan.near(control, device.company, device.id, kind, note)

    trader, other = _scrapper(group, "AOI"), _scrapper(group, "MID")
    near(_by_vendor(group, "AOI", trader, 70, 30), "certificate on the 30th day", "証明書がちょうど30日後")
    near(_by_vendor(group, "MID", other, 30, None), "certificate still due", "廃棄から30日目、証明書は期限内")
    near(
        machine(group, "512001", "MID", "MID-ADM", status="stored", changed_at=at(ago(60), 9)),
        "stored",
        "保管中の端末に廃棄記録は不要",
    )
    near(dispose(group, "AOI", ago(42), kind="server", method="degauss"), "degaussed server", "認められた方法")


def _right(
    group: Group, worker: Worker, zone: str, *, approved: bool = True, reviewed: int | None = 30, until: date = OPEN_END
) -> BadgeRight:
    """Give a card to a worker, approved and reviewed."""
    number = group.number("right", "RT-{:05d}")
    by = str(group.row("zones", zone_id=zone)["manager_key"])
    approval = group.approve("badge", worker.company, by, worker.no, (zone,)) if approved else None
    told = BadgeRight(number, f"CARD{number[3:]}", worker.no, zone, worker.company, worker.department, approval, until)
    group.badges.append(told)
    if reviewed is not None:
        _reviewed(group, worker.company, zone, number, reviewed)
    return told


def _reviewed(group: Group, company: str, zone: str, right: str, days: int) -> None:
    by = group.posts[f"{company}-ADM", "deputy"]
    name = f"RV-{zone}-{days:03d}"
    if not any(group.rows("reviews", review_id=name)):
        group.add(
            "reviews",
            company=company,
            department=f"{company}-ADM",
            review_id=name,
            kind="badge",
            scope_id=zone,
            period=ago(days).strftime("%Y-%m"),
            reviewed_on=ago(days),
            reviewed_by=by,
            items_total=0,
            items_decided=0,
            success_count=None,
            failure_count=None,
            anomalies=0,
            anomalies_disposed=0,
        )
    review = group.row("reviews", review_id=name)
    review["items_total"] = review["items_decided"] = int(str(review["items_total"])) + 1
    group.add(
        "review_lines",
        company=company,
        review_id=name,
        item_key=right,
        decision="keep",
        decided_by=by,
        decided_on=ago(days),
    )


def _doors(group: Group, plan: Plan) -> None:
    control = "PHY-1-02"
    zone = "Z-AOI-SRV"
    for worker in [w for w in group.workers if w.department == "AOI-SYS" and w.kind != "正社員"][:6]:
        _right(group, worker, zone)
    gone = group.leave_company(group.take("AOI", "AOI-SYS"), date(2026, 3, 16))
    right = _right(group, gone, zone)
    plan.fault(control, "AOI", right.id, "leaver's card", "3月16日退職、入室権限が有効のまま")
    plan.fault(
        control,
        "AOI",
        _right(group, group.take("AOI", "AOI-SYS"), zone, approved=False).id,
        "no approval",
        "承認のない入室権限",
    )
    plan.fault(
        control,
        "AOI",
        _right(group, group.take("AOI", "AOI-SYS"), zone, reviewed=91).id,
        "reviewed 91 days ago",
        "棚卸から91日",
    )
    mover = _moved(group, group.take("AOI", "AOI-SYS"), "AOI-SAL", date(2026, 3, 2))
    plan.fault(control, "AOI", _right(group, mover, zone).id, "mover's card", "3月2日異動、旧部門の入室権限が残る")
    plan.near(
        control,
        "AOI",
        _right(group, group.take("AOI", "AOI-SYS"), zone, reviewed=90).id,
        "reviewed 90 days ago",
        "棚卸からちょうど90日",
    )
    visitor = group.take("AOI", "AOI-CSC")
    plan.near(
        control,
        "AOI",
        _right(group, visitor, "Z-AOI-WRK", approved=False, reviewed=None).id,
        "handling area",
        "取扱区域は管理区域ではない",
    )
    left = group.leave_company(group.take("AOI", "AOI-SAL"), date(2025, 12, 19))
    plan.near(
        control,
        "AOI",
        _right(group, left, "Z-AOI-DOC", until=date(2025, 12, 19)).id,
        "leaver's card, disabled",
        "退職日に停止済",
    )
    plan.fault(
        control, "MID", UNVERIFIED, "source never delivers", "みどりの架空サポートの入退室システムから一度も届かない"
    )


def _moved(group: Group, worker: Worker, department: str, day: date) -> Worker:
    """Move a worker to another department; the systems of the new post are not needed here."""
    for index, posting in enumerate(group.postings):
        if posting.no == worker.no and posting.to_on == OPEN_END:
            group.postings[index] = replace(posting, to_on=day - timedelta(days=1))
            number = group.number("posting", "H{:06d}")
            group.postings.append(replace(posting, id=number, department=department, role="sales", from_on=day))
            break
    group.silent.add(worker.no)
    return group.change(worker, department=department)
