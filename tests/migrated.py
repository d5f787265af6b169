"""The tables of a new SQLite database, made by the migrations once a process: to make them takes a fifth of a second."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, create_engine

from evidence.store import schema

MIGRATED = schema.upgrade


@cache
def statements() -> tuple[str, ...]:
    """What the migrations leave of a database that was empty, as SQL."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        MIGRATED(connection)
        dump: Callable[[], list[str]] = connection.connection.driver_connection.iterdump  # type: ignore[union-attr]  # of sqlite3
        made = tuple(one for one in dump() if one not in ("BEGIN TRANSACTION;", "COMMIT;"))
    engine.dispose()
    return made


def upgrade(connection: Connection, to: str = "head") -> None:
    """The same as :func:`evidence.store.schema.upgrade`, which does all but a new SQLite database."""
    is_new = (
        connection.dialect.name == "sqlite"
        and to == "head"
        and not connection.dialect.has_table(connection, "alembic_version")
    )
    if not is_new:
        return MIGRATED(connection, to)
    for one in statements():
        connection.exec_driver_sql(one)
    return None
