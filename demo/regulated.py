"""Which clause of the regulations covers which stage, and who has read the core one."""

from collections import defaultdict
from datetime import date, timedelta

from demo.days import AS_OF, OPEN_END
from demo.group import COMPANIES, Group
from demo.published import CURRENT, state
from demo.values import Worker

CORE = "HANDLING"
_STAGES = ("acquire", "use", "store", "provide", "erase")
_MATTERS = ("method", "responsible", "handler", "duty")
_IN_FORCE = date(2024, 7, 1)


def build(group: Group) -> None:
    """Map the 20 cells of both companies to clauses of the core regulation."""
    for company in COMPANIES:
        for number, stage in enumerate(_STAGES, start=1):
            for matter in _MATTERS:
                state(group, company, "条文", f"第{number}条", None, document_code=CORE, stage=stage, aspect=matter)


def tell(group: Group) -> None:
    """Let everybody of whom nothing else was planned acknowledge the core regulation a few days after joining."""
    engaged: dict[tuple[str, str], list[Worker]] = defaultdict(list)
    for worker in group.workers:
        engaged[worker.company, worker.no].append(worker)
    for (_, no), engagements in sorted(engaged.items()):
        first = min(engagements, key=lambda w: w.hired_on)
        last = max(w.left_on or OPEN_END for w in engagements)
        day = min(max(first.hired_on, _IN_FORCE) + timedelta(days=5), last)
        if no not in group.unread and day <= AS_OF:
            acknowledge(group, first, day)


def acknowledge(
    group: Group, worker: Worker, day: date, *, version: str = CURRENT, behind: int = 0, kind: str = "acknowledged"
) -> None:
    """Let a worker sign for a version of the core regulation."""
    group.add(
        "acknowledgements",
        company=worker.company,
        department=worker.department,
        acknowledgement_id=group.number("acknowledgement", "ACK-{:05d}"),
        person_key=worker.no,
        document_code=CORE,
        document_version=version,
        versions_behind=behind,
        kind=kind,
        signed_on=day,
    )
