"""Planted in how the companies are organised: ORG-1-01, ORG-1-03 and ORG-1-04."""

from dataclasses import replace
from datetime import date

from demo.book import entry
from demo.days import DAY, OPEN_END, ago, at
from demo.group import Group
from demo.plan import Plan
from demo.rules import appoint
from demo.structure import TREE
from demo.values import Account, Owner, Right, Worker


def plant(group: Group, plan: Plan) -> None:
    """Plant in the posts of the companies, in their reporting lines, and in who may reach which store."""
    _posts(group, plan)
    _one_line(group, plan)
    _reporting_lines(group, plan)
    _strangers_to_the_book(group, plan)
    _handed_on(group, plan)
    _handlers_after_all(group, plan)
    _without_a_right(group, plan)


def _posts(group: Group, plan: Plan) -> None:
    control = "ORG-1-01"
    second = group.take("MID", "MID-OPS")
    appoint(group, "MID", None, "cpo", second.no, ago(10))
    plan.fault(control, "MID", "MID", "two privacy officers", "個人情報保護管理者が二人", aspect="cpo")
    head = group.row("appointments", company="AOI", role="audit_officer")
    head["appointed_by"] = group.posts["AOI", "cpo"]
    note = "監査責任者を代表者ではなく個人情報保護管理者が任命"
    plan.fault(control, "AOI", "AOI", "not appointed by the representative", note, aspect="audit_officer")
    former = group.take("AOI", "AOI-SAL")
    appoint(group, "AOI", None, "cpo", former.no, ago(3000), ago(1))
    plan.near(control, "AOI", "AOI", "a second one until yesterday", "二人体制は前日で終了", aspect="cpo")


def _one_line(group: Group, plan: Plan) -> None:
    control = "ORG-1-01"
    officer = group.posts["MID", "cpo"]
    chief = group.take("MID", "MID-OPS")
    group.row("appointments", company="MID", role="audit_officer")["ends_on"] = ago(1)
    appoint(group, "MID", None, "audit_officer", chief.no, ago(0))
    plan.near(control, "MID", "MID", "handed over today", "前任は前日まで、後任は当日から", aspect="audit_officer")
    _under(group, chief, officer)
    note = "新しい監査責任者が個人情報保護管理者の部下"
    plan.fault(control, "MID", "MID", "audit head under the privacy officer", note, aspect="separation")
    head = group.engagement(group.posts["AOI", "audit_officer"], "AOI")
    _under(group, head, group.posts["AOI", "cpo"], until=ago(1))
    note = "監査責任者が個人情報保護管理者の部下であったのは前日まで"
    plan.near(control, "AOI", "AOI", "under the privacy officer until yesterday", note, aspect="separation")


def _under(group: Group, worker: Worker, manager: str, until: date = OPEN_END) -> None:
    """Let the main post of a worker be under a manager; until a day, when a like post under the old one follows."""
    index, post = next(
        (i, p)
        for i, p in enumerate(group.postings)
        if (p.no, p.company, p.kind) == (worker.no, worker.company, "主務") and p.to_on == OPEN_END
    )
    group.postings[index] = replace(post, manager=manager, to_on=until)
    if until < OPEN_END:
        group.postings.append(replace(post, id=group.number("posting", "H{:06d}"), from_on=until + DAY))


def _reporting_lines(group: Group, plan: Plan) -> None:
    control = "ORG-1-04"

    def tree(company: str, days: int) -> None:
        group.row("documents", company=company, document_code=TREE, status="effective")["reviewed_on"] = ago(days)

    tree("AOI", 181)
    plan.fault(control, "AOI", "AOI", "tree of 181 days ago", "連絡体制表の見直しから181日", aspect="contact_tree")
    tree("MID", 180)
    plan.near(control, "MID", "MID", "tree of 180 days ago", "連絡体制表の見直しから180日", aspect="contact_tree")

    gone = group.take("MID", "MID-OPS")
    appoint(group, "MID", None, "emergency_contact", gone.no)
    group.leave_company(gone, ago(1))
    plan.fault(control, "MID", "MID", "a contact left yesterday", "緊急連絡先に前日の退職者", aspect="contacts")
    last_day, replaced = group.take("AOI", "AOI-SAL"), group.take("AOI", "AOI-SAL")
    appoint(group, "AOI", None, "emergency_contact", last_day.no)
    group.leave_company(last_day, ago(0))
    appoint(group, "AOI", None, "emergency_contact", replaced.no, last=ago(1))
    group.leave_company(replaced, ago(1))
    note = "本日退職の連絡先はまだ在籍、前日の退職者は連絡先を外れている"
    plan.near(control, "AOI", "AOI", "a contact leaves today", note, aspect="contacts")

    def reached(company: str, days: int, minutes: int) -> None:
        test = group.row("exercises", company=company, kind="reach_test")
        test |= {"performed_on": ago(days), "reply_minutes": minutes}

    reached("MID", 30, 61)
    plan.fault(control, "MID", "MID", "answered after 61 minutes", "到達試験の最遅応答が61分", aspect="reach_test")
    reached("AOI", 365, 60)
    plan.near(control, "AOI", "AOI", "365 days ago, 60 minutes", "365日前の到達試験、最遅応答60分", aspect="reach_test")


