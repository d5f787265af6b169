"""A key is followed by another through an entry that both signed; any of the keys leads to all of them."""

from collections.abc import Callable, Mapping

import pytest

from evidence import ledger
from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger import note, rotation
from evidence.ledger.keys import SigningKey
from tests.evidence.ledger.twin import Held, KeptLast

AOI = ledger.log_of("AOI")
ONE, TWO, THREE, OTHER = (SigningKey.from_seed(AOI, seed * 32) for seed in (b"1", b"2", b"3", b"x"))


def change(tx: Held, old: SigningKey, new: SigningKey) -> None:
    entry = rotation.entry(AOI, old, new, "P-1", "yearly")
    tx.ledger.append(AOI, entry, rotation.claim(AOI, new.vkey))


def rotated() -> tuple[Held, KeptLast]:
    """Signed at 2; the key changed by entry 2, signed at 3 and 5; changed by entry 5, signed at 6 and 8."""
    tx, last = Held(), KeptLast()
    tx.grow(AOI, 2)
    tx.sign(ONE, last=last)
    for old, new in ((ONE, TWO), (TWO, THREE)):
        change(tx, old, new)
        tx.sign(old, new, last=last)
        tx.grow(AOI, 2)
        tx.sign(new, last=last)
    return tx, last


def test_the_first_head_after_a_change_bears_both_keys_and_later_ones_the_new_one() -> None:
    tx, _ = rotated()
    by = {2: [ONE], 3: [ONE, TWO], 5: [TWO], 6: [TWO, THREE], 8: [THREE]}
    for size, signed in tx.checkpoints.all(AOI):
        assert {one.key_id for one in note.parse(signed).signatures} == {key.vkey.key_id for key in by[size]}


@pytest.mark.parametrize("key", [ONE, TWO, THREE], ids=["the first", "the second", "the newest"])
def test_whichever_key_one_has_the_log_verifies(key: SigningKey) -> None:
    tx, last = rotated()
    assert ledger.verify(tx, AOI, key.vkey, last.signed) == []
    assert ledger.keys_of(tx, AOI, key.vkey).at(8) == THREE.vkey
    assert [ledger.keys_of(tx, AOI, key.vkey).at(size) for size in (2, 3, 5, 6)] == [
        ONE.vkey, TWO.vkey, TWO.vkey, THREE.vkey,
    ]  # fmt: skip


def test_a_key_that_never_signed_verifies_nothing() -> None:
    tx, _ = rotated()
    assert any("is none of the keys" in problem for problem in ledger.verify(tx, AOI, OTHER.vkey))


def test_a_head_that_the_old_key_signs_after_the_change_is_refused() -> None:
    tx, _ = rotated()
    tx.grow(AOI, 1)
    head = note.Checkpoint(AOI, 9, tx_root(tx))
    tx.checkpoints.add(AOI, 9, note.sign(str(head), [TWO]))
    [problem] = ledger.verify(tx, AOI, ONE.vkey)
    assert "checkpoint of 9: the note is not signed by" in problem


def test_a_first_head_after_a_change_without_the_old_key_is_refused() -> None:
    tx = Held()
    tx.grow(AOI, 2)
    tx.sign(ONE)
    change(tx, ONE, TWO)
    tx.checkpoints.add(AOI, 3, note.sign(str(note.Checkpoint(AOI, 3, tx_root(tx))), [TWO]))
    [problem] = ledger.verify(tx, AOI, ONE.vkey)
    assert f"checkpoint of 3: the note is not signed by {ONE.vkey}" in problem


def tx_root(tx: Held) -> bytes:
    return ledger.prove(tx, AOI, 0).root


def test_without_the_new_key_nothing_is_signed() -> None:
    tx, last = rotated()
    change(tx, THREE, OTHER)
    with pytest.raises(ConfigError, match=r"the signing key of .* is not there"):
        tx.sign(THREE, last=last)
    assert tx.sign(THREE, OTHER, last=last)


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda: _unsigned(ONE, OTHER, [OTHER]), id="signed by the new key alone"),
        pytest.param(lambda: _unsigned(ONE, OTHER, [ONE]), id="signed by the old key alone"),
        pytest.param(lambda: rotation.entry(AOI, OTHER, TWO, "P-1", ""), id="from a key that was not in use"),
        pytest.param(
            lambda: rotation.entry(AOI, ONE, OTHER, "P-1", "") | {"vkey": str(TWO.vkey)},
            id="names another than its note",
        ),
        pytest.param(lambda: rotation.entry("tenken/KAEDE", ONE, OTHER, "P-1", ""), id="of another log"),
        pytest.param(lambda: {"kind": "keychange"}, id="says nothing"),
        pytest.param(lambda: {"kind": "keychange", "note": "a\n\n— b AAAAAAA=\n"}, id="no keys"),
    ],
)
def test_a_forged_change_is_told_and_nothing_is_signed_upon_it(forged: Callable[[], Mapping[str, object]]) -> None:
    tx = Held()
    tx.grow(AOI, 2)
    tx.sign(ONE)
    tx.ledger.append(AOI, forged(), rotation.claim(AOI, OTHER.vkey))
    assert ledger.verify(tx, AOI, ONE.vkey) != []
    with pytest.raises(IntegrityError):
        tx.sign(ONE, OTHER)


def _unsigned(old: SigningKey, new: SigningKey, by: list[SigningKey]) -> Mapping[str, object]:
    text = f"{AOI}/keychange\n{old.vkey}\n{new.vkey}\n"
    return {"kind": "keychange", "vkey": str(new.vkey), "note": note.sign(text, by)}


def test_a_change_that_is_told_twice_is_refused() -> None:
    tx, _ = rotated()
    tx.ledger.append(AOI, rotation.entry(AOI, ONE, TWO, "P-1", ""), f"{rotation.claim(AOI, TWO.vkey)}|again")
    with pytest.raises(Tampered, match="changes a key that was not in use"):
        tx.sign(THREE)
