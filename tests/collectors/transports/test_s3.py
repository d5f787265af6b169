"""A bucket over HTTP: every key, the listed version, whole bodies; damage on the way is repaired or told."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.transports import Cursor, Item, s3
from collectors.transports.s3 import Bucket, Options
from evidence.buckets import Persistence
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable, VaultUnwritable
from tests.servers import s3 as servers

LOGS = "audit-logs"
KEY = "AWSLogs/111122223333/CloudTrail/2026/05/01/記録.json.gz"
BODY = os.urandom(3_000_001)


@pytest.fixture
def server(bucket_server: servers.S3, monkeypatch: pytest.MonkeyPatch) -> servers.S3:
    monkeypatch.setenv("S3_ACCESS", servers.ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET", servers.SECRET_KEY)
    with bucket_server.client() as client:
        servers.make_bucket(client, LOGS)
    return bucket_server


@pytest.fixture
def proxy(server: servers.S3) -> Iterator[servers.Faults]:
    with servers.damaged(server.endpoint) as faults:
        yield faults


@pytest.fixture
def opened(tmp_path: Path) -> Iterator["Opener"]:
    with ExitStack() as stack:
        yield Opener(tmp_path, stack)


class Opener:
    """Makes transports that are closed when the test ends."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self._home, self._stack = home, stack
        self.pauses: list[float] = []

    def __call__(self, endpoint: str, attempts: int = 4, **told: Any) -> Bucket:
        keys = {"access_key": "${env:S3_ACCESS}", "secret_key": "${env:S3_SECRET}"}
        options = {"kind": "s3", "bucket": LOGS, "region": servers.REGION, "endpoint": endpoint, **keys, **told}
        bucket = s3.build(Options.model_validate({k: v for k, v in options.items() if v is not None}), self._home)
        bucket._persistence = Persistence(attempts, self.pauses.append)
        return self._stack.enter_context(bucket)


def put(server: servers.S3, *keys: str, body: bytes = BODY, **more: Any) -> str | None:
    """Put objects; the version of the last one."""
    version = None
    with server.client() as client:
        for key in keys:
            version = client.put_object(Bucket=LOGS, Key=key, Body=body, **more).get("VersionId")
    return version


def version_it(server: servers.S3) -> None:
    with server.client() as client:
        client.put_bucket_versioning(Bucket=LOGS, VersioningConfiguration={"Status": "Enabled"})


def names(bucket: Bucket, since: Cursor | None = None) -> list[str]:
    return [item.name for item in bucket.items(since)]


def only(bucket: Bucket) -> Item:
    [item] = bucket.items(None)
    return item


def test_an_object_is_listed_and_read_byte_for_byte(server: servers.S3, opened: Opener) -> None:
    put(server, KEY)
    bucket = opened(server.endpoint)
    item = only(bucket)
    assert (item.name, item.size, item.version, item.modified.tzinfo) == (KEY, len(BODY), None, UTC)
    with bucket.open(item) as stream:
        assert stream.read(5) + stream.read() == BODY


def test_all_pages_of_a_long_listing_are_read(server: servers.S3, opened: Opener) -> None:
    keys = [f"logs/{number:04d}.json" for number in range(1005)]
    server.fill(LOGS, keys, b"{}")
    assert names(opened(server.endpoint)) == keys


def test_all_pages_of_versions_are_read(server: servers.S3, opened: Opener) -> None:
    version_it(server)
    keys = [f"logs/{number:04d}.json" for number in range(1005)]
    server.fill(LOGS, keys, b"{}")
    assert names(opened(server.endpoint)) == keys


def test_prefix_and_pattern_choose(server: servers.S3, opened: Opener) -> None:
    put(
        server,
        "AWSLogs/1/a.json.gz",
        "AWSLogs/1/2/b.json.gz",
        "AWSLogs/1/c.txt",
        "other/d.json.gz",
        "AWSLogs/1/",
        body=b"",
    )
    assert names(opened(server.endpoint, prefix="AWSLogs/", pattern="*.json.gz")) == [
        "AWSLogs/1/2/b.json.gz",
        "AWSLogs/1/a.json.gz",
    ]
    assert names(opened(server.endpoint, prefix="AWSLogs/", pattern="*/*.json.gz")) == ["AWSLogs/1/a.json.gz"]


