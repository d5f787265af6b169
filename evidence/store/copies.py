"""A whole database in one file, and a database made of such a file.

SQLite copies itself, and reads on while others write; of PostgreSQL its own programs do it, of the server's version.
Either way the copy is the one snapshot that a transaction sees. What is put back goes where nothing is.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, inspect, make_url
from sqlalchemy.exc import DBAPIError

from evidence.errors import ConfigError, StoreUnavailable
from evidence.store.engine import Mode, connect, during
from evidence.store.tables import REVISION

PROGRAMS = "/usr/lib/postgresql/{}/bin"  # where Debian keeps them by version


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy is of: the kind of its database, the migration that it is at, and the schema of its tables."""

    kind: str
    revision: str
    schema: str | None = None  # SQLite has none


def write(connection: Connection, to: Path) -> Copy:
    """Write what a reading transaction sees of the whole database into a new file."""
    kind = connection.dialect.name
    if kind == "sqlite":
        try:
            with closing(sqlite3.connect(to)) as target:
                connection.connection.driver_connection.backup(target)  # type: ignore[union-attr]
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{connection.engine.url}: cannot be copied to {to}: {error}") from error
        return Copy(kind, REVISION)
    schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    _run(connection, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f'--schema="{schema}"', f"--file={to}")
    return Copy(kind, REVISION, schema)


@contextmanager
def put_back(copy: Path, told: Copy, url: str) -> Iterator[None]:
    """Make a database of a copy at an address; when the block raises, it is gone again.

    ConfigError when there is one already, or when it can be none of this copy.
    """
    if told.revision > REVISION:
        raise ConfigError(f"the backup is at version {told.revision}; use a program that is newer than this one")
    address = make_url(url)
    if address.get_backend_name() != told.kind:
        raise ConfigError(
            f"{address}: is of another kind than the database of the backup; name an address of {told.kind}"
        )
    with _file(copy, address.database) if told.kind == "sqlite" else _schema(copy, told.schema or "", url):
        yield


@contextmanager
def _file(copy: Path, name: str | None) -> Iterator[None]:
    place = Path(name or "")
    if os.path.lexists(place):
        raise ConfigError(f"{place}: is there already; move it away, or name another address with --database")
    try:
        shutil.move(copy, place)
        yield
    except BaseException:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{place}{suffix}").unlink(missing_ok=True)
        raise


@contextmanager
def _schema(copy: Path, schema: str, url: str) -> Iterator[None]:
    engine = connect(url)
    try:
        with during(engine, Mode.MIGRATE).begin() as connection:
            _prepare(connection, schema)
        with engine.connect() as connection:
            wanted = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--schema={schema}")
            _run(connection, "pg_restore", *wanted, str(copy))
        try:
            yield
        except BaseException:
            with during(engine, Mode.MIGRATE).begin() as connection:
                _empty(connection)
            raise
    except DBAPIError as error:
        what = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        raise StoreUnavailable(f"{engine.url}: {what}; check the database's address and its rights") from error
    finally:
        engine.dispose()


def _prepare(connection: Connection, schema: str) -> None:
    """Make sure that the schema is there, is the one in which tables are found, and holds nothing."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(schema)
    if schema not in inspect(connection).get_schema_names():
        connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
    if (found := connection.exec_driver_sql("SELECT current_schema()").scalar_one()) != schema:
        raise ConfigError(
            f"{connection.engine.url}: tables are found in the schema {found}, those of the backup are in {schema}; "
            f"ALTER ROLE … SET search_path = {schema}"
        )
    if inspect(connection).get_table_names():
        raise ConfigError(f"{connection.engine.url}: is not empty; name another database with --database")


def _empty(connection: Connection) -> None:
    for table in inspect(connection).get_table_names():
        quoted = connection.dialect.identifier_preparer.quote_identifier(table)
        connection.exec_driver_sql(f"DROP TABLE {quoted} CASCADE")
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS tenken_refuse_change()")


def _run(connection: Connection, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on the database of a connection."""
    from psycopg.conninfo import make_conninfo  # of a driver that is there only where it is needed

    url = connection.engine.url
    given = url.translate_connect_args(username="user", database="dbname") | dict(url.query)
    password = given.pop("password", None)  # all users see a command line
    told = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    version = (connection.dialect.server_version_info or ("",))[0]
    own = Path(PROGRAMS.format(version)) / program
    command = [str(own) if own.exists() else program, f"--dbname={make_conninfo(**given)}", *arguments]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=told)  # noqa: S603 - no shell
    except FileNotFoundError as error:
        raise ConfigError(f"{program} is not installed (Debian: apt install postgresql-client-{version})") from error
    if done.returncode:
        why = next(iter(done.stderr.splitlines()), "")  # what follows may quote rows
        raise StoreUnavailable(f"{connection.engine.url}: {why}; see docs/operations.md for the rights it needs")
