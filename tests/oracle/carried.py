"""PHY-3 and PHY-4 but encryption and disposal records: carried out, copied out, seen again, erased (domain.md §1.11, §1.12)."""

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    business_day_after,
    covers,
    day_of,
    days,
    in_period,
    owners,
)


def phy_3_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀MOVE of the period: approved before by another, counted, back by due_back + 1 bd; ∀PC outside: a MOVE or a permit.

    Outside is what no site is known of. A take-out is a member while open on any day of the period (§8.4).
    """
    marks: Marks = {}
    for move in facts["take_outs"]:
        out, back = day_of(move["out_at"], period), move["returned_on"]
        if out > period.as_of or (back is not None and back < period.since):
            continue
        due = business_day_after(facts, move["company"], move["due_back_on"], parameters["return_bd"])
        marks[move["company"], move["take_out_id"], "take_out", out] = (
            _permitted(move) and move["record_count"] is not None and min(back or period.as_of, period.as_of) <= due
        )
    for event in (e for e in facts["access_events"] if e["device_id"] is not None and e["site"] is None):
        if in_period(event["occurred_on"], period):
            key = (event["company"], event["device_id"], "outside", event["occurred_on"])
            fit = any(_out(move, event["device_id"], event, period) for move in facts["take_outs"])
            fit = fit or _approved(facts, "remote_work", event, (event["device_id"], event["system_id"]), period)
            marks[key] = marks.get(key, True) and fit
    return marks


def _permitted(move: Row) -> bool:
    return (
        move["approved_by"] not in (None, move["carrier_key"])
        and move["approved_at"] is not None
        and move["approved_at"] <= move["out_at"]
    )


def _out(move: Row, device_id: str, event: Row, period: Period) -> bool:
    """Whether a device was out at an event; of a log without times, the day after it was carried out is the first."""
    when, day = event["occurred_at"], event["occurred_on"]
    begun = day_of(move["out_at"], period) < day if when is None else move["out_at"] <= when
    return move["device_id"] == device_id and begun and (move["returned_on"] is None or move["returned_on"] >= day)


def _approved(facts: Facts, kind: str, event: Row, scopes: tuple[str | None, ...], period: Period) -> bool:
    """§8.7: an approval of that kind for the holder of the account; no owner means no approval (§8.2).

    Of an event that tells no time it must hold for the whole day.
    """
    return any(
        a["kind"] == kind and all(covers(a, when, person, scopes) for when in _moments(event, period))
        for person in owners(facts, event["account_key"], event["occurred_on"])
        for a in facts["approvals"]
    )


def _moments(event: Row, period: Period) -> tuple[datetime, ...]:
    """When something happened: at an instant, or between the two midnights of its day."""
    day = datetime.combine(event["occurred_on"], time(), ZoneInfo(period.zone))
    return (day, day + days(1)) if event["occurred_at"] is None else (event["occurred_at"],)


def _carries(move: Row, write: Row, period: Period) -> bool:
    """Whether a take-out of the medium was approved by then; it is written to before it leaves the house."""
    return (
        move["device_id"] == write["media_id"]
        and move["approved_by"] not in (None, move["carrier_key"])
        and move["approved_at"] is not None
        and move["approved_at"] <= _moments(write, period)[0]
        and (move["returned_on"] is None or move["returned_on"] >= write["occurred_on"])
    )


def phy_3_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ write to a medium: the medium approved, encrypted, and its take-out approved before and not over, or the write is.

    No column tells which terminals are for personal data: all are. What is not in the inventory is not approved.
    """
    media = {d["device_id"]: d for d in facts["devices"]}
    marks: Marks = {}
    for write in (w for w in facts["media_writes"] if in_period(w["occurred_on"], period)):
        medium = media.get(write["media_id"])
        marks[write["company"], write["write_id"], None, write["occurred_on"]] = (
            medium is not None
            and medium["approved_model"]
            and medium["encryption"] == "on"
            and (
                any(_carries(m, write, period) for m in facts["take_outs"])
                or _approved(facts, "media_write", write, (write["media_id"], write["device_id"]), period)
            )
        )
    return marks


