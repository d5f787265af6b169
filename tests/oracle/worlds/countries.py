"""Worlds of EXT-01, EXT-03 and EXT-04: half an address, a region nobody registered, a check a day too old, an old text."""

from datetime import date, datetime

from evidence.period import Period
from tests.oracle.facts import DAY, LONG_HIRED, SECOND, Draw, Row, World, at, choose, join, near, pick
from tests.oracle.worlds.ven import vendor

LANDS = ("JP", "US", "SG")


def place(c: str, n: str, kind: str, holder: str, server: str | None, operator: str | None, **more: object) -> Row:
    return {
        "location_key": f"{c}-l{n}",
        "company": c,
        "holder_kind": kind,
        "holder_id": holder,
        "server_country": server,
        "operator_country": operator,
        "basis": "register",
        **more,
    }


def ext_01(draw: Draw, c: str, period: Period) -> World:
    """Systems, vendors and sub-vendors of which both countries are told, or one, or none, here or in another company."""
    parts = [_system(draw, c, n) for n in range(3)]
    parts += [_held_by_vendor(draw, c, n) for n in range(4)]
    parts += [_held_by_sub_vendor(draw, c, n, period) for n in range(3)]
    return join(*parts)


def _system(draw: Draw, c: str, n: int) -> World:
    """A system whose cloud says the registered country, another one or none, by its resources or in the register."""
    server, operator = (pick(draw, choose(draw, *LANDS), None) for _ in range(2))
    system = {
        "company": c,
        "system_id": f"{c}-S{n}",
        "holds_personal_data": pick(draw, True, False),
        "server_country": server,
        "operator_country": operator,
    }
    resources = [
        {
            "company": c,
            "resource_id": f"{c}-b{n}{m}",
            "system_id": pick(draw, f"{c}-S{n}", None),
            "kind": choose(draw, "bucket", "database", "snapshot"),  # where a link lies, no text says
            "country": pick(draw, server, "VN", None),
            "personal_data_tag": system["holds_personal_data"] and choose(draw, True, False),
        }
        for m in range(choose(draw, 0, 1, 2))
    ]
    for one in resources:
        one["personal_data_tag"] = (
            one["personal_data_tag"] and one["system_id"] is not None
        )  # whose it is, no text says
    told = place(
        pick(draw, c, f"{c}x"),
        f"s{n}",
        "system",
        f"{c}-S{n}",
        choose(draw, server, server, server, "VN", None),
        operator,
    )
    told["basis"] = "cloud_api"
    return {"systems": [system], "cloud_resources": resources, "storage_locations": choose(draw, [], [told], [told])}


def _held_by_vendor(draw: Draw, c: str, n: int) -> World:
    """A vendor with one place or two, whole or half, or one of another company or of a recipient of the same id."""
    one = vendor(draw, c, n, status=pick(draw, "active", "suspended", "candidate", "ended"))
    one["handles_personal_data"] = pick(draw, True, False)
    key = one["vendor_id"]
    places = [
        place(
            pick(draw, c, f"{c}x"),
            f"v{n}{m}",
            pick(draw, "vendor", "recipient"),
            key,
            *(pick(draw, choose(draw, *LANDS), None) for _ in range(2)),
            basis=choose(draw, "register", "statement"),
        )
        for m in range(choose(draw, 1, 1, 2, pick(draw, 1, 0)))
    ]
    return {"vendors": [one], "storage_locations": places}


def _held_by_sub_vendor(draw: Draw, c: str, n: int, period: Period) -> World:
    """A sub-vendor seen now or long ago; where the sighting does not tell both countries, a place may."""
    seen: Row = {
        "sighting_id": f"{c}-y{n}",
        "company": c,
        "vendor_id": f"{c}-V1",
        "sub_vendor": f"{c}-u{n}",
        "work": "mail",
        "seen_in": choose(draw, "declaration", "audit", "log", "contract"),
        "country": choose(draw, *LANDS, None),
        "operator_country": choose(draw, *LANDS, None),
        "occurred_on": choose(draw, period.as_of, period.since, period.since - DAY, period.as_of - 300 * DAY),
    }
    if None not in (seen["country"], seen["operator_country"]):
        return {"sub_vendors": [seen]}
    if choose(draw, True, False, False):  # another vendor's tells the other half
        other = {"sighting_id": f"{c}-z{n}", "vendor_id": f"{c}-V2", "country": None, "operator_country": None}
        part = choose(draw, "country", "operator_country")
        return {"sub_vendors": [seen, seen | other | {part: "US"}]}
    half = (seen["country"], seen["operator_country"])  # no more than the sighting says
    told = place(
        pick(draw, c, f"{c}x"), f"u{n}", "sub_vendor", f"{c}-u{n}", *choose(draw, ("US", "US"), ("US", "US"), half)
    )
    return {"sub_vendors": [seen], "storage_locations": choose(draw, [], [told], [told])}


