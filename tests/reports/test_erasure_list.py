"""What must be erased in a month (法22条): a start event and a period, a statute, a legal hold, and the record that answers."""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from evidence.period import Period
from reports.erasure_list import Due, ErasureView, due, months_later, rule, workbook

MONTH = Period(date(2026, 3, 1), date(2026, 3, 31))
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
ENTRY: dict[str, Any] = {
    "company": "AOI", "department": "SALES", "entry_id": "AOI-SALES-0001", "name": "退会者名簿", "system_ids": ["S1"],
    "db_ids": ["DB1"], "zone_ids": [], "retention_start": "退会日", "retention_months": 36, "retention_law": None,
    "statutory_until_on": None, "hold_approval_id": None, "oldest_on": None, "disposal": "erase",
}  # fmt: skip
ERASURE: dict[str, Any] = {
    "company": "AOI", "erasure_id": "ER-1", "reason": "retention", "ref_id": "AOI-SALES-0001", "done_on": date(2026, 3, 20),
    "confirmed_on": date(2026, 3, 25),
}  # fmt: skip
HOLD: dict[str, Any] = {
    "approval_id": "H-1", "kind": "retention_hold", "status": "approved", "approved_at": datetime(2026, 1, 1, tzinfo=UTC),
    "valid_from_at": datetime(2026, 1, 1, tzinfo=UTC), "valid_to_at": FOREVER,
}  # fmt: skip


def measured(oldest: date, expired: int = 7, entry: str = "AOI-SALES-0001") -> dict[str, Any]:
    return {"db_id": f"DB-{oldest}", "entry_id": entry, "oldest_record_on": oldest, "expired_records": expired}


def told(
    entry: dict[str, Any] | None = None,
    statistics: tuple[dict[str, Any], ...] = (),
    erasures: tuple[dict[str, Any], ...] = (),
    approvals: tuple[dict[str, Any], ...] = (),
) -> list[Due]:
    return due([ENTRY | (entry or {})], statistics, erasures, approvals, MONTH)


@pytest.mark.parametrize(
    ("oldest", "is_due"),
    [
        pytest.param(date(2023, 3, 31), True, id="its period ends on the last day of the month"),
        pytest.param(date(2023, 4, 1), False, id="its period ends on the first day of the next"),
        pytest.param(date(2020, 1, 1), True, id="its period ended years ago"),
    ],
)
def test_data_are_due_when_their_period_ends(oldest: date, *, is_due: bool) -> None:
    assert bool(told(statistics=(measured(oldest),))) == is_due


def test_the_oldest_of_several_stores_counts_and_their_expired_records_are_added() -> None:
    [one] = told(
        statistics=(measured(date(2023, 2, 1), 3), measured(date(2023, 1, 15), 4), measured(date(2020, 1, 1), 9, "X"))
    )
    assert (one.oldest_on, one.due_on, one.expired) == (date(2023, 1, 15), date(2026, 1, 15), 7)


def test_without_a_measurement_the_count_by_hand_stands() -> None:
    [one] = told({"oldest_on": date(2023, 3, 10)})
    assert (one.oldest_on, one.expired) == (date(2023, 3, 10), None)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="nobody knows the oldest day"),
        pytest.param({"oldest_on": date(2000, 1, 1), "retention_months": None}, id="neither period nor statute"),
        pytest.param(
            {"oldest_on": date(2000, 1, 1), "statutory_until_on": date(2026, 4, 1)}, id="a statute still runs"
        ),
    ],
)
def test_what_cannot_be_due_is_not_listed(entry: dict[str, Any]) -> None:
    assert told(entry) == []


def test_a_statute_that_ends_later_than_the_period_decides() -> None:
    [one] = told({"oldest_on": date(2020, 1, 1), "statutory_until_on": date(2026, 3, 31)})
    assert one.due_on == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("hold", "state"),
    [
        pytest.param({}, "法的保全中", id="approved and open"),
        pytest.param({"status": "withdrawn"}, "未実施", id="withdrawn"),
        pytest.param({"valid_to_at": datetime(2026, 3, 31, 14, 59, tzinfo=UTC)}, "未実施", id="ended within the month"),
        pytest.param({"kind": "ticket"}, "未実施", id="an approval of something else"),
    ],
)
def test_a_legal_hold_is_told_while_its_approval_holds(hold: dict[str, Any], state: str) -> None:
    [one] = told({"oldest_on": date(2020, 1, 1), "hold_approval_id": "H-1"}, approvals=(HOLD | hold,))
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
    [one] = told({"oldest_on": date(2023, 3, 10)}, erasures=(ERASURE | erasure,))
    assert one.state == state


def test_what_was_answered_before_the_month_is_not_listed_again() -> None:
    assert told({"oldest_on": date(2023, 2, 1)}, erasures=(ERASURE | {"done_on": date(2026, 2, 28)},)) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
        (date(2023, 3, 31), 36, date(2026, 3, 31)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


def test_a_rule_is_told_in_words() -> None:
    statute = {"retention_law": "労働基準法109条", "statutory_until_on": date(2029, 3, 31)}
    assert rule(ENTRY | statute) == "退会日＋36か月\n労働基準法109条(満了 2029/03/31)"


def test_the_sheet_has_a_row_for_each_and_says_so_when_there_is_none() -> None:
    view = ErasureView("AOI", "株式会社青井", MONTH, datetime(2026, 3, 31, tzinfo=UTC), ())
    full = ErasureView("AOI", "株式会社青井", MONTH, view.known_at, tuple(told({"oldest_on": date(2023, 3, 10)})))
    cells = [
        [cell.value for row in load_workbook(BytesIO(workbook(one).content)).active.iter_rows() for cell in row]  # type: ignore[union-attr]
        for one in (view, full)
    ]
    assert "この月までに消去すべきものはない。" in cells[0]
    assert {"AOI-SALES-0001", "未実施", "未計数", "退会日＋36か月"} <= set(cells[1])
