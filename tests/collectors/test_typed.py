"""From text to a dataset's columns: exact types, named rejects, stable keys."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.cells import Refused, converter, identifier
from collectors.compiled import compiled
from collectors.formats import Reject, placed
from collectors.profiles import Profile, ProfileFile
from collectors.rules import Reading, Rules
from collectors.typed import Typer
from evidence.datasets import Column, catalogue
from evidence.facts import read_schema
from evidence.persons import Keys
from tests.collectors.objects import stored

KEYS = Keys(b"k" * 32, {("worker_no", "w-9"): "p" + "a" * 20})
READING = Reading(
    "hr",
    ("AOI",),
    True,
    ZoneInfo("Asia/Tokyo"),
    ZoneInfo("Asia/Tokyo"),
    datetime(2026, 4, 1, tzinfo=UTC),
    timedelta(minutes=10),
    KEYS,
)
WORKERS: dict[str, Any] = {
    "department": {"from": "所属"},
    "engagement_key": {"from": ["番号", "入社日"], "mint": "engagement"},
    "person_key": {"from": "番号", "mint": "person", "as": "worker_no"},
    "kind": {"from": "区分", "map": {"正社員": "regular", "": "contract"}},
    "hired_on": {"from": "入社日", "date": "%Y/%m/%d"},
    "left_on": {"from": "退職日", "date": "%Y/%m/%d"},
    "handles_personal_data": {"from": "取扱者", "map": {"○": True, "": False}},
    "pledge_held_by_agency": {"value": False},
    "has_account": {"value": True},
}
WORKER = {"所属": "SYS", "番号": "W-1", "区分": "正社員", "入社日": "2020/04/01", "退職日": "", "取扱者": "○"}
EVENTS: dict[str, Any] = {
    "event_key": {"mint": "event"},
    "system_id": {"value": "${system_id}"},
    "account_key": {"from": ["${system_id}", "user"], "mint": "account"},
    "action": {"from": "op"},
    "result": {"value": "ok"},
    "rows": {"from": "rows"},
    "occurred_at": {"from": "ts"},
}
EVENT = {"user": "sato", "op": "read", "rows": "5", "ts": "2026-03-10 09:00:00"}


def rules(dataset: str, columns: Mapping[str, Any], only: Mapping[str, Any] | None = None) -> Rules:
    told = ProfileFile.model_validate(
        {
            "name": "p",
            "title": {"ja": "p", "en": "p"},
            "format": {"kind": "csv"},
            "completeness": "file",
            "datasets": {dataset: {"columns": columns} | ({"only": only} if only else {})},
        }
    )
    return compiled(Profile("p", told, "p@1"), {"system_id": "S1"}, None)[1][0]


def typed(
    made: Rules, rows: list[dict[str, str]], reading: Reading = READING
) -> tuple[list[dict[str, Any]], list[Reject]]:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    batch, rejects = Typer(made, reading).batch(placed(stored("x"), None, list(range(2, len(rows) + 2)), columns))
    assert batch.schema.equals(read_schema(made.dataset))
    return batch.to_pylist(), rejects


def test_a_row_of_text_becomes_a_row_of_its_dataset() -> None:
    [row], rejects = typed(rules("workers", WORKERS), [WORKER])
    assert not rejects
    assert row["person_key"] == KEYS.person("worker_no", "W-1")
    assert row["engagement_key"] == KEYS.mint("engagement", "W-1", "2020/04/01")
    assert (row["company"], row["kind"], row["hired_on"], row["left_on"]) == ("AOI", "regular", date(2020, 4, 1), None)
    assert (row["handles_personal_data"], row["pledge_held_by_agency"], row["line"]) == (True, False, 2)


@pytest.mark.parametrize(
    ("change", "column", "why"),
    [
        pytest.param({"区分": "顧問"}, "kind", "is not in the profile's map", id="a word outside of the map"),
        pytest.param({"入社日": "2020-04-01"}, "hired_on", "is not a day as declared", id="another date form"),
        pytest.param({"所属": "　"}, "department", "is empty", id="blank where something must stand"),
        pytest.param({"番号": ""}, "engagement_key", "lacks a part of its key", id="half of a key"),
        pytest.param(
            {"番号": "W\u200b1"}, "engagement_key", "holds an invisible character", id="an invisible character"
        ),
    ],
)
def test_a_bad_field_rejects_its_row_by_line_and_column(change: dict[str, str], column: str, why: str) -> None:
    rows, [reject] = typed(rules("workers", WORKERS), [WORKER, WORKER | change, WORKER])
    assert (reject.line, reject.column, reject.reason) == (3, column, why)
    assert [row["line"] for row in rows] == [2, 4]


@pytest.mark.parametrize("number", ["W-9", "ｗ－９", " w-9 "])
def test_a_known_identifier_names_its_person_however_it_is_typed(number: str) -> None:
    [row], _ = typed(rules("workers", WORKERS), [WORKER | {"番号": number}])
    assert row["person_key"] == "p" + "a" * 20


def test_an_empty_field_may_have_a_meaning_of_its_own() -> None:
    [row], _ = typed(rules("workers", WORKERS), [WORKER | {"区分": "", "取扱者": ""}])
    assert (row["kind"], row["handles_personal_data"]) == ("contract", False)


def test_rows_of_other_datasets_are_skipped_and_counted() -> None:
    made = rules("workers", WORKERS, {"from": "種別", "in": ["A"]})
    typer = Typer(made, READING)
    columns = {name: pa.array([value] * 3) for name, value in WORKER.items()} | {"種別": pa.array(["A", "B", " A "])}
    batch, rejects = typer.batch(placed(stored("x"), None, [2, 3, 4], columns))
    assert (batch.num_rows, rejects, typer.skipped) == (2, [], 1)


def test_an_event_has_its_day_in_the_company_s_zone() -> None:
    [row], _ = typed(rules("access_events", EVENTS), [EVENT | {"ts": "2026-03-09T23:30:00Z"}])
    assert (row["occurred_on"], row["time_basis"]) == (date(2026, 3, 10), "zone_given")


@pytest.mark.parametrize(
    ("ts", "why"),
    [
        pytest.param("2026-04-01 09:11:00", "is a time after the collection itself", id="after the collection"),
        pytest.param("1999-12-31 09:00:00", "is a time before 2000", id="before 2000"),
        pytest.param("", "is empty", id="nothing"),
    ],
)
def test_an_event_out_of_time_is_rejected(ts: str, why: str) -> None:
    _, [reject] = typed(rules("access_events", EVENTS), [EVENT | {"ts": ts}])
    assert (reject.column, reject.reason) == ("occurred_at", why)


def test_a_day_only_is_no_instant() -> None:
    columns = {**EVENTS, "occurred_on": {"from": "day"}}
    del columns["occurred_at"]
    [row], _ = typed(rules("access_events", columns), [EVENT | {"day": "2026-03-10"}])
    assert (row["occurred_at"], row["occurred_on"], row["time_basis"]) == (None, date(2026, 3, 10), "day_only")


def test_equal_events_of_one_object_have_different_keys() -> None:
    rows, _ = typed(rules("access_events", EVENTS), [EVENT, EVENT, EVENT | {"rows": "6"}])
    assert len({row["event_key"] for row in rows}) == 3


@given(st.lists(st.sampled_from([EVENT, EVENT | {"rows": "6"}, EVENT | {"user": "ito"}]), min_size=1, max_size=8))
def test_a_log_that_has_grown_keeps_its_keys(events: list[dict[str, str]]) -> None:
    before, _ = typed(rules("access_events", EVENTS), events)
    after, _ = typed(rules("access_events", EVENTS), [*events, EVENT])
    assert [row["event_key"] for row in after[: len(before)]] == [row["event_key"] for row in before]


def test_an_account_of_two_sources_is_one() -> None:
    [row], _ = typed(rules("access_events", EVENTS), [EVENT])
    assert row["account_key"] == KEYS.mint("account", "S1", "sato")


def test_a_list_is_split_sorted_and_without_repeats() -> None:
    columns = {**EVENTS, "subject_keys": {"from": "subjects", "split": ";", "mint": "subject"}}
    [row], _ = typed(rules("access_events", columns), [EVENT | {"subjects": "b; a;;b"}])
    assert row["subject_keys"] == sorted({KEYS.mint("subject", "a"), KEYS.mint("subject", "b")})


def test_a_company_that_is_not_the_source_s_is_rejected() -> None:
    columns = {**WORKERS, "company": {"from": "会社"}}
    rows, [reject] = typed(rules("workers", columns), [WORKER | {"会社": "AOI"}, WORKER | {"会社": "EVIL"}])
    assert (len(rows), reject.column, reject.reason) == (1, "company", "is not a company of this source")


def test_a_register_that_says_no_span_holds_always() -> None:
    columns: dict[str, Any] = {
        "department": {"value": "D"},
        "audit_id": {"from": "id"},
        "vendor_id": {"value": "V"},
        "method": {"value": "remote"},
        "performed_on": {"value": date(2026, 1, 1)},
        "auditor_key": {"value": "p1"},
        "has_scope": {"value": True},
        "samples": {"from": "n"},
    }
    [row], _ = typed(rules("vendor_audits", columns), [{"id": "A", "n": "３"}])
    assert (row["valid_from_on"], row["valid_to_on"], row["entered_by"]) == (
        date(1900, 1, 1),
        date(9999, 12, 31),
        "source:hr",
    )
    assert (row["samples"], row["finding_ids"]) == (3, [])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        pytest.param("integer", " 12 ", 12, id="an integer"),
        pytest.param("decimal", "0.1250", Decimal("0.125"), id="an exact decimal"),
        pytest.param("boolean", "○", True, id="a circle"),
        pytest.param("boolean", "FALSE", False, id="no"),
        pytest.param("text", "e\u0301", "é", id="NFC"),
        pytest.param("text", " ", None, id="blank is nothing"),
    ],
)
def test_a_field_says_a_value(kind: str, text: str, value: object) -> None:
    assert converter(Column("x", kind, "x"), None, iso_too=False)(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        pytest.param("integer", "1,000", id="a separator"),
        pytest.param("integer", "1.0", id="a fraction"),
        pytest.param("integer", "9223372036854775808", id="too large"),
        pytest.param("decimal", "0.00001", id="too fine"),
        pytest.param("decimal", "1e3", id="an exponent"),
        pytest.param("decimal", "123456789012345", id="too large a decimal"),
        pytest.param("boolean", "maybe", id="neither yes nor no"),
    ],
)
def test_a_field_that_says_no_value_is_refused(kind: str, text: str) -> None:
    with pytest.raises(Refused):
        converter(Column("x", kind, "x"), None, iso_too=False)(text)


@given(st.sampled_from(["text", "integer", "decimal", "boolean", "date"]), st.text())
def test_any_text_is_a_value_or_refused(kind: str, text: str) -> None:
    try:
        converter(Column("x_id", kind, "x"), None, iso_too=False)(text)
    except Refused as error:
        assert len(text.strip()) < 4 or text.strip() not in str(error)


@given(st.text())
def test_an_identifier_is_settled_once_and_for_all(text: str) -> None:
    try:
        once = identifier(text)
    except Refused:
        return
    assert identifier(once) == once


def test_a_label_of_a_list_is_its_code() -> None:
    convert = converter(catalogue()["findings"].column("severity"), None, iso_too=False)
    assert (convert("高"), convert("high")) == ("high", "high")


COURSE: dict[str, Any] = {
    "course": {"value": "PI"},
    "content_version": {"from": "version"},
    "kind": {"value": "annual"},
    "pass_mark": {"value": 80},
    "approved_from_on": {"value": date(2026, 1, 1)},
    "approved_to_on": {"value": date(9999, 12, 31)},
}
COURSES = [{"version": "1", "会社": ""}, {"version": "2", "会社": "AOI"}, {"version": "3", "会社": "SEI"}]


@pytest.mark.parametrize(
    ("companies", "is_about_all", "told", "rejected"),
    [
        pytest.param(("AOI", "MID"), True, [None, "AOI"], [4], id="about all: the whole group"),
        pytest.param(("AOI", "MID"), False, ["AOI"], [2, 4], id="about some: it cannot speak for the others"),
        pytest.param(("AOI",), False, ["AOI", "AOI"], [4], id="about one: that one"),
        pytest.param(("AOI",), True, [None, "AOI"], [4], id="about the only one: the whole group"),
    ],
)
def test_a_row_without_a_company_speaks_for_no_more_than_its_source(
    companies: tuple[str, ...], is_about_all: bool, told: list[str | None], rejected: list[int]
) -> None:
    reading = replace(READING, companies=companies, is_about_all=is_about_all)
    rows, rejects = typed(rules("courses", COURSE | {"company": {"from": "会社"}}), COURSES, reading)
    assert [row["company"] for row in rows] == told
    assert [(one.line, one.column) for one in rejects] == [(line, "company") for line in rejected]


def test_rows_that_never_name_a_company_speak_for_no_more_than_their_source() -> None:
    rows, _ = typed(rules("courses", COURSE), COURSES[:1], replace(READING, is_about_all=False))
    assert [row["company"] for row in rows] == ["AOI"]
