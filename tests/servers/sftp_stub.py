"""An SFTP server inside the test's process that lies, breaks off, stalls and changes files, as it is told."""

import logging
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_EOF, SFTP_NO_SUCH_FILE, SFTP_PERMISSION_DENIED

from tests.servers.sshd import make_key

MODIFIED = 1_780_000_000
FOLDER = "/evidence"
logging.getLogger("paramiko").addHandler(logging.NullHandler())  # the stub's own threads end in errors, as they should


@dataclass
class Fake:
    """One entry of the folder, and how the server treats it."""

    name: str | bytes
    content: bytes = b"line\n"
    mode: int = stat.S_IFREG | 0o644
    modified: int = MODIFIED
    opened_uid: int = 0  # the owner that an opened handle tells; by name it is 0
    size: int | None = None  # what the server tells instead of the truth
    most: int = 1 << 20  # bytes that one answer holds
    denied: bool = False
    on_read: Callable[["Fake", int], None] | None = None  # called with the offset before each answer

    def attributes(self, uid: int = 0) -> paramiko.SFTPAttributes:
        """What the server tells of it."""
        about = paramiko.SFTPAttributes()
        about.filename = self.name  # type: ignore[assignment]
        about.longname = ""
        about.st_mode, about.st_uid, about.st_gid = self.mode, uid, 0
        about.st_size = len(self.content) if self.size is None else self.size
        about.st_atime = about.st_mtime = self.modified
        return about


@dataclass
class Stub:
    """A running server, and what a client must know of it."""

    files: list[Fake]
    key_path: Path
    port: int = 0
    fingerprint: str = ""
    host: str = "127.0.0.1"
    user: str = "collector"
    endless: bool = False  # the listing never ends
    deaf_s: float = 0  # how long the request for SFTP waits for its answer

    def find(self, path: str) -> Fake | None:
        """The entry of a path, if there is one."""
        return next((one for one in self.files if f"{FOLDER}/{one.name!s}" == path), None)


@contextmanager
def running(folder: Path, files: Sequence[Fake]) -> Iterator[Stub]:
    """Start a server with these files and end it afterwards."""
    make_key(folder / "host_key")
    make_key(folder / "user_key")
    key = paramiko.Ed25519Key(filename=str(folder / "host_key"))
    stub = Stub(list(files), folder / "user_key", fingerprint=key.fingerprint)
    transports: list[paramiko.Transport] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stub.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, stub, key, transports))
        thread.start()
        try:
            yield stub
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for transport in transports:
                transport.close()


def _accept(listener: socket.socket, stub: Stub, key: paramiko.PKey, transports: list[paramiko.Transport]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        transport = paramiko.Transport(connection)
        transports.append(transport)
        transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, stub)
        try:
            transport.start_server(server=_Door(stub))
        except (EOFError, paramiko.SSHException):
            transport.close()


class _Door(paramiko.ServerInterface):
    def __init__(self, stub: Stub) -> None:
        self._stub = stub

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:
        time.sleep(self._stub.deaf_s)
        return super().check_channel_subsystem_request(channel, name)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, stub: Stub) -> None:
        super().__init__(server)
        self._stub = stub

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        if path != FOLDER:
            return SFTP_NO_SUCH_FILE
        listed = [one.attributes() for one in self._stub.files]
        return listed * 3 if self._stub.endless else listed

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        found = self._stub.find(path)
        return found.attributes() if found else SFTP_NO_SUCH_FILE

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        found = self._stub.find(path)
        if found is None:
            return SFTP_NO_SUCH_FILE
        return SFTP_PERMISSION_DENIED if found.denied else _Open(found)


class _Open(paramiko.SFTPHandle):
    def __init__(self, fake: Fake) -> None:
        super().__init__()
        self._fake = fake

    def stat(self) -> paramiko.SFTPAttributes:
        return self._fake.attributes(self._fake.opened_uid)

    def read(self, offset: int, length: int) -> bytes | int:
        if self._fake.on_read:
            self._fake.on_read(self._fake, offset)
        piece = self._fake.content[offset : offset + min(length, self._fake.most)]
        return piece or SFTP_EOF

    def close(self) -> None:
        pass
