"""Who receives personal data abroad and on which route, and which countries the notice names.

``build`` comes first; ``complete`` after everything that lies abroad is there, so that the notices name what they must.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from demo.days import ago, at
from demo.group import COMPANIES, Group
from demo.published import state
from demo.values import Cell

HOME = "JP"
ELEMENT = "国名"
_DESK = {"AOI": "AOI-MKT", "MID": "MID-OPS"}


def build(group: Group) -> None:
    """Give both companies recipients abroad, in the European Union and by consent, with records and consents."""
    for company in COMPANIES:
        member = recipient(group, company, "FR", "eea_uk")
        record(group, member, ago(20))
        agreed = recipient(group, company, "US", "consent")
        given = [agree(group, agreed, ago(days)) for days in (150, 33, 12)]
        record(group, agreed, ago(10), route="consent", consent_stated=True, consent_ids=tuple(given))


def recipient(group: Group, company: str, country: str, route: str | None, **fields: Cell) -> dict[str, Cell]:
    """Register a recipient of one company, the only one of its class; fields override."""
    number = group.number("recipient abroad", "REC-A{:02d}")
    row: dict[str, Cell] = {
        "company": company,
        "recipient_id": number,
        "name": f"架空海外提供先{number[5:]}",
        "address": "架空国例示市1-1",
        "representative": "例示 代表",
        "recipient_class": f"海外の提供先{number[5:]}",
        "country": country,
        "domains": (f"{number.lower()}.{company.lower()}.example",),
        "legal_route": route,
        "checked_on": None,
        "impaired": False,
        "stop_decided_on": None,
    }
    return group.add("recipients", **(row | fields))


def record(group: Group, receiver: dict[str, Cell], last: date, **fields: Cell) -> str:
    """Write the record of provisions to a recipient until a day, whole in every cell; fields override."""
    company = str(receiver["company"])
    number = group.number("provision record", "PR-A{:03d}")
    row: dict[str, Cell] = {
        "company": company,
        "department": _DESK[company],
        "record_id": number,
        "provision_ids": (f"{number}-1",),
        "recipient_id": receiver["recipient_id"],
        "recipient_complete": True,
        "provided_on": last,
        "last_provision_on": last,
        "subject_stated": True,
        "subject_set": None,
        "items": ("氏名", "住所"),
        "route": "exception_27_1",
        "exception_reason": "法令に基づく提供",
        "consent_stated": False,
        "consent_ids": (),
        "manner": "each",
        "recorded_on": last + timedelta(days=1),
        "deleted_on": None,
    }
    group.add("provision_records", **(row | fields))
    return number


def agree(group: Group, receiver: dict[str, Cell], day: date, **fields: Cell) -> str:
    """Let somebody consent to a recipient's class on a day, a minute after having been informed; fields override."""
    number = group.number("consent abroad", "CN-A{:03d}")
    row: dict[str, Cell] = {
        "company": receiver["company"],
        "consent_id": number,
        "subject_key": f"S-{number}",
        "recipient_class": receiver["recipient_class"],
        "items": ("氏名", "住所"),
        "purposes": (),
        "given_at": at(day, 14, 1),
        "withdrawn_at": None,
        "information_version": "外国提供の説明 第2版",
        "shown_at": at(day, 14),
        "country_shown": receiver["country"],
    }
    group.add("consents", **(row | fields))
    return number


def complete(group: Group) -> None:
    """Let each notice name every foreign country where its company keeps personal data, but for what is left out."""
    for company in COMPANIES:
        for land in sorted({*_lands(group, company)} - {HOME, ""}):
            if (ELEMENT, f"{company} {land}") not in group.bare:
                state(group, company, ELEMENT, "6", land)


def _lands(group: Group, company: str) -> Iterator[str]:
    """Where systems, vendors and sub-vendors keep it, and where who operates them sits."""
    for row in (*group.rows("systems", company=company), *group.rows("storage_locations", company=company)):
        for name in ("server_country", "operator_country"):
            yield str(row[name] or "")
    for seen in [one for one in group.sub_vendors if one.company == company]:
        yield from (seen.country, seen.operator_country)
    yield from (one.country or "" for one in group.cloud if one.company == company)
