"""A signer remembers what it signed: no older database, and no other history of the same length, gets a head."""

import os
import signal
from copy import deepcopy
from pathlib import Path

import pytest

from evidence import ledger, secrets
from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger import keys, note
from evidence.ledger.keys import SigningKey
from evidence.ledger.signer import LastHead, forgotten
from tests.evidence.ledger.twin import Held, KeptLast

AOI = ledger.log_of("AOI")
KEY = SigningKey.from_seed(AOI, b"a" * 32)
FORK = {"kind": "collected", "slot": "another"}


def signed_at(*sizes: int) -> tuple[Held, KeptLast]:
    tx, last = Held(), KeptLast()
    for size in sizes:
        tx.grow(AOI, size - tx.ledger.size(AOI))
        tx.sign(KEY, last=last)
    return tx, last


def restored(tx: Held, size: int) -> Held:
    """A database as it was when it had fewer entries, heads and all."""
    older = Held()
    for entry in tx.ledger.leaves(AOI)[:size]:
        older.ledger.logs.setdefault(AOI, []).append(entry)
    older.ledger.rebuild(AOI)
    older.checkpoints.heads[AOI] = [head for head in tx.checkpoints.all(AOI) if head[0] <= size]
    return older


def test_what_is_signed_is_remembered() -> None:
    tx, last = signed_at(3, 5)
    assert last.signed == tx.checkpoints.all(AOI)[-1][1]
    assert ledger.verify(tx, AOI, KEY.vkey, last.signed) == []


def test_an_older_database_that_was_put_back_is_refused_and_told() -> None:
    tx, last = signed_at(3, 5)
    older = restored(tx, 3)
    with pytest.raises(Tampered, match="rollback"):
        older.sign(KEY, last=last)
    assert len(older.checkpoints.all(AOI)) == 1
    [problem] = ledger.verify(older, AOI, KEY.vkey, last.signed)
    assert "the head that the signer signed last: is of 5 entries, and only 3 entries are left" in problem
    assert "rollback" in problem


@pytest.mark.parametrize("more", [2, 6], ids=["to the same length", "and grown longer"])
def test_a_fork_is_refused_and_told(more: int) -> None:
    tx, last = signed_at(3, 5)
    fork = restored(tx, 3)
    for number in range(more):
        fork.ledger.append(AOI, FORK, f"fork-{number}")
    with pytest.raises(Tampered, match="the first 5 leaves are not those that were signed"):
        fork.sign(KEY, last=last)
    [problem] = ledger.verify(fork, AOI, KEY.vkey, last.signed)
    assert "the head that the signer signed last: the first 5 entries are not those that were signed" in problem


def test_control_a_signer_that_forgets_signs_both_sides_of_a_fork() -> None:
    tx, _ = signed_at(3, 5)
    fork = restored(tx, 3)
    for number in range(2):
        fork.ledger.append(AOI, FORK, f"fork-{number}")
    two = [note.verify_checkpoint(one, KEY.vkey, AOI) for one in (fork.sign(KEY), tx.checkpoints.all(AOI)[-1][1])]
    assert (two[0].size, two[0].root == two[1].root) == (two[1].size, False)


def test_who_was_ended_between_memory_and_release_hands_out_the_same_head() -> None:
    tx, last = signed_at(3)
    tx.grow(AOI, 2)
    undone = deepcopy(tx)
    signed = undone.sign(KEY, last=last)  # and what it wrote is undone
    assert tx.sign(KEY, last=last) == signed
    assert tx.checkpoints.all(AOI)[-1] == (5, signed)
    tx.grow(AOI, 1)
    tx.sign(KEY, last=last)
    assert ledger.verify(tx, AOI, KEY.vkey, last.signed) == []


def test_keys_from_an_older_backup_go_on_from_what_the_database_says() -> None:
    tx, last = signed_at(3)
    older = KeptLast(last.signed)
    tx.grow(AOI, 2)
    tx.sign(KEY, last=last)
    assert tx.sign(KEY, last=older) == last.signed == older.signed


def test_a_memory_that_is_gone_is_refused_while_heads_are_kept_or_anchored() -> None:
    tx, _ = signed_at(3)
    assert "what its signer signed last is gone" in forgotten(tx, AOI, None)
    with pytest.raises(Tampered, match=r"what its signer signed last is gone .* not signed"):
        ledger.checkpoint(tx, AOI, [KEY], KeptLast())
    ledger.anchor(tx, ["AOI"])
    tx.checkpoints.heads[AOI].clear()  # by who owns the database
    with pytest.raises(Tampered, match="what its signer signed last is gone"):
        ledger.checkpoint(tx, AOI, [KEY], KeptLast())
    assert forgotten(tx, ledger.log_of("KAEDE"), None) == ""
    assert forgotten(tx, ledger.GROUP, None) != ""


def test_two_who_accept_that_it_is_gone_let_it_sign_anew() -> None:
    tx, _ = signed_at(3)
    last = KeptLast()
    tx.grow(AOI, 1)
    assert ledger.checkpoint(tx, AOI, [KEY], last, anew=True) == last.signed == tx.checkpoints.all(AOI)[-1][1]
    assert forgotten(tx, AOI, last.signed) == ""


def test_a_memory_that_somebody_else_signed_is_refused() -> None:
    tx, last = signed_at(3)
    last.keep(note.sign(str(note.Checkpoint(AOI, 3, b"r" * 32)), [SigningKey.from_seed(AOI, b"f" * 32)]))
    with pytest.raises(IntegrityError):
        tx.sign(KEY, last=last)
    assert ledger.verify(tx, AOI, KEY.vkey, last.signed) != []


def test_the_memory_is_a_private_file_beside_the_key(tmp_path: Path) -> None:
    keys.create(tmp_path, AOI)
    last = keys.last_head(tmp_path, AOI)
    assert last == LastHead(tmp_path / "ledger-AOI.head")
    assert last.read() is None
    for told in ("first\n\n", "second\n\nあ\n"):
        last.keep(told)
        assert last.read() == told
    assert last.path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ledger-AOI", "ledger-AOI.head"]


def test_a_memory_that_others_may_change_is_refused(tmp_path: Path) -> None:
    last = LastHead(tmp_path / "ledger-AOI.head")
    last.keep("x")
    last.path.chmod(0o644)
    with pytest.raises(ConfigError, match="mode 0644"):
        last.read()


def test_the_memory_is_whole_whenever_its_writer_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = LastHead(tmp_path / "ledger-AOI.head")
    last.keep("before\n")
    for name in ("fsync", "replace", "fchmod"):
        if not (child := os.fork()):
            monkeypatch.setattr(os, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
            secrets.replace(last.path, "after\n")
            os._exit(0)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        assert last.read() == "before\n"
