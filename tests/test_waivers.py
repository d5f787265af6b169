"""A waiver that is renewed or begins later covers what it covered, and a director may approve it (issue 5, 2)."""

from datetime import timedelta

import pytest

import house as home
from controls.model import GapKind, Verdict
from evidence.facts.window import Window
from evidence.period import Period
from house import House, day, desk, waiving
from house.following import waivers
from tests.following import FIRST, at, deliver, gap_of, judged, key, post, write
from tests.test_duties import CONTROL, REST, TODAY, VENDOR, WAIVER, kinds, second_key

LATER = TODAY + timedelta(days=20)
RENEWED = WAIVER | {"approved_on": LATER, "expires_on": LATER + timedelta(days=180)}


def test_a_waiver_that_is_approved_again_is_a_row_of_its_own_and_the_past_stays_covered(house: House) -> None:
    def then() -> Verdict:
        return next(
            one.verdict for one in day.judge(house, Period(FIRST, TODAY), only=[CONTROL]) if one.company == "AOBA"
        )

    deliver(house, TODAY)
    assert write(house, "waivers", WAIVER, by=REST) == []
    judged(house, TODAY, [CONTROL])
    assert then() is Verdict.PARTIAL
    house.clock.at = at(LATER)  # type: ignore[attr-defined]
    [problem] = write(house, "waivers", RENEWED, RENEWED | {"waiver_id": "W-2"}, by=REST)
    assert "a row of its own" in problem
    assert [(one.waiver_id, one.approved_on) for one in waivers(house)] == [("W-1", TODAY), ("W-2", LATER)]
    assert then() is Verdict.PARTIAL


def test_control_run_a_waiver_that_is_renewed_in_its_row_uncovers_the_past(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "held_to_rules", lambda house, planned, by: (planned, ()))
    assert write(house, "waivers", WAIVER, by=REST) == []
    house.clock.at = at(LATER)  # type: ignore[attr-defined]
    assert write(house, "waivers", RENEWED, by=REST) == []
    assert not any(one.covers("D2", VENDOR, None, TODAY) for one in waivers(house))


def test_a_waiver_that_begins_later_is_told_of_no_gap_yet(house: House) -> None:
    assert write(house, "waivers", WAIVER | {"valid_from_on": TODAY + timedelta(days=3)}, by=REST) == []
    assert GapKind.WAIVED not in kinds(house)
    assert gap_of(house, CONTROL, VENDOR).waits is True


def test_a_director_who_is_on_no_roster_approves_as_long_as_he_holds_his_post(house: House) -> None:
    director = post("P-4", "top", "representative") | {"person_key": "900"}
    assert len(write(house, "waivers", WAIVER | {"approved_by": "900"}, by=REST)) == 1
    assert write(house, "appointments", director) == []
    assert write(house, "waivers", WAIVER | {"approved_by": "900"}, by=REST) == []
    assert write(house, "appointments", director | {"ends_on": FIRST}) == []
    assert len(write(house, "waivers", WAIVER | {"waiver_id": "W-2", "approved_by": "900"}, by=REST)) == 1


def test_an_act_reads_once_who_is_known_and_the_next_one_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    read, aliases = list[Window](), home._aliases

    def counted(seen: Window) -> dict[tuple[str, str], str]:
        read.append(seen)
        return aliases(seen)

    monkeypatch.setattr(home, "_aliases", counted)
    clerk, cpo = key(house, "clerk"), key(house, "cpo")
    waiving.waive(house, gap_of(house, CONTROL, VENDOR), clerk, "理由", cpo, TODAY)
    assert len(read) == 1
    second_key(house, "clerk")
    assert len(read) > 1
