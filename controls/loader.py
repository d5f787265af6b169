"""A folder of controls, read and refused: what is loaded means something, is safe to run, and shows its own examples.

Every refusal is ``file:line:column: path: problem``; all are told at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from controls import catalogue_files, given
from controls.attested import ASKED_ABOUT, test_of
from controls.binding import Binder
from controls.catalogue_files import (
    EXAMPLES,
    VIEWS,
    ControlFile,
    ExamplesFile,
    MeasureFile,
    ViewsFile,
    measure_files,
    parameters_of,
)
from controls.definition import sealed
from controls.lint import Lint
from controls.model import Attest, Control, ControlId, Example, View, ViewExample, Words
from controls.sheets import Sheet, Steps
from evidence.errors import ConfigError, Misplaced, Problem

FOLDER = catalogue_files.FOLDER
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All controls of a company in the notice's order, the views they share, and their examples."""

    controls: tuple[Control, ...]
    views: tuple[View, ...]
    examples: tuple[Example, ...]
    view_examples: tuple[ViewExample, ...]
    measures: Mapping[str, Words]

    def control(self, id: str) -> Control:
        """One control; ConfigError when there is none of this id."""
        for control in self.controls:
            if control.id == id:
                return control
        raise ConfigError(f"no control {id}; `tenken controls list` shows them")

    def examples_of(self, id: str) -> tuple[Example, ...]:
        """The examples of one control."""
        return tuple(example for example in self.examples if example.control == id)


def load(folder: Path = FOLDER) -> Catalogue:
    """Read a catalogue; Misplaced names everything in it that is wrong."""
    return _read(folder, Binder())


def load_for_judging(folder: Path = FOLDER) -> Catalogue:
    """Read a catalogue that :func:`load` has accepted, several times quicker: no examples, and nothing is bound.

    What may stand in a test is checked all the same; a test that does not bind is a fault when it runs.
    """
    return _read(folder, None)


@cache
def shipped() -> Catalogue:
    """The catalogue of this program, as :func:`load_for_judging` reads it, once a process."""
    return load_for_judging()


@cache
def checked() -> Catalogue:
    """The catalogue of this program, as :func:`load` reads it, once a process."""
    return load()


def load_views(folder: Path = FOLDER) -> tuple[View, ...]:
    """The shared views alone, as :func:`load_for_judging`: what rules on save and lists need, a third of the whole."""
    reading = _Reading([], Lint(None))
    for path in sorted(folder.glob(f"{VIEWS}*.yaml")):
        reading.views_of(path)
    return reading.told(tuple(reading.views.values()))


def _read(folder: Path, binder: Binder | None) -> Catalogue:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder of controls")
    if not any(folder.glob("*.yaml")):
        raise ConfigError(f"{folder}: there is no control in it; name a folder of <nn>_<measure>.yaml files")
    reading = _Reading([], Lint(binder))
    for path in sorted(folder.glob(f"{VIEWS}*.yaml")):
        reading.views_of(path)
    for path in measure_files(folder):
        reading.controls_of(path)
    if binder:
        for path in sorted(folder.glob(f"*{EXAMPLES}")):
            reading.examples_of(path)
        reading.each_has_both_marks()
    return reading.told(
        Catalogue(
            tuple(one for one, _, _ in reading.controls.values()),
            tuple(reading.views.values()),
            tuple(reading.examples),
            tuple(reading.view_examples),
            reading.measures,
        )
    )


