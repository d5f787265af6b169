"""A folder of Debian's own sshd: the pinned key only, no links, every byte."""

import os
import re
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paramiko
import pytest
from paramiko.packet import Packetizer

from collectors.transports import TRANSPORTS, Cursor, Item, Refused, Transport, sftp
from evidence.errors import ConfigError, SourceError, SourceUnreachable
from tests.servers.sshd import Sshd, make_key

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def put(path: Path, content: bytes = b"line\n", at: datetime = AT) -> Path:
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def connect(server: Sshd, folder: Path, *, growing: bool = False, **changed: object) -> Transport:
    told = {
        "kind": "sftp", "host": server.host, "port": server.port, "user": server.user, "key": "${file:user_key}",
        "host_key": server.fingerprint, "folder": str(folder), **changed,
    }  # fmt: skip
    kind = TRANSPORTS["sftp"]
    return kind.build(kind.Options.model_validate(told), server.folder, growing=growing)


def names(transport: Transport, since: Cursor | None = None) -> list[str]:
    with transport:
        return [item.name for item in transport.items(since)]


def test_files_are_listed_oldest_first_and_read_byte_for_byte(ssh_server: Sshd, folder: Path) -> None:
    content = os.urandom(9_000_001)
    put(folder / "auth.log", content)
    put(folder / "auth.log.1", b"", at=AT - timedelta(days=1))
    put(folder / "syslog")
    with connect(ssh_server, folder, pattern="auth.log*") as transport:
        older, newer = transport.items(None)
        assert (older, newer) == (Item("auth.log.1", 0, AT - timedelta(days=1)), Item("auth.log", 9_000_001, AT))
        with transport.open(newer) as stream, transport.open(older) as empty:
            assert stream.read(7) + stream.read() == content
            assert empty.read() == b""
    assert transport.refused == []


