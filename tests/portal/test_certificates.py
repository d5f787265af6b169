"""Whatever is sent as a certificate for originals is refused in words, or gets a pack that its key opens."""

import re
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zipfile import is_zipfile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from tests.portal.served import Served
from tests.portal.test_originals import asked, decided, made, wishes
from tests.recipient import Recipient, timeless

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "auditor")])
CERTIFICATE, KEY = timeless()
DER = x509.load_pem_x509_certificate(CERTIFICATE).public_bytes(Encoding.DER)
SIGNING = x509.KeyUsage(
    digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


@cache
def ours() -> rsa.RSAPrivateKey:
    key = load_pem_private_key(KEY, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def certificate(
    of: CertificatePublicKeyTypes, *extensions: x509.ExtensionType, since: int = 2020, until: int = 2040
) -> bytes:
    """A certificate of any key, signed by one of RSA."""
    told = x509.CertificateBuilder(
        NAME, NAME, of, 1, datetime(since, 1, 1, tzinfo=UTC), datetime(until, 1, 1, tzinfo=UTC)
    )
    for one in extensions:
        told = told.add_extension(one, critical=True)
    return told.sign(ours(), SHA256()).public_bytes(Encoding.PEM)


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def in_place(old: str, new: str, of: bytes = CERTIFICATE) -> bytes:
    """A certificate with other bytes in one place; nobody looks at its signature."""
    told = x509.load_pem_x509_certificate(of).public_bytes(Encoding.DER)
    assert told.count(bytes.fromhex(old)) == 1
    return pem(told.replace(bytes.fromhex(old), bytes.fromhex(new)))


def said_twice() -> bytes:
    """One whose two extensions are called alike."""
    told = certificate(ours().public_key(), SIGNING, x509.BasicConstraints(ca=False, path_length=None))
    return in_place("0603551d13", "0603551d0f", told)


def pem(der: bytes) -> bytes:
    return openssl("base64", given=der).join((b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"))


def of_pss() -> bytes:
    """One of an RSA key that may sign, and nothing else (RFC 4055)."""
    key = openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
    told = openssl(
        "req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=a", "-days", "9", "-outform", "DER", given=key
    )
    since, until = re.findall(rb"\d{12}Z", told)
    return pem(told.replace(since, b"200101000000Z").replace(until, b"400101000000Z"))


def long_key(bits: int) -> bytes:
    return certificate(rsa.RSAPublicNumbers(65537, (1 << bits) - 1).public_key())


REFUSED: Mapping[str, Callable[[], bytes]] = {
    "one byte": lambda: b"\0",
    "many zeros": lambda: bytes(60_000),
    "the key in its place": lambda: KEY,
    "a public key": lambda: ours().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "DER": lambda: DER,
    "a request for one": lambda: (
        x509.CertificateSigningRequestBuilder(NAME).sign(ours(), SHA256()).public_bytes(Encoding.PEM)
    ),
    "an elliptic curve": lambda: certificate(ec.generate_private_key(ec.SECP256R1()).public_key()),
    "a curve for signatures": lambda: certificate(ed25519.Ed25519PrivateKey.generate().public_key()),
    "DSA": lambda: certificate(dsa.generate_private_key(1024).public_key()),
    "a short key": lambda: certificate(rsa.generate_private_key(65537, 1024).public_key()),
    "a key that is too long": lambda: long_key(16_400),
    "a key for signatures": of_pss,
    "one that ended": lambda: certificate(ours().public_key(), until=2025),
    "one that has yet to begin": lambda: certificate(ours().public_key(), since=2030),
    "one that may not encrypt": lambda: certificate(ours().public_key(), SIGNING),
    "one of no version": lambda: in_place("a003020102", "a003020109"),
    "an unknown kind of key": lambda: in_place("2a864886f70d010101", "2a864886f70d010107"),
    "an extension that stands twice": said_twice,
    "half of one": lambda: CERTIFICATE[: len(CERTIFICATE) // 2],
    "wide signs": lambda: CERTIFICATE.decode().encode("utf-16"),
    "zeros within": lambda: CERTIFICATE.replace(b"\n", b"\0\n"),
    "another label": lambda: CERTIFICATE.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"),
}
TAKEN: Mapping[str, Callable[[], bytes]] = {
    "as it is": lambda: CERTIFICATE,
    "a chain": lambda: CERTIFICATE + certificate(ec.generate_private_key(ec.SECP256R1()).public_key()),
    "words before and behind": lambda: b"Bag Attributes\n" + CERTIFICATE + b"\x00\xff no more\n",
    "other line ends": lambda: CERTIFICATE.replace(b"\n", b"\r\n"),
    "its key before it": lambda: KEY + CERTIFICATE,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_nothing_can_be_encrypted_to_is_refused_in_words_and_nothing_waits(door: Served, name: str) -> None:
    auditor = door.visitor("109")
    answer = asked(auditor, REFUSED[name]())
    assert (answer.status_code, wishes(auditor)) == (422, [])
    assert "certificate: " in answer.text
    assert str(door.house.home) not in answer.text


@pytest.mark.parametrize("name", TAKEN)
def test_what_holds_a_certificate_gets_a_pack_that_its_key_opens(door: Served, tmp_path: Path, name: str) -> None:
    auditor, officer = door.visitor("109"), door.visitor("103")
    assert asked(auditor, TAKEN[name]()).status_code == 303
    [wish] = wishes(auditor)
    assert decided(officer, wish) == 303
    [link] = re.findall(r'href="(/AOBA/packs/[^"]+)"', made(auditor, wish).text)
    keeper, sealed = Recipient(tmp_path / "auditor.pem", tmp_path / "auditor.key"), tmp_path / "pack.p7m"
    keeper.key.write_bytes(KEY)
    sealed.write_bytes(auditor.get(link).content)
    assert is_zipfile(keeper.open(sealed, tmp_path / "pack.zip"))
    assert wishes(auditor) == []
