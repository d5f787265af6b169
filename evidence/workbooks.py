"""What all workbooks of ours share: one typeface, the room that a text takes in it, and bytes that tell no time.

openpyxl stamps the moment of saving and zip members carry the time of day, so the archive is written anew once with
settled times.
"""

import io
import re
import unicodedata
import zipfile
from datetime import datetime

from openpyxl.styles import Font

FONT = "Noto Sans CJK JP"
SIZE = 9  # points of a letter of data
_WORD = re.compile(r"[!-~]+ *|.", re.DOTALL)  # what a line is not broken within


def font(size: int = SIZE, *, bold: bool = False, color: str = "000000") -> Font:
    """The one typeface; the Japanese charset lets a machine without it choose a Japanese one."""
    return Font(name=FONT, size=size, bold=bold, color=color, charset=128, family=2)


def half_widths(text: str) -> int:
    """How many half-width characters the longest line of a text takes."""
    return max(sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line) for line in text.split("\n"))


def wrapped_lines(text: str, width: float) -> int:
    """How many lines a text takes in so many half-width characters; a word is broken only when no line can hold it."""
    if "\n" not in text and len(text) * 2 <= width:
        return 1
    lines = 0
    for paragraph in text.split("\n"):
        at, lines = 0.0, lines + 1
        for word in _WORD.findall(paragraph):
            wide = half_widths(word.rstrip(" ")) or 1
            if at and at + wide > width:
                at, lines = 0.0, lines + 1
            if wide > width:
                lines += int((wide - 1) // width)
                wide = int(wide % width) or int(width)
            at += wide + len(word) - len(word.rstrip(" "))
    return lines


def settled(archive: bytes, moment: datetime) -> bytes:
    """Write an xlsx archive anew with fixed member times and the moment that openpyxl stamps set to ``moment``."""
    out = io.BytesIO()
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.create_system = 3  # else it tells the operating system
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            new.writestr(member, content)
    return out.getvalue()
