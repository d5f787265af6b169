"""SQL that reads, asks the clock, rolls dice or means two things is refused, in whatever disguise it comes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls import allowed
from controls.allowed import NotOneSelectError, parse, refusals
from controls.compile import written

TABLES = {"workers", "workers_history", "access_events", "training", "staff", "clauses"}


def told(text: str, *, is_view: bool = False) -> list[str]:
    try:
        tree = parse(text)
    except NotOneSelectError as error:
        return [error.refusal.what]
    return [refusal.what for refusal in refusals(text, tree, TABLES, is_view=is_view)]


ADMITTED = [
    pytest.param("SELECT count(*) FILTER (WHERE w.kind = 'x') AS n FROM workers AS w", id="a filtered count"),
    pytest.param("SELECT count(DISTINCT w.person_key) AS n FROM workers AS w", id="a distinct count"),
    pytest.param(
        "SELECT w.kind AS a FROM workers AS w WHERE w.left_on IS NOT NULL AND NOT w.has_account", id="NULL tests"
    ),
    pytest.param(
        "SELECT $as_of - $days AS a FROM workers AS w CROSS JOIN clauses AS c", id="days and a list parameter"
    ),
    pytest.param("SELECT cast(w.left_on + $n * INTERVAL '1' MONTH AS DATE) AS a FROM workers AS w", id="months"),
    pytest.param("SELECT e.occurred_at + $n * INTERVAL '1' HOUR AS a FROM access_events AS e", id="hours"),
    pytest.param(
        "SELECT lag(e.rows, $n - 1) OVER (PARTITION BY e.account_key ORDER BY e.occurred_at, "
        "e.event_key) AS a FROM access_events AS e",
        id="lag by a parameter",
    ),
    pytest.param(
        "SELECT max(e.rows) OVER (ORDER BY e.event_key ROWS BETWEEN UNBOUNDED PRECEDING AND 1 "
        "PRECEDING) AS a FROM access_events AS e",
        id="a running maximum",
    ),
    pytest.param(
        "SELECT s.k AS a FROM (SELECT w.person_key AS k, unnest(w.keys) AS one FROM workers AS w) AS s",
        id="unnest in a sub-select",
    ),
    pytest.param("SELECT w.kind AS a FROM workers AS w UNION ALL SELECT t.kind FROM training AS t", id="UNION ALL"),
    pytest.param("WITH a AS (SELECT w.kind AS k FROM workers AS w) SELECT a.k AS x FROM a", id="WITH"),
    pytest.param(
        "SELECT EXISTS (SELECT 1 FROM training AS t WHERE t.person_key = w.person_key) AS a FROM workers AS w",
        id="EXISTS",
    ),
    pytest.param(
        "SELECT w.kind AS a FROM workers AS w WHERE w.kind NOT IN ('a', 'b') AND w.kind LIKE 'a%'",
        id="IN written values",
    ),
    pytest.param(
        "SELECT w.kind AS a FROM workers AS w QUALIFY row_number() OVER (PARTITION BY w.kind ORDER "
        "BY w.person_key) = 1",
        id="newest",
    ),
    pytest.param(
        "SELECT coalesce(w.left_on, DATE '9999-12-31') AS a, date_diff('day', w.hired_on, w.left_on) "
        "AS b FROM workers_history AS w",
        id="open end",
    ),
    pytest.param(
        "SELECT epoch(e.occurred_at) * 1000 AS a, strftime(e.occurred_on, '%Y-%m') AS b, e.rows * "
        "3600 AS c FROM access_events AS e",
        id="factors of unit",
    ),
    pytest.param("SELECT w.kind AS 区分 FROM workers AS w -- a remark\n", id="a remark and a Japanese name"),
]


@pytest.mark.parametrize("text", ADMITTED)
def test_what_the_trials_needed_is_admitted(text: str) -> None:
    assert told(text) == []


READING = [
    "SELECT a.x AS x FROM 'people.csv' AS a",
    'SELECT a.x AS x FROM "people.csv" AS a',
    'SELECT a.x AS x FROM "/etc/passwd" AS a',
    "SELECT a.x AS x FROM read_csv('people.csv') AS a",
    "SELECT a.x AS x FROM read_csv_auto('people.csv') AS a",
    "SELECT a.x AS x FROM read_parquet(['x.parquet']) AS a",
    "SELECT a.x AS x FROM parquet_scan('x.parquet') AS a",
    "SELECT a.x AS x FROM read_json('x') AS a",
    "SELECT a.x AS x FROM read_text('/etc/passwd') AS a",
    "SELECT a.x AS x FROM read_blob('/etc/passwd') AS a",
    "SELECT a.x AS x FROM sniff_csv('x') AS a",
    "SELECT a.x AS x FROM glob('/*') AS a",
    "SELECT w.kind AS x FROM workers AS w WHERE EXISTS (SELECT 1 FROM glob('/*') AS g)",
    "SELECT w.kind AS x FROM workers AS w WHERE w.kind IN (SELECT g.file FROM glob('/*') AS g)",
    "SELECT (SELECT max(g.file) FROM glob('/*') AS g) AS x FROM workers AS w",
    "WITH g AS (SELECT r.content AS c FROM read_text('x') AS r) SELECT g.c AS x FROM g",
    "SELECT w.kind AS x FROM workers AS w JOIN (SELECT r.x AS x FROM read_csv('x') AS r) AS r ON r.x = w.kind",
    "SELECT w.kind AS x FROM workers AS w UNION ALL SELECT r.content FROM read_text('x') AS r",
    "SELECT w.kind AS x FROM workers AS w /* */ , /* , */ glob('*') AS g",
    "SELECT/**/w.kind AS x FROM/**/read_text/**/('x') AS w",
    "SELECT READ_TEXT('x') AS x FROM workers AS w",
    "SELECT a.x AS x FROM query('SELECT 1') AS a",
    "SELECT a.x AS x FROM query_table('workers') AS a",
    "SELECT a.x AS x FROM main.workers AS a",
    "SELECT a.x AS x FROM held.workers AS a",
    "SELECT a.x AS x FROM memory.main.workers AS a",
    'SELECT a.x AS x FROM "main"."workers" AS a',
    "SELECT a.x AS x FROM information_schema.tables AS a",
    "SELECT a.x AS x FROM sqlite_master AS a",
    "SELECT a.name AS x FROM duckdb_settings() AS a",
    "SELECT a.name AS x FROM duckdb_secrets() AS a",
    "SELECT a.name AS x FROM pragma_table_info('workers') AS a",
    "SELECT a.x AS x FROM range(3) AS a",
    "SELECT a.x AS x FROM (VALUES (1)) AS a(x)",
    "SELECT a.x AS x FROM workers AS w, LATERAL (SELECT w.kind AS x) AS a",
    "SELECT a.x AS x FROM workers AT (VERSION => 1) AS a",
    "FROM workers",
    "TABLE workers",
]


@pytest.mark.parametrize("text", READING)
def test_nothing_but_declared_tables_is_read(text: str) -> None:
    assert told(text)


NOT_ONE_SELECT = [
    "ATTACH 'x.db' AS x",
    "PRAGMA database_list",
    "COPY workers TO 'x.csv'",
    "INSTALL httpfs",
    "SET threads = 2",
    "CREATE TABLE x AS SELECT 1",
    "DELETE FROM workers",
    "SELECT w.kind AS x FROM workers AS w; DROP TABLE workers",
    "SELECT w.kind AS x FROM workers AS w; SELECT 1",
    "EXPLAIN SELECT 1",
    "CALL pragma_version()",
    "SUMMARIZE workers",
    "DESCRIBE workers",
    "SHOW TABLES",
    "",
    "-- nothing",
    "SELECT",
    "SELECT 'open",
    "(" * 3000 + "SELECT 1" + ")" * 3000,
]


@pytest.mark.parametrize("text", NOT_ONE_SELECT, ids=lambda text: text[:20] or "empty")
def test_only_one_select_is_read(text: str) -> None:
    assert told(text)


CHANGING = [
    pytest.param("now()", "$as_of", id="now"),
    pytest.param("NOW ( )", "$as_of", id="now, spaced"),
    pytest.param("today()", "$as_of", id="today"),
    pytest.param("current_date", "$as_of", id="current_date"),
    pytest.param('"current_date"', "$as_of", id="current_date, quoted"),
    pytest.param('"CURRENT_TIMESTAMP"', "$as_of", id="current_timestamp, quoted"),
    pytest.param("localtimestamp", "$as_of", id="localtimestamp"),
    pytest.param("get_current_timestamp()", "$as_of", id="get_current_timestamp"),
    pytest.param("transaction_timestamp()", "$as_of", id="transaction_timestamp"),
    pytest.param("cast('now' AS DATE)", "open end", id="a cast of now"),
    pytest.param("DATE 'today'", "open end", id="a date of today"),
    pytest.param("random()", "randomness", id="random"),
    pytest.param("uuid()", "randomness", id="uuid"),
    pytest.param("gen_random_uuid()", "randomness", id="gen_random_uuid"),
    pytest.param("getenv('HOME')", "the engine or the machine", id="getenv"),
    pytest.param("current_setting('threads')", "the engine or the machine", id="current_setting"),
    pytest.param("current_catalog", "the engine or the machine", id="current_catalog"),
    pytest.param("current_user", "the engine or the machine", id="current_user"),
    pytest.param('"user"', "the engine or the machine", id="user, quoted"),
    pytest.param("version()", "the engine or the machine", id="version"),
    pytest.param("w.rowid", "key", id="rowid"),
    pytest.param("w", "whole row", id="a whole row"),
    pytest.param("main.upper(w.kind)", "", id="a function behind a schema"),
    pytest.param("COLUMNS(*)", "write the columns out", id="COLUMNS"),
    pytest.param("*", "write the columns out", id="all columns"),
    pytest.param("w.*", "write the columns out", id="all columns of a table"),
    pytest.param("365", "declare a parameter", id="a number"),
    pytest.param("w.rows + 1.5", "declare a parameter", id="a fraction"),
    pytest.param("w.rows > '365'", "declare a parameter", id="a number as text"),
    pytest.param("cast('365' AS DECIMAL)", "declare a parameter", id="a number as a cast text"),
    pytest.param("$as_of - INTERVAL '30' DAY", "AS DATE", id="days as an interval"),
    pytest.param("$n * INTERVAL '1' DAY", "whole number", id="days on an instant"),
    pytest.param("$n * INTERVAL '2' HOUR", "as a parameter", id="two hours"),
    pytest.param("DATE '2022-04-01'", "a column or a parameter", id="a written day"),
    pytest.param("w.a / w.b", "multiply", id="division"),
    pytest.param("w.a % w.b", "multiply", id="remainder"),
    pytest.param("avg(w.a)", "multiply", id="average"),
    pytest.param("extract(dow FROM w.hired_on)", "calendar_days", id="weekday"),
    pytest.param("isodow(w.hired_on)", "calendar_days", id="isodow"),
    pytest.param("w.hired_on AT TIME ZONE 'Asia/Tokyo'", "no zones", id="AT TIME ZONE"),
    pytest.param("cast(w.known_since_at AS DATE)", "no zones", id="an instant as a day"),
    pytest.param("w.known_since_at || 'x'", "no zones", id="an instant as text"),
    pytest.param("strftime(w.known_since_at, '%Y-%m')", "no zones", id="the month of an instant"),
    pytest.param("strftime(w.hired_on, '%A')", "%Y-%m", id="the name of a weekday"),
    pytest.param("date_diff('hour', w.a_at, w.b_at)", "epoch(b) - epoch(a)", id="hours between"),
    pytest.param("w.left_on - w.hired_on", "date_diff('day'", id="days between by minus"),
    pytest.param("w.left_on + $n * INTERVAL '1' MONTH", "AS DATE", id="a month later, not cast"),
    pytest.param("date_trunc('month', w.hired_on)", "strftime", id="date_trunc"),
    pytest.param("date_add(w.hired_on, $n)", "whole number", id="date_add"),
    pytest.param("to_days($n)", "whole number", id="to_days"),
    pytest.param("count_if(w.has_account)", "FILTER", id="count_if"),
    pytest.param("len(w.keys)", "array_length", id="len"),
    pytest.param("list_has_all(w.keys, w.others)", "list_contains", id="list_has_all"),
    pytest.param("list_filter(w.keys, x -> x = 'a')", "", id="a lambda"),
    pytest.param("array_agg(w.kind)", "not admitted in a test", id="array_agg"),
    pytest.param("string_agg(w.kind, ',')", "not admitted in a test", id="string_agg"),
    pytest.param("quantile_cont(w.a, 0.95)", "cume_dist", id="quantile"),
    pytest.param("median(w.a)", "cume_dist", id="median"),
    pytest.param("any_value(w.a)", "row_number", id="any_value"),
    pytest.param("count(*) FILTER (WHERE w.a) OVER ()", "CASE", id="FILTER in a window"),
    pytest.param("row_number() OVER ()", "no order", id="a window in no order"),
    pytest.param(
        "sum(w.a) OVER (ORDER BY w.known_since_at RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW)",
        "ROWS",
        id="a RANGE frame",
    ),
    pytest.param("sum(DISTINCT w.a)", "GROUP BY", id="a distinct sum"),
    pytest.param("w.kind IS w.other", "IS NULL", id="IS between columns"),
    pytest.param("if(w.a, w.b, w.c)", "CASE", id="if"),
    pytest.param("try_cast(w.a AS DATE)", "reader", id="try_cast"),
    pytest.param("cast(w.a AS INTEGER)", "only date, text and decimal", id="a cast to integer"),
    pytest.param("trim(w.kind)", "readers", id="trim"),
    pytest.param("unnest(w.keys)", "sub-select", id="unnest at the top"),
    pytest.param("(SELECT t.kind FROM training AS t)", "needs an aggregate", id="a sub-select of many rows"),
    pytest.param("$1", "has a name", id="a numbered parameter"),
    pytest.param("?", "has a name", id="a nameless parameter"),
    pytest.param("w.keys[$n]", "list_contains", id="a place in a list"),
    pytest.param("{'a': w.kind}", "no nested values", id="a struct"),
    pytest.param("nosuchfunction(w.kind)", "sql.md §2", id="an unknown function"),
]


@pytest.mark.parametrize(("piece", "remedy"), CHANGING)
@pytest.mark.parametrize(
    "around",
    [
        pytest.param("SELECT {} AS x FROM workers AS w", id="selected"),
        pytest.param(
            "SELECT s.x AS x FROM (SELECT coalesce({}, w.kind) AS x FROM workers AS w) AS s", id="in a sub-select"
        ),
        pytest.param(
            "WITH c AS (SELECT CASE WHEN {} IS NULL THEN 1 END AS x FROM workers AS w) SELECT c.x AS x FROM c",
            id="in WITH",
        ),
    ],
)
def test_what_changes_or_differs_is_refused_with_what_to_write_instead(around: str, piece: str, remedy: str) -> None:
    reasons = told(around.format(piece))
    assert reasons
    assert around != "SELECT {} AS x FROM workers AS w" or any(remedy in reason for reason in reasons), reasons


SHAPES = [
    pytest.param("SELECT w.kind AS x FROM workers AS w GROUP BY ALL", "write the columns out", id="GROUP BY ALL"),
    pytest.param("SELECT DISTINCT w.kind AS x FROM workers AS w", "GROUP BY", id="SELECT DISTINCT"),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w UNION SELECT t.kind FROM training AS t", "UNION ALL", id="UNION"
    ),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w UNION ALL BY NAME SELECT t.kind FROM training AS t",
        "UNION ALL",
        id="BY NAME",
    ),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w EXCEPT SELECT t.kind FROM training AS t",
        "a test is one SELECT",
        id="EXCEPT",
    ),
    pytest.param("SELECT w.kind AS x FROM workers AS w ORDER BY w.kind", "ordered by the engine", id="ORDER BY"),
    pytest.param("SELECT w.kind AS x FROM workers AS w LIMIT 1", "never cut", id="LIMIT"),
    pytest.param("SELECT w.kind AS x FROM workers AS w TABLESAMPLE 10%", "randomness", id="a sample"),
    pytest.param("SELECT w.kind AS x FROM workers AS w, training AS t", "no commas", id="a comma"),
    pytest.param("SELECT w.kind AS x FROM workers AS w JOIN training AS t USING (person_key)", "ON", id="USING"),
    pytest.param("SELECT w.kind AS x FROM workers AS w NATURAL JOIN training AS t", "ON", id="NATURAL"),
    pytest.param("SELECT w.kind AS x FROM workers AS w ASOF JOIN training AS t ON t.a >= w.a", "ON", id="ASOF"),
    pytest.param("SELECT w.kind AS x FROM workers AS w RIGHT JOIN training AS t ON t.a = w.a", "LEFT JOIN", id="RIGHT"),
    pytest.param("SELECT w.kind AS x FROM workers AS w FULL JOIN training AS t ON t.a = w.a", "LEFT JOIN", id="FULL"),
    pytest.param("SELECT w.kind AS x FROM workers AS w SEMI JOIN training AS t ON t.a = w.a", "EXISTS", id="SEMI"),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w LEFT JOIN unnest(w.keys) AS t ON true",
        "sub-select",
        id="LEFT JOIN unnest",
    ),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w LEFT JOIN training AS t ON EXISTS (SELECT 1 FROM staff "
        "AS s WHERE s.a = t.a)",
        "FILTER",
        id="EXISTS in ON",
    ),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w WHERE w.kind NOT IN (SELECT t.kind FROM training AS t)",
        "NOT EXISTS",
        id="NOT IN a SELECT",
    ),
    pytest.param(
        "SELECT w.kind AS x FROM workers AS w WHERE w.kind = ANY (SELECT t.kind FROM training AS t)", "EXISTS", id="ANY"
    ),
    pytest.param("SELECT w.kind AS x FROM workers AS w WHERE x = 'a'", "in a sub-select", id="an alias in WHERE"),
    pytest.param(
        "WITH RECURSIVE a AS (SELECT w.kind AS x FROM workers AS w) SELECT a.x AS x FROM a", "ancestors", id="RECURSIVE"
    ),
    pytest.param(
        "WITH workers AS (SELECT t.kind AS x FROM training AS t) SELECT w.x AS x FROM workers AS w",
        "choose another",
        id="WITH under a dataset's name",
    ),
    pytest.param(
        "SELECT a.x AS x FROM (WITH b AS (SELECT t.kind AS x FROM training AS t) SELECT b.x AS x FROM b) AS a",
        "at the top",
        id="WITH below",
    ),
    pytest.param(
        "SELECT sum(w.a) OVER u AS x FROM workers AS w WINDOW u AS (ORDER BY w.b)",
        "write the window out",
        id="a named window",
    ),
    pytest.param("SELECT W.kind AS x FROM workers AS W", "lower case", id="capitals"),
    pytest.param("SELECT w._refs AS x FROM workers AS w", "begin with a letter", id="a name of the proof"),
    pytest.param("SELECT w.row_count AS x FROM _deviating AS w", "no such dataset", id="a table of the proof"),
]


@pytest.mark.parametrize(("text", "remedy"), SHAPES)
def test_a_shape_with_a_trap_is_refused_with_what_to_write_instead(text: str, remedy: str) -> None:
    assert any(remedy in one for one in told(text)), told(text)


def test_a_view_may_unnest_because_it_is_never_the_last_select() -> None:
    text = "SELECT w.person_key, unnest(w.keys) AS one FROM workers AS w"
    assert told(text, is_view=True) == []


def test_a_refusal_says_where_it_stands() -> None:
    text = "SELECT w.kind AS x,\n       now() AS y FROM workers AS w"
    [refusal] = refusals(text, parse(text), TABLES)
    assert text[refusal.at :].startswith("now()")


def test_remarks_do_not_reach_the_engine() -> None:
    assert "secret" not in written(parse("SELECT w.kind AS x /* secret */ FROM workers AS w -- secret"), ()).sql


@given(st.text(max_size=60))
def test_any_text_is_admitted_or_refused_in_words(text: str) -> None:
    assert all(isinstance(one, str) and one for one in told(f"SELECT {text} FROM workers AS w"))


def test_the_list_stays_about_as_long_as_it_was_agreed() -> None:
    assert len(allowed.ADMITTED) < 90
