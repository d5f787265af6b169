"""What is sealed opens with its own key only, whole or not at all; plain bytes lie nowhere else, and not for long."""

import signal
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.errors import ConfigError, Erased, Tampered
from evidence.store.values import WrappedKey
from evidence.vault import sealed
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys, KeyFile
from evidence.vault.sealed import FRAME, TAG, Sealing, frames, key_id_of, nonce
from tests.evidence.vault.keyed import KeyRows, content_of, file_of, key_file, sealed_vault

HEADER = 32
PLANTED = b"\xe5\xb1\xb1\xe7\x94\xb0 090-0000-0000"


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    return sealed_vault(tmp_path)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Frames of 64 bytes, so that many make a small object."""
    monkeypatch.setattr(sealed, "FRAME", 64)
    monkeypatch.setattr(sealed._read, "__defaults__", (64 + TAG,))
    return 64


def rows_of(vault: FolderVault) -> KeyRows:
    assert vault.keys is not None
    assert isinstance(vault.keys.table, KeyRows)
    return vault.keys.table


def altered(vault: FolderVault, digest: str, content: bytes) -> None:
    path = file_of(vault, digest)  # type: ignore[arg-type]
    path.chmod(0o600)
    path.write_bytes(content)


def test_no_plain_byte_lies_in_the_vault(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(PLANTED * 100))
    assert PLANTED not in file_of(vault, stored.digest).read_bytes()


def test_control_without_keys_it_does(tmp_path: Path) -> None:
    vault = FolderVault(tmp_path / "vault")
    assert PLANTED in file_of(vault, vault.put(BytesIO(PLANTED)).digest).read_bytes()


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 1000])
def test_an_object_of_any_size_comes_back(small: int, vault: FolderVault, size: int) -> None:
    content = Random(size).randbytes(size)
    stored = vault.put(BytesIO(content))
    assert content_of(vault, stored.digest) == content
    assert stored.size == size


class Halting(BytesIO):
    """A source that gives what it has, a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, size or 7))


def test_reads_that_give_less_than_was_asked_make_the_same_object(small: int, vault: FolderVault) -> None:
    content = Random(1).randbytes(500)
    stored = vault.put(Halting(content))
    assert content_of(vault, stored.digest) == content
    assert vault.put(BytesIO(content)) == stored


def test_the_same_bytes_twice_are_one_object_with_one_key(vault: FolderVault) -> None:
    first, second = vault.put(BytesIO(b"bytes")), vault.put(BytesIO(b"bytes"))
    assert first.key_id == second.key_id
    assert list(rows_of(vault).rows) == [first.key_id]


def test_every_object_has_a_key_of_its_own_which_names_its_row(vault: FolderVault) -> None:
    stored = [vault.put(BytesIO(bytes([number]))) for number in range(20)]
    assert {one.key_id for one in stored} == set(rows_of(vault).rows)
    assert len({row.wrapped for row in rows_of(vault).rows.values()}) == 20


def test_every_bit_is_watched(small: int, vault: FolderVault) -> None:
    stored = vault.put(BytesIO(Random(2).randbytes(200)))
    whole = file_of(vault, stored.digest).read_bytes()
    refused = 0
    for place in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        altered(vault, stored.digest, bytes(changed))
        with pytest.raises((Tampered, Erased)), vault.open(stored.digest):
            refused -= 1
        refused += 1
    assert refused == len(whole) * 8


def cut(whole: bytes, number: int) -> bytes:
    """One sealed frame of 64 bytes."""
    return whole[HEADER + number * (64 + TAG) :][: 64 + TAG]


@pytest.mark.parametrize(
    "order",
    [
        pytest.param([0, 1], id="the last one left out"),
        pytest.param([1, 2], id="the first one left out"),
        pytest.param([0, 2], id="one left out in between"),
        pytest.param([1, 0, 2], id="two changed places"),
        pytest.param([0, 1, 2, 2], id="the last one twice"),
        pytest.param([0, 0, 1, 2], id="the first one twice"),
        pytest.param([], id="all left out"),
    ],
)
def test_frames_that_are_left_out_moved_or_repeated_do_not_open(
    small: int, vault: FolderVault, order: list[int]
) -> None:
    stored = vault.put(BytesIO(Random(3).randbytes(3 * 64)))
    whole = file_of(vault, stored.digest).read_bytes()
    altered(vault, stored.digest, whole[:HEADER] + b"".join(cut(whole, number) for number in order))
    with pytest.raises(Tampered), vault.open(stored.digest):
        pytest.fail("something was given")


