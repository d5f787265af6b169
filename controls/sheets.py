"""One file of the catalogue with its places, and the problems found in it: ``file:line:column: path: problem``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel
from ruamel.yaml.scalarstring import LiteralScalarString

from evidence import yaml_files
from evidence.errors import Misplaced, Problem

Model = TypeVar("Model", bound=BaseModel)
Steps = Sequence[str | int]


@dataclass(slots=True)
class Sheet:
    """A loaded file; problems are kept so that a person mends all of them at once."""

    path: Path
    problems: list[Problem]
    _node: Any = None
    _lines: list[str] = field(default_factory=list)

    @property
    def node(self) -> Any:
        """The file with its places, which only a problem asks for."""
        if self._node is None:
            self._node = yaml_files.load(self.path)
        return self._node

    def read(self, model: type[Model]) -> Model | None:
        """The file in its shape; None when it has not that shape, and the problems say why."""
        try:
            return yaml_files.parse(self.path, model)
        except Misplaced as error:
            self.problems += error.problems
            return None

    def problem(self, at: Steps, what: str) -> None:
        """Note a problem at a key of the file."""
        self.problems.append(yaml_files.problem(self.path, self.node, at, what))

    def problem_in_text(self, at: Steps, offset: int, what: str) -> None:
        """Note a problem at an offset of a text, on the line of the file where that piece of it stands."""
        line, column = yaml_files.place(self.node, at)
        text = self._text(at)
        if isinstance(text, LiteralScalarString):
            before = text[:offset]
            indent = self._indent(line)
            line, column = line + 1 + before.count("\n"), indent + offset - (before.rfind("\n") + 1) + 1
        self.problems.append(Problem(self.path, line, column, ".".join(map(str, at)), what))

    def _text(self, at: Steps) -> Any:
        node = self.node
        for step in at:
            node = node[step]
        return node

    def _indent(self, line: int) -> int:
        """Indentation of the block that begins after a line (from 1)."""
        self._lines = self._lines or self.path.read_text("utf-8").splitlines()
        told = next((one for one in self._lines[line:] if one.strip()), "")
        return len(told) - len(told.lstrip(" "))
