"""Collecting from a bucket: once, whatever its listing tells, and with what vouches for the bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.transports.s3 import Bucket
from tests.collectors.homes import BADGES, DAY, Home, rights
from tests.servers import s3 as servers

LOGS = "exports"


def source(endpoint: str) -> str:
    where = f"{{kind: s3, bucket: {LOGS}, region: {servers.REGION}, endpoint: '{endpoint}', "
    keys = "access_key: '${env:S3_ACCESS}', secret_key: '${env:S3_SECRET}'}"
    return BADGES.replace('{kind: local, folder: inbox, pattern: "*.csv"}', where + keys)


@pytest.fixture
def server(bucket_server: servers.S3, monkeypatch: pytest.MonkeyPatch) -> servers.S3:
    monkeypatch.setenv("S3_ACCESS", servers.ACCESS_KEY)
    monkeypatch.setenv("S3_SECRET", servers.SECRET_KEY)
    with bucket_server.client() as client:
        servers.make_bucket(client, LOGS)
        client.put_bucket_versioning(Bucket=LOGS, VersioningConfiguration={"Status": "Enabled"})
        client.put_object(Bucket=LOGS, Key="r.csv", Body=rights(("R1", "W-1")).encode(), ChecksumAlgorithm="SHA256")
    return bucket_server


@pytest.fixture
def home(tmp_path: Path, server: servers.S3) -> Iterator[Home]:
    made = Home(tmp_path, source(server.endpoint))
    yield made
    made.store.close()


def test_what_reading_tells_a_version_of_and_listing_does_not_is_collected_once(
    home: Home, server: servers.S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "_versioned", lambda _: False)  # moto lets everybody ask; owners of buckets do not
    first, again = home.collect(), home.collect()
    with home.store.read() as tx:
        [kept] = tx.objects.of_source("badges")
    assert (first.objects, again.objects) == (1, 0)
    assert kept.version is not None
    with server.client() as client:
        client.put_object(Bucket=LOGS, Key="r.csv", Body=rights(("R1", "W-1"), ("R2", "W-2")).encode())
    assert home.collect(DAY).objects == 1


def test_what_was_collected_without_listed_versions_is_known_when_they_are_listed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Bucket, "_versioned", lambda _: False)
        home.collect()
    assert home.collect().objects == 0


def test_the_ledger_tells_which_checksum_of_the_source_vouches_for_each_object(home: Home, server: servers.S3) -> None:
    with servers.damaged(server.endpoint) as proxy:
        proxy.checksums = False
        home.write(source(proxy.endpoint))
        home.collect()
        proxy.checksums = True
        with server.client() as client:
            body = rights(("R1", "W-1"), ("R2", "W-2")).encode()
            client.put_object(Bucket=LOGS, Key="r.csv", Body=body, ChecksumAlgorithm="SHA256")
        home.collect()
    assert [leaf["checksums"] for leaf in home.leaves()] == [["absent"], ["sha256"]]
