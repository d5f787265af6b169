"""What was purged, as the ledger tells it: of rows without a salt it must tell, and what it tells of must be gone."""

from collections.abc import Mapping

from evidence import ledger
from evidence.store import Transaction


def rows(tx: Transaction) -> frozenset[int]:
    """The rows of objects that were purged."""
    return frozenset(
        n
        for _, said in ledger.told(tx, tx.ledger.logs(), ledger.PURGED)
        for n in _listed(said, "objects")
        if isinstance(n, int)
    )


def differing(tx: Transaction) -> list[str]:
    """Where objects and ledger tell otherwise of what was purged."""
    purged, erased = rows(tx), tx.objects.erased_rows()
    lost = (f"object row {one}: its salt is gone, and no purge tells of it" for one in sorted(erased - purged))
    again = "was purged, and can be opened again; was an old backup restored?"
    back = (f"object row {one}: {again}" for one in sorted(purged - erased))
    return [*lost, *back]


def _listed(said: Mapping[str, object], name: str) -> list[object]:
    found = said.get(name, [])
    return found if isinstance(found, list) else []
