"""Planted in what is kept: counts (PHY-2-01), owners (PHY-2-03), locks and losses (PHY-2-04), erasures (PHY-4-03)."""

from datetime import date, timedelta

from demo.care import incident, triage
from demo.days import AS_OF, ago, at
from demo.group import Group
from demo.keeping import answer, confirm_lock, count, erase, request
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import Cell, Device

NOT_DONE: dict[str, Cell] = {
    "done_on": None,
    "method": None,
    "count_before": None,
    "count_after": None,
    "backup_expires_on": None,
    "confirmed_by": None,
    "confirmed_on": None,
}
UNCONFIRMED: dict[str, Cell] = {"confirmed_by": None, "confirmed_on": None}


def plant(group: Group, plan: Plan) -> None:
    """Plant what nobody counted, has, saw, locked up, wiped or erased, and what is just in order."""
    _uncounted(group, plan)
    _differences(group, plan)
    _differences_explained(group, plan)
    _without_owner(group, plan)
    _unseen(group, plan)
    _unlocked(group, plan)
    _lost(group, plan)
    _not_erased(group, plan)
    _erased(group, plan)


def _at(group: Group, number: str, company: str, site: str, **fields: object) -> Device:
    """A machine at a site of its own, so that what is planted there is the only difference of the site."""
    return machine(group, number, company, f"{company}-ADM", site=site, **fields)


def _uncounted(group: Group, plan: Plan) -> None:
    control = "PHY-2-01"

    def told(device: Device, kind: str, note: str, *, near: bool = False) -> None:
        for subject, aspect in ((device.id, "device"), (device.site, "site")):
            (plan.near if near else plan.fault)(control, device.company, subject, kind, note, aspect=aspect)

    old = _at(group, "530001", "AOI", "第1分室")
    count(group, old, ago(366))
    told(old, "counted 366 days ago", "最終棚卸から366日")
    stick = _at(group, "530002", "MID", "第2分室", kind="media", hosts=())
    count(group, stick, ago(181))
    told(stick, "medium counted 181 days ago", "記録媒体の最終棚卸から181日")
    alone = _at(group, "530003", "AOI", "第3分室")
    count(group, alone, ago(20), witnessed_by=group.posts["AOI-ADM", "deputy"])
    told(alone, "counter was the witness", "棚卸者が自ら立会")
    just = _at(group, "531001", "MID", "第4分室")
    count(group, just, ago(365))
    told(just, "counted 365 days ago", "最終棚卸からちょうど365日", near=True)
    fresh = _at(group, "531002", "AOI", "第5分室", kind="media", hosts=())
    count(group, fresh, ago(180))
    told(fresh, "medium counted 180 days ago", "記録媒体の最終棚卸からちょうど180日", near=True)
    far = _at(group, "530004", "MID", "第6分室", status="stored", changed_at=at(ago(500), 9))
    count(group, far, ago(400))
    waive(group, control, "MID", far.id, "封印済の予備機。次の棚卸で開封する")
    told(far, "counted 400 days ago, waived", "例外承認あり(機器についてのみ。印は付くが消えない)")


def _differences(group: Group, plan: Plan) -> None:
    control = "PHY-2-01"
    missing = _at(group, "530011", "MID", "第7分室")
    count(group, missing, ago(40), found=False)
    plan.fault(control, "MID", missing.site, "missing, not explained", "現物が見つからず説明もない", aspect="site")
    plan.near(control, "MID", missing.id, "looked for", "棚卸の対象にはなっている", aspect="device")
    stranger = _at(group, "530012", "AOI", "第8分室")
    count(group, stranger, ago(40))
    count(group, stranger, ago(40), device_id="DV-530013")
    plan.fault(control, "AOI", stranger.site, "one too many", "台帳にない機器が現物にあり説明もない", aspect="site")


