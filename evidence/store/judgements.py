"""What was judged."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, select

from evidence.store.rows import Rows, columns, row
from evidence.store.tables import JudgementTable as T
from evidence.store.values import JudgementRow


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
        self, known_at: datetime | None = None, since: date | None = None, as_of: date | None = None
    ) -> list[JudgementRow]:
        """The newest judgement of each control and company: of that period, on no evidence later than ``known_at``.

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
        part = ranked.subquery()
        newest = _ALL.join(part, part.c.id == T.id).where(part.c.place == 1)
        return self._rows.read(JudgementRow, newest.order_by(T.control, T.company))

    def followed_until(self) -> dict[tuple[str, str], date]:
        """By control and company, the last day of the latest period whose judgement changed gaps."""
        latest = select(T.control, T.company, func.max(T.as_of)).where(T.followed).group_by(T.control, T.company)
        return dict(self._rows.read(lambda control, company, day: ((control, company), day), latest))

    def history(self, control: str, company: str) -> list[JudgementRow]:
        """Every judgement of one control and company in the order of judging."""
        mine = _ALL.where(T.control == control, T.company == company)
        return self._rows.read(JudgementRow, mine.order_by(T.id))


_ALL = select(*columns(T, JudgementRow))
