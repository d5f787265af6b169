"""What a class of tampering works on, and whose hands do it: an outsider's, or the issuer's with its key."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.reports.packed import SEAL, Issued, relist, reseal, resum
from tests.tamper.made import Made, make

MENDED = {"as it is": lambda pack: None, "manifests made right": resum, "all lists made right": relist}
LISTS = ("manifest-sha256.txt", "tagmanifest-sha256.txt", SEAL)
JUDGED = ("data/03_", "data/04_", "data/07_", "data/08_", "data/09_findings/findings", "data/10_config/controls/")


@dataclass(frozen=True, slots=True)
class Forged:
    """A pack, and what an auditor holds from outside of it."""

    folder: Path
    key: str
    previous: Path | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What forgeries are made of: real packs, and a folder for this one."""

    issued: Issued
    base: Path
    chance: Random

    def made(self, wanted: Callable[[Made], bool] = lambda made: len(made.keys) == 1) -> Made:
        """A clean pack that has what a class needs."""
        while not wanted(made := make(self.chance.randrange(10**9), self.base)):
            pass
        return made

    def real(self, kind: str) -> Path:
        return self.issued.pack(kind, self.base)

    def one(self, pack: Path, *starts: str, lists: bool = False) -> Path:
        """A file of a pack whose name begins so, never an empty one; a list only where none is made right again."""
        found = (path for path in files(pack, *starts) if path.stat().st_size)
        return self.chance.choice([path for path in found if lists or path.name not in LISTS])


Forge = Callable[[Ground], Forged]


@dataclass(frozen=True, slots=True)
class Class:
    """One class of tampering."""

    number: int
    name: str
    forge: Forge


def files(pack: Path, *starts: str) -> list[Path]:
    told = ((path.relative_to(pack).as_posix(), path) for path in sorted(pack.rglob("*")) if path.is_file())
    return [path for name, path in told if name.startswith(starts or ("",))]


def flipped(mend: str) -> Forge:
    def forge(ground: Ground) -> Forged:
        made = ground.made()
        path = ground.one(made.folder, lists=mend == "as it is")
        flip_bit(path, ground.chance)
        MENDED[mend](made.folder)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def flip_bit(path: Path, chance: Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def by_outsider(change: Callable[[Ground, Made], object], *mends: str) -> Forge:
    """Something done without the key; then perhaps the lists made right."""

    def forge(ground: Ground) -> Forged:
        made = ground.made()
        change(ground, made)
        MENDED[ground.chance.choice(mends or tuple(MENDED))](made.folder)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def by_issuer(change: Callable[[Ground, Made], object], wanted: Callable[[Made], bool] = lambda made: True) -> Forge:
    """Something done before sealing, with the key."""

    def forge(ground: Ground) -> Forged:
        made = ground.made(wanted)
        change(ground, made)
        reseal(made.folder, made.key)
        return Forged(made.folder, made.vkeys()[-1])

    return forge


def named(told: dict[str, Any], kind: str, *mends: str, only: dict[str, Any] | None = None) -> Forge:
    """A forgery that has a name, of a real pack; only those of ``only`` outlast lists made right."""

    def forge(ground: Ground) -> Forged:
        pack, name = ground.real(kind), ground.chance.choice(sorted(told))
        told[name](pack)
        if only is None or name in only:
            MENDED[ground.chance.choice(mends or ("as it is",))](pack)
        return Forged(pack, ground.issued.vkey())

    return forge


def named_of_issuer(told: dict[str, Callable[[Path], object]], kind: str) -> Forge:
    def forge(ground: Ground) -> Forged:
        pack = ground.real(kind)
        told[ground.chance.choice(sorted(told))](pack)
        reseal(pack, ground.issued.key())
        return Forged(pack, ground.issued.vkey())

    return forge
