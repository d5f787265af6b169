"""A test as it runs: the lists and views it needs in front as CTEs, in order of need; values are bound, never written.

The text is written from the admitted tree, so nothing runs that the allow-list did not see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from controls import allowed
from controls.model import KEY, Control, Parameter, View


@dataclass(frozen=True, slots=True)
class Reads:
    """What one SELECT names: tables that it does not make itself, and parameters."""

    tables: tuple[str, ...]
    scalars: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A text for the engine, and the names that must be given with it."""

    sql: str
    bound: frozenset[str]


def compiled(control: Control) -> Compiled:
    """The text of a control's test, its members in order; made once and kept."""
    return _compiled(control.test, control.views, lists_of(control.parameters))


def lists_of(parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """Names of the parameters that are tables of one column ``value``."""
    return tuple(p.name for p in parameters if isinstance(p.value, tuple))


@lru_cache(maxsize=8192)
def _compiled(test: str, views: tuple[View, ...], lists: tuple[str, ...]) -> Compiled:
    tree = combined(test, views)
    in_order = [exp.column(name) for name in KEY if name in tree.named_selects]
    return written(tree.order_by(*in_order, copy=False), lists)


def written(tree: exp.Query, lists: Sequence[str]) -> Compiled:
    """A tree as the engine reads it, without comments, the lists it reads in front; the tree is used up."""
    read = reads(tree).tables
    in_front(tree, [cte(name, _listed(name)) for name in lists if name in read])
    return Compiled(tree.sql("duckdb", pretty=True, comments=False, copy=False), reads(tree).scalars)


def _listed(name: str) -> exp.Query:
    """The bound values of a list parameter, a row for each."""
    return sqlglot.parse_one(f"SELECT unnest(CAST(${name} AS VARCHAR[])) AS value", into=exp.Select, dialect="duckdb")


def combined(test: str, views: Sequence[View]) -> exp.Query:
    """A fresh tree of a test with its views in front."""
    tree = allowed.parse(test).copy()
    in_front(tree, [cte(view.name, allowed.parse(view.select).copy()) for view in views])
    return tree


def in_front(tree: exp.Query, named: Sequence[exp.CTE]) -> None:
    """Put named sub-selects before those that a tree has."""
    own = tree.args.get("with_")
    if named:
        tree.set("with_", exp.With(expressions=[*named, *(own.expressions if own else ())]))


def cte(name: str, query: exp.Query) -> exp.CTE:
    """A named sub-select."""
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))


@lru_cache(maxsize=8192)
def reads_of(text: str) -> Reads:
    """What an author's text reads."""
    return reads(allowed.parse(text))


def reads(tree: exp.Query) -> Reads:
    """What a tree reads, in the order in which it is first named."""
    made = {str(one.alias) for one in tree.find_all(exp.CTE)}
    tables = dict.fromkeys(table.name for table in tree.find_all(exp.Table) if table.name not in made)
    return Reads(tuple(tables), frozenset(p.name for p in tree.find_all(exp.Placeholder)))


def needed(text: str, views: Mapping[str, View]) -> tuple[View, ...]:
    """The views that a text reads, directly or not, each after those it needs itself; lint tells of circles."""
    order: dict[str, View] = {}
    for name in reads_of(text).tables:
        if name in views:
            others = {view.name: view for view in views.values() if view.name != name}
            order |= {view.name: view for view in (*needed(views[name].select, others), views[name])}
    return tuple(order.values())
