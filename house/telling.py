"""Who is to be told of which gaps, and when: nothing here sends, and nothing here remembers.

What is critical goes at once to whom it falls to, each time that it is found; a gap that was escalated, at once to
who holds the post that it was escalated to; a mass failure, once, to the chief privacy officer and to nobody else. Who
holds a post is asked anew each time: whoever takes it over hears of what their predecessor was told, and nobody of what
is about themselves. The rest waits for the digest of the day.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from controls.answering import OFFICER, Posts
from controls.gaps import Key, key_of
from controls.matters import WORST_FIRST, Matter, merged
from controls.model import UNVERIFIED_SUBJECT, Gap, GapKind, Words
from controls.record import event_of
from evidence.notice_settings import NoticeSettings
from evidence.settings import Settings
from evidence.store.values import GapEventRow
from house.following import Followed
from registers.calendar import business_day_of
from reports.notices import MOST_MATTERS, MOST_NAMES, NoticeView, Titled, Told

CRITICAL = "critical"
FOUND = frozenset({GapKind.OPENED, GapKind.FOUND, GapKind.REGRESSED, GapKind.REFUTED})
NO_ADDRESS = (
    "次の件は、担当者がいないか、担当者の宛先が登録されていないため、この宛先に送っています。"
    " / Nobody answers for these, or no address of theirs is registered."
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A gap that waits for somebody, with the events that make it news."""

    one: Followed
    opened: int | None  # the event that opened it last; None: it is computed and never stored
    found: int | None  # the event by which judging found it last, for the first time or again
    escalations: tuple[tuple[int, str], ...] = ()  # since then: the event, and to which post


@dataclass(frozen=True, slots=True)
class News:
    """An event that is to be told, of which gap and for whom; somebody else is told where they have no address."""

    one: Followed
    whom: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person is to be told, before it is known what they were told already."""

    kind: str
    person: str | None  # None: whoever is told where nobody else can be
    gaps: tuple[Followed, ...]
    events: Mapping[int, News]  # what it tells of; a digest needs none

    def without(self, told: Collection[tuple[str, str | None, int]]) -> "Draft":
        """The rest of it, when some of its news was told before."""
        if not self.events:
            return self
        news = {
            event: one
            for event, one in self.events.items()
            if (self.kind, self.person, event) not in told and (self.kind, one.whom, event) not in told
        }
        return replace(self, gaps=_once(one.one for one in news.values()), events=news)

    @property
    def urgent(self) -> bool:
        """Whether it goes in quiet hours, too."""
        return self.kind != "digest" and any(one.gap.severity == CRITICAL for one in self.gaps)

    @property
    def companies(self) -> tuple[str, ...]:
        """Whose gaps it tells of."""
        return tuple(sorted({one.gap.company for one in self.gaps}))


@dataclass(frozen=True, slots=True)
class Hours:
    """A moment as people live it: the day, and for which companies it is a time to write."""

    day: date
    digest: bool  # whether the time of the digest has come
    awake: frozenset[str]  # companies that are written to now

    @staticmethod
    def at(local: datetime, told: NoticeSettings, settings: Settings) -> "Hours":
        """A moment in the company's zone, by the clock on the wall there."""
        day, time = local.date(), local.time()
        at_work = (c.code for c in settings.companies if business_day_of(day, c.closed_days) is not None)
        awake = frozenset() if told.quiet.covers(time) else frozenset(at_work)
        return Hours(day, time >= told.digest_at, awake)

    def may_write(self, companies: Iterable[str], *, urgent: bool = False) -> bool:
        """Whether somebody is written to about these companies now: what is critical always, else if one is awake."""
        return urgent or not self.awake.isdisjoint(companies)


def waiting(followed: Iterable[Followed], events: Iterable[GapEventRow]) -> list[Waiting]:
    """The gaps that wait for somebody, with what makes them news."""
    opened: dict[Key, int] = {}
    found: dict[Key, int] = {}
    escalated: dict[Key, list[tuple[int, str]]] = defaultdict(list)
    for row in events:
        key = (row.control, row.company, row.subject, row.aspect)
        if row.kind in FOUND:
            found[key] = row.seq or 0
        if row.kind in (GapKind.OPENED, GapKind.REGRESSED):
            opened[key] = row.seq or 0
            escalated.pop(key, None)
        elif row.kind == GapKind.ESCALATED:
            escalated[key].append((row.seq or 0, str(event_of(row).columns["role"])))
    waits = ((one, key_of(one.gap)) for one in followed if one.waits)
    return [Waiting(one, opened.get(key), found.get(key), tuple(escalated.get(key, ()))) for one, key in waits]


