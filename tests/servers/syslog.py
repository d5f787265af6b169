"""Debian's own sshd, logging as it does on a host with a syslog daemon, and letting passwords be tried."""

import getpass
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import paramiko

from tests.servers import need
from tests.servers.sshd import CONFIG, Sshd, make_key

HOST = "bastion1"
FIRST_PID = 4000


@dataclass(slots=True)
class Logged:
    """A running server whose log lies in a folder as a syslog daemon leaves it there."""

    server: Sshd
    folder: Path
    zone: ZoneInfo  # of the host's clock
    known: threading.Event = field(default_factory=threading.Event)
    _pid: int = FIRST_PID
    _rotating: threading.Lock = field(default_factory=threading.Lock)

    @property
    def log(self) -> Path:
        """The log that is being written."""
        return self.folder / "auth.log"

    def rotate(self, text: str, count: int) -> Path:
        """Wait until so many lines hold a text, then put the log aside as logrotate does: under the next number."""
        deadline = time.monotonic() + 20
        while not self.log.exists() or self.log.read_text("utf-8").count(text) < count:
            assert time.monotonic() < deadline, f"{self.log} does not hold {text!r} {count} times"
            time.sleep(0.02)
        with self._rotating:
            for old in sorted(self.folder.glob("auth.log.*"), reverse=True):
                old.rename(old.with_name(f"auth.log.{int(old.suffix[1:]) + 1}"))
            return self.log.rename(self.folder / "auth.log.1")

    def fail(self, password: str, times: int) -> None:
        """Try a wrong password, five times a connection: the sixth would end it."""
        for start in range(0, times, 5):
            with self._transport() as transport:
                for _ in range(min(5, times - start)):
                    try:
                        transport.auth_password(self.server.user, password, fallback=False)
                    except paramiko.AuthenticationException:
                        continue
                    raise AssertionError("a wrong password was let in")

    def enter(self) -> None:
        """Log in with the right key."""
        with self._transport() as transport:
            transport.auth_publickey(self.server.user, paramiko.Ed25519Key(filename=str(self.server.key_path)))
            assert transport.is_authenticated()

    @contextmanager
    def _transport(self) -> Iterator[paramiko.Transport]:
        with socket.create_connection((self.server.host, self.server.port), timeout=10) as connection:
            transport = paramiko.Transport(connection)
            try:
                transport.start_client(timeout=10)
                yield transport
            finally:
                transport.close()

    def write(self, lines: IO[bytes]) -> None:
        """Stamp each line as rsyslog does; a connection is served by a process of its own."""
        for line in lines:
            text = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
            self._pid += text.startswith("Connection from ")
            now = datetime.now(self.zone)
            stamp = f"{now:%b} {now.day:2d} {now:%H:%M:%S}"
            with self._rotating, self.log.open("a", encoding="utf-8", newline="\n") as log:
                log.write(f"{stamp} {HOST} sshd[{self._pid}]: {text}\n")
            if text.startswith("Server listening"):
                self.known.set()


@contextmanager
def running(keys: Path, logs: Path, zone: ZoneInfo) -> Iterator[Logged]:
    """Start a server with its keys in one empty folder and its log in another; end it, and it alone, afterwards."""
    program = need("sshd", "openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    fingerprint = make_key(keys / "host_key")
    make_key(keys / "user_key")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    logged = Logged(Sshd(keys, port, getpass.getuser(), fingerprint), logs, zone)
    config = keys / "sshd_config"
    config.write_text(CONFIG.format(port=port, folder=keys, user=logged.server.user))
    command: list[str | Path] = [program, "-D", "-e", "-f", config, "-o", "PasswordAuthentication=yes"]
    if (
        subprocess.run([*command, "-t", "-o", "PerSourcePenalties=no"], capture_output=True, check=False).returncode
        == 0
    ):
        command += ["-o", "PerSourcePenalties=no"]  # new servers shut out whoever fails often
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        writer = threading.Thread(target=logged.write, args=(process.stderr,))
        writer.start()
        try:
            assert logged.known.wait(10), "sshd did not start"
            yield logged
        finally:
            process.terminate()
            process.wait(10)
            writer.join(10)
