"""How grave the gaps of a control are: its file says it, and a list of gaps needs no more of it."""

from collections.abc import Mapping
from functools import cache

from controls.catalogue_files import FOLDER, MeasureFile, measure_files
from evidence import yaml_files


@cache
def severities() -> Mapping[str, str]:
    """The severity of every control of the catalogue; Misplaced when one of its files is wrong."""
    told = [yaml_files.parse(path, MeasureFile) for path in measure_files(FOLDER)]
    return {control.id: control.severity for measure in told for control in measure.controls}
