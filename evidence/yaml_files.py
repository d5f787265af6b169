"""Strict reading of the YAML that people write: YAML 1.2, no repeated keys, errors with file, line and column.

A sound file is read by the C scanner, which keeps no places; one that is wrong is read again by the one that does.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import ConstructorError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from evidence.errors import ConfigError, Misplaced, Problem

Model = TypeVar("Model", bound=BaseModel)

DEEPEST = 50  # levels; what people write has ten at most
MOST = 500_000  # values once every *alias is written out: anchors that multiply each other fill any memory
# The C scanner takes tabs for blanks and knows other line ends; tags and directives change what values mean.
UNUSUAL = re.compile(r"[\t\x85\u2028\u2029\ufeff]|!!|^%", re.MULTILINE)
WRONG = (YAMLError, ValueError, LookupError, TypeError, OverflowError, RecursionError)
REMEDIES = {
    "extra_forbidden": "correct its spelling or remove it",
    "missing": "write it",
    "string_type": "quote it",
    "list_type": "write a list, e.g. [a, b]",
    "tuple_type": "write a list, e.g. [a, b]",
    "dict_type": "write a mapping, e.g. {a: b}",
}


class _Composer(Composer):
    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Go down one level, and not for ever."""
        self._depth += 1
        if self._depth > DEEPEST:
            mark = self.parser.peek_event().start_mark
            raise ComposerError(None, None, f"nested more than {DEEPEST} levels deep; write it flatter", mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Constructor(RoundTripConstructor):
    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Say where it stands that a number is too long or that there is no such day."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, LookupError, TypeError) as error:
            why = f"{error}; correct it, or quote it if it is text"
            raise ConstructorError(None, None, why, node.start_mark) from error


def load(path: Path, text: str | None = None) -> Any:
    """Read one YAML file, or its ``text`` where that is known; the result keeps its places for :func:`place`. Misplaced
    when it is not YAML."""
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    yaml.Composer, yaml.Constructor = _Composer, _Constructor
    text = text_of(path) if text is None else text
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Misplaced([Problem(path, line, column, "", _unreadable(error))]) from error
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        what = f"a character (U+{error.character:04X}) that YAML does not allow; remove it"
        raise Misplaced([Problem(path, line, column, "", what)]) from error
    except YAMLError as error:
        raise Misplaced([Problem(path, 1, 1, "", " ".join(str(error).split()))]) from error


def _unreadable(error: MarkedYAMLError) -> str:
    """What the library says, without the values (they may be secret), and what to do."""
    told = (error.problem or "not YAML").strip()
    if told.startswith("found duplicate key"):
        return told.partition('" with value')[0] + '"; keep one of them'
    if "'\\t'" in told:
        return f"{told}; indent with spaces"
    return f"{error.context.strip()} {told}" if told.startswith("but ") and error.context else told


def text_of(path: Path) -> str:
    """The text of a file; ConfigError or Misplaced when there is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}; let this user read it") from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        what = f"byte {column} of the line is not UTF-8; save the file as UTF-8"
        raise Misplaced([Problem(path, line, column, "", what)]) from error


def place(node: Any, at: Sequence[str | int]) -> tuple[int, int]:
    """Line and column (from 1) of the deepest part of ``at`` that exists in a loaded file."""
    line, column = getattr(getattr(node, "lc", None), "line", 0) or 0, getattr(getattr(node, "lc", None), "col", 0) or 0
    for step in at:
        lc = getattr(node, "lc", None)
        try:
            if isinstance(node, Mapping):
                line, column = lc.value(step) if lc is not None else (line, column)
            elif isinstance(node, Sequence) and not isinstance(node, str):
                line, column = lc.item(step) if lc is not None else (line, column)
            node = node[step]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line + 1, column + 1


def problem(path: Path, node: Any, at: Sequence[str | int], what: str) -> Problem:
    """Name a problem at a place of a loaded file."""
    line, column = place(node, at)
    return Problem(path, line, column, ".".join(str(step) for step in at), what)


def parse(path: Path, model: type[Model], node: Any = None, under: Sequence[str | int] = ()) -> Model:
    """Read a file (or the part ``under`` of the loaded ``node``); Misplaced names every problem with its place."""
    if node is None:
        try:
            return model.model_validate(quick(text_of(path)))
        except WRONG:
            node = load(path)
    return _placed(path, model, node, under)


def quick(text: str) -> Any:
    """The plain values of a text, five times quicker than with their places; one of WRONG when it may not be sound."""
    if UNUSUAL.search(text):
        raise ValueError("is read alike by both scanners only without these")
    yaml = YAML(typ="safe")
    yaml.allow_duplicate_keys = False
    yaml.Composer = _Composer
    return _plain(yaml.load(text), count(), 0)


def _placed(path: Path, model: type[Model], root: Any, under: Sequence[str | int]) -> Model:
    part = root
    for step in under:
        part = part[step]
    try:
        told = _plain(part, count(), 0)
    except _Endless as error:
        raise Misplaced([problem(path, root, under, str(error))]) from error
    try:
        return model.model_validate(told)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        within = {one["loc"][:n] for one in found for n in range(len(one["loc"]))}
        problems = [
            problem(path, root, [*under, *_steps(part, one["loc"])], _what(one["type"], one["msg"]))
            for one in found
            # Pydantic counts what it could take: a list whose items are all wrong is "too short", too.
            if not (one["type"] == "too_short" and one["loc"] in within)
        ]
        # Members of a union may complain alike.
        raise Misplaced(list({str(one): one for one in problems}.values())) from error


class _Endless(ValueError):
    """Written out, the anchors of a file have no end, or none that we would live to see."""


def _what(kind: str, message: str) -> str:
    if kind == "model_type":
        return "is not a mapping; write `key: value` lines"
    told = message.removeprefix("Value error, ")
    return f"{told}; {REMEDIES[kind]}" if kind in REMEDIES else told


def _plain(node: Any, counted: "count[int]", depth: int) -> Any:
    """The loaded value without its places: plain dict, list and scalars."""
    if next(counted) > MOST or depth > DEEPEST:
        raise _Endless("its anchors and aliases multiply without end; write out what they stand for")
    if isinstance(node, Mapping):
        return {str(key): _plain(value, counted, depth + 1) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        return [_plain(value, counted, depth + 1) for value in node]
    return node if type(node).__module__ in ("builtins", "datetime") else _scalar(node)


def _scalar(node: Any) -> Any:
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _steps(node: Any, loc: tuple[str | int, ...]) -> list[str | int]:
    """Where in the file it is: without the names of union members that pydantic puts in between."""
    steps: list[str | int] = []
    for n, step in enumerate(loc, start=1):
        in_list = isinstance(node, list) and isinstance(step, int) and step < len(node)
        if in_list or (isinstance(node, Mapping) and step in node):
            steps.append(step)
            node = node[step]
        elif n == len(loc) and isinstance(node, Mapping):
            steps.append(step)  # the key that is missing
    return steps
