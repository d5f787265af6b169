"""How events leave the house: one signed POST to one address, that is followed nowhere; its answer is a status only.

Signature: ``t=<unix seconds>,v1=<hex of HMAC-SHA-256 over "<t>.<body>">``; see docs/webhook.md.
"""

import hashlib
import hmac
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from evidence.errors import ConfigError
from evidence.notice_settings import WebhookSettings, checked_url
from evidence.reach import refuse
from evidence.references import Resolve, is_reference
from house.post import SENT, TIMEOUT_SECONDS, Answer, Ready, within


def signature(secret: str, at: int, body: bytes) -> str:
    """What proves that a body was sent by who knows the secret, at that time."""
    told = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"


@dataclass(frozen=True, slots=True)
class Hook:
    """The address that events are posted to, as the settings say."""

    told: WebhookSettings
    trusted: ssl.SSLContext
    secrets: Resolve
    timeout: float = TIMEOUT_SECONDS

    def post(self, body: bytes, delivery: str, at: datetime, ready: Ready = lambda: None) -> Answer:
        """Post one body; only 2xx says that it was taken."""
        secret, address = self.secrets(self.told.secret), self._address()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "tenken",
            "Tenken-Delivery": delivery,
            "Tenken-Signature": signature(secret, int(at.timestamp()), body),
        }
        ready()
        return self._spoken(address, body, headers)

    def greet(self) -> Answer:
        """See whether the other side answers and proves who it is; nothing is posted."""
        self.secrets(self.told.secret)
        connection = self._connection(self._address())
        try:
            with within(self.timeout):
                connection.connect()
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer("failed", _why(error), reached=False)
        finally:
            connection.close()
        return SENT

    def _spoken(self, address: SplitResult, body: bytes, headers: Mapping[str, str]) -> Answer:
        path = (address.path or "/") + (f"?{address.query}" if address.query else "")
        connection = self._connection(address)
        try:
            with within(self.timeout):
                connection.request("POST", path, body, dict(headers))
                with connection.getresponse() as response:
                    status = response.status
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer("failed", _why(error), reached=False)
        finally:
            connection.close()
        return SENT if 200 <= status < 300 else Answer("failed", f"HTTP {status}")

    def _address(self) -> SplitResult:
        """Where to post to, which may itself be a secret: no error shows it."""
        if not is_reference(self.told.url):
            return urlsplit(self.told.url)
        try:
            return urlsplit(checked_url(self.secrets(self.told.url)))
        except ValueError as error:
            raise ConfigError(f"settings.yaml: notices.webhook.url: what {self.told.url} holds {error}") from error

    def _connection(self, address: SplitResult) -> http.client.HTTPConnection:
        host = address.hostname or ""
        refuse(host)
        if address.scheme == "https":
            return http.client.HTTPSConnection(host, address.port, timeout=self.timeout, context=self.trusted)
        return http.client.HTTPConnection(host, address.port, timeout=self.timeout)


def _why(error: Exception) -> str:
    return f"{'TLS' if isinstance(error, ssl.SSLError) else 'connection'}: {type(error).__name__}"
