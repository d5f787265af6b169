"""TPP: what is provided, recorded, received and shared (domain.md §1.19, seed section 2)."""

from datetime import date, datetime

from evidence.period import Period, midnight
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    business_day_after,
    days,
    entries_in_force,
    in_period,
    is_active,
    owners,
    within,
)
from tests.oracle.upkeep import months_after

STOPS = ("stop_use", "erase", "stop_provision")  # §8.14: each of them bars provision
SHARED = ("entrustment", "succession", "shared_use")  # 27⑤


def tpp_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ provision of the period: recorded by 5 business days later, with a basis, by a lawful channel, after no stop.

    Only the record may still come (§8.5); a basis that nothing shows is none. A record tells of a provision which it
    names, to the same recipient; that it is kept, TPP-02 asks. A stop "counts from done_on" (§8.14), that day too.
    """
    marks: Marks = {}
    for event in (e for e in facts["provision_events"] if in_period(e["occurred_on"], period)):
        company, day = event["company"], event["occurred_on"]
        due = business_day_after(facts, company, day, parameters["record_business_days"])
        records = [
            r
            for r in facts["provision_records"]
            if (r["company"], r["recipient_id"]) == (company, event["recipient_id"])
            and event["provision_id"] in r["provision_ids"]
            and r["recorded_on"] <= due
        ]
        marks[company, event["provision_id"], None, day] = (
            (bool(records) or period.as_of <= due)
            and (any(_excepted(r) for r in records) or _consented(facts, event, period))
            and event["channel"] in parameters["channels"]
            and not any(
                (q["company"], q["subject_key"]) == (company, event["subject_key"])
                and q["action"] in STOPS
                and q["done_on"] is not None
                and q["done_on"] <= day
                for q in facts["requests"]
            )
        )
    return marks


def _excepted(record: Row) -> bool:
    """Whether a record shows that no consent was needed; an opt-out does not (§8.14)."""
    return record["route"] in SHARED or (record["route"] == "exception_27_1" and record["exception_reason"] is not None)


def _consented(facts: Facts, event: Row, period: Period) -> bool:
    """Whether each item has a consent of the only person; where no item is told, none is shown to have one."""
    held = [consent for consent in facts["consents"] if _holds(facts, consent, event, period)]
    return (
        event["data_subjects"] <= 1
        and bool(event["items"])
        and all(any(item in one["items"] for one in held) for item in event["items"])
    )


def _holds(facts: Facts, consent: Row, event: Row, period: Period) -> bool:
    """Whether a consent of that person held at the event, or through its day, for that class."""
    classes = {
        r["recipient_class"]
        for r in facts["recipients"]
        if r["recipient_id"] == event["recipient_id"] and r["company"] in (None, event["company"])
    }
    first, last = _span(event, period)
    return (
        (consent["company"], consent["subject_key"]) == (event["company"], event["subject_key"])
        and consent["recipient_class"] in classes
        and consent["given_at"] <= first
        and (consent["withdrawn_at"] is None or consent["withdrawn_at"] > last)
    )


def _span(event: Row, period: Period) -> tuple[datetime, datetime]:
    """When something happened: at an instant, or between the two midnights of its day."""
    day, when = event["occurred_on"], event["occurred_at"]
    return (when, when) if when is not None else (midnight(day, period.zone), midnight(day + days(1), period.zone))


def tpp_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ record: by consent or opt-out it states recipient, person and items, and the consent or the day; all are kept.

    "consent route: ..., opt-out: ...": of the others, of which art. 29 asks no record, the text asks no content. A batch
    is kept from its last provision, so is a contract, any other from the day it was written (規21).
    """
    marks: Marks = {}
    for record in facts["provision_records"]:
        contract = record["manner"] == "contract"
        start = record["recorded_on" if record["manner"] == "each" else "last_provision_on"]
        kept_until = months_after(start, parameters["contract_keep_months" if contract else "keep_months"])
        stated = record["recipient_complete"] and record["subject_stated"] and bool(record["items"])
        route = {"consent": record["consent_stated"], "opt_out": record["provided_on"] is not None}
        marks[record["company"], record["record_id"], None, None] = (
            record["route"] not in route or (stated and route[record["route"]])
        ) and (record["deleted_on"] is None or record["deleted_on"] >= kept_until)
    return marks


