"""How the companies are ready for a leak: a plan, a drill that taught something, an incident handled as it must be."""

from datetime import date, timedelta

from demo.care import finding, incident
from demo.days import AS_OF, ago, at
from demo.group import COMPANIES, Group
from demo.values import Cell

PLAN = "INCIDENT"
PLAN_ITEMS = ("調査・原因", "本人通知", "委員会報告", "再発防止", "公表")
NOTICE_ITEMS = ("1", "2", "4", "5", "9")  # of rule 8(1)


def build(group: Group) -> None:
    """Give both companies a plan that states everything, a drill of last year, and a leak that was reported in time."""
    for company in COMPANIES:
        for item in PLAN_ITEMS:
            state(group, company, item)
        lesson = finding(group, company, f"{company}-ADM", ago(200), origin="drill")
        drill = group.row("exercises", company=company, kind="breach_drill")
        drill |= {"performed_on": ago(200), "finding_ids": (str(lesson["finding_id"]),)}
        leak(group, company, f"{company}-ADM", ago(50), closed_on=ago(15))


def state(group: Group, company: str, item: str, **fields: Cell) -> None:
    """Write that the plan in force states an item, as a person has confirmed; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "element_key": group.number("element", "EL-{:04d}"),
        "document_code": PLAN,
        "document_version": "3.0",
        "element": item,
        "stage": None,
        "aspect": None,
        "value": "記載あり",
        "clause_ref": "第3章",
        "confirmed_by": group.posts[company, "cpo"],
    }
    group.add("document_elements", **(row | fields))


def leak(group: Group, company: str, department: str, known: date, **fields: Cell) -> str:
    """Write a reportable incident whose individuals were told, with what is due by now; fields override."""
    final = known + timedelta(days=20)
    told: dict[str, Cell] = {
        "special_care": "yes",
        "encrypted": "no",
        "reportable": True,
        "preliminary_on": min(known + timedelta(days=3), AS_OF),
        "final_on": final if final <= AS_OF else None,
        "individuals_notified_on": min(known + timedelta(days=2), AS_OF),
        "notice_items": NOTICE_ITEMS,
        "closed_on": None,
    }
    return incident(group, company, department, at(known, 10), **(told | fields))
