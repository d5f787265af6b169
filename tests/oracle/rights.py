"""TEC-1: who was granted what, whether it is still theirs, and what they did with it (domain.md §1.13)."""

from datetime import date

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
    entries_in_force,
    in_period,
    owners,
    within,
)


def _personal(facts: Facts, system: str) -> bool:
    """A system that no register knows may hold personal data."""
    return not any(s["system_id"] == system and not s["holds_personal_data"] for s in facts["systems"])


def _things(right: Row) -> tuple[str | None, ...]:
    """What an approval may name to cover a right (§8.7: any one scope_id): the right itself, its store, its system."""
    return (right["entitlement_key"], right["db_id"], right["system_id"])


def tec_1_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ enabled entitlement on a pi system: its approval is valid, by the system's or data owner ≠ grantee, before it.

    The grantee is whose the account is (§8.2: no owner, no approval), of a service or shared one who is registered.
    """
    marks: Marks = {}
    for right in (r for r in facts["entitlements"] if r["enabled"] and _personal(facts, r["system_id"])):
        registered = [a["registered_owner_key"] for a in facts["accounts"] if a["account_key"] == right["account_key"]]
        holders = owners(facts, right["account_key"], period.as_of) or [key for key in registered if key is not None]
        marks[right["company"], right["entitlement_key"], None, None] = any(
            (a["approval_id"], a["kind"]) == (right["approval_id"], "entitlement")
            and covers(a, period.until_at, holder, _things(right))
            and a["approved_by"] in _answerable(facts, right["system_id"], day_of(a["approved_at"], period))
            and right["granted_on"] is not None
            and day_of(a["approved_at"], period) <= right["granted_on"]
            and day_of(a["valid_from_at"], period) <= right["granted_on"]
            for a in facts["approvals"]
            for holder in holders
        )
    return marks


def _answerable(facts: Facts, system: str, day: date) -> set[str]:
    """The system's owner and, on that day, its data owner.

    An appointment has a scope "when the role is for one" (§5); without, it is for its department or the whole company.
    """
    known = [s for s in facts["systems"] if s["system_id"] == system]
    return {s["owner_key"] for s in known} | {
        a["person_key"]
        for a in facts["appointments"]
        for s in known
        if a["role"] == "data_owner" and within(day, a["appointed_on"], a["ends_on"])
        if a["company"] == s["company"] and a["scope_id"] in (None, system)
        if a["scope_id"] == system or a["department"] in (None, s["department"])
    }


def tec_1_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ pi system: reviewed ≤ 90 d by its owner, all lines decided; what was revoked is gone within 5 business days."""
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        company, name = system["company"], system["system_id"]
        reviews = [v for v in facts["reviews"] if (v["kind"], v["scope_id"]) == ("entitlement", name)]
        fit = any(
            within(v["reviewed_on"], period.as_of - days(parameters["review_days"]), period.as_of)
            and v["reviewed_by"] == system["owner_key"]
            and _all_decided(facts, v)
            for v in reviews
        )
        for line in (one for v in reviews for one in facts["review_lines"] if one["review_id"] == v["review_id"]):
            if line["decision"] != "revoke":
                continue
            due = business_day_after(facts, company, line["decided_on"], parameters["revoke_bd"])
            if any(r["entitlement_key"] == line["item_key"] and r["enabled"] for r in facts["entitlements"]):
                fit = fit and period.as_of <= due
                continue
            gone = [r["valid_to_on"] + days(1) for r in _was_enabled(facts) if r["entitlement_key"] == line["item_key"]]
            if gone and due < max(gone) and in_period(max(gone), period):
                marks[company, name, "late", max(gone)] = False
        marks[company, name, "review", None] = fit
    return marks


def _was_enabled(facts: Facts) -> list[Row]:
    return [r for r in facts["entitlements_history"] if r["enabled"]]


