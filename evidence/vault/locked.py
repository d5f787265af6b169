"""A bucket with Object Lock: what it took stays as it is until its day, whoever asks, and is read by its version.

``put`` tells a version when the bucket, asked for just this version, has named its size, its checksum and its lock.
"""

import base64
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError, FlexibleChecksumError

from evidence import buckets
from evidence.bucket_settings import LockedBucketSettings
from evidence.buckets import PIECE, Broken, Failure, Persistence
from evidence.errors import ConfigError, Tampered, VaultUnreachable, VaultUnwritable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectLockRetentionTypeDef

PART = 16 * 1024 * 1024  # what is larger goes in parts of this size; so much of an object is in memory
MOST_PARTS = 10_000
LOCK: Literal["COMPLIANCE"] = "COMPLIANCE"
PATIENT = Persistence(patience=60)
_AGAIN = frozenset(  # what arrived was another thing than was sent, or somebody else was writing
    {"BadDigest", "XAmzContentChecksumMismatch", "ConditionalRequestConflict", "OperationAborted", "NoSuchUpload"}
)
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"})  # a HEAD has no code but its status
_ADVICE: Mapping[str, str] = {
    "credentials": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is",
    "AccessDenied": "access is denied: allow what docs/operations.md lists",
    "403": "access is denied: allow what docs/operations.md lists",
    "InvalidAccessKeyId": "the access key is unknown: see AWS_ACCESS_KEY_ID, or the machine's role",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key: see AWS_SECRET_ACCESS_KEY",
}


class Taken(Exception):
    """Something lies under this key already."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a key, and what the bucket said of it."""

    key: str
    id: str
    size: int
    checksum: str = ""  # SHA-256 in base64; of what came in parts it is made of theirs. Listings do not tell it


@dataclass(frozen=True, slots=True)
class Listed:
    """A key with all its versions, the oldest first, and which one is on top: None where that is a delete marker."""

    key: str
    versions: tuple[Version, ...]
    top: str | None
    ids: tuple[str, ...]  # of markers, too


