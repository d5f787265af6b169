"""Whether what somebody saw of the evidence would still be seen."""

from dataclasses import dataclass
from datetime import datetime

from evidence.ledger import PURGED
from evidence.store import Store

RUNS = "source_runs"


@dataclass(frozen=True, slots=True)
class Look:
    """At which datasets (none named: at all) somebody looked, as known when, and what was committed last then."""

    datasets: frozenset[str]
    known_at: datetime
    after: datetime | None

    def is_current(self, store: Store) -> bool:
        """Whether who looks now sees the same: nothing of these datasets was recorded or lost since."""
        if not self.datasets or RUNS in self.datasets:  # of everything something always came
            return False
        with store.read() as tx:
            came = [one.came_after(self.known_at, self.datasets) for one in (tx.facts, tx.registers)]
        return not any(came) and self.is_held(store)

    def is_held(self, store: Store) -> bool:
        """Whether what was seen still is in the store: it was not put back, and nothing was purged or damaged since."""
        with store.read() as tx:
            if self.after is None or not tx.was_committed(self.after):
                return False
            return not (tx.objects.found_after(self.after) or tx.ledger.claimed_after(f"{PURGED}|", self.after))