def _differences_explained(group: Group, plan: Plan) -> None:
    control = "PHY-2-01"
    away = _at(group, "531011", "AOI", "第9分室")
    count(group, away, ago(40), found=False, explanation="修理のため預け入れ中(預り証あり)")
    plan.near(control, "AOI", away.site, "missing, explained", "現物がない理由の説明がある", aspect="site")
    moved = _at(group, "531012", "MID", "第10分室")
    count(group, moved, ago(40), site="第11分室", explanation="移設済。台帳の更新を依頼")
    for site in (moved.site, "第11分室"):
        plan.near(control, "MID", site, "moved, explained", "別の拠点で見つかり説明がある", aspect="site")
    scrapped = next(d for d in group.devices.values() if d.status == "disposed" and d.company == "AOI" and _recent(d))
    count(group, scrapped, ago(110))
    plan.near(control, "AOI", scrapped.site, "scrapped since", "棚卸の後に廃棄した機器", aspect="site")


def _recent(device: Device) -> bool:
    return device.changed_at is not None and device.changed_at.date() > ago(100)


def _without_owner(group: Group, plan: Plan) -> None:
    control = "PHY-2-03"
    gone = group.leave_company(group.take("AOI", "AOI-SAL"), date(2025, 11, 28))
    kept = machine(group, "532001", "AOI", "AOI-SAL", owner=gone.no)
    plan.fault(control, "AOI", kept.id, "owner has left", "管理者が2025年11月に退職")
    stored = machine(group, "532002", "AOI", "AOI-SAL", owner=gone.no, status="stored", changed_at=at(ago(90), 9))
    plan.fault(control, "AOI", stored.id, "stored, owner has left", "保管中だが退職者の名義のまま")
    note = "退職者の名義の機器が2台残る"
    plan.fault("HUM-06", "AOI", plan.engagement(gone), "owner has left", note, aspect="device")
    elsewhere = machine(group, "532003", "MID", "MID-OPS", owner=group.posts["AOI-SAL", "deputy"])
    plan.near(control, "MID", elsewhere.id, "owner works for a sister company", "管理者は他のグループ会社の従業者")
    leaving = group.leave_company(group.take("MID", "MID-OPS"), AS_OF)
    last = machine(group, "533001", "MID", "MID-OPS", owner=leaving.no)
    plan.near(control, "MID", last.id, "owner's last day", "管理者の退職日当日はまだ在籍")
    shelf = machine(group, "533002", "MID", "MID-OPS", status="stored", changed_at=at(ago(90), 9), seen_ago=89)
    plan.near(control, "MID", shelf.id, "stored, nobody's", "返却され保管中の端末に管理者と接続は不要")


def _unseen(group: Group, plan: Plan) -> None:
    control = "PHY-2-03"
    plan.fault(control, "AOI", _silent(group, "532011", "AOI", 31).id, "unseen for 31 days", "最終接続から31日")
    never = machine(group, "532012", "MID", "MID-SUP", kind="tablet", seen_ago=None)
    plan.fault(control, "MID", never.id, "never seen", "使用中だが接続の記録がない")
    asked = _silent(group, "532013", "MID", 40)
    _locate(group, asked, "no")
    plan.fault(control, "MID", asked.id, "not where it should be", "40日未接続、所在の確認は不適合の回答")
    lent = _silent(group, "532014", "AOI", 45)
    waive(group, control, "AOI", lent.id, "電波の届かない倉庫で使用。月次で目視")
    plan.fault(control, "AOI", lent.id, "unseen for 45 days, waived", "例外承認あり(印は付くが消えない)")
    plan.near(control, "MID", _silent(group, "533011", "MID", 30).id, "unseen for 30 days", "最終接続からちょうど30日")
    found = _silent(group, "533012", "AOI", 60)
    _locate(group, found, "yes")
    plan.near(control, "AOI", found.id, "unseen, located", "60日未接続だが所在を現物で確認済")
    missing = next(d for d in group.devices.values() if d.status == "lost")
    plan.near(control, missing.company, missing.id, "treated as lost", "紛失として扱われている端末")


def _silent(group: Group, number: str, company: str, days: int) -> Device:
    return machine(group, number, company, f"{company}-ADM", portable=False, seen_ago=days)


def _locate(group: Group, device: Device, said: str) -> None:
    told: dict[str, Cell] = {"subject_kind": "device", "subject": device.id, "answer": said, "expires_on": ago(-20)}
    answer(group, "PHY-2-03", "present_location", device.company, device.department, ago(10), **told)


