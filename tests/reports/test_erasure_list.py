"""What must be erased in a month (法22条): what the view retention says is over, and the record that answers."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from evidence.period import Period
from reports.erasure_list import Due, ErasureView, due, rule, workbook

MONTH = Period(date(2026, 3, 1), date(2026, 3, 31))
ENTRY: dict[str, Any] = {
    "company": "AOI", "department": "SALES", "entry_id": "AOI-SALES-0001", "name": "退会者名簿", "system_ids": ["S1"],
    "db_ids": ["DB1"], "zone_ids": [], "retention_start": "退会日", "retention_months": 36, "retention_law": None,
    "statutory_until_on": None, "hold_approval_id": None, "oldest_on": None, "disposal": "erase",
}  # fmt: skip
KEPT: dict[str, Any] = {  # a row of the view retention
    "company": "AOI", "department": "SALES", "entry_id": "AOI-SALES-0001", "oldest_on": date(2023, 3, 10), "expired_records": None,
    "delete_by": date(2026, 3, 10), "on_hold": False,
}  # fmt: skip
ERASURE: dict[str, Any] = {
    "company": "AOI", "erasure_id": "ER-1", "reason": "retention", "ref_id": "AOI-SALES-0001", "done_on": date(2026, 3, 20),
    "confirmed_on": date(2026, 3, 25),
}  # fmt: skip


def told(kept: dict[str, Any] | None = None, erasures: tuple[dict[str, Any], ...] = ()) -> list[Due]:
    return due([ENTRY], [KEPT | (kept or {})], erasures, MONTH)


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        pytest.param(date(2026, 3, 31), True, id="its period ends on the last day of the month"),
        pytest.param(date(2026, 4, 1), False, id="its period ends on the first day of the next"),
        pytest.param(date(2020, 1, 1), True, id="its period ended years ago"),
        pytest.param(None, False, id="neither period nor statute"),
    ],
)
def test_data_are_due_when_their_period_ends(last: date | None, *, is_due: bool) -> None:
    assert bool(told({"delete_by": last})) == is_due


def test_data_of_which_nobody_knows_the_oldest_day_are_not_listed() -> None:
    assert told({"oldest_on": None, "delete_by": date(2020, 1, 1)}) == []


@pytest.mark.parametrize(("on_hold", "state"), [(True, "法的保全中"), (False, "未実施")])
def test_a_legal_hold_is_told(state: str, *, on_hold: bool) -> None:
    [one] = told({"on_hold": on_hold})
    assert one.state == state


@pytest.mark.parametrize(
    ("erasure", "state"),
    [
        pytest.param({}, "実施済", id="done and confirmed"),
        pytest.param({"confirmed_on": None}, "実施済・確認なし", id="done, not confirmed"),
        pytest.param({"done_on": None}, "未実施", id="planned"),
        pytest.param({"done_on": date(2026, 3, 9)}, "未実施", id="an earlier erasure"),
        pytest.param({"done_on": date(2026, 3, 10)}, "実施済", id="on the last day"),
        pytest.param({"reason": "request"}, "未実施", id="of a request"),
        pytest.param({"ref_id": "AOI-SALES-0002"}, "未実施", id="of another entry"),
    ],
)
def test_an_erasure_answers_what_was_due(erasure: dict[str, Any], state: str) -> None:
    [one] = told(erasures=(ERASURE | erasure,))
    assert one.state == state


def test_what_was_answered_before_the_month_is_not_listed_again() -> None:
    assert told({"delete_by": date(2026, 2, 1)}, (ERASURE | {"done_on": date(2026, 2, 28)},)) == []


def test_a_rule_is_told_in_words() -> None:
    statute = {"retention_law": "労働基準法109条", "statutory_until_on": date(2029, 3, 31)}
    assert rule(ENTRY | statute) == "退会日＋36か月\n労働基準法109条(満了 2029/03/31)"


def test_the_sheet_has_a_row_for_each_and_says_so_when_there_is_none() -> None:
    view = ErasureView("AOI", "株式会社青井", MONTH, datetime(2026, 3, 31, tzinfo=UTC), ())
    full = ErasureView("AOI", "株式会社青井", MONTH, view.known_at, tuple(told()))
    cells = [
        [cell.value for row in load_workbook(BytesIO(workbook(one).content)).active.iter_rows() for cell in row]  # type: ignore[union-attr]
        for one in (view, full)
    ]
    assert "この月までに消去すべきものはない。" in cells[0]
    assert {"AOI-SALES-0001", "未実施", "未計数", "退会日＋36か月"} <= set(cells[1])
