"""What machines read: with a token that is for it, and within the schema whatever is asked."""

from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok

from house import credentials
from tests.portal.served import PERIOD, Served, key


@pytest.fixture(scope="module")
def token(door: Served) -> str:
    return credentials.new_token(door.house, key(door.house, "BOT-1"))


def read(door: Served, path: str, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{door.origin}/api{path}", headers=headers, timeout=60)


def test_a_machine_reads_results_and_gaps_of_its_company(door: Served, token: str) -> None:
    results = read(door, "/AOBA/results", token).json()
    assert len(results) == 90
    since, as_of = PERIOD.split("..")
    assert read(door, f"/AOBA/results?since={since}&as_of={as_of}", token).json() == results
    assert read(door, f"/AOBA/results?since={as_of}&as_of={since}", token).json() == []
    [found] = [one for one in read(door, "/AOBA/gaps", token).json() if one["control"] == "VEN-04"]
    assert (found["subject"], found["department"], found["state"]) == ("V-2", "D2", "open")


@pytest.mark.parametrize("path", ["/AOBA/results", "/AOBA/gaps", "/AOI/results", "/NONE/results", "/nothing"])
@pytest.mark.parametrize("whose", ["nobody", "wrong", "password", "auditor"])
def test_whoever_has_no_token_for_it_is_told_the_same(door: Served, token: str, path: str, whose: str) -> None:
    auditor = credentials.new_token(door.house, key(door.house, "109"))
    told = {"nobody": None, "wrong": token[::-1], "password": "BOT-1", "auditor": auditor}[whose]
    answer = read(door, path, told)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_machine_sees_no_other_company_and_no_page(door: Served, token: str) -> None:
    assert read(door, "/AOI/results", token).status_code == 404
    headers = {"Authorization": f"Bearer {token}"}
    told = requests.get(f"{door.origin}/AOBA", headers=headers, timeout=60, allow_redirects=False)
    assert told.headers["location"] == "/login"


def test_whatever_is_asked_is_answered_within_the_schema(door: Served, token: str) -> None:
    asked = list[int]()

    def call(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        asked.append(answer.status_code)
        case.validate_response(answer)

    for operation in schemathesis.openapi.from_url(f"{door.origin}/api/openapi.json").get_all_operations():
        assert isinstance(operation, Ok)
        settings(max_examples=40, suppress_health_check=list(HealthCheck), database=None)(
            given(operation.ok().as_strategy())(call)
        )()
    assert len(asked) >= 40
    assert max(asked) < 500
