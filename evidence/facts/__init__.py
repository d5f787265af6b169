"""Facts: typed rows in Parquet, by dataset, source and day, one file per collection run.

A file exists when the store says so (:class:`evidence.store.values.FactFile`); what a killed run left behind is never
read. Everything here can be rebuilt from the vault.
"""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from evidence.datasets import Dataset, Kind
from evidence.errors import Tampered
from evidence.files import sync_folder
from evidence.store.values import FactFile

COMPUTED = frozenset({"known_since_at", "recorded_at", "row_ref", "entered_at"})


def written_schema(dataset: Dataset) -> pa.Schema:
    """The columns that lie in a file: all but those that only the reader of the files can know."""
    return pa.schema([c.arrow for c in dataset.all_columns if c.name not in COMPUTED])


def read_schema(dataset: Dataset) -> pa.Schema:
    """The columns that a format hands over: as written, without what the collection adds for all rows alike."""
    return pa.schema([f for f in written_schema(dataset) if f.name not in ("source", "run_id", "snapshot_at")])


@dataclass(slots=True)
class Facts:
    """The folder of fact files."""

    root: Path

    def write(
        self,
        dataset: Dataset,
        source: str,
        run_id: str,
        day: date,
        batches: Iterable[pa.RecordBatch],
        *,
        snapshot_at: datetime | None = None,
        complete: bool = True,
    ) -> FactFile | None:
        """Stream batches (:func:`read_schema`) into one file; None when there was no row. Durable before it returns."""
        schema = written_schema(dataset)
        path = _free(self.root / dataset.name / source / day.isoformat(), run_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        rows = 0
        try:
            with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
                for batch in batches:
                    if batch.num_rows:
                        writer.write_table(_completed(batch, schema, source, run_id, dataset, snapshot_at))
                        rows += batch.num_rows
            if not rows:
                temporary.unlink()
                return None
            digest = _digest(temporary, sync=True)
            temporary.rename(path)
            sync_folder(path.parent, self.root.parent)  # the first file brings the root itself
        except BaseException:
            with suppress(FileNotFoundError):
                temporary.unlink()
            raise
        relative = path.relative_to(self.root).as_posix()
        return FactFile(relative, digest, dataset.name, source, day, run_id, rows, snapshot_at, complete)

    def verified(self, file: FactFile) -> Path:
        """The file's path; Tampered when its bytes are not those that were recorded, or are gone."""
        path = self.root / file.path
        if _leads_elsewhere(self.root, file.path):
            raise Tampered(f"fact file {file.path} is reached through a link; put the file itself there")
        try:
            found = _digest(path, sync=False)
        except OSError as error:
            raise Tampered(
                f"fact file {file.path} cannot be read ({error.strerror}); rebuild the facts from the vault"
            ) from error
        if found != file.digest:
            raise Tampered(f"fact file {file.path} is not what was recorded; rebuild the facts from the vault")
        return path

    def has_older(self, dataset: Dataset, files: Iterable[FactFile]) -> bool:
        """Whether any of these files was written before a column of its dataset was declared."""
        declared = set(written_schema(dataset).names)
        return any(declared - set(pq.read_schema(self.root / file.path).names) for file in files)


def _leads_elsewhere(root: Path, relative: str) -> bool:
    """Whether a file, or a folder on the way to it from the root, is a link. Asked of each file of each window."""
    place = root
    for part in relative.split("/"):
        place /= part
        if part in ("", "..") or place.is_symlink():
            return True
    return False


def _free(folder: Path, run_id: str) -> Path:
    """A run may bring several snapshots of one source; each is a file of its own."""
    number = 1
    while (path := folder / f"{run_id}-{number}.parquet").exists():
        number += 1
    return path


def _completed(
    batch: pa.RecordBatch, schema: pa.Schema, source: str, run_id: str, dataset: Dataset, snapshot_at: datetime | None
) -> pa.Table:
    told: dict[str, pa.Array] = {
        "source": pa.repeat(pa.scalar(source, pa.string()), batch.num_rows),
        "run_id": pa.repeat(pa.scalar(run_id, pa.string()), batch.num_rows),
    }
    if dataset.kind is Kind.SNAPSHOT:
        if snapshot_at is None:
            raise ValueError(f"{dataset.name} is a snapshot: its moment at the source must be given")
        told["snapshot_at"] = pa.repeat(pa.scalar(snapshot_at, pa.timestamp("us", tz="UTC")), batch.num_rows)
    arrays = [told[field.name] if field.name in told else batch.column(field.name) for field in schema]
    return pa.table(arrays, schema=schema)


def _digest(path: Path, *, sync: bool) -> str:
    with path.open("rb") as file:
        if sync:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
