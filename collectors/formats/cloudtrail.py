"""CloudTrail objects (``{"Records": [...]}``, plain or gzip) as rows; a row's line is its place in Records.

The objects of a run are read together by one statement of DuckDB; one that it refuses, or that lacks what every event
has, goes alone through a strict reader which names its rejects. Both only fetch fields; what they mean is said once,
below, so they cannot differ in it.

Who acted (``account_id``), so that the same actor has the same name in every event:

- IAMUser: the user name. Root: ``root``.
- AssumedRole, FederatedUser: the name of the session's issuer (the role); behind a sign-in role of IAM Identity Center
  (``AWSReservedSSO_…``) stands a person, so there the session's name follows after a slash.
- AWSService: the service. Others: user name, else ARN, principal, invoking service, account, whichever is there first.
- An actor of another account than the one that received the event has that account and a colon before the name.

``source_ip`` is empty where AWS writes a service's name instead of an address.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from collectors.formats import LINE, OBJECT, PART, PLACE, End, Layout, Part, Reject, Unreadable
from collectors.formats import cloudtrail_words as words
from collectors.formats.cloudtrail_records import FIELDS, records
from collectors.formats.json_lines import LARGEST
from collectors.lookup import looked_up
from evidence.vault import Digest, StoredObject

POINTER = "/Records"
STRUCTURED = "[{"  # so begins what is a list or an object where a text must be
GROUP_BYTES = 128 << 20  # inflated, of one statement
BUFFER, BUFFERS = (
    32 << 20,
    4 << 30,
)  # the engine reserves one for each file, touched or not: what one statement may have
MEMORY = "6GB"  # reserved, not used: a group of small objects stays below 200 MiB
NEEDED = ("event_id", "operation", "service", "account_id")
# What the engine says of bytes; anything else that it raises is a mistake of ours and must be seen.
REFUSALS = (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException, duckdb.OutOfMemoryException)
SCHEMA = pa.schema(
    [
        pa.field("event_id", pa.string()),
        pa.field("occurred_at", pa.timestamp("us", tz="UTC")),
        pa.field("time_basis", pa.string()),
        pa.field("account_id", pa.string()),
        pa.field("action", pa.string()),
        pa.field("operation", pa.string()),
        pa.field("target", pa.string()),
        pa.field("result", pa.string()),
        pa.field("source_ip", pa.string()),
        pa.field("mfa", pa.bool_()),
        pa.field("region", pa.string()),
        pa.field("service", pa.string()),
        *PLACE,
    ]
)
READ = f"""
SELECT filename, "Records" IS NULL AS lacking, len("Records") AS count, "Records" AS told
FROM read_json($files, columns = {{'Records': '{FIELDS.shape}'}}, filename = true, format = 'unstructured',
               records = true, compression = $compression, maximum_object_size = $largest)
"""  # noqa: S608 - constants only
TOLD = """
WITH given AS (
    SELECT *,
        coalesce(user_type, '') AS kind,
        regexp_extract(arn, '[^/]+$') AS session
    FROM fields
), named AS (
    SELECT *,
        CASE
            WHEN kind = 'Root' THEN 'root'
            WHEN kind = 'AWSService' THEN invoked_by
            WHEN issuer IS NOT NULL AND starts_with(issuer, 'AWSReservedSSO_') THEN issuer || '/' || session
            WHEN kind IN ('AssumedRole', 'FederatedUser') THEN coalesce(issuer, user_name, arn, principal_id)
            ELSE coalesce(user_name, arn, principal_id, invoked_by, user_account)
        END AS actor
    FROM given
)
SELECT event_id,
    CASE WHEN regexp_full_match(event_time, '\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z')
         THEN try_strptime(event_time, '%Y-%m-%dT%H:%M:%SZ') END AT TIME ZONE 'UTC' AS occurred_at,
    'zone_given' AS time_basis,
    CASE WHEN user_account <> receiver AND actor <> user_account THEN user_account || ':' || actor ELSE actor END
        AS account_id,
    event_name AS operation,
    coalesce(
        CASE WHEN event_source = 'cloudtrail.amazonaws.com' AND json_type(p_name) = 'VARCHAR' THEN p_name ->> '$' END,
        CASE WHEN json_type(p_trail) = 'VARCHAR' THEN p_trail ->> '$' END,
        CASE WHEN json_type(p_bucket) = 'VARCHAR' THEN p_bucket ->> '$' END,
        CASE WHEN json_type(p_log) = 'VARCHAR' THEN p_log ->> '$' END,
        CASE WHEN json_type(p_role) = 'VARCHAR' THEN p_role ->> '$' END,
        CASE WHEN json_type(p_policy) = 'VARCHAR' THEN p_policy ->> '$' END) AS target,
    CASE WHEN regexp_full_match(address, '[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+') THEN address END
        AS source_ip,
    CASE WHEN mfa_used = 'Yes' OR session_mfa = 'true' THEN true
         WHEN mfa_used = 'No' OR session_mfa = 'false' THEN false END AS mfa,
    region,
    event_source AS service,
    error_code, read_only, sign_in, file, line
