import base64
import contextlib
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import ledger
from evidence.errors import IntegrityError, Tampered
from evidence.ledger import merkle, note
from evidence.ledger.keys import SigningKey
from tests.evidence.ledger.twin import Held, KeptLast

AOI = ledger.log_of("AOI")
KAEDE = ledger.log_of("KAEDE")
KEY = SigningKey.from_seed(AOI, b"a" * 32)
GROUP_KEY = SigningKey.from_seed(ledger.GROUP, b"g" * 32)


def signed_log(*sizes: int) -> Held:
    """A log that was signed at each of these sizes."""
    tx = Held()
    for size in sizes:
        tx.grow(AOI, size - len(tx.ledger.leaves(AOI)))
        tx.sign(KEY)
    return tx


def test_a_commitment_is_the_hash_of_prefix_salt_and_digest() -> None:
    salt, digest = b"s" * 32, sha256(b"bytes").digest()
    assert ledger.commitment(salt, digest) == sha256(b"\x02" + salt + digest).digest()


@pytest.mark.parametrize(("salt", "digest"), [(31, 33), (33, 31), (32, 64), (0, 32)])
def test_a_commitment_of_other_lengths_is_refused(salt: int, digest: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ledger.commitment(b"s" * salt, b"d" * digest)


@pytest.mark.parametrize("company", ["group", "GROUP", "Group"])
def test_no_company_can_take_the_groups_log(company: str) -> None:
    with pytest.raises(ValueError, match="group"):
        ledger.log_of(company)


@given(st.lists(st.integers(0, 70), min_size=1, max_size=5))
def test_a_log_that_only_grew_is_signed_each_time_and_has_no_problem(sizes: list[int]) -> None:
    tx = signed_log(*sorted(sizes))
    assert ledger.verify(tx, AOI, KEY.vkey) == []
    assert [size for size, _ in tx.checkpoints.all(AOI)] == sorted(set(sizes))


def test_a_checkpoint_tells_size_and_root() -> None:
    tx = Held()
    tx.grow(AOI, 5)
    head = note.verify_checkpoint(tx.sign(KEY), KEY.vkey, AOI)
    assert head == note.Checkpoint(AOI, 5, merkle.root([one.leaf_hash for one in tx.ledger.leaves(AOI)]))


def test_the_same_size_again_gives_the_stored_note() -> None:
    tx = signed_log(5)
    stored = note.sign(tx.checkpoints.all(AOI)[0][1].partition("\n\n")[0] + "\n", [KEY, GROUP_KEY])
    tx.checkpoints.heads[AOI] = [(5, stored)]
    assert tx.sign(KEY) == stored
    assert tx.checkpoints.all(AOI) == [(5, stored)]


def test_the_key_of_another_log_does_not_sign() -> None:
    tx = Held()
    with pytest.raises(ValueError, match="does not sign"):
        ledger.checkpoint(tx, AOI, [GROUP_KEY], KeptLast())


def drop_tail(tx: Held) -> None:
    del tx.ledger.logs[AOI][-1]


def drop_head(tx: Held) -> None:
    del tx.ledger.logs[AOI][0]


def drop_middle(tx: Held) -> None:
    del tx.ledger.logs[AOI][3]


def drop_all(tx: Held) -> None:
    tx.ledger.logs[AOI].clear()


def drop_and_renumber(tx: Held) -> None:
    del tx.ledger.logs[AOI][3]
    tx.ledger.logs[AOI] = [replace(entry, seq=place) for place, entry in enumerate(tx.ledger.logs[AOI])]


def swap(tx: Held) -> None:
    entries = tx.ledger.logs[AOI]
    entries[2], entries[3] = entries[3], entries[2]


def swap_and_renumber(tx: Held) -> None:
    swap(tx)
    tx.ledger.logs[AOI] = [replace(entry, seq=place) for place, entry in enumerate(tx.ledger.logs[AOI])]


def double(tx: Held) -> None:
    tx.ledger.logs[AOI].insert(3, tx.ledger.logs[AOI][3])


def double_in_the_place_of_another(tx: Held) -> None:
    tx.ledger.logs[AOI][4] = tx.ledger.logs[AOI][3]


def change_leaf(tx: Held) -> None:
    entry = tx.ledger.logs[AOI][3]
    tx.ledger.logs[AOI][3] = replace(entry, leaf=entry.leaf.replace(b"collected", b"missed"))


def change_leaf_and_hash(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 3, tx.ledger.logs[AOI][3].leaf.replace(b"collected", b"missed"))


def backdate(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 3, tx.ledger.logs[AOI][3].leaf.replace(b"2026-04-01", b"2026-03-31"))


TAMPERS: list[Callable[[Held], None]] = [
    drop_tail,
    drop_head,
    drop_middle,
    drop_all,
    drop_and_renumber,
    swap,
    swap_and_renumber,
    double,
    double_in_the_place_of_another,
    change_leaf,
    change_leaf_and_hash,
    backdate,
]


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_what_was_done_to_a_signed_log_is_found(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4, 7)
    tamper(tx)
    assert ledger.verify(tx, AOI, KEY.vkey) != []


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_a_log_that_was_tampered_with_is_signed_as_it_was_or_not_at_all(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4, 7)
    before = list(tx.checkpoints.all(AOI))
    tamper(tx)
    with contextlib.suppress(Tampered):
        assert tx.sign(KEY) == before[-1][1]
    assert tx.checkpoints.all(AOI) == before


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_no_head_is_signed_over_a_log_whose_hashes_were_made_anew(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4, 7)
    before = list(tx.checkpoints.all(AOI))
    tamper(tx)
    tx.ledger.rebuild(AOI)
    with pytest.raises(Tampered):
        tx.sign(KEY)
    assert tx.checkpoints.all(AOI) == before


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_it_is_not_signed_when_it_grew_again_either(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4, 7)
    tamper(tx)
    tx.ledger.rebuild(AOI)
    with pytest.raises(Tampered):
        for number in range(9):
            tx.ledger.append(AOI, {"kind": "collected"}, f"later-{number}")
        tx.sign(KEY)


@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_without_the_last_signed_head_it_would_be_signed(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4, 7)
    tamper(tx)
    tx.ledger.logs[AOI] = [replace(entry, seq=place) for place, entry in enumerate(tx.ledger.leaves(AOI))]
    tx.ledger.rebuild(AOI)
    tx.checkpoints.heads[AOI].clear()
    assert tx.sign(KEY)


@pytest.mark.parametrize("size", [1, 2, 1023, 1024, 1025])
def test_signing_and_proving_read_few_hashes(size: int) -> None:
    tx = signed_log(size // 3, size)
    tx.grow(AOI, 1)
    tx.ledger.read.clear()
    tx.sign(KEY)
    assert len(tx.ledger.read) <= 3 * size.bit_length() + 3
    tx.ledger.read.clear()
    ledger.prove(tx, AOI, size // 2)
    assert len(tx.ledger.read) <= 3 * size.bit_length() + 3


def spoil_a_node(tx: Held) -> None:
    tx.ledger.trees[AOI][1, 1] = b"n" * 32


def drop_a_node(tx: Held) -> None:
    del tx.ledger.trees[AOI][1, 1]


def add_a_node(tx: Held) -> None:
    tx.ledger.trees[AOI][3, 0] = b"n" * 32


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        pytest.param(spoil_a_node, "stored hash 1 of level 1: is not what the leaves give", id="another"),
        pytest.param(drop_a_node, "stored hash 1 of level 1: is not what the leaves give", id="gone"),
        pytest.param(add_a_node, "5 hashes are stored above the leaves, which give 4", id="one more"),
    ],
)
def test_a_stored_hash_that_is_not_what_the_leaves_give_is_named(tamper: Callable[[Held], None], found: str) -> None:
    tx = signed_log(7)
    tamper(tx)
    assert ledger.verify(tx, AOI, KEY.vkey) == [f"{AOI}: {found}"]


def test_a_stored_hash_that_was_spoiled_is_neither_signed_nor_proven() -> None:
    tx = signed_log(5)
    tx.grow(AOI, 2)
    tx.ledger.trees[AOI][2, 0] = b"n" * 32
    with pytest.raises(Tampered):
        tx.sign(KEY)
    with pytest.raises(Tampered):
        ledger.prove(tx, AOI, 2)


def test_a_leaf_that_is_not_the_one_of_the_tree_is_not_proven() -> None:
    tx = signed_log(7)
    change_leaf(tx)
    with pytest.raises(Tampered):
        ledger.prove(tx, AOI, 3)
    assert ledger.prove(tx, AOI, 2)


def test_of_a_log_that_is_wrong_all_over_the_first_problems_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence.ledger.audit.MOST", 3)
    tx = signed_log(7)
    drop_head(tx)
    assert len(ledger.verify(tx, AOI, KEY.vkey)) == 3


def claim_twice(tx: Held) -> None:
    tx.ledger.logs[AOI][6] = replace(tx.ledger.logs[AOI][6], claim_key="slot-2")


def drop_behind_the_head(tx: Held) -> None:
    del tx.ledger.logs[AOI][6]


def backdate_behind_the_head(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 6, tx.ledger.logs[AOI][6].leaf.replace(b"2026-04-01", b"2026-03-31"))


def forget_the_time(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 6, b'{"seq":6,"at":"2026-04-01T00:00:06"}')


def forget_the_number(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 6, b'{"at":"2026-04-01T00:00:06+00:00"}')


def not_json(tx: Held) -> None:
    tx.ledger.rewrite(AOI, 6, b"\xff" + b"[" * 100_000)


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        pytest.param(change_leaf, "entry 3: the leaf is not the one that was hashed", id="a leaf"),
        pytest.param(claim_twice, "entry 6: claims what entry 2 claimed already", id="a claim twice"),
        pytest.param(drop_behind_the_head, "entry 6: has the number 7", id="a hole"),
        pytest.param(backdate_behind_the_head, "entry 6: was written before", id="a time that goes back"),
        pytest.param(forget_the_time, "entry 6: the leaf does not say when", id="a time without zone"),
        pytest.param(forget_the_number, "entry 6: the leaf does not say that it is number 6", id="no number"),
        pytest.param(not_json, "entry 6: the leaf does not say that it is number 6", id="not JSON"),
    ],
)
def test_what_was_done_behind_the_last_head_is_found_where_it_shows(tamper: Callable[[Held], None], found: str) -> None:
    tx = signed_log(4)
    tx.grow(AOI, 5)
    tamper(tx)
    assert any(found in problem for problem in ledger.verify(tx, AOI, KEY.vkey))


