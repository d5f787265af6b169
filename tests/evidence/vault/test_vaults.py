"""What every vault promises: the folder, sealed and plain, and its twin in memory."""

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.errors import Tampered
from evidence.vault import Digest, StoredObject
from evidence.vault.folder import FolderVault
from evidence.vault.memory import MemoryVault
from tests.evidence.vault.keyed import sealed_vault

AnyVault = FolderVault | MemoryVault
VAULTS: dict[str, Callable[[Path], AnyVault]] = {
    "folder": lambda path: FolderVault(path / "vault"),
    "sealed": sealed_vault,
    "memory": lambda _: MemoryVault(),
}


@pytest.fixture(params=VAULTS)
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> AnyVault:
    return VAULTS[request.param](tmp_path)


def lies_at(vault: AnyVault, stored: StoredObject) -> Path:
    [path] = [path for path in vault.folder.rglob(f"{stored.digest}*") if path.is_file()]
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=5000))
def test_any_bytes_come_back_under_their_digest(vault: AnyVault, content: bytes) -> None:
    stored = vault.put(BytesIO(content))
    assert stored.digest == sha256(content).hexdigest()
    assert stored.size == len(content)
    with stored.open() as stream, stored.plain() as path:
        assert stream.read() == path.read_bytes() == content
    assert list(vault.scrub([stored.digest])) == []


def test_the_same_bytes_twice_are_one_object(vault: AnyVault) -> None:
    assert vault.put(BytesIO(b"bytes")) == vault.put(BytesIO(b"bytes"))


def test_an_object_that_was_never_stored_is_missed(vault: AnyVault) -> None:
    with pytest.raises(Tampered):
        vault.verify(Digest("0" * 64))


def test_an_object_that_is_gone_is_missed(vault: AnyVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    lies_at(vault, stored).unlink()
    with pytest.raises(Tampered):
        vault.verify(stored.digest)


@pytest.mark.parametrize("wrong", [b"byteS", b"byte", b"bytes\n", b""], ids=["one byte", "short", "long", "empty"])
def test_wrong_bytes_are_found(vault: AnyVault, wrong: bytes) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    lies_at(vault, stored).chmod(0o600)
    lies_at(vault, stored).write_bytes(wrong)
    with pytest.raises(Tampered):
        vault.verify(stored.digest)
    with pytest.raises(Tampered), stored.open():
        pytest.fail("something was given")
    with pytest.raises(Tampered), stored.plain():
        pytest.fail("something was given")


def test_wrong_bytes_are_not_trusted_when_the_right_ones_come_again(vault: AnyVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    lies_at(vault, stored).chmod(0o600)
    lies_at(vault, stored).write_bytes(b"byteS")
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
def test_what_is_no_digest_opens_nothing(vault: AnyVault, name: str) -> None:
    with pytest.raises(Tampered):
        vault.verify(Digest(name))


def test_the_twin_takes_its_folder_along() -> None:
    twin = MemoryVault()
    twin.put(BytesIO(b"bytes"))
    folder = twin.folder
    del twin
    assert not folder.exists()


def test_what_was_removed_is_gone_and_may_come_again(vault: AnyVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    vault.remove(stored.digest)
    assert [damage.name for damage in vault.scrub([stored.digest])] == [stored.digest]
    with vault.put(BytesIO(b"bytes")).open() as stream:
        assert stream.read() == b"bytes"
