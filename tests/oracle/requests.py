"""REQ: what individuals ask of a company, and what they complain of (domain.md §1.19, §5)."""

from collections.abc import Iterable, Iterator
from datetime import date

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, business_day_after, day_of, days, in_period, within

REFUSED = ("refused", "partly", "deemed_no_request")  # also in part (art. 36), or one that nobody answered
EVERY = {"G0", "G1", "G5", "G6", "G7", "G8", "G9"}
ALLOWED = {  # §5.5: each ground where it is legally usable
    "notice_purpose": EVERY | {"G3"},
    "disclose": EVERY | {"G2", "G3", "G4"},
    "disclose_provision_record": EVERY | {"G2"},
    **dict.fromkeys(("correct", "add", "remove"), EVERY | {"H1"}),
    **dict.fromkeys(("stop_use", "erase", "stop_provision"), EVERY | {"H2"}),
}
STOPS = ("stop_use", "erase", "stop_provision")
SECOND = ("G2", "G3", "G4", "G9", "H1", "H2")  # §8.20


def _open(rows: Iterable[Row], end: str, period: Period) -> Iterator[Row]:
    """What is open on any day of the period (§8.4)."""
    for row in rows:
        if row["arrived_on"] <= period.as_of and (row[end] is None or row[end] >= period.since):
            yield row


def _by(done: date | None, due: date, period: Period) -> bool:
    """Whether something was done by a day, or may still be (§8.5)."""
    return period.as_of <= due or (done is not None and done <= due)


def req_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀REQ: registered by the next business day, disclosed only to who was identified, answered in 14 days or told why not.

    An extension is told within the same days; until when it runs, no text says.
    """
    marks: Marks = {}
    for request in _open(facts["requests"], "closed_on", period):
        company, arrived = request["company"], request["arrived_on"]
        register_by = business_day_after(facts, company, arrived, parameters["register_business_days"])
        answer_by = arrived + days(parameters["decision_days"])
        marks[company, request["request_id"], None, arrived] = (
            _by(request["registered_on"], register_by, period)
            and _identified_first(request, period)
            and any(_by(request[day], answer_by, period) for day in ("responded_on", "extension_notified_on"))
        )
    return marks


def _identified_first(request: Row, period: Period) -> bool:
    """Whether nothing was disclosed, or to who was identified; an execution of which only the day is known leaves its end."""
    disclosed, judged, done = (request[name] for name in ("disclosed_at", "identity_judged_at", "done_on"))
    executed = request["action"].startswith("disclose") and done is not None and done <= period.as_of
    if disclosed is None and not executed:
        return True
    in_time = judged is not None and (judged <= disclosed if disclosed is not None else day_of(judged, period) <= done)
    return bool(request["identity"] == "ok" and in_time)


def req_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀REQ refused: on a ground that its action allows, the reason sent, seen by a second person where §5.5 asks for one.

    Second to who handles it: "second person approves" (§5.5), so who approved it may be the one.
    """
    return {
        (r["company"], r["request_id"], None, r["arrived_on"]): r["refusal_ground"] in ALLOWED[r["action"]]
        and r["reason_sent"]
        and (r["refusal_ground"] not in SECOND or _seen_by_another(r))
        for r in _open(facts["requests"], "closed_on", period)
        if r["decision"] in REFUSED
    }


def _seen_by_another(request: Row) -> bool:
    """Whether two people are known to have seen it; where one is not named, they may be the same (law 4)."""
    return len({request["handler_key"], request["second_reviewer_key"]} - {None}) > 1


def req_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀REQ with papers: masked, and disposed of within 14 days of closure or of being deemed withdrawn, on record.

    While there are papers a request is not over. The record names the method and who confirmed it (§5, register columns:
    方法, 確認者); who is in the register as deemed to ask no more, is so by §5.7.
    """
    marks: Marks = {}
    members = [r for end in ("closed_on", "documents_disposed_on") for r in _open(facts["requests"], end, period)]
    for request in (r for r in members if r["documents_received"]):
        deemed = _deemed(facts, request, parameters)
        ends = [day for day in (request["closed_on"], deemed) if day is not None]
        due = min(ends, default=period.as_of) + days(parameters["dispose_days"])
        done = request["documents_disposed_on"]
        marks[request["company"], request["request_id"], None, request["arrived_on"]] = (
            request["documents_masked"] is not False
            and (request["decision"] != "deemed_no_request" or (deemed is not None and deemed < period.as_of))
            and _by(done, due, period)
            and (done is None or any(_shows(e, request) for e in facts["erasures"]))
        )
    return marks


def _deemed(facts: Facts, request: Row, parameters: Parameters) -> date | None:
    """§5.7: the last day for a new request after a refusal, when none came by it."""
    answered = request["responded_on"]
    if answered is None or request["decision"] not in ("refused", "deemed_no_request"):
        return None
    last: date = answered + days(parameters["deemed_days"])
    again = any(
        (other["company"], other["subject_key"]) == (request["company"], request["subject_key"])
        and other["request_id"] != request["request_id"]
        and answered <= other["arrived_on"] <= last
        for other in facts["requests"]
    )
    return None if again else last


def _shows(erasure: Row, request: Row) -> bool:
    return (
        (erasure["company"], erasure["reason"]) == (request["company"], "request_documents")
        and erasure["ref_id"] == request["request_id"]
        and within(erasure["done_on"], request["arrived_on"], request["documents_disposed_on"])
        and all(erasure[name] is not None for name in ("method", "confirmed_by"))
    )


def req_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ stop carried out: no use of that person in the period and more than 30 days later, but by a lawful exception.

    The request is the thing ({受付}, §8.16), whenever it was closed; of the day of each such use, or of its own day.
    """
    marks: Marks = {}
    for request in facts["requests"]:
        action, done = request["action"], request["done_on"]
        if action not in STOPS or done is None or done > period.as_of:
            continue
        used = {
            use["occurred_on"]
            for use in facts["subject_uses"]
            if in_period(use["occurred_on"], period)
            and use["occurred_on"] > done + days(parameters["grace_days"])
            and (use["company"], use["subject_key"]) == (request["company"], request["subject_key"])
            and (action != "stop_provision" or use["use"] == "provision")
            and use["lawful_exception"] is None
        }
        marks |= {(request["company"], request["request_id"], None, day): not used for day in used or {done}}
    return marks


def req_05(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ complaint: acknowledged by 3 business days, resolved in 30 days and then with its cause; of a leak, see §8.13."""
    marks: Marks = {}
    for complaint in _open(facts["complaints"], "resolved_on", period):
        company, key, arrived = complaint["company"], complaint["complaint_id"], complaint["arrived_on"]
        acknowledge_by = business_day_after(facts, company, arrived, parameters["acknowledge_business_days"])
        marks[company, key, None, arrived] = (
            _by(complaint["acknowledged_on"], acknowledge_by, period)
            and _by(complaint["resolved_on"], arrived + days(parameters["resolve_days"]), period)
            and (complaint["resolved_on"] is None or complaint["cause"] is not None)
            and (complaint["class"] != "leak_suspected" or _closed(facts, company, key))
        )
    return marks


def _closed(facts: Facts, company: str, complaint: str) -> bool:
    """§8.13: an incident, or "not an incident" with a reason; within which hours, ORG-4-06 asks."""
    return any(i["company"] == company and complaint in i["signal_ids"] for i in facts["incidents"]) or any(
        (t["signal_kind"], t["signal_id"]) == ("complaint", complaint)
        and t["company"] in (None, company)
        and (t["incident_id"] is not None or (not t["is_incident"] and t["reason"] is not None))
        for t in facts["triages"]
    )