def phy_4_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ LOG or SEC event with a device of the period: it was neither disposed of nor lost (§8.11) by then.

    A member is the device × day of a log (as PHY-2-02), in the company of the event (§8.3), by whatever name it was seen.
    """
    marks: Marks = {}
    for seen in (*facts["access_events"], *facts["security_events"]):
        if seen["device_id"] is not None and in_period(seen["occurred_on"], period):
            key = (seen["company"], seen["device_id"], None, seen["occurred_on"])
            marks[key] = marks.get(key, True) and not _is_gone(facts, seen, period)
    return marks


def _is_gone(facts: Facts, seen: Row, period: Period) -> bool:
    devices = {d["device_id"]: d for d in facts["devices"]}
    for key, done in _disposed(facts):
        names = {key, *(devices[key]["aliases"] if key in devices else ())}
        if seen["device_id"] in names and seen["occurred_on"] > done:
            return True
    when, day = seen["occurred_at"], seen["occurred_on"]
    for device in (d for d in facts["devices"] if d["status"] in ("lost", "disposed")):
        changed = device["status_changed_at"]
        if seen["device_id"] in (device["device_id"], *device["aliases"]) and (
            changed is None or (day >= day_of(changed, period) if when is None else when >= changed)
        ):
            return True
    return False


def _disposed(facts: Facts) -> Iterator[tuple[str, date]]:
    """What a record says was disposed of, by its id or by the serial number of a registered device."""
    for record in facts["disposals"]:
        serials = (d["device_id"] for d in facts["devices"] if d["serial"] == record["serial"] is not None)
        key = record["device_id"] or next(serials, None)
        if key is not None:
            yield key, record["done_on"]


def phy_4_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ erasure of expired, requested, ended: done by its day, with method, counts, backups; confirmed ≤ 30 days later.

    Who is responsible for an entry the book says. A request to erase that was granted is a task, told or not, from its
    30th day on (domain.md §5.8). What is done or confirmed late is an event (§8.8).
    """
    marks: Marks = {}
    limit = days(parameters["erase_days"])
    tasks = [e for e in facts["erasures"] if e["reason"] in ("retention", "request", "contract_end")]
    for task in tasks:
        company, key, due, done = task["company"], task["erasure_id"], task["due_on"], task["done_on"]
        confirmed = task["confirmed_on"]
        if done is None or done > period.as_of:
            marks[company, key, "task", None] = period.as_of <= due
            continue
        answered = confirmed is not None and confirmed <= period.as_of and _is_responsible(facts, task)
        marks[company, key, "task", None] = _is_recorded(task) and (answered or period.as_of <= done + limit)
        for act, last in ((done, due), (confirmed, done + limit)):
            if act is not None and act > last and in_period(act, period):
                marks[company, key, "late", act] = False
    told = {(task["reason"], task["ref_id"]) for task in tasks}
    for request in facts["requests"]:
        key, day = request["request_id"], request["decided_on"]
        granted = request["action"] == "erase" and request["decision"] in ("granted", "partly")
        if granted and (day is None or day <= period.as_of) and ("request", key) not in told:
            marks[request["company"], key, "task", None] = day is not None and period.as_of <= day + limit
    return marks


def _is_recorded(task: Row) -> bool:
    names = ("method", "count_before", "count_after", "backup_expires_on")
    return all(task[name] is not None for name in names) and task["count_after"] < task["count_before"]


def _is_responsible(facts: Facts, task: Row) -> bool:
    """Whether it was confirmed by the owner of the entry, by its newest version that was decided on, or by anybody."""
    if task["reason"] != "retention":
        return task["confirmed_by"] is not None
    versions = [
        e for e in facts["book_entries"] if e["entry_id"] == task["ref_id"] and e["status"] in ("approved", "abolished")
    ]
    newest = max(versions, key=lambda e: e["entry_version"], default=None)
    return newest is not None and task["confirmed_by"] == newest["owner_key"]
