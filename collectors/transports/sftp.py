"""Files of another machine over SFTP: its host key is pinned, its listing is distrusted, its bytes are counted.

paramiko on its own accepts a short file, follows links on the server and buffers a whole file ahead of a slow reader;
so links are looked for before and after opening, and reading ahead is done here, within a window.
"""

import io
import logging
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self
from urllib.parse import quote

import paramiko
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey
from paramiko.ssh_exception import IncompatiblePeer
from pydantic import AfterValidator, BaseModel, Field

from collectors.transports import (
    STRICT,
    Cursor,
    Item,
    Pattern,
    Received,
    Refused,
    fault,
    instant,
    matches,
    printable,
)
from collectors.transports.sftp_ahead import WINDOW, Growing, ReadAhead
from evidence.errors import ConfigError, SourceError, SourceMalformed, SourceUnreachable
from evidence.reach import Forbidden, refuse
from evidence.references import Reference, Resolve, resolver

MOST_NAMES = 1_000_000  # in one folder; a server that goes on is not listing a folder
PACKET = 256 * 1024
_LOG = logging.getLogger(__name__)
_LOG.addHandler(logging.NullHandler())  # paramiko's own tracebacks do not belong on a terminal: we raise what matters


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a server may take, at each step."""

    connect: float = 15
    banner: float = 15
    login: float = 30
    idle: float = 60  # between any two answers


def _host_key(text: str) -> str:
    if text.startswith("SHA256:") and len(text) == 50:
        return text
    try:
        if HostKeyEntry.from_line(text.strip()) is not None:
            return text.strip()
    except (InvalidHostKey, paramiko.SSHException, ValueError):
        pass
    raise ValueError(
        "write the server's key: its fingerprint as `ssh-keygen -lf` shows it (SHA256:…, 43 characters behind the "
        "colon), or its line of known_hosts; get it from the server's operator, not from the network"
    )


def _folder(folder: str) -> str:
    if not folder.startswith("/") or any(fault(part) for part in folder.strip("/").split("/") if folder != "/"):
        raise ValueError("write the folder on the server from its root, e.g. /var/log")
    return folder


def _one_folder(pattern: str) -> str:
    if "/" in pattern:
        raise ValueError("the files of one folder are collected: write a source for each folder")
    return pattern


class Options(BaseModel):
    """What a source says of a server and a folder on it."""

    model_config = STRICT

    kind: Literal["sftp"]
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, Field(min_length=1)]
    key: Reference  # the private key
    passphrase: Reference | None = None  # of the private key
    host_key: Annotated[str, AfterValidator(_host_key)]
    folder: Annotated[str, AfterValidator(_folder)]
    pattern: Annotated[Pattern, AfterValidator(_one_folder)] = "*"


def build(options: Options, home: Path, secrets: Resolve | None = None, *, growing: bool = False) -> "SftpFolder":
    """The folder of a source; connected when it is first listed. ConfigError when its key cannot be used."""
    secrets = secrets or resolver(home)
    key = _private_key(secrets(options.key), secrets(options.passphrase) if options.passphrase else None)
    return SftpFolder(options, key, growing=growing)


def _private_key(text: str, passphrase: str | None) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except paramiko.PasswordRequiredException as error:
            raise ConfigError("the private key of an sftp source is encrypted: give its `passphrase:` too") from error
        except (paramiko.SSHException, ValueError):
            continue
    why = "is none, of another kind, or does not open with its passphrase; make one with `ssh-keygen -t ed25519`"
    raise ConfigError(f"the private key of an sftp source {why}")


class SftpFolder:
    """A folder on a server; one connection, made when needed and dropped when it fails."""

    def __init__(
        self, options: Options, key: paramiko.PKey, patience: Patience | None = None, *, growing: bool = False
    ) -> None:
        self._options, self._key, self._patience = options, key, patience or Patience()
        self._growing = growing
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.place = f"sftp://{host}:{options.port}{quote(options.folder.rstrip('/'))}"
        self.refused: list[Refused] = []
        self._client: paramiko.SSHClient | None = None
        self._session: paramiko.SFTPClient | None = None

    def items(self, since: Cursor | None) -> Iterator[Item]:
        """List the regular files, oldest first; hostile names, and links that match, go to ``refused``."""
        self.refused = []
        found = []
        with self.telling("the folder"):
            for name, about in self._entries():
                item = _item(name, about)
                if since is None or since.reached(item.modified):
                    found.append(item)
        yield from sorted(found, key=lambda item: (item.modified, item.name))

    def open(self, item: Item) -> Received:
        """Open one file as it was listed: a regular file before and after, and the same one."""
        if fault(item.name):
            raise SourceError(self.place, f"{printable(item.name)} is not a name that is opened")
        path = self.path(item.name)
        with self.telling(printable(item.name)):
            session = self.session()
            listed = session.lstat(path)
            if not stat.S_ISREG(listed.st_mode or 0):
                raise SourceError(self.place, f"{printable(item.name)} {_irregular(listed)} since it was listed")
            before = _item(item.name, listed)
            if before.size < item.size if self._growing else before != item:
                raise SourceError(self.place, f"{printable(item.name)} changed since it was listed; collect again")
            file = session.open(path, "rb")
            try:
                opened = file.stat()
                # The protocol has no O_NOFOLLOW: a link swapped in shows in one of these, before or after.
                if not self._follow([listed, opened, session.lstat(path)]):
                    why = "was replaced while it was opened; look who writes to this folder"
                    raise SourceMalformed(self.place, f"{printable(item.name)} {why}")
            except BaseException:
                file.close()
                raise
        ahead: io.RawIOBase
        if self._growing:
            ahead = Growing(session, file, opened, self.place, item.name, self.telling)
            ahead.still = lambda: self._follow([opened, session.lstat(path)])
        else:
            ahead = ReadAhead(session, file, opened, self.place, item.name, self.telling)
        return Received(ahead, _item(item.name, opened))

    def origin(self, item: Item) -> str:
        """The file's URI, without the user."""
        return f"{self.place}/{quote(item.name)}"

    def _follow(self, seen: Sequence[paramiko.SFTPAttributes]) -> bool:
        """Whether all this can be one file, unchanged; of a growing log: not smaller than before."""
        if not self._growing:
            return len({_identity(about) for about in seen}) == 1
        sizes = [about.st_size or 0 for about in seen]
        return len({_identity(about)[:3] for about in seen}) == 1 and sizes == sorted(sizes)

    def path(self, name: str) -> str:
        """Where a file lies on the server."""
        return f"{self._options.folder.rstrip('/')}/{name}"

    def close(self) -> None:
        """Drop the connection."""
        client, self._client, self._session = self._client, None, None
        if client is not None:
            client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def session(self) -> paramiko.SFTPClient:
        """The SFTP session, on a server whose key is the pinned one."""
        if self._session is None:
            self._client = paramiko.SSHClient()
            try:
                self._session = self._connected(self._client)
            except BaseException:
                self.close()
                raise
        return self._session

    @contextmanager
    def telling(self, what: str) -> Iterator[None]:
        """Say what went wrong in our words; after a failed connection the next call makes a new one."""
        try:
            yield
        except (TimeoutError, EOFError, paramiko.SSHException) as error:
            self.close()
            why = f"no answer for {self._patience.idle:g} s" if isinstance(error, TimeoutError) else "it broke off"
            raise SourceUnreachable(self.place, f"{what}: the connection failed ({why}); try again") from error
        except UnicodeDecodeError as error:
            self.close()
            why = "the server names a file in something that is not UTF-8; have it renamed there"
            raise SourceMalformed(self.place, f"{what}: {why}") from error
        except paramiko.SFTPError as error:
            self.close()
            raise SourceMalformed(self.place, f"{what}: the server does not keep to SFTP; look at it") from error
        except FileNotFoundError as error:
            raise SourceError(self.place, f"{what} is not there (any more)") from error
        except PermissionError as error:
            why = f"may not be read by the user {self._options.user!r}; let this user read it on the server"
            raise SourceError(self.place, f"{what} {why}") from error
        except OSError as error:
            transport = self._client.get_transport() if self._client else None
            if transport is not None and transport.is_active():
                raise SourceError(self.place, f"{what}: the server refused; look at its log") from error
            self.close()
            raise SourceUnreachable(self.place, f"{what}: the connection is lost; try again") from error

    def _connected(self, client: paramiko.SSHClient) -> paramiko.SFTPClient:
        told, patience = self._options, self._patience
        pin = _Pin(told.host_key)
        client.set_log_channel(__name__)
        client.set_missing_host_key_policy(pin)
        if (line := pin.known_host) is not None and line.hostnames and line.key:
            for name in line.hostnames:
                client.get_host_keys().add(name, line.key.get_name(), line.key)
        try:
            refuse(told.host)
            client.connect(
                told.host, told.port, told.user, pkey=self._key, allow_agent=False, look_for_keys=False,
                timeout=patience.connect, banner_timeout=patience.banner, auth_timeout=patience.login,
                channel_timeout=patience.login,
            )  # fmt: skip
            return self._subsystem(client)
        except Forbidden as error:
            raise SourceError(self.place, str(error)) from error
        except paramiko.BadHostKeyException as error:
            raise SourceError(self.place, _other_key(error.key)) from error
        except paramiko.AuthenticationException as error:
            why = f"the server does not let {told.user!r} in with this key; have its public half put there"
            raise SourceError(self.place, why) from error
        except IncompatiblePeer as error:
            why = "the server is too old: it knows no method of encryption that is safe today; have it updated"
            raise SourceError(self.place, why) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            if pin.refused is not None:
                raise SourceError(self.place, _other_key(pin.refused)) from error
            why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            advice = "see that the server runs and that the firewall lets us through, then try again"
            raise SourceUnreachable(self.place, f"no connection ({why}); {advice}") from error

    def _subsystem(self, client: paramiko.SSHClient) -> paramiko.SFTPClient:
        transport = client.get_transport()
        if transport is None:
            raise EOFError
        channel = transport.open_session(WINDOW, PACKET, timeout=self._patience.login)
        channel.settimeout(self._patience.idle)
        watchdog = threading.Timer(self._patience.login, client.close)  # paramiko waits for this answer for ever
        watchdog.daemon = True
        watchdog.start()
        try:
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        finally:
            watchdog.cancel()

    def _entries(self) -> Iterator[tuple[str, paramiko.SFTPAttributes]]:
        """The regular files that match, with what lstat says of them."""
        listed: dict[str, paramiko.SFTPAttributes] = {}
        for about in self.session().listdir_iter(self._options.folder):
            if about.filename in listed or len(listed) >= MOST_NAMES:
                self.close()
                raise SourceMalformed(self.place, "the listing has no end, or names a file twice; look at the server")
            listed[about.filename] = about
        for name, about in listed.items():
            if why := fault(name):
                self.refused.append(Refused(printable(name), why))
            elif matches((name,), (self._options.pattern,)):
                if None in (about.st_mode, about.st_size, about.st_mtime):  # only some servers list as lstat does
                    about = self.session().lstat(self.path(name))
                if stat.S_ISREG(about.st_mode or 0):
                    yield name, about
                elif not stat.S_ISDIR(about.st_mode or 0):
                    self.refused.append(Refused(printable(name), _irregular(about)))


