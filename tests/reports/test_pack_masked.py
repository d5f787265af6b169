"""What a pack never holds: keys of persons and what names them (masked), and what is another company's (any)."""

import csv
import io
from functools import cache
from pathlib import Path

import pytest

from evidence.persons import MINTED
from tests.outside import CODE, LEAVER, people
from tests.reports.packed import OTHER, THEIRS, Issued, entries

STAFF = [*people("kouno"), LEAVER]
OWN = [
    *(word for person in STAFF for word in (person.number, person.name, person.mail)),
    "bert-jan", "kouno.hanako", "otoyama1", "丙野四郎", "研修_", "meibo_", "rireki_",
]  # fmt: skip


@cache
def everything(path: Path) -> str:
    """All that a pack holds, in each encoding that its sources use."""
    encodings = ("utf-8", "cp932", "utf-16-le")
    told = ([name, *(content.decode(one, "ignore") for one in encodings)] for name, content in entries(path).items())
    return "\n".join(text for texts in told for text in texts)


@cache
def but_for_the_configuration(path: Path) -> str:
    """What a pack holds of the company, without the catalogue that is the same for all."""
    held = (content.decode("utf-8", "ignore") for name, content in entries(path).items() if "/10_config/" not in name)
    return "\n".join(held)


@pytest.fixture(scope="module", params=["masked", "other", "later"])
def masked(request: pytest.FixtureRequest, issued: Issued) -> str:
    return everything(issued.zips / f"{request.param}.zip")


@pytest.fixture(scope="module")
def raw(issued: Issued) -> str:
    return everything(issued.zips / "raw.zip")


def test_a_masked_pack_holds_no_minted_key(masked: str) -> None:
    assert MINTED.findall(masked) == []


def test_a_raw_pack_does(raw: str) -> None:
    assert MINTED.findall(raw)


@pytest.mark.parametrize("word", [*OWN, *THEIRS[:3]])
def test_a_masked_pack_names_nobody(masked: str, word: str) -> None:
    assert word not in masked


@pytest.mark.parametrize("word", ["W904171", "otoyama1", "髙橋①太郎", "kouno.hanako@aoi.example", "meibo_"])
def test_a_raw_pack_does_name_people(raw: str, word: str) -> None:
    assert word in raw


def test_a_masked_pack_tells_no_path_of_the_machine(issued: Issued, masked: str) -> None:
    assert str(issued.house.home) not in masked
    assert "file://" not in masked


@pytest.mark.parametrize("kind", ["masked", "raw", "later"])
@pytest.mark.parametrize("word", [*THEIRS, "株式会社緑", "V-9"])
def test_no_pack_tells_of_the_other_company(issued: Issued, kind: str, word: str) -> None:
    assert word not in everything(issued.zips / f"{kind}.zip")


@pytest.mark.parametrize("kind", ["other", "other-raw"])
@pytest.mark.parametrize("word", ["架空印刷", "株式会社葵", "V-1,", "SYS-AWS"])
def test_nor_the_other_s_of_the_first(issued: Issued, kind: str, word: str) -> None:
    assert word not in but_for_the_configuration(issued.zips / f"{kind}.zip")


@pytest.mark.parametrize("word", ["他社印刷", "株式会社緑", "V-9"])
def test_the_other_s_own_pack_does(issued: Issued, word: str) -> None:
    assert word in everything(issued.zips / "other.zip")


@pytest.mark.parametrize(("kind", "company"), [("masked", CODE), ("raw", CODE), ("other", OTHER), ("other-raw", OTHER)])
def test_every_row_is_the_company_s_or_the_group_s(issued: Issued, kind: str, company: str) -> None:
    whose = set()
    for table in (issued.folder / kind / "data").glob("0[789]_*/*.csv"):
        rows = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))
        whose |= {row["company"] for row in rows if "company" in row}
    assert whose <= {company, ""}
    assert company in whose
