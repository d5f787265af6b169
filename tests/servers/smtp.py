"""A real SMTP server that keeps what it takes, and that can be told to misbehave, mail by mail."""

import asyncio
import socket
import ssl
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import need

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail as it came over the wire."""

    sender: str
    to: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail client reads it."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def body(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Mailbox:
    """What the server took, and what it does next: ``later`` 451, ``never`` 554, ``hang``, ``close`` (takes it, and goes
    away without an answer); nothing planned: it takes the mail."""

    port: int
    taken: list[Taken] = field(default_factory=list)
    plan: deque[str] = field(default_factory=deque)
    refused: set[str] = field(default_factory=set)  # addresses that it does not know
    seconds: float = 0  # how long it thinks before it answers
    logins: list[str] = field(default_factory=list)
    password: str = "x"
    begun: threading.Event = field(default_factory=threading.Event)  # a mail has come, and waits for its answer
    released: threading.Event = field(default_factory=threading.Event)  # lets go of what hangs

    def of(self, address: str) -> list[Taken]:
        """What was taken for an address."""
        return [one for one in self.taken if one.to == address]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return f"550 5.1.1 <{address}>: no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.begun.set()
        act = self.plan.popleft() if self.plan else "take"
        if act == "later":
            return "451 4.3.0 try again later"
        if act == "never":
            return f"554 5.7.1 mail for {envelope.rcpt_tos[0]} is not wanted"
        if act == "hang":
            while not self.released.is_set():
                await asyncio.sleep(0.02)
            return "451 too late"
        await asyncio.sleep(self.seconds)
        content = envelope.original_content or b""
        self.taken += [Taken(envelope.mail_from or "", to, content) for to in envelope.rcpt_tos]
        if act == "close" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        """Let in whoever knows the password."""
        ok = isinstance(given, LoginPassword) and given.password == self.password.encode()
        if isinstance(given, LoginPassword):
            self.logins.append(given.login.decode())
        return AuthResult(success=ok, handled=ok)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@contextmanager
def running(tls: ssl.SSLContext | None = None, *, implicit: bool = False, auth: bool = False) -> Iterator[Mailbox]:
    """Start a server; with a context it offers STARTTLS, or speaks nothing but TLS; end it afterwards."""
    mailbox = Mailbox(free_port())
    how: dict[str, object] = {}
    if tls is not None:
        how = {"ssl_context": tls} if implicit else {"tls_context": tls, "require_starttls": True}
    if auth:
        needed = {"auth_required": not implicit, "auth_require_tls": not implicit}  # it knows no implicit TLS
        how |= {"authenticator": mailbox.authenticate, **needed}
    controller = Controller(mailbox, hostname=HOST, port=mailbox.port, ready_timeout=300, **how)  # type: ignore[arg-type]
    controller.start()
    try:
        yield mailbox
    finally:
        mailbox.released.set()
        controller.stop()


def certificate(folder: Path, name: str = "localhost", *, days: int = 30) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own, and the file of those who trust it."""
    folder.mkdir(parents=True, exist_ok=True)
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = f"subjectAltName=DNS:{name}" + (",IP:127.0.0.1" if name == "localhost" else "")
    command: list[str | Path] = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        cert,
        "-days",
        str(days),
    ]
    subprocess.run(
        [need("openssl", "openssl"), *command, "-subj", f"/CN={name}", "-addext", names],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert
