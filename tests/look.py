"""Every workbook and page of a demo as pictures, and one contact sheet: what no assertion can see, a person can.

    python -m tests.look DEMO_OUT LOOK_OUT [--pages 3] [--dpi 80]

Workbooks are printed by LibreOffice (the first pages of each sheet, told apart by the sheet's name in the footer),
pages are opened by Chromium on a desk and on a phone. The home of the demo is left out: it holds no documents.
"""

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

HOME = "home"
# "&A" on the left, a note in the middle, "&P / &N" on the right (reports/workbook.py)
FOOTER = re.compile(r"^\s*(\S.*?)\s{2,}(?:\S.*\s{2,})?\d+ / \d+\s*$")
DESK, PHONE = 1280, 390
TALLEST = 12_000  # pixels of one picture; Chromium paints no more than 16,384
TILE, GAP, CAPTION = 420, 16, 34  # of the contact sheet


@dataclass(frozen=True, slots=True)
class Picture:
    """One PNG and what it shows."""

    file: Path
    caption: str


def documents(folder: Path) -> list[Path]:
    """The workbooks and pages of a demo, in the order of their names."""
    found = (p for p in folder.rglob("*") if p.suffix in (".xlsx", ".html") and p.is_file())
    return sorted(p for p in found if HOME not in p.relative_to(folder).parts[:-1])


def sheet_of(page: str) -> str:
    """The name of the sheet in the footer of a printed page's text, or nothing."""
    told = [line for line in page.split("\n") if line.strip()]
    match = FOOTER.match(told[-1]) if told else None
    return match[1] if match else ""


def chosen(pages: Sequence[str], limit: int) -> list[tuple[int, str]]:
    """Number and sheet of the pages to show: the first ``limit`` of each sheet."""
    seen: Counter[str] = Counter()
    kept = []
    for number, page in enumerate(pages, start=1):
        sheet = sheet_of(page)
        seen[sheet] += 1
        if seen[sheet] <= limit:
            kept.append((number, sheet))
    return kept


def contact_page(pictures: Iterable[Picture], folder: Path, columns: int) -> str:
    """The page that shows every picture in a grid; a tall one is cut at the height of a portrait sheet."""
    told = ((quote(p.file.relative_to(folder).as_posix()), html.escape(p.caption)) for p in pictures)
    tiles = "".join(f'<figure><img src="{f}" alt=""><figcaption>{c}</figcaption></figure>\n' for f, c in told)
    style = (
        f"body{{margin:{GAP}px;display:grid;grid-template-columns:repeat({columns},{TILE}px);gap:{GAP}px;background:#8b93a1}}"
        f"figure{{margin:0;height:{_tile_height()}px;overflow:hidden;background:#fff;position:relative}}"
        "img{width:100%;display:block}"
        f"figcaption{{position:absolute;bottom:0;width:100%;height:{CAPTION}px;padding:2px 6px}}"
        "figcaption{font:11px/1.4 sans-serif;background:#fffd}"
    )
    head = f'<meta charset="utf-8"><title>look</title><style>{style}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n{tiles}</body></html>\n'


