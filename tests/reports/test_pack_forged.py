"""What an outsider does to a pack is seen with the company's key, and named; nothing makes the verifier stumble."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.pack import verify as verify_archive
from evidence.errors import IntegrityError
from tests.outside import CODE
from tests.reports.forgeries import ALL, REPEATED
from tests.reports.packed import OTHER, SEAL, VERIFIER, Issued, flip, problems, relist, resum, verified

KINDS = {"masked": CODE, "raw": CODE, "other": OTHER, "other-raw": OTHER, "later": CODE}


def listed(pack: Path) -> list[str]:
    return sorted(p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file())


@pytest.fixture
def pack(issued: Issued, tmp_path: Path) -> Path:
    return issued.pack("masked", tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_genuine_pack_verifies(issued: Issued, kind: str) -> None:
    code, said = verified(issued.folder / kind, issued.vkey(KINDS[kind]))
    assert (code, "ORIGIN VERIFIED" in said) == (0, True), said


@pytest.mark.parametrize("name", ALL)
def test_a_forgery_is_seen(issued: Issued, pack: Path, name: str) -> None:
    ALL[name](pack)
    assert problems(pack, issued.vkey())


@pytest.mark.parametrize("name", REPEATED)
def test_a_forgery_with_checksums_made_right_is_seen(issued: Issued, pack: Path, name: str) -> None:
    REPEATED[name](pack)
    resum(pack)
    assert problems(pack, issued.vkey())


@pytest.mark.parametrize("place", [0, 0.3, 0.7, -1])
@pytest.mark.parametrize("mend", [pytest.param(resum, id="resummed"), pytest.param(lambda _: None, id="as is")])
def test_a_flipped_byte_is_named_in_whatever_file(
    issued: Issued, pack: Path, place: float, mend: Callable[[Path], None]
) -> None:
    names = [name for name in listed(pack) if name != SEAL]
    for name in names:
        size = (pack / name).stat().st_size
        flip(pack / name, -1 if place == -1 else int(place * (size - 1)))
    mend(pack)
    found = problems(pack, issued.vkey())
    changed = {name for name in names if any(one.startswith(f"{name}: ") for one in found)}
    assert changed == set(names)


BOUND = ["data/03_results/POL-01.json", "data/04_populations/PHY-3-01.csv", "data/04_populations/PHY-3-01.sql",
         "data/07_registers/vendors.csv", "data/10_config/controls/POL-01.json", "data/11_custody/objects.jsonl",
         "data/11_custody/custody.csv", "ledger.jsonl", "scope.json"]  # fmt: skip


@pytest.mark.parametrize("name", [*BOUND, "data/00_index.xlsx", "verify.py", "bag-info.txt"])
def test_the_seal_does_not_bear_another_list(issued: Issued, pack: Path, name: str) -> None:
    flip(pack / name, 40)
    relist(pack)
    assert f"{SEAL}: the signature is not tenken/{CODE}'s" in problems(pack, issued.vkey())


@pytest.mark.parametrize("name", ["data/09_findings/gaps.csv", "data/11_custody/custody.csv"])
def test_a_table_that_cannot_be_read_is_named_whatever_the_lists_say(pack: Path, name: str) -> None:
    (pack / name).write_bytes(b"\xff" + (pack / name).read_bytes())
    relist(pack)
    assert any(f"{name}: " in one for one in problems(pack, None))


@pytest.mark.parametrize("name", BOUND)
def test_what_the_ledger_speaks_of_is_named_whatever_the_lists_say(pack: Path, name: str) -> None:
    flip(pack / name, -3)
    relist(pack)
    assert any(name in one for one in problems(pack, None))


def test_without_the_key_a_forger_who_makes_all_anew_is_not_seen_and_the_output_says_so(pack: Path) -> None:
    flip(pack / "data/00_index.xlsx", 40)
    relist(pack)
    code, said = verified(pack, None)
    assert code == 0
    assert "ORIGIN NOT VERIFIED" in said
    assert "anybody can have made this pack" in said
    assert "○ ORIGIN" not in said


def test_it_says_which_company_and_period_it_verified(issued: Issued) -> None:
    scope = json.loads((issued.folder / "masked" / "scope.json").read_text("utf-8"))
    first = verified(issued.folder / "masked", issued.vkey())[1].splitlines()[0]
    assert first == "  tenken/{company}, {since} to {as_of}, known at {known_at}".format(**scope)


def test_it_says_that_the_ledger_only_grew(issued: Issued) -> None:
    last = str(issued.folder / "masked" / "checkpoint")
    assert "GROWTH VERIFIED" in verified(issued.folder / "later", issued.vkey(), "--previous", last)[1]
    assert "GROWTH" not in verified(issued.folder / "later", issued.vkey())[1]


def test_folders_in_folders_without_end_are_named(issued: Issued, pack: Path) -> None:
    names = "/".join("d" * 1500)
    subprocess.run(["mkdir", "-p", names], cwd=pack, check=True)
    found = problems(pack, issued.vkey())
    subprocess.run(["rm", "-r", "d"], cwd=pack, check=True)
    assert f"{names}: a folder that holds nothing listed" in found


def test_no_more_problems_are_told_than_anybody_reads(
    issued: Issued, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pack / "ledger.jsonl").write_bytes(b"\n" * 5_000)
    monkeypatch.setattr(VERIFIER, "MOST", 100)
    assert len(problems(pack, issued.vkey())) == 100
    monkeypatch.setattr(VERIFIER, "MOST", 1_000_000)
    assert len(problems(pack, issued.vkey())) > 5_000


@pytest.mark.parametrize("name", ["ledger.jsonl", "scope.json", SEAL, "data/11_custody/objects.jsonl"])
def test_a_file_larger_than_memory_is_not_read(
    issued: Issued, pack: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VERIFIER, "MOST_BYTES", (pack / name).stat().st_size - 1)
    assert any("larger than any that is read" in one for one in problems(pack, issued.vkey()))
    monkeypatch.undo()
    assert problems(pack, issued.vkey()) == []


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_a_flipped_byte_of_the_signature_is_seen(issued: Issued, pack: Path, at: int) -> None:
    flip(pack / SEAL, -1 - at)
    assert problems(pack, issued.vkey())


@pytest.mark.parametrize("mend", [pytest.param(resum, id="resummed"), pytest.param(lambda _: None, id="as is")])
def test_a_missing_file_is_named_whichever_it_is(issued: Issued, pack: Path, mend: Callable[[Path], None]) -> None:
    names = [name for name in listed(pack) if name.startswith("data/")]
    for name in names:
        (pack / name).unlink()
    mend(pack)
    found = problems(pack, issued.vkey())
    assert {name for name in names if f"{name}: missing; listed in {SEAL}" in found} == set(names)


@pytest.mark.parametrize(
    "name",
    ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "scope.json", "ledger.jsonl",
     "checkpoint", "verify.py", "VERIFY.txt", SEAL],
)  # fmt: skip
def test_a_missing_tag_file_is_named(issued: Issued, pack: Path, name: str) -> None:
    (pack / name).unlink()
    assert any(name in one for one in problems(pack, issued.vkey()))


def mixed(*names: str) -> Callable[[Path, Path], None]:
    """These files of another pack in the place of this one's."""

    def mix(pack: Path, other: Path) -> None:
        for name in names:
            (pack / name).write_bytes((other / name).read_bytes())

    return mix