def test_control_frames_with_one_nonce_could_change_places(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "nonce", lambda number, *, last: bytes(11) + bytes([last]))
    sealing = Sealing()
    content = Random(3).randbytes(3 * 64)
    whole = b"".join(sealing.chunks(BytesIO(content)))
    moved = BytesIO(cut(whole, 1) + cut(whole, 0) + cut(whole, 2))
    opened = frames(moved, sealing.key_id, sealing.key, sealing.digest)
    assert next(opened) == content[64:128]  # only the digest at the end would tell


def test_another_objects_bytes_do_not_pass_for_it(vault: FolderVault) -> None:
    mine, other = vault.put(BytesIO(b"mine")), vault.put(BytesIO(b"other"))
    altered(vault, mine.digest, file_of(vault, other.digest).read_bytes())
    with pytest.raises(Tampered), vault.open(mine.digest):
        pytest.fail("something was given")


def test_a_damaged_last_frame_gives_nothing_of_the_first(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(bytes(2 * FRAME)))
    whole = bytearray(file_of(vault, stored.digest).read_bytes())
    whole[-1] ^= 1
    altered(vault, stored.digest, bytes(whole))
    with pytest.raises(Tampered), vault.open(stored.digest):
        pytest.fail("something was given")
    with pytest.raises(Tampered), vault.plain(stored.digest):
        pytest.fail("something was given")
    assert list(vault.plains.folder.iterdir()) == []


def test_control_frame_by_frame_the_first_one_would_be_given(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(bytes(2 * FRAME)))
    whole = bytearray(file_of(vault, stored.digest).read_bytes())
    whole[-1] ^= 1
    file = BytesIO(bytes(whole))
    assert vault.keys is not None
    key_id = key_id_of(file, stored.digest)
    assert len(next(frames(file, key_id, vault.keys.of(key_id, stored.digest), stored.digest))) == FRAME


