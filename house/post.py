"""How a mail leaves the house: one connection, one mail, one answer that holds no address and no server's words.

A server's text may repeat the address it refuses, so of what it says only its code is kept.
"""

import signal
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import NoReturn

from evidence.errors import ConfigError
from evidence.notice_settings import SmtpSettings
from evidence.reach import refuse
from evidence.references import Resolve

TIMEOUT_SECONDS = 30.0  # of each step of a mail, of the whole of a webhook
ANSWER_SECONDS = (
    120.0  # of a server that looks through a mail: whoever goes too early sends it twice. Both: a whole mail
)
AGAIN_SECONDS = 1.0  # what is late is told so again: it may be leaving, or at the next address of a host

Ready = Callable[[], None]  # asked before anything is sent that cannot be taken back; raises when it is too late


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt to send."""

    outcome: str  # sent | failed (trying again may help) | refused (it will not)
    reason: str | None = None
    reached: bool = True  # False: nothing else will get through now either


SENT = Answer("sent")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """End an exchange in time, whatever the other side does: TimeoutError. For the main thread of a process only.

    The timeout of a socket bounds the wait for the next byte, and a server may send one each second for ever.
    """

    def late(*_: object) -> NoReturn:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Unsent(Exception):
    """A step that the server did not take."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.reason)
        self.answer = answer


def trust(home: Path, ca: str | None) -> ssl.SSLContext:
    """Whose certificates are believed: the system's, or those of one file; ConfigError when that cannot be read."""
    try:
        return ssl.create_default_context(cafile=home / ca if ca else None)
    except OSError as error:  # SSLError is one
        raise ConfigError(f"{home / (ca or '')}: holds no certificates that can be read: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail, as the settings say."""

    told: SmtpSettings
    sender: str
    trusted: ssl.SSLContext
    secrets: Resolve
    timeout: float = TIMEOUT_SECONDS
    answer: float = ANSWER_SECONDS

    def send(self, message: EmailMessage, to: str, ready: Ready = lambda: None) -> Answer:
        """Hand over one mail to one address."""
        return self._spoken(lambda server: self._hand_over(server, message, to, ready))

    def greet(self) -> Answer:
        """See whether the server answers, proves who it is, and lets us in."""
        return self._spoken(lambda _: None)

    def _spoken(self, say: Callable[[smtplib.SMTP], None]) -> Answer:
        password = self.secrets(self.told.password) if self.told.password else None
        try:
            with within(self.timeout + self.answer):
                server = self._connect()
                try:
                    self._enter(server, password)
                    say(server)
                finally:
                    _leave(server)
        except _Unsent as unsent:
            return unsent.answer
        except smtplib.SMTPResponseException as error:
            return Answer("failed", f"server: {error.smtp_code}", reached=False)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return Answer("failed", f"{_step(error)}: {type(error).__name__}", reached=False)
        return SENT

    def _connect(self) -> smtplib.SMTP:
        told, name = self.told, self.sender.rpartition("@")[2]
        refuse(told.host)
        if told.security == "tls":
            return smtplib.SMTP_SSL(told.host, told.port, name, timeout=self.timeout, context=self.trusted)
        return smtplib.SMTP(told.host, told.port, name, timeout=self.timeout)

    def _enter(self, server: smtplib.SMTP, password: str | None) -> None:
        server.ehlo_or_helo_if_needed()
        if self.told.security == "starttls":
            server.starttls(context=self.trusted)  # raises where the server does not offer it
            server.ehlo_or_helo_if_needed()
        if self.told.user is not None and password is not None:
            try:
                server.login(self.told.user, password)
            except smtplib.SMTPAuthenticationError as error:
                raise _Unsent(Answer("failed", f"login: {error.smtp_code}", reached=False)) from None

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage, to: str, ready: Ready) -> None:
        _taken("MAIL", server.mail(self.sender)[0], reached=False, final=False)
        _taken("RCPT", server.rcpt(to)[0])
        ready()
        if server.sock is not None:
            server.sock.settimeout(self.answer)
        try:
            code = server.data(message.as_bytes(policy=SMTP))[0]
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except smtplib.SMTPServerDisconnected as error:
            raise _Unsent(Answer("failed", "DATA: closed without an answer", reached=False)) from error
        _taken("DATA", code)


def _taken(step: str, code: int, *, reached: bool = True, final: bool = True) -> None:
    if 200 <= code < 300:
        return
    outcome = "refused" if final and 500 <= code < 600 else "failed"
    raise _Unsent(Answer(outcome, f"{step}: {code}", reached=reached and code > 0 and code != 421))


def _step(error: Exception) -> str:
    return "TLS" if isinstance(error, ssl.SSLError) else "connection"


def _leave(server: smtplib.SMTP) -> None:
    """End the conversation; what was taken was taken, whatever is said to our leaving."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
