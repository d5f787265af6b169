"""How a transaction begins on each database: one writer of evidence at a time, readers on one snapshot."""

import json
import sqlite3
from enum import StrEnum
from functools import partial
from time import sleep

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from evidence.errors import ConfigError

WAIT_SECONDS = 30
IDLE_SECONDS = 60
WRITERS_LOCK = int.from_bytes(b"tenken", "big")
OPTION = "tenken_mode"
SWITCH_PAUSES = [0.01 * 1.5**times for times in range(16)]  # about 13 s in all


class Mode(StrEnum):
    """What a transaction is for."""

    READ = "read"
    WRITE = "write"
    LEASE = "lease"
    MIGRATE = "migrate"


BEGIN = {
    Mode.READ: ("PRAGMA foreign_keys = ON", "PRAGMA query_only = ON", "BEGIN"),
    Mode.WRITE: ("PRAGMA foreign_keys = ON", "PRAGMA query_only = OFF", "BEGIN IMMEDIATE"),
    Mode.LEASE: ("PRAGMA foreign_keys = ON", "PRAGMA query_only = OFF", "BEGIN IMMEDIATE"),
    # A batch migration drops and renames tables that others refer to; the check comes after it.
    Mode.MIGRATE: ("PRAGMA foreign_keys = OFF", "PRAGMA query_only = OFF", "BEGIN IMMEDIATE"),
}


def connect(address: str) -> Engine:
    """Build the engine of a database; ConfigError when the address or its driver cannot be used."""
    url = _url(address)
    dumps = partial(json.dumps, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    wait = {"timeout": WAIT_SECONDS} if url.get_backend_name() == "sqlite" and "timeout" not in url.query else {}
    try:
        # Parameters are hidden because an error's text must not carry personal data. This reader of JSON gives equal
        # names and texts as one object: rows of a register repeat them ten thousand times.
        engine = create_engine(
            url, connect_args=wait, json_serializer=dumps, json_deserializer=from_json, hide_parameters=True
        )
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigError(f"{url}: {error}; install the driver of this database or use sqlite:///…") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "begin", _begin_postgresql)
    else:
        raise ConfigError(f"{url}: only SQLite and PostgreSQL can hold the store")
    return engine


def during(engine: Engine, mode: Mode) -> Engine:
    """The same engine, whose transactions begin for one purpose."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{OPTION: mode})
    if mode is Mode.READ:
        return engine.execution_options(**{OPTION: mode}, isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.execution_options(**{OPTION: mode}, isolation_level="READ COMMITTED")


def _url(address: str) -> URL:
    try:
        return make_url(address)
    except ArgumentError as error:
        raise ConfigError("the database address is not a URL; write for example sqlite:///tenken.db") from error


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's sqlite3 would begin by itself, late and without the write lock; _begin_sqlite begins instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    _keep_a_wal(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")  # a key that was destroyed must not lie on in a page that is free
    # Without this INSERT OR REPLACE would delete a row unseen by the trigger that refuses DELETE.
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _keep_a_wal(cursor: DBAPICursor) -> None:
    # The switch does not wait as other statements do: of several processes that open a new file at once, all but one
    # would be refused. It is needed once in the life of a file.
    for pause in (*SWITCH_PAUSES, None):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if pause is None or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise
            sleep(pause)


def _begin_sqlite(connection: Connection) -> None:
    for statement in BEGIN[connection.get_execution_options()[OPTION]]:
        connection.exec_driver_sql(statement)


def _begin_postgresql(connection: Connection) -> None:
    mode = connection.get_execution_options()[OPTION]
    if mode is Mode.READ:
        return
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
    if mode is not Mode.MIGRATE:  # a process that stands still lets go of what it locked
        connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    if mode is not Mode.LEASE:
        # An advisory lock, because LOCK TABLE would ask for the right to UPDATE evidence: our role needs that of no
        # rows but of slots and schedulers (docs/operations.md).
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
