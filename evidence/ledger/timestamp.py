"""Time stamps (RFC 3161) of signed heads: who asks an authority, and whether its answer is good.

An answer is verified for the time that it gives (``-attime``): a certificate that ran out later takes nothing back.
"""

import hashlib
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from evidence.errors import ConfigError
from evidence.ledger.tsr import stamped

CRL = re.compile(b"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----\n", re.DOTALL)
CERTIFICATE = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", re.DOTALL)
SECONDS = 30  # that openssl may take


@dataclass(frozen=True, slots=True)
class Trusted:
    """What an authority is believed by: its certificates up to the root, and the lists of those that were revoked."""

    path: Path

    def content(self) -> bytes:
        """The file as it is; ConfigError when it holds no certificate."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"{self.path}: cannot be read: {error.strerror}; it holds the authority's chain"
            ) from error
        if not CERTIFICATE.search(content):
            raise ConfigError(f"{self.path}: holds no PEM certificate; put the authority's chain there, root included")
        return content

    def wrong(self, reply: bytes, message: bytes, request: TimeStampRequest | None = None) -> str | None:
        """Why a reply does not prove that a message was there at its time; None when it does."""
        chain = self.content()
        try:
            digest, at = stamped(reply)
        except ValueError as error:
            return str(error)
        if digest != hashlib.sha256(message).digest():
            return "is of another message"
        try:
            answer = decode_timestamp_response(reply)
        except ValueError:  # not strict DER, as some authorities answer: openssl reads it
            return self._refused(digest, reply, chain, at)
        builder = VerifierBuilder.from_request(request) if request else VerifierBuilder()
        try:
            for pem in CERTIFICATE.findall(chain):
                builder = builder.add_root_certificate(x509.load_pem_x509_certificate(pem))
            builder.build().verify_message(answer, message)
        except (VerificationError, ValueError) as error:
            return f"does not verify: {str(error).partition(': ErrorStack')[0]}"
        return self._refused(digest, reply, chain, at) if CRL.search(chain) else None

    def _refused(self, digest: bytes, reply: bytes, chain: bytes, at: datetime) -> str | None:
        """What openssl says against a reply, which alone looks at lists of revoked certificates: as of the newest."""
        lists = [x509.load_pem_x509_crl(pem).last_update_utc for pem in CRL.findall(chain)]
        command = ["openssl", "ts", "-verify", "-digest", digest.hex(), "-in", "/dev/stdin", "-CAfile", str(self.path)]
        command += ["-attime", str(int(max([at, *lists]).timestamp())), *(["-crl_check"] if lists else [])]
        try:
            done = subprocess.run(command, input=reply, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 - fixed words, a digest, a number and the path of the settings
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"cannot be verified: openssl: {type(error).__name__}"
        told = done.stderr.decode("ascii", "replace")
        why = re.search(r"Verify error:([^\n]+)", told) or re.search(r":([^:\n]+):[^:\n]*\.c:", told)
        return f"does not verify: openssl: {why[1] if why else 'refused'}" if done.returncode else None


def request(message: bytes) -> TimeStampRequest:
    """What an authority is asked: the SHA-256 of a message, with a number that its answer must repeat."""
    return TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
