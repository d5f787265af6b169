"""How a log that is still being written goes on from one collection to the next.

An object that begins with all bytes of one that was collected before is that log, grown: only what stands behind them
is new to its segment, so that lines are covered and counted once however often the log is collected. This is looked
up by digest, hence under any name: of a log that was rotated, with or without gzip, as well.

Of a source that is declared ``growing``, a log that does not begin with what lay under its name at the last
collection, while nothing else does either, has lost its predecessor: what was written to that one after it was
collected, and before it was removed, was never seen, and the chain is broken. It is known only for the live log of a
series: an older one that is removed was read to its end (its name ends in a number, a day or ``.gz``). Nothing is
known, and the chain stands, at the first collection, for a log that disappears under its name altogether (its
silence shows), and in a run that lost an object, which is not complete anyway.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from collectors.formats import Unreadable
from collectors.formats.text import byte_lines
from collectors.sources import Source
from evidence.store.values import FetchedObject
from evidence.vault import Digest, StoredObject, Vault

ROTATED = re.compile(r".+([.-]\d+|\.(gz|bz2|xz|zst|old))")
LINES = ("sshd", "json_lines")


@dataclass(frozen=True, slots=True)
class Begun:
    """The part of an object that was collected before."""

    line: int = 0  # its last whole line
    counted: int = 0  # how many of its lines the format counts


@dataclass(frozen=True, slots=True)
class Series:
    """What the objects of a run have to do with those of earlier runs."""

    begun: Mapping[str, Begun] = field(default_factory=dict)  # by digest; none: nothing of it was collected before
    broken: frozenset[str] = frozenset()  # digests of logs whose predecessor was not seen to its end


def series(source: Source, vault: Vault, objects: Sequence[StoredObject], known: Sequence[FetchedObject]) -> Series:
    """Find what was collected before of these objects; ``known`` in the order of its recording."""
    if source.layout.kind not in LINES or source.layout.records is not None:
        return Series()
    read = [one for one in known if one.mapped is not None]
    counts_blank, wanted = source.layout.kind == "sshd", _by_size(read)
    heads = {str(one.digest): _heads(one, wanted, counts_blank=counts_blank) for one in objects}
    begun = {digest: max(found.values(), key=lambda b: b.line) for digest, found in heads.items() if found}
    if not source.told.growing:
        return Series(begun)
    continued = frozenset(digest for found in heads.values() for digest in found)
    broken = {one.digest for one in objects if _lacks_its_predecessor(one, vault, read, continued)}
    return Series(begun, frozenset(broken))


def _by_size(objects: Sequence[FetchedObject]) -> dict[int, set[str]]:
    told: dict[int, set[str]] = {}
    for one in objects:
        told.setdefault(one.size, set()).add(one.digest)
    return told


def _heads(stored: StoredObject, wanted: Mapping[int, set[str]], *, counts_blank: bool) -> dict[str, Begun]:
    """Which of the wanted digests, by size, are those of the first bytes of an object."""
    sizes = sorted(wanted, reverse=True)
    found: dict[str, Begun] = {}
    hashed, size, lines, counted = sha256(), 0, 0, 0
    try:
        for line in byte_lines(stored):
            while sizes and sizes[-1] < size + len(line):
                at = sizes.pop()
                head = hashed.copy()
                head.update(line[: at - size])
                if head.hexdigest() in wanted[at]:
                    found[head.hexdigest()] = Begun(lines, counted)
            if not sizes:
                return found
            hashed.update(line)
            size += len(line)
            lines += line.endswith(b"\n")
            counted += line.endswith(b"\n") and (counts_blank or bool(line.strip()))
    except Unreadable:
        return found  # told by the format
    if sizes and sizes[-1] == size and hashed.hexdigest() in wanted[size]:
        found[hashed.hexdigest()] = Begun(lines, counted)
    return found


def _lacks_its_predecessor(
    stored: StoredObject, vault: Vault, known: Sequence[FetchedObject], continued: frozenset[str]
) -> bool:
    mine = [number for number, one in enumerate(known) if one.name == stored.name]
    if not mine or ROTATED.fullmatch(stored.name):
        return False
    last = known[mine[-1]]
    if last.digest in continued:
        return False
    wanted = _by_size([last])
    later = (StoredObject(Digest(one.digest), one.size, vault) for one in known[mine[-1] + 1 :])
    return not any(_heads(one, wanted, counts_blank=True) for one in later)
