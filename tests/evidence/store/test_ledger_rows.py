"""A leaf is canonical, numbered and dated by the store, and claimed once."""

import json
import sqlite3
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, event, text

from evidence import ledger
from evidence.clock import StandingClock
from evidence.errors import AlreadyDone, Tampered
from evidence.ledger import merkle
from evidence.store import Store
from evidence.store.values import TimestampRow
from tests.evidence.store.samples import GAP

LOG = "tenken/AOI"
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text('aあ\\\n"', max_size=5)
ENTRIES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)


def test_a_leaf_is_the_canonical_json_of_its_entry(store: Store) -> None:
    with store.write() as tx:
        entry = tx.ledger.append(LOG, {"source": "名簿", "kind": "collected", "objects": ("b", "a"), "rows": 3}, "c1")
    told = (
        '{"at":"2026-03-31T03:00:00.000000Z","kind":"collected","objects":["b","a"],'
        '"rows":3,"seq":0,"source":"名簿","v":1}'
    )
    assert entry.leaf.decode() == told
    assert entry.leaf_hash == sha256(b"\x00" + told.encode()).digest()


def test_entries_are_read_as_they_were_appended(store: Store) -> None:
    with store.write() as tx:
        added = [tx.ledger.append(LOG, {"kind": kind}, kind) for kind in ("b", "a")]
    with store.write() as tx:
        added += tx.ledger.append_all(LOG, [({"kind": "d"}, "d"), ({"kind": "c"}, "c")])
        tx.ledger.append_all(LOG, [])
    with store.read() as tx:
        assert tx.ledger.leaves(LOG) == added
        assert tx.ledger.leaves(LOG, until=3) == added[:3]
        assert [entry.seq for entry in added] == [0, 1, 2, 3]
        assert tx.ledger.size(LOG) == 4


def nodes_of(hashes: list[bytes]) -> dict[merkle.Place, bytes]:
    """All complete nodes above the leaves, each by the definition of the root."""
    levels = range(1, len(hashes).bit_length())
    places = [(level, place) for level in levels for place in range(len(hashes) >> level)]
    return {(level, place): merkle.root(hashes[place << level : (place + 1) << level]) for level, place in places}


@pytest.mark.parametrize("at_once", [[1] * 11, [2, 1, 7, 1], [11], [0, 8, 3]], ids=str)
def test_the_nodes_of_the_tree_come_with_the_leaves(store: Store, at_once: list[int]) -> None:
    for number, count in enumerate(at_once):
        with store.write() as tx:
            tx.ledger.append_all(LOG, [({"kind": "x"}, f"{number} {one}") for one in range(count)])
    with store.read() as tx:
        kept = nodes_of([entry.leaf_hash for entry in tx.ledger.stream(LOG)])
        assert {(level, place): node for level in range(1, 9) for place, node in tx.ledger.level(LOG, level)} == kept
        assert tx.ledger.node_count(LOG) == len(kept) == 8
        leaf = tx.ledger.leaves(LOG)[10].leaf_hash
        assert tx.ledger.nodes(LOG, [(3, 0), (0, 10), (1, 4)]) == [kept[3, 0], leaf, kept[1, 4]]
        assert tx.ledger.nodes(LOG, []) == []


def test_a_node_that_is_gone_is_told(store: Store) -> None:
    with store.write() as tx:
        tx.ledger.append(LOG, {"kind": "x"}, "one")
    with store.read() as tx, pytest.raises(Tampered, match="hash 0 of level 1 is gone"):
        tx.ledger.nodes(LOG, [(0, 0), (1, 0)])


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_proof_costs_sqlite_hardly_more_in_a_log_ten_times_as_long(store: Store) -> None:
    ticks = list[None]()

    def counted(_: object, cursor: sqlite3.Cursor, *__: object) -> None:
        cursor.connection.set_progress_handler(lambda: ticks.append(None), 10)

    def cost(first: int, until: int) -> int:
        with store.write() as tx:
            tx.ledger.append_all(LOG, [({"kind": "x"}, str(one)) for one in range(first, until)])
        with store.read() as tx:
            event.listen(Engine, "before_cursor_execute", counted)
            ticks.clear()
            ledger.prove(tx, LOG, 200)
            event.remove(Engine, "before_cursor_execute", counted)
        return len(ticks)

    short = cost(0, 300)
    assert 0 < short <= cost(300, 3_000) < 2 * short


def test_a_leaf_taken_away_from_under_its_node_is_no_work_of_somebody_else(store: Store, url: str) -> None:
    with store.write() as tx:
        tx.ledger.append_all(LOG, [({"kind": "x"}, "one"), ({"kind": "x"}, "two")])
    drop(url, "DELETE FROM ledger WHERE seq = 1")
    with pytest.raises(Tampered, match="above entry 1 is stored already"), store.write() as tx:
        tx.ledger.append(LOG, {"kind": "x"}, "three")
    with store.read() as tx:
        assert tx.ledger.size(LOG) == 1


