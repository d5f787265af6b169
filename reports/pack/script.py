"""``reperform.sql``: the same judging again as plain SQL, for whoever has nothing but DuckDB.

Written from the same definitions and read in the unpacked folder: ``duckdb < reperform.sql``. Each test stands in it
as the engine runs it, its thresholds are given by EXECUTE, and the rules of verdicts (design.md laws 4 and 8) are told
once more in ``verdicts.sql``. It ends with one table: the control, whether it comes out as shown, and what does not.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

from controls.allowed import parse
from controls.assess import Company
from controls.binding import dataset_of
from controls.compile import compiled
from controls.engine import given
from controls.model import About, Assessment, Control
from evidence.datasets import Kind, catalogue
from evidence.facts.carried import FEEDS, STATE
from evidence.period import Period, midnight
from reports.pack.facts import carried, folder_of

HEAD = """-- 再実施 / Re-performance of every control of this pack, from its own facts (data/13_facts) and definitions.
-- Run it in the unpacked folder:  duckdb < reperform.sql   (or `python3 -c "import duckdb;
-- duckdb.sql(open('reperform.sql', encoding='utf-8').read()).show(max_rows=999)"`). Nothing of it writes a file.
-- The last table tells of each control whether verdict, population and deviations come out as 03_results and
-- 04_populations show them. Compare this file with data/10_config/controls, where each test stands too.
SET threads = 1;
SET enable_progress_bar = false;
SET TimeZone = 'UTC';
CREATE SCHEMA again;
CREATE TABLE again.members (control VARCHAR, subject VARCHAR, aspect VARCHAR, occurred_on DATE, department VARCHAR,
  conforms BOOLEAN, members BIGINT);
