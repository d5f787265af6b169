"""Originals: packs with objects as received, encrypted to a certificate; one person asks for them, another grants."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.responses import Response

from evidence.errors import ConfigError
from house.duties import same
from house.granting import granted
from house.handout import Released, deliver_raw, digest
from portal.door import Asked, NotThere
from portal.pages.packs import LONGEST, period_of, sweep
from portal.rights import Right, scope
from portal.wishes import Wish
from reports.pack import envelope

LARGEST_CERTIFICATE = 1 << 16  # bytes
CALLED = "certificate"  # in errors


def ask(asked: Asked) -> Response:
    """Put down that somebody wants originals; the certificate is looked at now, not when they are granted."""
    period, now = period_of(asked, asked.form.get("period", "")), asked.house.clock.now()
    purpose = asked.form.get("purpose", "").strip()[:LONGEST]
    if not purpose or asked.file is None or not asked.file.content:
        raise ConfigError("目的と証明書(PEM)が必要です / say what for, and choose the certificate (PEM) to encrypt to")
    if len(asked.file.content) > LARGEST_CERTIFICATE:
        raise ConfigError("証明書(PEM)ではありません / is no certificate in PEM")
    certificate = envelope.sent(asked.file.content, CALLED, now)
    wish = Wish(asked.session, str(asked.company), period, purpose, certificate)
    if not asked.room.wishes.add(wish, now):
        raise ConfigError("申請が多すぎます / too much was asked for already")
    return asked.moved(f"/{asked.company}/packs")


def list_(asked: Asked) -> Response:
    """What waits for somebody to grant it."""
    told = asked.room.wishes.of(str(asked.company), asked.house.clock.now())
    return asked.page("originals.html", wishes=[shown(asked, one) for one in told if one.approver is None])


def decide(asked: Asked) -> Response:
    """Grant or refuse what another asked for."""
    wish, told = _found(asked), asked.form.get("decision")
    if wish.approver is not None or told not in ("grant", "refuse"):
        raise NotThere
    if same(asked.house, asked.session.person, wish.session.person):
        raise ConfigError("申請者は承認できません / who asked for it does not decide it; somebody else must")
    if told == "grant":
        asked.room.wishes.grant(wish.name, asked.session.person)
    else:
        asked.room.wishes.take(wish.name)
    return asked.moved(f"/{asked.company}/originals")


def build(asked: Asked) -> Response:
    """Build what was granted, once, and give links to its parts."""
    wish, house, now = _found(asked), asked.house, asked.house.clock.now()
    if wish.session is not asked.session or wish.approver is None:
        raise NotThere
    period_of(asked, f"{wish.period.since}..{wish.period.as_of}")  # who lost the right since finds nothing
    if not scope(granted(house, wish.approver), Right.RELEASE, wish.company):
        raise ConfigError("承認者に権限がありません / who granted it may not any more; ask again")
    certificate = envelope.sent(wish.certificate.public_bytes(Encoding.PEM), CALLED, now)  # it may have ended meanwhile
    if asked.room.wishes.take(wish.name) is None:
        raise NotThere
    sweep(asked)
    folder = Path(tempfile.mkdtemp(dir=asked.room.ready))
    try:
        released = Released(certificate, wish.purpose, asked.session.person, wish.approver)
        parts = deliver_raw(house, wish.company, wish.period, folder, released)
    except BaseException:
        shutil.rmtree(folder)
        raise
    links = asked.room.links
    given = [
        {
            "link": links.give(one, asked.session, wish.company, now), "name": one.name, "size": one.stat().st_size,
            "sha256": digest(one),
        }
        for one in parts
    ]  # fmt: skip
    return asked.page("delivered.html", parts=given, vkey=house.vkey(wish.company))


def shown(asked: Asked, wish: Wish) -> Mapping[str, Any]:
    """What was asked for, as lists show it."""
    return {
        "name": wish.name, "by": asked.masked(wish.session.person), "period": wish.period,
        "purpose": asked.masked(wish.purpose), "fingerprint": envelope.fingerprint(wish.certificate),
    }  # fmt: skip


def _found(asked: Asked) -> Wish:
    told = asked.room.wishes.of(str(asked.company), asked.house.clock.now())
    found = [one for one in told if one.name == asked.given["wish"]]
    if not found:
        raise NotThere
    return found[0]
