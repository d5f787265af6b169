"""A stand-in of S3 with Object Lock, as strict as Amazon documents it, where moto lets pass what S3 refuses.

Written from the S3 API reference and user guide ("How S3 Object Lock works", "Conditional writes", "Checking object
integrity"), never from what our client does. Bodies lie in memory.
"""

import base64
import hashlib
import itertools
import threading
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

Mode = Literal["COMPLIANCE", "GOVERNANCE"]
SMALLEST_PART = 5 * 1024 * 1024


def digest(algorithm: str, body: bytes) -> str:
    """A checksum as S3 writes it."""
    if algorithm == "crc32":
        return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    if algorithm not in ("sha256", "sha1", "md5"):
        raise Refused(501, "NotImplemented", f"this stand-in knows no {algorithm}")
    return base64.b64encode(hashlib.new(algorithm, body, usedforsecurity=False).digest()).decode()


class Refused(Exception):
    """An answer that is an error of S3."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message or code
        self.headers = {f"x-amz-{name.replace('_', '-')}": value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when a version may not be deleted, and whether somebody may go past that."""

    mode: Mode
    until: datetime


@dataclass
class Version:
    """One version of a key, or the marker of a deletion."""

    id: str
    body: bytes
    etag: str
    checksum: tuple[str, str] | None  # algorithm, value
    modified: datetime
    retention: Retention | None = None
    is_marker: bool = False


@dataclass
class Upload:
    """A multipart upload that is not complete."""

    key: str
    algorithm: str | None
    retention: Retention | None
    begun: datetime
    parts: dict[int, Version] = field(default_factory=dict)


@dataclass
class Bucket:
    """What lies in a bucket, and how it is set."""

    versioning: str = ""
    has_lock: bool = False
    default: tuple[Mode, timedelta] | None = None
    versions: dict[str, list[Version]] = field(default_factory=dict)  # by key, the newest last
    uploads: dict[str, Upload] = field(default_factory=dict)


