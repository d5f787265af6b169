"""What SQL a control may hold (sql.md §2): an allow-list over the parsed tree.

What is outside the list may read files, ask the clock, or mean something else on another engine: it is refused by
name, with what to write instead. The text that runs is written from the tree that was walked here, never the author's.
"""

import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError, TokenError

from controls.shapes import CHECKS, PLACED, Here, refused, refused_part

# The library tells stderr what it does not parse; we refuse it, with its place.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())

_BINARY = frozenset({"this", "expression"})
_UNARY = frozenset({"this"})
_MANY = frozenset({"this", "expressions"})

ADMITTED: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset({"expressions", "from_", "joins", "where", "group", "having", "qualify", "with_"}),
    exp.Union: frozenset({"this", "expression", "with_"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.TableAlias: _UNARY,
    exp.From: _UNARY,
    exp.Join: frozenset({"this", "on", "side", "kind"}),
    exp.Table: frozenset({"this", "alias"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.Group: frozenset({"expressions"}),
    exp.Alias: frozenset({"this", "alias"}),
    exp.Column: frozenset({"this", "table"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.DPipe: _BINARY | {"safe"},
    exp.Coalesce: _MANY,
    exp.Greatest: _MANY | {"ignore_nulls"},
    exp.Least: _MANY | {"ignore_nulls"},
    exp.Count: frozenset({"this", "big_int"}),
    exp.Distinct: frozenset({"expressions"}),
    exp.Lag: frozenset({"this", "offset"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "over"}),
    exp.WindowSpec: frozenset({"kind", "start", "start_side", "end", "end_side"}),
    exp.Order: frozenset({"expressions"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.DateDiff: _BINARY | {"unit", "date_part_boundary"},
    exp.Interval: frozenset({"this", "unit"}),
    exp.TimeToStr: frozenset({"this", "format"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.ArrayContains: _BINARY | {"ensure_variant", "check_null"},
    exp.ArraySize: _UNARY,
    **dict.fromkeys((exp.Star, exp.Null, exp.RowNumber, exp.CumeDist), frozenset()),
    **dict.fromkeys((exp.And, exp.Or, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Like), _BINARY),
    **dict.fromkeys(
        (exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Nullif, exp.ArgMax, exp.Filter), _BINARY
    ),
    **dict.fromkeys((exp.Where, exp.Having, exp.Qualify, exp.Not, exp.Neg, exp.Paren, exp.Exists, exp.Boolean), _UNARY),
    **dict.fromkeys((exp.Sum, exp.Min, exp.Max, exp.LogicalOr, exp.LogicalAnd), _UNARY),
    **dict.fromkeys((exp.Placeholder, exp.TimeToUnix, exp.Lower, exp.Explode, exp.Var), _UNARY),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that may not stand in a test: where in its text, and what to write instead."""

    at: int
    what: str


class NotOneSelectError(Exception):
    """A text that is not one SELECT; its refusal says where."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.what)
        self.refusal = refusal


@lru_cache(maxsize=1024)
def parse(text: str) -> exp.Query:
    """The tree of one SELECT; NotOneSelectError otherwise. The tree is shared: copy it before changing it."""
    try:
        statements = sqlglot.parse(text, read="duckdb")
    except TokenError as error:
        what = "is not SQL: a quote or comment begins here and never ends"
        raise NotOneSelectError(Refusal(_opened_at(error, text), what)) from error
    except SqlglotError as error:
        raise NotOneSelectError(Refusal(_error_at(error, text), _first_line(error))) from error
    except RecursionError as error:
        raise NotOneSelectError(Refusal(0, "is nested too deeply to be read; split it with WITH")) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.Union):
        kind = type(statements[0]).__name__ if len(statements) == 1 else f"{len(statements)} statements"
        second = statements[1] if len(statements) > 1 else None
        at = offset(second, text) if second else 0
        raise NotOneSelectError(Refusal(at, f"{kind}: a test is one SELECT and nothing else"))
    return statements[0]


def refusals(text: str, tree: exp.Query, tables: Collection[str], *, is_view: bool = False) -> Iterator[Refusal]:
    """Everything in a test (or view) that is not admitted, when ``tables`` are all the names it may read."""
    names = {str(cte.alias) for cte in tree.find_all(exp.CTE)}
    for name in sorted(names & set(tables)):
        yield Refusal(offset(tree, text), f"WITH {name}: a dataset, view or parameter has this name; choose another")
    yield from _Walk(text, Here(tree, frozenset(tables) | names, is_view)).refusals(tree)


@dataclass(frozen=True, slots=True)
class _Walk:
    text: str
    here: Here

    def refusals(self, node: exp.Expr) -> Iterator[Refusal]:
        """Walk down; what is refused is not looked into."""
        what = self.why_not(node)
        if what:
            yield Refusal(offset(node, self.text), what)
            return
        if isinstance(node, exp.Cast):
            yield from self.refusals(node.this)
            return
        for child in node.iter_expressions():
            yield from self.refusals(child)

    def why_not(self, node: exp.Expr) -> str | None:
        kind = type(node)
        if kind not in ADMITTED:
            return refused(node)
        for name, value in node.args.items():
            if value and name not in ADMITTED[kind]:
                return refused_part(node, name, value)
        if kind in PLACED:
            return PLACED[kind](self.here, node)
        return CHECKS[kind](node) if kind in CHECKS else None


def offset(node: exp.Expr, text: str) -> int:
    """Where in the text a node begins."""
    here: exp.Expr | None = node
    while here is not None:
        starts = [n.meta["start"] for n in here.walk() if "start" in n.meta]
        if starts:
            return int(min(starts))
        if (found := re.search(rf"(?i)(?<![\w$]){re.escape(here.sql('duckdb'))}(?!\w)", text)) is not None:
            return found.start()
        here = here.parent
    return 0


def _error_at(error: SqlglotError, text: str) -> int:
    """Where the parser stopped; its own line numbers count some lines twice, the text around the place is right."""
    known = getattr(error, "errors", None) or [{}]
    before = str(known[0].get("start_context") or "")
    return max(0, text.find(before + str(known[0].get("highlight") or ""))) + len(before)


def _opened_at(error: TokenError, text: str) -> int:
    """Where a quote or comment begins that never ends: the tokenizer tells the offset of a quote only."""
    told = re.search(r"from \d+:(\d+)$", str(error.__cause__))
    return int(told[1]) if told else max(0, text.rfind("/*"))


def _first_line(error: Exception) -> str:
    known = getattr(error, "errors", None) or []
    told = known[0].get("description") if known else str(error).splitlines()[0]
    return f"is not SQL: {told}; correct the text here"
