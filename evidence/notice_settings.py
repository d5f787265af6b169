"""The part of ``settings.yaml`` that says who is told of gaps, how and when. Without it nothing is sent."""

import ipaddress
import re
from datetime import time
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from evidence.references import Reference, is_reference, reference

# One address as SMTP takes it unquoted: nothing that could end a header, name a second one or need an extension.
DOMAIN = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
ADDRESS = re.compile(r"(?=.{3,254}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@" + DOMAIN)
HOST = re.compile(r"(?=.{1,253}\Z)" + DOMAIN)
OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def is_address(text: str) -> bool:
    """Whether a text is one mail address that can be written to."""
    return ADDRESS.fullmatch(text) is not None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: what is said to it crosses no wire."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("is no mail address; write one, as privacy@aoba.example")
    return text


def _host(text: str) -> str:
    if not _is_host(text):
        raise ValueError("is no host; write its name or its IP address, without port")
    return text


def _is_host(text: str) -> bool:
    try:
        return HOST.fullmatch(text) is not None or ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _time(told: Any) -> time:
    if not isinstance(told, str) or not OF_DAY.fullmatch(told):
        raise ValueError(f'{told!r} is no time of the day; write it as "08:30"')
    return time.fromisoformat(told)


def checked_url(text: str) -> str:
    """An address that can be posted to; ValueError says why it is none, and never what it is."""
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket of IPv6 without the other
        parts = urlsplit("")
    if not text.isascii() or not text.isprintable() or " " in text or "@" in parts.netloc or parts.fragment:
        raise ValueError("is no address of this kind; write https://HOST/PATH, without user and #")
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise ValueError("is no address of this kind; write https://HOST/PATH")
    if not _is_host(parts.hostname):
        raise ValueError("is no host; write its name or its IP address: https://HOST/PATH")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("is not encrypted; write https:// (http only to this machine)")
    if not _has_port(parts):
        raise ValueError("has no such port; write one from 1 to 65535, or none")
    return text


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


Address = Annotated[str, AfterValidator(_address)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Url = Annotated[str, AfterValidator(checked_url)]
HiddenUrl = Annotated[str, AfterValidator(lambda text: reference(text) if is_reference(text) else checked_url(text))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SmtpSettings(_Strict):
    """The server that takes our mail."""

    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: Annotated[str, Field(min_length=1)] | None = None
    password: Reference | None = None

    @model_validator(mode="after")
    def _sound(self) -> "SmtpSettings":
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security none is for a server on this machine; write starttls or tls")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password stand together; give both or neither")
        return self


class Quiet(_Strict):
    """From when to when nobody is written to, but of what is critical."""

    since: TimeOfDay = Field(default=time(20, 0), alias="from")
    until: TimeOfDay = Field(default=time(7, 30), alias="to")

    @model_validator(mode="after")
    def _not_all_day(self) -> "Quiet":
        if self.since == self.until:
            raise ValueError("from and to are the same: it would never or always be quiet; write two times")
        return self

    def covers(self, at: time) -> bool:
        """Whether a time of the day is in the quiet hours; ``from`` is, ``to`` is not."""
        if self.since < self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


class WebhookSettings(_Strict):
    """Where the events of gaps are posted to, and what proves that they come from here."""

    url: HiddenUrl  # or the name of a secret: whoever knows the address of some services may post to it
    secret: Reference


class NoticeSettings(_Strict):
    """Who is told of gaps, how and when."""

    smtp: SmtpSettings | None = None
    sender: Address | None = Field(default=None, alias="from")
    fallback: Address | None = None  # of what nobody answers for, and for whom no address is known
    digest_at: TimeOfDay = time(8, 30)  # of a business day, in the company's zone
    quiet: Quiet = Quiet()
    link: Url | None = None  # of the portal
    webhook: WebhookSettings | None = None
    ca: Annotated[str, Field(min_length=1)] | None = None  # a file of certificates to trust instead of the system's

    @model_validator(mode="after")
    def _whole(self) -> "NoticeSettings":
        if self.smtp is None and self.webhook is None:
            raise ValueError("say smtp, webhook or both; without either nobody would be told")
        if self.smtp is not None and (self.sender is None or self.fallback is None):
            raise ValueError("smtp needs from (whose mail it is) and fallback (who is told where nobody else can be)")
        if self.quiet.covers(self.digest_at):
            raise ValueError(f"digest_at {self.digest_at:%H:%M} lies in the quiet hours; nobody would get a digest")
        return self
