#!/usr/bin/env python3
"""Verify an evidence pack (監査証跡パックの検証). Standard library only; run it inside the unpacked folder:

    python3 -I verify.py --key VKEY [--previous CHECKPOINT]

VKEY is the company's verification key and must come from outside the pack. Without it the pack's integrity is checked
and its origin is not. --previous is the checkpoint of your last visit: it proves that the ledger only grew since.
Exit code 0: every check holds. 1: something does not; each line names the file or entry. 2: wrong usage.
"""

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    del sys.path[0]  # the folder of this file: a json.py beside it must not be taken for Python's own

import argparse
import base64
import csv
import hashlib
import io
import json
import os
import re
import stat
from datetime import datetime

TAGS = frozenset("bag-info.txt bagit.txt checkpoint ledger.jsonl scope.json verify.py VERIFY.txt".split())
MANIFEST, TAGMANIFEST, SEAL = "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.sig"
OBJECTS, GAPS, CUSTODY = "data/11_custody/objects.jsonl", "data/09_findings/gaps.csv", "data/11_custody/custody.csv"
SHOWN = ("data/00_index.xlsx", "data/01_scope.md", "data/02_control_matrix.xlsx", OBJECTS, GAPS, CUSTODY)
LINE = re.compile(rb"([0-9a-f]{64})  ([!-~]+)")
SIGNATURE = re.compile("— (\\S+) (\\S+)".encode())
HEX = re.compile("[0-9a-f]{64}")
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, csv.Error)