def tpp_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ receipt: provider, way of acquisition and items are on record; what was merged names the proof of a consent.

    A proof of the provider's is not in our register of consents; one of ours proves what it held at the receipt
    (受領時の確認), through the whole of its day.
    """
    marks: Marks = {}
    for receipt in facts["receipts"]:
        company, proof = receipt["company"], receipt["consent_check_ref"]
        first, last = (midnight(receipt["received_on"] + days(n), period.zone) for n in (0, 1))
        marks[company, receipt["receipt_id"], None, None] = (
            receipt["provider_complete"]
            and receipt["acquired_how"] is not None
            and bool(receipt["items"])
            and (not receipt["person_related"] or proof is not None)
            and not any(
                receipt["person_related"]
                and (c["company"], c["consent_id"]) == (company, proof)
                and (c["given_at"] > first or (c["withdrawn_at"] is not None and c["withdrawn_at"] < last))
                for c in facts["consents"]
            )
        )
    return marks


def tpp_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ account on a shared system, company that shares, entry shared: within the scope of that day, published, on a basis.

    "companies that have made the notice" share (domain.md §2.3): each says all of it in its own, as far as somebody
    confirmed it (datasets.md §7). An entry of before the history shows none, and who may read it works for no other
    company. Of nobody known nothing is shown (§8.2).
    """
    marks: Marks = {}
    as_of = period.as_of
    for system in (s for s in facts["systems"] if s["shared_use_scope"] is not None):
        sharing = {row["company"] for row in _in_force(facts, system["shared_use_scope"], as_of)}
        for company, account in _accounts(facts, system["system_id"]):
            holders = _companies(facts, account, as_of)
            marks[company, account, system["system_id"], None] = bool(holders) and holders <= sharing
    for row in facts["shared_use_scopes"]:
        if within(as_of, row["valid_from_on"], row["valid_to_on"]):
            company, scope, version = row["company"], row["scope_id"], row["scope_version"]
            marks[company, scope, f"published {version}", None] = row["manager_complete"] and _stated(
                facts, company, parameters
            ).issuperset(parameters["published_elements"])
            marks[company, scope, f"changed {version}", None] = row["change_basis"] is not None or not _is_change(
                facts, row
            )
    until = date.fromisoformat(parameters["history_until"])
    for entry in entries_in_force(facts):
        company, scopes = entry["company"], _scopes(facts, entry)
        for scope in scopes:
            rows = _in_force(facts, scope, as_of)
            marks[company, entry["entry_id"], scope, None] = company in {row["company"] for row in rows} and all(
                set(entry["items"]) <= set(row["items"]) for row in rows
            )
        if scopes and (entry["collected_from_on"] is None or entry["collected_from_on"] <= until):
            readers = [e["account_key"] for e in _rights(facts) if e["db_id"] in entry["db_ids"]]
            marks[company, entry["entry_id"], "history", None] = not set(entry["items"]).intersection(
                parameters["history_items"]
            ) and all(_companies(facts, account, as_of) == {company} for account in readers)
    return marks


def _rights(facts: Facts) -> list[Row]:
    """Rights are asked, not their accounts, which may be enabled again tomorrow: "権限あり"."""
    return [e for e in facts["entitlements"] if e["enabled"]]


def _accounts(facts: Facts, system: str) -> set[tuple[str, str]]:
    """Who has an account or a right on a system."""
    on = [row for row in (*facts["accounts"], *_rights(facts)) if row["enabled"] and row["system_id"] == system]
    return {(row["company"], row["account_key"]) for row in on}


def _scopes(facts: Facts, entry: Row) -> set[str]:
    """By what an entry is shared: as it says, or by a shared system that it names or that one of its stores is read by."""
    systems = {e["system_id"] for e in _rights(facts) if e["db_id"] in entry["db_ids"]} | set(entry["system_ids"])
    of_systems = {s["shared_use_scope"] for s in facts["systems"] if s["system_id"] in systems}
    return set(entry["scope_ids"]) | (of_systems - {None})


def _in_force(facts: Facts, scope: str, day: date) -> list[Row]:
    """Who shares what on a day (§8.1: the relation is given whole)."""
    return [
        s
        for s in facts["shared_use_scopes"]
        if s["scope_id"] == scope and within(day, s["valid_from_on"], s["valid_to_on"])
    ]


def _is_change(facts: Facts, row: Row) -> bool:
    """Whether a company came to a scope that was there before, came back to it, or shares other items than it did."""
    before = [
        s
        for s in facts["shared_use_scopes"]
        if s["scope_id"] == row["scope_id"] and s["valid_from_on"] < row["valid_from_on"]
    ]
    return bool(before) and not any(
        s["company"] == row["company"]
        and s["valid_to_on"] >= row["valid_from_on"] - days(1)
        and set(s["items"]) == set(row["items"])
        for s in before
    )


def _companies(facts: Facts, account: str, day: date) -> set[str]:
    """Every company that a holder of an account works for, or who is registered for a shared or service one: each must be right."""
    holders = owners(facts, account, day) + [
        a["registered_owner_key"]
        for a in facts["accounts"]
        if a["account_key"] == account and a["kind"] in ("service", "shared")
    ]
    return {w["company"] for w in facts["workers"] if w["person_key"] in holders and is_active(w, day)}


def _stated(facts: Facts, company: str, parameters: Parameters) -> set[str]:
    return {
        e["element"]
        for e in facts["document_elements"]
        if e["company"] == company
        and e["document_code"] in parameters["published_codes"]
        and e["confirmed_by"] is not None
    }
