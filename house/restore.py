"""A restore: a backup becomes a home that was not there, whole or not at all, and is held against what others know.

Nobody can see in an older backup alone that it is old. Heads that were kept elsewhere tell: a checkpoint that an
auditor or a mail has, and what the signers of this machine remember.
"""

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from evidence import ledger, secrets, settings
from evidence.clock import Clock
from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger import keys as signing
from evidence.ledger import note
from evidence.ledger.note import Checkpoint
from evidence.ledger.signer import LastHead, forgotten
from evidence.store import Transaction
from evidence.store.copies import put_back
from house import House, address, logs, open_house
from house.backup import DATABASE, FILES, FOLDERS, MANIFEST, Manifest, Member, root
from house.duties import refuse_alone
from house.heads import signed_logs, verify_ledger
from house.segments import Opening, secret_file, tarred

CHUNK = 1 << 20
NOTE = re.compile(r"(?:[^\n\u2014][^\n]*\n){3}\n(?:\u2014 [^\n]+\n)+")
NAME = re.compile(
    rf"(?:{'|'.join(map(re.escape, (*FILES, DATABASE, MANIFEST)))}|(?:{'|'.join(FOLDERS)}|facts|vault)/.+)", re.DOTALL
)
ROLLBACK = "ROLLBACK (巻き戻し)"
ACCEPTED = "rollback"  # the kind of the entry that says it was accepted


@dataclass(frozen=True, slots=True)
class Known:
    """A head that somebody kept: the note, and where it was found."""

    signed: str
    where: Path

    @property
    def head(self) -> Checkpoint:
        """What the note says."""
        return Checkpoint.parse(note.parse(self.signed).text)


def restore(
    backup: Path,
    key: Path,
    home: Path,
    *,
    checkpoint: Path | None = None,
    keys: Path | None = None,
    database: str | None = None,
    clock: Clock | None = None,
) -> list[str]:
    """Make the home of a backup, and say everything that is wrong with it; empty when all holds.

    What is compared: the signed heads of a ``checkpoint`` file, and those in the ``keys`` folder of the machine that
    the home was on. ``database`` is where the tables go, by default where the settings say. Nothing stays of a backup
    that cannot be taken (ConfigError, Tampered); a home with problems stays to be looked at.
    """
    known = [*_kept(checkpoint), *_remembered(keys)]
    _refuse_key(key)
    with _staged(home) as staging:
        manifest = _unpacked(backup, key, staging)
        told = settings.read(staging)
        if database is not None:
            told = settings.move(staging, database)
        with put_back(staging / DATABASE, manifest.database, address(staging, told)):
            (staging / DATABASE).unlink(missing_ok=True)
            problems = _looked(staging, manifest, known, keys, clock)
            os.sync()
            staging.rename(home)
    return problems


def accept(house: House, by: str, approved_by: str, reason: str) -> list[str]:
    """Go on from the older history: what is lost by what the signers remember, or may be since they remember nothing,
    which two persons accept.

    Each log says so in an entry, with the head that it will never grow to, and is signed anew. Whoever kept that head
    sees the break for ever, and finds the entry. ConfigError when nothing is lost.
    """
    refuse_alone(house, by, approved_by, reason)
    folder, accepted = house.home / "keys", list[str]()
    for log in signed_logs(house):
        last, signers = signing.last_head(folder, log), signing.signers(folder, log)
        signed = last.read()
        masked = house.masking(ledger.company_of(log))
        with house.store.write() as tx:
            lost = forgotten(tx, log, None) if signed is None else _lost(tx, Known(signed, last.path))
            if not lost:
                continue
            told = {"kind": ACCEPTED, "actor": masked(by), "approver": masked(approved_by), "reason": masked(reason)}
            tx.ledger.append(log, told | {"lost": signed}, f"{ACCEPTED}|{log}|{tx.at.isoformat()}")
        if signed is not None:
            secrets.replace(last.path.with_name(f"{last.path.name}.lost"), signed)
        with house.store.write() as tx:
            ledger.checkpoint(tx, log, signers, last, anew=True)
        accepted.append(lost)
    if not accepted:
        raise ConfigError("the ledger holds every head that its signers remember; there is no loss to accept")
    return accepted


def _looked(
    home: Path, manifest: Manifest, known: Sequence[Known], keys: Path | None, clock: Clock | None
) -> list[str]:
    """Verify a home that was restored, and hold it against what is known of its logs."""
    house, problems = open_house(home, clock), list[str]()
    try:
        problems += verify_ledger(house)
        with house.store.read() as tx:
            for one in manifest.logs:
                if (size := tx.ledger.size(one.log)) != one.size or root(tx, one.log, size) != one.root:
                    problems.append(f"{one.log}: is not what the backup's manifest says; make the backup again")
            problems += [problem for one in known for problem in _older(house, tx, one, keys)]
    except IntegrityError as error:  # of a ledger that is damaged; what is wrong with it is told above
        problems.append(str(error))
    finally:
        house.store.close()
    return list(dict.fromkeys(problems))


def _older(house: House, tx: Transaction, known: Known, keys: Path | None) -> Iterator[str]:
    """What a known head shows of a restored log. The signer is told: it signs nothing that did not grow from it."""
    folder, log = house.home / "keys", known.head.origin
    if log not in logs(house.settings, tx):
        yield f"{log}: {known.where} knows a head of it, and the backup has no such log"
        return
    if not _is_signed(tx, known.signed, log, [one for one in (folder, keys) if one is not None]):
        yield (
            f"{log}: the head in {known.where} is not signed by the key of this house: it is another's, was forged, "
            "or the key was changed after the backup; name the keys folder of the old machine with --keys"
        )
        return
    if lost := _lost(tx, known):
        yield lost
        _remember(signing.last_head(folder, log), known)


