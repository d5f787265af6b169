"""Planted in what people sign when they come and hand back when they go: HUM-05 and HUM-06."""

from dataclasses import replace
from datetime import date

from demo.care import dispose
from demo.days import ago
from demo.group import Group
from demo.people import train_again
from demo.personnel import WORK_RULES, pledge, spare, temporary
from demo.plan import Plan
from demo.plant_access import waive
from demo.plant_people import join, rehired_on
from demo.values import BadgeRight, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant in the pledges and in the exits."""
    _work_rules(group, plan)
    _unsigned(group, plan)
    _signed(group, plan)
    _exits(group, plan)
    _exits_in_order(group, plan)


def _work_rules(group: Group, plan: Plan) -> None:
    clause = group.row("document_elements", company="MID", document_code=WORK_RULES)
    clause["confirmed_by"] = None
    note = "就業規則の秘密保持の条項を誰も確認していない"
    plan.fault("HUM-05", "MID", "MID", "clause not confirmed", note, aspect="work_rules")
    old = dict(group.row("document_elements", company="AOI", document_code=WORK_RULES))
    number = group.number("element", "EL-{:04d}")
    group.add("document_elements", **(old | {"element_key": number, "document_version": "2.0", "confirmed_by": None}))
    plan.near("HUM-05", "AOI", "AOI", "only the old version", "未確認なのは旧版の条項だけ", aspect="work_rules")


def _newcomer(group: Group, company: str, day: date) -> Worker:
    """Somebody hired on a day who signed nothing yet and is not due for the yearly training."""
    worker = spare(group, company)
    group.bare.add(("pledge", worker.no))
    group.silent.add(worker.no)
    train_again(group, worker)
    return rehired_on(group, worker, day)


def _unpledged(group: Group, company: str, *kinds: str) -> Worker:
    """Somebody who has worked here for long and whose pledge the plan tells."""
    worker = temporary(group, company, *kinds)
    group.bare.add(("pledge", worker.no))
    return worker


def _unsigned(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, kind: str, note: str) -> None:
        plan.fault("HUM-05", worker.company, plan.person(worker.no), kind, note, aspect="pledge")

    fault(_newcomer(group, "AOI", ago(8)), "hired 8 days ago", "入社8日、誓約書なし")
    fault(_dispatched(group, "AOI"), "no certificate", "派遣元が保管する誓約書の証明書がない")
    worker = _unpledged(group, "MID")
    pledge(group, worker, "pledged", worker.hired_on, behind=2)
    fault(worker, "two versions behind", "二つ前の版の誓約書")
    worker = _unpledged(group, "MID")
    waive(group, "HUM-05", "MID", plan.person(worker.no), "紙の原本を倉庫で捜索中。4月末までに再提出")
    fault(worker, "none, waived", "誓約書なし(例外承認あり)")


def _dispatched(group: Group, company: str) -> Worker:
    worker = _unpledged(group, company, "派遣")
    return group.change(worker, kind="派遣", employer="AGENCY-01")


def _signed(group: Group, plan: Plan) -> None:
    def near(worker: Worker, kind: str, note: str) -> None:
        plan.near("HUM-05", worker.company, plan.person(worker.no), kind, note, aspect="pledge")

    near(_newcomer(group, "MID", ago(7)), "hired 7 days ago", "入社7日目、まだ期限内")
    worker = _unpledged(group, "AOI")
    pledge(group, worker, "pledged", worker.hired_on, behind=1)
    near(worker, "one version behind", "ひとつ前の版の誓約書")
    worker = _dispatched(group, "MID")
    pledge(group, worker, "agency_certified", worker.hired_on)
    near(worker, "certified by the agency", "派遣元の証明書あり")
    worker = _newcomer(group, "MID", ago(15))
    pledge(group, worker, "pledged", ago(20))
    near(worker, "signed before the hire", "入社の5日前に署名")
    host = next(w for w in group.workers if w.kind == "出向受入")
    near(host, "seconded in", "出向元で署名した誓約が本人に付いてくる")


def _leaver(group: Group, day: date, *, signed: date | None = None, unsigned: bool = False) -> Worker:
    """Let somebody leave in order but for what is told; the exit pledge on another day, or none."""
    worker = group.leave_company(spare(group, "AOI"), day)
    if signed or unsigned:
        group.bare.add(("exit", worker.no))
    if signed:
        pledge(group, worker, "exit_pledged", signed)
    return worker


def _keeps(group: Group, plan: Plan, worker: Worker) -> None:
    """Leave the own machine in the hands of somebody who left, so that no owner of it works here."""
    device = group.devices[f"DV-{worker.no[1:]}"]
    group.devices[device.id] = replace(device, owner=worker.no, status="in_use", changed_at=None)
    plan.fault("PHY-2-03", worker.company, device.id, "kept by a leaver", "退職者の手元にあり使用中のまま")


def _card(group: Group, worker: Worker, last: date) -> None:
    number = group.number("right", "RT-{:05d}")
    told = (number, f"CARD{number[3:]}", worker.no, "Z-AOI-DOC", worker.company, worker.department, None, last)
    group.badges.append(BadgeRight(*told))


def _exits(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, aspect: str, kind: str, note: str, day: date | None = None) -> None:
        plan.fault("HUM-06", "AOI", plan.engagement(worker), kind, note, aspect=aspect, day=day)

    worker = _leaver(group, date(2026, 3, 13), unsigned=True)
    _keeps(group, plan, worker)
    fault(worker, "device", "device not returned", "3月13日退職、PCが未返却")
    fault(worker, "exit_pledge", "no exit pledge", "退職時の誓約書なし")
    worker = _leaver(group, date(2026, 1, 23))
    _keeps(group, plan, worker)
    waive(group, "HUM-06", "AOI", plan.engagement(worker), "郵送中の事故。運送会社が捜索")
    fault(worker, "device", "left before the period, waived", "対象期間より前の退職者のPCが未返却(例外承認あり)")
    worker = _leaver(group, date(2026, 3, 6), signed=date(2026, 3, 10))
    fault(worker, "late", "signed late", "退職時の誓約が期限(3月9日)の翌日", date(2026, 3, 10))
    worker = _leaver(group, date(2026, 3, 13))
    _card(group, worker, date(2026, 3, 18))
    fault(worker, "late", "card back late", "入館証の返却が期限(3月16日)の2日後", date(2026, 3, 18))


def _exits_in_order(group: Group, plan: Plan) -> None:
    def near(worker: Worker, aspect: str, kind: str, note: str, day: date | None = None) -> None:
        plan.near("HUM-06", "AOI", plan.engagement(worker), kind, note, aspect=aspect, day=day)

    worker = _leaver(group, ago(1), unsigned=True)
    _keeps(group, plan, worker)
    near(worker, "device", "left yesterday", "前日退職、返却は本日中")
    near(worker, "exit_pledge", "left yesterday, unsigned", "前日退職、誓約は本日中")
    worker = _leaver(group, date(2026, 3, 19), signed=date(2026, 3, 23))
    _card(group, worker, date(2026, 3, 23))
    near(worker, "late", "done after the holidays", "木曜退職、祝日と週末の後の翌営業日に署名・返却", date(2026, 3, 23))
    worker = group.change(_leaver(group, date(2026, 2, 13)), posted_on=date(2026, 3, 5))
    scrap = dispose(group, "AOI", date(2026, 2, 20))
    group.devices[scrap.id] = replace(scrap, owner=worker.no)
    near(worker, "device", "posted late, scrapped device", "人事登録は3月5日。退職者名義のまま廃棄済のPC")
    worker = _leaver(group, date(2026, 2, 27))
    join(group, worker, "MID", "MID-OPS", date(2026, 2, 28))
    near(worker, "device", "transferred with the device", "転籍先の会社の機器として引き続き使用")
