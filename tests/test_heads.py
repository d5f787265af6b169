"""Signing the heads of a home: what was signed is remembered beside the key, and a key gives way to another."""

import json
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence import ledger
from evidence.clock import StandingClock
from evidence.errors import Tampered
from evidence.ledger import keys as signing
from evidence.ledger import note, signer
from house import House, create, heads, open_house
from tests.faults.test_durable import Calls

CODE = "AOBA"
LOG = ledger.log_of(CODE)
AT = datetime(2026, 4, 2, 3, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return create(tmp_path / "home", "青葉グループ", [(CODE, "株式会社青葉")], StandingClock(AT))


def told(house: House, name: str) -> None:
    with house.store.write() as tx:
        tx.ledger.append(LOG, {"kind": "collected", "slot": name}, name)


def restored(house: House, copy: Path) -> House:
    """The house with its database as it was when it was copied; its keys stay."""
    house.store.close()
    for name in ("tenken.db", "tenken.db-wal", "tenken.db-shm"):
        (house.home / name).unlink(missing_ok=True)
    shutil.copyfile(copy, house.home / "tenken.db")
    return open_house(house.home, StandingClock(AT))


def copied(house: House, to: Path) -> Path:
    house.store.close()
    return Path(shutil.copyfile(house.home / "tenken.db", to))


def test_an_older_database_is_reported_and_no_head_of_it_is_signed(house: House, tmp_path: Path) -> None:
    told(house, "1")
    heads.checkpoint(house)
    copy = copied(house, tmp_path / "old.db")
    told(house, "2")
    heads.checkpoint(house)
    assert heads.verify_ledger(house) == []
    older = restored(house, copy)
    assert any("rollback" in problem and LOG in problem for problem in heads.verify_ledger(older))
    with pytest.raises(Tampered, match="rollback"):
        heads.checkpoint(older)
    told(older, "another 2")
    assert any("are not those that were signed" in problem for problem in heads.verify_ledger(older))
    with pytest.raises(Tampered, match="are not those that were signed"):
        heads.checkpoint(older)


def test_a_log_that_is_refused_keeps_no_other_from_being_signed(tmp_path: Path) -> None:
    house = create(
        tmp_path / "home", "青葉グループ", [(CODE, "株式会社青葉"), ("MIDORI", "株式会社緑")], StandingClock(AT)
    )
    copy = copied(house, tmp_path / "old.db")
    told(house, "1")
    heads.checkpoint(house)
    older = restored(house, copy)
    signing.last_head(house.home / "keys", ledger.GROUP).path.unlink()  # of all logs one alone is refused
    with pytest.raises(Tampered, match=f"{LOG}: 2 leaves were signed and 1 are left") as refused:
        heads.checkpoint(older)
    assert "MIDORI" not in str(refused.value)
    with older.store.read() as tx:
        signed = [log for log in (LOG, ledger.log_of("MIDORI"), ledger.GROUP) if tx.checkpoints.latest(log)]
        [anchor] = [json.loads(one.leaf) for one in tx.ledger.leaves(ledger.GROUP) if b"anchor" in one.leaf]
    assert signed == [ledger.log_of("MIDORI"), ledger.GROUP]
    assert [head["log"] for head in anchor["heads"]] == [ledger.log_of("MIDORI")]


def test_a_company_whose_code_begins_like_the_group_keeps_the_group_from_nothing(tmp_path: Path) -> None:
    house = create(tmp_path / "home", "青葉グループ", [("group-east", "株式会社青葉")], StandingClock(AT))
    heads.checkpoint(house)
    with house.store.write() as tx:
        tx.ledger.append(ledger.GROUP, {"kind": "noted"}, "noted")
    signing.last_head(house.home / "keys", ledger.log_of("group-east")).path.unlink()
    with pytest.raises(Tampered, match="tenken/group-east"):
        heads.checkpoint(house)
    with house.store.read() as tx:
        assert tx.checkpoints.latest(ledger.GROUP)[0] == tx.ledger.size(ledger.GROUP)  # type: ignore[index]  # it was signed before


def test_who_removes_what_the_signer_remembers_is_told_and_gets_no_signature(house: House, tmp_path: Path) -> None:
    told(house, "1")
    heads.checkpoint(house)
    copy = copied(house, tmp_path / "old.db")
    told(house, "2")
    heads.checkpoint(house)
    older = restored(house, copy)
    for path in (house.home / "keys").glob("*.head"):
        path.unlink()
    gone = [problem for problem in heads.verify_ledger(older) if "what its signer signed last is gone" in problem]
    assert [problem.partition(": ")[0] for problem in gone] == [LOG, ledger.GROUP]
    told(older, "another 2")
    with pytest.raises(Tampered, match=f"{LOG}: what its signer signed last is gone"):
        heads.checkpoint(older)
    assert not list((house.home / "keys").glob("*.head"))


def test_control_without_what_the_signer_remembers_two_roots_get_one_size(house: House, tmp_path: Path) -> None:
    copy = copied(house, tmp_path / "old.db")
    told(house, "1")
    first = heads.checkpoint(house)[LOG]
    older = restored(house, copy)
    for path in (house.home / "keys").glob("*.head"):
        path.unlink()
    told(older, "another 1")
    second = heads.checkpoint(older)[LOG]
    assert first.splitlines()[:2] == second.splitlines()[:2]
    assert first.splitlines()[2] != second.splitlines()[2]


@pytest.mark.parametrize("killed_after", [0, 1], ids=["a company's head", "the group's head"])
def test_who_is_killed_between_remembering_and_releasing_leaves_one_root_a_size(
    house: House, killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(house, "1")
    heads.checkpoint(house)
    told(house, "2")
    house.store.close()
    keep, kept = signer.LastHead.keep, list[str]()

    def keep_and_die(last: signer.LastHead, signed: str) -> None:
        keep(last, signed)
        kept.append(signed)
        if len(kept) > killed_after:
            os.kill(os.getpid(), signal.SIGKILL)

    if not (child := os.fork()):
        monkeypatch.setattr(signer.LastHead, "keep", keep_and_die)
        heads.checkpoint(house)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    remembered = {log: signing.last_head(house.home / "keys", log).read() for log in (LOG, ledger.GROUP)}
    signed = heads.checkpoint(house)
    assert signed[LOG] == remembered[LOG]
    assert killed_after == 0 or signed[ledger.GROUP] == remembered[ledger.GROUP]
    assert heads.verify_ledger(house) == []
    told(house, "3")
    heads.checkpoint(house)
    assert heads.verify_ledger(house) == []


def test_a_head_is_on_the_disk_before_it_is_released(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told(house, "1")
    calls = Calls(house.home)
    with calls.noted(monkeypatch):
        heads.checkpoint(house)
    assert calls.broken() == []
    named = [to for what, _, to in calls.seen if what == "rename"]
    assert named == ["keys/ledger-group.head", f"keys/ledger-{CODE}.head", "keys/ledger-group.head"]
    assert [what for what, *_ in calls.seen if what in ("rename", "commit")] == [
        "rename", "commit", "rename", "commit", "commit", "rename", "commit",
    ]  # fmt: skip  # between them the anchor


def signatures(house: House) -> dict[int, int]:
    with house.store.read() as tx:
        return {size: len(note.parse(signed).signatures) for size, signed in tx.checkpoints.all(LOG)}


def test_a_key_gives_way_to_another(house: House) -> None:
    told(house, "1")
    before = house.vkey(CODE)
    after = str(heads.rotate(house, LOG, "P-1", "yearly"))
    told(house, "2")
    heads.checkpoint(house)
    assert (house.vkey(CODE), after == before) == (after, False)
    assert signatures(house) == {2: 1, 3: 2, 4: 1}
    assert heads.verify_ledger(house) == []
    assert sorted(path.name for path in (house.home / "keys").glob(f"ledger-{CODE}*")) == [
        f"ledger-{CODE}", f"ledger-{CODE}.head",
    ]  # fmt: skip


def test_the_groups_key_gives_way_too(house: House) -> None:
    heads.rotate(house, ledger.GROUP, "P-1", "yearly")
    heads.rotate(house, ledger.GROUP, "P-1", "again")
    assert heads.verify_ledger(house) == []


def stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("stage", ["successor", "entry", "succeed"])
@pytest.mark.parametrize("then", ["rotate", "checkpoint"])
def test_a_change_of_keys_that_was_broken_off_is_ended(
    house: House, stage: str, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(house, "1")
    before, steps = house.vkey(CODE), list[int]()

    def checkpoint_or_stop(of: House, real: Callable[[House], dict[str, str]] = heads.checkpoint) -> dict[str, str]:
        steps.append(1)
        return real(of) if len(steps) == 1 else (_ for _ in ()).throw(KeyboardInterrupt)

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        if stage == "successor":
            broken.setattr("evidence.ledger.rotation.entry", lambda *_: stop())
        elif stage == "entry":
            broken.setattr(heads, "checkpoint", checkpoint_or_stop)
        else:
            broken.setattr(signing, "succeed", lambda *_: stop())
        heads.rotate(house, LOG, "P-1", "yearly")
    heads.checkpoint(house) if then == "checkpoint" else heads.rotate(house, LOG, "P-1", "yearly")
    changed = house.vkey(CODE) != before
    assert changed == (then == "rotate" or stage != "successor")
    with house.store.read() as tx:
        assert len(tx.ledger.claimed_under(LOG, f"keychange|{LOG}|")) == int(changed)
    told(house, "2")
    heads.checkpoint(house)
    assert heads.verify_ledger(house) == []
