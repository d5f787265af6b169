"""A leaf is canonical, numbered and dated by the store, and claimed once."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.clock import StandingClock
from evidence.errors import AlreadyDone
from evidence.store import Store
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
