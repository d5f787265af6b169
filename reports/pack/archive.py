"""The archive around a pack, where zipfile reads leniently: what another tool would unpack otherwise is refused."""

import stat
import struct
import zipfile
from pathlib import Path

from evidence.errors import IntegrityError

LOCAL, END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s4H2LH")
ZIP64, FULL = 1, 0xFFFFFFFF
SIZES_AFTER = 8  # a flag: sizes and checksum follow the data
READ = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def refuse_other_readings(path: Path, archive: zipfile.ZipFile) -> None:
    """IntegrityError unless the headers in an archive tell what its directory tells, and every byte is a member's.

    Links and devices are refused too: a pack is made of files.
    """
    members = sorted(archive.infolist(), key=lambda one: one.header_offset)
    with path.open("rb") as file:
        file.seek(-END.size, 2)
        mark, *_, count, _, _, comment = END.unpack(file.read(END.size))
        if mark != b"PK\5\6" or comment or count not in (len(members), 0xFFFF) or members[0].header_offset:
            raise IntegrityError(f"{path}: data or a comment stand around the archive, or it tells another count")
        ends = [*(one.header_offset for one in members[1:]), archive.start_dir]
        for one, end in zip(members, ends, strict=True):
            file.seek(one.header_offset)
            head = file.read(LOCAL.size)
            left = end - one.header_offset - LOCAL.size - one.compress_size
            if len(head) != LOCAL.size or left < 0 or not _as_listed(one, head, file.read(left)):
                raise IntegrityError(f"{path}: {one.filename!r} is told of twice in the archive, and differently")
            if one.compress_type not in READ or (one.is_dir() and one.file_size) or not _is_plain(one):
                raise IntegrityError(f"{path}: {one.filename!r} is no plain file or folder of a pack")


def _as_listed(one: zipfile.ZipInfo, head: bytes, rest: bytes) -> bool:
    """Whether a local header, and the bytes around the data, are those of the member."""
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = LOCAL.unpack(head)
    extra = rest[name_size : name_size + extra_size]
    if FULL in (packed, size):
        if len(extra) < 20 or struct.unpack_from("<H", extra)[0] != ZIP64:
            return False
        size, packed = struct.unpack_from("<QQ", extra, 4)
    told = (crc, packed, size)
    after = flags & SIZES_AFTER
    name = rest[:name_size].decode("utf-8" if flags & 0x800 else "cp437", "replace")
    beyond = len(rest) - name_size - extra_size
    return (
        (flags, method, name) == (one.flag_bits, one.compress_type, one.orig_filename)
        and (told == (one.CRC, one.compress_size, one.file_size) or bool(after and told == (0, 0, 0)))
        and (beyond == 0 or bool(after and beyond in (12, 16, 20, 24)))
    )


def _is_plain(one: zipfile.ZipInfo) -> bool:
    return stat.S_IFMT(one.external_attr >> 16) in (0, stat.S_IFDIR if one.is_dir() else stat.S_IFREG)
