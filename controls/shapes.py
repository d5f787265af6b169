"""The shapes in which an admitted piece of SQL may stand (sql.md §1): one small check for each kind that has a trap."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from controls import instead

NUMBERS = frozenset({"0", "1", "60", "100", "1000", "3600"})  # nothing, one, and factors of unit
OPEN_END = "9999-12-31"
BOUND = frozenset({"as_of", "since", "since_at", "until_at"})  # the moments that every test may use
UNITS = frozenset({"HOUR", "MINUTE", "MONTH"})
_ONLY_IN_WINDOWS = (exp.RowNumber, exp.Lag, exp.CumeDist)
_IN_WINDOWS = (*_ONLY_IN_WINDOWS, exp.Sum, exp.Count, exp.Min, exp.Max, exp.LogicalOr, exp.LogicalAnd)
_JOINS = frozenset({("", ""), ("", "INNER"), ("", "CROSS"), ("LEFT", ""), ("LEFT", "OUTER")})
_TEXT = (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR)


@dataclass(frozen=True, slots=True)
class Here:
    """Where a check stands: the whole statement, and the tables it may name."""

    root: exp.Query
    tables: Collection[str]
    is_view: bool


def refused(node: exp.Expr) -> str:
    """Name what is outside the list, and what to write instead."""
    if isinstance(node, exp.Anonymous):
        name = str(node.this).lower()
        return f"{name}(): {instead.of_function(name)}"
    kind = type(node).__name__
    return f"{node.key}: {instead.of_node(kind)}"


def refused_part(node: exp.Expr, name: str, value: object) -> str:
    """Name the part of an admitted node that is outside the list."""
    if isinstance(node, exp.Group):
        return f"GROUP BY {name.upper()}: {instead.WRITE_OUT}"
    if isinstance(node, exp.Union):
        known = {
            "distinct": "UNION: write UNION ALL, and GROUP BY where rows repeat",
            "by_name": "UNION BY NAME: write UNION ALL",
        }
        return known.get(name, f"{name.strip('_')}: {instead.of_node(name.capitalize())}")
    if isinstance(node, exp.Table) and name in ("db", "catalog"):
        return f"{node.sql('duckdb')}: no schema or catalog; {instead.READS}"
    if isinstance(node, exp.Join) and name in ("method", "using"):
        return f"{value if name == 'method' else 'USING'} JOIN: write JOIN … ON with the condition"
    if isinstance(node, exp.With):
        return "WITH RECURSIVE: use the columns ancestors or manager_path"
    if isinstance(node, exp.TableAlias):
        return "columns are named in the SELECT, not behind the alias"
    if isinstance(node, exp.If):
        return f"if(): {instead.CASE}"
    if isinstance(node, exp.Window) or name == "windows":
        return "OVER a named window: write the window out"
    if isinstance(value, exp.Expr):
        return refused(value)
    if isinstance(value, list) and value and isinstance(value[0], exp.Expr):
        return refused(value[0])
    return f"{node.key} with {name.strip('_')}: {instead.of_node(name)}"


def _select(node: exp.Select) -> str | None:
    if not node.expressions:
        return "SELECT of nothing: name the columns"
    generators = [e for e in node.expressions if isinstance(e.unalias(), exp.Explode)]
    if len(generators) > 1:
        return "two unnest in one SELECT: unnest one list at a time, each in its own sub-select"
    where = node.args.get("where")
    aliases = {e.alias: e.this for e in node.expressions if isinstance(e, exp.Alias)}
    for column in where.find_all(exp.Column) if where else ():
        told = aliases.get(column.name)
        if not column.table and told is not None and column.parent_select is node and told.name != column.name:
            return f"{column.name} in WHERE is an alias of the same SELECT; make it in a sub-select"
    return None


def _with(here: Here, node: exp.With) -> str | None:
    return None if node.parent is here.root else "WITH inside a sub-select: write it once, at the top"


def _table(here: Here, node: exp.Table) -> str | None:
    if not isinstance(node.this, exp.Identifier):
        return refused(node.this)
    if node.name not in here.tables:
        return f"{node.name}: no such dataset, view or list parameter; {instead.READS}"
    return None


def _join(node: exp.Join) -> str | None:
    if isinstance(node.this, exp.Unnest):
        return f"JOIN unnest: {instead.UNNEST}"
    side, kind = str(node.args.get("side") or ""), str(node.args.get("kind") or "")
    if (side, kind) not in _JOINS:
        return f"{side or kind} JOIN: write JOIN, LEFT JOIN, CROSS JOIN, or EXISTS"
    if (kind == "CROSS") == ("on" in node.args and node.args["on"] is not None):
        return "a join has ON, or is a CROSS JOIN without; no commas in FROM"
    return None


def _subquery(node: exp.Subquery) -> str | None:
    if isinstance(node.parent, exp.From | exp.Join):
        return None if node.alias else "a sub-select in FROM needs a name: (…) AS x"
    inner = node.this
    if isinstance(node.parent, exp.In | exp.Union | exp.CTE | exp.Subquery):
        return None
    one_row = isinstance(inner, exp.Select) and not inner.args.get("group") and len(inner.expressions) == 1
    if one_row and isinstance(inner, exp.Select) and inner.expressions[0].find(exp.AggFunc):
        return None
    return "a sub-select that gives one value needs an aggregate and no GROUP BY; else JOIN it"


def _column(node: exp.Column) -> str | None:
    if isinstance(node.this, exp.Star):
        return f"{node.table}.*: {instead.WRITE_OUT}"
    name = node.name.lower()
    if name == "rowid" or (not node.table and name in instead.BY_NAME):
        return f"{name}: {instead.BY_NAME[name]}"
    if not node.table and node.parent_select and name in {s.alias_or_name for s in sources(node.parent_select)}:
        return f"{name}: a whole row is not a value; {instead.WRITE_OUT}"
    return None


def _star(node: exp.Star) -> str | None:
    return None if isinstance(node.parent, exp.Count) else f"*: {instead.WRITE_OUT}"


def _literal(node: exp.Literal) -> str | None:
    if node.is_string or node.this in NUMBERS:
        return None
    return f"{node.this}: a number needs an owner; declare a parameter and write $name"


def _placeholder(node: exp.Placeholder) -> str | None:
    if re.fullmatch(r"[a-z][a-z0-9_]*", str(node.args.get("this") or "")):
        return None
    return "a parameter has a name: write $name and declare it under parameters"


def _identifier(node: exp.Identifier) -> str | None:
    if re.search(r"[A-Z]|^_", node.name):
        return f"{node.name}: names are written in lower case and begin with a letter"
    return None


def _against_text(node: exp.Expr) -> str | None:
    for side in (node.this, node.args.get("expression"), node.args.get("low"), node.args.get("high")):
        if isinstance(side, exp.Literal) and side.is_string and re.fullmatch(r"[-+]?[0-9.]+", side.name):
            return f"'{side.name}': a number needs an owner; declare a parameter and write $name"
    return None


def _distinct(node: exp.Distinct) -> str | None:
    if isinstance(node.parent, exp.Count) and len(node.expressions) == 1:
        return None
    return f"DISTINCT: {instead.GROUP}; only count(DISTINCT x) is admitted"


def _if(node: exp.If) -> str | None:
    return None if isinstance(node.parent, exp.Case) else f"if(): {instead.CASE}"


def _exists(node: exp.Exists) -> str | None:
    if isinstance(node.find_ancestor(exp.Join, exp.Select), exp.Join):
        return "EXISTS inside ON: join, then count(*) FILTER (WHERE r.key IS NULL)"
    return None


def _in(node: exp.In) -> str | None:
    if node.args.get("query") and isinstance(node.parent, exp.Not):
        return "NOT IN (SELECT …) answers nothing when a NULL is in it; write NOT EXISTS"
    if node.args.get("query") and isinstance(node.find_ancestor(exp.Join, exp.Select), exp.Join):
        return "IN (SELECT …) inside ON: join it"
    return None if node.args.get("query") or node.expressions else "IN with nothing in it: remove it"


def _window(node: exp.Window) -> str | None:
    if isinstance(node.this, exp.Filter):
        return "FILTER in a window: write sum(CASE WHEN … THEN 1 ELSE 0 END) OVER (…)"
    if type(node.this) not in _IN_WINDOWS:
        return f"{node.this.key} OVER: {instead.of_node(type(node.this).__name__)}"
    if isinstance(node.this, _ONLY_IN_WINDOWS) and not node.args.get("order"):
        return f"{node.this.key} OVER without ORDER BY is in no order; end the order with a key"
    return None


def _in_window_only(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, exp.Window) else f"{node.key} needs OVER (PARTITION BY … ORDER BY …)"


def _frame(node: exp.WindowSpec) -> str | None:
    if node.args.get("kind") != "ROWS":
        return f"{node.args.get('kind')} frame: write ROWS, or lag(x, $n - 1)"
    return None


def _order(node: exp.Order) -> str | None:
    return None if isinstance(node.parent, exp.Window) else f"ORDER BY: {instead.ORDERED}"


def _difference(node: exp.DateDiff) -> str | None:
    unit = str(node.args["unit"].name).upper() if node.args.get("unit") else "DAY"
    if unit != "DAY":
        return f"date_diff('{unit.lower()}'): engines differ; write epoch(b) - epoch(a), or date_diff('day', a, b)"
    return _not_as_text(node)


def _interval(node: exp.Interval) -> str | None:
    unit = str(node.args["unit"].name).upper() if node.args.get("unit") else ""
    if unit not in UNITS:
        return f"INTERVAL {unit or 'without unit'}: {instead.DAYS}"
    if not (isinstance(node.this, exp.Literal) and node.this.this == "1"):
        return f"INTERVAL: write the number in front as a parameter: $n * INTERVAL '1' {unit}"
    return None


def _cast(node: exp.Cast) -> str | None:
    to = node.to.this
    if to not in (*_TEXT, exp.DataType.Type.DATE, exp.DataType.Type.DECIMAL):
        return (
            f"cast to {node.to.sql('duckdb').lower()}: only date, text and decimal; a reader gives the column its type"
        )
    if isinstance(node.this, exp.Literal):
        if to is not exp.DataType.Type.DATE:
            return "cast of a written value: declare a parameter and write $name"
        if node.this.this != OPEN_END:
            return f"DATE '{node.this.this}': a day is a column or a parameter, but for the open end '{OPEN_END}'"
    return None if to is exp.DataType.Type.DECIMAL else _not_as_text(node)


def _joined(node: exp.DPipe) -> str | None:
    return _not_as_text(node)


def _month(node: exp.TimeToStr) -> str | None:
    if node.args["format"].name != "%Y-%m":
        return "strftime: only strftime(d, '%Y-%m') means the same on every engine"
    return _not_as_text(node)


def _not_as_text(node: exp.Expr) -> str | None:
    """An instant turned into a day or a text depends on the session's zone."""
    for child in node.iter_expressions():
        if isinstance(child, exp.Column | exp.Placeholder) and child.name.endswith("_at"):
            return f"{child.name} as a day or text depends on a zone; {instead.ZONES}"
        if isinstance(child, exp.Add | exp.Sub | exp.Max | exp.Min | exp.Coalesce | exp.Paren | exp.Case | exp.If) and (
            found := _not_as_text(child)
        ):
            return found
    return None


