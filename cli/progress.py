"""Progress on stderr, and only where stderr is a terminal; stdout stays data."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Thing = TypeVar("Thing")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show that something is going on while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


def tracked(things: Iterable[Thing], text: str, total: int) -> Iterator[Thing]:
    """Hand things on one by one, and show how many of them are done."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console
    from rich.progress import Progress

    # Redirected streams would put our data on stderr.
    with Progress(
        console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        task = progress.add_task(text, total=total)
        for thing in things:
            yield thing
            progress.advance(task)
