"""Views whose every text is one of the strings that break software."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from controls.model import Basis, ControlId, Deviation, Parameter, Proof, Tally, Verdict, Words
from evidence.datasets import catalogue
from reports.drift import Drift
from reports.management_book import BookView
from reports.self_check_view import EvidenceLine, SelfCheckView, self_check_view
from tests.reports import made
from tests.reports.made_book import entry

INJECTIONS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "=cmd|'/C calc'!A1",
    '=HYPERLINK("http://x.example","y")',
    "{{ 7*7 }}",
    "{% raw %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table>",
    "#REF!",
    "#N/A",
)


def strings(shared: Path) -> list[str]:
    """The big list of naughty strings and what a spreadsheet or a page would run."""
    naughty: list[str] = json.loads((shared / "data" / "blns" / "blns.json").read_text("utf-8"))
    return [*naughty, *INJECTIONS]


def self_check(texts: Sequence[str]) -> SelfCheckView:
    """A report in which the n-th control, deviation, gap, finding and object say the n-th text everywhere."""
    controls = []
    assessments = []
    gaps = []
    for number, text in enumerate(texts):
        base = made.control(1, made.MEASURES[number % 18][0], "")
        control = replace(
            base,
            id=ControlId(f"X-{number}"),
            title=Words(text, text),
            requires=Words(text, text),
            basis=(Basis("law", text, text),),
            parameters=(Parameter(text, text, text, text), Parameter("list", (text, text), "", "")),
            gap=Words("{said}", "{said}"),
            digest=str(number),
        )
        found = Deviation(text, text, None, text, {"said": text}, Proof(("f" * 64 + f":{text}:1",), 1), waiver=text)
        judged = made.assessment(
            1, control, Verdict.FAIL, reason=text, deviations=(found,), departments=(Tally(text, 1, 1, 0),)
        )
        controls.append(control)
        assessments.append(judged)
        gaps.append(
            replace(
                made.gap(0, base, made.deviation(1)),
                control=control.id,
                subject=text,
                department=text,
                message=Words(text, text),
            )
        )
    columns = catalogue()["findings"].columns
    told = made.judged(
        controls=controls,
        assessments=assessments,
        before=(),
        gaps=gaps,
        departments=[(text, text) for text in texts],
        findings=[{c.name: text if c.type == "text" else None for c in columns} for text in texts],
        evidence=[_line(text) for text in texts],
        hide=str,
    )
    return self_check_view(told)


def company(text: str) -> SelfCheckView:
    """A report of a company, with measures and departments, that is named so."""
    return self_check_view(
        made.judged(company=text, company_name=text, measures=[(code, Words(text, text)) for code, _ in made.MEASURES])
    )


def book(texts: Sequence[str]) -> BookView:
    """A book in which the n-th entry says the n-th text in every column."""
    columns = catalogue()["book_entries"].columns
    rows: list[dict[str, Any]] = []
    for number, text in enumerate(texts):
        said = {c.name: text for c in columns if c.type == "text"} | {
            c.name: [text] for c in columns if c.type == "list"
        }
        rows.append(entry(0) | said | {"entry_id": f"X-{number}", "entered_by": text})
    drift = tuple(Drift(text, text, text, text, text, text, None, text) for text in texts)
    return BookView("X", "X", made.AS_OF, made.KNOWN_AT, tuple(rows), {}, tuple(rows), drift)


def _line(text: str) -> EvidenceLine:
    return EvidenceLine(
        number=text,
        controls=(text,),
        name=text,
        kind=text,
        origin=text,
        how=text,
        fetched_at=made.KNOWN_AT,
        modified_at=None,
        size=1,
        rows=1,
        sha256=text,
        reader=text,
        complete=text,
    )
