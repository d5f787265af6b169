"""Vendors, other parties and countries are clean but for what is planted: done again here by hand over the same values."""

import csv
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.countries import ELEMENT
from demo.days import AS_OF, SINCE
from demo.group import COMPANIES, Group
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

CONTROLS = ("VEN-01", "VEN-03", "VEN-06", "VEN-07", "EXT-01", "EXT-03", "EXT-04")
DAYS_OF = {"T1": 365, "T2": 365, "T3": 730}


def _planned(plan: Plan, control: str, aspect: str | None = None) -> set[tuple[str, str]]:
    told = [one for one in plan.planted if one.control == control and not one.near_miss]
    return {(one.company, one.subject) for one in told if aspect in (None, one.aspect)}


def _evaluated(group: Group, vendor: dict[str, Any], by: date) -> dict[str, Any] | None:
    """The newest evaluation that was approved by a day, when it is a passed one."""
    approved = [row for row in group.rows("vendor_evaluations", vendor_id=vendor["vendor_id"]) if row["approved_on"]]
    newest: dict[str, Any] = max(
        (row for row in approved if row["approved_on"] <= by),  # type: ignore[operator]
        key=lambda row: str(row["approved_on"]),
        default={"score": 0, "questions_open": 0, "knock_outs": (), "necessary_items_only": True},
    )
    passed = newest["score"] >= 80 and newest["questions_open"] == 0 and not newest["knock_outs"]
    return newest if passed and newest["necessary_items_only"] else None


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("seed", SEEDS)
def test_each_has_three_faults_and_three_near_misses(seed: int, control: str) -> None:
    told = Counter(one.near_miss for one in world(seed)[1].planted if one.control == control)
    assert min(told[True], told[False]) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_vendors_are_not_evaluated_in_time_with_a_passed_sheet(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for vendor in group.rows("vendors", handles_personal_data=True, status="active"):
        found = _evaluated(group, vendor, AS_OF)
        if found is None or found["approved_on"] < AS_OF - timedelta(days=DAYS_OF[str(vendor["tier"])]):
            bad.add((vendor["company"], vendor["vendor_id"]))
    assert bad == _planned(plan, "VEN-01", "evaluation")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_vendors_got_data_before_they_had_passed(seed: int) -> None:
    group, plan = world(seed)
    begun = [row for row in group.rows("vendors", handles_personal_data=True) if row["first_transfer_on"]]
    bad = {
        (row["company"], row["vendor_id"])
        for row in begun
        if row["first_transfer_on"] >= SINCE  # type: ignore[operator]
        and _evaluated(group, row, row["first_transfer_on"]) is None  # type: ignore[arg-type]
    }
    assert bad == _planned(plan, "VEN-01", "late")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_parties_are_neither_registered_nor_judged(seed: int) -> None:
    group, plan = world(seed)
    registered = {row["vendor_id"] for row in group.rows("vendors")}
    newest: dict[tuple[object, object], dict[str, Any]] = {}
    for row in sorted(group.rows("party_decisions"), key=lambda row: str(row["decided_on"])):
        newest[row["company"], row["party"]] = row
    judged = {key for key, row in newest.items() if not row["handles_personal_data"]}
    likely = {(one.company, one.party): one.vendor for one in group.sightings if one.likely}
    bad = {key for key, vendor in likely.items() if vendor not in registered and key not in judged}
    assert bad == _planned(plan, "VEN-03")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_sub_vendors_were_not_approved_before_they_were_seen(seed: int) -> None:
    group, plan = world(seed)
    bad = {
        (seen.company, f"{seen.vendor}:{seen.sub_vendor}")
        for seen in group.sub_vendors
        if not any(
            row["approved_on"] <= seen.on <= row["expires_on"]  # type: ignore[operator]
            for row in group.rows(
                "sub_vendor_approvals",
                vendor_id=seen.vendor,
                sub_vendor=seen.sub_vendor,
                work=seen.work,
                country=seen.country,
                pass_down_terms=True,
            )
        )
    }
    assert bad == _planned(plan, "VEN-06")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_ended_vendors_have_not_certified_within_thirty_days(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for vendor in group.rows("vendors", handles_personal_data=True, status="ended"):
        contract = group.row("vendor_contracts", vendor_id=vendor["vendor_id"])
        due, given = vendor["ended_on"] + timedelta(days=30), contract["return_certificate_on"]  # type: ignore[operator]
        if due < AS_OF and (given is None or given > due):  # type: ignore[operator]
            bad.add((vendor["company"], vendor["vendor_id"]))
    late = _planned(plan, "VEN-07", "late") & bad
    assert len(late) == 1 and bad == _planned(plan, "VEN-07", "certificate") | late


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_holders_have_no_recorded_country_of_server_and_operator(seed: int) -> None:
    group, plan = world(seed)
    places = [(row["holder_id"], row) for row in group.rows("storage_locations")]
    places += [(row["system_id"], row) for row in group.rows("systems")]
    whole = {holder for holder, row in places if row["server_country"] and row["operator_country"]}
    holders = [(row["company"], row["system_id"]) for row in group.rows("systems", holds_personal_data=True)]
    holders += [
        (row["company"], row["vendor_id"])
        for row in group.rows("vendors", handles_personal_data=True)
        if row["status"] in ("active", "suspended")
    ]
    holders += [(seen.company, seen.sub_vendor) for seen in group.sub_vendors]
    gone = {row["system_id"] for row in group.rows("systems") if row["retired_on"]}
    bad = {(company, holder) for company, holder in holders if holder not in whole and holder not in gone}
    assert bad == _planned(plan, "EXT-01") - {("MID", "SYS-WMS")}


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_provisions_abroad_rest_on_a_consent_given_uninformed(seed: int) -> None:
    group, plan = world(seed)
    abroad = {r["recipient_id"]: r["country"] for r in group.rows("recipients", legal_route="consent")}
    consents: dict[Any, dict[str, Any]] = {row["consent_id"]: dict(row) for row in group.rows("consents")}

    def informed(record: dict[str, Any]) -> bool:
        told = [consents[one] for one in record["consent_ids"]]
        shown = [
            one["country_shown"] == abroad[record["recipient_id"]] and one["shown_at"] < one["given_at"] for one in told
        ]
        return bool(told) and all(shown)

    records = [
        r for r in group.rows("provision_records", route="consent") if abroad.get(r["recipient_id"], "JP") != "JP"
    ]
    in_period = [dict(one) for one in records if one["last_provision_on"] >= SINCE]  # type: ignore[operator]
    bad = {(one["company"], one["record_id"]) for one in in_period if not informed(one)}
    assert bad == _planned(plan, "EXT-03", "provision")


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_countries_are_not_named_by_a_text_in_force_or_named_without_assessment(
    seed: int, company: str
) -> None:
    group, plan = world(seed)
    rows = list(group.rows("document_elements", company=company, element=ELEMENT))
    named = {row["value"] for row in rows if row["document_version"] == "3.0" and row["value"] != "JP"}
    confirmed = {row["value"] for row in rows if row["document_version"] == "3.0" and row["confirmed_by"]}
    assessed = {row["country"] for row in group.rows("country_assessments")}
    places = [*group.rows("storage_locations", company=company), *group.rows("systems", company=company)]
    lands = {row[name] for row in places for name in ("server_country", "operator_country")} - {"JP", None}
    bad = (lands - confirmed) | (named - assessed)
    assert {(company, str(land)) for land in bad} == {one for one in _planned(plan, "EXT-04") if one[0] == company}


def test_every_party_seen_is_delivered_once(written: Path) -> None:
    inbox = written / "home" / "inbox"
    paid = [
        row["支払番号"]
        for path in (inbox / "payments").iterdir()
        for row in csv.DictReader(path.read_text("cp932").splitlines())
    ]
    [listed] = [json.loads(path.read_text("utf-8")) for path in (inbox / "sign_on").iterdir()]
    delivered = paid + [one["id"] for one in listed["applications"]]
    assert Counter(delivered) == Counter(one.id for one in world(1)[0].sightings)


def test_payments_are_delivered_with_the_first_payday_that_follows(written: Path) -> None:
    folder = written / "home" / "inbox" / "payments"
    [first] = [path for path in folder.iterdir() if path.name == "shiharai_202602.csv"]
    days = {row["支払日"] for row in csv.DictReader(first.read_text("cp932").splitlines())}
    assert max(days) == "2026/02/27"
