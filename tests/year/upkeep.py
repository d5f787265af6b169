"""What people renew in a year so that nothing lapses by itself: reviews, audits, evaluations, contracts, answers, outputs."""

from dataclasses import replace
from datetime import date, timedelta

from demo.days import DAY, at, is_open, open_days_after
from demo.values import Cell, Row
from tests.year.happenings import approve_output, contract, put_out
from tests.year.world import SYSTEMS, World

REVIEWED_AFTER = {"CONTACTS": 150}  # days after which a document is looked at again; the others:
YEARLY = 330
SOON, MONTH = timedelta(days=7), timedelta(days=30)
OUTPUT_DAY = 10  # from this day of a month on, the first business day
ANSWERED = {"POL-01": 365, "PHY-1-01": 92, "ORG-3-01": 365, "HUM-05": 365, "VEN-04": 365}  # days that an answer holds
Rows = dict[tuple[Cell, ...], dict[str, Cell]]


def upkeep(world: World, day: date) -> None:
    """Renew on a day what would lapse soon."""
    for row in world.group.registers["documents"]:
        days = REVIEWED_AFTER.get(str(row["document_code"]), YEARLY)
        kept = row["status"] == "effective" and f"{row['company']} {row['document_code']}" not in world.neglected
        if kept and _old(row["reviewed_on"], day, days):
            row["reviewed_on"] = day  # the document store exports it
    _again(world, "exercises", "exercise_id", ("company", "kind", "scope_id"), ("performed_on",), day)
    _again(world, "vendor_evaluations", "evaluation_id", ("vendor_id",), ("approved_on", "evaluated_on"), day)
    _again(world, "vendor_audits", "audit_id", ("vendor_id",), ("performed_on",), day)
    _answer(world, day)
    _sign(world, day)
    for key, account in world.group.accounts.items():
        if account.expires_on and account.expires_on - MONTH <= day and account.login not in world.neglected:
            world.group.accounts[key] = replace(account, expires_on=day + YEARLY * DAY)
    if is_open(day) and day == open_days_after(day.replace(day=OUTPUT_DAY) - DAY, 1):
        _put_out(world, day)


def _old(told: Cell, day: date, days: int) -> bool:
    return isinstance(told, date) and (day - told).days >= days


def _again(world: World, register: str, key: str, what: tuple[str, ...], dated: tuple[str, ...], day: date) -> None:
    """Do again what was done a year ago; what plays a part in a story is left to it."""
    newest: Rows = {tuple(row[name] for name in what): row for row in world.group.registers[register]}
    for told, row in newest.items():
        if _old(row[dated[0]], day, YEARLY) and not {f"{register} {one}" for one in told} & world.neglected:
            number = world.group.number(f"again {register}", f"AGAIN-{register[:9].upper()}-{{:03d}}")
            world.write(register, **(row | {key: number} | dict.fromkeys(dated, day)))


def _answer(world: World, day: date) -> None:
    names = ("company", "control_id", "question", "subject")
    newest: Rows = {tuple(row[n] for n in names): row for row in world.group.registers["attestations"]}
    for row in newest.values():
        last, days = row["expires_on"], ANSWERED.get(str(row["control_id"]))
        if days and isinstance(last, date) and last - SOON <= day and row["subject"] not in world.neglected:
            number = world.group.number("answer again", "AGAIN-ATT-{:03d}")
            told: Row = {"attestation_id": number, "answered_at": at(day, 11), "expires_on": day + days * DAY}
            world.write("attestations", **(row | dict(told)))


def _sign(world: World, day: date) -> None:
    """Go on with vendors whose contracts run out."""
    newest: Rows = {(row["vendor_id"],): row for row in world.group.registers["vendor_contracts"]}
    for (vendor,), row in newest.items():
        ends = row["ends_on"]
        if isinstance(ends, date) and ends - MONTH <= day and f"vendor_contracts {vendor}" not in world.neglected:
            contract(world, str(vendor), ends + DAY, ends + 2 * YEARLY * DAY)


def _put_out(world: World, day: date) -> None:
    """Let the deputies make the month's approved output of each system."""
    group = world.group
    for system in SYSTEMS:
        host = group.hosts[system]
        worker = group.engagement(group.posts[host.department, "deputy"], host.company)
        moment = at(day, 11)
        approve_output(world, worker.no, system, moment - timedelta(hours=20))
        put_out(world, worker.no, system, moment, f"M-{system}-{day:%Y%m}", 1500)
