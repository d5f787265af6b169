"""The rules of a register ask with the thresholds that its control judges by, of the group or of one company."""

from datetime import date
from typing import Any

import pytest

from controls import rules
from controls.loader import load_views
from evidence.facts.window import Window
from evidence.period import Period

TODAY = date(2026, 3, 31)
CONFIRMED = date(2025, 6, 4)  # 300 days ago


def change(company: str | None, days: str, **fields: Any) -> dict[str, Any]:
    told = {"change_id": f"PV-{company}", "control_id": "ORG-3-02", "parameter": "book_confirm_days", "value": [days]}
    return {"company": company, **told, **fields}


def refused(*changes: dict[str, Any]) -> set[str]:
    """The companies whose entry is said to be unconfirmed."""
    entries = [
        {"company": c, "entry_id": c, "entry_version": 1, "status": "approved", "confirmed_on": CONFIRMED}
        for c in ("AOBA", "MIDORI", "KAEDE")
    ]
    given = {"book_entries": entries, "parameter_values": changes}
    window = Window.given(given, Period(TODAY, TODAY), only=rules.datasets("book_entries", load_views()))
    return {one.key[0] for one in rules.broken("book_entries", load_views(), window) if one.ja.startswith("BK-15")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], set(), id="nobody changed anything"),
        pytest.param([change("AOBA", "299")], {"AOBA"}, id="one company is stricter"),
        pytest.param([change(None, "299")], {"AOBA", "MIDORI", "KAEDE"}, id="the group is stricter"),
        pytest.param(
            [change(None, "299"), change("MIDORI", "300")], {"AOBA", "KAEDE"}, id="a company before the group"
        ),
        pytest.param([change("AOBA", "401")], set(), id="what is outside the limits counts for nothing"),
        pytest.param(
            [change(None, "299"), change("AOBA", "401")],
            {"AOBA", "MIDORI", "KAEDE"},
            id="nor takes it the place of the group's",
        ),
        pytest.param([change("AOBA", "299", control_id="ORG-3-03")], set(), id="of another control"),
    ],
)
def test_a_row_is_held_to_the_thresholds_of_its_company(changes: list[dict[str, Any]], expected: set[str]) -> None:
    assert refused(*changes) == expected
