"""The triggers that keep rows as they were added; a guard-rail, while the ledger's signed heads are the proof.

A migration that rebuilds a table on SQLite (every batch that alters a column) drops its triggers: it ends with
:func:`refuse` for that table.
"""

from collections.abc import Sequence

from alembic import op

FUNCTION = """
CREATE FUNCTION tenken_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: rows are added, never changed', TG_OP, TG_TABLE_NAME;
END $$
"""


def is_postgresql() -> bool:
    """Whether it is PostgreSQL that is migrated; else SQLite."""
    return op.get_bind().dialect.name == "postgresql"


def prepare() -> None:
    """Make what the triggers call, where the database needs it."""
    if is_postgresql():
        op.execute(FUNCTION)


def remove() -> None:
    """Undo :func:`prepare`; the tables with their triggers must be gone."""
    if is_postgresql():
        op.execute("DROP FUNCTION tenken_refuse_change()")


def refuse(table: str, *acts: str, of: Sequence[str] = ()) -> None:
    """Refuse UPDATE (``of`` some columns), DELETE or both on a table; with DELETE also what empties it at once."""
    for act in acts:
        when = f"{act} OF {', '.join(of)}" if of and act == "UPDATE" else act
        if is_postgresql():
            _refuse_postgresql(table, act, "ROW", when)
        else:
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {when} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, '{act} of {table} is refused: rows are added, never changed'); END"
            )
    if is_postgresql() and "DELETE" in acts:
        _refuse_postgresql(table, "TRUNCATE", "STATEMENT", "TRUNCATE")


def _refuse_postgresql(table: str, act: str, each: str, when: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {when} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION tenken_refuse_change()"
    )
