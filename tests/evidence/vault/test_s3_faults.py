"""S3-01, of the vault: what the network and the service do wrong, no acknowledged object is lost, and no half one counts.

The controls take one protection away each, and show that the fault would have passed.
"""

import os
import random
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from evidence.errors import Tampered, TenkenError, VaultUnreachable, VaultUnwritable
from evidence.vault.locked import PART, LockedBucket
from evidence.vault.s3 import S3Vault
from tests.evidence.vault.conftest import Place
from tests.evidence.vault.keyed import content_of
from tests.evidence.vault.made import HASTE, PATIENCE, vault_at, versions
from tests.servers import locked

CONTENT = b"who looked at what\n" * 1000
LARGE = os.urandom(1024) * (PART // 1024 + 1)
PUT = [("PutObject", fault) for fault in ("busy", "reset", "garble", "lost")]
PUT += [("HeadObject", fault) for fault in ("busy", "reset", "lost")]
PARTS = [("UploadPart", fault) for fault in ("busy", "reset", "garble", "lost")]
PARTS += [("CreateMultipartUpload", "lost"), ("HeadObject", "lost")]
PARTS += [("CompleteMultipartUpload", fault) for fault in ("busy", "reset", "late", "lost")]
GET = [("GetObject", fault) for fault in ("busy", "reset", "lost", "truncate", "shorten", "flip", "drip")]


def named(fault: tuple[str, str]) -> str:
    return " ".join(fault)


@pytest.fixture
def vault(place: Place, tmp_path: Path, stand_in: locked.Locked) -> S3Vault:
    return vault_at(place, tmp_path)


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    return 50 if request.config.getoption("--long") else 1


@pytest.mark.parametrize("fault", PUT, ids=named)
def test_a_fault_while_an_object_is_put_is_made_up_for(
    fault: tuple[str, str], vault: S3Vault, place: Place, stand_in: locked.Locked, times: int
) -> None:
    for number in range(times):
        stand_in.plan += [fault]
        stored = vault.put(BytesIO(CONTENT + str(number).encode()))
        assert content_of(vault, stored.digest) == CONTENT + str(number).encode()
    assert (stand_in.plan, len(versions(place))) == ([], times)


@pytest.mark.parametrize("fault", PARTS, ids=named)
def test_a_fault_while_parts_are_put_is_made_up_for(
    fault: tuple[str, str], vault: S3Vault, place: Place, stand_in: locked.Locked
) -> None:
    stand_in.plan += [fault]
    stored = vault.put(BytesIO(LARGE))
    assert content_of(vault, stored.digest) == LARGE
    assert (stand_in.plan, len(versions(place))) == ([], 1)


@pytest.mark.parametrize("checksums", [True, False], ids=["with checksums", "without checksums"])
@pytest.mark.parametrize("fault", GET, ids=named)
def test_a_fault_while_an_object_is_read_is_made_up_for(
    fault: tuple[str, str], checksums: bool, vault: S3Vault, stand_in: locked.Locked, times: int
) -> None:
    stored = vault.put(BytesIO(CONTENT))
    stand_in.operations.checksums = checksums
    for _ in range(times):
        stand_in.plan += [fault]
        assert content_of(vault, stored.digest) == CONTENT
    assert stand_in.plan == []


@pytest.mark.parametrize("fault", [*PUT[:3], *PUT[4:], ("PutObject", "expired")], ids=named)
def test_what_stays_broken_is_told_nothing_counts_and_later_it_is_stored(
    fault: tuple[str, str], vault: S3Vault, place: Place, stand_in: locked.Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # boto3's own pauses
    stand_in.plan += [fault] * 99
    with pytest.raises(VaultUnreachable, match=r"^s3://evidence/.*"):
        vault.put(BytesIO(CONTENT))
    assert list(vault.folder.rglob("*.pin")) == []
    stand_in.plan.clear()
    stored = vault.put(BytesIO(CONTENT))
    assert (content_of(vault, stored.digest), len(versions(place))) == (CONTENT, 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [("truncate", VaultUnreachable), ("shorten", VaultUnreachable), ("flip", Tampered), ("drip", VaultUnreachable)],
)
def test_a_body_that_never_comes_whole_is_refused_and_nothing_of_it_is_given(
    fault: str, error: type[TenkenError], vault: S3Vault, stand_in: locked.Locked
) -> None:
    stored = vault.put(BytesIO(CONTENT))
    stand_in.plan += [("GetObject", fault)] * 4
    with pytest.raises(error), vault.open(stored.digest) as stream:
        pytest.fail(f"{len(stream.read())} bytes were given")
    assert content_of(vault, stored.digest) == CONTENT


STOPPED = """
import sys
from pathlib import Path
from tests.evidence.vault.conftest import Place
from tests.evidence.vault.keyed import content_of
from tests.evidence.vault.made import vault_at

bucket, region, endpoint, prefix = sys.argv[2:]
vault_at(Place(None, bucket, region, endpoint, prefix), Path(sys.argv[1])).put(sys.stdin.buffer)
"""


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_who_is_killed_midway_leaves_nothing_that_counts(
    operation: str, vault: S3Vault, place: Place, stand_in: locked.Locked, tmp_path: Path
) -> None:
    stand_in.plan += [(operation, "hang")]
    told = [sys.executable, "-c", STOPPED, str(tmp_path), place.bucket, place.region, str(place.endpoint), place.prefix]
    with subprocess.Popen(told, cwd=Path(__file__).parents[3], stdin=subprocess.PIPE) as child:
        assert child.stdin is not None
        child.stdin.write(LARGE)
        child.stdin.close()
        while operation not in stand_in.asked:
            assert child.poll() is None
            threading.Event().wait(0.02)
        child.kill()
    assert (list(vault.digests()), list(vault.scrub()), list(vault.folder.rglob("*.pin"))) == ([], [], [])
    assert len(stand_in.store.buckets[place.bucket].uploads) == 1
    stored = vault.put(BytesIO(LARGE))
    assert content_of(vault, stored.digest) == LARGE


def test_among_random_faults_no_acknowledged_object_is_lost(
    vault: S3Vault, place: Place, stand_in: locked.Locked, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    chance, acked, refused = random.Random(4), {}, 0
    for number in range(20 * times):
        content = b"%d " % number * 100
        stand_in.plan[:] = chance.choices(PUT, k=chance.randint(0, 8))
        try:
            acked[vault.put(BytesIO(content)).digest] = content
        except VaultUnreachable:
            refused += 1
    stand_in.plan.clear()
    for pin in list(vault.folder.rglob("*.pin"))[::2]:
        pin.unlink()
    lost = [digest for digest, content in acked.items() if content_of(vault, digest) != content]
    print(f"put {20 * times} acknowledged {len(acked)} refused {refused} lost {len(lost)}")
    assert (lost, list(vault.scrub(acked))) == ([], [])
    assert len({key for key, _ in versions(place)}) == len(versions(place))


@pytest.mark.parametrize("fault", ["truncate", "flip"])
def test_control_without_another_attempt_a_broken_body_is_not_made_up_for(
    fault: str, place: Place, tmp_path: Path, stand_in: locked.Locked
) -> None:
    vault = vault_at(place, tmp_path, persistence=replace(HASTE, attempts=1))
    stored = vault.put(BytesIO(CONTENT))
    stand_in.plan += [("GetObject", fault)]
    with pytest.raises((VaultUnreachable, Tampered)):
        content_of(vault, stored.digest)


def test_control_a_client_alone_takes_a_flipped_byte(place: Place, stand_in: locked.Locked) -> None:
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": place.put(body=CONTENT)}
    stand_in.operations.checksums = False
    stand_in.plan += [("GetObject", "flip")]
    got = place.client.get_object(**where, ChecksumMode="ENABLED")["Body"].read()
    assert (len(got), got == CONTENT) == (len(CONTENT), False)


def test_control_a_client_alone_takes_half_a_body_that_says_so(place: Place, stand_in: locked.Locked) -> None:
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": place.put(body=CONTENT)}
    stand_in.operations.checksums = False
    stand_in.plan += [("GetObject", "shorten"), ("GetObject", "truncate")]
    assert place.client.get_object(**where)["Body"].read() == CONTENT[: len(CONTENT) // 2]
    with pytest.raises(HTTPClientError):  # and gives up at once
        place.client.get_object(**where)["Body"].read()


def test_control_without_a_checksum_a_byte_that_was_garbled_is_stored(place: Place, stand_in: locked.Locked) -> None:
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object"}
    stand_in.plan += [("PutObject", "garble")]
    place.client.put_object(**where, Body=CONTENT)
    assert place.client.get_object(**where)["Body"].read() != CONTENT


def test_control_without_a_condition_a_lost_answer_makes_two_versions(place: Place, stand_in: locked.Locked) -> None:
    stand_in.plan += [("PutObject", "lost")]
    place.put(body=CONTENT)
    assert len(versions(place)) == 2


def test_control_a_body_that_drips_outlasts_the_timeout_of_a_client(place: Place, stand_in: locked.Locked) -> None:
    where: Any = {"Bucket": place.bucket, "Key": f"{place.prefix}object", "VersionId": place.put(body=CONTENT)}
    stand_in.plan += [("GetObject", "drip")]
    body: Any = place.client.get_object(**where)["Body"]
    body.set_socket_timeout(1)

    def read() -> None:
        with suppress(HTTPClientError):
            body.read()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(4 * PATIENCE)
    assert reader.is_alive()
    body._raw_stream.shutdown()
    reader.join(10)


def test_a_service_that_forgets_a_lock_is_not_believed(moto: Place, tmp_path: Path) -> None:
    with pytest.raises(VaultUnwritable, match="nothing counts as stored"):
        vault_at(moto, tmp_path).put(BytesIO(LARGE))


def test_control_whoever_asks_nothing_back_believes_it(
    moto: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LockedBucket, "_confirmed", lambda _self, version, _until: version)
    assert vault_at(moto, tmp_path).put(BytesIO(LARGE)).size == len(LARGE)
