"""The classes of tampering of promises.md 3.4 and 5.5, each listed once: what is done, by whom, and what sees it.

A class makes one forged pack of a seed: of packs made from seeds (tests/tamper/made.py), or, where a forgery has a name
(tests/reports/forgeries.py, test_pack_issuer.py), of the real ones of a small group. What an outsider does is seen with
the company's key; what the issuer itself does before it seals, by what its ledger recorded; a ledger that it wrote
anew, by the checkpoint of an earlier visit and by nothing else.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from evidence.ledger.keys import SigningKey
from evidence.ledger.note import Signature, sign
from tests.outside import CODE
from tests.reports import forgeries, test_pack_issuer
from tests.reports.packed import CUSTODY, GAPS, OBJECTS, SEAL, reseal, resum, rewrite_ledger
from tests.tamper.ground import (
    JUDGED,
    LISTS,
    Class,
    Forge,
    Forged,
    Ground,
    by_issuer,
    by_outsider,
    files,
    flip_bit,
    flipped,
    named,
    named_of_issuer,
)
from tests.tamper.made import Made


def _missing(ground: Ground, made: Made) -> None:
    ground.one(made.folder).unlink()


def _exchanged(ground: Ground, made: Made) -> None:
    one, other = ground.one(made.folder), ground.one(made.folder)
    while one.read_bytes() == other.read_bytes():
        other = ground.one(made.folder)
    here, there = one.read_bytes(), other.read_bytes()
    one.write_bytes(there)
    other.write_bytes(here)


def _resized(ground: Ground, made: Made) -> None:
    path = ground.one(made.folder)
    content = path.read_bytes()
    cut = content[: ground.chance.randrange(len(content))]
    path.write_bytes(ground.chance.choice((cut, content + b"\n", content + content[-9:])))


def _shortened(ground: Ground, made: Made) -> None:
    path = made.folder / ground.chance.choice(LISTS)
    lines = path.read_bytes().splitlines(keepends=True)
    place = ground.chance.randrange(len(lines))
    path.write_bytes(ground.chance.choice((b"", b"".join(lines[:place] + lines[place + 1 :]))))


def _noted(ground: Ground, made: Made) -> None:
    """A note in another form: what two readers could see differently."""
    path = made.folder / ground.chance.choice((SEAL, "checkpoint"))
    text = path.read_bytes()
    place = ground.chance.randrange(len(text))
    more = ground.chance.choice(
        (b"\r", b"\n", b"\n\n", b"\0", b"\x1b", b" ", b"\t", "\u2028".encode(), b"\x7f", b"A", b"=")
    )
    path.write_bytes(text[:place] + more + text[place:])


def _entry_changed(ground: Ground, made: Made) -> None:
    lines = (made.folder / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    place = ground.chance.randrange(len(lines))
    told = json.loads(lines[place]) | {"actor": "W-9"}
    lines[place] = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    (made.folder / "ledger.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def _back_dated(chance: Random) -> Callable[[list[dict[str, Any]]], object]:
    return lambda leaves: leaves[chance.randrange(len(leaves))].update(at="2019-01-01T00:00:00+00:00")


def _anew(made: Made, key: SigningKey, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """The ledger and what shows it, written anew; the time stamp of the old head is left out, as a forger would."""
    rewrite_ledger(made.folder, key, change)
    for name in ("checkpoint.tsr", "tsa-chain.pem"):
        (made.folder / name).unlink(missing_ok=True)


def _signed_by_nobody(ground: Ground, made: Made) -> None:
    """History rewritten whole, root and custody too; the signature is that of the old head."""
    signature = (made.folder / "checkpoint").read_bytes().rpartition(b"\n\n")[2]
    _anew(made, made.key, _back_dated(ground.chance))
    text = (made.folder / "checkpoint").read_bytes().rpartition(b"\n\n")[0]
    (made.folder / "checkpoint").write_bytes(text + b"\n\n" + signature)


def _all_by(key: Callable[[Made, Random], SigningKey]) -> Forge:
    """Everything made anew and consistent, and signed by somebody else."""

    def forge(ground: Ground) -> Forged:
        made = ground.made()
        other = key(made, ground.chance)
        _anew(made, other, _back_dated(ground.chance))
        reseal(made.folder, other)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def _colliding(ground: Ground) -> Forged:
    """Signed by another key whose lines bear the id of the company's."""
    made = ground.made()
    other = SigningKey.from_seed(made.key.vkey.name, ground.chance.randbytes(32))
    _anew(made, other, _back_dated(ground.chance))
    _under_the_id_of(made, made.folder / "checkpoint")
    reseal(made.folder, other)
    _under_the_id_of(made, made.folder / SEAL)
    return Forged(made.folder, made.vkeys()[-1])