def _sum_of_days(node: exp.Expr) -> str | None:
    if found := _against_text(node):
        return found
    left, right = node.this.unnest(), node.expression.unnest()
    if isinstance(node, exp.Sub) and _is_day(left) and _is_day(right):
        return "a day minus a day is a number here and an interval elsewhere; write date_diff('day', earlier, later)"
    if _is_day(left) and right.find(exp.Interval) and not isinstance(_above(node), exp.Cast):
        return "a day plus an interval is an instant here; write cast(d + $n * INTERVAL '1' MONTH AS DATE)"
    return None


def _above(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent


def _is_day(node: exp.Expr) -> bool:
    if isinstance(node, exp.Coalesce | exp.Max | exp.Min):
        return _is_day(node.this)
    return (isinstance(node, exp.Column) and node.name.endswith("_on")) or (
        isinstance(node, exp.Placeholder) and node.name in ("as_of", "since")
    )


def _unnest(here: Here, node: exp.Explode) -> str | None:
    above = node.parent.parent if isinstance(node.parent, exp.Alias) else node.parent
    if not isinstance(above, exp.Select):
        return f"unnest: {instead.UNNEST}"
    outer = above.parent
    while isinstance(outer, exp.Union):
        outer = outer.parent
    return None if outer is not None or here.is_view else f"unnest: {instead.UNNEST}"


def sources(select: exp.Expr) -> Iterator[exp.Expr]:
    """The tables and sub-selects in FROM and JOIN of one SELECT."""
    if from_ := select.args.get("from_"):
        yield from_.this
    for join in select.args.get("joins") or ():
        yield join.this


def _is(node: exp.Is) -> str | None:
    return None if isinstance(node.expression, exp.Null | exp.Boolean) else "IS: write IS NULL, or IS NOT DISTINCT FROM"


CHECKS: dict[type[exp.Expr], Callable[[Any], str | None]] = {
    exp.Select: _select,
    exp.Join: _join,
    exp.Subquery: _subquery,
    exp.Column: _column,
    exp.Star: _star,
    exp.Literal: _literal,
    exp.Placeholder: _placeholder,
    exp.Distinct: _distinct,
    exp.If: _if,
    exp.Exists: _exists,
    exp.In: _in,
    exp.Is: _is,
    exp.Window: _window,
    exp.WindowSpec: _frame,
    exp.Order: _order,
    exp.DateDiff: _difference,
    exp.Interval: _interval,
    exp.Cast: _cast,
    exp.DPipe: _joined,
    exp.TimeToStr: _month,
    exp.Add: _sum_of_days,
    exp.Sub: _sum_of_days,
    exp.Identifier: _identifier,
    **dict.fromkeys((exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.Mul), _against_text),
    **dict.fromkeys(_ONLY_IN_WINDOWS, _in_window_only),
}
PLACED: dict[type[exp.Expr], Callable[[Here, Any], str | None]] = {
    exp.With: _with,
    exp.Table: _table,
    exp.Explode: _unnest,
}
