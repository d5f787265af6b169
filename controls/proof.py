"""Which evidence made a member deviate: the test written once more so that each row carries its ``row_ref``s.

Authors write nothing. The rules (sql.md §4): a dataset in FROM or JOIN gives its row; a sub-select, CTE or view gives
its own list; a grouped SELECT gathers; a branch of UNION ALL stands for itself; a running aggregate gathers over its
frame; an EXISTS in the SELECT list adds what it matched. Calendars, parameters, and EXISTS in WHERE add nothing, and
absence has no row. Only deviating members are traced (``controls/narrowing.py``).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from sqlglot import exp

from controls.binding import dataset_of
from controls.compile import Compiled, combined, in_front, lists_of, written
from controls.model import KEY, Control, View
from controls.narrowing import branches_of, deviating, named, narrow
from controls.shapes import sources
from evidence.datasets import catalogue

KEPT = 50  # row_refs of one member; all are counted
_REFS = "_refs"
_SILENT = frozenset({"calendar_days"})


def traced(control: Control) -> Compiled:
    """The text that answers, for each member named in ``_deviating``, its key columns, ``refs`` and ``total``."""
    return _traced(control.test, control.views, lists_of(control.parameters))


@lru_cache(maxsize=8192)
def _traced(test: str, views: tuple[View, ...], lists: tuple[str, ...]) -> Compiled:
    tree = combined(test, views)
    keys = [name for name in KEY if name in tree.named_selects]
    _Tracing(tree).query(tree)
    narrow(tree, keys)
    front = tree.args.get("with_")
    tree.set("with_", None)
    refs = _call("list_sort", _call("list_distinct", exp.column(_REFS, "t")))
    answer = exp.select(*(exp.column(name, "t") for name in keys))
    first = _call("list_slice", refs, exp.Literal.number(1), exp.Literal.number(KEPT))
    answer = answer.select(exp.alias_(first, "refs"), exp.alias_(_call("len", refs.copy()), "total"))
    answer = answer.where(named({name: exp.column(name, "t") for name in keys}))
    answer = answer.from_(exp.Subquery(this=tree, alias=_alias("t")))  # last: each step copies what it adds to
    answer.set("with_", front)
    in_front(answer, [deviating()])
    return written(answer, lists)


class _Tracing:
    """Adds the column ``_refs`` to every SELECT that a statement brings rows from; a condition's gather none."""

    def __init__(self, root: exp.Query) -> None:
        self._untraced = {str(cte.alias): cte.this for cte in root.find_all(exp.CTE)}
        self._made = frozenset(self._untraced)

    def query(self, query: exp.Expr) -> None:
        for select in branches_of(query):
            select.set("expressions", [*select.expressions, exp.alias_(self._refs(select), _REFS)])

    def _refs(self, select: exp.Select) -> exp.Expr:
        asked = [one for e in select.expressions for one in _asked(e, select)]
        windows = [one for one in select.find_all(exp.Window) if one.parent_select is select]
        rows = self._rows(select)
        if not _is_grouped(select):
            frames = [frame for one in windows if (frame := _gathered_over(one, rows))]
            return _joined([rows, *frames, *(self._matches(one) for one in asked)])
        inside = [one for one in asked if isinstance(one.find_ancestor(exp.AggFunc, exp.Select), exp.AggFunc)]
        after = [self._matches(one) for one in asked if one not in inside]
        return _joined([_gathered(_joined([rows, *(self._matches(one) for one in inside)])), *after])

    def _rows(self, select: exp.Select) -> exp.Expr:
        """The rows that FROM and JOIN bring together in one row of a SELECT; its sub-selects are traced on the way."""
        return _joined([term for source in sources(select) if (term := self._row(source)) is not None])

    def _row(self, source: exp.Expr) -> exp.Expr | None:
        name = source.alias_or_name
        if isinstance(source, exp.Subquery):
            self.query(source.this)
        elif source.name in self._made:
            if (query := self._untraced.pop(source.name, None)) is not None:
                self.query(query)
        else:
            dataset = dataset_of(source.name)
            if dataset not in catalogue() or dataset in _SILENT:
                return None
            there = exp.column("row_ref", name)
            return exp.Case(ifs=[exp.If(this=there.is_(exp.null()), true=_list())], default=_list(there.copy()))
        return exp.Coalesce(this=exp.column(_REFS, name), expressions=[_list()])

    def _matches(self, asked: exp.Expr) -> exp.Expr:
        """What a sub-select of the SELECT list found, as a list."""
        inner = (asked.args["query"].this if isinstance(asked, exp.In) else asked.this).copy()
        if isinstance(asked, exp.In):
            inner = inner.where(exp.EQ(this=asked.this.copy(), expression=inner.expressions[0].unalias().copy()))
        if isinstance(inner, exp.Select) and not inner.args.get("group"):
            inner.set("expressions", [_call("flatten", _call("list", self._rows(inner)))])
            return exp.Coalesce(this=exp.Subquery(this=inner), expressions=[_list()])
        self.query(inner)
        whole = exp.select(_call("flatten", _call("list", exp.column(_REFS, "found"))))
        whole = whole.from_(exp.Subquery(this=inner, alias=_alias("found")))
        return exp.Coalesce(this=exp.Subquery(this=whole), expressions=[_list()])


def _asked(projection: exp.Expr, select: exp.Select) -> Iterator[exp.Expr]:
    """EXISTS, IN (SELECT …) and one-value sub-selects of a SELECT list, not those inside them."""
    for node in projection.find_all(exp.Exists, exp.Subquery, exp.In):
        if isinstance(node, exp.In) and not node.args.get("query"):
            continue
        if isinstance(node, exp.Subquery) and isinstance(node.parent, exp.In):
            continue
        if node.parent_select is select:
            yield node


def _is_grouped(select: exp.Select) -> bool:
    return bool(select.args.get("group")) or any(_is_own(one, select) for one in select.find_all(exp.AggFunc))


def _is_own(aggregate: exp.Expr, select: exp.Select) -> bool:
    return aggregate.parent_select is select and not isinstance(aggregate.parent, exp.Window)


def _gathered_over(window: exp.Window, rows: exp.Expr) -> exp.Expr | None:
    """The rows of a window's frame; of ``lag``, those it looks back over; numbering a row takes no other row."""
    inner = window.this
    if isinstance(inner, exp.RowNumber | exp.CumeDist):
        return None
    copy = window.copy()
    copy.set("this", _call("list", rows.copy()))
    if isinstance(inner, exp.Lag):
        back = inner.args.get("offset") or exp.Literal.number(1)
        frame = {"kind": "ROWS", "start": back.copy(), "start_side": "PRECEDING", "end": "CURRENT ROW"}
        copy.set("spec", exp.WindowSpec(**frame))
    return exp.Coalesce(this=_call("flatten", copy), expressions=[_list()])


def _gathered(rows: exp.Expr) -> exp.Expr:
    """The lists of a group's rows as one, each row once."""
    once = _call("list_distinct", _call("flatten", _call("list", rows)))
    return exp.Coalesce(this=once, expressions=[_list()])


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(name))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _list(*values: exp.Expr) -> exp.Expr:
    return exp.cast(_call("list_value", *values), "VARCHAR[]")


def _joined(lists: Sequence[exp.Expr]) -> exp.Expr:
    if not lists:
        return _list()
    return lists[0] if len(lists) == 1 else _call("flatten", _call("list_value", *lists))
