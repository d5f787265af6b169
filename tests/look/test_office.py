"""LibreOffice mends in silence: a workbook that it opens otherwise than it was written is told all the same."""

import shutil
from collections.abc import Mapping

import pytest

from tests.look.damaged import DAMAGED, sound
from tests.look.office import Printed, printed

# Not a need of the suite, which must not take an office along: `make look` installs it and runs these first.
pytestmark = pytest.mark.skipif(not shutil.which("soffice") or not shutil.which("pdftotext"), reason="no LibreOffice")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Printed]:
    """All workbooks, opened by LibreOffice at once."""
    folder, scratch = tmp_path_factory.mktemp("books"), tmp_path_factory.mktemp("scratch")
    books = {name: folder / f"{number}.xlsx" for number, name in enumerate(["sound", *DAMAGED])}
    for name, path in books.items():
        path.write_bytes(DAMAGED.get(name, sound()))
    return dict(zip(books, printed(list(books.values()), scratch), strict=True))


def test_a_sound_workbook_is_printed_whole_and_has_no_fault(seen: Mapping[str, Printed]) -> None:
    assert (seen["sound"].faults, len(seen["sound"].pages), "V-0002" in seen["sound"].pages[0]) == ((), 2, True)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_workbook_has_a_fault(seen: Mapping[str, Printed], name: str) -> None:
    assert seen[name].faults
