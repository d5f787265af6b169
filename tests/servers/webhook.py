"""A receiver of webhooks that keeps what it is sent; it knows nothing of the product but docs/webhook.md."""

import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Posted:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """What was posted, and what is answered next: a status, ``hang`` or ``close``; nothing planned: 204."""

    url: str = ""
    posted: list[Posted] = field(default_factory=list)
    plan: deque[str] = field(default_factory=deque)
    released: threading.Event = field(default_factory=threading.Event)


def is_signed(secret: str, posted: Posted, now: float, allowance: float = 300) -> bool:
    """Whether the sender knew the secret, and sent it just now: written from the documentation alone."""
    parts = dict(part.split("=", 1) for part in posted.headers["tenken-signature"].split(","))
    if abs(now - int(parts["t"])) > allowance:
        return False
    mac = hmac.new(secret.encode("utf-8"), digestmod=hashlib.sha256)
    mac.update(parts["t"].encode("ascii"))
    mac.update(b".")
    mac.update(posted.body)
    return hmac.compare_digest(mac.hexdigest(), parts["v1"])


@contextmanager
def running() -> Iterator[Receiver]:
    """Start a receiver; end it afterwards."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            act = receiver.plan.popleft() if receiver.plan else "204"
            if act == "hang":
                receiver.released.wait(30)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.posted.append(Posted(self.path, headers, body))
            if act == "close":
                self.close_connection = True
                return
            self.send_response(int(act))
            if act.startswith("3"):
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/tenken?to=1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
