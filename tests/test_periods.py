"""Closing periods: on their day, once, signed; what comes later makes another version that says why."""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from controls.model import GapEvent, GapKind
from evidence import ledger
from evidence.errors import ConfigError, Tampered
from evidence.ledger import merkle
from evidence.period import Period
from evidence.settings import CompanySettings, PeriodSettings
from evidence.store.values import PeriodCloseRow, SlotRow
from evidence.vault import Digest
from house import House, day, desk
from house.closed import found, read_version, signed_size
from house.periods import close_due, due
from house.work import WORK
from registers.approval import Act
from scheduler import Schedule
from tests.closing import APRIL, COMPANY, CONTROL, at, changed, clock_of, collected, entered, kept, listed, made
from tests.evidence.vault.keyed import content_of, file_of
from tests.test_measured import AUDIT, VENDOR
from tests.test_thresholds import INCIDENT

CLOSING = date(2026, 5, 12)  # the fifth business day after a golden week


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    built = made(tmp_path / "home")
    yield built
    built.store.close()


@pytest.fixture
def closed(house: House) -> House:
    """April is closed; nobody had listed the devices."""
    clock_of(house).at = at("2026-05-12T07:30")
    assert [row.version for row in close_due(house, CLOSING)] == [1]
    return house


def asked(house: House, on: str) -> list[tuple[str, str]]:
    """What is to be closed on a day: the kind of period and its last day."""
    return [(one.cycle.value, f"{one.as_of:%Y-%m-%d}") for one in due(house, date.fromisoformat(on))["AOBA"]]


def newest(house: House) -> tuple[PeriodCloseRow, Any]:
    row = kept(house)[-1]
    return row, read_version(house, row)


def test_a_month_is_closed_on_the_fifth_business_day_and_not_before(house: House) -> None:
    assert asked(house, "2026-05-11") == []
    assert asked(house, "2026-05-12") == [("month", "2026-04-30")]


@pytest.mark.parametrize(
    ("number", "before", "on"),
    [
        pytest.param(1, "2026-04-30", "2026-05-01", id="the next business day"),
        pytest.param(2, "2026-05-06", "2026-05-07", id="after a golden week"),
        pytest.param(15, "2026-05-25", "2026-05-26", id="the latest that can be chosen"),
    ],
)
def test_the_day_is_a_setting(house: House, number: int, before: str, on: str) -> None:
    periods = PeriodSettings(close_business_day=number)
    house.settings = house.settings.model_copy(update={"periods": periods})
    assert (asked(house, before), asked(house, on)) == ([], [("month", "2026-04-30")])


def test_a_company_that_is_shut_longer_closes_later(house: House) -> None:
    shut = CompanySettings(code="AOBA", name="AOBA", closed_days=(date(2026, 5, 1), date(2026, 5, 7)))
    house.settings = house.settings.model_copy(update={"companies": (shut,)})
    assert (asked(house, "2026-05-13"), asked(house, "2026-05-14")) == ([], [("month", "2026-04-30")])


def test_years_and_what_they_are_made_of_end_together(tmp_path: Path) -> None:
    house = made(tmp_path / "home", "2027-03-02T09:00")
    ended = [("month", "2027-03-31"), ("quarter", "2027-03-31"), ("half", "2027-03-31"), ("year", "2027-03-31")]
    assert asked(house, "2027-04-06") == []
    assert asked(house, "2027-04-07") == ended


def test_a_leap_day_ends_its_february(tmp_path: Path) -> None:
    house = made(tmp_path / "home", "2028-02-02T09:00")
    assert asked(house, "2028-03-07") == [("month", "2028-02-29")]


def test_a_year_that_begins_on_another_day_has_other_periods(house: House) -> None:
    entered(house, "companies", COMPANY | {"company": "AOBA", "fiscal_year_starts": "01-21"})
    assert asked(house, "2026-04-27") == [("month", "2026-04-20"), ("quarter", "2026-04-20")]


def test_a_beginning_that_is_no_day_is_refused_with_where_to_mend_it_and_stops_nobody_else(tmp_path: Path) -> None:
    house = made(tmp_path / "home", codes=("AOBA", "MIDORI"))
    entered(house, "companies", COMPANY | {"company": "AOBA", "fiscal_year_starts": "4/1"})
    with pytest.raises(ConfigError, match=r"companies: fiscal_year_starts of AOBA: '4/1'"):
        close_due(house, CLOSING)
    assert [row.company for row in kept(house)] == ["MIDORI"]


