"""What an issuer can do with tombstones: leave out what it did not purge, show what it says that it did."""

import json
from typing import Any

from evidence.ledger import commitment
from tests.reports.packed import OBJECTS, reseal, rewrite_ledger
from tests.tamper.ground import Forge, Forged, Ground
from tests.tamper.made import Made, taken_away


def with_objects(made: Made) -> bool:
    return len(made.keys) == 1 and (made.folder / OBJECTS).stat().st_size > 0


def purged(
    ground: Ground, made: Made, place: int | None, *, shown: bool, asked: str | None = "W-2", told: str | None = "W-2"
) -> None:
    """Write a tombstone of one object at a ``place`` of the ledger (None: its end), and leave the object out unless
    it is ``shown``. It was ``asked`` for by somebody or by nobody, as the tombstone ``told`` or did not."""
    lines = [json.loads(line) for line in (made.folder / OBJECTS).read_bytes().splitlines()]
    gone = ground.chance.choice(lines)
    erased = commitment(bytes.fromhex(gone["salt"]), bytes.fromhex(gone["sha256"])).hex()
    about = {"v": 1, "request": 7, "source": "log", "until": "2026-06-30", "why": "retention"}
    told_of = {"requested_by": told} if told else {}
    entries = [{**about, "kind": "purge_requested", "actor": asked}] if asked else []
    entries.append({**about, "kind": "purged", "actor": "W-1", **told_of, "erased": [erased]})

    def write(leaves: list[dict[str, Any]]) -> None:
        at = len(leaves) if place is None else place
        leaves[at:at] = [{**one, "at": leaves[at - 1 if at else 0]["at"]} for one in entries]
        for number, leaf in enumerate(leaves):
            leaf["seq"] = number
        for line in lines:
            line["entry"] += len(entries) if line["entry"] >= at else 0

    rewrite_ledger(made.folder, made.key, write)
    for name in ("checkpoint.tsr", "tsa-chain.pem"):
        (made.folder / name).unlink(missing_ok=True)
    kept = [line for line in lines if shown or line is not gone]
    (made.folder / OBJECTS).write_bytes(b"".join(json.dumps(line, sort_keys=True).encode() + b"\n" for line in kept))
    if not shown and "file" in gone:
        taken_away(made.folder / gone["file"])
    reseal(made.folder, made.key)


def with_tombstone(*, first: bool, shown: bool) -> Forge:
    """A pack sealed after a tombstone was written, ``first`` of all or where it belongs."""

    def forge(ground: Ground) -> Forged:
        made = ground.made(with_objects)
        purged(ground, made, 0 if first else None, shown=shown)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def by_one_hand(ground: Ground) -> Forged:
    """A pack sealed after one person wrote a tombstone alone: asked for by nobody, by itself, or by somebody else."""
    made = ground.made(with_objects)
    asked, told = ground.chance.choice([(None, None), (None, "W-2"), ("W-1", "W-1"), ("W-1", "W-2"), ("W-2", None)])
    purged(ground, made, None, shown=False, asked=asked, told=told)
    return Forged(made.folder, made.vkeys()[-1])
