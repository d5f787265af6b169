"""The group's log anchors the heads of the companies: what is cut off or rewritten with its heads shows there."""

import base64
import json

from evidence import ledger
from evidence.ledger import note
from tests.evidence.ledger.test_ledger import AOI, GROUP_KEY, KAEDE, KEY, change_leaf_and_hash, drop_tail, signed_log
from tests.evidence.ledger.twin import Held, KeptLast


def anchored() -> Held:
    """Two companies of which the group log tells, signed."""
    tx = signed_log(4)
    tx.grow(KAEDE, 3)
    tx.sign(GROUP_KEY)
    ledger.anchor(tx, ["KAEDE", "AOI"])
    tx.sign(GROUP_KEY)
    return tx


def test_an_anchor_holds_the_size_and_root_of_each_company() -> None:
    [entry] = anchored().ledger.leaves(ledger.GROUP)
    told = json.loads(entry.leaf)
    assert told["kind"] == "anchor"
    assert [(head["log"], head["size"]) for head in told["heads"]] == [(AOI, 4), (KAEDE, 3)]
    aoi = note.verify_checkpoint(signed_log(4).checkpoints.all(AOI)[0][1], KEY.vkey, AOI)
    assert base64.b64decode(told["heads"][0]["root"]) == aoi.root


def test_the_same_heads_are_anchored_once_and_grown_ones_again() -> None:
    tx = anchored()
    assert ledger.anchor(tx, ["AOI", "KAEDE"]) is None
    tx.grow(AOI, 1)
    assert ledger.anchor(tx, ["AOI", "KAEDE"]) is not None
    assert len(tx.ledger.leaves(ledger.GROUP)) == 2


def test_logs_that_grew_since_their_anchor_have_no_problem() -> None:
    tx = anchored()
    tx.grow(AOI, 9)
    tx.grow(KAEDE, 9)
    assert ledger.verify(tx, ledger.GROUP, GROUP_KEY.vkey) == []


def test_a_log_cut_off_together_with_its_heads_shows_at_the_anchor() -> None:
    tx = anchored()
    drop_tail(tx)
    tx.ledger.rebuild(AOI)
    tx.checkpoints.heads[AOI].clear()
    assert ledger.verify(tx, AOI, KEY.vkey) == []
    [problem] = ledger.verify(tx, ledger.GROUP, GROUP_KEY.vkey)
    assert "anchors 4 entries of tenken/AOI; only 3 are left" in problem


def test_a_log_rewritten_together_with_its_heads_shows_at_the_anchor() -> None:
    tx = anchored()
    change_leaf_and_hash(tx)
    tx.checkpoints.heads[AOI].clear()
    ledger.checkpoint(tx, AOI, [KEY], KeptLast(), anew=True)  # by who holds the key
    assert ledger.verify(tx, AOI, KEY.vkey) == []
    [problem] = ledger.verify(tx, ledger.GROUP, GROUP_KEY.vkey)
    assert "the first 4 entries of tenken/AOI are not those that it anchors" in problem


def test_an_anchor_that_names_no_head_is_a_problem() -> None:
    tx = anchored()
    tx.ledger.append(ledger.GROUP, {"kind": "anchor", "heads": [{"log": AOI}]}, "odd")
    [problem] = ledger.verify(tx, ledger.GROUP, GROUP_KEY.vkey)
    assert "does not name log, size and root" in problem
