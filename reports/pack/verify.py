#!/usr/bin/env python3
"""Verify an evidence pack (監査証跡パックの検証). Standard library only; run it inside the unpacked folder:

    python3 verify.py --key VKEY [--previous CHECKPOINT]

VKEY is the company's verification key and must come from outside the pack. Without it the pack's integrity is checked
and its origin is not. --previous is the checkpoint of your last visit: it proves that the ledger only grew since.
Exit code 0: every check holds. 1: something does not; each line names the file or entry. 2: wrong usage.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys

TAGS = (
    "bag-info.txt",
    "bagit.txt",
    "checkpoint",
    "ledger.jsonl",
    "manifest-sha256.txt",
    "scope.json",
    "verify.py",
    "VERIFY.txt",
)
SEAL, TAGMANIFEST = "seal.sig", "tagmanifest-sha256.txt"
LINE = re.compile(rb"([0-9a-f]{64})  ([!-~]+)")


def main() -> int:
    """Check everything, print what does not hold, and say what was and was not verified."""
    parser = argparse.ArgumentParser(description="Verify an evidence pack.")
    parser.add_argument("--key", help="the company's verification key, from outside the pack")
    parser.add_argument("--previous", help="a file with the checkpoint of your last visit")
    told = parser.parse_args()
    problems: list[str] = []
    try:
        key = Key(told.key) if told.key else None
    except ValueError as error:
        print(f"--key: {error}")
        return 2
    pack = Pack(problems)
    pack.check_files()
    pack.check_seal(key)
    size = pack.check_ledger(key)
    if told.previous:
        pack.check_growth(told.previous, key, size)
    pack.check_scope()
    for problem in dict.fromkeys(problems):
        print(f"× {problem}")
    if problems:
        print(f"FAILED 不合格: {len(dict.fromkeys(problems))} problem(s)")
        return 1
    print(f"○ INTEGRITY VERIFIED 完全性を確認: {len(pack.found)} files, {size} ledger entries")
    print("○ ORIGIN VERIFIED 発行元を確認" if key else "？ ORIGIN NOT VERIFIED 発行元は未確認 (--key was not given)")
    return 0


class Pack:
    """The unpacked folder, read as bytes."""

    def __init__(self, problems: "list[str]") -> None:
        self.problems = problems
        self.found: dict[str, str] = {}  # path → SHA-256 of each regular file
        self.leaves: list[bytes] = []

    def check_files(self) -> None:
        """Every file is listed with its digest, every listed file is there, and nothing else is."""
        for folder, folders, files in os.walk("."):
            for name in folders + files:
                path = os.path.relpath(os.path.join(folder, name), ".").replace(os.sep, "/")
                if os.path.islink(path):
                    self.problems.append(f"{path}: a link does not belong into a pack")
                elif name in files:
                    self.found[path] = digest_of(path)
        listed = self.listed("manifest-sha256.txt") | self.listed(TAGMANIFEST)
        self.compare(listed, set(self.found) - {TAGMANIFEST, SEAL}, "the manifests")
        for name in (*TAGS, TAGMANIFEST, SEAL):
            if name not in self.found:
                self.problems.append(f"{name}: missing")
        expected = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        if "bagit.txt" in self.found and read("bagit.txt") != expected:
            self.problems.append("bagit.txt: not a BagIt 1.0 declaration")

    def check_seal(self, key: "Key | None") -> None:
        """The seal lists every file but itself; with the key, its signature is the company's."""
        if SEAL not in self.found:
            return
        text, good = signed_text(read(SEAL), key)
        lines = text.split(b"\n")
        if not lines or not lines[0].endswith(b"/pack"):
            self.problems.append(f"{SEAL}: not the seal of a pack")
            return
        if key and not good:
            self.problems.append(f"{SEAL}: the signature is not {key.name}'s")
        if key and lines[0] != key.name.encode() + b"/pack":
            self.problems.append(f"{SEAL}: the seal of {lines[0].decode('ascii', 'replace')}, not of {key.name}")
        sealed = {}
        for line in lines[1:]:
            if match := LINE.fullmatch(line):
                sealed[match[2].decode()] = match[1].decode()
            elif line:
                self.problems.append(f"{SEAL}: a line that is not `digest  path`")
        self.compare(sealed, set(self.found) - {SEAL}, SEAL)

    def check_ledger(self, key: "Key | None") -> int:
        """The leaves rebuild the root of the checkpoint; with the key, its signature is the company's."""
        if "checkpoint" not in self.found or "ledger.jsonl" not in self.found:
            return 0
        raw = read("ledger.jsonl")
        self.leaves = (raw[:-1] if raw.endswith(b"\n") else raw).split(b"\n") if raw else []
        head = self.head(read("checkpoint"), "checkpoint", key)
        if head is None:
            return 0
        origin, size, root = head
        if size != len(self.leaves):
            self.problems.append(f"ledger.jsonl: {len(self.leaves)} entries, the checkpoint counts {size}")
        elif tree_root(self.leaves) != root:
            self.problems.append("ledger.jsonl: the entries do not rebuild the root of the checkpoint")
        for number, leaf in enumerate(self.leaves):
            try:
                entry = json.loads(leaf)
                if entry["seq"] != number:
                    raise ValueError
            except (ValueError, KeyError, TypeError):
                self.problems.append(f"ledger.jsonl: entry {number} is not an entry with that number")
        if "scope.json" in self.found:
            try:
                scope = json.loads(read("scope.json"))
                if (scope["ledger_size"], scope["origin"]) != (size, origin):
                    self.problems.append("scope.json: speaks of another ledger or another size than the checkpoint")
            except (ValueError, KeyError, TypeError):
                self.problems.append("scope.json: cannot be read")
        return size

    def check_growth(self, path: str, key: "Key | None", size: int) -> None:
        """The ledger of this pack begins with the one whose head the auditor holds."""
        try:
            head = self.head(read(path), path, key)
        except OSError as error:
            self.problems.append(f"{path}: {error.strerror}")
            return
        if head and head[1] > size:
            self.problems.append(
                f"checkpoint: the ledger had {head[1]} entries at your last visit and has {size} now (rollback)"
            )
        elif head and tree_root(self.leaves[: head[1]]) != head[2]:
            self.problems.append("ledger.jsonl: history before your last visit was changed")

    def check_scope(self) -> None:
        """Every object that the ledger says was collected in the pack's period is told of, and is what was recorded."""
        if "scope.json" not in self.found or "data/11_custody/objects.jsonl" not in self.found:
            if "data/11_custody/objects.jsonl" not in self.found:
                self.problems.append("data/11_custody/objects.jsonl: missing")
            return
        told: dict[str, dict[str, object]] = {}
        for line in read("data/11_custody/objects.jsonl").split(b"\n"):
            if not line:
                continue
            try:
                one = json.loads(line)
                salt, digest = bytes.fromhex(one["salt"]), bytes.fromhex(one["sha256"])
                told[hashlib.sha256(b"\x02" + salt + digest).hexdigest()] = one
            except (ValueError, KeyError, TypeError):
                self.problems.append("data/11_custody/objects.jsonl: a line that cannot be read")
        for number, leaf in enumerate(self.leaves):
            try:
                entry = json.loads(leaf)
                commitments = entry.get("commitments", [])
            except (ValueError, AttributeError):
                continue
            for commitment in commitments:
                if commitment not in told:
                    self.problems.append(
                        f"data/11_custody/objects.jsonl: the object of ledger entry {number} is left out"
                    )
        for one in told.values():
            file = one.get("file")
            if file and self.found.get(str(file)) != one["sha256"]:
                self.problems.append(f"{file}: not the bytes that were collected")

    def listed(self, name: str) -> "dict[str, str]":
        """The lines of a manifest; a line of another shape is a problem."""
        lines: dict[str, str] = {}
        if name not in self.found:
            return lines
        for number, line in enumerate(read(name).split(b"\n")[:-1], start=1):
            match = LINE.fullmatch(line)
            if not match:
                self.problems.append(f"{name}: line {number} is not `digest  path`")
            elif match[2].decode() in lines:
                self.problems.append(f"{name}: {match[2].decode()} stands twice")
            else:
                lines[match[2].decode()] = match[1].decode()
        return lines

    def compare(self, listed: "dict[str, str]", found: "set[str]", where: str) -> None:
        """Name every file that is missing, added or changed against a list."""
        for path in sorted(set(listed) - found - {TAGMANIFEST}):
            self.problems.append(f"{path}: missing; listed in {where}")
        for path in sorted(found - set(listed)):
            self.problems.append(f"{path}: not listed in {where}")
        for path in sorted(set(listed) & set(self.found)):
            if listed[path] != self.found[path]:
                self.problems.append(f"{path}: changed; its digest is not the one in {where}")

    def head(self, note: bytes, where: str, key: "Key | None") -> "tuple[str, int, bytes] | None":
        """Origin, size and root of a checkpoint (C2SP tlog-checkpoint)."""
        text, good = signed_text(note, key)
        lines = text.split(b"\n")
        try:
            origin, size, root = lines[0].decode(), int(lines[1]), unbase64(lines[2])
            if lines[1] != str(size).encode() or len(root) != 32 or lines[3:] != [b""]:
                raise ValueError
        except (ValueError, IndexError):
            self.problems.append(f"{where}: not a checkpoint")
            return None
        if key and not good:
            self.problems.append(f"{where}: the signature is not {key.name}'s")
        if key and origin != key.name:
            self.problems.append(f"{where}: the head of {origin}, not of {key.name}")
        return origin, size, root