def contact_size(count: int) -> tuple[int, int, int]:
    """Columns, width and height of the contact sheet for so many pictures; it grows wider before it grows too tall."""
    columns = 4
    while -(-count // columns) * (_tile_height() + GAP) + GAP > TALLEST:
        columns += 1
    rows = -(-count // columns)
    return columns, columns * (TILE + GAP) + GAP, rows * (_tile_height() + GAP) + GAP


def _tile_height() -> int:
    return TILE * 210 // 297 + CAPTION  # A4 landscape


def look(folder: Path, out: Path, limit: int, dpi: int) -> list[Picture]:
    """Take all pictures of a demo and lay them on ``contact.png``."""
    found = documents(folder)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tenken-look-") as scratch:
        pictures = _of_workbooks([p for p in found if p.suffix == ".xlsx"], folder, out, Path(scratch), limit, dpi)
        for path in (p for p in found if p.suffix == ".html"):
            pictures += _of_page(path, folder, out, Path(scratch))
        columns, width, height = contact_size(len(pictures))
        index = out / "index.html"
        index.write_text(contact_page(pictures, out, columns), "utf-8")
        _shoot(index, out / "contact.png", width, height, Path(scratch))
    return pictures


def _of_workbooks(books: Sequence[Path], folder: Path, out: Path, scratch: Path, limit: int, dpi: int) -> list[Picture]:
    copies = {scratch / f"{number:03d}.xlsx": book for number, book in enumerate(books)}  # two books may have one name
    for copy, book in copies.items():
        shutil.copyfile(book, copy)
    if copies:
        profile = f"-env:UserInstallation={(scratch / 'office').as_uri()}"
        _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(scratch), *map(str, copies))
    pictures = []
    for copy, book in copies.items():
        pdf = copy.with_suffix(".pdf")
        if not pdf.exists():
            raise SystemExit(f"{book}: LibreOffice made no PDF of it")
        texts = _run("pdftotext", "-layout", str(pdf), "-").removesuffix("\f").split("\f")
        stem = _stem(book, folder)
        for number, sheet in chosen(texts, limit):
            target = out / f"{stem}_{number:03d}"
            _run(
                "pdftoppm",
                "-png",
                "-singlefile",
                "-r",
                str(dpi),
                "-f",
                str(number),
                "-l",
                str(number),
                str(pdf),
                str(target),
            )
            caption = f"{book.name} {sheet} ({number}/{len(texts)})"
            pictures.append(Picture(target.with_name(target.name + ".png"), caption))
    return pictures


def _of_page(path: Path, folder: Path, out: Path, scratch: Path) -> list[Picture]:
    pictures = []
    for name, width in (("desk", DESK), ("phone", PHONE)):
        # Chromium's window is never narrower than 500 pixels; a frame is.
        frame = scratch / f"{name}.html"
        inner = f'<iframe src="{path.resolve().as_uri()}" width="{width}" height="{TALLEST}" style="border:0"></iframe>'
        frame.write_text(f'<!DOCTYPE html><title>{name}</title><body style="margin:0">{inner}</body>', "utf-8")
        target = out / f"{_stem(path, folder)}_{name}.png"
        _shoot(frame, target, max(width, 500), TALLEST, scratch)
        pictures.append(Picture(target, f"{path.name} ({name}, {width} px)"))
    return pictures


def _shoot(page: Path, target: Path, width: int, height: int, scratch: Path) -> None:
    _run(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
        f"--user-data-dir={scratch / 'chromium'}", f"--window-size={width},{height}",
        f"--screenshot={target.resolve()}", page.resolve().as_uri(),
    )  # fmt: skip
    if not target.exists():
        raise SystemExit(f"{page}: Chromium took no picture of it")


def _stem(path: Path, folder: Path) -> str:
    return "_".join(path.relative_to(folder).with_suffix("").parts)


def _run(*words: str) -> str:
    try:
        return subprocess.run(words, check=True, capture_output=True, text=True, encoding="utf-8", timeout=600).stdout
    except FileNotFoundError as error:
        raise SystemExit(f"{words[0]} is not installed; `make look` says what is needed") from error
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"{words[0]} failed: {error.stderr.strip()}") from error


def main(words: Sequence[str]) -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.look", description="Every workbook and page of a demo as pictures."
    )
    parser.add_argument("demo", type=Path, help="folder of a demo")
    parser.add_argument("out", type=Path, help="folder for the pictures")
    parser.add_argument("--pages", type=int, default=3, help="pages to show of each sheet")
    parser.add_argument("--dpi", type=int, default=80)
    told = parser.parse_args(words)
    if not documents(told.demo):
        parser.error(f"{told.demo}: no workbook and no page there; run `make demo` first")
    pictures = look(told.demo, told.out, told.pages, told.dpi)
    print(f"{len(pictures)} pictures, all on {told.out / 'contact.png'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
