"""``tenken attest``: record a person's answer to a control's question."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.given import By, Home, OneCompany, opened
from cli.output import progress
from controls.attested import ASKED_ABOUT
from controls.model import Control
from evidence.errors import ConfigError
from house.desk import enter, next_id

app = typer.Typer(rich_markup_mode=None)

NIL = "nil"


@app.command()
def attest(
    home: Home,
    control: Annotated[str, typer.Argument(help="The control.")],
    company: OneCompany,
    answer: Annotated[str, typer.Option(help="yes, partly, no, not_applicable; nil: there is nothing to judge.")],
    by: By,
    fact: Annotated[str, typer.Option(help="What you know it by, in one line: how many, when.")],
    valid_days: Annotated[int | None, typer.Option(min=1, help="For how long; default: as the control says.")] = None,
    subject: Annotated[str | None, typer.Option(help="What it is about, where not the company as a whole.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Which kind of thing that is, where several are asked about.")
    ] = None,
) -> None:
    """Add a row to the register of attestations; it expires."""
    house = opened(home)
    asked = house.catalogue.control(control)
    days = _days(asked, answer, valid_days)
    about = "company" if answer == NIL and not (asked.attest and subject) else _about(asked, kind)
    if about != "company" and subject is None:
        raise ConfigError(f"{control} asks about each {about}; name it with --subject")
    row = {
        "company": house.settings.company(company).code,
        "attestation_id": next_id(house, "attestations", "A"),
        "control_id": control,
        "question": asked.attest.question if asked.attest else NIL,
        "question_version": asked.digest[:12],
        "subject_kind": about,
        "subject": company if about == "company" else subject,
        "answer": answer,
        "fact": fact,
        "answered_by": by,
        "answered_at": house.clock.now(),
        "expires_on": house.today + timedelta(days=days),
    }
    enter(house, "attestations", row, by, fact)
    progress(f"{row['attestation_id']}: {control} {company} {answer} until {row['expires_on']}")
    print(row["attestation_id"])


def _about(control: Control, told: str | None) -> str:
    """The kind of thing that a control asks about; the company where its members are none that has an id of its own."""
    kinds = [ASKED_ABOUT[name][0] for name in control.population if name in ASKED_ABOUT] or ["company"]
    if told is None and len(kinds) == 1:
        return kinds[0]
    if told not in kinds:
        raise ConfigError(f"{control.id} asks about {' and '.join(kinds)}; say with --kind which of them it is")
    return told


def _days(control: Control, answer: str, asked_for: int | None) -> int:
    if control.attest is None and answer != NIL:
        raise ConfigError(f"{control.id} asks nobody; only nil (there is nothing to judge) can be answered")
    if asked_for is not None:
        return asked_for
    if control.attest is None:
        raise ConfigError("say with --valid-days how long there will be nothing to judge; at most 12 months")
    return control.attest.valid_days
