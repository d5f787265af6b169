"""What every vault promises: the folder and its twin in memory."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.errors import Tampered
from evidence.vault import Digest, Vault
from evidence.vault.folder import FolderVault
from evidence.vault.memory import MemoryVault

VAULTS: dict[str, Callable[[Path], Vault]] = {
    "folder": lambda path: FolderVault(path / "vault"),
    "memory": lambda _: MemoryVault(),
}


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    return VAULTS[request.param](tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=5000))
def test_any_bytes_come_back_under_their_digest(vault: Vault, content: bytes) -> None:
    stored = vault.put(BytesIO(content))
    assert stored.digest == sha256(content).hexdigest()
    assert stored.size == len(content)
    assert vault.path(stored.digest) == stored.path
    assert stored.path.read_bytes() == content


def test_the_same_bytes_twice_are_one_object(vault: Vault) -> None:
    assert vault.put(BytesIO(b"bytes")) == vault.put(BytesIO(b"bytes"))


def test_an_object_that_was_never_stored_is_missed(vault: Vault) -> None:
    with pytest.raises(Tampered):
        vault.path(Digest("0" * 64))


def test_an_object_that_is_gone_is_missed(vault: Vault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    stored.path.unlink()
    with pytest.raises(Tampered):
        vault.path(stored.digest)


@pytest.mark.parametrize("wrong", [b"byteS", b"byte", b"bytes\n", b""], ids=["one byte", "short", "long", "empty"])
def test_wrong_bytes_are_found(vault: Vault, wrong: bytes) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    stored.path.chmod(0o600)
    stored.path.write_bytes(wrong)
    with pytest.raises(Tampered):
        vault.path(stored.digest)


def test_wrong_bytes_are_not_trusted_when_the_right_ones_come_again(vault: Vault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    stored.path.chmod(0o600)
    stored.path.write_bytes(b"byteS")
    with pytest.raises(Tampered):
        vault.put(BytesIO(b"bytes"))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../" * 10 + "etc/passwd", id="a way out"),
        pytest.param("", id="nothing"),
        pytest.param("..", id="the folder above"),
        pytest.param("0" * 63, id="short"),
        pytest.param("0" * 63 + "\n", id="a newline"),
        pytest.param("A" * 64, id="capitals"),
        pytest.param("０" * 64, id="wide digits"),
    ],
)
def test_what_is_no_digest_opens_nothing(vault: Vault, name: str) -> None:
    with pytest.raises(Tampered):
        vault.path(Digest(name))


def test_the_twin_takes_its_folder_along() -> None:
    twin = MemoryVault()
    path = twin.put(BytesIO(b"bytes")).path
    del twin
    assert not path.parent.exists()
