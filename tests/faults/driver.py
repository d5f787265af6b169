"""``tenken`` with a fault planted or a protection removed: ``python -m tests.faults.driver FAULT,… -- <words of tenken>``.

kill=N           the process dies in the middle of writing its N-th object
in_place         the vault writes where the object will lie, without temporary file, fsync and rename
largest=BYTES    no file may grow beyond this: what a full disk or a quota does
"""

import hashlib
import os
import resource
import signal
import sys
from pathlib import Path
from typing import BinaryIO

import cli
from evidence.vault import Digest, StoredObject, folder
from evidence.vault.folder import FolderVault

write = folder._write


def plant(fault: str) -> None:
    """Plant one fault."""
    name, _, value = fault.partition("=")
    match name:
        case "kill":
            _kill_at(int(value))
        case "in_place":
            FolderVault.put = _put_in_place  # type: ignore[method-assign, assignment]
        case "largest":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(value), int(value)))
        case _:
            raise SystemExit(f"no fault {fault}")


def _kill_at(number: int) -> None:
    written = 0

    def half(handle: int, chunk: bytes) -> None:
        nonlocal written
        written += 1
        if written == number:
            write(handle, chunk[: len(chunk) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        write(handle, chunk)

    folder._write = half


def _put_in_place(vault: FolderVault, stream: BinaryIO) -> StoredObject:
    content = stream.read()
    digest = Digest(hashlib.sha256(content).hexdigest())
    path: Path = vault.folder / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb", buffering=0) as file:
            folder._write(file.fileno(), content)
    return StoredObject(digest, len(content), vault)


if __name__ == "__main__":
    faults = sys.argv[1].split(",")
    sys.argv = ["tenken", *sys.argv[2:]]
    for one in faults:
        plant(one)
    cli.main()
