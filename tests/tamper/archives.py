"""What can be done to the archive around a genuine pack: each of these shows one reader other files than another."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence

Archive = Callable[[bytes], bytes]
LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"


def members(archive: bytes) -> list[tuple[zipfile.ZipInfo, bytes]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as told:
        return [(one, told.read(one)) for one in told.infolist()]


def packed(
    told: Sequence[tuple[zipfile.ZipInfo | str, bytes]], method: int = zipfile.ZIP_DEFLATED, prefix: bytes = b""
) -> bytes:
    """An archive of members, written by zipfile; after a prefix that its offsets count."""
    out = io.BytesIO(prefix)
    with zipfile.ZipFile(out, "a" if prefix else "w", method) as archive:
        for name, content in told:
            archive.writestr(name, content, None if isinstance(name, zipfile.ZipInfo) else method)
    return out.getvalue()


def _with(*more: tuple[str, bytes], first: bool = False) -> Archive:
    def change(archive: bytes) -> bytes:
        told = members(archive)
        return packed([*more, *told] if first else [*told, *more])

    return change


def _attributed(name: str, mode: int, content: bytes = b"") -> Archive:
    def change(archive: bytes) -> bytes:
        one = zipfile.ZipInfo(name)
        one.create_system, one.external_attr = 3, mode << 16
        return packed([*members(archive), (one, content)])

    return change


def _at(signature: bytes, place: int, fields: str, change: Callable[..., tuple[int, ...]], which: int = -1) -> Archive:
    """Numbers of one header changed; ``which`` of them."""

    def patch(archive: bytes) -> bytes:
        starts = [found.start() for found in re.finditer(re.escape(signature), archive)]
        at, form = starts[which] + place, f"<{fields}"
        told = struct.unpack_from(form, archive, at)
        content = bytearray(archive)
        struct.pack_into(form, content, at, *change(*told))
        return bytes(content)

    return patch


def _renamed_inside(archive: bytes) -> bytes:
    """The local header tells another name than the directory."""
    at = archive.index(b"pack/scope.json")
    return archive[:at] + b"pack/scope.jsoN" + archive[at + 15 :]


def _moved(archive: bytes, at: int, more: bytes) -> bytes:
    """Bytes put in, and the offsets behind them right again."""
    start = struct.unpack_from("<I", archive, archive.rindex(END) + 16)[0]
    content = bytearray(archive[:at] + more + archive[at:])
    place = start + len(more)
    while content[place : place + 4] == CENTRAL:
        offset = struct.unpack_from("<I", content, place + 42)[0]
        struct.pack_into("<I", content, place + 42, offset + len(more) * (offset >= at))
        place += 46 + sum(struct.unpack_from("<HHH", content, place + 28))
    struct.pack_into("<I", content, content.rindex(END) + 16, start + len(more))
    return bytes(content)


def _gap(archive: bytes) -> bytes:
    return _moved(archive, members(archive)[1][0].header_offset, b"hidden bytes")


def _gap_before_the_directory(archive: bytes) -> bytes:
    return _moved(archive, struct.unpack_from("<I", archive, archive.rindex(END) + 16)[0], b"hidden bytes")


def _hidden(archive: bytes) -> bytes:
    """A member that the directory does not list."""
    start = struct.unpack_from("<I", archive, archive.rindex(END) + 16)[0]
    length = 46 + sum(struct.unpack_from("<HHH", archive, start + 28))
    content = bytearray(archive[:start] + archive[start + length :])
    count = len(members(archive)) - 1
    struct.pack_into("<HHI", content, content.rindex(END) + 8, count, count, len(content) - 22 - start)
    return bytes(content)


def _twice_the_same(archive: bytes) -> bytes:
    """Two names for the bytes of one member."""
    start = struct.unpack_from("<I", archive, archive.rindex(END) + 16)[0]
    length = 46 + sum(struct.unpack_from("<HHH", archive, start + 28))
    entry = bytearray(archive[start : start + length])
    entry[50] ^= 1
    content = bytearray(archive[:start] + entry + archive[start:])
    count = len(members(archive)) + 1
    struct.pack_into("<HHI", content, content.rindex(END) + 8, count, count, len(content) - 22 - start)
    return bytes(content)


FORGED: dict[str, Archive] = {
    "data before it": lambda archive: b"MZ\x90" + archive,
    "data before it, offsets made right": lambda archive: packed(list(members(archive)), prefix=b"MZ\x90" * 9),
    "data after it": lambda archive: archive + b"more",
    "a second archive after it": lambda archive: archive + archive,
    "a comment": lambda archive: archive[:-2] + b"\4\0abcd",
    "cut off": lambda archive: archive[:-30],
    "the end alone": lambda archive: archive[-22:],
    "nothing": lambda archive: b"",
    "no archive": lambda archive: b"%PDF-1.7\n" * 99,
    "a name twice, the last one forged": _with(("pack/scope.json", b"{}")),
    "a name twice, the first one forged": _with(("pack/scope.json", b"{}"), first=True),
    "a name above": _with(("../evil", b"")),
    "a name above, by a detour": _with(("pack/../../evil", b"")),
    "a name at the root": _with(("/evil", b"")),
    "a name on a drive": _with(("C:/evil", b"")),
    "a name with a backslash": _attributed("pack\\evil", 0o100644),
    "a name beside the folder": _with(("evil", b"")),
    "another folder": _with(("evil/scope.json", b"{}")),
    "a file more": _with(("pack/evil", b"")),
    "a name with a dot": _with(("pack/./scope.json", b"{}")),
    "a name with a slash more": _with(("pack//scope.json", b"{}")),
    "a name in other letters": _with(("pack/SCOPE.JSON", b"{}")),
    "an empty folder": _with(("pack/data/empty/", b"")),
    "a folder with bytes": _with(("pack/data/", b"x")),
    "a link": _attributed("pack/data/link", 0o120777, b"/etc/passwd"),
    "a pipe": _attributed("pack/data/pipe", 0o010644),
    "another name inside": _renamed_inside,
    "another size inside": _at(LOCAL, 22, "I", lambda size: (size + 1,)),
    "another checksum inside": _at(LOCAL, 14, "I", lambda crc: (crc ^ 1,)),
    "another checksum in the directory": _at(CENTRAL, 16, "I", lambda crc: (crc ^ 1,)),
    "a smaller size in the directory": _at(CENTRAL, 24, "I", lambda size: (size - 1,)),
    "a larger size in the directory": _at(CENTRAL, 24, "I", lambda size: (size + 1,)),
    "an encrypted member": _at(CENTRAL, 8, "H", lambda flags: (flags | 1,)),
    "another method": _at(CENTRAL, 10, "H", lambda method: (12,)),
    "a method that is none": _at(CENTRAL, 10, "H", lambda method: (99,)),
    "another place": _at(CENTRAL, 42, "I", lambda place: (0,)),
    "a member fewer told": _at(END, 8, "HH", lambda one, other: (one - 1, other - 1)),
    "a member more told": _at(END, 8, "HH", lambda one, other: (one + 1, other + 1)),
    "hidden bytes between members": _gap,
    "hidden bytes before the directory": _gap_before_the_directory,
    "a hidden member": _hidden,
    "two names for one member": _twice_the_same,
}  # fmt: skip


def _streamed(archive: bytes) -> bytes:
    """As a program writes that cannot go back: sizes after the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.content = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, piece: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
            self.content += piece
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:
        for one, content in members(archive):
            out.writestr(one.filename, content)
    return bytes(pipe.content)


def _with_folders(archive: bytes) -> bytes:
    names = {
        "/".join(one.filename.split("/")[:n]) + "/"
        for one, _ in members(archive)
        for n in range(1, one.filename.count("/") + 1)
    }
    return packed([*((name, b"") for name in sorted(names)), *members(archive)])


PACKED_AGAIN: dict[str, Archive] = {
    "as it is": lambda archive: archive,
    "in another order": lambda archive: packed(members(archive)[::-1]),
    "stored": lambda archive: packed([(one.filename, content) for one, content in members(archive)], zipfile.ZIP_STORED),
    "streamed": _streamed,
    "with its folders": _with_folders,
    "in a folder of a Japanese name": lambda archive: packed([(one.filename.replace("pack/", "監査/", 1), content) for one, content in members(archive)]),
}  # fmt: skip
