"""Planted in what moves: take-outs (PHY-3-02), writes to media (PHY-3-03), and what comes back (PHY-4-02)."""

from datetime import date, datetime, timedelta

from demo.care import alert, carry, dispose, incident, triage
from demo.days import ago, at, open_days_after
from demo.group import Group
from demo.keeping import approve_write, medium, put_on
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import Cell, Device, MediaWrite, Worker

LATE = date(2026, 3, 19)  # a Thursday before a holiday and a weekend
USES = {"AOI": ("AOI-SAL", "SYS-CRM"), "MID": ("MID-OPS", "SYS-WMS")}


def plant(group: Group, plan: Plan) -> None:
    """Plant what went out, was written or came back as it must not, and what just may."""
    _taken_out(group, plan)
    _taken_out_in_order(group, plan)
    _outside(group, plan)
    _outside_in_order(group, plan)
    _written(group, plan)
    _written_in_order(group, plan)
    _back_again(group, plan)
    _not_back_again(group, plan)


def _carried(group: Group, company: str, out: date, back: date | None, **fields: Cell) -> str:
    """A take-out of a machine that is always in order, due back on the next day."""
    due: dict[str, Cell] = {"due_back_on": out + timedelta(days=1)}
    return carry(group, group.steady_machine(company, portable=True), at(out, 9), back, **(due | fields))


def _taken_out(group: Group, plan: Plan) -> None:
    control, out = "PHY-3-02", date(2026, 3, 10)

    def fault(company: str, number: str, kind: str, note: str, day: date = out) -> None:
        plan.fault(control, company, number, kind, note, aspect="take_out", day=day)

    back = out + timedelta(days=1)
    late = _carried(group, "AOI", out, back, approved_at=at(out, 9, 0, 1))
    fault("AOI", late, "approved a second late", "持出の1秒後に承認")
    own = _carried(group, "MID", out, back)
    taken = group.row("take_outs", take_out_id=own)
    taken["approved_by"] = taken["carrier_key"]
    fault("MID", own, "approved by the carrier", "持出者が自ら承認")
    fault("AOI", _carried(group, "AOI", out, back, record_count=None), "not counted", "本人数の記録なし")
    fault(
        "MID",
        _carried(group, "MID", out, None, approved_by=None, approved_at=None),
        "never approved, still out",
        "承認なし、未返却",
    )
    slow = _carried(group, "AOI", ago(1, LATE), open_days_after(LATE, 2))
    fault("AOI", slow, "back two business days late", "返却が2営業日遅れ", ago(1, LATE))
    kept = _carried(group, "MID", date(2026, 3, 17), None)
    waive(group, control, "MID", kept, "催事の延長に伴い返却を延期")
    fault("MID", kept, "still out, waived", "例外承認あり(印は付くが消えない)", date(2026, 3, 17))


def _taken_out_in_order(group: Group, plan: Plan) -> None:
    control = "PHY-3-02"

    def near(company: str, number: str, day: date, kind: str, note: str) -> None:
        plan.near(control, company, number, kind, note, aspect="take_out", day=day)

    out = ago(1, LATE)
    over = _carried(group, "MID", out, open_days_after(LATE, 1))
    near("MID", over, out, "back after the holidays", "祝日と週末をはさみ翌営業日に返却")
    out = date(2026, 3, 10)
    prompt = _carried(group, "AOI", out, out + timedelta(days=1), approved_at=at(out, 9))
    near("AOI", prompt, out, "approved at that moment", "持出と同時刻の承認")
    yesterday = _carried(group, "AOI", ago(2), None)
    near("AOI", yesterday, ago(2), "due yesterday", "返却予定は前日、期限は本日")


def _away(group: Group, company: str, moment: datetime, **fields: object) -> Worker:
    """Let an ordinary worker work once from outside, in working time."""
    department, system = USES[company]
    worker = group.take(company, department)
    group.visit(worker, system, moment, **({"site": None} | fields))
    return worker


