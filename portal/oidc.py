"""Coming in by the company's identity provider: OpenID Connect 1.0, authorization code with PKCE (RFC 7636).

What is begun is kept here until it comes back, once, in the browser that began it. Nothing that the provider says is
believed but a claim of an ID token that it signed for us, now, for this very beginning (nonce).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests.adapters import HTTPAdapter
from urllib3.util import parse_url

from evidence.portal_settings import IdentityProvider
from evidence.reach import Forbidden, refuse

S = TypeVar("S", bound=requests.Session)
BACK = "/oidc/back"
LIFE = timedelta(minutes=10)
MOST_BEGUN = 10_000  # at once; who floods us throws out what was begun before
PATIENCE = 10  # seconds
SIGNED = ["RS256", "ES256"]
LEEWAY = 60  # seconds


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody who was sent to the provider."""

    browser: str  # what the cookie of who began it holds
    nonce: str
    verifier: str
    at: datetime


class Refused(Exception):
    """Who came back is not let in; why is for the log alone, and names nobody."""


class Provider:
    """An identity provider, and who is on the way to it."""

    def __init__(self, told: IdentityProvider, secret: str, origin: str) -> None:
        self._told, self._secret, self._origin = told, secret, origin
        self._begun: dict[str, Begun] = {}
        self._lock = Lock()

    @property
    def identifies(self) -> str:
        """What the claim is of a person."""
        return self._told.identifies

    def begin(self, now: datetime) -> tuple[str, str]:
        """Where to send somebody, and what their browser is given to be known by when they are back."""
        state, begun = secrets.token_urlsafe(32), Begun(*(secrets.token_urlsafe(48) for _ in range(3)), now)
        with self._lock:
            waits = {key: one for key, one in self._begun.items() if now - one.at < LIFE}
            self._begun = dict([*waits.items()][1 - MOST_BEGUN :]) | {state: begun}
        try:
            address, _ = self._session().create_authorization_url(
                self._published()["authorization_endpoint"],
                state=state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        except (requests.RequestException, OAuthError, Forbidden, ValueError, KeyError) as error:
            raise Refused(f"the provider does not answer: {type(error).__name__}") from error
        return address, begun.browser

    def back(self, query: Mapping[str, str], browser: str, now: datetime) -> str:
        """What the provider calls whoever came back; Refused when that is not for us to believe."""
        with self._lock:
            begun = self._begun.pop(query.get("state", ""), None)
        if begun is None or now - begun.at >= LIFE or not secrets.compare_digest(begun.browser, browser):
            raise Refused("was not begun in this browser, or too long ago")
        if not query.get("code"):
            raise Refused("the provider let nobody in")
        try:
            published = self._published()
            told = self._session().fetch_token(
                published["token_endpoint"], grant_type="authorization_code", code=query["code"],
                code_verifier=begun.verifier, timeout=PATIENCE,
            )  # fmt: skip
            keys = KeySet.import_key_set(_read(published["jwks_uri"]))
            return self._claim(jwt.decode(told["id_token"], keys, algorithms=SIGNED).claims, begun.nonce, now)
        except (requests.RequestException, OAuthError, JoseError, Forbidden, ValueError, KeyError, TypeError) as error:
            raise Refused(f"what the provider said was not taken: {type(error).__name__}") from error

    def _claim(self, claims: Mapping[str, Any], nonce: str, now: datetime) -> str:
        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=LEEWAY, iss={"essential": True, "value": self._told.issuer},
            aud={"essential": True, "value": self._told.client_id}, exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )  # fmt: skip
        wanted.validate({name: value for name, value in claims.items() if name != "iat"})
        told = claims.get(self._told.claim)
        unproven = self._told.claim == "email" and claims.get("email_verified") is not True
        if not isinstance(told, str) or not told.strip() or unproven:
            raise Refused("the ID token lacks the claim by which we know people")
        return told

    def _session(self) -> OAuth2Session:
        return _careful(OAuth2Session(
            self._told.client_id, self._secret, scope="openid profile email", redirect_uri=self._origin + BACK,
            code_challenge_method="S256", default_timeout=PATIENCE,
        ))  # fmt: skip

    def _published(self) -> dict[str, Any]:
        told = _read(f"{self._told.issuer}/.well-known/openid-configuration")
        if str(told.get("issuer", "")).rstrip("/") != self._told.issuer:
            raise ValueError("is of another issuer")
        return told


class _Careful(HTTPAdapter):
    """Looks at where each request goes, that of a redirect too, as the library that connects understands it."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        refuse(parse_url(request.url or "").host or "")
        return super().send(request, *args, **more)


def _careful(session: S) -> S:
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Careful())
    return session


def _read(address: str) -> dict[str, Any]:
    with _careful(requests.Session()) as session:
        answer = session.get(address, timeout=PATIENCE, allow_redirects=False)
    answer.raise_for_status()
    told = answer.json()
    if not isinstance(told, dict):
        raise ValueError("is no object")
    return told
