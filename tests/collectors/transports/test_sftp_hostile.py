"""A server that lies: what paramiko alone would take is refused, as each control without our check shows."""

import socket
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
import pytest

from collectors.transports import Refused, sftp, sftp_ahead
from collectors.transports.sftp import Options, Patience, SftpFolder
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable
from tests.servers import sftp_stub
from tests.servers.sftp_stub import FOLDER, MODIFIED, Fake
from tests.servers.sshd import make_key

BIG = bytes(range(256)) * 40_000


@contextmanager
def connected(
    tmp_path: Path, files: Sequence[Fake], patience: Patience | None = None, **told: Any
) -> Iterator[SftpFolder]:
    """A transport on a stub server with these files."""
    with sftp_stub.running(tmp_path, files) as stub:
        for name, value in told.items():
            setattr(stub, name, value)
        options = Options(
            kind="sftp", host=stub.host, port=stub.port, user=stub.user, key="${file:user_key}",
            host_key=stub.fingerprint, folder=FOLDER,
        )  # fmt: skip
        with SftpFolder(options, paramiko.Ed25519Key(filename=str(stub.key_path)), patience) as transport:
            yield transport


def read(tmp_path: Path, fake: Fake, patience: Patience | None = None) -> bytes:
    """The only file of the folder, listed, opened and read."""
    with connected(tmp_path, [fake], patience) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream:
            return stream.read()


def test_control_an_honest_server_is_believed(tmp_path: Path) -> None:
    assert read(tmp_path, Fake("auth.log", BIG)) == BIG


@pytest.mark.parametrize("most", [1, 1000, 32_768, 100_000])
def test_a_server_that_answers_in_small_pieces_is_asked_for_the_rest(most: int, tmp_path: Path) -> None:
    content = BIG[: min(len(BIG), most * 300)]
    assert read(tmp_path, Fake("auth.log", content, most=most)) == content


@pytest.mark.parametrize(
    ("name", "shown", "why"),
    [
        pytest.param("../../evil.sh", "'../../evil.sh'", "holds a path separator", id="a way up"),
        pytest.param("/etc/cron.d/evil", "'/etc/cron.d/evil'", "holds a path separator", id="an absolute path"),
        pytest.param("a\nb.csv", r"'a\nb.csv'", "holds control", id="a line break"),
        pytest.param("\x1b[2J.csv", r"'\x1b[2J.csv'", "holds control", id="an escape sequence"),
        pytest.param("a\x00b.csv", r"'a\x00b.csv'", "holds control", id="a NUL"),
        pytest.param("\u202egpj.csv", r"'\u202egpj.csv'", "holds control", id="text turned round"),
        pytest.param("", "''", "is not a file name", id="no name"),
        pytest.param("あ" * 86, repr("あ" * 86), "is longer than 255 bytes", id="too long a name"),
    ],
)
def test_a_hostile_name_is_refused_and_the_others_are_listed(name: str, shown: str, why: str, tmp_path: Path) -> None:
    with connected(tmp_path, [Fake(name), Fake("good.csv")]) as transport:
        assert [item.name for item in transport.items(None)] == ["good.csv"]
        [refused] = transport.refused
        assert refused.name == shown
        assert refused.why.startswith(why)


def test_nothing_of_a_hostile_listing_touches_our_disk(tmp_path: Path) -> None:
    names = ["../../evil.sh", str(tmp_path / "evil.sh"), "evil.sh\n"]
    with connected(tmp_path, [Fake(name) for name in names]) as transport:
        assert list(transport.items(None)) == []
        assert len(transport.refused) == 3
    assert not list(tmp_path.rglob("*evil*"))


def test_a_name_that_is_not_utf8_is_a_case_for_a_person(tmp_path: Path) -> None:
    with (
        connected(tmp_path, [Fake("名簿.csv".encode("cp932"))]) as transport,
        pytest.raises(SourceMalformed, match="not UTF-8"),
    ):
        list(transport.items(None))


def test_a_listing_that_repeats_itself_is_given_up(tmp_path: Path) -> None:
    with (
        connected(tmp_path, [Fake("a.csv"), Fake("b.csv")], endless=True) as transport,
        pytest.raises(SourceMalformed, match="names a file twice"),
    ):
        list(transport.items(None))


def test_a_device_is_refused(tmp_path: Path) -> None:
    with connected(tmp_path, [Fake("zero", mode=stat.S_IFCHR | 0o644)]) as transport:
        assert list(transport.items(None)) == []
        assert transport.refused == [Refused("'zero'", "is not a regular file")]


