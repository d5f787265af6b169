"""The ledger over the real store: one SQLite file, spoiled behind the store's back."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence import ledger
from evidence.clock import StandingClock
from evidence.errors import Tampered
from evidence.ledger import keys, merkle, note
from evidence.ledger.keys import SigningKey
from evidence.store import Store
from tests.evidence.ledger.twin import KeptLast

AOI = ledger.log_of("AOI")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'tenken.db'}", StandingClock(datetime(2026, 4, 1, tzinfo=UTC)))
    store.upgrade()
    yield store
    store.close()


@pytest.fixture
def signer(tmp_path: Path) -> SigningKey:
    keys.create(tmp_path / "keys", AOI)
    return keys.load(tmp_path / "keys", AOI)


def grow(store: Store, count: int) -> None:
    for _ in range(count):
        with store.write() as tx:
            number = tx.ledger.size(AOI)
            tx.ledger.append(AOI, {"kind": "collected", "slot": number}, f"slot-{number}")


def spoil(path: Path, statement: str) -> None:
    """Change rows as a database owner can, who also takes the guards away."""
    with closing(sqlite3.connect(path)) as database, database:
        triggers = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for trigger in triggers:
            database.execute(f'DROP TRIGGER "{trigger}"')
        assert database.execute(statement).rowcount == 1


def test_a_log_that_grew_is_signed_proven_anchored_and_has_no_problem(
    store: Store, signer: SigningKey, tmp_path: Path
) -> None:
    group = SigningKey.from_seed(ledger.GROUP, b"g" * 32)
    last = KeptLast()
    for size in (3, 4):
        grow(store, size)
        with store.write() as tx:
            signed = ledger.checkpoint(tx, AOI, [signer], last)
    with store.write() as tx:
        ledger.checkpoint(tx, ledger.GROUP, [group], group_last := KeptLast())
        entry = ledger.anchor(tx, ["AOI"])
        ledger.checkpoint(tx, ledger.GROUP, [group], group_last)
    with store.write() as tx:
        again = ledger.anchor(tx, ["AOI"])
        grown = tx.ledger.append(AOI, {"kind": "collected"}, "after the anchor")
    with store.read() as tx:
        assert ledger.verify(tx, AOI, signer.vkey) + ledger.verify(tx, ledger.GROUP, group.vkey) == []
        proof = ledger.prove(tx, AOI, 5, 7)
    head = note.verify_checkpoint(signed, signer.vkey, AOI)
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), 5, head.size, proof.path, head.root)
    assert (entry is None, again, grown.seq) == (False, None, 7)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM ledger WHERE seq = 6", id="the tail dropped"),
        pytest.param("DELETE FROM ledger WHERE seq = 0", id="the head dropped"),
        pytest.param("UPDATE ledger SET seq = 9 WHERE seq = 2", id="an entry moved"),
        pytest.param(
            "UPDATE ledger SET leaf = replace(leaf, 'collected', 'missed') WHERE seq = 2", id="a leaf became text"
        ),
        pytest.param(
            "UPDATE ledger SET leaf = CAST(replace(leaf, 'collected', 'missed') AS BLOB) WHERE seq = 2",
            id="a leaf changed",
        ),
    ],
)
def test_what_a_database_owner_did_is_found_and_never_signed(
    store: Store, signer: SigningKey, tmp_path: Path, statement: str
) -> None:
    grow(store, 7)
    with store.write() as tx:
        signed = ledger.checkpoint(tx, AOI, [signer], last := KeptLast())
    spoil(tmp_path / "tenken.db", statement)
    with store.read() as tx:
        assert ledger.verify(tx, AOI, signer.vkey) != []
    with contextlib.suppress(Tampered), store.write() as tx:
        assert ledger.checkpoint(tx, AOI, [signer], last) == signed