def test_another_house_key_opens_nothing(tmp_path: Path, vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    key_file(tmp_path).path.unlink()
    key_file(tmp_path)
    with pytest.raises(Tampered, match="does not hold file:"), vault.open(stored.digest):
        pytest.fail("something was given")


def test_a_wrong_key_under_the_right_name_opens_nothing(
    tmp_path: Path, vault: FolderVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    held = {key_file(tmp_path).current(): bytes(32)}
    monkeypatch.setattr(KeyFile, "_keys", lambda _: held)
    with pytest.raises(Tampered, match="not what was kept"), vault.open(stored.digest):
        pytest.fail("something was given")


def test_a_wrapped_key_that_was_moved_to_another_object_does_not_unwrap(vault: FolderVault) -> None:
    mine, other = vault.put(BytesIO(b"mine")), vault.put(BytesIO(b"other"))
    assert mine.key_id
    assert other.key_id
    rows = rows_of(vault).rows
    rows[mine.key_id] = rows[other.key_id]
    with pytest.raises(Tampered), vault.open(mine.digest):
        pytest.fail("something was given")


def test_without_its_file_of_keys_it_says_so(tmp_path: Path, vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    key_file(tmp_path).path.unlink()
    with pytest.raises(ConfigError, match="keys/vault"), vault.open(stored.digest):
        pytest.fail("something was given")


def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path: Path, vault: FolderVault) -> None:
    key_file(tmp_path).path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        vault.put(BytesIO(b"bytes"))


def test_the_file_of_keys_is_made_for_its_owner_only(tmp_path: Path) -> None:
    assert stat.S_IMODE(key_file(tmp_path).path.stat().st_mode) == 0o600


def test_destroying_the_key_makes_an_object_unreadable(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    assert content_of(vault, stored.digest) == b"bytes"
    rows_of(vault).rows.clear()
    with pytest.raises(Erased), vault.open(stored.digest):
        pytest.fail("something was given")


def test_what_lost_its_key_may_be_stored_again(vault: FolderVault) -> None:
    first = vault.put(BytesIO(b"bytes"))
    rows_of(vault).rows.clear()
    second = vault.put(BytesIO(b"bytes"))
    assert content_of(vault, first.digest) == b"bytes"
    assert first.key_id != second.key_id


def test_an_old_home_goes_on_reading_its_plain_objects(tmp_path: Path) -> None:
    old = FolderVault(tmp_path / "vault").put(BytesIO(b"old"))
    vault = FolderVault(tmp_path / "vault", DataKeys(KeyRows(), key_file(tmp_path)))
    assert content_of(vault, old.digest) == b"old"
    assert vault.put(BytesIO(b"old")).key_id is None
    assert vault.put(BytesIO(b"new")).key_id is not None
    assert len(list(vault.digests())) == 2
    assert list(vault.scrub()) == []


def test_bytes_that_look_like_a_sealed_object_are_bytes(tmp_path: Path) -> None:
    content = b"".join(Sealing().chunks(BytesIO(b"bytes")))
    plain, keyed = FolderVault(tmp_path / "vault"), sealed_vault(tmp_path / "other")
    assert content_of(plain, plain.put(BytesIO(content)).digest) == content
    assert content_of(keyed, keyed.put(BytesIO(content)).digest) == content


def test_a_home_that_forgot_it_has_keys_says_so(tmp_path: Path, vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    with pytest.raises(ConfigError, match="vault:"), FolderVault(vault.folder).open(stored.digest):
        pytest.fail("something was given")


def test_a_plain_copy_is_private_and_gone_afterwards(vault: FolderVault) -> None:
    stored = vault.put(BytesIO(b"bytes"))
    with vault.plain(stored.digest) as path:
        assert path.read_bytes() == b"bytes"
        modes = [stat.S_IMODE(one.stat().st_mode) for one in (path.parent, path)]
        assert (path.parent, modes) == (vault.plains.folder, [0o700, 0o600])
        assert vault.sweep() == 0
        assert path.exists()
    assert list(vault.plains.folder.iterdir()) == []


def test_a_plain_copy_that_a_killed_reader_left_is_swept(vault: FolderVault, tmp_path: Path) -> None:
    with vault.plains.holding():
        script = (
            "import sys, time; from pathlib import Path; from evidence.vault.plain import PlainFolder;"
            "held = PlainFolder(Path(sys.argv[1])).holding(); print(held.__enter__()[1], flush=True); time.sleep(60)"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(vault.plains.folder)],
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        with child.stdout:
            left = Path(child.stdout.readline().strip())
            while_it_lives = vault.sweep()
            child.send_signal(signal.SIGKILL)
            child.wait()
        assert (while_it_lives, left.exists()) == (0, True)
        assert (vault.sweep(), left.exists()) == (1, False)


def test_no_nonce_repeats_in_a_million_frames_of_an_object() -> None:
    frames_of_it = 1_000_000
    made = {nonce(number, last=False) for number in range(frames_of_it)} | {nonce(frames_of_it - 1, last=True)}
    assert len(made) == frames_of_it + 1
    assert {len(one) for one in made} == {12}


def test_what_seals_never_meets_a_key_and_a_nonce_twice(
    small: int, vault: FolderVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[tuple[bytes, bytes]] = []

    class Noting:
        def __init__(self, key: bytes) -> None:
            self._key, self._cipher = key, AESGCM(key)

        def encrypt(self, number: bytes, content: bytes, bound: bytes) -> bytes:
            met.append((self._key, number))
            return self._cipher.encrypt(number, content, bound)

        def decrypt(self, number: bytes, content: bytes, bound: bytes) -> bytes:
            return self._cipher.decrypt(number, content, bound)

    monkeypatch.setattr("evidence.vault.sealed.AESGCM", Noting)
    monkeypatch.setattr("evidence.vault.keys.AESGCM", Noting)
    for number in range(100):
        vault.put(BytesIO(Random(number % 50).randbytes(64 * 20)))
    assert len(met) == len(set(met)) == 100 * 20 + 50


def test_rotating_leaves_every_object_readable_and_the_old_key_unneeded(tmp_path: Path, vault: FolderVault) -> None:
    kept = [vault.put(BytesIO(bytes([number]))) for number in range(5)]
    keys, file = vault.keys, key_file(tmp_path)
    assert keys is not None
    before = file.current()
    file.rotate()
    assert keys.rewrap() == 5
    assert {row.wrapped_by for row in rows_of(vault).rows.values()} == {file.current()} != {before}
    file.rotate()
    assert keys.rewrap() == 5
    assert [content_of(vault, one.digest) for one in kept] == [bytes([number]) for number in range(5)]
    assert before not in file._keys()


def test_what_is_wrapped_anew_is_wrapped_by_the_key_of_that_moment(tmp_path: Path, vault: FolderVault) -> None:
    """Somebody else makes another key of the house meanwhile."""

    class Overtaken(KeyRows):
        passes = 0

        def not_wrapped_by(self, by: str, most: int) -> list[WrappedKey]:
            told = super().not_wrapped_by(by, most)
            self.passes += 1
            if self.passes == 1:
                file.rotate()
            assert self.passes < 9, "it has no end"
            return told

    kept, file = vault.put(BytesIO(b"bytes")), key_file(tmp_path)
    file.rotate()
    keys = DataKeys(Overtaken(rows_of(vault).rows), file)
    assert keys.rewrap() == 1
    assert {row.wrapped_by for row in rows_of(vault).rows.values()} == {file.current()}
    assert content_of(vault, kept.digest) == b"bytes"
