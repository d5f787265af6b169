"""The types of columns as Arrow has them; apart, because who only speaks of datasets holds no rows of them."""

import pyarrow as pa

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(18, 4),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
    "list": pa.list_(pa.string()),
}