def sign_another_root(tx: Held) -> None:
    tx.checkpoints.heads[AOI][0] = (4, note.sign(str(note.Checkpoint(AOI, 4, b"r" * 32)), [KEY]))


def sign_another_size(tx: Held) -> None:
    tx.checkpoints.heads[AOI][0] = (3, tx.checkpoints.heads[AOI][0][1])


def sign_with_another_key(tx: Held) -> None:
    forger = SigningKey.from_seed(AOI, b"f" * 32)
    tx.checkpoints.heads[AOI][0] = (4, note.sign(tx.checkpoints.heads[AOI][0][1].partition("\n\n")[0] + "\n", [forger]))


def sign_another_log(tx: Held) -> None:
    tx.checkpoints.heads[AOI][0] = (4, note.sign(str(note.Checkpoint(KAEDE, 4, b"r" * 32)), [KEY]))


def spoil_note(tx: Held) -> None:
    tx.checkpoints.heads[AOI][0] = (4, tx.checkpoints.heads[AOI][0][1] + "\n")


@pytest.mark.parametrize(
    "tamper",
    [sign_another_root, sign_another_size, sign_with_another_key, sign_another_log, spoil_note],
    ids=lambda tamper: tamper.__name__,
)
def test_a_forged_head_is_found_and_nothing_is_signed_upon_it(tamper: Callable[[Held], None]) -> None:
    tx = signed_log(4)
    tx.grow(AOI, 3)
    tamper(tx)
    [problem] = ledger.verify(tx, AOI, KEY.vkey)
    assert problem.startswith("tenken/AOI: checkpoint of ")
    with pytest.raises(IntegrityError):
        tx.sign(KEY)


