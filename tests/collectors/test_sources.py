"""Sources: read whole or refused with a place."""

import os
import time
from pathlib import Path
from textwrap import dedent

import pytest

from collectors import sources
from evidence.errors import Misplaced

TRAIL = """\
name: aws
companies: [AOI]
transport: {kind: local, folder: inbox/aws, pattern: "**/*.gz"}
profile: cloudtrail
options: {system_id: SYS-AWS}
"""


def home_with(folder: Path, **files: str) -> Path:
    (folder / "sources").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "sources" / f"{name}.yaml").write_text(dedent(text), "utf-8")
    return folder


def test_a_log_source_also_delivers_its_segments(tmp_path: Path) -> None:
    [source] = sources.read_all(home_with(tmp_path, aws=TRAIL), ["AOI", "MID"])
    assert (source.name, source.companies, source.datasets) == ("aws", ("AOI",), ("access_events", "log_segments"))
    assert (source.max_age_days, source.kind) == (2, "local")


@pytest.mark.parametrize(
    ("old", "new", "place", "what"),
    [
        pytest.param(
            "companies: [AOI]", "companies: [EVIL]", "aws.yaml:2:", "no company EVIL in settings.yaml", id="company"
        ),
        pytest.param(
            "kind: local", "kind: ftp", "aws.yaml:3:", "no transport 'ftp'; there are: local, sftp, s3", id="transport"
        ),
        pytest.param(
            "kind: local", "kind: [local]", "aws.yaml:3:", "no transport ['local']", id="a list of transports"
        ),
        pytest.param(
            "kind: local", "kind: {a: b}", "aws.yaml:3:", "no transport {'a': 'b'}", id="a transport of its own"
        ),
        pytest.param("[AOI]", "AOI", "aws.yaml:2:", "write a list, e.g. [a, b]", id="a company for a list"),
        pytest.param("options:", "x: \0\noptions:", "aws.yaml:5:4:", "a character (U+0000)", id="NUL"),
        pytest.param(
            "folder: inbox/aws", "foldr: inbox", "aws.yaml:3:", "foldr: Extra inputs are not permitted", id="an option"
        ),
        pytest.param("profile: cloudtrail", "profile: nobody", "aws.yaml:4:", "no profile 'nobody'", id="profile"),
        pytest.param(
            "{system_id: SYS-AWS}", "{}", "aws.yaml:5:", "the profile needs options.system_id", id="a constant"
        ),
        pytest.param("name: aws", "name: awz", "aws.yaml:1:", "the file is called aws.yaml", id="name"),
        pytest.param(
            "[AOI]", "[AOI, MID]", "aws.yaml:2:", "nothing says whose each row of access_events is", id="whose rows"
        ),
        pytest.param("profile: cloudtrail", "zone: Asia/Tokio", "aws.yaml:", "no time zone 'Asia/Tokio'", id="zone"),
        pytest.param(
            "profile: cloudtrail", "profile: sshd_auth", "aws.yaml:", "give the zone of the host's clock", id="no zone"
        ),
        pytest.param(
            "options:", "dataset: training\noptions:", "aws.yaml:", "give profile, or dataset with format", id="both"
        ),
        pytest.param(
            "options:", "typo: 1\noptions:", "aws.yaml:5:", "typo: Extra inputs are not permitted", id="unknown key"
        ),
    ],
)
def test_a_bad_source_is_refused_by_its_place(tmp_path: Path, old: str, new: str, place: str, what: str) -> None:
    assert old in TRAIL
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home_with(tmp_path, aws=TRAIL.replace(old, new)), ["AOI", "MID"])
    assert place in str(raised.value)
    assert what in str(raised.value)


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    bad = TRAIL.replace("AOI", "X")
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home_with(tmp_path, a=bad, b=bad), ["AOI"])
    assert {Path(problem.file).name for problem in raised.value.problems} == {"a.yaml", "b.yaml"}


def test_a_wrong_file_leaves_the_other_sources_readable(tmp_path: Path) -> None:
    home = home_with(tmp_path, aws=TRAIL, bad="name: [\n")
    assert [source.name for source in sources.read_each(home, ["AOI"])[0]] == ["aws"]


def test_no_message_holds_what_stands_in_a_secret_s_place(tmp_path: Path) -> None:
    text = TRAIL.replace("{kind: local, folder: inbox/aws", "{kind: s3, bucket: b, region: r, secret_key: HUNTER2")
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home_with(tmp_path, aws=text), ["AOI"])
    assert "HUNTER2" not in str(raised.value)


AUTH = TRAIL.replace("name: aws", "name: ssh").replace("cloudtrail", "sshd_auth") + "zone: Asia/Tokyo\ngrowing: true\n"


def test_a_growing_log_is_read_as_one(tmp_path: Path) -> None:
    [source] = sources.read_all(home_with(tmp_path, ssh=AUTH), ["AOI", "MID"])
    assert (source.told.growing, source.layout.growing) == (True, True)
    with source.connect() as transport:
        assert getattr(transport, "growing", None) is True


