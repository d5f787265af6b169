"""Bringing the tables from one version to another, with the migrations that lie in this package.

A new migration is begun with ``alembic.command.revision(config(connection), "what changes", autogenerate=True)`` and
ends with a new ``tables.REVISION``.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from evidence.errors import ConfigError, IntegrityError

MIGRATIONS = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's configuration, made here because an installed package has no alembic.ini."""
    made = Config()
    # A % in the path of an installation is not an interpolation.
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations that are missing, inside the transaction of the connection."""
    try:
        command.upgrade(config(connection), to)
    except CommandError as error:
        raise ConfigError(f"{connection.engine.url}: {error}; use the program that made this database") from error
    _check_references(connection)


def downgrade(connection: Connection, to: str) -> None:
    """Undo migrations; what only the newer tables could hold is lost."""
    command.downgrade(config(connection), to)
    _check_references(connection)


def _check_references(connection: Connection) -> None:
    # SQLite checks nothing while a migration rebuilds tables.
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise IntegrityError(
            f"{connection.engine.url}: {len(broken)} rows refer to rows that are gone; nothing was changed"
        )
