"""What judging a tiny company costs beside its SQL, and whether that stays so with thousands of controls."""

from collections.abc import Iterator
from dataclasses import replace

from controls.assess import Company
from controls.loader import Catalogue
from controls.model import Control, ControlId
from evidence.facts.window import Window
from evidence.period import Period
from tests.bench.beside import judged

COMPANIES = [Company(f"C{n}") for n in range(1, 4)]


def tiny(catalogue: Catalogue) -> Iterator[tuple[Control, Window]]:
    """Each control, and the rows of its first example, judged once: its texts are prepared."""
    for control in catalogue.controls:
        example = catalogue.examples_of(control.id)[0]
        period = Period(example.since, example.as_of)
        window = Window.given(example.given, period, only=[*control.datasets, "attestations"])
        judged(control, window, COMPANIES)
        yield control, window


def milliseconds(shown: list[tuple[Control, Window]], controls: int) -> float:
    """What one of so many controls costs beyond its statements."""
    spent = 0.0
    for number in range(controls):
        control, window = shown[number % len(shown)]
        seen = judged(replace(control, id=ControlId(f"{control.id}-{number}")), window, COMPANIES)
        spent += seen.judged - seen.bare
    return 1000 * spent / controls
