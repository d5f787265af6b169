"""Telling the operator what a source sent that could not be read: in which file, where, why, and what to do about it.

Reasons are recorded; the names of files and the remedies are only told. In the table a phrase of the reason stands
beside what mends it; what no phrase fits is mended where the file is made.
"""

from collections.abc import Iterable, Mapping

from collectors.formats import UNREAD, Reject
from evidence.errors import Unread
from evidence.store import Transaction
from evidence.store.values import Rejected

ELSE = "correct it where the file is made, and collect again"
ENCODING = "declare the encoding that the file has, or export it as declared"
REMEDIES = (
    ("the profile's map", "add it to the profile's map, or correct it where the file is made; then collect again"),
    ("the column's list", "write one of those that `tenken datasets show` names, or map it in a profile"),
    ("neither yes nor no", "write true or false (はい or いいえ), or map it in a profile"),
    ("not a company of this source", "correct the code, or add the company to the source"),
    ("not about the whole group", "write the company's code into the row"),
    ("without a zone", "declare the zone in the source"),
    ("as declared", "write it as 2026-03-31 (a time with its zone), or declare its pattern in a profile"),
    ("after the collection itself", "set the clock of the system that wrote it"),
    ("the header has both", "leave one of them out"),
    ("more than once", "give each column its own name"),
    ("the header has no", "export the file with that column, or name it in a profile"),
    ("the header names no column", "export the file with its header, or name its columns in a profile"),
    ("fields, the header has", "quote what holds the delimiter, and export the file again"),
    ("quoted", "quote each field wholly and double the quotes inside it"),
    ("NUL in the text", ENCODING),
    ("declared is", ENCODING),
    (" is not utf-", ENCODING),
    (" is not cp932", ENCODING),
    ("utf-16", ENCODING),
    ("damaged", "have the file delivered again, and collect again"),
    ("it is empty", "look whether the export went wrong, and have it delivered again"),
    ("no sheet", "correct the name of the sheet in the source or the profile, or in the workbook"),
    ("the trailer", "look whether the file was cut off, and have it delivered again"),
    ("laid out as declared", "compare the file with its source's format and profile"),
    ("not an .xlsx workbook", "save it as a workbook (.xlsx) without a password"),
    ("link", "put the file itself there"),
    ("BOM", "save it without a byte order mark"),
    ("longer than", "look what wrote it; no system that we read writes such lines"),
    ("an array or object", "name a field inside of it in the profile, e.g. /user/id"),
    ("nothing at /", "correct `records` in the source or the profile"),
    ("is no array", "correct `records` in the source or the profile"),
    ("no array Records", "collect only CloudTrail's own objects: narrow the source's pattern"),
    ("further back", "mend the clock of the host; what runs back cannot be put in order"),
    ("nothing about", "if it may well have no row, write `may_lack_companies: true` into the source"),
    ("keys stand more than once", "leave one row of each"),
    ("must be seen by a person", "if it is right, raise `max_drop_percent` in the source before the next delivery"),
    ("rows and has", "have it delivered again"),
    ("does not count its rows", "have it delivered again"),
    ("changed while it was read", "deliver it under another name and rename it when it is whole"),
)


def remedy(reason: str) -> str:
    """What to do; empty where the reason says it itself, after a semicolon."""
    found = next((what for phrase, what in REMEDIES if phrase in reason), None)
    return found or ("" if "; " in reason.removesuffix(UNREAD) else ELSE)


def mended(reason: str) -> str:
    """A reason with what to do about it."""
    return "; ".join(filter(None, (reason, remedy(reason))))


def rows(source: str, rejects: Iterable[Reject | Rejected], names: Mapping[str, str]) -> list[Unread]:
    """Rejects with the names of their files, by digest."""
    return [
        Unread(source, names.get(r.object, r.object[:12]), r.part, r.line, r.column, r.reason, remedy(r.reason))
        for r in rejects
    ]


def files(source: str, lost: Iterable[tuple[str, str]]) -> list[Unread]:
    """Files that could not be got: the name of each, and why."""
    return [Unread(source, name, None, None, None, why, remedy(why)) for name, why in lost]


def of_run(tx: Transaction, source: str, run_id: str) -> list[Unread]:
    """What a recorded run could not read, as far as it was kept."""
    return rows(source, tx.rejects.of_run(run_id), {one.digest: one.name for one in tx.objects.of_source(source)})
