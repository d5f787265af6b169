"""Strict reading of the YAML that people write: YAML 1.2, no repeated keys, errors with file, line and column."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from evidence.errors import ConfigError, Misplaced, Problem

Model = TypeVar("Model", bound=BaseModel)


def load(path: Path) -> Any:
    """Read one YAML file; the result keeps its places for :func:`place`. Misplaced when it is not YAML."""
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}; save the file as UTF-8") from error
    try:
        return yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise Misplaced([Problem(path, line, column, "", (error.problem or "not YAML").strip())]) from error
    except YAMLError as error:
        raise Misplaced([Problem(path, 1, 1, "", str(error).strip())]) from error


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
    root = load(path) if node is None else node
    part = root
    for step in under:
        part = part[step]
    try:
        return model.model_validate(plain(part))
    except ValidationError as error:
        raise Misplaced(
            [problem(path, root, [*under, *_steps(one["loc"])], one["msg"]) for one in error.errors(include_url=False)]
        ) from error


def plain(node: Any) -> Any:
    """The loaded value without its places: plain dict, list and scalars."""
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str | bytes):
        return [plain(value) for value in node]
    return node if type(node).__module__ in ("builtins", "datetime") else _scalar(node)


def _scalar(node: Any) -> Any:
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _steps(loc: tuple[str | int, ...]) -> list[str | int]:
    return [step for step in loc if not (isinstance(step, str) and step.startswith(("function-", "tagged-union")))]
