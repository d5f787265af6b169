"""The rules of a register, asked of its rows: the views that a control asks too, so that both find the same.

A view of rules answers ``rule``, ``company``, the key columns of the register, and ``at_column``. The rule BK-03 is the
view bk_03, which says what a row of it means.
"""

from collections.abc import Iterator, Mapping, Sequence

from controls.decided import PARAMETERS, Decided
from controls.model import View
from controls.views import ask, datasets_of
from evidence.datasets import catalogue
from evidence.facts.window import Window
from evidence.records import Broken

JUDGING: Mapping[str, tuple[str, tuple[str, str]]] = {"book_entries": ("ORG-3-02", ("book_faults", "book_warnings"))}
"""By register: the control that judges by the same rules, and the views of its errors and its warnings."""
BATCH = 1000  # findings that are held as Python values at a time


def datasets(register: str, views: Sequence[View]) -> frozenset[str]:
    """What a window must show so that the rules of a register can be asked; nothing: it has none."""
    if register not in JUDGING:
        return frozenset()
    named = {view.name: view for view in views}
    return frozenset({PARAMETERS, *(name for told in JUDGING[register][1] for name in datasets_of(named[told], named))})


def broken(register: str, views: Sequence[View], window: Window) -> Iterator[Broken]:
    """Every rule that a row of the register breaks by the thresholds of its company, errors first."""
    control, asked = JUDGING[register]
    named, decided = {view.name: view for view in views}, Decided(window.rows(PARAMETERS))
    says = {view.name.upper().replace("_", "-"): view.says for view in views if view.says}
    words = {rule: (f"{rule}: {told.ja}", told.en) for rule, told in says.items()}
    key, own = catalogue()[register].key, decided.changed_by(control)
    parameters = [parameter for view in views for parameter in view.parameters]
    for told, grave in zip(asked, (True, False), strict=True):
        for company in (None, *sorted(own)):  # None: all that have no thresholds of their own
            values = decided.thresholds(control, company, parameters)
            for batch in ask(named[told], named, window, values, lookback_days=0).sort_by("rule").to_batches(BATCH):
                for row in batch.to_pylist():
                    if company == (row["company"] if row["company"] in own else None):
                        yield Broken(
                            tuple(str(row[name]) for name in key), row["at_column"], *words[row["rule"]], grave
                        )