def _permit(group: Group, worker: Worker, **fields: Cell) -> None:
    """A standing telework permit for the worker's own machine; fields override."""
    by = group.posts[worker.department, "dept_privacy_manager"]
    group.approve("remote_work", worker.company, by, worker.no, (f"DV-{worker.no[1:]}",), **fields)


def _outside(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, day: date, kind: str, note: str) -> None:
        host = plan.device(group.host_of(worker.no))
        plan.fault("PHY-3-02", worker.company, host, kind, note, aspect="outside", day=day)

    day = date(2026, 3, 5)
    fault(_away(group, "AOI", at(day, 15, 5)), day, "no take-out, no permit", "持出も在宅勤務の許可もない社外接続")
    ended = _away(group, "MID", at(day, 15, 5))
    _permit(group, ended, valid_to_at=at(day, 0))
    fault(ended, day, "permit ended the day before", "在宅勤務の許可は前日まで")
    own = _away(group, "MID", at(day, 15, 5))
    _permit(group, own, approved_by=own.no)
    fault(own, day, "permit given by oneself", "本人が自ら許可")
    returned = _away(group, "AOI", at(day, 15, 5))
    carry(group, group.devices[f"DV-{returned.no[1:]}"], at(ago(3, day), 9), ago(1, day))
    fault(returned, day, "take-out was over", "持出は前日に返却済")


def _outside_in_order(group: Group, plan: Plan) -> None:
    def near(worker: Worker, day: date, kind: str, note: str, host: str | None = None) -> None:
        seen = plan.device(host or group.host_of(worker.no))
        plan.near("PHY-3-02", worker.company, seen, kind, note, aspect="outside", day=day)

    day = date(2026, 3, 6)
    home = _away(group, "AOI", at(day, 15, 5))
    _permit(group, home)
    near(home, day, "standing permit", "在宅勤務の許可がある社外接続")
    out = _away(group, "MID", at(day, 15, 5))
    carry(group, group.devices[f"DV-{out.no[1:]}"], at(day, 9), day)
    near(out, day, "taken out that day", "当日の持出中の接続")
    phone = next(d for d in group.devices.values() if d.kind == "phone" and d.company == "AOI")
    user = _away(group, "AOI", at(day, 15, 5), host=phone.hosts[0])
    near(user, day, "a phone", "携帯電話はパソコンではない", phone.hosts[0])


def _writer(group: Group, company: str) -> Worker:
    return group.engagement(group.posts[f"{company}-ADM", "deputy"], company)


def _written(group: Group, plan: Plan) -> None:
    def fault(written: MediaWrite, kind: str, note: str) -> None:
        plan.fault("PHY-3-03", written.company, written.id, kind, note, day=written.at.date())

    def put(company: str, stick: str | None, hour: int = 14) -> MediaWrite:
        return put_on(group, _writer(group, company), at(date(2026, 3, 12), hour), stick)

    def allowed(company: str, stick: Device, **fields: Cell) -> MediaWrite:
        approve_write(group, _writer(group, company), (stick.id,), **fields)
        return put(company, stick.id)

    fault(put("AOI", None), "unknown medium", "台帳にない媒体への書込")
    fault(allowed("MID", group.devices["DV-510004"]), "not an approved medium", "承認外の型式の媒体への書込")
    bare = medium(group, "AOI", encryption="unknown", verified_ago=None)
    fault(allowed("AOI", bare), "encryption unknown", "暗号化の状態が不明な媒体への書込")
    fault(put("MID", medium(group, "MID").id), "no approval", "持出も承認もない書込")
    ended = medium(group, "AOI")
    note = "承認は1秒前に終了"
    fault(allowed("AOI", ended, valid_to_at=at(date(2026, 3, 12), 13, 59, 59)), "approval just over", note)
    other = medium(group, "MID")
    chief = group.posts["MID-OPS", "dept_privacy_manager"]
    fault(allowed("MID", other, person_key=chief, requested_by=chief), "approval of another person", "別の人への承認")
    once = medium(group, "AOI")
    carry(group, once, at(date(2026, 3, 9), 9), date(2026, 3, 11))
    fault(put("AOI", once.id), "take-out was over", "持出の媒体は前日に返却済")
    test = put("MID", medium(group, "MID").id, 16)
    waive(group, "PHY-3-03", "MID", test.id, "検知の動作確認のための書込")
    fault(test, "no approval, waived", "例外承認あり(印は付くが消えない)")


