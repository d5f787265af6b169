"""TEC-4 but unusual volume: encrypted, reviewed before release, sent to whom it may be, not public (domain.md §1.16)."""

from decimal import Decimal

from evidence.period import Period, midnight
from tests.oracle.predicates import Facts, Marks, Parameters, Row, covers, days, in_period, within

RELEASES = ("system_release", "system_change")


def tec_4_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ pi system: TLS ≥ 1.2 on all endpoints; storage and backup encrypted; key owner ≠ data admin; restored ≤ 365 d.

    What nobody told is not shown: an endpoint, storage and backup must each be told, and both persons. Who tells is "SYS
    config, cloud": what a system keeps in the cloud is storage, a snapshot of it a backup, and all that is told is right.
    """
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        key = (system["company"], system["system_id"])
        told = [s for s in facts["system_settings"] if s["system_id"] == key[1]]
        endpoints = [s["number"] for s in told if s["component"].startswith("endpoint:") and s["setting"] == "tls_min"]
        sealed = [(s["component"] == "backup", s["value"] == "true") for s in told if s["setting"] == "encrypted"]
        sealed += [
            (r["kind"] == "snapshot", r["encrypted"] is True)
            for r in facts["cloud_resources"]
            if r["system_id"] == key[1]
        ]
        lowest = Decimal(str(parameters["tls_min"]))
        marks[*key, "transit", None] = bool(endpoints) and all(n is not None and n >= lowest for n in endpoints)
        marks[*key, "rest", None] = {backup for backup, _ in sealed} == {True, False} and all(
            safe for _, safe in sealed
        )
        marks[*key, "keys", None] = (
            None not in (system["key_owner_key"], system["data_admin_key"])
            and system["key_owner_key"] != system["data_admin_key"]
        )
        marks[*key, "restore", None] = _restored(facts, system, period, parameters)
    return marks


def _restored(facts: Facts, system: Row, period: Period, parameters: Parameters) -> bool:
    """Whether the last restore test of the year was passed; an earlier one does not speak for a later one."""
    first = period.as_of - days(parameters["restore_days"])
    tests = [
        (e["performed_on"], e["result"] == "passed")
        for e in facts["exercises"]
        if (e["kind"], e["scope_id"]) == ("restore_test", system["system_id"])
        and within(e["performed_on"], first, period.as_of)
    ]
    return bool(tests) and all(passed for day, passed in tests if day == max(tests)[0])


def tec_4_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀SYS new or changed in the period: review approved before go-live; production data only with approval or record.

    "Before" is told in days, as "prior" in §8.15: the day itself is in time. A system that went live without a release in
    the register was reviewed by nobody.
    """
    marks: Marks = {}
    for change in (k for k in facts["changes"] if in_period(k["effective_on"], period)):
        key, approved = (change["company"], change["change_id"]), change["review_approved_on"]
        if change["kind"] in RELEASES:
            marks[*key, "review", None] = approved is not None and approved <= change["effective_on"]
        if change["production_data"]:
            marks[*key, "data", None] = change["production_data_basis"] in ("pseudonymised", "anonymised") or (
                change["production_data_basis"] == "approval"
                and any(_allows(a, change, period) for a in facts["approvals"])
            )
    for system in (s for s in facts["systems"] if in_period(s["went_live_on"], period)):
        marks[system["company"], system["system_id"], "review", None] = any(
            k["kind"] in RELEASES
            and k["company"] == system["company"]
            and system["system_id"] in k["affects"]
            and k["review_approved_on"] is not None
            and k["review_approved_on"] <= system["went_live_on"]
            for k in facts["changes"]
        )
    return marks


def _allows(approval: Row, change: Row, period: Period) -> bool:
    """§8.7 for what tells only its day: from the midnight on that begins it, by another than for whom it is."""
    return covers(
        approval,
        midnight(change["effective_on"], period.zone),
        approval["person_key"],
        change["affects"],
    )


def tec_4_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ outbound with PI hit: to a recipient, a vendor or the person ∧ protected ∧ approved where rows ≥ 100 (§8.19).

    A recipient or vendor is one of the company's register (a recipient also of the group's, §8.3). Of a recipient the
    register holds domains, so it is the destination that must be one of them; whom the source names must be no other. That
    a contract is in force and has not ended, VEN-02 and VEN-07 ask.
    """
    marks: Marks = {}
    for sent in (t for t in facts["outbound_transfers"] if t["personal_data_hits"] > 0):
        if in_period(sent["occurred_on"], period):
            marks[sent["company"], sent["transfer_id"], None, sent["occurred_on"]] = (
                _registered(facts, sent)
                and sent["protected"]
                and (
                    sent["personal_data_hits"] < parameters["bulk_rows"]
                    or any(_permits(a, sent) for a in facts["approvals"])
                )
            )
    return marks


def _registered(facts: Facts, sent: Row) -> bool:
    kind, vendors = sent["destination_kind"], {(v["company"], v["vendor_id"]) for v in facts["vendors"]}
    return (
        kind == "data_subject"
        or (kind == "vendor" and (sent["company"], sent["party_id"]) in vendors)
        or any(
            sent["party_id"] in (None, r["recipient_id"])
            and r["company"] in (None, sent["company"])
            and sent["destination"] in r["domains"]
            for r in facts["recipients"]
        )
    )


def _permits(approval: Row, sent: Row) -> bool:
    """§8.7: the approval of its company that the transfer names, for as many rows, by another than for whom it is."""
    return (
        (approval["approval_id"], approval["kind"]) == (sent["approval_id"], "outbound")
        and approval["company"] == sent["company"]
        and (approval["max_rows"] is None or approval["max_rows"] >= sent["personal_data_hits"])
        and covers(
            approval,
            sent["occurred_at"],
            approval["person_key"],
            [sent["system_id"], sent["party_id"], sent["destination"]],
        )
    )


def tec_4_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ cloud resource: not public with personal data, whatever its kind, and never shared without sign-in.

    What a system with personal data keeps is personal data though nobody tagged it.
    """
    personal = {s["system_id"] for s in facts["systems"] if s["holds_personal_data"]}
    return {
        (r["company"], r["resource_id"], None, None): not r["anonymous_share"]
        and not (r["public"] and (r["personal_data_tag"] or r["system_id"] in personal))
        for r in facts["cloud_resources"]
    }