def main() -> int:
    """Check everything, print what does not hold, and say what was and was not verified."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    csv.field_size_limit(1 << 30)
    parser = argparse.ArgumentParser(description="Verify an evidence pack.")
    parser.add_argument("--key", help="the company's verification key, from outside the pack")
    parser.add_argument("--previous", help="a file with the checkpoint of your last visit")
    given = parser.parse_args()
    try:
        key = Key(given.key) if given.key is not None else None
    except ValueError as error:
        print(f"--key: {error}")
        return 2
    pack = Pack(key)
    pack.check(given.previous)
    for problem in pack.problems:
        print("× " + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in problem))
    if pack.problems:
        print(f"FAILED 不合格: {len(pack.problems)} problem(s)")
        return 1
    print(f"○ INTEGRITY VERIFIED 完全性を確認: {len(pack.found)} files, {len(pack.leaves)} ledger entries")
    print("○ ORIGIN VERIFIED 発行元を確認" if key else "？ ORIGIN NOT VERIFIED 発行元は未確認 (--key was not given)")
    return 0


class Pack:
    """The unpacked folder, read as bytes; ``problems`` is everything that does not hold."""

    def __init__(self, key: "Key | None") -> None:
        self.key = key
        self.problems: dict[str, None] = {}
        self.found: dict[str, str] = {}  # path → SHA-256 of each regular file
        self.leaves: list[bytes] = []
        self.entries: list[dict] = []  # type: ignore[type-arg]  # what the leaves say
        self.scope: dict = {}  # type: ignore[type-arg]

    def say(self, where: str, what: str) -> None:
        """Keep a problem."""
        self.problems[f"{where}: {what}"] = None

    def check(self, previous: "str | None") -> None:
        """Run every check; what cannot be read is a problem of the file it is in, never a traceback."""
        self.trying(".", self.check_files)
        self.trying(SEAL, self.check_seal)
        self.trying("scope.json", self.check_scope)
        self.trying("ledger.jsonl", self.check_ledger)
        if previous is not None:
            self.trying(previous, self.check_growth, previous)
        self.trying(OBJECTS, self.check_objects)
        self.trying("ledger.jsonl", self.check_judged)
        self.trying(CUSTODY, self.check_custody)

    def trying(self, where: str, check, *given) -> None:  # type: ignore[no-untyped-def]
        """Run one check."""
        try:
            check(*given)
        except BROKEN as error:
            self.say(where, f"cannot be read: {type(error).__name__}: {error}")

    def check_files(self) -> None:
        """Every file is listed with its digest, every listed file is there, and nothing else is."""
        folders = set()
        for folder, inner, files in os.walk(".", onerror=lambda error: self.say(error.filename, "cannot be read")):
            for name in inner + files:
                path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
                mode = os.lstat(path).st_mode
                if stat.S_ISREG(mode):
                    self.trying(path, lambda path=path: self.found.update({path: digest_of(path)}))
                elif stat.S_ISLNK(mode):
                    self.say(path, "a link does not belong into a pack")
                elif stat.S_ISDIR(mode):
                    folders.add(path)
                else:
                    self.say(path, "neither a file nor a folder")
        payload, tags = self.listed(MANIFEST), self.listed(TAGMANIFEST)
        self.compare(payload, {path for path in self.found if path.startswith("data/")}, MANIFEST)
        self.compare(tags, {p for p in self.found if not p.startswith("data/")} - {TAGMANIFEST, SEAL}, TAGMANIFEST)
        parents = {path[:place] for path in payload for place, letter in enumerate(path) if letter == "/"}
        for path in sorted(folders - parents):
            self.say(path, "a folder that holds nothing listed")
        for name in sorted(TAGS | {MANIFEST, TAGMANIFEST, SEAL} | set(SHOWN)):
            if name not in self.found:
                self.say(name, "missing")
        if read("bagit.txt") != b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n":
            self.say("bagit.txt", "not a BagIt 1.0 declaration")

    def check_seal(self) -> None:
        """The seal lists every file but itself; with the key, its one signature is the company's."""
        text, wrong = signed_text(read(SEAL), self.key, alone=True)
        if wrong:
            self.say(SEAL, wrong)
        first, *lines = text.split(b"\n")
        if not first.endswith(b"/pack"):
            return self.say(SEAL, "not the seal of a pack")
        if self.key and first != self.key.name.encode() + b"/pack":
            self.say(SEAL, f"the seal of {first.decode('ascii', 'replace')}, not of {self.key.name}")
        self.compare(self.lines(SEAL, lines[:-1]), set(self.found) - {SEAL}, SEAL)

    def check_scope(self) -> None:
        """What the pack says it is about can be read, and is about the company whose ledger it shows."""
        scope = told(read("scope.json"))
        kinds = {"origin": str, "company": str, "since": str, "as_of": str, "known_at": str, "ledger_size": int}
        if not all(type(scope[name]) is kind for name, kind in {**kinds, "raw": bool, "controls": list}.items()):
            raise ValueError("a value of another kind than it must be")
        if scope["origin"] != "tenken/" + scope["company"]:
            self.say("scope.json", "the ledger is another company's")
        self.scope = scope
        stem, end = f"data/12_reports/self-check_{scope['company']}_", scope["as_of"].replace("-", "")
        for path in (f"{stem}{end}.xlsx", f"{stem}{end}.html", f"{stem}{end}.xlsx".replace("self-check", "management-book")):
            if path not in self.found:
                self.say(path, "missing")

    def check_ledger(self) -> None:
        """The leaves rebuild the root of the checkpoint; with the key, its signature is the company's."""
        raw = read("ledger.jsonl")
        if raw and not raw.endswith(b"\n"):
            self.say("ledger.jsonl", "the last entry is not ended")
        self.leaves = raw.split(b"\n")[:-1]
        for number, leaf in enumerate(self.leaves):
            try:
                self.entries.append(told(leaf))
                if self.entries[number]["seq"] != number:
                    raise ValueError(f"its number is {self.entries[number]['seq']}")
            except BROKEN as error:
                self.entries[number:] = [{}]
                self.say("ledger.jsonl", f"entry {number} is not an entry with that number: {error}")
        head = self.head(read("checkpoint"), "checkpoint")
        if not head:
            return
        origin, size, root = head
        if size != len(self.leaves):
            self.say("ledger.jsonl", f"{len(self.leaves)} entries, the checkpoint counts {size}")
        elif tree_root(self.leaves) != root:
            self.say("ledger.jsonl", "the entries do not rebuild the root of the checkpoint")
        if self.scope and (self.scope["ledger_size"], self.scope["origin"]) != (size, origin):
            self.say("scope.json", "speaks of another ledger or another size than the checkpoint")

    def check_growth(self, path: str) -> None:
        """The ledger of this pack begins with the one whose head the auditor holds."""
        head = self.head(read(path), path)
        if not head:
            return
        if self.scope and head[0] != self.scope["origin"]:
            self.say(path, f"the head of {head[0]}, not of {self.scope['origin']}")
        if head[1] > len(self.leaves):
            now = len(self.leaves)
            self.say("checkpoint", f"the ledger had {head[1]} entries at your last visit and has {now} now (rollback)")
        elif tree_root(self.leaves[: head[1]]) != head[2]:
            self.say("ledger.jsonl", "history before your last visit was changed")

    def check_objects(self) -> None:
        """Every object that the ledger commits to is told of, once; in a raw pack its bytes are there, or a reason."""
        opened, files = {}, set()
        for number, line in enumerate(read(OBJECTS).split(b"\n")[:-1], start=1):
            one = told(line)
            if not HEX.fullmatch(one["salt"]) or not HEX.fullmatch(one["sha256"]):
                raise ValueError(f"line {number}: salt and sha256 are 64 hexadecimal digits")
            commitment = hashlib.sha256(b"\x02" + bytes.fromhex(one["salt"] + one["sha256"])).hexdigest()
            if commitment in opened:
                self.say(OBJECTS, f"line {number}: an object that stands twice")
            opened[commitment] = one
            file = one.get("file")
            if file is not None:
                files.add(file)
                if not file.startswith("data/06_raw/") or self.found.get(file) != one["sha256"]:
                    self.say(ascii(file), "not the bytes that were collected")
                elif os.path.getsize(file) != one["size"]:
                    self.say(OBJECTS, f"line {number}: {file} has another size")
            elif self.scope.get("raw") and not one.get("withheld"):
                self.say(OBJECTS, f"line {number}: a raw pack holds the object or says why not")
            if file is not None and self.scope.get("raw") is False:
                self.say(file, "a masked pack holds no raw object")
        for path in sorted(p for p in self.found if p.startswith("data/06_raw/") and p not in files):
            self.say(path, f"not an object of {OBJECTS}")
        committed = {one: n for n, entry in enumerate(self.entries) for one in entry.get("commitments", [])}
        for commitment in [one for one in committed if one not in opened]:
            self.say(OBJECTS, f"the object of ledger entry {committed[commitment]} is left out ({commitment})")
        for commitment in [one for one in opened if one not in committed]:
            self.say(OBJECTS, f"an object that no ledger entry commits to ({opened[commitment]['sha256']})")

    def check_judged(self) -> None:
        """The newest judgement of every control in the period is shown as the ledger recorded it when it was judged."""
        newest: dict = {}  # type: ignore[type-arg]  # control → when known, number and content of its entry
        for number, entry in enumerate(self.entries):
            about = [entry.get(name) for name in ("kind", "since", "as_of")]
            if self.scope and about == ["judged", self.scope["since"], self.scope["as_of"]]:
                one = (datetime.fromisoformat(entry["known_at"]), number, entry)
                newest.update({c: one for c in entry["verdicts"] if c not in newest or newest[c][:2] <= one[:2]})
        if not newest or sorted(newest) != sorted(self.scope["controls"]):
            self.say("scope.json", "the controls are not those that were judged for the period")
        gaps = {(gap["control"], gap["subject"], gap["aspect"]) for gap in rows(GAPS)}
        shown: dict[str, tuple[str, int]] = {}
        for control, (_, number, entry) in sorted(newest.items()):
            definition = f"data/10_config/controls/{control}.json"
            mine = (f"data/03_results/{control}.json", f"data/04_populations/{control}.csv")
            shown.update({path: (self.digest(entry, path), number) for path in mine})
            shown[definition] = (entry["digests"][control][0], number)
            self.trying(mine[0], self.recount, control, entry["verdicts"][control], *mine, gaps)
            self.trying(definition, self.check_test, control, definition)
        last = max(newest.values(), key=lambda one: one[:2], default=None)
        if last and last[0] != datetime.fromisoformat(self.scope["known_at"]):
            self.say("scope.json", "known_at is not that of the newest judgement")
        for path in last[2]["files"] if last else ():
            if not path.startswith(("03_results/", "04_populations/")):
                shown["data/" + path] = (self.digest(last[2], "data/" + path), last[1])
        for path, (digest, number) in shown.items():
            if self.found.get(path) != digest:
                self.say(path, f"{'not what' if path in self.found else 'missing;'} ledger entry {number} recorded")
        tables = ("data/03_", "data/04_", "data/07_", "data/08_", "data/09_", "data/10_config/controls/")
        for path in sorted(set(self.found) - set(shown) - {GAPS}):
            if path.startswith(tables) and not path.endswith(".sql"):
                self.say(path, "of no judgement that the ledger records")

    def digest(self, entry, path: str) -> str:  # type: ignore[no-untyped-def]
        """What an entry recorded of a file: as it looks masked, and raw."""
        return str(entry["files"][path[len("data/") :]][1 if self.scope["raw"] else 0])

    def recount(self, control: str, recorded, result_path: str, population_path: str, gaps) -> None:  # type: ignore[no-untyped-def]
        """Count a population again: verdict, members and deviations are those recorded, each deviation has its gap."""
        result, members = told(read(result_path)), list(rows(population_path))
        deviating = sorted((m["subject"], m["aspect"], m["occurred_on"]) for m in members if m["conforms"] != "true")
        counted = [result["verdict"], sum(int(m["members"]) for m in members), len(deviating)]
        if not counted == recorded == [result["verdict"], result["population"], len(result["deviations"])]:
            self.say(population_path, f"counts {counted[1:]}; judged and recorded in the ledger was {recorded}")
        names = [(d["subject"], d["aspect"] or "", d["occurred_on"] or "") for d in result["deviations"]]
        if sorted(names) != deviating:
            self.say(result_path, "the deviations are not those of the population")
        names += [("unverified", "", "")] if result["verdict"] == "unverified" else []
        for subject, aspect, _ in names:
            if (control, subject, aspect) not in gaps:
                self.say(GAPS, f"the gap of {control} for {subject} {aspect} is left out")

    def check_test(self, control: str, definition: str) -> None:
        """The query that is shown is the one of the definition."""
        if read(f"data/04_populations/{control}.sql") != told(read(definition))["test"].encode():
            self.say(f"data/04_populations/{control}.sql", "not the test of the control's definition")

    def check_custody(self) -> None:
        """The chain of custody names every entry of the ledger, in its order."""
        entries = [
            (str(n), entry.get("at"), entry.get("kind", ""), hashlib.sha256(b"\x00" + leaf).hexdigest())
            for n, (entry, leaf) in enumerate(zip(self.entries, self.leaves))
        ]
        if [(row["seq"], row["at"], row["kind"], row["leaf_hash"]) for row in rows(CUSTODY)] != entries:
            self.say(CUSTODY, "not the entries of the ledger")

    def listed(self, name: str, content: bytes) -> "dict[str, str]":
        """What the lines of a list say; a line of another shape is a problem."""
        said: dict[str, str] = {}
        *lines, rest = content.split(b"\n")
        for number, line in enumerate(lines + [rest] * bool(rest), start=1):
            match = LINE.fullmatch(line)
            if not match or number > len(lines):
                self.say(name, f"line {number} is not `digest  path`")
            elif said.setdefault(match[2].decode(), match[1].decode()) != match[1].decode():
                self.say(name, f"{match[2].decode()} stands twice")
        return said

    def compare(self, listed: "dict[str, str]", found: "set[str]", where: str) -> None:
        """Name every file that is missing, added or changed against a list."""
        for path in sorted(set(listed) - found):
            self.say(path, f"missing; listed in {where}")
        for path in sorted(found - set(listed)):
            self.say(path, f"not listed in {where}")
        for path in sorted(set(listed) & set(self.found)):
            if listed[path] != self.found[path]:
                self.say(path, f"changed; its digest is not the one in {where}")

    def head(self, note: bytes, where: str) -> "tuple[str, int, bytes] | None":
        """Origin, size and root of a checkpoint (C2SP tlog-checkpoint)."""
        text, wrong = signed_text(note, self.key)
        if wrong:
            self.say(where, wrong)
        try:
            origin, size, root, rest = text.split(b"\n")
            head = origin.decode(), int(size), unbase64(root)
            if size != str(head[1]).encode() or head[1] < 0 or len(head[2]) != 32 or rest:
                raise ValueError
        except ValueError:
            return self.say(where, "not a checkpoint")  # type: ignore[func-returns-value]
        if self.key and head[0] != self.key.name:
            self.say(where, f"the head of {head[0]}, not of {self.key.name}")
        return head