def _written_in_order(group: Group, plan: Plan) -> None:
    day = date(2026, 3, 13)

    def near(company: str, stick: str, kind: str, note: str) -> None:
        written = put_on(group, _writer(group, company), at(day, 14), stick)
        plan.near("PHY-3-03", company, written.id, kind, note, day=day)

    out = medium(group, "MID")
    carry(group, out, at(day, 17), day, approved_at=at(day, 14))
    near("MID", out.id, "take-out approved that moment", "同時刻に承認された持出の媒体")
    last = medium(group, "AOI")
    approve_write(group, _writer(group, "AOI"), (last.id,), valid_to_at=at(day, 14))
    near("AOI", last.id, "last moment of the approval", "承認の有効終了と同時刻の書込")
    plain = medium(group, "MID")
    approve_write(group, _writer(group, "MID"), (f"DV-{_writer(group, 'MID').no[1:]}",), valid_from_at=at(day, 14))
    near("MID", plain.id, "approved for the terminal", "端末についての承認")


def _back_again(group: Group, plan: Plan) -> None:
    control = "PHY-4-02"
    for one in [p for p in plan.planted if p.control == "PHY-2-02" and p.kind == "scrapped machine in use"]:
        plan.fault(control, one.company, one.subject, one.kind, one.note, day=one.day)

    def seen(device: Device, host: str, day: date, kind: str, note: str) -> None:
        alert(group, device.company, at(day, 13), "other", "low", host)
        for asked in (control, "PHY-2-02"):
            plan.fault(asked, device.company, plan.device(host), kind, note, day=day)

    scrap = dispose(group, "MID", ago(8))
    seen(scrap, scrap.hosts[1], ago(7), "the day after it was scrapped", "廃棄の翌日に検知に出現")
    gone = _lost(group, "AOI", "538001", at(ago(12), 10))
    seen(gone, gone.hosts[0], ago(10), "lost machine seen", "紛失した端末が検知に出現")
    tested = dispose(group, "AOI", ago(9))
    seen(tested, tested.hosts[0], ago(6), "scrapped, waived", "例外承認あり(印は付くが消えない)")
    waive(group, control, "AOI", plan.device(tested.hosts[0]), "業者の動作確認による接続と判明")


def _lost(group: Group, company: str, number: str, moment: datetime) -> Device:
    """A loss that was answered as it must be: incident and wipe within the hour."""
    admin = f"{company}-ADM"
    known = moment + timedelta(hours=1)
    device = machine(group, number, company, admin, status="lost", changed_at=moment, verified_ago=5, wiped_at=known)
    name = incident(group, company, admin, known, device_id=device.id)
    triage(group, company, "lost_device", device.id, known, is_incident=True, incident_id=name)
    return device


def _not_back_again(group: Group, plan: Plan) -> None:
    control = "PHY-4-02"
    spared = {
        "stored machine in use": "保管中の端末は廃棄されていない",
        "the day before it was scrapped": "廃棄前日の使用",
    }
    for one in [p for p in plan.planted if p.control == "PHY-2-02" and p.kind in spared]:
        plan.near(control, one.company, one.subject, one.kind, spared[one.kind], day=one.day)
    day = ago(11)
    gone = _lost(group, "MID", "539001", at(day, 15))
    alert(group, "MID", at(day, 14), "other", "low", gone.hosts[0])
    plan.near(control, "MID", plan.device(gone.hosts[0]), "an hour before it was lost", "紛失の1時間前の検知", day=day)
    scrap = dispose(group, "AOI", ago(14))
    alert(group, "AOI", at(ago(14), 16), "other", "low", scrap.hosts[0])
    note = "廃棄日当日、廃棄前の検知"
    plan.near(control, "AOI", plan.device(scrap.hosts[0]), "the day it was scrapped", note, day=ago(14))
