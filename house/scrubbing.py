"""The scrub: every object read and hashed anew. What is damaged is told, and nothing that rests on it is judged."""

from evidence import ledger
from evidence.vault import Digest
from house import House
from house.purging import clear

MOST_TOLD = 3


def scrub(house: House) -> str | None:
    """Read every recorded object anew and record which are damaged, or whole again; why it failed, or None.

    Each change is an entry of the logs that commit to the object. Bounded memory; as long as the objects are large.
    """
    clear(house)
    with house.store.read() as tx:
        if tx.last_at is None:
            return None
        held = {one.digest for one in tx.objects.visible(tx.at) if one.salt}
        before = tx.objects.damaged() & held
    damaged = {one.name: one.why for one in house.vault.scrub(Digest(one) for one in sorted(held))}
    if changed := {digest for digest in held if (digest in damaged) != (digest in before)}:
        _tell(house, {digest: digest not in damaged for digest in changed})
    house.forget()
    if not damaged:
        return None
    shown = "; ".join(damaged[name] for name in sorted(damaged)[:MOST_TOLD])
    return f"{len(damaged)} objects of the vault are damaged: {shown}"


def _tell(house: House, states: dict[str, bool]) -> None:
    with house.store.write() as tx:
        commitments: dict[str, bool] = {}
        for digest, whole in sorted(states.items()):
            tx.objects.found(digest, whole=whole)
            commitments |= {commitment: whole for _, commitment in tx.objects.commitments(digest)}
        for log, made in ledger.committing(tx, tx.ledger.logs(), commitments).items():
            for kind, whole in (("damaged", False), ("restored", True)):
                if mine := [one for one in made if commitments[one] is whole]:
                    claim = f"{kind}|{log}|{tx.at.isoformat()}"
                    tx.ledger.append(log, {"kind": kind, "actor": "tenken", "found": mine}, claim)
