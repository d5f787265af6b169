"""Time stamps of the companies' heads: an authority outside of the house says when each was there, once a day.

What it answers is kept as it came, with an entry of the ledger. An authority that fails is told there, and by who looks
(``tenken doctor``, ``tenken ledger verify``); it stops nothing.
"""

import hashlib
import http.client
import ssl
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from evidence import ledger
from evidence.errors import ConfigError
from evidence.reach import refuse
from evidence.settings import TimestampSettings
from evidence.store import Transaction
from evidence.store.values import TimestampRow
from house import House
from house.post import TIMEOUT_SECONDS, within

if TYPE_CHECKING:
    from evidence.ledger.timestamp import Trusted

KIND = "timestamp"  # of the ledger's entry
LARGEST = 1 << 20  # bytes of an answer


def stamp(house: House) -> list[str]:
    """Have the newest head of each company stamped that was not today; what failed, in words."""
    told, failed = house.settings.timestamps, list[str]()
    if told is None:
        return failed
    for log in map(ledger.log_of, house.settings.codes):
        with house.store.read() as tx:
            head, last = tx.checkpoints.latest(log), tx.timestamps.good(log)
        if head is None or (last and _day(house, last) == house.today):
            continue
        token, reason = _asked(house, told, head[1].encode())
        with house.store.write() as tx:
            _keep(tx, TimestampRow(log, head[0], token, reason))
        if reason:
            failed.append(f"{log}: no time stamp: {reason}")
    return failed


def standing(house: House) -> list[str]:
    """Why the newest head of a company has no time stamp of an authority, though it was asked; empty when all have."""
    failing = []
    with house.store.read() as tx:
        for log in map(ledger.log_of, house.settings.codes) if house.settings.timestamps else ():
            if (stamps := tx.timestamps.all(log)) and stamps[-1].reason:
                since = next((str(_day(house, one)) for one in reversed(stamps) if one.reason is None), "ever")
                failing.append(f"{log}: not stamped since {since}: {stamps[-1].reason}")
    return failing


def wrong(house: House, tx: Transaction, log: str) -> list[str]:
    """The kept time stamps of a log that do not prove what they are kept for."""
    told = house.settings.timestamps
    if told is None:
        return []
    heads, trusted = tx.checkpoints.all(log), _trusted(house, told)
    problems = []
    for one in tx.timestamps.all(log):
        if one.reason is None:
            why = [_why(trusted, one, signed) for size, signed in heads if size == one.size]
            if None not in why:
                problems.append(f"{log}: time stamp of {one.size}: {why[0] if why else 'no such head was signed'}")
    return problems


def chain(house: House) -> bytes | None:
    """What the authority is believed by; None when none is asked."""
    told = house.settings.timestamps
    return _trusted(house, told).content() if told else None


def _why(trusted: "Trusted", one: TimestampRow, signed: str) -> str | None:
    try:
        return trusted.wrong(one.token or b"", signed.encode())
    except ConfigError as error:
        return str(error)


def _asked(house: House, told: TimestampSettings, message: bytes) -> tuple[bytes | None, str | None]:
    """What the authority answered about a message, and why it does not count."""
    from evidence.ledger import timestamp  # its library, for those who have an authority

    question, token = timestamp.request(message), None
    try:
        token, reason = _posted(told.url, question.as_bytes())
        return token, reason or _trusted(house, told).wrong(token or b"", message, question)
    except ConfigError as error:
        return token, str(error)


def _posted(url: str, body: bytes) -> tuple[bytes | None, str | None]:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        with within(TIMEOUT_SECONDS):
            connection.request("POST", path, body, {"Content-Type": "application/timestamp-query"})
            with connection.getresponse() as response:
                content = response.read(LARGEST)
                return (content, None) if response.status == http.client.OK else (None, f"HTTP {response.status}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, f"connection: {type(error).__name__}"
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    refuse(host)
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)


def _day(house: House, one: TimestampRow) -> date | None:
    return one.recorded_at and one.recorded_at.astimezone(house.zone).date()


def _keep(tx: Transaction, one: TimestampRow) -> None:
    tx.timestamps.add(one)
    digest = hashlib.sha256(one.token).hexdigest() if one.token else None
    entry = {"kind": KIND, "actor": "tenken", "size": one.size, "token": digest, "reason": one.reason}
    tx.ledger.append(one.log, entry, f"{KIND}|{one.log}|{tx.at.isoformat()}")


def _trusted(house: House, told: TimestampSettings) -> "Trusted":
    from evidence.ledger.timestamp import Trusted

    return Trusted(house.home / told.chain)
