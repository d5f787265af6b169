"""The form of a register: the fields that people fill in, taken from the dataset's declaration and nowhere else."""

import unicodedata
from dataclasses import dataclass

from evidence.datasets import Column, Dataset, Kind
from evidence.errors import ConfigError

SPAN = ("valid_from_on", "valid_to_on")
# Keys of things and of data subjects, minted by us too (datasets.md §1); every other personal ``…_key`` is a worker's.
NOT_WORKERS = frozenset(
    {"account_key", "engagement_key", "entitlement_key", "leave_key", "posting_key", "right_key", "shift_key"}
    | {"subject_key", "training_key"}
)
IDENTIFIERS = ("_id", "_ids", "_key", "_code", "_by")
REQUIRED_MARK = "●"
TYPES_JA = {
    "text": "文字列",
    "integer": "整数",
    "decimal": "数値",
    "date": "日付",
    "timestamp": "日時",
    "boolean": "はい・いいえ",
    "list": "複数可",
}
UNITS_JA = {
    "count": "日",
    "days": "日",
    "hours": "時間",
    "minutes": "分",
    "months": "か月",
    "persons": "人",
    "points": "点",
    "records": "件",
    "rows": "件",
    "items": "件",
    "events": "件",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a register as people fill it in."""

    column: Column
    required: bool
    key: bool

    @property
    def name(self) -> str:
        """The English column name."""
        return self.column.name

    @property
    def header(self) -> str:
        """The Japanese header."""
        return self.column.header

    @property
    def title(self) -> str:
        """The header as it stands on the sheet, with the mark of what must be filled in."""
        return f"{self.header} {REQUIRED_MARK}" if self.required else self.header

    @property
    def person(self) -> bool:
        """Whether the field names a worker, so that a worker number may stand on the sheet."""
        name = self.name
        return name.endswith("_by") or (name.endswith("_key") and self.column.personal and name not in NOT_WORKERS)

    @property
    def identifier(self) -> bool:
        """Whether full and half width make no difference to the value."""
        return self.key or self.name in ("company", "department") or self.name.endswith(IDENTIFIERS)

    @property
    def note(self) -> str:
        """What a person must know to fill it in, Japanese first."""
        lines = [f"{TYPES_JA[self.column.type]}・{'必須' if self.required else '任意'} ({self.name})"]
        if self.column.allowed:
            lines.append("選択肢: " + " / ".join(label for _, label in self.column.allowed))
        if self.column.type == "list":
            lines.append("複数は「、」または改行で区切る (separate by 、 ; or a new line)")
        if self.column.type == "timestamp":
            lines.append("例: 2026-04-01 09:30")
        if self.person:
            lines.append("社員番号または人のキー (worker number or person key)")
        if self.column.unit:
            unit = UNITS_JA.get(self.column.unit)
            lines.append(f"単位: {unit} ({self.column.unit})" if unit else f"形式: {self.column.unit}")
        return "\n".join([*lines, *([self.column.meaning] if self.column.meaning else [])])


@dataclass(frozen=True, slots=True)
class Form:
    """All fields of one register, in the order of the sheet."""

    dataset: Dataset
    fields: tuple[Field, ...]

    @property
    def headers(self) -> dict[str, Field]:
        """What may stand in the first row, folded (:func:`folded`), and the field it names."""
        return {folded(name): field for field in self.fields for name in (field.name, field.header)}


def form(dataset: Dataset) -> Form:
    """The form of a register; ConfigError for a dataset that sources fill, not people."""
    if dataset.kind is not Kind.REGISTER:
        raise ConfigError(f"{dataset.name}: 台帳ではありません / is a {dataset.kind} that sources fill, not a register")
    declared = {column.name for column in dataset.columns}
    span = [dataset.column(name) for name in SPAN if name not in declared]
    fields = [Field(column, _is_required(dataset, column), column.name in dataset.key) for column in dataset.columns]
    return Form(dataset, (*fields, *(Field(c, c.name in dataset.key, c.name in dataset.key) for c in span)))


def folded(text: str) -> str:
    """A header, label or code as it is compared: width, case, outer blanks and the mark of must make no difference."""
    return unicodedata.normalize("NFKC", text).removesuffix(REQUIRED_MARK).strip().casefold()


def _is_required(dataset: Dataset, column: Column) -> bool:
    """An empty list says "none", so a list is never asked for; nor is a signature, which others give later."""
    if dataset.approval and column.name in dataset.approval.signed_columns:
        return False
    return column.name in dataset.key or not (column.nullable or column.type == "list")
