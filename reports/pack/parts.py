"""A large archive in parts, ``P.zip.001`` and so on: end to end they are the archive (``cat``, ``copy /b``)."""

import shutil
from pathlib import Path

from evidence.errors import ConfigError

LARGEST = 4095  # MiB; a stick that is formatted with FAT32 takes no larger file
PIECE = 1 << 20  # bytes
FIRST = ".001"


def split(path: Path, largest: int) -> list[Path]:
    """The archive itself where it is not larger than ``largest`` bytes, else its parts in its place.

    A part has its name when all of it is there; the archive goes when all parts are.
    """
    size = path.stat().st_size
    if size <= largest:
        return [path]
    parts = [path.with_name(f"{path.name}.{number:03d}") for number in range(1, -(-size // largest) + 1)]
    with path.open("rb") as whole:
        for part in parts:
            temporary = part.with_name(part.name + ".part")
            try:
                with temporary.open("wb") as file:
                    rest = largest
                    while piece := whole.read(min(PIECE, rest)):
                        file.write(piece)
                        rest -= len(piece)
                temporary.replace(part)
            finally:
                temporary.unlink(missing_ok=True)
    path.unlink()
    return parts


def joined(first: Path, folder: Path) -> Path:
    """The archive whose first part this is, put together in a folder; ConfigError names a part that is not there."""
    whole, start = folder / first.stem, f"{first.stem}."
    told = (one.name.removeprefix(start) for one in first.parent.iterdir() if one.name.startswith(start))
    last = max(int(number) for number in told if number.isdecimal())
    with whole.open("wb") as file:
        for number in range(1, last + 1):
            part = first.with_name(f"{first.stem}.{number:03d}")
            try:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, file, PIECE)
            except OSError as error:
                raise ConfigError(f"{part}: cannot be read: {error.strerror}; all parts lie in one folder") from error
    return whole