def _under_the_id_of(made: Made, path: Path) -> None:
    start, _, encoded = path.read_text("utf-8").rstrip("\n").rpartition(" ")
    blob = made.key.vkey.key_id + base64.b64decode(encoded)[4:]
    path.write_text(f"{start} {base64.b64encode(blob).decode()}\n", "utf-8", newline="")


def _of_another_log(ground: Ground, made: Made) -> None:
    text = (made.folder / "checkpoint").read_text("utf-8").rpartition("\n\n")[0] + "\n"
    changed = ground.chance.choice((text.replace(made.key.vkey.name, "tenken/OTHER"), text))
    other = SigningKey.from_seed("tenken/OTHER", ground.chance.randbytes(32))
    key = other if changed == text else ground.chance.choice((made.key, other))
    (made.folder / "checkpoint").write_text(sign(changed, [key]), "utf-8", newline="")


def _mixed(ground: Ground) -> Forged:
    """Parts of two genuine packs."""
    from tests.reports.test_pack_forged import MIXED, THE_SAME

    other, names = ground.chance.choice(
        sorted({(pack, name) for pack in ("raw", "other", "later") for name in MIXED} - THE_SAME)
    )
    pack = ground.real("masked")
    for name in MIXED[names]:
        (pack / name).write_bytes((ground.issued.folder / other / name).read_bytes())
    resum(pack)
    return Forged(pack, ground.issued.vkey(CODE))


def _other_verifier(ground: Ground, made: Made) -> None:
    path = made.folder / ground.chance.choice(("verify.py", "verify.html"))
    path.write_text("print('○ ORIGIN VERIFIED')\n" + "#" * ground.chance.randrange(99), "utf-8")


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _object_left_out(ground: Ground, made: Made) -> None:
    lines = _lines(made.folder / OBJECTS)
    gone = json.loads(lines.pop(ground.chance.randrange(len(lines))))
    (made.folder / OBJECTS).write_bytes(b"".join(lines))
    if "file" in gone:
        (made.folder / gone["file"]).unlink()


def _object_exchanged(ground: Ground, made: Made) -> None:
    lines = _lines(made.folder / OBJECTS)
    place = ground.chance.randrange(len(lines))
    told = json.loads(lines[place])
    change = ground.chance.choice(("sha256", "salt", "entry"))
    told[change] = told["entry"] + 1 if change == "entry" else ground.chance.randbytes(32).hex()
    lines[place] = json.dumps(told, sort_keys=True).encode() + b"\n"
    (made.folder / OBJECTS).write_bytes(b"".join(lines))


def _raw_changed(ground: Ground, made: Made) -> None:
    path = ground.one(made.folder, "data/06_raw/")
    path.write_bytes(path.read_bytes() + b"x")


def _judged_changed(ground: Ground, made: Made) -> None:
    flip_bit(ground.one(made.folder, *JUDGED), ground.chance)


def _judged_missing(ground: Ground, made: Made) -> None:
    ground.one(made.folder, *JUDGED).unlink()


def _judged_more(ground: Ground, made: Made) -> None:
    folder = ground.one(made.folder, *JUDGED).parent
    (folder / f"X-{ground.chance.randrange(999)}.{ground.chance.choice(('sql', 'csv', 'json'))}").write_bytes(b"x")


def _control_left_out(ground: Ground, made: Made) -> None:
    scope = json.loads((made.folder / "scope.json").read_text("utf-8"))
    gone = ground.chance.choice(scope["controls"])
    scope["controls"].remove(gone)
    (made.folder / "scope.json").write_text(json.dumps(scope), "utf-8")
    for path in files(made.folder, "data/03_", "data/04_", "data/10_config/controls/"):
        if path.stem == gone:
            path.unlink()
            for folder in path.relative_to(made.folder).parents:
                if not any((made.folder / folder).iterdir()):
                    (made.folder / folder).rmdir()  # an empty one would be seen


