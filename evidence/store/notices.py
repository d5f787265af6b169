"""What people and systems are told: put down before it is sent, with every attempt to send it.

Keys say what may not be told twice; the number of an attempt says who may make it. Both are kept by the database.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Select, and_, literal, select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import NoticeAttemptTable as Attempt
from evidence.store.tables import NoticeItemTable as Item
from evidence.store.tables import NoticeResultTable as Result
from evidence.store.tables import NoticeTable
from evidence.store.values import Letter, Notice, NoticeTry

Asked = TypeVar("Asked")
NOBODY = ""  # the person of what is told where nobody else can be


class Notices:
    """Notices, what they tell of, and what became of them."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, notice: Notice, events: Collection[int] = ()) -> Notice:
        """Put down what is to be told, of these events of gaps; AlreadyDone when it, or one of them, was before."""
        self._rows.add(NoticeTable, f"notice {notice.kind} of {notice.day}", [row(notice, made_at=self._rows.at)])
        person = notice.person_key or NOBODY
        items = [{"kind": notice.kind, "person_key": person, "event": one, "key": notice.key} for one in events]
        self._rows.add(Item, f"what {notice.kind} of {notice.day} tells of", items)
        return replace(notice, made_at=self._rows.at)

    def begin(self, key: str, number: int, holder: str) -> None:
        """Begin an attempt; AlreadyDone when somebody else made the one of this number."""
        told = {"key": key, "number": number, "holder": holder, "begun_at": self._rows.at}
        self._rows.add(Attempt, f"attempt {number} at a notice", [told])

    def end(self, key: str, number: int, outcome: str, reason: str | None = None) -> None:
        """Record what became of an attempt, or (number 0) of a notice that is not sent any more."""
        told = {"key": key, "number": number, "outcome": outcome, "reason": reason, "ended_at": self._rows.at}
        self._rows.add(Result, f"result {number} of a notice", [told])

    def days(self, keys: Collection[str]) -> dict[str, date]:
        """Of these keys those that are there already, with the day of each."""
        found = select(NoticeTable.key, NoticeTable.day).where(NoticeTable.key.in_(list(keys)))
        return {one.key: one.day for one in self._rows.execute(found)}

    def told(self, events: Collection[int]) -> dict[tuple[str, str | None, int], date]:
        """Of these events of gaps those that anybody was told of: how, who, and on which day."""
        found = select(Item.kind, Item.person_key, Item.event, NoticeTable.day).join(NoticeTable)
        return {
            (one.kind, one.person_key or None, one.event): one.day
            for some in _in_parts(sorted(set(events)))
            for one in self._rows.execute(found.where(Item.event.in_(some)))
        }

    def people(self, kind: str, day: date, since: datetime) -> set[str]:
        """Who has a mail of a kind and day, that was put down since a moment."""
        mails = select(NoticeTable.person_key).where(NoticeTable.channel == "mail", NoticeTable.made_at >= since)
        found = mails.where(NoticeTable.kind == kind, NoticeTable.day == day)
        return {one.person_key for one in self._rows.execute(found) if one.person_key}

    def waiting(self) -> list[Letter]:
        """What is still to be sent, in the order in which it was made."""
        ended = select(Result.key).where(Result.key == NoticeTable.key, Result.outcome != "failed")
        return self._letters(_ALL.where(~ended.exists()))

    def since(self, day: date) -> list[Letter]:
        """Every notice of a day and later, in the order in which they were made."""
        return self._letters(_ALL.where(NoticeTable.day >= day))

    def letter(self, key: str) -> Letter:
        """One notice."""
        [found] = self._letters(_ALL.where(NoticeTable.key == key))
        return found

    def last(self, channel: str) -> Notice | None:
        """The newest notice of a channel."""
        newest = _ALL.where(NoticeTable.channel == channel).order_by(NoticeTable.made_at.desc()).limit(1)
        return next(iter(self._rows.read(Notice, newest)), None)

    def _letters(self, wanted: Select[tuple[object, ...]]) -> list[Letter]:
        notices = self._rows.read(Notice, wanted.order_by(NoticeTable.made_at, NoticeTable.key))
        tries = self._tries([one.key for one in notices])
        return [Letter(one, tuple(tries[one.key])) for one in notices]

    def _tries(self, keys: list[str]) -> dict[str, list[NoticeTry]]:
        tries: dict[str, list[NoticeTry]] = defaultdict(list)
        for some in _in_parts(keys):
            made = select(Attempt.key, *_TRY).outerjoin(Result, _OF_ATTEMPT).where(Attempt.key.in_(some))
            without = select(Result.key, *_WITHOUT).where(Result.key.in_(some), Result.number == 0)
            for statement in (made.order_by(Attempt.number), without):
                for one in self._rows.execute(statement):
                    told = NoticeTry(one.number, one.begun_at, one.outcome, one.reason, one.ended_at)
                    tries[one.key].append(told)
        return tries


def _in_parts(asked: list[Asked], size: int = 500) -> Iterable[list[Asked]]:
    return (asked[start : start + size] for start in range(0, len(asked), size))


_OF_ATTEMPT = and_(Result.key == Attempt.key, Result.number == Attempt.number)
_TRY = (Attempt.number, Attempt.begun_at, Result.outcome, Result.reason, Result.ended_at)
_WITHOUT = (Result.number, literal(None).label("begun_at"), Result.outcome, Result.reason, Result.ended_at)
_ALL = select(*columns(NoticeTable, Notice))
