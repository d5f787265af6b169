"""A traced test asked for its deviating members only: other rows are left out where a SELECT says whose a row is.

Without this the proof of a few deviations would gather the rows of everybody: of all that a company's people did.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

import sqlglot
from sqlglot import exp

from controls.compile import cte, in_front
from controls.model import KEY

DEVIATING = "_deviating"  # the parameter, and the table of its members: their keys as texts
NONE = "\x1e"  # the text of a part that a key does not have
_SEPARATOR = "\x1f"
Terms = Mapping[exp.Expr, exp.Expr]  # of columns: what stands for each elsewhere
Told = Mapping[str, exp.Expr]  # parts of the key, in terms of a source's columns
MANY = 4


def deviating() -> exp.CTE:
    """The members to trace as a table, from a list of lists of texts."""
    parts = ", ".join(f"value[{n}] AS {name}" for n, name in enumerate(KEY, start=1))
    told = f"SELECT {parts} FROM (SELECT unnest(CAST(${DEVIATING} AS VARCHAR[][])) AS value)"  # noqa: S608 - names of ours
    return cte(DEVIATING, sqlglot.parse_one(told, into=exp.Select, dialect="duckdb"))


def named(told: Mapping[str, exp.Expr]) -> exp.Expr:
    """Whether some parts of a key are those of a member to trace."""
    mine = _one_text([exp.cast(exp.paren(one), "VARCHAR") for one in told.values()])
    theirs = exp.select(_one_text([exp.column(name) for name in told])).from_(exp.to_table(DEVIATING))
    return exp.In(this=mine, query=exp.Subquery(this=theirs))


def narrow(tree: exp.Query, keys: Sequence[str]) -> None:
    """Leave out of a test, and of what it reads, the rows of others than the deviating members."""
    narrowing, front = _Narrowing(tree), tree.args.get("with_")
    narrowing.query(tree, "", {name: exp.column(name) for name in keys})
    for one in reversed(front.expressions if front else ()):  # each reads those before it only
        narrowing.cte(one)
    in_front(tree, list(narrowing.shared()))


class _Narrowing:
    def __init__(self, root: exp.Query) -> None:
        self._made = frozenset(str(one.alias) for one in root.find_all(exp.CTE))
        self._read = Counter(table.name for table in root.find_all(exp.Table))
        self._alike: dict[tuple[str, tuple[tuple[str, exp.Expr], ...]], list[tuple[exp.Select, exp.Table, Told]]]
        self._alike = defaultdict(list)  # SELECTs that want the same of a dataset
        self._asked: dict[str, list[dict[str, exp.Expr]]] = defaultdict(list)  # of a CTE, by each SELECT that reads it

    def cte(self, one: exp.CTE) -> None:
        """Narrow a CTE by what all that read it ask of it."""
        asked = self._asked[one.alias]
        if asked and len(asked) == self._read[one.alias]:
            self.query(one.this, "", {p: e for p, e in asked[0].items() if all(other.get(p) == e for other in asked)})

    def shared(self) -> Iterator[exp.CTE]:
        """Ask each SELECT for its own rows; where many want the same of a dataset, it is narrowed once for all of them.

        A join holds memory until its statement ends, however small it is: the rules of the management book are fifty.
        """
        for (dataset, here), readers in self._alike.items():
            if len(readers) < MANY:
                for select, _, told in readers:
                    select.where(named(told), copy=False)
                continue
            name = f"_narrowed_{len(self._made)}"
            self._made |= {name}
            for _, source, _ in readers:
                source.set("alias", exp.TableAlias(this=exp.to_identifier(source.alias_or_name)))
                source.set("this", exp.to_identifier(name))
            yield cte(name, exp.select("*").from_(exp.to_table(dataset)).where(named(dict(here))))

    def query(self, query: exp.Expr, name: str, told: Mapping[str, exp.Expr]) -> None:
        """Narrow each SELECT of a source; ``told`` are parts of the key in terms of the source's columns."""
        branches = list(branches_of(query))
        columns = [exp.column(one.alias_or_name, name or None) for one in branches[0].expressions]
        for branch in branches:
            made: Terms = dict(zip(columns, (one.unalias() for one in branch.expressions), strict=True))
            self._select(branch, {part: _in_terms_of(made, one) for part, one in told.items()})

    def _select(self, select: exp.Select, told: Mapping[str, exp.Expr]) -> None:
        told = {p: e for p, e in told.items() if not e.find(exp.AggFunc, exp.Window, exp.Explode, exp.Query)}
        if not told or select.args.get("qualify") or _looks_at_other_rows(select):
            return
        whole: tuple[exp.Table, Told] | None = None  # a dataset that alone tells whose a row is
        for source, equal, own in _sources(select):
            name = source.alias_or_name
            moved = {p: there for p, one in told.items() if (there := _moved(one, name, equal, own=own))}
            if isinstance(source, exp.Subquery):
                self.query(source.this, name, moved)
                continue
            plain = {part: _of_any_name(one) for part, one in moved.items()}
            self._asked[source.name].append(plain)
            if whole is None and own and isinstance(source, exp.Table) and len(plain) == len(told):
                whole = None if source.name in self._made else (source, plain)
        if whole is None:
            select.where(named(told), copy=False)
        else:
            table, here = whole
            self._alike[table.name, tuple(here.items())].append((select, table, told))


