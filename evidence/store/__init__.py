"""The store: what was collected, judged, written down and done, in one database that only grows.

All SQLAlchemy stays behind this door; other rooms see the values of ``evidence.store.values``. A write transaction
gets its commit time from the store, later than every earlier one, so "known at" a moment always means the same rows.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, func, insert, inspect, select, table
from sqlalchemy.exc import DBAPIError

from evidence.ballast import NAME, ROOM, Ballast
from evidence.clock import Clock
from evidence.errors import ConfigError, IntegrityError, NoRoom, StoreUnavailable, TenkenError
from evidence.store import copies
from evidence.store.closes import Closes
from evidence.store.credentials import Credentials
from evidence.store.engine import WAIT_SECONDS, Mode, connect, during
from evidence.store.facts import FactFiles
from evidence.store.gaps import GapEvents
from evidence.store.judgements import Judgements
from evidence.store.ledger import Checkpoints, Ledger, Timestamps
from evidence.store.notices import Notices
from evidence.store.object_keys import ObjectKeys
from evidence.store.objects import Objects
from evidence.store.readings import Readings
from evidence.store.registers import Registers
from evidence.store.rows import Rows
from evidence.store.runs import Rejects, Runs
from evidence.store.slots import Leases, Slots, hold
from evidence.store.tables import REVISION, CommitTable
from evidence.store.values import Claim

__all__ = ["Store", "Transaction"]

TICK = timedelta(microseconds=1)
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")
VERSIONS = table("alembic_version", column("version_num", String))
BUSY = ("SQLITE_BUSY", "55P03")
FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")


class Transaction:
    """One transaction and its repositories; of no use after its ``with`` block."""

    __slots__ = (
        "_rows",
        "checkpoints",
        "closes",
        "credentials",
        "facts",
        "gaps",
        "judgements",
        "ledger",
        "notices",
        "objects",
        "readings",
        "registers",
        "rejects",
        "runs",
        "slots",
        "timestamps",
    )

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.credentials = Credentials(rows)
        self.runs = Runs(rows)
        self.rejects = Rejects(rows)
        self.objects = Objects(rows)
        self.readings = Readings(rows)
        self.facts = FactFiles(rows)
        self.registers = Registers(rows)
        self.judgements = Judgements(rows)
        self.gaps = GapEvents(rows)
        self.slots = Slots(rows)
        self.closes = Closes(rows)
        self.notices = Notices(rows)
        self.ledger = Ledger(rows)
        self.checkpoints = Checkpoints(rows)
        self.timestamps = Timestamps(rows)

    @property
    def last_at(self) -> datetime | None:
        """The commit time; None where nothing was ever committed."""
        return self._rows.last_at

    def was_committed(self, at: datetime) -> bool:
        """Whether a transaction ended at a moment: not in a database that was put back to before it."""
        return self._rows.execute(select(CommitTable.at).where(CommitTable.at == at)).first() is not None

    @property
    def at(self) -> datetime:
        """The commit time: of this transaction when it writes, the newest one that it sees when it reads."""
        return self._rows.at


class Store:
    """One database; threads and processes may share it, one of them writes at a time."""

    def __init__(self, engine: Engine, clock: Clock, claim: Claim | None = None) -> None:
        self._engine = engine
        self._engines = {mode: during(engine, mode) for mode in Mode}
        self._clock = clock
        self._claim = claim
        self._current = False

    @staticmethod
    def open(url: str, clock: Clock) -> "Store":
        """Open a database by its address; nothing is read or made before the first transaction."""
        return Store(connect(url), clock)

    def under(self, claim: Claim) -> "Store":
        """The same database for one attempt at a slot: FencedOff when it writes after somebody else began another."""
        return Store(self._engine, self._clock, claim)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def is_new(self) -> bool:
        """Whether the database has no tables of ours yet."""
        with self._begun(Mode.READ) as connection:
            return _revision(connection) is None

    def upgrade(self) -> None:
        """Bring the tables to the version of this program; harmless when they are."""
        with self._begun(Mode.READ) as connection:
            if _revision(connection) == REVISION:
                return
        from evidence.store import schema  # alembic is needed here only, and costs a start of the program much

        with self._begun(Mode.MIGRATE) as connection:
            schema.upgrade(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Write: all of it is committed at the end of the block, or none of it when the block raises.

        Waits for other writers; do not open a second one inside the block.
        """
        with self._begun(Mode.WRITE) as connection:
            self._check(connection)
            at = self._next(connection)
            connection.execute(insert(CommitTable), {"at": at})
            rows = Rows(connection, at, writable=True)
            if self._claim is not None:
                hold(rows, self._claim)
            yield Transaction(rows)
            if rows.refused is not None:
                raise rows.refused

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Read one consistent snapshot, whatever is written meanwhile."""
        with self._begun(Mode.READ) as connection:
            self._check(connection)
            yield Transaction(Rows(connection, _newest(connection), writable=False))

    @contextmanager
    def copied(self, to: Path) -> Iterator[tuple[Transaction, copies.Copy]]:
        """Write the whole database into a new file, and read the one snapshot that this file holds."""
        with self._begun(Mode.READ) as connection:
            self._check(connection)
            transaction = Transaction(Rows(connection, _newest(connection), writable=False))
            yield transaction, copies.write(connection, to)

    @contextmanager
    def lease(self) -> Iterator[Leases]:
        """Settle who serves which slot; it brings no evidence, so it is no commit and waits for no writer."""
        with self._begun(Mode.LEASE) as connection:
            self._check(connection)
            yield Leases(connection, self._clock.now())

    @property
    def ballast(self) -> Ballast | None:
        """What is kept free beside the database; None where it lies on no disk of ours."""
        url = self._engine.url
        is_file = url.get_backend_name() == "sqlite" and url.database
        return Ballast(Path(str(url.database)).with_name(NAME)) if is_file else None

    @property
    def object_keys(self) -> ObjectKeys:
        """The keys of sealed objects."""
        return ObjectKeys(self._checked)

    def last_commit(self) -> datetime | None:
        """The newest commit time: what a reader who asks for nothing else should take as ``known_at``."""
        with self._begun(Mode.READ) as connection:
            self._check(connection)
            return _newest(connection)

    def truncate_log(self) -> None:
        """Let no copy of a page from before lie on in SQLite's log; PostgreSQL's VACUUM is its administrator's."""
        if self._engine.dialect.name == "sqlite":
            connection = self._engine.raw_connection()  # in no transaction: one would be in its own way
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    @contextmanager
    def _checked(self, mode: Mode) -> Iterator[Connection]:
        with self._begun(mode) as connection:
            self._check(connection)
            yield connection

    @contextmanager
    def _begun(self, mode: Mode) -> Iterator[Connection]:
        try:
            with ExitStack() as held:
                try:
                    connection = held.enter_context(self._engines[mode].begin())
                except DBAPIError as error:
                    if not isinstance(self._trouble(error), NoRoom):
                        raise
                    connection = held.enter_context(self._engines[mode].begin())  # now there is some
                yield connection
        except DBAPIError as error:
            raise self._trouble(error) from error

    def _next(self, connection: Connection) -> datetime:
        now = self._clock.now()
        if now.utcoffset() is None:
            raise ValueError(f"the clock says {now}, without a zone; hand in one that gives aware times")
        newest = _newest(connection)
        return now.astimezone(UTC) if newest is None else max(now.astimezone(UTC), newest + TICK)

    def _check(self, connection: Connection) -> None:
        if self._current:
            return
        if (found := _revision(connection)) != REVISION:
            state = (
                "has no tables of ours" if found is None else f"is at version {found}, this program needs {REVISION}"
            )
            raise ConfigError(f"{self._engine.url}: the database {state}; run `tenken db upgrade`")
        self._current = True

    def _trouble(self, error: DBAPIError) -> TenkenError:
        orig = error.orig
        name = str(getattr(orig, "sqlite_errorname", None) or getattr(orig, "sqlstate", None) or "")
        what = f"{self._engine.url}: {str(orig).splitlines()[0] if str(orig) else type(orig).__name__}"
        if name.startswith(DAMAGED) or (self._current and what.find(": no such ") > 0):  # its version was right
            return IntegrityError(f"{what}; stop, and restore the database from a backup")
        if name in FULL and self.ballast is not None:
            self.ballast.let_go()
            return NoRoom(f"{what}; nothing is stored until {ROOM >> 20} MiB are free, see docs/operations.md")
        if name.startswith(BUSY):
            return StoreUnavailable(f"{what}; another process has been writing for {WAIT_SECONDS} s, try again later")
        return StoreUnavailable(f"{what}; check the database's address, its disk and its rights, then try again")


def _newest(connection: Connection) -> datetime | None:
    return connection.execute(select(func.max(CommitTable.at))).scalar()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS.name):
        return None
    return connection.execute(select(VERSIONS.c.version_num)).scalar()
