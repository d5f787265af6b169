"""CloudTrail: both readers give equal rows, and what is wrong with a record is named."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.formats import Layout, cloudtrail
from collectors.formats import cloudtrail_words as words
from evidence.datasets import catalogue
from evidence.vault import StoredObject
from tests.collectors.objects import stored, told

TRAIL = Layout("cloudtrail")
EVENT: dict[str, Any] = {
    "eventID": "e-1",
    "eventTime": "2026-03-10T00:00:00Z",
    "eventName": "GetObject",
    "eventSource": "s3.amazonaws.com",
    "awsRegion": "ap-northeast-1",
    "sourceIPAddress": "192.0.2.7",
    "userIdentity": {"type": "IAMUser", "userName": "sato", "accountId": "1"},
    "recipientAccountId": "1",
    "requestParameters": {"bucketName": "b-1", "key": "k"},
}
ROLE = {"sessionIssuer": {"type": "Role", "userName": "batch"}}
SSO = {"sessionIssuer": {"type": "Role", "userName": "AWSReservedSSO_Admin_0a1b"}}


def trail(*records: Any) -> bytes:
    return json.dumps({"Records": list(records)}).encode()


def tables(parts: Any) -> pa.Table:
    return pa.Table.from_batches([p for p in parts if isinstance(p, pa.RecordBatch)], schema=cloudtrail.SCHEMA)


@pytest.fixture(scope="module")
def real(shared: Path) -> list[StoredObject]:
    return [stored(path.read_bytes()) for path in sorted((shared / "data" / "cloudtrail").rglob("*.json.gz"))]


def test_both_readers_read_real_objects_alike(real: list[StoredObject]) -> None:
    fast = tables(cloudtrail.read(real, TRAIL))
    assert fast.num_rows == 2_900
    assert fast.equals(tables(part for one in real for part in cloudtrail.strict(one)))


def test_real_objects_take_the_fast_way(real: list[StoredObject]) -> None:
    [group] = cloudtrail._groups(real)
    assert cloudtrail._fast(group)[1] == set()


def test_real_records_are_counted_by_what_they_did(real: list[StoredObject]) -> None:
    read = told(real, TRAIL)
    assert (len(read.ends), len(read.rejects)) == (55, 0)
    counted = Counter(row["action"] for row in read.rows)
    assert counted == {
        "read": 2323,
        "update": 286,
        "delete": 155,
        "admin": 124,
        "export": 6,
        "search": 4,
        "login_ok": 2,
    }
    assert Counter(row["result"] for row in read.rows) == {"ok": 2600, "error": 240, "denied": 60}
    stops = [row["target"] for row in read.rows if row["operation"] == "StopLogging"]
    assert len(stops) == 3 and all(stops)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
IDENTITIES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["IAMUser", "Root", "AssumedRole", "AWSService", "AWSAccount"]) | TEXTS,
        "userName": st.none() | TEXTS,
        "arn": TEXTS,
        "accountId": TEXTS,
        "invokedBy": TEXTS,
        "sessionContext": st.none() | st.just(ROLE) | st.just(SSO),
    },
)
RECORDS = st.fixed_dictionaries(
    {"eventID": TEXTS, "eventSource": TEXTS, "userIdentity": st.none() | IDENTITIES},
    optional={
        "eventTime": st.just("2026-03-10T00:00:00Z") | TEXTS,
        "eventName": TEXTS,
        "readOnly": st.booleans(),
        "errorCode": TEXTS,
        "sourceIPAddress": TEXTS,
        "requestParameters": st.none()
        | st.dictionaries(st.sampled_from(["name", "bucketName", "x"]), TEXTS | st.integers() | st.just({"a": 1})),
        "additionalEventData": st.none() | st.fixed_dictionaries({"MFAUsed": TEXTS}),
        "extra": st.lists(st.floats(allow_nan=False, allow_infinity=False)),
    },
)


@settings(max_examples=25)
@given(st.lists(st.lists(RECORDS, max_size=3), max_size=3), st.booleans())
def test_both_readers_read_any_records_alike(objects: list[list[dict[str, Any]]], packed: bool) -> None:
    contents = [trail(*records) for records in objects]
    several = [stored(gzip.compress(content) if packed else content) for content in contents]
    together = list(cloudtrail.read(several, TRAIL))
    alone = [part for one in several for part in cloudtrail.strict(one)]
    assert tables(together).equals(tables(alone))
    assert [p for p in together if not isinstance(p, pa.RecordBatch)] == [
        p for p in alone if not isinstance(p, pa.RecordBatch)
    ]


@pytest.mark.parametrize("text", ["{", "[abc", "[", "{}"])
@pytest.mark.parametrize(("field", "column"), [
    ("eventID", "event_id"), ("eventName", "operation"), ("eventSource", "service"),
])  # fmt: skip
def test_a_text_that_looks_like_a_structure_is_refused_by_name(field: str, column: str, text: str) -> None:
    whole = {
        "eventID": "e-1", "eventTime": "2026-03-10T00:00:00Z", "eventName": "GetObject", "eventSource": "s3.amazonaws.com",
        "userIdentity": {"type": "IAMUser", "userName": "sato", "accountId": "1"},
    }  # fmt: skip
    read = told([stored(trail(whole, whole | {field: text}))], TRAIL)
    assert [(one.line, one.column) for one in read.rejects] == [(2, column)]
    assert len(read.rows) == 1


@settings(max_examples=40)
@given(st.binary())
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    read = told([stored(content)], TRAIL)
    assert read.ends or read.rejects


@pytest.mark.parametrize(
    ("identity", "account"),
    [
        pytest.param({"type": "IAMUser", "userName": "sato", "accountId": "1"}, "sato", id="a user"),
        pytest.param(
            {"type": "IAMUser", "userName": "sato", "accountId": "2"}, "2:sato", id="a user of another account"
        ),
        pytest.param({"type": "Root", "accountId": "1", "arn": "arn:aws:iam::1:root"}, "root", id="root"),
        pytest.param(
            {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/batch/i-0f", "sessionContext": ROLE},
            "batch",
            id="a role",
        ),
        pytest.param(
            {
                "type": "AssumedRole",
                "arn": "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0a1b/sato@example.jp",
                "sessionContext": SSO,
            },
            "AWSReservedSSO_Admin_0a1b/sato@example.jp",
            id="a person behind a sign-in role",
        ),
        pytest.param({"type": "AWSService", "invokedBy": "rds.amazonaws.com"}, "rds.amazonaws.com", id="a service"),
        pytest.param({"type": "AWSAccount", "principalId": "AIDA", "accountId": "2"}, "2:AIDA", id="another account"),
        pytest.param({"accountId": "1", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com", id="no type"),
    ],
)
def test_an_actor_has_one_name(identity: dict[str, Any], account: str) -> None:
    [row] = told([stored(trail(EVENT | {"userIdentity": identity}))], TRAIL).rows
    assert row["account_id"] == account


@pytest.mark.parametrize(
    ("change", "action", "result"),
    [
        pytest.param({}, "read", "ok", id="reading"),
        pytest.param(
            {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}},
            "login_ok",
            "ok",
            id="signed in",
        ),
        pytest.param(
            {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}},
            "login_ng",
            "denied",
            id="not signed in",
        ),
        pytest.param({"eventName": "PutObject"}, "update", "ok", id="writing"),
        pytest.param(
            {"eventName": "DeleteObject", "errorCode": "AccessDenied"}, "delete", "denied", id="deleting in vain"
        ),
        pytest.param({"eventName": "GetObject", "errorCode": "NoSuchKey"}, "read", "error", id="an error"),
        pytest.param(
            {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"},
            "admin",
            "ok",
            id="stopping a trail",
        ),
        pytest.param(
            {"eventName": "AttachUserPolicy", "eventSource": "iam.amazonaws.com"}, "admin", "ok", id="giving rights"
        ),
        pytest.param(
            {"eventName": "ListUsers", "eventSource": "iam.amazonaws.com"}, "read", "ok", id="looking at rights"
        ),
        pytest.param({"eventName": "PutBucketPolicy"}, "admin", "ok", id="opening a bucket"),
        pytest.param(
            {"eventName": "ModifySnapshotAttribute", "eventSource": "ec2.amazonaws.com"}, "export", "ok", id="sharing"
        ),
    ],
)
def test_an_event_is_an_act_with_its_result(change: dict[str, Any], action: str, result: str) -> None:
    [row] = told([stored(trail(EVENT | change))], TRAIL).rows
    assert (row["action"], row["result"], row["operation"]) == (action, result, (EVENT | change)["eventName"])


@pytest.mark.parametrize(
    ("record", "column", "why"),
    [
        pytest.param("text", None, "not an object with fields", id="no object"),
        pytest.param({**EVENT, "eventID": None}, "event_id", "is not there", id="no id"),
        pytest.param(
            {**EVENT, "eventTime": "2026-03-10"},
            "occurred_at",
            "is not a time as CloudTrail writes it",
            id="a day only",
        ),
        pytest.param({**EVENT, "userIdentity": {"type": "IAMUser"}}, "account_id", "is not there", id="nobody"),
        pytest.param({**EVENT, "eventName": {"a": 1}}, "operation", "is not there", id="an object for a name"),
    ],
)
def test_a_bad_record_is_rejected_by_its_place(record: Any, column: str | None, why: str) -> None:
    read = told([stored(trail(EVENT, record)), stored(trail(EVENT | {"eventID": "e-2"}))], TRAIL)
    assert [(r.part, r.line, r.column, r.reason) for r in read.rejects] == [("/Records", 2, column, why)]
    assert (len(read.rows), [end.lines for end in read.ends]) == (2, [2, 1])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b'{"Records": [', "not JSON", id="cut off"),
        pytest.param(b'{"records": []}', "no array Records", id="another key"),
        pytest.param(
            b"[" + json.dumps(EVENT).encode() + b"]", "no array Records", id="the records without their object"
        ),
        pytest.param(trail(EVENT) + trail(EVENT), "not JSON: Extra data", id="two documents"),
        pytest.param(gzip.compress(trail(EVENT))[:-6], "damaged gzip", id="cut gzip"),
        pytest.param(b'{"Records": [{"eventID": "a", "eventID": "b"}]}', "a key stands twice", id="a repeated key"),
    ],
)
def test_a_bad_object_is_refused_beside_good_ones(content: bytes, why: str) -> None:
    read = told([stored(trail(EVENT)), stored(content), stored(trail(EVENT))], TRAIL)
    assert [reject.reason[: len(why)] for reject in read.rejects] == [why]
    assert (len(read.rows), len(read.ends)) == (2, 2)


def test_an_object_without_events_is_read_to_its_end() -> None:
    assert [end.lines for end in told([stored(trail())], TRAIL).ends] == [0]


def test_a_service_for_an_address_is_no_address() -> None:
    [row] = told([stored(trail(EVENT | {"sourceIPAddress": "rds.amazonaws.com"}))], TRAIL).rows
    assert row["source_ip"] is None


def test_an_act_is_always_one_that_the_dataset_knows() -> None:
    acts = {
        words.action(name, "s3.amazonaws.com", None, None) for name in ("GetX", "PutX", "DeleteX", "SearchX", "ExportX")
    }
    assert acts == {"read", "update", "delete", "search", "export"}
    assert acts <= set(catalogue()["access_events"].column("action").codes)
