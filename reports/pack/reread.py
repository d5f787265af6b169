"""Read the objects of a raw pack again, by the readers that collected them and as its ledger says that they were read.

What a collection made of its objects follows from them, from its entry (when it began, when each object was written)
and from the way of reading whose digest the entry has. Keys are minted anew, from nobody's secret: they are others.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.completeness import Before, Outcome
from collectors.fetched import Fetched
from collectors.reader import Reader
from collectors.readings import Way, read
from collectors.recorded import read_whole
from evidence.errors import SourceError
from evidence.facts import Facts
from evidence.ledger import COLLECTED, commitment
from evidence.persons import SECRET_SIZE, Keys
from evidence.store.values import FactFile, FetchedObject
from evidence.vault import StoredObject
from evidence.vault.folder import FolderVault
from reports.pack.payload import READINGS

ANYTHING = "*"
RAW = "data/06_raw"
RUN = re.compile(r"[a-z0-9_]+-\d{8}-\d+-[0-9a-f]{8}", re.ASCII)
OTHERS = Keys(bytes(SECRET_SIZE))
Entry = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """What the ledger of a pack says of its objects, and the pack of them."""

    folder: Path
    entries: list[Entry]
    held: dict[str, Entry]  # the line of each object, by its commitment

    @staticmethod
    def of(folder: Path) -> "Ledger":
        """The ledger of an unpacked pack; any error when it cannot be read."""
        lines = _lines(folder / "data/11_custody/objects.jsonl")
        sealed = ((commitment(bytes.fromhex(one["salt"]), bytes.fromhex(one["sha256"])).hex(), one) for one in lines)
        return Ledger(folder, list(_lines(folder / "ledger.jsonl")), dict(sealed))

    def collections(self) -> Iterator[Entry]:
        """The entries of collections that brought something, in their order."""
        return (entry for entry in self.entries if entry["kind"] == COLLECTED and entry["commitments"])

    def objects(self, entry: Entry) -> list[Entry]:
        """The lines of what an entry commits to, but for what was erased since."""
        return [self.held[one] for one in entry["commitments"] if one in self.held]

    def brought(self) -> Mapping[str, set[str]]:
        """Of which datasets each object may tell, by its digest."""
        told: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            for line in self.objects(entry) if entry.get("commitments") else ():
                told[line["sha256"]].update(_datasets(entry))
        return told


@dataclass(slots=True)
class Reread:
    """What came of it: facts like those of the house, and what they cannot be compared in."""

    facts: Facts
    files: list[FactFile] = field(default_factory=list)
    objects: dict[str, str | None] = field(default_factory=dict)  # digest → which identifiers were known
    apart: set[str] = field(default_factory=set)  # datasets that a source delivers which was not read again
    shifting: set[str] = field(default_factory=set)  # datasets whose sources came to know other identifiers
    growing: bool = False  # whether logs were read that were still being written
    problems: list[str] = field(default_factory=list)


def reread(ledger: Ledger, company: str, room: Path) -> Reread:
    """Read all that can be read again into a private room; a source of which anything is withheld is left apart."""
    vault, found = FolderVault(room / "vault"), Reread(Facts(room / "facts"))
    (room / "vault").mkdir()
    for name in ("facts", "names"):
        (room / name).mkdir()
    of_source: dict[str, list[Entry]] = defaultdict(list)
    for entry in ledger.collections():
        of_source[entry["source"]].append(entry)
    for entries in of_source.values():
        if any("file" not in line for entry in entries for line in ledger.objects(entry)):
            found.apart.update(name for entry in entries for name in entry["datasets"])
            continue
        again = _Again(ledger, company, vault, found)
        for entry in entries:
            again.take(entry)
        if len({entry.get("identifiers") for entry in entries}) > 1:
            found.shifting.update(name for entry in entries for name in entry["datasets"])
    for line in ledger.held.values():
        if "file" not in line:
            found.objects.pop(line["sha256"], None)  # the same bytes may have come from elsewhere, too
    return found


@dataclass(slots=True)
class _Again:
    """The collections of one source, one after the other."""

    ledger: Ledger
    company: str
    vault: FolderVault
    found: Reread
    known: list[FetchedObject] = field(default_factory=list)
    before: dict[str, Before] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Read what one collection brought; of one that has lost an object no fact counts any more."""
        lines = self.ledger.objects(entry)
        if len(lines) < len(entry["commitments"]):
            told = {name: one["rows"] for name, one in entry["datasets"].items() if one["complete"]}
            self.before |= {name: Before(rows) for name, rows in told.items()}
            return
        where = f"entry {entry['seq']}, {entry['source']}"
        way = self._way(entry, where)
        if way is None:
            self.found.apart.update(entry["datasets"])
            return
        if not RUN.fullmatch(entry["run"]):
            raise ValueError(f"{where}: a run that no collection is called by")  # facts would be written elsewhere
        objects = tuple(self._stored(*one) for one in zip(lines, entry["modified"], strict=True))
        reader = Reader(
            way.source, self.vault, self.found.facts, entry["run"], date.fromisoformat(entry["slot_on"]),
            datetime.fromisoformat(entry["begun_at"]), OTHERS, ZoneInfo(way.zone), frozenset(), self.known,
            dict(self.before), Fetched(objects), [],
        )  # fmt: skip
        try:
            reader.read()
        except SourceError as error:
            self.found.problems.append(f"{where}: cannot be read again: {error.why}")
        self.found.problems += [f"{where}: {what}" for what in self._otherwise(entry, reader.outcomes)]
        self._keep(entry, way, objects, reader)

    def _way(self, entry: Entry, where: str) -> Way | None:
        """How it was read: what the pack says of it is what the entry has the digest of, or it is nothing."""
        digest = str(entry.get("reading", ""))
        try:
            content = (self.ledger.folder / "data" / READINGS / f"{digest}.json").read_bytes()
            if sha256(content).hexdigest() == digest:
                return read(content, entry["how"])
        except OSError:
            pass
        self.found.problems.append(
            f"{where}: how it was read ({digest[:12]}) is not in the pack as the ledger recorded it 読取方法が相違"
        )
        return None

    def _stored(self, line: Entry, modified: str | None) -> StoredObject:
        path = self.ledger.folder / line["file"]
        if path.parent != self.ledger.folder / RAW or path.is_symlink() or not path.is_file():
            raise ValueError(f"{line['file']}: is no object of a pack")
        with path.open("rb") as file:
            stored = self.vault.put(file)
        if stored.digest != line["sha256"]:
            self.found.problems.append(f"{line['file']}: is not the object {line['sha256'][:12]}")
        return replace(stored, modified=datetime.fromisoformat(modified) if modified else None)

    def _otherwise(self, entry: Entry, outcomes: Sequence[Outcome]) -> Iterator[str]:
        """What the ledger counted otherwise. What could not be got, only it knows: that may have made it incomplete."""
        counted = {str(one.dataset.name): one for one in outcomes}
        for name in sorted(counted.keys() | entry["datasets"].keys()):
            told, one = entry["datasets"].get(name), counted.get(name)
            if told is None or one is None:
                yield f"{name} is delivered by the ledger or by its objects, not by both"
                continue
            for what, then, now in (
                ("rows", told["rows"], one.rows_of(self.company)),
                ("rejected", told["rejected"], one.rejected),
            ):
                if then != now:
                    yield f"{name}: {what}: the ledger recorded {then}, read again {now}"
            if told["complete"] and one.reasons:
                yield f"{name}: recorded as complete, and is not: {one.reasons[0]}"

    def _keep(self, entry: Entry, way: Way, objects: Sequence[StoredObject], reader: Reader) -> None:
        at, told = datetime.fromisoformat(entry["at"]), entry["datasets"]
        for one in reader.outcomes:
            whole = told.get(str(one.dataset.name), {}).get("complete", False)
            for n, file in enumerate(one.files, start=1):
                complete = file.complete and (whole or n < len(one.files))
                self.found.files.append(replace(file, complete=complete, recorded_at=at))
            if whole and str(one.dataset.name) in reader.before:
                self.before[str(one.dataset.name)] = reader.before[str(one.dataset.name)]
        read_to_end = read_whole(reader.fetched, reader.outcomes)
        for stored in objects:
            mapped = way.source.profile.stamp if stored.digest in read_to_end else None
            self.known.append(
                FetchedObject(
                    stored.digest, stored.size, way.source.name, entry["run"], stored.name, stored.modified, None, "",
                    entry["how"], "", mapped=mapped,
                )
            )  # fmt: skip
            self.found.objects[stored.digest] = entry["identifiers"]
        self.found.growing |= way.source.told.growing


def _datasets(entry: Entry) -> Iterable[str]:
    match entry["kind"]:
        case "collected":
            return list(entry["datasets"])
        case "edited":
            return [entry["register"]]
        case "judged":
            return ["assessments"]
    return [ANYTHING]


def _lines(path: Path) -> Iterator[Entry]:
    return (json.loads(line) for line in path.read_bytes().split(b"\n") if line)
