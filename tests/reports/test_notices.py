"""What a mail says: read as a mail client reads it, Japanese first, and nothing that could become a header or markup."""

import email
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.model import Words
from reports.notices import MOST_MATTERS, NoticeView, Text, Titled, Told, as_body, clean, mail, of_body, render

AT = datetime(2026, 3, 31, 8, 30, tzinfo=UTC)
TOLD = Told(
    company="AOBA",
    severity="critical",
    controls=(Titled("PHY-3-01", Words("持ち出しの承認", "Take-outs are approved")),),
    gaps=5,
    subjects=("xaaa", "xbbb", "xccc"),
    departments=(None, "D1"),
    due_on=date(2026, 3, 28),
    overdue_days=3,
    subjects_in_all=5,
)
VIEW = NoticeView("digest", date(2026, 3, 31), 12, 2, 3, (TOLD,))


def read(text: Text) -> EmailMessage:
    raw = mail(text, "tenken@aoba.example", "hanako@aoba.example", AT, "ab" * 16).as_bytes()
    return email.message_from_bytes(raw, policy=policy.default)


def body(view: NoticeView) -> str:
    return str(read(render(view)).get_content())


@pytest.mark.parametrize(
    ("view", "subject"),
    [
        pytest.param(VIEW, "【点検】未対応 12件(うち重大 2件・期限超過 3件) / 12 open gaps", id="a digest"),
        pytest.param(
            replace(VIEW, critical=0), "【点検】未対応 12件(うち期限超過 3件) / 12 open gaps", id="nothing critical"
        ),
        pytest.param(replace(VIEW, gaps=1, critical=0, overdue=0), "【点検】未対応 1件 / 1 open gap", id="one"),
        pytest.param(
            replace(VIEW, kind="critical"), "【点検・至急】重大なギャップ 12件 / 12 critical gaps", id="critical"
        ),
        pytest.param(
            replace(VIEW, kind="escalated"), "【点検・上申】期限超過 12件 / 12 overdue gaps escalated", id="escalated"
        ),
        pytest.param(
            replace(VIEW, kind="mass"), "【点検】一括の不適合 12件(通知保留中) / 12 gaps at once, held", id="mass"
        ),
    ],
)
def test_the_subject_says_how_much_waits(view: NoticeView, subject: str) -> None:
    assert read(render(view))["Subject"] == subject


def test_older_mail_clients_read_the_subject_too() -> None:
    raw = mail(render(VIEW), "tenken@aoba.example", "hanako@aoba.example", AT, "ab" * 16).as_bytes()
    old = email.message_from_bytes(raw, policy=policy.compat32)
    assert str(make_header(decode_header(old["Subject"]))) == render(VIEW).subject
    payload = old.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert "持ち出しの承認" in payload.decode("utf-8")


def test_the_headers_are_those_of_a_machine() -> None:
    message = read(render(VIEW))
    assert (message["From"], message["To"]) == ("tenken <tenken@aoba.example>", "hanako@aoba.example")
    assert message["Message-ID"] == f"<{'ab' * 16}@aoba.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert parsedate_to_datetime(message["Date"]) == AT


def test_the_wire_is_ascii_in_short_lines() -> None:
    raw = mail(render(VIEW), "tenken@aoba.example", "hanako@aoba.example", AT, "ab" * 16).as_bytes()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    "part",
    ["PHY-3-01 持ち出しの承認 / Take-outs are approved", "重大 critical", "AOBA", "全社、D1", "件数 gaps: 5", "2026-03-28",
     "3 日超過 / 3 days overdue", "xaaa、xbbb、xccc ほか 2 件", "tenken gaps list --company AOBA --control PHY-3-01"],
)  # fmt: skip
def test_a_matter_says_what_must_be_known_and_done(part: str) -> None:
    assert part in body(VIEW)


def test_what_is_beyond_the_first_is_a_number() -> None:
    told = body(replace(VIEW, matters=(TOLD,) * MOST_MATTERS, more=7))
    assert "ほか 7 件の事案" in told


@pytest.mark.parametrize(
    ("view", "part"),
    [
        pytest.param(
            replace(VIEW, link="https://tenken.aoba.example/"), "https://tenken.aoba.example/", id="the portal"
        ),
        pytest.param(replace(VIEW, instead="宛先なし"), "宛先なし", id="why somebody else is told"),
        pytest.param(replace(VIEW, matters=(replace(TOLD, cause="source:hr"),)), "source:hr", id="a common cause"),
        pytest.param(replace(VIEW, matters=(replace(TOLD, held=True),)), "保留中", id="held"),
        pytest.param(replace(VIEW, matters=(replace(TOLD, returned=2),)), "再発 returned: 2", id="came back"),
        pytest.param(
            replace(VIEW, matters=(replace(TOLD, of="xddd"),)), "担当者 falls to: xddd", id="whom it falls to"
        ),
    ],
)
def test_what_is_so_only_at_times_is_said_then(view: NoticeView, part: str) -> None:
    assert part in body(view)
    assert part not in body(VIEW)


def test_a_view_comes_back_from_the_store_as_it_was() -> None:
    assert of_body(as_body(VIEW)) == VIEW


EVIL = "a\r\nBcc: x@else.example\u2028b\u202ec\x00"


def test_what_somebody_wrote_stays_on_its_line() -> None:
    told = body(replace(VIEW, matters=(replace(TOLD, departments=(EVIL,)),)))
    [line] = [line for line in told.splitlines() if "Bcc" in line]
    assert line.startswith("   会社")
    assert "\u202e" not in told


@given(st.text())
def test_nothing_in_a_subject_becomes_a_header(text: str) -> None:
    message = read(Text(clean(text), "x"))
    assert sorted(message.keys()) == sorted(
        [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ]
    )


def test_the_same_view_gives_the_same_text() -> None:
    assert render(VIEW) == render(replace(VIEW))
