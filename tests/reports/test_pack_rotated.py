"""A pack proves itself to whoever holds a key of before or after a change of keys, and to nobody with another."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence.ledger import log_of, note
from evidence.ledger.keys import SigningKey
from house import heads, open_house
from tests.homes import copied
from tests.outside import CODE
from tests.reports.packed import VERIFIER, Issued, hand_out, problems, reseal, rewrite_ledger, verified

LOG = log_of(CODE)
THIEF = SigningKey.from_seed(LOG, b"t" * 32)


@pytest.fixture(scope="module")
def rotated(issued: Issued, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """The same group after its key was changed, with a pack of then."""
    folder = tmp_path_factory.mktemp("rotated")
    home = copied(issued.house.home, folder / "home")
    later = replace(issued, house=open_house(home), folder=folder / "packs", zips=folder / "zips")
    later.zips.mkdir()
    heads.rotate(later.house, LOG, "P-1", "yearly")
    hand_out(later, "masked", CODE)
    return later


def test_the_key_of_before_and_the_new_one_verify_it(issued: Issued, rotated: Issued, tmp_path: Path) -> None:
    pack = rotated.pack("masked", tmp_path)
    assert issued.vkey() != rotated.vkey()
    assert problems(pack, issued.vkey()) == problems(pack, rotated.vkey()) == []
    code, told = verified(pack, issued.vkey())
    assert (code, f"the key was changed since 鍵は更新済み: {rotated.vkey()}" in told) == (0, True)
    assert "the key was changed" not in verified(pack, rotated.vkey())[1]


@pytest.mark.parametrize("which", ["before", "after"])
def test_a_checkpoint_of_before_shows_growth(issued: Issued, rotated: Issued, tmp_path: Path, which: str) -> None:
    pack, last = rotated.pack("masked", tmp_path), issued.folder / "masked" / "checkpoint"
    assert problems(pack, (issued if which == "before" else rotated).vkey(), last) == []


def test_a_pack_of_before_does_not_know_the_new_key(issued: Issued, rotated: Issued, tmp_path: Path) -> None:
    assert problems(issued.pack("masked", tmp_path), rotated.vkey()) != []


def test_a_change_that_was_broken_off_is_ended_before_a_pack_is_sealed(
    issued: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copied(issued.house.home, tmp_path / "home")
    later = replace(issued, house=open_house(home), folder=tmp_path / "packs", zips=tmp_path / "zips")
    later.zips.mkdir()
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("evidence.ledger.keys.succeed", interrupted)
        heads.rotate(later.house, LOG, "P-1", "yearly")
    pack = hand_out(later, "masked", CODE)
    assert problems(pack, issued.vkey()) == problems(pack, later.vkey()) == []


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def without_the_old_key(old: note.VerifierKey) -> dict[str, Any]:
    text = f"{LOG}/keychange\n{old}\n{THIEF.vkey}\n"
    return {"kind": "keychange", "actor": "P-1", "vkey": str(THIEF.vkey), "note": note.sign(text, [THIEF])}


def stolen(issued: Issued, to: Path) -> Path:
    """A pack whose ledger hands the log over to a thief who has no key of it."""
    pack = issued.pack("masked", to)

    def hand_over(leaves: list[dict[str, Any]]) -> None:
        leaves.append({**without_the_old_key(issued.key().vkey), "seq": len(leaves), "at": leaves[-1]["at"], "v": 1})

    rewrite_ledger(pack, THIEF, hand_over)
    reseal(pack, THIEF)
    return pack


def test_a_thief_cannot_name_itself_the_next_key(issued: Issued, tmp_path: Path) -> None:
    told = problems(stolen(issued, tmp_path), issued.vkey())
    assert any("a change of keys that its keys did not sign" in one for one in told)
    assert f"checkpoint: the signature is not {LOG}'s" in told


def test_control_only_the_old_keys_signature_stops_it(
    issued: Issued, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, real = stolen(issued, tmp_path), VERIFIER.Key.signed
    old = issued.key().vkey.key_id
    monkeypatch.setattr(VERIFIER.Key, "signed", lambda key, *of: key.id == old or real(key, *of))
    assert problems(pack, issued.vkey()) == []


def old_head(rotated: Issued, issued: Issued, pack: Path) -> None:
    text = (pack / "checkpoint").read_text("utf-8").rpartition("\n\n")[0] + "\n"
    (pack / "checkpoint").write_text(note.sign(text, [issued.key()]), "utf-8", newline="")
    reseal(pack, rotated.key())


def old_seal(rotated: Issued, issued: Issued, pack: Path) -> None:
    reseal(pack, issued.key())


@pytest.mark.parametrize(("forge", "name"), [(old_head, "checkpoint"), (old_seal, "seal.sig")], ids=["head", "seal"])
def test_what_the_old_key_signs_after_the_change_is_refused(
    issued: Issued, rotated: Issued, tmp_path: Path, forge: Callable[[Issued, Issued, Path], None], name: str
) -> None:
    pack = rotated.pack("masked", tmp_path)
    forge(rotated, issued, pack)
    for key in (issued.vkey(), rotated.vkey()):
        assert problems(pack, key) == [f"{name}: the signature is not {LOG}'s"]
