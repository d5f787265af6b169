"""CSV: strict at the border, with the line that a person finds in the file."""

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.formats import Layout, Trailer, Unreadable, Wanted, read_all
from evidence.errors import SourceMalformed
from tests.collectors.objects import stored, strictly, told, wanted

TRAINING = Layout("csv", wanted("employee", "course", "completed_on"))
HEADER = "employee,course,completed_on\n"
SPECTRUM = ("comma_in_quotes", "escaped_quotes", "json", "newlines", "newlines_crlf", "quotes_and_newlines", "simple")


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_name(content: bytes) -> None:
    try:
        strictly([stored(content)], TRAINING)
    except SourceMalformed as error:
        assert str(error).startswith("object ")


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "cp932", "utf-16"]))
def test_any_bytes_below_a_good_header_are_rows_rejects_or_unreadable(content: bytes, encoding: str) -> None:
    read = told([stored(HEADER.encode(encoding) + content)], Layout("csv", TRAINING.columns, encoding=encoding))
    assert read.ends or read.rejects


@given(
    st.lists(st.tuples(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0")), st.text('a,"\n 漢')))
)
def test_what_a_writer_wrote_is_what_is_read(pairs: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *pairs])
    read = told([stored(out.getvalue())], Layout("csv", wanted("a", "b")))
    assert not read.rejects
    assert [(row["a"], row["b"]) for row in read.rows] == [p for p in pairs if any(cell.strip() for cell in p)]


@pytest.mark.parametrize("name", [*SPECTRUM, "simple_crlf", "utf8", "empty", "empty_crlf"])
def test_the_csv_spectrum_is_read_as_it_is_meant(name: str, shared: Path) -> None:
    folder = shared / "data" / "csv-spectrum"
    meant = json.loads((folder / "json" / f"{name}.json").read_text("utf-8"))
    read = strictly([stored((folder / "csvs" / f"{name}.csv").read_bytes())], Layout("csv"))
    assert read.rows == meant


def test_naughty_strings_come_through_unchanged_or_are_refused_by_line(shared: Path) -> None:
    strings = json.loads((shared / "data" / "blns" / "blns.json").read_text("utf-8"))
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("id", "text"), *enumerate(strings)])
    read = told([stored(out.getvalue())], Layout("csv", wanted("id", "text")))
    assert not read.rejects
    assert [row["text"] for row in read.rows] == strings


@pytest.mark.parametrize(
    ("row", "why"),
    [
        pytest.param("E1,PI", "2 fields, the header has 3", id="a short row"),
        pytest.param("E1,PI,2026-02-01,x", "4 fields, the header has 3", id="a long row"),
        pytest.param("E1,P\0I,2026-02-01", "NUL in the text; is it really utf-8?", id="NUL"),
        pytest.param(b"E1,\xff,2026-02-01", "byte 4 of the line is not utf-8", id="a wrong byte"),
        pytest.param(
            b'E1,"P\n\xff",2026-02-01', "byte 1 of the line is not utf-8", id="a wrong byte behind a line feed"
        ),
        pytest.param("E1," + "P" * (1 << 20), "a line is longer than 1 MiB", id="an endless line"),
        pytest.param(
            'E1,"PI"x,2026-02-01', "wrongly quoted, or a carriage return inside of a line", id="a quote inside"
        ),
        pytest.param("E1,P\rI,2026-02-01", "wrongly quoted, or a carriage return inside of a line", id="a bare return"),
    ],
)
def test_a_malformed_row_is_rejected_by_line_and_the_next_is_read(row: str | bytes, why: str) -> None:
    raw = row.encode() if isinstance(row, str) else row
    read = told([stored(HEADER.encode() + raw + b"\nE2,PI,2026-02-02\n")], TRAINING)
    assert [(reject.line, reject.reason) for reject in read.rejects] == [(2, why)]
    assert read.lines == [3 + raw.count(b"\n")]
    assert read.ends[0].lines == 2


def test_the_rows_above_a_quote_that_never_ends_count() -> None:
    read = told([stored(f'{HEADER}E1,PI,2026-02-01\nE2,"PI,2026-02-02\nE3,PI,2026-02-03\n')], TRAINING)
    assert ([row["employee"] for row in read.rows], [reject.line for reject in read.rejects]) == (["E1"], [3])
    assert not read.ends


def test_no_value_is_told_where_a_row_stands_in_the_place_of_the_header() -> None:
    [reject] = told([stored("佐藤,PI,佐藤,2026-02-01\n")], TRAINING).rejects
    assert reject.reason.startswith("the header has the name of column 1 more than once")


