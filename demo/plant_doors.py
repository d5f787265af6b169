"""Planted in zones, at their doors and at the consoles behind them: PHY-1-01 and PHY-1-03."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from demo.care import dispose
from demo.days import ago, at
from demo.doors import passage, patrol, review, visit, zone
from demo.group import Group
from demo.personnel import spare, temporary
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import Cell, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant in the register of zones, the patrols, the entry logs, the visitors' records and the consoles."""
    _places(group, plan)
    _patrols(group, plan)
    _marks(group, plan)
    _reviews(group, plan)
    _visitors(group, plan)
    _consoles(group, plan)


def _places(group: Group, plan: Plan) -> None:
    control = "PHY-1-01"

    def server(number: str, company: str, site: str) -> None:
        machine(group, number, company, f"{company}-ADM", kind="server", portable=False, hosts=(), site=site)

    server("590001", "AOI", "別館")
    plan.fault(
        control, "AOI", "別館", "server where no zone is", "サーバの設置場所が区域台帳にない", aspect="server_site"
    )
    server("590002", "MID", "倉庫")
    patrol(group, "MID", zone(group, "MID", "WHS", "handling", site="倉庫"), ago(20))
    note = "サーバの設置場所が取扱区域だけ"
    plan.fault(control, "MID", "倉庫", "server in a handling area", note, aspect="server_site")
    scrap = dispose(group, "AOI", ago(80), kind="server")
    group.devices[scrap.id] = replace(scrap, site="旧館")
    plan.near(control, "AOI", "旧館", "scrapped server", "廃棄済サーバの旧設置場所", aspect="server_site")

    def paper(company: str, code: str, place: str | None, **fields: Cell) -> str:
        row = dict(group.row("data_stores", db_id=f"PAPER-{company}-01"))
        name = f"PAPER-{company}-{code}"
        group.add("data_stores", **(row | {"db_id": name, "zone_id": place} | fields))
        return name

    store = paper("AOI", "21", "Z-AOI-OLD")
    plan.fault(control, "AOI", store, "zone not registered", "台帳にない区域の書庫", aspect="store")
    store = paper("MID", "21", None)
    plan.fault(control, "MID", store, "paper nowhere", "置き場所の分からない書庫", aspect="store")
    annex = zone(group, "MID", "ANX", "handling", plan_ref=None)
    patrol(group, "MID", annex, ago(20))
    store = paper("MID", "22", annex)
    waive(group, control, "MID", store, "移転中のため平面図は5月に作成")
    plan.fault(control, "MID", store, "no plan, waived", "平面図のない区域(例外承認あり)", aspect="store")
    store = paper("AOI", "22", "Z-AOI-OLD", holds_personal_data=False)
    plan.near(control, "AOI", store, "no personal data", "個人情報のない書庫", aspect="store")


def _patrols(group: Group, plan: Plan) -> None:
    control = "PHY-1-01"

    def fault(company: str, place: str, kind: str, note: str) -> None:
        plan.fault(control, company, place, kind, note, aspect="patrol")

    def near(company: str, place: str, kind: str, note: str) -> None:
        plan.near(control, company, place, kind, note, aspect="patrol")

    place = zone(group, "AOI", "CSC", "handling")
    patrol(group, "AOI", place, ago(93))
    fault("AOI", place, "walked 93 days ago", "巡回から93日")
    place = zone(group, "MID", "SUP", "handling")
    patrol(group, "MID", place, ago(60))
    patrol(group, "MID", place, ago(10), "partly")
    fault("MID", place, "not all in order", "最新の巡回でクリアデスクが守られていない")
    fault("AOI", zone(group, "AOI", "EVT", "handling"), "never walked", "巡回記録なし")
    place = zone(group, "AOI", "SAL", "handling")
    patrol(group, "AOI", place, ago(92))
    near("AOI", place, "walked 92 days ago", "巡回からちょうど92日")
    place = zone(group, "MID", "OPS", "handling")
    patrol(group, "MID", place, ago(30), "no")
    patrol(group, "MID", place, ago(29))
    near("MID", place, "mended the next day", "指摘の翌日に再巡回ですべて適合")


def _marks(group: Group, plan: Plan) -> None:
    def at_the_door(place: str, day: date) -> list[int]:
        told = [(i, e) for i, e in enumerate(group.entries) if e.zone == place]
        return [i for i, e in told if at(day, 0) <= e.at < at(day, 24)]

    def event(company: str, place: str, day: date, kind: str, note: str, *, near: bool = False) -> None:
        (plan.near if near else plan.fault)("PHY-1-03", company, place, kind, note, aspect="entries", day=day)

    day = date(2026, 3, 5)
    for index in at_the_door("Z-AOI-SRV", day):
        group.entries[index] = replace(group.entries[index], mark=group.entries[index].mark.replace("最後", ""))
    event("AOI", "Z-AOI-SRV", day, "no last exit", "最後の退室の記録がない")
    day = date(2026, 3, 12)
    for index in reversed(at_the_door("Z-MID-DOC", day)):
        del group.entries[index]
    event("MID", "Z-MID-DOC", day, "a day without records", "営業日に一件も記録がない")
    day = date(2026, 3, 18)
    last = at_the_door("Z-MID-SRV", day)[-1]
    group.entries[last] = replace(group.entries[last], at=at(day, 24, 20))
    event("MID", "Z-MID-SRV", day, "last exit after midnight", "最後の退室が翌日の0時20分")
    day = date(2026, 3, 19)
    first = at_the_door("Z-AOI-DOC", day)[0]
    group.entries[first] = replace(group.entries[first], result="拒否")
    event("AOI", "Z-AOI-DOC", day, "first entry refused", "最初の入室が拒否された記録だけ")
    day = date(2026, 3, 24)
    for index in at_the_door("Z-AOI-MYN", day):
        group.entries[index] = replace(group.entries[index], mark="")
    event("AOI", "Z-AOI-MYN", day, "handling area with readers", "読取機のある取扱区域に最初と最後の印がない")
    note = "読取機のない取扱区域に記録はない"
    event("MID", "Z-MID-WRK", day, "handling area without readers", note, near=True)
    event("AOI", "Z-AOI-SRV", date(2026, 3, 20), "a holiday", "春分の日に記録がない", near=True)
    day = date(2026, 3, 25)
    last = at_the_door("Z-AOI-SRV", day)[-1]
    group.entries[last] = replace(group.entries[last], at=at(day, 23, 59, 59))
    event("AOI", "Z-AOI-SRV", day, "last exit before midnight", "最後の退室が23時59分59秒", near=True)