def test_a_long_transfer_goes_on_through_new_session_keys(
    ssh_server: Sshd, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges: list[paramiko.Transport] = []
    begin = paramiko.Transport._send_kex_init  # type: ignore[attr-defined]
    monkeypatch.setattr(paramiko.Transport, "_send_kex_init", lambda self: exchanges.append(self) or begin(self))  # type: ignore[func-returns-value]
    monkeypatch.setattr(Packetizer, "REKEY_BYTES", 1 << 20)
    content = os.urandom(20_000_000)
    put(folder / "auth.log", content)
    with connect(ssh_server, folder) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream:
            assert stream.read() == content
    assert len(exchanges) > 2


def test_japanese_names_come_through(ssh_server: Sshd, folder: Path) -> None:
    put(folder / "アクセス記録_5月.csv", "社員番号\n".encode())
    with connect(ssh_server, folder) as transport:
        [item] = transport.items(None)
        assert item.name == "アクセス記録_5月.csv"
        with transport.open(item) as stream:
            assert stream.read() == "社員番号\n".encode()


def test_a_cursor_leaves_out_what_is_older_and_keeps_its_own_instant(ssh_server: Sshd, folder: Path) -> None:
    put(folder / "old", at=AT - timedelta(seconds=1))
    put(folder / "same")
    assert names(connect(ssh_server, folder), Cursor(AT)) == ["same"]


def test_a_line_of_known_hosts_pins_the_key_as_well(ssh_server: Sshd, folder: Path) -> None:
    put(folder / "auth.log")
    assert names(connect(ssh_server, folder, host_key=ssh_server.known_hosts)) == ["auth.log"]


def other_fingerprint(server: Sshd, tmp_path: Path) -> str:
    return make_key(tmp_path / "other")


def other_known_hosts(server: Sshd, tmp_path: Path) -> str:
    make_key(tmp_path / "other")
    return f"[{server.host}]:{server.port} {(tmp_path / 'other.pub').read_text()}"


def other_kind(server: Sshd, tmp_path: Path) -> str:
    make_key(tmp_path / "other", "ecdsa")
    return f"[{server.host}]:{server.port} {(tmp_path / 'other.pub').read_text()}"


def other_host(server: Sshd, tmp_path: Path) -> str:
    return server.known_hosts.replace(server.host, "192.0.2.1")


@pytest.mark.parametrize(
    "pinned",
    [
        pytest.param(other_fingerprint, id="a wrong fingerprint"),
        pytest.param(other_known_hosts, id="a wrong key in known_hosts"),
        pytest.param(other_kind, id="a key of another kind in known_hosts"),
        pytest.param(other_host, id="a host that known_hosts does not know"),
    ],
)
def test_another_host_key_is_refused_before_anybody_logs_in(
    pinned: Callable[[Sshd, Path], str], ssh_server: Sshd, folder: Path, tmp_path: Path
) -> None:
    logged = len(ssh_server.log_path.read_text())
    transport = connect(ssh_server, folder, host_key=pinned(ssh_server, tmp_path))
    with pytest.raises(SourceError, match=re.escape(f"shows the key ssh-ed25519 {ssh_server.fingerprint}")) as refused:
        names(transport)
    assert not isinstance(refused.value, SourceUnreachable)
    assert "Accepted" not in ssh_server.log_path.read_text()[logged:]


def test_control_the_pinned_key_is_let_through_to_the_login_that_the_server_logs(
    ssh_server: Sshd, folder: Path
) -> None:
    names(connect(ssh_server, folder))
    logged = ssh_server.auth_log(AT, "server1").splitlines()[-10:]
    accepted = (
        rf"May  1 09:00:00 server1 sshd\[\d+\]: Accepted publickey for {ssh_server.user} from 127\.0\.0\.1 port \d+ .*"
    )
    assert any(re.fullmatch(accepted, line) for line in logged)


def test_a_key_that_the_server_does_not_know_is_a_case_for_a_person_whatever_other_keys_lie_about(
    ssh_server: Sshd, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key(tmp_path / "stranger")
    (tmp_path / ".ssh").mkdir()
    shutil.copy(ssh_server.key_path, tmp_path / ".ssh" / "id_ed25519")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SourceError, match=r"does not let .* in with this key"):
        names(connect(ssh_server, folder, key=f"${{file:{tmp_path}/stranger}}"))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_private_key_of_each_kind_opens_with_its_passphrase(kind: str, tmp_path: Path) -> None:
    fingerprint = make_key(tmp_path / "own", kind, passphrase="correct horse")
    assert sftp._private_key((tmp_path / "own").read_text(), "correct horse").fingerprint == fingerprint


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [
        pytest.param({}, "give its `passphrase:`", id="none"),
        pytest.param({"passphrase": "${env:KEY_PASSPHRASE}"}, "does not open", id="a wrong one"),
    ],
)
def test_a_key_that_does_not_open_is_a_fault_of_the_configuration(
    passphrase: dict[str, str],
    said: str,
    ssh_server: Sshd,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_key(tmp_path / "own", passphrase="correct horse")
    monkeypatch.setenv("KEY_PASSPHRASE", "canary staple")
    with pytest.raises(ConfigError, match=said) as refused:
        connect(ssh_server, folder, key=f"${{file:{tmp_path}/own}}", **passphrase)  # type: ignore[arg-type]
    assert "canary" not in str(refused.value)


def test_a_port_that_does_not_answer_may_be_tried_again(ssh_server: Sshd, folder: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachable, match=r"no connection .*firewall"):
            names(connect(ssh_server, folder, port=unused.getsockname()[1]))


def test_a_folder_that_is_not_there_is_a_case_for_a_person(ssh_server: Sshd, folder: Path) -> None:
    with pytest.raises(SourceError, match="the folder is not there"):
        names(connect(ssh_server, folder / "none"))


def test_links_and_fifos_are_refused_by_name(ssh_server: Sshd, folder: Path) -> None:
    (folder / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    put(folder / "good.csv")
    transport = connect(ssh_server, folder, pattern="*.csv")
    assert names(transport) == ["good.csv"]
    assert set(transport.refused) == {
        Refused("'link.csv'", "is a link: not followed"),
        Refused("'pipe.csv'", "is not a regular file"),
    }


def swap_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(swap_link, "is a link: not followed since it was listed", id="a link swapped in"),
        pytest.param(grow, "changed since it was listed", id="grown"),
        pytest.param(Path.unlink, "is not there", id="removed"),
    ],
)
def test_what_changed_between_listing_and_opening_is_refused(
    change: Callable[[Path], None], said: str, ssh_server: Sshd, folder: Path
) -> None:
    path = put(folder / "auth.log")
    with connect(ssh_server, folder) as transport:
        [item] = transport.items(None)
        change(path)
        with pytest.raises(SourceError, match=rf"'auth\.log' {said}"):
            transport.open(item)