FROM named
ORDER BY place, line
"""


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:  # noqa: ARG001 - the shape is CloudTrail's own
    """Read a run's objects together, in their order; a group of them lies plainly while it is read."""
    for group in _groups(objects):
        with group.plains:
            yield from _read_group(group)


def _read_group(group: "_Group") -> Iterator[Part]:
    try:
        told, refused = _fast(group)
    except REFUSALS:
        if len(group.objects) > 1:
            for stored, path in zip(group.objects, group.paths, strict=True):
                yield from _read_group(_Group([stored], [path], group.is_gzip, group.largest))
        else:
            yield from strict(group.objects[0])
        return
    for stored in group.objects:
        if stored.digest in refused:
            yield from strict(stored)
        else:
            mine = told.get(stored.digest, ())
            yield from mine
            yield End(stored.digest, sum(batch.num_rows for batch in mine))


@dataclass(slots=True)
class _Group:
    objects: list[StoredObject] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)  # where each lies plainly, as long as ``plains`` holds it
    is_gzip: bool = False
    largest: int = 0
    plains: ExitStack = field(default_factory=ExitStack)


def _groups(objects: Sequence[StoredObject]) -> Iterator[_Group]:
    """Objects of one packing that together inflate to what fits in memory, in their order."""
    group, total = _Group(), 0
    for stored in objects:
        mine = ExitStack()
        path = mine.enter_context(stored.plain())
        is_gzip, size = _inflated(stored, path)
        buffers = max(BUFFER, 2 * size, 2 * group.largest) * (len(group.objects) + 1)
        if group.objects and (is_gzip != group.is_gzip or total + size > GROUP_BYTES or buffers > BUFFERS):
            yield group
            group, total = _Group(), 0
        group.objects.append(stored)
        group.paths.append(path)
        group.plains.push(mine)
        total, group.largest, group.is_gzip = total + size, max(group.largest, size), is_gzip
    if group.objects:
        yield group


def _inflated(stored: StoredObject, path: Path) -> tuple[bool, int]:
    """Whether an object is gzip, and the size that it says it inflates to (a lie is refused by the reader)."""
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b" or stored.size < 18:
            return False, stored.size
        file.seek(-4, 2)
        return True, int(struct.unpack("<I", file.read(4))[0])


def _fast(group: _Group) -> tuple[dict[str, list[pa.RecordBatch]], set[Digest]]:
    """Batches by object, and the objects that are not as every CloudTrail object is."""
    if group.largest > LARGEST:
        return {}, {stored.digest for stored in group.objects}
    by_path = {str(path): stored for path, stored in zip(group.paths, group.objects, strict=True)}
    with duckdb.connect() as connection:
        _lock(connection, list(by_path))
        bound = {
            "files": list(by_path),
            "compression": "gzip" if group.is_gzip else "uncompressed",
            "largest": max(group.largest + 64, 1 << 20),
        }
        connection.execute(f"CREATE TEMP TABLE documents AS {READ}", bound)
        good = connection.execute(
            "SELECT filename FROM documents GROUP BY filename "
            "HAVING count(*) = 1 AND bool_and(NOT lacking AND count > 0)"
        ).fetchall()
        files = [file for (file,) in good]
        places = pa.table({"file": list(by_path), "place": range(len(by_path))})
        connection.register("places", places)
        connection.execute(
            f"CREATE TEMP VIEW fields AS SELECT filename AS file, place, line, {FIELDS.paths} FROM ("  # noqa: S608 - our own names
            "SELECT filename, generate_subscripts(told, 1) AS line, unnest(told) AS r FROM documents) "
            "JOIN places ON places.file = filename WHERE r IS NOT NULL"
        )
        table = connection.sql(TOLD).to_arrow_table()
        lengths = dict(connection.execute("SELECT filename, count FROM documents").fetchall())
    told: dict[str, list[pa.RecordBatch]] = {}
    refused = {stored.digest for path, stored in by_path.items() if path not in files}
    for path, rows in _by_file(table):
        stored = by_path[path]
        if stored.digest in refused:
            continue
        if rows.num_rows != lengths[path] or _lacking(rows).num_rows:
            refused.add(stored.digest)
        else:
            told[stored.digest] = _typed(rows, stored).to_batches()
    refused |= {stored.digest for stored in group.objects if stored.digest not in told}
    return told, refused