def _unlocked(group: Group, plan: Plan) -> None:
    control = "PHY-2-04"

    def store(company: str, number: int) -> str:
        kept = group.row("data_stores", db_id=f"PAPER-{company}-01")
        return str(group.add("data_stores", **(kept | {"db_id": f"PAPER-{company}-{number:02d}"}))["db_id"])

    def asked(company: str, kind: str, thing: str, days: int, said: str = "yes") -> None:
        confirm_lock(group, company, f"{company}-ADM", kind, thing, ago(days), said)

    def laptop(number: str, company: str) -> str:
        return machine(group, number, company, f"{company}-ADM").id

    cabinet, shelf = store("AOI", 11), store("MID", 11)
    asked("AOI", "store", cabinet, 93)
    plan.fault(control, "AOI", cabinet, "locked 93 days ago", "書庫の施錠確認から93日", aspect="store")
    asked("MID", "store", shelf, 92)
    plan.near(control, "MID", shelf, "locked 92 days ago", "書庫の施錠確認からちょうど92日", aspect="store")
    open_one, partly = laptop("534001", "MID"), laptop("534002", "AOI")
    asked("MID", "device", open_one, 12, "no")
    plan.fault(control, "MID", open_one, "not locked", "ワイヤ錠なしとの回答", aspect="device")
    asked("AOI", "device", partly, 30)
    asked("AOI", "device", partly, 8, "partly")
    plan.fault(control, "AOI", partly, "partly locked since", "その後の確認で一部のみ施錠", aspect="device")
    mended = laptop("535001", "AOI")
    asked("AOI", "device", mended, 30, "no")
    asked("AOI", "device", mended, 8)
    plan.near(control, "AOI", mended, "locked since", "その後の確認で施錠済", aspect="device")


def _lost(group: Group, plan: Plan) -> None:
    control, aspect = "PHY-2-04", "lost_device"
    day = ago(5)
    note = "紛失した端末に事案も遠隔消去もない"
    plan.fault(control, "AOI", "DV-520001", "lost, no incident, no wipe", note, aspect=aspect, day=day)
    note = "1時間後に事案、2時間後に遠隔消去"
    plan.near(control, "MID", "DV-520002", "lost, incident and wipe", note, aspect=aspect, day=day)

    def lost(number: str, company: str, moment: int, told: int | None, wiped: int | None, **fields: object) -> Device:
        """A loss on a day of March at ten, an incident and a wipe so many hours later."""
        at_ten = at(date(2026, 3, moment), 10)
        wiped_at = at_ten + timedelta(hours=wiped) if wiped is not None else None
        told_of = {"status": "lost", "changed_at": at_ten, "verified_ago": 5, "wiped_at": wiped_at}
        device = machine(group, number, company, f"{company}-ADM", **(told_of | fields))
        if told is not None:
            known = at_ten + timedelta(hours=told)
            name = incident(group, company, device.department, known, device_id=device.id)
            triage(group, company, aspect, device.id, known, is_incident=True, incident_id=name)
        return device

    late = lost("536001", "MID", 11, 25, 1)
    for asked in (control, "ORG-4-06"):
        note = "紛失から25時間後に事案登録"
        plan.fault(asked, "MID", late.id, "incident after 25 hours", note, aspect=aspect, day=date(2026, 3, 11))
    bare = lost("536002", "AOI", 12, 2, None)
    note = "事案はあるが遠隔消去・ロックの結果がない"
    plan.fault(control, "AOI", bare.id, "not wiped", note, aspect=aspect, day=date(2026, 3, 12))
    stick = lost("536003", "MID", 13, 2, None, kind="media", hosts=())
    waive(group, control, "MID", stick.id, "ハードウェア暗号化の媒体で遠隔消去の手段がない")
    note = "例外承認あり(印は付くが消えない)"
    plan.fault(control, "MID", stick.id, "not wiped, waived", note, aspect=aspect, day=date(2026, 3, 13))
    prompt = lost("537001", "AOI", 16, 24, 1)
    note = "紛失からちょうど24時間後に事案登録"
    plan.near(control, "AOI", prompt.id, "incident after 24 hours", note, aspect=aspect, day=date(2026, 3, 16))
    tonight = machine(group, "537002", "MID", "MID-ADM", status="lost", changed_at=at(AS_OF, 20), verified_ago=0)
    note = "当日夜の紛失、期限は翌日"
    plan.near(control, "MID", tonight.id, "still in time", note, aspect=aspect, day=AS_OF)


