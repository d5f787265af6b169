import base64
import json
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.errors import Tampered
from evidence.ledger import merkle

SIZES = range(71)
LEAVES = [merkle.leaf_hash(str(number).encode()) for number in SIZES]


def among(leaves: Sequence[bytes]) -> merkle.RootOf:
    return lambda low, high: merkle.root(leaves[low:high])


@cache
def by_definition(low: int, high: int) -> bytes:
    """The root as RFC 9162 section 2.1.1 defines it."""
    if high - low == 0:
        return sha256(b"").digest()
    if high - low == 1:
        return LEAVES[low]
    half = 1
    while half * 2 < high - low:
        half *= 2
    return sha256(b"\x01" + by_definition(low, low + half) + by_definition(low + half, high)).digest()


def spoiled(path: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Every proof that differs in one bit, one dropped, one doubled or two swapped nodes, or in one node more."""
    for place, node in enumerate(path):
        for bit in range(256):
            changed = bytearray(node)
            changed[bit // 8] ^= 1 << bit % 8
            yield [*path[:place], bytes(changed), *path[place + 1 :]]
        yield [*path[:place], *path[place + 1 :]]
        yield [*path[: place + 1], node, *path[place + 1 :]]
        for other in range(place):
            swapped = list(path)
            swapped[place], swapped[other] = swapped[other], swapped[place]
            yield swapped
    yield [*path, LEAVES[0]]
    yield [LEAVES[0], *path]
    yield [*path, b""]


def vectors(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))]


def decoded(vector: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(vector[name] or "")


def refuses_inclusion(vector: dict[str, Any]) -> bool:
    path = [base64.b64decode(node) for node in vector["proof"] or ()]
    leaf, head = decoded(vector, "leafHash"), decoded(vector, "root")
    try:
        merkle.verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], path, head)
    except Tampered:
        return True
    return False


def refuses_consistency(vector: dict[str, Any]) -> bool:
    path = [base64.b64decode(node) for node in vector["proof"] or ()]
    older, newer = decoded(vector, "root1"), decoded(vector, "root2")
    try:
        merkle.verify_consistency(vector["size1"], older, vector["size2"], newer, path)
    except Tampered:
        return True
    return False


def test_every_inclusion_vector_of_transparency_dev_is_judged_as_it_says(shared: Path) -> None:
    found = vectors(shared / "data/merkle/testdata/inclusion")
    judged = {vector["desc"] + str(number): refuses_inclusion(vector) for number, vector in enumerate(found)}
    assert len(judged) == 98
    assert judged == {vector["desc"] + str(number): vector["wantErr"] for number, vector in enumerate(found)}


def test_every_consistency_vector_of_transparency_dev_is_judged_as_it_says(shared: Path) -> None:
    found = vectors(shared / "data/merkle/testdata/consistency")
    judged = {vector["desc"] + str(number): refuses_consistency(vector) for number, vector in enumerate(found)}
    assert len(judged) == 98
    assert judged == {vector["desc"] + str(number): vector["wantErr"] for number, vector in enumerate(found)}


@pytest.mark.parametrize("size", SIZES)
def test_the_growing_tree_has_the_root_of_the_definition(size: int) -> None:
    tree = merkle.Tree()
    for one in LEAVES[:size]:
        tree.append(one)
    assert (tree.size, tree.root()) == (size, by_definition(0, size))


@pytest.mark.parametrize("size", SIZES)
def test_each_node_is_told_once_when_its_last_leaf_comes(size: int) -> None:
    tree, told = merkle.Tree(), list[tuple[int, merkle.Place, bytes]]()
    for number, one in enumerate(LEAVES[:size]):
        told += [(number, place, node) for place, node in tree.append(one)]
    whole = {(level, place) for level in range(1, 8) for place in range(size >> level)}
    assert {place for _, place, _ in told} == whole
    assert len(told) == len(whole) == size - size.bit_count()
    assert all(
        node == by_definition(place << level, (place + 1) << level) and number == ((place + 1) << level) - 1
        for number, (level, place), node in told
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_goes_on_growing_from_its_full_subtrees(size: int) -> None:
    peaks = [by_definition(place << level, (place + 1) << level) for level, place in merkle.cover(0, size)]
    tree = merkle.Tree(size, peaks)
    for one in LEAVES[size:]:
        tree.append(one)
    assert merkle.joined(peaks) == by_definition(0, size)
    assert tree.root() == by_definition(0, len(LEAVES))


def test_a_tree_of_other_subtrees_than_its_size_has_is_refused() -> None:
    with pytest.raises(ValueError, match="2 full subtrees, not 1"):
        merkle.Tree(3, [LEAVES[0]])


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_proven(size: int) -> None:
    for index in range(size):
        path = merkle.inclusion_proof(among(LEAVES), size, index)
        merkle.verify_inclusion(LEAVES[index], index, size, path, by_definition(0, size))


@pytest.mark.parametrize("size", SIZES)
def test_growth_from_every_older_size_is_proven(size: int) -> None:
    for older in range(1, size + 1):
        path = merkle.consistency_proof(among(LEAVES), size, older)
        merkle.verify_consistency(older, by_definition(0, older), size, by_definition(0, size), path)


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_spoiled_inclusion_proof_is_refused(size: int) -> None:
    accepted = []
    for index in {0, size // 2, size - 1}:
        path = merkle.inclusion_proof(among(LEAVES), size, index)
        for wrong in spoiled(path):
            try:
                merkle.verify_inclusion(LEAVES[index], index, size, wrong, by_definition(0, size))
            except Tampered:
                continue
            accepted.append((index, wrong))
    assert accepted == []


@pytest.mark.parametrize("size", SIZES[2:])
def test_a_spoiled_consistency_proof_is_refused(size: int) -> None:
    accepted = []
    for older in {1, size // 2, size - 1, size}:
        path = merkle.consistency_proof(among(LEAVES), size, older)
        for wrong in spoiled(path):
            try:
                merkle.verify_consistency(older, by_definition(0, older), size, by_definition(0, size), wrong)
            except Tampered:
                continue
            accepted.append((older, wrong))
    assert accepted == []


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_holds_at_no_other_place(size: int) -> None:
    accepted = []
    for index in range(size):
        path = merkle.inclusion_proof(among(LEAVES), size, index)
        for other in range(-1, size + 1):
            if other == index:
                continue
            try:
                merkle.verify_inclusion(LEAVES[index], other, size, path, by_definition(0, size))
            except Tampered:
                continue
            accepted.append((index, other))
    assert accepted == []


@given(st.data())
def test_a_rewritten_history_has_no_proof_of_growth(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    older = data.draw(st.integers(1, size))
    place = data.draw(st.integers(0, older - 1))
    forged = [*LEAVES[:place], merkle.leaf_hash(b"forged"), *LEAVES[place + 1 : size]]
    path = merkle.consistency_proof(among(forged), size, older)
    with pytest.raises(Tampered):
        merkle.verify_consistency(older, by_definition(0, older), size, merkle.root(forged), path)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=8), st.integers(-2, 80), st.integers(-2, 80))
def test_made_up_proofs_are_refused_by_name(path: list[bytes], one: int, other: int) -> None:
    with pytest.raises(Tampered):
        merkle.verify_inclusion(LEAVES[0], one, other, path, b"\x07" * 32)
    with pytest.raises(Tampered):
        merkle.verify_consistency(one, b"\x05" * 32, other, b"\x07" * 32, path)


@pytest.mark.parametrize(
    ("size", "index"), [pytest.param(0, 0, id="empty"), pytest.param(3, 3, id="past"), pytest.param(3, -1, id="before")]
)
def test_no_inclusion_proof_is_made_of_a_leaf_that_is_not_there(size: int, index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(among(LEAVES), size, index)


@pytest.mark.parametrize(
    ("size", "older"), [pytest.param(3, 0, id="of nothing"), pytest.param(3, 4, id="from the future")]
)
def test_no_consistency_proof_is_made_of_a_size_that_was_not(size: int, older: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof(among(LEAVES), size, older)


def test_a_hash_of_another_length_is_not_added() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.Tree().append(b"short")
