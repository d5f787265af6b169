"""On PostgreSQL the product needs no more rights than docs/operations.md says: it cannot change what it recorded."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from evidence.clock import StandingClock
from evidence.errors import StoreUnavailable
from evidence.store import Store
from tests.evidence.store import samples as s

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)

MANUAL = Path(__file__).parents[3] / "docs" / "operations.md"
SCHEMA, ROLE = "tenken", "tenken_serving"  # as the manual names them
KEPT = {"slots", "schedulers", "object_keys", "object_salts", "alembic_version"}


def rights(schema: str, role: str) -> str:
    """The SQL of the manual, for a schema and a role of our own."""
    [sql] = re.findall(r"```sql\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    return re.sub(rf"\b{SCHEMA}\b", schema, re.sub(rf"\b{ROLE}\b", role, sql))


@pytest.fixture
def serving(url: str, store: Store) -> Iterator[str]:
    """The address for a role that has these rights only."""
    schema = str(make_url(url).query["options"]).rpartition("=")[2]
    role, owner = f"{schema}_serving", create_engine(url)
    with owner.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(rights(schema, role)))
    yield make_url(url).set(username=role, query={}).render_as_string(hide_password=False)
    with owner.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    owner.dispose()


@pytest.fixture
def served(serving: str, clock: StandingClock) -> Iterator[Store]:
    with closing(Store.open(serving, clock)) as opened:
        yield opened


def test_with_the_rights_of_the_manual_everything_can_be_recorded_and_served(
    served: Store, clock: StandingClock
) -> None:
    served.upgrade()
    with served.write() as tx:
        s.fill(tx)
    for _ in range(2):
        with served.lease() as leases:
            s.begin(leases)
        clock.at += s.LEASE
    with served.lease() as leases:
        claim = leases.claim("hourly", s.MORNING, "host-2", s.LEASE)
        assert claim is not None
        assert leases.renew(claim, s.LEASE)
    with served.under(claim).write() as tx:
        tx.slots.finish(replace(s.SLOT, schedule="hourly"))
    with served.read() as tx:
        assert [row.outcome for row in tx.slots.all()] == ["done", "done"]


def test_with_the_rights_of_the_manual_nothing_that_was_recorded_can_be_changed(url: str, serving: str) -> None:
    engine = create_engine(serving)
    tables = set(inspect(engine).get_table_names()) - KEPT
    refused = set()
    for table in tables:
        column = inspect(engine).get_columns(table)[0]["name"]
        for act in (f'UPDATE {table} SET "{column}" = "{column}"', f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
                connection.execute(text(act))
            refused.add(table)
    engine.dispose()
    assert {"ledger", "judgements", "slot_results"} <= refused == tables


def test_control_without_the_right_to_serve_nobody_can(url: str, serving: str, served: Store) -> None:
    owner = create_engine(url)
    with owner.begin() as connection:
        connection.execute(
            text(f"REVOKE UPDATE (fence, holder, until, ended) ON slots FROM {make_url(serving).username}")
        )
    owner.dispose()
    with pytest.raises(StoreUnavailable, match="permission denied"), served.lease() as leases:
        s.begin(leases)
