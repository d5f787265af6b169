"""The migrations make what the models say, once and again, and guard what was added."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from evidence.clock import StandingClock
from evidence.errors import ConfigError
from evidence.store import Store, schema
from evidence.store.base import Base
from evidence.store.engine import Mode, connect, during
from evidence.store.tables import REVISION
from tests import migrated
from tests.evidence.store.samples import JUDGEMENT, begin, fill

GUARDED = sorted(set(Base.metadata.tables) - {"judgements", "schedulers", "object_keys", "object_salts"})


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture(autouse=True)
def _migrations_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried here is what the suite takes a copy of elsewhere."""
    monkeypatch.setattr(schema, "upgrade", migrated.MIGRATED)


def _clauses(sql: str) -> list[str]:
    """What a table is declared by; a table that is made anew has its constraints in the order of a set."""
    return sorted(line.strip().rstrip(",") for line in sql.splitlines())


def test_the_tables_that_the_suite_copies_are_those_that_the_migrations_make() -> None:
    def made(upgrade: Callable[[Connection], None]) -> list[tuple[str, ...]]:
        database = create_engine("sqlite://")
        with database.connect() as connection:
            upgrade(connection)
            told = [
                *connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master"),
                *connection.exec_driver_sql("SELECT 'version', version_num, '' FROM alembic_version"),
            ]
        database.dispose()
        return sorted((str(kind), str(name), *_clauses(str(sql))) for kind, name, sql in told)

    assert made(migrated.upgrade) == made(migrated.MIGRATED)
    assert ("version", REVISION) in made(migrated.upgrade)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.lease() as leases:
        begin(leases)
    with store.write() as tx:
        fill(tx)
    return store


def test_the_models_and_the_migrations_make_the_same_tables(store: Store, engine: Engine) -> None:
    with during(engine, Mode.READ).begin() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []


def test_the_program_speaks_to_the_newest_migration(engine: Engine) -> None:
    with during(engine, Mode.MIGRATE).begin() as connection:
        assert ScriptDirectory.from_config(schema.config(connection)).get_heads() == [REVISION]


def test_upgrading_again_changes_nothing(filled: Store) -> None:
    before = filled.last_commit()
    filled.upgrade()
    with filled.read() as tx:
        assert (tx.at, tx.judgements.latest()[0].control) == (before, JUDGEMENT.control)


def test_all_can_be_undone_and_made_again(filled: Store, engine: Engine) -> None:
    with during(engine, Mode.MIGRATE).begin() as connection:
        schema.downgrade(connection, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    filled.upgrade()
    assert filled.last_commit() is None


@pytest.mark.parametrize("count", [0, 1, 2, 13])
def test_the_nodes_of_an_older_ledger_are_made(store: Store, engine: Engine, count: int) -> None:
    for log in ("tenken/AOI", "tenken/group"):
        with store.write() as tx:
            tx.ledger.append_all(log, [({"kind": "x"}, f"{log} {number}") for number in range(count)])
    with store.read() as tx:
        before = [list(tx.ledger.level(log, level)) for log in ("tenken/AOI", "tenken/group") for level in range(1, 5)]
    with during(engine, Mode.MIGRATE).begin() as connection:
        schema.downgrade(connection, "0006")
    store.upgrade()
    with store.read() as tx:
        after = [list(tx.ledger.level(log, level)) for log in ("tenken/AOI", "tenken/group") for level in range(1, 5)]
    assert after == before


def test_an_upgrade_that_fails_leaves_no_half_made_tables(empty: Store, engine: Engine) -> None:
    with during(engine, Mode.MIGRATE).begin() as connection:
        connection.execute(text("CREATE TABLE rejects (id INTEGER)"))
    with pytest.raises(Exception, match="rejects"):
        empty.upgrade()
    with during(engine, Mode.READ).begin() as connection:
        assert inspect(connection).get_table_names() == ["rejects"]


@pytest.mark.parametrize("version", ["0000", "9999"], ids=["an older one", "a newer one"])
def test_a_database_of_another_version_is_refused(url: str, store: Store, engine: Engine, version: str) -> None:
    with during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with (
        closing(Store.open(url, StandingClock(JUDGEMENT.known_at))) as other,
        pytest.raises(ConfigError, match=version),
        other.read(),
    ):
        pass


def test_a_database_of_an_unknown_version_is_not_upgraded(store: Store, engine: Engine) -> None:
    with during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="9999"):
        store.upgrade()


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize(
    "act", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"], ids=["update", "delete"]
)
def test_a_row_that_was_added_stays_as_it_is(filled: Store, engine: Engine, table: str, act: str) -> None:
    column = next(iter(Base.metadata.tables[table].primary_key.columns)).name
    with pytest.raises(DBAPIError, match="is refused"), during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text(act.format(table=table, column=column)))


def test_a_row_cannot_be_replaced_either(filled: Store, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    with pytest.raises(DBAPIError, match="is refused"), during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text("INSERT OR REPLACE INTO ledger SELECT * FROM ledger"))


def test_a_judgement_cannot_be_changed(filled: Store, engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="is refused"), during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text("UPDATE judgements SET verdict = 'pass'"))


def test_a_judgement_can_be_deleted_because_it_can_be_made_again(filled: Store, engine: Engine) -> None:
    with during(engine, Mode.WRITE).begin() as connection:
        connection.execute(text("DELETE FROM judgements"))
    with filled.read() as tx:
        assert tx.judgements.latest() == []


def test_a_row_without_its_commit_is_refused(store: Store, engine: Engine) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), during(engine, Mode.WRITE).begin() as connection:
        connection.execute(
            text("INSERT INTO checkpoints (id, log, size, note, recorded_at) VALUES (1, 'l', 0, '', :at)"),
            {"at": "2026-03-31 00:00:00.000000+00"},
        )


def test_a_sqlite_database_survives_a_power_cut(store: Store, engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("settings of SQLite")
    with during(engine, Mode.WRITE).begin() as connection:
        told = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")}
        assert told == {"journal_mode": "wal", "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
