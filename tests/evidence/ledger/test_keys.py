import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.errors import ConfigError
from evidence.ledger import keys

LOG = "tenken/AOI"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_a_created_key_is_loaded_and_signs_for_its_log(folder: Path) -> None:
    vkey = keys.create(folder, LOG)
    key = keys.load(folder, LOG)
    key.vkey.check(b"text", key.sign(b"text"))
    assert (vkey.name, key.vkey, keys.vkey(folder, LOG)) == (LOG, vkey, vkey)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777], ids=oct)
def test_a_key_file_is_its_owners_only_whatever_the_umask(folder: Path, umask: int) -> None:
    folder.mkdir()
    before = os.umask(umask)
    try:
        keys.create(folder, LOG)
    finally:
        os.umask(before)
    assert stat.S_IMODE(keys.place(folder, LOG).stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == ["ledger-AOI"]


def test_two_keys_are_never_the_same(folder: Path) -> None:
    assert keys.create(folder, LOG).public != keys.create(folder, "tenken/KAEDE").public


def test_a_key_is_not_overwritten(folder: Path) -> None:
    vkey = keys.create(folder, LOG)
    with pytest.raises(ConfigError, match="exists already"):
        keys.create(folder, LOG)
    assert keys.vkey(folder, LOG) == vkey
    assert [file.name for file in folder.iterdir()] == ["ledger-AOI"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700, 0o644, 0o4600], ids=oct)
def test_a_key_file_with_a_wider_mode_is_refused(folder: Path, mode: int) -> None:
    keys.create(folder, LOG)
    keys.place(folder, LOG).chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        keys.load(folder, LOG)


def test_a_narrower_mode_is_fine(folder: Path) -> None:
    vkey = keys.create(folder, LOG)
    keys.place(folder, LOG).chmod(0o400)
    assert keys.load(folder, LOG).vkey == vkey


def test_a_link_to_a_key_is_refused(folder: Path) -> None:
    keys.create(folder, LOG)
    keys.place(folder, LOG).rename(folder / "elsewhere")
    keys.place(folder, LOG).symlink_to(folder / "elsewhere")
    with pytest.raises(ConfigError, match="cannot be read"):
        keys.load(folder, LOG)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_user_is_refused(folder: Path) -> None:
    keys.create(folder, LOG)
    os.chown(keys.place(folder, LOG), 65534, -1)
    with pytest.raises(ConfigError, match="another user"):
        keys.load(folder, LOG)


def test_a_pipe_in_the_place_of_a_key_is_refused_without_waiting(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(keys.place(folder, LOG), 0o600)
    with pytest.raises(ConfigError, match="regular file"):
        keys.load(folder, LOG)


def test_a_missing_key_says_what_creates_it(folder: Path) -> None:
    with pytest.raises(ConfigError, match="tenken db upgrade"):
        keys.load(folder, LOG)


def test_the_key_of_one_company_does_not_load_as_anothers(folder: Path) -> None:
    keys.create(folder, LOG)
    keys.place(folder, LOG).rename(keys.place(folder, "tenken/KAEDE"))
    with pytest.raises(ConfigError, match="not the signing key of the log tenken/KAEDE"):
        keys.load(folder, "tenken/KAEDE")


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(lambda hashed, key: f"{hashed}+{key[:-1]}", id="cut off"),
        pytest.param(lambda hashed, key: f"{hashed}+{key[:-4]}\n", id="short"),
        pytest.param(lambda hashed, key: f"{hashed}+B{key[1:]}\n", id="another type"),
        pytest.param(lambda hashed, key: f"{hashed}+*{key[1:]}\n", id="not base64"),
        pytest.param(lambda hashed, key: f"00000000+{key}\n", id="another hash"),
        pytest.param(lambda hashed, key: f"{hashed}+{key}\n\n", id="a second line"),
        pytest.param(lambda hashed, key: f"{hashed}+{key}é\n", id="not ASCII"),
        pytest.param(lambda hashed, key: "\n", id="nothing more"),
    ],
)
def test_a_damaged_key_file_is_refused_by_name(folder: Path, damaged: Callable[[str, str], str]) -> None:
    keys.create(folder, LOG)
    place = keys.place(folder, LOG)
    hashed, key = place.read_text().strip().split("+", 4)[3:]
    place.write_text(f"PRIVATE+KEY+{LOG}+{damaged(hashed, key)}", encoding="utf-8")
    with pytest.raises(ConfigError, match="ledger-AOI"):
        keys.load(folder, LOG)


def test_a_key_does_not_show_itself(folder: Path) -> None:
    keys.create(folder, LOG)
    secret = keys.place(folder, LOG).read_text().strip().split("+", 4)[4]
    assert secret not in repr(keys.load(folder, LOG))
    assert "private" not in repr(keys.load(folder, LOG)).lower()
