"""Debian's own PostgreSQL on a free port of loopback, with a cluster of its own that is gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, text

from tests.servers import lacking

VERSIONS = Path("/usr/lib/postgresql")
NUMBERS = count(1)  # of schemas
OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    address: str  # of its first database
    crash: Callable[[], None]  # end it as a kill would
    start: Callable[[], None]


@contextmanager
def running() -> Iterator[str]:
    """Start a server and end it, and it alone, afterwards; the address of its first database."""
    with serving() as server:
        yield server.address


@contextmanager
def serving() -> Iterator[Server]:
    """Start a server that a test may crash and start again.

    Its folder is none of pytest's, for these are closed to everybody but root.
    """
    with TemporaryDirectory(prefix="tenken-postgres-") as folder:
        yield from _served(Path(folder))


def _served(folder: Path) -> Iterator[Server]:
    programs = max(VERSIONS.glob("*/bin"), key=lambda one: int(one.parent.name), default=None)
    if programs is None:
        lacking("PostgreSQL is not installed: apt-get install postgresql")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, owner = folder / "data", _owner(folder)

    def ask(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*owner, programs / program, *arguments], capture_output=True, text=True, cwd="/", check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    ask("initdb", "-D", str(data), "--username=tenken", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
    start = partial(
        ask, "pg_ctl", "start", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", f"{OPTIONS} -p {port}"
    )
    crash = partial(ask, "pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))
    start()
    try:
        yield Server(f"postgresql+psycopg://tenken@127.0.0.1:{port}/postgres", crash, start)
    finally:
        crash()


def new_schema(server: str) -> str:
    """Make a schema on a server that nobody else uses; the address under which its tables are found."""
    name = f"t{next(NUMBERS)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{server}?options=-csearch_path%3D{name}"


def _owner(folder: Path) -> list[str]:
    """What starts a program as the owner of a folder that is not root: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        lacking("there is no user postgres: apt-get install postgresql")
    shutil.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
