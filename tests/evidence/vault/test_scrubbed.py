"""Whatever bit turns, a scrub finds the object; and keys are rotated while others read and store."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random

import pytest

from evidence.clock import SystemClock
from evidence.errors import Tampered
from evidence.store import Store
from evidence.store.values import WrappedKey
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys, KeyFile
from evidence.vault.sealed import Sealing
from tests.evidence.vault.keyed import content_of, file_of, key_file, sealed_vault

PLACES, OBJECTS = 1_000, 40
ROOT = Path(__file__).parents[3]
WORKER = """
import sys
from io import BytesIO
from pathlib import Path
from evidence.clock import SystemClock
from evidence.store import Store
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys, KeyFile
home, name = Path(sys.argv[1]), sys.argv[2]
store = Store.open(f"sqlite:///{home}/tenken.db", SystemClock())
vault = FolderVault(home / "vault", DataKeys(store.object_keys, KeyFile(home / "keys" / "vault")))
for number in range(40):
    content = f"{name} {number}".encode()
    stored = vault.put(BytesIO(content))
    with vault.open(stored.digest) as file:
        assert file.read() == content
    print(stored.digest, content.decode(), flush=True)
"""


def turned(content: bytes, place: int) -> bytes:
    changed = bytearray(content)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


@pytest.mark.parametrize("kind", ["sealed", "plain"])
def test_a_bit_that_turned_at_any_of_a_thousand_places_is_found(tmp_path: Path, kind: str) -> None:
    vault = sealed_vault(tmp_path) if kind == "sealed" else FolderVault(tmp_path / "vault")
    chance, found = Random(7), 0
    digests = [vault.put(BytesIO(chance.randbytes(chance.randint(1, 3000)))).digest for _ in range(OBJECTS)]
    paths = {digest: file_of(vault, digest) for digest in digests}
    whole = {digest: path.read_bytes() for digest, path in paths.items()}
    for path in paths.values():
        path.chmod(0o640)
    for _ in range(PLACES // OBJECTS):
        for digest, path in paths.items():
            path.write_bytes(turned(whole[digest], chance.randrange(len(whole[digest]) * 8)))
        found += len({damage.name for damage in vault.scrub()} & set(digests))
    for digest, path in paths.items():
        path.write_bytes(whole[digest])
    assert (found, list(vault.scrub(digests))) == (PLACES, [])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(f"sqlite:///{tmp_path}/tenken.db", SystemClock())) as opened:
        opened.upgrade()
        yield opened


def test_keys_are_rotated_while_others_store_and_read_and_all_opens_afterwards(tmp_path: Path, store: Store) -> None:
    file = key_file(tmp_path)
    keys = DataKeys(store.object_keys, file)
    vault, first = FolderVault(tmp_path / "vault", keys), file.current()
    old = vault.put(BytesIO(b"old")).digest
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path), name], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two")
    ]
    rotations = 0
    while any(worker.poll() is None for worker in workers):
        keys.rewrap()
        file.rotate()
        keys.rewrap()
        rotations += 1
    said = [worker.communicate()[0] for worker in workers]
    told = [line.split(" ", 1) for one in said for line in one.splitlines()]
    assert rotations > 2
    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(told) == 80
    assert [content_of(vault, digest) for digest, _ in told] == [content.encode() for _, content in told]  # type: ignore[arg-type]
    assert content_of(vault, old) == b"old"
    assert [row.wrapped_by for row in store.object_keys.not_wrapped_by(file.current(), 1_000)] == []
    assert file.current() != first


@dataclass(frozen=True)
class Rotating(KeyFile):
    """A key file that is rotated between the wrapping of a key and its row."""

    times: int = 1

    def wrap(self, key: bytes, bound: str) -> tuple[str, bytes]:
        told = super().wrap(key, bound)
        if not self._dropped:
            for _ in range(self.times):
                KeyFile(self.path).rotate()
            self._dropped["rotated"] = b""
        return told


@pytest.mark.parametrize("times", [1, 2], ids=["overtaken", "dropped"])
def test_a_key_is_wrapped_by_the_newest_before_anybody_sees_its_object(
    tmp_path: Path, store: Store, times: int
) -> None:
    rotating = Rotating(key_file(tmp_path).path, times)
    vault = FolderVault(tmp_path / "vault", DataKeys(store.object_keys, rotating))
    digest = vault.put(BytesIO(b"bytes")).digest
    rotating.rotate()  # which drops all but the newest, and whoever rotates has not seen the row yet
    assert (
        content_of(FolderVault(tmp_path / "vault", DataKeys(store.object_keys, KeyFile(rotating.path))), digest)
        == b"bytes"
    )


class Overtaken(KeyFile):
    """A key file that is rotated twice, and all keys wrapped anew, between a row's reading and its unwrapping."""

    def unwrap(self, by: str, wrapped: bytes, bound: str) -> bytes:
        if not self._dropped:
            self._dropped["rotated"] = b""
            with closing(Store.open(f"sqlite:///{self.path.parents[1]}/tenken.db", SystemClock())) as store:
                keys = DataKeys(store.object_keys, KeyFile(self.path))
                for _ in range(2):
                    keys.wrapping.rotate()  # type: ignore[attr-defined]
                    keys.rewrap()
        return super().unwrap(by, wrapped, bound)


def test_a_key_that_was_wrapped_anew_while_it_is_read_opens(tmp_path: Path, store: Store) -> None:
    digest = FolderVault(tmp_path / "vault", DataKeys(store.object_keys, key_file(tmp_path))).put(BytesIO(b"b")).digest
    keys = DataKeys(store.object_keys, Overtaken(key_file(tmp_path).path))
    assert content_of(FolderVault(tmp_path / "vault", keys), digest) == b"b"


@pytest.mark.parametrize("times", [1, 2], ids=["overtaken", "dropped"])
def test_control_unless_it_looks_again_the_object_is_lost(
    tmp_path: Path, store: Store, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(keys: DataKeys, sealing: Sealing) -> None:
        by, wrapped = keys.wrapping.wrap(sealing.key, f"{sealing.digest} {sealing.key_id}")
        keys.table.add(WrappedKey(sealing.key_id, sealing.digest, by, wrapped))

    monkeypatch.setattr(DataKeys, "keep", keep)
    rotating = Rotating(key_file(tmp_path).path, times)
    vault = FolderVault(tmp_path / "vault", DataKeys(store.object_keys, rotating))
    digest = vault.put(BytesIO(b"bytes")).digest
    rotating.rotate()
    with pytest.raises(Tampered):
        content_of(FolderVault(tmp_path / "vault", DataKeys(store.object_keys, KeyFile(rotating.path))), digest)