def test_nothing_is_closed_of_a_time_in_which_nobody_judged(tmp_path: Path) -> None:
    house = made(tmp_path / "home", "2026-05-02T09:00")
    assert asked(house, "2026-06-30") == [("month", "2026-05-31")]
    assert asked(house, "2026-07-07")[-1] == ("quarter", "2026-06-30")


def test_an_outage_skips_no_period_but_those_before_the_last_fiscal_year(house: House) -> None:
    outage = asked(house, "2027-02-15")
    assert [day for kind, day in outage if kind == "month"] == [
        "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30",
        "2026-12-31", "2027-01-31",
    ]  # fmt: skip
    assert [day for kind, day in outage if kind != "month"] == ["2026-06-30", "2026-09-30", "2026-09-30", "2026-12-31"]
    assert min(day for _, day in asked(house, "2028-05-15")) == "2027-04-30"


def test_a_close_freezes_what_was_judged(closed: House) -> None:
    row, told = newest(closed)
    judged = {str(one.control): one for one in day.assessments(closed, Period(*APRIL), "AOBA")}
    assert (row.cycle, row.since, row.as_of, row.closed_at is not None) == ("month", *APRIL, True)
    assert told["controls"].keys() == judged.keys()
    one, mine = told["controls"][CONTROL], judged[CONTROL]
    assert (one["verdict"], one["population"], one["control_digest"]) == ("unverified", 0, mine.control_digest)
    assert one["parameters"]["capable_kinds"] == ["pc", "server"]
    assert sum(told["marks"].values()) == len(judged) == sum(row.marks.values())  # type: ignore[arg-type]
    assert told["open_gaps"]["high"] > 0
    assert told["reasons"] is None


def test_a_close_counts_the_gaps_that_its_judging_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []

    def judged(*asked: Any) -> Any:
        told = day.judge(*asked)
        left.append(sum(gap.is_open and gap.severity == "high" for gap in day.gaps(house)))
        clock_of(house).at += timedelta(minutes=1)
        closed = [
            GapEvent(g.control, g.company, g.subject, None, GapKind.CLOSED, g.about, CLOSING) for g in day.gaps(house)
        ]
        day.act(house, *closed)
        return told

    monkeypatch.setattr("house.periods.judge", judged)
    close_due(house, CLOSING)
    assert [newest(house)[1]["open_gaps"]["high"]] == left != [0]


def test_a_close_is_signed_with_its_entry(closed: House) -> None:
    row, told = newest(closed)
    log = ledger.log_of("AOBA")
    with closed.store.read() as tx:
        entry = json.loads(tx.ledger.leaves(log)[row.entry].leaf)
    assert signed_size(closed, row) == row.entry + 1
    assert (entry["kind"], entry["cycle"], entry["as_of"]) == ("close", "month", "2026-04-30")
    assert (entry["marks"], entry["size"]) == (told["marks"], told["ledger"]["size"])
    assert day.verify_ledger(closed) == []


def test_closing_again_closes_nothing(closed: House) -> None:
    before = closed.store.last_commit()
    assert close_due(closed, CLOSING) == []
    assert closed.store.last_commit() == before


def test_a_close_that_nobody_signed_is_signed_the_next_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as cut_off:
        cut_off.setattr("house.periods.checkpoint", lambda _: {})
        close_due(house, CLOSING)
    [row] = kept(house)
    assert signed_size(house, row) is None
    close_due(house, CLOSING)
    assert signed_size(house, row) is not None


def test_the_work_of_the_closing_days_morning_closes(house: House) -> None:
    said: list[str] = []
    for day_before in (date(2026, 5, 10), date(2026, 5, 11)):
        assert (
            WORK["close"](house, Schedule(name="close", does="close", cron="30 7 * * *"), day_before, said.append)
            is None
        )
    assert said == ["closed AOBA 2026-04-01 to 2026-04-30, version 1"]