class Key:
    """A verification key in its text form: name+hash+base64(0x01 ‖ Ed25519 public key) (C2SP signed-note)."""

    def __init__(self, text: str) -> None:
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise ValueError("a key reads name+hash+base64")
        self.name, blob = parts[0], unbase64(parts[2].encode())
        if len(blob) != 33 or blob[0] != 1:
            raise ValueError("not an Ed25519 key")
        self.public = blob[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + blob).digest()[:4]
        if self.id.hex() != parts[1]:
            raise ValueError("its hash does not fit: was it copied whole?")


def signed_text(note: bytes, key: "Key | None") -> "tuple[bytes, bool]":
    """The text of a signed note, and whether the key's signature under it is good."""
    text, mark, signatures = note.rpartition(b"\n\n")
    if not mark:
        return note, False
    text += b"\n"
    good = False
    for line in signatures.split(b"\n"):
        match = re.fullmatch("— (\\S+) (\\S+)".encode(), line)
        if not match or key is None or match[1].decode("utf-8", "replace") != key.name:
            continue
        try:
            blob = unbase64(match[2])
        except ValueError:
            continue
        if blob[:4] == key.id:
            good = ed25519_verifies(key.public, text, blob[4:])
    return text, good


def tree_root(leaves: "list[bytes]") -> bytes:
    """The Merkle tree hash of RFC 9162 over the leaves."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        level, node = 0, hashlib.sha256(b"\x00" + leaf).digest()
        while stack and stack[-1][0] == level:
            node = hashlib.sha256(b"\x01" + stack.pop()[1] + node).digest()
            level += 1
        stack.append((level, node))
    if not stack:
        return hashlib.sha256(b"").digest()
    root = stack.pop()[1]
    while stack:
        root = hashlib.sha256(b"\x01" + stack.pop()[1] + root).digest()
    return root


# Ed25519 as RFC 8032 §5.1.7 verifies it, in extended coordinates.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is good; encodings that are not canonical are refused."""
    key = decompress(public) if len(public) == 32 else None
    point = decompress(signature[:32]) if len(signature) == 64 else None
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or point is None or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(scalar, BASE), add(point, times(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def decompress(raw: bytes) -> "tuple[int, int, int, int] | None":
    """The point that 32 bytes stand for; None when they stand for none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def add(one: "tuple[int, int, int, int]", other: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """The sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: "tuple[int, int, int, int]") -> "tuple[int, int, int, int]":
    """A point added to itself ``scalar`` times."""
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


_BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
assert _BASE is not None
BASE = _BASE


def unbase64(text: bytes) -> bytes:
    """Decode base64 strictly: what does not encode back to the same text is refused."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw) != text:
        raise ValueError("base64 that is not canonical")
    return raw


def read(path: str) -> bytes:
    """The bytes of a file."""
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
