"""Secrets are named in files that people write, and never stand there."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from evidence.errors import ConfigError
from evidence.references import Reference, resolver

CANARY = "hunter2-canary"


class Login(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    password: Reference


def secret_file(home: Path, content: bytes, mode: int = 0o600) -> None:
    path = home / "keys" / "collector"
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(mode)


def test_a_variable_of_the_environment_is_looked_up(tmp_path: Path) -> None:
    assert resolver(tmp_path, {"SFTP_KEY": CANARY})("${env:SFTP_KEY}") == CANARY


def test_a_file_of_the_home_is_read_without_its_last_line_end(tmp_path: Path) -> None:
    secret_file(tmp_path, b"first\nsecond\n")
    assert resolver(tmp_path, {})("${file:keys/collector}") == "first\nsecond"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CANARY, id="a secret"),
        pytest.param("", id="nothing"),
        pytest.param("${env:}", id="no name"),
        pytest.param("${env:A}${env:B}", id="two references"),
        pytest.param("x${env:A}", id="text around a reference"),
        pytest.param("${vault:A}", id="an unknown place"),
        pytest.param("${file:a\nb}", id="a line break in a path"),
    ],
)
def test_a_plain_secret_is_refused_with_the_remedy_and_not_repeated(text: str) -> None:
    with pytest.raises(ValidationError, match=r"write '\$\{env:NAME\}'") as refused:
        Login.model_validate({"password": text})
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param("${env:MISSING}", "MISSING is not set", id="a variable that is not set"),
        pytest.param("${env:EMPTY}", "EMPTY is not set", id="an empty variable"),
        pytest.param("${file:keys/none}", "keys/none: cannot be read.*chmod 600", id="a file that is not there"),
        pytest.param(CANARY, "never written out", id="a plain secret"),
    ],
)
def test_a_secret_that_is_not_there_is_named(reference: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said) as refused:
        resolver(tmp_path, {"EMPTY": ""})(reference)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        pytest.param(CANARY.encode(), 0o644, "mode 0644 lets others at a secret", id="open to others"),
        pytest.param(b"\n", 0o600, "is empty", id="empty"),
        pytest.param(b"\xff" + CANARY.encode(), 0o600, "is not UTF-8", id="not text"),
    ],
)
def test_a_file_that_is_no_secret_is_refused(content: bytes, mode: int, said: str, tmp_path: Path) -> None:
    secret_file(tmp_path, content, mode)
    with pytest.raises(ConfigError, match=said) as refused:
        resolver(tmp_path, {})("${file:keys/collector}")
    assert CANARY not in str(refused.value)


def test_a_link_to_a_secret_is_not_followed(tmp_path: Path) -> None:
    secret_file(tmp_path, CANARY.encode())
    (tmp_path / "link").symlink_to(tmp_path / "keys" / "collector")
    with pytest.raises(ConfigError, match="link: cannot be read"):
        resolver(tmp_path, {})("${file:link}")
