"""Send what was put down until it is taken, and record each attempt: before it, and what became of it.

Who makes an attempt puts its number down first; who comes second finds it taken. Only where a process ends between the
server's answer and our record is a notice sent again, with the same Message-ID or ``Tenken-Delivery``.
"""

import hashlib
import hmac
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property

import rfc8785

from controls.severities import severities
from evidence import ledger, persons
from evidence.errors import AlreadyDone, ConfigError, FencedOff
from evidence.notice_settings import NoticeSettings, is_address
from evidence.references import resolver
from evidence.store import Transaction
from evidence.store.values import Letter, Notice
from house import House, newest, slots
from house.hook import Hook
from house.post import Answer, MailServer, Ready, trust
from house.telling import Hours
from reports import events, notices

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)  # commit times may be ahead of the clock by a little
MAIL, WEBHOOK = "mail", "webhook"
BATCH = 200  # events of one delivery
ROUND = timedelta(minutes=4)  # how long one round goes on beginning attempts
REFUSED = (
    "担当者({}) の宛先が受け取りを拒否したため、この宛先に送っています。"
    " / The address of whom this falls to refused it."
)
UNKNOWN = (
    "担当者({}) の宛先が登録されていないため、この宛先に送っています。"
    " / No address is registered of whom this falls to."
)


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient sending is."""

    lease: timedelta = timedelta(minutes=10)  # an attempt without result for so long was given up by its process
    pauses: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))  # then the last, again
    patience: timedelta = timedelta(hours=72)  # how long a mail is tried


PACE = Pace()


@dataclass(frozen=True)
class Round:
    """What one round of sending knows: the settings, how patient it is, and the addresses of now."""

    house: House
    told: NoticeSettings
    pace: Pace

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        """By person; read only when there is something to send."""
        return addresses(self.house)

    @cached_property
    def natural(self) -> Callable[[str], str]:
        """The key that a person has now, of one that they had when a notice was put down."""
        return self.house.keys().of_person


def deliver(house: House, told: NoticeSettings, pace: Pace = PACE) -> Iterator[Letter]:
    """Send what waits and may be sent now; each notice that was tried, with what became of it."""
    this = Round(house, told, pace)
    end, cut_off = house.clock.monotonic() + ROUND.total_seconds(), set[str]()
    for letter in _due(this):
        channel = letter.notice.channel
        if channel in cut_off or house.clock.monotonic() > end:
            continue
        answer = _attempt(this, letter)
        if answer is not None:
            yield _letter(house, letter.notice.key)
            cut_off |= set() if answer.reached else {channel}
    while told.webhook is not None and house.clock.monotonic() <= end:
        batch = _next_batch(house)
        if batch is None or (answer := _attempt(this, Letter(batch))) is None:
            return
        yield _letter(house, batch.key)
        if answer.outcome != "sent":
            return


def addresses(house: House) -> dict[str, str]:
    """The mail address of each person who has one that can be written to; it is never kept, and never told."""
    rows = newest(house, ("person_identities",)).rows("person_identities")
    mails = [row for row in rows if row["identifier_kind"] == MAIL and is_address(str(row["identifier"]))]
    found = sorted(mails, key=lambda row: str(row["identity_key"]), reverse=True)
    natural = house.keys().of_person
    return {natural(str(row["person_key"])): str(row["identifier"]) for row in found}


def mail_server(house: House, told: NoticeSettings) -> MailServer:
    """The server that takes mail; ConfigError where there is none."""
    if told.smtp is None or told.sender is None:
        raise ConfigError("settings.yaml: notices names no smtp; say which server takes mail")
    return MailServer(told.smtp, told.sender, trust(house.home, told.ca), resolver(house.home))


def hook(house: House, told: NoticeSettings) -> Hook:
    """Where events are posted to; ConfigError where there is none."""
    if told.webhook is None:
        raise ConfigError("settings.yaml: notices names no webhook; say where events are posted to")
    return Hook(told.webhook, trust(house.home, told.ca), resolver(house.home))


def delivery_id(house: House, key: str) -> str:
    """What a notice is called outside: the same at each attempt, and it tells nothing of its key."""
    return hmac.new(_secret(house), b"notice\0" + key.encode(), hashlib.sha256).hexdigest()[:32]


def due_at(letter: Letter, pace: Pace) -> datetime:
    """When the next attempt at a notice may be made: by how many failed, or when the last one has lost its process."""
    if not letter.tries:
        return AT_ONCE
    last = letter.tries[-1]
    if last.ended_at is not None:
        return last.ended_at + pace.pauses[min(len(letter.tries), len(pace.pauses)) - 1]
    return (last.begun_at or AT_ONCE) + pace.lease


def enter(house: House, tx: Transaction, notice: Notice, number: int, outcome: str) -> None:
    """The ledger entry of an attempt: who was told how much by pseudonym, and not why it failed."""
    company = notice.companies[0] if len(notice.companies) == 1 else None
    log = ledger.log_of(company) if company else ledger.GROUP
    entry = {
        "kind": "notice",
        "actor": "tenken",
        "channel": notice.channel,
        "notice": notice.kind,
        "person": pseudonym(house, notice),
        "gaps": notice.body["gaps"],
        "outcome": outcome,
        "attempt": number,
    }
    tx.ledger.append(log, entry, f"notice|{delivery_id(house, notice.key)}|{number}")


def pseudonym(house: House, notice: Notice) -> str | None:
    """Who was told, as the company calls them outside, or the group where several are concerned."""
    if notice.person_key is None:
        return None
    company = notice.companies[0] if len(notice.companies) == 1 else "group"
    return persons.pseudonym(_secret(house), company, notice.person_key)


def _due(this: Round) -> list[Letter]:
    """What waits and may be sent now, what was due first before the rest."""
    house, told = this.house, this.told
    now = house.clock.now()
    hours = Hours.at(now.astimezone(house.zone), told, house.settings)
    with house.store.read() as tx:
        waits = tx.notices.waiting()
    found = []
    for letter in waits:
        notice, at = letter.notice, due_at(letter, this.pace)
        if notice.channel == WEBHOOK:
            may = told.webhook is not None
        else:
            stale = notice.kind == "digest" and notice.day < hours.day
            may = told.smtp is not None and not stale and hours.may_write(notice.companies, urgent=notice.urgent)
        if may and at <= now:
            found.append((at, letter))
    return [letter for _, letter in sorted(found, key=lambda one: one[0])]


def _attempt(this: Round, letter: Letter) -> Answer | None:
    """Make one attempt; None when somebody else makes it, or made it."""
    house, notice, number = this.house, letter.notice, len(letter.tries) + 1
    begun = house.clock.monotonic()
    if not begin(house, letter, number):
        return None

    def ready() -> None:
        if house.clock.monotonic() - begun > this.pace.lease.total_seconds() / 2:
            raise FencedOff("this process stood still for so long that another one may be sending by now")

    try:
        answer = _mailed(this, notice, ready) if notice.channel == MAIL else _posted(this, notice, ready)
    except (ConfigError, FencedOff) as error:
        answer = Answer("failed", str(error), reached=False)
    _record(this, notice, number, answer)
    return answer


def begin(house: House, letter: Letter, number: int) -> bool:
    """Put an attempt down before anything is sent; False when it is not ours to make."""
    try:
        with house.store.write() as tx:
            now = tx.notices.letter(letter.notice.key)
            if now.outcome is not None or len(now.tries) != len(letter.tries):
                return False
            tx.notices.begin(letter.notice.key, number, f"{socket.gethostname()}:{os.getpid()}")
    except AlreadyDone:
        return False
    return True


def _mailed(this: Round, notice: Notice, ready: Ready) -> Answer:
    house, told = this.house, this.told
    server, view = mail_server(house, told), notices.of_body(notice.body)
    to = this.addresses.get(this.natural(notice.person_key or ""))
    if to is None:
        to = str(told.fallback)
        view = view if notice.person_key is None else replace(view, instead=UNKNOWN.format(pseudonym(house, notice)))
    identity = delivery_id(house, notice.key)
    message = notices.mail(notices.render(view), server.sender, to, house.clock.now().astimezone(house.zone), identity)
    return server.send(message, to, ready)


def _posted(this: Round, notice: Notice, ready: Ready) -> Answer:
    house = this.house
    body = rfc8785.dumps(dict(notice.body["payload"]))
    return hook(house, this.told).post(body, delivery_id(house, notice.key), house.clock.now(), ready)


def _record(this: Round, notice: Notice, number: int, answer: Answer) -> None:
    """What became of an attempt; what nobody took goes to the fallback, and else is a gap."""
    house, outcome = this.house, answer.outcome
    late = notice.made_at is not None and house.clock.now() - notice.made_at >= this.pace.patience
    if outcome == "failed" and late and notice.channel == MAIL:
        outcome = "given_up"
    with house.store.write() as tx:
        tx.notices.end(notice.key, number, outcome, answer.reason)
        enter(house, tx, notice, number, outcome)
        if outcome == "refused" and notice.person_key is not None:
            view = replace(notices.of_body(notice.body), instead=REFUSED.format(pseudonym(house, notice)))
            key, body = f"{notice.key}|fallback", notices.as_body(view)
            if key not in tx.notices.days([key]):
                tx.notices.add(replace(notice, key=key, person_key=None, body=body, made_at=None))
        elif outcome in ("refused", "given_up") or (late and outcome == "failed"):
            slots.untold(house, tx, notice.companies)


def _next_batch(house: House) -> Notice | None:
    """Put down the next events to be posted, when those before were; None when there are none."""
    with house.store.read() as tx:
        if (last := _last_event(tx)) is None or not tx.gaps.after(last, 1):
            return None
    graves = {**severities(), slots.CONTROL: "high"}
    with house.store.write() as tx:
        last = _last_event(tx)
        rows = [] if last is None else tx.gaps.after(last, BATCH)
        if last is None or not rows:
            return None
        masking = {company: house.masking(company) for company in {row.company for row in rows}}  # also of who left
        key = f"webhook|{last}"
        payload = events.payload(rows, last, delivery_id(house, key), masking, graves)
        body = {"gaps": len(rows), "last": rows[-1].seq, "payload": payload}
        return tx.notices.add(
            Notice(key, WEBHOOK, "events", None, events.companies(rows), house.today, urgent=True, body=body)
        )


def _last_event(tx: Transaction) -> int | None:
    """The last event that was posted, 0 when none ever was; None while a delivery is not done: the order is kept."""
    last = tx.notices.last(WEBHOOK)
    if last is None:
        return 0
    return int(last.body["last"]) if tx.notices.letter(last.key).outcome is not None else None


def _letter(house: House, key: str) -> Letter:
    with house.store.read() as tx:
        return tx.notices.letter(key)


def _secret(house: House) -> bytes:
    return persons.load_secret(house.home / "keys" / "secret")
