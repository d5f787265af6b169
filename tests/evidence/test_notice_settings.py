"""The settings of notices: strict, with a remedy, and without them nobody is told."""

import json
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from evidence import settings
from evidence.errors import Misplaced
from evidence.notice_settings import Quiet, is_address

SMTP: dict[str, Any] = {"host": "smtp.aoba.example", "user": "tenken", "password": "${env:SMTP}"}
TOLD: dict[str, Any] = {"smtp": SMTP, "from": "tenken@aoba.example", "fallback": "office@aoba.example"}
HOOK: dict[str, Any] = {"url": "https://hooks.aoba.example/tenken", "secret": "${file:keys/webhook}"}
CANARY = "hunter2-canary"
UNUSABLE = [
    ("https://hooks.example:65536/", "no such port"),
    ("https://hooks.example:0/", "no such port"),
    ("https://hooks.example:80a/", "no such port"),
    ("https://hooks.example:-1/", "no such port"),
    ("https://hooks..example/", "is no host"),
    (f"https://{'a' * 64}.example/", "is no host"),
    ("https://[::1/", "write https"),
    ("https://[::g]/", "write https|is no host"),
    (f"https://tenken:{CANARY}@hooks.example/", "without user"),
    (f"https://:{CANARY}@hooks.example/", "without user"),
    (f"https://{CANARY}@hooks.example/", "without user"),
    ("https://@hooks.example/", "without user"),
]


def read(home: Path, notices: dict[str, Any]) -> settings.Settings:
    told = {"group": "青葉グループ", "companies": [{"code": "AOBA", "name": "株式会社青葉"}], "notices": notices}
    (home / "settings.yaml").write_text(json.dumps(told), "utf-8")
    return settings.read(home)


def test_without_them_nobody_is_told(tmp_path: Path) -> None:
    settings.write(tmp_path / "home", "青葉グループ", [("AOBA", "株式会社青葉")])
    assert settings.read(tmp_path / "home").notices is None


def test_what_is_not_said_has_a_safe_default(tmp_path: Path) -> None:
    told = read(tmp_path, TOLD).notices
    assert told is not None
    assert told.smtp is not None
    assert (told.smtp.port, told.smtp.security, told.digest_at) == (587, "starttls", time(8, 30))
    assert (told.quiet.since, told.quiet.until) == (time(20), time(7, 30))


@pytest.mark.parametrize(
    "notices",
    [
        pytest.param({"webhook": HOOK}, id="only a webhook"),
        pytest.param({"webhook": {**HOOK, "url": "http://127.0.0.1:8080/x"}}, id="a webhook on this machine"),
        pytest.param(
            {**TOLD, "smtp": {"host": "127.0.0.1", "port": 25, "security": "none"}}, id="a server on this machine"
        ),
        pytest.param({"webhook": {**HOOK, "url": "http://[::1]:8080/"}}, id="the same by IPv6 and port"),
        pytest.param(
            {"webhook": {**HOOK, "url": "https://192.0.2.1:/x?to=1&of=tenken&author=monkey"}}, id="what is no secret"
        ),
        *(
            pytest.param({"webhook": {**HOOK, "url": url}}, id=url)
            for url in (
                "https://hooks.aoba.example/?zone=ap-northeast-1-production-2",
                "https://prod-01.japaneast.flows.example/workflows/9f86d081884c7d65/run?sp=%2Frun&sig=9f86d081884c7d65",
                "${file:keys/webhook-address}",
                "${env:WEBHOOK}",
            )
        ),
        pytest.param({**TOLD, "smtp": {"host": "::1", "security": "none"}}, id="the same by IPv6"),
        pytest.param({**TOLD, "quiet": {"from": "00:00", "to": "06:00"}, "digest_at": "06:00"}, id="other hours"),
    ],
)
def test_what_can_be_used(tmp_path: Path, notices: dict[str, Any]) -> None:
    assert read(tmp_path, notices).notices is not None


@pytest.mark.parametrize(
    ("notices", "said"),
    [
        pytest.param({}, "say smtp, webhook or both", id="nothing"),
        pytest.param({"smtp": SMTP, "from": "a@b.example"}, "smtp needs from", id="no fallback"),
        pytest.param(
            {**TOLD, "smtp": {**SMTP, "security": "none"}}, "on this machine", id="mail in the clear over a wire"
        ),
        pytest.param(
            {**TOLD, "smtp": {**SMTP, "security": "ssl"}}, "'tls', 'starttls' or 'none'", id="no such security"
        ),
        pytest.param(
            {**TOLD, "smtp": {**SMTP, "password": CANARY}}, "a secret does not stand in this file", id="a secret"
        ),
        pytest.param(
            {**TOLD, "smtp": {"host": "a.example", "user": "x"}}, "stand together", id="a user without password"
        ),
        pytest.param({**TOLD, "smtp": {**SMTP, "host": "smtp.aoba.example:25"}}, "is no host", id="a port in the host"),
        pytest.param({**TOLD, "from": "点検 <tenken@aoba.example>"}, "is no mail address", id="a name in the address"),
        pytest.param(
            {**TOLD, "fallback": "a@b.example\nBcc: c@d.example"}, "is no mail address", id="a header in the address"
        ),
        pytest.param({**TOLD, "digest_at": "8:30"}, "is no time of the day", id="a time without its zero"),
        pytest.param({**TOLD, "digest_at": 510}, "is no time of the day", id="a time as a number"),
        pytest.param({**TOLD, "digest_at": "21:00"}, "lies in the quiet hours", id="a digest in quiet hours"),
        pytest.param({**TOLD, "quiet": {"from": "20:00", "to": "20:00"}}, "never or always", id="a whole day"),
        pytest.param(
            {**TOLD, "webhook": {**HOOK, "url": "http://hooks.aoba.example/"}},
            "is not encrypted",
            id="a webhook in the clear",
        ),
        pytest.param(
            {**TOLD, "webhook": {**HOOK, "url": "https://u:p@hooks.aoba.example/"}},
            "without user",
            id="a password in the address",
        ),
        pytest.param({**TOLD, "webhook": {**HOOK, "url": "file:///etc/passwd"}}, "write https", id="a file"),
        pytest.param(
            {**TOLD, "webhook": {**HOOK, "url": f"${{{CANARY}}}"}}, "does not stand in this file", id="no reference"
        ),
        pytest.param({**TOLD, "link": "${file:keys/link}"}, "write https", id="a link that mails could not show"),
        pytest.param({**TOLD, "webhook": {**HOOK, "url": "https:///x"}}, "write https", id="no host"),
        *(
            pytest.param(
                {**TOLD, where: {**HOOK, "url": url} if where == "webhook" else url}, said, id=f"{where} {url}"
            )
            for where in ("webhook", "link")
            for url, said in UNUSABLE
        ),
        *(
            pytest.param({**TOLD, "smtp": {**SMTP, "host": host}}, "is no host", id=f"the host {host}")
            for host in ("smtp..example", "-smtp.example", f"{'a' * 64}.example", ":::", f"{CANARY}@smtp.example")
        ),
        pytest.param({**TOLD, "smtp": {**SMTP, "port": 65536}}, "65535", id="no such port of mail"),
        pytest.param({**TOLD, "link": "javascript:alert(1)"}, "write https", id="a link that is a program"),
        pytest.param({**TOLD, "digest": "08:30"}, "digest", id="an unknown key"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(tmp_path: Path, notices: dict[str, Any], said: str) -> None:
    with pytest.raises(Misplaced, match=said) as refused:
        read(tmp_path, notices)
    assert "settings.yaml:1:" in str(refused.value)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("hours", "at", "quiet"),
    [
        pytest.param(("20:00", "07:30"), time(20, 0), True, id="its first minute"),
        pytest.param(("20:00", "07:30"), time(19, 59), False, id="the minute before"),
        pytest.param(("20:00", "07:30"), time(0, 0), True, id="midnight"),
        pytest.param(("20:00", "07:30"), time(7, 29, 59), True, id="its last second"),
        pytest.param(("20:00", "07:30"), time(7, 30), False, id="its end"),
        pytest.param(("00:00", "06:00"), time(0, 0), True, id="from midnight on"),
        pytest.param(("00:00", "06:00"), time(23, 59), False, id="before midnight"),
        pytest.param(("12:00", "13:00"), time(12, 30), True, id="noon"),
        pytest.param(("20:00", "00:00"), time(23, 59), True, id="until midnight"),
        pytest.param(("20:00", "00:00"), time(0, 0), False, id="midnight is its end"),
    ],
)
def test_quiet_hours_begin_with_their_first_and_end_before_their_last_time(
    hours: tuple[str, str], at: time, *, quiet: bool
) -> None:
    assert Quiet.model_validate({"from": hours[0], "to": hours[1]}).covers(at) is quiet


@pytest.mark.parametrize("text", ["hanako.aoba@aoba.example", "a@b", "x+y@xn--tba.example"])
def test_an_address_can_be_written_to(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "@b",
        "a@",
        "a@b c",
        "a@b\n",
        "a@b\r\nX: y",
        "<a@b>",
        "a,b@c",
        "花子@aoba.example",
        "a@b@c",
        "a..b@c",
        '"a b"@c',
        "a@b..c",
    ],
)
def test_what_could_be_more_than_one_address_is_none(text: str) -> None:
    assert not is_address(text)
