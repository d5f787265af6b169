"""``tenken doctor``: what is missing or wrong on this machine and in this home. It mends nothing."""

import locale
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import typer

import scheduler
from cli.config import problems_of
from cli.given import Home
from cli.output import Json, listed
from evidence import ledger, persons, settings
from evidence.errors import ConfigError, TenkenError
from evidence.ledger import keys as signing
from house import House, open_house, stamps
from house.post import Answer

app = typer.Typer(rich_markup_mode=None)

LEAST_PYTHON = (3, 11)
LEAST_FREE = 2**30  # bytes
SQLITE = "sqlite:///"

Check = tuple[str, Callable[[], str]]


@app.command()
def doctor(home: Home, json: Json = False) -> None:
    """Look at Python, text, disk, settings, keys, database, vault, clock, schedule and notices; exit 2 when wrong."""
    rows = [{"check": name, **_looked(look)} for name, look in checks(home.obj)]
    listed(rows, json=json)
    if any(row["state"] == "wrong" for row in rows):
        raise typer.Exit(ConfigError.exit_code)


def checks(home: Path) -> Iterator[Check]:
    """What is looked at, in the order in which it should be mended; with what it says when it is right."""
    yield "python", _python
    yield "text", _text
    yield "settings", lambda: settings.read(home).group
    yield "disk", lambda: _disk(home)
    yield "files", lambda: _files(home)
    yield "keys", lambda: _keys(home)
    yield "database", lambda: _database(home)
    yield "vault", lambda: _vault(_house(home))
    yield "clock", lambda: _clock(_house(home))
    yield "schedule", lambda: _schedule(_house(home))
    yield "notices", lambda: _notices(_house(home))
    yield "timestamps", lambda: _timestamps(_house(home))


def _looked(look: Callable[[], str]) -> dict[str, str]:
    try:
        return {"state": "ok", "detail": look()}
    except TenkenError as error:
        return {"state": "wrong", "detail": str(error).splitlines()[0]}


def _python() -> str:
    if sys.version_info < LEAST_PYTHON:
        raise ConfigError(f"Python {sys.version.split()[0]}; install 3.11 or newer")
    return sys.version.split()[0]


def _text() -> str:
    encoding = locale.getpreferredencoding(do_setlocale=False)
    if encoding.lower().replace("-", "") != "utf8":
        raise ConfigError(f"text is {encoding}; set PYTHONUTF8=1")
    return encoding


def _disk(home: Path) -> str:
    if not home.is_dir():
        raise ConfigError(f"{home}: there is no such folder")
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE:
        raise ConfigError(f"{home}: only {free >> 20} MB are free; evidence that finds no room is not collected")
    return f"{free >> 30} GB free"


def _files(home: Path) -> str:
    if problems := list(problems_of(home)):
        raise ConfigError(f"{len(problems)} problems; `tenken config check` names them")
    return "settings, schedule, sources, profiles and controls can be read"


def _keys(home: Path) -> str:
    told = settings.read(home)
    persons.load_secret(home / "keys" / "secret")
    logs = (ledger.GROUP, *(ledger.log_of(code) for code in told.codes))
    return ", ".join(str(signing.load(home / "keys", log).vkey).partition("+")[0] for log in logs)


def _house(home: Path) -> House:
    """The house of a home that has its database: looking must not make one."""
    told = settings.read(home).database
    name = told.removeprefix(SQLITE)
    if told.startswith(SQLITE) and not (home / name).is_file():
        raise ConfigError(f"{home / name}: there is no database; `tenken db upgrade` makes one")
    return open_house(home)


def _database(home: Path) -> str:
    house = _house(home)
    last = house.store.last_commit()
    return f"last written {last.astimezone(house.zone)}" if last else "still empty"


def _vault(house: House) -> str:
    """Whether what keeps the objects can be reached, and will do."""
    held = "holds objects" if next(house.vault.digests(), None) else "still empty"
    told = house.settings.vault
    return f"s3://{told.s3.bucket}/{told.s3.prefix} {held}" if told and told.s3 else held


def _clock(house: House) -> str:
    now, last = house.clock.now(), house.store.last_commit()
    if last is not None and last > now:
        raise ConfigError(f"it is {now}, but something was recorded at {last}; set the machine's clock")
    return f"{now.astimezone(house.zone):%Y-%m-%d %H:%M:%S %Z}"


def _schedule(house: House) -> str:
    rows = scheduler.status(house)
    if overdue := [str(row["schedule"]) for row in rows if row["overdue"]]:
        raise ConfigError(f"{', '.join(overdue)}: overdue; is `tenken scheduler run` running?")
    if seen := [row for row in rows if row["last_due"]]:
        return f"{len(seen)} of {len(rows)} schedules are served"
    raise ConfigError("nobody serves it yet; start `tenken scheduler run`")


def _notices(house: House) -> str:
    """Whether those who take mail and events answer; nothing is sent to them."""
    told = house.settings.notices
    if told is None:
        return "nobody is told: settings.yaml has no notices"
    from house.delivery import hook, mail_server  # collectors and controls, which no other check needs

    answers: dict[str, Answer] = {}
    if told.smtp is not None:
        answers[f"{told.smtp.host}:{told.smtp.port}"] = mail_server(house, told).greet()
    if told.webhook is not None:
        answers["webhook"] = hook(house, told).greet()
    if wrong := [f"{name} ({answer.reason})" for name, answer in answers.items() if answer.outcome != "sent"]:
        raise ConfigError(f"{', '.join(wrong)}: does not answer as it should; see docs/operations.md")
    return f"{', '.join(answers)} answers"


def _timestamps(house: House) -> str:
    """Whether the authority that stamps the heads is believed, and answered when it was asked last."""
    if stamps.chain(house) is None:
        return "no authority is asked: settings.yaml has no timestamps"
    if failing := stamps.standing(house):
        raise ConfigError("; ".join(failing))
    return "the heads are stamped each day by the work `checkpoint`"
