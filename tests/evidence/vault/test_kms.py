"""Keys wrapped by AWS KMS: moto's over HTTP, and a home that moves from a key file to it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import boto3
import pytest

from evidence.errors import StoreUnavailable, Tampered
from evidence.store.values import WrappedKey
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys, KeyFile, Kms, wrapping_of
from tests.evidence.vault.keyed import KeyRows, content_of, key_file, sealed_vault
from tests.servers import s3


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3.running() as server:
        yield server.endpoint


@pytest.fixture
def arns(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two keys; boto3 finds server and credentials as it would at a customer's."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.SECRET_KEY)
    client = boto3.session.Session().client("kms", region_name=s3.REGION)
    return [str(client.create_key()["KeyMetadata"]["Arn"]) for _ in range(2)]


def rows_of(vault: FolderVault) -> dict[str, WrappedKey]:
    assert vault.keys is not None
    assert isinstance(vault.keys.table, KeyRows)
    return vault.keys.table.rows


def fresh(vault: FolderVault, arn: str, folder: Path) -> FolderVault:
    """The same vault in another process, which has unwrapped nothing yet."""
    assert vault.keys is not None
    return FolderVault(vault.folder, DataKeys(vault.keys.table, wrapping_of(arn, folder / "keys" / "vault")))


def test_what_kms_wraps_comes_back_and_the_key_lies_nowhere(arns: list[str], tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path, Kms(arns[0]))
    stored = vault.put(BytesIO(b"bytes"))
    assert content_of(fresh(vault, arns[0], tmp_path), stored.digest) == b"bytes"
    assert [row.wrapped_by for row in rows_of(vault).values()] == [arns[0]]
    assert not (tmp_path / "keys").exists()


def test_a_key_that_was_moved_to_another_object_is_refused(arns: list[str], tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path, Kms(arns[0]))
    mine, other = vault.put(BytesIO(b"mine")), vault.put(BytesIO(b"other"))
    assert mine.key_id
    assert other.key_id
    rows_of(vault)[mine.key_id] = rows_of(vault)[other.key_id]
    with pytest.raises(Tampered), vault.open(mine.digest):
        pytest.fail("something was given")


def test_a_home_moves_from_its_file_to_kms(arns: list[str], tmp_path: Path) -> None:
    before = sealed_vault(tmp_path)
    old = before.put(BytesIO(b"old"))
    vault = fresh(before, arns[0], tmp_path)
    assert vault.keys is not None
    new = vault.put(BytesIO(b"new"))
    assert (content_of(vault, old.digest), content_of(vault, new.digest)) == (b"old", b"new")
    assert vault.keys.rewrap() == 1
    KeyFile(key_file(tmp_path).path).path.unlink()
    vault = fresh(before, arns[0], tmp_path)
    assert (content_of(vault, old.digest), content_of(vault, new.digest)) == (b"old", b"new")


def test_another_key_of_kms_takes_over(arns: list[str], tmp_path: Path) -> None:
    before = sealed_vault(tmp_path, Kms(arns[0]))
    stored = before.put(BytesIO(b"bytes"))
    vault = fresh(before, arns[1], tmp_path)
    assert vault.keys is not None
    assert vault.keys.rewrap() == 1
    assert [row.wrapped_by for row in rows_of(vault).values()] == [arns[1]]
    assert content_of(vault, stored.digest) == b"bytes"


def test_kms_that_refuses_is_named_and_nothing_is_stored(arns: list[str], tmp_path: Path) -> None:
    vault = sealed_vault(tmp_path, Kms(arns[0][:-4] + "0000"))
    with pytest.raises(StoreUnavailable, match="AWS KMS refused to encrypt"):
        vault.put(BytesIO(b"bytes"))
    assert (list(vault.digests()), rows_of(vault)) == ([], {})


def test_kms_that_does_not_answer_is_named(arns: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(StoreUnavailable, match="does not answer"):
        sealed_vault(tmp_path, Kms(arns[0])).put(BytesIO(b"bytes"))
