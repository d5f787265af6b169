"""What people are told of gaps by mail: plain text, Japanese first, English beside it, and no personal data.

A gap's own message is not in it: it may hold whatever somebody wrote into a register. Who is told reads it in the
house. Subjects are pseudonyms; whose address the mail goes to is known only to who sends it.
"""

import shlex
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter

from controls.model import UNVERIFIED_SUBJECT, Words
from reports.self_check_view import COMPANY_WIDE, FULL_WIDTH_SEVERITY

MOST_MATTERS = 50  # of a mail; of what is beyond it the number
MOST_NAMES = 3  # of subjects, controls or departments of a matter
_BROKEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # what ends a line, hides or turns a text round


@dataclass(frozen=True, slots=True)
class Titled:
    """A control by its id and title."""

    id: str
    title: Words


@dataclass(frozen=True, slots=True)
class Told:
    """Gaps that have one cause, as a person is told of them: once, worst first."""

    company: str
    severity: str
    controls: tuple[Titled, ...]
    gaps: int
    subjects: tuple[str, ...]  # pseudonyms; the first ones, none where nothing could be judged
    departments: tuple[str | None, ...]
    due_on: date | None
    overdue_days: int
    subjects_in_all: int
    returned: int = 0  # of the gaps: that were closed before
    aspect: str | None = None  # of the one gap
    cause: str | None = None  # source:NAME, register:NAME, mass:…
    held: bool = False
    escalated: bool = False
    of: str | None = None  # the pseudonym of whom it falls to, where somebody else is told


@dataclass(frozen=True, slots=True)
class NoticeView:
    """What one notice says."""

    kind: str  # digest | critical | escalated | mass
    day: date
    gaps: int
    critical: int
    overdue: int
    matters: tuple[Told, ...]
    more: int = 0  # matters that are not among these
    link: str | None = None
    instead: str | None = None  # why whom it falls to could not be told


@dataclass(frozen=True, slots=True)
class Text:
    """A mail before it has an address."""

    subject: str
    body: str


_VIEW = TypeAdapter(NoticeView)


def as_body(view: NoticeView) -> Mapping[str, Any]:
    """A view as the store keeps it."""
    kept: Mapping[str, Any] = _VIEW.dump_python(view, mode="json")
    return kept


def of_body(body: Mapping[str, Any]) -> NoticeView:
    """The view that the store keeps."""
    return _VIEW.validate_python(dict(body))


def render(view: NoticeView) -> Text:
    """The text of a notice: the same view, the same text."""
    body = (
        _templates()
        .get_template("notice.txt")
        .render(view=view, lead=_LEADS[view.kind](view), todo=_TO_DO[view.kind], **_WORDS)
    )
    return Text(_one_line(_SUBJECTS[view.kind](view)), body)