def _lost(tx: Transaction, known: Known) -> str:
    """What a log lacks of a known head, in words; empty when it grew from it."""
    head, log = known.head, known.head.origin
    held = tx.ledger.size(log)
    if head.size > held:
        return (
            f"{ROLLBACK}: {log}: {known.where} knows a head of {head.size} entries, the backup has {held}: "
            f"entries {held} to {head.size - 1} ({head.size - held}) are lost, and whatever came after them"
        )
    if root(tx, log, head.size) != (head.root.hex() if head.size else ""):
        return f"{ROLLBACK}: {log}: the first {head.size} entries are another history than {known.where} knows"
    return ""


def _remember(last: LastHead, known: Known) -> None:
    held = last.read()
    if held is None or Known(held, last.path).head.size <= known.head.size:
        last.keep(known.signed)


def _is_signed(tx: Transaction, signed: str, log: str, folders: Sequence[Path]) -> bool:
    """Whether a head is signed by the key of a log in one of these folders, or by one that came before it."""
    for folder in folders:
        if signing.place(folder, log).exists():
            key = signing.vkey(folder, log)
            with suppress(IntegrityError):
                ledger.keys_of(tx, log, key).verified(signed)
                return True
            with suppress(IntegrityError):  # a key that was changed after the backup is none of its keys
                note.verify_checkpoint(signed, key, log)
                return True
    return False


def _kept(path: Path | None) -> list[Known]:
    """The heads in a file: one checkpoint, or what ``tenken ledger checkpoint`` prints."""
    if path is None:
        return []
    text = _text(path)
    found = [Known(told, path) for told in NOTE.findall(text)]
    if not found or NOTE.sub("", text).strip() or not all(map(_is_head, found)):
        raise ConfigError(f"{path}: is no checkpoint; give the file as `tenken ledger checkpoint` wrote it")
    return found


def _remembered(keys: Path | None) -> list[Known]:
    """What the signers of a machine signed last."""
    if keys is None:
        return []
    found = [Known(_text(path), path) for path in sorted(keys.glob(f"ledger-*{signing.HEAD}"))]
    if not found:
        raise ConfigError(f"{keys}: holds no head that was signed last (ledger-….head); name another keys folder")
    if wrong := [one.where for one in found if not _is_head(one)]:
        raise ConfigError(f"{wrong[0]}: is no signed head; restore it from a backup of the keys")
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error


def _is_head(one: Known) -> bool:
    try:
        return one.head.size >= 0
    except IntegrityError:
        return False


def _refuse_key(path: Path) -> None:
    """Refuse what is no private key before anything is read."""
    try:
        load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except TypeError as error:
        remedy = f"write it without for the time of the restore: openssl pkey -in {path} -out PLAIN.pem"
        raise ConfigError(f"{path}: is behind a passphrase; {remedy}") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is no private key in PEM; give the one of the backup's certificate") from error


@contextmanager
def _staged(home: Path) -> Iterator[Path]:
    """A private folder beside the home, gone unless the block renames it."""
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise ConfigError(f"{home}: is not empty; a backup is restored into a new home")
    home = home.absolute()
    staging = home.with_name(f".{home.name}.restoring")
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        staging.mkdir(mode=0o700)
    except FileExistsError as error:
        raise ConfigError(f"{staging}: is left of a restore that was ended; remove it first") from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unpacked(backup: Path, key: Path, to: Path) -> Manifest:
    """Unpack a backup; Tampered unless it holds exactly what its manifest names."""
    found = dict[str, Member]()
    try:
        with backup.open("rb") as file, Opening(backup, file, key) as stream, tarred(stream, "r|") as archive:
            for member in archive:
                if MANIFEST in found or member.name in found:
                    raise Tampered(f"{backup}: {member.name!r} is once too often; nothing was restored")
                found[member.name] = _extracted(archive, member, to)
        if MANIFEST not in found:
            raise Tampered(f"{backup}: has no manifest; nothing was restored")
        manifest = Manifest.model_validate_json((to / MANIFEST).read_bytes())
    except (tarfile.TarError, ValidationError) as error:
        raise Tampered(f"{backup}: is no whole backup: {error}; nothing was restored") from error
    except OSError as error:
        raise ConfigError(f"{error.filename or backup}: {error.strerror or error}; nothing was restored") from error
    del found[MANIFEST]
    (to / MANIFEST).unlink()
    if wrong := sorted(n for n in found.keys() | manifest.members.keys() if found.get(n) != manifest.members.get(n)):
        raise Tampered(f"{backup}: {wrong[0]} is missing, or is not what the manifest names; nothing was restored")
    return manifest


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo, to: Path) -> Member:
    """Write one member below a folder, and nowhere else."""
    name = tarfile.data_filter(member, str(to)).name
    if not member.isreg() or name != member.name or not NAME.fullmatch(name) or {"", ".", ".."} & {*name.split("/")}:
        raise Tampered(f"{member.name!r} has no place in a backup; nothing was restored")
    path, hashed = to / name, hashlib.sha256()
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    content = archive.extractfile(member)
    assert content is not None  # of a regular file
    with secret_file(path, _mode(name)) as file:
        while chunk := content.read(CHUNK):
            hashed.update(chunk)
            file.write(chunk)
    return Member(sha256=hashed.hexdigest(), size=member.size)


def _mode(name: str) -> int:
    return {"keys": 0o600, "vault": 0o440}.get(name.partition("/")[0], 0o640)