def test_a_cursor_leaves_out_what_is_older(server: servers.S3, opened: Opener) -> None:
    put(server, KEY)
    bucket = opened(server.endpoint)
    modified = only(bucket).modified
    assert names(bucket, Cursor(modified)) == [KEY]
    assert names(bucket, Cursor(modified + timedelta(seconds=1))) == []


@pytest.mark.parametrize("key", ["../../etc/cron.d/evil", "logs/a\x1b[2Jb.json", "logs/..", "logs/a\\b"])
def test_a_hostile_key_is_refused_and_the_others_are_listed(key: str, server: servers.S3, opened: Opener) -> None:
    put(server, key, "good.json")
    bucket = opened(server.endpoint)
    assert names(bucket) == ["good.json"]
    assert [refused.name for refused in bucket.refused] == [repr(key)]


def test_the_listed_version_is_read_after_a_newer_one_was_put(server: servers.S3, opened: Opener) -> None:
    version_it(server)
    old = put(server, KEY, body=b"old")
    bucket = opened(server.endpoint)
    item = only(bucket)
    put(server, KEY, body=b"newer")
    with bucket.open(item) as stream:
        assert (item.version, stream.item.version, stream.read()) == (old, old, b"old")


def test_control_without_the_version_the_newer_bytes_come(server: servers.S3, opened: Opener) -> None:
    version_it(server)
    put(server, KEY, body=b"old")
    new = put(server, KEY, body=b"newer")
    bucket = opened(server.endpoint)
    item = only(bucket)
    with bucket.open(Item(item.name, item.size, item.modified)) as stream:
        assert (stream.item.version, stream.read()) == (new, b"newer")


def test_only_the_newest_version_is_listed_and_a_deleted_object_is_not(server: servers.S3, opened: Opener) -> None:
    version_it(server)
    put(server, KEY, "deleted.json", body=b"old")
    new = put(server, KEY, body=b"newer")
    with server.client() as client:
        client.delete_object(Bucket=LOGS, Key="deleted.json")
    assert [(item.name, item.version) for item in opened(server.endpoint).items(None)] == [(KEY, new)]


def test_an_object_overwritten_after_the_listing_is_not_passed_off_as_listed(
    server: servers.S3, opened: Opener
) -> None:
    put(server, KEY)
    bucket = opened(server.endpoint)
    item = only(bucket)
    with pytest.raises(SourceError, match="changed since it was listed"):
        bucket.open(Item(item.name, item.size, item.modified - timedelta(hours=1)))


