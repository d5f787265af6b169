"""What personnel keeps about people: courses of every kind, work rules, pledges at the start and at the end.

``build`` comes first; ``settle`` last: everybody who was made, moved or let go by then has an ordinary record, but for
what the plan leaves out (``Group.bare``), and what follows here from faults of other controls is planned.
"""

from datetime import date, timedelta

from demo.days import AS_OF, OPEN_END, ago
from demo.group import COMPANIES, Group
from demo.plan import UNVERIFIED, Plan
from demo.rules import appoint, document
from demo.values import Cell, Training, Worker

WORK_RULES = "WORK_RULES"
ROLES = {"dept_privacy_manager": "ROLE-DPM", "auditor": "ROLE-AUD", "system_admin": "ROLE-SYS", "desk": "ROLE-DESK"}
COURSES = {"入社時": "PI-ONBOARD", "復職": "PI-RETURN", "補習": "PI-REMEDIAL", "年次": "PI-ANNUAL"}
_RENEWED = date(2023, 4, 1)  # first day of the onboarding course's present version


def build(group: Group) -> None:
    """Give both companies work rules and their courses, desk staff and auditors."""
    _course(group, COURSES["入社時"], "onboarding", version="2015", approved_to_on=_RENEWED - timedelta(days=1))
    _course(group, COURSES["復職"], "returner")
    _course(group, COURSES["補習"], "remedial")
    for role, course in ROLES.items():
        _course(group, course, "role", for_role=role)
    for company in COMPANIES:
        document(group, company, WORK_RULES)
        group.add(
            "document_elements",
            company=company,
            element_key=group.number("element", "EL-{:04d}"),
            document_code=WORK_RULES,
            document_version="3.0",
            element="confidentiality",
            stage=None,
            aspect=None,
            value="在職中および退職後の秘密保持",
            clause_ref="第12条",
            confirmed_by=group.posts[company, "cpo"],
        )
        desk, audit = ("AOI-CSC", "AOI-MKT") if company == "AOI" else ("MID-SUP", "MID-OPS")
        appoint(group, company, desk, "desk", group.posts[desk, "deputy"])
        appoint(group, company, audit, "auditor", group.posts[audit, "deputy"])


def _course(group: Group, course: str, kind: str, version: str = "2025", **fields: Cell) -> None:
    row: dict[str, Cell] = {
        "company": None,
        "course": course,
        "content_version": version,
        "kind": kind,
        "for_role": None,
        "pass_mark": 80,
        "approved_from_on": date(2015, 4, 1),
        "approved_to_on": OPEN_END,
    }
    group.add("courses", **(row | fields))


def took(group: Group, worker: Worker, kind: str, on: date, score: int = 90, course: str | None = None) -> None:
    """Let a worker take one course on a day, on the content approved then; below 80 points it is failed."""
    course = course or COURSES[kind]
    version = "2015" if kind == "入社時" and on < _RENEWED else "2025"
    told = Training(worker.no, worker.company, worker.department, course, version, kind, on, score, score >= 80)
    group.training.append(told)


def pledge(group: Group, worker: Worker, kind: str, on: date, behind: int = 0) -> None:
    """Let a worker sign on a day."""
    group.add(
        "acknowledgements",
        company=worker.company,
        department=worker.department,
        acknowledgement_id=group.number("acknowledgement", "AK-{:05d}"),
        person_key=worker.no,
        document_code="PLEDGE",
        document_version=f"{3 - behind}.0",
        versions_behind=behind,
        kind=kind,
        signed_on=on,
    )


def spare(group: Group, company: str) -> Worker:
    """Reserve a regular worker whom no other part takes: one who handles nothing, or works in shifts."""
    return _reserved(
        group, [w for w in _free(group, company) if w.kind == "正社員" and (not w.handles or w.pattern != "office")]
    )


def temporary(group: Group, company: str, *kinds: str) -> Worker:
    """Reserve a worker of other kinds, who stays; of the named kinds where there is one."""
    free = [w for w in _free(group, company) if w.kind not in ("正社員", "役員")]
    return _reserved(group, [w for w in free if w.kind in kinds] or free)


def _free(group: Group, company: str) -> list[Worker]:
    return [w for w in group.workers if w.company == company and w.no not in group.reserved and w.left_on is None]


def _reserved(group: Group, free: list[Worker]) -> Worker:
    worker = group.rng.choice(free)
    group.reserved.add(worker.no)
    return worker


def settle(group: Group, plan: Plan) -> None:
    """Complete everybody's record, and plan what follows from faults of other controls."""
    first: dict[str, Worker] = {}
    for worker in sorted(group.workers, key=lambda w: w.hired_on):
        first.setdefault(worker.no, worker)
    taken = {(t.no, t.kind) for t in group.training}
    for worker in first.values():
        if (worker.no, "入社時") not in taken and ("onboarding", worker.no) not in group.bare:
            took(group, worker, "入社時", worker.hired_on + timedelta(days=3))
        if ("pledge", worker.no) not in group.bare:
            certified = group.engagement(worker.no).kind == "派遣"
            pledge(group, worker, "agency_certified" if certified else "pledged", worker.hired_on)
    _returners(group)
    _roles(group)
    for worker in group.workers:
        if worker.left_on and worker.left_on <= AS_OF and ("exit", worker.no) not in group.bare:
            pledge(group, worker, "exit_pledged", worker.left_on)
    _follow(group, plan)


def _returners(group: Group) -> None:
    for leave in group.leaves:
        if leave.kind != "休暇" and leave.to_on < AS_OF and ("returner", leave.no) not in group.bare:
            took(group, group.engagement(leave.no, leave.company), "復職", leave.to_on + timedelta(days=1))


def _roles(group: Group) -> None:
    taken = {(t.no, t.course) for t in group.training}
    for row in group.rows("appointments"):
        role, no = str(row["role"]), str(row["person_key"])
        if role in ROLES and (no, ROLES[role]) not in taken and (role, no) not in group.bare:
            took(group, group.engagement(no), "役割別", ago(100), course=ROLES[role])
            taken.add((no, ROLES[role]))


def _follow(group: Group, plan: Plan) -> None:
    """What is a fault elsewhere and is one here as well; a company whose cards nobody tells of has no exits judged."""
    plan.fault("HUM-06", "MID", UNVERIFIED, "no cards told", "入退室権限が届かないため退職時の回収を判定できない")
    holders = {right.id: right.no for right in group.badges}
    for one in [p for p in plan.planted if not p.near_miss]:
        told = (one.company, one.subject, one.kind, one.note)
        match one.control, one.aspect or one.kind:
            case "TEC-1-03", "account" | "late" if one.company == "AOI":
                plan.fault("HUM-06", *told, aspect=one.aspect, day=one.day)
            case "PHY-1-02", "leaver's card":
                left = plan.engagement(group.engagement(holders[one.subject], one.company))
                plan.fault("HUM-06", one.company, left, one.kind, one.note, aspect="badge")
            case "HUM-01", "79 points":
                plan.fault("HUM-04", *told, aspect="remedial")
