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

STOPS = ("stop_use", "erase", "stop_provision")  # §8.14: each of them bars provision
SHARED = ("entrustment", "succession", "shared_use")  # 27⑤


def tpp_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ provision of the period: recorded by 5 business days later, with a basis, by a lawful channel, after no stop.

    Only the record may still come (§8.5); a basis that nothing shows is none. A record tells of a provision which it
    names, to the same recipient, while it is kept. A stop counts from its day on.
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
            and (r["deleted_on"] is None or r["deleted_on"] > period.as_of)
        ]
        marks[company, event["provision_id"], None, day] = (
            (bool(records) or period.as_of <= due)
            and (any(_excepted(r) for r in records) or any(_holds(facts, c, event, period) for c in facts["consents"]))
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


def _holds(facts: Facts, consent: Row, event: Row, period: Period) -> bool:
    """Whether a consent of that person held at the event, or through its day, for that class and all the items."""
    classes = {
        r["recipient_class"]
        for r in facts["recipients"]
        if r["recipient_id"] == event["recipient_id"] and r["company"] in (None, event["company"])
    }
    first, last = _span(event, period)
    return (
        (consent["company"], consent["subject_key"]) == (event["company"], event["subject_key"])
        and consent["recipient_class"] in classes
        and set(event["items"]) <= set(consent["items"])
        and consent["given_at"] <= first
        and (consent["withdrawn_at"] is None or consent["withdrawn_at"] > last)
    )


def _span(event: Row, period: Period) -> tuple[datetime, datetime]:
    """When something happened: at an instant, or between the two midnights of its day."""
    day, when = event["occurred_on"], event["occurred_at"]
    return (when, when) if when is not None else (midnight(day, period.zone), midnight(day + days(1), period.zone))


def tpp_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ record: it states recipient, person and items; by consent the consent, by opt-out the day; and it is kept.

    A batch is kept from its last provision, so is a contract, any other from the day it was written (規21).
    """
    marks: Marks = {}
    for record in facts["provision_records"]:
        contract = record["manner"] == "contract"
        start = record["recorded_on" if record["manner"] == "each" else "last_provision_on"]
        kept_until = start + days(parameters["contract_keep_days" if contract else "keep_days"])
        marks[record["company"], record["record_id"], None, None] = (
            record["recipient_complete"]
            and record["subject_stated"]
            and bool(record["items"])
            and (record["consent_stated"] or record["route"] != "consent")
            and (record["provided_on"] is not None or record["route"] != "opt_out")
            and (record["deleted_on"] is None or record["deleted_on"] >= kept_until)
        )
    return marks


def tpp_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ receipt: provider, way of acquisition and items are on record; what was merged names the proof of a consent.

    A proof of the provider's is not in our register of consents; one of ours that was withdrawn proves nothing.
    """
    withdrawn = {
        (c["company"], c["consent_id"])
        for c in facts["consents"]
        if c["withdrawn_at"] is not None and c["withdrawn_at"] < period.until_at
    }
    return {
        (r["company"], r["receipt_id"], None, None): r["provider_complete"]
        and r["acquired_how"] is not None
        and bool(r["items"])
        and (
            not r["person_related"]
            or (r["consent_check_ref"] is not None and (r["company"], r["consent_check_ref"]) not in withdrawn)
        )
        for r in facts["receipts"]
    }


def tpp_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ shared system: who has an account is in its scope of that day, for all items read; published; changed on a basis.

    ∀ entry shared since before the history was: it shows none, and nobody of another company may read it. What is
    published is told by the notice of the system's company, as far as somebody confirmed it (datasets.md §7).
    """
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["shared_use_scope"] is not None):
        company, scope = system["company"], system["shared_use_scope"]
        rows = _in_force(facts, scope, period.as_of)
        marks[company, scope, "published", None] = (
            bool(rows)
            and all(row["manager_complete"] for row in rows)
            and _stated(facts, company, parameters).issuperset(parameters["shared_use_elements"])
        )
        marks[company, scope, "changed", None] = all(
            row["change_basis"] is not None for row in rows if _is_change(facts, row)
        )
        for account in (a for a in facts["accounts"] if a["enabled"] and a["system_id"] == system["system_id"]):
            items = _readable(facts, account)
            marks[account["company"], account["account_key"], "account", None] = all(
                any(row["company"] == one and items <= set(row["items"]) for row in rows)
                for one in _companies(facts, account, period.as_of)
            )
    until = date.fromisoformat(parameters["history_until"])
    for entry in entries_in_force(facts):
        if entry["scope_ids"] and entry["collected_to_on"] is not None and entry["collected_to_on"] <= until:
            marks[entry["company"], entry["entry_id"], "history", None] = parameters["history_item"] not in entry[
                "items"
            ] and all(
                _companies(facts, account, period.as_of) <= {entry["company"]}
                for account in facts["accounts"]
                if account["enabled"] and _stores(facts, account).intersection(entry["db_ids"])
            )
    return marks


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


def _companies(facts: Facts, account: Row, day: date) -> set[str]:
    """Every company an account is used in: its own, and those its holder works for; whose it is, TEC-2-01 asks."""
    holders = owners(facts, account["account_key"], day)
    return {account["company"]} | {
        w["company"] for w in facts["workers"] if w["person_key"] in holders and is_active(w, day)
    }


def _stores(facts: Facts, account: Row) -> set[str]:
    return {e["db_id"] for e in facts["entitlements"] if e["enabled"] and e["account_key"] == account["account_key"]}


def _readable(facts: Facts, account: Row) -> set[str]:
    """What the book says is kept in the stores that an account may read."""
    stores = _stores(facts, account)
    return {
        item for entry in entries_in_force(facts) if stores.intersection(entry["db_ids"]) for item in entry["items"]
    }


def _stated(facts: Facts, company: str, parameters: Parameters) -> set[str]:
    return {
        e["element"]
        for e in facts["document_elements"]
        if e["company"] == company
        and e["document_code"] in parameters["published_codes"]
        and e["confirmed_by"] is not None
    }
