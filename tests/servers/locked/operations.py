# ruff: noqa: N802  (operations have the names of the API reference)
"""The operations of the strict stand-in of S3, by the names of the API reference."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

from tests.servers.locked.store import Bucket, Refused, Retention, Store, Version, digest

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


@dataclass
class Request:
    """A request as it came."""

    bucket: str
    key: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def version(self) -> str | None:
        return self.query.get("versionId")

    @property
    def bypass(self) -> bool:
        return self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"

    @property
    def none_match(self) -> str | None:
        return self.headers.get("if-none-match")

    @property
    def xml(self) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(self.body)
        except ElementTree.ParseError as error:
            raise Refused(400, "MalformedXML") from error

    def told(self, path: str) -> str | None:
        """The text of an element of the body."""
        return self.xml.findtext("/".join(f"{NAMESPACE}{part}" for part in path.split("/")))

    def retention(self) -> tuple[str | None, datetime | None]:
        until = self.headers.get("x-amz-object-lock-retain-until-date")
        return self.headers.get("x-amz-object-lock-mode"), datetime.fromisoformat(until) if until else None

    def checksum(self) -> tuple[str, str] | None:
        """The checksum that was sent with the body, once it was compared."""
        if "x-amz-trailer" in self.headers:
            raise Refused(501, "NotImplemented", "this stand-in reads no trailers")
        sent = [
            (name.removeprefix("x-amz-checksum-"), value)
            for name, value in self.headers.items()
            if name.startswith("x-amz-checksum-") and name.count("-") == 3 and not name.endswith("-type")
        ]
        for algorithm, value in sent + [
            ("md5", self.headers[name]) for name in ("content-md5",) if name in self.headers
        ]:
            if digest(algorithm, self.body) != value:
                raise Refused(400, "BadDigest", f"The {algorithm.upper()} you specified did not match.")
        return sent[0] if sent else None


@dataclass
class Answer:
    """What is answered."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_object: bool = False


def xml(root: str, *children: Any) -> bytes:
    """Nested ``(name, text or children)`` as XML."""

    def grown(element: ElementTree.Element, below: Any) -> None:
        if isinstance(below, str):
            element.text = below
            return
        for name, more in below:
            grown(ElementTree.SubElement(element, name), more)

    top = ElementTree.Element(root, {} if root == "Error" else {"xmlns": NAMESPACE[1:-1]})
    grown(top, children)
    body: bytes = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    return body


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _about(version: Version, *, with_checksum: bool) -> dict[str, str]:
    told = {"x-amz-version-id": version.id, "ETag": version.etag}
    if version.retention is not None:
        told["x-amz-object-lock-mode"] = version.retention.mode
        told["x-amz-object-lock-retain-until-date"] = _iso(version.retention.until)
    if with_checksum and version.checksum is not None:
        told[f"x-amz-checksum-{version.checksum[0]}"] = version.checksum[1]
    return told


