"""Values into rows and back, in one transaction: the seam where the database's errors become ours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Executable, Insert, Result, insert
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from evidence.errors import AlreadyDone, TenkenError
from evidence.store.base import Base

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value")
STREAMED = 1000  # rows that are fetched or inserted at a time where not all are held

REPEATED = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID", "23505"})


class Rows:
    """One transaction's connection and commit time; once it refused a row it takes and gives no more."""

    __slots__ = ("_at", "_connection", "_writable", "refused")

    def __init__(self, connection: Connection, at: datetime | None, *, writable: bool) -> None:
        self._connection = connection
        self._at = at
        self._writable = writable
        self.refused: TenkenError | None = None

    @property
    def last_at(self) -> datetime | None:
        """The commit time; None where nothing was ever committed."""
        return self._at

    @property
    def at(self) -> datetime:
        """The commit time: of this transaction when it writes, the newest one that it sees when it reads."""
        if self._at is None:
            raise TenkenError("nothing has been committed to this store yet; collect or import something first")
        return self._at

    def read(self, kind: Callable[..., Value], statement: Executable) -> list[Value]:
        """The rows of a statement as values; its columns are the value's fields in their order."""
        return [kind(*row) for row in self.execute(statement)]

    def stream(self, kind: Callable[..., Value], statement: Executable) -> Iterator[Value]:
        """The same while the transaction lasts, never all of them at once; who stops early leaves nothing open."""
        with self.execute(statement.execution_options(yield_per=STREAMED)) as found:
            yield from (kind(*row) for row in found)

    def add(self, table: type[Base], what: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Insert rows; AlreadyDone when one of them is there already, and then the transaction is lost as a whole."""
        if rows:
            self.insert(insert(table), what, rows)

    def insert(self, statement: Insert, what: str, rows: Sequence[Mapping[str, object]]) -> Result[Any]:
        """Like :meth:`add`, with a statement that may return something."""
        if not self._writable:
            raise ValueError(f"{what}: this transaction only reads; use Store.write()")
        try:
            return self.execute(statement, rows)
        except IntegrityError as error:
            if not _is_repeated(error):
                raise ValueError(f"{what}: {str(error.orig).splitlines()[0]}") from error
            self.refused = AlreadyDone(f"{what}: recorded already; nothing was written")
            raise self.refused from error

    def execute(self, statement: Executable, rows: Sequence[Mapping[str, object]] | None = None) -> Result[Any]:
        """Run one statement; ValueError for a value that a column does not take."""
        if self.refused is not None:
            raise self.refused
        try:
            return self._connection.execute(statement, rows)
        except DBAPIError:
            raise
        except StatementError as error:
            raise ValueError(str(error.orig)) from error


def columns(table: type[Base], kind: "type[DataclassInstance]") -> list[Any]:
    """A table's columns that make a value, in the order of its fields."""
    return [getattr(table, field.name) for field in fields(kind)]


def row(value: "DataclassInstance", **given: object) -> dict[str, Any]:
    """A value as a row; ``given`` are the columns that the store fills, and a value that fills them is refused."""
    told = {field.name: getattr(value, field.name) for field in fields(value)}
    for name in given:
        if told.get(name) is not None:
            raise ValueError(f"{type(value).__name__}.{name} is given by the store; leave it None when adding")
    return told | given


def _is_repeated(error: IntegrityError) -> bool:
    orig = error.orig
    return (getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None)) in REPEATED
