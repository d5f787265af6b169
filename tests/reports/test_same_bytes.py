"""The same view gives the same bytes: a second time, on another machine, in another place of the world."""

import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from reports import management_book, self_check
from reports.self_check_view import self_check_view
from tests.reports import made, made_book


def digests() -> str:
    """What three documents of the invented company are."""
    view = self_check_view(made.judged())
    documents = (
        self_check.workbook(view),
        self_check.html_page(view),
        management_book.workbook(made_book.book()),
    )
    return " ".join(f"{d.name}:{hashlib.sha256(d.content).hexdigest()}" for d in documents)


here = cache(digests)


def test_a_second_time_gives_the_same_bytes() -> None:
    assert digests() == here()


@pytest.mark.parametrize(
    "place",
    [
        pytest.param({"TZ": "UTC", "LC_ALL": "C.UTF-8"}, id="UTC"),
        pytest.param({"TZ": "Asia/Tokyo", "LC_ALL": "ja_JP.UTF-8", "LANG": "ja_JP.UTF-8"}, id="Tokyo"),
        pytest.param({"TZ": "America/New_York", "LC_ALL": "en_US.UTF-8"}, id="New York"),
        pytest.param({"TZ": "Australia/Lord_Howe", "LC_ALL": "C.UTF-8"}, id="Lord Howe, half an hour of summer"),
        pytest.param({"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, id="ASCII"),
    ],
)
def test_another_place_gives_the_same_bytes(place: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONHASHSEED": "random", **place}
    done = subprocess.run(
        [sys.executable, "-c", "from tests.reports.test_same_bytes import digests; print(digests())"],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == here()


def test_another_view_gives_other_bytes() -> None:
    other = self_check_view(made.judged(company_name="株式会社若葉架空商事"))
    assert hashlib.sha256(self_check.workbook(other).content).hexdigest() not in here()


def test_the_names_of_documents_are_ascii() -> None:
    assert here().isascii()
