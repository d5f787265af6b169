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
    for column in columns:
        told = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        encoded = told.dictionary_encode(null_encoding="encode")
        code = encoded.indices.cast(pa.int64())
        if codes is not None:
            code = pc.add(pc.multiply(codes, len(encoded.dictionary) + 1), code)
        codes = code.dictionary_encode().indices.cast(pa.int64())
    if codes is None or not len(codes):
        return pa.array([], pa.int64()), []
    firsts = pa.table({"code": codes, "row": range(len(codes))}).group_by("code").aggregate([("row", "min")])
    rows = firsts.sort_by("code")["row_min"].combine_chunks()
    values = [column.take(rows).to_pylist() for column in columns]
    return codes, list(zip(*values, strict=True))


def looked_up(columns: Sequence[pa.Array], rule: Callable[..., Any], type: pa.DataType) -> pa.Array:
    """The rule's answer for every row."""
    codes, found = combinations(columns)
    return pa.array([rule(*values) for values in found], type).take(codes)
