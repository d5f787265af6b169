"""Invented register rows, and workbooks as people would send them."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import Column, Dataset, Kind, catalogue
from evidence.persons import Keys
from registers.forms import Field, form
from registers.reading import Border

TOKYO = ZoneInfo("Asia/Tokyo")
REGISTERS = [dataset for dataset in catalogue().values() if dataset.kind is Kind.REGISTER]
VENDORS = catalogue()["vendors"]
VENDOR_HEADERS = ["会社", "部門", "委託先ID", "委託先の名称", "委託先の区分", "取引の状態", "個人情報の取扱い"]
VENDOR = ["AOI", "SALES", "V-1", "みどり印刷", "T1(重要)", "取引中", "はい"]
OTHER_VENDOR = ["AOI", "SALES", "V-2", "あさひ運送", "T2(標準)", "候補", "いいえ"]
PERSON = "pabcdefghijklmnopqrst"
BORDER = Border(Keys(b"a secret of 32 bytes for tests !"), TOKYO)


def field(dataset: str, column: str) -> Field:
    return next(one for one in form(catalogue()[dataset]).fields if one.name == column)


def workbook(rows: Sequence[Sequence[Any]], title: str = "委託先") -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def vendors(*rows: Sequence[Any], headers: Sequence[str] = VENDOR_HEADERS) -> bytes:
    return workbook([headers, *rows])


def sent(folder: Path, content: bytes, name: str = "委託先台帳.xlsx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def sample(dataset: Dataset) -> Mapping[str, Any]:
    """A full row of any register, typed."""
    row = {one.name: _value(one.column) for one in form(dataset).fields}
    persons = {one.name: PERSON for one in form(dataset).fields if one.person}
    return row | persons | {"valid_from_on": date(2025, 4, 1), "valid_to_on": date(9999, 12, 31)}


def _value(column: Column) -> Any:
    if column.allowed:
        return sorted(column.codes)[:2] if column.type == "list" else column.codes[-1]
    return {
        "text": f"{column.name} 1",
        "integer": 12345,
        "decimal": Decimal("80.5000"),
        "date": date(2026, 3, 31),
        "timestamp": datetime(2026, 3, 31, 23, 59, 59, 123456, tzinfo=UTC),
        "boolean": False,
        "list": ["A-1", "B-2"],
    }[column.type]