TABLE = """\
name: table
companies: [AOI]
transport: {kind: local, folder: inbox, pattern: "*"}
dataset: access_events
format: {kind: json_lines}
growing: true
"""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        pytest.param("kind: json_lines", "kind: csv", "can be read while they are written, not csv", id="csv"),
        pytest.param(
            "kind: json_lines", "kind: json_lines, records: /a", "json_lines without records", id="a document"
        ),
        pytest.param("access_events", "badge_rights", "a state that is still being written is not whole", id="a state"),
        pytest.param(
            "{kind: local, folder: inbox,",
            "{kind: s3, bucket: logs, region: ap-northeast-1,",
            "objects of a bucket are whole",
            id="a bucket",
        ),
    ],
)
def test_what_cannot_be_read_while_it_is_written_is_refused_by_its_place(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    assert old in TABLE
    assert sources.read_all(home_with(tmp_path, table=TABLE), ["AOI"])
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home_with(tmp_path, table=TABLE.replace(old, new)), ["AOI"])
    assert "table.yaml:6:10: growing" in str(raised.value)
    assert what in str(raised.value)


COURSES = """\
name: lms
companies: [AOI, MID]
transport: {kind: local, folder: inbox}
profile: lms
options: {company: AOI}
"""
LMS = """\
name: lms
title: {ja: 講座, en: Courses}
format: {kind: csv}
datasets:
  courses:
    columns:
      course: {from: course}
      content_version: {from: version}
      kind: {value: annual}
      pass_mark: {value: 80}
      approved_from_on: {from: from, date: "%Y/%m/%d"}
      approved_to_on: {from: to, date: "%Y/%m/%d"}
      company: {value: "${company}"}
"""


@pytest.mark.parametrize(
    ("source", "profile", "codes", "what"),
    [
        pytest.param(
            COURSES.replace("{company: AOI}", "{company: EVIL}"), LMS, ["AOI", "MID"], "is about EVIL",
            id="a company of the profile's own",
        ),
        pytest.param(
            COURSES, LMS.replace('"${company}"', "null"), ["AOI", "MID", "SEI"], "is about the whole group",
            id="the whole group",
        ),
        pytest.param(
            COURSES, LMS.replace('      company: {value: "${company}"}\n', ""), ["AOI", "MID", "SEI"],
            "nothing says whose each row of courses is", id="nothing said, and not about all",
        ),
    ],
)  # fmt: skip
def test_a_source_that_would_speak_for_others_is_refused(
    tmp_path: Path, source: str, profile: str, codes: list[str], what: str
) -> None:
    home = home_with(tmp_path, lms=source)
    (home / "profiles").mkdir()
    (home / "profiles" / "lms.yaml").write_text(profile, "utf-8")
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home, codes)
    assert "lms.yaml:2:" in str(raised.value)
    assert what in str(raised.value)


def test_control_a_source_about_every_company_may_speak_for_the_group(tmp_path: Path) -> None:
    home = home_with(tmp_path, lms=COURSES)
    (home / "profiles").mkdir()
    (home / "profiles" / "lms.yaml").write_text(LMS.replace('"${company}"', "null"), "utf-8")
    [source] = sources.read_all(home, ["AOI", "MID"])
    assert source.is_about_all


def written_over(path: Path, old: str, new: str) -> None:
    """Write as many bytes into a file in the place of others, under the time that it has."""
    told, text = path.stat(), path.read_text("utf-8").replace(old, new)
    while path.stat().st_ctime_ns == told.st_ctime_ns:  # the clock of files is slow
        time.sleep(0.001)
        path.write_text(text, "utf-8")
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (told.st_size, told.st_mtime_ns)


def test_a_source_and_its_profile_are_read_anew_whatever_somebody_changed(tmp_path: Path) -> None:
    home = home_with(tmp_path, lms=COURSES.replace("MID]", "MID]\nmax_age_days: 3"))
    (home / "profiles").mkdir()
    (home / "profiles" / "lms.yaml").write_text(LMS, "utf-8")
    [first] = sources.read_all(home, ["AOI", "MID"])
    assert sources.read_all(home, ["AOI", "MID"])[0] is first, "nothing was changed"
    written_over(home / "profiles" / "lms.yaml", "{from: from", "{from: ford")
    [second] = sources.read_all(home, ["AOI", "MID"])
    assert (second.profile.stamp != first.profile.stamp, second.max_age_days) == (True, 3)
    written_over(home / "sources" / "lms.yaml", "max_age_days: 3", "max_age_days: 9")
    assert [one.max_age_days for one in sources.read_all(home, ["AOI", "MID"])] == [9]
    (home / "sources" / "lms.yaml").unlink()
    assert sources.read_all(home, ["AOI", "MID"]) == ()


def test_a_link_to_nothing_is_told_as_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    home = home_with(tmp_path, aws=TRAIL)
    (home / "sources" / "lms.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Misplaced, match=r"lms\.yaml:1:1: .*cannot be read"):
        sources.read_all(home, ["AOI"])
    assert [one.name for one in sources.read_each(home, ["AOI"])[0]] == ["aws"]
