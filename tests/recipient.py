"""An auditor with a certificate of its own, who opens by the shell what is encrypted to it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


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
