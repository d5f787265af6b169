#!/usr/bin/env python3
"""Verify an evidence pack (監査証跡パックの検証). Standard library only; run it inside the unpacked folder:

    python3 -I verify.py --key VKEY [--previous CHECKPOINT]

VKEY is the company's verification key and must come from outside the pack. Without it the pack's integrity is checked
and its origin is not. --previous is the checkpoint of your last visit: it proves that the ledger only grew since.
Exit code 0: every check holds. 1: something does not; each line names the file or entry. 2: wrong usage.
"""

import os
import sys

if __name__ == "__main__":  # a json.py in this folder must not be taken for Python's own
    here = (os.getcwd(), os.path.realpath(os.path.dirname(__file__)))
    sys.path[:] = [path for path in sys.path if os.path.realpath(path) not in here]

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import stat
from datetime import datetime
from typing import Any

MANIFEST, TAGS, SEAL, RAW = "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.sig", "data/06_raw/"
OBJECTS, CUSTODY, GAPS = "data/11_custody/objects.jsonl", "data/11_custody/custody.csv", "data/09_findings/gaps.csv"
NEEDED = {MANIFEST, TAGS, SEAL, OBJECTS, CUSTODY, GAPS, "bag-info.txt", "bagit.txt", "checkpoint", "ledger.jsonl"} | {
    "scope.json", "verify.py", "VERIFY.txt", "data/00_index.xlsx", "data/01_scope.md", "data/02_control_matrix.xlsx",
}  # fmt: skip
TABLES = ("data/03_", "data/04_", "data/07_", "data/08_", "data/09_", "data/10_config/controls/")
LINE = re.compile(rb"([0-9a-f]{64})  ([!-~]+)\n")
SIGNATURES = re.compile("(?:— \\S+ \\S+\n)+".encode())
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, csv.Error)
csv.field_size_limit(1 << 30)


