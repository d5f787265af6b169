"""``tenken init``: make a home."""

from typing import Annotated

import typer

from cli.given import Home
from cli.output import progress
from evidence.errors import ConfigError
from house import create
from house.day import keep_calendars
from scheduler import FILE

app = typer.Typer(rich_markup_mode=None)

SCHEDULE = """\
# When what is done. A run is for the last whole day before its due time, in the zone of settings.yaml.
# `cron` is minute hour day month weekday; each due time is one slot and ends as done, failed or missed.
schedules:
  - name: collect
    does: collect
    cron: "30 5 * * *"
  - name: judge
    does: judge
    cron: "0 7 * * *"
  - name: close
    does: close
    cron: "30 7 * * *"
  - name: checkpoint
    does: checkpoint
    cron: "45 7 * * *"
  - name: self-check
    does: self-check
    cron: "0 8 * * *"
    business_day: 15
  - name: scrub
    does: scrub
    cron: "30 2 * * *"
    deadline_minutes: 720
# A slot found later than this after its due time is recorded as missed.
grace_hours: 12
"""


@app.command()
def init(
    home: Home,
    group: Annotated[str, typer.Option(help="The name of the group of companies.")],
    company: Annotated[list[str], typer.Option(metavar="CODE=NAME", help="A legal entity; repeat for more.")],
) -> None:
    """Make a home: settings, schedule, keys, database, calendars. Prints the keys that auditors verify packs with."""
    companies = [_split(one) for one in company]
    house = create(home.obj, group, companies)
    (house.home / FILE).write_text(SCHEDULE, "utf-8")
    days = keep_calendars(house)
    progress(f"{house.home}: made; {days} days of business calendars; back up {house.home / 'keys'}")
    for code, _ in companies:
        print(house.vkey(code))


def _split(text: str) -> tuple[str, str]:
    code, equals, name = text.partition("=")
    if not (equals and code.strip() and name.strip()):
        raise ConfigError(f"--company {text!r}: write CODE=NAME, e.g. AOBA=株式会社青葉")
    return code.strip(), name.strip()
