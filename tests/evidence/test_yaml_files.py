"""Two ways to read YAML, one meaning: what the quick one takes, the one that keeps places takes alike."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import RootModel

from evidence import datasets
from evidence.errors import Misplaced
from evidence.yaml_files import UNUSUAL, WRONG, load, parse, quick

FILES = sorted(datasets.FOLDER.glob("*.yaml"))
WORDS = """
yes no on 0123 0o17 0x1F 1_000 1:30 190:20:30 2026-01-01 2026-01-01T00:00:00Z ~ null NULL 'x "x "\\x41" - ? : {a:1} [a:b]
<<: &a *a !x # @ ` a:b , ] } "a":1 = é -0 1e3 .inf .nan +1 1. --- ... | >
"""
BLANKS = [
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n- ",
    ": ",
    "a: ",
    "? ",
    "!!int ",
    "\t",
    "\x85",
    "\u2028",
    "\ufeff",
    "%YAML 1.1\n---\n",
]
PIECES = st.sampled_from([*WORDS.split(), *BLANKS])


def taken(path: Path, text: str) -> tuple[str, Any]:
    """What the way with places makes of a text."""
    path.write_text(text, "utf-8")
    try:
        return "taken", parse(path, RootModel[Any], node=load(path)).root
    except Misplaced:
        return "refused", None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_quick_way_reads_a_sound_file_as_the_slow_one_does(path: Path, tmp_path: Path) -> None:
    text = path.read_text("utf-8")
    assert ("taken", quick(text)) == taken(tmp_path / "copy.yaml", text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=4))
def test_what_the_quick_way_takes_the_slow_one_takes_alike(tmp_path: Path, value: list[str], more: list[str]) -> None:
    text = "a: " + "".join(value) + "\nb: " + "".join(more) + "\n"
    try:
        told = quick(text)
    except WRONG:
        return
    assert repr(("taken", told)) == repr(taken(tmp_path / "a.yaml", text)).replace("TimeStamp(", "datetime.datetime(")


@pytest.mark.parametrize("text", ["a: \tb", "a: b\u2028", "%YAML 1.1\n---\na: no", "a: !!int"], ids=ascii)
def test_what_scanners_read_apart_is_left_to_the_slow_way(text: str) -> None:
    assert UNUSUAL.search(text)


def test_a_tag_without_its_value_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\nb: !!int\n")
    with pytest.raises(Misplaced, match=r"a\.yaml:2:4"):
        parse(tmp_path / "a.yaml", RootModel[Any])
