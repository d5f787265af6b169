"""The wrapped keys of sealed objects: they tell of no evidence, and are the rows that can be destroyed (ADR 11).

Each act is a transaction of its own and no commit: a key is kept before its object can be seen.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from evidence.store.engine import Mode
from evidence.store.rows import columns
from evidence.store.tables import ObjectKeyTable as Kept
from evidence.store.values import WrappedKey


class ObjectKeys:
    """The table of keys; what destroys them for good is a purge, in its own transaction."""

    __slots__ = ("_begin",)

    def __init__(self, begin: Callable[[Mode], AbstractContextManager[Connection]]) -> None:
        self._begin = begin

    def add(self, key: WrappedKey) -> None:
        """Keep the key of an object that will be seen next."""
        with self._begin(Mode.LEASE) as connection:
            connection.execute(insert(Kept), asdict(key))

    def find(self, key_id: str) -> WrappedKey | None:
        """A key by its name; None when there is none (any more)."""
        with self._begin(Mode.READ) as connection:
            row = connection.execute(_ALL.where(Kept.key_id == key_id)).first()
        return None if row is None else WrappedKey(*row)

    def remove(self, key_id: str) -> None:
        """Let go of a key that no object came to need."""
        with self._begin(Mode.LEASE) as connection:
            connection.execute(delete(Kept).where(Kept.key_id == key_id))

    def not_wrapped_by(self, by: str, most: int) -> list[WrappedKey]:
        """Some of the keys that something else wraps."""
        with self._begin(Mode.READ) as connection:
            rows = connection.execute(_ALL.where(Kept.wrapped_by != by).order_by(Kept.key_id).limit(most))
            return [WrappedKey(*row) for row in rows]

    def rewrap(self, key: WrappedKey) -> None:
        """Put another wrapping in the place of a key's; nothing when the key was destroyed meanwhile."""
        told = {"wrapped_by": key.wrapped_by, "wrapped": key.wrapped}
        with self._begin(Mode.LEASE) as connection:
            connection.execute(update(Kept).where(Kept.key_id == key.key_id).values(told))

    def is_empty(self) -> bool:
        """Whether nothing rests on what wraps keys."""
        with self._begin(Mode.READ) as connection:
            return connection.execute(select(Kept.key_id).limit(1)).first() is None


_ALL = select(*columns(Kept, WrappedKey))
