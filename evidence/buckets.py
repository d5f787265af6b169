"""Talking to S3, for whoever collects from a bucket and whoever keeps evidence in one.

boto3 repeats a request that fails before its answer, never one whose body breaks off or does not match its
checksum; so a body goes to an unnamed file first, and is fetched again from its beginning until it is whole.
"""

import io
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import boto3
import urllib3
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

from evidence.errors import VaultUnwritable
from evidence.reach import Forbidden, refuse
from evidence.vault.plain import FOLDER_MODE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
PIECE = 1024 * 1024
REQUESTS = Config(
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=15,
    read_timeout=60,
    request_checksum_calculation="when_required",
    response_checksum_validation="when_supported",
)
ERRORS = (ClientError, BotoCoreError, Forbidden)  # what a request may raise
_LATER = frozenset(
    {"SlowDown", "Throttling", "RequestTimeout", "ServiceUnavailable", "InternalError", "RequestLimitExceeded"}
)
_ADVICE: Mapping[str, str] = {
    "NoSuchBucket": "there is no such bucket: see its name, region and endpoint",
    "ExpiredToken": "the credentials have expired: renew them",
    "InvalidToken": "the session token is not valid: renew the credentials",
    "RequestTimeTooSkewed": "this machine's clock is wrong: set it (NTP)",
    "PermanentRedirect": "the bucket is in another region: see region",
    "AuthorizationHeaderMalformed": "the bucket is in another region: see region",
}


def connect(
    region: str,
    endpoint: str | None,
    access_key: str | None = None,
    secret: str | None = None,
    token: str | None = None,
) -> "S3Client":
    """A client; nothing is asked yet. Without keys it takes the machine's role, or what else boto3 finds."""
    client: S3Client = boto3.session.Session().client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=REQUESTS.merge(Config(s3={"addressing_style": "path"})) if endpoint else REQUESTS,
    )
    if endpoint:
        client.meta.events.register("before-send.s3", _refuse)
    return client


def _refuse(request: Any, **_: object) -> None:
    """Look at where a request goes that a setting, or what answered to it, sent us to."""
    refuse(urlsplit(request.url).hostname or "")


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often what did not go through whole is tried, how the time between is spent, and how slow a body may be."""

    attempts: int = 4
    pause: Callable[[float], None] = time.sleep
    patience: float | None = None  # seconds that a body may take, and as many more as slowest says; a thread for each
    slowest: int = 64 * 1024  # bytes a second

    def wait(self, attempt: int) -> None:
        """Pause before the next attempt: longer each time, and not in step with other clients."""
        self.pause(min(0.2 * 2**attempt, 5) * random.uniform(0.5, 1))  # noqa: S311  (jitter, not a secret)

    def whole(self, ask: Callable[[], Mapping[str, Any]], keep: Callable[[Mapping[str, Any]], T]) -> T:
        """What ``keep`` makes of an answer whose body it reads to its end; asked again from its beginning until it is
        whole. Broken after the last attempt. What ``ask`` raises passes through."""
        for attempt in range(self.attempts):
            if attempt:
                self.wait(attempt)
            answer = ask()
            try:
                with self._in_time(answer):
                    return keep(answer)
            except (
                HTTPClientError,
                IncompleteReadError,
                FlexibleChecksumError,
                urllib3.exceptions.HTTPError,
                Broken,
            ) as e:
                broken: Exception = e
            finally:
                answer["Body"].close()
        raise Broken(f"did not arrive whole in {self.attempts} attempts ({short(broken)})") from broken

    @contextmanager
    def _in_time(self, answer: Mapping[str, Any]) -> Iterator[None]:
        """Cut a body off that drips: a timeout of the socket bounds the wait for the next byte only."""
        if self.patience is None:
            yield
            return
        limit = self.patience + answer.get("ContentLength", 0) / self.slowest
        timer = threading.Timer(limit, _cut, [answer["Body"]])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(body: Any) -> None:
    with suppress(OSError, ValueError):  # it ended just now
        body._raw_stream.shutdown()


class Broken(Exception):
    """A body came to its end, and not all of it was there, or it was another."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with a request, in our words: no key, no token and nothing that the other side wrote."""

    why: str
    again: bool = False  # whether trying again may help
    foreign: bool = False  # whether what answered is no S3

    @classmethod
    def of(cls, error: Exception, advice: Mapping[str, str]) -> "Failure":
        """Say it of what a request raised; ``advice`` by code (and of ``credentials``) is the caller's own."""
        if isinstance(error, ClientError):
            told, status = code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if told in _LATER or status >= 500 or status == 429:
                return cls(f"the service is busy ({told}); try again", again=True)
            why = {**_ADVICE, **advice}.get(told, "the service refuses; look the code up in its manual")
            return cls(f"{why} ({told})")
        if isinstance(error, NoCredentialsError | PartialCredentialsError):
            return cls(f"there are no credentials: {advice['credentials']}")
        if isinstance(error, Forbidden):
            return cls(str(error))
        if isinstance(error, HTTPClientError | NoConnection):
            why = f"no answer ({short(error)}); see the endpoint, the network and the proxy, then try again"
            return cls(why, again=True)
        return cls(f"not the answer of an S3 service ({short(error)})", foreign=True)


def unnamed(folder: Path) -> io.FileIO:
    """A new file that nobody else can open and that no kill leaves behind."""
    try:
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)  # plain bytes lie nowhere else
        return tempfile.TemporaryFile(dir=folder, buffering=0)
    except OSError as error:
        raise VaultUnwritable(f"{folder}: no temporary file can be made: {error.strerror}; make room") from error


def write(file: io.FileIO, piece: bytes) -> None:
    """Write all of a piece."""
    rest = memoryview(piece)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise VaultUnwritable(f"an object does not fit on the disk: {error.strerror}; make room") from error


def code(error: ClientError) -> str:
    """The code of an error that the service tells."""
    return str(error.response.get("Error", {}).get("Code", "no code"))


def short(error: Exception) -> str:
    """What an error is, without what the other side wrote."""
    return str(error) if isinstance(error, Broken) else type(error).__name__
