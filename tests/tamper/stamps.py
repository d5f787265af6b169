"""What can be done to the time stamp of a pack's head by the issuer, who seals whatever it likes.

Whether the authority may be believed is for openssl to say (tests/tamper/test_authority.py), not for a verifier.
"""

from tests.tamper.ground import Ground
from tests.tamper.made import Made, stamp_of

STAMP, CHAIN = "checkpoint.tsr", "tsa-chain.pem"


def stamp_of_another_head(ground: Ground, made: Made) -> None:
    """A sound stamp, of the head of an earlier visit."""
    now = (made.folder / "checkpoint").read_bytes()
    heads = [content for visit in made.visits if (content := visit.read_bytes()) != now]
    _stamped(made, stamp_of(ground.chance.choice(heads)))


def stamp_in_another_form(ground: Ground, made: Made) -> None:
    """A stamp of the right head that is cut off, repeated or has bytes more."""
    reply = stamp_of((made.folder / "checkpoint").read_bytes())
    cut = reply[: ground.chance.randrange(len(reply))]
    _stamped(
        made, ground.chance.choice((cut, reply + reply, reply + b"\0", reply[1:], cut + b"\0" + reply[len(cut) :]))
    )


def half_of_a_stamp(ground: Ground, made: Made) -> None:
    """The stamp without what its authority is believed by, or that without the stamp."""
    _stamped(made, stamp_of((made.folder / "checkpoint").read_bytes()))
    (made.folder / ground.chance.choice((STAMP, CHAIN))).unlink()


def _stamped(made: Made, reply: bytes) -> None:
    (made.folder / STAMP).write_bytes(reply)
    (made.folder / CHAIN).write_bytes(b"-----BEGIN CERTIFICATE-----\n")
