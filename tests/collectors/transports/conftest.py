"""The servers that the transports are tried on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import s3, sshd


@pytest.fixture(scope="module")
def ssh_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Sshd]:
    with sshd.running(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="module")
def moto() -> Iterator[s3.S3]:
    with s3.running() as server:
        yield server


@pytest.fixture
def bucket_server(moto: s3.S3, monkeypatch: pytest.MonkeyPatch) -> s3.S3:
    """An S3 server without buckets; the client finds no credentials and no proxy of the machine."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "HTTP_PROXY",
        "http_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    moto.reset()
    return moto


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of evidence."""
    path = tmp_path / "evidence"
    path.mkdir()
    return path
