"""Which columns of which tables a control reads: what its facts must hold, so that it can be judged from them again."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from sqlglot import exp

from controls import allowed
from controls.binding import dataset_of, shape_of
from controls.model import Control
from evidence.datasets import catalogue

ROW_REF = "row_ref"  # what the proof of a deviation names


def columns_read(control: Control) -> Mapping[str, frozenset[str]]:
    """By table of a dataset: the columns that the test and its views name, and the place that a row came from."""
    told: dict[str, set[str]] = defaultdict(set)
    for text in (control.test, *(view.select for view in control.views)):
        for table, columns in _of_text(text).items():
            told[table] |= columns
    return {table: frozenset(columns) for table, columns in told.items()}


@lru_cache(maxsize=1024)
def _of_text(text: str) -> Mapping[str, frozenset[str]]:
    """By the name that a column stands with; it may name several sources of one text, or none: then it may be any's."""
    tree, named = allowed.parse(text), defaultdict[str, set[str]](set)
    for column in tree.find_all(exp.Column):
        named[column.table].add(column.name)
    told: dict[str, frozenset[str]] = {}
    for table in tree.find_all(exp.Table):
        if dataset_of(table.name) in catalogue():
            known = {column.name for column in shape_of(table.name).all_columns}
            asked = (named[table.alias_or_name] | named[""]) & known
            told[table.name] = told.get(table.name, frozenset({ROW_REF})) | asked
    return told