def _not_erased(group: Group, plan: Plan) -> None:
    control = "PHY-4-03"

    def fault(
        company: str, number: str, kind: str, note: str, aspect: str = "erasure", day: date | None = None
    ) -> None:
        plan.fault(control, company, number, kind, note, aspect=aspect, day=day)

    fault(
        "AOI",
        erase(group, "AOI", "retention", _entry(group, "AOI"), ago(1), **NOT_DONE),
        "overdue by a day",
        "期限を1日超過",
    )
    number = erase(group, "MID", "contract_end", _contract(group, "MID"), ago(50), method=None)
    fault("MID", number, "no method", "消去方法の記録なし")
    number = erase(group, "AOI", "retention", _entry(group, "AOI"), ago(50), count_after=80)
    fault("AOI", number, "as many as before", "消去後の件数が消去前と同じ")
    another = group.posts["AOI-SYS", "deputy"]
    number = erase(group, "AOI", "retention", _entry(group, "AOI"), ago(50), confirmed_by=another)
    fault("AOI", number, "confirmed by another", "台帳の管理者でない者が確認")
    number = erase(group, "MID", "retention", _entry(group, "MID"), ago(20), done_on=ago(31), **UNCONFIRMED)
    fault("MID", number, "unconfirmed after 31 days", "消去から31日、責任者の確認なし")
    number = erase(
        group, "AOI", "contract_end", _contract(group, "AOI"), ago(40), done_on=ago(38), confirmed_on=ago(35)
    )
    fault("AOI", number, "erased two days late", "期限の2日後に消去(遅延)", "late", ago(38))
    number = erase(group, "MID", "retention", _entry(group, "MID"), ago(45), done_on=ago(45), confirmed_on=ago(14))
    fault("MID", number, "confirmed after 31 days", "消去の31日後に確認(遅延)", "late", ago(14))
    asked = request(group, "AOI", ago(31), done_on=None, closed_on=None)
    note = "応諾から31日、消去の記録なし"
    fault("AOI", asked, "granted 31 days ago, no task", note, "erase_request")
    number = erase(group, "MID", "retention", _entry(group, "MID"), ago(15), **NOT_DONE)
    waive(group, control, "MID", number, "保管場所の改修中。完了後に消去する")
    fault("MID", number, "overdue, waived", "例外承認あり(印は付くが消えない)")


def _erased(group: Group, plan: Plan) -> None:
    control = "PHY-4-03"

    def near(company: str, number: str, kind: str, note: str, aspect: str = "erasure") -> None:
        plan.near(control, company, number, kind, note, aspect=aspect)

    near("MID", erase(group, "MID", "retention", _entry(group, "MID"), AS_OF, **NOT_DONE), "due today", "本日が期限")
    number = erase(group, "AOI", "retention", _entry(group, "AOI"), ago(20), done_on=ago(30), **UNCONFIRMED)
    near("AOI", number, "unconfirmed for 30 days", "消去からちょうど30日、確認は期限内")
    number = erase(
        group, "MID", "contract_end", _contract(group, "MID"), ago(45), done_on=ago(45), confirmed_on=ago(15)
    )
    plan.near(
        control, "MID", number, "confirmed after 30 days", "消去のちょうど30日後に確認", aspect="late", day=ago(15)
    )
    asked = request(group, "MID", ago(30), done_on=None, closed_on=None)
    near("MID", asked, "granted 30 days ago", "応諾からちょうど30日", "erase_request")
    done = request(group, "AOI", ago(60))
    near("AOI", done, "granted 60 days ago, erased", "消去の記録がある請求", "erase_request")
    erase(group, "AOI", "request", done, ago(35))


def _entry(group: Group, company: str) -> str:
    return str(group.row("book_entries", company=company, status="approved", media="electronic")["entry_id"])


def _contract(group: Group, company: str) -> str:
    return str(group.row("vendor_contracts", company=company)["contract_id"])