class _Pin(paramiko.RejectPolicy):
    """Refuses every server but the one whose key is pinned."""

    def __init__(self, pinned: str) -> None:
        self._fingerprint = pinned if pinned.startswith("SHA256:") else None
        self.known_host = None if self._fingerprint else HostKeyEntry.from_line(pinned)
        self.refused: paramiko.PKey | None = None

    # The stubs say that a RejectPolicy never returns; this one does, for the server whose key is pinned.
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # type: ignore[override]
        """Called before anything is sent of us, for a key that no known_hosts line vouches for."""
        if key.fingerprint != self._fingerprint:
            self.refused = key
            super().missing_host_key(client, hostname, key)


def _item(name: str, about: paramiko.SFTPAttributes) -> Item:
    if about.st_size is None or about.st_mtime is None:
        raise OSError("the server tells neither size nor time")
    return Item(name, about.st_size, instant(about.st_mtime * 1_000_000_000))


def _identity(about: paramiko.SFTPAttributes) -> tuple[int | None, ...]:
    """All that this protocol tells of which file it is: it has no inode."""
    return (about.st_mode, about.st_uid, about.st_gid, about.st_size, about.st_mtime)


def _irregular(about: paramiko.SFTPAttributes) -> str:
    return "is a link: not followed" if stat.S_ISLNK(about.st_mode or 0) else "is not a regular file"


def _other_key(key: paramiko.PKey) -> str:
    return (
        f"the server shows the key {key.get_name()} {key.fingerprint}, which is not the pinned one: nothing was sent. "
        "If its operator confirms the change, write that fingerprint as `host_key:`; if not, somebody is in between"
    )