"""


def script(company: Company, period: Period, assessments: Sequence[Assessment], controls: Mapping[str, Control]) -> str:
    """The whole script; the same judgements, the same text."""
    return "".join(_parts(company, period, assessments, controls))


def _parts(
    company: Company, period: Period, assessments: Sequence[Assessment], controls: Mapping[str, Control]
) -> Iterator[str]:
    yield HEAD
    moments = {moment: f"m{n}" for n, moment in enumerate(sorted({one.known_at for one in assessments}), start=1)}
    for moment, name in moments.items():
        mine = [controls[one.control] for one in assessments if one.known_at == moment]
        yield from _facts(name, folder_of(moment), mine, period)
    rows, reads = [], []
    for one in assessments:
        control, name = controls[one.control], moments[one.known_at]
        rows.append(_control(control, one, name, period))
        reads += [
            f"({_literal(one.control)}, '{name}', '{dataset}', {n})" for n, dataset in enumerate(control.datasets)
        ]
        yield f"\n-- {control.id}\n" + (
            _members(control, name, period, company) if _runs(one) else "-- not run: see its reason in 03_results\n"
        )
    yield "\nSET search_path = 'again';\n"
    yield _CONTROLS.format(rows=",\n  ".join(rows), reads=",\n  ".join(reads))
    given_values = {
        "company": _literal(company.code), "since": _literal(period.since), "as_of": _literal(period.as_of),
        "until_at": _literal(period.until_at), "tolerance": _literal(company.tolerance_percent),
    }  # fmt: skip
    yield from (f"SET VARIABLE {name} = {value};\n" for name, value in given_values.items())
    kinds = ", ".join(f"('{name}', '{one.kind.value}')" for name, one in catalogue().items())
    yield f"CREATE TABLE kinds AS SELECT * FROM (VALUES {kinds}) AS v(dataset, kind);\n"
    for name in [*STATE, *_DECIDED]:
        columns = _DECIDED.get(name, "*")
        told = " UNION ALL ".join(f"SELECT '{at}' AS moment, {columns} FROM {at}.\"{name}\"" for at in moments.values())
        yield f"CREATE VIEW {name} AS {told};\n"
    yield files("reports.pack").joinpath("verdicts.sql").read_text("utf-8")


_DECIDED = {
    "attestations": "control_id, company, subject_kind, answer, answered_at, expires_on",
    "exclusions": "control_id, company, approved_on, review_on",
    "waivers": "control_id, company, department, subject, aspect, approved_on, expires_on",
}


def _facts(name: str, folder: str, controls: Sequence[Control], period: Period) -> Iterator[str]:
    """The files of one moment under the names that tests use; events as far back as each test may look."""
    yield f"\nCREATE SCHEMA {name};\n"
    told = carried(controls, period.since)
    for table in sorted(told.tables):
        yield f"CREATE TABLE {name}.{table} AS FROM read_parquet('data/{folder}/{table}.parquet');\n"
    for table in STATE:
        yield f"CREATE TABLE {name}.{table} AS FROM read_parquet('data/{folder}/{FEEDS}/{table}.parquet');\n"
    events = [table for table in sorted(told.tables) if catalogue()[dataset_of(table)].kind is Kind.EVENT]
    for days in sorted({control.lookback_days for control in controls}):
        first = _literal(period.since - timedelta(days=days))
        yield f"CREATE SCHEMA {name}_back_{days};\n"
        for table in events:
            yield (
                f"CREATE VIEW {name}_back_{days}.{table} AS FROM {name}.{table} "
                f"WHERE occurred_on BETWEEN {first} AND {_literal(period.as_of)};\n"
            )


def _runs(one: Assessment) -> bool:
    """Whether the test answered when it was judged: the script would end where one does not run."""
    return not (one.cause or "").startswith("test:")


def _members(control: Control, moment: str, period: Period, company: Company) -> str:
    """Ask a test for the members of the company: prepared as it is run, then given what it is bound to."""
    text, columns = compiled(control), set(parse(control.test).named_selects)
    shown = ", ".join(
        name if name in columns else f"{other} AS {name}"
        for name, other in (("subject", ""), ("aspect", "NULL"), ("occurred_on", "NULL"), ("department", "NULL"),
                            ("conforms", ""), ("members", "1"))
    )  # fmt: skip
    values = given(control.parameters, period, text.bound)
    bound = ", ".join(f"{name} := {_literal(value)}" for name, value in sorted(values.items()))
    return (
        f"SET search_path = '{moment}_back_{control.lookback_days},{moment}';\n"
        f"PREPARE test AS INSERT INTO again.members SELECT {_literal(control.id)}, {shown} FROM (\n{text.sql}\n) "
        f"WHERE company = {_literal(company.code)};\n"
        f"EXECUTE test{f'({bound})' if bound else ''};\nDEALLOCATE test;\n"
    )


def _control(control: Control, one: Assessment, moment: str, period: Period) -> str:
    in_force = control.valid_from <= period.as_of <= control.valid_to
    aspects = None if set(control.about) == {None} else sorted(str(one) for one in control.about)
    events = sorted(str(aspect or "") for aspect, about in control.about.items() if about is About.EVENT)
    first = period.since - timedelta(days=control.lookback_days)
    begin = midnight(first, period.zone)
    told = (control.id, moment, in_force, control.severity == "critical", _runs(one), aspects, events, first, begin)
    return f"({', '.join(map(_literal, told))})"


def _literal(value: object) -> str:
    """A value as SQL writes it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return str(value)
        case datetime():
            return f"TIMESTAMPTZ '{value.isoformat()}'"
        case date():
            return f"DATE '{value.isoformat()}'"
        case list():
            return f"[{', '.join(map(_literal, value))}]::VARCHAR[]"
        case str():
            return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"no literal of {type(value).__name__}")


_CONTROLS = """CREATE TABLE controls AS SELECT * FROM (VALUES
  {rows}
) AS v(control, moment, in_force, critical, runs, aspects, events, first_day, first_at);
CREATE TABLE reads AS SELECT * FROM (VALUES
  {reads}
) AS v(control, moment, dataset, place);
"""
