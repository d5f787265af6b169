"""Packs: built of a judged period, masked, and taken away by a link."""

import re
import shutil
import tempfile
from pathlib import Path

from starlette.responses import FileResponse, Response

from evidence.errors import ConfigError
from evidence.period import Period
from house.handout import create_pack, digest, management_book, self_check_documents
from portal.door import Asked, NotThere
from portal.pages.standing import judged_periods

WANTED = re.compile(r"bytes=(0|[1-9][0-9]{0,18})-")  # the whole, or the rest of what was cut
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENTS = {"self-check": lambda *about: self_check_documents(*about)[0], "management-book": management_book}
LONGEST = 500  # characters of a purpose


def builder(asked: Asked) -> Response:
    """What a pack may be built of."""
    mine = asked.room.wishes.of(str(asked.company), asked.house.clock.now(), asked.session)
    return asked.page("packs.html", periods=judged_periods(asked), wishes=mine)


def build(asked: Asked) -> Response:
    """Build a pack of a period, and give a link to it."""
    period = period_of(asked, asked.form.get("period", ""))
    house, links, company = asked.house, asked.room.links, str(asked.company)
    purpose = asked.form.get("purpose", "").strip()[:LONGEST]
    if not purpose:
        raise ConfigError("目的を記入してください / say what the pack is for")
    sweep(asked)
    folder = Path(tempfile.mkdtemp(dir=asked.room.ready))
    path = Path(create_pack(house, company, period, folder, by=asked.session.person, purpose=purpose))
    link = links.give(path, asked.session, company, house.clock.now())
    return asked.page(
        "pack.html", link=link, name=path.name, size=path.stat().st_size, sha256=digest(path), vkey=house.vkey(company)
    )


def sweep(asked: Asked) -> None:
    """Remove what nobody may take any more."""
    for folder in {gone.parent for gone in asked.room.links.over(asked.house.clock.now())}:
        shutil.rmtree(folder)


def document(asked: Asked) -> Response:
    """The self-check report or the management book of a period, as a workbook."""
    made = DOCUMENTS.get(asked.given["document"])
    if made is None:
        raise NotThere
    told = made(asked.house, str(asked.company), period_of(asked, asked.given["judged"]))
    headers = {"Content-Disposition": f'attachment; filename="{told.name}"'}
    return Response(told.content, media_type=WORKBOOK, headers=headers)


def period_of(asked: Asked, named: str) -> Period:
    """A period that was judged and is for whoever asks."""
    found = [one for one in judged_periods(asked) if f"{one.since}..{one.as_of}" == named]
    if not found:
        raise NotThere
    return found[0]


def take(asked: Asked) -> Response:
    """Hand a pack over: once, and from where it was cut to whoever had begun. Who only asks about it takes nothing."""
    told = asked.request.headers
    wanted = WANTED.fullmatch(told.get("range", "bytes=0-"))
    if asked.request.method != "GET" or wanted is None:
        raise NotThere
    resumed = wanted[1] != "0"
    link = asked.room.links.take(asked.given["link"], asked.session, asked.house.clock.now(), resumed=resumed)
    if link is None or link.company != asked.company or not link.path.exists():
        raise NotThere
    answer = FileResponse(
        link.path, filename=link.path.name, media_type="application/zip", stat_result=link.path.stat()
    )
    if resumed and told.get("if-range", answer.headers["etag"]) != answer.headers["etag"]:
        raise NotThere  # it would be given whole again
    return answer
