"""What is signed of an entry of the book is one thing: what its register asks new signatures for (``free:`` in
book_entries.yaml) and what BK-22 finds edited.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from controls.binding import closed_engine
from controls.loader import Catalogue, load
from controls.shown import Shown
from controls.views import ask
from evidence.datasets import Column, catalogue
from evidence.period import Period
from tests.registers.samples import sample

BOOK = catalogue()["book_entries"]
APPROVAL = BOOK.approval
assert APPROVAL is not None
LAST = APPROVAL.signatures[-1]
IDENTITY = {"company", *BOOK.key}
UNSIGNED = {*APPROVAL.free_columns, *APPROVAL.signed_columns, APPROVAL.status} - {LAST.by, LAST.on}
NAMES = [column.name for column in BOOK.columns if column.name not in IDENTITY]
ENTRUSTER = ("entruster", "entrusted_work", "entruster_contact", "entruster_contract")


@cache
def shipped() -> Catalogue:
    return load()


def other(column: Column, value: Any) -> Any:
    """Another value than the one that a sample has."""
    if column.allowed:
        return column.codes[1]
    match value:
        case bool():
            return not value
        case list():
            return [*value, "other"]
        case date():
            return value - timedelta(days=1)
    return value + (1 if column.type == "integer" else "x")


def found_edited(approved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The columns at which BK-22 finds an approved entry edited."""
    views = {view.name: view for view in shipped().views}
    with closed_engine() as engine:
        window = Shown(["book_entries"], Period(date(2026, 3, 1), date(2026, 3, 31)), engine)
        given = {"book_entries": [now], "book_entries_history": [approved]}
        for name, rows in window.filled(given, 0).items():
            window.hold(name, rows)
        told = ask(views["bk_22"], views, window, {}, lookback_days=0)
    return [str(one) for one in told["at_column"].to_pylist()]


@pytest.mark.parametrize("name", NAMES)
def test_bk_22_finds_edited_exactly_what_needs_new_signatures(name: str) -> None:
    approved = {**sample(BOOK), "status": "approved"}
    now = {**approved, name: other(BOOK.column(name), approved[name])}
    assert found_edited(approved, now) == ([] if name in UNSIGNED else [name])


@pytest.mark.parametrize("name", ENTRUSTER)
def test_who_entrusted_the_data_is_signed(name: str) -> None:
    assert name in NAMES
    assert name not in UNSIGNED
