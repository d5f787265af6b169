"""TEC-3 but detection: protection agents, weaknesses mended in time, walls looked at (domain.md §1.15)."""

from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, days, in_period, within


def tec_3_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀DEV in use or carried (§8.10) of a capable kind: its agent reported, its signatures are of, the last seven days.

    Not known is not reported; a day that has not come proves nothing.
    """

    def recent(day: date | None, limit: str) -> bool:
        return within(day, period.as_of - days(parameters[limit]), period.as_of)

    return {
        (d["company"], d["device_id"], None, None): recent(d["agent_reported_on"], "report_days")
        and recent(d["signature_on"], "signature_days")
        for d in facts["devices"]
        if d["status"] in ("in_use", "carried") and d["kind"] in parameters["capable_kinds"]
    }


def tec_3_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Critical ≤ 14 d, high ≤ 30 d; unsupported OS = 0; pi systems on the internet scanned ≤ 90 d, pentest ≤ 365 d.

    What was mended late is late on that day (§8.8). Any device that is not disposed of counts, and of an OS nobody told,
    none is shown to be supported. A scan was done whatever it found: what it found is a weakness of its own.
    """
    marks: Marks = {
        (d["company"], d["device_id"], "os", None): d["os_supported"] is True
        for d in facts["devices"]
        if d["status"] != "disposed"
    }
    limits = {"critical": parameters["critical_days"], "high": parameters["high_days"]}
    for weakness in (v for v in facts["vulnerabilities"] if v["severity"] in limits):
        company, key, fixed = weakness["company"], weakness["vulnerability_key"], weakness["fixed_on"]
        due = weakness["found_on"] + days(limits[weakness["severity"]])
        if fixed is None or fixed > period.as_of:
            marks[company, key, "patch", None] = period.as_of <= due
        elif fixed > due and in_period(fixed, period):
            marks[company, key, "late", fixed] = False
    for system in (s for s in facts["systems"] if s["internet_facing"] and s["holds_personal_data"]):
        for kind, limit in (("vulnerability_scan", "scan_days"), ("penetration_test", "pentest_days")):
            first = period.as_of - days(parameters[limit])
            marks[system["company"], system["system_id"], kind, None] = any(
                (e["kind"], e["scope_id"]) == (kind, system["system_id"])
                and within(e["performed_on"], first, period.as_of)
                for e in facts["exercises"]
            )
    return marks


def tec_3_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Each pi system behind a FW/WAF, says the register; each FW: rules reviewed ≤ 180 d, no any-any, none past its end.

    A FW that stands before a pi system is one even if no rule of it is known; then none is shown to be in order (§1.0, F4).
    """
    personal = [s for s in facts["systems"] if s["holds_personal_data"]]
    marks: Marks = {(s["company"], s["system_id"], "system", None): s["behind_firewall"] is not None for s in personal}
    walls = {(s["company"], s["behind_firewall"]) for s in personal if s["behind_firewall"] is not None}
    walls |= {(r["company"], r["firewall_id"]) for r in facts["perimeter_rules"]}
    first = period.as_of - days(parameters["review_days"])
    for company, wall in walls:
        reviewed = any(
            (r["kind"], r["scope_id"]) == ("perimeter", wall)
            and within(r["reviewed_on"], first, period.as_of)
            and r["items_decided"] >= r["items_total"]
            for r in facts["reviews"]
        )
        rules = [r for r in facts["perimeter_rules"] if (r["company"], r["firewall_id"]) == (company, wall)]
        marks[company, wall, "firewall", None] = (
            reviewed
            and bool(rules)
            and not any(
                r["any_any"] or (r["temporary_until_on"] is not None and r["temporary_until_on"] < period.as_of)
                for r in rules
            )
        )
    return marks
