"""Raw packs and backups are personal information: they leave the house encrypted to their recipient (RFC 5652, CMS).

``openssl cms -decrypt -binary -inform DER -in P.zip.p7m -inkey KEY -out P.zip`` opens it. OpenSSL writes it too,
because it streams; but whoever opens an envelope holds it in memory three times over, so that what is large goes into
several. AES-256-CBC, because every CMS reader has it; what was changed on the way is seen by the seal inside.
"""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from evidence.errors import ConfigError

SUFFIX = ".p7m"
LARGEST = 256 << 20  # plain bytes of one envelope
ENCRYPT = ("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER")
SMALLEST = 2048  # bits of an RSA key


def recipient_at(certificate: Path, now: datetime) -> x509.Certificate:
    """Read who a pack is for; ConfigError when it is no certificate that holds now and that one can encrypt to."""
    try:
        content = certificate.read_bytes()
    except OSError as error:
        raise ConfigError(f"{certificate}: cannot be read: {error.strerror or error}") from error
    return sent(content, str(certificate), now)


def sent(content: bytes, name: str, now: datetime) -> x509.Certificate:
    """The same of a certificate that somebody sent, under the ``name`` by which errors call it."""
    try:
        read = x509.load_pem_x509_certificate(content)
        key, extensions = read.public_key(), read.extensions
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{name}: is no certificate in PEM; ask the recipient for one") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST:
        raise ConfigError(f"{name}: a certificate with an RSA key of at least {SMALLEST} bits is needed")
    if not read.not_valid_before_utc <= now < read.not_valid_after_utc:
        raise ConfigError(f"{name}: holds from {read.not_valid_before_utc} to {read.not_valid_after_utc}, not now")
    with suppress(x509.ExtensionNotFound):
        if not extensions.get_extension_for_class(x509.KeyUsage).value.key_encipherment:
            raise ConfigError(f"{name}: its key usage does not allow to encrypt to it (keyEncipherment)")
    try:
        sealed(b"", read)  # a key may be of RSA and for signatures alone, or of numbers that nothing can work with
    except OSError as error:
        raise ConfigError(f"{name}: openssl cannot encrypt to its key; ask the recipient for another") from error
    return read


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate, by which the ledger names a recipient."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def encrypt(plain: Path, certificate: x509.Certificate, to: Path) -> None:
    """Encrypt a file to a certificate. OSError when openssl cannot; a part of it may lie at ``to`` then."""
    with _pem(certificate) as pem:
        _openssl(*ENCRYPT, "-stream", "-in", str(plain), "-out", str(to), pem)


def sealed(content: bytes, certificate: x509.Certificate) -> bytes:
    """A content that fits into memory, encrypted to a certificate. OSError when openssl cannot."""
    with _pem(certificate) as pem:
        return _openssl(*ENCRYPT, pem, given=content)


def opened(envelope: bytes, key: Path) -> bytes:
    """What was encrypted to the certificate of a private key; OSError when this key does not open it."""
    return _openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", str(key), given=envelope)


@contextmanager
def _pem(certificate: x509.Certificate) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(certificate.public_bytes(serialization.Encoding.PEM))
        pem.flush()
        yield pem.name


def _openssl(*arguments: str, given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(["openssl", *arguments], input=given, check=False, capture_output=True)  # noqa: S603, S607 - no shell; paths are ours
    except FileNotFoundError as error:
        raise ConfigError("openssl is not installed; it encrypts (Debian: apt install openssl)") from error
    if done.returncode:
        raise OSError(
            f"openssl cannot {arguments[1].strip('-')}: {' '.join(done.stderr.decode('utf-8', 'replace').split())}"
        )
    return done.stdout