LEDGER = ("ledger.jsonl", "checkpoint")


MIXED = {
    "seal": (SEAL,),
    "checkpoint": ("checkpoint",),
    "ledger": LEDGER,
    "scope": ("scope.json",),
    "ledger and scope": (*LEDGER, "scope.json"),
    "all that is signed": (*LEDGER, "scope.json", SEAL),
    "manifests and seal": ("manifest-sha256.txt", "tagmanifest-sha256.txt", SEAL),
    "objects": ("data/11_custody/objects.jsonl",),
    "a result and a register": ("data/03_results/POL-01.json", "data/07_registers/vendors.csv"),
}
THE_SAME = {("raw", "checkpoint"), ("raw", "ledger"), ("later", "objects")}  # of two packs at one moment


@pytest.mark.parametrize(
    ("other", "names"), [(pack, name) for pack in ("raw", "other", "later") for name in MIXED if (pack, name) not in THE_SAME]
)  # fmt: skip
def test_a_mix_of_two_genuine_packs_is_seen(issued: Issued, pack: Path, other: str, names: str) -> None:
    mixed(*MIXED[names])(pack, issued.folder / other)
    resum(pack)
    assert problems(pack, issued.vkey())


def test_the_pack_of_another_company_is_refused(issued: Issued) -> None:
    assert any(one.startswith("seal.sig: ") for one in problems(issued.folder / "other", issued.vkey(CODE)))


def test_without_the_key_the_origin_is_said_to_be_unverified(issued: Issued) -> None:
    code, said = verified(issued.folder / "masked", None)
    assert (code, "ORIGIN NOT VERIFIED" in said) == (0, True)


@pytest.mark.parametrize("place", ["masked", "other"])
def test_a_damaged_key_is_wrong_usage(issued: Issued, place: str) -> None:
    key = issued.vkey()
    code, _ = verified(issued.folder / place, key[:-1] + ("A" if key[-1] != "A" else "B"))
    assert code == 2


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n", "\t{} \n"])
def test_a_key_may_bring_blanks_from_its_file(issued: Issued, around: str) -> None:
    assert verified(issued.folder / "masked", around.format(issued.vkey()))[0] == 0


