"""The SELECTs that turn fact files into what a test sees (datasets.md §3): one home for recorded time.

``rows_of_<dataset>`` is every row of the listed files with the file's own columns (path, file_source, run,
file_recorded_at, moment, moment_on, complete). Only names that are declared in ``evidence/datasets`` are put in.
"""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from evidence.datasets import PENDING, Dataset, State
from evidence.facts import written_schema

HELD = "held"
_ROW_REF = "object || ':' || coalesce(part, '') || ':' || cast(line AS VARCHAR)"
_OF_FILE = {"recorded_at": "file_recorded_at", "row_ref": _ROW_REF}
_OF_SNAPSHOT = {**_OF_FILE, "known_since_at": "first_recorded_at"}
SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,4)",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
    "list": "VARCHAR[]",
}


def empty_sql(dataset: Dataset, name: str, create: str = "CREATE") -> str:
    """A table of a dataset's columns, without rows."""
    columns = ", ".join(f'"{column.name}" {SQL_TYPES[column.type]}' for column in dataset.all_columns)
    return f"{create} TABLE {name} ({columns})"


def rows_sql(dataset: Dataset, files: str, *, older: bool) -> str:
    """Every row of these files (quoted paths) beside what is known of its file.

    An ``older`` one, of before a column was declared, says nothing of it: NULL, of a list that it is empty. Only where
    there is one are all files asked for their columns, which opens them once more each time.
    """
    columns = ", ".join(
        f"coalesce(r.{name}, []) AS {name}" if older and pa.types.is_list(field.type) else f"r.{name}"
        for field in written_schema(dataset)
        for name in [f'"{field.name}"']
    )
    read = f"FROM read_parquet([{files}], filename = 'path', file_row_number = true, union_by_name = {older})"
    rows = f"{read} UNION ALL BY NAME FROM {HELD}.shape_of_{dataset.name}" if older else read
    return f"""
        SELECT {columns}, r.file_row_number, f.* FROM ({rows}) AS r
        JOIN {HELD}.files_of_{dataset.name} AS f USING (path)"""


def event_sql(dataset: Dataset) -> str:
    """Every event once: of rows with one key, the one recorded first."""
    return f"""
        SELECT {_columns(dataset, _OF_FILE)} FROM {HELD}.rows_of_{dataset.name}
        QUALIFY row_number() OVER (
            PARTITION BY {_names(dataset.key)} ORDER BY file_recorded_at, object, part, line) = 1"""


def repeated_sql(dataset: Dataset, part: int, parts: int) -> str:
    """Of one part of an event's keys, those that more than one row tells."""
    key = _names(dataset.key)
    return f"""
        SELECT {key} FROM {HELD}.rows_of_{dataset.name} WHERE hash({key}) % {parts} = {part}
        GROUP BY {key} HAVING count(*) > 1"""


def scanned_sql(dataset: Dataset, *, repeated: bool) -> str:
    """The same where the rows stay in their files: only those that are told more than once are sorted."""
    columns, rows = _columns(dataset, _OF_FILE), f"{HELD}.rows_of_{dataset.name}"
    if not repeated:
        return f"SELECT {columns} FROM {rows}"
    among = f"JOIN {HELD}.repeated_in_{dataset.name} USING ({_names(dataset.key)})"
    return f"""
        SELECT {columns} FROM {rows} ANTI {among} UNION ALL SELECT {columns} FROM {rows} SEMI {among}
        QUALIFY row_number() OVER (
            PARTITION BY {_names(dataset.key)} ORDER BY file_recorded_at, object, part, line) = 1"""