class Key:
    """A verification key in its text form: name+hash+base64(0x01 ‖ Ed25519 public key) (C2SP signed-note)."""

    def __init__(self, text: str) -> None:
        self.name, digest, encoded = (text.strip().split("+", 2) + ["", ""])[:3]
        blob = unbase64(encoded.encode())
        self.public, self.id = blob[1:], hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if len(blob) != 33 or blob[0] != 1 or self.id.hex() != digest:
            raise ValueError("not name+hash+base64 of an Ed25519 key, or not copied whole")
        if times(8, decompress(self.public))[0] == 0:
            raise ValueError("not a point that only its owner can sign for")


def signed_text(note: bytes, key: "Key | None", alone: bool = False) -> "tuple[bytes, str | None]":
    """The text of a signed note, and what is wrong with the signatures; ``alone``: there is one and no other."""
    text, mark, tail = note.rpartition(b"\n\n")
    matches = [SIGNATURE.fullmatch(line) for line in tail.split(b"\n")]
    if not mark or matches.pop() is not None or tail[-1:] != b"\n" or not all(matches) or alone and len(matches) != 1:
        return text + b"\n", "not a text, a blank line and its signature"
    good = []
    for match in matches:
        try:
            name, blob = match[1].decode(), unbase64(match[2])  # type: ignore[index]
        except ValueError:
            return text + b"\n", "a signature that is not canonical base64"
        if alone and len(blob) != 68:
            return text + b"\n", "a signature of another length"
        if key and (name, blob[:4]) == (key.name, key.id):
            good.append(ed25519_verifies(key.public, text + b"\n", blob[4:]))
    return text + b"\n", None if key is None or good == [True] else f"the signature is not {key.name}'s"


