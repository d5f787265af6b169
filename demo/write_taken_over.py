"""The registers that another system kept before: the rules and the management book, as it hands them over.

What was approved there with its faults stays as it was approved, and is what the controls must find; on our own forms
such rows would be refused. What the stores count of themselves arrives in the same form.
"""

from datetime import date, datetime
from typing import Any

from demo.days import AS_OF
from demo.files import Folder, exported, json_lines
from demo.group import Group
from demo.values import Cell

TAKEN_OVER = {  # dataset → the source it comes from
    "documents": "document_store",
    "book_entries": "old_book",
    "store_statistics": "store_counts",
    "self_check_items": "self_check_portal",
}


def write(group: Group, inbox: Folder) -> None:
    """Write one export of each, under the datasets' own names."""
    for register, source in TAKEN_OVER.items():
        inbox.under(source).put(f"{register}.jsonl", handed_over(group, register), exported(AS_OF))


def handed_over(group: Group, register: str) -> bytes:
    """All rows of a register, one a line."""
    return json_lines({name: _told(value) for name, value in row.items()} for row in group.registers[register])


def _told(value: Cell) -> Any:
    match value:
        case tuple():
            return list(value)
        case date() | datetime():
            return value.isoformat()
        case _:
            return value
