"""The register workbooks that people keep, on the forms that the registers themselves give out."""

from datetime import datetime
from typing import Any

from demo.days import AS_OF, at
from demo.files import Folder, fixed
from demo.group import Group
from demo.values import Cell
from demo.write_taken_over import TAKEN_OVER
from evidence.datasets import catalogue
from registers.forms import form
from registers.sheets import export

KEPT_AT = at(AS_OF, 18)


def write(group: Group, folder: Folder) -> None:
    """Write one workbook for each register that has rows and was not kept by another system."""
    for register in sorted(group.registers.keys() - TAKEN_OVER.keys()):
        dataset = catalogue()[register]
        unknown = {name for row in group.registers[register] for name in row} - {
            field.name for field in form(dataset).fields
        }
        if unknown:
            raise KeyError(f"{register} has no column {', '.join(sorted(unknown))}")
        rows = [{name: _kept(value) for name, value in row.items()} for row in group.registers[register]]
        folder.put(f"{register}.xlsx", fixed(export(dataset, rows), KEPT_AT), KEPT_AT)


def _kept(value: Cell) -> Any:
    """Lists as the registers know them; instants to the second."""
    if isinstance(value, tuple):
        return list(value)
    return value.replace(microsecond=0) if isinstance(value, datetime) else value
