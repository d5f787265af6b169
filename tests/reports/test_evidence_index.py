"""The index of evidence lists what stands behind a company's verdicts, and nothing of another's."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from controls.model import ControlId
from evidence.facts.feeds import Feed
from evidence.store.values import FactFile, FetchedObject, Run, Written
from reports.evidence_index import Evidence, evidence
from reports.self_check_view import EvidenceLine
from tests.reports import made

AT = datetime(2026, 9, 30, 15, 30, tzinfo=UTC)
CONTROL = replace(made.controls()[0], id=ControlId("HUM-01"), datasets=("workers", "courses"))
FEED = Feed("hr", "workers", ("AOBA",), 2)
RUN = Run("r1", "hr", "AOBA", "workers", date(2026, 9, 30), "collected", True, 812, 812, 0, None, AT, None, None, AT)
HELD = FetchedObject(
    "d" * 64, 9_000, "hr", "r1", "roster_山田.csv", AT, None, "sftp://h/山田", "sftp", "0" * 64, None, "hr_roster", AT
)
IMPORTED = FetchedObject(
    "e" * 64,
    700,
    "register:courses",
    "import:e",
    "教育.xlsx",
    None,
    None,
    "教育.xlsx",
    "import",
    "0" * 64,
    recorded_at=AT,
)
WRITTEN = Written("e" * 64, "courses", "AOBA", None, 1, date(2026, 4, 1), date(9999, 12, 31))


def lines(**changes: Any) -> list[EvidenceLine]:
    return [one.line for one in pieces(**changes)]


def pieces(**changes: Any) -> list[Evidence]:
    told = {
        "feeds": [FEED],
        "runs": [RUN],
        "objects": [HELD, IMPORTED],
        "written": [WRITTEN],
        "named": False,
    } | changes
    named = told.pop("named")
    return list(evidence("AOBA", "Asia/Tokyo", [CONTROL], **told, named=named))  # type: ignore[arg-type]


def test_objects_are_numbered_in_the_order_they_were_recorded() -> None:
    assert [(line.number, line.sha256[0], line.controls) for line in lines()] == [
        ("E-0001", "d", ("HUM-01",)),
        ("E-0002", "e", ("HUM-01",)),
    ]


def test_a_masked_index_names_the_source_and_not_the_file() -> None:
    assert [(line.name, line.origin) for line in lines()] == [
        ("従業者(雇用・契約関係)", "hr"),
        ("講座", "register:courses"),
    ]


def test_a_raw_index_names_the_file() -> None:
    assert lines(named=True)[0].name == "roster_山田.csv"


def test_moments_are_told_in_the_companys_zone() -> None:
    assert f"{lines()[0].fetched_at:%Y-%m-%d %H:%M}" == "2026-10-01 00:30"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {"feeds": [replace(FEED, companies=("OTHER",))], "written": []}, id="the source of another company"
        ),
        pytest.param(
            {"objects": [replace(HELD, how="judged")], "runs": [replace(RUN, company="OTHER")]},
            id="what was judged of another company",
        ),
        pytest.param({"feeds": [], "written": [replace(WRITTEN, company="OTHER")]}, id="another's import"),
        pytest.param(
            {"feeds": [replace(FEED, dataset="devices")], "written": []}, id="a dataset that no control reads"
        ),
    ],
)
def test_what_stands_behind_no_verdict_of_the_company_is_not_listed(changes: dict[str, Any]) -> None:
    assert lines(**changes) == []


def test_an_import_counts_the_rows_it_brought() -> None:
    assert lines(written=[WRITTEN, replace(WRITTEN, department="D1")])[1].rows == 2


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        pytest.param([RUN], "件数照合 一致(812)", id="the count of the source agrees"),
        pytest.param([replace(RUN, rows_reported=None)], "全行読取", id="the source counts nothing"),
        pytest.param([replace(RUN, rows_reported=None, rejected=3)], "全行読取、読めない行 3", id="rows were refused"),
        pytest.param([replace(RUN, complete=False, reason="末尾がない")], "不完全: 末尾がない", id="incomplete"),
        pytest.param(
            [replace(RUN, complete=False), replace(RUN, dataset="leaves")], "不完全: 理由の記録なし", id="one of two"
        ),
        pytest.param([], "―", id="no run is known"),
    ],
)
def test_completeness_is_told_as_far_as_it_is_proven(runs: list[Run], said: str) -> None:
    assert lines(runs=runs)[0].complete == said


def test_an_object_that_was_never_recorded_is_refused() -> None:
    with pytest.raises(ValueError, match="recorded"):
        lines(objects=[replace(HELD, recorded_at=None)])


def test_a_piece_of_evidence_knows_what_became_of_it_and_of_which_days_it_tells() -> None:
    fact = FactFile("workers/x.parquet", "f" * 64, "workers", "hr", date(2026, 9, 30), "r1", 812, AT, True)
    covering = replace(RUN, covers_from=date(2026, 9, 1), covers_to=date(2026, 9, 29))
    [collected, imported] = pieces(files=[fact], runs=[covering])
    assert (collected.facts, collected.covers) == (("f" * 64,), (date(2026, 9, 1), date(2026, 9, 29)))
    assert (imported.facts, imported.covers) == ((), (date(2026, 4, 1), date(9999, 12, 31)))


def test_a_snapshot_tells_of_its_day() -> None:
    assert pieces()[0].covers == (date(2026, 9, 30), date(2026, 9, 30))


def test_an_import_names_the_departments_it_tells_of() -> None:
    of_two = [replace(WRITTEN, department=one) for one in ("D2", "D1", None)]
    assert pieces(written=of_two)[1].departments == ("D1", "D2")


def test_an_import_tells_of_all_days_that_any_of_its_rows_holds_on() -> None:
    early = replace(WRITTEN, department="D1", first_on=date(2025, 4, 1), last_on=date(2025, 5, 1))
    late = replace(WRITTEN, department="D2", last_on=date(2027, 3, 31))
    assert pieces(written=[late, early])[1].covers == (date(2025, 4, 1), date(2027, 3, 31))
