"""Objects of an S3 bucket: exactly the version that was listed, whole, checked against the source's own checksum.

boto3 repeats a request that fails before its answer, never one whose body breaks off or does not match its
checksum; so a body goes to an unnamed file first, and is fetched again from its beginning until it is whole.
"""

import io
import ipaddress
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as NoConnection
from pydantic import AfterValidator, BaseModel, Field, model_validator

from collectors.transports import STRICT, Cursor, Item, Pattern, Received, Refused, fault, matches, printable
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable, VaultUnwritable
from evidence.references import Reference, Resolve, resolver
from evidence.vault.plain import FOLDER_MODE, PLAIN

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE = 1024 * 1024
HEADER_TIME = timedelta(seconds=1)  # a listing may tell milliseconds, a header has whole seconds
REQUESTS = Config(
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=15,
    read_timeout=60,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_supported",
)
_LATER = frozenset(
    {"SlowDown", "Throttling", "RequestTimeout", "ServiceUnavailable", "InternalError", "RequestLimitExceeded"}
)
_ADVICE: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket: see its name, region and endpoint",
    "NoSuchKey": "is not there any more",
    "NoSuchVersion": "this version is not there any more",
    "AccessDenied": "access is denied: allow s3:ListBucket and s3:GetObject, where it is versioned also "
    "s3:GetBucketVersioning, s3:ListBucketVersions and s3:GetObjectVersion",
    "InvalidAccessKeyId": "the access key is unknown: see access_key, or the machine's role",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key: see secret_key",
    "ExpiredToken": "the credentials have expired: renew them",
    "InvalidToken": "the session token is not valid: renew the credentials",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it (NTP)",
    "PermanentRedirect": "the bucket is in another region: see region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: see region",
    "InvalidObjectState": "is archived: have it restored first",
    "PreconditionFailed": "was overwritten while it was fetched; collect again",
}  # fmt: skip


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("write the address as https://host:port, without user and password")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("evidence does not travel in the clear: write https:// (http:// is for 127.0.0.1 only)")
    return url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Options(BaseModel):
    """What a source says of a bucket."""

    model_config = STRICT

    kind: Literal["s3"]
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    prefix: Annotated[str, Field(pattern=r"^([^/].*)?$")] = ""
    pattern: Pattern = "*"  # without "/": of the last part of a key, however deep; with it: of all behind the prefix
    region: Annotated[str, Field(min_length=1)]
    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = None  # none: AWS
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
    client: S3Client = boto3.session.Session().client(
        "s3",
        region_name=options.region,
        endpoint_url=options.endpoint,
        aws_access_key_id=secrets(options.access_key) if options.access_key else None,
        aws_secret_access_key=secrets(options.secret_key) if options.secret_key else None,
        aws_session_token=secrets(options.session_token) if options.session_token else None,
        config=REQUESTS.merge(Config(s3={"addressing_style": "path"})) if options.endpoint else REQUESTS,
    )
    return Bucket(client, options, scratch=home / PLAIN)


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often a body that did not arrive whole is fetched, and how the time between is spent."""

    attempts: int = 4
    pause: Callable[[float], None] = time.sleep

    def wait(self, attempt: int) -> None:
        """Pause before the next attempt: longer each time, and not in step with other clients."""
        self.pause(min(0.2 * 2**attempt, 5) * random.uniform(0.5, 1))  # noqa: S311  (jitter, not a secret)


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
        for attempt in range(self._persistence.attempts):
            if attempt:
                self._persistence.wait(attempt)
            with self._telling(named):
                # Ignored: to mypy a dict of texts may be any keyword, also one that takes no text.
                answer = self._client.get_object(Bucket=self._options.bucket, Key=item.name, **wanted)  # type: ignore[arg-type]
            try:
                # What came first is what is fetched again, also where the listing named no version.
                wanted = {"VersionId": answer["VersionId"]} if "VersionId" in answer else {"IfMatch": answer["ETag"]}
                if abs(answer["LastModified"] - item.modified) >= HEADER_TIME:
                    raise SourceError(self.place, f"{named} changed since it was listed; collect again")
                return self._received(item, answer)
            except (HTTPClientError, IncompleteReadError, FlexibleChecksumError, Broken) as error:
                broken: Exception = error
            finally:
                answer["Body"].close()
        why = f"{named} did not arrive whole in {self._persistence.attempts} attempts ({_short(broken)})"
        if isinstance(broken, FlexibleChecksumError):
            raise SourceMalformed(self.place, f"{why}; what lies there is not what was put there") from broken
        raise SourceUnreachable(self.place, f"{why}; try again") from broken

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
            if _code(error) in ("AccessDenied", "NotImplemented", "MethodNotAllowed"):
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
        file = _unnamed(self._scratch)
        try:
            size = 0
            while piece := answer["Body"].read(PIECE):
                size += len(piece)
                _write(file, piece)
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
        except ClientError as error:
            code, status = _code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in _LATER or status >= 500 or status == 429:
                raise SourceUnreachable(self.place, f"{what}: the service is busy ({code}); try again") from error
            advice = _ADVICE.get(code, "the service refuses; look the code up in its manual")
            raise SourceError(self.place, f"{what}: {advice} ({code})") from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            why = "there are no credentials: give access_key and secret_key, or run where a role is"
            raise SourceError(self.place, f"{what}: {why}") from error
        except (HTTPClientError, NoConnection) as error:
            why = f"no answer ({_short(error)}); see the endpoint, the network and the proxy, then try again"
            raise SourceUnreachable(self.place, f"{what}: {why}") from error
        except BotoCoreError as error:
            raise SourceMalformed(self.place, f"{what}: not the answer of an S3 service ({_short(error)})") from error


class Broken(Exception):
    """A body came to its end, and not all of it was there."""


def check_size(item: Item, arrived: int, announced: int | None) -> None:
    """Raise Broken unless as many bytes arrived as were listed and announced."""
    if not arrived == item.size == (item.size if announced is None else announced):
        raise Broken(f"{arrived} of {item.size} bytes")


def _unnamed(folder: Path) -> io.FileIO:
    try:
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)  # plain bytes lie nowhere else
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError as error:
        raise VaultUnwritable(f"{folder}: no temporary file can be made: {error.strerror}; make room") from error


def _write(file: io.FileIO, piece: bytes) -> None:
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise VaultUnwritable(f"an object does not fit on the disk: {error.strerror}; make room") from error


def _note_checksum(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Keep which checksum botocore compares while the body is read: it says so only here."""
    checked = response_dict.get("context", {}).get("checksum", {}).get("response_algorithm")
    customized_response_dict["SourceChecksum"] = checked


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "no code"))


def _short(error: Exception) -> str:
    return str(error) if isinstance(error, Broken) else type(error).__name__
