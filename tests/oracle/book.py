"""ORG-3-02: the errors among the rules of the management book (domain.md §2.1 ● and §2.2); warnings are only shown."""

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, active, days, entries_in_force, within

REQUIRED = (  # the columns of §2.1 that are ● and may be empty here; what another rule asks for is left to it
    "subject_kinds",
    "items",
    "volume",
    "volume_on",
    "purposes",
    "notice_ref",
    "countries",
    "protection",
    "disposal",
    "department_approved_by",
    "approved_by",
    "confirmed_on",
    "next_due_on",
)


def org_3_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀active entry: no BK error."""
    return {
        (entry["company"], entry["entry_id"], None, None): not any(
            broken(facts, entry, period, parameters) for broken in RULES
        )
        for entry in entries_in_force(facts)
    }


def terms(facts: Facts, kind: str) -> set[str]:
    return {v["term"] for v in facts["vocabulary"] if v["kind"] == kind}


def bk_01(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Any ● empty; a place is a system or a zone, special care is told with its kinds, entrusted data with whose they are."""
    return (
        any(entry[name] in (None, []) for name in REQUIRED)
        or not (entry["system_ids"] or entry["zone_ids"])
        or (bool(entry["special_care"]) and not entry["special_care_kinds"])
        or (entry["legal_class"] == "entrusted" and not (entry["entruster"] and entry["entruster_contact"]))
    )


def bk_02(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A purpose that is not in the published list, or generic."""
    published = {
        p["purpose_code"]
        for p in facts["purposes"]
        if p["company"] == entry["company"]
        and within(period.as_of, p["published_from_on"], p["published_to_on"])
        and not p["generic"]
    }
    return not published.issuperset(entry["purposes"])


def bk_03(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Retention without a start event or a period; words that are no period; a statutory basis that cites no law."""
    return (
        entry["retention_start"] is None
        or entry["retention_start"] in terms(facts, "retention_refused")
        or (entry["retention_months"] is None and entry["retention_law"] is None)
        or (entry["statutory_until_on"] is not None and entry["retention_law"] is None)
    )


def bk_04(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Special-care items, but the flag says none."""
    return not entry["special_care"] and not terms(facts, "special_care").isdisjoint(entry["items"])


def bk_05(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Special care without consent or exception."""
    return bool(entry["special_care"]) and entry["special_care_basis"] is None


def bk_06(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """個人番号 in a mixed row."""
    numbers = terms(facts, "my_number")
    return not numbers.isdisjoint(entry["items"]) and not numbers.issuperset(entry["items"])


def bk_07(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Provided, but to nobody or without a basis; special care by opt-out."""
    given, basis = entry["provided"], entry["consent_ref"]
    return (given != "none" and (not entry["recipient_ids"] or basis is None)) or (
        given == "opt_out" and bool(entry["special_care"])
    )


def bk_08(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A foreign country of storage or of a recipient with no assessment or no route."""
    home = parameters["home_country"]
    recipients = [r for r in facts["recipients"] if r["recipient_id"] in entry["recipient_ids"]]
    routes = dict.fromkeys(entry["countries"], entry["foreign_route"])
    routes |= {r["country"]: entry["foreign_route"] or r["legal_route"] for r in recipients}
    assessed = {a["country"] for a in facts["country_assessments"] if a["company"] in (None, entry["company"])}
    return any(country != home and (country not in assessed or route is None) for country, route in routes.items())


def bk_09(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A vendor that is unknown, terminated or without a contract."""
    known = {v["vendor_id"] for v in facts["vendors"] if v["status"] != "ended"}
    bound = {k["vendor_id"] for k in facts["vendor_contracts"] if within(period.as_of, k["starts_on"], k["ends_on"])}
    return not (known & bound).issuperset(entry["vendor_ids"])


def bk_10(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A shared-use scope that does not hold for the time of collection, or not for all items."""
    return not all(
        any(
            (s["scope_id"], s["company"]) == (scope, entry["company"])
            and s["collected_from_on"] <= entry["collected_from_on"]
            and entry["collected_to_on"] <= s["collected_to_on"]
            and set(entry["items"]) <= set(s["items"])
            for s in facts["shared_use_scopes"]
        )
        for scope in entry["scope_ids"]
    )


def bk_11(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """An inactive owner or approver, or one who approved what he wrote."""
    approver = entry["approved_by"]
    return not (active(facts, entry["owner_key"], period.as_of) and active(facts, approver, period.as_of)) or (
        approver == entry["author_key"]
    )


def bk_12(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A system or zone that is unknown or retired."""
    live = {s["system_id"] for s in facts["systems"] if s["retired_on"] is None or s["retired_on"] > period.as_of}
    zones = {z["zone_id"] for z in facts["zones"]}
    return not (live.issuperset(entry["system_ids"]) and zones.issuperset(entry["zone_ids"]))


def bk_13(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """A disposal method that is not allowed for the medium."""
    return f"{entry['media']}:{entry['disposal']}" not in parameters["allowed_disposals"]


def bk_15(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Confirmed more than 365 days ago."""
    first = period.as_of - days(parameters["book_confirm_days"])
    return not within(entry["confirmed_on"], first, period.as_of)


def bk_17(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Usage logs provided by third parties without a consent reference (法31)."""
    return entry["usage_log_match"] == "third_party" and entry["consent_ref"] is None


def bk_20(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Items that the employment-security guideline restricts, without a reason."""
    return entry["esl_restricted"] is True and entry["esl_reason"] is None


def bk_22(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """An approved row that was edited without a new version."""
    key = ("entry_id", "entry_version", "status")
    return any(
        all(past[name] == entry[name] for name in key) and past["name"] != entry["name"]
        for past in facts["book_entries_history"]
    )


def bk_24(facts: Facts, entry: Row, period: Period, parameters: Parameters) -> bool:
    """Items not confirmed for a provision."""
    return entry["provided"] != "none" and entry["provision_details"] is None


RULES = (
    bk_01,
    bk_02,
    bk_03,
    bk_04,
    bk_05,
    bk_06,
    bk_07,
    bk_08,
    bk_09,
    bk_10,
    bk_11,
    bk_12,
    bk_13,
    bk_15,
    bk_17,
    bk_20,
    bk_22,
    bk_24,
)
