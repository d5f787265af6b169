"""How the portal is reached."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from evidence.references import Reference

LOCAL = ("127.0.0.1", "::1", "localhost")


class Role(StrEnum):
    """What somebody is to the portal."""

    ADMINISTRATOR = "administrator"
    SECURITY_OPERATOR = "security_operator"
    PRIVACY_OFFICER = "privacy_officer"
    CONTROL_OWNER = "control_owner"
    DEPARTMENT_MANAGER = "department_manager"
    INTERNAL_AUDITOR = "internal_auditor"
    EXTERNAL_AUDITOR = "external_auditor"
    REQUESTS_DESK = "requests_desk"
    MACHINE = "machine"


class IdentityProvider(BaseModel):
    """Who says who somebody is (OpenID Connect), and what it calls them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    issuer: str  # its address; what it publishes is read from /.well-known/openid-configuration there
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Reference  # "${env:NAME}" or "${file:keys/NAME}"
    claim: Annotated[str, Field(pattern=r"^[A-Za-z_]{1,60}$")] = "email"  # of its ID token
    identifies: Literal["mail", "login", "worker_no"] = "mail"  # what that claim is of a person

    @field_validator("issuer")
    @classmethod
    def _is_secret(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme not in (("https", "http") if parts.hostname in LOCAL else ("https",)) or parts.query:
            raise ValueError("is no address that keeps secrets; write https://HOST/…")
        return issuer.rstrip("/")


class PortalSettings(BaseModel):
    """Where people reach it, and where it listens for the reverse proxy that keeps its TLS."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    url: str  # as a browser shows it; what comes from elsewhere is refused
    listen: Annotated[str, Field(pattern=r"^[0-9a-f.:\[\]]+:[0-9]{1,5}$")] = "127.0.0.1:8700"
    oidc: IdentityProvider | None = None  # passwords alone
    # Roles that a password is not enough for; an identity provider asks for what it asks.
    second_factor: tuple[Role, ...] = (Role.ADMINISTRATOR, Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR)

    @field_validator("second_factor")
    @classmethod
    def _are_people(cls, roles: tuple[Role, ...]) -> tuple[Role, ...]:
        if Role.MACHINE in roles:
            raise ValueError("a machine comes in by a token; name roles of people")
        return roles

    @model_validator(mode="after")
    def _is_origin(self) -> Self:
        parts = urlsplit(self.url)
        local = parts.hostname in LOCAL
        if parts.scheme not in (("https", "http") if local else ("https",)) or not parts.hostname:
            raise ValueError("url: is no address that keeps secrets; write https://HOST (http only on this machine)")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise ValueError("url: has a path; the portal wants a host name of its own, as https://tenken.example")
        return self

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a browser sends them."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
        port = parts.port if parts.port != {"https": 443, "http": 80}[parts.scheme] else None
        return f"{parts.scheme}://{host}" + (f":{port}" if port else "")

    @property
    def is_secret(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.url.startswith("https://")
