"""``tenken registers submit | send-back | approve | retire | confirm``: what people do to rows that are there."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.given import By, Home, Reason, opened
from cli.output import progress
from evidence.datasets import register
from evidence.errors import ConfigError
from house import House, held_to_rules
from registers import acts, imports
from registers.approval import Act

CONFIRMING = frozenset({Act.CONFIRM, Act.APPROVE})

Name = Annotated[str, typer.Argument(help="The register.")]
Rows = Annotated[list[str], typer.Argument(metavar="KEY...", help="Rows by their keys; a key's parts with / between.")]


def submit(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Hand in drafts, or rows that were sent back, to be approved."""
    _act(home, name, rows, Act.SUBMIT, by, reason)


def send_back(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Send submitted rows back to be corrected; what was signed so far is void."""
    _act(home, name, rows, Act.SEND_BACK, by, reason)


def approve(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Sign submitted rows; the last signature approves. Who wrote a row cannot."""
    _act(home, name, rows, Act.APPROVE, by, reason)


def retire(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """End rows that hold; they stay readable as of earlier days."""
    _act(home, name, rows, Act.RETIRE, by, reason)


def confirm(home: Home, name: Name, rows: Rows, by: By, reason: Reason) -> None:
    """Confirm that approved rows are still right (年次確認)."""
    _act(home, name, rows, Act.CONFIRM, by, reason)


def _act(home: Home, name: str, rows: list[str], act: Act, by: str, reason: str) -> None:
    house, dataset = opened(home), register(name)
    wanted = [acts.key_of(dataset, row) for row in rows]
    due = house.today + timedelta(days=_confirmed_for(house)) if act in CONFIRMING and dataset.approval else None
    keys = house.keys()
    planned = held_to_rules(house, acts.plan(house.store, dataset, wanted, act, keys, by, house.today, due))
    if planned.problems:
        raise ConfigError("\n".join(map(str, planned.problems)))
    for note in planned.notes:
        progress(str(note))
    imports.apply(planned, house.store, house.vault, keys, by=by, reason=reason)
    for entry in planned.changed:
        print(f"{'/'.join(entry.key)}  {entry.state}")


def _confirmed_for(house: House) -> int:
    """For how many days a confirmation holds: the parameter by which confirmations are judged."""
    told = house.catalogue.control("ORG-3-02").parameters
    return int(next(one.value for one in told if one.name == "book_confirm_days"))  # type: ignore[arg-type]
