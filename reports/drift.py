"""The sheet 乖離 of the management book: where book and world differ, as the controls that compare them found it.

Every such control has a line of its own with its mark: no deviation and no ○ would look fine where nothing was seen.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from controls.model import UNVERIFIED_SUBJECT, Assessment, Control, Gap, Verdict
from reports.self_check_view import COMPANY_WIDE
from reports.words import aspect_text, deviation_text, remark
from reports.workbook import Table

CONTROLS = ("ORG-3-04", "ORG-1-03")  # systems, vendors and logs; access groups
UNJUDGED = "この期間は判定されていない"
HEADERS = ("管理策ID", "判定", "対象", "区分", "部門", "内容", "検出日", "例外承認番号")
WIDTHS = {"管理策ID": 11, "判定": 6, "対象": 26, "区分": 22, "部門": 10, "内容": 60, "例外承認番号": 16}


@dataclass(frozen=True, slots=True)
class Drift:
    """One line of the sheet: what a control concluded, or one thing that it found; keys are already pseudonyms."""

    control: str
    mark: str
    subject: str
    aspect: str
    department: str
    text: str
    since: date | None  # None: nobody follows it as a gap
    waiver: str


def drift(
    controls: Sequence[Control], assessments: Iterable[Assessment], gaps: Iterable[Gap], masked: Callable[[str], str]
) -> tuple[Drift, ...]:
    """What the controls that compare the book say of one company and period, each before what it found."""
    known = {str(control.id): control for control in controls}
    of = {str(one.control): one for one in assessments}
    since: dict[tuple[str, str, str | None], date] = {
        (gap.control, gap.subject, gap.aspect): gap.opened_on for gap in gaps
    }
    return tuple(
        line for name in CONTROLS if name in known for line in _lines(known[name], of.get(name), since, masked)
    )


def _lines(
    control: Control,
    judged: Assessment | None,
    since: dict[tuple[str, str, str | None], date],
    masked: Callable[[str], str],
) -> Iterator[Drift]:
    mark = (judged.verdict if judged else Verdict.UNVERIFIED).mark
    why = masked(remark(control, judged)) if judged else UNJUDGED
    doubted = since.get((control.id, UNVERIFIED_SUBJECT, None)) if mark == Verdict.UNVERIFIED.mark else None
    yield Drift(control.id, mark, "", "", "", f"{control.title.ja}: {why}", doubted, "")
    for one in judged.deviations if judged else ():
        yield Drift(
            control=control.id,
            mark=(Verdict.PARTIAL if one.waiver else Verdict.FAIL).mark,
            subject=masked(one.subject),
            aspect=masked(aspect_text(one.aspect)),
            department=one.department or COMPANY_WIDE,
            text=masked(deviation_text(control, one)),
            since=since.get((control.id, one.subject, one.aspect)),
            waiver=masked(one.waiver or ""),
        )


def sheet(told: Sequence[Drift], running: tuple[str, str]) -> Table:
    """The sheet as a table."""
    return Table(
        "乖離",
        HEADERS,
        [
            (one.control, one.mark, one.subject, one.aspect, one.department, one.text, one.since, one.waiver)
            for one in told
        ],
        "台帳と実態(システム・委託先・ログ・権限)の突合。○ 一致 / × 乖離 / △ 承認済か許容範囲内 / ？ 未確認 / ― 対象外",
        WIDTHS,
        centred={"部門"},
        running=running,
        empty="突合する管理策がないため、台帳と実態の一致は確認されていない。",
    )