def at_once(gaps: Iterable[Waiting], posts: Posts, reachable: Collection[str], hours: Hours) -> Iterator[Draft]:
    """What is told at once, to each person in one mail of each kind."""
    found: dict[tuple[str, str | None, str | None], dict[int, News]] = defaultdict(dict)
    for w in gaps:
        gap = w.one.gap
        if not hours.may_write((gap.company,), urgent=gap.severity == CRITICAL):
            continue
        for kind, whom, event in _news(w, posts):
            cause = gap.cause if kind == "mass" else None
            found[kind, whom if whom in reachable else None, cause][event] = News(w.one, whom)
    for (kind, person, _), news in found.items():
        yield Draft(kind, person, _once(one.one for one in news.values()), news)


def _news(w: Waiting, posts: Posts) -> Iterator[tuple[str, str | None, int]]:
    """What is told of a gap without waiting for a digest: how, to whom, and by which event."""
    gap = w.one.gap
    if gap.held:
        if w.opened is not None:
            yield "mass", posts.holder(gap, OFFICER), w.opened
        return
    if gap.severity == CRITICAL and w.found is not None:
        yield "critical", _charged(w.one), w.found
    for event, role in w.escalations:
        yield "escalated", posts.holder(gap, role), event


def digests(
    gaps: Iterable[Waiting], posts: Posts, reachable: Collection[str], hours: Hours, told_before: Collection[int]
) -> Iterator[Draft]:
    """The digest of each person for whom something waits: what falls to them, and what was escalated to their post.

    A mass failure is in the officer's when it was told on a day before (``told_before``: the events that opened it).
    """
    if not hours.digest:
        return
    mine: dict[str | None, dict[Key, Followed]] = defaultdict(dict)
    for w in gaps:
        for whom in _concerned(w, posts, told_before):
            mine[whom if whom in reachable else None][key_of(w.one.gap)] = w.one
    for person, found in mine.items():
        draft = Draft("digest", person, tuple(found.values()), {})
        if hours.may_write(draft.companies):
            yield draft


def _concerned(w: Waiting, posts: Posts, told_before: Collection[int]) -> Iterator[str | None]:
    gap = w.one.gap
    if gap.held:
        if w.opened in told_before:
            yield posts.holder(gap, OFFICER)
        return
    yield _charged(w.one)
    yield from filter(None, (posts.holder(gap, role) for _, role in w.escalations))


def view(
    draft: Draft,
    day: date,
    masking: Mapping[str, Callable[[str], str]],
    titles: Mapping[str, Words],
    link: str | None,
) -> NoticeView:
    """What a notice says of a draft: matters, worst first, with pseudonyms."""
    gaps = [one.gap for one in draft.gaps]
    by_key = {key_of(one.gap): one for one in draft.gaps}
    matters = [
        _told(matter, by_key, masking[company], titles, draft)
        for company in draft.companies
        for matter in merged(gap for gap in gaps if gap.company == company)
    ]
    matters.sort(key=lambda m: (WORST_FIRST.index(m.severity), -m.overdue_days, m.due_on or date.max, m.controls[0].id))
    return NoticeView(
        draft.kind,
        day,
        len(gaps),
        sum(gap.severity == CRITICAL for gap in gaps),
        sum(one.overdue_days > 0 for one in draft.gaps),
        tuple(matters[:MOST_MATTERS]),
        max(len(matters) - MOST_MATTERS, 0),
        link,
        NO_ADDRESS if draft.person is None else None,
    )


def _told(
    matter: Matter,
    by_key: Mapping[Key, Followed],
    masked: Callable[[str], str],
    titles: Mapping[str, Words],
    draft: Draft,
) -> Told:
    ones = [by_key[key_of(gap)] for gap in matter.gaps]
    controls = sorted({gap.control for gap in matter.gaps})
    subjects = list(dict.fromkeys(gap.subject for gap in matter.gaps if gap.subject != UNVERIFIED_SUBJECT))
    charged = {one.charge.person for one in ones if one.charge} if draft.person is None else set()
    return Told(
        company=matter.gaps[0].company,
        severity=matter.severity,
        controls=tuple(Titled(control, titles.get(control, Words(control, control))) for control in controls),
        gaps=len(ones),
        subjects=tuple(map(masked, subjects[:MOST_NAMES])),
        subjects_in_all=len(subjects),
        departments=_departments(matter.gaps),
        due_on=matter.due_on,
        overdue_days=max(one.overdue_days for one in ones),
        returned=sum(gap.regressions > 0 for gap in matter.gaps),
        aspect=matter.gaps[0].aspect if len(ones) == 1 else None,
        cause=matter.cause,
        held=matter.held,
        escalated=any(gap.escalated for gap in matter.gaps),
        of=masked(charged.pop()) if len(charged) == 1 else None,
    )


def _departments(gaps: Sequence[Gap]) -> tuple[str | None, ...]:
    found = {gap.department for gap in gaps}
    return (*([None] if None in found else []), *sorted(one for one in found if one is not None))


def _charged(one: Followed) -> str | None:
    return one.charge.person if one.charge else None


def _once(gaps: Iterable[Followed]) -> tuple[Followed, ...]:
    return tuple({key_of(one.gap): one for one in gaps}.values())