def test_a_link_followed_by_the_server_is_seen_by_its_owner(tmp_path: Path) -> None:
    with pytest.raises(SourceMalformed, match=r"'auth\.log' was replaced while it was opened"):
        read(tmp_path, Fake("auth.log", opened_uid=1000))


def test_control_without_the_comparison_the_other_file_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "_identity", lambda about: ())
    assert read(tmp_path, Fake("auth.log", b"secret\n", opened_uid=1000)) == b"secret\n"


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'auth\.log' may not be read by the user 'collector'"):
        read(tmp_path, Fake("auth.log", denied=True))


@pytest.mark.parametrize("told", [len(BIG) + 1, len(BIG) * 2], ids=["one byte", "half of the file"])
def test_a_short_file_is_refused_with_both_sizes(told: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=rf"'auth\.log' has {told} bytes, but {len(BIG)} arrived"):
        read(tmp_path, Fake("auth.log", BIG, size=told))


def test_control_without_the_check_the_short_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp_ahead, "check_whole", lambda *_: None)
    assert read(tmp_path, Fake("auth.log", BIG, size=len(BIG) * 2)) == BIG


def test_a_file_with_more_than_it_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'auth\.log' has 100 bytes, but 101 arrived"):
        read(tmp_path, Fake("auth.log", BIG, size=100))


def grow(fake: Fake, offset: int) -> None:
    if offset > len(BIG) // 2 and fake.content == BIG:
        fake.content += b"more\n"


def rewrite(fake: Fake, offset: int) -> None:
    if offset > len(BIG) // 2:
        fake.modified = MODIFIED + 1


def cut_off(fake: Fake, offset: int) -> None:
    if offset > len(BIG) // 2:
        fake.content = b""


@pytest.mark.parametrize("change", [grow, rewrite, cut_off], ids=["it grows", "it is rewritten", "it is cut off"])
def test_a_file_that_changes_while_it_is_read_is_refused_by_name(change: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"'auth\.log' changed while it was read"):
        read(tmp_path, Fake("auth.log", BIG, on_read=change))


def test_control_without_the_check_the_rewritten_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp_ahead, "check_whole", lambda *_: None)
    assert read(tmp_path, Fake("auth.log", BIG, on_read=rewrite)) == BIG


def test_a_server_that_stalls_is_given_up_and_may_be_tried_again(tmp_path: Path) -> None:
    stalled = threading.Event()

    def stall(fake: Fake, offset: int) -> None:
        if offset > len(BIG) // 2:
            stalled.wait(10)

    with connected(tmp_path, [Fake("auth.log", BIG, on_read=stall)], Patience(idle=0.3)) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream, pytest.raises(SourceUnreachable, match=r"no answer for 0\.3 s"):
            stream.read()
        stalled.set()
        assert [again.name for again in transport.items(None)] == ["auth.log"]


def test_a_server_that_never_opens_the_file_service_is_given_up(tmp_path: Path) -> None:
    with (
        connected(tmp_path, [], Patience(login=0.3), deaf_s=2) as transport,
        pytest.raises(SourceUnreachable, match="no connection"),
    ):
        list(transport.items(None))


def test_a_connection_lost_on_the_way_may_be_tried_again(tmp_path: Path) -> None:
    with connected(tmp_path, [Fake("auth.log", BIG)]) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream, pytest.raises(SourceUnreachable, match="the connection"):
            stream.read(10)
            transport.close()
            stream.read()
        with transport.open(item) as stream:
            assert stream.read() == BIG


def test_a_slow_reader_is_not_read_ahead_of_without_end(tmp_path: Path) -> None:
    offsets: list[int] = []
    fake = Fake("auth.log", BIG * 3, on_read=lambda _, offset: offsets.append(offset))
    with connected(tmp_path, [fake]) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream:
            stream.read(1)
    assert max(offsets) <= sftp_ahead.WINDOW + sftp_ahead.REQUEST * 2


def test_a_port_that_says_nothing_is_given_up_and_may_be_tried_again(tmp_path: Path) -> None:
    make_key(tmp_path / "user_key")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = Options(
            kind="sftp", host="127.0.0.1", port=silent.getsockname()[1], user="collector", key="${file:user_key}",
            host_key="SHA256:" + "A" * 43, folder=FOLDER,
        )  # fmt: skip
        transport = SftpFolder(options, paramiko.Ed25519Key(filename=str(tmp_path / "user_key")), Patience(banner=0.2))
        with pytest.raises(SourceUnreachable, match="no connection"):
            list(transport.items(None))
