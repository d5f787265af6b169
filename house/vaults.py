"""The vault of a home, with what opens its objects."""

from pathlib import Path

from evidence.errors import ConfigError
from evidence.settings import Settings
from evidence.store import Store
from evidence.vault.folder import FolderVault
from evidence.vault.keys import FILE, DataKeys, KeyFile, wrapping_of


def vault_of(home: Path, told: Settings, store: Store) -> FolderVault:
    """The vault as the settings tell; nothing is read or made."""
    if told.vault is None:
        return FolderVault(home / "vault")
    return FolderVault(home / "vault", DataKeys(store.object_keys, wrapping_of(told.vault.key, key_file(home))))


def furnish_keys(home: Path, told: Settings, store: Store) -> None:
    """Make the key file of a home that nothing is sealed in yet."""
    is_file = told.vault is not None and told.vault.key == FILE
    if is_file and not key_file(home).exists() and store.object_keys.is_empty():
        KeyFile(key_file(home)).create()


def rotate(home: Path, told: Settings, store: Store) -> int:
    """Wrap all keys of objects by a new key; how many. ``key: file`` makes one, an ARN is what the settings say now."""
    if told.vault is None:
        raise ConfigError("settings.yaml has no `vault:`, hence nothing is sealed; see docs/operations.md")
    if told.vault.key == FILE:
        KeyFile(key_file(home)).rotate()
    return DataKeys(store.object_keys, wrapping_of(told.vault.key, key_file(home))).rewrap()


def key_file(home: Path) -> Path:
    """Where the key file of a home lies."""
    return home / "keys" / "vault"
