"""What stands on one line of an object: for an operator who may see it, never for a report."""

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from collectors.formats import LINE, OBJECT, PART, read_all
from collectors.sources import Source
from evidence.datasets import catalogue
from evidence.errors import SourceError
from evidence.store.values import FetchedObject
from evidence.vault import Digest, StoredObject
from house import House
from registers.csv_files import encoding_of, is_csv
from registers.reading import opened

REGISTER = "register:"


def line_of(house: House, held: FetchedObject, part: str | None, line: int) -> str:
    """The line as its format reads it, or why it cannot be shown. Tampered when the object is not what was stored."""
    stored = StoredObject(Digest(held.digest), held.size, house.vault, None, held.name, held.modified, held.version)
    if held.how in ("import", "judged"):
        with stored.open() as file:
            return _entered(file.read(), held, part, line)
    source = next((source for source in house.sources if source.name == held.source), None)
    if source is None:
        return f"(the source {held.source} is not configured any more)"
    return _collected(stored, source, part, line)


def _collected(stored: StoredObject, source: Source, part: str | None, line: int) -> str:
    try:
        for batch in read_all([stored], source.layout):
            if not isinstance(batch, pa.RecordBatch):
                continue
            table = pa.Table.from_batches([batch])
            here = pc.and_(pc.equal(table[LINE], line), pc.equal(pc.fill_null(table[PART], ""), part or ""))
            for row in table.filter(here).to_pylist():
                return _told({name: value for name, value in row.items() if name not in (OBJECT, PART, LINE)})
    except SourceError as error:
        return f"({error})"
    return "(its format reads no row there any more)"


def _entered(content: bytes, held: FetchedObject, part: str | None, line: int) -> str:
    if held.name.endswith(".jsonl"):
        return _told(json.loads(content.split(b"\n")[line - 1]))
    register = catalogue()[held.source.removeprefix(REGISTER)]
    encoding = encoding_of(content) if is_csv(held.name) else None
    rows = list(opened(content, held.name, part or register.title_ja, encoding).rows)
    return _told(dict(zip(map(str, rows[0]), rows[line - 1], strict=False)))


def _told(row: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if value not in (None, "", []))
