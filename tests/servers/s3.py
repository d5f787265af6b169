"""moto's S3 over HTTP on loopback, and a proxy in front of it that damages answers."""

import http.client
import json
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION: Literal["ap-northeast-1"] = "ap-northeast-1"
ACCESS_KEY, SECRET_KEY = "testing", "testing-secret"
BUSY = b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>"


@dataclass(frozen=True, slots=True)
class S3:
    """A running server."""

    endpoint: str

    @contextmanager
    def client(self) -> Iterator["S3Client"]:
        """A client of the server itself, for preparing what a test finds there."""
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(s3={"addressing_style": "path"}),
        )
        try:
            yield client
        finally:
            client.close()

    def fill(self, bucket: str, keys: Iterable[str], body: bytes) -> None:
        """Put many small objects without HTTP, which takes moto ten seconds for a thousand."""
        backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        for key in keys:
            backend.put_object(bucket, key, body)

    def reset(self) -> None:
        """Forget all buckets."""
        self._post("reset", b"")

    @contextmanager
    def asking_for_credentials(self) -> Iterator[None]:
        """Until the end of the block only known keys are let in."""
        self._post("reset-auth", b"0")
        try:
            yield
        finally:
            self._post("reset-auth", json.dumps(float("inf")).encode())

    def _post(self, what: str, body: bytes) -> None:
        request = urllib.request.Request(
            f"{self.endpoint}/moto-api/{what}", data=body, method="POST", headers={"Content-Type": "text/plain"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
            pass


@contextmanager
def running() -> Iterator[S3]:
    """Start a server on a free port and end it afterwards."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
        if server._server is not None:
            server._server.server_close()


@dataclass
class Faults:
    """A proxy that damages the bodies of objects, each fault once, in their order; then it lets all pass."""

    endpoint: str = ""
    waiting: list[str] = field(default_factory=list)  # truncate | shorten | flip | reset | busy
    checksums: bool = True  # whether the checksum headers pass
    fetched: int = 0


@contextmanager
def damaged(behind: str) -> Iterator[Faults]:
    """Start a proxy in front of a server."""
    faults = Faults()

    class Handler(_Proxy):
        told, upstream = faults, behind.removeprefix("http://")

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        faults.endpoint = f"http://127.0.0.1:{server.server_port}"
        try:
            yield faults
        finally:
            server.shutdown()
            thread.join()


class _Proxy(BaseHTTPRequestHandler):
    told: Faults
    upstream: str

    def do_GET(self) -> None:
        connection = http.client.HTTPConnection(self.upstream, timeout=10)
        connection.request("GET", self.path, headers=dict(self.headers))
        answer = connection.getresponse()
        body, headers = answer.read(), answer.getheaders()
        connection.close()
        is_object = len(self.path.split("?")[0].strip("/").split("/")) > 1
        fault = ""
        if is_object:
            self.told.fetched += 1
            fault = self.told.waiting.pop(0) if self.told.waiting else ""
        self.close_connection = True
        if fault == "reset":
            return
        if fault == "busy":
            self._answer(503, [("Content-Type", "application/xml")], BUSY, fault)
            return
        self._answer(answer.status, headers, body, fault)

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, fault: str) -> None:
        sent = len(body) // 2 if fault in ("truncate", "shorten") else len(body)
        announced = sent if fault == "shorten" else len(body)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() in ("content-length", "connection", "transfer-encoding"):
                continue
            if self.told.checksums or not name.lower().startswith("x-amz-checksum"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(announced))
        self.send_header("Connection", "close")
        self.end_headers()
        damaged = bytes([body[0] ^ 1]) + body[1:] if fault == "flip" else body
        self.wfile.write(damaged[:sent])

    def log_message(self, format: str, *args: object) -> None:
        pass


def make_bucket(client: "S3Client", name: str) -> None:
    """An empty bucket in the test's region."""
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