@pytest.mark.parametrize(
    ("content", "encoding", "why"),
    [
        pytest.param(b"", "utf-8", "it is empty: not even a header", id="nothing"),
        pytest.param(b"employee,course\n", "utf-8", "the header has no completed_on", id="a missing header"),
        pytest.param(
            b"employee,course,course,completed_on\n", "utf-8", "the header has course more than once", id="twice"
        ),
        pytest.param(
            b"\xef\xbb\xbf" + HEADER.encode(),
            "utf-8",
            "it begins with the mark of utf-8-sig, declared is utf-8",
            id="a mark",
        ),
        pytest.param(
            HEADER.encode("utf-16"),
            "cp932",
            "it begins with the mark of utf-16, declared is cp932",
            id="utf-16 for cp932",
        ),
        pytest.param(HEADER.encode(), "utf-16", "no mark of utf-16 at its beginning, declared is utf-16", id="no mark"),
        pytest.param(b"em\0ployee\n", "utf-8", "NUL in the text; is it really utf-8?", id="NUL"),
        pytest.param("髙".encode("cp932"), "utf-8", "byte 1 of the line is not utf-8", id="cp932 for utf-8"),
        pytest.param(gzip.compress(HEADER.encode())[:-9], "utf-8", "damaged gzip", id="cut gzip"),
        pytest.param(b"a" * (1 << 21), "utf-8", "the header: a line is longer than 1 MiB", id="an endless line"),
        pytest.param(HEADER.encode() + b'E1,"a\n', "utf-8", "a quoted field that does not end", id="an open quote"),
        pytest.param(
            HEADER.encode() + b'"' + b"a\n" * 99_999, "utf-8", "that does not end", id="an open quote above much"
        ),
    ],
)
def test_an_object_that_is_not_as_declared_is_refused_by_name(content: bytes, encoding: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why.replace("?", r"\?")):
        strictly([stored(content)], Layout("csv", TRAINING.columns, encoding=encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_declared_encoding_is_read(encoding: str) -> None:
    content = "氏名\t番号\r\n髙橋①\tＥ００１\r\n".encode(encoding)
    read = strictly([stored(content)], Layout("csv", wanted("番号", "氏名"), encoding=encoding, delimiter="\t"))
    assert read.rows == [{"番号": "Ｅ００１", "氏名": "髙橋①"}]


def test_a_row_has_the_line_that_it_begins_on() -> None:
    read = told([stored('a,b\n"x\ny",1\n\n,\nz,2\nw\n')], Layout("csv", wanted("a", "b")))
    assert read.lines == [2, 6]
    assert [reject.line for reject in read.rejects] == [7]


def test_skipped_lines_count_as_lines() -> None:
    read = told([stored("exported 2026-04-01\n\na,b\n1,2\n")], Layout("csv", wanted("a"), skip_lines=2))
    assert (read.rows, read.lines) == ([{"a": "1"}], [4])


def test_the_trailer_reports_its_count_and_is_no_row() -> None:
    layout = Layout("csv", wanted("a"), trailer=Trailer("合計", 2))
    read = strictly([stored("a,b,c\n1,2,3\n合計,1\n")], layout)
    assert (len(read.rows), read.ends[0].lines, read.ends[0].reported) == (1, 1, 1)


def test_a_row_below_the_trailer_is_a_reject() -> None:
    read = told([stored("a,b\n合計,0\n1,2\n")], Layout("csv", wanted("a"), trailer=Trailer("合計", 2)))
    assert [reject.reason for reject in read.rejects] == ["a row below the trailer"]


def test_a_gzip_object_is_read_like_a_plain_one() -> None:
    assert strictly([stored(gzip.compress(b"a\n1\n"))], Layout("csv", wanted("a"))).rows == [{"a": "1"}]


def test_an_unreadable_object_is_a_reject_beside_a_good_one() -> None:
    read = told([stored("nothing here\n"), stored(f"{HEADER}E1,PI,2026-02-01\n")], TRAINING)
    assert (len(read.rows), len(read.rejects), len(read.ends)) == (1, 1, 1)


def test_an_object_of_which_nothing_can_be_read_is_given_up() -> None:
    read = told([stored(HEADER + "x\n" * 5_000)], TRAINING)
    assert read.rejects[-1].reason.startswith("1000 lines could not be read")
    assert not read.ends


def test_one_of_several_names_of_a_column_is_found() -> None:
    layout = Layout("csv", (Wanted(("person_key", "受講者")), Wanted(("score", "得点"), required=False)))
    assert strictly([stored("受講者\nE1\n")], layout).rows == [{"person_key": "E1"}]


def test_many_rows_come_in_bounded_batches() -> None:
    parts = list(read_all([stored("a\n" + "1\n" * 120_000)], Layout("csv", wanted("a"))))
    assert [part.num_rows for part in parts if isinstance(part, pa.RecordBatch)] == [50_000, 50_000, 20_000]