def test_a_body_cut_off_is_fetched_again_from_its_beginning(
    server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    put(server, KEY)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.waiting += ["truncate", "truncate"]
    with bucket.open(item) as stream:
        assert stream.read() == BODY
    assert proxy.fetched == 3
    assert len(opened.pauses) == 2


def test_a_flipped_bit_is_seen_by_the_checksum_and_the_body_fetched_again(
    server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    put(server, KEY, ChecksumAlgorithm="SHA256")
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.waiting += ["flip"]
    with bucket.open(item) as stream:
        assert (stream.read(), stream.checksum) == (BODY, "sha256")


def test_restarts_keep_to_the_version_of_the_first_answer(
    server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    version_it(server)
    old = put(server, KEY, body=b"old")
    bucket = opened(proxy.endpoint)
    listed = only(bucket)
    proxy.waiting += ["truncate"]

    def overwrite(_: float) -> None:
        put(server, KEY, body=b"new")

    bucket._persistence = Persistence(4, overwrite)
    with bucket.open(Item(listed.name, listed.size, listed.modified)) as stream:
        assert (stream.item.version, stream.read()) == (old, b"old")


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        pytest.param("truncate", SourceUnreachable, "IncompleteReadError", id="cut off"),
        pytest.param("flip", SourceMalformed, "FlexibleChecksumError", id="a flipped bit"),
        pytest.param("shorten", SourceUnreachable, "1500000 of 3000001 bytes", id="a length that lies"),
    ],
)
def test_control_without_another_attempt_the_fault_surfaces(
    fault: str, error: type[SourceError], said: str, server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    put(server, KEY, ChecksumAlgorithm="SHA256")
    bucket = opened(proxy.endpoint, attempts=1)
    item = only(bucket)
    proxy.checksums = fault == "flip"
    proxy.waiting += [fault]
    with pytest.raises(error, match=rf"記録\.json\.gz' did not arrive whole in 1 attempts \({said}\)"):
        bucket.open(item)


def test_a_fault_that_stays_is_told_after_the_last_attempt(
    server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    put(server, KEY)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.waiting += ["truncate"] * 9
    with pytest.raises(SourceUnreachable, match="did not arrive whole in 4 attempts"):
        bucket.open(item)
    assert proxy.fetched == 4


def test_control_without_the_check_of_sizes_a_short_body_is_taken(
    server: servers.S3, proxy: servers.Faults, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "check_size", lambda *_: None)
    put(server, KEY)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.checksums = False
    proxy.waiting += ["shorten"]
    with bucket.open(item) as stream:
        assert stream.read() == BODY[:1_500_000]


def test_without_a_checksum_of_the_source_its_absence_is_on_record(
    server: servers.S3, proxy: servers.Faults, opened: Opener
) -> None:
    put(server, KEY)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.checksums = False
    proxy.waiting += ["flip"]
    with bucket.open(item) as stream:
        assert stream.checksum is None
        assert stream.read() != BODY


def test_a_busy_service_is_asked_again(server: servers.S3, proxy: servers.Faults, opened: Opener) -> None:
    put(server, KEY)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.waiting += ["busy", "reset"]
    with bucket.open(item) as stream:
        assert stream.read() == BODY


def test_a_service_that_stays_busy_may_be_tried_again(
    server: servers.S3, proxy: servers.Faults, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(server, KEY)
    monkeypatch.setattr("time.sleep", lambda _: None)
    bucket = opened(proxy.endpoint)
    item = only(bucket)
    proxy.waiting += ["busy"] * 9
    with pytest.raises(SourceUnreachable, match="the service is busy"):
        bucket.open(item)


def test_a_bucket_that_is_not_there_is_named_with_what_to_look_at(server: servers.S3, opened: Opener) -> None:
    with pytest.raises(
        SourceError, match=r"s3://no-such-bucket/: .*see its name, region and endpoint \(NoSuchBucket\)"
    ):
        names(opened(server.endpoint, bucket="no-such-bucket"))


def test_an_object_that_is_gone_is_named(server: servers.S3, opened: Opener) -> None:
    with pytest.raises(SourceError, match=r"'gone\.json': is not there any more \(NoSuchKey\)"):
        opened(server.endpoint).open(Item("gone.json", 1, datetime(2026, 5, 1, tzinfo=UTC)))


def test_wrong_credentials_are_named_and_not_repeated(
    server: servers.S3, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ACCESS", "AKIACANARYCANARY0000")
    monkeypatch.setenv("S3_SECRET", "canary-secret")
    with (
        server.asking_for_credentials(),
        pytest.raises(SourceError, match="the access key is unknown: see access_key") as refused,
    ):
        names(opened(server.endpoint))
    assert not isinstance(refused.value, SourceUnreachable)
    assert "canary" not in str(refused.value).lower()


def test_no_credentials_at_all_are_told(server: servers.S3, opened: Opener) -> None:
    with pytest.raises(SourceError, match="there are no credentials"):
        names(opened(server.endpoint, access_key=None, secret_key=None))


def test_a_port_that_does_not_answer_may_be_tried_again(
    server: servers.S3, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachable, match=r"no answer \(EndpointConnectionError\)"):
            names(opened(f"http://127.0.0.1:{unused.getsockname()[1]}"))


def test_a_disk_that_is_full_is_not_blamed_on_the_source(server: servers.S3, opened: Opener) -> None:
    put(server, KEY)
    bucket = opened(server.endpoint)
    bucket._scratch = Path("/nonexistent/plain")
    with pytest.raises(VaultUnwritable, match="no temporary file can be made"):
        bucket.open(only(bucket))


def test_no_file_is_left_behind(server: servers.S3, opened: Opener, tmp_path: Path) -> None:
    put(server, KEY)
    bucket = opened(server.endpoint)
    with bucket.open(only(bucket)) as stream:
        assert stream.read(1)
        assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_the_origin_names_bucket_key_and_version(server: servers.S3, opened: Opener) -> None:
    item = Item("logs/a b.json", 1, datetime(2026, 5, 1, tzinfo=UTC), "v1")
    assert opened(server.endpoint).origin(item) == "s3://audit-logs/logs/a%20b.json?versionId=v1"