@given(st.data())
def test_every_entry_is_proven_in_every_size(data: st.DataObject) -> None:
    tx = Held()
    tx.grow(AOI, data.draw(st.integers(1, 70)))
    size = data.draw(st.integers(1, len(tx.ledger.leaves(AOI))))
    seq = data.draw(st.integers(0, size - 1))
    proof = ledger.prove(tx, AOI, seq, size)
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.seq, proof.size, proof.path, proof.root)
    assert proof.root == merkle.root([one.leaf_hash for one in tx.ledger.leaves(AOI, size)])


@pytest.mark.parametrize(
    ("seq", "size"),
    [pytest.param(5, None, id="past the end"), pytest.param(-1, None, id="before"), pytest.param(2, 6, id="too large")],
)
def test_an_entry_that_is_not_there_is_not_proven(seq: int, size: int | None) -> None:
    with pytest.raises(ValueError, match="it holds 5"):
        ledger.prove(signed_log(5), AOI, seq, size)


def test_a_proof_file_holds_place_path_and_signed_head() -> None:
    tx = signed_log(5)
    signed = tx.sign(KEY)
    kind, index, *rest = ledger.prove(tx, AOI, 4).text(signed).split("\n")
    assert (kind, index) == ("c2sp.org/tlog-proof@v1", "index 4")
    path = [base64.b64decode(one) for one in rest[: rest.index("")]]
    head = note.verify_checkpoint("\n".join(rest[rest.index("") + 1 :]), KEY.vkey, AOI)
    merkle.verify_inclusion(tx.ledger.leaves(AOI)[4].leaf_hash, 4, head.size, path, head.root)
