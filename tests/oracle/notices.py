"""POL-02, POL-03, REG-01 and REG-03: what is published, and what the workers are told (domain.md §1.1, §1.2)."""

from collections.abc import Iterable, Iterator
from datetime import date

from evidence.period import Period, midnight
from tests.oracle.predicates import (
    Facts,
    Marks,
    Parameters,
    Row,
    day_of,
    days,
    entries_in_force,
    in_period,
    is_active,
    within,
)

ADDRESS, ARTICLE, REFERENCE, SECTION, ACTION = "住所", "条番号", "参照", "見出し", "請求種別"  # elements with a value
STAGES = ("acquire", "use", "store", "provide", "erase")
ASPECTS = ("method", "responsible", "handler", "duty")


def pol_02(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """The published text is the approved one: captured within 31 days, HTTP 200, equal digests.

    What was seen last at an address is what is published there; each of a document's addresses is one. A page that is
    captured although no text of it is in force publishes what nobody approved. The site announces the version it shows.
    """
    first = period.as_of - days(parameters["capture_days"])
    captures = [p for p in facts["page_captures"] if within(p["occurred_on"], first, period.as_of)]
    due = [d for d in _effective(facts) if d["document_code"] in parameters["published_codes"]]
    published = {(row["company"], row["document_code"]) for row in (*captures, *due)}
    marks: Marks = {}
    for company, code in published:
        own = [p for p in captures if (p["company"], p["document_code"]) == (company, code)]
        approved = {
            d["sha256_normalised"] for d in _effective(facts) if (d["company"], d["document_code"]) == (company, code)
        }
        marks[company, code, None, None] = bool(own) and all(
            page["http_status"] == 200
            and page["sha256_normalised"] is not None
            and approved == {page["sha256_normalised"]}
            for page in _last_seen(own, period)
        )
    return marks


def _effective(facts: Facts) -> list[Row]:
    return [d for d in facts["documents"] if d["status"] == "effective"]


def _last_seen(captures: list[Row], period: Period) -> Iterator[Row]:
    """The newest capture of each address; one that tells no time counts from the midnight of its day."""
    newest: dict[str, Row] = {}
    for page in sorted(captures, key=lambda p: p["occurred_at"] or midnight(p["occurred_on"], period.zone)):
        newest[page["url"]] = page
    yield from newest.values()


def pol_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company a notice that states every item, cites today's law, refers to what is there, and was read through.

    That something is stated counts when somebody confirmed it (datasets.md §7); that something is wrong counts at once.
    A citation is today's where its row is in force and today's number is its own; a number nobody knows is not.
    """
    marks: Marks = {}
    for company in (c for c in facts["companies"] if c["in_scope"]):
        key = company["company"]
        elements = [
            e
            for e in facts["document_elements"]
            if e["company"] == key and e["document_code"] in parameters["published_codes"]
        ]
        stated = {e["element"] for e in elements if e["confirmed_by"] is not None}
        actions = {e["value"] for e in elements if e["element"] == ACTION and e["confirmed_by"] is not None}
        parts = {
            "items": stated.issuperset(parameters["notice_items"]),
            "articles": _articles(facts, period).issuperset(_values(elements, ARTICLE)),
            "references": _values(elements, SECTION).issuperset(_values(elements, REFERENCE)),
            "addresses": _values(elements, ADDRESS) <= {company["address"]},
            "actions": actions.issuperset(parameters["legal_actions"]),
            "purposes": _purposes(facts, key, period).issuperset(_in_book(facts, key)),
            "read_through": _read_through(facts, key, period, parameters),
        }
        marks |= {(key, key, part, None): sound for part, sound in parts.items()}
    return marks


def _values(elements: list[Row], element: str) -> set[str | None]:
    return {e["value"] for e in elements if e["element"] == element}


def _articles(facts: Facts, period: Period) -> set[str | None]:
    return {
        r["citation"]
        for r in facts["legal_references"]
        if r["current_citation"] == r["citation"] and within(period.as_of, r["in_force_from_on"], r["in_force_to_on"])
    }


def _purposes(facts: Facts, company: str, period: Period) -> set[tuple[str, str]]:
    """What the notice says today, each purpose for each category of persons."""
    return {
        (p["category"], p["purpose_code"])
        for p in facts["purposes"]
        if p["company"] == company and within(period.as_of, p["published_from_on"], p["published_to_on"])
    }


def _in_book(facts: Facts, company: str) -> Iterator[tuple[str, str]]:
    for entry in (e for e in entries_in_force(facts) if e["company"] == company):
        yield from ((category, purpose) for category in entry["subject_kinds"] for purpose in entry["purposes"])


def _read_through(facts: Facts, company: str, period: Period, parameters: Parameters) -> bool:
    """Whether the newest answer of the year that still holds is a yes."""
    first = period.as_of - days(parameters["read_through_days"])
    answers = [
        a
        for a in facts["attestations"]
        if (a["company"], a["control_id"]) == (company, "POL-03")
        and within(day_of(a["answered_at"], period), first, period.as_of)
        and a["expires_on"] >= period.as_of
    ]
    return bool(answers) and max(answers, key=lambda a: a["answered_at"])["answer"] == "yes"


def reg_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """Per company each required regulation in force, and a clause for each of the 20 cells stage × aspect.

    A document of the group is in force where its adoption is on record; a clause is one of the company's own rows for
    a version in force, and counts when its mapping was confirmed.
    """
    marks: Marks = {}
    for company in (c["company"] for c in facts["companies"] if c["in_scope"]):
        in_force = {
            (d["document_code"], d["document_version"])
            for d in _effective(facts)
            if d["company"] == company and (d["adopted_from_company"] is None or d["adoption_record"] is not None)
        }
        cells = {
            (e["stage"], e["aspect"])
            for e in facts["document_elements"]
            if e["company"] == company
            and (e["document_code"], e["document_version"]) in in_force
            and e["confirmed_by"] is not None
        }
        for code in parameters["required_codes"]:
            marks[company, company, code, None] = any(code == one for one, _ in in_force)
        for cell in ((stage, aspect) for stage in STAGES for aspect in ASPECTS):
            marks[company, company, ":".join(cell), None] = cell in cells
    return marks


def reg_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀p active: the version in force of each core document acknowledged by max(effective + 60 days, hired + 30 days).

    The state asks for it on as_of, the lateness is an event of the day it was signed (§8.8), also of who has left since.
    What was acknowledged follows the person through a rehire (§3.1), but is each company's own document.
    """
    marks: Marks = {}
    for document in (d for d in _effective(facts) if d["document_code"] in parameters["core_codes"]):
        company, code = document["company"], document["document_code"]
        for engagement in (w for w in facts["workers"] if w["company"] == company):
            person = engagement["person_key"]
            signed = min(_signed(facts, document, person, period), default=None)
            due = _due(document, engagement, parameters)
            if is_active(engagement, period.as_of):
                marks[company, person, code, None] = signed is not None or period.as_of <= due
            if signed is not None and signed > due and in_period(signed, period) and is_active(engagement, signed):
                marks[company, person, "late", signed] = False
    return marks


def _due(document: Row, engagement: Row, parameters: Parameters) -> date:
    hired: date = engagement["hired_on"] + days(parameters["newhire_days"])
    effective: date | None = document["effective_on"]
    if effective is None:  # since when it must be known nobody knows: no later than a newcomer must
        return hired
    return max(effective + days(parameters["ack_days"]), hired)


def _signed(facts: Facts, document: Row, person: str, period: Period) -> Iterable[date]:
    key = ("company", "document_code", "document_version")
    return (
        a["signed_on"]
        for a in facts["acknowledgements"]
        if all(a[name] == document[name] for name in key)
        and (a["person_key"], a["kind"]) == (person, "acknowledged")
        and a["signed_on"] <= period.as_of
    )
