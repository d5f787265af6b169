"""``tenken pack``: evidence packs."""

import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from cli.given import AsOf, By, Home, OneCompany, Since, opened, period, person
from cli.output import progress
from cli.progress import working
from evidence.errors import ConfigError, IntegrityError
from house.handout import Released, create_pack, deliver_raw
from reports.pack import verifier, verifiers
from reports.pack.archive import refuse_other_readings
from reports.pack.envelope import recipient_at
from reports.pack.parts import FIRST, LARGEST, joined, split

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Evidence packs.")

UNVERIFIED = 1  # exit code


@app.command()
def create(
    home: Home,
    company: OneCompany,
    out: Annotated[Path, typer.Option(help="The archive to write, or a folder to write it into.")],
    since: Since = None,
    as_of: AsOf = None,
    raw_for: Annotated[
        Path | None, typer.Option(help="With the objects as received, unmasked: encrypted to this certificate (PEM).")
    ] = None,
    purpose: Annotated[str, typer.Option(help="What originals are for; only with --raw-for.")] = "",
    by: Annotated[str, typer.Option("--by", help="Your worker number; only with --raw-for.")] = "",
    approved_by: Annotated[str, typer.Option(help="The worker number of who approved it; only with --raw-for.")] = "",
    largest_mib: Annotated[
        int, typer.Option(min=1, help="The size above which it is written in parts; of originals 256 at most.")
    ] = LARGEST,
) -> None:
    """Write the sealed pack of a judged period: masked, or with originals that two persons give to somebody."""
    house = opened(home)
    code, told = house.settings.company(company).code, period(house, since, as_of)
    if raw_for is None and any((purpose, by, approved_by)):
        raise ConfigError("--purpose, --by and --approved-by are about originals; name their recipient with --raw-for")
    with working("packing"):
        if raw_for is None:
            parts = split(Path(create_pack(house, code, told, out)), largest_mib << 20)
        else:
            who = (person(house, number) for number in (by, approved_by))
            released = Released(recipient_at(raw_for, house.clock.now()), purpose, *who)
            parts = deliver_raw(house, code, told, out, released, largest_mib << 20)
    for one in parts:
        print(one)


@app.command()
def reveal(
    home: Home,
    company: OneCompany,
    out: Annotated[Path, typer.Option(help="The encrypted file to write.")],
    recipient: Annotated[Path, typer.Option(help="The certificate (PEM) of who may read it.")],
    purpose: Annotated[str, typer.Option(help="What it is for.")],
    by: By,
    approved_by: Annotated[str, typer.Option(help="The worker number of who approved it.")],
    since: Since = None,
    as_of: AsOf = None,
) -> None:
    """Write which worker each pseudonym in a period's pack is, encrypted to a recipient; it takes two persons."""
    from house.revealing import reveal as revealed

    house = opened(home)
    who = (person(house, number) for number in (by, approved_by))
    with working("looking up"):
        path = revealed(
            house, house.settings.company(company).code, period(house, since, as_of), out,
            Released(recipient_at(recipient, house.clock.now()), purpose, *who),
        )  # fmt: skip
    print(path)


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="The archive, or the first of its parts.")],
    key: Annotated[str | None, typer.Option(help="The company's verification key, from outside the pack.")] = None,
    previous: Annotated[Path | None, typer.Option(help="The checkpoint of your last visit.")] = None,
    reperform: Annotated[
        bool, typer.Option("--reperform", help="Judge every control again, from the facts in the pack.")
    ] = False,
) -> None:
    """Verify a pack; exit 4 when it is not what was sealed, 1 when nobody said whose key it must bear.

    With --reperform every control is judged again by our engine, from the definitions and facts in the pack alone; what
    comes out otherwise is told by control and member, exit 4. In a pack with originals the facts are read again from
    them, too, and what differs is told by table, object, line and column.

    The verifier that runs is ours, not the copy in the archive: a forged pack brings a verifier that likes it.
    """
    arguments = ["--key", key] if key else []
    if previous:
        arguments += ["--previous", str(previous.absolute())]
    with tempfile.TemporaryDirectory() as folder:
        whole = joined(path, Path(folder)) if path.suffix == FIRST else path
        bag, ours = _unpacked(whole, Path(folder) / "pack"), Path(folder) / "verify.py"
        ours.write_bytes(verifier())
        command = [sys.executable, "-I", str(ours), *arguments]
        done = subprocess.run(command, cwd=bag, check=False, capture_output=True, text=True)  # noqa: S603 - our own file, this Python, no shell; the key is one argument
        print(done.stdout, end="")
        compared: list[str] = []
        again = reperform and done.returncode != ConfigError.exit_code
        differing = list(_judged_again(bag, compared)) if again else []
    for one in differing:
        print("× " + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in one[:500]))
    if done.returncode == ConfigError.exit_code:
        raise ConfigError(f"{path}: the key was not taken: {done.stdout.strip() or done.stderr.strip()}")
    if done.returncode:
        raise IntegrityError(f"{path}: does not verify" + (f": {done.stderr.strip()}" if done.stderr else ""))
    if differing:
        raise IntegrityError(f"{path}: {len(differing)} results do not come out when its controls are judged again")
    if reperform:
        print("○ RE-PERFORMED 再実施で同じ結果を確認")
        print("".join(f"  {one}\n" for one in compared), end="")
    if not key:
        progress("give the company's key with --key to verify who issued it")
        raise typer.Exit(UNVERIFIED)


def _judged_again(bag: Path, compared: list[str]) -> Iterator[str]:
    from reports.pack.reperform import differences

    with working("judging again"):
        yield from differences(bag, compared.append)


@app.command("verifier")
def hand_out(
    out: Annotated[Path, typer.Option(help="The folder to write verify.py and verify.html into.")],
) -> None:
    """Write the two verifiers, to be handed to auditors apart from any pack."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in verifiers().items():
            (out / name).write_bytes(content)
            print(out / name)
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror or error}") from error


def _unpacked(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_other_readings(path, archive)
            archive.extractall(folder)
            listed = sorted(name for name in archive.namelist() if not name.endswith("/"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    # All that zipfile raises of a forged or cut archive: unknown method, encryption, a name with NUL, a short stream.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise IntegrityError(f"{path}: is no whole archive: {error}") from error
    if listed != sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()):
        raise IntegrityError(f"{path}: a name stands twice or leads elsewhere; another tool would unpack other files")
    inside = list(folder.iterdir())
    if len(inside) != 1 or not inside[0].is_dir():
        raise IntegrityError(f"{path}: a pack is one folder; this archive holds {len(inside)} things")
    return inside[0]