def tree_root(leaves: "list[bytes]") -> bytes:
    """The Merkle tree hash of RFC 9162 over the leaves; the odd one out of a level goes up as it is."""
    nodes = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves] or [hashlib.sha256(b"").digest()]
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2])
        nodes = [hashlib.sha256(b"\x01" + one + other).digest() for one, other in pairs] + nodes[len(nodes) & ~1 :]
    return nodes[0]


# Ed25519 as RFC 8032 §5.1.7 verifies it, in extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is good; encodings that are not canonical are refused."""
    x, y, z, t = decompress(public)
    scalar = int.from_bytes(signature[32:], "little")
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
    x = x if x * x % P == square else x * ROOT % P
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


def unbase64(text: bytes) -> bytes:
    """Decode base64 strictly: what does not encode back to the same text is refused."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("base64 that is not canonical")
    return raw


def told(raw: bytes) -> dict:  # type: ignore[type-arg]
    """A JSON object, read strictly: UTF-8, every name once, no NaN."""
    content = json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=int)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def once(pairs: "list[tuple[str, object]]") -> "dict[str, object]":
    """The members of a JSON object; a name that stands twice is refused."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in a JSON object")
    return dict(pairs)


def rows(path: str) -> "list[dict[str, str]]":
    """The rows of a CSV file, without the apostrophe that keeps a text from being a formula."""
    lines = csv.DictReader(io.StringIO(read(path).decode("utf-8-sig"), newline=""), strict=True)
    return [{name: value[1:] if value[:1] == "'" else value for name, value in row.items()} for row in lines]


def read(path: str) -> bytes:
    """The bytes of a regular file."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("not a regular file")
    with open(path, "rb") as file:
        return file.read()


def digest_of(path: str) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
