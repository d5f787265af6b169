"""The OSCAL document is valid by NIST's own schema, and claims nothing that was not verified."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.reports.packed import Issued

SCHEMA = "oscal/oscal_assessment-results_schema.json.gz"


@pytest.fixture
def told(issued: Issued) -> dict[str, Any]:
    [path] = (issued.folder / "masked" / "data" / "12_reports").glob("assessment-results_*.json")
    loaded: dict[str, Any] = json.loads(path.read_bytes())
    return loaded


@pytest.fixture(scope="session")
def valid(shared: Path) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads(gzip.decompress((shared / "data" / SCHEMA).read_bytes())))


def test_it_is_valid_by_the_schema(told: dict[str, Any], valid: jsonschema_rs.Validator) -> None:
    assert [f"{list(one.instance_path)}: {one.message}" for one in valid.iter_errors(told)] == []


@pytest.mark.parametrize("broken", ["uuid", "metadata", "results"])
def test_the_schema_would_have_seen_it(told: dict[str, Any], valid: jsonschema_rs.Validator, broken: str) -> None:
    del told["assessment-results"][broken]
    assert not valid.is_valid(told)


def test_every_control_is_observed_and_what_is_unverified_is_not_satisfied(
    issued: Issued, told: dict[str, Any]
) -> None:
    [result] = told["assessment-results"]["results"]
    judged = {p.stem: json.loads(p.read_bytes()) for p in (issued.folder / "masked/data/03_results").iterdir()}
    observed = {
        one["title"].split()[0]: {prop["name"]: prop["value"] for prop in one["props"]}
        for one in result["observations"]
    }
    assert {c: (o["verdict"], o["population"], o["deviations"]) for c, o in observed.items()} == {
        control: (one["verdict"], str(one["population"]), str(len(one["deviations"])))
        for control, one in judged.items()
    }
    states = {one["target"]["target-id"]: one["target"]["status"] for one in result["findings"]}
    for control, one in judged.items():
        if one["verdict"] == "pass":
            assert states[control] == {"state": "satisfied", "reason": "pass"}
        elif one["verdict"] == "not_applicable":
            assert control not in states
        else:
            assert states[control]["state"] == "not-satisfied"
