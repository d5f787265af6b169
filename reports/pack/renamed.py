"""Which key of a pack stands for which key minted anew: one for one over the whole pack, or it is told where it is not.

Where the house knew identifiers of persons (the register of identities), one key may stand for several identifiers, and
another one once others were known: then it is one for one in one direction, and while the same ones were known.
"""

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from evidence.datasets import Column
from evidence.persons import MAY_HOLD_A_KEY

TOLD = 20
_SAME = 'PARTITION BY known, "now"'
_BACK = 'PARTITION BY known, "was"'


class Renaming:
    """All that was seen to stand for each other, kept where memory is bounded."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        places = "of_table VARCHAR, of_column VARCHAR, place VARCHAR"
        connection.execute(f'CREATE TABLE pairs (known VARCHAR, "now" VARCHAR, "was" VARCHAR, {places})')
        connection.execute(f'CREATE TABLE lists (known VARCHAR, "now" VARCHAR[], "was" VARCHAR[], {places})')

    def take(self, connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column]) -> None:
        """Take note of the keys in ``joined`` rows of a table.

        Of rows that one line holds nobody can tell which is which: where they differ in a key, it is not compared.
        """
        for column in columns:
            was, now = f'"p_{column.name}"', f'"r_{column.name}"'
            place = f"'{table}', '{column.name}', place"
            rows = "FROM joined JOIN mine ON left(place, 64) = object WHERE was IS NOT NULL AND now IS NOT NULL"
            if column.type == "text":
                differ = " AND ".join(f"min({one}) OVER w <> max({one}) OVER w" for one in (was, now))
                self._put("pairs", connection, (
                    f"SELECT known, {now}, {was}, {place} {rows} AND {is_key(was)} AND {is_key(now)} "
                    f"AND {was} <> {now} WINDOW w AS (PARTITION BY place) QUALIFY NOT ({differ})"
                ))  # fmt: skip
                continue
            keys = [f"list_filter({keys_of(one)}, lambda one: NOT list_contains({two}, one))"
                    for one, two in ((now, was), (was, now))]  # fmt: skip
            self._put("lists", connection, f"SELECT known, {', '.join(keys)}, {place} {rows} AND len({keys[0]}) > 0")
        self.connection.execute('INSERT INTO pairs SELECT * REPLACE ("now"[1] AS "now", "was"[1] AS "was") FROM lists '
                                'WHERE len("now") = 1 AND len("was") = 1')  # fmt: skip
        self.connection.execute('DELETE FROM lists WHERE len("now") = 1 AND len("was") = 1')

    def of(self, keys: pa.Table) -> pa.Table:
        """What was seen so far to stand for these keys (column ``value``), minted anew."""
        self.connection.register("given", keys)
        found = self.connection.sql(
            'SELECT DISTINCT "now" AS value FROM pairs WHERE "was" IN (SELECT value FROM given)'
        )
        told = found.to_arrow_table().cast(keys.schema)
        self.connection.unregister("given")
        return told

    def broken(self) -> Iterator[str]:
        """Where a key stands for another than elsewhere: of those that contradict each other, the rarer."""
        most = "n = max(n) OVER ({0}) AND count(*) OVER ({0}, n) = 1"
        self.connection.execute(
            f"CREATE TEMP TABLE named AS SELECT *, {most.format(_SAME)} "
            f"AND (known IS NOT NULL OR {most.format(_BACK)}) AS good "
            'FROM (SELECT known, "now", "was", count(*) AS n FROM pairs GROUP BY ALL)'
        )
        found = self.connection.sql(
            'SELECT of_table, place, of_column FROM pairs JOIN named USING ("now", "was") WHERE NOT good '
            "AND pairs.known IS NOT DISTINCT FROM named.known UNION "
            'SELECT of_table, place, of_column FROM (SELECT *, unnest("now") AS one FROM lists) AS l JOIN named '
            'ON named."now" = one AND l.known IS NOT DISTINCT FROM named.known '
            'WHERE good AND NOT list_contains(l."was", named."was") ORDER BY ALL '
            f"LIMIT {TOLD + 1}"
        )
        rows = found.fetchall()
        for table, place, column in rows[:TOLD]:
            yield f"{table}: {shown(place)} column {column}: another key than the same one has elsewhere 別人・別物の行"
        if len(rows) > TOLD:
            yield "and more keys"

    def _put(self, to: str, connection: duckdb.DuckDBPyConnection, sql: str) -> None:
        self.connection.register("given", connection.sql(sql).to_arrow_reader())
        self.connection.execute(f"INSERT INTO {to} FROM given")
        self.connection.unregister("given")


def shown(place: str) -> str:
    """Where a row stands, as people look it up."""
    digest, _, rest = place.partition(":")
    part, _, line = rest.rpartition(":")
    return f"object {digest[:12]}{f' part {part}' if part else ''} line {line}"


def is_key(value: str) -> str:
    """Whether a text is a key that was minted (SQL)."""
    return f"coalesce(regexp_full_match({value}, '{MAY_HOLD_A_KEY}'), false)"


def keys_of(values: str) -> str:
    """The members of a list that are (SQL)."""
    return f"list_filter({values}, lambda one: {is_key('one')})"
