"""People who write in registers and sign, on a real store."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from evidence.datasets import catalogue
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault.memory import MemoryVault
from registers import acts
from registers.approval import Act
from registers.imports import Plan, apply, plan_rows
from registers.versions import rows_as_of
from tests.registers.samples import sample

BOOK, ABROAD, VENDORS = (catalogue()[name] for name in ("book_entries", "country_assessments", "vendors"))
AUTHOR, CLERK, MANAGER, OFFICER, SECOND = "1001", "1002", "2001", "2002", "9001"  # SECOND is AUTHOR's other number
KEY = ("AOI-SALES-0001", "1")
TODAY, DUE = date(2026, 4, 1), date(2027, 4, 1)
SIGNED = {
    "department_approved_by": MANAGER,
    "department_approved_on": TODAY,
    "approved_by": OFFICER,
    "approved_on": TODAY,
}
UNSIGNED = dict.fromkeys(SIGNED)
ENTRUSTER = ("entruster", "entrusted_work", "entruster_contract", "entruster_contact")
ALLOWED = {
    ("draft", "submit"),
    ("sent_back", "submit"),
    ("submitted", "send_back"),
    ("submitted", "approve"),
    ("approved", "confirm"),
    ("approved", "retire"),
}
WAY = {
    "draft": [],
    "submitted": [(Act.SUBMIT, AUTHOR)],
    "sent_back": [(Act.SUBMIT, AUTHOR), (Act.SEND_BACK, OFFICER)],
    "approved": [(Act.SUBMIT, AUTHOR), (Act.APPROVE, MANAGER), (Act.APPROVE, OFFICER)],
    "retired": [(Act.SUBMIT, AUTHOR), (Act.APPROVE, MANAGER), (Act.APPROVE, OFFICER), (Act.RETIRE, OFFICER)],
}


class Desk:
    """People who write in registers."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self.store, self.keys, self.vault = store, keys, MemoryVault()

    def entry(self, **said: Any) -> Mapping[str, Any]:
        told = {**sample(BOOK), "entry_id": KEY[0], "entry_version": 1, "company": "AOI", "status": "draft"}
        return {**told, **UNSIGNED, "author_key": AUTHOR, "owner_key": MANAGER, **said}

    def plan(self, row: Mapping[str, Any], by: str, register: str = "book_entries") -> Plan:
        return plan_rows(self.store, catalogue()[register], [row], self.keys, by)

    def write(self, row: Mapping[str, Any], by: str, register: str = "book_entries") -> Plan:
        planned = self.plan(row, by, register)
        apply(planned, self.store, self.vault, self.keys, by=by, reason="記入")
        return planned

    def act(self, act: Act, by: str, *rows: tuple[str, ...]) -> None:
        planned = acts.plan(self.store, BOOK, rows or (KEY,), act, self.keys, by, TODAY, lambda _: DUE)
        apply(planned, self.store, self.vault, self.keys, by=by, reason="理由")

    def bring_to(self, state: str) -> None:
        self.write(self.entry(), CLERK)
        for act, by in WAY[state]:
            self.act(act, by)

    def person(self, number: str) -> str:
        return self.keys.person("worker_no", number)

    def row(self) -> dict[str, Any]:
        [row] = rows_as_of(self.store, BOOK)
        return row

    def state(self) -> str:
        with self.store.read() as tx:
            return tx.registers.visible(tx.at, "book_entries")[-1].state
