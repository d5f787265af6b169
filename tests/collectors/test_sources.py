"""Sources: read whole or refused with a place."""

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


def test_no_message_holds_what_stands_in_a_secret_s_place(tmp_path: Path) -> None:
    text = TRAIL.replace("{kind: local, folder: inbox/aws", "{kind: s3, bucket: b, region: r, secret_key: HUNTER2")
    with pytest.raises(Misplaced) as raised:
        sources.read_all(home_with(tmp_path, aws=text), ["AOI"])
    assert "HUNTER2" not in str(raised.value)
