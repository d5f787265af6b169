"""What somebody proves by that they are who they say: a password (kept as Argon2id), with it a one-time password (RFC
6238; its key is kept sealed), or a machine's token (SHA-256).

The password is the way in where no identity provider is, and when it is down (ASVS 6.2). Whose they are is a key; what
they may is not said here but in the register of grants.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor import totp

from evidence import ledger, persons
from evidence.errors import ConfigError
from evidence.store.credentials import NONE
from house import House

PASSWORD, TOKEN, TOTP = "password", "token", "totp"
SHORTEST, LONGEST = 12, 128  # characters: ASVS 6.2.1, 6.2.9
TOKEN_BYTES = 32
TOTP_BYTES, DIGITS, STEP = 20, 6, timedelta(seconds=30)  # what every authenticator takes (RFC 4226 §4, RFC 6238 §5.2)
DRIFT = 1  # steps that a telephone's clock may be ahead or behind
CODE_LIVES = (2 * DRIFT + 1) * STEP  # from when the first clock shows it to when the last one does
_HASHER = PasswordHasher()  # Argon2id, the second recommended choice of RFC 9106
_NOBODYS = _HASHER.hash(secrets.token_hex(SHORTEST))  # asked of who has none, so that both take as long


def set_password(house: House, person: str, password: str, *names: str) -> None:
    """Give a person a password in the place of any before; ConfigError when it is too short, too long or their name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigError(f"a password has {SHORTEST} to {LONGEST} characters")
    if any(name and name.casefold() in password.casefold() for name in names) or len(set(password)) < SHORTEST // 2:
        raise ConfigError("a password that is easily guessed: it holds who it is of, or one sign again and again")
    _put(house, PASSWORD, person, _HASHER.hash(password))


def is_password(house: House, person: str, password: str) -> bool:
    """Whether this is somebody's password; it takes as long of whom nobody knows."""
    with house.store.read() as tx:
        kept = tx.credentials.newest(PASSWORD, person)
    try:
        right = _HASHER.verify(kept or _NOBODYS, password[: LONGEST + 1])
    except VerificationError:
        return False
    return right and kept is not None


def new_totp(house: House, person: str, called: str) -> str:
    """A key for somebody's authenticator in the place of any before, as its ``otpauth`` address; it is told once."""
    key = secrets.token_bytes(TOTP_BYTES)
    _put(house, TOTP, person, _sealing(house, person).encrypt(key).decode())
    return _totp(key).get_provisioning_uri(called, "tenken")


def has_totp(house: House, person: str) -> bool:
    """Whether somebody has an authenticator."""
    with house.store.read() as tx:
        return tx.credentials.newest(TOTP, person) is not None


def totp_step(house: House, person: str, told: str) -> int | None:
    """The step of time of which this is somebody's one-time password now; None: of none."""
    with house.store.read() as tx:
        kept = tx.credentials.newest(TOTP, person)
    try:
        key = _sealing(house, person).decrypt(kept or "")
    except InvalidToken:
        return None
    now = _step(house.clock.now())
    steps = [step for step in range(now - DRIFT, now + DRIFT + 1) if _is_of(key, told, step)]
    return steps[-1] if steps else None


def last_step(at: datetime) -> int:
    """The last step of which a one-time password can be that was taken at a moment."""
    return _step(at) + DRIFT


def new_token(house: House, person: str) -> str:
    """A token for a machine in the place of any before; it is told once."""
    told = secrets.token_urlsafe(TOKEN_BYTES)
    _put(house, TOKEN, person, _digest(told))
    return told


def owner_of_token(house: House, told: str) -> str | None:
    """Whose token this is; None: nobody's."""
    with house.store.read() as tx:
        return tx.credentials.owner(TOKEN, _digest(told))


def changed_since(house: House, person: str, at: datetime) -> bool:
    """Whether a person's password or token was given or taken after a moment: who came in before is out."""
    with house.store.read() as tx:
        changed = tx.credentials.changed_at(person)
    return changed is not None and changed > at


def revoke(house: House, person: str) -> None:
    """Take from a person all that they prove by who they are; their sessions are over, too."""
    for kind in (PASSWORD, TOKEN, TOTP):
        _put(house, kind, person, NONE)


def _totp(key: bytes) -> totp.TOTP:
    return totp.TOTP(key, DIGITS, SHA1(), int(STEP.total_seconds()), enforce_key_length=False)  # noqa: S303 - as authenticators do


def _step(at: datetime) -> int:
    return int(at.timestamp() // STEP.total_seconds())


def _is_of(key: bytes, told: str, step: int) -> bool:
    return secrets.compare_digest(_totp(key).generate(step * int(STEP.total_seconds())), told.encode())


def _sealing(house: House, person: str) -> Fernet:
    """What seals the key of somebody's authenticator: who has the database alone has none, and can give none away."""
    secret = persons.load_secret(house.home / "keys" / "secret")
    return Fernet(base64.urlsafe_b64encode(HKDF(SHA256(), 32, None, f"tenken totp {person}".encode()).derive(secret)))


def _put(house: House, kind: str, person: str, secret: str) -> None:
    masked = house.masking(house.settings.codes[0])(person)
    with house.store.write() as tx:
        tx.credentials.add(kind, person, secret)
        told = {"kind": "credential", "actor": "tenken", "credential": kind, "person": masked, "given": bool(secret)}
        tx.ledger.append(ledger.GROUP, told, f"credential|{kind}|{masked}|{tx.at.isoformat()}")


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()
