"""What Object Lock promises, as Amazon documents it: kept by the stand-in, and by the service with ``--real-s3``.

The controls run the same against moto and show which of it moto would let pass: a test of a locked vault that only
knows moto proves nothing.
"""

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.evidence.vault.conftest import Place, soon
from tests.servers import locked, s3

PART = 5 * 1024 * 1024
Act = Callable[[Place], Any]


def b64(content: bytes) -> str:
    return base64.b64encode(sha256(content).digest()).decode()


def retention(mode: str | None, minutes: int = 30, **more: Any) -> Act:
    def act(place: Place) -> Any:
        version = place.put()
        told: Any = {"Mode": mode, "RetainUntilDate": soon(minutes)} if mode else {}
        where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": version}
        return place.client.put_object_retention(**where, Retention=told, **more)

    return act


def deletion(**more: Any) -> Act:
    def act(place: Place) -> Any:
        version = place.put()
        return place.client.delete_object(Bucket=place.bucket, Key=f"{place.prefix}object", VersionId=version, **more)

    return act


def governed_and_deleted(place: Place) -> Any:
    version = place.put()
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": version}
    told: Any = {"Mode": "GOVERNANCE", "RetainUntilDate": soon(60)}
    place.client.put_object_retention(**where, Retention=told)
    return place.client.delete_object(**where, BypassGovernanceRetention=True)


def suspension(place: Place) -> Any:
    return place.client.put_bucket_versioning(Bucket=place.bucket, VersioningConfiguration={"Status": "Suspended"})


def wrong_checksum(place: Place) -> Any:
    told: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object"}
    return place.client.put_object(**told, Body=b"bytes", ChecksumSHA256=b64(b"other bytes"))


def wrong_checksum_of_a_part(place: Place) -> Any:
    told: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object"}
    upload = place.client.create_multipart_upload(**told, ChecksumAlgorithm="SHA256")["UploadId"]
    return place.client.upload_part(**told, UploadId=upload, PartNumber=1, Body=b"part", ChecksumSHA256=b64(b"other"))


def lock_without_checksum(place: Place) -> Any:
    told: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object"}
    return place.client.put_object(**told, Body=b"bytes", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=soon())


def overwriting(place: Place) -> Any:
    place.put()
    return place.client.put_object(Bucket=place.bucket, Key=f"{place.prefix}object", Body=b"other", IfNoneMatch="*")


FALSE_PASSES = [
    pytest.param(retention("COMPLIANCE", 10), "AccessDenied", id="a shorter retention"),
    pytest.param(
        retention("COMPLIANCE", 10, BypassGovernanceRetention=True), "AccessDenied", id="a shorter one, with a bypass"
    ),
    pytest.param(retention("COMPLIANCE", -10), "InvalidArgument", id="a retention in the past"),
    pytest.param(retention("GOVERNANCE", 60), "AccessDenied", id="GOVERNANCE instead"),
    pytest.param(retention(None), "AccessDenied", id="no retention"),
    pytest.param(governed_and_deleted, "AccessDenied", id="GOVERNANCE, then a delete that bypasses it"),
    pytest.param(suspension, "InvalidBucketState", id="versioning suspended"),
    pytest.param(wrong_checksum, "BadDigest", id="a wrong checksum"),
    pytest.param(wrong_checksum_of_a_part, "BadDigest", id="a wrong checksum of a part"),
]
REFUSED = [
    pytest.param(deletion(), "AccessDenied", id="a delete"),
    pytest.param(deletion(BypassGovernanceRetention=True), "AccessDenied", id="a delete with a bypass"),
    pytest.param(lock_without_checksum, "InvalidRequest", id="a lock without a checksum of the body"),
    pytest.param(overwriting, "PreconditionFailed", id="put where there is one already"),
]


@pytest.mark.parametrize(("act", "code"), [*FALSE_PASSES, *REFUSED])
def test_a_locked_bucket_refuses(act: Act, code: str, place: Place) -> None:
    with pytest.raises(ClientError) as refused:
        act(place)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(("act", "code"), FALSE_PASSES)
