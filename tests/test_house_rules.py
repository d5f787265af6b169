"""The rules of the house that no reader should have to remember: who may import whom, how long a file may be."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "evidence": 1,
    "controls": 2,
    "collectors": 2,
    "registers": 2,
    "reports": 3,
    "house": 4,
    "scheduler": 5,
    "demo": 6,
    "portal": 6,
    "cli": 7,
}
CLOCK_READERS = {"now", "utcnow", "today", "localtime"}


def sources() -> list[Path]:
    return sorted(
        path
        for name in FLOORS
        for path in ([ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else (ROOT / name).rglob("*.py"))
    )


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_run_down(path: Path) -> None:
    here = room(path)
    up = {name for name in imports(path) if name in FLOORS and name != here and FLOORS[name] >= FLOORS[here]}
    assert not up


@pytest.mark.parametrize(
    ("library", "only"),
    [
        ("sqlalchemy", "evidence/store"),
        ("alembic", "evidence/store"),
        ("apscheduler", "scheduler.py"),
        ("paramiko", "collectors/transports/sftp"),
        ("boto3", "evidence/"),
        ("rfc3161_client", "evidence/ledger/timestamp.py"),
        ("argon2", "house/credentials.py"),
        ("authlib", "portal/oidc.py"),
        ("starlette", "portal/"),
    ],
)
def test_a_library_has_one_home(library: str, only: str) -> None:
    users = {p.relative_to(ROOT).as_posix() for p in sources() if library in set(imports(p))}
    assert users
    assert all(user.startswith(only) for user in users)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_nobody_but_the_clock_reads_the_time(path: Path) -> None:
    if path == ROOT / "evidence" / "clock.py":
        return
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("datetime", "date", "time")
    }
    assert not calls & (CLOCK_READERS | {"time"})


@pytest.mark.parametrize(
    "path", [*sources(), *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_file_is_longer_than_the_bar(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_our_distribution_alone_provides_each_room(name: str) -> None:
    assert set(packages_distributions().get(name, ["tenken"])) == {"tenken"}


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_the_rooms_are_the_ones_that_are_tested() -> None:
    import controls

    assert Path(controls.__file__ or "").is_relative_to(ROOT)
    assert sys.version_info >= (3, 11)
