"""The vault of a home, with what opens its objects."""

import fcntl
from pathlib import Path

from evidence.clock import Clock
from evidence.errors import ConfigError
from evidence.files import locked
from evidence.settings import Settings
from evidence.store import Store
from evidence.vault import Vault
from evidence.vault.folder import FolderVault
from evidence.vault.keys import FILE, DataKeys, KeyFile, wrapping_of


def vault_of(home: Path, told: Settings, store: Store, clock: Clock) -> Vault:
    """The vault as the settings tell; nothing is made, and no bucket is asked. ConfigError where a home that has
    objects in its folder is to have them in a bucket."""
    folder = home / "vault"
    if told.vault is None:
        return FolderVault(folder)
    keys = DataKeys(store.object_keys, wrapping_of(told.vault.key, key_file(home)))
    if told.vault.s3 is None:
        return FolderVault(folder, keys)
    if next(FolderVault(folder).digests(), None):
        why = "holds objects, which the bucket does not have; take `s3:` out of settings.yaml, or make a new home"
        raise ConfigError(f"{folder}: {why}")
    from evidence.vault.locked import LockedBucket  # boto3, which homes with a folder do without
    from evidence.vault.s3 import S3Vault

    return S3Vault(LockedBucket(told.vault.s3, folder), folder, clock, keys)


def furnish_keys(home: Path, told: Settings, store: Store) -> None:
    """Make the key file of a home that nothing is sealed in yet."""
    is_file = told.vault is not None and told.vault.key == FILE
    if is_file and not key_file(home).exists() and store.object_keys.is_empty():
        KeyFile(key_file(home)).create()


def rotate(home: Path, told: Settings, store: Store) -> int:
    """Wrap all keys of objects by a new key; how many. ``key: file`` makes one, an ARN is what the settings say now."""
    if told.vault is None:
        raise ConfigError("settings.yaml has no `vault:`, hence nothing is sealed; see docs/operations.md")
    keys = DataKeys(store.object_keys, wrapping_of(told.vault.key, key_file(home)))
    with locked(key_file(home).parent, fcntl.LOCK_EX):  # of two who rotate at once, one would lose the other's key
        keys.rewrap()  # what was wrapped by the key that is dropped next, while the last rotation was at work
        if isinstance(keys.wrapping, KeyFile):
            keys.wrapping.rotate()
        return keys.rewrap()


def key_file(home: Path) -> Path:
    """Where the key file of a home lies."""
    return home / "keys" / "vault"
