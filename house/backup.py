"""A backup: one file with everything that a home is, which only who keeps backups can read.

The order is what makes it consistent under load. Settings and keys come first, then one snapshot of the database, then
the files that this snapshot names: they were written before their rows, and never change. A key may so be older than
the database, a head that the signer remembers too, but no row is without its file.
"""

import fcntl
import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from pydantic import BaseModel, ConfigDict

from evidence import ledger
from evidence.errors import ConfigError, IntegrityError, StoreUnavailable
from evidence.files import sync_folder
from evidence.ledger import keys as signing
from evidence.store import Transaction
from evidence.store.copies import Copy
from evidence.vault import Digest
from evidence.vault.folder import FolderVault
from house import House, logs
from house.segments import Sealing, secret_file, tarred
from reports.pack import envelope

BACKUP = "backup"  # the kind of its ledger entry
FILES, FOLDERS = ("settings.yaml", "schedule.yaml"), ("sources", "profiles", "overlays", "keys")
DATABASE, MANIFEST = "database.copy", "manifest.json"
PRIVATE = ".backup"


class Member(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str
    size: int


class Log(BaseModel):
    """A log as the backup holds it: its size and root, and the newest signed head."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    log: str
    size: int
    root: str
    signed: str | None


class Manifest(BaseModel):
    """What a backup says of itself; its last member."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: str = "tenken-backup/1"
    at: datetime  # nothing that was committed later is in it
    database: Copy
    vault: str  # "folder", or where the objects stayed
    logs: tuple[Log, ...]
    problems: tuple[str, ...]  # with the files that the database names
    members: Mapping[str, Member]


@dataclass(frozen=True, slots=True)
class Backed:
    """A backup that was made, and what was wrong with the home."""

    path: Path
    digest: str
    problems: tuple[str, ...]


def backup(house: House, out: Path, recipient: Path) -> Backed:
    """Write a backup to a new file, encrypted to the certificate of who keeps it, and record it in the group's log.

    ConfigError when the place or the certificate does not serve. Nothing stays of a backup that failed.
    """
    certificate = envelope.recipient_at(recipient, house.clock.now())
    if os.path.lexists(out):
        raise ConfigError(f"{out}: is there already; a backup goes into a new file")
    temporary = out.with_name(out.name + ".part")
    try:
        with secret_file(temporary) as file:
            with Sealing(file, certificate) as stream:
                written = _written(house, stream)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out)
        sync_folder(out.parent, out.parent)
        _tell(house, stream.digest, certificate, written.logs)
    except OSError as error:
        out.unlink(missing_ok=True)
        raise ConfigError(f"{error.filename or out}: {error.strerror or error}; no backup was made") from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    finally:
        temporary.unlink(missing_ok=True)
    return Backed(out, stream.digest, tuple(written.problems))


@dataclass(slots=True)
class _Archive:
    """The tar as far as it is written."""

    tar: tarfile.TarFile
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, content: BinaryIO, size: int) -> str:
        """Add one file and tell its digest."""
        told = tarfile.TarInfo(name)
        told.size, told.mode = size, 0o600
        hashing = _Hashing(content)
        self.tar.addfile(told, hashing)  # type: ignore[arg-type]  # of a file it wants nothing but read()
        self.members[name] = Member(sha256=hashing.hashed.hexdigest(), size=size)
        return self.members[name].sha256

    def add_path(self, name: str, path: Path) -> str:
        """Add a file as it lies there now."""
        with path.open("rb") as file:
            return self.add(name, file, os.fstat(file.fileno()).st_size)


@dataclass(slots=True)
class _Hashing:
    file: BinaryIO
    hashed: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def read(self, size: int) -> bytes:
        content = self.file.read(size)
        self.hashed.update(content)
        return content


@dataclass(frozen=True, slots=True)
class _Written:
    logs: tuple[Log, ...]
    problems: list[str]


