"""A folder: regular files only, never through a link, and nothing left out without a word."""

import errno
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collectors.transports import Cursor, Item, Refused, local
from collectors.transports.local import LocalFolder
from evidence.errors import SourceError, SourceUnreachable

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def put(path: Path, content: bytes = b"line\n", at: datetime = AT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def names(transport: LocalFolder, since: Cursor | None = None) -> list[str]:
    return [item.name for item in transport.items(since)]


def test_files_are_listed_oldest_first_then_by_name(folder: Path) -> None:
    put(folder / "new.csv", at=AT + timedelta(days=1))
    put(folder / "b.csv")
    put(folder / "a.csv")
    assert names(LocalFolder(folder, "*.csv")) == ["a.csv", "b.csv", "new.csv"]


def test_an_item_has_size_and_time(folder: Path) -> None:
    put(folder / "人事名簿.csv", b"12345")
    assert list(LocalFolder(folder, "*").items(None)) == [Item("人事名簿.csv", 5, AT)]


def test_the_bytes_are_handed_over_as_they_are(folder: Path) -> None:
    content = bytes(range(256)) * 5000
    put(folder / "log", content)
    with LocalFolder(folder, "*") as transport:
        [item] = transport.items(None)
        with transport.open(item) as stream:
            assert stream.read(3) + stream.read() == content


def test_folders_are_looked_into_where_the_pattern_says_so(folder: Path) -> None:
    put(folder / "a.csv")
    put(folder / "2026" / "05" / "b.csv")
    put(folder / "2026" / "05" / "b.txt")
    assert names(LocalFolder(folder, "**/*.csv")) == ["2026/05/b.csv", "a.csv"]
    assert names(LocalFolder(folder, "*.csv")) == ["a.csv"]


def test_a_cursor_leaves_out_what_is_older_and_keeps_its_own_instant(folder: Path) -> None:
    put(folder / "old", at=AT - timedelta(microseconds=1))
    put(folder / "same")
    put(folder / "new", at=AT + timedelta(seconds=1))
    assert names(LocalFolder(folder, "*"), Cursor(AT)) == ["same", "new"]


def make_link(folder: Path) -> None:
    (folder / "x.csv").symlink_to("/etc/passwd")


def make_broken_link(folder: Path) -> None:
    (folder / "x.csv").symlink_to("/nonexistent")


def make_link_to_folder(folder: Path) -> None:
    (folder / "x.csv").symlink_to("/etc")


def make_fifo(folder: Path) -> None:
    os.mkfifo(folder / "x.csv")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(make_link, "is a link: not followed", id="a link"),
        pytest.param(make_broken_link, "is a link: not followed", id="a link to nothing"),
        pytest.param(make_link_to_folder, "is a link: not followed", id="a link to a folder"),
        pytest.param(make_fifo, "is not a regular file", id="a fifo"),
    ],
)
def test_what_is_no_regular_file_is_refused_by_name(make: Callable[[Path], None], why: str, folder: Path) -> None:
    make(folder)
    put(folder / "good.csv")
    transport = LocalFolder(folder, "*.csv")
    assert names(transport) == ["good.csv"]
    assert transport.refused == [Refused("'x.csv'", why)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(b"a\nb.csv", r"'a\nb.csv'", id="a line break"),
        pytest.param(b"\x1b[2J.csv", r"'\x1b[2J.csv'", id="an escape sequence"),
        pytest.param("\u202egpj.csv".encode(), r"'\u202egpj.csv'", id="text turned round"),
        pytest.param("名簿.csv".encode("cp932"), r"'\udc96\udcbc\udc95\udceb.csv'", id="not UTF-8"),
    ],
)
def test_a_misleading_name_is_refused_and_printed_safely(name: bytes, shown: str, folder: Path) -> None:
    Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).touch()  # noqa: PTH118  (Path takes no bytes)
    transport = LocalFolder(folder, "*.csv")
    assert names(transport) == []
    assert [refused.name for refused in transport.refused] == [shown]