class Operations:
    """What may be asked, by the names of the API reference."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.checksums = True  # whether answers name them

    def find(self, method: str, request: Request) -> str:
        """The operation that a request asks for."""
        query, has_key = request.query, bool(request.key)
        table = {
            ("PUT", False, "versioning"): "PutBucketVersioning",
            ("GET", False, "versioning"): "GetBucketVersioning",
            ("PUT", False, "object-lock"): "PutObjectLockConfiguration",
            ("GET", False, "object-lock"): "GetObjectLockConfiguration",
            ("GET", False, "versions"): "ListObjectVersions",
            ("GET", False, "uploads"): "ListMultipartUploads",
            ("PUT", True, "retention"): "PutObjectRetention",
            ("GET", True, "retention"): "GetObjectRetention",
            ("POST", True, "uploads"): "CreateMultipartUpload",
            ("PUT", True, "uploadId"): "UploadPart",
            ("POST", True, "uploadId"): "CompleteMultipartUpload",
            ("DELETE", True, "uploadId"): "AbortMultipartUpload",
        }
        for (verb, keyed, word), name in table.items():
            if (verb, keyed) == (method, has_key) and word in query:
                return name
        plain = {
            ("PUT", False): "CreateBucket",
            ("HEAD", False): "HeadBucket",
            ("PUT", True): "PutObject",
            ("GET", True): "GetObject",
            ("HEAD", True): "HeadObject",
            ("DELETE", True): "DeleteObject",
        }
        known = {"versionId", "x-id", "encoding-type", "partNumber"}
        if (method, has_key) not in plain or set(query) - known:
            raise Refused(501, "NotImplemented", f"this stand-in knows no {method} with {sorted(query)}")
        return plain[method, has_key]

    def do(self, operation: str, request: Request) -> Answer:
        with self.store.lock:
            if operation == "CreateBucket":
                has_lock = request.headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true"
                self.store.create(request.bucket, has_lock=has_lock)
                return Answer()
            answer: Answer = getattr(self, f"_{operation}")(self.store.bucket(request.bucket), request)
            return answer

    def _HeadBucket(self, bucket: Bucket, request: Request) -> Answer:
        return Answer()

    def _PutBucketVersioning(self, bucket: Bucket, request: Request) -> Answer:
        self.store.set_versioning(bucket, request.told("Status") or "")
        return Answer()

    def _GetBucketVersioning(self, bucket: Bucket, request: Request) -> Answer:
        status = [("Status", bucket.versioning)] if bucket.versioning else []
        return Answer(body=xml("VersioningConfiguration", *status))

    def _PutObjectLockConfiguration(self, bucket: Bucket, request: Request) -> Answer:
        if request.told("ObjectLockEnabled") != "Enabled":
            raise Refused(400, "MalformedXML")
        mode, days = (request.told(f"Rule/DefaultRetention/{what}") for what in ("Mode", "Days"))
        if mode not in ("COMPLIANCE", "GOVERNANCE", None):
            raise Refused(400, "MalformedXML")
        self.store.set_lock(bucket, (mode, timedelta(days=int(days))) if mode and days else None)  # type: ignore[arg-type]
        return Answer()

    def _GetObjectLockConfiguration(self, bucket: Bucket, request: Request) -> Answer:
        if not bucket.has_lock:
            raise Refused(404, "ObjectLockConfigurationNotFoundError")
        return Answer(body=xml("ObjectLockConfiguration", ("ObjectLockEnabled", "Enabled")))

    def _ListObjectVersions(self, bucket: Bucket, request: Request) -> Answer:
        """Pages by key, then the newest first."""
        prefix, size = request.query.get("prefix", ""), int(request.query.get("max-keys", "1000"))
        told = [
            (key, one, one is held[-1])
            for key, held in sorted(bucket.versions.items(), key=lambda pair: pair[0].encode())
            if key.startswith(prefix)
            for one in reversed(held)
        ]
        mark = (request.query.get("key-marker", ""), request.query.get("version-id-marker", ""))
        if mark[0]:
            after = [index for index, (key, one, _) in enumerate(told) if (key, one.id) == mark]
            last = [index for index, (key, _, _) in enumerate(told) if key.encode() <= mark[0].encode()]
            told = told[(after or last or [-1])[-1] + 1 :]
        page = told[:size]
        entries: list[Any] = [("IsTruncated", str(len(told) > size).lower()), ("Prefix", prefix)]
        if len(told) > size:
            entries += [("NextKeyMarker", page[-1][0]), ("NextVersionIdMarker", page[-1][1].id)]
        for key, one, newest in page:
            about: list[Any] = [("Key", key), ("VersionId", one.id), ("IsLatest", str(newest).lower())]
            about += [("LastModified", _iso(one.modified))]
            if not one.is_marker:
                about += [("ETag", one.etag), ("Size", str(len(one.body))), ("StorageClass", "STANDARD")]
            entries.append(("DeleteMarker" if one.is_marker else "Version", about))
        return Answer(body=xml("ListVersionsResult", *entries))

    def _PutObject(self, bucket: Bucket, request: Request) -> Answer:
        checksum, (mode, until) = request.checksum(), request.retention()
        if mode and checksum is None and "content-md5" not in request.headers:
            why = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
            raise Refused(400, "InvalidRequest", why)
        made = self.store.made(request.body, checksum, self.store.retention(bucket, mode, until))
        put = self.store.put(bucket, request.key, made, if_none_match=request.none_match)
        about = _about(put, with_checksum=self.checksums)
        return Answer(headers={name: value for name, value in about.items() if "object-lock" not in name})

    def _GetObject(self, bucket: Bucket, request: Request) -> Answer:
        found = self.store.version(bucket, request.key, request.version)
        asked = self.checksums and request.headers.get("x-amz-checksum-mode") == "ENABLED"
        headers = _about(found, with_checksum=asked) | {"Last-Modified": format_datetime(found.modified, usegmt=True)}
        return Answer(headers=headers, body=found.body, is_object=True)

    _HeadObject = _GetObject

    def _DeleteObject(self, bucket: Bucket, request: Request) -> Answer:
        gone = self.store.delete(bucket, request.key, request.version, bypass=request.bypass)
        if gone is None:
            return Answer(204)
        return Answer(204, {"x-amz-version-id": gone.id, "x-amz-delete-marker": str(gone.is_marker).lower()})

    def _PutObjectRetention(self, bucket: Bucket, request: Request) -> Answer:
        if request.checksum() is None and "content-md5" not in request.headers:
            raise Refused(400, "InvalidRequest", "Missing required header for this request: Content-MD5")
        mode, until = request.told("Mode"), request.told("RetainUntilDate")
        if not bucket.has_lock:
            raise Refused(400, "InvalidRequest", "Bucket is missing Object Lock Configuration")
        asked: Retention | None = None
        if mode or until:
            asked = self.store.retention(bucket, mode, datetime.fromisoformat(until) if until else None)
        self.store.retain(self.store.version(bucket, request.key, request.version), asked, bypass=request.bypass)
        return Answer()

    def _GetObjectRetention(self, bucket: Bucket, request: Request) -> Answer:
        held = self.store.version(bucket, request.key, request.version).retention
        if held is None:
            raise Refused(404, "NoSuchObjectLockConfiguration")
        return Answer(body=xml("Retention", ("Mode", held.mode), ("RetainUntilDate", _iso(held.until))))

    def _CreateMultipartUpload(self, bucket: Bucket, request: Request) -> Answer:
        retention = self.store.retention(bucket, *request.retention())
        algorithm = request.headers.get("x-amz-checksum-algorithm")
        upload = self.store.begin(bucket, request.key, algorithm, retention)
        told = (("Bucket", request.bucket), ("Key", request.key), ("UploadId", upload))
        return Answer(body=xml("InitiateMultipartUploadResult", *told))

    def _UploadPart(self, bucket: Bucket, request: Request) -> Answer:
        begun, number = self.store.upload(bucket, request.key, request.query["uploadId"]), request.query["partNumber"]
        checksum = request.checksum()
        if begun.algorithm and (checksum is None or checksum[0] != begun.algorithm.lower()):
            raise Refused(400, "InvalidRequest", "Checksum Type mismatch occurred")
        part = begun.parts[int(number)] = self.store.made(request.body, checksum, None)
        about = _about(part, with_checksum=self.checksums)
        return Answer(headers={name: value for name, value in about.items() if name != "x-amz-version-id"})

    def _CompleteMultipartUpload(self, bucket: Bucket, request: Request) -> Answer:
        parts = [{child.tag.removeprefix(NAMESPACE): child.text or "" for child in part} for part in request.xml]
        upload, match = request.query["uploadId"], request.none_match
        whole = self.store.complete(bucket, request.key, upload, parts, if_none_match=match)
        told = [("Bucket", request.bucket), ("Key", request.key), ("ETag", whole.etag)]
        if whole.checksum and self.checksums:
            told.append((f"Checksum{whole.checksum[0].upper()}", whole.checksum[1]))
        headers = {"x-amz-version-id": whole.id}
        return Answer(headers=headers, body=xml("CompleteMultipartUploadResult", *told))

    def _AbortMultipartUpload(self, bucket: Bucket, request: Request) -> Answer:
        self.store.upload(bucket, request.key, request.query["uploadId"])
        del bucket.uploads[request.query["uploadId"]]
        return Answer(204)

    def _ListMultipartUploads(self, bucket: Bucket, request: Request) -> Answer:
        prefix = request.query.get("prefix", "")
        told = [
            ("Upload", [("Key", begun.key), ("UploadId", upload), ("Initiated", _iso(begun.begun))])
            for upload, begun in bucket.uploads.items()
            if begun.key.startswith(prefix)
        ]
        return Answer(body=xml("ListMultipartUploadsResult", ("IsTruncated", "false"), *told))
