"""An auditor with a certificate of its own, who opens by the shell what is encrypted to it."""

import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Recipient:
    """Certificate and key, as files."""

    certificate: Path
    key: Path

    def open(self, packed: Path, to: Path) -> Path:
        """Decrypt a pack as VERIFY.txt tells, into ``to``."""
        openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", packed, "-inkey", self.key, "-out", to)
        return to


def recipient(folder: Path, *more: str) -> Recipient:
    """A recipient whose files lie in a folder; ``more`` goes to ``openssl req``."""
    made = Recipient(folder / "auditor.pem", folder / "auditor.key")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", made.key, "-out", made.certificate,
            "-days", "30", "-subj", "/CN=auditor", *more)  # fmt: skip
    return made


def openssl(*arguments: object) -> None:
    """Run openssl, or fail with what it says."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@cache
def timeless() -> tuple[bytes, bytes]:
    """A certificate that holds whatever day the tests play on, and its key, in PEM."""
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auditor")])
    told = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    told = told.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
    form, kept = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return told.sign(key, hashes.SHA256()).public_bytes(pem), key.private_bytes(pem, form, kept)
