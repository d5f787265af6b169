"""A forged archive is refused by the page and by ``tenken pack verify``, and one that was packed again by neither."""

import io
import zipfile
from pathlib import Path

import pytest

from cli.pack import verify
from evidence.errors import IntegrityError
from tests.tamper.archives import FORGED, PACKED_AGAIN, members, packed
from tests.tamper.browser import Verifier, zipped
from tests.tamper.made import Made, make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(3, tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def archive(made: Made, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The archive of a genuine pack, without entries of folders."""
    told = members(zipped(made.folder, tmp_path_factory.mktemp("zip") / "pack.zip").read_bytes())
    return packed([(one.filename, content) for one, content in told if not one.is_dir()])


def written(content: bytes, to: Path) -> Path:
    to.write_bytes(content)
    return to


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", FORGED)
def test_a_forged_archive_is_refused_by_both(
    made: Made, archive: bytes, verifier: Verifier, tmp_path: Path, name: str
) -> None:
    path = written(FORGED[name](archive), tmp_path / "pack.zip")
    assert verifier.answer(path, made.vkeys()[-1]).verdict == "refused"
    with pytest.raises(IntegrityError):
        verify(path, made.vkeys()[-1], None)


@pytest.mark.parametrize("name", PACKED_AGAIN)
def test_an_archive_that_was_packed_again_is_taken_by_both(
    made: Made, archive: bytes, verifier: Verifier, tmp_path: Path, name: str
) -> None:
    path = written(PACKED_AGAIN[name](archive), tmp_path / "pack.zip")
    told = verifier.answer(path, made.vkeys()[-1])
    assert told.verdict == "genuine", told.all_found
    verify(path, made.vkeys()[-1], None)


def test_a_large_archive_s_directory_is_read(
    made: Made, archive: bytes, verifier: Verifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    wide = packed([(one.filename, content) for one, content in members(archive)])
    assert b"PK\6\6" in wide
    told = verifier.answer(written(wide, tmp_path / "pack.zip"), made.vkeys()[-1])
    assert told.verdict == "genuine", told.all_found
    spoiled = bytearray(wide)
    spoiled[spoiled.rindex(b"PK\6\6") + 32] ^= 1
    assert verifier.answer(written(bytes(spoiled), tmp_path / "pack.zip"), made.vkeys()[-1]).verdict == "refused"


def test_the_archive_is_one_that_zipfile_reads(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as told:
        assert told.testzip() is None
