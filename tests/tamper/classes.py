"""The classes of tampering of promises.md 3.4 and 5.5, each listed once: what is done, by whom, and what sees it.

A class makes one forged pack of a seed: of packs made from seeds (tests/tamper/made.py), or, where a forgery has a name
(tests/reports/forgeries.py, test_pack_issuer.py), of the real ones of a small group. What an outsider does is seen with
the company's key; what the issuer itself does before it seals, by what its ledger recorded; a ledger that it wrote
anew, by the checkpoint of an earlier visit and by nothing else.
"""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from evidence.ledger.keys import SigningKey
from evidence.ledger.note import Signature, sign
from tests.outside import CODE
from tests.reports import forgeries, test_pack_issuer
from tests.reports.packed import CUSTODY, GAPS, OBJECTS, SEAL, reseal, resum, write_ledger
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
from tests.tamper.history import anew, back_dated, reordered, rewritten, unjudged
from tests.tamper.made import Made, taken_away
from tests.tamper.purges import by_one_hand, with_tombstone
from tests.tamper.stamps import half_of_a_stamp, stamp_in_another_form, stamp_of_another_head


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


def _signed_by_nobody(ground: Ground, made: Made) -> None:
    """History rewritten whole, root and custody too; the signature is that of the old head."""
    signature = (made.folder / "checkpoint").read_bytes().rpartition(b"\n\n")[2]
    anew(made, made.key, back_dated(ground.chance))
    text = (made.folder / "checkpoint").read_bytes().rpartition(b"\n\n")[0]
    (made.folder / "checkpoint").write_bytes(text + b"\n\n" + signature)


def _all_by(key: Callable[[Made, Random], SigningKey]) -> Forge:
    """Everything made anew and consistent, and signed by somebody else."""

    def forge(ground: Ground) -> Forged:
        made = ground.made()
        other = key(made, ground.chance)
        anew(made, other, back_dated(ground.chance))
        reseal(made.folder, other)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def _colliding(ground: Ground) -> Forged:
    """Signed by another key whose lines bear the id of the company's."""
    made = ground.made()
    other = SigningKey.from_seed(made.key.vkey.name, ground.chance.randbytes(32))
    anew(made, other, back_dated(ground.chance))
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
            taken_away(path)


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
    text = f"{scope[name]}"
    scope[name] = other.get(name, text[:-1] + "7" if text[-1:] != "7" else "2001-01-01")
    (made.folder / "scope.json").write_text(json.dumps(scope), "utf-8")


def _masked_for_raw(ground: Ground) -> Forged:
    """A table or a result as the other kind of pack shows it: masked where raw is told, or raw where it is masked."""
    kind, other = ground.chance.sample(("masked", "raw"), 2)
    pack = ground.real(kind)
    names = [path.relative_to(pack) for path in files(pack, *JUDGED)]
    told = [name for name in names if (ground.issued.folder / other / name).read_bytes() != (pack / name).read_bytes()]
    name = ground.chance.choice(told)
    (pack / name).write_bytes((ground.issued.folder / other / name).read_bytes())
    reseal(pack, ground.issued.key())
    return Forged(pack, ground.issued.vkey())


def _written_otherwise(ground: Ground, made: Made) -> None:
    """An entry that says the same in JSON of another form, or a name twice; hashed and signed as it stands."""
    lines = (made.folder / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    place = ground.chance.randrange(len(lines))
    line = lines[place]
    other = b'"v":' + ground.chance.choice((b"1.0", b"1e0", b"0.5", b"9007199254740993"))
    blank, number = line.replace(b":", b": ", 1), line.replace(b'"v":1', other)
    escaped, twice = line.replace(b'"at"', rb'"\u0061t"', 1), b'{"v":1,' + line[1:]
    lines[place] = ground.chance.choice((blank, number, escaped, twice, line + b" "))
    write_ledger(made.folder, made.key, lines)
    for name in ("checkpoint.tsr", "tsa-chain.pem"):
        (made.folder / name).unlink(missing_ok=True)


def _with_objects(made: Made) -> bool:
    return (made.folder / OBJECTS).stat().st_size > 0


def _with_raw(made: Made) -> bool:
    return bool([path for path in files(made.folder, "data/06_raw/") if path.stat().st_size])


def _seq_twice(ground: Ground, made: Made) -> None:
    anew(made, made.key, lambda leaves: leaves[-1].update(seq=len(leaves) - 2))


def _back_dated(ground: Ground, made: Made) -> None:
    late = {"v": 1, "at": "2020-01-02T00:00:00.000000Z", "kind": "check", "actor": "tenken"}
    anew(made, made.key, lambda leaves: leaves.append({**late, "seq": len(leaves)}))


def _known_before_it_was(ground: Ground, made: Made) -> None:
    """The newest judgement of the period says that it knew all that would come in a year: nothing judged later counts."""
    scope = json.loads((made.folder / "scope.json").read_text("utf-8"))
    later = (datetime.fromisoformat(scope["known_at"]) + timedelta(days=365)).isoformat()

    def change(leaves: list[dict[str, Any]]) -> None:
        for one in leaves:
            if one["kind"] == "judged" and one["known_at"] == scope["known_at"]:
                one["known_at"] = later

    (made.folder / "scope.json").write_text(json.dumps(scope | {"known_at": later}), "utf-8")
    anew(made, made.key, change)


def _foreign_change(ground: Ground) -> Forged:
    """An outsider who names its own key as the company's next; the company's signature is missing, or is none."""
    made = ground.made()
    other = SigningKey.from_seed(made.key.vkey.name, ground.chance.randbytes(32))
    note = sign(f"{made.key.vkey.name}/keychange\n{made.key.vkey}\n{other.vkey}\n", [other])
    if ground.chance.random() < 0.5:
        note += str(Signature(made.key.vkey.name, made.key.vkey.key_id, ground.chance.randbytes(64)))
    change = {"v": 1, "at": "2027-01-02T00:00:00.000000Z", "kind": "keychange", "vkey": str(other.vkey), "note": note}
    anew(made, other, lambda leaves: leaves.append({**change, "seq": len(leaves)}))
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
    ("an entry in another form, signed so", by_issuer(_written_otherwise)),
    ("masked for raw, or raw for masked", _masked_for_raw),
    ("the time stamp of another head", by_issuer(stamp_of_another_head)),
    ("a time stamp that is cut off or in another form", by_issuer(stamp_in_another_form)),
    ("a time stamp without its authority, or that alone", by_issuer(half_of_a_stamp)),
    ("an object left out under a tombstone of before it", with_tombstone(first=True, shown=False)),
    ("an object shown that its tombstone says is gone", with_tombstone(first=False, shown=True)),
    ("history back-dated and signed anew", rewritten(back_dated)),
    ("an entry taken out and all signed anew", rewritten(lambda chance: lambda leaves: leaves.pop(unjudged(leaves, chance)))),
    ("entries in another order, signed anew", rewritten(reordered)),
    ("the newest entries dropped, signed anew", rewritten(lambda chance: lambda leaves: leaves.pop())),
    ("the first entry dropped, signed anew", rewritten(lambda chance: lambda leaves: leaves.pop(0))),
    ("a fork of equal size, signed anew", rewritten(lambda chance: lambda leaves: leaves[-1].update(actor="W-9"))),
    ("an entry added that is dated before the last", by_issuer(_back_dated)),
    ("a tombstone written by one person alone", by_one_hand),
    ("a judgement by evidence that came after it", by_issuer(_known_before_it_was)),
)  # fmt: skip
CLASSES = tuple(Class(number, name, forge) for number, (name, forge) in enumerate(TABLE, start=1))
