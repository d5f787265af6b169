"""How sources were read when they were collected."""

from hashlib import sha256

from sqlalchemy import select

from evidence.store.rows import Rows
from evidence.store.tables import ReadingTable as T


class Readings:
    """Each way of reading once, under the SHA-256 by which the ledger names it."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def keep(self, body: bytes) -> str:
        """Keep a way of reading, unless it is there; its digest."""
        digest = sha256(body).hexdigest()
        if self.body(digest) is None:
            self._rows.add(T, f"reading {digest}", [{"digest": digest, "body": body, "recorded_at": self._rows.at}])
        return digest

    def body(self, digest: str) -> bytes | None:
        """A way of reading by its digest; None when there is none."""
        return self._rows.execute(select(T.body).where(T.digest == digest)).scalar()
