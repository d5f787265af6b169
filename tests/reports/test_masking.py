"""No key of a person leaves the protected store in a report."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from zipfile import ZipFile

import pytest

from controls.model import Proof, Verdict, Words
from reports import management_book, self_check
from reports.self_check_view import Judged, self_check_view
from tests.reports import made
from tests.reports.made_book import book

KEY = re.compile(r"(?<![A-Za-z0-9])p[a-z2-7]{20}(?![A-Za-z0-9])")


def planted(place: str, hide: Callable[[str], str]) -> Judged:
    """A half-year with the key of an invented person in one place."""
    key = made.person(4711)
    told = made.judged(hide, findings=(), assessments=(), before=(), gaps=(), evidence=())
    control = replace(made.controls()[0], gap=Words("{by} {subject} {aspect}", ""))
    deviation = replace(made.deviation(2), subject="S-1", columns={"by": "―"}, proof=Proof())
    finding = made.finding(1, None) | {"cause": "", "owner_key": None}
    evidence = made.evidence(1)[0]
    reason = None
    gap = replace(made.gap(0, made.controls()[0], made.deviation(2)), message=Words("―", ""))
    match place:
        case "subject":
            deviation, gap = replace(deviation, subject=key), replace(gap, subject=f"{key}/SYS-1")
        case "aspect":
            deviation = replace(deviation, aspect=f"of {key}")
        case "columns":
            deviation = replace(deviation, columns={"by": key})
        case "reason":
            reason = f"証跡がない: {key}、{key}"
        case "message of a gap":
            gap = replace(gap, message=Words(f"{key}が未受講", ""))
        case "finding":
            finding |= {"owner_key": key, "cause": f"({key})", "verified_by": key}
        case "evidence":
            evidence = replace(evidence, name=f"{key}.csv", origin=f"sftp://h/{key}", complete=f"不完全: {key}")
    judged = made.assessment(1, control, Verdict.FAIL, deviations=(deviation,), reason=reason)
    return replace(
        told, controls=(control,), assessments=(judged,), gaps=(gap,), findings=(finding,), evidence=(evidence,)
    )  # fmt: skip


def everything(told: Judged) -> str:
    """All that the workbook and the page hold."""
    view = self_check_view(told)
    with ZipFile(io.BytesIO(self_check.workbook(view).content)) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()]
    return "\n".join([*parts, self_check.html_page(view).content.decode()])


PLACES = ["subject", "aspect", "columns", "reason", "message of a gap", "finding", "evidence"]


@pytest.mark.parametrize("place", PLACES)
def test_no_key_of_a_person_is_in_a_report(place: str) -> None:
    assert not KEY.search(everything(planted(place, made.hidden)))


@pytest.mark.parametrize("place", PLACES)
def test_a_key_that_is_not_hidden_would_be_seen(place: str) -> None:
    assert KEY.search(everything(planted(place, str)))


def test_the_pseudonym_stands_where_the_key_was() -> None:
    assert made.hidden(made.person(4711)) in everything(planted("columns", made.hidden))


def test_no_key_of_a_person_is_in_a_whole_report() -> None:
    assert not KEY.search(everything(made.judged()))


def test_no_key_of_a_person_is_in_the_book() -> None:
    with ZipFile(io.BytesIO(management_book.workbook(book()).content)) as archive:
        assert not any(KEY.search(archive.read(name).decode()) for name in archive.namelist())