def main() -> int:
    """Check everything, print what does not hold, and say what was and was not verified."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Verify an evidence pack.")
    parser.add_argument("--key", help="the company's verification key, from outside the pack")
    parser.add_argument("--previous", help="a file with the checkpoint of your last visit")
    given = parser.parse_args()
    try:
        key = Key(given.key) if given.key is not None else None
    except ValueError as error:
        print(f"--key: {error}")
        return 2
    pack = Pack(key, given.previous)
    pack.check()
    for problem in pack.problems:
        print("× " + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in problem))
    if pack.problems:
        print(f"FAILED 不合格: {len(pack.problems)} problem(s)")
        return 1
    counts = f"{len(pack.found)} files, {len(pack.leaves)} ledger entries, {pack.withheld} objects withheld"
    print(f"○ INTEGRITY VERIFIED 完全性を確認: {counts}")
    print("○ ORIGIN VERIFIED 発行元を確認" if key else "？ ORIGIN NOT VERIFIED 発行元は未確認 (--key was not given)")
    return 0


class Pack:
    """The unpacked folder, read as bytes; ``problems`` is everything that does not hold."""

    def __init__(self, key: "Key | None", previous: "str | None") -> None:
        self.key, self.previous = key, previous
        self.problems: dict[str, None] = {}
        self.found: dict[str, str] = {}  # path → SHA-256 of each regular file
        self.leaves: list[bytes] = []
        self.entries: list[Any] = []  # what the leaves say
        self.scope: Any = {}
        self.withheld = 0

    def say(self, where: str, what: str) -> None:
        self.problems[f"{where}: {what}"] = None

    def check(self) -> None:
        """Run every check; what cannot be read is a problem of the file it is in, never a traceback."""
        self.trying("the folder", self.check_files)
        self.trying(SEAL, self.check_seal)
        self.trying("scope.json", self.check_scope)
        self.trying("ledger.jsonl", self.check_ledger)
        if self.previous is not None:
            self.trying("--previous", self.check_growth, self.previous)
        self.trying(OBJECTS, self.check_objects)
        self.trying("ledger.jsonl", self.check_judged)

    def trying(self, where: str, check: Any, *given: Any) -> None:
        try:
            check(*given)
        except BROKEN as error:
            self.say(where, f"cannot be read: {type(error).__name__}: {error}")

    def check_files(self) -> None:
        """Every file is listed with its digest, every listed file is there, and nothing else is."""
        folders = set()
        for folder, inner, files in os.walk(".", onerror=lambda error: self.say(str(error), "cannot be read")):
            for name in inner + files:
                path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode):
                    self.trying(path, self.hold, path)
                elif stat.S_ISDIR(mode):
                    folders.add(path)
                else:
                    self.say(path, "a link, a pipe or a device does not belong into a pack")
        payload = {path for path in self.found if path.startswith("data/")}
        listed = self.listed(MANIFEST, read(MANIFEST))
        self.compare(listed, payload, MANIFEST)
        self.compare(self.listed(TAGS, read(TAGS)), set(self.found) - payload - {TAGS, SEAL}, TAGS)
        for path in sorted(folders - {name[:at] for name in listed for at, letter in enumerate(name) if letter == "/"}):
            self.say(path, "a folder that holds nothing listed")
        for path in sorted(NEEDED - set(self.found)):
            self.say(path, "missing")

    def hold(self, path: str) -> None:
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self.found[path] = digest.hexdigest()

    def check_seal(self) -> None:
        """The seal lists every file but itself; with the key, its one signature is the company's."""
        first, _, lines = self.signed(read(SEAL), SEAL, alone=True).partition(b"\n")
        if self.key and first != self.key.name.encode() + b"/pack":
            self.say(SEAL, f"the seal of {first.decode('ascii', 'replace')}, not of {self.key.name}/pack")
        self.compare(self.listed(SEAL, lines), set(self.found) - {SEAL}, SEAL)

    def check_scope(self) -> None:
        """What the pack says it is about can be read, and is about the company whose ledger it shows."""
        scope = self.scope = told(read("scope.json"))
        if type(scope["raw"]) is not bool or scope["origin"] != "tenken/" + scope["company"]:
            self.say("scope.json", "raw is not true or false, or the ledger is another company's")
        for name in ("self-check_{}_{}.xlsx", "self-check_{}_{}.html", "management-book_{}_{}.xlsx"):
            path = "data/12_reports/" + name.format(scope["company"], scope["as_of"].replace("-", ""))
            if path not in self.found:
                self.say(path, "missing")

    def check_ledger(self) -> None:
        """The leaves rebuild the root of the checkpoint; with the key, its signature is the company's."""
        *self.leaves, rest = read("ledger.jsonl").split(b"\n")
        if rest:
            self.say("ledger.jsonl", "the last entry is not ended")
        for number, leaf in enumerate(self.leaves):
            self.trying(f"ledger.jsonl: entry {number}", self.take, number, leaf)
        hashes = [(str(n), hashlib.sha256(b"\x00" + leaf).hexdigest()) for n, leaf in enumerate(self.leaves)]
        if [(row["seq"], row["leaf_hash"]) for row in rows(CUSTODY)] != hashes:
            self.say(CUSTODY, "not the entries of the ledger")
        origin, size, root = self.head(read("checkpoint"), "checkpoint")
        if size != len(self.leaves):
            self.say("ledger.jsonl", f"{len(self.leaves)} entries, the checkpoint counts {size}")
        elif tree_root(self.leaves) != root:
            self.say("ledger.jsonl", "the entries do not rebuild the root of the checkpoint")
        if self.scope and (self.scope["ledger_size"], self.scope["origin"]) != (size, origin):
            self.say("scope.json", "speaks of another ledger or another size than the checkpoint")

    def take(self, number: int, leaf: bytes) -> None:
        self.entries.append({})
        self.entries[number] = told(leaf)
        if self.entries[number]["seq"] != number:
            raise ValueError(f"its number is {self.entries[number]['seq']}")

    def check_growth(self, path: str) -> None:
        """The ledger of this pack begins with the one whose head the auditor holds."""
        origin, size, root = self.head(read(path), path)
        if origin != self.scope["origin"]:
            self.say(path, f"the head of {origin}, not of {self.scope['origin']}")
        if size > len(self.leaves):
            self.say("checkpoint", f"the ledger had {size} entries at your last visit and has fewer now (rollback)")
        elif tree_root(self.leaves[:size]) != root:
            self.say("ledger.jsonl", "history before your last visit was changed")

    def check_objects(self) -> None:
        """Every object that the ledger commits to is told of, once; in a raw pack its bytes are there, or a reason."""
        opened: dict[str, str] = {}
        files = set()
        for number, line in enumerate(read(OBJECTS).split(b"\n")[:-1], start=1):
            one, where = told(line), f"{OBJECTS}: line {number}"
            if not re.fullmatch("[0-9a-f]{64} [0-9a-f]{64}", one["salt"] + " " + one["sha256"]):
                raise ValueError(f"line {number}: salt and sha256 are 64 hexadecimal digits")
            commitment = hashlib.sha256(b"\x02" + bytes.fromhex(one["salt"] + one["sha256"])).hexdigest()
            if opened.setdefault(commitment, where) != where:
                self.say(where, "an object that stands twice")
            file = one.get("file")
            self.withheld += bool(one.get("withheld"))
            if file is None:
                if self.scope.get("raw") and not one.get("withheld"):
                    self.say(where, "a raw pack holds the object or says why not")
            elif not self.scope.get("raw"):
                self.say(where, f"a masked pack holds no raw object: {file}")
            elif not file.startswith(RAW) or self.found.get(file) != one["sha256"]:
                self.say(file, f"not the bytes that were collected ({where})")
            files.add(file)
        for path in sorted(path for path in self.found if path.startswith(RAW) and path not in files):
            self.say(path, f"not an object of {OBJECTS}")
        committed = {one: number for number, entry in enumerate(self.entries) for one in entry.get("commitments", ())}
        for one in sorted(set(committed) ^ set(opened)):
            left_out = f"the object of ledger entry {committed.get(one)} is left out"
            self.say(opened.get(one, OBJECTS), "no ledger entry commits to this object" if one in opened else left_out)

    def check_judged(self) -> None:
        """The newest judgement of every control in the period is shown as the ledger recorded it when it was judged."""
        newest: dict[str, Any] = {}  # control → when known, number and content of its entry
        for number, entry in enumerate(self.entries):
            about = [entry.get(name) for name in ("kind", "since", "as_of")]
            if about == ["judged", self.scope["since"], self.scope["as_of"]]:
                one = (datetime.fromisoformat(entry["known_at"]), number, entry)
                newest.update({c: one for c in entry["verdicts"] if c not in newest or newest[c][:2] < one[:2]})
        if not newest:
            raise ValueError("no judgement of the period of scope.json")
        last = max(newest.values(), key=lambda one: one[:2])
        told_at = datetime.fromisoformat(self.scope["known_at"])
        if sorted(newest) != sorted(self.scope["controls"]) or last[0] != told_at:
            self.say("scope.json", "the controls or known_at are not those of the newest judgements of the period")
        raw = int(self.scope["raw"])  # an entry tells two digests of a file: as it looks masked, and raw
        registers = {path: two for path, two in last[2]["files"].items() if not path.startswith(("03_", "04_"))}
        shown = {"data/" + path: (two[raw], last[1]) for path, two in registers.items()}
        gaps = {(gap["control"], gap["subject"], gap["aspect"]) for gap in rows(GAPS)}
        for control, (_, number, entry) in sorted(newest.items()):
            for path in (f"03_results/{control}.json", f"04_populations/{control}.csv"):
                shown["data/" + path] = (entry["files"][path][raw], number)
            shown[f"data/10_config/controls/{control}.json"] = (entry["digests"][control][0], number)
            self.trying(f"data/03_results/{control}.json", self.recount, control, entry, gaps)
        for path, (digest, number) in shown.items():
            if self.found.get(path) != digest:
                self.say(path, f"{'not what' if path in self.found else 'missing:'} ledger entry {number} recorded")
        for path in sorted(set(self.found) - set(shown) - {GAPS}):
            if path.startswith(TABLES) and not path.endswith(".sql"):
                self.say(path, "of no judgement that the ledger records")

    def recount(self, control: str, entry: Any, gaps: Any) -> None:
        """Count a population again: verdict, members and deviations are those recorded, each deviation has its gap."""
        path, test = (f"data/04_populations/{control}.{kind}" for kind in ("csv", "sql"))
        if read(test) != told(read(f"data/10_config/controls/{control}.json"))["test"].encode():
            self.say(test, "not the test of the control's definition")
        result, members = told(read(f"data/03_results/{control}.json")), rows(path)
        deviating = sorted((m["subject"], m["aspect"], m["occurred_on"]) for m in members if m["conforms"] != "true")
        counted = [result["verdict"], sum(int(m["members"]) for m in members), len(deviating)]
        judged = [result["verdict"], result["population"], len(result["deviations"])]
        if not counted == judged == entry["verdicts"][control]:
            self.say(path, f"counts {counted}; judged and recorded in the ledger was {entry['verdicts'][control]}")
        names = [(d["subject"], d["aspect"] or "", d["occurred_on"] or "") for d in result["deviations"]]
        if sorted(names) != deviating:
            self.say(f"data/03_results/{control}.json", "the deviations are not those of the population")
        for subject, aspect, _ in names + [("unverified", "", "")] * (result["verdict"] == "unverified"):
            if entry["followed"] and (control, subject, aspect) not in gaps:
                self.say(GAPS, f"the gap of {control} for {subject} {aspect} is left out")

    def listed(self, name: str, content: bytes) -> "dict[str, str]":
        """What the lines of a list say; a line of another shape is a problem."""
        said: dict[str, str] = {}
        for number, line in enumerate(content.splitlines(keepends=True), start=1):  # of bytes: at \n and \r only
            match = LINE.fullmatch(line)
            if not match:
                self.say(name, f"line {number} is not `digest  path` and a newline")
            elif match[2].decode() in said:
                self.say(name, f"{match[2].decode()} stands twice")
            else:
                said[match[2].decode()] = match[1].decode()
        return said

    def compare(self, listed: "dict[str, str]", found: "set[str]", where: str) -> None:
        """Name every file that is missing, added or changed against a list."""
        for path in sorted(found | set(listed)):
            if path not in found:
                self.say(path, f"missing; listed in {where}")
            elif path not in listed:
                self.say(path, f"not listed in {where}")
            elif listed[path] != self.found[path]:
                self.say(path, f"changed; its digest is not the one in {where}")

    def head(self, note: bytes, where: str) -> "tuple[str, int, bytes]":
        """Origin, size and root of a checkpoint (C2SP tlog-checkpoint)."""
        origin, size, root, rest = self.signed(note, where).split(b"\n")
        if size != str(int(size)).encode() or int(size) < 0 or len(unbase64(root)) != 32 or rest:
            raise ValueError(f"{where}: not a checkpoint")
        if self.key and origin != self.key.name.encode():
            self.say(where, f"the head of {origin.decode()}, not of {self.key.name}")
        return origin.decode(), int(size), unbase64(root)

    def signed(self, note: bytes, where: str, alone: bool = False) -> bytes:
        """The text of a signed note; ``alone``: it bears one signature and no other."""
        text, _, tail = note.rpartition(b"\n\n")
        if not SIGNATURES.fullmatch(tail) or (alone and tail.count(b"\n") != 1):
            raise ValueError(f"{where}: not a text, a blank line and its signature")
        named = [(name, unbase64(blob)) for _, name, blob in (line.split(b" ") for line in tail.split(b"\n")[:-1])]
        mine = [b[4:] for name, b in named if self.key and (name, b[:4]) == (self.key.name.encode(), self.key.id)]
        if self.key and (len(mine) != 1 or not ed25519_verifies(self.key.public, text + b"\n", mine[0])):
            self.say(where, f"the signature is not {self.key.name}'s")
        return text + b"\n"


