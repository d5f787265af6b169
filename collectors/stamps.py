"""How a log's written times become instants (datasets.md §4): never guessed, and the way they were read is kept."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE_GIVEN, ZONE_DECLARED, AMBIGUOUS = "zone_given", "zone_declared", "zone_declared_ambiguous"
YEAR_INFERRED, DAY_ONLY, EPOCH = "year_inferred", "day_only", "epoch_declared"
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
Written = tuple[int, int, int, int, int]  # month, day, hour, minute, second
AHEAD = timedelta(days=7)  # a line without a year is at most this much later than the end of its file
MICROSECONDS = {"s": 1_000_000, "ms": 1_000, "us": 1}
SIXTY = re.compile(r"(\d{1,2}:\d{2}):60(?:[.,]\d+)?(?!\d)", re.ASCII)
ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}  # as syslog writes them, whatever the locale


class NoInstant(ValueError):
    """A time that does not name an instant; the message says why, without the time."""


def read(text: str, zone: ZoneInfo | None, pattern: str | None = None) -> tuple[datetime, str]:
    """An instant from ISO 8601, or from a strptime pattern; with how it was read."""
    whole, leap = SIXTY.subn(r"\1:59.999999", text.strip())
    try:
        if pattern is not None:
            told = datetime.strptime(SIXTY.sub(r"\1:59", text.strip()), pattern)  # noqa: DTZ007 - zoned below
            told = told.replace(microsecond=999_999) if leap else told
        elif ISO.fullmatch(whole):
            told = datetime.fromisoformat(whole.replace(",", "."))
        else:
            raise NoInstant("is not a time as declared")
    except NoInstant:
        raise
    except ValueError as error:
        raise NoInstant("is not a time as declared") from error
    if told.tzinfo is not None:
        return told.astimezone(UTC), ZONE_GIVEN
    if zone is None:
        raise NoInstant("is a time without a zone, and the source declares none")
    return local(told, zone)


def local(told: datetime, zone: ZoneInfo, after: datetime | None = None) -> tuple[datetime, str]:
    """The instant of a wall clock in a zone: of two the earlier one, unless file order says it came ``after``."""
    first, second = (told.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first, ZONE_DECLARED
    if first.astimezone(zone).replace(tzinfo=None) != told:
        raise NoInstant("is an hour that the clocks skipped")
    if after is not None and after > first:
        return second, ZONE_DECLARED
    return first, AMBIGUOUS


def epoch(text: str, unit: str) -> tuple[datetime, str]:
    """An instant from a count of seconds, milliseconds or microseconds since 1970, as declared."""
    if not re.fullmatch(r"\d{1,18}(?:\.\d{1,6})?", text.strip(), re.ASCII):
        raise NoInstant("is not a count of time since 1970")
    whole, _, rest = text.strip().partition(".")
    try:
        micro = int(whole) * MICROSECONDS[unit] + int(float(f"0.{rest or 0}") * MICROSECONDS[unit])
        return EPOCH_START + timedelta(microseconds=micro), EPOCH
    except OverflowError as error:
        raise NoInstant("is a time out of all bounds") from error


def without_year(
    told: Written, zone: ZoneInfo, end: datetime, after: datetime | None, newest_year: int = 9999
) -> datetime:
    """The instant of what is written nearest before a file's end, at most 7 days after it."""
    month, day, hour, minute, second = told
    fraction = 999_999 if second == 60 else 0
    latest = end + AHEAD
    newest_year = min(newest_year, latest.astimezone(zone).year)
    for year in range(newest_year, newest_year - 9, -1):  # 29 February may be eight years back
        try:
            wall = datetime(year, month, day, hour, minute, min(second, 59), fraction)  # noqa: DTZ001 - zoned below
        except ValueError:
            continue
        at, _ = local(wall, zone, after)
        if at <= latest:
            return at
    raise NoInstant("is not a day of any year")


def bounded(at: datetime, collected_at: datetime, allowance: timedelta) -> datetime:
    """The instant itself; NoInstant when it lies before 2000, or later than it can have been collected."""
    if at < OLDEST:
        raise NoInstant("is a time before 2000")
    if at > collected_at + allowance:
        raise NoInstant("is a time after the collection itself")
    return at


def day(text: str, pattern: str | None = None, *, iso_too: bool = False) -> date:
    """A day from ISO 8601 or a strptime pattern; a workbook's own dates stay ISO whatever the pattern."""
    told = text.strip()
    try:
        if pattern is not None:
            try:
                return datetime.strptime(told, pattern).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                if not iso_too:
                    raise
        if iso_too and (cut := re.fullmatch(r"(\d{4}-\d{2}-\d{2})T00:00:00", told, re.ASCII)):
            told = cut[1]
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told, re.ASCII):
            raise NoInstant("is not a day as declared")
        return date.fromisoformat(told)
    except NoInstant:
        raise
    except ValueError as error:
        raise NoInstant("is not a day as declared") from error
