"""A restore takes a backup whole or not at all, and says when it is older than what somebody knows."""

import io
import json
import random
import shutil
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from evidence.errors import ConfigError, IntegrityError, TenkenError
from evidence.ledger import keys as signing
from house import House, open_house, restore
from house.backup import backup
from house.heads import verify_ledger
from house.segments import Opening, Sealing, tarred
from reports.pack import envelope
from tests.backups import homes
from tests.backups.conftest import BOTH, Restoring
from tests.recipient import Recipient, openssl, recipient

Change = Callable[[list[tuple[tarfile.TarInfo, bytes]]], list[tuple[tarfile.TarInfo, bytes]]]


def opened(kept: Path, keeper: Recipient) -> list[tuple[tarfile.TarInfo, bytes]]:
    """The members of a backup."""
    with kept.open("rb") as file, Opening(kept, file, keeper.key) as stream, tarred(stream, "r|") as archive:
        return [(member, (archive.extractfile(member) or io.BytesIO()).read()) for member in archive]


def sealed(members: list[tuple[tarfile.TarInfo, bytes]], keeper: Recipient, to: Path, now: House) -> Path:
    """A backup of these members, made as a forger can: with the certificate alone."""
    certificate = envelope.recipient_at(keeper.certificate, now.clock.now())
    with to.open("wb") as file, Sealing(file, certificate) as stream, tarred(stream, "w|") as archive:
        for member, content in members:
            member.size = len(content) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(content))
    return to


PARTS = ("keys/", "vault/", "facts/", "database", "settings", "sources/")


def nothing_is_left(folder: Path) -> bool:
    return not any((folder / name).exists() for name in ("new", ".new.restoring"))


def refused(kept: Path, keeper: Recipient, folder: Path, database: str | None, match: str | None = None) -> None:
    target = homes.elsewhere(database)
    before = homes.tables(target) if target else 0
    with pytest.raises(IntegrityError, match=match):
        restore.restore(kept, keeper.key, folder / "new", database=target)
    assert nothing_is_left(folder)
    assert (homes.tables(target) if target else 0) == before