def _all_decided(facts: Facts, review: Row) -> bool:
    """100 % of the lines, and each right that was enabled on the day of the review has one."""
    lines = {one["item_key"] for one in facts["review_lines"] if one["review_id"] == review["review_id"]}
    there = {
        r["entitlement_key"]
        for r in _was_enabled(facts)
        if r["system_id"] == review["scope_id"] and within(review["reviewed_on"], r["valid_from_on"], r["valid_to_on"])
    }
    return there <= lines and review["items_total"] <= review["items_decided"]


def tec_1_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """moved_on + 10 business days passed ⇒ no entitlement owned by the old department, unless approved again since.

    Rights look at all posts (§3.1): who still has any post in a department has not left it. Who has no post left in the
    company has left that, which is TEC-1-03.
    """
    marks: Marks = {}
    for company, person in {(p["company"], p["person_key"]) for p in facts["postings"]}:
        posts = [p for p in facts["postings"] if (p["company"], p["person_key"]) == (company, person)]
        now = {p["department"] for p in posts if within(period.as_of, p["valid_from_on"], p["valid_to_on"])}
        before = {p["department"] for p in posts if p["valid_to_on"] < period.as_of} - now
        for old in before if now else ():
            moved_on = max(p["valid_to_on"] for p in posts if p["department"] == old) + days(1)
            kept = any(
                (right["company"], right["owner_department"], right["enabled"]) == (company, old, True)
                and person in owners(facts, right["account_key"], period.as_of)
                and not _approved_again(facts, right, person, moved_on, period)
                for right in facts["entitlements"]
            )
            due = business_day_after(facts, company, moved_on, parameters["mover_bd"])
            fit = period.as_of <= due or not kept
            marks[company, person, None, None] = marks.get((company, person, None, None), True) and fit
    return marks


def _approved_again(facts: Facts, right: Row, person: str, moved_on: date, period: Period) -> bool:
    return any(
        a["kind"] == "entitlement"
        and covers(a, period.until_at, person, _things(right))
        and day_of(a["approved_at"], period) >= moved_on
        for a in facts["approvals"]
    )