def test_a_link_above_a_file_is_not_walked_through(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "b.csv")
    (folder / "2026").symlink_to(tmp_path / "elsewhere")
    transport = LocalFolder(folder, "*/*.csv")
    assert names(transport) == []
    assert transport.refused == [Refused("'2026'", "is a link: not followed")]


def swap_file(folder: Path) -> None:
    (folder / "2026" / "b.csv").unlink()
    (folder / "2026" / "b.csv").symlink_to("/etc/passwd")


def swap_folder(folder: Path) -> None:
    (folder / "2026").rename(folder.parent / "elsewhere")
    (folder / "2026").symlink_to(folder.parent / "elsewhere")


def swap_fifo(folder: Path) -> None:
    (folder / "2026" / "b.csv").unlink()
    os.mkfifo(folder / "2026" / "b.csv")


def remove(folder: Path) -> None:
    (folder / "2026" / "b.csv").unlink()


def append(folder: Path, name: str = "2026/b.csv") -> None:
    with (folder / name).open("ab") as file:
        file.write(b"more\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(swap_file, "cannot be opened without following a link", id="a link swapped in"),
        pytest.param(swap_folder, "cannot be opened without following a link", id="a link swapped in above"),
        pytest.param(swap_fifo, "is not a regular file any more", id="a fifo swapped in"),
        pytest.param(remove, "is gone since it was listed", id="removed"),
        pytest.param(append, "changed since it was listed", id="grown"),
    ],
)
def test_what_changed_between_listing_and_opening_is_refused(
    change: Callable[[Path], None], said: str, folder: Path
) -> None:
    put(folder / "2026" / "b.csv")
    transport = LocalFolder(folder, "*/*.csv")
    [item] = transport.items(None)
    change(folder)
    with pytest.raises(SourceError, match=f"'2026/b.csv' {said}"):
        transport.open(item)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", ""])
def test_a_name_that_leads_out_is_never_opened(name: str, folder: Path) -> None:
    put(folder.parent / "secret")
    with pytest.raises(SourceError, match="is not a name that is opened"):
        LocalFolder(folder, "*").open(Item(name, 5, AT))


def read_while_growing(folder: Path) -> bytes:
    put(folder / "auth.log", b"x" * 1_000_000)
    transport = LocalFolder(folder, "*")
    [item] = transport.items(None)
    with transport.open(item) as stream:
        first = stream.read(10)
        with (folder / "auth.log").open("ab") as file:
            file.write(b"more\n")
        return first + stream.read()


def test_a_file_that_grows_while_it_is_read_is_refused_by_name(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"'auth\.log' changed while it was read"):
        read_while_growing(folder)


def test_control_without_the_check_the_grown_file_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "check_whole", lambda *_: None)
    assert len(read_while_growing(folder)) == 1_000_005


def test_a_file_cut_off_while_it_is_read_is_refused(folder: Path) -> None:
    path = put(folder / "auth.log", b"x" * 1_000_000)
    transport = LocalFolder(folder, "*")
    [item] = transport.items(None)
    with transport.open(item) as stream, pytest.raises(SourceError, match="changed while it was read"):
        stream.read(10)
        os.truncate(path, 500_000)
        stream.read()


def test_a_folder_that_is_not_there_may_be_tried_again(folder: Path) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be listed: No such file"):
        names(LocalFolder(folder / "none", "*"))


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder / "2026" / "b.csv")
    watch_scandir(monkeypatch, refused="2026")
    with pytest.raises(SourceUnreachable, match="'2026' cannot be listed: Permission denied"):
        names(LocalFolder(folder, "**/*.csv"))


def test_a_folder_that_cannot_hold_a_match_is_not_looked_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder / "2026" / "b.csv")
    put(folder / "private" / "b.csv")
    listed = watch_scandir(monkeypatch, refused="private")
    names(LocalFolder(folder, "2026/*.csv"))
    assert listed == ["evidence", "2026"]


