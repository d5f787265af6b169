"""How far the texts name a control's members: what they leave open is folded away before two heads are compared."""

import re
from collections.abc import Callable, Hashable

from controls.model import Control
from tests.oracle.predicates import Facts, MemberKey

Fold = Callable[[Control, Facts, MemberKey], Hashable]


def exact(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The texts dictate subject, aspect and day."""
    return key


def by_kind(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Subject and day are dictated, of the aspects only what is a state, an event, or ``late`` (§8.8)."""
    company, subject, aspect, day = key
    return (company, subject, aspect if aspect == "late" else control.about_aspect(aspect).value, day)


def by_subject(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Subject and day are dictated; how a requirement is split into aspects is not."""
    company, subject, _, day = key
    return (company, subject, day)


def by_thing(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The subject is dictated; of which day it is, is not."""
    company, subject, _, _ = key
    return (company, subject)


def by_company(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Only the company is dictated: whether it is told as a whole, by document, person or test is open."""
    company, _, _, day = key
    return (company, day)


def by_pair(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Two things are dictated (holder and store, department and item); which is the subject, how they are joined, is not."""
    company, subject, aspect, day = key
    words = re.split(r"[:/ ]", f"{subject}:{aspect}")
    return (company, frozenset(word for word in words if word.startswith(company)), day)


def by_event_day(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """The subject of a state is dictated; of an event only its company and day are."""
    company, subject, _, day = key
    return (company, subject if day is None else None, day)


def by_person(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a leaver is told as a person or as the engagement that ended is open; the rest as in :func:`by_kind`."""
    company, subject, aspect, day = key
    people = {w["engagement_key"]: w["person_key"] for w in (*facts["workers"], *facts["workers_history"])}
    return by_kind(control, facts, (company, people.get(subject, subject), aspect, day))


def by_device(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a device that was seen under another name is told by that name or its id is open."""
    company, subject, _, day = key
    names = {alias: d["device_id"] for d in facts["devices"] for alias in d["aliases"]}
    return (company, names.get(subject, subject), day)


def by_system(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether an account or its system is the member is open; the rest as in :func:`by_kind`."""
    company, subject, aspect, day = key
    systems = {a["account_key"]: a["system_id"] for a in facts["accounts"]}
    seen = {e[name]: e["system_id"] for e in facts["access_events"] for name in ("account_key", "event_key")}
    return by_kind(control, facts, (company, systems.get(subject, seen.get(subject, subject)), aspect, day))


def by_zone(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a place is told by its zone, its site, or what is kept or happened there is open; so is the day."""
    company, subject, _, _ = key
    places = {z["site"]: z["zone_id"] for z in facts["zones"]}
    places |= {s["db_id"]: s["zone_id"] for s in facts["data_stores"]}
    places |= {v["visit_id"]: v["zone_id"] for v in facts["visitor_records"]}
    places |= {e["event_key"]: e["zone_id"] for e in facts["access_events"]}
    return (company, places.get(subject) or subject)


def by_carried(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether what was seen outside is told by the event or the device is open; so is the day of a take-out."""
    company, subject, _, _ = key
    return (company, {e["event_key"]: e["device_id"] for e in facts["access_events"]}.get(subject) or subject)


def by_task(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether an erasure is told by itself or by what it is for is open; the rest as in :func:`by_kind`."""
    company, subject, aspect, day = key
    tasks = {e["erasure_id"]: e["ref_id"] for e in facts["erasures"]}
    return by_kind(control, facts, (company, tasks.get(subject, subject), aspect, day))


def by_weakness(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a weakness is told by itself or by the device or system that has it is open ({機器/脆弱性})."""
    company, subject, _, day = key
    places = {v["vulnerability_key"]: v["device_id"] or v["system_id"] for v in facts["vulnerabilities"]}
    return (company, places.get(subject) or subject, day)


def by_change(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a change is told by itself or by the first thing that it affects is open; so is its day."""
    company, subject, _, _ = key
    affected = [c["affects"] for c in facts["changes"] if subject in (c["change_id"], *c["affects"])]
    return (company, min((one for things in affected for one in things), default=subject))


def by_party(control: Control, facts: Facts, key: MemberKey) -> Hashable:
    """Whether a party or system is told by itself or by a row about it is open; so is the day, but of a late act."""
    company, subject, aspect, day = key
    name = [subject, *(w for w in re.split(r"[:/ ]", f"{subject}:{aspect}") if w.startswith(company))][-1]
    about = {row[thing]: row[party] for dataset, thing, party in ABOUT for row in facts[dataset]}
    about |= {consent: r["recipient_id"] for r in facts["provision_records"] for consent in r["consent_ids"]}
    while name in about:  # an account is a name's, a name a vendor's
        name = about[name]
    return (company, name, day if aspect == "late" else None)


ABOUT = (
    ("vendors", "name", "vendor_id"),
    ("vendor_contracts", "contract_id", "vendor_id"),
    ("accounts", "account_key", "external_company"),
    ("outbound_transfers", "transfer_id", "party_id"),
    ("incidents", "incident_id", "vendor_id"),
    ("sub_vendors", "sighting_id", "sub_vendor"),
    ("provision_records", "record_id", "recipient_id"),
    ("storage_locations", "location_key", "holder_id"),
    ("cloud_resources", "resource_id", "system_id"),
)
