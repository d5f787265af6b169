"""The first weeks of the year, lived through in the suite; and that the comparison sees what is not as it must be.

Two things are done to the world that its history does not tell: something happens that nobody planted, and the delivery
that closes two gaps is left out. Everything else is as the history implies, and just these are found to be wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.year import calendar, closes
from tests.year.compared import compared
from tests.year.happenings import set_account
from tests.year.history import history
from tests.year.lived import SCHEDULE, Lived, begin
from tests.year.story import Story, life, on, when
from tests.year.world import begun

SHORT = on("04-15")
CONTROLS = ("HUM-02", "HUM-03", "HUM-06", "ORG-2-04", "PHY-2-02", "TEC-1-03", "TEC-2-01", "TEC-2-02", "TEC-3-01")
UNDELIVERED = "Another one was onboarded in time"
DAILY = [one for one in SCHEDULE if one["name"] in ("collect", "collect-weekly", "judge-daily")]
Told = tuple[Lived, Sequence[Story], str]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Fifteen days of nine daily controls, their history, and whose account loses its second factor without being told."""
    world = begun()
    stories, odd = history(world, SHORT, CONTROLS), world.staff("AOI-CSC", 8)
    world.account(odd, "SYS-CRM")  # which lets it be told by its name
    lost = Story(
        "nobody tells", [when("04-14", lambda d: set_account(d.world, "SYS-CRM", f"u{odd[1:]}", mfa=False))], ()
    )
    acted = [replace(one, happens=one.happens[:2]) if one.name.startswith(UNDELIVERED) else one for one in stories]
    lived = begin(tmp_path_factory.mktemp("year"), world, [*acted, lost], controls=CONTROLS, schedule=DAILY)
    lived.through(SHORT)
    return lived, stories, odd


def test_what_is_found_is_what_the_history_implies_but_for_what_it_does_not_tell(short: Told) -> None:
    lived, stories, odd = short
    gaps, wrong = compared(lived, stories)
    assert [one for one in wrong if f"u{odd[1:]}" not in one and "G500002" not in one] == []
    assert gaps == 10 + 1  # what the history implies until then, and what it does not tell


def test_what_nobody_planted_is_told(short: Told) -> None:
    lived, stories, odd = short
    [one] = [one for one in compared(lived, stories)[1] if f"u{odd[1:]}" in one]
    assert one.startswith("unexpected: TEC-2-02 AOI")


def test_a_gap_that_did_not_close_is_told(short: Told) -> None:
    lived, stories, _ = short
    told = {
        one.split(":")[1].strip()
        for one in compared(lived, stories)[1]
        if one.startswith("differs") and "G500002" in one
    }
    assert told == {"HUM-02 AOI G500002 onboarding", "HUM-03 AOI G500002"}


def without_its_owner(stories: Sequence[Story]) -> list[Story]:
    """A story told as if its gap had fallen to somebody else."""
    return [
        replace(one, lives=[replace(told, seen=dict.fromkeys(told.seen, "nobody")) for told in one.lives]) if "second factor while" in one.name else one
        for one in stories
    ]  # fmt: skip


def with_one_more(stories: Sequence[Story]) -> list[Story]:
    """A story that never happened."""
    return [*stories, Story("nothing", (), [life("VEN-02", "AOI", "V-9999", "04-10 opened")])]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        pytest.param(without_its_owner, "differs: TEC-2-02 MID", id="a gap that falls to somebody else"),
        pytest.param(with_one_more, "missing: VEN-02 AOI V-9999", id="a gap that nobody found"),
    ],
)
def test_another_history_is_not_this_one(
    short: Told, told: Callable[[Sequence[Story]], list[Story]], kind: str
) -> None:
    lived, stories, _ = short
    assert [one for one in compared(lived, told(stories))[1] if one.startswith(kind)]


def test_a_month_is_restated_when_the_next_one_closes_and_its_story_is_told(short: Told) -> None:
    stories = short[1]
    told = "MID month to 2026-11-30 version 2: ORG-2-04 by approvals"
    untold = [replace(one, restates=()) for one in stories]
    assert told in closes.expected(stories, ["MID"], on("01-08"))
    assert told not in closes.expected(stories, ["MID"], on("01-07"))
    assert told not in closes.expected(untold, ["MID"], on("01-08"))


def test_the_coverage_calendar_says_what_the_history_implies(short: Told) -> None:
    lived = short[0]
    assert list(calendar.differing(lived, calendar.told(lived))) == []
