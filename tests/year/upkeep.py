"""What people renew in a year so that nothing lapses by itself: reviews, audits, evaluations, answers, outputs."""

from dataclasses import replace
from datetime import date, timedelta

from demo.days import DAY, at, is_open, open_days_after
from demo.log_reviews import PURPOSE
from demo.values import Cell
from tests.year.world import SYSTEMS, World

REVIEWED_AFTER = {"CONTACTS": 150}  # days after which a document is looked at again; the others:
YEARLY = 330
SOON = timedelta(days=7)
OUTPUT_DAY = 10  # from this day of a month on, the first business day
ANSWERED = {"POL-01": 365, "PHY-1-01": 92, "ORG-3-01": 365, "HUM-05": 365, "VEN-04": 365}  # days that an answer holds
Rows = dict[tuple[Cell, ...], dict[str, Cell]]


def upkeep(world: World, day: date) -> None:
    """Renew on a day what would lapse soon."""
    for row in world.group.registers["documents"]:
        days = REVIEWED_AFTER.get(str(row["document_code"]), YEARLY)
        if row["status"] == "effective" and _old(row["reviewed_on"], day, days):
            row["reviewed_on"] = day  # the document store exports it
    _again(world, "exercises", "exercise_id", ("company", "kind", "scope_id"), ("performed_on",), day)
    _again(world, "vendor_evaluations", "evaluation_id", ("vendor_id",), ("approved_on", "evaluated_on"), day)
    _again(world, "vendor_audits", "audit_id", ("vendor_id",), ("performed_on",), day)
    _answer(world, day)
    if is_open(day) and day == open_days_after(day.replace(day=OUTPUT_DAY) - DAY, 1):
        _put_out(world, day)


def _old(told: Cell, day: date, days: int) -> bool:
    return isinstance(told, date) and (day - told).days >= days


def _again(
    world: World, register: str, key: str, what: tuple[str, ...], dated: tuple[str, ...], day: date
) -> None:
    """Do again what was done a year ago; what plays a part in a story is left to it."""
    newest: Rows = {tuple(row[name] for name in what): row for row in world.group.registers[register]}
    for told, row in newest.items():
        if _old(row[dated[0]], day, YEARLY) and not world.neglected & set(told):
            number = world.group.number(f"again {register}", f"AGAIN-{register[:9].upper()}-{{:03d}}")
            world.write(register, **(row | {key: number} | dict.fromkeys(dated, day)))


def _answer(world: World, day: date) -> None:
    names = ("company", "control_id", "question", "subject")
    newest: Rows = {tuple(row[n] for n in names): row for row in world.group.registers["attestations"]}
    for row in newest.values():
        last, days = row["expires_on"], ANSWERED.get(str(row["control_id"]))
        if days and isinstance(last, date) and last - SOON <= day and row["subject"] not in world.neglected:
            number = world.group.number("answer again", "AGAIN-ATT-{:03d}")
            told = {"attestation_id": number, "answered_at": at(day, 11), "expires_on": day + days * DAY}
            world.write("attestations", **(row | told))


def _put_out(world: World, day: date) -> None:
    """Let the managers make the month's approved output of each system."""
    group = world.group
    for system in SYSTEMS:
        host = group.hosts[system]
        worker = group.engagement(group.posts[host.department, "dept_privacy_manager"], host.company)
        moment = at(day, 11)
        world.approve_output(worker.no, system, moment - timedelta(hours=20))
        world.use(worker.no, system, moment, action="export", rows=1500, purpose=PURPOSE)