def _written(house: House, stream: Sealing) -> _Written:
    """Write the members in their order."""
    with tarred(stream, "w|") as tar:
        archive, small = _Archive(tar), _small(house.home)
        for name, content in small.items():
            archive.add(name, io.BytesIO(content), len(content))
        with _private_folder(house.home) as folder:
            with house.store.copied(folder / DATABASE) as (tx, copy):
                at, told = tx.at, tuple(_log(tx, log) for log in logs(house.settings, tx))
                objects = {one.digest for one in tx.objects.visible(at) if one.salt}  # without: it was purged
                lost, files = tx.objects.lost_runs(), tx.facts.visible(at)
                facts = {one.path: one.digest for one in files if lost.get(one.run_id) != "erased"}
            if _keys(_small(house.home)) != _keys(small):
                raise StoreUnavailable("keys were changed while the backup was made; make it again")
            archive.add_path(DATABASE, folder / DATABASE)
        problems = [*_facts(house, archive, facts)]
        is_folder = isinstance(house.vault, FolderVault)
        problems += _objects(house, archive, objects) if is_folder else ()
        manifest = Manifest(
            at=at, database=copy, vault="folder" if is_folder else "objects stay in their bucket", logs=told,
            problems=tuple(problems), members=archive.members,
        )  # fmt: skip
        content = manifest.model_dump_json(indent=1).encode()
        archive.add(MANIFEST, io.BytesIO(content), len(content))
    return _Written(told, problems)


def _small(home: Path) -> dict[str, bytes]:
    """What people write, and the keys, by their names; hidden files are being written, or a program's own."""
    found = [home / name for name in FILES]
    found += [path for name in FOLDERS for path in sorted((home / name).rglob("*"))]
    shown = (path for path in found if not path.name.startswith(".") and path.is_file())
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in shown}


def _keys(small: Mapping[str, bytes]) -> dict[str, bytes]:
    """The keys: all but what the signers remember, which changes with each head. Of that the older is right: the
    database that is read after it holds at least as much."""
    return {
        name: content for name, content in small.items() if name.startswith("keys/") and not name.endswith(signing.HEAD)
    }


def _facts(house: House, archive: _Archive, listed: Mapping[str, str]) -> Iterator[str]:
    for path, digest in listed.items():
        try:
            found = archive.add_path(f"facts/{path}", house.facts.root / path)
        except FileNotFoundError:
            yield f"fact file {path} is gone"
            continue
        if found != digest:
            yield f"fact file {path} is not what was recorded"


def _objects(house: House, archive: _Archive, listed: Iterable[str]) -> Iterator[str]:
    """The objects as they lie in the vault, whatever follows the digest in their names."""
    missing = set(listed)
    for path in sorted((house.home / "vault").glob("[0-9a-f][0-9a-f]/*")):
        if (digest := path.name[:64]) in listed:
            missing.discard(digest)
            archive.add_path(f"vault/{path.parent.name}/{path.name}", path)
            try:
                house.vault.verify(Digest(digest))
            except IntegrityError as error:
                yield str(error)
    yield from (f"object {digest} is gone" for digest in sorted(missing))


def _log(tx: Transaction, log: str) -> Log:
    size, head = tx.ledger.size(log), tx.checkpoints.latest(log)
    return Log(log=log, size=size, root=root(tx, log, size), signed=head and head[1])


def root(tx: Transaction, log: str, size: int) -> str:
    """The root (hex) of the first entries of a log; empty of none."""
    return ledger.prove(tx, log, size - 1, size).root.hex() if size else ""


def _tell(house: House, digest: str, certificate: x509.Certificate, told: Iterable[Log]) -> None:
    entry: dict[str, object] = {
        "kind": BACKUP,
        "actor": "tenken",
        "backup": digest,
        "recipient": envelope.fingerprint(certificate),
        "heads": [{"log": one.log, "size": one.size, "root": one.root} for one in told],
    }
    with house.store.write() as tx:
        tx.ledger.append(ledger.GROUP, entry, f"{BACKUP}|{digest}")


@contextmanager
def _private_folder(home: Path) -> Iterator[Path]:
    """A folder that nobody else reads, empty before and afterwards; one backup of a home at a time."""
    folder = home / PRIVATE
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError(f"{home}: another backup is being made; try again when it has ended") from error
        try:
            _clear(folder)
            yield folder
        finally:
            _clear(folder)
    finally:
        os.close(handle)


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
