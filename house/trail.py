"""From a deviation back to the lines it was read from, and what became of the objects that they stand in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from controls.model import Deviation, Gap, Proof
from controls.record import assessment_of
from evidence import ledger
from evidence.errors import ConfigError
from house import House


def deviation_of(house: House, gap: Gap, day: date | None = None) -> Deviation:
    """The newest deviation that this gap stands for (on a day); ConfigError when none was kept."""
    with house.store.read() as tx:
        rows = tx.judgements.history(gap.control, gap.company)
    for row in reversed(rows):
        for deviation in assessment_of(row).deviations:
            if (deviation.subject, deviation.aspect) == (gap.subject, gap.aspect) and day in (
                None,
                deviation.occurred_on,
            ):
                return deviation
    raise ConfigError(
        f"no judgement of {gap.control} says what {gap.subject} was read from; an unverified control has no lines"
    )


def places(house: House, proof: Proof) -> list[dict[str, Any]]:
    """The place of each line that took part: source, object, part, line, and the object's digest."""
    told = []
    for ref in proof.rows:
        digest, _, rest = ref.partition(":")
        part, _, line = rest.rpartition(":")
        with house.store.read() as tx:
            held = tx.objects.by_digest(digest)
        told.append(
            {
                "source": held.source if held else digest,  # a row about a run is read from our own store
                "object": held.name if held else part,
                "part": part or None if held else None,
                "line": int(line),
                "sha256": held.digest if held else None,
            }
        )
    return told


@dataclass(frozen=True, slots=True)
class Step:
    """An entry of a log that tells of an object."""

    log: str
    seq: int
    at: datetime
    kind: str
    actor: str  # a pseudonym, or tenken
    leaf_hash: str  # hex


def custody(house: House, company: str, digest: str) -> list[Step]:
    """The entries of a company's log and of the group's that commit to an object, the oldest first.

    None of an object that was erased: what would tell which entries those are is gone with it.
    """
    steps = list[Step]()
    with house.store.read() as tx:
        wanted = [made.encode() for _, made in tx.objects.commitments(digest)]
        for log in (ledger.log_of(company), ledger.GROUP):
            for entry in tx.ledger.stream(log) if wanted else ():
                if any(made in entry.leaf for made in wanted):
                    told = ledger.said(entry.leaf) or {}
                    kind, actor = str(told.get("kind", "")), str(told.get("actor", "tenken"))
                    steps.append(Step(log, entry.seq, entry.recorded_at, kind, actor, entry.leaf_hash.hex()))
    return steps