class Store:
    """What S3 does, without HTTP; its clock can be set forward."""

    def __init__(self) -> None:
        self.buckets: dict[str, Bucket] = {}
        self.later = timedelta(0)
        self.lock = threading.RLock()
        self._ids = itertools.count(1)

    def advance(self, **time: float) -> None:
        """Let time pass."""
        self.later += timedelta(**time)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.later

    def create(self, name: str, *, has_lock: bool) -> None:
        if name in self.buckets:
            raise Refused(409, "BucketAlreadyOwnedByYou")
        self.buckets[name] = Bucket("Enabled" if has_lock else "", has_lock)

    def bucket(self, name: str) -> Bucket:
        if name not in self.buckets:
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        return self.buckets[name]

    def set_versioning(self, bucket: Bucket, status: str) -> None:
        if status not in ("Enabled", "Suspended"):
            raise Refused(400, "MalformedXML")
        if bucket.has_lock and status != "Enabled":
            why = "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            raise Refused(409, "InvalidBucketState", why)
        bucket.versioning = status

    def set_lock(self, bucket: Bucket, default: tuple[Mode, timedelta] | None) -> None:
        if bucket.versioning != "Enabled":
            raise Refused(409, "InvalidBucketState", "Versioning must be 'Enabled' on the bucket.")
        bucket.has_lock, bucket.default = True, default

    def retention(self, bucket: Bucket, mode: str | None, until: datetime | None) -> Retention | None:
        """What a request asks for, or else the bucket's default."""
        if mode is None and until is None:
            if bucket.default is None:
                return None
            return Retention(bucket.default[0], self.now() + bucket.default[1])
        if not bucket.has_lock:
            raise Refused(400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
        if until is None or mode not in ("COMPLIANCE", "GOVERNANCE"):
            raise Refused(400, "InvalidArgument", "mode and retain until date must both be supplied")
        if until <= self.now():
            raise Refused(400, "InvalidArgument", "The retain until date must be in the future!")
        return Retention("COMPLIANCE" if mode == "COMPLIANCE" else "GOVERNANCE", until)

    def put(self, bucket: Bucket, key: str, version: Version, *, if_none_match: str | None) -> Version:
        """Add the newest version of a key; a bucket that was never versioned keeps only this one."""
        there = self.newest(bucket, key)
        if if_none_match not in (None, "*"):
            raise Refused(501, "NotImplemented", "If-None-Match takes * only")
        if if_none_match and there is not None and not there.is_marker:
            raise Refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        held = bucket.versions.setdefault(key, [])
        if bucket.versioning != "Enabled":
            version.id = "null"
            held[:] = [one for one in held if one.id != "null"]
        held.append(version)
        return version

    def made(self, body: bytes, checksum: tuple[str, str] | None, retention: Retention | None) -> Version:
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return Version(f"v{next(self._ids):06d}.{etag[:8]}", body, f'"{etag}"', checksum, self.now(), retention)

    def newest(self, bucket: Bucket, key: str) -> Version | None:
        return bucket.versions[key][-1] if bucket.versions.get(key) else None

    def version(self, bucket: Bucket, key: str, version: str | None) -> Version:
        """The version that is asked for, or the newest; the marker of a deletion is no object."""
        if version is None:
            found = self.newest(bucket, key)
            if found is None:
                raise Refused(404, "NoSuchKey")
            if found.is_marker:
                raise Refused(404, "NoSuchKey", delete_marker="true", version_id=found.id)
            return found
        for one in bucket.versions.get(key, ()):
            if one.id == version:
                if one.is_marker:
                    raise Refused(405, "MethodNotAllowed", delete_marker="true", version_id=one.id)
                return one
        raise Refused(404, "NoSuchVersion", "The specified version does not exist.")

    def retain(self, version: Version, asked: Retention | None, *, bypass: bool) -> None:
        """Change a retention: COMPLIANCE only to a later COMPLIANCE; GOVERNANCE to less by who may bypass it."""
        held = version.retention
        if held is not None and held.until > self.now():
            longer = asked is not None and asked.until >= held.until and asked.mode in (held.mode, "COMPLIANCE")
            if not longer and not (held.mode == "GOVERNANCE" and bypass):
                raise Refused(403, "AccessDenied", "Access Denied because object protected by object lock.")
        version.retention = asked

    def delete(self, bucket: Bucket, key: str, version: str | None, *, bypass: bool) -> Version | None:
        """Delete one version for good, unless it is locked; without a version put a marker over the key."""
        if version is None:
            if not bucket.versioning:
                bucket.versions.pop(key, None)
                return None
            marker = self.made(b"", None, None)
            marker.is_marker = True
            return self.put(bucket, key, marker, if_none_match=None)
        held = bucket.versions.get(key, [])
        found = next((one for one in held if one.id == version), None)
        if found is None:
            return None
        kept = found.retention
        if kept is not None and kept.until > self.now() and not (kept.mode == "GOVERNANCE" and bypass):
            raise Refused(403, "AccessDenied", "Access Denied because object protected by object lock.")
        held.remove(found)
        return found

    def begin(self, bucket: Bucket, key: str, algorithm: str | None, retention: Retention | None) -> str:
        upload = f"upload-{next(self._ids):06d}"
        bucket.uploads[upload] = Upload(key, algorithm, retention, self.now())
        return upload

    def upload(self, bucket: Bucket, key: str, upload: str) -> Upload:
        if upload not in bucket.uploads or bucket.uploads[upload].key != key:
            raise Refused(404, "NoSuchUpload", "The upload ID may be invalid, or the upload aborted or completed.")
        return bucket.uploads[upload]

    def complete(
        self, bucket: Bucket, key: str, upload: str, parts: list[dict[str, str]], *, if_none_match: str | None
    ) -> Version:
        """One version of all the parts that are named, each by its number, ETag and checksum."""
        begun = self.upload(bucket, key, upload)
        numbers = [int(part["PartNumber"]) for part in parts]
        if not numbers:
            raise Refused(400, "MalformedXML")
        if numbers != sorted(set(numbers)) or (begun.algorithm and numbers != [*range(1, len(numbers) + 1)]):
            raise Refused(400, "InvalidPartOrder")
        found: list[Version] = []
        for number, part in zip(numbers, parts, strict=True):
            one = begun.parts.get(number)
            told = part.get(f"Checksum{begun.algorithm}") if begun.algorithm else None
            if one is None or one.etag.strip('"') != part["ETag"].strip('"'):
                raise Refused(400, "InvalidPart", "One or more of the specified parts could not be found.")
            if begun.algorithm and (one.checksum is None or told != one.checksum[1]):
                raise Refused(400, "InvalidPart", "The checksum of a part is not the one that was uploaded.")
            found.append(one)
        if any(len(one.body) < SMALLEST_PART for one in found[:-1]):
            raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        checksum = None
        if begun.algorithm:
            together = b"".join(base64.b64decode(one.checksum[1]) for one in found if one.checksum)
            checksum = (begun.algorithm.lower(), f"{digest(begun.algorithm.lower(), together)}-{len(found)}")
        whole = self.made(b"".join(one.body for one in found), checksum, begun.retention)
        whole.etag = f'"{whole.etag.strip(chr(34))}-{len(found)}"'
        self.put(bucket, key, whole, if_none_match=if_none_match)
        del bucket.uploads[upload]
        return whole
