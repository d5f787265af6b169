"""The Merkle tree of RFC 9162 section 2.1 over SHA-256. Pure: hashes in, hashes out.

Verifying raises ``Tampered`` and never answers with a truth value that a caller could forget to look at. Producing a
proof for a place that does not exist is the caller's mistake: ``ValueError``.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from evidence.errors import Tampered

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
Place = tuple[int, int]  # of a node that is complete: its level (a leaf's is 0), and its number there
RootOf = Callable[[int, int], bytes]  # the root over the leaves from one place up to another


def leaf_hash(leaf: bytes) -> bytes:
    """Hash one leaf; the prefix keeps a leaf from passing for a node."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbouring subtrees."""
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by one leaf hash at a time and keeps only the roots of its full subtrees."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self._size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} full subtrees, not {len(self._peaks)}")

    @property
    def size(self) -> int:
        """How many leaves it holds."""
        return self._size

    def append(self, one: bytes) -> list[tuple[Place, bytes]]:
        """Add a leaf hash at the end; the nodes above it that are complete now, lowest first."""
        if len(one) != HASH_SIZE:
            raise ValueError(f"a leaf hash has {HASH_SIZE} bytes, not {len(one)}")
        completed: list[tuple[Place, bytes]] = []
        filled = self._size
        while filled & 1:
            one = node_hash(self._peaks.pop(), one)
            filled >>= 1
            completed.append(((len(completed) + 1, filled), one))
        self._peaks.append(one)
        self._size += 1
        return completed

    def root(self) -> bytes:
        """The root of what has been added so far."""
        return joined(self._peaks)


def root(hashes: Iterable[bytes]) -> bytes:
    """The root over all leaf hashes."""
    tree = Tree()
    for one in hashes:
        tree.append(one)
    return tree.root()


def cover(low: int, high: int) -> list[Place]:
    """The complete nodes that the leaves from ``low`` up to ``high`` consist of, from the left.

    ``low`` must be where a subtree of that many leaves can begin, as it does in every proof.
    """
    found: list[Place] = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append((level, low >> level))
        low += 1 << level
    return found


def joined(peaks: Sequence[bytes]) -> bytes:
    """The root over what these complete nodes (of :func:`cover`) hold."""
    if not peaks:
        return EMPTY_ROOT
    above = peaks[-1]
    for peak in reversed(peaks[:-1]):
        above = node_hash(peak, above)
    return above


def inclusion_proof(root_of: RootOf, size: int, index: int) -> tuple[bytes, ...]:
    """The path from the leaf at ``index`` to the root of a tree of ``size``, lowest sibling first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    low, high = 0, size
    path: list[bytes] = []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(root_of(middle, high))
            high = middle
        else:
            path.append(root_of(low, middle))
            low = middle
    return tuple(reversed(path))


def consistency_proof(root_of: RootOf, size: int, older: int) -> tuple[bytes, ...]:
    """The proof that a tree of ``size`` begins with the tree of its first ``older`` leaves."""
    if not 1 <= older <= size:
        raise ValueError(f"no proof from a tree of {older} to a tree of {size}")
    low, high = 0, size
    path: list[bytes] = []
    while older < high:
        middle = low + _split(high - low)
        if older <= middle:
            path.append(root_of(middle, high))
            high = middle
        else:
            path.append(root_of(low, middle))
            low = middle
    if low > 0:  # the subtree that ends where the older tree ends; where it is the whole older tree, it is its root
        path.append(root_of(low, high))
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
