"""The vault in a locked bucket: what it is told is stored stays, as it was, whatever else comes to lie there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from evidence.errors import ConfigError, Erased, Tampered, VaultUnwritable
from evidence.vault import Digest
from evidence.vault.locked import PART
from evidence.vault.s3 import S3Vault
from evidence.vault.sealed import FRAME
from tests.evidence.vault.conftest import Place, soon
from tests.evidence.vault.keyed import content_of
from tests.evidence.vault.made import Ticking, keys_in_memory, vault_at, versions
from tests.servers import locked, s3

CONTENT = b"who looked at what\n" * 1000


@pytest.fixture
def vault(place: Place, tmp_path: Path) -> S3Vault:
    return vault_at(place, tmp_path)


def test_an_object_comes_back_byte_for_byte(vault: S3Vault) -> None:
    stored = vault.put(BytesIO(CONTENT))
    assert (stored.digest, stored.size) == (sha256(CONTENT).hexdigest(), len(CONTENT))
    with vault.plain(stored.digest) as path:
        assert path.read_bytes() == CONTENT
    assert content_of(vault, stored.digest) == CONTENT
    assert not path.exists()


@pytest.mark.parametrize("size", [0, 1, FRAME, FRAME + 1])
def test_an_object_of_any_size_comes_back(size: int, vault: S3Vault) -> None:
    content = os.urandom(size)
    assert content_of(vault, vault.put(BytesIO(content)).digest) == content


def test_what_lies_in_the_bucket_is_sealed_and_locked_until_its_day(vault: S3Vault, place: Place) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [[key, version]] = versions(place)
    head = place.client.get_object(Bucket=place.bucket, Key=key, VersionId=version)
    assert key == f"{place.prefix}{stored.digest[:2]}/{stored.digest}.sealed"
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"] >= datetime.now(UTC) + timedelta(hours=23)
    assert CONTENT[:100] not in head["Body"].read()


def test_nobody_can_delete_or_free_what_was_stored(vault: S3Vault, place: Place) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [[key, version]] = versions(place)
    where: Any = {"Bucket": place.bucket, "Key": key, "VersionId": version}
    with pytest.raises(ClientError, match="AccessDenied"):
        place.client.delete_object(**where, BypassGovernanceRetention=True)
    with pytest.raises(ClientError, match="AccessDenied"):
        place.client.put_object_retention(**where, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": soon(1)})
    assert content_of(vault, stored.digest) == CONTENT


def test_the_same_bytes_twice_are_one_object(vault: S3Vault, place: Place) -> None:
    assert vault.put(BytesIO(CONTENT)) == vault.put(BytesIO(CONTENT))
    assert len(versions(place)) == 1


def test_a_home_that_lost_its_pins_finds_its_objects_and_stores_none_twice(vault: S3Vault, place: Place) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [pin] = vault.folder.rglob("*.pin")
    known = pin.read_bytes()
    pin.unlink()
    assert vault.put(BytesIO(CONTENT)) == stored
    assert len(versions(place)) == 1
    assert json.loads(pin.read_bytes())["id"] == json.loads(known)["id"]


def test_the_same_bytes_later_are_locked_for_longer(place: Place, tmp_path: Path) -> None:
    clock = Ticking()
    vault = vault_at(place, tmp_path, clock=clock)
    vault.put(BytesIO(CONTENT))
    clock.later = timedelta(hours=2)
    vault.put(BytesIO(CONTENT))
    [[key, version]] = versions(place)
    head = place.client.head_object(Bucket=place.bucket, Key=key, VersionId=version)
    assert head["ObjectLockRetainUntilDate"] >= datetime.now(UTC) + timedelta(hours=25)


def test_a_lock_is_made_longer_and_never_shorter(vault: S3Vault, place: Place) -> None:
    stored = vault.put(BytesIO(CONTENT))
    longer = (datetime.now(UTC) + timedelta(hours=30)).replace(microsecond=0)
    vault.retain(stored.digest, longer)
    vault.retain(stored.digest, soon(1))
    [[key, version]] = versions(place)
    head = place.client.head_object(Bucket=place.bucket, Key=key, VersionId=version)
    assert head["ObjectLockRetainUntilDate"] == longer


def a_delete_marker(place: Place, key: str) -> None:
    place.client.delete_object(Bucket=place.bucket, Key=key)


def another_version(place: Place, key: str) -> None:
    place.put(key.removeprefix(place.prefix), b"other bytes")


COVERS = pytest.mark.parametrize("cover", [a_delete_marker, another_version], ids=lambda cover: cover.__name__)


@COVERS
@pytest.mark.parametrize("pinned", [True, False], ids=["pinned", "without its pin"])
def test_what_is_laid_over_an_object_is_not_read_but_named(
    cover: Callable[[Place, str], None], pinned: bool, vault: S3Vault, place: Place
) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [[key, _]] = versions(place)
    assert list(vault.scrub([stored.digest])) == []
    cover(place, key)
    if not pinned:
        next(vault.folder.rglob("*.pin")).unlink()
    assert content_of(vault, stored.digest) == CONTENT
    assert [(one.name, "lies over it" in one.why) for one in vault.scrub([stored.digest])] == [(stored.digest, True)]


@COVERS
def test_control_without_its_version_what_lies_over_it_is_read(
    cover: Callable[[Place, str], None], vault: S3Vault, place: Place
) -> None:
    vault.put(BytesIO(CONTENT))
    [[key, version]] = versions(place)
    where: Any = {"Bucket": place.bucket, "Key": key}
    sealed = place.client.get_object(**where, VersionId=version)["Body"].read()
    cover(place, key)
    try:
        got = place.client.get_object(**where)["Body"].read()
    except ClientError as error:
        got = error.response["Error"]["Code"].encode()
    assert (got in (b"NoSuchKey", b"other bytes"), got == sealed) == (True, False)


def test_other_bytes_under_the_name_of_an_object_are_not_taken_for_it(vault: S3Vault, place: Place) -> None:
    digest = sha256(CONTENT).hexdigest()
    place.put(f"{digest[:2]}/{digest}.sealed", b"other bytes")
    with pytest.raises(Tampered):
        vault.put(BytesIO(CONTENT))
    assert [one.name for one in vault.scrub()] == [digest]


def test_a_scrub_names_what_is_no_object_unlocked_gone_or_beside(vault: S3Vault, place: Place) -> None:
    vault.put(BytesIO(CONTENT))
    [[key, _]] = versions(place)
    place.put("notes.txt")
    loose = sha256(b"loose").hexdigest()
    place.client.put_object(Bucket=place.bucket, Key=f"{place.prefix}{loose[:2]}/{loose}", Body=b"loose")
    found = {one.name: one.why for one in vault.scrub([Digest("0" * 64)])}
    assert set(found) == {"notes.txt", loose, "0" * 64}
    assert "is not locked" in found[loose]
    assert key


def test_an_object_that_is_gone_is_missed(vault: S3Vault, place: Place, stand_in: locked.Locked) -> None:
    stored = vault.put(BytesIO(CONTENT))
    stand_in.store.buckets[place.bucket].versions.clear()
    with pytest.raises(Tampered, match="gone"):
        content_of(vault, stored.digest)
    assert [one.name for one in vault.scrub([stored.digest])] == [stored.digest]


def test_a_byte_that_rots_in_the_bucket_is_refused_whole(vault: S3Vault, place: Place, stand_in: locked.Locked) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [held] = stand_in.store.buckets[place.bucket].versions.values()
    held[0].body = held[0].body[:500] + bytes([held[0].body[500] ^ 1]) + held[0].body[501:]
    with pytest.raises(Tampered), vault.open(stored.digest) as stream:
        pytest.fail(f"{len(stream.read())} bytes were given")
    assert [one.name for one in vault.scrub()] == [stored.digest]


def test_a_pin_that_was_changed_is_named(vault: S3Vault) -> None:
    stored = vault.put(BytesIO(CONTENT))
    [pin] = vault.folder.rglob("*.pin")
    pin.write_text("{}")
    with pytest.raises(Tampered, match="remove it"):
        content_of(vault, stored.digest)


def test_what_was_erased_is_told_so_and_may_be_stored_again(place: Place, tmp_path: Path) -> None:
    keys = keys_in_memory(tmp_path)
    vault = vault_at(place, tmp_path, keys=keys)
    stored = vault.put(BytesIO(CONTENT))
    assert stored.key_id is not None
    keys.forget(stored.key_id)
    with pytest.raises(Erased):
        content_of(vault, stored.digest)
    again = vault.put(BytesIO(CONTENT))
    assert (again.key_id != stored.key_id, content_of(vault, again.digest)) == (True, CONTENT)


def test_what_was_purged_stays_unreadable_until_its_day_and_is_no_damage(place: Place, tmp_path: Path) -> None:
    keys = keys_in_memory(tmp_path)
    vault = vault_at(place, tmp_path, keys=keys)
    stored = vault.put(BytesIO(CONTENT))
    keys.forget(str(stored.key_id))
    vault.remove(stored.digest)
    assert (len(versions(place)), list(vault.scrub())) == (1, [])
    assert [one.name for one in vault.scrub([stored.digest])] == [stored.digest]


def test_what_is_free_is_removed(place: Place, tmp_path: Path, stand_in: locked.Locked) -> None:
    vault = vault_at(place, tmp_path)
    stored = vault.put(BytesIO(CONTENT))
    stand_in.store.advance(days=2)
    vault.remove(stored.digest)
    assert (versions(place), list(vault.digests())) == ([], [])


def test_what_lies_plainly_and_locked_cannot_be_purged(place: Place, tmp_path: Path) -> None:
    vault = S3Vault(vault_at(place, tmp_path).bucket, tmp_path / "vault", Ticking())
    stored = vault.put(BytesIO(CONTENT))
    with pytest.raises(VaultUnwritable, match="lies plainly"):
        vault.remove(stored.digest)


def test_digests_are_listed_in_order(vault: S3Vault) -> None:
    stored = {vault.put(BytesIO(str(number).encode())).digest for number in range(12)}
    assert list(vault.digests()) == sorted(stored)


@pytest.mark.parametrize("name", ["../" * 10 + "etc/passwd", "", "0" * 63, "A" * 64, "0" * 63 + "\n"])
def test_what_is_no_digest_opens_nothing(name: str, vault: S3Vault) -> None:
    with pytest.raises(Tampered):
        content_of(vault, Digest(name))


@pytest.mark.parametrize(("versioned", "lacking"), [(True, "no Object Lock"), (False, "no versioning")])
def test_a_bucket_where_evidence_could_be_changed_is_refused(
    versioned: bool, lacking: str, place: Place, stand_in: locked.Locked, tmp_path: Path
) -> None:
    place.client.create_bucket(Bucket="loose", CreateBucketConfiguration={"LocationConstraint": s3.REGION})
    if versioned:
        place.client.put_bucket_versioning(Bucket="loose", VersioningConfiguration={"Status": "Enabled"})
    loose = Place(place.client, "loose", place.region, place.endpoint)
    with pytest.raises(ConfigError, match=rf"{lacking}, so evidence could be changed there; make a bucket with both"):
        vault_at(loose, tmp_path).put(BytesIO(CONTENT))


def test_a_large_object_goes_in_parts_and_is_locked(vault: S3Vault, place: Place) -> None:
    content = os.urandom(1024) * (PART // 1024 + 1)
    stored = vault.put(BytesIO(content))
    [[key, version]] = versions(place)
    head = place.client.head_object(Bucket=place.bucket, Key=key, VersionId=version, ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"][-2:], head["ObjectLockMode"]) == ("-2", "COMPLIANCE")
    assert content_of(vault, stored.digest) == content


def test_parts_that_somebody_left_are_let_go_of_after_a_day(place: Place, tmp_path: Path) -> None:
    clock = Ticking()
    vault = vault_at(place, tmp_path, clock=clock)
    place.client.create_multipart_upload(Bucket=place.bucket, Key=f"{place.prefix}aa/left")
    now = vault.sweep()
    clock.later = timedelta(hours=25)
    assert (now, vault.sweep(), vault.sweep()) == (0, 1, 0)


MEASURED = """
import io, sys
from pathlib import Path
from tests.evidence.vault.conftest import Place
from tests.evidence.vault.keyed import content_of
from tests.evidence.vault.made import Large, vault_at
from tests.memory import forget, peak

bucket, region, endpoint = sys.argv[3:]
vault = vault_at(Place(None, bucket, region, endpoint), Path(sys.argv[1]))
vault.put(io.BytesIO(b"warm"))
forget()
before = peak()
stored = vault.put(Large(int(sys.argv[2])))
with vault.open(stored.digest) as stream:
    while stream.read(1 << 20):
        pass
print(peak() - before)
"""


def test_a_large_object_takes_little_memory(place: Place, stand_in: locked.Locked, tmp_path: Path) -> None:
    size = 20 * PART
    told = [sys.executable, "-c", MEASURED, str(tmp_path), str(size), place.bucket, place.region, str(place.endpoint)]
    done = subprocess.run(told, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 6 * PART
    assert stand_in.largest == PART
