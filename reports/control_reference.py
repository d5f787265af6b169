"""The reference of controls: what each asks, on which ground, by which thresholds, as Markdown."""

from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from controls.model import Control, Parameter, Words
from evidence.settings import DueDays
from reports.self_check_tables import ABOUT
from reports.self_check_view import FULL_WIDTH_SEVERITY
from reports.words import UNITS, aspect_text, basis_text, dataset_title, shown, vocabulary

HEAD = """# 管理策一覧 The controls

`make docs` writes this page from `controls/catalogue/`; a test holds that it says what the catalogue says.
The SELECT of a control and the views that it reads: `tenken controls show ID`.
"""


def reference(controls: Sequence[Control], measures: Mapping[str, Words]) -> str:
    """All controls under their measures."""
    parts = [HEAD]
    for code, title in measures.items():
        mine = [control for control in controls if control.measure == code]
        parts += [f"## {code} {title.ja} — {title.en}\n", *map(section, mine)]
    return "\n".join(parts)


def section(control: Control) -> str:
    """One control."""
    told = {
        "c": control,
        "about": _about(control),
        "value": lambda p: _value(p, control),
        "SEVERITY": FULL_WIDTH_SEVERITY,
        "DUE_DAYS": DueDays().model_dump(),
        "UNITS": UNITS,
    }
    return _template().render(told)


def _about(control: Control) -> str:
    if set(control.about) == {None}:
        return ABOUT[control.about[None].value]
    return "、".join(f"{aspect_text(aspect)} `{aspect}`: {ABOUT[kind.value]}" for aspect, kind in control.about.items())


def _value(parameter: Parameter, control: Control) -> str:
    return shown(parameter.value, vocabulary(parameter.unit, control.datasets))


@cache
def _template() -> Template:
    loader = PackageLoader("reports")
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=False, keep_trailing_newline=True)  # noqa: S701 - Markdown of our own catalogue
    environment.filters |= {"basis_text": basis_text, "dataset_title": dataset_title}
    return environment.get_template("control.md")
