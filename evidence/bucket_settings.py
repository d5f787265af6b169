"""What a home says of a bucket: of one that evidence comes from, and of the one that it is kept in."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("write the address as https://host:port, without user and password")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ValueError("evidence does not travel in the clear: write https:// (http:// is for 127.0.0.1 only)")
    return url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


BucketName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
Region = Annotated[str, Field(min_length=1)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]  # of another service than AWS, or of a private way to it


class LockedBucketSettings(BaseModel):
    """A bucket with Object Lock that keeps the objects of the vault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bucket: BucketName
    prefix: Annotated[str, Field(pattern=r"^([^/].*/)?$")] = ""  # of this home alone
    region: Region
    endpoint: Endpoint | None = None
    retain_days: Annotated[int, Field(ge=1, le=36_500)]
    """From the day on which an object is stored: until then nobody can delete it, nor make it less (COMPLIANCE)."""
