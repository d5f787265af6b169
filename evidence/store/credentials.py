"""What people and machines prove by that they are who they say: of each person the newest of a kind counts."""

from datetime import datetime

from sqlalchemy import func, select

from evidence.store.rows import Rows
from evidence.store.tables import CredentialTable as T

NONE = ""  # the secret of who gave theirs up: nothing matches it


class Credentials:
    """Passwords and tokens, as what cannot be turned back into them."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, kind: str, person: str, secret: str) -> None:
        """Put down a new one in the place of those before it; ``NONE``: no more."""
        before = select(func.max(T.number)).where(T.kind == kind, T.person_key == person)
        number = (self._rows.execute(before).scalar() or 0) + 1
        told = {"kind": kind, "person_key": person, "number": number, "secret": secret, "recorded_at": self._rows.at}
        self._rows.add(T, f"{kind} {number} of a person", [told])

    def newest(self, kind: str, person: str) -> str | None:
        """What counts of a person; None when there is nothing."""
        mine = select(T.secret).where(T.kind == kind, T.person_key == person).order_by(T.number.desc()).limit(1)
        return self._rows.execute(mine).scalar() or None

    def changed_at(self, person: str) -> datetime | None:
        """When any of theirs was given or taken last."""
        return self._rows.execute(select(func.max(T.recorded_at)).where(T.person_key == person)).scalar()

    def owner(self, kind: str, secret: str) -> str | None:
        """Whose newest of a kind this is; None: nobody's."""
        told = select(T.person_key).where(T.kind == kind, T.secret == secret)
        people = self._rows.execute(told).scalars().all() if secret else []
        return next((str(one) for one in people if self.newest(kind, str(one)) == secret), None)
