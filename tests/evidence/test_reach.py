"""Nothing that a setting names makes us ask what answers to this machine alone (promises.md §4: T11)."""

import socket
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collectors.transports import s3, sftp
from evidence import buckets
from evidence.buckets import Persistence
from evidence.errors import SourceError
from evidence.notice_settings import SmtpSettings, WebhookSettings
from evidence.portal_settings import IdentityProvider
from evidence.reach import Forbidden, refuse
from house import hook, post, stamps
from house.hook import Hook
from house.post import MailServer
from portal import oidc
from portal.oidc import Provider

METADATA = [
    "169.254.169.254", "169.254.170.2", "169.254.1", "0xA9FEA9FE", "2852039166", "0251.0376.0251.0376", "169.254.43518",
    "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fe80::1", "[fe80::1]",
    "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "2001:0:a9fe:a9fe::1", "fec0::1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
]  # fmt: skip
OF_NOBODY = ["0.0.0.0", "0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "240.0.0.1"]
REACHED = ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "fd12::1", "203.0.113.5", "2001:db8::1"]
NAMED = "metadata.of.a.cloud.example"


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let a name stand for addresses."""
    told = socket.getaddrinfo

    def looked_up(host: str, *about: Any, **more: Any) -> list[Any]:
        return (
            [one for address in addresses for one in told(address, *about, **more)]
            if host == NAMED
            else told(host, *about, **more)
        )

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


@pytest.mark.parametrize("host", METADATA + OF_NOBODY)
def test_what_answers_to_this_machine_alone_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(Forbidden, match="answers to this machine alone"):
        refuse(host)


@pytest.mark.parametrize("host", [*REACHED, "", "no-such-host.invalid", "a" * 300, "münchen.invalid", "x\x00y"])
def test_all_else_is_left_to_who_connects(host: str) -> None:
    refuse(host)


def test_a_name_is_refused_when_any_of_its_addresses_is(monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, "203.0.113.5", "169.254.169.254")
    with pytest.raises(Forbidden, match=r"169\.254\.169\.254"):
        refuse(NAMED)
    named(monkeypatch, "203.0.113.5")
    refuse(NAMED)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whom anything was said to."""
    told, connect = list[Any](), socket.socket.connect

    def noted(this: socket.socket, address: Any) -> None:
        told.append(address)
        if address[0] in ("127.0.0.1", "::1"):
            connect(this, address)
        else:
            raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", noted)
    return told


def by_s3(host: str, tmp_path: Path) -> None:
    client = buckets.connect("us-east-1", f"http://{bracketed(host)}", "key", "secret")
    told = s3.Options.model_validate({"kind": "s3", "bucket": "logs", "region": "us-east-1"})
    with s3.Bucket(client, told, scratch=tmp_path) as bucket:
        bucket._persistence = Persistence(1, lambda _: None)
        list(bucket.items(None))


def by_sftp(host: str, _: Path) -> None:
    told = {
        "kind": "sftp", "host": host, "user": "tenken", "key": "${env:KEY}", "host_key": f"SHA256:{'A' * 43}",
        "folder": "/logs",
    }  # fmt: skip
    with sftp.SftpFolder(sftp.Options.model_validate(told), paramiko.RSAKey.generate(2048)) as folder:
        list(folder.items(None))


def by_webhook(host: str, _: Path) -> None:
    told = WebhookSettings.model_validate({"url": f"https://{bracketed(host)}/", "secret": "${env:SECRET}"})
    answer = Hook(told, ssl.create_default_context(), lambda _: "a secret").post(b"{}", "1", datetime.now(UTC))
    raise OSError(answer)  # it was tried


def by_mail(host: str, _: Path) -> None:
    told = SmtpSettings.model_validate({"host": host})
    server = MailServer(told, "office@aoba.example", ssl.create_default_context(), lambda _: "a secret")
    answer = server.send(EmailMessage(), "officer@aoba.example")
    raise SourceError(host, str(answer.reason))  # a mail that does not leave is put down, never raised


def by_stamp(host: str, _: Path) -> None:
    raise OSError(stamps._posted(f"http://{bracketed(host)}/", b""))  # it was tried


def by_provider(host: str, _: Path) -> None:
    told = IdentityProvider.model_validate(
        {"issuer": f"https://{bracketed(host)}", "client_id": "tenken", "client_secret": "${env:SECRET}"}
    )
    Provider(told, "a secret", "https://tenken.example").begin(datetime.now(UTC))


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


WAYS = {
    "a bucket": (by_s3, buckets),
    "a folder of a server": (by_sftp, sftp),
    "a webhook": (by_webhook, hook),
    "a mail": (by_mail, post),
    "a stamp": (by_stamp, stamps),
    "an identity provider": (by_provider, oidc),
}


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "100.100.100.200", "fd00:ec2::254", NAMED])
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_asked_there(
    way: str, host: str, tmp_path: Path, called: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, "169.254.169.254")
    with pytest.raises((SourceError, Forbidden, oidc.Refused)) as refused:
        WAYS[way][0](host, tmp_path)
    assert called == []
    assert "this machine alone" in str(refused.value) or "Forbidden" in str(refused.value)


@pytest.mark.parametrize("way", WAYS)
def test_control_without_the_look_at_the_address_it_is_asked(
    way: str, tmp_path: Path, called: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    by, module = WAYS[way]
    monkeypatch.setattr(module, "refuse", lambda _: None)
    with pytest.raises((SourceError, OSError, oidc.Refused)):
        by("169.254.169.254", tmp_path)
    assert {one[0] for one in called} == {"169.254.169.254"}
