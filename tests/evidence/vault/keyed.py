"""Vaults with keys: a key file, and the rows of keys in memory."""

from dataclasses import dataclass, field
from pathlib import Path

from evidence.store.values import WrappedKey
from evidence.vault import Digest, Vault
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys, KeyFile, Wrapping


@dataclass
class KeyRows:
    """The twin of the store's table of keys."""

    rows: dict[str, WrappedKey] = field(default_factory=dict)

    def add(self, key: WrappedKey) -> None:
        assert key.key_id not in self.rows
        self.rows[key.key_id] = key

    def find(self, key_id: str) -> WrappedKey | None:
        return self.rows.get(key_id)

    def remove(self, key_id: str) -> None:
        self.rows.pop(key_id, None)

    def not_wrapped_by(self, by: str, most: int) -> list[WrappedKey]:
        return [row for row in self.rows.values() if row.wrapped_by != by][:most]

    def rewrap(self, key: WrappedKey) -> None:
        if key.key_id in self.rows:
            self.rows[key.key_id] = key


def key_file(folder: Path) -> KeyFile:
    made = KeyFile(folder / "keys" / "vault")
    if not made.path.exists():
        made.create()
    return made


def sealed_vault(folder: Path, wrapping: Wrapping | None = None) -> FolderVault:
    return FolderVault(folder / "vault", DataKeys(KeyRows(), wrapping or key_file(folder)))


def file_of(vault: Vault, digest: Digest) -> Path:
    assert isinstance(vault, FolderVault)
    [path] = (vault.folder / digest[:2]).glob(f"{digest}*")
    return path


def content_of(vault: Vault, digest: Digest) -> bytes:
    with vault.open(digest) as file:
        return file.read()
