"""The objects that sources gave; the key and the salt of each lie apart, where they can be destroyed (ADR 12)."""

from collections.abc import Collection
from dataclasses import fields, replace
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select

from evidence.ledger import commitment
from evidence.store.rows import Rows, row
from evidence.store.tables import ObjectKeyTable, ObjectSaltTable, ObjectStateTable, ObjectTable
from evidence.store.values import FetchedObject


class Objects:
    """What was fetched, from where, and how."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, fetched: FetchedObject) -> FetchedObject:
        """Record an object; AlreadyDone when this source gave this edition of it with these bytes before."""
        what, recorded = f"object {fetched.digest} of {fetched.source}", row(fetched, recorded_at=self._rows.at)
        salt = recorded.pop("salt")
        statement = insert(ObjectTable).returning(ObjectTable.id)
        number = self._rows.insert(statement, what, [recorded | {"edition": _edition(fetched)}]).scalar_one()
        self._rows.add(ObjectSaltTable, what, [{"object": number, "salt": salt}])
        return replace(fetched, recorded_at=self._rows.at)

    def of_source(self, source: str) -> list[FetchedObject]:
        """The objects of one source in the order of their recording."""
        return self._rows.read(FetchedObject, _ALL.where(ObjectTable.source == source).order_by(ObjectTable.id))

    def visible(self, known_at: datetime, sources: Collection[str] | None = None) -> list[FetchedObject]:
        """All objects (of some sources) recorded by a moment, in the order of their recording."""
        statement = _ALL.where(ObjectTable.recorded_at <= known_at).order_by(ObjectTable.id)
        if sources is not None:
            statement = statement.where(ObjectTable.source.in_(sorted(sources)))
        return self._rows.read(FetchedObject, statement)

    def by_digest(self, digest: str) -> FetchedObject | None:
        """The first object recorded with these bytes."""
        first = _ALL.where(ObjectTable.digest == digest).order_by(ObjectTable.id).limit(1)
        return next(iter(self._rows.read(FetchedObject, first)), None)

    def commitments(self, digest: str) -> list[tuple[int, str]]:
        """The rows of these bytes that can be opened, each with its commitment (hex)."""
        found = select(ObjectTable.id, ObjectSaltTable.salt).join(
            ObjectSaltTable, ObjectSaltTable.object == ObjectTable.id
        )
        opened = self._rows.execute(found.where(ObjectTable.digest == digest).order_by(ObjectTable.id))
        return [(one.id, commitment(bytes.fromhex(one.salt), bytes.fromhex(digest)).hex()) for one in opened]

    def erase(self, digests: Collection[str]) -> list[tuple[int, str]]:
        """Destroy all that opens these bytes, and the commitments to them, for good once this transaction ends.

        The rows it was, each with its commitment (hex).
        """
        erased = []
        for digest in sorted(digests):
            erased += self.commitments(digest)
            of_digest = select(ObjectTable.id).where(ObjectTable.digest == digest)
            self._rows.execute(delete(ObjectSaltTable).where(ObjectSaltTable.object.in_(of_digest)))
            self._rows.execute(delete(ObjectKeyTable).where(ObjectKeyTable.digest == digest))
        return erased

    def erased_rows(self) -> frozenset[int]:
        """The rows of objects whose salt is gone."""
        gone = select(ObjectTable.id).where(ObjectTable.id.not_in(select(ObjectSaltTable.object)))
        return frozenset(self._rows.execute(gone).scalars())

    def only_in(self, rows: Collection[int]) -> tuple[frozenset[str], frozenset[str]]:
        """The digests of bytes that only these rows are of, and the runs of these rows."""
        told = self._rows.execute(select(ObjectTable.id, ObjectTable.digest, ObjectTable.run_id)).all()
        others = {one.digest for one in told if one.id not in rows}
        mine = [one for one in told if one.id in rows]
        return frozenset(one.digest for one in mine) - others, frozenset(one.run_id for one in mine)

    def found(self, digest: str, *, whole: bool) -> None:
        """Record that an object is damaged now, or whole again."""
        told = {"digest": digest, "whole": whole, "found_at": self._rows.at}
        self._rows.add(ObjectStateTable, f"state of object {digest}", [told])

    def found_after(self, at: datetime) -> bool:
        """Whether any object was found damaged, or whole again, after a moment."""
        newer = select(ObjectStateTable.id).where(ObjectStateTable.found_at > at).limit(1)
        return self._rows.execute(newer).first() is not None

    def damaged(self) -> frozenset[str]:
        """The digests of the objects that were damaged when they were looked at last."""
        told = select(ObjectStateTable.digest, ObjectStateTable.whole).order_by(ObjectStateTable.id)
        newest = {row.digest: row.whole for row in self._rows.execute(told)}
        return frozenset(digest for digest, whole in newest.items() if not whole)

    def lost_runs(self) -> dict[str, str]:
        """The runs that brought an object which is ``damaged`` now, or was ``erased``."""
        found = self._rows.execute(
            select(ObjectTable.run_id).where(ObjectTable.digest.in_(sorted(self.damaged())))
        ).scalars()
        gone = select(ObjectTable.run_id).where(ObjectTable.id.not_in(select(ObjectSaltTable.object)))
        return dict.fromkeys(found, "damaged") | dict.fromkeys(self._rows.execute(gone).scalars(), "erased")


def _edition(fetched: FetchedObject) -> str:
    """Which edition of a name it is; one that no profile has read to its end yet may be recorded again once it is."""
    unread = "" if fetched.mapped is not None else " unread"
    if fetched.version is not None:
        return f"version {fetched.version}{unread}"
    if fetched.modified is None:
        return unread.strip()
    return f"modified {fetched.modified.astimezone(UTC).isoformat(timespec='microseconds')}{unread}"


_SALT = func.coalesce(ObjectSaltTable.salt, "")
_ALL = select(
    *(_SALT if field.name == "salt" else getattr(ObjectTable, field.name) for field in fields(FetchedObject))
).join_from(ObjectTable, ObjectSaltTable, ObjectSaltTable.object == ObjectTable.id, isouter=True)