class _Reading:
    """What has been read so far."""

    def __init__(self, problems: list[Problem], lint: Lint) -> None:
        self.problems, self.lint = problems, lint
        self.views: dict[str, View] = {}
        self.view_examples: list[ViewExample] = []
        self.controls: dict[str, tuple[Control, Sheet, Steps]] = {}
        self.examples: list[Example] = []
        self.measures: dict[str, Words] = {}
        self.refused: set[str] = set()  # ids and files that have been told of: what follows from them is not told again

    def told(self, what: Told) -> Told:
        """What has been read; Misplaced when any of it was wrong."""
        if self.problems:
            raise Misplaced(sorted(self.problems, key=lambda p: (p.file, p.line, p.column)))
        return what

    def views_of(self, path: Path) -> None:
        sheet = Sheet(path, self.problems)
        told = sheet.read(ViewsFile)
        for n, one in enumerate(told.views if told else ()):
            at: Steps = ["views", n]
            says = one.says.words if one.says else None
            view = View(one.name, tuple(one.datasets), parameters_of(one.parameters), one.select, path.name, says)
            sound = self.lint.view(sheet, at, view, self.views)
            self.views[one.name] = view
            for m, shown in enumerate(one.examples if sound else ()):
                read = self.lint.datasets_of(view.select, self.views)
                self.view_examples.append(given.view_example(sheet, [*at, "examples", m], one.name, shown, read))

    def controls_of(self, path: Path) -> None:
        sheet = Sheet(path, self.problems)
        told = sheet.read(MeasureFile)
        if told is None:
            self.refused.add(path.stem)
            return
        if told.measure in self.measures:
            sheet.problem(["measure"], f"{told.measure} has a file already")
        self.measures[told.measure] = told.title.words
        for n, one in enumerate(told.controls):
            at: Steps = ["controls", n]
            if one.id in self.controls:
                sheet.problem([*at, "id"], f"{one.id} is there already; ids are given once")
                continue
            if not one.id.startswith(f"{told.measure}-"):
                sheet.problem([*at, "id"], f"{one.id} is not of measure {told.measure}; it begins with {told.measure}-")
            control = self._control(sheet, at, told.measure, one)
            if control is None:
                self.refused.add(one.id)
            else:
                self.controls[one.id] = control, sheet, at

    def _control(self, sheet: Sheet, at: Steps, measure: str, told: ControlFile) -> Control | None:
        attest = told.attest.attest if told.attest else None
        test = told.test or _asked(sheet, at, told, attest)
        if test is None:
            return None
        control = Control(
            id=ControlId(told.id),
            measure=measure,
            title=told.title.words,
            requires=told.requires.words,
            basis=tuple(one.basis for one in told.basis),
            about=told.aspects,
            severity=told.severity,
            frequency=tuple(told.frequency),
            datasets=tuple(told.datasets),
            population=tuple(told.population),
            lookback_days=told.lookback_days,
            parameters=parameters_of(told.parameters),
            test=test,
            gap=told.gap.words,
            valid_from=told.valid_from,
            valid_to=told.valid_to,
            attest=attest,
            digest="",
            file=sheet.path.name,
        )
        where = [*at, "test"] if told.test else at
        return sealed(self.lint.control(sheet, at, where, control, self.views))

    def examples_of(self, path: Path) -> None:
        sheet = Sheet(path, self.problems)
        told = sheet.read(ExamplesFile)
        for name, shown in told.root.items() if told else ():
            if name not in self.controls:
                if not self.refused & {name, path.name.removesuffix(EXAMPLES)}:
                    sheet.problem([name], f"{name} is no control of this catalogue; remove it, or write the control")
                continue
            control = self.controls[name][0]
            known = {p.name for p in control.parameters}
            for n, one in enumerate(shown):
                for odd in sorted(one.parameters.keys() - known):
                    sheet.problem([name, n, "parameters", odd], f"{name} has no parameter {odd}")
                self.examples.append(given.example(sheet, [name, n], name, one, control.datasets))

    def each_has_both_marks(self) -> None:
        """A control is shown by examples that conform and by examples that do not."""
        for control, sheet, at in self.controls.values():
            marks = {
                mark for example in self.examples if example.control == control.id for mark in example.expect.values()
            }
            for mark in sorted({True, False} - marks):
                where = f"{sheet.path.stem}{EXAMPLES}"
                sheet.problem(
                    [*at, "id"],
                    f"{control.id} has no example with a member that is {str(mark).lower()}; add one to {where}",
                )


def _asked(sheet: Sheet, at: Steps, told: ControlFile, attest: Attest | None) -> str | None:
    """The test of a control that only asks; None when there is nothing to ask or nobody to ask about."""
    if attest is None:
        sheet.problem(at, f"{told.id} has neither test nor attest; write the SELECT under test")
        return None
    about = told.population[0]
    if len(told.population) != 1 or about not in ASKED_ABOUT:
        sheet.problem([*at, "population"], f"what is asked about is one of {', '.join(ASKED_ABOUT)}; or write a test")
        return None
    return test_of(told.id, attest, about)