def branches_of(query: exp.Expr) -> Iterator[exp.Select]:
    """The SELECTs of a UNION; of anything else, itself."""
    if isinstance(query, exp.Union):
        yield from branches_of(query.this)
        yield from branches_of(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from branches_of(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _looks_at_other_rows(select: exp.Select) -> bool:
    return any(one.parent_select is select for one in select.find_all(exp.Window))


def _sources(select: exp.Select) -> Iterator[tuple[exp.Expr, Terms, bool]]:
    """What a SELECT reads: its columns by those of others that its ON makes equal; whether its own may be asked for.

    A row left out of the right side of a LEFT JOIN would come back as NULLs: there only what is equal counts.
    """
    if "from_" in select.args:
        yield select.args["from_"].this, {}, True
    for join in select.args.get("joins") or ():
        on, name = join.args.get("on"), join.alias_or_name
        terms = [one for one in (on.flatten() if isinstance(on, exp.And) else (on,)) if isinstance(one, exp.EQ)]
        sides = [pair for one in terms for pair in ((one.this, one.expression), (one.expression, one.this))]
        equal: Terms = {other: mine for mine, other in sides if isinstance(mine, exp.Column) and mine.table == name}
        yield join.this, equal, not join.side


def _moved(told: exp.Expr, name: str, equal: Terms, *, own: bool) -> exp.Expr | None:
    """A part of the key in terms of the columns of one source; None when it has no such terms."""
    read = list(told.find_all(exp.Column))
    if not read or not all(one in equal or (own and one.table == name) for one in read):
        return None
    return _in_terms_of(equal, told)


def _in_terms_of(made: Terms, told: exp.Expr) -> exp.Expr:
    """An expression with others in the place of its columns."""

    def there(one: exp.Expr) -> exp.Expr:
        if not isinstance(one, exp.Column) or one not in made:
            return one
        other = made[one].copy()
        return other if isinstance(other, exp.Column) else exp.paren(other)

    return told.transform(there)


def _of_any_name(told: exp.Expr) -> exp.Expr:
    return told.transform(lambda one: exp.column(one.name) if isinstance(one, exp.Column) else one)


def _one_text(parts: Sequence[exp.Expr]) -> exp.Expr:
    """Texts as one, to be compared together."""
    texts: list[exp.Expr] = [exp.Coalesce(this=one, expressions=[_character(NONE)]) for one in parts]
    return reduce(
        lambda a, b: exp.DPipe(this=exp.DPipe(this=a, expression=_character(_SEPARATOR)), expression=b), texts
    )


def _character(one: str) -> exp.Expr:
    return exp.Anonymous(this="chr", expressions=[exp.Literal.number(ord(one))])