def _idle(group: Group, company: str, department: str) -> Worker:
    """Somebody whose rights are planted and who uses none of them."""
    worker = group.take(company, department)
    group.silent.add(worker.no)
    return worker


def _holds(
    group: Group, worker: Worker, system: str, store: str | None, named: str | None, *, enabled: bool = True
) -> str:
    """Give a worker a right, and an account for it where there is none; the login."""
    login = group.login(worker, system)
    group.rights.append(Right(system, login, "直接付与", store, named, enabled=enabled))
    return login


def _strangers_to_the_book(group: Group, plan: Plan) -> None:
    def fault(worker: Worker, system: str, store: str, named: str | None, kind: str, note: str) -> None:
        _holds(group, worker, system, store, named)
        plan.fault("ORG-1-03", worker.company, plan.person(worker.no), kind, note, aspect=f"store:{store}")

    worker = _idle(group, "AOI", "AOI-MKT")
    fault(worker, "SYS-CRM", "DB-CRM-MEM", None, "a right without a group", "会員情報にグループなしの個別権限")
    worker = _idle(group, "MID", "MID-SUP")
    note = "配送先に台帳と異なる部門のグループの権限"
    fault(worker, "SYS-WMS", "DB-WMS-SHP", "GRP-MID-SUP", "another group's right", note)
    worker = _idle(group, "AOI", "AOI-ADM")
    note = "個人番号に人事の一般グループの権限"
    fault(worker, "SYS-HRM", "DB-HRM-MYN", "GRP-AOI-ADM", "not in the group of My Number", note)
    store = "DB-CRM-CAM"
    kept = dict(group.row("data_stores", db_id="DB-CRM-MEM"))
    group.add("data_stores", **(kept | {"db_id": store}))
    entry(group, "AOI", "AOI-SAL", "販促名簿", "販促", "会員", system_ids=("SYS-CRM",), db_ids=(store,), status="draft")
    worker = _idle(group, "AOI", "AOI-SAL")
    fault(worker, "SYS-CRM", store, "GRP-AOI-SAL", "only a draft names the store", "台帳の記載がまだ下書きの保管場所")
    worker = _idle(group, "AOI", "AOI-SYS")
    key = "SYS-ATS", group.login(worker, "SYS-ATS")
    note = "停止済のIDに有効なまま残る権限"
    fault(worker, "SYS-ATS", "DB-ATS-APP", None, "a disabled account's live right", note)
    group.accounts[key] = replace(group.accounts[key], enabled=False, disabled_at=at(ago(20), 9))


def _handed_on(group: Group, plan: Plan) -> None:
    """An account with a right of its own changes hands today: the right is the new owner's."""
    control, system, login = "ORG-1-03", "SYS-WMS", "desk-yard"
    giver, taker = _idle(group, "MID", "MID-SUP"), _idle(group, "MID", "MID-SUP")
    group.accounts[system, login] = Account(system, login, created_on=date(2024, 4, 1))
    group.owners.append(Owner(system, login, giver.no, date(2024, 4, 1), ago(1)))
    group.owners.append(Owner(system, login, taker.no, ago(0), OPEN_END))
    group.rights.append(Right(system, login, "直接付与", "DB-WMS-SHP", None))
    person = plan.person(taker.no)
    plan.fault(control, "MID", person, "account taken over today", "当日引き継いだIDの権限", aspect="store:DB-WMS-SHP")
    person = plan.person(giver.no)
    plan.near(
        control, "MID", person, "account handed on yesterday", "前日に手放したIDの権限", aspect="store:DB-WMS-SHP"
    )


def _near(plan: Plan, worker: Worker, store: str, kind: str, note: str) -> None:
    plan.near("ORG-1-03", worker.company, plan.person(worker.no), kind, note, aspect=f"store:{store}")


def _handlers_after_all(group: Group, plan: Plan) -> None:
    member = _idle(group, "AOI", "AOI-MKT")
    _holds(group, member, "SYS-ATS", "DB-ATS-APP", None)
    _holds(group, member, "SYS-MKT", None, "GRP-AOI-MKT")
    _near(plan, member, "DB-ATS-APP", "member by another right", "台帳のグループには別の権限で所属")
    entry(
        group,
        "AOI",
        "AOI-MKT",
        "分析結果の配信先名簿",
        "案内配信",
        "会員",
        system_ids=("SYS-AWS",),
        db_ids=("aoi-analysis",),
    )
    second = _idle(group, "AOI", "AOI-MKT")
    _holds(group, second, "SYS-AWS", "aoi-analysis", "GRP-AOI-MKT")
    _near(plan, second, "aoi-analysis", "group of the second entry", "同じ保管場所の別の記載のグループに所属")
    lent = next(w for w in group.workers if w.kind == "出向受入" and w.company == "MID")
    _near(plan, lent, "DB-WMS-SHP", "seconded in", "出向先の部門のグループに所属")


def _without_a_right(group: Group, plan: Plan) -> None:
    lapsed = _idle(group, "MID", "MID-ADM")
    _holds(group, lapsed, "SYS-WMS", "DB-WMS-SHP", None, enabled=False)
    _near(plan, lapsed, "DB-WMS-SHP", "a disabled right", "無効な権限")
    reader = group.take("AOI", "AOI-SAL")
    _near(plan, reader, "DB-WIKI", "no personal data", "個人情報のない社内ポータルの権限")