def spans_sql(dataset: Dataset, part: int, parts: int, rows: str) -> str:
    """Of one part of a snapshot's keys, spans of equal content over all complete snapshots, each as it was shown last.

    A key absent from a later snapshot ends the day before it; ``newest``: nothing came later, the span holds.
    ``known_since_at`` is when such content was first recorded. A key that one moment tells twice counts as first
    recorded.
    """
    key, content = _names(dataset.key), _names(column.name for column in dataset.columns)
    of_part = f"complete AND hash({key}) % {parts} = {part}"
    # Whole rows are compared, but only their places are kept meanwhile: a row is read again when it stays.
    # Moments of two sources never follow each other: their numbers have a hole between them.
    return f"""
        WITH moments AS (
            SELECT file_source, moment, min(moment_on) AS moment_on,
                   row_number() OVER (ORDER BY file_source, moment) + dense_rank() OVER (ORDER BY file_source) AS n
            FROM {HELD}.files_of_{dataset.name} WHERE complete GROUP BY file_source, moment
        ), numbered AS (
            SELECT file, n FROM {HELD}.files_of_{dataset.name} JOIN moments USING (file_source, moment) WHERE complete
        ), repeated AS (
            SELECT file_source, moment, {key} FROM {rows} WHERE {of_part} GROUP BY ALL HAVING count(*) > 1
        ), again AS (
            SELECT file, file_row_number FROM {rows} SEMI JOIN repeated USING (file_source, moment, {key})
            WHERE {of_part}
            QUALIFY row_number() OVER (
                PARTITION BY file_source, moment, {key} ORDER BY file_recorded_at, object, part, line) > 1
        ), contents AS (
            SELECT min(file_recorded_at) AS first_recorded_at,
                   list({{'file': file, 'file_row_number': file_row_number}}) AS places
            FROM {rows} WHERE {of_part} GROUP BY {content}
        ), places AS (
            SELECT content, first_recorded_at, unnest(places, recursive := true)
            FROM (SELECT row_number() OVER () AS content, * FROM contents)
        ), islands AS (
            SELECT *, n - row_number() OVER (PARTITION BY content ORDER BY n) AS island
            FROM places ANTI JOIN again USING (file, file_row_number) JOIN numbered USING (file)
        ), spans AS (
            SELECT arg_max(file, n) AS file, arg_max(file_row_number, n) AS file_row_number,
                   first(first_recorded_at) AS first_recorded_at, min(n) AS first_n, max(n) AS last_n
            FROM islands GROUP BY content, island
        )
        SELECT {_columns(dataset, _OF_SNAPSHOT)}, f.moment_on AS span_from_on,
               coalesce(x.moment_on - 1, DATE '9999-12-31') AS span_to_on, x.n IS NULL AS newest
        FROM {rows} JOIN spans USING (file, file_row_number)
        JOIN moments AS f ON f.n = first_n LEFT JOIN moments AS x ON x.n = last_n + 1"""


def snapshot_sql(dataset: Dataset, *, history: bool) -> str:
    """The newest complete snapshot of each source, or all spans; both are read from the one table."""
    own = not history or "valid_from_on" in dataset.schema.names
    spans = "" if own else ", span_from_on AS valid_from_on, span_to_on AS valid_to_on"
    which = "true" if history else "newest"
    return f"SELECT {_all_names(dataset)}{spans} FROM {HELD}.spans_in_{dataset.name} WHERE {which}"


def entered_sql(dataset: Dataset, *, from_files: bool) -> str:
    """Register rows kept by people (``kept``) and delivered by sources, with their state and their version."""
    told = f"SELECT {_all_names(dataset)}, state, entry FROM kept"
    if from_files:
        given = {**_OF_FILE, "entered_at": "file_recorded_at"}
        told += f"""
            UNION ALL
            SELECT {_columns(dataset, given)}, '{State.APPROVED}' AS state, 0 AS entry
            FROM {HELD}.rows_of_{dataset.name}"""
    return told


def holding_sql(dataset: Dataset, as_of: date) -> str:
    """Which of the entered rows hold: the newest version of each key that is valid on ``as_of``, in a relation on any.

    A version takes the place of every earlier one from its first day on: when its own last day is over, no earlier
    one comes back. A row that a source no longer delivers is not gone: only a newer version of its key changes it.
    What still waits for a signature changes no row that holds.
    """
    key, waits = _names(dataset.key), f"state IN ({_quoted(PENDING)})"
    begun = "" if dataset.relation else f"WHERE valid_from_on <= DATE '{as_of}'"
    lasts = "" if dataset.relation else f"AND valid_to_on >= DATE '{as_of}'"
    # Only the narrow columns are sorted: a large register is not held a second time.
    return f"""
        SELECT place FROM (
            SELECT rowid AS place, {key}, state, valid_to_on, entered_at, entry, object, line
            FROM {HELD}.entered_in_{dataset.name} {begun}
            QUALIFY row_number() OVER (
                PARTITION BY {key} ORDER BY {waits}, entered_at DESC, entry DESC, object DESC, line DESC) = 1
        ) WHERE state NOT IN ({_quoted(_hidden(dataset))}) {lasts}"""


def register_sql(dataset: Dataset, *, history: bool) -> str:
    """The rows of a register that hold, or all that ever counted; both are read from its one table."""
    counts = "true" if dataset.shows_pending else f"state NOT IN ({_quoted(PENDING)})"
    which = counts if history else f"rowid IN (SELECT place FROM {HELD}.holding_in_{dataset.name})"
    return f"SELECT {_all_names(dataset)} FROM {HELD}.entered_in_{dataset.name} WHERE {which}"


def _hidden(dataset: Dataset) -> list[State]:
    """The states of rows that are none."""
    retired = [] if dataset.shows_retired else [State.RETIRED]
    return [*retired, *([] if dataset.shows_pending else sorted(PENDING))]


def _quoted(states: Iterable[State]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states)) or "''"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _all_names(dataset: Dataset) -> str:
    return _names(column.name for column in dataset.all_columns)


def _columns(dataset: Dataset, computed: dict[str, str]) -> str:
    written = set(written_schema(dataset).names)
    return ", ".join(
        f'"{c.name}"' if c.name in written else f'{computed[c.name]} AS "{c.name}"' for c in dataset.all_columns
    )
