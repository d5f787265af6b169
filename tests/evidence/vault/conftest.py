"""Buckets with Object Lock: of the strict stand-in; with ``--real-s3`` of the service that the environment names."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from tests.servers import locked, s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket with Object Lock, a prefix of it that nobody else uses, and a client for what a test prepares there."""

    client: "S3Client"
    bucket: str
    region: str
    endpoint: str | None
    prefix: str = field(default_factory=lambda: f"tenken-test/{uuid.uuid4().hex}/")

    def put(self, key: str = "object", body: bytes = b"bytes", minutes: int = 30) -> str:
        """Put an object under COMPLIANCE; its version."""
        put = self.client.put_object(
            Bucket=self.bucket,
            Key=self.prefix + key,
            Body=body,
            ChecksumAlgorithm="SHA256",
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=soon(minutes),
        )
        return put["VersionId"]


def soon(minutes: int = 30) -> datetime:
    """So many minutes from now: what a trial locks on the real service is free again soon."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)


@contextmanager
def connected(
    endpoint: str | None, region: str, key: str | None = None, secret: str | None = None
) -> Iterator["S3Client"]:
    """A client that sends no checksum unless it is told to."""
    config = Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"} if endpoint else None)
    client = boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        config=config,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )
    try:
        yield client
    finally:
        client.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks for the stand-in itself (its faults, its clock, its inside) has nothing to do on the real service."""
    if config.getoption("--real-s3"):
        for item in items:
            if isinstance(item, pytest.Function) and "stand_in" in item.fixturenames:
                item.add_marker(pytest.mark.skip(reason="of the stand-in alone"))


KEYS = (s3.ACCESS_KEY, s3.SECRET_KEY)


@pytest.fixture(scope="session")
def stand_in_client() -> Iterator[tuple[locked.Locked, "S3Client"]]:
    with locked.running() as server, connected(server.endpoint, s3.REGION, *KEYS) as client:
        yield server, client


@pytest.fixture(scope="session")
def moto_client() -> Iterator[tuple[s3.S3, "S3Client"]]:
    with s3.running() as server, connected(server.endpoint, s3.REGION, *KEYS) as client:
        yield server, client


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the servers on loopback, and nothing else of the machine."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.SECRET_KEY)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.fixture
def stand_in(stand_in_client: tuple[locked.Locked, "S3Client"], credentials: None) -> locked.Locked:
    """The stand-in as nobody used it yet."""
    stand_in_client[0].reset()
    return stand_in_client[0]


@pytest.fixture
def moto(moto_client: tuple[s3.S3, "S3Client"], credentials: None) -> Place:
    """The same bucket at moto."""
    server, client = moto_client
    server.reset()
    return _made(client, server.endpoint)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A bucket of the stand-in, or the one that the environment names."""
    if not request.config.getoption("--real-s3"):
        request.getfixturevalue("stand_in")
        server, client = request.getfixturevalue("stand_in_client")
        yield _made(client, server.endpoint)
        return
    bucket, region = (os.environ[f"TENKEN_S3_{what}"] for what in ("BUCKET", "REGION"))
    endpoint = os.environ.get("TENKEN_S3_ENDPOINT")
    with connected(endpoint, region) as client:
        yield Place(client, bucket, region, endpoint)


def _made(client: "S3Client", endpoint: str) -> Place:
    client.create_bucket(
        Bucket="evidence",
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": s3.REGION},
    )
    return Place(client, "evidence", s3.REGION, endpoint)
