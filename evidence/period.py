"""A judged period in a company's zone, and the instants that bound it (datasets.md §3.6)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """First and last judged day, both included, in one zone."""

    since: date
    as_of: date
    zone: str = "Asia/Tokyo"

    def __post_init__(self) -> None:
        if self.since > self.as_of:
            raise ValueError(f"a period cannot end ({self.as_of}) before it begins ({self.since})")

    @property
    def since_at(self) -> datetime:
        """Midnight that begins ``since``, in UTC."""
        return midnight(self.since, self.zone)

    @property
    def until_at(self) -> datetime:
        """Midnight that ends ``as_of``, in UTC; the period is ``[since_at, until_at)``."""
        return midnight(self.as_of + timedelta(days=1), self.zone)

    @property
    def before(self) -> "Period":
        """As many days, ending on the day before this period begins."""
        last = self.since - timedelta(days=1)
        return Period(last - (self.as_of - self.since), last, self.zone)


def midnight(day: date, zone: str) -> datetime:
    """The instant a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
