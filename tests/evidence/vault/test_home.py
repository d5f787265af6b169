"""A home that keeps its objects in a bucket: what it may say of it, and a day of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.doctor import checks
from evidence import settings
from evidence.errors import ConfigError, Misplaced
from evidence.vault.s3 import S3Vault
from house import create, day, open_house
from tests.evidence.vault.conftest import Place
from tests.evidence.vault.made import versions
from tests.servers import locked, s3

TOLD: dict[str, Any] = {"bucket": "evidence", "prefix": "tenken/", "region": s3.REGION, "retain_days": 1}


def say(home: Path, **told: Any) -> None:
    """Write settings that name a bucket."""
    companies = [{"code": "AOBA", "name": "株式会社青葉"}]
    vault = {"key": "file", "s3": told}
    (home / "settings.yaml").write_text(json.dumps({"group": "青葉グループ", "companies": companies, "vault": vault}))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")]).store.close()
    return tmp_path / "home"


def test_what_a_home_holds_lies_in_the_bucket_and_verifies(home: Path, place: Place, stand_in: locked.Locked) -> None:
    say(home, **TOLD, endpoint=place.endpoint)
    house = open_house(home)
    day.keep_calendars(house)
    assert day.verify_ledger(house) == []
    with house.store.read() as tx:
        recorded = {one.digest for one in tx.objects.visible(tx.at)}
    assert {
        key.removesuffix(".sealed")[-64:] for key, _ in versions(Place(place.client, "evidence", "", None, ""))
    } == recorded
    assert [path.name for path in (home / "vault").iterdir()] == ["pins"]
    stand_in.store.buckets["evidence"].versions.clear()
    assert any("gone" in problem for problem in day.verify_ledger(house))


def test_a_home_that_has_objects_in_its_folder_is_not_opened_on_a_bucket(home: Path, place: Place) -> None:
    day.keep_calendars(open_house(home))
    say(home, **TOLD, endpoint=place.endpoint)
    with pytest.raises(ConfigError, match="holds objects, which the bucket does not have"):
        open_house(home)


@pytest.mark.parametrize(
    ("bucket", "state"), [("evidence", "ok"), ("loose", "no versioning"), ("none", "NoSuchBucket")]
)
def test_doctor_says_whether_the_bucket_will_do(
    bucket: str, state: str, home: Path, place: Place, stand_in: locked.Locked
) -> None:
    place.client.create_bucket(Bucket="loose", CreateBucketConfiguration={"LocationConstraint": s3.REGION})
    say(home, **{**TOLD, "bucket": bucket}, endpoint=place.endpoint)
    look = dict(checks(home))["vault"]
    if state == "ok":
        assert look().startswith("s3://evidence/tenken/")
        return
    with pytest.raises(Exception, match=state):
        look()


def test_verbs_that_need_no_object_need_no_bucket(home: Path) -> None:
    say(home, **TOLD, endpoint="http://127.0.0.1:1")
    assert isinstance(open_house(home).vault, S3Vault)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"retain_days": 0}, "retain_days"),
        ({"retain_days": None}, "retain_days"),
        ({"prefix": "tenken"}, "prefix"),
        ({"prefix": "/tenken/"}, "prefix"),
        ({"bucket": "Evidence"}, "bucket"),
        ({"endpoint": "http://storage.aoba.example"}, "evidence does not travel in the clear"),
        ({"access_key": "AKIA"}, "access_key"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(wrong: dict[str, Any], said: str, home: Path) -> None:
    say(home, **{name: value for name, value in {**TOLD, **wrong}.items() if value is not None})
    with pytest.raises(Misplaced, match=rf"settings\.yaml:\d+:\d+: (?s:.)*{said}"):
        settings.read(home)