def tec_1_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Privileged accounts have an owner, a fresh approval, a limit and no long sleep; each use has a ticket and a review.

    Breakglass use is reported to the privacy officer by the next business day, in the incident that grew from it.
    """
    marks: Marks = {}
    kinds = {a["account_key"]: a["kind"] for a in facts["accounts"]}
    privileged = [a for a in facts["accounts"] if a["kind"] == "privileged" and a["enabled"]]
    for account in privileged:
        fit = _approved_lately(facts, account, period, parameters) and _awake(facts, account, period, parameters)
        marks[account["company"], account["account_key"], "account", None] = fit
        together = sum(a["system_id"] == account["system_id"] for a in privileged)
        marks[account["company"], account["system_id"], "count", None] = together <= parameters["max_privileged"]
    for event in facts["access_events"]:
        kind, day = kinds.get(event["account_key"]), event["occurred_on"]
        if kind not in ("privileged", "breakglass") or event["action"] == "login_ng" or not in_period(day, period):
            continue
        if kind == "privileged":
            fit = _has_ticket(facts, event) and _use_reviewed(facts, event, period, parameters)
        else:
            fit = _reported(facts, event, period, parameters)
        key = (event["company"], event["account_key"], "use", day)
        marks[key] = marks.get(key, True) and fit
    return marks


def _approved_lately(facts: Facts, account: Row, period: Period, parameters: Parameters) -> bool:
    """A named owner, for whom the approval that the account quotes is valid and at most 365 days old."""
    return any(
        (a["approval_id"], a["kind"]) == (account["approval_id"], "privileged")
        and covers(a, period.until_at, owner, (account["system_id"],))
        and day_of(a["approved_at"], period) >= period.as_of - days(parameters["approval_days"])
        for a in facts["approvals"]
        for owner in owners(facts, account["account_key"], period.as_of)
    )


def _awake(facts: Facts, account: Row, period: Period, parameters: Parameters) -> bool:
    """Used, as the account or the log says, or created in the last 90 days; a failed login is no use."""
    logged = [
        e["occurred_on"]
        for e in facts["access_events"]
        if e["account_key"] == account["account_key"] and e["action"] != "login_ng"
    ]
    told = [day for day in (account["last_used_on"], account["created_on"], *logged) if day is not None]
    return any(day >= period.as_of - days(parameters["dormant_days"]) for day in told)


def _has_ticket(facts: Facts, event: Row) -> bool:
    """A ticket is an approval (§8.7) that the event quotes; no owner means no approval (§8.2)."""
    return any(
        (a["approval_id"], a["kind"]) == (event["ticket_id"], "ticket")
        and covers(a, event["occurred_at"], person, (event["system_id"], event["db_id"]))
        and (a["max_rows"] is None or (event["rows"] or 0) <= a["max_rows"])
        for a in facts["approvals"]
        for person in owners(facts, event["account_key"], event["occurred_on"])
    )


def _use_reviewed(facts: Facts, event: Row, period: Period, parameters: Parameters) -> bool:
    """Within a week after the use, "by non-admin": by nobody who holds a privileged account; or not due yet (§8.5).

    ORG-2-03 says admins(system) where it means those of one system; here any administrator is one.
    """
    day, due = event["occurred_on"], event["occurred_on"] + days(parameters["review_days"])
    strong = [a["account_key"] for a in facts["accounts"] if a["kind"] == "privileged"]
    return period.as_of <= due or any(
        (v["kind"], v["scope_id"]) == ("privileged_use", event["system_id"])
        and day < v["reviewed_on"] <= due
        and not any(v["reviewed_by"] in owners(facts, key, v["reviewed_on"]) for key in strong)
        for v in facts["reviews"]
    )


def _reported(facts: Facts, event: Row, period: Period, parameters: Parameters) -> bool:
    due = business_day_after(facts, event["company"], event["occurred_on"], parameters["breakglass_bd"])
    return period.as_of <= due or any(
        event["event_key"] in i["signal_ids"]
        and i["reported_to_owner_at"] is not None
        and day_of(i["reported_to_owner_at"], period) <= due
        for i in facts["incidents"]
    )


def tec_1_06(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ read/export: the person holds a right of a group of an approved entry of the store, at a permitted terminal.

    Stores that hold no personal data have no entry; one that no register knows may hold some. A right that was granted
    after the day was not held on it.
    """
    others = {s["db_id"] for s in facts["data_stores"] if not s["holds_personal_data"]}
    marks: Marks = {}
    for event in facts["access_events"]:
        day, store = event["occurred_on"], event["db_id"]
        if event["action"] not in ("read", "export") or store in others or not in_period(day, period):
            continue
        groups = {entry["access_group"] for entry in entries_in_force(facts) if store in entry["db_ids"]}
        for person in owners(facts, event["account_key"], day):
            inside = any(
                right["enabled"]
                and right["access_group"] in groups
                and (right["granted_on"] is None or right["granted_on"] <= day)
                and person in owners(facts, right["account_key"], day)
                for right in facts["entitlements"]
            )
            key = (event["company"], person, None, day)
            marks[key] = marks.get(key, True) and inside and _permitted(facts, event, period)
    return marks


def _permitted(facts: Facts, event: Row, period: Period) -> bool:
    """In the inventory and in use or carried (§8.10); before status_changed_at it was in use (§8.11)."""
    return any(
        event["device_id"] in (d["device_id"], *d["aliases"])
        and (d["status"] in ("in_use", "carried") or _was_in_use(d, event, period))
        for d in facts["devices"]
    )


def _was_in_use(device: Row, event: Row, period: Period) -> bool:
    """A log that tells only the day proves no moment before a change of that day."""
    changed, when = device["status_changed_at"], event["occurred_at"]
    if changed is None:
        return False
    return bool(event["occurred_on"] < day_of(changed, period) if when is None else when < changed)
