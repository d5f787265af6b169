from datetime import date
from typing import Any

import pytest

from registers.sub_vendors import Passed, SubVendor

ON = date(2026, 3, 31)
VENDORS = [
    {"vendor_id": "V-1", "corporate_number": "1000000000001", "name": "みどり印刷"},
    {"vendor_id": "V-2", "corporate_number": "1000000000002", "name": "あさひ運送"},
]


def seen(vendor: str, sub_vendor: str, country: str | None = None) -> dict[str, Any]:
    return {"vendor_id": vendor, "sub_vendor": sub_vendor, "country": country, "seen_in": "audit"}


def approved(vendor: str, sub_vendor: str, **told: Any) -> dict[str, Any]:
    row = {"approved_on": date(2025, 4, 1), "expires_on": date(9999, 12, 31), "pass_down_terms": True, "country": None}
    return {"vendor_id": vendor, "sub_vendor": sub_vendor} | row | told


def shape(below: tuple[SubVendor, ...]) -> dict[str, Any]:
    return {one.sub_vendor: shape(one.sub_vendors) for one in below}


@pytest.mark.parametrize(
    ("approval", "country", "status"),
    [
        pytest.param({}, None, "valid", id="approved, and nobody knows the country"),
        pytest.param({"expires_on": ON}, None, "valid", id="its last day"),
        pytest.param({"expires_on": date(2026, 3, 30)}, None, "expired", id="the day after its last"),
        pytest.param({"approved_on": date(2026, 4, 1)}, None, "missing", id="approved tomorrow"),
        pytest.param({"pass_down_terms": False}, None, "missing", id="terms not passed down"),
        pytest.param({"country": "VN"}, "VN", "valid", id="seen in the approved country"),
        pytest.param({"country": "JP"}, "VN", "missing", id="seen in another country"),
        pytest.param({}, "VN", "missing", id="approved for no country, seen abroad"),
        pytest.param(
            {"country": "VN", "expires_on": date(2026, 3, 30)}, "VN", "expired", id="expired for that country"
        ),
    ],
)
def test_whether_a_sub_vendor_is_approved(approval: dict[str, Any], country: str | None, status: str) -> None:
    passed = Passed(VENDORS, [seen("V-1", "S-1", country)], [approved("V-1", "S-1", **approval)])
    [one] = passed.below("V-1", ON)
    assert one.approval == status


def test_an_approval_of_another_vendor_does_not_count() -> None:
    [one] = Passed(VENDORS, [seen("V-1", "S-1")], [approved("V-2", "S-1")]).below("V-1", ON)
    assert one.approval == "missing"


def test_one_country_without_approval_is_enough() -> None:
    sightings = [seen("V-1", "S-1", "JP"), seen("V-1", "S-1", "VN")]
    [one] = Passed(VENDORS, sightings, [approved("V-1", "S-1", country="JP")]).below("V-1", ON)
    assert (one.approval, one.countries, len(one.sightings)) == ("missing", ("JP", "VN"), 2)


def test_who_is_approved_and_never_seen_is_shown() -> None:
    [one] = Passed(VENDORS, [], [approved("V-1", "S-1", country="JP")]).below("V-1", ON)
    assert (one.sub_vendor, one.approval, one.countries, one.sightings) == ("S-1", "valid", ("JP",), ())


def test_the_tree_goes_on_below_a_sub_vendor() -> None:
    passed = Passed(VENDORS, [seen("V-1", "S-1"), seen("S-1", "S-2"), seen("S-2", "S-3")], [])
    assert shape(passed.below("V-1", ON)) == {"S-1": {"S-2": {"S-3": {}}}}


@pytest.mark.parametrize("name", ["V-2", "1000000000002", "あさひ運送"], ids=["id", "corporate number", "name"])
def test_a_sub_vendor_that_is_a_vendor_of_the_register_brings_its_own(name: str) -> None:
    passed = Passed(VENDORS, [seen("V-1", name), seen("V-2", "S-9")], [])
    assert shape(passed.below("V-1", ON)) == {name: {"S-9": {}}}


def test_work_that_comes_back_to_who_gave_it_ends_the_tree() -> None:
    passed = Passed(VENDORS, [seen("V-1", "S-1"), seen("S-1", "みどり印刷")], [])
    assert shape(passed.below("V-1", ON)) == {"S-1": {"みどり印刷": {}}}


def test_the_roots_are_vendors_that_pass_work_on_and_strangers_that_are_below_nobody() -> None:
    passed = Passed(VENDORS, [seen("V-1", "S-1"), seen("S-1", "S-2"), seen("V-9", "S-3")], [])
    assert passed.roots() == ["V-1", "V-9"]
