"""``tenken registers submit | send-back | approve | retire | confirm``: what people do to rows that are there."""

from typing import Annotated

import typer

from cli.given import By, Home, Reason, opened
from cli.output import progress
from house.desk import act_on
from registers.approval import Act

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
    done = act_on(opened(home), name, rows, act, by, reason)
    for note in done.notes:
        progress(str(note))
    for entry in done.changed:
        print(f"{'/'.join(entry.key)}  {entry.state}")
