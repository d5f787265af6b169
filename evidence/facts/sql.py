"""The SELECTs that turn fact files into what a test sees (datasets.md §3): one home for recorded time.

``rows_of_<dataset>`` is every row of the listed files with the file's own columns (path, file_source, run,
file_recorded_at, moment, moment_on, complete).
"""

from collections.abc import Iterable
from datetime import date

from evidence.datasets import Dataset
from evidence.facts import written_schema

HELD = "held"
_ROW_REF = "object || ':' || coalesce(part, '') || ':' || cast(line AS VARCHAR)"


def event_sql(dataset: Dataset) -> str:
    """Every event once: of rows with one key, the one recorded first."""
    return (
        f"SELECT {_columns(dataset, {'recorded_at': 'file_recorded_at', 'row_ref': _ROW_REF})} "  # noqa: S608
        f"FROM {HELD}.rows_of_{dataset.name} "
        f"QUALIFY row_number() OVER (PARTITION BY {_names(dataset.key)} ORDER BY file_recorded_at, object, part, line) = 1"
    )


def snapshot_sql(dataset: Dataset) -> str:
    """The newest complete snapshot of each source; ``known_since_at`` is when this content of the key was first recorded."""
    given = {"recorded_at": "file_recorded_at", "row_ref": _ROW_REF, "known_since_at": "first_recorded_at"}
    return (
        f"WITH told AS (SELECT *, min(file_recorded_at) OVER (PARTITION BY {_names(_content(dataset))}) AS first_recorded_at, "  # noqa: S608
        f"max(moment) OVER (PARTITION BY file_source) AS newest "
        f"FROM {HELD}.rows_of_{dataset.name} WHERE complete) "
        f"SELECT {_columns(dataset, given)} FROM told "
        f"WHERE moment = (SELECT max(f.moment) FROM {HELD}.files_of_{dataset.name} AS f WHERE f.complete AND f.file_source = told.file_source) "
        f"QUALIFY row_number() OVER (PARTITION BY file_source, {_names(dataset.key)} ORDER BY file_recorded_at, object, line) = 1"
    )


def history_sql(dataset: Dataset) -> str:
    """Spans of equal content over all complete snapshots; a key absent from a later one ends the day before it."""
    given = {"recorded_at": "file_recorded_at", "row_ref": _ROW_REF, "known_since_at": "first_recorded_at"}
    spans = "" if "valid_from_on" in dataset.schema.names else ", span_from_on AS valid_from_on, span_to_on AS valid_to_on"
    return (
        f"WITH moments AS (SELECT file_source, moment, min(moment_on) AS moment_on, "  # noqa: S608
        f"row_number() OVER (PARTITION BY file_source ORDER BY moment) AS n "
        f"FROM {HELD}.files_of_{dataset.name} WHERE complete GROUP BY file_source, moment), "
        f"told AS (SELECT r.*, m.n, m.n - row_number() OVER (PARTITION BY r.file_source, {_names(_content(dataset), 'r.')} ORDER BY m.n) AS island "
        f"FROM {HELD}.rows_of_{dataset.name} AS r JOIN moments AS m ON m.file_source = r.file_source AND m.moment = r.moment "
        f"WHERE r.complete "
        f"QUALIFY row_number() OVER (PARTITION BY r.file_source, m.n, {_names(dataset.key, 'r.')} ORDER BY r.file_recorded_at, r.object, r.line) = 1), "
        f"spans AS (SELECT t.*, min(file_recorded_at) OVER (PARTITION BY {_names(_content(dataset))}) AS first_recorded_at, "
        f"min(n) OVER island_of AS first_n, max(n) OVER island_of AS last_n, "
        f"row_number() OVER (PARTITION BY file_source, {_names(_content(dataset))}, island ORDER BY n DESC) AS back "
        f"FROM told AS t WINDOW island_of AS (PARTITION BY file_source, {_names(_content(dataset))}, island)), "
        f"dated AS (SELECT s.*, f.moment_on AS span_from_on, coalesce(x.moment_on - 1, DATE '9999-12-31') AS span_to_on "
        f"FROM spans AS s JOIN moments AS f ON f.file_source = s.file_source AND f.n = s.first_n "
        f"LEFT JOIN moments AS x ON x.file_source = s.file_source AND x.n = s.last_n + 1 WHERE s.back = 1) "
        f"SELECT {_columns(dataset, given)}{spans} FROM dated"
    )


def register_sql(dataset: Dataset, as_of: date, *, from_files: bool, history: bool) -> str:
    """Register rows kept by people (``kept``) and delivered by sources; newest version of each key wins.

    The plain name shows the version valid on ``as_of``; a relation and the history are read whole. A row that a
    source no longer delivers is not gone: only a newer version of its key changes it.
    """
    columns = [c.name for c in dataset.all_columns]
    union = f"SELECT {_names(columns)}, retired, entry FROM kept"  # noqa: S608
    if from_files:
        given = {"recorded_at": "file_recorded_at", "entered_at": "file_recorded_at", "row_ref": _ROW_REF}
        union += (
            f" UNION ALL SELECT {_columns(dataset, given)}, false AS retired, 0 AS entry "  # noqa: S608
            f"FROM {HELD}.rows_of_{dataset.name}"
        )
    if history:
        return f"SELECT {_names(columns)} FROM ({union})"  # noqa: S608
    valid = "" if dataset.relation else f"WHERE DATE '{as_of}' BETWEEN valid_from_on AND valid_to_on "
    return (
        f"SELECT {_names(columns)} FROM (SELECT * FROM ({union}) {valid}"  # noqa: S608
        f"QUALIFY row_number() OVER (PARTITION BY {_names(dataset.key)} "
        f"ORDER BY entered_at DESC, entry DESC, object DESC, line DESC) = 1) WHERE NOT retired"
    )


def _content(dataset: Dataset) -> list[str]:
    return [column.name for column in dataset.columns]


def _names(names: Iterable[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def _columns(dataset: Dataset, computed: dict[str, str]) -> str:
    written = set(written_schema(dataset).names)
    return ", ".join(
        f'"{c.name}"' if c.name in written else f'{computed[c.name]} AS "{c.name}"' for c in dataset.all_columns
    )
