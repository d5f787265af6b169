"""``tenken notices``: who was told of what, and whether it arrived."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from cli.given import AnyCompany, Home, known_company, opened
from cli.output import Json, listed, progress
from evidence.errors import ConfigError, Undelivered
from evidence.notice_settings import is_address
from evidence.store.values import Letter
from house import House
from house.delivery import delivery_id, mail_server, pseudonym
from house.notify import notices_of, notify
from reports import notices as texts

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Who was told of what, and whether it arrived.")

UNTOLD = 1  # exit code
NOT_TOLD = ("refused", "given_up")


@app.command("list")
def list_(
    home: Home,
    company: AnyCompany = None,
    days: Annotated[int, typer.Option(min=1, max=4000, help="Of so many days, today included.")] = 31,
    json: Json = False,
) -> None:
    """Name every notice and what became of it; exit 1 when one of them has not reached anybody."""
    house = opened(home)
    code = known_company(house, company)
    with house.store.read() as tx:
        found = tx.notices.since(house.today - timedelta(days=days - 1))
    mine = [letter for letter in found if code is None or code in letter.notice.companies]
    listed([_row(house, letter) for letter in mine], json=json)
    if any(_is_untold(letter, found) for letter in mine):
        raise typer.Exit(UNTOLD)


@app.command()
def send(home: Home, json: Json = False) -> None:
    """Tell what is due to be told now, as the scheduler does; exit 3 when something was not taken."""
    house = opened(home)
    tried = notify(house)
    listed([_row(house, letter) for letter in tried], json=json)
    if not tried:
        progress("nothing is due to be told")
    if any(letter.outcome != "sent" for letter in tried):
        raise typer.Exit(Undelivered.exit_code)


@app.command()
def test(
    home: Home, to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Where the test mail goes.")]
) -> None:
    """Send one test mail through the configured server; exit 3 when it is not taken. It tells of no gap."""
    if not is_address(to):
        raise ConfigError("--to is no mail address; write one, as privacy@aoba.example")
    house = opened(home)
    server, now = mail_server(house, notices_of(house)), house.clock.now().astimezone(house.zone)
    identity = delivery_id(house, f"test|{now.isoformat()}")
    answer = server.send(texts.mail(texts.trial(now.date()), server.sender, to, now, identity), to)
    if answer.outcome != "sent":
        raise Undelivered(f"{server.told.host}:{server.told.port}: the test mail was not taken ({answer.reason})")
    progress(f"{server.told.host}:{server.told.port}: took the test mail")


def _row(house: House, letter: Letter) -> dict[str, Any]:
    notice = letter.notice
    last = letter.tries[-1] if letter.tries else None
    return {
        "made_at": notice.made_at and notice.made_at.astimezone(house.zone),
        "kind": notice.kind,
        "channel": notice.channel,
        "company": list(notice.companies),
        "person": pseudonym(house, notice) or ("fallback" if notice.channel == "mail" else None),
        "gaps": notice.body["gaps"],
        "outcome": letter.outcome or "waiting",
        "attempts": sum(one.number > 0 for one in letter.tries),
        "reason": last.reason if last else None,
    }


def _is_untold(letter: Letter, all_: list[Letter]) -> bool:
    """Whether nobody was told instead, either."""
    instead = {other.notice.key for other in all_ if other.outcome == "sent"}
    return letter.outcome in NOT_TOLD and f"{letter.notice.key}|fallback" not in instead
