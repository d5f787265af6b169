"""``tenken portal``: the web door, and what people prove by who they are there."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.given import Home, opened, person
from cli.output import progress
from house import credentials, steady_clock

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="The web door for auditors and the security team.")
LOOK_AHEAD = timedelta(minutes=1)
LONGEST_IDLE = 75  # seconds of a connection: a proxy that finds one closed under it answers for us (502)
Who = Annotated[
    str, typer.Argument(help="The worker number (of a machine or an auditor from outside: as in its grant).")
]


@app.command()
def run(home: Home) -> None:
    """Serve the portal where settings.yaml says, until stopped."""
    import uvicorn

    from portal.app import portal

    house = opened(home, steady_clock())
    app = portal(house, LOOK_AHEAD)
    assert house.settings.portal is not None  # the portal says so itself
    host, _, port = house.settings.portal.listen.rpartition(":")
    progress(f"serving {house.settings.portal.url} on {host}:{port}; stop with Ctrl-C or SIGTERM")
    uvicorn.run(
        app, host=host.strip("[]"), port=int(port), access_log=False, log_level="warning", server_header=False,
        forwarded_allow_ips="127.0.0.1", timeout_keep_alive=LONGEST_IDLE,
    )  # fmt: skip


@app.command()
def password(home: Home, who: Who) -> None:
    """Give somebody a password, which is asked for; it takes the place of any before."""
    house = opened(home)
    told: str = typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True)
    credentials.set_password(house, person(house, who), told, who)


@app.command()
def totp(home: Home, who: Who) -> None:
    """Print a new key for somebody's authenticator, as its otpauth address; it is not shown again."""
    house = opened(home)
    print(credentials.new_totp(house, person(house, who), who))


@app.command()
def token(home: Home, who: Who) -> None:
    """Print a new token for a machine; it takes the place of any before, and is not shown again."""
    house = opened(home)
    print(credentials.new_token(house, person(house, who)))


@app.command()
def revoke(home: Home, who: Who) -> None:
    """Take somebody's password, authenticator and token from them at once."""
    house = opened(home)
    credentials.revoke(house, person(house, who))
