"""Every workbook and page as pictures, and one contact sheet: what no assertion can see, a person can.

Workbooks are printed by LibreOffice (the first pages of each sheet, told apart by the sheet's name in the footer),
pages are opened by Chromium on a desk and on a phone. The home of a demo is left out: it holds no documents.
"""

import html
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.look.handed_out import TEMPLATES
from tests.look.office import Printed, printed, run

HOME = "home"
# "&A" on the left, a note in the middle, "&P / &N" on the right (reports/workbook.py)
FOOTER = re.compile(r"^\s*(\S.*?)\s{2,}(?:\S.*\s{2,})?\d+ ?/ ?\d+\s*$")
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


def look(
    folders: Sequence[Path], out: Path, limit: int, dpi: int, beside: Sequence[Picture] = ()
) -> tuple[list[Picture], list[str]]:
    """Take all pictures of what lies in folders and lay them on ``contact.png`` with those that were taken already; say
    also what nobody may be handed."""
    stems = {path: _stem(path, folder) for folder in folders for path in documents(folder)}
    pictures = [*beside]
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tenken-look-") as scratch:
        for one in printed([path for path in stems if path.suffix == ".xlsx"], Path(scratch)):
            faults += (f"{one.book}: {fault}" for fault in one.faults)
            pictures += _of_workbook(one, out / stems[one.book], limit, dpi)
        for path in (path for path in stems if path.suffix == ".html"):
            pictures += _of_page(path, out / stems[path], Path(scratch))
        columns, width, height = contact_size(len(pictures))
        index = out / "index.html"
        index.write_text(contact_page(pictures, out, columns), "utf-8")
        _shoot(index, out / "contact.png", width, height, Path(scratch))
    return pictures, faults


def _of_workbook(one: Printed, target: Path, limit: int, dpi: int) -> list[Picture]:
    pages = chosen(one.pages, limit)
    if one.book.parent.name == TEMPLATES:
        pages = pages[:1]
    pictures = []
    for number, sheet in pages:
        file = target.with_name(f"{target.name}_{number:03d}")
        page = ("-f", str(number), "-l", str(number))
        run("pdftoppm", "-png", "-singlefile", "-r", str(dpi), *page, str(one.pdf), str(file))
        caption = f"{one.book.parent.name}/{one.book.name} {sheet} ({number}/{len(one.pages)})"
        pictures.append(Picture(file.with_name(f"{file.name}.png"), caption))
    return pictures


def _of_page(path: Path, target: Path, scratch: Path) -> list[Picture]:
    pictures = []
    for name, width in (("desk", DESK), ("phone", PHONE)):
        # Chromium's window is never narrower than 500 pixels; a frame is.
        frame = scratch / f"{name}.html"
        inner = f'<iframe src="{path.resolve().as_uri()}" width="{width}" height="{TALLEST}" style="border:0"></iframe>'
        frame.write_text(f'<!DOCTYPE html><title>{name}</title><body style="margin:0">{inner}</body>', "utf-8")
        file = target.with_name(f"{target.name}_{name}.png")
        _shoot(frame, file, max(width, 500), TALLEST, scratch)
        pictures.append(Picture(file, f"{path.name} ({name}, {width} px)"))
    return pictures


def _shoot(page: Path, target: Path, width: int, height: int, scratch: Path) -> None:
    run(
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
        f"--user-data-dir={scratch / 'chromium'}", f"--window-size={width},{height}",
        f"--screenshot={target.resolve()}", page.resolve().as_uri(),
    )  # fmt: skip
    if not target.exists():
        raise SystemExit(f"{page}: Chromium took no picture of it")


def _stem(path: Path, folder: Path) -> str:
    return "_".join(path.relative_to(folder).with_suffix("").parts)
