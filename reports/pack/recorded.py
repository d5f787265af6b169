"""What the ledger records of a judgement: the figures, and the digests of the files that a pack will show of it.

An auditor compares the pack with this entry, which was written when the period was judged and may have been signed
long before anybody asked for the pack: what was changed or left out in between shows.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from controls.assess import judged_members
from controls.engine import TestFault
from controls.model import Assessment
from controls.population import Population
from evidence.datasets import Kind, catalogue
from evidence.facts.window import Window
from evidence.ledger import JUDGED
from evidence.period import Period
from reports.pack.payload import Payload, digests, judged_files, register_files

Digests = dict[str, list[str]]  # of a file of the pack, by its path: masked, and raw

OF_CONTROLS = ("03_results/", "04_populations/")
NEVER_HANDED_OUT = frozenset(  # identifiers; the whole group's accounts; two thousand days nobody reads
    {"person_identities", "account_owners", "calendar_days"}
)


def of_judgement(assessment: Assessment, tested: Population | TestFault, masked: Callable[[str], str]) -> Digests:
    """The digests of what a pack will show of one assessment."""
    members = judged_members(assessment, tested)
    return _both(lambda shown: judged_files(assessment, members, shown), masked)


def of_registers(window: Window, company: str, masked: Callable[[str], str]) -> Digests:
    """The digests of the registers that were judged by."""
    rows = registers(window, company)
    return _both(lambda shown: register_files(rows, shown), masked)


def entry(judged: Sequence[Assessment], files: Digests, *, followed: bool) -> dict[str, object]:
    """The ledger's entry of the assessments of one company; ``followed``: gaps were opened and closed by them."""
    first = judged[0]
    return {
        "kind": JUDGED,
        "actor": "tenken",
        "since": first.since.isoformat(),
        "as_of": first.as_of.isoformat(),
        "known_at": first.known_at.isoformat(),
        "followed": followed,
        "verdicts": {one.control: [one.verdict.value, one.population, len(one.deviations)] for one in judged},
        "digests": {one.control: [one.control_digest, one.population_digest] for one in judged},
        "files": files,
    }


def newest(leaves: Iterable[bytes], period: Period) -> Digests:
    """What is recorded of the newest judgement of every control in a period, and of the registers then."""
    told = [json.loads(leaf) for leaf in leaves]
    about = (JUDGED, period.since.isoformat(), period.as_of.isoformat())
    judged = [one for one in told if (one["kind"], one.get("since"), one.get("as_of")) == about]
    kept: Digests = {}
    for one in sorted(judged, key=lambda one: datetime.fromisoformat(one["known_at"])):
        kept = {path: both for path, both in kept.items() if path.startswith(OF_CONTROLS)} | one.get("files", {})
    return kept


def registers(window: Window, company: str) -> dict[str, pa.Table]:
    """The registers of a company and of the whole group, but for the ones that identify people."""
    held = {
        name: window.table(name, company)
        for name, dataset in catalogue().items()
        if dataset.kind is Kind.REGISTER and name not in NEVER_HANDED_OUT
    }
    risks = held["book_risks"]
    return held | {"book_risks": risks.filter(pc.is_in(risks["entry_id"], held["book_entries"]["entry_id"]))}


def unmasked(text: str) -> str:
    """What a raw pack shows of a text: the text."""
    return text


def _both(files: Callable[[Callable[[str], str]], Iterable[Payload]], masked: Callable[[str], str]) -> Digests:
    raw = digests(files(unmasked))
    return {path: [digest, raw[path]] for path, digest in digests(files(masked)).items()}