def _with_gaps(made: Made) -> bool:
    return b"\r\n" in (made.folder / GAPS).read_bytes().partition(b"\r\n")[2]


def _gap_left_out(ground: Ground, made: Made) -> None:
    """Every gap of one subject of a control: a row that stands twice tells nothing more."""
    header, *rows = _records((made.folder / GAPS).read_bytes())
    gone = ground.chance.choice(rows)
    (made.folder / GAPS).write_bytes(b"\r\n".join([header, *(row for row in rows if row != gone), b""]))


def _records(content: bytes) -> list[bytes]:
    """The records of a table; a line break in quotes ends none."""
    records, quotes = [b""], 0
    for line in content.split(b"\r\n")[:-1]:
        records[-1] += line
        quotes += line.count(b'"')
        records.append(b"") if quotes % 2 == 0 else records.__setitem__(-1, records[-1] + b"\r\n")
    return records[:-1]


def _custody_changed(ground: Ground, made: Made) -> None:
    if ground.chance.random() < 0.5:
        return flip_bit(made.folder / CUSTODY, ground.chance)
    records = _records((made.folder / CUSTODY).read_bytes())
    records.pop(ground.chance.randrange(len(records)))
    (made.folder / CUSTODY).write_bytes(b"\r\n".join([*records, b""]))
    return None


def _scope_changed(ground: Ground, made: Made) -> None:
    scope = json.loads((made.folder / "scope.json").read_text("utf-8"))
    name = ground.chance.choice(sorted(scope))
    other = {"raw": not scope["raw"], "ledger_size": scope["ledger_size"] - 1, "controls": [*scope["controls"], "X-1"]}
    scope[name] = other.get(name, f"{scope[name]}"[:-1] + "7" if scope[name][-1:] != "7" else "2001-01-01")
    (made.folder / "scope.json").write_text(json.dumps(scope), "utf-8")


def _with_objects(made: Made) -> bool:
    return (made.folder / OBJECTS).stat().st_size > 0


def _with_raw(made: Made) -> bool:
    return bool([path for path in files(made.folder, "data/06_raw/") if path.stat().st_size])


def _rewritten(change: Callable[[Random], Callable[[list[dict[str, Any]]], object]]) -> Forge:
    """A self-consistent ledger that the issuer wrote anew and signed; the auditor was there before."""

    def forge(ground: Ground) -> Forged:
        made = ground.made(
            lambda made: len(made.keys) == 1 and (made.folder / "ledger.jsonl").read_bytes().count(b"\n") > 3
        )
        numbered = change(ground.chance)

        def anew(leaves: list[dict[str, Any]]) -> None:
            places = {id(leaf): place for place, leaf in enumerate(leaves)}
            numbered(leaves)
            moved = {places[id(leaf)]: place for place, leaf in enumerate(leaves) if id(leaf) in places}
            for place, leaf in enumerate(leaves):
                leaf["seq"] = place
            _follow(made.folder, moved)

        _anew(made, made.key, anew)
        reseal(made.folder, made.key)
        return Forged(made.folder, made.vkeys()[-1], made.visits[-1])

    return forge


def _follow(pack: Path, moved: dict[int, int]) -> None:
    """The objects go where their entries went."""
    kept = []
    for line in _lines(pack / OBJECTS):
        told = json.loads(line)
        if told["entry"] in moved:
            kept.append(json.dumps(told | {"entry": moved[told["entry"]]}, sort_keys=True).encode() + b"\n")
        elif "file" in told:
            (pack / told["file"]).unlink()
    (pack / OBJECTS).write_bytes(b"".join(kept))


def _unjudged(leaves: list[dict[str, Any]], chance: Random) -> int:
    """A place whose entry tells of no judgement: what it is gone with would be seen anyway."""
    return chance.choice([place for place, leaf in enumerate(leaves) if leaf["kind"] != "judged"])


def _reordered(chance: Random) -> Callable[[list[dict[str, Any]]], object]:
    def change(leaves: list[dict[str, Any]]) -> None:
        one, other = sorted(chance.sample(range(len(leaves)), 2))
        leaves[one], leaves[other] = leaves[other], leaves[one]

    return change


def _seq_twice(ground: Ground, made: Made) -> None:
    _anew(made, made.key, lambda leaves: leaves[-1].update(seq=len(leaves) - 2))


