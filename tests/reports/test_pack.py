"""A pack is what its scope says, byte for byte, and tools of another make agree on it (design.md §9)."""

import base64
import io
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import bagit
import pytest

from evidence.ledger import log_of
from evidence.ledger.keys import SigningKey
from reports.pack import Scope, write
from reports.pack.payload import Payload
from tests.reports.packed import Issued, verified
from tests.servers import need

KEY = SigningKey.from_seed(log_of("AOBA"), bytes(range(32)))
AT = datetime(2026, 4, 1, tzinfo=UTC)
SCOPE = Scope("AOBA", "株式会社青葉", date(2026, 3, 1), date(2026, 3, 31), AT, False, ("HUM-01",))


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_the_shell_agrees(issued: Issued, kind: str) -> None:
    command = ["sha256sum", "-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(command, cwd=issued.folder / kind, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("kind", ["masked", "raw"])
def test_another_make_of_bagit_agrees(issued: Issued, kind: str) -> None:
    assert bagit.Bag(str(issued.folder / kind)).is_valid()


def test_openssl_agrees_on_the_signature(issued: Issued, tmp_path: Path) -> None:
    need("openssl", "openssl")
    text, _, signature = (issued.folder / "masked" / "seal.sig").read_bytes().rpartition(b"\n\n")
    (tmp_path / "text").write_bytes(text + b"\n")
    (tmp_path / "sig").write_bytes(base64.b64decode(signature.split()[-1])[4:])
    public = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(issued.vkey().split("+", 2)[2])[1:]
    (tmp_path / "key.der").write_bytes(public)
    command = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key.der -in text -sigfile sig"
    assert subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(
    ("held", "shown", "code"),
    [
        pytest.param("masked", "later", 0, id="it only grew"),
        pytest.param("later", "masked", 1, id="it was rolled back"),
        pytest.param("other", "later", 1, id="the head of another company"),
    ],
)
def test_growth_since_the_last_visit(issued: Issued, held: str, shown: str, code: int) -> None:
    last = issued.folder / held / "checkpoint"
    assert verified(issued.folder / shown, issued.vkey(), "--previous", str(last))[0] == code


def test_nothing_stays_of_a_pack_that_could_not_be_finished(tmp_path: Path) -> None:
    def gone() -> io.BufferedIOBase:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "p.zip", SCOPE, [Payload("06_raw/1", gone)], [], "", KEY)
    assert list(tmp_path.iterdir()) == []
