"""A small house that has something of everything: objects, facts, registers, a closed judgement and signed heads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine, make_url, text

from evidence import settings
from evidence.clock import StandingClock
from evidence.ledger import keys as signing
from house import House, furnish, logs, open_house
from house.heads import checkpoint
from tests import closing
from tests.closing import at, collected, listed
from tests.recipient import Recipient

NUMBERS = count(1)
LATER = at("2026-04-02T10:00")
CODES = ("AOBA", "AOI")


def small(home: Path, address: str | None = None) -> House:
    """Two companies whose devices were listed on two days, in a database of one's own or at an address."""
    settings.write(home, "青葉グループ", [(code, f"株式会社{code}") for code in CODES])
    if address is not None:
        with (home / "settings.yaml").open("a", encoding="utf-8") as file:
            file.write(f"database: {json.dumps(address)}\n")
    house = furnish(home, StandingClock(at("2026-04-02T09:00")))
    closing.devices(house, CODES)
    checkpoint(house)
    grown(house, date(2026, 4, 1))
    return house


def grown(house: House, day_on: date) -> dict[str, str]:
    """One more list of devices, and the heads that are signed after it."""
    (house.home / "inbox" / "mdm").mkdir(parents=True, exist_ok=True)
    listed(house, f"{day_on}T05:00", day_on.isoformat())
    collected(house, day_on)
    return checkpoint(house)


def keeper(folder: Path) -> Recipient:
    """Who keeps backups, with a certificate that holds on the days that these houses live through."""
    made = Recipient(folder / "keeper.pem", folder / "keeper.key")
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "keeper")])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2120, 1, 1))
    pem = serialization.Encoding.PEM
    made.certificate.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return made


def sizes(house: House) -> dict[str, int]:
    with house.store.read() as tx:
        return {log: tx.ledger.size(log) for log in logs(house.settings)}


def content(home: Path) -> dict[str, bytes]:
    """What a home keeps in files, but for the database."""
    folders = ("keys", "sources", "profiles", "vault", "facts")
    files = [home / "settings.yaml", *(path for name in folders for path in (home / name).rglob("*"))]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in sorted(files) if path.is_file()}


def remember(house: House, notes: dict[str, str]) -> Path:
    """Put down in the keys folder what was signed last, as the signer does."""
    for log, note in notes.items():
        key = signing.place(house.home / "keys", log)
        key.with_name(f"{key.name}.head").write_text(note, "utf-8")
    return house.home / "keys"


@contextmanager
def reopened(home: Path) -> Iterator[House]:
    house = open_house(home, StandingClock(at("2026-05-01T09:00")))
    try:
        yield house
    finally:
        house.store.close()


def elsewhere(address: str | None) -> str | None:
    """The address of an empty database of the same server, for tables in the same schema; None for SQLite."""
    if address is None:
        return None
    name, engine = f"restored{next(NUMBERS)}", create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def tables(address: str) -> int:
    """How many tables there are at an address, in whatever schema."""
    engine = create_engine(address)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname !~ '^(pg_|information_)'"))
        told = int(found.scalar_one())
    engine.dispose()
    return told