def test_the_slots_of_a_period_are_told(house: House) -> None:
    moments = {"2026-04-01T05:30": None, "2026-04-02T05:30": "collected", "2026-04-03T05:30": "failed",
               "2026-05-01T05:30": "missed", "2026-05-02T05:30": "collected", "2026-04-09T05:30": None}  # fmt: skip
    with house.store.lease() as leases:
        leases.plan([("collect", at(moment)) for moment in moments])
    with house.store.write() as tx:
        for moment, outcome in moments.items():
            if outcome:
                tx.slots.finish(SlotRow("collect", at(moment), outcome, None))
    close_due(house, CLOSING)
    row, told = newest(house)
    assert told["slots"] == {"collect": {"expected": 4, "collected": 1, "done": 0, "failed": 1, "missed": 1}}
    with house.store.read() as tx:
        entry = json.loads(tx.ledger.leaves(ledger.log_of("AOBA"))[row.entry].leaf)
    assert entry["slots"] == told["slots"]["collect"]
    assert told["due"] == [
        ["collect", "2026-04-01T20:30:00.000000Z", "collected"], ["collect", "2026-04-02T20:30:00.000000Z", "failed"],
        ["collect", "2026-04-08T20:30:00.000000Z", None], ["collect", "2026-04-30T20:30:00.000000Z", "missed"],
    ]  # fmt: skip
    leaves = [json.dumps(one, separators=(",", ":")).encode() for one in told["due"]]
    assert entry["due_root"] == merkle.root([merkle.leaf_hash(leaf) for leaf in leaves]).hex()
    assert day.verify_ledger(house) == []


def late(house: House, *agents: str) -> None:
    """The list of the last day of April comes two weeks late."""
    clock_of(house).at = at("2026-05-14T05:30")
    listed(house, "2026-04-30T18:00", *agents)
    collected(house, date(2026, 5, 13))


def test_late_evidence_makes_a_second_version_that_names_its_source_and_day(closed: House) -> None:
    late(closed, "2026-04-30", "2026-04-20")
    clock_of(closed).at = at("2026-05-14T07:30")
    [row] = close_due(closed, date(2026, 5, 14))
    told = read_version(closed, row)
    assert (row.version, told["reasons"]["restates"]) == (2, 1)
    assert told["reasons"]["runs"] == [
        {"source": "mdm", "dataset": "devices", "slot_on": "2026-05-13", "runs": 1, "rows": 2}
    ]
    assert told["reasons"]["controls"][CONTROL] == {
        "was": {"verdict": "unverified", "population": 0, "deviations": 0},
        "is": {"verdict": "fail", "population": 2, "deviations": 1},
        "parameters": {},
        "definition": False,
    }
    assert told["reasons"]["registers"] == []


def test_the_first_version_stays(closed: House) -> None:
    row, before = newest(closed)
    late(closed, "2026-04-30")
    close_due(closed, date(2026, 5, 14))
    assert [one.version for one in kept(closed)] == [1, 2]
    assert read_version(closed, row) == before


def test_what_was_restated_is_not_restated_again(closed: House) -> None:
    late(closed, "2026-04-30")
    close_due(closed, date(2026, 5, 14))
    before = closed.store.last_commit()
    assert close_due(closed, date(2026, 5, 15)) == []
    assert closed.store.last_commit() == before


def test_what_people_answered_is_restated_along_with_what_it_is_compared_with(house: House) -> None:
    asked = {"company": "AOBA", "cycle": "2026-04", "item": "I-1", "control_ids": ["VEN-04"], "department": "D1",
             "due_on": date(2026, 4, 30), "answer": "yes", "answered_by": "1", "answered_at": at("2026-04-30T12:00")}  # fmt: skip
    vendor = VENDOR | {"department": "D1", "vendor_id": "V-1"}
    incident = INCIDENT | {"company": "AOBA", "incident_id": "INC-1"}
    for name, row in {"self_check_items": asked, "vendors": vendor, "incidents": incident}.items():
        entered(house, name, row)
    entered(house, "vendor_audits", AUDIT | {"vendor_id": "V-0"})
    close_due(house, CLOSING)
    assert newest(house)[1]["controls"]["ORG-5-02"]["verdict"] == "fail"
    entered(house, "vendor_audits", AUDIT | {"audit_id": "A-2"})
    close_due(house, date(2026, 5, 14))
    close, told = newest(house)
    assert (close.version, told["reasons"]["controls"].keys()) == (2, {"ORG-5-02", "VEN-04"})
    assert close_due(house, date(2026, 5, 15)) == []


def test_evidence_of_later_days_restates_nothing_and_keeps_no_judgement(closed: House) -> None:
    clock_of(closed).at = at("2026-05-14T05:30")
    listed(closed, "2026-05-13T18:00", "2026-05-13")
    collected(closed, date(2026, 5, 13))
    before = closed.store.last_commit()
    assert close_due(closed, date(2026, 5, 14)) == []
    assert closed.store.last_commit() == before


