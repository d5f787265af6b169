"""What the reply of a time-stamping authority (RFC 3161) says; its signature is another's to look at.

Standard library and Python 3.9 only: the verify.py of a pack has this text, too.
"""

import re
from datetime import datetime

SIGNED_DATA, TST_INFO = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d0109100104")
SHA_256 = bytes.fromhex("608648016503040201")
INSTANT = re.compile(rb"([0-9]{14})(?:\.[0-9]+)?Z")


def stamped(reply: bytes) -> "tuple[bytes, datetime]":
    """The SHA-256 that a granted reply is about, and the time that it gives; ValueError for anything else."""
    try:
        (((_, status), (_, token)),) = (ders(content) for _, content in ders(reply))
        (_, kind), (_, signed) = ders(token)
        (((_, _), (_, _), (_, inner), *_),) = (ders(content) for _, content in ders(signed))
        (_, of), (_, octets) = ders(inner)
        ((_, info),) = ders(octets)
        ((_, fields),) = ders(info)
        _, _, (_, imprint), _, (_, at), *_ = ders(fields)
        (_, algorithm), (_, digest) = ders(imprint)
        granted = ders(status)[0][1]
    except (ValueError, IndexError) as error:
        raise ValueError("not a granted time stamp") from error
    if (kind, of, ders(algorithm)[0][1], len(digest)) != (SIGNED_DATA, TST_INFO, SHA_256, 32):
        raise ValueError("not a time stamp of a SHA-256")
    found = INSTANT.fullmatch(at)
    if granted not in (b"\0", b"\1") or not found:
        raise ValueError("not a granted time stamp, or its time is not of UTC")
    return digest, datetime.strptime(found[1].decode() + "+0000", "%Y%m%d%H%M%S%z")


def ders(content: bytes) -> "list[tuple[int, bytes]]":
    """The tags and contents that follow each other in DER; ValueError when one is cut off."""
    found, at = [], 0
    while at < len(content):
        length, begin = content[at + 1], at + 2
        if length & 0x80:
            begin += length & 0x7F
            if not 1 <= length & 0x7F <= 4:
                raise ValueError("a length that is none")
            length = int.from_bytes(content[at + 2 : begin], "big")
        if len(content) < begin + length:
            raise ValueError("cut off")
        found.append((content[at], content[begin : begin + length]))
        at = begin + length
    return found
