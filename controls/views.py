"""A view asked by itself: its own answer over a window, without a control around it."""

from collections.abc import Mapping

import pyarrow as pa

from controls.binding import dataset_of
from controls.compile import combined, lists_of, needed, reads_of, written
from controls.definition import given_to
from controls.engine import Evidence, given
from controls.model import View
from evidence.datasets import catalogue


def datasets_of(view: View, views: Mapping[str, View]) -> tuple[str, ...]:
    """The datasets that a view reads, directly or through other views."""
    texts = [one.select for one in (*needed(view.select, views), view)]
    read = {dataset_of(table) for text in texts for table in reads_of(text).tables}
    return tuple(name for name in catalogue() if name in read)


def ask(
    view: View, views: Mapping[str, View], window: Evidence, values: Mapping[str, object], *, lookback_days: int
) -> pa.Table:
    """What a view answers; ``values`` take the place of its parameters and of those it inherits."""
    front = needed(view.select, views)
    parameters = given_to({p.name: p for one in (*front, view) for p in one.parameters}.values(), values)
    text = written(combined(view.select, front), lists_of(parameters))
    return window.run(text.sql, given(parameters, window.period, text.bound), lookback_days=lookback_days)
