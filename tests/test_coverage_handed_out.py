"""The calendar in what is handed out: as it was known when the period was judged, whatever the clock says later."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from controls.model import Gap, GapEvent, GapKind
from evidence.period import Period
from house import House, day, handout, open_house
from house.periods import close_due
from tests.closing import APRIL, COMPANY, CONTROL, at, clock_of, collected, entered, few, listed, made

PERIOD = Period(*APRIL)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """April is judged after the day on which it should have been closed."""
    built = made(tmp_path / "home")
    clock_of(built).at = at("2026-05-14T05:30")
    listed(built, "2026-04-30T18:00", "2026-04-30")
    collected(built, date(2026, 4, 30))
    day.judge(built, PERIOD)
    yield built
    built.store.close()


def documents(house: House) -> list[bytes]:
    return [one.content for one in handout.self_check_documents(house, "AOBA", PERIOD)]


def row(house: House, control: str) -> list[str]:
    """The cells of a control on the page."""
    page = documents(house)[1].decode()
    [line] = re.findall(rf'<tr><th scope="row">{control}<span>.*?</tr>', page[page.index('id="coverage"') :], re.DOTALL)
    return re.findall(r'<td class="c [a-z]*">([^<]*)</td>', line)


def test_the_judging_that_is_shown_is_counted(house: House) -> None:
    assert row(house, CONTROL)[:2] == ["0/30 遅1 未1 欠28", "0/12 欠12"]
    assert row(house, "VEN-01")[:2] == ["0/1 未1", "期限前"]


def test_a_later_clock_changes_no_byte(house: House) -> None:
    before = documents(house)
    clock_of(house).at += timedelta(hours=13)
    assert documents(house) == before


def test_what_is_judged_later_of_other_days_changes_no_byte(house: House) -> None:
    before = documents(house)
    clock_of(house).at = at("2026-06-20T07:00")
    day.judge(house, Period(date(2026, 4, 15), date(2026, 4, 15)), only=["VEN-01"])
    assert row(house, "VEN-01")[0] == "0/1 未1"
    assert documents(house) == before


def test_the_same_result_had_again_changes_no_byte(house: House) -> None:
    before, [known_at] = documents(house), {one.known_at for one in day.assessments(house, PERIOD)}
    clock_of(house).at = at("2026-06-20T07:00")
    day.judge(house, PERIOD, known_at)
    assert documents(house) == before


def about_gaps(house: House) -> None:
    """Somebody answers for every gap, and another schedule fails."""
    clock_of(house).at = at("2026-06-20T07:00")
    told = [replace(gap_event(gap), kind=GapKind.CORRECTED) for gap in day.gaps(house, "AOBA")]
    day.act(house, *told, replace(told[0], subject="new", kind=GapKind.OPENED))


def gap_event(gap: Gap) -> GapEvent:
    return GapEvent(
        gap.control, gap.company, gap.subject, gap.aspect, GapKind.CORRECTED, gap.about, date(2026, 6, 20),
        reason="是正", actor="1",
    )  # fmt: skip


def test_what_is_done_about_gaps_later_changes_no_byte(house: House) -> None:
    before = documents(house)
    about_gaps(house)
    assert documents(house) == before


def test_control_with_the_gaps_of_now_the_bytes_would_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = documents(house)
    about_gaps(house)
    monkeypatch.setattr("house.handout.gaps", lambda house, company, _: day.gaps(house, company))
    assert [one == other for one, other in zip(documents(house), before, strict=True)] == [False, False]


def test_the_period_before_judged_later_changes_no_byte(house: House) -> None:
    before = documents(house)
    day.judge(house, PERIOD.before)
    assert documents(house) == before


def test_another_house_on_the_same_home_gives_the_same_bytes(house: House) -> None:
    before = documents(house)
    other = few(open_house(house.home))
    assert documents(other) == before
    other.store.close()


def test_control_by_the_clock_the_bytes_would_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the moment of the judging the calendar is that of the day on which somebody asks."""
    before = documents(house)
    clock_of(house).at = at("2026-06-20T07:00")
    monkeypatch.setattr(
        "evidence.store.judgements.Judgements.judged_at",
        lambda *_: {(str(one.control), one.known_at): house.clock.now() for one in day.assessments(house, PERIOD)},
    )
    assert documents(house)[1] != before[1]


def test_the_year_is_that_of_the_company_as_it_was_known(house: House) -> None:
    entered(house, "companies", COMPANY | {"company": "AOBA", "fiscal_year_starts": "01-01"})
    assert "年度 2026/04/01 〜 2027/03/31" in documents(house)[1].decode()
    day.judge(house, PERIOD)
    assert "年度 2026/01/01 〜 2026/12/31" in documents(house)[1].decode()


def test_a_report_and_a_pack_can_be_had_of_a_closed_period(house: House, tmp_path: Path) -> None:
    close_due(house, date(2026, 5, 14))
    packs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        packs.append(Path(handout.create_pack(house, "AOBA", PERIOD, tmp_path / name, raw=name == "two")))
    verified = [verify(path, house.vkey("AOBA")) for path in packs]
    assert [told[0] for told in verified] == [0, 0], verified
    assert documents(house)


def verify(path: Path, key: str) -> tuple[int, str]:
    """What the verifier that travels in a pack says of it."""
    folder = path.parent / "out"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    command = [sys.executable, "-I", "verify.py", "--key", key]
    done = subprocess.run(command, cwd=folder / path.stem, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
