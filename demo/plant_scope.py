"""Planted in what people read, and from where: TEC-1-06."""

from dataclasses import replace
from datetime import date

from demo.cast import guest
from demo.days import ago, at
from demo.decided import approve
from demo.group import Group, day_of
from demo.plan import Plan
from demo.systems import machine
from demo.values import Right, Worker

_CONTROL = "TEC-1-06"
_DAY = date(2026, 3, 17)


def plant(group: Group, plan: Plan) -> None:
    """Plant reads of stores that are none of the reader's, and those that follow from strange machines and stores."""
    _rights(group, plan)
    _terminals(group, plan)
    _follows(group, plan)


def _holds(group: Group, worker: Worker, system: str, removed: date | None, *, enabled: bool = True) -> None:
    """Give a worker an account of another department's system and one right on its first store, until a day."""
    host = group.hosts[system]
    login = group.login(worker, system)
    group.accounts[system, login] = replace(group.accounts[system, login], created_on=ago(90))
    number = approve(group, system, worker.no, (system,), ago(90))
    group.rights.append(
        Right(system, login, "応援", host.stores[0], f"GRP-{host.department}", enabled, number, removed_on=removed)
    )


def _rights(group: Group, plan: Plan) -> None:
    """A right that ends on 14 March was used the day before, and again when it was gone; another was never enabled."""
    worker = guest(group, "MID", "reader")
    _holds(group, worker, "SYS-WMS", date(2026, 3, 14))
    before = date(2026, 3, 13)
    group.visit(worker, "SYS-WMS", at(before, 14))
    person = plan.person(worker.no)
    plan.near(_CONTROL, "MID", person, "the right held that day", "応援の権限の最終日の参照", day=before)
    group.visit(worker, "SYS-WMS", at(_DAY, 14))
    plan.fault(_CONTROL, "MID", person, "the right was gone", "応援の権限が終わった後の参照", day=_DAY)
    worker = group.take("AOI", "AOI-MKT")
    group.silent.add(worker.no)
    _holds(group, worker, "SYS-CRM", None, enabled=False)
    person = plan.person(worker.no)
    group.visit(worker, "SYS-CRM", at(_DAY, 14))
    plan.fault(_CONTROL, "AOI", person, "a disabled right", "停止された権限のまま会員情報を参照", day=_DAY)
    group.visit(worker, "SYS-WIKI", at(before, 14))
    plan.near(_CONTROL, "AOI", person, "no personal data", "個人情報のない社内ポータルの閲覧", day=before)


def _terminals(group: Group, plan: Plan) -> None:
    worker, before = guest(group, "AOI", "second"), date(2026, 3, 13)
    person = plan.person(worker.no)
    out = machine(group, "550002", "AOI", "AOI-SAL", status="carried", changed_at=at(before, 9))
    group.visit(worker, "SYS-CRM", at(before, 14), host=out.hosts[1])
    plan.near(_CONTROL, "AOI", person, "carried, by its MAC", "持出中の端末がMACアドレスで現れる", day=before)
    stock = machine(group, "550001", "AOI", "AOI-SAL", status="stored", changed_at=at(_DAY, 14))
    group.visit(worker, "SYS-CRM", at(_DAY, 14), host=stock.hosts[0])
    note = "保管に移した時刻からの端末での参照"
    plan.fault(_CONTROL, "AOI", person, "a terminal put away", note, day=_DAY)
    plan.fault("PHY-2-02", "AOI", plan.device(stock.hosts[0]), "a terminal put away", note, day=_DAY)


def _follows(group: Group, plan: Plan) -> None:
    """Whoever read from a machine that is a stranger, or a store that the book does not know, did so out of scope."""
    machines = {one.subject: one for one in plan.planted if one.control == "PHY-2-02"}
    stores = {one.subject for one in plan.planted if one.control == "ORG-3-04" and not one.near_miss}
    known = {(one.control, one.subject, one.day) for one in plan.planted}
    for access in [a for a in group.access if a.action == "read" and a.host]:
        day = day_of(access.at)
        seen = machines.get(plan.device(str(access.host)))
        owner = next(o.no for o in group.owners if (o.system, o.login) == (access.system, access.login))
        subject, company = plan.person(owner), group.hosts[access.system].company
        strange = seen is not None and seen.day == day
        if not (strange or access.store in stores) or (_CONTROL, subject, day) in known:
            continue
        if seen is not None and seen.near_miss:
            plan.near(_CONTROL, company, subject, seen.kind, seen.note, day=day)
        else:
            note = "台帳にない、または使用中でない端末からの参照" if strange else "台帳にない保管場所の参照"
            plan.fault(_CONTROL, company, subject, "follows", note, day=day)
