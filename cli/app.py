"""The table of verbs, and a group that imports a verb's module only when it is called."""

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

VERBS: dict[str, tuple[str, str]] = {
    "init": ("cli.init", "Make a home: settings, keys, database, calendars."),
    "doctor": ("cli.doctor", "Say what is missing or wrong on this machine and in this home."),
    "demo": ("cli.demo", "Write a synthetic group with planted faults, run everything, and count what was found."),
    "config": ("cli.config", "Check every file that people write; print their JSON schemas."),
    "sources": ("cli.sources", "List the sources; test whether they answer."),
    "collect": ("cli.collect", "Fetch evidence from the sources."),
    "datasets": ("cli.datasets", "The canonical tables that everything speaks."),
    "controls": ("cli.controls", "The control catalogue: list, show, lint, test."),
    "check": ("cli.check", "Judge the controls for a period."),
    "periods": ("cli.periods", "Closed months, quarters, halves and years: list, show, close."),
    "coverage": ("cli.coverage", "What should have been checked in a fiscal year, and what was."),
    "gaps": ("cli.gaps", "What does not conform, and what is done about it."),
    "findings": ("cli.findings", "What people make of gaps: causes, corrections, and whether they held."),
    "notices": ("cli.notices", "Who was told of what, and whether it arrived; send what is due."),
    "registers": ("cli.registers", "What people write down: templates, imports, exports, history."),
    "attest": ("cli.attest", "Record a person's answer to a control's question."),
    "report": ("cli.report", "The management book and the self-check report."),
    "pack": ("cli.pack", "Evidence packs: create, verify."),
    "ledger": ("cli.ledger", "The tamper-evident ledger: verify, checkpoint, prove, rotate, accept-rollback."),
    "vault": ("cli.vault", "What sources gave, as it lies encrypted: scrub, retention, purge, rotation."),
    "portal": ("cli.portal", "The web door for auditors and the security team: run, password, totp, token, revoke."),
    "scheduler": ("cli.scheduler", "Do what is due; say what was missed."),
    "db": ("cli.db", "The database: upgrade. The whole home: backup, restore."),
}


class LazyGroup(TyperGroup):
    """Knows its verbs by name and help; imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The verbs, in the order of a working day."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import and return one verb; None when there is none of that name."""
        if cmd_name not in VERBS:
            return None
        command = typer.main.get_command(importlib.import_module(VERBS[cmd_name][0]).app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the verbs without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


app = typer.Typer(
    cls=LazyGroup,
    name="tenken",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="tenken (点検): keep a company's personal-information safety measures under continuous, provable self-check.",
)


@app.callback()
def home(
    ctx: typer.Context,
    home: Annotated[Path, typer.Option(envvar="TENKEN_HOME", help="The folder that is the deployment.")] = Path(),
) -> None:
    """Options that every verb shares."""
    ctx.obj = home
