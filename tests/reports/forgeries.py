"""What an outsider without the key may do to an unpacked pack, one change a name; each must be seen."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from tests.reports.packed import GAPS, OBJECTS, SEAL, flip, replace

Forgery = Callable[[Path], object]
LEDGER, SCOPE, MANIFEST, TAGS = "ledger.jsonl", "scope.json", "manifest-sha256.txt", "tagmanifest-sha256.txt"
POPULATION = "data/04_populations/PHY-3-01.csv"


def written(name: str, content: bytes = b"more\n") -> Forgery:
    """A file more, also in a folder that is not there yet."""

    def forge(pack: Path) -> None:
        place = pack / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    return forge


def appended(name: str, content: bytes) -> Forgery:
    def forge(pack: Path) -> None:
        (pack / name).write_bytes((pack / name).read_bytes() + content)

    return forge


def changed(name: str, old: bytes, new: bytes) -> Forgery:
    return lambda pack: replace(pack / name, old, new)


def lines(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Forgery:
    def forge(pack: Path) -> None:
        (pack / name).write_bytes(b"".join(change((pack / name).read_bytes().splitlines(keepends=True))))

    return forge


def crlf(name: str) -> Forgery:
    return lambda pack: (pack / name).write_bytes((pack / name).read_bytes().replace(b"\n", b"\r\n"))


def swapped(one: str, other: str) -> Forgery:
    def forge(pack: Path) -> None:
        first, second = (pack / one).read_bytes(), (pack / other).read_bytes()
        (pack / one).write_bytes(second)
        (pack / other).write_bytes(first)

    return forge


def instead(name: str, make: Callable[[Path], None]) -> Forgery:
    def forge(pack: Path) -> None:
        (pack / name).unlink()
        make(pack / name)

    return forge


def linked(name: str, target: str) -> Forgery:
    def forge(pack: Path) -> None:
        content = (pack / name).read_bytes()
        (pack / name).unlink()
        (pack.parent / "elsewhere").write_bytes(content)
        (pack / name).symlink_to(target)

    return forge


def linked_folder(pack: Path) -> None:
    shutil.move(pack / "data" / "07_registers", pack.parent / "07_registers")
    (pack / "data" / "07_registers").symlink_to(pack.parent / "07_registers")


def bound(pack: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(pack)  # the path of a socket is short
        try:
            one.bind("socket")
        finally:
            os.chdir(here)


def _salts_swapped(told: list[bytes]) -> list[bytes]:
    one, other = json.loads(told[0]), json.loads(told[1])
    one["salt"], other["salt"] = other["salt"], one["salt"]
    return [*(json.dumps(two, sort_keys=True).encode() + b"\n" for two in (one, other)), *told[2:]]


def _shorter_head(pack: Path) -> None:
    origin, size, rest = (pack / "checkpoint").read_bytes().split(b"\n", 2)
    (pack / "checkpoint").write_bytes(b"\n".join([origin, b"%d" % (int(size) - 1), rest]))


EXTRA: dict[str, Forgery] = {
    "a file": written("extra.txt"),
    "a file in data": written("data/extra.txt"),
    "a raw object": written("data/06_raw/999999.bin"),
    "an empty file": written("data/03_results/empty", b""),
    "a hidden file": written(".hidden"),
    "a hidden folder": written(".git/config"),
    "an empty folder": lambda pack: (pack / "data" / "empty").mkdir(),
    "an empty folder at the top": lambda pack: (pack / "empty").mkdir(),
    "a nested empty folder": lambda pack: (pack / "data" / "07_registers" / "a" / "b").mkdir(parents=True),
    "a name with a line feed": written("data/a\n○ ORIGIN VERIFIED"),
    "a name with a line feed that lists itself": written("x\n" + "0" * 64 + "  y"),
    "a name in another script": written("data/証跡.txt"),
    "a name with a direction mark": written("data/a\u202etxt.exe"),
    "a name that is not UTF-8": lambda pack: (Path(os.fsdecode(os.fsencode(pack) + b"/data/\xff"))).write_bytes(b""),
    "a name with a backslash": written("data\\extra.txt"),
    "a name with an escape sequence": written("data/\x1b[2J\x1b[1;1H"),
    "a name of dots": written("data/.../x"),
    "a name like another but for its case": written("SCOPE.JSON"),
    "a name like another but for a blank at its end": written("scope.json "),
    "a name like another but for a dot at its end": written("scope.json."),
    "a name like another, percent-encoded": written("data/01%5Fscope.md"),
    "a name like another in wide letters": written("ｓcope.json"),
    "a name in composed letters": written("data/が.txt"),
    "a name in decomposed letters": written("data/か\u3099.txt"),
    "a name as long as can be": written("data/" + "x" * 255),
    "a query of nobody's": written("data/04_populations/PHY-9.sql"),
    "a hard link": lambda pack: os.link(pack / SCOPE, pack / "data" / "scope.json"),
    "a pipe": lambda pack: os.mkfifo(pack / "data" / "pipe"),
    "a socket": bound,
    "a link to a file": lambda pack: (pack / "data" / "link").symlink_to("/etc/hostname"),
    "a link to nothing": lambda pack: (pack / "data" / "link").symlink_to("nowhere"),
    "a link to a folder": lambda pack: (pack / "data" / "link").symlink_to("/tmp"),
    "a link to itself": lambda pack: (pack / "data" / "link").symlink_to("."),
    "compiled code": written("__pycache__/verify.cpython-311.pyc"),
    "a second manifest": written("manifest-md5.txt"),
}
EXCHANGED: dict[str, Forgery] = {
    "a file by a link to its bytes": linked("data/01_scope.md", "../../elsewhere"),
    "a tag file by a link": linked(SCOPE, "../elsewhere"),
    "a folder by a link to one": linked_folder,
    "a file by a folder": instead("checkpoint", Path.mkdir),
    "a file by a pipe": instead("checkpoint", os.mkfifo),
    "the contents of two results": swapped("data/03_results/VEN-02.json", "data/03_results/HUM-01.json"),
    "the contents of two registers": swapped("data/07_registers/vendors.csv", "data/07_registers/systems.csv"),
    "a file and its manifest": swapped("data/01_scope.md", MANIFEST),
    "no ledger": lambda pack: (pack / LEDGER).write_bytes(b""),
    "an empty seal": lambda pack: (pack / SEAL).write_bytes(b""),
    "an empty scope": lambda pack: (pack / SCOPE).write_bytes(b""),
    "a scope that is a list": lambda pack: (pack / SCOPE).write_bytes(b"[]"),
    "a scope as deep as a well": lambda pack: (pack / SCOPE).write_bytes(b"[" * 200_000),
    "a scope of UTF-16": lambda pack: (pack / SCOPE).write_bytes((pack / SCOPE).read_text("utf-8").encode("utf-16")),
    "a scope with NaN": changed(SCOPE, b'"raw": false', b'"raw": NaN'),
    "a number of a thousand digits": changed(SCOPE, b'"ledger_size": ', b'"ledger_size": ' + b"9" * 5000),
    "objects that are not JSON": lambda pack: (pack / OBJECTS).write_bytes(b"\x00\xff\n"),
    "an object without salt": lambda pack: (pack / OBJECTS).write_bytes(b'{"sha256": "00"}\n'),
    "an object of nulls": lambda pack: (pack / OBJECTS).write_bytes(b'{"sha256": null, "salt": null}\n'),
    "a population that is no table": lambda pack: (pack / POPULATION).write_bytes(b'"\x00\n'),
    "gaps without columns": lambda pack: (pack / "data/09_findings/gaps.csv").write_bytes(b"\xff\xfe\n"),
    "a result that is null": lambda pack: (pack / "data/03_results/VEN-02.json").write_bytes(b"null"),
    "a definition that is a number": lambda pack: (pack / "data/10_config/controls/VEN-02.json").write_bytes(b"1"),
    "a checkpoint of zeroes": lambda pack: (pack / "checkpoint").write_bytes(b"\0" * 168),
    "CRLF in the manifest": crlf(MANIFEST),
    "CRLF in the tag manifest": crlf(TAGS),
    "CRLF in the checkpoint": crlf("checkpoint"),
    "CRLF in the ledger": crlf(LEDGER),
    "CRLF in the scope": crlf(SCOPE),
    "CRLF in the seal": crlf(SEAL),
    "CRLF in the objects": crlf(OBJECTS),
    "a bare CR in a population": changed(POPULATION, b"\r\n", b"\r"),
    "an order of manifest lines": lines(MANIFEST, lambda told: told[::-1]),
    "a manifest line twice": lines(MANIFEST, lambda told: [*told, told[0]]),
    "a manifest line without newline": lines(MANIFEST, lambda told: [*told[:-1], told[-1].rstrip(b"\n")]),
    "a manifest line of upper case": lines(MANIFEST, lambda told: [told[0].upper(), *told[1:]]),
    "a manifest with a binary mark": lines(MANIFEST, lambda told: [told[0].replace(b"  ", b" *"), *told[1:]]),
    "a manifest that names a file outside": appended(MANIFEST, b"0" * 64 + b"  ../../etc/passwd\n"),
    "a manifest with a byte order mark": lines(MANIFEST, lambda told: [b"\xef\xbb\xbf" + told[0], *told[1:]]),
    "a manifest name percent-encoded": lines(MANIFEST, lambda told: [told[0].replace(b"_", b"%5F"), *told[1:]]),
    "a manifest name with a dot folder": lines(MANIFEST, lambda told: [told[0].replace(b"  ", b"  ./"), *told[1:]]),
    "a manifest name with a slash twice": lines(MANIFEST, lambda told: [told[0].replace(b"/", b"//", 1), *told[1:]]),
    "a manifest name with a backslash": lines(MANIFEST, lambda told: [told[0].replace(b"/", b"\\", 1), *told[1:]]),
    "a manifest name with a null": lines(MANIFEST, lambda told: [told[0].rstrip(b"\n") + b"\0\n", *told[1:]]),
    "a manifest name of a hundred thousand folders": appended(MANIFEST, b"0" * 64 + b"  " + b"a/" * 100_000 + b"\n"),
    "a manifest that lists itself": appended(MANIFEST, b"0" * 64 + b"  manifest-sha256.txt\n"),
    "a manifest line twice with another digest": lines(MANIFEST, lambda told: [*told, b"0" * 64 + told[0][64:]]),
    "blank lines without end": appended(LEDGER, b"\n" * 300_000),
    "an entry as long as a book": lines(LEDGER, lambda told: [*told, b'{"seq":"' + b"9" * 10_000_000 + b'"}\n']),
    "objects as deep as a well": lines(OBJECTS, lambda told: [*told, b'{"a":' * 200_000 + b"\n"]),
    "a table of a million columns": lambda pack: (pack / GAPS).write_bytes(b"," * 1_000_000),
    "junk after the manifest": appended(MANIFEST, b"junk"),
    "junk after the tag manifest": appended(TAGS, b"junk"),
    "a blank line after the ledger": appended(LEDGER, b"\n"),
    "an unfinished entry": appended(LEDGER, b'{"seq"'),
    "an entry of \\x0b": appended(LEDGER, b'{"seq":99}\x0b'),
    "an entry cut by \\x0b": lines(LEDGER, lambda told: [told[0].replace(b",", b"\x0b,", 1), *told[1:]]),
    "an entry cut by \\x85": lines(LEDGER, lambda told: [told[0].replace(b",", "\x85,".encode(), 1), *told[1:]]),
    "an entry cut by U+2028": lines(LEDGER, lambda told: [told[0].replace(b",", "\u2028,".encode(), 1), *told[1:]]),
    "an entry with a key more": lines(LEDGER, lambda told: [b'{"a":1,' + told[0][1:], *told[1:]]),
    "an entry with a key twice": lines(LEDGER, lambda told: [b'{"seq":0,' + told[0][1:], *told[1:]]),
    "an entry with a blank": lines(LEDGER, lambda told: [told[0].replace(b":", b": ", 1), *told[1:]]),
    "entries in another order": lines(LEDGER, lambda told: [told[1], told[0], *told[2:]]),
    "the last entry cut off": lines(LEDGER, lambda told: told[:-1]),
    "the first entry cut off": lines(LEDGER, lambda told: told[1:]),
    "an entry twice": lines(LEDGER, lambda told: [*told, told[-1]]),
    "a scope with a key more": changed(SCOPE, b"{", b'{"a": 1,'),
    "a scope with a key twice": changed(SCOPE, b"{", b'{"raw": false,'),
    "a scope that says raw": changed(SCOPE, b'"raw": false', b'"raw": true'),
    "a scope of another end": changed(SCOPE, b'"since": "', b'"since": "1'),
    "an object line twice": lines(OBJECTS, lambda told: [*told, told[0]]),
    "an object line less": lines(OBJECTS, lambda told: told[1:]),
    "two objects' salts": lines(OBJECTS, _salts_swapped),
    "an object that claims to be withheld": lines(OBJECTS, lambda told: [b'{"withheld": "x", ' + told[0][1:], *told[1:]]),
    "an object of another entry": lines(OBJECTS, lambda told: [told[0].replace(b'"entry": ', b'"entry": 1'), *told[1:]]),
    "object lines in another order": lines(OBJECTS, lambda told: told[::-1]),
    "an object with a file outside": lines(OBJECTS, lambda told: [b'{"file": "../../etc/passwd", ' + told[0][1:], *told[1:]]),
    "an object with a file of another kind": lines(OBJECTS, lambda told: [b'{"file": {"a": 1}, ' + told[0][1:], *told[1:]]),
    "an object with a key twice": lines(OBJECTS, lambda told: [b'{"size": 1, ' + told[0][1:], *told[1:]]),
    "an object with upper-case digits": lines(OBJECTS, lambda told: [told[0].upper(), *told[1:]]),
    "a member less in a population": lines(POPULATION, lambda told: told[:-1]),
    "a cell of a population in quotes": changed(POPULATION, b"PC-3", b'"PC-3"'),
    "a number in another notation": changed(POPULATION, b",1\r\n", b",01\r\n"),
    "a population without byte order mark": changed(POPULATION, b"\xef\xbb\xbf", b""),
    "a population without its last line break": lambda pack: (pack / POPULATION).write_bytes((pack / POPULATION).read_bytes()[:-2]),
    "a column of a population twice": changed(POPULATION, b"members\r\n", b"members,conforms\r\n"),
    "a checkpoint with a line more": changed("checkpoint", b"\n\n", b"\nmore\n\n"),
    "a checkpoint of one entry less": _shorter_head,
    "a mark in a population": changed(POPULATION, b",false,", b",true,"),
}  # fmt: skip
SIGNED: dict[str, Forgery] = {
    "a byte after the seal": appended(SEAL, b"x"),
    "a newline after the seal": appended(SEAL, b"\n"),
    "the seal's signature twice": lines(SEAL, lambda told: [*told, told[-1]]),
    "a second signature on the seal": appended(SEAL, "— witness AAAAAAAA\n".encode()),
    "a blank before the signature": lines(SEAL, lambda told: [*told[:-1], b" " + told[-1]]),
    "a hyphen for the dash of the seal": lines(SEAL, lambda told: [*told[:-1], told[-1].replace("—".encode(), b"-")]),
    "no newline at the end of the seal": lines(SEAL, lambda told: [*told[:-1], told[-1].rstrip(b"\n")]),
    "base64 of other stray bits": lines(SEAL, lambda told: [*told[:-1], _stray(told[-1])]),
    "base64 with a line break": lines(SEAL, lambda told: [*told[:-1], told[-1].replace(b"=", b"\r=")]),
    "a seal without signature": lines(SEAL, lambda told: told[:-1]),
    "a line in the seal": lines(SEAL, lambda told: [told[0], b"0" * 64 + b"  x\n", *told[1:]]),
    "a blank line in the seal": lines(SEAL, lambda told: [told[0], b"\n", *told[1:]]),
    "the seal of another thing": changed(SEAL, b"/pack\n", b"/note\n"),
    "a byte of the seal's text": lambda pack: flip(pack / SEAL, 300),
    "a byte of the seal's signature": lambda pack: flip(pack / SEAL, -40),
}


def _stray(line: bytes) -> bytes:
    """The same 68 bytes, written with other bits in the last digit that carries none."""
    digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = line.rstrip(b"=\n")
    return text[:-1] + digits[digits.index(text[-1:]) ^ 1 :][:1] + b"=\n"


ALL = {**EXTRA, **EXCHANGED, **SIGNED}
REPEATED = {name: forge for name, forge in ALL.items() if name in EXTRA or "manifest" not in name}  # not undone by sums
