"""OpenSSH's lines of an authentication log, as rsyslog or journald write them, one row an attempt.

Stamps are ISO 8601 or the classic ones without a year. One attempt is one row: after ``Invalid user`` the first
``Failed`` line of that connection tells the same attempt again, and ``maximum authentication attempts`` counts only
where no failure was told before. Both look backward only, so that a log that has grown reads the same; a year that is
not written is counted back from the file's end over every turn of the year in it, so that a log older than a year reads
the same, too. Lines of other
programs are skipped and counted, but for those that stop a log (TEC: the act that hides all others). Of a log that is
still being written a last line without its line feed is left for the next collection; of another it is a reject.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from collectors import stamps
from collectors.formats import BATCH_ROWS, End, Layout, Part, Reject, Unreadable, placed
from collectors.formats.text import byte_lines
from collectors.formats.years import Years
from collectors.stamps import NoInstant
from evidence.vault import StoredObject

SCHEMA = pa.schema(
    [
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("time_basis", pa.string()),
        ("host", pa.string()),
        ("connection", pa.string()),
        ("account_id", pa.string()),
        ("action", pa.string()),
        ("operation", pa.string()),
        ("target", pa.string()),
        ("result", pa.string()),
        ("source_ip", pa.string()),
    ]
)
CLASSIC = re.compile(
    r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<h>\d{2}):(?P<m>\d{2}):(?P<s>\d{2}) ", re.ASCII
)
DATED = re.compile(r"(?P<iso>\d{4}-\d{2}-\d{2}T\S{5,40}) ", re.ASCII)
TAGGED = re.compile(r"(?P<host>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: ?(?P<text>.*)", re.ASCII | re.DOTALL)
SSHD = frozenset({"sshd", "sshd-session", "sshd-auth"})
REPEATED = re.compile(r"message repeated (\d{1,6}) times: \[ ?(.*)\]", re.ASCII | re.DOTALL)
FROM = r" from (?P<ip>\S+) port (?P<port>\d+)"
ACCEPTED = re.compile(rf"Accepted (?P<method>\S+) for (?P<user>.*){FROM}(?: ssh2)?(?:: .*)?", re.ASCII)
FAILED = re.compile(
    rf"Failed (?P<method>\S+) for (?P<inv>invalid user )?(?P<user>.*){FROM}(?: ssh2)?(?:: .*)?", re.ASCII
)
INVALID = re.compile(r"Invalid user (?P<user>.*) from (?P<ip>\S+)(?: port (?P<port>\d+))?", re.ASCII)
MAXIMUM = re.compile(
    rf"(?:error: )?maximum authentication attempts exceeded for (?P<inv>invalid user )?(?P<user>.*){FROM}"
    r"(?: ssh2)?(?: \[preauth\])?",
    re.ASCII,
)
LOGS = r"(?:rsyslog(?:d)?|auditd|systemd-journald|syslog-ng|syslog)(?:\.service|\.socket)?"
STOPS = (
    (
        "systemd",
        re.compile(rf"Stopped (?P<target>{LOGS}|System Logging Service|Security Auditing Service)\b.*", re.ASCII),
    ),
    ("auditd", re.compile(r"The audit daemon is exiting\..*|.*\bauditd .*(?:stopping|exiting).*", re.ASCII)),
    ("rsyslogd", re.compile(r".*\bexiting on signal \d+\.?", re.ASCII)),
    ("syslog-ng", re.compile(r"syslog-ng shutting down.*", re.ASCII)),
)
DAEMONS = (
    ("audit", "auditd"),  # also "Security Auditing Service"
    ("journal", "journald"),
    ("syslog-ng", "syslog_ng"),
    ("syslog", "rsyslog"),
    ("system logging", "rsyslog"),
)
SUDO = re.compile(r"(?P<user>\S+) : .*\bCOMMAND=(?P<command>.*)", re.ASCII)
STOP_COMMANDS = tuple(
    re.compile(rf"\S*?{act}(?:\s.*)?", re.ASCII)
    for act in (
        rf"systemctl (?:\S+ )*?(?:stop|disable|mask|kill) (?:\S+ )*?(?P<target>{LOGS})",
        rf"service (?P<target>{LOGS}) stop",
        rf"(?:pkill|killall) (?:\S+ )*?(?P<target>{LOGS})",
        r"(?P<target>audit)ctl (?:-e ?0|-D)",
    )
)
CUT = "a last line that is cut off; write `growing: true` into the source if the log is still being written"
LONGEST, LONGEST_COMMAND = 32 << 10, 1_000  # no log writes longer lines; what follows cannot take long over one
MOST_CONNECTIONS = 10_000
MOST_REPEATS = 100_000


def read(objects: Sequence[StoredObject], layout: Layout) -> Iterator[Part]:
    """Read log objects into rows of ``SCHEMA``."""
    for stored in objects:
        yield from _Log(stored, layout).parts()


@dataclass(slots=True)
class _Log:
    stored: StoredObject
    layout: Layout
    zone: ZoneInfo | None = None
    latest: datetime | None = None  # the newest instant so far: what decides file order
    number: int = 0  # of the line at hand
    years: Years | None = None  # of lines that do not write theirs
    told: OrderedDict[str, bool] = field(default_factory=OrderedDict)  # connection → was its last line "Invalid user"
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def parts(self) -> Iterator[Part]:
        if self.layout.zone is not None:
            self.zone = ZoneInfo(self.layout.zone)
        count, skipped = 0, 0
        for number, line in enumerate(byte_lines(self.stored), start=1):
            if self.layout.growing and not line.endswith(b"\n"):
                break
            count += 1
            if not line.endswith(b"\n"):
                yield Reject(self.stored.digest, None, number, None, CUT)
                continue
            self.number = number
            try:
                found = self._line(_shown(line))
            except NoInstant as error:
                yield Reject(self.stored.digest, None, number, None, str(error))
                continue
            skipped += not found
            self.rows += found
            self.numbers += [number] * len(found)
            if len(self.rows) >= BATCH_ROWS:
                yield self._batch()
        if self.rows:
            yield self._batch()
        yield End(self.stored.digest, count, skipped)

    def _line(self, line: str) -> list[tuple[Any, ...]]:
        if len(line) > LONGEST:
            raise NoInstant("a line longer than any log writes")
        dated = DATED.match(line)
        classic = None if dated else CLASSIC.match(line)
        stamp = dated or classic
        if stamp is None:
            raise NoInstant("a line without a time; let sshd log through syslog or journald, not with -E")
        tagged = TAGGED.fullmatch(line, stamp.end())
        if tagged is None:
            raise NoInstant("a line without host and program")
        at, basis = self._dated(dated) if dated else self._classic(stamp)
        if self.latest is not None and at < self.latest - timedelta(seconds=self.layout.drift_s):
            raise NoInstant("a time further back than a log may run")
        self.latest = max(at, self.latest or at)
        text, times = tagged["text"], 1
        if repeated := REPEATED.fullmatch(text):
            times, text = min(int(repeated[1]), MOST_REPEATS), repeated[2].rstrip()
        row = self._sshd(tagged, text) if tagged["program"] in SSHD else _stop(tagged["program"], text)
        if row is None:
            return []
        connection = f"{tagged['program']}[{tagged['pid'] or ''}]"
        return [(at, basis, tagged["host"], connection, *row)] * times

    def _dated(self, stamp: re.Match[str]) -> tuple[datetime, str]:
        return stamps.read(stamp["iso"], self.zone)

    def _classic(self, stamp: re.Match[str]) -> tuple[datetime, str]:
        if self.zone is None:
            raise Unreadable(self.stored, 1, "times without a zone; declare the source's zone")
        if self.stored.modified is None:
            raise Unreadable(self.stored, 1, "times without a year, and the source does not say when the file ends")
        month = stamps.MONTHS.get(stamp["month"])
        if month is None:
            raise NoInstant("a line without a time that exists")
        written = (month, int(stamp["day"]), int(stamp["h"]), int(stamp["m"]), int(stamp["s"]))
        if self.years is None:
            self.years = Years.of(self.stored, self.zone, self.stored.modified)
        newest = self.years.newest(self.number)
        return stamps.without_year(written, self.zone, self.stored.modified, self.latest, newest), stamps.YEAR_INFERRED

    def _sshd(self, tagged: re.Match[str], text: str) -> tuple[Any, ...] | None:
        connection = f"{tagged['host']} {tagged['pid']}"
        if said := ACCEPTED.fullmatch(text):
            return (said["user"], "login_ok", said["method"], None, "ok", said["ip"])
        if said := INVALID.fullmatch(text):
            self._remember(connection, is_first=True)
            return (said["user"], "login_ng", "invalid user", None, "denied", said["ip"])
        if said := FAILED.fullmatch(text):
            if said["method"] == "none":  # a client asking which methods there are, no attempt
                return None
            again = self.told.get(connection, False) and said["inv"] is not None
            self._remember(connection, is_first=False)
            return None if again else (said["user"], "login_ng", said["method"], None, "denied", said["ip"])
        if (said := MAXIMUM.fullmatch(text)) and connection not in self.told:
            self._remember(connection, is_first=False)
            return (said["user"], "login_ng", "maximum attempts", None, "denied", said["ip"])
        return None

    def _remember(self, connection: str, *, is_first: bool) -> None:
        self.told[connection] = is_first
        self.told.move_to_end(connection)
        if len(self.told) > MOST_CONNECTIONS:
            self.told.popitem(last=False)

    def _batch(self) -> pa.RecordBatch:
        columns = zip(*self.rows, strict=True)
        arrays = {one.name: pa.array(cells, one.type) for one, cells in zip(SCHEMA, columns, strict=True)}
        told = placed(self.stored, None, self.numbers, arrays)
        self.rows, self.numbers = [], []
        return told


def _stop(program: str, text: str) -> tuple[Any, ...] | None:
    """A row when this line says that a log was stopped, or that somebody told it to."""
    if program == "sudo":
        said = SUDO.fullmatch(text.strip())
        for pattern in STOP_COMMANDS if said else ():
            if said and (command := pattern.fullmatch(said["command"][:LONGEST_COMMAND])):
                return (said["user"], "admin", *_stopped(command["target"]), "ok", None)
        return None
    for name, pattern in STOPS:
        if program == name and (stop := pattern.fullmatch(text)):
            target = stop.groupdict().get("target") or program
            return (program, "admin", *_stopped(target), "ok", None)
    return None


def _stopped(log: str) -> tuple[str, str]:
    """The operation, under one name for each log daemon, and what was stopped."""
    word = log.removesuffix(".service").removesuffix(".socket").lower()
    daemon = next((daemon for part, daemon in DAEMONS if part in word), word)
    return f"{daemon}_stop", daemon


def _shown(line: bytes) -> str:
    """A line as text: what is no UTF-8 or does not print is written out, so that none poses as another."""
    text = line.rstrip(b"\r\n").decode("utf-8", errors="backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
