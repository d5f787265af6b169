"""Vaults in a bucket, for tests, and what they are filled with."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.bucket_settings import LockedBucketSettings
from evidence.buckets import Persistence
from evidence.vault.keys import DataKeys
from evidence.vault.locked import LockedBucket
from evidence.vault.s3 import S3Vault
from tests.evidence.vault.keyed import KeyRows, key_file

if TYPE_CHECKING:
    from tests.evidence.vault.conftest import Place

PATIENCE = 1.0  # seconds
HASTE = Persistence(attempts=4, pause=lambda _: None, patience=PATIENCE)


class Ticking:
    """The machine's clock, set forward."""

    later = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def monotonic(self) -> float:
        return self.now().timestamp()


def keys_in_memory(folder: Path) -> DataKeys:
    """Keys of objects, wrapped by a file."""
    return DataKeys(KeyRows(), key_file(folder))


def vault_at(
    place: "Place",
    folder: Path,
    clock: Ticking | None = None,
    keys: DataKeys | None = None,
    persistence: Persistence = HASTE,
) -> S3Vault:
    """A vault whose objects lie at a place."""
    told = LockedBucketSettings(
        bucket=place.bucket, prefix=place.prefix, region=place.region, endpoint=place.endpoint, retain_days=1
    )
    bucket = LockedBucket(told, folder / "vault", persistence)
    return S3Vault(bucket, folder / "vault", clock or Ticking(), keys or keys_in_memory(folder))


def versions(place: "Place") -> list[tuple[str, str]]:
    """All versions that lie there, no markers: key and version."""
    listed = place.client.list_object_versions(Bucket=place.bucket, Prefix=place.prefix)
    return [(one["Key"], one["VersionId"]) for one in listed.get("Versions", ())]


class Large(io.RawIOBase):
    """A source of so many bytes, which exist one read at a time."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int = -1) -> bytes:
        given = min(size, self._left)
        self._left -= given
        return bytes(given)
