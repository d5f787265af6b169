"""Worlds of POL-02, POL-03, REG-01 and REG-03: pages that changed, clauses nobody confirmed, readers who came too late.

Where a company is one member, a world is sound but for one thing, so that no fault hides behind another.
"""

from typing import Any

from evidence.facts.rows import OPEN_END
from evidence.period import Period
from tests.oracle.facts import DAY, LONG_HIRED, Draw, Row, World, at, choose, near, pick, worker
from tests.oracle.notices import ACTION, ADDRESS, ARTICLE, ASPECTS, REFERENCE, SECTION, STAGES
from tests.oracle.worlds.org import versions
from tests.oracle.worlds.org_1 import thrice


def text(c: str, code: str, version: str = "1", **more: object) -> Row:
    """A document in force for long, of which the digest is known."""
    return {
        "company": c,
        "document_code": code,
        "document_version": version,
        "status": "effective",
        "sha256_normalised": f"{c}-{code}-{version}",
        "approved_on": LONG_HIRED,
        "effective_on": LONG_HIRED,
        **more,
    }


def capture(c: str, n: int, code: str, when: Any, **more: object) -> Row:
    """A page that was fetched and showed the first version; a bare day is a screenshot that tells no time."""
    timed = hasattr(when, "hour")
    return {
        "capture_id": f"{c}-{n}",
        "company": c,
        "document_code": code,
        "url": f"https://{c}.example/",
        "http_status": 200,
        "sha256_normalised": f"{c}-{code}-1",
        "method": "fetch" if timed else "screenshot",
        "occurred_at": when if timed else None,
        "occurred_on": when.date() if timed else when,
        "time_basis": "zone_given" if timed else "day_only",
        **more,
    }


@thrice
def pol_02(draw: Draw, c: str, period: Period) -> World:
    """A policy and its page, sound but for one thing: its age, its answer, its text, another address, its version."""
    as_of, (policy, notice) = period.as_of, draw.parameters["published_codes"]
    fault = choose(draw, "none", "age", "page", "next", "next", "elsewhere", "other", "version", "version")
    day = choose(draw, near(draw, as_of - 31 * DAY), as_of, as_of + DAY) if fault == "age" else as_of - 3 * DAY
    pages = [capture(c, 1, policy, choose(draw, at(day, 9), day), **(_page(draw, c) if fault == "page" else {}))]
    later = choose(draw, at(day, 15), at(day + DAY, 0), day + DAY)
    if fault == "next":  # the newest capture of a page speaks for it, the one before said the contrary
        pages = [capture(c, 1, policy, at(day, 9)), capture(c, 2, policy, later)]
        pages[choose(draw, 0, 1)] |= _page(draw, c)
    if fault == "elsewhere":
        pages.append(capture(c, 2, policy, later, url=f"https://{c}.example/en", **choose(draw, {}, _page(draw, c))))
    if fault == "other":
        pages.append(capture(c, 2, notice, later, **choose(draw, {}, {"sha256_normalised": f"{c}-{policy}-1"})))
    documents = choose(
        draw,
        [text(c, policy), text(c, policy, "2", status=choose(draw, "draft", "superseded"))],
        [text(c, policy), text(c, policy, "2")],
        [text(c, policy, status="superseded"), text(c, policy, "2")],
        [text(c, policy, sha256_normalised=None)],
        [text(c, policy, status="draft")],
    )
    if documents[0]["sha256_normalised"] is None and fault == "version":
        pages[0] |= {"sha256_normalised": None}
    if fault == "version":
        pages = choose(draw, pages, pages, [])
    return {
        "documents": [
            *(documents if fault == "version" else [text(c, policy)]),
            text(c, notice, status=pick(draw, "effective", "draft")),
            text(c, "HANDLING"),
            text(f"{c}x", policy, status=pick(draw, "draft", "effective"), sha256_normalised=f"{c}-{policy}-1"),
        ],
        "page_captures": [*choose(draw, pages, pages[::-1]), capture(c, 9, notice, at(as_of - 3 * DAY, 8))],
    }


def _page(draw: Draw, c: str) -> Row:
    """What may be wrong with a page: gone, not what was asked for, another text, no text, another company's."""
    return choose(
        draw,
        {"http_status": choose(draw, 404, 500, 304)},
        {"sha256_normalised": f"{c}-other"},
        {"sha256_normalised": None},
        {"company": f"{c}x"},
        {"document_code": "HANDLING"},
    )