def test_a_row_of_a_register_that_holds_in_the_period_is_a_reason(closed: House) -> None:
    vendor = {"company": "AOBA", "department": "D1", "vendor_id": "V-1", "name": "架空印刷", "tier": "T2",
              "status": "active", "handles_personal_data": True, "valid_from_on": date(2026, 4, 10)}  # fmt: skip
    entered(closed, "vendors", vendor)
    [row] = close_due(closed, date(2026, 5, 14))
    reasons = read_version(closed, row)["reasons"]
    assert reasons["registers"] == [{"register": "vendors", "versions": 1}]
    assert all("vendors" in closed.catalogue.control(name).datasets for name in reasons["controls"])


def test_only_the_company_whose_result_is_another_is_restated(tmp_path: Path) -> None:
    house = made(tmp_path / "home", codes=("AOBA", "MIDORI"))
    assert [row.company for row in close_due(house, CLOSING)] == ["AOBA", "MIDORI"]
    entered(house, "vendors", VENDOR | {"department": "D1", "vendor_id": "V-1", "valid_from_on": date(2026, 4, 10)})
    assert [(row.company, row.version) for row in close_due(house, date(2026, 5, 14))] == [("AOBA", 2)]


def test_a_threshold_that_ended_is_a_reason(house: House) -> None:
    clock_of(house).at = at("2026-04-30T09:00")
    change = {"company": "AOBA", "change_id": "PV-1", "control_id": CONTROL, "parameter": "report_days", "value": ["14"],
              "reason": "休業", "requested_by": "2", "approved_by": "3", "approved_on": date(2026, 4, 30)}  # fmt: skip
    entered(house, "parameter_values", change)
    clock_of(house).at = at("2026-05-12T07:30")
    close_due(house, CLOSING)
    late(house, "2026-04-30", "2026-04-20")
    close_due(house, date(2026, 5, 14))
    desk.act_on(house, "parameter_values", ["PV-1"], Act.RETIRE, "4", "休業が終わった")
    [row] = close_due(house, date(2026, 5, 15))
    reasons = read_version(house, row)["reasons"]
    one = reasons["controls"][CONTROL]
    assert (row.version, one["parameters"], one["definition"]) == (3, {"report_days": [14, 7]}, False)
    assert reasons["registers"] == [{"register": "parameter_values", "versions": 1}]


def test_a_period_beyond_the_days_that_are_judged_again_stays_as_it_is(closed: House) -> None:
    late(closed, "2026-04-30")
    april = APRIL[1]
    assert closed.settings.recompute_days == 45
    for days, restated in ((46, []), (45, [2])):
        told = close_due(closed, april + timedelta(days=days))
        assert [row.version for row in told if row.as_of == april] == restated


OF_CLOSES = "WHERE object IN (SELECT id FROM objects WHERE name LIKE 'close%')"


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE period_closes SET digest = '{other}'", id="another object"),
        pytest.param("UPDATE period_closes SET marks = '{{\"pass\": 90}}'", id="other marks"),
        pytest.param("UPDATE period_closes SET entry = 0", id="another entry"),
        pytest.param("UPDATE period_closes SET cycle = 'quarter'", id="another cycle"),
        pytest.param("UPDATE period_closes SET version = 2", id="another version"),
        pytest.param("UPDATE period_closes SET known_at = '2026-05-01 00:00:00'", id="another moment"),
        pytest.param(
            f"UPDATE object_salts SET salt = replace(salt, substr(salt, 1, 1), 'z') {OF_CLOSES}", id="no salt"
        ),
        pytest.param(f"UPDATE object_salts SET salt = '{{other}}' {OF_CLOSES}", id="another salt"),
    ],
)
def test_a_row_that_was_changed_is_refused(closed: House, statement: str) -> None:
    with closed.store.read() as tx:
        [other] = tx.objects.of_source("tenken")[:1]
    changed(closed, statement.format(other=other.digest))
    with pytest.raises(Tampered):
        found(closed, "AOBA", *APRIL, None)


def test_an_object_that_was_changed_is_refused(closed: House) -> None:
    row, _ = newest(closed)
    path, at = file_of(closed.vault, Digest(row.digest)), 100
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(Tampered):
        read_version(closed, row)
    assert len(day.verify_ledger(closed)) == 1


def test_control_unless_the_vault_hashes_them_changed_bytes_would_be_shown(
    closed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, before = newest(closed)
    other = content_of(closed.vault, Digest(row.digest)).replace(b'"unverified"', b'"pass"', 1)
    monkeypatch.setattr(type(closed.vault), "open", lambda *_: nullcontext(BytesIO(other)))
    assert read_version(closed, row) != before
