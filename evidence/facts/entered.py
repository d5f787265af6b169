"""What people entered in a register, as rows of its dataset: each version with its state and its number."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

import pyarrow as pa

from evidence.datasets import Dataset, source_of
from evidence.facts.rows import BATCH, array, said
from evidence.store.values import RegisterVersion

# What a version itself says, in the place of anything among its values.
_OF_VERSION: dict[str, Callable[[RegisterVersion], object]] = {
    "valid_from_on": lambda version: version.valid_from_on,
    "valid_to_on": lambda version: version.valid_to_on,
    "entered_by": lambda version: version.entered_by,
    "entered_at": lambda version: version.entered_at,
    "recorded_at": lambda version: version.entered_at,
    "source": lambda version: source_of(version.register),
    "run_id": lambda version: f"import:{version.object[:16]}",
    "object": lambda version: version.object,
    "part": lambda version: version.part,
    "line": lambda version: version.line,
    "row_ref": lambda version: f"{version.object}:{version.part or ''}:{version.line}",
}


def as_entered(dataset: Dataset, versions: Iterable[RegisterVersion]) -> pa.RecordBatchReader:
    """The versions as rows, never all of them at once."""
    schema = dataset.schema.append(pa.field("state", pa.string())).append(pa.field("entry", pa.int64()))
    told = iter(versions)

    def batches() -> Iterator[pa.RecordBatch]:
        while some := list(islice(told, BATCH)):
            values = [dict(version.values) for version in some]  # read once: a plan's are kept as text
            columns = [
                array(column, map(_OF_VERSION[column.name], some))
                if column.name in _OF_VERSION
                else array(column, said(column, values))
                for column in dataset.all_columns
            ]
            states = pa.array([version.state for version in some], pa.string())
            numbers = pa.array([version.version for version in some], pa.int64())
            yield pa.RecordBatch.from_arrays([*columns, states, numbers], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())