@pytest.mark.parametrize("name", ["json.py", "base64.py", "csv.py", "argparse.py", "hashlib.py", "typing.py"])
def test_a_file_beside_the_verifier_is_not_run(issued: Issued, pack: Path, name: str) -> None:
    (pack / name).write_text("print('○ ORIGIN VERIFIED')\nraise SystemExit(0)\n", "utf-8")
    command = [sys.executable, "verify.py", "--key", issued.vkey()]
    done = subprocess.run(command, cwd=pack, capture_output=True, check=False, timeout=60)
    assert (done.returncode, "○".encode() in done.stdout) == (1, False)


def test_a_fake_verifier_is_told_by_a_trusted_one(issued: Issued, pack: Path) -> None:
    (pack / "verify.py").write_text("print('○ ORIGIN VERIFIED')\n", "utf-8")
    resum(pack)
    assert verified(pack, issued.vkey())[0] == 0
    assert "verify.py: changed; its digest is not the one in seal.sig" in problems(pack, issued.vkey())


def test_the_hand_book_says_not_to_trust_the_verifier_in_the_pack(issued: Issued) -> None:
    told = (issued.folder / "masked" / "VERIFY.txt").read_text("utf-8")
    assert "a forged pack can bring a verify.py" in " ".join(told.split())


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "utf-8"])
def test_what_it_says_can_be_printed_anywhere(issued: Issued, pack: Path, encoding: str) -> None:
    (pack / "data" / "\u2028証跡\n○").write_bytes(b"")
    command = [sys.executable, "verify.py"]
    done = subprocess.run(
        command, cwd=pack, capture_output=True, check=False, timeout=60, env={"PYTHONIOENCODING": encoding}
    )
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_name_cannot_write_a_line_of_its_own(issued: Issued, pack: Path) -> None:
    (pack / "data" / "x\n○ ORIGIN VERIFIED").write_bytes(b"")
    assert not any(line.startswith("○") for line in verified(pack, issued.vkey())[1].splitlines())


def archive(tmp_path: Path, members: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(tmp_path / "forged.zip", "w") as forged:
        for name, content in members:
            forged.writestr(name, content)
    return tmp_path / "forged.zip"


def members(issued: Issued) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(issued.zips / "masked.zip") as genuine:
        return [(name, genuine.read(name)) for name in genuine.namelist()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "masked/scope.json", id="a member twice, the last one forged"),
        pytest.param("masked/scope.json", "", id="a member twice, the first one forged"),
        pytest.param("", "../evil", id="a member above the folder"),
        pytest.param("", "masked/../../evil", id="a member above, by a detour"),
        pytest.param("", "/evil", id="a member at the root"),
        pytest.param("", "evil", id="a member beside the folder"),
        pytest.param("", "masked/evil", id="a member in the folder"),
        pytest.param("", "masked//scope.json", id="a member twice, with a slash more"),
        pytest.param("masked/./scope.json", "", id="a member twice, by a dot"),
        pytest.param("masked/data/../scope.json", "", id="a member twice, by a detour"),
        pytest.param("/masked/scope.json", "", id="a member twice, from the root"),
        pytest.param("", "masked/data/empty/", id="a folder"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_forged_archive_is_refused(issued: Issued, tmp_path: Path, before: str, after: str) -> None:
    forged = [(before, b"{}")] * bool(before) + members(issued) + [(after, b"")] * bool(after)
    with pytest.raises(IntegrityError):
        verify_archive(archive(tmp_path, forged), issued.vkey(), None)


def test_an_archive_that_was_packed_again_is_accepted(issued: Issued, tmp_path: Path) -> None:
    verify_archive(archive(tmp_path, members(issued)[::-1]), issued.vkey(), None)


def test_scope_and_ledger_speak_of_each_other(issued: Issued) -> None:
    scope = json.loads((issued.folder / "masked" / "scope.json").read_text("utf-8"))
    leaves = (issued.folder / "masked" / "ledger.jsonl").read_bytes().count(b"\n")
    assert (scope["origin"], scope["ledger_size"]) == (f"tenken/{CODE}", leaves)


@pytest.mark.parametrize("spoil", [b"x", b"", b"\n"], ids=["no signature line", "no signature", "a blank line more"])
def test_what_changed_is_named_also_when_the_seal_s_signature_cannot_be_read(
    issued: Issued, pack: Path, spoil: bytes
) -> None:
    flip(pack / "data/00_index.xlsx", 40)
    text = (pack / SEAL).read_bytes().rpartition(b"\n\n")[0]
    (pack / SEAL).write_bytes(text + b"\n\n" + spoil)
    resum(pack)
    found = problems(pack, issued.vkey())
    assert any(one.startswith(f"{SEAL}: ") for one in found)
    assert any(one.startswith("data/00_index.xlsx: ") for one in found)
