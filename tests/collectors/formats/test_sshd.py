"""OpenSSH's log lines: one row an attempt, in the year it happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.formats import Layout, Unreadable
from tests.collectors.objects import Told, stored, strictly, told

TOKYO = Layout("sshd", zone="Asia/Tokyo")
END = datetime(2026, 3, 31, 15, tzinfo=UTC)
OK = "Accepted publickey for sato from 192.0.2.7 port 50022 ssh2: ED25519 SHA256:abc"
NG = "Failed password for sato from 192.0.2.7 port 50022 ssh2"


def log(*texts: str, stamp: str = "Mar 10 09:00:00", pid: int = 71) -> str:
    """Lines of one connection."""
    return "".join(f"{stamp} host1 sshd[{pid}]: {text}\n" for text in texts)


def read(content: str | bytes, end: datetime = END) -> Told:
    return told([stored(content, modified=end)], TOKYO)


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_line(content: bytes) -> None:
    told([stored(content, modified=END)], TOKYO)


@given(st.text(alphabet=st.characters(exclude_characters="\n\r", codec="utf-8")))
def test_any_user_name_stays_in_its_place(name: str) -> None:
    [row] = read(log(f"Failed password for invalid user {name} from 192.0.2.7 port 22 ssh2")).rows
    assert (row["action"], row["source_ip"]) == ("login_ng", "192.0.2.7")


@pytest.mark.parametrize(
    ("text", "account", "action", "operation", "ip"),
    [
        pytest.param(OK, "sato", "login_ok", "publickey", "192.0.2.7", id="a key"),
        pytest.param(
            "Accepted password for ito from 2001:db8::1 port 4 ssh2",
            "ito",
            "login_ok",
            "password",
            "2001:db8::1",
            id="IPv6",
        ),
        pytest.param(NG, "sato", "login_ng", "password", "192.0.2.7", id="a failure"),
        pytest.param("Invalid user x from 192.0.2.7 port 9", "x", "login_ng", "invalid user", "192.0.2.7", id="nobody"),
        pytest.param("Invalid user  from 192.0.2.7 port 9", "", "login_ng", "invalid user", "192.0.2.7", id="no name"),
        pytest.param(
            "error: maximum authentication attempts exceeded for root from 192.0.2.7 port 9 ssh2 [preauth]",
            "root",
            "login_ng",
            "maximum attempts",
            "192.0.2.7",
            id="too many",
        ),
        pytest.param(
            "Failed password for invalid user a from 198.51.100.1 port 1 ssh2 from 192.0.2.7 port 22 ssh2",
            "a from 198.51.100.1 port 1 ssh2",
            "login_ng",
            "password",
            "192.0.2.7",
            id="a user name that poses as an address",
        ),
    ],
)
def test_an_attempt_is_a_row(text: str, account: str, action: str, operation: str, ip: str) -> None:
    [row] = read(log(text)).rows
    assert (row["account_id"], row["action"], row["operation"], row["source_ip"]) == (account, action, operation, ip)


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        pytest.param(
            ["Invalid user x from 192.0.2.7 port 9", "Failed password for invalid user x from 192.0.2.7 port 9 ssh2"],
            1,
            id="told twice",
        ),
        pytest.param(
            [
                "Invalid user x from 192.0.2.7 port 9",
                *["Failed password for invalid user x from 192.0.2.7 port 9 ssh2"] * 3,
            ],
            3,
            id="three attempts of nobody",
        ),
        pytest.param(
            [NG, NG, "maximum authentication attempts exceeded for sato from 192.0.2.7 port 50022 ssh2"],
            2,
            id="the last told again",
        ),
        pytest.param([NG, f"message repeated 2 times: [ {NG}]"], 3, id="repeated"),
        pytest.param(["Failed none for sato from 192.0.2.7 port 1 ssh2", OK], 1, id="asking which methods there are"),
        pytest.param(
            ["Connection closed by 192.0.2.7 port 9 [preauth]", "Server listening on 0.0.0.0 port 22."],
            0,
            id="no attempt",
        ),
    ],
)
def test_no_attempt_is_counted_twice(texts: list[str], count: int) -> None:
    assert len(read(log(*texts)).rows) == count


def test_a_log_that_has_grown_reads_as_before() -> None:
    first = log("Invalid user x from 192.0.2.7 port 9")
    grown = first + log("Failed password for invalid user x from 192.0.2.7 port 9 ssh2", OK)
    assert read(grown).rows[: len(read(first).rows)] == read(first).rows


@pytest.mark.parametrize(
    ("line", "account", "operation"),
    [
        pytest.param(
            "systemd[1]: Stopped rsyslog.service - System Logging Service.", "systemd", "rsyslog_stop", id="systemd"
        ),
        pytest.param("systemd[1]: Stopped Security Auditing Service.", "systemd", "auditd_stop", id="by its title"),
        pytest.param("auditd[9]: The audit daemon is exiting.", "auditd", "auditd_stop", id="auditd"),
        pytest.param(
            'rsyslogd: [origin software="rsyslogd"] exiting on signal 15.', "rsyslogd", "rsyslog_stop", id="rsyslogd"
        ),
        pytest.param(
            "sudo:   sato : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/systemctl stop auditd",
            "sato",
            "auditd_stop",
            id="sudo",
        ),
        pytest.param(
            "sudo: sato : PWD=/ ; USER=root ; COMMAND=/usr/sbin/auditctl -e 0", "sato", "auditd_stop", id="auditctl"
        ),
        pytest.param(
            "sudo: sato : PWD=/ ; COMMAND=/usr/sbin/service rsyslog stop", "sato", "rsyslog_stop", id="service"
        ),
    ],
)
def test_what_stops_a_log_is_administration(line: str, account: str, operation: str) -> None:
    [row] = read(f"Mar 10 09:00:00 host1 {line}\n").rows
    assert (row["action"], row["account_id"], row["operation"]) == ("admin", account, operation)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("systemd[1]: Stopped target Sockets.", id="another unit"),
        pytest.param("sudo: sato : PWD=/ ; COMMAND=/usr/bin/systemctl status rsyslog", id="only looking"),
        pytest.param("CRON[5]: pam_unix(cron:session): session opened for user root", id="another program"),
    ],
)
def test_lines_of_other_programs_are_skipped_and_counted(line: str) -> None:
    told = read(f"Mar 10 09:00:00 host1 {line}\n")
    assert (told.rows, told.rejects, told.ends[0].lines, told.ends[0].skipped) == ([], [], 1, 1)


@pytest.mark.parametrize(
    ("stamp", "end", "at", "basis"),
    [
        pytest.param("Mar 10 09:00:00", END, datetime(2026, 3, 10, tzinfo=UTC), "year_inferred", id="this year"),
        pytest.param(
            "Dec 31 23:59:59",
            datetime(2026, 1, 2, tzinfo=UTC),
            datetime(2025, 12, 31, 14, 59, 59, tzinfo=UTC),
            "year_inferred",
            id="last year",
        ),
        pytest.param(
            "Apr  7 00:00:00", END, datetime(2026, 4, 6, 15, tzinfo=UTC), "year_inferred", id="a clock six days ahead"
        ),
        pytest.param(
            "Apr 20 00:00:00",
            END,
            datetime(2025, 4, 19, 15, tzinfo=UTC),
            "year_inferred",
            id="twenty days ahead is last year",
        ),
        pytest.param("Feb 29 12:00:00", END, datetime(2024, 2, 29, 3, tzinfo=UTC), "year_inferred", id="a leap day"),
        pytest.param(
            "Mar 10 09:00:60",
            END,
            datetime(2026, 3, 10, 0, 0, 59, 999_999, tzinfo=UTC),
            "year_inferred",
            id="second 60",
        ),
        pytest.param(
            "2026-03-10T09:00:00.5+09:00",
            END,
            datetime(2026, 3, 10, 0, 0, 0, 500_000, tzinfo=UTC),
            "zone_given",
            id="ISO",
        ),
        pytest.param("2026-03-10T09:00:00+0900", END, datetime(2026, 3, 10, tzinfo=UTC), "zone_given", id="journald"),
        pytest.param("2026-03-10T09:00:00", END, datetime(2026, 3, 10, tzinfo=UTC), "zone_declared", id="without zone"),
    ],
)
def test_a_stamp_is_an_instant(stamp: str, end: datetime, at: datetime, basis: str) -> None:
    [row] = read(log(OK, stamp=stamp), end).rows
    assert (row["occurred_at"], row["time_basis"]) == (at, basis)


def test_the_hour_that_comes_twice_follows_the_order_of_the_file() -> None:
    stamps = ("Nov  1 01:10:00", "Nov  1 01:50:00", "Nov  1 01:15:00")
    layout = Layout("sshd", zone="America/New_York")
    content = "".join(log(OK, stamp=stamp, pid=n) for n, stamp in enumerate(stamps))
    rows = strictly([stored(content, modified=datetime(2026, 11, 2, tzinfo=UTC))], layout).rows
    assert [row["occurred_at"].hour for row in rows] == [5, 5, 6]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(OK, "a line without a time; let sshd log through syslog or journald, not with -E", id="sshd -E"),
        pytest.param("Foo 10 09:00:00 host1 sshd[1]: x", "a line without a time that exists", id="no month"),
        pytest.param("Feb 30 09:00:00 host1 sshd[1]: x", "is not a day of any year", id="no day"),
        pytest.param("Mar 10 09:00:00 host1 nothing", "a line without host and program", id="no program"),
        pytest.param("Mar 10 09:00:00 h sshd[1]: " + "x" * 40_000, "a line longer than any log writes", id="too long"),
    ],
)
def test_a_line_that_says_no_moment_is_rejected(line: str, why: str) -> None:
    assert [(reject.line, reject.reason) for reject in read(f"{line}\n").rejects] == [(1, why)]


def test_a_line_that_runs_back_too_far_is_rejected() -> None:
    told = read(log(OK, stamp="Mar 10 09:00:00") + log(OK, stamp="Mar 10 08:56:00") + log(OK, stamp="Mar 10 08:54:00"))
    assert ([reject.line for reject in told.rejects], told.lines) == ([3], [1, 2])


def test_an_unfinished_last_line_of_a_growing_log_is_left_for_later() -> None:
    unfinished = stored(log(OK) + "Mar 10 09:00:01 host1 sshd[7]: Accep", modified=END)
    read = told([unfinished], replace(TOKYO, growing=True))
    assert (len(read.rows), read.ends[0].lines, read.rejects) == (1, 1, [])


def test_the_cut_off_last_line_of_a_whole_log_is_a_reject() -> None:
    told = read(log(OK) + "Mar 10 09:00:01 host1 sshd[7]: Accep")
    assert (len(told.rows), [(one.line, "cut off" in one.reason) for one in told.rejects]) == (1, [(2, True)])


def test_a_line_without_end_is_a_reject_and_the_next_is_read() -> None:
    told = read(log(OK) + "x" * (3 << 20) + "\n" + log(OK))
    assert ([one.line for one in told.rejects], told.lines) == ([2], [1, 3])


def test_times_without_a_zone_need_a_declared_one() -> None:
    with pytest.raises(Unreadable, match="declare the source's zone"):
        strictly([stored(log(OK), modified=END)], Layout("sshd"))


def test_control_characters_in_a_name_are_written_out() -> None:
    [row] = read(log("Invalid user a\x1b[2Jb from 192.0.2.7 port 9")).rows
    assert row["account_id"] == "a\\x1b[2Jb"


def days_of(*stamps: str, end: datetime) -> list[tuple[int, int, int]]:
    content = "".join(log(OK, stamp=f"{stamp} 12:00:00", pid=n) for n, stamp in enumerate(stamps))
    told = read(content, end)
    assert told.rejects == []
    return [row["occurred_at"].timetuple()[:3] for row in told.rows]


@pytest.mark.parametrize(
    ("stamps", "end", "years"),
    [
        pytest.param(
            ["Mar 10", "Dec 31", "Jan  1", "Mar  5"], datetime(2026, 3, 5, 9, tzinfo=UTC), [2025, 2025, 2026, 2026],
            id="a year but for five days",
        ),
        pytest.param(
            ["Mar 10", "Dec 31", "Jan  1", "Mar 30"], datetime(2026, 3, 31, tzinfo=UTC), [2025, 2025, 2026, 2026],
            id="more than a year",
        ),
        pytest.param(
            ["Nov 30", "Feb  1", "Dec 31", "Jan  2"], datetime(2026, 1, 2, 9, tzinfo=UTC), [2024, 2025, 2025, 2026],
            id="two turns",
        ),
        pytest.param(
            ["Jan  1", "Jun 10", "Dec 28"], datetime(2026, 12, 28, 9, tzinfo=UTC), [2026, 2026, 2026],
            id="the end of the year",
        ),
        pytest.param(
            ["Jan  1", "Jun 10", "Dec 31"], datetime(2027, 1, 1, 1, tzinfo=UTC), [2026, 2026, 2026],
            id="rotated once a year",
        ),
        pytest.param(["Apr 20", "Mar 31"], END, [2025, 2026], id="silent for eleven months"),
    ],
)  # fmt: skip
def test_a_year_is_counted_back_over_the_turns_of_the_year(stamps: list[str], end: datetime, years: list[int]) -> None:
    assert [year for year, _, _ in days_of(*stamps, end=end)] == years


def test_lines_that_run_back_over_midnight_of_new_year_are_of_the_old_year() -> None:
    stamps = ("Dec 31 23:59:58", "Jan  1 00:00:01", "Dec 31 23:59:59", "Jan  1 00:00:02", "Dec 30 12:00:00")
    content = "".join(log(OK, stamp=stamp, pid=n) for n, stamp in enumerate(stamps))
    rows = read(content, datetime(2026, 12, 30, 4, tzinfo=UTC)).rows
    assert [row["occurred_at"].year for row in rows] == [2025, 2025, 2025, 2025, 2026]
    assert [row["occurred_at"].day for row in rows] == [31, 31, 31, 31, 30]


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        pytest.param(["Mar 10", "Apr 20", "Mar 11"], 2, id="corrected since"),
        pytest.param(["Mar 10", "Mar 11", "Apr 20"], 3, id="not yet corrected"),
    ],
)
def test_one_line_of_a_clock_gone_wrong_moves_no_other_line(days: list[str], wrong: int) -> None:
    told = read("".join(log(OK, stamp=f"{day} 09:00:00") for day in days))
    assert [reject.line for reject in told.rejects] == [wrong]
    assert {row["occurred_at"].year for row in told.rows} == {2026}


def test_a_log_whose_lines_stand_in_no_order_is_refused() -> None:
    content = "".join(log(OK, stamp=stamp) for stamp in ["Jan 10 09:00:00", "Dec 10 09:00:00"] * 250)
    with pytest.raises(Unreadable, match="stand in no order of time"):
        strictly([stored(content, modified=END)], TOKYO)


GAPS = st.lists(st.integers(1, 170 * 86_400), min_size=1, max_size=12)


@given(GAPS, st.data())
def test_a_log_however_old_and_wherever_it_stood_gives_its_lines_their_own_moments(
    gaps: list[int], data: st.DataObject
) -> None:
    moments = [datetime(2024, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=sum(gaps[:n])) for n in range(len(gaps) + 1)]
    seen = moments[: data.draw(st.integers(1, len(moments)))]
    lines = [f"{at.astimezone(ZoneInfo('Asia/Tokyo')):%b %e %H:%M:%S}" for at in seen]
    content = "".join(log(OK, stamp=line, pid=n) for n, line in enumerate(lines))
    assert [row["occurred_at"] for row in read(content, seen[-1]).rows] == seen
