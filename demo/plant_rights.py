"""Planted in who holds which right, and who looked at it: TEC-1-01, TEC-1-02 and TEC-1-04."""

from dataclasses import replace
from datetime import date

from demo.cast import guest
from demo.days import AS_OF, DAY, OPEN_END, ago, at, open_days_after
from demo.decided import approve, decide, reviewed
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Cell, Posting, Right, Worker

_GRANTED = ago(40)
_RIGHT = "追加"


def plant(group: Group, plan: Plan) -> None:
    """Plant rights without a proper approval, reviews that were not done, rights that a move outlived."""
    _unapproved(group, plan)
    _approved_after_all(group, plan)
    _follows(group, plan)
    _reviews(group, plan)
    _revoked(group, plan)
    _movers(group, plan)
    _movers_in_order(group, plan)


def _idle(group: Group, company: str, department: str) -> Worker:
    """Somebody whose rights are planted and who uses none of them."""
    worker = group.take(company, department)
    group.silent.add(worker.no)
    return worker


def _granted(
    group: Group, worker: Worker, system: str, approval: str, *, granted: date = _GRANTED, removed: date | None = None
) -> str:
    """Give a worker one more right on the first store of a system, as a member of its group; the login."""
    host = group.hosts[system]
    login = group.login(worker, system)
    group.accounts[system, login] = replace(group.accounts[system, login], created_on=granted)
    right = Right(
        system, login, _RIGHT, host.stores[0], f"GRP-{host.department}", approval=approval, removed_on=removed
    )
    group.rights.append(right)
    return login


def _right(group: Group, plan: Plan, system: str, login: str, name: str = _RIGHT) -> str:
    """The key of a right on the first store of a system, made from the directory's own text."""
    store = group.hosts[system].stores[0]
    return plan.mint("entitlement", system, login, f"{store}:{name}")


def _unapproved(group: Group, plan: Plan) -> None:
    control = "TEC-1-01"

    def fault(worker: Worker, system: str, approval: str, kind: str, note: str) -> str:
        subject = _right(group, plan, system, _granted(group, worker, system, approval))
        plan.fault(control, worker.company, subject, kind, note)
        return subject

    worker = guest(group, "AOI", "first")
    fault(worker, "SYS-ATS", "", "no approval", "応募者情報の権限に承認がない")
    number = approve(group, "SYS-HRM", worker.no, ("SYS-HRM",), _GRANTED + DAY)
    fault(worker, "SYS-HRM", number, "granted the day before", "承認の前日に付与")
    number = approve(group, "SYS-MKT", worker.no, ("SYS-MKT",), _GRANTED, valid_to_at=at(ago(1), 23, 59, 59))
    fault(worker, "SYS-MKT", number, "approved until yesterday", "承認の期限が前日に切れた")
    number = approve(group, "SYS-AWS", worker.no, ("SYS-AWS",), _GRANTED, valid_from_at=at(_GRANTED + DAY, 0))
    fault(worker, "SYS-AWS", number, "valid from the next day", "承認は付与の翌日から有効")
    worker, other = guest(group, "MID", "first"), guest(group, "MID", "second")
    number = approve(group, "SYS-WMS", worker.no, ("SYS-WMS",), _GRANTED, person_key=None)
    fault(worker, "SYS-WMS", number, "approved for nobody", "承認に対象者の記載がない")
    by = group.posts["MID-OPS", "deputy"]
    number = approve(group, "SYS-SUP", worker.no, ("SYS-SUP",), _GRANTED, approved_by=by)
    fault(worker, "SYS-SUP", number, "approved by another department", "システム責任者でない者が承認")
    number = approve(group, "SYS-MNT", other.no, ("SYS-MNT",), _GRANTED)
    fault(worker, "SYS-MNT", number, "approved for another", "別の者への承認を流用")
    subject = fault(other, "SYS-WMS", "", "no approval, waived", "例外承認あり(印は付くが消えない)")
    waive(group, control, "MID", subject, "移行前の権限。6月の棚卸で承認を取り直す")
    number = approve(group, "SYS-SUP", other.no, ("DB-SUP-CASE",), _GRANTED, valid_to_at=at(AS_OF, 9))
    subject = _right(group, plan, "SYS-SUP", _granted(group, other, "SYS-SUP", number))
    plan.near(control, "MID", subject, "approved until today", "承認は本日が最終日、対象は保管場所")