@BOTH
def test_another_key_does_not_open_it(kept: Path, address: str | None, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    refused(kept, recipient(tmp_path / "other"), tmp_path, address, "cannot be opened")


@BOTH
@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_truncated_file_is_refused_whole(
    kept: Path, keeper: Recipient, address: str | None, tmp_path: Path, share: float
) -> None:
    content = kept.read_bytes()
    kept.write_bytes(content[: int(len(content) * share)])
    refused(kept, keeper, tmp_path, address, kept.name)


@pytest.fixture
def lite(house: House, kept: Path) -> tuple[House, Path]:
    """A house on SQLite and its backup, for what has nothing to do with the database."""
    return house, kept


def test_a_bit_that_flipped_anywhere_is_seen(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    content, draws = lite[1].read_bytes(), random.Random(7)
    places = [draws.randrange(len(content)) for _ in range(20)]
    places += [draws.randrange(512) for _ in range(5)] + [len(content) - draws.randrange(1, 1500) for _ in range(5)]
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << draws.randrange(8)
        lite[1].write_bytes(changed)
        refused(lite[1], keeper, tmp_path, None)


def test_bytes_after_its_end_are_seen(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    with lite[1].open("ab") as file:
        file.write(b"\0")
    refused(lite[1], keeper, tmp_path, None)


def named(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def first(*added: tuple[tarfile.TarInfo, bytes]) -> Change:
    return lambda members: [*added, *members]


def dropped(start: str) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
        gone = next(one for one in members if one[0].name.startswith(start))
        return [one for one in members if one is not gone]

    return change


def altered(start: str) -> Change:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> list[tuple[tarfile.TarInfo, bytes]]:
        which = next(one for one in members if one[0].name.startswith(start))
        return [
            (member, content[:-1] + b"!") if member is which[0] else (member, content) for member, content in members
        ]

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(first((named("../outside"), b"x")), id="a way out"),
        pytest.param(first((named("/tmp/outside"), b"x")), id="an absolute name"),
        pytest.param(first((named("keys/../../outside"), b"x")), id="a way out by a folder"),
        pytest.param(first((named("keys", tarfile.SYMTYPE, ".."), b""), (named("keys/outside"), b"x")), id="a link"),
        pytest.param(first((named("vault/aa/x", tarfile.LNKTYPE, "settings.yaml"), b"")), id="a hard link"),
        pytest.param(first((named("sources/pipe", tarfile.FIFOTYPE), b"")), id="a pipe"),
        pytest.param(first((named("reports/x"), b"x")), id="a folder that no backup has"),
        pytest.param(first((named("sources/x.yaml"), b"x")), id="a file that the manifest does not name"),
        pytest.param(lambda members: [members[0], *members], id="a member twice"),
        pytest.param(lambda members: [*members, (named("sources/x.yaml"), b"x")], id="a member after the manifest"),
        pytest.param(lambda members: members[:-1], id="no manifest"),
        pytest.param(lambda members: [(named("manifest.json"), b"{}")], id="an empty manifest"),
        pytest.param(lambda members: [], id="nothing"),
        *(pytest.param(dropped(one), id=f"without {one}") for one in PARTS),
        *(pytest.param(altered(one), id=f"altered {one}") for one in PARTS),
    ],
)  # fmt: skip
def test_a_forged_archive_is_refused_whole(
    lite: tuple[House, Path], keeper: Recipient, tmp_path: Path, change: Change
) -> None:
    forged = sealed(change(opened(lite[1], keeper)), keeper, tmp_path / "forged.tar", lite[0])
    refused(forged, keeper, tmp_path, None)
    assert not list(tmp_path.rglob("outside"))


def test_control_the_same_archive_unchanged_is_taken(
    lite: tuple[House, Path], keeper: Recipient, tmp_path: Path
) -> None:
    again = sealed(opened(lite[1], keeper), keeper, tmp_path / "again.tar", lite[0])
    assert restore.restore(again, keeper.key, tmp_path / "new") == []


def test_a_home_that_holds_something_is_not_restored_over(house: House, kept: Path, back: Restoring) -> None:
    before = homes.content(house.home)
    with pytest.raises(ConfigError, match="not empty"):
        back(kept, house.home)
    assert homes.content(house.home) == before


def test_an_empty_folder_is_taken(kept: Path, back: Restoring, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert back(kept, tmp_path / "new") == []


@BOTH
def test_a_database_that_holds_something_is_not_restored_over(
    house: House, kept: Path, keeper: Recipient, address: str | None, tmp_path: Path
) -> None:
    taken = address or f"sqlite:///{house.home / 'tenken.db'}"
    before = homes.sizes(house)
    with pytest.raises(ConfigError, match=r"empty|already"):
        restore.restore(kept, keeper.key, tmp_path / "new", database=taken)
    assert homes.sizes(house) == before
    assert nothing_is_left(tmp_path)


@BOTH
def test_a_database_of_another_kind_is_refused(
    kept: Path, keeper: Recipient, address: str | None, tmp_path: Path
) -> None:
    other = f"sqlite:///{tmp_path / 'x.db'}" if address else "postgresql+psycopg://nobody@127.0.0.1:1/none"
    with pytest.raises(ConfigError, match="other kind"):
        restore.restore(kept, keeper.key, tmp_path / "new", database=other)
    assert nothing_is_left(tmp_path)
    assert not (tmp_path / "x.db").exists()


def test_a_key_that_is_none_is_refused(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    for wrong in (keeper.certificate, tmp_path / "none.pem"):
        with pytest.raises(ConfigError, match=wrong.name):
            restore.restore(lite[1], wrong, tmp_path / "new")
    assert nothing_is_left(tmp_path)


def test_a_key_behind_a_passphrase_is_refused_with_what_to_do(
    lite: tuple[House, Path], keeper: Recipient, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.pem"
    openssl("pkey", "-in", keeper.key, "-aes256", "-passout", "pass:x", "-out", locked)
    with pytest.raises(ConfigError, match="passphrase"):
        restore.restore(lite[1], locked, tmp_path / "new")


def test_an_old_backup_is_a_rollback_by_a_checkpoint_that_somebody_kept(
    house: House, kept: Path, back: Restoring, tmp_path: Path
) -> None:
    before = homes.sizes(house)
    notes = homes.grown(house, date(2026, 4, 3))
    (tmp_path / "mail.txt").write_text(notes["tenken/AOBA"], "utf-8")
    problems = back(kept, tmp_path / "new", checkpoint=tmp_path / "mail.txt")
    lost = homes.sizes(house)["tenken/AOBA"]
    [told] = problems
    assert "ROLLBACK (巻き戻し)" in told
    assert f"entries {before['tenken/AOBA']} to {lost - 1}" in told
    assert (tmp_path / "new" / "settings.yaml").exists()


@BOTH
def test_an_old_backup_is_a_rollback_by_the_heads_of_a_keys_folder(
    house: House, kept: Path, back: Restoring, tmp_path: Path
) -> None:
    keys = homes.remember(house, homes.grown(house, date(2026, 4, 3)))
    problems = back(kept, tmp_path / "new", keys=keys)
    assert {told.split(": ")[1] for told in problems} == {"tenken/AOBA", "tenken/AOI", "tenken/group"}
    assert all(told.startswith("ROLLBACK") for told in problems)
    for log in ("tenken/AOBA", "tenken/AOI", "tenken/group"):  # what the signer holds its next head against
        name = signing.place(Path(), log).name + ".head"
        assert (tmp_path / "new" / "keys" / name).read_text() == (keys / name).read_text()


def test_control_without_the_comparison_an_old_backup_passes_unseen(
    house: House, kept: Path, back: Restoring, tmp_path: Path
) -> None:
    homes.grown(house, date(2026, 4, 3))
    assert back(kept, tmp_path / "new") == []


def test_a_head_that_the_backup_grew_from_is_no_rollback(
    house: House, keeper: Recipient, back: Restoring, tmp_path: Path
) -> None:
    keys = homes.remember(house, notes := homes.grown(house, date(2026, 4, 3)))
    (tmp_path / "mail.txt").write_text("\n".join(notes.values()), "utf-8")
    homes.grown(house, date(2026, 4, 4))
    kept = backup(house, tmp_path / "kept.tar", keeper.certificate).path
    assert back(kept, tmp_path / "new", keys=keys, checkpoint=tmp_path / "mail.txt") == []


def test_another_history_of_the_same_length_is_a_rollback(
    house: House, kept: Path, keeper: Recipient, back: Restoring, tmp_path: Path
) -> None:
    back(kept, tmp_path / "fork")
    with homes.reopened(tmp_path / "fork") as fork:
        notes = homes.grown(fork, date(2026, 4, 4))
    (tmp_path / "mail.txt").write_text(notes["tenken/AOBA"], "utf-8")
    homes.grown(house, date(2026, 4, 3))
    newer = backup(house, tmp_path / "newer.tar", keeper.certificate).path
    [told] = back(newer, tmp_path / "new", checkpoint=tmp_path / "mail.txt")
    assert "ROLLBACK (巻き戻し)" in told
    assert "another history" in told


def test_a_checkpoint_that_no_key_of_the_house_signed_is_named(
    lite: tuple[House, Path], keeper: Recipient, tmp_path: Path
) -> None:
    stranger = homes.small(tmp_path / "stranger")
    (tmp_path / "mail.txt").write_text(homes.grown(stranger, date(2026, 4, 3))["tenken/AOBA"], "utf-8")
    problems = restore.restore(lite[1], keeper.key, tmp_path / "new", checkpoint=tmp_path / "mail.txt")
    assert any("not signed by" in told for told in problems)


@pytest.mark.parametrize("text", ["", "none\n", "tenken/AOBA\n3\nAAAA\n"])
def test_a_file_that_is_no_checkpoint_is_refused_before_anything_is_restored(
    lite: tuple[House, Path], keeper: Recipient, tmp_path: Path, text: str
) -> None:
    (tmp_path / "mail.txt").write_text(text)
    with pytest.raises(ConfigError, match=r"mail\.txt"):
        restore.restore(lite[1], keeper.key, tmp_path / "new", checkpoint=tmp_path / "mail.txt")
    assert nothing_is_left(tmp_path)


def test_a_keys_folder_without_heads_is_refused(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    keys = Path(shutil.copytree(lite[0].home / "keys", tmp_path / "keys", ignore=shutil.ignore_patterns("*.head")))
    with pytest.raises(ConfigError, match="no head"):
        restore.restore(lite[1], keeper.key, tmp_path / "new", keys=keys)
    shutil.rmtree(keys)
    assert nothing_is_left(tmp_path)


def test_what_was_wrong_in_the_house_is_told_and_stays_to_be_looked_at(
    house: House, keeper: Recipient, back: Restoring, tmp_path: Path
) -> None:
    lost = next(path for path in (house.home / "vault").glob("??/*"))
    lost.unlink()
    kept = backup(house, tmp_path / "kept.tar", keeper.certificate).path
    problems = back(kept, tmp_path / "new")
    assert [told for told in problems if lost.name[:64] in told]
    assert (tmp_path / "new").is_dir()


def test_a_backup_of_a_newer_program_is_refused(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    members = opened(lite[1], keeper)
    manifest = json.loads(members[-1][1])
    manifest["database"]["revision"] = "9999"
    newer = [*members[:-1], (members[-1][0], json.dumps(manifest).encode())]
    forged = sealed(newer, keeper, tmp_path / "newer.tar", lite[0])
    with pytest.raises(ConfigError, match="newer"):
        restore.restore(forged, keeper.key, tmp_path / "new")
    assert nothing_is_left(tmp_path)


def test_a_restored_home_opens_at_its_place(kept: Path, back: Restoring, tmp_path: Path) -> None:
    back(kept, tmp_path / "new")
    house = open_house(tmp_path / "new")
    with house.store.read() as tx:
        assert tx.ledger.logs()
    house.store.close()


def test_what_an_ended_restore_left_is_named(lite: tuple[House, Path], keeper: Recipient, tmp_path: Path) -> None:
    (tmp_path / ".new.restoring").mkdir()
    with pytest.raises(TenkenError, match="restoring"):
        restore.restore(lite[1], keeper.key, tmp_path / "new")


def test_two_persons_accept_what_is_lost_and_each_log_says_so(
    house: House, kept: Path, back: Restoring, tmp_path: Path
) -> None:
    notes = homes.grown(house, date(2026, 4, 3))
    back(kept, tmp_path / "new", keys=homes.remember(house, notes))
    with homes.reopened(tmp_path / "new") as restored:
        with pytest.raises(ConfigError, match="two persons"):
            restore.accept(restored, "P-1", "P-1", "火災")
        assert len(restore.accept(restored, "P-1", "P-2", "火災")) == 3
        with restored.store.read() as tx:
            last = {log: json.loads(tx.ledger.leaves(log)[-1].leaf) for log in notes}
        assert {entry["kind"] for entry in last.values()} == {"rollback"}
        assert {log: entry["lost"] for log, entry in last.items()} == notes
        assert len(list((restored.home / "keys").glob("*.head.lost"))) == 3
        homes.grown(restored, date(2026, 4, 10))
        assert verify_ledger(restored) == []


def test_two_persons_accept_that_what_a_signer_remembered_is_gone(house: House) -> None:
    path = house.home / "keys" / "ledger-group.head"
    homes.remember(house, homes.grown(house, date(2026, 4, 3)))
    path.unlink()
    [lost] = restore.accept(house, "P-1", "P-2", "誤って消した")
    assert "tenken/group: what its signer signed last is gone" in lost
    with house.store.read() as tx:
        stored = tx.checkpoints.latest("tenken/group")
        entry = json.loads(tx.ledger.leaves("tenken/group")[-1].leaf)
    assert (entry["kind"], entry["lost"]) == ("rollback", None)
    assert stored is not None
    assert path.read_text("utf-8") == stored[1]
    assert verify_ledger(house) == []


def test_where_nothing_is_lost_nothing_is_accepted(house: House, tmp_path: Path) -> None:
    homes.remember(house, homes.grown(house, date(2026, 4, 3)))
    before = homes.sizes(house)
    with pytest.raises(ConfigError, match="no loss"):
        restore.accept(house, "P-1", "P-2", "火災")
    assert homes.sizes(house) == before