def strict(stored: StoredObject) -> Iterator[Part]:
    """Read one object record by record; what is wrong with a record is a reject, with an object the end of it."""
    try:
        fields, rejects, count = records(stored)
    except Unreadable as error:
        yield error.reject
        return
    with duckdb.connect() as connection:
        _lock(connection, [])
        connection.register("fields", fields)
        rows = connection.sql(TOLD).to_arrow_table()
    for row in _lacking(rows).select(["line", "occurred_at", *NEEDED]).to_pylist():
        missing, reason = _why(row)
        rejects.append(Reject(stored.digest, POINTER, row["line"], missing, reason))
    bad = pa.array([reject.line for reject in rejects], pa.int64())
    good = rows.filter(pc.invert(pc.is_in(rows["line"], value_set=bad)))
    yield from sorted(rejects, key=lambda reject: reject.line)
    yield from _typed(good, stored).to_batches()
    yield End(stored.digest, count)


def _why(row: Mapping[str, Any]) -> tuple[str, str]:
    """What a lacking row lacks first, and how."""
    if row["occurred_at"] is None:
        return "occurred_at", "is not a time as CloudTrail writes it"
    missing = next(name for name in NEEDED if not row[name] or row[name][0] in STRUCTURED)
    return missing, "is no plain text" if row[missing] else "is not there"


def _lacking(rows: pa.Table) -> pa.Table:
    """The rows without something that every event has."""
    missing = pc.is_null(rows["occurred_at"])
    for name in NEEDED:
        missing = pc.or_(missing, pc.fill_null(pc.match_substring_regex(rows[name], rf"^$|^[\{STRUCTURED}]"), True))
    return rows.filter(missing)


def _by_file(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each file, which stand together."""
    ends = pc.run_end_encode(table["file"].combine_chunks()) if table.num_rows else None
    start = 0
    for file, end in zip(ends.values.to_pylist(), ends.run_ends.to_pylist(), strict=True) if ends is not None else ():
        yield file, table.slice(start, end - start)
        start = end


def _typed(rows: pa.Table, stored: StoredObject) -> pa.Table:
    """Rows in ``SCHEMA``: the act and its end from CloudTrail's words, looked up once for each combination."""
    count = rows.num_rows
    name, service, sign_in = rows["operation"], rows["service"], rows["sign_in"]
    acts = looked_up([name, service, rows["read_only"], sign_in], words.action, pa.string())
    ends = looked_up([name, rows["error_code"], sign_in], words.result, pa.string())
    told = {
        "action": acts,
        "result": ends,
        OBJECT: pa.repeat(pa.scalar(str(stored.digest), pa.string()), count),
        PART: pa.repeat(pa.scalar(POINTER, pa.string()), count),
        LINE: rows["line"],
    }
    arrays = [told[f.name] if f.name in told else rows[f.name] for f in SCHEMA]
    return pa.table([column.cast(f.type) for column, f in zip(arrays, SCHEMA, strict=True)], schema=SCHEMA)


def _lock(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Leave the engine nothing to open but these files."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"memory_limit = '{MEMORY}'",
        "preserve_insertion_order = false",  # the SELECT orders; keeping it would hold a buffer for every file
        "TimeZone = 'UTC'",
        f"allowed_paths = [{listed}]",
        "enable_external_access = false",
    ):
        connection.execute(f"SET {setting}")
