"""HUM but the yearly training: who comes, comes back, fails a test, promises secrecy, and leaves (domain.md §1.8)."""

from datetime import date

from evidence.period import Period
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    active,
    business_day_after,
    day_of,
    days,
    gone,
    in_period,
    is_active,
    owners,
    personal_stores,
    within,
)

ROLES = ("dept_privacy_manager", "auditor", "system_admin", "desk")  # 部門管理者, 監査員, システム管理者, 窓口


def _completed(facts: Facts, person: str, kind: str, period: Period, role: str | None = None) -> list[date]:
    """When a person passed a kind of training, the first day first; the content was approved on that day (§8.6)."""
    return sorted(
        t["completed_on"]
        for t in facts["training"]
        if (t["person_key"], t["kind"]) == (person, kind)
        and t["completed_on"] <= period.as_of
        and _is_pass(facts, t, role)
    )


def _is_pass(facts: Facts, training: Row, role: str | None = None) -> bool:
    return training["passed"] and any(
        (c["course"], c["content_version"]) == (training["course"], training["content_version"])
        and within(training["completed_on"], c["approved_from_on"], c["approved_to_on"])
        and (role is None or c["for_role"] == role)
        for c in facts["courses"]
    )


def _mark(marks: Marks, company: str, subject: str, aspect: str, fit: bool, *, day: date | None = None) -> None:
    """One deviation is enough where several rows tell of one member."""
    key = (company, subject, aspect, day)
    marks[key] = marks.get(key, True) and fit


def hum_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀p active: onboarding ≤ 30 days after hiring and before the first access to personal data; returner ≤ 14 days.

    Onboarding follows the person (§3.1); it is before an access when its day is. Done late, it is an event (§8.8).
    """
    marks: Marks = {}
    for worker in (w for w in facts["workers"] if is_active(w, period.as_of)):
        person, company = worker["person_key"], worker["company"]
        due = worker["hired_on"] + days(parameters["newhire_days"])
        done = _completed(facts, person, "onboarding", period)[:1]
        used = _first_access(facts, person, period) if parameters["train_before_access"] else None
        _mark(marks, company, person, "newcomer", bool(done) or (period.as_of <= due and used is None))
        for day in done:
            if in_period(day, period) and (day > due or (used is not None and day >= used)):
                _mark(marks, company, person, "late", fit=False, day=day)
        for leave in facts["leaves"]:
            if (leave["person_key"], leave["company"]) != (person, company) or leave["leave_to_on"] >= period.as_of:
                continue
            back = leave["leave_to_on"]
            due = back + days(parameters["returner_days"])
            again = [day for day in _completed(facts, person, "returner", period) if day > back][:1]
            _mark(marks, company, person, "returner", bool(again) or period.as_of <= due)
            for day in again:
                if day > due and in_period(day, period):
                    _mark(marks, company, person, "late", fit=False, day=day)
    return marks


def _first_access(facts: Facts, person: str, period: Period) -> date | None:
    stores = personal_stores(facts)
    used = (
        e["occurred_on"]
        for e in facts["access_events"]
        if e["db_id"] in stores and person in owners(facts, e["account_key"], e["occurred_on"])
    )
    return min((day for day in used if day <= period.as_of), default=None)


def hum_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Failed ⇒ a remedial course passed ≤ 30 days; ∀p active in four roles: the course of that role ≤ 365 days.

    Remedial is also the same course passed again (its message asks for 再受講). A failure is of the company of its row
    (datasets.md §1); made good late by somebody at work, it is an event (§8.8). A new holder of a post has no respite.
    """
    marks: Marks = {}
    for failed in facts["training"]:
        person, company, day = failed["person_key"], failed["company"], failed["completed_on"]
        if failed["passed"] or day > period.as_of:
            continue
        due = day + days(parameters["remedial_days"])
        passed = [
            t["completed_on"]
            for t in facts["training"]
            if (t["person_key"], t["course"]) == (person, failed["course"]) and _is_pass(facts, t)
        ]
        done = sorted(
            one for one in (*passed, *_completed(facts, person, "remedial", period)) if day < one <= period.as_of
        )[:1]
        if active(facts, person, period.as_of):
            _mark(marks, company, person, "remedial", bool(done) or period.as_of <= due)
        for one in done:
            if one > due and in_period(one, period) and active(facts, person, one):
                _mark(marks, company, person, "late", fit=False, day=one)
    first = period.as_of - days(parameters["role_days"])
    for post in facts["appointments"]:
        person, role = post["person_key"], post["role"]
        held = role in ROLES and within(period.as_of, post["appointed_on"], post["ends_on"])
        if held and active(facts, person, period.as_of):
            fit = any(day >= first for day in _completed(facts, person, "role", period, role))
            _mark(marks, post["company"], person, "role", fit)
    return marks


