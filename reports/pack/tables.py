"""A table as the CSV file of a pack, whole columns at a time: populations and registers have a million rows.

UTF-8 with BOM, as a Japanese spreadsheet opens it; a text that would be a formula gets an apostrophe. So does a text
that begins with one: whoever takes one apostrophe away has the text again. Quoted as RFC 4180 says, where it must be.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind

from controls.population import AT_ONCE, text_of
from evidence.border import SAYS_NOTHING, Border, Level
from evidence.persons import MAY_HOLD_A_KEY
from reports.workbook import LIVE

BOM = b"\xef\xbb\xbf"
QUOTE = "'"
_LIVE = rf"^[{QUOTE}{''.join(LIVE).replace('-', '')}-]"
_QUOTED = '[",\r\n]'
_SPECIAL = f"{_LIVE}|{_QUOTED}"
_AS_ANY: Mapping[str, Callable[[str], str]] = MappingProxyType({})


def csv_of(
    rows: pa.Table, masked: Callable[[str], str], columns: Mapping[str, Callable[[str], str]] = _AS_ANY
) -> bytes:
    """The file of a table, its texts masked, those of some ``columns`` otherwise; lists are joined by semicolons."""
    return b"".join(_parts(rows, [columns.get(name, masked) for name in rows.column_names]))


def said(column: pa.Array, masked: Callable[[str], str]) -> pa.Array:
    """A column of texts, each as it leaves; what has nothing to mask, nearly every column, is not looked at twice."""
    level = masked.level if isinstance(masked, Border) else Level.KEYS
    if level is Level.KEYS and not pc.any(pc.match_substring_regex(column, MAY_HOLD_A_KEY)).as_py():
        return column
    if level is Level.WORDS and pc.all(pc.match_substring_regex(column, SAYS_NOTHING)).as_py():
        return column
    told = column.dictionary_encode()
    return pa.array(map(masked, told.dictionary.to_pylist()), pa.string()).take(told.indices)


def _parts(rows: pa.Table, masked: Sequence[Callable[[str], str]]) -> Iterator[bytes | memoryview]:
    yield BOM + ",".join(rows.column_names).encode() + b"\r\n"
    for batch in rows.to_batches(AT_ONCE):
        cells = (pc.fill_null(_cells(column, told), "") for column, told in zip(batch.columns, masked, strict=True))
        yield text_of(pc.binary_join_element_wise(pc.binary_join_element_wise(*cells, ","), "\r\n", ""))


def _cells(column: pa.Array, masked: Callable[[str], str]) -> pa.StringArray:
    if kind.is_boolean(column.type) or kind.is_integer(column.type) or kind.is_date(column.type):
        return column.cast(pa.string())
    if kind.is_list(column.type):
        joined = (None if one is None else ";".join(map(masked, one)) for one in column.to_pylist())
        return _inert(pa.array(joined, pa.string()))
    if kind.is_string(column.type):
        told = said(column, masked)
        special = pc.any(pc.match_substring_regex(told, _SPECIAL)).as_py()  # nearly no column has such a text
        return _inert(told) if special else told
    told = column.dictionary_encode()
    return pa.array(map(_plain, told.dictionary.to_pylist()), pa.string()).take(told.indices)


def _inert(column: pa.StringArray) -> pa.StringArray:
    live = pc.match_substring_regex(column, _LIVE)
    safe = pc.if_else(live, pc.binary_join_element_wise(QUOTE, column, ""), column)
    return _replaced(safe, _QUOTED, lambda one: '"' + one.replace('"', '""') + '"')


def _replaced(column: pa.StringArray, pattern: str, other: Callable[[str], str]) -> pa.StringArray:
    """The column with another text in the place of each that matches; nearly none does."""
    matching = pc.fill_null(pc.match_substring_regex(column, pattern), False)
    others: Iterable[str] = map(other, column.filter(matching).to_pylist())
    return pc.replace_with_mask(column, matching, pa.array(others, pa.string()))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
