"""What the engine answers as plain Python values: exact, the same on every machine, times in UTC."""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.types as kind

from controls.model import Value


def is_told(type: pa.DataType) -> bool:
    """Whether a column of this type can be told of a member; intervals, rows and naive times cannot."""
    if kind.is_list(type):
        return bool(kind.is_string(type.value_type))
    if kind.is_timestamp(type):
        return type.tz is not None
    return any(
        is_one(type)
        for is_one in (
            kind.is_string,
            kind.is_integer,
            kind.is_floating,
            kind.is_decimal,
            kind.is_boolean,
            kind.is_date,
            kind.is_null,
        )
    )


def told(column: pa.ChunkedArray) -> Sequence[Value]:
    """One column as values: whole numbers as int, others as Decimal, instants in UTC."""
    if kind.is_timestamp(column.type):
        return [None if one is None else one.astimezone(UTC) for one in column.to_pylist()]
    if kind.is_decimal(column.type) or kind.is_floating(column.type):
        return [None if one is None else _number(one) for one in column.to_pylist()]
    values: list[Value] = column.to_pylist()
    return values


def _number(one: Any) -> Value:
    exact = one if isinstance(one, Decimal) else Decimal(repr(one))
    if not exact.is_finite():
        return str(exact)
    whole = exact.to_integral_value()
    return int(whole) if whole == exact else exact.normalize()
