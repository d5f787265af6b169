"""The engine that facts are read and judged by: DuckDB, shut off from everything else."""

from pathlib import Path

import duckdb

from evidence.facts.sql import HELD

ENGINE = f"duckdb {duckdb.__version__}"
SPILL = ".spill"  # beside the facts; else DuckDB takes a folder of the directory that somebody happens to be in
WORTH_PACKING = 8 << 20  # bytes put into memory; packing takes its time however little there is


def engine(facts: Path | None) -> duckdb.DuckDBPyConnection:
    """A DuckDB that reaches no file but the facts, no network, no extension, and answers alike every time.

    Its user locks these settings once it holds what it is for.
    """
    connection = duckdb.connect(":memory:")
    folder, beside = (str(one).replace("'", "''") if facts else "" for one in (facts, facts and facts.parent / SPILL))
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "python_enable_replacements = false",
        "threads = 1",  # sums and orders do not depend on a schedule, and 90 small plans are faster so
        "memory_limit = '700MB'",  # answers lie beside it: 1.5 GiB in all for 70,000 people (make bench)
        "TimeZone = 'UTC'",
        f"temp_directory = '{beside}'",  # what memory does not hold is evidence too
        f"allowed_directories = ['{folder}']" if facts else "allowed_directories = []",
        "enable_external_access = false",
    ):
        connection.execute(f"SET {setting}")
    connection.execute(f"CREATE SCHEMA {HELD}")
    return connection


def packed_since(connection: duckdb.DuckDBPyConnection, before: int) -> int:
    """Pack what was put into memory since, where it is worth the while; the bytes that are held then."""
    if _held_bytes(connection) - before < WORTH_PACKING:
        return before
    connection.execute("CHECKPOINT")
    return _held_bytes(connection)


def _held_bytes(connection: duckdb.DuckDBPyConnection) -> int:
    told = "sum(memory_usage_bytes + temporary_storage_bytes)"
    [(held,)] = connection.sql(f"SELECT {told} FROM duckdb_memory() WHERE tag = 'IN_MEMORY_TABLE'").fetchall()
    return int(held)