def _approved_after_all(group: Group, plan: Plan) -> None:
    control = "TEC-1-01"
    worker = guest(group, "AOI", "second")

    def near(system: str, kind: str, note: str, **fields: Cell) -> None:
        number = approve(group, system, worker.no, (system,), _GRANTED, **fields)
        subject = _right(group, plan, system, _granted(group, worker, system, number))
        plan.near(control, "AOI", subject, kind, note)

    near("SYS-HRM", "approved that night", "付与の当日の夜に承認", approved_at=at(_GRANTED, 23, 59, 59))
    by = group.posts["AOI", "cpo"]
    near("SYS-ATS", "approved by the data owner", "システム責任者ではなくデータ責任者が承認", approved_by=by)
    login = group.login(worker, "SYS-WIKI")
    group.rights.append(Right("SYS-WIKI", login, _RIGHT, "DB-WIKI", None, approval=""))
    plan.near(control, "AOI", _right(group, plan, "SYS-WIKI", login), "no personal data", "個人情報のない社内ポータル")


def _follows(group: Group, plan: Plan) -> None:
    """An account of nobody, disabled or not, has rights that nobody can have approved for its holder."""
    for system, login, kind, note in (
        ("SYS-CRM", "temp01", "right of an orphan", "所有者のいないIDの権限"),
        ("SYS-WMS", "old-temp", "right of a disabled orphan", "所有者のいない停止済IDに権限が残る"),
    ):
        host = group.hosts[system]
        for store in host.stores:
            group.rights.append(Right(system, login, "利用", store, f"GRP-{host.department}"))
            subject = plan.mint("entitlement", system, login, f"{store}:利用")
            plan.fault("TEC-1-01", host.company, subject, kind, note)


def _reviews(group: Group, plan: Plan) -> None:
    control = "TEC-1-02"

    def fault(
        company: str, system: str, kind: str, note: str, days: int = 30, undecided: int = 0, **fields: Cell
    ) -> None:
        reviewed(group, system, ago(days), undecided=undecided, **fields)
        plan.fault(control, company, system, kind, note, aspect="review")

    fault("AOI", "SYS-MKT", "reviewed 91 days ago", "棚卸から91日", days=91)
    fault("MID", "SYS-MHR", "reviewed by another", "責任者でない者が棚卸", reviewed_by=group.posts["MID-ADM", "deputy"])
    fault("AOI", "SYS-HRM", "all but one decided", "1件だけ判定していない", undecided=1)
    number = reviewed(group, "SYS-AWS", ago(30))
    group.bare.add((number, guest(group, "AOI", "first").no))
    plan.fault(control, "AOI", "SYS-AWS", "a right without a line", "棚卸の明細にない権限が1件", aspect="review")
    reviewed(group, "SYS-ATS", ago(90))
    plan.near(control, "AOI", "SYS-ATS", "reviewed 90 days ago", "棚卸からちょうど90日", aspect="review")
    reviewed(group, "SYS-CRM", ago(40))
    reviewed(group, "SYS-CRM", ago(3), undecided=28)
    plan.near(control, "AOI", "SYS-CRM", "the next one under way", "次の棚卸が進行中", aspect="review")
    plan.near(control, "AOI", "SYS-WIKI", "no personal data", "個人情報のない社内ポータルに棚卸は不要")


def _revoked(group: Group, plan: Plan) -> None:
    control = "TEC-1-02"

    holders = {"AOI": guest(group, "AOI", "third"), "MID": guest(group, "MID", "third")}

    def decided(system: str, day: date, removed: date | None) -> None:
        host = group.hosts[system]
        worker = holders[host.company]
        number = approve(group, system, worker.no, (system,), _GRANTED)
        login = _granted(group, worker, system, number, removed=removed)
        review = group.row("reviews", review_id=reviewed(group, system, day))
        decide(group, review, _right(group, plan, system, login), "revoke")

    decided("SYS-SUP", date(2026, 3, 23), None)
    note = "不要と判定した権限が6営業日目も残る"
    plan.fault(control, "MID", "SYS-SUP", "still there on the sixth business day", note, aspect="review")
    decided("SYS-MNT", open_days_after(AS_OF, -5), None)
    plan.near(control, "MID", "SYS-MNT", "due today", "不要判定の期限は本日", aspect="review")
    decided("SYS-TKT", date(2026, 3, 6), date(2026, 3, 14))
    note, day = "不要判定から6営業日目に削除を確認(遅延)", date(2026, 3, 16)
    plan.fault(control, "AOI", "SYS-TKT", "gone on the sixth business day", note, aspect="late", day=day)
    decided("SYS-WMS", date(2026, 3, 6), date(2026, 3, 13))
    note, day = "不要判定からちょうど5営業日目に削除", date(2026, 3, 13)
    plan.near(control, "MID", "SYS-WMS", "gone on the fifth business day", note, aspect="late", day=day)


