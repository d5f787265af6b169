"""What is planted, and the search for it in every byte that leaves the house, packed however deep."""

import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator

import pyarrow.parquet as pq

CANARIES = {
    "a name": "金糸雀花子",
    "a name in kana": "カナリアハナコ",
    "a mail address": "hanako.kanaria@canary.example",
    "a phone number": "090-1234-5678",
    "an employee number": "KANARIA-7777",
    "My Number": "123456789018",
    "a login": "hkanaria77",
    "a customer's name": "水無瀬冬彦",
    "an address": "東京都架空区金糸雀町1-2-3",
}
WRITTEN = " ".join(CANARIES.values())
ENCODINGS = ("utf-8", "cp932", "utf-16-le")
ESCAPED = ("unicode_escape",)  # as JSON may write it


def unpacked(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Every byte that a reader could see: members of archives, and of workbooks in them; rows of Parquet as text."""
    yield name, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield f"{name}!{member}", member.encode()
                yield from unpacked(archive.read(member), f"{name}!{member}")
    elif content[:4] == b"PAR1":
        yield f"{name}!rows", repr(pq.read_table(io.BytesIO(content)).to_pylist()).encode()
    elif content[:2] == b"\x1f\x8b":
        yield from unpacked(gzip.decompress(content), f"{name}!")


def shown_in(names: Iterable[str], pieces: Iterable[tuple[str, bytes]]) -> dict[str, set[str]]:
    """Which names stand where, in any encoding that we know of."""
    forms = {name: [name.encode(code) for code in (*ENCODINGS, *ESCAPED) if _can(name, code)] for name in names}
    found: dict[str, set[str]] = {}
    for place, content in pieces:
        for name, told in forms.items():
            if any(form in content for form in told):
                found.setdefault(name, set()).add(place)
    return found


def _can(name: str, code: str) -> bool:
    try:
        name.encode(code)
    except UnicodeEncodeError:
        return False
    return True
