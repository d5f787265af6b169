"""Objects in a bucket with Object Lock: ``<prefix><first two hex digits>/<digest>.sealed``, locked until their day.

A stream goes to an unnamed file first: what its object is called is known when it has ended. Whoever is told a digest
may rely on the bucket, which named the version, its checksum and its lock when it was asked. Which version is the
object is pinned in a file of the home; where that is gone, the versions of the bucket are tried, the oldest first. What
is laid over an object (a delete marker, another version) changes nothing of what is read, and ``scrub`` names it.
"""

import io
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from evidence import buckets
from evidence.clock import Clock
from evidence.errors import ConfigError, Erased, IntegrityError, Tampered, VaultUnwritable
from evidence.files import sync_folder
from evidence.vault import Damage, Digest, StoredObject
from evidence.vault.keys import DataKeys
from evidence.vault.locked import Listed, LockedBucket, Taken, Version
from evidence.vault.plain import PLAIN, PlainFolder
from evidence.vault.sealed import FRAME, Plainly, Sealing, Stream, frames, key_id_of

FOLDER_MODE = 0o750
SEALED = ".sealed"
IS_KEY = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})(\.sealed)?", re.ASCII)
IS_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
UPLOAD_TAKES = timedelta(days=1)  # at most; what was begun before is left