def ext_03(draw: Draw, c: str, period: Period) -> World:
    """Recipients of every route, checked a year ago, impaired and stopped; consents shown the country just in time."""
    parts = [_recipient(draw, c, n, period) for n in range(8)]
    return join(*parts, _recipient(draw, c, 9, period, group=True))


def _recipient(draw: Draw, c: str, n: int, period: Period, *, group: bool = False) -> World:
    as_of, key = period.as_of, f"{c}-R{n}"
    land = pick(draw, f"{c}-L{n}", "JP")
    routes = ("consent", "consent", "consent", "conforming_system", "conforming_system", "eea_uk", "exception_27_1")
    recipient: Row = {
        "company": None if group else c,
        "recipient_id": key,
        "recipient_class": f"{key}-class",
        "country": land,
        "legal_route": pick(draw, choose(draw, *routes), "domestic", None),
    }
    if recipient["legal_route"] == "conforming_system":
        year_ago = near(draw, as_of - 365 * DAY)
        checked = {"checked_on": choose(draw, as_of, year_ago, year_ago, choose(draw, None, as_of + DAY))}
        stopped = {
            "checked_on": as_of - 9 * DAY,
            "impaired": True,
            "stop_decided_on": choose(draw, None, near(draw, as_of)),
        }
        recipient |= choose(draw, checked, stopped)
    assessment = _assessed(land) | {"company": choose(draw, None, c)}
    lacking: tuple[Row, ...] = ({"company": f"{c}y"}, {"system_summary": None}, {"measures": []})
    explained = [assessment | choose(draw, {}, {}, {}, choose(draw, *lacking))]
    assessments = pick(draw, explained, []) if land != "JP" else []
    users = choose(draw, [c], [c, f"{c}x"], []) if group else [c]
    parts = [
        _provided(draw, recipient, company, period)
        for company in users
        for _ in range(1 if group else choose(draw, 0, 1, 1, 1))
    ]
    told = _kept(draw, recipient, as_of)
    return join({"recipients": told[-1:], "recipients_history": told, "country_assessments": assessments}, *parts)


def _kept(draw: Draw, recipient: Row, as_of: date) -> list[Row]:
    """All rows that ever told of a recipient, the one that holds last: checked again since, told wrongly at first."""
    again = recipient | {"checked_on": as_of + choose(draw, 1, 60) * DAY}
    wrong = recipient | {"checked_on": as_of - choose(draw, 0, 10) * DAY}
    told = choose(draw, [recipient], [recipient], [recipient, again], [recipient, again], [wrong, recipient], [again])
    return [one | {"entered_at": at(as_of + place * DAY, 9)} for place, one in enumerate(told)]


def _provided(draw: Draw, recipient: Row, company: str, period: Period) -> World:
    """A provision on the day of its consent, in the period or on its edges; what was shown came before, or only then."""
    key = f"{recipient['recipient_id']}-{company}"
    inside = (period.since, period.as_of, period.since + 9 * DAY)
    day: date = choose(draw, *inside) if recipient["company"] is None else choose(draw, *inside, period.since - DAY)
    consents = [_consent(draw, recipient, f"{key}-c{n}", company, at(day, 12)) for n in range(choose(draw, 1, 2))]
    record = {
        "company": company,
        "record_id": f"{key}-k1",
        "recipient_id": recipient["recipient_id"],
        "recipient_complete": True,
        "provided_on": choose(draw, day, day, None),
        "last_provision_on": day,
        "recorded_on": day,
        "route": pick(draw, "consent", "exception_27_1"),
        "consent_stated": True,
        "consent_ids": [one["consent_id"] for one in consents],
        "manner": "each",
    }
    return {"provision_records": [record], "consents": consents}