@dataclass
class LockedBucket:
    """The part of a bucket below a prefix. It is connected to, and looked at, when it is needed first."""

    told: LockedBucketSettings
    scratch: Path  # a folder for unnamed files
    persistence: Persistence = PATIENT

    @property
    def place(self) -> str:
        """How messages name it."""
        return f"s3://{self.told.bucket}/{self.told.prefix}"

    @cached_property
    def client(self) -> "S3Client":
        """A client of a bucket that has versioning and Object Lock; ConfigError where it has not."""
        client = buckets.connect(self.told.region, self.told.endpoint)
        with self._telling("its settings"):
            versioned = client.get_bucket_versioning(Bucket=self.told.bucket).get("Status") == "Enabled"
            try:
                lock = client.get_object_lock_configuration(Bucket=self.told.bucket)["ObjectLockConfiguration"]
            except ClientError as error:
                if buckets.code(error) != "ObjectLockConfigurationNotFoundError":
                    raise
                lock = {}
        if not versioned or lock.get("ObjectLockEnabled") != "Enabled":
            what = "Object Lock" if versioned else "versioning"
            remedy = "make a bucket with both (docs/operations.md), and name it in `vault: {s3: …}` of settings.yaml"
            raise ConfigError(f"{self.place}: the bucket has no {what}, so evidence could be changed there; {remedy}")
        return client

    def put(self, key: str, file: io.FileIO, until: datetime, *, over: bool = False) -> Version:
        """Store a file as a locked version; Taken when the key is, unless it is to lie ``over`` what is there."""
        size = file.seek(0, io.SEEK_END)
        told: dict[str, Any] = {} if over else {"IfNoneMatch": "*"}
        lock = {"ObjectLockMode": LOCK, "ObjectLockRetainUntilDate": until}
        with self._telling(key):
            for attempt in range(self.persistence.attempts):
                if attempt:
                    self.persistence.wait(attempt)
                file.seek(0)
                try:
                    put = self._whole if size <= PART else self._parts
                    name, checksum = put({"Bucket": self.told.bucket, "Key": self._full(key)}, file, size, lock, told)
                    return self._confirmed(Version(key, name, size, checksum), until)
                except ClientError as error:
                    if buckets.code(error) == "PreconditionFailed":
                        raise Taken(key) from error
                    if buckets.code(error) not in _AGAIN or attempt + 1 == self.persistence.attempts:
                        raise
        raise AssertionError("an attempt returns or raises")

    def get(self, version: Version, accept: Callable[[io.FileIO], None]) -> io.FileIO:
        """One version in an unnamed file, back at its beginning, once ``accept`` did not raise Tampered of it.

        Tampered when it is gone or stays unacceptable, VaultUnreachable when it does not come whole.
        """

        def ask() -> Mapping[str, Any]:
            return self.client.get_object(
                Bucket=self.told.bucket, Key=self._full(version.key), VersionId=version.id, ChecksumMode="ENABLED"
            )

        def keep(answer: Mapping[str, Any]) -> io.FileIO:
            if answer["ContentLength"] != version.size:
                raise Broken(f"{answer['ContentLength']} of {version.size} bytes")
            file = buckets.unnamed(self.scratch)
            try:
                while piece := answer["Body"].read(PIECE):
                    buckets.write(file, piece)
                file.seek(0)
                try:
                    accept(file)
                except Tampered as error:
                    raise Broken("the bytes are others") from error
                file.seek(0)
            except BaseException:
                file.close()
                raise
            return file

        try:
            with self._telling(version.key):
                return self.persistence.whole(ask, keep)
        except Broken as error:
            why = error.__cause__
            if isinstance(why, FlexibleChecksumError) or (why is not None and isinstance(why.__cause__, Tampered)):
                raise Tampered(f"{self.place}{version.key}: holds other bytes than were stored") from error
            raise VaultUnreachable(f"{self.place}{version.key}: {error}; try again") from error

    def locked_until(self, version: Version) -> datetime | None:
        """Until when a version stays as it is; None where nothing holds it, or not everybody."""
        with self._telling(version.key):
            head = self._head(version)
        return head.get("ObjectLockRetainUntilDate") if head.get("ObjectLockMode") == LOCK else None

    def extend(self, version: Version, until: datetime) -> None:
        """Lock a version until then; one that is locked for longer stays so."""
        held = self.locked_until(version)
        if held is not None and held >= until:
            return
        longer: ObjectLockRetentionTypeDef = {"Mode": LOCK, "RetainUntilDate": until}
        with self._telling(version.key):
            self.client.put_object_retention(
                Bucket=self.told.bucket, Key=self._full(version.key), VersionId=version.id, Retention=longer
            )

    def listed(self, below: str = "") -> Iterator[Listed]:
        """All keys that begin like this, in their order."""
        for key, group in groupby(self._entries(below), itemgetter("Key")):
            entries = list(group)
            name = key.removeprefix(self.told.prefix)
            versions = [Version(name, one["VersionId"], one["Size"]) for one in entries if "Size" in one]
            top = next((one["VersionId"] for one in entries if one["IsLatest"] and "Size" in one), None)
            yield Listed(name, tuple(reversed(versions)), top, tuple(one["VersionId"] for one in entries))

    def delete(self, key: str, version: str) -> bool:
        """Delete a version for good; False when its lock, or the bucket's policy, does not let it go."""
        with self._telling(key):
            try:
                self.client.delete_object(Bucket=self.told.bucket, Key=self._full(key), VersionId=version)
            except ClientError as error:
                if buckets.code(error) == "AccessDenied":
                    return False
                raise
        return True

    def abort_uploads(self, begun_before: datetime) -> int:
        """Let go of the parts of uploads that nobody completes any more; how many uploads."""
        count, where = 0, self.told.bucket
        with self._telling("uploads that were left"):
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=where, Prefix=self.told.prefix)
            for one in (one for page in pages for one in page.get("Uploads", ()) if one["Initiated"] < begun_before):
                with suppress(ClientError):  # somebody else was faster
                    self.client.abort_multipart_upload(Bucket=where, Key=one["Key"], UploadId=one["UploadId"])
                    count += 1
        return count

    def _whole(
        self, where: Mapping[str, Any], file: io.FileIO, size: int, lock: Mapping[str, Any], told: Mapping[str, Any]
    ) -> tuple[str, str]:
        body = file.read(size)
        checksum = _b64(sha256(body).digest())
        put = self.client.put_object(**where, **lock, **told, Body=body, ChecksumSHA256=checksum)
        return put.get("VersionId", ""), checksum

    def _parts(
        self, where: Mapping[str, Any], file: io.FileIO, size: int, lock: Mapping[str, Any], told: Mapping[str, Any]
    ) -> tuple[str, str]:
        upload = self.client.create_multipart_upload(**where, **lock, ChecksumAlgorithm="SHA256")["UploadId"]
        parts: list[Any] = []
        digests = b""
        try:
            while body := file.read(max(PART, -(-size // MOST_PARTS))):
                digests += (digest := sha256(body).digest())
                part: dict[str, Any] = {"PartNumber": len(parts) + 1, "ChecksumSHA256": _b64(digest)}
                put = self.client.upload_part(**where, UploadId=upload, Body=body, **part)
                parts.append({**part, "ETag": put["ETag"]})
            done = self.client.complete_multipart_upload(
                **where, UploadId=upload, MultipartUpload={"Parts": parts}, **told
            )
        except BaseException:
            with suppress(*buckets.ERRORS):
                self.client.abort_multipart_upload(**where, UploadId=upload)
            raise
        return done.get("VersionId", ""), f"{_b64(sha256(digests).digest())}-{len(parts)}"

    def _confirmed(self, version: Version, until: datetime) -> Version:
        """The version, if the bucket says of it what was asked for: it may take a thing and forget its lock."""
        head = self._head(version)
        has = (head["ContentLength"], head.get("ChecksumSHA256"), head.get("ObjectLockMode"))
        if has != (version.size, version.checksum, LOCK) or head["ObjectLockRetainUntilDate"] < until:
            why = "the bucket does not hold it as it was put: size, SHA-256, a COMPLIANCE lock until its day"
            raise VaultUnwritable(
                f"{self.place}{version.key}: {why}; nothing counts as stored; see what the service is"
            )
        return version

    def _head(self, version: Version) -> Mapping[str, Any]:
        where = {"Bucket": self.told.bucket, "Key": self._full(version.key), "VersionId": version.id}
        head: Mapping[str, Any] = self.client.head_object(**where, ChecksumMode="ENABLED")  # type: ignore[arg-type]
        return head

    def _entries(self, below: str) -> Iterator[Mapping[str, Any]]:
        """All versions and delete markers, those of one key together and the newest version first."""
        with self._telling("the listing"):
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.told.bucket, Prefix=self._full(below)
            )
            for page in pages:
                entries: list[Any] = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                yield from sorted(entries, key=lambda one: one["Key"].encode())

    def _full(self, key: str) -> str:
        return f"{self.told.prefix}{key}"

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Say what went wrong with a request in our words."""
        try:
            yield
        except buckets.ERRORS as error:
            if isinstance(error, ClientError) and buckets.code(error) in _GONE:
                raise Tampered(f"{self.place}{what}: the version that was stored is gone") from error
            raise VaultUnreachable(f"{self.place}: {what}: {Failure.of(error, _ADVICE).why}") from error


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