def watch_scandir(monkeypatch: pytest.MonkeyPatch, refused: str) -> list[str]:
    """Refuse one folder, which file modes do not do to root; the names of the folders that were listed."""
    listed: list[str] = []
    scandir = os.scandir

    def watched(path: Path) -> Iterator[os.DirEntry[str]]:
        listed.append(Path(path).name)
        if listed[-1] == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", watched)
    return listed


def test_the_origin_is_a_file_uri(folder: Path) -> None:
    transport = LocalFolder(folder, "*")
    assert transport.origin(Item("名簿.csv", 1, AT)) == f"file://{folder}/%E5%90%8D%E7%B0%BF.csv"


def test_a_folder_of_the_options_lies_in_the_home(tmp_path: Path) -> None:
    built = local.build(local.Options(kind="local", folder="inbox/hr"), tmp_path)
    assert built.folder == tmp_path / "inbox" / "hr"


def grown(folder: Path, *, growing: bool) -> tuple[Item, Item, bytes]:
    """A log that is written on between listing and opening, and again while it is read."""
    put(folder / "auth.log", b"x" * 1_000_000)
    transport = LocalFolder(folder, "*", growing=growing)
    [item] = transport.items(None)
    with (folder / "auth.log").open("ab") as file:
        file.write(b"more\n")
    with transport.open(item) as stream:
        first = stream.read(10)
        with (folder / "auth.log").open("ab") as file:
            file.write(b"and more\n")
        return item, stream.item, first + stream.read()


def test_of_a_growing_log_come_the_bytes_that_it_had_when_it_was_opened(folder: Path) -> None:
    listed, opened, content = grown(folder, growing=True)
    assert content == b"x" * 1_000_000 + b"more\n"
    assert (listed.size, opened.size) == (1_000_000, 1_000_005)
    assert opened.modified > listed.modified


def test_control_a_log_that_is_not_declared_growing_is_refused(folder: Path) -> None:
    with pytest.raises(SourceError, match="changed since it was listed"):
        grown(folder, growing=False)


def test_an_empty_growing_log_has_no_bytes(folder: Path) -> None:
    put(folder / "auth.log", b"")
    transport = LocalFolder(folder, "*", growing=True)
    [item] = transport.items(None)
    with transport.open(item) as stream:
        append(folder, "auth.log")
        assert stream.read() == b""


def shorten(path: Path) -> None:
    os.truncate(path, 500_000)


def rotate(path: Path) -> None:
    path.rename(path.with_name("auth.log.1"))
    path.write_bytes(b"y" * 2_000_000)


def move_away(path: Path) -> None:
    path.rename(path.with_name("auth.log.1"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(shorten, "was cut off while it was read", id="cut off"),
        pytest.param(rotate, "was replaced while it was read", id="another file under its name"),
        pytest.param(move_away, "was replaced while it was read", id="no file under its name"),
    ],
)
def test_a_growing_log_that_does_anything_but_grow_is_refused(
    change: Callable[[Path], None], said: str, folder: Path
) -> None:
    path = put(folder / "auth.log", b"x" * 1_000_000)
    transport = LocalFolder(folder, "auth.log", growing=True)
    [item] = transport.items(None)
    with transport.open(item) as stream, pytest.raises(SourceError, match=rf"'auth\.log' {said}"):
        stream.read(10)
        change(path)
        stream.read()


@pytest.mark.parametrize("change", [shorten, rotate], ids=["cut off", "another file under its name"])
@pytest.mark.parametrize("growing", [True, False], ids=["growing", "still"])
def test_a_log_that_was_not_only_written_on_since_it_was_listed_is_refused(
    growing: bool, change: Callable[[Path], None], folder: Path
) -> None:
    path = put(folder / "auth.log", b"x" * 1_000_000)
    transport = LocalFolder(folder, "auth.log", growing=growing)
    [item] = transport.items(None)
    change(path)
    with pytest.raises(SourceError, match="changed since it was listed"):
        transport.open(item)
