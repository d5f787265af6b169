"""Objects of an S3 bucket: exactly the version that was listed, whole, checked against the source's own checksum."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import quote

from botocore.exceptions import ClientError, FlexibleChecksumError
from pydantic import BaseModel, Field, model_validator

from collectors.transports import STRICT, Cursor, Item, Pattern, Received, Refused, fault, matches, printable
from evidence import buckets
from evidence.bucket_settings import BucketName, Endpoint, Region
from evidence.buckets import PIECE, Failure, Persistence
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable
from evidence.references import Reference, Resolve, resolver
from evidence.vault.plain import PLAIN

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEADER_TIME = timedelta(seconds=1)  # a listing may tell milliseconds, a header has whole seconds
_ADVICE: Mapping[str, str] = {
    "credentials": "give access_key and secret_key, or run where a role is",
    "NoSuchKey": "is not there any more",
    "NoSuchVersion": "this version is not there any more",
    "AccessDenied": "access is denied: allow s3:ListBucket and s3:GetObject, where it is versioned also "
    "s3:GetBucketVersioning, s3:ListBucketVersions and s3:GetObjectVersion",
    "InvalidAccessKeyId": "the access key is unknown: see access_key, or the machine's role",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key: see secret_key",
    "InvalidObjectState": "is archived: have it restored first",
    "PreconditionFailed": "was overwritten while it was fetched; collect again",
}


class Options(BaseModel):
    """What a source says of a bucket."""

    model_config = STRICT

    kind: Literal["s3"]
    bucket: BucketName
    prefix: Annotated[str, Field(pattern=r"^([^/].*)?$")] = ""
    pattern: Pattern = "*"  # without "/": of the last part of a key, however deep; with it: of all behind the prefix
    region: Region
    endpoint: Endpoint | None = None  # none: AWS
    access_key: Reference | None = None  # none: the machine's role, or what else boto3 finds
    secret_key: Reference | None = None
    session_token: Reference | None = None

    @model_validator(mode="after")
    def _whole_credentials(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("give both access_key and secret_key, or neither to use the machine's role")
        return self


def build(
    options: Options,
    home: Path,
    secrets: Resolve | None = None,
    *,
    growing: bool = False,  # noqa: ARG001  (what lies in a bucket is never half written)
) -> "Bucket":
    """The bucket of a source; nothing is asked of it yet."""
    secrets = secrets or resolver(home)
    keys = (secrets(key) if key else None for key in (options.access_key, options.secret_key, options.session_token))
    return Bucket(buckets.connect(options.region, options.endpoint, *keys), options, scratch=home / PLAIN)


class Bucket:
    """What lies in a bucket under a prefix."""

    def __init__(
        self, client: "S3Client", options: Options, scratch: Path, persistence: Persistence | None = None
    ) -> None:
        self._client, self._options, self._scratch = client, options, scratch
        self._persistence = persistence or Persistence()
        self.place = f"s3://{options.bucket}/{quote(options.prefix)}"
        self.refused: list[Refused] = []
        client.meta.events.register("before-parse.s3.GetObject", _note_checksum)

    def items(self, since: Cursor | None) -> Iterator[Item]:
        """List the objects in the order of their keys, each in its newest version; hostile keys go to ``refused``."""
        self.refused = []
        with self._telling("the listing"):
            for key, about in self._entries():
                if why := next((why for part in key.split("/") if part and (why := fault(part))), None):
                    self.refused.append(Refused(printable(key), why))
                    continue
                item = Item(key, about["Size"], about["LastModified"].astimezone(UTC), about.get("VersionId"))
                if self._wanted(key) and (since is None or since.reached(item.modified)):
                    yield item

    def open(self, item: Item) -> Received:
        """Fetch one object as it was listed, and hand it out once it is whole."""
        named = printable(item.name)
        wanted: dict[str, str] = {"VersionId": item.version} if item.version else {}

        def ask() -> Mapping[str, Any]:
            with self._telling(named):
                # Ignored: to mypy a dict of texts may be any keyword, also one that takes no text.
                return self._client.get_object(Bucket=self._options.bucket, Key=item.name, **wanted)  # type: ignore[arg-type]

        def keep(answer: Mapping[str, Any]) -> Received:
            nonlocal wanted
            # What came first is what is fetched again, also where the listing named no version.
            wanted = {"VersionId": answer["VersionId"]} if "VersionId" in answer else {"IfMatch": answer["ETag"]}
            if abs(answer["LastModified"] - item.modified) >= HEADER_TIME:
                raise SourceError(self.place, f"{named} changed since it was listed; collect again")
            return self._received(item, answer)

        try:
            return self._persistence.whole(ask, keep)
        except buckets.Broken as error:
            if isinstance(error.__cause__, FlexibleChecksumError):
                why = f"{named} {error}; what lies there is not what was put there"
                raise SourceMalformed(self.place, why) from error
            raise SourceUnreachable(self.place, f"{named} {error}; try again") from error

    def origin(self, item: Item) -> str:
        """The object's URI, with its version where it has one."""
        version = f"?versionId={quote(item.version)}" if item.version else ""
        return f"s3://{self._options.bucket}/{quote(item.name)}{version}"

    def close(self) -> None:
        """Close the connections that are kept."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """All keys under the prefix and what is said of their newest version."""
        bucket, prefix = self._options.bucket, self._options.prefix
        if not self._versioned():
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield from ((about["Key"], about) for about in page.get("Contents", ()))
            return
        for versions in self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            yield from ((about["Key"], about) for about in versions.get("Versions", ()) if about["IsLatest"])

    def _versioned(self) -> bool:
        try:
            return "Status" in self._client.get_bucket_versioning(Bucket=self._options.bucket)
        except ClientError as error:
            # Not every owner allows the question and not every store knows it: the listing then names no versions,
            # and opening takes, keeps to and tells the one it is answered with.
            if buckets.code(error) in ("AccessDenied", "NotImplemented", "MethodNotAllowed"):
                return False
            raise

    def _wanted(self, key: str) -> bool:
        if key.endswith("/"):
            return False  # what consoles make to show a folder
        behind = key[len(self._options.prefix) :].split("/")
        pattern = self._options.pattern.split("/")
        return matches(behind if len(pattern) > 1 else behind[-1:], pattern)

    def _received(self, item: Item, answer: Mapping[str, Any]) -> Received:
        """The whole body in an unnamed file, back at its beginning."""
        file = buckets.unnamed(self._scratch)
        try:
            size = 0
            while piece := answer["Body"].read(PIECE):
                size += len(piece)
                buckets.write(file, piece)
            check_size(item, size, answer.get("ContentLength"))
            file.seek(0)
        except BaseException:
            file.close()
            raise
        opened = replace(item, version=answer.get("VersionId", item.version))
        return Received(file, opened, answer.get("SourceChecksum"))

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Say what went wrong in our words: no key, no token and nothing that the other side wrote."""
        try:
            yield
        except buckets.ERRORS as error:
            failure = Failure.of(error, _ADVICE)
            kind = SourceUnreachable if failure.again else SourceMalformed if failure.foreign else SourceError
            raise kind(self.place, f"{what}: {failure.why}") from error


def check_size(item: Item, arrived: int, announced: int | None) -> None:
    """Raise Broken unless as many bytes arrived as were listed and announced."""
    if not arrived == item.size == (item.size if announced is None else announced):
        raise buckets.Broken(f"{arrived} of {item.size} bytes")


def _note_checksum(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Keep which checksum botocore compares while the body is read: it says so only here."""
    checked = response_dict.get("context", {}).get("checksum", {}).get("response_algorithm")
    customized_response_dict["SourceChecksum"] = checked
