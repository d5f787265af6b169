"""Small wrong versions of a SELECT: each what a slip of its author would have made of it.

Comparisons one step off or turned round, bounds of dates open or a day off, joins that lose or keep too much, terms of
a condition left out, constants changed. A mutant is named by what it changes, so that a list of survivors stays true
while other lines of the test are edited.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlglot import exp, parse_one

LONGEST = 120  # characters of a name
STEPS: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
TURNS: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.LT, exp.GTE: exp.LTE, exp.LT: exp.GT, exp.LTE: exp.GTE}
DAYS = frozenset({"as_of", "since"})
Change = Callable[[exp.Expr], exp.Expr]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong version of a test, and what is wrong with it."""

    name: str
    sql: str


def mutants(test: str, numbers: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    """Every mutant of a SELECT; ``numbers`` are the parameters that count something."""
    tree = parse_one(test, read="duckdb")
    seen, told = {tree.sql("duckdb")}, Counter[str]()
    for place, node in enumerate(list(tree.walk())):
        for name, change in _changes(node, numbers):
            text = _with(tree, place, change)
            if text not in seen:
                seen.add(text)
                told[name] += 1
                yield Mutant(name if told[name] == 1 else f"{name} #{told[name]}", text)


def _with(tree: exp.Expr, place: int, change: Change) -> str:
    """The text of the tree with another node at a place."""
    copy = tree.copy()
    node = next(one for n, one in enumerate(copy.walk()) if n == place)
    if (other := change(node)) is not node:
        node.replace(other)
    return copy.sql("duckdb")


def _changes(node: exp.Expr, numbers: frozenset[str]) -> Iterator[tuple[str, Change]]:
    yield from _comparisons(node)
    yield from _conditions(node)
    if isinstance(node, exp.Join) and node.kind != "CROSS":
        other = "" if node.side else "LEFT"
        yield f"{other or 'INNER'} JOIN: {_short(node)}", partial(_joined, side=other)
    if isinstance(node, exp.Placeholder) and node.name in DAYS | numbers:
        for word, kind in (("more", exp.Add), ("less", exp.Sub)):
            yield f"one {word} than ${node.name}: {_short(node.parent)}", partial(_off_by_one, kind=kind)
    if isinstance(node, exp.Boolean) or (isinstance(node, exp.Literal) and not _merely_exists(node)):
        yield f"another {node.sql('duckdb')}: {_short(node.parent)}", _another


def _comparisons(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    for table in (STEPS, TURNS):
        if (other := table.get(type(node))) is not None:
            yield f"{other.key}: {_short(node)}", partial(_as, kind=other)
    if isinstance(node, exp.Between):
        yield f"low bound open: {_short(node)}", partial(_between, low=exp.GT, high=exp.LTE)
        yield f"high bound open: {_short(node)}", partial(_between, low=exp.GTE, high=exp.LT)


def _conditions(node: exp.Expr) -> Iterator[tuple[str, Change]]:
    if isinstance(node, exp.And | exp.Or):
        yield f"without: {_short(node.expression)}", lambda one: one.this
        if not isinstance(node.this, type(node)):  # of a AND b AND c, the first term is the left one of the innermost
            yield f"without: {_short(node.this)}", lambda one: one.expression
    if isinstance(node, exp.Where | exp.Having) and not isinstance(node.this, exp.And):
        yield f"without: {_short(node)}", lambda one: type(one)(this=exp.true())
    if isinstance(node, exp.Not):
        yield f"without NOT: {_short(node)}", lambda one: one.this


def _as(node: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    return kind(**node.args)


def _between(node: exp.Expr, low: type[exp.Expr], high: type[exp.Expr]) -> exp.Expr:
    first = low(this=node.this.copy(), expression=node.args["low"].copy())
    last = high(this=node.this.copy(), expression=node.args["high"].copy())
    return exp.paren(exp.and_(first, last))


def _joined(node: exp.Expr, side: str) -> exp.Expr:
    node.set("side", side)
    return node


def _off_by_one(node: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    return exp.paren(kind(this=node.copy(), expression=exp.Literal.number(1)))


def _another(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Boolean):
        return exp.Boolean(this=not node.this)
    return exp.Literal.string(f"{node.this}?") if node.is_string else exp.Literal.number(0 if node.this == "1" else 1)


def _merely_exists(node: exp.Literal) -> bool:
    """Whether this is the 1 of EXISTS (SELECT 1 …), which nobody reads."""
    return isinstance(node.parent, exp.Select) and isinstance(node.parent.parent, exp.Exists)


def _short(node: exp.Expr | None) -> str:
    text = " ".join(node.sql("duckdb", comments=False).split()) if node else ""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
