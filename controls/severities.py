"""How grave the gaps of a control are, whose it is and what it reads: its file says it, and gaps need no more of it."""

from collections.abc import Mapping
from functools import cache

from controls.catalogue_files import FOLDER, ControlFile, MeasureFile, measure_files
from evidence import yaml_files
from evidence.datasets import catalogue


@cache
def severities() -> Mapping[str, str]:
    """The severity of every control of the catalogue; Misplaced when one of its files is wrong."""
    return {control.id: control.severity for control in _controls()}


@cache
def owners() -> Mapping[str, str | None]:
    """The post that owns each control: that of its first threshold whose owner is a post of the register."""
    posts = {label: code for code, label in catalogue()["appointments"].column("role").allowed}
    return {
        control.id: next((posts[one.owner] for one in control.parameters.values() if one.owner in posts), None)
        for control in _controls()
    }


@cache
def datasets() -> Mapping[str, frozenset[str]]:
    """What each control reads."""
    return {control.id: frozenset(control.datasets) for control in _controls()}


@cache
def _controls() -> tuple[ControlFile, ...]:
    told = (yaml_files.parse(path, MeasureFile) for path in measure_files(FOLDER))
    return tuple(control for measure in told for control in measure.controls)