def test_control_moto_lets_pass(act: Act, code: str, moto: Place) -> None:
    assert act(moto)["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)


def locked_parts(place: Place) -> str | None:
    """The lock mode of an object that was uploaded in parts under COMPLIANCE."""
    told: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}parts"}
    lock: Any = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": soon()}
    upload = place.client.create_multipart_upload(**told, **lock, ChecksumAlgorithm="SHA256")["UploadId"]
    parts: list[Any] = []
    for number, body in enumerate((b"1" * PART, b"2"), start=1):
        sent: Any = {"PartNumber": number, "Body": body, "ChecksumSHA256": b64(body)}
        put = place.client.upload_part(**told, UploadId=upload, **sent)
        parts.append({"PartNumber": number, "ETag": put["ETag"], "ChecksumSHA256": b64(body)})
    place.client.complete_multipart_upload(**told, UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    return place.client.head_object(**told).get("ObjectLockMode")


def test_what_comes_in_parts_is_locked(place: Place) -> None:
    assert locked_parts(place) == "COMPLIANCE"


def test_control_moto_forgets_the_lock_of_parts(moto: Place) -> None:
    assert locked_parts(moto) is None


def test_the_checksum_of_parts_is_made_of_their_checksums(place: Place) -> None:
    locked_parts(place)
    together = b"".join(sha256(body).digest() for body in (b"1" * PART, b"2"))
    head = place.client.head_object(Bucket=place.bucket, Key=f"{place.prefix}parts", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == f"{b64(together)}-2"


def test_a_retention_may_be_made_longer(place: Place) -> None:
    version = place.put()
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": version}
    longer: Any = {"Mode": "COMPLIANCE", "RetainUntilDate": soon(60)}
    place.client.put_object_retention(**where, Retention=longer)
    head = place.client.head_object(**where)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", longer["RetainUntilDate"])


def test_a_delete_without_a_version_puts_a_marker_and_the_version_stays(place: Place) -> None:
    version = place.put()
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object"}
    marker = place.client.delete_object(**where)
    assert marker["DeleteMarker"]
    with pytest.raises(ClientError) as gone:
        place.client.get_object(**where)
    assert gone.value.response["Error"]["Code"] == "NoSuchKey"
    assert place.client.get_object(**where, VersionId=version)["Body"].read() == b"bytes"
    listed = place.client.list_object_versions(Bucket=place.bucket, Prefix=place.prefix)
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["Versions"]] == [(version, False)]
    assert [(one["VersionId"], one["IsLatest"]) for one in listed["DeleteMarkers"]] == [(marker["VersionId"], True)]


def test_over_a_marker_a_new_version_may_be_put(place: Place) -> None:
    place.put()
    place.client.delete_object(Bucket=place.bucket, Key=f"{place.prefix}object")
    put = place.client.put_object(Bucket=place.bucket, Key=f"{place.prefix}object", Body=b"bytes", IfNoneMatch="*")
    assert put["VersionId"]


def test_a_put_without_a_condition_makes_a_version_and_takes_none_away(place: Place) -> None:
    first, second = place.put(body=b"first"), place.put(body=b"second")
    listed = place.client.list_object_versions(Bucket=place.bucket, Prefix=place.prefix)["Versions"]
    assert [one["VersionId"] for one in listed] == [second, first]


def test_parts_that_were_never_completed_are_no_object(place: Place) -> None:
    told: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}parts"}
    upload = place.client.create_multipart_upload(**told, ChecksumAlgorithm="SHA256")["UploadId"]
    place.client.upload_part(**told, UploadId=upload, PartNumber=1, Body=b"part", ChecksumSHA256=b64(b"part"))
    assert "Versions" not in place.client.list_object_versions(Bucket=place.bucket, Prefix=place.prefix)
    listed = place.client.list_multipart_uploads(Bucket=place.bucket, Prefix=place.prefix)["Uploads"]
    assert [one["UploadId"] for one in listed] == [upload]
    place.client.abort_multipart_upload(**told, UploadId=upload)
    assert "Uploads" not in place.client.list_multipart_uploads(Bucket=place.bucket, Prefix=place.prefix)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_all_pages_of_versions_come_in_the_order_of_keys_and_the_newest_first(size: int, place: Place) -> None:
    put = {key: [place.put(key) for _ in range(2)] for key in ("a", "a/b", "記録")}
    pages = place.client.get_paginator("list_object_versions").paginate(
        Bucket=place.bucket, Prefix=place.prefix, PaginationConfig={"PageSize": size}
    )
    listed = [(one["Key"].removeprefix(place.prefix), one["VersionId"]) for page in pages for one in page["Versions"]]
    assert listed == [(key, version) for key in put for version in reversed(put[key])]


def test_what_is_free_again_may_be_deleted(place: Place, stand_in: locked.Locked) -> None:
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": place.put(minutes=1)}
    stand_in.store.advance(minutes=2)
    place.client.delete_object(**where)
    with pytest.raises(ClientError) as gone:
        place.client.get_object(**where)
    assert gone.value.response["Error"]["Code"] == "NoSuchVersion"


def test_a_bucket_without_object_lock_locks_nothing(place: Place, stand_in: locked.Locked) -> None:
    place.client.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": s3.REGION})
    lock: Any = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": soon()}
    with pytest.raises(ClientError, match="InvalidRequest"):
        place.client.put_object(Bucket="plain", Key="object", Body=b"bytes", ChecksumAlgorithm="SHA256", **lock)
    with pytest.raises(ClientError, match="ObjectLockConfigurationNotFoundError"):
        place.client.get_object_lock_configuration(Bucket="plain")