def mail(text: Text, sender: str, to: str, at: datetime, delivery: str) -> EmailMessage:
    """A mail that any client can read; its Message-ID is that of its notice, however often it is sent."""
    message = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    message["From"] = Address(display_name="tenken", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = text.subject
    message["Date"] = at
    message["Message-ID"] = f"<{delivery}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body, charset="utf-8", cte="base64")
    return message


def trial(day: date) -> Text:
    """The text of a mail that tells of nothing: to see whether mail arrives."""
    return Text(
        "【点検】送信の確認 / tenken: test mail",
        f"点検(tenken)からの試験送信です({day})。このメールが読めれば設定は正しく動いています。\n"
        f"This is a test mail of tenken ({day}). If you can read it, mail is set up.\n",
    )


def clean(text: str) -> str:
    """A text on one line, without what a mail client would obey instead of showing."""
    return " ".join("".join(" " if unicodedata.category(c) in _BROKEN else c for c in text).split())


def _one_line(subject: str) -> str:
    return clean(subject)[:200]


def _digest_subject(view: NoticeView) -> str:
    parts = [f"重大 {view.critical}件"] * bool(view.critical) + [f"期限超過 {view.overdue}件"] * bool(view.overdue)
    within = f"(うち{'・'.join(parts)})" if parts else ""
    return f"【点検】未対応 {view.gaps}件{within} / {_gaps(view.gaps, 'open')}"


def _digest_lead(view: NoticeView) -> Words:
    return Words(
        f"対応を待っているギャップが {view.gaps} 件あります(重大 {view.critical} 件、期限超過 {view.overdue} 件)。",
        f"{_gaps(view.gaps)} waiting ({view.critical} critical, {view.overdue} overdue).",
    )


def _critical_lead(view: NoticeView) -> Words:
    return Words(
        f"重大なギャップが新たに {view.gaps} 件見つかりました。ただちに確認してください。",
        f"{_gaps(view.gaps, 'critical')} found. Look at once.",
    )


def _escalated_lead(view: NoticeView) -> Words:
    return Words(
        f"期限を過ぎても対応されていないギャップ {view.gaps} 件が上申されました。",
        f"{_gaps(view.gaps)} overdue and escalated to you.",
    )


def _mass_lead(view: NoticeView) -> Words:
    return Words(
        f"一度に {view.gaps} 件が不適合になりました。収集元の誤りの疑いがあるため、各担当者への通知を保留しています。"
        "証跡を確認し、正しければ保留を解除してください。",
        f"{_gaps(view.gaps)} opened at once: rather one broken source than many faults. Nobody else is told until "
        "you have looked at the evidence and released them.",
    )


def _gaps(number: int, what: str = "") -> str:
    return f"{number} {what + ' ' if what else ''}{'gap' if number == 1 else 'gaps'}"


_SUBJECTS: Mapping[str, Callable[[NoticeView], str]] = {
    "digest": _digest_subject,
    "critical": lambda v: f"【点検・至急】重大なギャップ {v.gaps}件 / {_gaps(v.gaps, 'critical')}",
    "escalated": lambda v: f"【点検・上申】期限超過 {v.gaps}件 / {_gaps(v.gaps, 'overdue')} escalated",
    "mass": lambda v: f"【点検】一括の不適合 {v.gaps}件(通知保留中) / {_gaps(v.gaps)} at once, held",
}
_LEADS: Mapping[str, Callable[[NoticeView], Words]] = {
    "digest": _digest_lead,
    "critical": _critical_lead,
    "escalated": _escalated_lead,
    "mass": _mass_lead,
}

_MEND = Words(
    "対応: 内容を確認し、期限までに是正を報告する(tenken gaps correct)か、計画を登録してください(tenken gaps plan)。"
    "起きてしまったことは、承認を得て処置を記録してください(tenken gaps dispose)。",
    "What to do: look at it; by the day it is due, say what was mended (correct) or what will be (plan). What happened "
    "and cannot be mended is answered for, with an approval (dispose).",
)
_TO_DO: Mapping[str, Words] = {
    "digest": Words(
        f"{_MEND.ja}\n担当分の一覧: tenken gaps list --owner 社員番号",
        f"{_MEND.en}\nAll that falls to you: tenken gaps list --owner NUMBER",
    ),
    "critical": _MEND,
    "escalated": Words(
        "対応: 担当者に状況と是正の期日を確認し、必要なら別の人に割り当ててください(tenken gaps assign)。",
        "What to do: ask whom it falls to when it will be mended, or give it to somebody else (assign).",
    ),
    "mass": Words(
        "対応: 収集元の誤りなら直してください(次の判定で閉じます)。事実なら release で担当者に渡してください。",
        "What to do: where a source is wrong, mend it, and the next judgement closes them; else release them.",
    ),
}


def _named(names: tuple[str | None, ...], total: int) -> str:
    shown = [COMPANY_WIDE if one is None else clean(one) for one in names[:MOST_NAMES]]
    return "、".join(shown) + (f" ほか {total - len(shown)} 件" if total > len(shown) else "")


def _next(matter: Told) -> list[str]:
    """The commands to go on with, as they can be copied."""
    company, only = ["--company", matter.company], matter.controls[0].id if len(matter.controls) == 1 else None
    if matter.gaps == 1 and only is not None:
        [subject] = matter.subjects or (UNVERIFIED_SUBJECT,)
        return [_command("show", only, subject, *company, *(["--aspect", matter.aspect] if matter.aspect else []))]
    look = _command("list", *company, *(["--control", only] if only else []), "--each")
    release = _command("release", matter.cause, "--by", "社員番号", "--reason", "理由") if matter.cause else None
    return [look, release] if matter.held and release else [look]


def _command(*words: str) -> str:
    return "tenken gaps " + " ".join(word if word.isalnum() else shlex.quote(clean(word)) for word in words)


_WORDS = {"SEVERITY": FULL_WIDTH_SEVERITY, "MOST": MOST_NAMES, "clean": clean, "named": _named, "next": _next}


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=False,  # noqa: S701 - text/plain, which no client reads as HTML; what people wrote is cleaned
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
