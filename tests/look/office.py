"""LibreOffice without a screen: what it makes of workbooks, and whether that is what was written."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.look import strict


@dataclass(frozen=True, slots=True)
class Printed:
    """A workbook, the text of each page that it is printed on, and why it is not what we may hand out."""

    book: Path
    pdf: Path
    pages: tuple[str, ...]
    faults: tuple[str, ...]


def printed(books: Sequence[Path], scratch: Path) -> list[Printed]:
    """Print workbooks, and hold what LibreOffice understood against what was written; two starts for all of them."""
    copies = [scratch / f"{number:03d}.xlsx" for number in range(len(books))]  # two books may have one name
    for copy, book in zip(copies, books, strict=True):
        shutil.copyfile(book, copy)
    _convert(copies, "pdf", scratch)
    _convert(copies, "xlsx", scratch / "understood")
    return [_seen(book, copy) for book, copy in zip(books, copies, strict=True)]


def _seen(book: Path, copy: Path) -> Printed:
    pdf, understood = copy.with_suffix(".pdf"), copy.parent / "understood" / copy.name
    pages = tuple(run("pdftotext", "-layout", str(pdf), "-").removesuffix("\f").split("\f")) if pdf.exists() else ()
    content = copy.read_bytes()
    faults = strict.faults(content)
    if not pages or not understood.exists():
        faults.append("LibreOffice does not open it")
    elif not any(page.strip() for page in pages):
        faults.append("nothing of it is printed")
    elif not faults:  # else the strict readers have said why
        faults += strict.differences(strict.rows(content), strict.rows(understood.read_bytes()))
    return Printed(book, pdf, pages, tuple(faults))


def _convert(books: Sequence[Path], to: str, folder: Path) -> None:
    if books:
        profile = f"-env:UserInstallation={(books[0].parent / 'office').as_uri()}"
        run("soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder), *map(str, books))


def run(*words: str) -> str:
    """What a program prints; SystemExit when it is not there or fails."""
    try:
        return subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8", timeout=600).stdout
    except FileNotFoundError as error:
        raise SystemExit(f"{words[0]} is not installed; `make look` says what is needed") from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{words[0]} failed: {error.stderr.strip()}") from error