def _foreign_change(ground: Ground) -> Forged:
    """An outsider who names its own key as the company's next; the company's signature is missing, or is none."""
    made = ground.made()
    other = SigningKey.from_seed(made.key.vkey.name, ground.chance.randbytes(32))
    note = sign(f"{made.key.vkey.name}/keychange\n{made.key.vkey}\n{other.vkey}\n", [other])
    if ground.chance.random() < 0.5:
        note += str(Signature(made.key.vkey.name, made.key.vkey.key_id, ground.chance.randbytes(64)))
    change = {"v": 1, "at": "2027-01-02T00:00:00+00:00", "kind": "keychange", "vkey": str(other.vkey), "note": note}
    _anew(made, other, lambda leaves: leaves.append({**change, "seq": len(leaves)}))
    reseal(made.folder, other)
    return Forged(made.folder, made.vkeys()[0])


ISSUERS = {name: change for name, (_, change) in test_pack_issuer.CHANGES.items()}
OTHER_KEY = _all_by(lambda made, chance: SigningKey.from_seed(made.key.vkey.name, chance.randbytes(32)))
TABLE: tuple[tuple[str, Forge], ...] = (
    ("a bit of any file", flipped("as it is")),
    ("a bit of any file, manifests made right", flipped("manifests made right")),
    ("a bit of any file, all lists made right", flipped("all lists made right")),
    ("a file missing", by_outsider(_missing)),
    ("a file, folder, link or pipe more (named)", named(forgeries.EXTRA, "masked", "as it is", "manifests made right")),
    ("two files exchanged", by_outsider(_exchanged)),
    ("a file of another size", by_outsider(_resized)),
    ("files and lists in other forms (named)", named(forgeries.EXCHANGED, "masked", "as it is", "manifests made right", only=forgeries.REPEATED)),
    ("the seal in another form (named)", named(forgeries.SIGNED, "masked")),
    ("a note with characters more", by_outsider(_noted, "as it is", "manifests made right")),
    ("a list emptied or shortened", by_outsider(_shortened, "as it is")),
    ("an entry rewritten, lists made right", by_outsider(_entry_changed, "all lists made right")),
    ("an entry back-dated, its head signed by nobody", by_outsider(_signed_by_nobody, "all lists made right")),
    ("all made anew under another key", OTHER_KEY),
    ("another key under the company's key id", _colliding),
    ("a head of another log or key", by_issuer(_of_another_log)),
    ("a mix of two genuine packs", _mixed),
    ("the verifier replaced", by_outsider(_other_verifier)),
    ("a key that nobody handed over to", _foreign_change),
    ("an object left out by the issuer", by_issuer(_object_left_out, _with_objects)),
    ("an object exchanged by the issuer", by_issuer(_object_exchanged, _with_objects)),
    ("raw bytes changed by the issuer", by_issuer(_raw_changed, _with_raw)),
    ("something judged changed by the issuer", by_issuer(_judged_changed)),
    ("something judged left out by the issuer", by_issuer(_judged_missing)),
    ("something added to what was judged by the issuer", by_issuer(_judged_more)),
    ("a control left out by the issuer", by_issuer(_control_left_out)),
    ("a gap left out by the issuer", by_issuer(_gap_left_out, _with_gaps)),
    ("the chain of custody changed by the issuer", by_issuer(_custody_changed)),
    ("another scope told by the issuer", by_issuer(_scope_changed)),
    ("a real pack changed by its issuer (named)", named_of_issuer(ISSUERS, "masked")),
    ("a real raw pack changed by its issuer (named)", named_of_issuer(test_pack_issuer.RAW, "raw")),
    ("one number twice in a signed ledger", by_issuer(_seq_twice)),
    ("history back-dated and signed anew", _rewritten(_back_dated)),
    ("an entry taken out and all signed anew", _rewritten(lambda chance: lambda leaves: leaves.pop(_unjudged(leaves, chance)))),
    ("entries in another order, signed anew", _rewritten(_reordered)),
    ("the newest entries dropped, signed anew", _rewritten(lambda chance: lambda leaves: leaves.pop())),
    ("the first entry dropped, signed anew", _rewritten(lambda chance: lambda leaves: leaves.pop(0))),
    ("a fork of equal size, signed anew", _rewritten(lambda chance: lambda leaves: leaves[-1].update(actor="W-9"))),
)  # fmt: skip
CLASSES = tuple(Class(number, name, forge) for number, (name, forge) in enumerate(TABLE, start=1))
