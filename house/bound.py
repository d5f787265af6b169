"""What entries of the ledger bind of facts and registers, held against the rows: whoever can write in the database
alone changes neither unseen."""

from collections.abc import Iterator
from itertools import groupby

from evidence import ledger
from evidence.datasets import OURSELVES
from evidence.store import Transaction
from evidence.store.registers import bound
from registers import calendars
from registers.imports import EDITED, source_of

OWN = (OURSELVES, calendars.SOURCE)  # what we tell ourselves comes out again of what is bound


def differing(tx: Transaction) -> Iterator[str]:
    """Where rows of fact files and registers are not those that the ledger tells of."""
    facts, edits = dict[str, set[str]](), dict[tuple[str, str], str]()
    for said in _said(tx):
        if said["kind"] == EDITED:
            edits[str(said.get("register")), str(said.get("at"))] = str(said.get("versions"))
        elif isinstance(listed := said.get("facts"), list):
            facts[str(said.get("run"))] = {*map(str, listed)}
    yield from _of_facts(tx, facts)
    yield from _of_registers(tx, edits)


def _said(tx: Transaction) -> Iterator[dict[str, object]]:
    kinds = (EDITED, "collected")
    for log in tx.ledger.logs():
        for entry in tx.ledger.stream(log):
            if isinstance(entry.leaf, bytes) and any(kind.encode() in entry.leaf for kind in kinds):
                said = ledger.said(entry.leaf)
                if said and said.get("kind") in kinds:
                    yield said


def _of_facts(tx: Transaction, facts: dict[str, set[str]]) -> Iterator[str]:
    lost, found = tx.objects.lost_runs(), dict[str, set[str]]()
    for file in tx.facts.visible(tx.at):
        if file.source not in OWN:
            found.setdefault(file.run_id, set()).add(file.digest)
    for run in sorted(found.keys() | facts.keys()):
        if found.get(run, set()) != facts.get(run, set()) and lost.get(run) != "erased":
            yield f"run {run}: its fact files are not those that its entry in the ledger tells of"


def _of_registers(tx: Transaction, edits: dict[tuple[str, str], str]) -> Iterator[str]:
    salts = {(one.source, one.version): one.salt for one in tx.objects.visible(tx.at)}
    for (register, at), versions in groupby(tx.registers.entered(tx.at), lambda one: (one.register, one.entered_at)):
        assert at is not None  # of a row that is kept
        moment = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        told, salt = edits.pop((register, moment), None), salts.get((source_of(register), at.isoformat()))
        if told is None or (salt and bound(versions, bytes.fromhex(salt)) != told):
            yield f"register {register}: what was entered at {at} is not what its entry in the ledger tells of"
    for register, at in sorted(edits):
        yield f"register {register}: what was entered at {at} is gone"
