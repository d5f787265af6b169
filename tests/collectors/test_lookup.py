"""Asking a rule once for each combination gives what asking it for each row gives."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from collectors.lookup import looked_up

WORDS = st.none() | st.sampled_from(["", "a", "b", "ab"])


@given(st.lists(st.tuples(WORDS, WORDS, WORDS)))
def test_every_row_gets_its_own_answer(rows: list[tuple[str | None, ...]]) -> None:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(3)]
    assert looked_up(columns, lambda *values: repr(values), pa.string()).to_pylist() == [repr(row) for row in rows]


@given(st.lists(st.tuples(WORDS, st.lists(st.text(max_size=2), max_size=2))))
def test_lists_are_looked_up_too(rows: list[tuple[str | None, list[str]]]) -> None:
    columns = [
        pa.array([word for word, _ in rows], pa.string()),
        pa.array([words for _, words in rows], pa.list_(pa.string())),
    ]
    assert looked_up(columns, lambda *values: repr(values), pa.string()).to_pylist() == [repr(row) for row in rows]


def test_a_rule_is_asked_once_for_equal_rows() -> None:
    asked: list[str] = []
    looked_up([pa.array(["a", "b", "a"] * 9)], lambda word: asked.append(word) or word, pa.string())  # type: ignore[func-returns-value]
    assert asked == ["a", "b"]
