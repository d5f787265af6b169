"""What goes to third parties and what comes from them, with consents and records; all in order."""

from datetime import date, datetime, timedelta

from demo.days import AS_OF, SINCE, ago, at, is_open, open_days_after
from demo.group import COMPANIES, WEEK, Group, day_of
from demo.values import Cell
from demo.values_subjects import Provided

SENDS = {"AOI": "AOI-MKT", "MID": "MID-OPS"}
TO = {"AOI": "REC-01", "MID": "REC-02"}
DOMAINS = {"REC-01": "employer-a.example", "REC-02": "agency-b.example"}
ITEMS = ("氏名", "電話番号")


def build(group: Group) -> None:
    """Provide something every week by consent, with a record; confirm what is received."""
    for company in COMPANIES:
        week = SINCE
        while week <= AS_OF:
            day = next((d for d in (week + timedelta(days=n) for n in range(7)) if is_open(d) and d <= AS_OF), None)
            if day:
                record(group, provide(group, company, at(day, 15, group.rng.randrange(60))))
            week += WEEK
        for days in (20, 140):
            receive(group, company, ago(days))
        receive(group, company, ago(80), person_related=True, consent_check_ref="提供元の同意確認書 2026-01")


def subject(group: Group) -> str:
    """The number under which one more outsider is known."""
    return group.number("outsider", "J-{:05d}")


def consent(group: Group, company: str, person: str, **fields: Cell) -> str:
    """Write a person's consent to the usual recipients and items, given last spring; fields override."""
    number = group.number("consent", "CNS-{:05d}")
    row: dict[str, Cell] = {
        "company": company,
        "consent_id": number,
        "subject_key": person,
        "recipient_class": group.row("recipients", recipient_id=TO[company])["recipient_class"],
        "items": ITEMS,
        "purposes": (),
        "given_at": at(date(2025, 4, 10), 10),
        "withdrawn_at": None,
        "information_version": "利用規約 第5版",
        "shown_at": at(date(2025, 4, 10), 9, 50),
        "country_shown": "JP",
    }
    group.add("consents", **(row | fields))
    return number


def provide(
    group: Group,
    company: str,
    moment: datetime,
    *,
    person: str | None = None,
    consented: bool = True,
    party: str | None = None,
    items: tuple[str, ...] = ITEMS,
    channel: str = "web",
) -> Provided:
    """Provide the data of a person, of a new one unless told otherwise, who consented unless told otherwise."""
    person = person or subject(group)
    if consented:
        consent(group, company, person)
    to = party or TO[company]
    number = group.number("provision", "PV-{:05d}")
    destination = DOMAINS.get(to, "unknown.example")
    one = Provided(number, moment, company, SENDS[company], to, destination, person, items, channel)
    group.provided.append(one)
    return one


def record(group: Group, one: Provided, **fields: Cell) -> str:
    """Record a provision on the second business day after it, or on the last day of the demo; fields override."""
    day = day_of(one.at)
    told: dict[str, Cell] = {
        "provision_ids": (one.id,),
        "recipient_id": one.party,
        "items": one.items,
        "recorded_on": min(open_days_after(day, 2), AS_OF),
    }
    return enter(group, one.company, day, **(told | fields))


def enter(group: Group, company: str, day: date, /, **fields: Cell) -> str:
    """Write a whole record of a provision by consent that was made on a day; fields override."""
    number = group.number("provision record", "PR-{:05d}")
    row: dict[str, Cell] = {
        "company": company,
        "department": SENDS[company],
        "record_id": number,
        "provision_ids": (f"PV-{number}",),
        "recipient_id": TO[company],
        "recipient_complete": True,
        "provided_on": day,
        "last_provision_on": day,
        "subject_stated": True,
        "subject_set": None,
        "items": ITEMS,
        "route": "consent",
        "exception_reason": None,
        "consent_stated": True,
        "consent_ids": (),
        "manner": "each",
        "recorded_on": day,
        "deleted_on": None,
    }
    group.add("provision_records", **(row | fields))
    return number


def receive(group: Group, company: str, day: date, **fields: Cell) -> str:
    """Write a confirmed receipt from a third party; fields override."""
    number = group.number("receipt", "RC-{:04d}")
    row: dict[str, Cell] = {
        "company": company,
        "department": SENDS[company],
        "receipt_id": number,
        "provider": "agency-b.example",
        "provider_name": "架空職業紹介B",
        "provider_address": "東京都架空区例示9-9",
        "provider_representative": "見本 代表",
        "provider_complete": True,
        "acquired_how": "本人から申込書により取得",
        "received_on": day,
        "subject_set": "紹介を希望した登録者",
        "items": ITEMS,
        "person_related": False,
        "consent_check_ref": None,
        "manner": "each",
        "recorded_on": day,
        "deleted_on": None,
    }
    group.add("receipts", **(row | fields))
    return number
