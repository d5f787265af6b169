"""The files of a catalogue as people write them (design.md §5): shapes only, no key but those named here."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, model_validator

from controls.model import About, Attest, Basis, Frequency, Parameter, Words

FOLDER = Path(__file__).parent / "catalogue"
VIEWS, EXAMPLES = "views", ".examples.yaml"
OPEN_END = date(9999, 12, 31)
Said = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Names = Annotated[list[Name], Field(min_length=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Id = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]*(-[0-9]+)+$")]


def _only_a_day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise ValueError("a day is written 2026-03-31")
    return value


Day = Annotated[date, BeforeValidator(_only_a_day)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WordsFile(_Strict):
    """One text in both languages."""

    ja: Said
    en: Said

    @property
    def words(self) -> Words:
        """As a value."""
        return Words(self.ja, self.en)


class BasisFile(_Strict):
    """One legal ground: {law, article}, {guideline} or {jis}."""

    law: Said | None = None
    article: Said | None = None
    guideline: Said | None = None
    jis: Said | None = None
    name: Said | None = None  # which guideline or standard, when not the usual one
    verified: bool = True

    @model_validator(mode="after")
    def _one_ground(self) -> "BasisFile":
        if sum(one is not None for one in (self.law, self.guideline, self.jis)) != 1:
            raise ValueError("write one of law, guideline, jis")
        if (self.law is None) != (self.article is None):
            raise ValueError("a law has an article, and nothing else has one")
        return self

    @property
    def basis(self) -> Basis:
        """As a value."""
        if self.law and self.article:
            return Basis("law", self.law, self.article, self.verified)
        if self.guideline:
            return Basis("guideline", self.name or "通則編", self.guideline, self.verified)
        return Basis("jis", self.name or "JIS Q 15001", self.jis or "", self.verified)


class ParameterFile(_Strict):
    """A threshold with an owner; a number may have limits, both included."""

    value: bool | int | Finite | str | list[Said]
    unit: Said
    owner: Said
    limits: Annotated[list[int | Finite], Field(min_length=2, max_length=2)] | None = None

    def parameter(self, name: str) -> Parameter:
        """As a value."""
        limits = (_exact(self.limits[0]), _exact(self.limits[1])) if self.limits else None
        value = tuple(self.value) if isinstance(self.value, list) else self.value
        return Parameter(
            name, value if isinstance(value, tuple | str | bool) else _exact(value), self.unit, self.owner, limits
        )


def parameters_of(told: Mapping[str, ParameterFile]) -> tuple[Parameter, ...]:
    """Parameters as values, in the order in which they are written."""
    return tuple(one.parameter(name) for name, one in told.items())


def _exact(value: int | float) -> int | Decimal:
    return value if isinstance(value, int) else Decimal(repr(value))


class AttestFile(_Strict):
    """The question that a person answers where a machine cannot."""

    question: Name
    text: WordsFile
    who: Said
    valid_days: Annotated[int, Field(gt=0)]

    @property
    def attest(self) -> Attest:
        """As a value."""
        return Attest(self.question, self.text.words, self.who, self.valid_days)


class ControlFile(_Strict):
    """One control."""

    id: Id
    title: WordsFile
    requires: WordsFile
    basis: Annotated[list[BasisFile], Field(min_length=1)]
    valid_from: Day
    valid_to: Day = OPEN_END
    about: About | dict[str, About]
    severity: Literal["critical", "high", "medium", "low"]
    frequency: Annotated[list[Frequency], Field(min_length=1)]
    datasets: Names
    population: Names
    lookback_days: Annotated[int, Field(ge=0)]
    parameters: dict[Name, ParameterFile] = {}
    test: Said | None = None
    gap: WordsFile
    attest: AttestFile | None = None

    @property
    def aspects(self) -> dict[str | None, About]:
        """What each aspect is about; None stands for all of them."""
        return {None: self.about} if isinstance(self.about, About) else dict(self.about.items())


class MeasureFile(_Strict):
    """``<nn>_<measure>.yaml``: one measure and its controls."""

    measure: Said
    title: WordsFile
    controls: Annotated[list[ControlFile], Field(min_length=1)]


class _ExampleFile(_Strict):
    name: Said
    as_of: Day
    since: Day | None = None  # without it, the first day of the month of as_of
    parameters: dict[Name, bool | int | Finite | str | list[Said]] = {}
    given: dict[Name, list[dict[str, Any]]]

    @property
    def first_day(self) -> date:
        """First day of the judged period."""
        return self.since or self.as_of.replace(day=1)


class ExampleFile(_ExampleFile):
    """One example of a control: the whole population with its marks, and what is said of some of its members."""

    expect: dict[str, bool]
    tells: dict[str, dict[Name, Any]] = {}


class ViewExampleFile(_ExampleFile):
    """One example of a view: the rows it answers."""

    expect: list[dict[str, Any]]


class ViewFile(_Strict):
    """One shared view."""

    name: Name
    datasets: Names
    parameters: dict[Name, ParameterFile] = {}
    select: Said
    says: WordsFile | None = None
    examples: Annotated[list[ViewExampleFile], Field(min_length=1)]


class ViewsFile(_Strict):
    """``views*.yaml``."""

    views: list[ViewFile]


class ExamplesFile(RootModel[dict[Id, Annotated[list[ExampleFile], Field(min_length=1)]]]):
    """``<nn>_<measure>.examples.yaml``; its keys are control ids."""


def measure_files(folder: Path) -> Iterator[Path]:
    """The files of a catalogue that hold controls, in the notice's order."""
    for path in sorted(folder.glob("*.yaml")):
        if not path.name.startswith(VIEWS) and not path.name.endswith(EXAMPLES):
            yield path