def hum_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Work rules with a confidentiality clause; ∀p active: a pledge ≤ 7 days after hiring, ≤ 1 version old.

    A clause counts when somebody confirmed it (datasets.md §7); all work rules in force must have it. Pledges follow the
    person (§3.1). The agency's certificate stands for the pledge of dispatched staff whose pledge it holds. Signed late,
    it is an event (§8.8).
    """
    marks: Marks = {}
    for company in (c["company"] for c in facts["companies"] if c["in_scope"]):
        rules = _work_rules(facts, company, parameters["work_rules_code"], period)
        _mark(marks, company, company, "work_rules", bool(rules) and all(_is_secret(facts, d) for d in rules))
    for worker in (w for w in facts["workers"] if is_active(w, period.as_of)):
        person, company = worker["person_key"], worker["company"]
        due = worker["hired_on"] + days(parameters["pledge_days"])
        held = worker["kind"] == "dispatched" and worker["pledge_held_by_agency"]
        kinds = ("pledged", "agency_certified") if held else ("pledged",)
        signed = [
            day
            for a in facts["acknowledgements"]
            if a["person_key"] == person
            and a["kind"] in kinds
            and a["versions_behind"] <= parameters["versions_behind"]
            and (day := a["signed_on"]) <= period.as_of
        ]
        _mark(marks, company, person, "pledge", bool(signed) or period.as_of <= due)
        if signed and min(signed) > due and in_period(min(signed), period):
            _mark(marks, company, person, "late", fit=False, day=min(signed))
    return marks


def _work_rules(facts: Facts, company: str, code: str, period: Period) -> list[Row]:
    about = (company, code, "effective")
    return [
        d
        for d in facts["documents"]
        if (d["company"], d["document_code"], d["status"]) == about
        and (d["effective_on"] is None or d["effective_on"] <= period.as_of)
    ]


def _is_secret(facts: Facts, document: Row) -> bool:
    key = ("company", "document_code", "document_version")
    return any(
        all(e[name] == document[name] for name in key)
        and e["element"] == "confidentiality"
        and e["confirmed_by"] is not None
        for e in facts["document_elements"]
    )


def hum_06(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀left: exit pledge, no device in their name, badge revoked and given back, accounts disabled; all ≤ left_on + 1 bd.

    Exit formalities follow the engagement (§3.1): what one company has got, what one engagement promised. A leaver of an
    earlier period who has not finished stays one; a leaver who is missing from the newest roster is still one.
    """
    marks: Marks = {}
    count = parameters["exit_bd"]
    present = {w["engagement_key"] for w in facts["workers"]}
    vanished = [w for w in facts["workers_history"] if w["engagement_key"] not in present]
    for leaver in (*facts["workers"], *vanished):
        if leaver["left_on"] is None or leaver["left_on"] > period.as_of or not gone(facts, leaver, count):
            continue
        person, company = leaver["person_key"], leaver["company"]
        due = business_day_after(facts, company, leaver["left_on"], count)
        pledges = [
            a["signed_on"]
            for a in facts["acknowledgements"]
            if (a["person_key"], a["company"], a["kind"]) == (person, company, "exit_pledged")
            and within(a["signed_on"], leaver["hired_on"], period.as_of)
        ]
        badges = [b for b in facts["badge_rights"] if (b["person_key"], b["company"]) == (person, company)]
        accounts = [
            a
            for a in facts["accounts"]
            if a["company"] == company and person in owners(facts, a["account_key"], period.as_of)
        ]
        finished = (
            bool(pledges)
            and not any((d["owner_key"], d["company"]) == (person, company) for d in facts["devices"])
            and not any(b["enabled"] or b["returned_on"] is None for b in badges)
            and not any(a["enabled"] for a in accounts)
        )
        _mark(marks, company, person, "leaver", finished or period.as_of <= due)
        acts = [min(pledges, default=None), *(b["returned_on"] for b in badges)]
        acts += [a["disabled_at"] and day_of(a["disabled_at"], period) for a in accounts]
        for act in acts:
            if act is not None and act > due and in_period(act, period):
                _mark(marks, company, person, "late", fit=False, day=act)
    return marks