def stated(c: str, n: int, element: str, value: str | None = None, **more: object) -> Row:
    """A thing that the notice says, confirmed; a section lies where it is told to lie."""
    return {
        "element_key": f"{c}-e{n}",
        "company": c,
        "document_code": "NOTICE",
        "document_version": "1",
        "element": element,
        "value": value,
        "clause_ref": value if element == SECTION else "0",
        "confirmed_by": f"{c}-p1",
        **more,
    }


def answer(c: str, when: Any, **more: object) -> Row:
    """A reviewer's yes to the yearly read-through."""
    return {
        "attestation_id": f"{c}-{when:%m%d%H}",
        "company": c,
        "control_id": "POL-03",
        "question": "read_through",
        "subject_kind": "company",
        "subject": c,
        "answer": "yes",
        "answered_at": when,
        **more,
    }


@thrice
def pol_03(draw: Draw, c: str, period: Period) -> World:
    """A notice in which all is right, or one thing is missing, outdated, misplaced, or confirmed by nobody."""
    return _notice(
        draw, c, period, choose(draw, "none", "item", "reference", "address", "action", "purpose", "article")
    )


@thrice
def pol_03_days(draw: Draw, c: str, period: Period) -> World:
    """A notice in which all is right, or whose articles, purposes or read-through begin or end these days."""
    return _notice(draw, c, period, choose(draw, "none", "article", "article", "purpose", "answer", "answer", "answer"))


def _notice(draw: Draw, c: str, period: Period, fault: str) -> World:
    as_of, turn = period.as_of, near(draw, period.as_of)
    (policy, code), items = draw.parameters["published_codes"], draw.parameters["notice_items"]
    item, action = (choose(draw, *items), choose(draw, *draw.parameters["legal_actions"]))
    elements = [stated(c, n, one, f"{c}-address" if one == ADDRESS else None) for n, one in enumerate(items)]
    elements += [stated(c, 100 + n, ACTION, one) for n, one in enumerate(draw.parameters["legal_actions"])]
    elements += [stated(c, 120, ARTICLE, f"{c}-27"), stated(c, 121, SECTION, "2-4"), stated(c, 122, REFERENCE, "2-4")]
    elements.append(stated(c, 123, ADDRESS, f"{c}-address"))
    odd: list[Row] = {
        "article": [stated(c, 130, ARTICLE, choose(draw, *(f"{c}-{name}" for name in _ARTICLES), None))],
        "reference": [stated(c, 130, REFERENCE, choose(draw, "2-3", None))],
        "address": [stated(c, 130, ADDRESS, choose(draw, f"{c}-other", None), confirmed_by=choose(draw, None, c))],
    }.get(fault, [])
    for one in elements:
        if (fault, one["element"]) == ("item", item) or (fault, one["value"]) == ("action", action):
            one |= choose(
                draw, {"confirmed_by": None}, {"company": f"{c}x"}, {"document_code": "HANDLING"}, {"element": "目的"}
            )
    purposes = choose(draw, ["P2"], ["P3"], ["P4"], ["P9"], ["P1", "P9"]) if fault == "purpose" else ["P1"]
    both = [f"{c}-guests", f"{c}-members"]
    return {
        "companies": [
            {"company": c, "in_scope": pick(draw, True, False), "address": f"{c}-address"},
            {"company": f"{c}x", "in_scope": False},
        ],
        "documents": [text(c, code), text(c, policy)],
        "document_elements": [
            one | {"document_code": code} if one["document_code"] == "NOTICE" else one for one in elements + odd
        ],
        "legal_references": _articles(c, turn),
        "purposes": _purposes(draw, c, period),
        "book_entries": [
            {  # a book without any entry is told by ORG-3-01
                "company": c,
                "entry_id": f"{c}-D1-0002",
                "entry_version": 1,
                "status": "approved",
                "subject_kinds": both,
                "purposes": [f"{c}-P1"],
            },
            *versions(
                draw,
                c,
                f"{c}-D1-0001",
                subject_kinds=choose(draw, both, both[1:]),
                purposes=[f"{c}-{p}" for p in purposes],
            ),
        ],
        "attestations": _answers(draw, c, period) if fault == "answer" else [answer(c, at(as_of - 9 * DAY, 12))],
    }


