"""JSON: what two readers could read in two ways is refused."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.formats import Layout, Unreadable, Wanted
from evidence.errors import SourceMalformed
from tests.collectors.objects import stored, strictly, told, wanted

LINES = Layout("json_lines", wanted("id", "score"))
DOCUMENT = Layout("json_lines", wanted("id"), records="/devices", count_pointer="/total")
SCALARS = st.none() | st.booleans() | st.integers() | st.text()


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    read = told([stored(content)], LINES)
    assert read.ends or read.rejects


@given(st.binary())
def test_any_bytes_are_a_document_or_refused_by_name(content: bytes) -> None:
    try:
        strictly([stored(content)], DOCUMENT)
    except SourceMalformed as error:
        assert str(error).startswith("object ")


@given(st.lists(st.fixed_dictionaries({"id": SCALARS, "score": SCALARS})))
def test_every_record_is_read_or_rejected_by_its_line(records: list[dict[str, object]]) -> None:
    read = told([stored("".join(json.dumps(record) + "\n" for record in records))], LINES)
    assert sorted(read.lines + [reject.line for reject in read.rejects]) == list(range(1, len(records) + 1))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param('{"id": "a", "id": "b"}', "a key stands twice in one object", id="a repeated key"),
        pytest.param('{"id": NaN}', "NaN is not JSON", id="NaN"),
        pytest.param('{"id": -Infinity}', "-Infinity is not JSON", id="infinity"),
        pytest.param('{"id": "a"', "not JSON: Expecting ',' delimiter at character 12", id="cut off"),
        pytest.param('["id"]', "not an object with fields", id="an array"),
        pytest.param('{"id": "\\ud800"}', "half of a character (a lone surrogate)", id="a lone surrogate"),
        pytest.param('{"id": {"a": 1}}', "holds an array or object, not one value", id="an object for a value"),
        pytest.param('{"id": "a"' + " " * (1 << 20) + "}", "a line is longer than 1 MiB", id="a line without end"),
        pytest.param("[" * 100_000, "nested too deeply", id="a tower"),
    ],
)
def test_a_broken_line_is_rejected_and_the_next_is_read(line: str, why: str) -> None:
    read = told([stored(f'{line}\n{{"id": "b", "score": 1.50}}\n')], LINES)
    assert [(reject.line, reject.reason) for reject in read.rejects] == [(1, why)]
    assert read.rows == [{"id": "b", "score": "1.50"}]


def test_bytes_that_are_not_utf_8_are_rejected_by_line() -> None:
    read = told([stored(b'{"id": "\xff"}\n{"id": "b"}\n')], LINES)
    assert [(reject.line, reject.reason) for reject in read.rejects] == [(1, "byte 9 is not utf-8")]


def test_numbers_keep_their_digits_and_words_their_case() -> None:
    read = told([stored('{"id": 12345678901234567890123, "score": true}\n{"score": null}\n')], LINES)
    assert read.rows == [{"id": "12345678901234567890123", "score": "true"}, {"id": None, "score": None}]


def test_a_document_gives_the_records_at_its_pointer_with_their_count() -> None:
    read = strictly([stored('{"devices": [{"id": "a"}, {"id": "b"}], "total": 3}')], DOCUMENT)
    assert (read.rows, read.lines, read.parts) == ([{"id": "a"}, {"id": "b"}], [1, 2], ["/devices", "/devices"])
    assert (read.ends[0].lines, read.ends[0].reported) == (2, 3)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        pytest.param('{"other": []}', "there is nothing at /devices", id="no such member"),
        pytest.param('{"devices": {}}', "at /devices is no array", id="no array"),
        pytest.param('{"devices": [], "total": "x"}', "at /total is no count", id="no count"),
        pytest.param('{"devices": [}', "not JSON", id="no JSON"),
    ],
)
def test_a_document_that_is_not_as_declared_is_refused(document: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        strictly([stored(document)], DOCUMENT)


def test_a_pointer_reads_a_field_inside_of_a_record() -> None:
    layout = Layout("json_lines", (Wanted(("/user/name",)), Wanted(("tags",), many=True)))
    read = strictly([stored('{"user": {"name": "a"}, "tags": ["x", "y"]}\n{"user": 1}\n')], layout)
    assert read.rows == [{"/user/name": "a", "tags": ["x", "y"]}, {"/user/name": None, "tags": None}]


def test_an_array_of_other_than_texts_is_rejected() -> None:
    read = told([stored('{"tags": [["x"]]}\n')], Layout("json_lines", (Wanted(("tags",), many=True),)))
    assert [reject.reason for reject in read.rejects] == ["holds no array of texts"]


@pytest.mark.parametrize(
    ("tail", "rows"),
    [
        pytest.param('{"id": "b", "sc', 1, id="a cut record is left for later"),
        pytest.param("12", 1, id="a number may go on"),
        pytest.param('{"id": "b"}', 2, id="a whole record cannot go on"),
        pytest.param("", 1, id="nothing behind the last line feed"),
    ],
)
def test_the_unfinished_last_line_of_a_growing_log_is_no_reject(tail: str, rows: int) -> None:
    read = told([stored('{"id": "a"}\n' + tail)], replace(LINES, growing=True))
    assert (len(read.rows), read.ends[0].lines, read.rejects) == (rows, rows, [])


def test_control_of_a_whole_file_the_cut_last_line_is_a_reject() -> None:
    read = told([stored('{"id": "a"}\n{"id": "b", "sc')], LINES)
    assert [reject.line for reject in read.rejects] == [2]


@given(st.lists(st.fixed_dictionaries({"id": SCALARS, "score": SCALARS})), st.data())
def test_a_log_cut_off_anywhere_reads_as_the_beginning_of_the_whole(
    records: list[dict[str, object]], data: st.DataObject
) -> None:
    whole = "".join(json.dumps(record) + "\n" for record in records).encode()
    growing = replace(LINES, growing=True)
    head = told([stored(whole[: data.draw(st.integers(0, len(whole)))])], growing)
    assert head.rejects == []
    assert head.rows == told([stored(whole)], growing).rows[: len(head.rows)]
