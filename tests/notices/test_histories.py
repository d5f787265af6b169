"""Whatever happens and whenever somebody looks: one digest a person and day, in hours of work, and nothing told twice."""

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controls.model import GapKind
from house import post
from house.notify import notify
from house.post import SENT, Answer
from house.standing import act
from registers.calendar import business_day_of
from tests.homes import copied
from tests.notices.homes import CRITICAL, HIGH, MANAGER, OFFICER, TOKYO, Field, smtp

LATER, GONE = Answer("failed", "DATA: 451"), Answer("failed", "connection", reached=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that was taken, and when."""

    to: str
    subject: str
    body: str
    at: datetime  # by the wall


@dataclass
class Server:
    """What takes mail in the place of a server, or does not."""

    clock: Callable[[], datetime]
    answers: list[Answer] = field(default_factory=list)
    taken: list[Mail] = field(default_factory=list)

    def send(self, message: EmailMessage, to: str, ready: Callable[[], None]) -> Answer:
        answer = self.answers.pop() if self.answers else SENT
        if answer is SENT:
            at = self.clock().astimezone(TOKYO)
            self.taken.append(Mail(to, str(message["Subject"]), str(message.get_content()), at))
        return answer


STEPS = st.tuples(
    st.integers(0, 36 * 60),  # minutes that pass
    st.sampled_from(["opens", "opens", "critical", "critical", "comes back", "escalated", "given", "nothing"]),
    st.lists(st.sampled_from([SENT, LATER, GONE]), max_size=2),
    st.integers(1, 2),  # how often somebody looks
)


def happens(told: Field, what: str, number: int) -> None:
    subject = f"S{number}"
    if what in ("opens", "critical"):
        told.gap(CRITICAL if what == "critical" else HIGH, subject, department=("D1", "D9", None)[number % 3])
    elif what == "comes back":
        told.gap(CRITICAL, subject)
        act(told.house, told.event(CRITICAL, subject, GapKind.CLOSED), told.event(CRITICAL, subject, GapKind.REGRESSED))
    elif what == "escalated":
        told.gap(HIGH, subject)
        columns = {"to": told.person(OFFICER), "role": "cpo"}
        act(told.house, told.event(HIGH, subject, GapKind.ESCALATED, columns=columns))
    elif what == "given":
        told.gap(CRITICAL, subject, department=None)
        act(told.house, told.event(CRITICAL, subject, GapKind.ASSIGNED, reason=told.person(MANAGER)))


@given(st.lists(STEPS, min_size=1, max_size=5))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_history_gives_one_digest_a_day_and_tells_nothing_twice(
    prepared: Path, steps: list[tuple[int, str, list[Answer], int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        told = Field(copied(prepared, Path(folder) / "home"), smtp(25))
        server = Server(told.clock.now)
        patched.setattr(post.MailServer, "send", lambda _, *what: server.send(*what))
        for number, (minutes, what, answers, looks) in enumerate(steps):
            told.wait(minutes=minutes)
            happens(told, what, number)
            server.answers = list(answers)
            for _ in range(looks):
                notify(told.house)
        told.close()
    digests = [mail for mail in server.taken if "未対応" in mail.subject]
    assert [who for who, times in Counter((one.to, one.at.date()) for one in digests).items() if times > 1] == []
    for one in digests:
        assert time(8, 30) <= one.at.time() < time(20, 0)
        assert business_day_of(one.at.date()) is not None
    at_once = Counter((one.to, one.subject, one.body) for one in server.taken if "未対応" not in one.subject)
    assert [one for one, times in at_once.items() if times > 1] == []
    critical = Counter(
        (one.to, line.split("対象 subjects: ")[1])
        for one in server.taken
        if "至急" in one.subject
        for line in one.body.splitlines()
        if "対象 subjects: " in line
    )
    assert [one for one, times in critical.items() if times > 1] == []


def test_the_server_of_this_test_takes_and_refuses(field: Field) -> None:
    server = Server(field.clock.now, [LATER])
    message = EmailMessage()
    message.set_content("x")
    assert [server.send(message, "a@b", lambda: None).outcome for _ in range(2)] == ["failed", "sent"]
