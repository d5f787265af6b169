"""A strict stand-in of S3 with Object Lock on loopback, and the faults of a network.

What is planned is done once, in its order: (operation, fault). A request befalls
``busy`` (503), ``expired`` (403, credentials), ``reset`` (half of its body is read), ``hang`` (then nothing more),
``garble`` (a byte of its body is another); an answer ``lost`` (it was done, and nobody is told), ``truncate`` and
``shorten`` (half of it comes, the second says so), ``flip`` (a byte is another), ``drip`` (it hardly comes), ``late``
(200, and an error in the body). Signatures are not checked.
"""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.locked.operations import Answer, Operations, Request, xml
from tests.servers.locked.store import Refused, Store

DROP_SECONDS = 0.05


@dataclass
class Locked:
    """A running stand-in: its store, what was asked of it, and what it is to do wrong next."""

    endpoint: str = ""
    store: Store = field(init=False)
    operations: Operations = field(init=False)
    asked: list[str] = field(init=False)
    plan: list[tuple[str, str]] = field(init=False)
    largest: int = field(init=False)  # bytes of one request
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all buckets and all that was planned."""
        self.store, self.plan, self.asked, self.largest = Store(), [], [], 0
        self.operations = Operations(self.store)

    def fault(self, operation: str) -> str:
        """What is planned for this request."""
        self.asked.append(operation)
        planned = bool(self.plan) and self.plan[0][0] == operation
        return self.plan.pop(0)[1] if planned else ""


@contextmanager
def running() -> Iterator[Locked]:
    """Start a stand-in on a free port and end it afterwards."""
    stand_in = Locked()

    class Handler(_Handler):
        locked = stand_in

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        stand_in.over.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    locked: Locked

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(bucket, key, query, headers, b"")
        length = int(headers.get("content-length", "0"))
        try:
            operation = self.locked.operations.find(self.command, request)
            fault = self.locked.fault(operation)
            if fault in ("reset", "hang"):
                self.rfile.read(length // 2)
                if fault == "hang":
                    self._hang()
                self._reset()
                return
            request.body = self.rfile.read(length)
            if len(request.body) != length:  # whoever sent it stopped
                self.close_connection = True
                return
            self.locked.largest = max(self.locked.largest, length)
            answer = self._done(operation, request, fault)
        except Refused as refused:
            if not request.body and length:
                self.close_connection = True
            told = (("Code", refused.code), ("Message", refused.message))
            answer, fault = Answer(refused.status, refused.headers, xml("Error", *told)), ""
        self._answer(answer, fault)

    def _done(self, operation: str, request: Request, fault: str) -> Answer:
        if fault == "busy":
            raise Refused(503, "SlowDown", "Please reduce your request rate.")
        if fault == "expired":
            raise Refused(403, "ExpiredToken", "The provided token has expired.")
        if fault == "late":
            return Answer(body=xml("Error", ("Code", "InternalError"), ("Message", "Please try again.")))
        if fault == "garble":
            request.body = bytes([request.body[0] ^ 1]) + request.body[1:]
        return self.locked.operations.do(operation, request)

    def _answer(self, answer: Answer, fault: str) -> None:
        if fault == "lost":
            self._reset()
            return
        body = answer.body
        half = len(body) // 2 if fault in ("truncate", "shorten") else len(body)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(half if fault == "shorten" else len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault == "drip":
            self._drip(body)
        self.wfile.write(bytes([body[0] ^ 1]) + body[1:] if fault == "flip" else body[:half])
        self.close_connection |= fault != ""

    def _drip(self, body: bytes) -> None:
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            if self.locked.over.wait(DROP_SECONDS):
                return

    def _hang(self) -> None:
        """Say nothing until the other side is gone."""
        while not self.locked.over.wait(DROP_SECONDS):
            if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1 << 16):
                return

    def _reset(self) -> None:
        """End the connection as a machine does that lost power and came back."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass
