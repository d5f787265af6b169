"""What all transports share: the table, names, patterns, options."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.transports import TRANSPORTS, fault, matches, may_hold, printable
from tests.servers import need

LOCAL = {"kind": "local", "folder": "inbox"}
SFTP = {
    "kind": "sftp",
    "host": "logs.example.jp",
    "user": "collector",
    "key": "${file:keys/collector}",
    "host_key": "SHA256:" + "A" * 43,
    "folder": "/var/log",
}
S3 = {"kind": "s3", "bucket": "audit-logs", "region": "ap-northeast-1"}


def test_the_table_names_its_kinds_without_importing_their_libraries() -> None:
    code = """if True:
        import sys
        from collectors.transports import TRANSPORTS
        assert set(TRANSPORTS) == {"local", "sftp", "s3"} and "s3" in TRANSPORTS
        assert TRANSPORTS["local"].Options
        assert not {"boto3", "botocore", "paramiko"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


@pytest.mark.parametrize("good", [LOCAL, SFTP, S3], ids=["local", "sftp", "s3"])
def test_every_kind_takes_its_options(good: dict[str, Any]) -> None:
    assert TRANSPORTS[good["kind"]].Options.model_validate(good).model_dump()["kind"] == good["kind"]


@pytest.mark.parametrize(
    ("good", "change", "said"),
    [
        pytest.param(LOCAL, {"folder_": "x"}, "Extra inputs", id="an unknown option"),
        pytest.param(LOCAL, {"pattern": "../*.csv"}, "without '..'", id="a pattern that climbs"),
        pytest.param(LOCAL, {"pattern": "/etc/*"}, "leading '/'", id="an absolute pattern"),
        pytest.param(SFTP, {"key": "-----BEGIN"}, "a secret does not stand in this file", id="a key written out"),
        pytest.param(SFTP, {"host_key": "MD5:00"}, "ssh-keygen -lf", id="a fingerprint of another kind"),
        pytest.param(SFTP, {"host_key": "SHA256:short"}, "ssh-keygen -lf", id="a fingerprint cut off"),
        pytest.param(SFTP, {"host_key": "h ssh-ed25519 AAAA"}, "ssh-keygen -lf", id="a line of known_hosts cut off"),
        pytest.param(SFTP, {"folder": "logs"}, "from its root", id="a relative folder of a server"),
        pytest.param(SFTP, {"folder": "/logs/../etc"}, "from its root", id="a folder that climbs"),
        pytest.param(
            SFTP, {"pattern": "*/auth.log"}, "a source for each folder", id="a pattern over folders of a server"
        ),
        pytest.param(SFTP, {"host": "user:secret@host"}, "host", id="a host with a user"),
        pytest.param(S3, {"secret_key": "${env:S}"}, "give both", id="half of the credentials"),
        pytest.param(S3, {"access_key": "AKIA"}, "does not stand in this file", id="an access key written out"),
        pytest.param(S3, {"endpoint": "http://minio.example.jp"}, "in the clear", id="evidence in the clear"),
        pytest.param(S3, {"endpoint": "https://u:p@minio.example.jp"}, "without user", id="a password in an address"),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_what_to_write(
    good: dict[str, Any], change: dict[str, str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        TRANSPORTS[good["kind"]].Options.model_validate({**good, **change})


@given(st.text(max_size=60))
def test_a_line_that_is_no_host_key_is_refused_and_never_breaks_the_loader(text: str) -> None:
    for line in (text, f"host ssh-ed25519 {text}", f"host ssh-rsa AAAA{text}"):
        with pytest.raises(ValidationError):
            TRANSPORTS["sftp"].Options.model_validate({**SFTP, "host_key": line})


@given(st.text())
def test_what_passes_as_a_name_is_one_printable_part(name: str) -> None:
    if fault(name) is None:
        assert name not in ("", ".", "..")
        assert not {"/", "\\", "\n", "\x00", "\x1b"} & set(name)


@given(st.text())
def test_a_name_in_a_message_cannot_steer_a_terminal(name: str) -> None:
    assert printable(name).isprintable()


@pytest.mark.parametrize(
    "name", ["人事名簿_2026年5月.csv", "名簿(最終) コピー.xlsx", "ﾃﾞｰﾀ.csv", "auth.log.1", ".hidden", "a b.csv"]
)
def test_an_ordinary_name_passes(name: str) -> None:
    assert fault(name) is None


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("a.csv", "*.csv", True),
        ("a/b.csv", "*.csv", False),
        ("a/b.csv", "*/*.csv", True),
        ("b.csv", "**/*.csv", True),
        ("x/y/z/b.csv", "**/*.csv", True),
        ("x/y/z/b.txt", "**/*.csv", False),
        ("2026/05/b.csv", "2026/**", True),
        ("A.CSV", "*.csv", False),
    ],
)
def test_a_pattern_is_a_glob_by_parts(name: str, pattern: str, fits: bool) -> None:
    assert matches(name.split("/"), pattern.split("/")) is fits


parts = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4)


@given(st.lists(st.sampled_from(["a", "b"]), min_size=2, max_size=5), parts)
def test_no_folder_that_leads_to_a_match_is_left_out(name: list[str], pattern: list[str]) -> None:
    if matches(name, pattern):
        assert all(may_hold(name[:depth], pattern) for depth in range(1, len(name)))


@pytest.mark.parametrize(
    ("ci", "outcome"),
    [("", pytest.skip.Exception), ("true", pytest.fail.Exception)],
    ids=["on a laptop", "on a build server"],
)
def test_a_missing_server_program_names_its_package(
    ci: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="apt-get install openssh-server"):
        need("no-such-program", "openssh-server")