def _reviews(group: Group, plan: Plan) -> None:
    def reviewed(company: str, place: str, month: str, day: date | None) -> None:
        group.registers["reviews"].remove(group.row("reviews", review_id=f"RV-{place}-{month}"))
        if day:
            review(group, company, place, month, day)

    reviewed("MID", "Z-MID-SRV", "2026-02", date(2026, 3, 16))
    note = "2月の記録の点検が期限(3月13日)の翌営業日"
    plan.fault("PHY-1-03", "MID", "Z-MID-SRV", "reviewed late", note, aspect="review", day=date(2026, 3, 14))
    reviewed("AOI", "Z-AOI-DOC", "2026-01", None)
    note = "1月の記録が点検されていない(期限2月16日)"
    plan.fault("PHY-1-03", "AOI", "Z-AOI-DOC", "never reviewed", note, aspect="review", day=date(2026, 2, 17))
    reviewed("AOI", "Z-AOI-SRV", "2026-02", date(2026, 3, 13))
    note = "2月の記録をちょうど10営業日目に点検"
    plan.near("PHY-1-03", "AOI", "Z-AOI-SRV", "on the 10th business day", note, aspect="review", day=date(2026, 3, 14))


def _visitors(group: Group, plan: Plan) -> None:
    def fault(company: str, moment: datetime, kind: str, note: str, **fields: object) -> str:
        number = visit(group, company, f"Z-{company}-DOC", moment, **fields)
        plan.fault("PHY-1-03", company, number, kind, note, aspect="visitor", day=moment.date())
        return number

    fault("MID", at(date(2026, 3, 9), 14), "no time of leaving", "退室時刻の記入がない", left=None)
    fault("AOI", at(date(2026, 3, 17), 14), "alone", "同伴者なしで入室", escorted=False)
    waived = fault("AOI", at(date(2026, 2, 24), 9), "no host, waived", "面会者の記入がない(例外承認あり)", host=None)
    waive(group, "PHY-1-03", "AOI", waived, "設備点検の業者。立会いは別紙に記録")
    evening = at(date(2026, 3, 26), 23, 50)
    number = visit(group, "MID", "Z-MID-SRV", evening, left=evening + timedelta(hours=2))
    plan.near(
        "PHY-1-03", "MID", number, "over midnight", "深夜作業の業者、退室は翌日", aspect="visitor", day=evening.date()
    )


def _consoles(group: Group, plan: Plan) -> None:
    def used(
        worker: Worker,
        moment: datetime,
        minutes: float,
        kind: str,
        note: str,
        *,
        near: bool = False,
        place: str = "SRV",
    ) -> None:
        """Work at a console so many minutes after the entry; before it when negative."""
        company = worker.company
        system = "SYS-TKT" if company == "AOI" else "SYS-MNT"
        passage(group, company, f"Z-{company}-{place}", worker.no, moment - timedelta(minutes=minutes))
        told = group.visit(worker, system, moment, action="console", store=None, rows=None, zone=f"Z-{company}-SRV")
        (plan.near if near else plan.fault)(
            "PHY-1-03", company, told.id, kind, note, aspect="console", day=moment.date()
        )

    def someone(company: str) -> Worker:
        worker = temporary(group, company) if company == "AOI" else spare(group, company)
        group.silent.add(worker.no)
        return worker

    used(someone("AOI"), at(date(2026, 3, 10), 14), 16, "entry 16 minutes before", "入室から16分後のコンソール操作")
    used(someone("MID"), at(date(2026, 3, 11), 14), -16, "entry 16 minutes after", "操作の16分後に入室")
    used(someone("AOI"), at(date(2026, 3, 13), 14), 5, "another zone", "別の区域への入室だけ", place="DOC")
    used(someone("AOI"), at(date(2026, 3, 10), 15), 15, "entry 15 minutes before", "入室からちょうど15分後", near=True)
    used(
        someone("MID"),
        at(date(2026, 3, 11), 15),
        -15,
        "entry 15 minutes after",
        "操作のちょうど15分後に入室",
        near=True,
    )
    night = at(date(2026, 3, 17), 0, 5)
    used(someone("AOI"), night, 10, "entered the evening before", "前日23時55分に入室し0時5分に操作", near=True)