class Key:
    """A verification key in its text form: name+hash+base64(0x01 ‖ Ed25519 public key) (C2SP signed-note)."""

    def __init__(self, text: str) -> None:
        self.name, digest, encoded = [*text.strip().split("+", 2), "", ""][:3]
        blob = unbase64(encoded.encode())
        self.public, self.id = blob[1:], hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if len(blob) != 33 or blob[0] != 1 or self.id.hex() != digest:
            raise ValueError("not name+hash+base64 of an Ed25519 key, or not copied whole")
        if times(8, decompress(self.public))[0] == 0:
            raise ValueError("not a point that only its owner can sign for")


def tree_root(leaves: "list[bytes]") -> bytes:
    """The Merkle tree hash of RFC 9162 over the leaves; the odd one out of a level goes up as it is."""
    nodes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(nodes) > 1:
        odd = nodes[len(nodes) & ~1 :]
        nodes = [hashlib.sha256(b"\x01" + nodes[n - 1] + nodes[n]).digest() for n in range(1, len(nodes), 2)] + odd
    return nodes[0]


# Ed25519 as RFC 8032 §5.1.7 verifies it, in extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is good; encodings that are not canonical are refused."""
    (x, y, z, t), scalar = decompress(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    x, y, z, t = add(times(scalar, BASE), times(challenge, (P - x, y, z, P - t)))
    x, y = (value * pow(z, P - 2, P) % P for value in (x, y))
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def decompress(raw: bytes) -> "tuple[int, int, int, int]":
    """The point that 32 bytes stand for; ValueError when they stand for none."""
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def add(one: "tuple[int, int, int, int]", other: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """The sum of two points."""
    a, b = (one[1] - one[0]) * (other[1] - other[0]), (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """A point added to itself ``scalar`` times."""
    total = (0, 1, 1, 0)
    while scalar:
        total = add(total, point) if scalar & 1 else total
        point, scalar = add(point, point), scalar >> 1
    return total


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def unbase64(text: bytes) -> bytes:  # strictly: what does not encode back to the same text is refused
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("base64 that is not canonical")
    return raw


def told(raw: bytes) -> Any:  # a JSON object, read strictly: UTF-8, every name once, no NaN
    return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=int)


def once(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    """The members of a JSON object; a name that stands twice is refused."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in a JSON object")
    return dict(pairs)


def rows(path: str) -> "list[dict[str, str]]":  # without the apostrophe that keeps a text from being a formula
    lines = csv.DictReader(io.StringIO(read(path).decode("utf-8-sig"), newline=""), strict=True)
    return [{name: value[1:] if value[:1] == "'" else value for name, value in row.items()} for row in lines]


def read(path: str) -> bytes:
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("not a regular file")
    with open(path, "rb") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main())