_ARTICLES = ("23", "35", "new", "ending", "moved", "void", "unknown")


def _articles(c: str, turn: Any) -> list[Row]:
    """Old and new numbers: one renumbered long ago, one that begins or ends these days, one moved, one with no number."""
    spans = {
        "27": ("27", LONG_HIRED, None),
        "35": ("35", LONG_HIRED, None),
        "23": ("27", LONG_HIRED - 900 * DAY, LONG_HIRED - DAY),
        "new": ("new", turn, None),
        "ending": ("ending", LONG_HIRED, turn),
        "moved": ("27", LONG_HIRED, None),
        "void": (None, LONG_HIRED, None),
    }
    return [
        {
            "law": "APPI",
            "citation": f"{c}-{citation}",
            "current_citation": current and f"{c}-{current}",
            "in_force_from_on": first,
            "in_force_to_on": last or OPEN_END,
        }
        for citation, (current, first, last) in spans.items()
    ]


def _purposes(draw: Draw, c: str, period: Period) -> list[Row]:
    """A purpose for all, one for members only, one that begins and one that ends these days."""
    told = [
        ("P1", "members", LONG_HIRED, OPEN_END),
        ("P1", "guests", LONG_HIRED, OPEN_END),
        ("P2", "members", LONG_HIRED, OPEN_END),
        ("P3", "members", near(draw, period.as_of), OPEN_END),
        ("P3", "guests", LONG_HIRED, OPEN_END),
        ("P4", "members", LONG_HIRED, near(draw, period.as_of)),
        ("P4", "guests", LONG_HIRED, OPEN_END),
    ]
    return [
        {
            "company": c,
            "purpose_code": f"{c}-{code}",
            "category": f"{c}-{category}",
            "published_from_on": first,
            "published_to_on": last,
        }
        for code, category, first, last in told
    ] + [{"company": f"{c}x", "purpose_code": f"{c}-P9", "category": f"{c}-members", "published_from_on": LONG_HIRED}]


def _answers(draw: Draw, c: str, period: Period) -> list[Row]:
    """A read-through of a year ago, one that no longer holds, one that said no, one taken back, one of something else."""
    as_of, lately = period.as_of, at(period.as_of - 9 * DAY, 12)
    return choose(
        draw,
        [],
        [answer(c, at(as_of - 365 * DAY, choose(draw, 1, 12)))],
        [answer(c, at(as_of - 366 * DAY, choose(draw, 1, 23)))],
        [answer(c, at(as_of + choose(draw, 0, 1) * DAY, 1))],
        [answer(c, lately, expires_on=near(draw, as_of))],
        [answer(c, lately, expires_on=near(draw, as_of))],
        [answer(c, lately, answer=choose(draw, "no", "partly", "not_applicable", "nil"))],
        [answer(c, lately, answer="no"), answer(c, lately + DAY)],
        [answer(c, lately), answer(c, lately + DAY, answer="no")],
        [answer(c, lately, **choose(draw, {"control_id": "REG-01"}, {"company": f"{c}x", "subject": f"{c}x"}))],
    )


@thrice
def reg_01(draw: Draw, c: str, period: Period) -> World:
    """All regulations and all twenty clauses, but for one: in draft, adopted without a record, of another version."""
    codes = draw.parameters["required_codes"]
    odd_code, odd_cell = choose(draw, *codes), (choose(draw, *STAGES), choose(draw, *ASPECTS))
    faults = ("none", "none", "none", "document", "document", "cell", "cell", "twin", "scope")
    fault = choose(draw, *faults)
    odd_document: Row = choose(
        draw,
        {"status": "draft"},
        {"status": "superseded"},
        {"adopted_from_company": f"{c}x"},
        {"adopted_from_company": f"{c}x", "adoption_record": "minutes"},
        {"company": f"{c}x"},
        {"adoption_record": "minutes"},
    )
    odd_clause: Row = choose(
        draw,
        {"confirmed_by": None},
        {"company": f"{c}x"},
        {"document_version": "0"},
        {"document_code": "DRAFT"},
        {"stage": None},
        {"aspect": None},
    )
    documents = [text(c, one) | (odd_document if (fault, one) == ("document", odd_code) else {}) for one in codes]
    holder = next(one for one in codes if one != odd_code)
    clauses = [
        stated(c, n, "clause", document_code=holder, stage=stage, aspect=aspect)
        | (odd_clause if (fault, stage, aspect) == ("cell", *odd_cell) else {})
        for n, (stage, aspect) in enumerate((stage, aspect) for stage in STAGES for aspect in ASPECTS)
    ]
    others = [text(f"{c}x", one) for one in codes] + [
        text(c, holder, "0", status="superseded"),
        text(c, "DRAFT", status="draft"),
    ]
    twin = text(c, odd_code, "2", status=choose(draw, "draft", "effective"))
    return {
        "companies": [
            {"company": c, "in_scope": fault != "scope"},
            {"company": f"{c}x", "in_scope": False},
        ],
        "documents": documents + others + ([twin] if fault == "twin" else []),
        "document_elements": clauses,
    }


