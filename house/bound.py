"""What entries of the ledger bind of facts and registers, held against the rows: whoever can write in the database
alone changes neither unseen."""

from collections.abc import Iterator
from itertools import groupby

from evidence.datasets import CALENDAR, source_of
from evidence.ledger import COLLECTED, EDITED, JUDGED, told
from evidence.store import Transaction
from evidence.store.ledger import moment
from evidence.store.registers import bound


def differing(tx: Transaction) -> Iterator[str]:
    """Where rows of fact files and registers are not those that the ledger tells of."""
    facts, edits = dict[str, set[str]](), dict[tuple[str, str], str]()
    for _, said in told(tx, tx.ledger.logs(), EDITED, COLLECTED, CALENDAR, JUDGED):
        if said["kind"] == EDITED:
            edits[str(said.get("register")), str(said.get("at"))] = str(said.get("versions"))
        elif isinstance(listed := said.get("facts"), list):
            facts[str(said.get("run"))] = {*map(str, listed)}
    yield from _of_facts(tx, facts)
    yield from _of_registers(tx, edits)


def _of_facts(tx: Transaction, facts: dict[str, set[str]]) -> Iterator[str]:
    lost, found = tx.objects.lost_runs(), dict[str, set[str]]()
    for file in tx.facts.visible(tx.at):
        found.setdefault(file.run_id, set()).add(file.digest)
    for run in sorted(found.keys() | facts.keys()):
        if found.get(run, set()) != facts.get(run, set()) and lost.get(run) != "erased":
            yield f"run {run}: its fact files are not those that its entry in the ledger tells of"


def _of_registers(tx: Transaction, edits: dict[tuple[str, str], str]) -> Iterator[str]:
    salts = {(one.source, one.version): one.salt for one in tx.objects.visible(tx.at)}
    for (register, at), versions in groupby(tx.registers.entered(tx.at), lambda one: (one.register, one.entered_at)):
        assert at is not None  # of a row that is kept
        salt, made = salts.get((source_of(register), at.isoformat())), edits.pop((register, moment(at)), None)
        if not salt or bound(versions, bytes.fromhex(salt)) != made:  # what people wrote is never purged
            yield f"register {register}: what was entered at {at} is not what its entry in the ledger tells of"
    for register, at in sorted(edits):
        yield f"register {register}: what was entered at {at} is gone"
