"""Tell people of gaps by mail, and systems by a webhook: what is due is put down first, then sent until it was taken.

Nothing is lost: what is to be told is a row before it is sent, and is tried again. Nothing is repeated: a person has
one digest a day, and is told of an event of a gap once; the keys of the rows keep it.
"""

from collections.abc import Callable, Sequence
from datetime import date

from controls.model import Words
from controls.record import event_of
from evidence.errors import ConfigError
from evidence.notice_settings import NoticeSettings
from evidence.period import midnight
from evidence.store import Transaction
from evidence.store.values import Letter, Notice
from house import House, slots
from house.delivery import PACE, Pace, addresses, deliver, enter
from house.following import Posted, as_seen
from house.standing import folded
from house.telling import Draft, Hours, at_once, digests, view, waiting
from reports import notices as texts

SCHEDULED = Words("予定した作業の実施", "Scheduled work is done")
News = Sequence[tuple[str, Draft]]
DIGEST = "digest"


def notify(house: House, pace: Pace = PACE) -> list[Letter]:
    """Put down what is due to be told, send what can be sent, and say what became of what was tried."""
    told = notices_of(house)
    if told.smtp is not None:
        make(house, told)
    return list(deliver(house, told, pace))


def notices_of(house: House) -> NoticeSettings:
    """The settings of notices; ConfigError where there are none."""
    if house.settings.notices is None:
        raise ConfigError("settings.yaml has no notices: nobody is told; docs/operations.md says how to set it up")
    return house.settings.notices


def make(house: House, told: NoticeSettings) -> list[Notice]:
    """Put down what is due to be told by mail and was not yet; nothing is written when there is nothing."""
    hours = Hours.at(house.clock.now().astimezone(house.zone), told, house.settings)
    with house.store.read() as tx:
        rows = [row for row in tx.gaps.open() if row.company in house.settings.codes]  # others have left the group
        silent = slots.silence(house, tx)
    known, reachable = list(folded([*map(event_of, rows), *silent]).values()), addresses(house)
    posted = Posted.today(house, known)
    gaps, natural = waiting(as_seen(house, known, posted), rows), posted.posts.staff.natural
    held = [w.opened for w in gaps if w.one.gap.held and w.opened is not None]
    with house.store.read() as tx:
        before = {event for (_, _, event), day in tx.notices.told(held).items() if day != hours.day}
        drafts = [
            *at_once(gaps, posted.posts, reachable, hours),
            *digests(gaps, posted.posts, reachable, hours, before),
        ]
        if not _news(house, tx, drafts, hours.day, natural) and not _stale(tx, hours.day):
            return []
    titles = {str(c.id): c.title for c in house.catalogue.controls} | {str(slots.CONTROL): SCHEDULED}
    masking = {code: house.masking(code) for code in house.settings.codes}
    made: list[Notice] = []
    with house.store.write() as tx:
        for old in _stale(tx, hours.day):
            _supersede(house, tx, old)
        for key, draft in _news(house, tx, drafts, hours.day, natural):
            body = texts.as_body(view(draft, hours.day, masking, titles, told.link))
            notice = Notice(key, "mail", draft.kind, draft.person, draft.companies, hours.day, draft.urgent, body)
            made.append(tx.notices.add(notice, draft.events))
    return made


def _news(house: House, tx: Transaction, drafts: Sequence[Draft], day: date, natural: Callable[[str], str]) -> News:
    """What nobody was told yet, under whatever key of theirs, under the keys that it will be known by."""
    told = tx.notices.told([event for one in drafts for event in one.events])
    seen = frozenset((kind, whom and natural(whom), event) for kind, whom, event in told)
    fresh = [(_key(one, day), one) for one in (draft.without(seen) for draft in drafts) if one.gaps]
    known = tx.notices.days([key for key, _ in fresh])
    had = {natural(one) for one in tx.notices.people(DIGEST, day, midnight(day, house.settings.zone))}
    return [(key, one) for key, one in fresh if key not in known and not (one.kind == DIGEST and one.person in had)]


def _key(draft: Draft, day: date) -> str:
    return f"{draft.kind}|{draft.person or ''}|{day if draft.kind == DIGEST else max(draft.events)}"


def _stale(tx: Transaction, day: date) -> list[Letter]:
    """Digests of days before that were not sent: each is of its day, and what still waits is in the next one."""
    return [letter for letter in tx.notices.waiting() if letter.notice.kind == DIGEST and letter.notice.day < day]


def _supersede(house: House, tx: Transaction, old: Letter) -> None:
    tx.notices.end(old.notice.key, 0, "superseded")
    enter(house, tx, old.notice, 0, "superseded")
    if old.tries:
        slots.untold(house, tx, old.notice.companies)
