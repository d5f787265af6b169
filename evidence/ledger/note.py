"""Signed notes and log checkpoints: C2SP signed-note and tlog-checkpoint, Ed25519 (signature type 0x01).

A note is read strictly, because two readers that see different things in one note are how a signature is stolen:
no control character but the newline, no second blank line in a checkpoint, no key twice, base64 only as we would
write it ourselves. What is refused raises; nothing answers with a truth value.
"""

import base64
import binascii
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evidence.errors import ConfigError, IntegrityError, Tampered
from evidence.ledger.merkle import HASH_SIZE

ED25519 = b"\x01"
KEY_SIZE = 32
KEY_ID_SIZE = 4
DASH = "\u2014 "
MOST_BYTES = 1 << 26  # of a note; the specification asks for some limit. The seal of a pack lists every file of it
MOST_SIGNATURES = 64


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name it signs for; its text form is ``name+hash8+base64``."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise ConfigError(f"key name {self.name!r}: empty, or with a space, a control character or a plus")
        if len(self.public) != KEY_SIZE:
            raise ConfigError(f"key {self.name}: an Ed25519 public key has {KEY_SIZE} bytes, not {len(self.public)}")

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line names this key by."""
        return key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(ED25519 + self.public)}"

    @staticmethod
    def parse(text: str) -> "VerifierKey":
        """Read the text form; ConfigError unless it is exactly what ``str`` of the key would write."""
        name, _, rest = text.partition("+")
        encoded = rest.partition("+")[2]
        try:
            content = _from_base64(encoded)
        except ValueError as error:
            raise ConfigError(f"verifier key {text!r}: not name+hash+base64; copy it whole") from error
        if content[:1] != ED25519:
            raise ConfigError(f"verifier key {text!r}: not an Ed25519 key (type 1)")
        key = VerifierKey(name, content[1:])
        if str(key) != text:
            raise ConfigError(f"verifier key {text!r}: its hash is not that of its name and key; copy it whole")
        return key

    def check(self, message: bytes, signature: bytes) -> None:
        """Accept a signature of this key over a message; else Tampered."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            raise Tampered(f"the signature of {self.name} does not fit the text") from error


class Signer(Protocol):
    """What signs for a name: a key file today, a key service tomorrow."""

    @property
    def vkey(self) -> VerifierKey: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line."""

    name: str
    key_id: bytes
    content: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {_base64(self.key_id + self.content)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(str(signature) for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: how many leaves it had, and their root."""

    origin: str
    size: int
    root: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"

    @staticmethod
    def parse(text: str) -> "Checkpoint":
        """Read a note's text; IntegrityError unless it is exactly three lines as ``str`` would write them."""
        try:
            origin, size, root, rest = text.split("\n")
            checkpoint = Checkpoint(origin, int(size), _from_base64(root))
        except ValueError as error:
            raise IntegrityError("not a checkpoint: its text must be the three lines origin, size and root") from error
        if not origin or rest or str(checkpoint) != text or checkpoint.size < 0 or len(checkpoint.root) != HASH_SIZE:
            raise IntegrityError(f"not a checkpoint of {origin!r}: its size or root is not written as it must be")
        return checkpoint


def key_id(name: str, public: bytes) -> bytes:
    """The identifier of an Ed25519 key under a name."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_SIZE]


def sign(text: str, signers: Sequence[Signer]) -> str:
    """Sign a text that ends in a newline; the note is read back and verified before it is handed out."""
    lines = tuple(Signature(one.vkey.name, one.vkey.key_id, one.sign(text.encode())) for one in signers)
    signed = str(Note(text, lines))
    for one in signers:
        verify(signed, one.vkey)
    return signed


def parse(note: str | bytes) -> Note:
    """Read a note strictly and verify nothing; IntegrityError when it is not one."""
    try:
        content = note if isinstance(note, bytes) else note.encode()
        whole = content.decode()
    except UnicodeError as error:
        raise IntegrityError("not a signed note: it is not UTF-8") from error
    if len(content) > MOST_BYTES:
        raise IntegrityError(f"not a signed note: longer than {MOST_BYTES} bytes")
    if any(character != "\n" and unicodedata.category(character) == "Cc" for character in whole):
        raise IntegrityError("not a signed note: it holds a carriage return or another control character")
    head, blank, tail = whole.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise IntegrityError("not a signed note: a text, a blank line and lines of signatures, each ended, are needed")
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise IntegrityError(f"not a signed note: more than {MOST_SIGNATURES} signatures")
    signatures = tuple(_signature(line) for line in lines)
    keys = [(signature.name, signature.key_id) for signature in signatures]
    if len(set(keys)) != len(keys):
        raise IntegrityError("not a signed note: one key signs twice")
    return Note(head + "\n", signatures)


def verify(note: str | bytes, vkey: VerifierKey) -> str:
    """The text of a note that this key signed; IntegrityError when it did not, Tampered when the signature is wrong.

    Lines of other keys are passed over, as the specification asks: witnesses and newer keys may sign too.
    """
    read = parse(note)
    for signature in read.signatures:
        if (signature.name, signature.key_id) == (vkey.name, vkey.key_id):
            vkey.check(read.text.encode(), signature.content)
            return read.text
    raise IntegrityError(f"the note is not signed by {vkey}")


def verify_checkpoint(note: str | bytes, vkey: VerifierKey, origin: str) -> Checkpoint:
    """The head that this key signed for this log; another log's head is Tampered."""
    checkpoint = Checkpoint.parse(verify(note, vkey))
    if checkpoint.origin != origin:
        raise Tampered(f"the checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}")
    return checkpoint


def _signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    try:
        content = _from_base64(encoded)
    except ValueError as error:
        raise IntegrityError("not a signed note: a signature is not canonical base64") from error
    if not line.startswith(DASH) or not space or not _is_name(name) or len(content) <= KEY_ID_SIZE:
        raise IntegrityError("not a signed note: a signature line is not dash, name and base64")
    return Signature(name, content[:KEY_ID_SIZE], content[KEY_ID_SIZE:])


def _is_name(name: str) -> bool:
    return bool(name) and not any(c == "+" or c.isspace() or unicodedata.category(c) in ("Cc", "Cs") for c in name)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _from_base64(text: str) -> bytes:
    """ValueError unless in the one canonical form: ``b64decode`` alone lets stray bits of the last digit pass."""
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if _base64(content) != text:
        raise ValueError("not canonical base64")
    return content
