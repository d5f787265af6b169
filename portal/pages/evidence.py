"""Evidence: every object that controls are judged by, where it came from, how whole it is, and what became of it."""

from collections.abc import Sequence
from datetime import datetime

from starlette.responses import Response

from evidence.facts.feeds import Feed
from evidence.store.values import Written
from house import House
from house.once import once
from house.standing import assessments
from house.trail import custody
from portal.door import Asked, NotThere
from portal.forms import number_of
from portal.pages.standing import judged_periods
from reports import evidence_index
from reports.evidence_index import Evidence

MOST_SHOWN, MOST_REJECTS = 200, 200


def list_(asked: Asked) -> Response:
    """The objects of a company, the newest first; of a period, those that it was judged by."""
    wanted = asked.request.query_params
    dataset, first = wanted.get("dataset", ""), number_of(wanted.get("from"))
    every = _evidence(asked)
    found = [one for one in every if dataset in ("", *one.datasets)][::-1]
    datasets = sorted({name for one in every for name in one.datasets})
    return asked.page(
        "evidence.html", lines=[_shown(asked, one) for one in found[first : first + MOST_SHOWN]], found=len(found),
        first=first, most=MOST_SHOWN, dataset=dataset, datasets=datasets, periods=judged_periods(asked),
    )  # fmt: skip


def thing(asked: Asked) -> Response:
    """One object: provenance, the rows of it that could not be read, and the entries of the ledger that tell of it."""
    digest = asked.given["object"]
    found = [one for one in _evidence(asked) if one.line.sha256 == digest]
    if not found:
        raise NotThere
    with asked.house.store.read() as tx:
        held = [one for one in tx.objects.of_source(found[-1].source) if one.digest == digest]
        rejects = [
            one for run in {one.run_id for one in held} for one in tx.rejects.of_run(run) if one.object == digest
        ]
        is_damaged = digest in tx.objects.damaged()
    steps = custody(asked.house, str(asked.company), digest)
    return asked.page(
        "object.html", one=_shown(asked, found[-1]), steps=steps, rejects=rejects[:MOST_REJECTS], refused=len(rejects),
        is_damaged=is_damaged, zone=asked.house.zone, runs=[asked.masked(one.run_id) for one in held],
    )  # fmt: skip


def _evidence(asked: Asked) -> tuple[Evidence, ...]:
    """The index as of now or, of a period, as of when it was judged last, without what tells of other days."""
    period = asked.period
    feeds = tuple(feed for feed in asked.house.feeds if asked.company in feed.companies)
    if period is None:
        return asked.once(_known, str(asked.company), feeds)
    judged = assessments(asked.house, period, asked.company)
    if not judged:
        raise NotThere
    at = max(one.known_at for one in judged)
    told = asked.once(_known, str(asked.company), feeds, at)
    since, as_of = period.since, period.as_of
    return tuple(one for one in told if one.covers and one.covers[0] <= as_of and since <= one.covers[1])


def _written(house: House, at: datetime | None) -> tuple[Written, ...]:
    """What all registers said at a moment, or say now, by object: of all companies it takes no longer than of one."""
    with house.store.read() as tx:
        return tuple(tx.registers.written(at or tx.at))


def _known(house: House, company: str, feeds: Sequence[Feed], at: datetime | None = None) -> tuple[Evidence, ...]:
    """What was known at a moment, or is now."""
    written = once(house, _written, at)
    with house.store.read() as tx:
        at = at or tx.at
        objects = tx.objects.visible(at, evidence_index.sources(company, feeds, written))
        runs = tx.runs.visible(at, company=company)
    return evidence_index.evidence(
        company, house.settings.zone, house.catalogue.controls, feeds, runs, objects, written, named=True
    )


def _shown(asked: Asked, one: Evidence) -> dict[str, object]:
    line, zone = one.line, asked.house.zone
    return {
        "sha256": line.sha256,
        "name": asked.masked(line.name),
        "origin": asked.masked(line.origin),
        "source": asked.masked(one.source),
        "datasets": one.datasets,
        "how": line.how,
        "fetched_at": f"{line.fetched_at.astimezone(zone):%Y-%m-%d %H:%M}",
        "modified_at": f"{line.modified_at.astimezone(zone):%Y-%m-%d %H:%M}" if line.modified_at else "",
        "size": line.size,
        "rows": line.rows,
        "reader": line.reader,
        "complete": asked.masked(line.complete),
        "covers": one.covers,
        "controls": line.controls,
        "purged": one.purged,
    }