def _consent(draw: Draw, recipient: Row, key: str, company: str, given: datetime) -> Row:
    """A consent after its information, or with one thing not shown; shown at the very instant is neither before nor after."""
    row: Row = {
        "consent_id": key,
        "company": company,
        "subject_key": f"{key}-subject",
        "recipient_class": recipient["recipient_class"],
        "given_at": given,
        "information_version": "1",
        "shown_at": given - SECOND,
        "country_shown": recipient["country"],
    }
    amiss: tuple[Row, ...] = (
        {"information_version": None},
        {"shown_at": None},
        {"shown_at": given + SECOND},
        {"country_shown": None},
        {"country_shown": "FR"},
    )
    return row | choose(draw, {}, {}, choose(draw, *amiss))


def ext_04(draw: Draw, c: str, period: Period) -> World:
    """Countries that the text in force lists, or only another text, version, company or word does; and one too many.

    All registers agree on the countries, and each is assessed: whichever of them a text is compared with.
    """
    other, (first, *_, code) = f"{c}x", draw.parameters["notice_documents"]
    us, sg, vn = (f"{c}-{land}" for land in ("US", "SG", "VN"))
    some = [choose(draw, "JP", sg, vn, None) for _ in range(5)]
    places = [
        place(c, "1", "system", f"{c}-S1", us, some[0]),
        place(c, "2", "vendor", f"{c}-V1", some[1], some[2]),
        place(c, "3", "sub_vendor", f"{c}-u1", some[3], some[4]),
        place(c, "4", "recipient", f"{c}-R1", f"{c}-BR", f"{c}-BR"),
        place(other, "5", "system", f"{other}-S1", us, us) | {"location_key": f"{c}-l5"},
    ]
    held = {us, *some} - {"JP", None}
    listed = [_listed(draw, c, one, code) for one in sorted(str(land) for land in held)]
    listed += [_listed(draw, other, us, code)] * choose(draw, 0, 1)
    if choose(draw, False, True):
        listed.append(_listed(draw, c, f"{c}-ZZ", code) | choose(draw, {}, {"confirmed_by": None}))
    versions = [(c, code, "1", "effective"), (c, code, "0", "superseded"), (other, code, "1", "effective")]
    versions += [(c, first, "1", "effective"), (c, "HANDBOOK", "1", "effective")]
    return {
        "storage_locations": places,
        "document_elements": [row | {"element_key": f"{c}-m{n}"} for n, row in enumerate(listed)],
        "documents": [_document(*one, draw=draw) for one in versions],
        "country_assessments": [_assessed(land) for land in sorted(str(land) for land in held)],
        "systems": [_of(places[0]), _of(places[4])],
        "vendors": [vendor(draw, c, 1)],
        "sub_vendors": [
            {
                "sighting_id": f"{c}-y1",
                "company": c,
                "vendor_id": f"{c}-V1",
                "sub_vendor": f"{c}-u1",
                "work": "mail",
                "seen_in": "declaration",
                "country": some[3],
                "operator_country": some[4],
                "occurred_on": period.as_of,
            }
        ],
    }


def _of(told: Row) -> Row:
    countries = {name: told[name] for name in ("company", "server_country", "operator_country")}
    return {"system_id": told["holder_id"], "holds_personal_data": True, **countries}


def _listed(draw: Draw, c: str, land: str, code: str) -> Row:
    """A country in the text in force and confirmed, or with one thing amiss."""
    row = {
        "company": c,
        "document_code": code,
        "document_version": "1",
        "element": draw.parameters["country_element"],
        "value": land,
        "confirmed_by": f"{c}-p1",
    }
    amiss: tuple[Row, ...] = (
        {"confirmed_by": None},
        {"document_version": "0"},
        {"document_code": "HANDBOOK"},
        {"document_code": draw.parameters["notice_documents"][0]},
        {"element": "住所"},
        {"company": f"{c}x", "value": f"{land}-x"},
        {"value": None},
    )
    return row | choose(draw, {}, {}, choose(draw, *amiss))


def _document(c: str, code: str, version: str, status: str, *, draw: Draw) -> Row:
    return {
        "company": c,
        "document_code": code,
        "document_version": version,
        "status": pick(draw, status, "draft"),
        "author_key": f"{c}-p2",
        "approved_by": f"{c}-p1",
        "approved_on": LONG_HIRED,
        "effective_on": LONG_HIRED,
    }


def _assessed(land: str) -> Row:
    return {
        "company": None,
        "country": land,
        "assessment_version": "1",
        "system_summary": "law",
        "oecd_covered": True,
        "government_access": "none known",
        "data_localisation": "none",
        "source_ref": "PPC 2025",
        "measures": ["encryption"],
        "assessed_on": LONG_HIRED,
        "approved_by": f"{land}-p1",
    }
