"""What was judged."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import case, func, select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import JudgementTable as T
from evidence.store.values import JudgedDay, JudgementRow


class Judgements:
    """Every judgement that was made, the newest in front of the older ones."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, judgement: JudgementRow) -> JudgementRow:
        """Record a judgement; judging again adds another row."""
        what = f"judgement of {judgement.control} for {judgement.company}"
        self._rows.add(T, what, [row(judgement, judged_at=self._rows.at)])
        return replace(judgement, judged_at=self._rows.at)

    def latest(
        self, known_at: datetime | None = None, since: date | None = None, as_of: date | None = None,
        until: datetime | None = None, company: str | None = None,
    ) -> list[JudgementRow]:  # fmt: skip
        """The newest judgement of each control (and each company): of that period, on no evidence later than
        ``known_at``, made no later than ``until``.

        Newest is the latest period, then the latest evidence, then the latest act of judging: a past state judged
        again today does not stand in front of a judgement of newer evidence.
        """
        newest_first = (T.as_of.desc(), T.since.desc(), T.known_at.desc(), T.id.desc())
        place = func.row_number().over(partition_by=(T.control, T.company), order_by=newest_first)
        ranked = select(T.id, place.label("place"))
        if known_at is not None:
            ranked = ranked.where(T.known_at <= known_at)
        if since is not None:
            ranked = ranked.where(T.since == since)
        if as_of is not None:
            ranked = ranked.where(T.as_of == as_of)
        if company is not None:
            ranked = ranked.where(T.company == company)
        if until is not None:
            ranked = ranked.where(T.judged_at <= until)
        part = ranked.subquery()
        newest = _ALL.join(part, part.c.id == T.id).where(part.c.place == 1)
        return self._rows.read(JudgementRow, newest.order_by(T.control, T.company))

    def followed_until(self, today: date) -> dict[tuple[str, str], date]:
        """By control and company, the last day of the latest period whose judgement changed gaps.

        What was judged of days after ``today``, by a clock that went ahead, does not count.
        """
        followed = select(T.control, T.company, func.max(T.as_of)).where(T.followed, T.as_of <= today)
        latest = followed.group_by(T.control, T.company)
        return dict(self._rows.read(lambda control, company, day: ((control, company), day), latest))

    def history(self, control: str, company: str) -> list[JudgementRow]:
        """Every judgement of one control and company in the order of judging."""
        mine = _ALL.where(T.control == control, T.company == company)
        return self._rows.read(JudgementRow, mine.order_by(T.id))

    def first_days(self) -> dict[str, date]:
        """By company, the earliest day as of which it was ever judged."""
        first = select(T.company, func.min(T.as_of)).group_by(T.company)
        return dict(self._rows.read(lambda company, day: (company, day), first))

    def days(
        self, company: str, first: date, last: date, until: datetime, controls: Collection[str],
        on: Sequence[date] = (),
    ) -> Iterator[JudgedDay]:  # fmt: skip
        """The judgements of a company for periods that have any of these days (as of ``on`` only, where some are
        named), made until a moment; by control, last and first day, the earliest first. Answered from an index alone,
        row by row: bodies are never read.

        A judgement by all that was known saw what had come until it was made, though the last commit was long before.
        """
        known_until = case((T.followed, T.judged_at), else_=T.known_at)
        asked = [T.company == company, T.as_of >= first, T.since <= last, T.judged_at <= until]
        asked += [T.control.in_(sorted(controls))] + ([T.as_of.in_(on)] if on else [])
        place = (T.control, T.as_of, T.since, T.judged_at)
        return self._rows.stream(JudgedDay, select(*place, T.verdict, known_until).where(*asked).order_by(*place))

    def judged_at(self, company: str, since: date, as_of: date) -> dict[tuple[str, datetime], datetime]:
        """When each control was judged for a period on the evidence of each moment: the first time."""
        mine = (T.company == company, T.since == since, T.as_of == as_of)
        first = select(T.control, T.known_at, func.min(T.judged_at)).where(*mine).group_by(T.control, T.known_at)
        return dict(self._rows.read(lambda control, known_at, at: ((control, known_at), at), first))


_ALL = select(*columns(T, JudgementRow))