@dataclass(frozen=True, slots=True)
class S3Vault:
    """Objects in a locked bucket; several processes may use it at once, each prefix belongs to one home."""

    bucket: LockedBucket
    folder: Path  # for the pins
    clock: Clock
    keys: DataKeys | None = None  # None: what comes is stored plainly

    @property
    def plains(self) -> PlainFolder:
        """Where plain copies lie while they are read: beside the vault."""
        return PlainFolder(self.folder.with_name(PLAIN))

    def put(self, stream: BinaryIO) -> StoredObject:
        """Store a stream in bounded memory and tell its digest once the bucket holds it locked; the same bytes twice
        are one object, which is locked for as long as the later one would be.

        What the stream raises passes through. VaultUnreachable, VaultUnwritable or Tampered (other bytes lie under this
        name already): nothing counts as stored, and the same bytes may be put again.
        """
        coming = Sealing() if self.keys else Plainly()
        self._make()
        with buckets.unnamed(self.folder) as file:
            for chunk in coming.chunks(stream):
                buckets.write(file, chunk)
            there = self._there(coming.digest) if self._pinned(coming.digest) else None
            until = self.clock.now().replace(microsecond=0) + timedelta(days=self.bucket.told.retain_days)
            key_id = there.key_id if there else self._store(coming, file, until)
        if there:
            self.bucket.extend(there.version, until)
        return StoredObject(coming.digest, coming.size, self, key_id)

    @contextmanager
    def open(self, digest: Digest) -> Iterator[io.BufferedReader]:
        """An object's bytes as a stream that only goes on, all of it fetched and verified before the first is given."""
        with self._fetched(digest) as held:
            if held.key_id is None:
                yield io.BufferedReader(held.file)
            else:
                yield io.BufferedReader(Stream(self._frames(digest, held.file)), FRAME)

    @contextmanager
    def plain(self, digest: Digest) -> Iterator[Path]:
        """A local file with these bytes, verified, to be read only and within the block; refuses what ``open`` does."""
        with ExitStack() as held:
            stream = held.enter_context(self.open(digest))
            with self._writing():
                handle, path = held.enter_context(self.plains.holding())
            copy = io.FileIO(handle, "wb", closefd=False)
            while piece := stream.read(FRAME):
                buckets.write(copy, piece)
            yield path

    def verify(self, digest: Digest) -> None:
        """Fetch an object and refuse what ``open`` would refuse."""
        with self._fetched(digest):
            pass

    def retain(self, digest: Digest, until: datetime) -> None:
        """Lock an object until then; one that is locked for longer stays so."""
        version = self._pinned(digest)
        if version is None:
            with self._fetched(digest) as held:
                version = held.version
        self.bucket.extend(version, until)

    def remove(self, digest: Digest) -> None:
        """Let go of an object that was purged; nothing when there is none.

        What is locked stays in the bucket until its day: where it is sealed, nobody can read it; VaultUnwritable where
        it lies plainly.
        """
        for listed in self.bucket.listed(_key(digest)):
            stays = [one for one in listed.ids if not self.bucket.delete(listed.key, one)]
            if stays and not listed.key.endswith(SEALED):
                why = "is locked until its day and lies plainly; have it purged then"
                raise VaultUnwritable(f"{self.bucket.place}{listed.key}: {why}")
        self._pin_of(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[Digest]:
        """The digests of all objects, in order, without a look at their bytes."""
        last = ""
        for listed in self.bucket.listed():
            digest = _digest_of(listed.key)
            if digest and digest != last and listed.versions:
                yield digest
            last = digest or last

    def scrub(self, recorded: Iterable[Digest] = ()) -> Iterator[Damage]:
        """Fetch every object anew; yield what is damaged, unlocked or covered, what is no object, and what of
        ``recorded`` is gone or cannot be read any more (of what was purged, sealed bytes stay until their day)."""
        missing = (wanted := set(recorded)).copy()
        for listed in self.bucket.listed():
            digest = _digest_of(listed.key)
            if digest is None:
                yield Damage(listed.key, f"{listed.key}: is no object of the vault; see who put it there")
                continue
            missing.discard(digest)
            try:
                yield from self._damage(digest, listed)
            except Erased as error:
                if digest in wanted:
                    yield Damage(digest, str(error))
            except IntegrityError as error:
                yield Damage(digest, str(error))
        for digest in sorted(missing):
            yield Damage(digest, f"object {digest} is gone; restore it from a backup")

    def sweep(self) -> int:
        """Let go of what killed processes left: plain copies, and parts of uploads that nobody completes."""
        return self.plains.sweep() + self.bucket.abort_uploads(self.clock.now() - UPLOAD_TAKES)

    def _store(self, coming: Plainly, file: io.FileIO, until: datetime) -> str | None:
        """Have the bucket hold what came; the key that seals it: ours, or of who put the same bytes first."""
        if self.keys and isinstance(coming, Sealing):
            self.keys.keep(coming)
        key = _key(coming.digest, SEALED if self.keys else "")
        try:
            version = self.bucket.put(key, file, until)
        except Taken:
            if there := self._there(coming.digest):
                if self.keys and coming.key_id and coming.key_id != there.key_id:  # else it came, its answer did not
                    self.keys.forget(coming.key_id)
                self.bucket.extend(there.version, until)
                return there.key_id
            version = self.bucket.put(key, file, until, over=True)  # nobody can read any more what lies there
        self._pin(coming.digest, version)
        return coming.key_id

    def _damage(self, digest: Digest, listed: Listed) -> Iterator[Damage]:
        """What is not as it was stored about one key."""
        with self._fetched(digest) as held:
            version = held.version
        if version.key != listed.key:
            yield Damage(listed.key, f"{listed.key}: lies beside the object {digest}; see who put it there")
            return
        if self.bucket.locked_until(version) is None:
            yield Damage(digest, f"object {digest} is not locked (COMPLIANCE); see who put it there")
        if listed.top != version.id:
            what = "another version" if listed.top else "a delete marker"
            remedy = "it is still read by its version; see who may write there"
            yield Damage(digest, f"object {digest}: {what} lies over it; {remedy}")

    def _there(self, digest: Digest) -> "Held | None":
        """What lies there already, verified; None for what nobody can read any more."""
        try:
            with self._fetched(digest) as held:
                return held
        except Erased:
            return None

    @contextmanager
    def _fetched(self, digest: Digest) -> Iterator["Held"]:
        """The object in an unnamed file, whole and verified; Tampered, or Erased when its key was destroyed."""
        self._make()
        pinned = self._pinned(digest)
        found = [pinned] if pinned else [one for key in self.bucket.listed(_key(digest)) for one in key.versions]
        refused: IntegrityError = Tampered(f"object {digest} is gone; restore it from a backup")
        for version in found:
            try:
                file = self.bucket.get(version, partial(self._accept, digest, version))
            except IntegrityError as error:
                refused = error if not isinstance(refused, Erased) else refused
                continue
            with file:
                if not pinned:
                    self._pin(digest, version)
                is_sealed = version.key.endswith(SEALED)
                key_id = key_id_of(file, digest) if is_sealed else None
                file.seek(0)
                yield Held(version, file, key_id)
                return
        raise refused

    def _accept(self, digest: Digest, version: Version, file: io.FileIO) -> None:
        if version.key.endswith(SEALED):
            for _ in self._frames(digest, file):
                pass
        elif file_digest(file, "sha256").hexdigest() != digest:
            raise Tampered(f"object {digest} holds other bytes than were stored; restore it from a backup")

    def _frames(self, digest: Digest, file: io.FileIO) -> Iterator[bytes]:
        key_id = key_id_of(file, digest)
        if self.keys is None:
            raise ConfigError(f"object {digest} is sealed; give settings.yaml its `vault: {{key: …}}` again")
        return frames(file, key_id, self.keys.of(key_id, digest), digest)

    def _pinned(self, digest: Digest) -> Version | None:
        """Which version is the object; None where the home does not know."""
        path = self._pin_of(digest)
        try:
            return Version(**json.loads(path.read_bytes()))
        except FileNotFoundError:
            return None
        except (TypeError, ValueError) as error:
            why = "is not what was written; remove it, and the versions in the bucket are tried"
            raise Tampered(f"{path}: {why}") from error

    def _pin(self, digest: Digest, version: Version) -> None:
        """Remember which version is the object, also after a power cut."""
        path = self._pin_of(digest)
        with self._writing():
            path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
                try:
                    file.write(json.dumps(asdict(version)).encode())
                    file.flush()
                    os.fsync(file.fileno())
                    Path(file.name).rename(path)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            sync_folder(path.parent, self.folder)

    def _pin_of(self, digest: Digest) -> Path:
        return self.folder / "pins" / f"{_key(digest)}.pin"

    def _make(self) -> None:
        with self._writing():
            self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell a disk that does not take the bytes apart from a bucket that does not."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            raise VaultUnwritable(f"{self.folder}: {why}; nothing was stored; mend the disk and try again") from error


@dataclass(frozen=True, slots=True)
class Held:
    """An object that was fetched: which version it is, its bytes as they lie there, and the key that seals them."""

    version: Version
    file: io.FileIO
    key_id: str | None


def _key(digest: Digest, suffix: str = "") -> str:
    if not IS_DIGEST.fullmatch(digest):
        raise Tampered(f"{digest!r} is not a SHA-256 digest: the record that names it was changed")
    return f"{digest[:2]}/{digest}{suffix}"


def _digest_of(key: str) -> Digest | None:
    """Of which object a key is; None when it is none of ours."""
    match = IS_KEY.fullmatch(key)
    return Digest(match[2]) if match else None
