import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from evidence.errors import SourceUnreachable, Tampered, VaultUnwritable
from evidence.vault import Damage, Digest
from evidence.vault.folder import FolderVault
from evidence.vault.sealed import FRAME as CHUNK
from tests.evidence.vault.keyed import content_of, file_of


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    return FolderVault(tmp_path / "home" / "vault")


def files(vault: FolderVault) -> list[Path]:
    return sorted(path for path in vault.folder.rglob("*") if not path.is_dir())


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(0o440)


class Breaking(BytesIO):
    """A source that gives some bytes and then breaks."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error
        self._given = False

    def read(self, size: int | None = -1) -> bytes:
        if self._given:
            raise self._error
        self._given = True
        return b"x" * 100


class Large(BytesIO):
    """A source of that many bytes, which exist one read at a time."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size
        self.largest = 0

    def read(self, size: int | None = -1) -> bytes:
        given = self._left if size is None or size < 0 else min(size, self._left)
        self._left -= given
        self.largest = max(self.largest, given)
        return bytes(given)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_object_lies_under_its_digest_and_nobody_may_write_to_it(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    assert files(vault) == [vault.folder / stored.digest[:2] / stored.digest]
    assert stat.S_IMODE(file_of(vault, stored.digest).stat().st_mode) == 0o440


def test_the_same_bytes_twice_are_one_file_that_is_not_written_again(vault: FolderVault) -> None:
    before = file_of(vault, vault.put(BytesIO(b"bytes")).digest).stat()
    after = file_of(vault, vault.put(BytesIO(b"bytes")).digest).stat()
    assert len(files(vault)) == 1
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_large_stream_is_read_in_chunks(vault: FolderVault) -> None:
    stream = Large(3 * CHUNK + 1)
    stored = vault.put(stream)
    assert stored.size == file_of(vault, stored.digest).stat().st_size == 3 * CHUNK + 1
    assert stream.largest <= CHUNK


@pytest.mark.parametrize(
    "error",
    [SourceUnreachable("hr", "gone"), OSError("connection reset"), KeyboardInterrupt()],
    ids=["a source error", "an error of the transport", "an interrupt"],
)
def test_what_breaks_in_the_source_passes_through_and_leaves_nothing(vault: FolderVault, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        vault.put(Breaking(error))
    assert raised.value is error
    assert files(vault) == []


def test_a_disk_that_takes_no_more_is_named_and_nothing_is_left(vault: FolderVault) -> None:
    with files_no_larger_than(CHUNK), pytest.raises(VaultUnwritable, match="nothing was stored"):
        vault.put(BytesIO(bytes(CHUNK + 1)))
    assert files(vault) == []


def test_after_a_full_disk_the_same_bytes_are_stored(vault: FolderVault) -> None:
    with files_no_larger_than(CHUNK), pytest.raises(VaultUnwritable):
        vault.put(BytesIO(bytes(CHUNK + 1)))
    stored = vault.put(BytesIO(bytes(CHUNK + 1)))
    assert len(content_of(vault, stored.digest)) == CHUNK + 1


def test_a_vault_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in the way")
    with pytest.raises(VaultUnwritable, match="home"):
        FolderVault(tmp_path / "home" / "vault").put(BytesIO(b"bytes"))


def test_an_object_is_hashed_again_as_soon_as_its_file_is_another(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    vault.verify(stored.digest)
    about = file_of(vault, stored.digest).stat()
    overwrite(file_of(vault, stored.digest), b"byteS")
    os.utime(file_of(vault, stored.digest), ns=(about.st_atime_ns, about.st_mtime_ns + 1))
    with pytest.raises(Tampered, match="other bytes"):
        vault.verify(stored.digest)


def test_setting_the_time_back_does_not_hide_a_change(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    vault.verify(stored.digest)
    about = file_of(vault, stored.digest).stat()
    while file_of(vault, stored.digest).stat().st_ctime_ns == about.st_ctime_ns:
        overwrite(file_of(vault, stored.digest), b"byteS")
        os.utime(file_of(vault, stored.digest), ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file_of(vault, stored.digest).stat().st_mtime_ns == about.st_mtime_ns
    with pytest.raises(Tampered, match="other bytes"):
        vault.verify(stored.digest)


def test_a_file_that_did_not_change_is_hashed_once(vault: FolderVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count of hashings has no other sign than time, hence the patch."""
    stored = vault.put(BytesIO(b"bytes"))
    vault.verify(stored.digest)
    monkeypatch.setattr("evidence.vault.folder.file_digest", lambda *_: pytest.fail("hashed again"))
    assert content_of(vault, stored.digest) == b"bytes"


def a_link(path: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(path.with_name("moved"))


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("replace", [a_link, a_folder, a_pipe], ids=lambda replace: replace.__name__)
def test_what_is_no_file_of_its_own_is_no_object(vault: FolderVault, replace: Callable[[Path], None]) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    replace(file_of(vault, stored.digest))
    with pytest.raises(Tampered):
        vault.verify(stored.digest)


def test_digests_are_listed_in_order(vault: FolderVault) -> None:
    stored = {vault.put(BytesIO(str(number).encode())).digest for number in range(40)}
    assert list(vault.digests()) == sorted(stored)


def test_a_vault_that_holds_nothing_lists_and_finds_nothing(vault: FolderVault) -> None:
    assert (list(vault.digests()), list(vault.scrub()), vault.sweep()) == ([], [], 0)


def test_a_clean_vault_has_no_damage(vault: FolderVault) -> None:
    stored = [vault.put(BytesIO(str(number).encode())).digest for number in range(40)]
    assert list(vault.scrub(stored)) == []


def test_a_scrub_names_each_damaged_foreign_and_missing_object(vault: FolderVault) -> None:
    whole, spoiled, gone = (vault.put(BytesIO(content)) for content in (b"whole", b"spoiled", b"gone"))
    vault.verify(spoiled.digest)
    overwrite(file_of(vault, spoiled.digest), b"spoileD")
    file_of(vault, gone.digest).unlink()
    (file_of(vault, whole.digest).parent / "notes.txt").write_text("foreign")
    (vault.folder / "ZZ").mkdir()
    found = {damage.name for damage in vault.scrub([whole.digest, spoiled.digest, gone.digest])}
    assert found == {spoiled.digest, gone.digest, f"{whole.digest[:2]}/notes.txt", "ZZ"}


def test_an_object_on_the_wrong_shelf_is_foreign_and_not_listed(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    wrong = vault.folder / ("00" if stored.digest[:2] != "00" else "01")
    wrong.mkdir()
    file_of(vault, stored.digest).rename(wrong / stored.digest)
    assert list(vault.digests()) == []
    [foreign, missing] = list(vault.scrub([stored.digest]))
    assert (foreign.name, missing.name) == (f"{wrong.name}/{stored.digest}", stored.digest)
    assert isinstance(missing, Damage)


def test_a_scrub_does_not_rely_on_what_was_verified_before(vault: FolderVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rot on the disk changes no time of a file; a patched hash is the rot."""
    stored = vault.put(BytesIO(b"bytes"))
    vault.verify(stored.digest)
    monkeypatch.setattr("evidence.vault.folder.file_digest", lambda *_: sha256(b"rot"))
    assert [damage.name for damage in vault.scrub()] == [stored.digest]


def test_what_a_killed_process_left_is_swept_and_no_object_is(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    script = (
        "import sys; from pathlib import Path; from evidence.vault.folder import FolderVault;"
        "print('ready', flush=True); FolderVault(Path(sys.argv[1])).put(sys.stdin.buffer)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(vault.folder)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin, child.stdout:
        child.stdout.readline()
        child.stdin.write(bytes(2 * CHUNK))
        child.stdin.flush()
        while len(files(vault)) == 1:
            assert child.poll() is None
            threading.Event().wait(0.01)
        while_receiving = vault.sweep()
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert (while_receiving, vault.sweep()) == (0, 1)
    assert list(vault.digests()) == [stored.digest]
    assert files(vault) == [file_of(vault, stored.digest)]


def test_bytes_are_flushed_before_the_rename_and_folders_after_it(
    vault: FolderVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a power cut shows a missing flush, hence the patch."""
    vault.put(BytesIO(b"other"))
    flushed: list[tuple[str, bool]] = []
    digest = Digest(sha256(b"bytes").hexdigest())
    place = vault.folder / digest[:2] / digest

    def fsync(handle: int) -> None:
        target = Path(f"/proc/self/fd/{handle}").readlink().relative_to(vault.folder)
        flushed.append(("received" if target.parts[:1] == ("incoming",) else str(target), place.exists()))

    monkeypatch.setattr("os.fsync", fsync)
    vault.put(BytesIO(b"bytes"))
    assert flushed == [("received", False), (digest[:2], True), (".", True)]


def test_an_object_that_was_there_is_made_durable_again(vault: FolderVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever renamed it may have been killed before the folders were flushed; only a power cut would show it."""
    stored = vault.put(BytesIO(b"bytes"))
    flushed: list[Path] = []
    monkeypatch.setattr("os.fsync", lambda handle: flushed.append(Path(f"/proc/self/fd/{handle}").readlink()))
    vault.put(BytesIO(b"bytes"))
    assert flushed[-2:] == [file_of(vault, stored.digest).parent, vault.folder]


def test_many_writers_of_the_same_bytes_make_one_object(vault: FolderVault) -> None:
    found: list[Digest] = []
    writers = [threading.Thread(target=lambda: found.append(vault.put(BytesIO(b"x" * CHUNK)).digest)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(found) == 8
    assert [path.name for path in files(vault)] == [found[0]]
