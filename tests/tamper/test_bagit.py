"""Invalid bags of the BagIt conformance suite are refused by both verifiers, and ours is valid to another make."""

import shutil
from pathlib import Path

import bagit
import pytest

from tests.reports.packed import problems
from tests.tamper.browser import Verifier, zipped
from tests.tamper.made import make

INVALID = (
    "bagit-with-invalid-whitespace",
    "notAllManifestsListAllFiles",
    "same-filename-listed-twice-with-different-hashes",
    "same-filename-listed-twice-with-the-same-hash",
)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def suite(shared: Path) -> Path:
    return shared / "data" / "bagit" / "v1.0"


def test_every_invalid_bag_of_the_suite_is_tried(suite: Path) -> None:
    assert {path.name for path in (suite / "invalid").iterdir()} == set(INVALID)


@pytest.mark.parametrize("name", [*(f"invalid/{one}" for one in INVALID), "valid/basicBag"])
def test_a_bag_that_is_no_pack_is_refused_without_harm(
    suite: Path, verifier: Verifier, tmp_path: Path, name: str
) -> None:
    bag = Path(shutil.copytree(suite / name, tmp_path / "bag"))
    before = everything(bag)
    assert problems(bag, None)
    assert verifier.answer(zipped(bag, tmp_path / "bag.zip"), None).verdict == "refused"
    assert everything(bag) == before


@pytest.mark.parametrize("name", INVALID[2:])
def test_a_name_that_stands_twice_is_what_is_told(suite: Path, verifier: Verifier, tmp_path: Path, name: str) -> None:
    told = verifier.answer(zipped(suite / "invalid" / name, tmp_path / "bag.zip"), None)
    assert "stands twice" in told.found["lists"]


@pytest.mark.parametrize("seed", range(3))
def test_ours_is_a_valid_bag(tmp_path: Path, seed: int) -> None:
    assert bagit.Bag(str(make(seed, tmp_path).folder)).is_valid()
