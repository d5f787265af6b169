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
import csv
import hashlib
import io
import json
import re
import stat
from datetime import datetime
from typing import Any

from evidence.ledger.tsr import stamped
from reports.pack.verify_keys import Key, followed, opened, tree_root, unbase64
from reports.pack.verify_read import leaf, read, rows, told

STAMP, CHAIN = "checkpoint.tsr", "tsa-chain.pem"
MANIFEST, TAGS, SEAL, RAW = "manifest-sha256.txt", "tagmanifest-sha256.txt", "seal.sig", "data/06_raw/"
OBJECTS, CUSTODY, GAPS = "data/11_custody/objects.jsonl", "data/11_custody/custody.csv", "data/09_findings/gaps.csv"
RENDERED = {"data/00_index.xlsx", "data/01_scope.md", "data/02_control_matrix.xlsx"}
NEEDED = RENDERED | {
    "bag-info.txt",
    "bagit.txt",
    "verify.py",
    "verify.html",
    "VERIFY.txt",
    "reperform.sql",
}  # and what is read
TABLES = ("data/03_", "data/04_", "data/07_", "data/08_", "data/09_", "data/10_config/controls/")
LINE = re.compile(rb"^([0-9a-f]{64})  ([!-~]{1,200})\n", re.MULTILINE)
AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z")  # of an entry, in UTC
# Not in custody's "what":
APART = ("v", "seq", "at", "kind", "commitments", "sizes", "checksums", "modified", "facts", "files", "digests")
PURGE = ("request", "source", "until", "why")  # what a purge and the request for it both tell
UNKNOWN = "？ ORIGIN NOT VERIFIED 発行元は未確認: --key was not given, and anybody can have made this pack"
STAMPED = "△ TIME STAMP 時刻印 {0:%Y-%m-%d %H:%M:%S} UTC (-attime {1}): its signature is for openssl, see VERIFY.txt"
COLUMNS = ("seq", "at", "kind", "what", "leaf_hash")  # of custody.csv
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PURGED = "△ purged {0}: the ledger says so, by whom and why 消去済み {0} 件(台帳に記録)"
MOST = 10_000  # problems that are told
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, csv.Error)


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
    said = [f"× {problem}" for problem in pack.problems] + [f"FAILED 不合格: {len(pack.problems)} problem(s)"]
    if not pack.problems:
        counts = f"{len(pack.found)} files, {len(pack.leaves)} ledger entries, {pack.withheld} objects withheld"
        about = "  {origin}, {since} to {as_of}, known at {known_at}".format_map(pack.scope)
        said = [about, f"○ INTEGRITY VERIFIED 完全性を確認: {counts}"]
        said += ["○ GROWTH VERIFIED 前回からの追記のみを確認"] if given.previous else []
        said += ["○ ORIGIN VERIFIED 発行元を確認" if key else UNKNOWN]
        newest = pack.keys[-1][1].text if pack.keys else ""
        said += [PURGED.format(pack.purged)] if pack.purged else []
        said += [STAMPED.format(pack.stamped, int(pack.stamped.timestamp()))] if pack.stamped else []
        said += [f"  the key was changed since 鍵は更新済み: {newest}"] if key and newest != key.text else []
    for line in said:  # none can write a line of its own, steer a terminal or fill it
        print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line[:500]))
    return 1 if pack.problems else 0


