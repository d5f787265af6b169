"""``tenken ledger``: the tamper-evident ledger."""

from typing import Annotated

import typer

from cli.given import AnyCompany, By, Home, OneCompany, known_company, opened, person
from cli.output import Json, listed, progress
from evidence import ledger, persons, settings
from evidence.errors import ConfigError, IntegrityError
from evidence.ledger import keys as signing
from house.heads import checkpoint as sign_heads
from house.heads import rotate as change_key
from house.heads import verify_ledger
from house.stamps import standing

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The tamper-evident ledger.")


@app.command()
def verify(home: Home, json: Json = False) -> None:
    """Hash every log anew and compare it with its signed heads and anchors; exit 4 when something differs."""
    house = opened(home)
    problems = verify_ledger(house)
    listed([{"problem": problem} for problem in problems], json=json)
    if problems:
        raise IntegrityError(f"{len(problems)} problems; stop, keep the home as it is, and compare with a backup")
    with house.store.read() as tx:
        sizes = [f"{log} {tx.ledger.size(log)} entries" for log in tx.ledger.logs()]
    for failing in standing(house):
        progress(failing)
    progress(", ".join([*sizes, "as they were written"]))


@app.command()
def checkpoint(home: Home, json: Json = False) -> None:
    """Sign the heads of all logs; hand them to people who keep them elsewhere."""
    notes = sign_heads(opened(home))
    if json:
        listed([{"log": log, "checkpoint": note} for log, note in notes.items()], json=True)
    else:
        print("\n".join(notes.values()), end="")


@app.command()
def prove(
    home: Home,
    seq: Annotated[int, typer.Argument(min=0, help="The number of the entry.")],
    company: AnyCompany = None,
) -> None:
    """Print the proof that an entry stands in a company's log (default: the group's) under its newest signed head."""
    house = opened(home)
    code = known_company(house, company)
    log = ledger.log_of(code) if code else ledger.GROUP
    with house.store.read() as tx:
        head = tx.checkpoints.latest(log)
        if head is None or seq >= head[0]:
            raise ConfigError(f"{log}: no signed head covers entry {seq} yet; run `tenken ledger checkpoint` first")
        proof = ledger.prove_under(tx, log, seq, head[1], signing.vkey(house.home / "keys", log))
    print(proof.text(head[1]), end="")


@app.command("accept-rollback")
def accept_rollback(
    home: Home,
    by: By,
    approved_by: Annotated[str, typer.Option(help="The worker number of who approved it.")],
    reason: Annotated[str, typer.Option(help="Why; auditors read it, so name nobody.")],
) -> None:
    """Go on after a restore that lost entries for good: two persons accept it, and every log concerned says so."""
    from house.restore import accept

    house = opened(home)
    for lost in accept(house, person(house, by), person(house, approved_by), reason):
        print(lost)


@app.command()
def key(home: Home, company: OneCompany) -> None:
    """Print the key that a company's packs are verified with; hand it over from outside of any pack."""
    print(opened(home).vkey(company))


@app.command()
def rotate(
    home: Home,
    company: Annotated[str, typer.Option(help="The company's code; `group` for the group's own log.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why; auditors read it, so name nobody.")],
) -> None:
    """Change the key that signs a log, and print the new verification key; hand it to the auditors."""
    house = opened(home)
    code = "" if company == settings.RESERVED else house.settings.company(company).code
    actor = persons.pseudonym(house.keys().secret, code, person(house, by))
    log = ledger.log_of(code) if code else ledger.GROUP
    print(change_key(house, log, actor, house.masking(code)(reason)))
