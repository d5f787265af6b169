"""The population of a control: what its test answered, kept as one table, for a company's part is a slice of it.

Members become Python values where somebody looks at one: of a hundred thousand that conform nobody does.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import rfc8785

from controls.model import Member, Value
from controls.values import told

AS_MEMBER = ("company", "department", "subject", "aspect", "occurred_on", "conforms", "members")
AT_ONCE = 65_536  # rows that are written together
_ESCAPED = r'[\x00-\x1f"\\]'  # by RFC 8785, 3.2.2.2


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Members; ``rows`` have their columns, and what else the test told.

    The rows are in the order of ``KEY``, which ``controls/compile.py`` asks of the engine: the members of a company
    stand together, and a member that is told twice stands beside itself.
    """

    rows: pa.Table

    def of(self, company: str) -> "Population":
        """The part of one company."""
        companies = self.rows["company"]
        first = pc.index(companies, company).as_py()
        count = pc.sum(pc.equal(companies, company)).as_py() or 0
        return Population(self.rows.slice(max(first, 0), count))

    @property
    def size(self) -> int:
        """How many members there are: a row may stand for several."""
        return int(pc.sum(self.rows["members"]).as_py() or 0)

    @property
    def deviating(self) -> "Population":
        """The members that do not conform."""
        return Population(self.rows.filter(pc.invert(self.rows["conforms"])))

    @property
    def departments(self) -> dict[str | None, int]:
        """How many members each department has, by name; of the company as a whole (None) first."""
        told = self.rows.group_by("department").aggregate([("members", "sum")]).sort_by("department")
        sizes: dict[str | None, int] = dict(
            zip(told["department"].to_pylist(), told["members_sum"].to_pylist(), strict=True)
        )
        return ({None: sizes.pop(None)} if None in sizes else {}) | sizes

    @property
    def digest(self) -> str:
        """SHA-256 over the members with their marks, one RFC 8785 line each, in their order."""
        digest = hashlib.sha256()
        for rows in self.rows.to_batches(AT_ONCE):
            subject, aspect, department = (_escaped(rows[name]) for name in ("subject", "aspect", "department"))
            day, *plain = (rows[name].cast(pa.string()) for name in ("occurred_on", "conforms", "members"))
            lines = pc.binary_join_element_wise(*map(_quoted, (subject, aspect, day, department)), *plain, ",")
            digest.update(text_of(pc.binary_join_element_wise("[", lines, "]\n", "")))
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Member]:
        names = [name for name in self.rows.column_names if name not in AS_MEMBER]
        others: Iterator[tuple[Value, ...]] = zip(*(told(self.rows[name]) for name in names), strict=True)
        columns = (dict(zip(names, other, strict=True)) for other in (others if names else [()] * len(self)))
        return map(Member, *(self.rows[name].to_pylist() for name in AS_MEMBER), columns)


def text_of(lines: pa.StringArray) -> memoryview:
    """The bytes of an array of texts, one after the other, without copying them."""
    _, offsets, content = lines.buffers()
    places = memoryview(offsets).cast("i")
    return memoryview(content or b"")[places[lines.offset] : places[lines.offset + len(lines)]]


def _escaped(column: pa.StringArray) -> pa.StringArray:
    """Texts as RFC 8785 writes them between the quotes."""
    found = pc.match_substring_regex(column, _ESCAPED)
    if not pc.any(found).as_py():  # hardly ever
        return column
    found = pc.fill_null(found, False)
    mended = [rfc8785.dumps(one).decode()[1:-1] for one in column.filter(found).to_pylist()]
    return pc.replace_with_mask(column, found, pa.array(mended, pa.string()))


def _quoted(column: pa.StringArray) -> pa.StringArray:
    """Texts in quotes; null where there is none."""
    return pc.fill_null(pc.binary_join_element_wise('"', column, '"', ""), "null")


NOBODY = Population(
    pa.schema(
        [
            *((name, pa.string()) for name in ("company", "department", "subject", "aspect")),
            ("occurred_on", pa.date32()),
            ("conforms", pa.bool_()),
            ("members", pa.int64()),
        ]
    ).empty_table()
)
