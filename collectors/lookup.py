"""A rule about the values of a row, asked once for each combination of values instead of once for each row."""

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def combinations(columns: Sequence[pa.Array]) -> tuple[pa.Array, list[tuple[Any, ...]]]:
    """For every row the number of its combination, and the combinations in the order of their first rows."""
    if any(pa.types.is_list(column.type) for column in columns):  # the library has no dictionaries of lists
        rows = list(zip(*(column.to_pylist() for column in columns), strict=True))
        return pa.array(range(len(rows)), pa.int64()), rows
    codes: pa.Array | None = None
    found: list[tuple[Any, ...]] = []
    for column in columns:
        told = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        encoded = told.dictionary_encode(null_encoding="encode")
        values = encoded.dictionary.to_pylist()
        code = encoded.indices.cast(pa.int64())
        if codes is None:
            codes, found = code, [(value,) for value in values]
            continue
        # Both numbers in one; numbered anew, so that the next column cannot make it too large.
        both = pc.add(pc.multiply(codes, len(values)), code).dictionary_encode()
        found = [(*found[one // len(values)], values[one % len(values)]) for one in both.dictionary.to_pylist()]
        codes = both.indices.cast(pa.int64())
    return (codes if codes is not None else pa.array([], pa.int64())), found


def looked_up(columns: Sequence[pa.Array], rule: Callable[..., Any], type: pa.DataType) -> pa.Array:
    """The rule's answer for every row."""
    codes, found = combinations(columns)
    return pa.array([rule(*values) for values in found], type).take(codes)