def reg_03(draw: Draw, c: str, period: Period) -> World:
    """Workers of long ago, of a month ago, gone, back or of two companies, before a text of about sixty days ago."""
    as_of, codes = period.as_of, draw.parameters["core_codes"]
    documents = [_core(draw, c, code, period) for code in codes]
    documents += [text(c, codes[0], "0", status="superseded"), text(c, "POLICY")]
    documents += [text(f"{c}x", code, effective_on=near(draw, as_of - 60 * DAY)) for code in codes]
    people = _people(draw, c, period)
    signatures = [
        _signature(draw, c, engagement, document, n, period)
        for n, (engagement, document) in enumerate(
            (w, d) for w in people for d in documents if d["company"] == w["company"]
        )
    ]
    return {
        "documents": documents,
        "workers": people,
        "acknowledgements": [row for row in signatures if row is not None],
    }


def _core(draw: Draw, c: str, code: str, period: Period) -> Row:
    """A text in force for long, since about sixty days, or since nobody knows when."""
    lately = near(draw, choose(draw, period.as_of, period.since + 6 * DAY) - 60 * DAY)
    return text(c, code, effective_on=choose(draw, lately, LONG_HIRED, lately, pick(draw, lately, None)))


def _people(draw: Draw, c: str, period: Period) -> list[Row]:
    as_of, newly = period.as_of, near(draw, period.as_of - 30 * DAY)
    stays, comes, goes, back, lent, new = (f"{c}-p{n}" for n in range(1, 7))
    return [
        worker(stays, c, LONG_HIRED),
        worker(comes, c, newly),
        worker(goes, c, LONG_HIRED, near(draw, choose(draw, as_of, period.since + 8 * DAY))),
        worker(back, c, LONG_HIRED, as_of - 100 * DAY),
        worker(back, c, newly, nth=2),
        worker(lent, c, LONG_HIRED),
        worker(lent, f"{c}x", LONG_HIRED) | {"kind": "seconded_in", "employer": c},
        worker(new, c, near(draw, as_of)) | {"kind": choose(draw, "officer", "dispatched"), "has_account": False},
    ]


def _signature(draw: Draw, c: str, engagement: Row, document: Row, n: int, period: Period) -> Row | None:
    """An acknowledgement of the text by this person: early, by the last day, after it, tomorrow, or of something else."""
    as_of = period.as_of
    effective = document["effective_on"] or LONG_HIRED
    due = max(effective + 60 * DAY, engagement["hired_on"] + 30 * DAY)
    signed = choose(draw, due - 20 * DAY, due - 20 * DAY, near(draw, due), period.since + 8 * DAY, as_of, as_of + DAY)
    if choose(draw, False, False, False, True):
        return None
    row: Row = {
        "acknowledgement_id": f"{c}-k{n}",
        "company": document["company"],
        "person_key": engagement["person_key"],
        "document_code": document["document_code"],
        "document_version": document["document_version"],
        "kind": "acknowledged",
        "signed_on": signed,
    }
    odd: list[Row] = [
        {"document_version": "0"},
        {"document_code": "POLICY"},
        {"company": f"{c}y"},
        {"person_key": f"{c}-p9"},
        {"kind": "pledged"},
        {"kind": "agency_certified"},
    ]
    return row | (choose(draw, *odd) if choose(draw, False, False, False, True) else {})
