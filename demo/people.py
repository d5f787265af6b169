"""Who works in the group: departments, workers, posts, training, before anything is planted."""

from datetime import date, timedelta

from demo.days import AS_OF, OPEN_END, SINCE, ago
from demo.group import Group
from demo.values import Department, Leave, Posting, Training, Worker

_DEPARTMENTS = (
    ("AOI", "AOI-ADM", "管理部", True, 34, "clerk", "office"),
    ("AOI", "AOI-SAL", "営業部", False, 80, "sales", "office"),
    ("AOI", "AOI-CSC", "カスタマーセンター", False, 50, "operator", "rota"),
    ("AOI", "AOI-SYS", "情報システム部", False, 44, "engineer", "office"),
    ("AOI", "AOI-MKT", "マーケティング部", False, 42, "marketer", "office"),
    ("MID", "MID-ADM", "総務部", True, 30, "clerk", "office"),
    ("MID", "MID-OPS", "運用部", False, 80, "dispatcher", "office"),
    ("MID", "MID-SUP", "サポート部", False, 60, "operator", "rota"),
)
_FAMILY = ("見本", "架空", "仮名", "例示", "模擬", "凡例", "試作", "想定", "仮想", "雛形", "標本", "例文")
_GIVEN = ("一葉", "二葉", "三葉", "四葉", "五月", "六花", "七緒", "八雲", "九重", "十和", "百音", "千景")
POSTS = ("representative", "cpo", "audit_officer")


def build(group: Group) -> None:
    """Fill departments, workers, postings and a full record of training."""
    number = 100
    for company, code, name, paper, size, role, pattern in _DEPARTMENTS:
        group.departments.append(Department(company, code, name, paper))
        for index in range(round(size * group.people)):
            number += 1
            group.workers.append(_worker(group, f"G{number:06d}", company, code, role, pattern, index))
    for department in group.departments:
        _appoint_posts(group, department)
    for worker in group.workers:
        group.postings.append(_posting(group, worker))
        _train(group, worker)
    _everyday_leaves(group)


def _worker(group: Group, no: str, company: str, department: str, role: str, pattern: str, index: int) -> Worker:
    rng = group.rng
    hired = date(2015, 4, 1) + timedelta(days=rng.randrange(3700))
    kind, employer = "正社員", None
    if index >= 6:
        kind = rng.choices(("正社員", "契約社員", "パート", "派遣", "業務委託常駐"), (80, 7, 6, 5, 2))[0]
        employer = {"派遣": "AGENCY-01", "業務委託常駐": "AGENCY-02"}.get(kind)
    own = pattern if index >= 6 else "office"
    if own == "rota" and index % 3:
        own = "office"
    if department == "MID-OPS" and 40 <= index < 52:
        own = "night"
    handles = index < 6 or rng.random() < 0.9
    name = f"{rng.choice(_FAMILY)} {rng.choice(_GIVEN)}"
    return Worker(
        no, name, company, department, kind, min(hired, date(2025, 8, 1)), role, own, employer, handles=handles
    )


def _appoint_posts(group: Group, department: Department) -> None:
    """The first workers of a department hold its posts; those of administration hold the company's as well."""
    first = [w for w in group.workers if w.department == department.code][:6]
    names: list[tuple[str, str]] = [(department.code, "dept_privacy_manager"), (department.code, "deputy")]
    if department.code.endswith("ADM"):
        names += [(department.company, post) for post in POSTS]
    for worker, (scope, post) in zip(first, names, strict=False):
        group.posts[scope, post] = worker.no
        group.reserved.add(worker.no)
        officer = scope == department.company
        kind = "役員" if post in ("representative", "cpo") and officer else worker.kind
        early = min(worker.hired_on, date(2019, 4, 1))
        group.change(worker, kind=kind, hired_on=early, role="officer" if officer else "manager", handles=not officer)
    manager = group.posts[department.code, "dept_privacy_manager"]
    top = group.posts.get((department.company, "representative"))
    for worker in [w for w in group.workers if w.department == department.code and w.no != manager]:
        group.change(worker, manager=None if worker.no == top else manager)


def _posting(group: Group, worker: Worker) -> Posting:
    number = group.number("posting", "H{:06d}")
    return Posting(
        number,
        worker.no,
        worker.company,
        worker.department,
        worker.role,
        "主務",
        worker.hired_on,
        worker.hired_on,
        OPEN_END,
        worker.manager,
    )


def _train(group: Group, worker: Worker) -> None:
    """Annual training taken before the first judged day and still good on the last; the year before's as well."""
    first, last = max(worker.hired_on + timedelta(days=10), ago(330)), SINCE - timedelta(days=10)
    on = first + timedelta(days=group.rng.randrange((last - first).days))
    group.training.append(trained(worker, on, group.rng.randrange(80, 101)))
    if worker.hired_on < date(2024, 6, 1):
        earlier = date(2024, 6, 3) + timedelta(days=group.rng.randrange(240))
        group.training.append(trained(worker, earlier, group.rng.randrange(80, 101), version="2024"))
    if worker.hired_on > ago(700):
        group.training.append(trained(worker, worker.hired_on + timedelta(days=3), 90, kind="入社時"))


def trained(worker: Worker, on: date, score: int | None, *, version: str = "2025", kind: str = "年次") -> Training:
    """One course of a worker; without a score it was a classroom with a signed list."""
    course = {"年次": "PI-ANNUAL", "入社時": "PI-ONBOARD"}[kind]
    passed = score is None or score >= 80
    return Training(
        worker.no, worker.company, worker.department, course, version, kind, on, score, passed, score is None
    )


def _everyday_leaves(group: Group) -> None:
    for company in ("AOI", "MID"):
        for _ in range(6):
            free = [
                w for w in group.workers if w.company == company and w.no not in group.reserved and w.kind != "役員"
            ]
            worker = group.rng.choice(free)
            first = SINCE + timedelta(days=group.rng.randrange(50))
            last = min(first + timedelta(days=group.rng.randrange(1, 6)), AS_OF)
            group.reserved.add(worker.no)
            group.leaves.append(Leave(worker.no, company, worker.department, "休暇", first, last))


def train_again(group: Group, worker: Worker, *replacements: Training) -> None:
    """Replace a person's whole record of training."""
    group.training = [t for t in group.training if t.no != worker.no]
    group.training.extend(replacements)
