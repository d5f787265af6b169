"""What the reply of a time-stamping authority (RFC 3161) says; its signature is another's to look at.

Standard library and Python 3.9 only: the verify.py of a pack has this text, too.
"""

import re
from datetime import datetime

SIGNED_DATA, TST_INFO = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d0109100104")
SHA_256 = bytes.fromhex("608648016503040201")
INTEGER, OCTETS, OID, TIME, SEQUENCE, SET, FIRST = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31, 0xA0
INSTANT = re.compile(rb"([0-9]{14})(?:\.[0-9]+)?Z")


def stamped(reply: bytes) -> "tuple[bytes, datetime]":
    """The SHA-256 that a granted reply is about, and the time that it gives; ValueError for anything else."""
    try:
        (response,) = within(reply, SEQUENCE)
        status, token = within(response, SEQUENCE, SEQUENCE)
        kind, wrapped = within(token, OID, FIRST)
        (signed,) = within(wrapped, SEQUENCE)
        _, _, inner, *_ = within(signed, INTEGER, SET, SEQUENCE, ...)
        of, contained = within(inner, OID, FIRST)
        (octets,) = within(contained, OCTETS)
        (info,) = within(octets, SEQUENCE)
        _, _, imprint, _, at, *_ = within(info, INTEGER, OID, SEQUENCE, INTEGER, TIME, ...)
        algorithm, digest = within(imprint, SEQUENCE, OCTETS)
        granted, hashed_by = within(status, INTEGER, ...)[0], within(algorithm, OID, ...)[0]
    except (ValueError, IndexError) as error:
        raise ValueError("not a granted time stamp") from error
    if (kind, of, hashed_by, len(digest)) != (SIGNED_DATA, TST_INFO, SHA_256, 32):
        raise ValueError("not a time stamp of a SHA-256")
    found = INSTANT.fullmatch(at)
    if granted not in (b"\0", b"\1") or not found:
        raise ValueError("not a granted time stamp, or its time is not of UTC")
    return digest, datetime.strptime(found[1].decode() + "+0000", "%Y%m%d%H%M%S%z")


def within(content: bytes, *tags: "object") -> "list[bytes]":
    """The contents of what follows each other in DER, which has just these tags; more after them where ``...`` ends."""
    found = ders(content)
    wanted = tags[:-1] if tags[-1] is ... else tags
    if [tag for tag, _ in found[: len(wanted)]] != list(wanted) or (wanted is tags and len(found) > len(tags)):
        raise ValueError("other elements")
    return [one for _, one in found]


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
