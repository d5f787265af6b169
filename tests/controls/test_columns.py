"""What a control is said to read is enough to run it, and no column is carried that nobody names."""

import pytest

from controls.binding import MOMENTS, closed_engine, shape_of
from controls.columns import ROW_REF, columns_read
from controls.compile import compiled
from controls.loader import shipped
from controls.model import Control
from controls.proof import traced
from evidence.facts.sql import SQL_TYPES

CONTROLS = shipped().controls


@pytest.mark.parametrize("control", CONTROLS, ids=lambda one: one.id)
def test_a_test_and_its_proof_bind_where_only_these_columns_are(control: Control) -> None:
    connection = closed_engine()
    for table, columns in columns_read(control).items():
        shape = {one.name: SQL_TYPES[one.type] for one in shape_of(table).all_columns}
        written = ", ".join(f'"{name}" {shape[name]}' for name in sorted(columns))
        connection.execute(f"CREATE TABLE {table} ({written})")
    values = {p.name: list(p.value) if isinstance(p.value, tuple) else p.value for p in control.parameters}
    for text, more in ((compiled(control), {}), (traced(control), {"_deviating": [["", "", "", ""]]})):
        given = {name: ({**MOMENTS, **values, **more})[name] for name in text.bound}
        connection.sql(text.sql, params=given).fetchall()


def test_what_no_text_names_is_not_read() -> None:
    [control] = [one for one in CONTROLS if one.id == "HUM-01"]
    read = columns_read(control)
    assert read["workers"] >= {"person_key", "company", "department", "hired_on", ROW_REF}
    assert "leaving_announced_on" not in read["workers"]
