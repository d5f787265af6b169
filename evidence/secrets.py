"""Secret files: written once and never over, mode 0600; one that others may read or change is refused."""

import os
import stat
import tempfile
from pathlib import Path

from evidence.errors import ConfigError
from evidence.files import sync_folder

MODE = 0o600
LARGEST = 64 * 1024  # far more than any key


def create(path: Path, secret: str) -> None:
    """Write one line into a new file that only its owner can read; ConfigError where one exists already."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="") as file:
            os.fchmod(file.fileno(), MODE)  # whatever the umask
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link is refused where the name is taken, so a key in use can be neither overwritten nor half written.
        os.link(temporary, path)
    except FileExistsError as error:
        raise ConfigError(f"{path}: exists already and is not overwritten; move it away if you mean it") from error
    finally:
        Path(temporary).unlink(missing_ok=True)
    sync_folder(path.parent, path.parent)


def replace(path: Path, secret: str) -> None:
    """Write another line in the place of a secret file's, all of it or nothing."""
    handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii", newline="") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)
    sync_folder(path.parent, path.parent)


def read(path: Path, remedy: str) -> bytes:
    """What a secret file holds; ConfigError (with the remedy) when it is missing, linked, foreign or open to others."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; {remedy}") from error
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise ConfigError(f"{path}: is not a regular file")
        if stat.S_IMODE(about.st_mode) & ~MODE:
            mode = stat.S_IMODE(about.st_mode)
            raise ConfigError(f"{path}: mode {mode:04o} lets others at a secret; run: chmod 600 {path}")
        if about.st_uid != os.geteuid():
            raise ConfigError(f"{path}: belongs to another user (uid {about.st_uid}); run as its owner")
        return file.read(LARGEST)


def load(path: Path) -> str:
    """The one line of a secret file; ConfigError as in :func:`read`, and when it is anything else."""
    content = read(path, "restore it from a backup; of a new home or company, `tenken db upgrade` makes it")
    line, newline, rest = content.partition(b"\n")
    if not newline or rest or not line.isascii() or not line:
        raise ConfigError(f"{path}: is not one line of text; restore it from a backup")
    return line.decode("ascii")
