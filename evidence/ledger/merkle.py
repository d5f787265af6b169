"""The Merkle tree of RFC 9162 section 2.1 over SHA-256. Pure: hashes in, hashes out.

Verifying raises ``Tampered`` and never answers with a truth value that a caller could forget to look at. Producing a
proof for a place that does not exist is the caller's mistake: ``ValueError``.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from evidence.errors import Tampered

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf; the prefix keeps a leaf from passing for a node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by one leaf hash at a time and keeps only the roots of its full subtrees."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, hashes: Iterable[bytes] = ()) -> None:
        self._size = 0
        self._peaks: list[bytes] = []
        for one in hashes:
            self.append(one)

    @property
    def size(self) -> int:
        """How many leaves it holds."""
        return self._size

    def append(self, one: bytes) -> None:
        """Add a leaf hash at the end."""
        if len(one) != HASH_SIZE:
            raise ValueError(f"a leaf hash has {HASH_SIZE} bytes, not {len(one)}")
        filled = self._size
        while filled & 1:
            one = node_hash(self._peaks.pop(), one)
            filled >>= 1
        self._peaks.append(one)
        self._size += 1

    def root(self) -> bytes:
        """The root of what has been added so far."""
        if not self._peaks:
            return EMPTY_ROOT
        above = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            above = node_hash(peak, above)
        return above


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over all leaf hashes."""
    return Tree(hashes).root()


def inclusion_proof(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path from the leaf at ``index`` to the root over ``hashes``, lowest sibling first."""
    if not 0 <= index < len(hashes):
        raise ValueError(f"no leaf {index} in a tree of {len(hashes)}")
    low, high = 0, len(hashes)
    path: list[bytes] = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root(hashes[middle:high]))
            high = middle
        else:
            path.append(root(hashes[low:middle]))
            low = middle
    return tuple(reversed(path))


def consistency_proof(hashes: Sequence[bytes], older: int) -> tuple[bytes, ...]:
    """The proof that the tree over ``hashes`` begins with the tree over its first ``older`` leaves."""
    if not 1 <= older <= len(hashes):
        raise ValueError(f"no proof from a tree of {older} to a tree of {len(hashes)}")
    low, high = 0, len(hashes)
    path: list[bytes] = []
    while older < high:
        middle = low + _split(high - low)
        if older <= middle:
            path.append(root(hashes[middle:high]))
            high = middle
        else:
            path.append(root(hashes[low:middle]))
            low = middle
    if low > 0:  # the subtree that ends where the older tree ends; where it is the whole older tree, it is its root
        path.append(root(hashes[low:high]))
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> None:
    """Accept that the leaf hash ``leaf`` stands at ``index`` of the tree (``size``, ``head``); else Tampered."""
    if not 0 <= index < size:
        raise Tampered(f"leaf {index}: outside of a tree of {size}")
    _whole([leaf, head, *path])
    at, last, above = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Tampered(f"leaf {index}: the path is longer than a tree of {size} is high")
        if at & 1 or at == last:
            above = node_hash(sibling, above)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            above = node_hash(above, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered(f"leaf {index}: the path is shorter than a tree of {size} is high")
    if above != head:
        raise Tampered(f"leaf {index}: the path does not lead to the root of the tree of {size}")


def verify_consistency(older: int, older_head: bytes, newer: int, newer_head: bytes, path: Sequence[bytes]) -> None:
    """Accept that the newer tree begins with the whole older tree; else Tampered.

    An empty older tree is refused: everything grows from nothing, so it would prove nothing.
    """
    if not 1 <= older <= newer:
        raise Tampered(f"a tree of {newer} cannot be shown to have grown from a tree of {older}")
    if older == newer:
        if path:
            raise Tampered(f"growth from {older} to {newer}: the proof is too long")
        if older_head != newer_head:
            raise Tampered(f"two different roots for one size {older}")
        return
    _whole([older_head, newer_head, *path])
    steps = list(path) if older & (older - 1) else [older_head, *path]
    if not steps:
        raise Tampered(f"growth from {older} to {newer}: the proof is empty")
    at, last = older - 1, newer - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    below = above = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            raise Tampered(f"growth from {older} to {newer}: the proof is too long")
        if at & 1 or at == last:
            below, above = node_hash(sibling, below), node_hash(sibling, above)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            above = node_hash(above, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise Tampered(f"growth from {older} to {newer}: the proof is too short")
    if below != older_head or above != newer_head:
        raise Tampered(f"growth from {older} to {newer}: the newer tree does not hold the older one unchanged")


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _whole(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise Tampered(f"a hash of another length than {HASH_SIZE} bytes")