def test_a_file_that_grows_while_it_is_read_is_refused_by_name(ssh_server: Sshd, folder: Path) -> None:
    path = put(folder / "auth.log", b"x" * 20_000_000)
    with connect(ssh_server, folder) as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream:
            stream.read(10)
            grow(path)
            with pytest.raises(SourceError, match=r"'auth\.log' changed while it was read"):
                stream.read()


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a\nb", ""])
def test_a_name_that_leads_out_is_never_opened(name: str, ssh_server: Sshd, folder: Path) -> None:
    with pytest.raises(SourceError, match="is not a name that is opened"):
        connect(ssh_server, folder).open(Item(name, 5, AT))


def test_neither_the_key_nor_the_user_is_in_the_origin(ssh_server: Sshd, folder: Path) -> None:
    origin = connect(ssh_server, folder).origin(Item("名簿.csv", 1, AT))
    assert origin == f"sftp://127.0.0.1:{ssh_server.port}{folder}/%E5%90%8D%E7%B0%BF.csv"


def test_of_a_growing_log_come_the_bytes_that_it_had_when_it_was_opened(ssh_server: Sshd, folder: Path) -> None:
    path = put(folder / "auth.log", b"x" * 9_000_000)
    with connect(ssh_server, folder, growing=True) as transport:
        [item] = transport.items(None)
        grow(path)
        with transport.open(item) as stream:
            first = stream.read(10)
            grow(path)
            assert first + stream.read() == b"x" * 9_000_000 + b"more\n"
            assert (item.size, stream.item.size) == (9_000_000, 9_000_005)


def shorten(path: Path) -> None:
    os.truncate(path, 100)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(swap_link, "is a link: not followed since it was listed", id="a link swapped in"),
        pytest.param(shorten, "changed since it was listed", id="cut off"),
        pytest.param(Path.unlink, "is not there", id="removed"),
    ],
)
def test_a_growing_log_that_was_not_only_written_on_since_it_was_listed_is_refused(
    change: Callable[[Path], None], said: str, ssh_server: Sshd, folder: Path
) -> None:
    path = put(folder / "auth.log", b"x" * 1000)
    with connect(ssh_server, folder, growing=True) as transport:
        [item] = transport.items(None)
        change(path)
        with pytest.raises(SourceError, match=rf"'auth\.log' {said}"):
            transport.open(item)


def replace(path: Path) -> None:
    path.rename(path.with_name("auth.log.1"))
    put(path, b"new\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(shorten, "was cut off while it was read", id="cut off"),
        pytest.param(replace, "was replaced while it was read", id="another file under its name"),
    ],
)
def test_a_growing_log_that_does_anything_but_grow_while_it_is_read_is_refused(
    change: Callable[[Path], None], said: str, ssh_server: Sshd, folder: Path
) -> None:
    path = put(folder / "auth.log", b"x" * 9_000_000)
    with connect(ssh_server, folder, growing=True, pattern="auth.log") as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream, pytest.raises(SourceError, match=rf"'auth\.log' {said}"):
            stream.read(10)
            change(path)
            stream.read()