def _move(group: Group, worker: Worker, department: str, day: date) -> Worker:
    """Move a worker on a day; the rights of the old department stay unless they are taken away."""
    index, post = next(
        (i, p) for i, p in enumerate(group.postings) if p.no == worker.no and p.to_on == OPEN_END and p.kind == "主務"
    )
    group.postings[index] = replace(post, to_on=day - DAY)
    number = group.number("posting", "H{:06d}")
    group.postings.append(replace(post, id=number, department=department, from_on=day))
    return group.change(worker, department=department)


def _movers(group: Group, plan: Plan) -> None:
    control = "TEC-1-04"

    def fault(worker: Worker, left: str, kind: str, note: str) -> None:
        plan.fault(control, worker.company, plan.person(worker.no), kind, note, aspect=f"department:{left}")

    overdue = open_days_after(AS_OF, -11)
    worker = _idle(group, "AOI", "AOI-SAL")
    fault(
        _move(group, worker, "AOI-CSC", overdue),
        "AOI-SAL",
        "moved 11 business days ago",
        "異動から11営業日、権限が残る",
    )
    worker = _idle(group, "MID", "MID-OPS")
    moved = _move(group, worker, "MID-SUP", date(2026, 2, 16))
    _approve_again(group, moved, "SYS-WMS", date(2026, 2, 15))
    fault(moved, "MID-OPS", "approved the day before", "異動の前日の承認は改めての承認ではない")
    worker = _idle(group, "AOI", "AOI-ADM")
    _also_in(group, worker, "AOI-MKT", ago(60))
    held = ago(90)
    _granted(group, worker, "SYS-MKT", approve(group, "SYS-MKT", worker.no, ("SYS-MKT",), held), granted=held)
    fault(worker, "AOI-MKT", "second post ended 60 days ago", "兼務の終了後も兼務先の権限が残る")
    worker = next(w for w in group.workers if _moved_by_others(group, w))
    fault(worker, "AOI-SYS", "the mover whose card is left", "入室権限の残る異動者は、旧部門の権限も残る")


def _moved_by_others(group: Group, worker: Worker) -> bool:
    """Whether PHY-1-02's mover: from the systems department to sales on 2 March."""
    return any(p.no == worker.no and p.department == "AOI-SYS" and p.to_on == date(2026, 3, 1) for p in group.postings)


def _also_in(group: Group, worker: Worker, department: str, until: date) -> None:
    number = group.number("posting", "H{:06d}")
    post = Posting(
        number,
        worker.no,
        worker.company,
        department,
        worker.role,
        "兼務",
        worker.hired_on,
        ago(200),
        until,
        worker.manager,
    )
    group.postings.append(post)


def _approve_again(group: Group, worker: Worker, system: str, day: date) -> None:
    approve(group, system, worker.no, (system,), day)


def _movers_in_order(group: Group, plan: Plan) -> None:
    control = "TEC-1-04"

    def near(worker: Worker, left: str, kind: str, note: str) -> None:
        plan.near(control, worker.company, plan.person(worker.no), kind, note, aspect=f"department:{left}")

    worker = _move(group, _idle(group, "AOI", "AOI-SAL"), "AOI-MKT", open_days_after(AS_OF, -10))
    near(worker, "AOI-SAL", "moved 10 business days ago", "異動からちょうど10営業日")
    day = date(2026, 2, 16)
    worker = _move(group, _idle(group, "MID", "MID-OPS"), "MID-ADM", day)
    _approve_again(group, worker, "SYS-WMS", day)
    near(worker, "MID-OPS", "approved again", "異動当日に改めて承認")
    worker = _move(group, _idle(group, "AOI", "AOI-SAL"), "AOI-CSC", day)
    _also_in(group, worker, "AOI-SAL", OPEN_END)
    near(worker, "AOI-SAL", "second post in the old department", "旧部門を兼務している")
    worker = _move(group, _idle(group, "AOI", "AOI-SAL"), "AOI-CSC", day)
    login, host = group.login(worker, "SYS-CRM"), group.hosts["SYS-CRM"]
    group.rights += [Right("SYS-CRM", login, "利用", store, "GRP-AOI-SAL", enabled=False) for store in host.stores]
    near(worker, "AOI-SAL", "rights disabled", "旧部門の権限は停止済")
    lent = next(w for w in group.workers if w.kind == "出向受入" and w.company == "MID")
    home = group.engagement(lent.no, "AOI")
    plan.near(control, "AOI", plan.person(home.no), "seconded", "出向中も出向元の所属は続く")