class Pack:
    """The unpacked folder, read as bytes; ``problems`` is everything that does not hold."""

    def __init__(self, key: "Key | None", previous: "str | None") -> None:
        self.key, self.previous = key, previous
        self.problems: dict[str, None] = {}
        self.found: dict[str, str] = {}  # path → SHA-256 of each regular file
        self.leaves: list[bytes] = []
        self.entries: dict[int, Any] = {}  # what the leaves say, by their numbers
        self.keys: list[tuple[int, Key]] = []  # the keys of the ledger, and from which size on each signs
        self.custody: list[Any] = []  # what custody.csv says of them
        self.scope: Any = {}
        self.withheld = self.purged = 0
        self.latest = ""  # when the newest entry so far was written
        self.stamped: Any = None  # when the time stamp says that the checkpoint was there

    def say(self, where: str, what: str) -> None:
        if len(self.problems) < MOST:
            self.problems[f"{where}: {what}"] = None

    def check(self) -> None:
        """Run every check; what cannot be read is a problem of the file it is in, never a traceback."""
        self.trying("the folder", self.check_files)
        self.trying("scope.json", self.check_scope)
        self.trying("ledger.jsonl", self.check_ledger)
        self.trying(SEAL, self.check_seal)
        if {STAMP, CHAIN} & set(self.found):
            self.trying(STAMP, self.check_stamp)
        if self.previous is not None:
            self.trying("--previous", self.check_growth, self.previous)
        self.trying(OBJECTS, self.check_objects)
        self.trying("ledger.jsonl", self.check_judged)

    def trying(self, where: str, check: Any, *given: Any) -> None:
        try:
            check(*given)
        except (*BROKEN, MemoryError) as error:
            self.say(where, f"cannot be read: {type(error).__name__}: {error}")

    def check_files(self) -> None:
        """Every file is listed with its digest, every listed file is there, and nothing else is."""
        folders = [""]
        for folder in folders:  # which grows by those that are found in it
            self.trying(folder or "the folder", self.look_into, folder, folders)
        payload = {path for path in self.found if path.startswith("data/")}
        listed = self.listed(MANIFEST, read(MANIFEST))
        self.compare(listed, payload, MANIFEST)
        self.compare(self.listed(TAGS, read(TAGS)), set(self.found) - payload - {TAGS, SEAL}, TAGS)
        needed = {name[:at] for name in listed for at, letter in enumerate(name) if letter == "/"}
        for path in sorted(set(folders[1:]) - needed):
            self.say(path, "a folder that holds nothing listed")
        for path in sorted(NEEDED - set(self.found)):
            self.say(path, "missing")
        if read("bagit.txt") != BAGIT:
            self.say("bagit.txt", "not the declaration of BagIt 1.0")

    def look_into(self, folder: str, folders: "list[str]") -> None:
        for name in os.listdir(folder or "."):
            path = f"{folder}/{name}".lstrip("/")
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                self.trying(path, self.hold, path)
            elif stat.S_ISDIR(mode):
                folders.append(path)
            else:
                self.say(path, "a link, a pipe or a device does not belong into a pack")

    def hold(self, path: str) -> None:  # take its digest
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self.found[path] = digest.hexdigest()

    def check_seal(self) -> None:
        """The seal lists every file but itself; with the key, its one signature is the company's."""
        note = read(SEAL)
        first, _, lines = (note.rpartition(b"\n\n")[0] + b"\n").partition(b"\n")
        self.compare(self.listed(SEAL, lines), set(self.found) - {SEAL}, SEAL)  # whatever becomes of the signature
        if self.key and first != self.key.name.encode() + b"/pack":
            self.say(SEAL, f"the seal of {first.decode('ascii', 'replace')}, not of {self.key.name}/pack")
        if len(opened(note)[1]) != 1:
            raise ValueError("it bears one signature and no other")
        self.signed(note, SEAL, len(self.leaves))

    def check_stamp(self) -> None:  # the time stamp is of this checkpoint; who gave it is proven by openssl
        digest, self.stamped = stamped(read(STAMP))
        if digest != hashlib.sha256(read("checkpoint")).digest():
            self.say(STAMP, "the time stamp of another checkpoint")
        if CHAIN not in self.found:
            self.say(CHAIN, "missing")

    def check_scope(self) -> None:  # what the pack is about can be read, and it shows that company's ledger
        scope = self.scope = told(read("scope.json"))
        own = "tenken/" + scope["company"]
        if type(scope["raw"]) is not bool or {own, self.key.name if self.key else own} != {scope["origin"]}:
            self.say("scope.json", "raw is not true or false, or the ledger is another company's")
        for name in ("self-check_{}_{}.xlsx", "self-check_{}_{}.html", "management-book_{}_{}.xlsx"):
            path = "data/12_reports/" + name.format(scope["company"], scope["as_of"].replace("-", ""))
            if path not in self.found:
                self.say(path, "missing")

    def check_ledger(self) -> None:
        """The leaves rebuild the root of the checkpoint, and custody.csv tells of them."""
        for number, line in enumerate(io.BytesIO(read("ledger.jsonl"))):
            if len(self.problems) == MOST:
                break
            self.trying(f"ledger.jsonl: entry {number}", self.take, number, line)
        self.trying("ledger.jsonl", self.check_keys)
        size, root = self.head(read("checkpoint"), "checkpoint")
        if size != len(self.leaves):
            self.say("ledger.jsonl", f"{len(self.leaves)} entries, the checkpoint counts {size}")
        elif tree_root(self.leaves) != root:
            self.say("ledger.jsonl", "the entries do not rebuild the root of the checkpoint")
        shown = rows(CUSTODY)
        if [tuple(row.values()) for row in shown] != self.custody or tuple(shown[0]) != COLUMNS:
            self.say(CUSTODY, "not the entries of the ledger")
        if self.scope.get("ledger_size") != size:
            self.say("scope.json", "speaks of another size of the ledger than the checkpoint")

    def check_keys(self) -> None:  # each change of keys was signed by both, and leads from or to the key that was given
        changes = [(number, e["note"]) for number, e in self.entries.items() if e.get("kind") == "keychange"]
        self.keys = followed(self.scope["origin"], self.key, changes)

    def take(self, number: int, line: bytes) -> None:  # keep an entry, and its row of custody.csv
        self.leaves.append(line.rstrip(b"\n"))
        entry, digest = leaf(line), hashlib.sha256(b"\x00" + self.leaves[-1]).hexdigest()
        if entry["seq"] != number:
            raise ValueError(f"its number is {entry['seq']}")
        if not AT.fullmatch(entry["at"]) or entry["at"] < self.latest:
            raise ValueError(f"its time {entry['at']} is none, or is before that of the entry before it (back-dated)")
        self.latest = entry["at"]
        self.entries[number] = entry
        what = json.dumps({k: v for k, v in entry.items() if k not in APART}, ensure_ascii=False)
        self.custody.append((str(number), entry["at"], entry["kind"], what, digest))

    def check_growth(self, path: str) -> None:  # the ledger begins with the one whose head the auditor holds
        size, root = self.head(read(path), path)
        if size > len(self.leaves):
            self.say("checkpoint", f"the ledger had {size} entries at your last visit and has fewer now (rollback)")
        elif tree_root(self.leaves[:size]) != root:
            self.say("ledger.jsonl", "history before your last visit was changed")

    def check_objects(self) -> None:
        """Every object that the ledger commits to, and does not tell later was purged, is told of, once; in a raw pack
        its bytes are there, or a reason."""
        committed = {one: number for number, entry in self.entries.items() for one in entry.get("commitments", ())}
        opened = set()  # commitments, and the files that open them
        for number, line in enumerate(io.BytesIO(read(OBJECTS)), start=1):
            one, where = told(line), f"{OBJECTS}: line {number}"
            if not re.fullmatch("[0-9a-f]{64} [0-9a-f]{64}", one["salt"] + " " + one["sha256"]):
                raise ValueError(f"line {number}: salt and sha256 are 64 hexadecimal digits")
            commitment = hashlib.sha256(b"\x02" + bytes.fromhex(one["salt"] + one["sha256"])).hexdigest()
            if commitment in opened or type(one["entry"]) is not int or committed.get(commitment) != one["entry"]:
                self.say(where, f"an object that stands twice, or that ledger entry {one['entry']} does not commit to")
            shows, file, why = {"file", "withheld"} & set(one), one.get("file"), one.get("withheld")
            self.withheld += "withheld" in shows
            if not self.scope.get("raw"):
                if shows:
                    self.say(where, f"a masked pack holds no raw object, nor says why not: {file}")
            elif len(shows) != 1 or (file is None and not (isinstance(why, str) and why)):
                self.say(where, "a raw pack holds the object or says why not")
            elif file is not None and (not file.startswith(RAW) or self.found.get(file) != one["sha256"]):
                self.say(file, f"not the bytes that were collected ({where})")
            opened |= {commitment, file}
        for path in sorted(path for path in self.found if path.startswith(RAW) and path not in opened):
            self.say(path, f"not an object of {OBJECTS}")
        erased = {one for number, gone in self.tombs() for one in gone if committed.get(one, number) < number}
        self.purged = len(erased)
        for one in sorted(erased & opened):
            self.say(OBJECTS, f"an object of ledger entry {committed[one]} is shown, and was purged as the ledger says")
        for one in sorted(set(committed) - opened - erased):
            self.say(OBJECTS, f"an object of ledger entry {committed[one]} is left out")

    def tombs(self) -> Any:
        """What each purge erased; another person must have asked for it before the one who approved it."""
        requests = {}
        for number, entry in self.entries.items():
            by, asker = entry.get("actor"), entry.get("requested_by")
            about = json.dumps([entry.get(name) for name in PURGE], sort_keys=True)
            if entry.get("kind") == "purge_requested":
                requests[about] = by
            elif entry.get("kind") == "purged":
                if not isinstance(asker, str) or asker in ("", by) or requests.get(about) != asker:
                    self.say(f"ledger.jsonl: entry {number}", "a purge that nobody else asked for before")
                erased = entry["erased"]
                if not isinstance(erased, list) or not all(re.fullmatch("[0-9a-f]{64}", one) for one in erased):
                    raise ValueError(f"entry {number}: erased is no list of commitments")
                yield number, erased

    def check_judged(self) -> None:
        """The newest judgement of every control in the period is shown as the ledger recorded it when it was judged."""
        newest: dict[str, Any] = {}  # control → when known, number and content of its entry
        for number, entry in self.entries.items():
            about = [entry.get(name) for name in ("kind", "since", "as_of")]
            if about == ["judged", self.scope["since"], self.scope["as_of"]]:
                one = (datetime.fromisoformat(entry["known_at"]), number, entry)
                if one[0] > datetime.fromisoformat(entry["at"].replace("Z", "+00:00")):
                    self.say(f"ledger.jsonl: entry {number}", "judged by evidence that came after it")
                newest.update({c: one for c in entry["verdicts"] if c not in newest or newest[c][:2] < one[:2]})
        if not newest:
            raise ValueError("no judgement of the period of scope.json")
        last = max(newest.values(), key=lambda one: one[:2])
        told_at = datetime.fromisoformat(self.scope["known_at"])
        if sorted(newest) != sorted(self.scope["controls"]) or last[0] != told_at:
            self.say("scope.json", "the controls or known_at are not those of the newest judgements of the period")
        raw = int(self.scope["raw"])  # an entry tells two digests of a file: as it looks masked, and raw
        shown = {"data/" + path: (two[raw], last[1]) for path, two in last[2]["files"].items() if path[:2] > "04"}
        known = {GAPS, *(f"data/04_populations/{control}.sql" for control in newest)}
        gaps = {(gap["control"], gap["subject"], gap["aspect"]) for gap in rows(GAPS, "control", "subject", "aspect")}
        for control, (_, number, entry) in sorted(newest.items()):
            for path in (f"03_results/{control}.json", f"04_populations/{control}.csv"):
                shown["data/" + path] = (entry["files"][path][raw], number)
            shown[f"data/10_config/controls/{control}.json"] = (entry["digests"][control][0], number)
            self.trying(f"data/03_results/{control}.json", self.recount, control, entry, gaps)
        for path, (digest, number) in shown.items():
            if self.found.get(path) != digest:
                self.say(path, f"{'not what' if path in self.found else 'missing:'} ledger entry {number} recorded")
        for path in sorted(path for path in set(self.found) - set(shown) - known if path.startswith(TABLES)):
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

    def listed(self, name: str, content: bytes) -> "dict[str, str]":  # what the lines of a list say
        pairs = LINE.findall(content)
        if b"".join(b"%s  %s\n" % pair for pair in pairs) != content:
            self.say(name, "a line is not `digest  path` and a newline")
        said = {path.decode(): digest.decode() for digest, path in pairs}
        if len(said) != len(pairs):
            self.say(name, "a path stands twice")
        return said

    def compare(self, listed: "dict[str, str]", found: "set[str]", where: str) -> None:  # missing, added or changed
        for path in sorted(found | set(listed)):
            if path not in found:
                self.say(path, f"missing; listed in {where}")
            elif path not in listed:
                self.say(path, f"not listed in {where}")
            elif listed[path] != self.found[path]:
                self.say(path, f"changed; its digest is not the one in {where}")

    def head(self, note: bytes, where: str) -> "tuple[int, bytes]":
        """Size and root of a checkpoint of this pack's ledger (C2SP tlog-checkpoint)."""
        origin, size, root, rest = opened(note)[0].split(b"\n")
        if size != str(int(size)).encode() or int(size) < 0 or len(unbase64(root)) != 32 or rest:
            raise ValueError(f"{where}: not a checkpoint")
        if origin.decode() != self.scope.get("origin"):
            self.say(where, f"the head of {origin.decode()}, not of {self.scope.get('origin')}")
        self.signed(note, where, int(size))
        return int(size), unbase64(root)

    def signed(self, note: bytes, where: str, size: int) -> None:
        """With the key, a note bears the signature of the key that signs for the ledger at a size."""
        text, signatures = opened(note)
        key = [key for since, key in self.keys if since <= size][-1] if self.keys else self.key
        if self.key and key and not key.signed(text, signatures):
            self.say(where, f"the signature is not {key.name}'s")


if __name__ == "__main__":
    sys.exit(main())
