"""Who stands behind the pseudonyms of a pack 再識別表: apart from it, encrypted to one recipient, by two persons.

Worker numbers are kept nowhere: they are read again from the rosters as they came, by the key that each mints.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from collectors.formats import End, Reject, read_all
from evidence import ledger
from evidence.period import Period
from evidence.vault import Digest, StoredObject
from evidence.vault.plain import PLAIN, PlainFolder
from house import House, newest
from house.duties import refuse_alone
from house.handout import REVEALED, Released, folder_of, materials, send, sign_what_is_shown, write
from reports.pack import envelope
from reports.pack.tables import csv_of

NUMBER, NAME = "worker_no", "name"
ROSTER = "workers"
PERSON = "p"  # how the key of a person begins


def reveal(house: House, company: str, period: Period, path: Path, released: Released) -> Path:
    """Write, encrypted to a recipient, which worker each pseudonym of a period's pack is; the path written (``….p7m``).

    ConfigError when the two persons are one or not there; then nothing is written.
    """
    refuse_alone(house, released.by, released.approved_by, released.purpose)
    folder, masked = folder_of(path), house.masking(company)
    with PlainFolder(house.home / PLAIN).room() as private:
        people = _met(house, company, period, private)
        plain = private / path.name.removesuffix(envelope.SUFFIX)
        plain.write_bytes(_table({masked(key): key for key in people}, _called(house, people)))
        told = {"kind": REVEALED, **released.told(masked), "persons": len(people)}
        told |= {"since": period.since.isoformat(), "as_of": period.as_of.isoformat()}
        [sent] = send(house, company, told, released.certificate, [plain], folder)
    return sent


def _met(house: House, company: str, period: Period, private: Path) -> frozenset[str]:
    """The keys of the persons whose pseudonyms a pack of the period gives: it is made to see them, and thrown away."""
    met: set[str] = set()
    told = replace(materials(house, company, period), met=met)
    sign_what_is_shown(house, ledger.log_of(company))
    write(house, told, private / "pack.zip", lambda _: None, raw=False)
    return frozenset(key for key in met if key.startswith(PERSON))


def _called(house: House, people: Collection[str]) -> Mapping[tuple[str, str], set[str]]:
    """What each of these persons is called, by key and kind of identifier."""
    called: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in newest(house, ("person_identities",)).rows("person_identities", history=True):
        if row["person_key"] in people:
            called[row["person_key"], row["identifier_kind"]].add(row["identifier"])
    lacking = {key for key in people if (key, NUMBER) not in called}
    keys = house.keys()
    for word in _words_of_rosters(house) if lacking else ():
        if (key := keys.person(NUMBER, word)) in lacking:
            called[key, NUMBER].add(word)
            lacking.discard(key)
            if not lacking:
                break
    return called


def _words_of_rosters(house: House) -> Iterator[str]:
    """Every cell of the rosters as they came, each once in its batch, the newest first."""
    for source in house.sources:
        if ROSTER not in source.datasets:
            continue
        with house.store.read() as tx:
            objects = [one for one in tx.objects.of_source(source.name) if one.salt]
        for one in reversed(objects):
            stored = StoredObject(Digest(one.digest), one.size, house.vault, one.key_id, one.name, one.modified)
            for part in read_all([stored], source.layout):
                if not isinstance(part, Reject | End):
                    yield from _cells(part)


def _cells(batch: pa.RecordBatch) -> Iterator[str]:
    for column in batch.columns:
        if pa.types.is_string(column.type):
            yield from (text.strip() for text in column.unique().to_pylist() if text and text.strip())


def _table(people: Mapping[str, str], called: Mapping[tuple[str, str], set[str]]) -> bytes:
    rows = sorted(people.items())
    columns = {"pseudonym": [alias for alias, _ in rows]}
    columns |= {kind: ["; ".join(sorted(called.get((key, kind), ()))) for _, key in rows] for kind in (NUMBER, NAME)}
    return csv_of(pa.table(columns, pa.schema([(name, pa.string()) for name in columns])), str)