def drop(url: str, statement: str) -> None:
    """Do what a database owner can do, who takes the guards away."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER ledger_no_delete"))
        else:
            connection.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        assert connection.execute(text(statement)).rowcount == 1
    engine.dispose()


def test_entries_are_found_by_what_they_claim(store: Store) -> None:
    claims = [
        "keychange|tenken/AOI|1",
        "keychange|tenken/AOI|2",
        "keychange|tenken/AOI",
        "keychange|tenken/AOI2|1",
        "l",
    ]
    with store.write() as tx:
        tx.ledger.append_all(LOG, [({"kind": "x"}, claim) for claim in claims])
        tx.ledger.append("tenken/AOI2", {"kind": "x"}, "keychange|tenken/AOI|3")
    with store.read() as tx:
        found = tx.ledger.claimed_under(LOG, "keychange|tenken/AOI|")
        assert [entry.claim_key for entry in found] == claims[:2]
        assert [tx.ledger.claimed(claim) for claim in (claims[0], "m")] == [True, False]
        assert tx.ledger.claimed_twice(LOG) == []


def test_a_claim_that_stands_twice_is_found_where_nothing_keeps_it_from_it(store: Store, url: str) -> None:
    with store.write() as tx:
        tx.ledger.append_all(LOG, [({"kind": "x"}, str(number)) for number in range(4)])
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        pytest.skip("SQLite drops no constraint of a table")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE ledger DROP CONSTRAINT uq_ledger_claim_key"))
        connection.execute(text("UPDATE ledger SET claim_key = '1' WHERE seq = 3"))
    engine.dispose()
    with store.read() as tx:
        assert tx.ledger.claimed_twice(LOG) == [(1, 3)]


def test_time_stamps_are_kept_as_they_came(store: Store) -> None:
    rows = [
        TimestampRow(LOG, 3, b"\x00good", None), TimestampRow(LOG, 5, None, "no answer"),
        TimestampRow(LOG, 5, b"bad", "of another head"), TimestampRow(LOG, 4, b"later", None),
    ]  # fmt: skip
    with store.write() as tx:
        for one in rows:
            tx.timestamps.add(one)
    with store.read() as tx:
        assert [replace(one, recorded_at=None) for one in tx.timestamps.all(LOG)] == rows
        found = [tx.timestamps.good(LOG, size) for size in (None, 3, 5)]
        assert [one and one.token for one in found] == [b"later", b"\x00good", None]


def test_each_log_has_its_own_numbers(store: Store) -> None:
    with store.write() as tx:
        for place, log in enumerate(("tenken/group", LOG, "tenken/group")):
            tx.ledger.append(log, {"kind": "x"}, str(place))
        assert tx.ledger.logs() == [LOG, "tenken/group"]
        assert [tx.ledger.size(log) for log in (LOG, "tenken/group", "tenken/none")] == [1, 2, 0]
        assert tx.ledger.leaves("tenken/none") == []


@pytest.mark.parametrize("log", [LOG, "tenken/group"], ids=["in the same log", "in another log"])
def test_a_claim_made_twice_undoes_all_of_its_transaction(store: Store, log: str) -> None:
    with store.write() as tx:
        tx.ledger.append(LOG, {"kind": "collected"}, "slot")
    with pytest.raises(AlreadyDone, match="slot"), store.write() as tx:
        tx.gaps.add(GAP)
        tx.ledger.append(log, {"kind": "judged"}, "new")
        tx.ledger.append(log, {"kind": "collected"}, "slot")
    with store.read() as tx:
        assert [(name, tx.ledger.size(name)) for name in tx.ledger.logs()] == [(LOG, 1)]
        assert tx.gaps.all() == []


def test_a_claim_made_twice_in_one_statement_leaves_nothing(store: Store) -> None:
    with pytest.raises(AlreadyDone), store.write() as tx:
        tx.ledger.append_all(LOG, [({"kind": "a"}, "same"), ({"kind": "b"}, "same")])
    assert store.last_commit() is None


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"score": 0.5}, id="a float"),
        pytest.param({"deep": [{"score": 1.0}]}, id="a float within"),
        pytest.param({"rows": 2**53}, id="an integer that JSON readers round"),
        pytest.param({"name": "は\u3099"}, id="text that is not NFC"),
        pytest.param({"name": "\ud800"}, id="half a character"),
        pytest.param({"名": 1}, id="a name that is not ASCII"),
        pytest.param({1: 1}, id="a name that is not text"),
        pytest.param({"at": "2020-01-01"}, id="a time of its own"),
        pytest.param({"seq": 0}, id="a number of its own"),
        pytest.param({"v": 2}, id="a format of its own"),
        pytest.param({"leaf": b"x"}, id="bytes"),
        pytest.param({"all": {1, 2}}, id="a set"),
    ],
)
def test_what_has_no_one_form_cannot_be_appended(store: Store, entry: dict[Any, Any]) -> None:
    with pytest.raises(ValueError), store.write() as tx:
        tx.ledger.append(LOG, entry, "c")
    assert store.last_commit() is None


def test_a_refused_entry_does_not_tell_its_content(store: Store) -> None:
    with pytest.raises(ValueError, match=r"entry\.who") as refused, store.write() as tx:
        tx.ledger.append(LOG, {"who": "か\u3099くと"}, "c")
    assert "くと" not in str(refused.value)


@given(entry=st.dictionaries(st.text("abc", max_size=3), ENTRIES, max_size=4))
def test_a_leaf_says_what_its_entry_said(shared_store: tuple[Store, StandingClock], entry: dict[str, Any]) -> None:
    store, _ = shared_store
    with store.write() as tx:
        seq = tx.ledger.size(LOG)
        tx.ledger.append(LOG, entry, f"claim {seq}")
        at = tx.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        [leaf] = tx.ledger.leaves(LOG)[seq:]
    assert json.loads(leaf.leaf) == entry | {"v": 1, "seq": seq, "at": at}


def test_the_latest_checkpoint_is_of_the_greatest_size(store: Store) -> None:
    heads = [(3, "three"), (5, "five"), (5, "five again"), (4, "four")]
    for size, note in heads:
        with store.write() as tx:
            tx.checkpoints.add(LOG, size, note)
    with store.read() as tx:
        assert tx.checkpoints.latest(LOG) == (5, "five again")
        assert tx.checkpoints.all(LOG) == heads
        assert (tx.checkpoints.latest("tenken/group"), tx.checkpoints.all("tenken/group")) == (None, [])
