"""Acts of the product in a process that is forked when all is imported: to be killed, or to have a system call fail.

What was done is told by a line in a file that is on the disk before anything else is done: only that is acknowledged.
Faults (protections removed): ``late_key``: the key of an object is kept after what it was stored for was told;
``torn``: an object is written where it will lie, and slowly; ``released_first``: a signature is told before it is
remembered, and never is; ``undone``: the head of a log is signed with an entry that is not committed yet;
``hopeful``: a commit that was cut off is taken for one that was made.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

from collectors.collect import Collected
from evidence.errors import StoreUnavailable, TenkenError
from evidence.ledger import GROUP, log_of, note, signer
from evidence.period import Period
from evidence.store import Store, Transaction
from evidence.vault import Digest, folder
from evidence.vault.folder import FolderVault
from evidence.vault.keys import DataKeys
from evidence.vault.sealed import Sealing
from house import House, day, heads, open_house
from house.handout import Released, create_pack, deliver_raw
from reports.pack.envelope import recipient_at
from tests.faults import driver, homes

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.faults.preloaded"])
LOOKING = Lock()  # how a process ended can be read once: of two threads that look, one is told 255
FAILED = 3
write = Store.write
Ack = Callable[[str], None]


@dataclass
class Actor:
    """One process that acts in a home when it is told to."""

    home: Path
    act: str
    faults: str = ""
    given: tuple[str, ...] = ()
    process: "ForkServerProcess" = field(init=False)
    _told: Connection = field(init=False)

    def __enter__(self) -> "Actor":
        """Begin it; it has opened its home, and waits."""
        self._told, theirs = PROCESSES.Pipe()
        self.process = PROCESSES.Process(target=act, args=(self.home, self.act, self.faults, self.given, theirs))
        with LOOKING:  # it looks at all others, too
            self.process.start()
        theirs.close()
        self._told.recv()
        return self

    def __exit__(self, *_: object) -> None:
        """End it, and it alone, if it has not ended."""
        self.process.kill()
        self.ended(None)
        self._told.close()

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def go(self) -> None:
        self._told.send("go")

    def ended(self, seconds: float | None) -> int | None:
        """How it ended; None when it did not within so long."""
        wait([self.process.sentinel], seconds)
        with LOOKING:
            return self.process.exitcode


def done(home: Path, what: str, *given: str, faults: str = "") -> int | None:
    """Act undisturbed, to the end."""
    with Actor(home, what, faults, given) as actor:
        actor.go()
        return actor.ended(300)


def acknowledged(home: Path) -> list[list[str]]:
    """What was told to be done, word by word; a line without its end was not told."""
    path = acks_of(home)
    text = path.read_text("utf-8") if path.exists() else ""
    return [line.split(" ") for line in text.splitlines(keepends=True) if line.endswith("\n")]


def acks_of(home: Path) -> Path:
    """Where it is told: not on the disk of the home, which may be full."""
    return home.parent.with_name(f"{home.parent.name}-{home.name}.acks")


def act(home: Path, what: str, faults: str, given: tuple[str, ...], parent: Connection) -> None:
    """Open a home, wait for the word, and act; exit code 3 when it was refused or failed as it should."""
    said = os.open(acks_of(home).with_suffix(".said"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    acks = os.open(acks_of(home), os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def ack(line: str) -> None:
        os.write(acks, f"{line}\n".encode())
        os.fsync(acks)

    told = planted(faults, ack)
    try:
        with opened(home, parent) as house:
            ACTS[what](house, told, *given)
    except TenkenError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        sys.exit(FAILED)


@contextmanager
def opened(home: Path, parent: Connection) -> Iterator[House]:
    """Open a home and wait for the word, also where it cannot be opened; it is closed when the act was done."""
    try:
        house = open_house(home)
    finally:
        parent.send("ready")
        parent.recv()
    yield house
    house.store.close()


def collect(house: House, ack: Ack) -> None:
    """Collect what was delivered; told run by run."""
    failed = None
    for told in day.collect_day(house, homes.DAY):
        if isinstance(told, Collected):
            ack(f"{told.run_id} {told.rows}")
        elif isinstance(told, TenkenError):
            failed = told
    if failed is not None:
        raise failed


def collect_on(house: House, ack: Ack) -> None:
    """Deliver and collect, again and again, whatever fails."""
    number = 0
    while True:
        homes.deliver(house.home, f"{os.getpid()}-{number}")
        number += 1
        try:
            collect(house, ack)
        except TenkenError as error:
            print(f"{type(error).__name__}: {error}", flush=True)
            time.sleep(0.01)


def sign_heads(house: House, ack: Ack) -> None:
    """Sign the heads of all logs."""
    for log, head in day.checkpoint(house).items():
        ack(f"{log} {json.dumps(head)}")


def note_more(house: House, ack: Ack, what: str) -> None:
    """Append an entry to each log."""
    with house.store.write() as tx:
        for log in (log_of("AOI"), GROUP):
            tx.ledger.append(log, {"kind": "check", "what": what}, f"check|{log}|{what}")


def pack(house: House, ack: Ack, company: str, since: str, as_of: str, out: str) -> None:
    """Write a pack."""
    ack(create_pack(house, company, Period(date.fromisoformat(since), date.fromisoformat(as_of)), Path(out)))


def pack_raw(house: House, ack: Ack, company: str, since: str, as_of: str, out: str, *released: str) -> None:
    """Write a pack with originals."""
    certificate, *who = released
    period = Period(date.fromisoformat(since), date.fromisoformat(as_of))
    [sent] = deliver_raw(
        house, company, period, Path(out), Released(recipient_at(Path(certificate), house.clock.now()), "監査", *who)
    )
    ack(str(sent))


ACTS: dict[str, Callable[..., None]] = {
    "collect": collect,
    "collect on": collect_on,
    "sign": sign_heads,
    "note": note_more,
    "pack": pack,
    "raw pack": pack_raw,
}


def planted(faults: str, ack: Ack) -> Ack:
    """Remove protections in this process; how it acknowledges then."""
    if "torn" in faults:
        FolderVault.put = driver._put_in_place  # type: ignore[method-assign, assignment]
        folder._write = _write_slowly
    if "undone" in faults:
        day.checkpoint = _sign_what_may_be_undone
    if "released_first" in faults:
        signer.note = SimpleNamespace(**vars(note) | {"sign": partial(_sign_and_release, ack)})  # type: ignore[attr-defined, assignment]
        signer.LastHead.keep = lambda *_: None  # type: ignore[method-assign]
    if "hopeful" in faults:
        Store.write = _write_hopefully  # type: ignore[method-assign, assignment]
    return partial(_keep_late, ack, *_without_keys()) if "late_key" in faults else ack


@contextmanager
def _write_hopefully(store: Store) -> Iterator[Transaction]:
    with suppress(StoreUnavailable), write(store) as tx:
        yield tx


def _write_slowly(handle: int, chunk: bytes) -> None:
    half = len(chunk) // 2
    os.write(handle, chunk[:half])
    time.sleep(0.3)
    os.write(handle, chunk[half:])


def _without_keys() -> tuple[Callable[..., None], dict[str, tuple[DataKeys, Sealing]]]:
    """Let keys be kept in memory alone."""
    late, keep, find = dict[str, tuple[DataKeys, Sealing]](), DataKeys.keep, DataKeys.of

    def kept(keys: DataKeys, sealing: Sealing) -> None:
        late[sealing.key_id] = (keys, sealing)

    def of(keys: DataKeys, key_id: str, digest: Digest) -> bytes:
        return late[key_id][1].key if key_id in late else find(keys, key_id, digest)

    DataKeys.keep, DataKeys.of = kept, of  # type: ignore[method-assign, assignment]
    return keep, late


def _keep_late(
    ack: Ack, keep: Callable[[DataKeys, Sealing], None], late: dict[str, tuple[DataKeys, Sealing]], line: str
) -> None:
    ack(line)
    while late:
        keep(*late.popitem()[1])


def _sign_what_may_be_undone(house: House) -> dict[str, str]:
    log = log_of("AOI")
    with house.store.write() as tx:
        tx.ledger.append(log, {"kind": "check", "what": uuid4().hex}, uuid4().hex)
        return {log: heads._signed(house, tx, log)}


def _sign_and_release(ack: Ack, text: str, signers: Sequence[note.Signer]) -> str:
    signed = note.sign(text, signers)
    ack(f"{text.partition(chr(10))[0]} {json.dumps(signed)}")
    return signed
