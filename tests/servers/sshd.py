"""Debian's own sshd on a high port of loopback, with its own keys, log and pid file."""

import getpass
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.servers import need

CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
AllowUsers {user}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
LogLevel VERBOSE
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running server, and what a client must know of it."""

    folder: Path
    port: int
    user: str
    fingerprint: str
    host: str = "127.0.0.1"

    @property
    def key_path(self) -> Path:
        """The private key that lets its user in."""
        return self.folder / "user_key"

    @property
    def known_hosts(self) -> str:
        """The server's line of known_hosts."""
        return f"[{self.host}]:{self.port} {(self.folder / 'host_key.pub').read_text().strip()}"

    @property
    def log_path(self) -> Path:
        """What the server logs: bare messages, without time, host and pid."""
        return self.folder / "sshd.log"

    def auth_log(self, at: datetime, host: str = "server1") -> str:
        """The log as a syslog daemon would have written it into auth.log at that moment."""
        stamp = f"{at:%b} {at.day:2d} {at:%H:%M:%S}"
        lines = self.log_path.read_text("utf-8", "backslashreplace").splitlines()
        return "".join(f"{stamp} {host} sshd[{4000 + number}]: {line}\n" for number, line in enumerate(lines))


@contextmanager
def running(folder: Path) -> Iterator[Sshd]:
    """Start a server in an empty folder and end it, and it alone, afterwards."""
    program = need("sshd", "openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    fingerprint = make_key(folder / "host_key")
    make_key(folder / "user_key")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Sshd(folder, port, getpass.getuser(), fingerprint)
    config = folder / "sshd_config"
    config.write_text(CONFIG.format(port=port, folder=folder, user=server.user))
    command: list[str | Path] = [program, "-D", "-f", config, "-E", server.log_path]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(10)


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a key pair; the public half's fingerprint."""
    keygen = need("ssh-keygen", "openssh-client")
    subprocess.run([keygen, "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", path], check=True)
    shown = subprocess.run([keygen, "-lf", f"{path}.pub"], check=True, capture_output=True, text=True).stdout
    match = re.search(r"SHA256:\S{43}", shown)
    assert match, shown
    return match[0]


def _wait(server: Sshd, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        if server.log_path.exists() and "Server listening" in server.log_path.read_text():
            return
        time.sleep(0.02)
    log = server.log_path.read_text() if server.log_path.exists() else "no log"
    raise RuntimeError(f"sshd did not start: {log}")
