"""What a control or view must be beyond its shape: admitted SQL that binds, used parameters, an honest frame."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import Formatter

import duckdb
import pyarrow as pa
import pyarrow.types as kind
from sqlglot import exp

from controls import allowed
from controls.binding import Binder, dataset_of, tables_of
from controls.compile import combined, lists_of, needed, reads, reads_of, written
from controls.model import About, Control, Parameter, View
from controls.shapes import BOUND
from controls.sheets import Sheet, Steps
from controls.values import is_told
from evidence.datasets import catalogue

REQUIRED = ("subject", "company", "department", "conforms")


def _text_or_null(told: pa.DataType) -> bool:
    return bool(kind.is_string(told) or kind.is_null(told))


def _day_or_null(told: pa.DataType) -> bool:
    return bool(kind.is_date(told) or kind.is_null(told))


RESERVED = {
    "subject": ("text", kind.is_string),
    "company": ("text", kind.is_string),
    "department": ("text", _text_or_null),
    "conforms": ("boolean", kind.is_boolean),
    "aspect": ("text", _text_or_null),
    "occurred_on": ("date", _day_or_null),
    "members": ("integer", kind.is_integer),
}
LARGEST = 2**31 - 1  # a larger number of days cannot be added to a date


class Lint:
    """Judges definitions against the declared datasets; without a binder it does not ask whether a text binds."""

    def __init__(self, binder: Binder | None) -> None:
        self._binder = binder
        self._unsound: set[str] = set()

    def view(self, sheet: Sheet, at: Steps, view: View, above: Mapping[str, View]) -> bool:
        """Note what is wrong with a view, which may read those above it; whether it can be used."""
        before = len(sheet.problems)
        if view.name in above or dataset_of(view.name) in catalogue():
            sheet.problem([*at, "name"], f"{view.name} is there already; choose another name")
        where = [*at, "select"]
        if self._text(sheet, where, view.select, view.parameters, above, is_view=True):
            inherited = self._parameters(sheet, at, where, view.parameters, view.select, above)
            self._declared(sheet, at, view.datasets, reads_of(view.select).tables, self.datasets_of(view.select, above))
            if len(sheet.problems) == before:
                self._bound(sheet, where, view.select, needed(view.select, above), inherited, view.name)
        if len(sheet.problems) > before:
            self._unsound.add(view.name)
        return view.name not in self._unsound

    def control(self, sheet: Sheet, at: Steps, where: Steps, control: Control, views: Mapping[str, View]) -> Control:
        """Note what is wrong with a control; give it the views it needs and the parameters it inherits from them."""
        if not self._text(sheet, where, control.test, control.parameters, views, is_view=False):
            return control
        before = len(sheet.problems)
        front = needed(control.test, views)
        parameters = self._parameters(sheet, at, where, control.parameters, control.test, views)
        self._declared(sheet, at, control.datasets, self.datasets_of(control.test, views), None)
        for n, name in enumerate(control.population):
            if name not in control.datasets:
                sheet.problem([*at, "population", n], f"{name} is not among the datasets of this control")
        if len(sheet.problems) == before and not self._unsound & {view.name for view in front}:
            schema = self._bound(sheet, where, control.test, front, parameters)
            for what in _frame(control, schema) if schema is not None else ():
                sheet.problem_in_text(where, 0, what)
            for language, told in (("ja", control.gap.ja), ("en", control.gap.en)):
                for what in _message(told, schema) if schema is not None else ():
                    sheet.problem([*at, "gap", language], what)
        return replace(control, views=front, parameters=parameters)

    def datasets_of(self, text: str, views: Mapping[str, View]) -> tuple[str, ...]:
        """The datasets that a text reads, directly or through views."""
        texts = [*(view.select for view in needed(text, views)), text]
        read = dict.fromkeys(dataset_of(table) for one in texts for table in reads_of(one).tables)
        return tuple(name for name in read if name in catalogue())

    def _text(
        self, sheet: Sheet, at: Steps, text: str, own: Sequence[Parameter], views: Mapping[str, View], *, is_view: bool
    ) -> bool:
        """Whether a text is one admitted SELECT over what it may name; else its problems are noted."""
        try:
            tree = allowed.parse(text)
        except allowed.NotOneSelectError as error:
            sheet.problem_in_text(at, error.refusal.at, error.refusal.what)
            return False
        tables = {name for dataset in catalogue().values() for name in tables_of(dataset)}
        refused = list(allowed.refusals(text, tree, tables | views.keys() | set(lists_of(own)), is_view=is_view))
        refused += _aliases(text, tree)
        for refusal in refused:
            sheet.problem_in_text(at, refusal.at, refusal.what)
        return not refused

    def _parameters(
        self, sheet: Sheet, at: Steps, where: Steps, own: Sequence[Parameter], text: str, views: Mapping[str, View]
    ) -> tuple[Parameter, ...]:
        """Own and inherited parameters; noted is what is unused, undeclared, twice there or outside its limits."""
        told = {p.name: p for p in own}
        for view in needed(text, views):
            for p in view.parameters:
                if told.setdefault(p.name, p) != p:
                    sheet.problem(
                        [*at, "parameters", p.name], f"{p.name} is a parameter of view {view.name}; choose another name"
                    )
                elif any(p is not mine and p.name == mine.name for mine in own):
                    sheet.problem(
                        [*at, "parameters", p.name], f"{p.name} is inherited from view {view.name}; remove it here"
                    )
        read = reads_of(text)
        for p in own:
            used = p.name in (read.tables if isinstance(p.value, tuple) else read.scalars)
            if not used:
                sheet.problem(
                    [*at, "parameters", p.name], f"{p.name} is never used; remove it, or write ${p.name} in the text"
                )
            for what in _misvalued(p, views):
                sheet.problem([*at, "parameters", p.name, "value"], what)
        for placeholder in allowed.parse(text).find_all(exp.Placeholder):
            known = told.get(placeholder.name)
            if placeholder.name not in BOUND and (known is None or isinstance(known.value, tuple)):
                what = (
                    "is a list: a table of one column value" if known else "is not declared; write it under parameters"
                )
                sheet.problem_in_text(where, allowed.offset(placeholder, text), f"${placeholder.name} {what}")
        return tuple(told.values())

    def _declared(
        self, sheet: Sheet, at: Steps, declared: Sequence[str], read: Sequence[str], also: Sequence[str] | None
    ) -> None:
        """Note datasets that are read and not declared, and declared and not read (``also``: may be declared)."""
        needs = dict.fromkeys(name for name in map(dataset_of, read) if name in catalogue())
        for name in needs.keys() - set(declared):
            sheet.problem([*at, "datasets"], f"{name} is read but not declared; add it to datasets")
        for n, name in enumerate(declared):
            if name not in catalogue():
                sheet.problem([*at, "datasets", n], f"{name}: no such dataset; `tenken datasets list` shows them")
            elif name not in needs and name not in (also or ()):
                sheet.problem([*at, "datasets", n], f"{name} is never read; remove it, or read it in the text")

    def _bound(
        self,
        sheet: Sheet,
        at: Steps,
        text: str,
        front: Sequence[View],
        parameters: Sequence[Parameter],
        name: str | None = None,
    ) -> pa.Schema | None:
        """The columns that a text answers, or None; as the view ``name``, it is there for those that read it."""
        if self._binder is None:
            return None
        tree = combined(text, [view for view in front if view.name not in self._binder.views])
        try:
            return self._binder.columns(written(tree, lists_of(parameters)), parameters, name)
        except duckdb.Error as error:
            what = " ".join(str(error).split("\n\n")[0].split())
            sheet.problem_in_text(at, _blamed(what, text), f"does not fit the datasets: {what}")
            return None


def _misvalued(p: Parameter, views: Mapping[str, View]) -> Iterator[str]:
    if p.name in BOUND or dataset_of(p.name) in catalogue() or p.name in views:
        yield f"{p.name} has the name of something else; choose another"
    if isinstance(p.value, int) and not isinstance(p.value, bool) and abs(p.value) > LARGEST:
        yield f"{p.value} is too large to reckon with; the largest is {LARGEST}"
    if p.limits is None:
        return
    low, high = p.limits
    if isinstance(p.value, bool | str | tuple):
        yield f"{p.name} is not a number and has no limits; remove limits"
    elif not low <= p.value <= high:
        yield f"{p.value} is outside its limits {low} to {high}; the owner ({p.owner}) decides about both"


def _aliases(text: str, tree: exp.Query) -> Iterator[allowed.Refusal]:
    """An alias that is also a column means the column elsewhere."""
    read = [catalogue()[n] for n in map(dataset_of, reads(tree).tables) if n in catalogue()]
    columns = {column.name for dataset in read for column in dataset.columns}
    for alias in tree.find_all(exp.TableAlias):
        if alias.name in columns:
            yield allowed.Refusal(
                allowed.offset(alias, text), f"AS {alias.name}: a column has this name; choose another"
            )


def _frame(control: Control, schema: pa.Schema) -> Iterator[str]:
    """What the reserved columns must be (sql.md §3)."""
    for name in sorted({n for n in schema.names if schema.names.count(n) > 1}):
        yield f"{name} is answered twice; name each column once"
    for name in REQUIRED:
        if name not in schema.names:
            yield f"the test answers no column {name}; every test has {', '.join(REQUIRED)}"
    for field in schema:
        wanted, fits = RESERVED.get(field.name, ("text, number, day, instant, yes/no or list of texts", is_told))
        if not fits(field.type):
            yield f"{field.name} is a {field.type}; it must be {wanted}"
    if About.EVENT in control.about.values() and "occurred_on" not in schema.names:
        yield "a control about events needs occurred_on: without its day an event opens no gap"
    if set(control.about) != {None} and "aspect" not in schema.names:
        yield "about is told for each aspect, and the test answers no column aspect"


def _message(told: str, schema: pa.Schema) -> Iterator[str]:
    known = {*schema.names, "subject", "aspect", "department", "occurred_on"}
    try:
        parts = [part for part in Formatter().parse(told) if part[1] is not None]
    except ValueError as error:
        yield f"is not a message: {error}; write {{column}}"
        return
    for _, name, form, conversion in parts:
        if name not in known:
            yield f"{{{name}}} is no column of the test; it has {', '.join(schema.names)}"
        elif form or conversion:
            yield f"{{{name}}} is written without a format; remove what follows its name"


def _blamed(message: str, text: str) -> int:
    """Where in the text stands what the engine complains of: the last name it quotes, or the function."""
    for name in [*reversed(re.findall(r'"(\w+)"', message)), *re.findall(r"'(\w+)\(", message)]:
        if found := re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            return found.start()
    return 0
