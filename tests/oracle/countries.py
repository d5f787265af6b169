"""EXT but the assessments: where data is, why it may go abroad, what individuals are told (domain.md §1.18)."""

from evidence.period import Period
from tests.oracle.predicates import Facts, Marks, Parameters, Row, days, in_period, standing, within

ROUTES = ("eea_uk", "conforming_system", "consent", "exception_27_1")

Place = tuple[str | None, str | None]  # the countries of server and of operator


def ext_01(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀SYS pi, vendor, sub-vendor: country of server and of operator recorded; cloud region (API) = register.

    A system's register is its own row ("as registered"); a region that the API cannot name is not the registered one, but
    a link or a share has none. Whose API told it makes no difference: a system has its id in the whole group. Of a vendor every place must be whole. Who is a vendor as in VEN-02: not yet as a candidate, once ended VEN-07's. A
    sub-vendor is recorded where one sighting or one place says both.
    """
    marks: Marks = {}
    for system in (s for s in facts["systems"] if s["holds_personal_data"]):
        company, key, registered = system["company"], system["system_id"], system["server_country"]
        real = {r["country"] for r in facts["cloud_resources"] if r["system_id"] == key and not _nowhere(r)}
        real |= {
            p["server_country"]
            for p in facts["storage_locations"]
            if (p["holder_kind"], p["holder_id"], p["basis"]) == ("system", key, "cloud_api")
        }
        marks[company, key, None, None] = None not in (registered, system["operator_country"]) and real <= {registered}
    for vendor in (
        v for v in facts["vendors"] if v["handles_personal_data"] and v["status"] in ("active", "suspended")
    ):
        company, key = vendor["company"], vendor["vendor_id"]
        places = _places(facts, company, "vendor", key, ("register", "statement"))
        marks[company, key, None, None] = bool(places) and all(None not in place for place in places)
    for sub in (s for s in facts["sub_vendors"] if s["occurred_on"] <= period.as_of):
        company, key = sub["company"], sub["sub_vendor"]
        places = [(sub["country"], sub["operator_country"])]
        places += _places(facts, company, "sub_vendor", key, ("register", "statement"))
        name = (company, key, None, None)
        marks[name] = marks.get(name, False) or any(None not in place for place in places)
    return marks


def _nowhere(resource: Row) -> bool:
    return resource["kind"] in ("link", "share") and resource["region"] is None and resource["country"] is None


def _places(facts: Facts, company: str, kind: str, holder: str, bases: tuple[str, ...]) -> list[Place]:
    return [
        (p["server_country"], p["operator_country"])
        for p in facts["storage_locations"]
        if (p["company"], p["holder_kind"], p["holder_id"]) == (company, kind, holder) and p["basis"] in bases
    ]


def ext_03(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """∀ foreign recipient: one of four routes; equivalent measures checked ≤ 365 d, stopped if impaired; consent informed.

    Information of a country's system and measures can be given where somebody assessed them. The event (§8.17) is each
    provision of the period to a foreign recipient: none after the stop, none where the recipient has no route, and where
    the record stands on consent it names consents (domain.md §2.4, 同意証跡id) that came after the information; EEA/UK and
    基準適合体制 need none. A recipient of the whole group counts for each company that provides to it (§8.3).
    """
    marks: Marks = {}
    for recipient in (r for r in facts["recipients"] if r["country"] != parameters["home_country"]):
        key, route = recipient["recipient_id"], recipient["legal_route"]
        records = [r for r in facts["provision_records"] if r["recipient_id"] == key]
        for company in {recipient["company"]} if recipient["company"] is not None else {r["company"] for r in records}:
            fit = route in ROUTES
            if route == "conforming_system":
                fit = _upheld(facts, recipient, period, parameters)
            if route == "consent":
                fit = _explained(facts, recipient["country"], company)
            marks[company, key, "recipient", None] = fit
        for record in (r for r in records if in_period(r["last_provision_on"], period)):
            name = (record["company"], record["record_id"], "provision", record["last_provision_on"])
            marks[name] = _founded(facts, recipient, record)
    return marks


def _founded(facts: Facts, recipient: Row, record: Row) -> bool:
    route, stopped = recipient["legal_route"], recipient["stop_decided_on"]
    if route not in ROUTES or (stopped is not None and record["last_provision_on"] > stopped):
        return False
    if route in ("eea_uk", "conforming_system") or record["route"] == "exception_27_1":
        return True
    known = {c["consent_id"]: c for c in facts["consents"]}
    named = record["consent_ids"]
    shown = all(one in known and _informed(known[one], recipient) for one in named)
    return record["route"] == "consent" and bool(named) and shown


def _upheld(facts: Facts, recipient: Row, period: Period, parameters: Parameters) -> bool:
    stopped = recipient["stop_decided_on"] is not None and recipient["stop_decided_on"] <= period.as_of
    told = (one for one in facts["recipients_history"] if one["recipient_id"] == recipient["recipient_id"])
    last = max(standing(told, "checked_on", period.as_of), default=None)
    checked = within(last, period.as_of - days(parameters["check_days"]), period.as_of)
    return checked and (stopped or not recipient["impaired"])


def _explained(facts: Facts, country: str, company: str) -> bool:
    """情報提供(国名, 制度, 措置): what there is to show of a country, the company's own or the group's."""
    return any(
        a["country"] == country
        and a["company"] in (None, company)
        and a["system_summary"] is not None
        and a["measures"]
        for a in facts["country_assessments"]
    )


def _informed(consent: Row, recipient: Row) -> bool:
    return (
        consent["information_version"] is not None
        and consent["shown_at"] is not None
        and consent["shown_at"] < consent["given_at"]
        and consent["country_shown"] == recipient["country"]
    )


def ext_04(facts: Facts, period: Period, parameters: Parameters) -> Marks:
    """The published text lists every country of EXT-01, and no other.

    What a text in force says is known by its version, and counts when somebody confirmed it (datasets.md §7); that it
    names a country where nothing is counts at once. Recipients are not of EXT-01; a country unknown is EXT-01's.
    """
    home = (None, parameters["home_country"])
    register = {
        (p["company"], country)
        for p in facts["storage_locations"]
        if p["holder_kind"] != "recipient"
        for country in (p["server_country"], p["operator_country"])
        if country not in home
    }
    in_force = {
        (d["company"], d["document_code"], d["document_version"])
        for d in facts["documents"]
        if d["status"] == "effective" and d["document_code"] in parameters["notice_documents"]
    }
    named = [
        e
        for e in facts["document_elements"]
        if e["element"] == parameters["country_element"]
        and e["value"] not in home
        and (e["company"], e["document_code"], e["document_version"]) in in_force
    ]
    stated = {(e["company"], e["value"]) for e in named if e["confirmed_by"] is not None}
    return {
        (company, country, None, None): (company, country) in register & stated
        for company, country in register | {(e["company"], e["value"]) for e in named}
    }
