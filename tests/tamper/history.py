"""What the holder of the key writes anew and signs: a ledger that agrees with itself, of another history."""

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

from evidence.ledger.keys import SigningKey
from tests.reports.packed import OBJECTS, reseal, rewrite_ledger
from tests.tamper.ground import Forge, Forged, Ground
from tests.tamper.made import Made, taken_away

SHOWN = (
    "judged",
    "purge_requested",
    "purged",
)  # entries that the rest of a pack must fit, so that they are missed when they are gone


def back_dated(chance: Random) -> Callable[[list[dict[str, Any]]], object]:
    def change(leaves: list[dict[str, Any]]) -> None:
        judged = next(place for place, leaf in enumerate(leaves) if leaf["kind"] == "judged")
        for leaf in leaves[: 1 + chance.randrange(max(judged, 1))]:  # in the order of time, or both see it alone
            leaf["at"] = "2019-01-01T00:00:00.000000Z"

    return change


def anew(made: Made, key: SigningKey, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """The ledger and what shows it, written anew; the time stamp of the old head is left out, as a forger would."""
    rewrite_ledger(made.folder, key, change)
    for name in ("checkpoint.tsr", "tsa-chain.pem"):
        (made.folder / name).unlink(missing_ok=True)


def rewritten(change: Callable[[Random], Callable[[list[dict[str, Any]]], object]]) -> Forge:
    """A self-consistent ledger that the issuer wrote anew and signed; the auditor was there before."""

    def forge(ground: Ground) -> Forged:
        made = ground.made(
            lambda made: len(made.keys) == 1 and (made.folder / "ledger.jsonl").read_bytes().count(b"\n") > 3
        )
        numbered = change(ground.chance)

        def follow(leaves: list[dict[str, Any]]) -> None:
            places = {id(leaf): place for place, leaf in enumerate(leaves)}
            numbered(leaves)
            moved = {places[id(leaf)]: place for place, leaf in enumerate(leaves) if id(leaf) in places}
            for place, leaf in enumerate(leaves):
                leaf["seq"] = place
            _follow(made.folder, moved)

        anew(made, made.key, follow)
        reseal(made.folder, made.key)
        return Forged(made.folder, made.vkeys()[-1], made.visits[-1])

    return forge


def _follow(pack: Path, moved: dict[int, int]) -> None:
    """The objects go where their entries went."""
    kept = []
    for line in (pack / OBJECTS).read_bytes().splitlines():
        told = json.loads(line)
        if told["entry"] in moved:
            kept.append(json.dumps(told | {"entry": moved[told["entry"]]}, sort_keys=True).encode() + b"\n")
        elif "file" in told:
            taken_away(pack / told["file"])
    (pack / OBJECTS).write_bytes(b"".join(kept))


def unjudged(leaves: list[dict[str, Any]], chance: Random) -> int:
    """A place whose entry nothing else of the pack must fit: that would be seen anyway."""
    return chance.choice([place for place, leaf in enumerate(leaves) if leaf["kind"] not in SHOWN])


def reordered(chance: Random) -> Callable[[list[dict[str, Any]]], object]:
    def change(leaves: list[dict[str, Any]]) -> None:
        told = [json.dumps({**leaf, "at": "", "seq": 0}, sort_keys=True) for leaf in leaves]
        pairs = [pair for pair in combinations(range(len(leaves)), 2) if told[pair[0]] != told[pair[1]]]
        one, other = chance.choice(pairs)  # two that say the same have no order
        leaves[one], leaves[other] = leaves[other], leaves[one]
        leaves[one]["at"], leaves[other]["at"] = leaves[other]["at"], leaves[one]["at"]

    return change
