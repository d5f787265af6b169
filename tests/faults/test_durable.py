"""What is acknowledged has reached the disk: bytes, names and rows, in that order, seen from the calls themselves."""

import os
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import Collected
from evidence.store import Store, Transaction
from evidence.vault import folder as vault_folder
from house import House, day
from tests.faults import homes

SOURCES = ("log1", "roster")


@dataclass
class Calls:
    """The calls that make things durable, in their order."""

    home: Path
    seen: list[tuple[str, str, str]] = field(default_factory=list)  # what, on which path, to which path

    def note(self, what: str, path: object = "", to: object = "") -> None:
        self.seen.append((what, self._short(path), self._short(to)))

    def _short(self, path: object) -> str:
        told = str(path)
        return os.path.relpath(told, self.home) if told.startswith(str(self.home)) else told

    @contextmanager
    def noted(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Note every call until the end of the block."""
        fsync, rename, replace, mkdir, write = os.fsync, os.rename, os.replace, os.mkdir, Store.write

        def synced(handle: int) -> None:
            fsync(handle)
            self.note("fsync", Path(f"/proc/self/fd/{handle}").readlink())

        def renamed(source: Any, target: Any, **given: Any) -> None:
            self.note("rename", source, target)
            rename(source, target, **given)

        def replaced(source: Any, target: Any, **given: Any) -> None:
            self.note("rename", source, target)
            replace(source, target, **given)

        def made(path: Any, *given: Any, **named: Any) -> None:
            mkdir(path, *given, **named)
            self.note("mkdir", path)

        @contextmanager
        def written(store: Store) -> Iterator[Transaction]:
            with write(store) as tx:
                yield tx
            self.note("commit")

        with monkeypatch.context() as patched:
            for name, instead in {"fsync": synced, "rename": renamed, "replace": replaced, "mkdir": made}.items():
                patched.setattr(os, name, instead)
            patched.setattr(Store, "write", written)
            yield

    def broken(self) -> list[str]:
        """Every step that came too late, or not at all, before the commit that relies on it."""
        found = []
        commits = [place for place, (what, *_) in enumerate(self.seen) if what == "commit"]
        for place, (what, path, to) in enumerate(self.seen):
            until = next((commit for commit in commits if commit > place), None)
            before, after = self.seen[:place], self.seen[place:until]
            if what == "rename":
                if ("fsync", path, "") not in before:
                    found.append(f"{to} was named before its bytes were safe")
                if ("fsync", str(Path(to).parent), "") not in after:
                    found.append(f"{to} was relied on before its name was safe")
            if what == "mkdir" and ("fsync", str(Path(path).parent), "") not in after:
                found.append(f"{path}/ was relied on before its name was safe")
            if what == "acknowledged" and self.seen[place - 1][0] != "commit":
                found.append("something was acknowledged without a commit right before")
        return found


def collected(house: House, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Collect two sources in this process, and note what made it durable."""
    calls = Calls(house.home)
    with calls.noted(monkeypatch):
        for told in day.collect_day(house, homes.DAY, SOURCES):
            assert isinstance(told, Collected)
            calls.note("acknowledged", told.source)
    return calls


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    with homes.opened(home) as opened:
        yield opened


def test_bytes_then_names_then_rows_then_the_word(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = collected(house, monkeypatch)
    assert calls.broken() == []
    assert [path for what, path, _ in calls.seen if what == "acknowledged"] == sorted(SOURCES)
    objects = [to for what, path, to in calls.seen if what == "rename" and path.startswith("vault/incoming/")]
    facts = [to for what, _, to in calls.seen if what == "rename" and to.startswith("facts/")]
    assert len(objects) == homes.FILES + 1 + 1  # the log, the roster, the calendar
    assert len(facts) == 4  # events and their segments, workers, the calendar


def test_all_of_one_object_comes_in_one_order(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = collected(house, monkeypatch).seen
    start = next(n for n, (what, _, to) in enumerate(calls) if what == "rename" and to.startswith("vault/"))
    _, temporary, placed = calls[start]
    shelf = str(Path(placed).parent)
    assert [step for step in calls[start - 2 : start + 3] if step[0] != "mkdir"] == [
        ("fsync", temporary, ""),
        ("rename", temporary, placed),
        ("fsync", shelf, ""),
        ("fsync", "vault", ""),
    ]


def without(name: str) -> types.SimpleNamespace:
    """The module ``os`` of which one function does nothing."""
    return types.SimpleNamespace(**{**vars(os), name: lambda *given: None})


def test_control_a_vault_that_does_not_fsync_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_folder, "os", without("fsync"))
    broken = collected(house, monkeypatch).broken()
    assert len([one for one in broken if one.endswith("before its bytes were safe")]) == homes.FILES + 2


def test_control_a_vault_that_forgets_the_folder_is_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_folder, "sync_folder", lambda *given: None)
    broken = collected(house, monkeypatch).broken()
    assert [one for one in broken if one.startswith("vault/") and one.endswith("before its name was safe")]
