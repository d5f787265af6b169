"""What a pack of many files costs: to make, beside the bare zip of their bytes; to verify, beside their bare SHA-256; to
prove one entry of. Prints JSON.

``python -m tests.bench.packing FOLDER FILES BYTES``: in a process of its own, whose memory is its own.
"""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import Any

from evidence.ledger import merkle
from reports import pack
from reports.pack.payload import Payload
from tests.bench.ledger import MIB, spent
from tests.memory import forget, peak
from tests.tamper.made import Made, make

PAIRS = 5
SEED = 8  # of a raw pack of a company whose key never changed, and nothing of it was purged
PIECE = 1 << 20
WATCHED = """import json, resource, subprocess, sys
subprocess.run([sys.executable, "-I", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""  # by a small process: the peak of what a large one starts is the large one's


def log_of(number: int, size: int) -> bytes:
    """So many bytes of a log in JSON lines."""
    lines, written = list[str](), 0
    while written < size:
        event = f"{number * 7919 + len(lines) * 104729:032x}"
        lines.append(
            f'{{"eventVersion":"1.08","eventTime":"2026-03-{written % 28 + 1:02}T0{number % 10}:00:00Z","eventName":"GetObject",'
            f'"eventID":"{event}","sourceIPAddress":"192.0.2.{len(lines) % 250}","userName":"u-{number % 997}"}}\n'
        )
        written += len(lines[-1])
    return "".join(lines).encode()[:size]


def files(made: Made) -> list[Path]:
    return sorted(path for path in (made.folder / "data").rglob("*") if path.is_file())


def zipped(made: Made, to: Path) -> None:
    """The bare work of packing: its files deflated (1), and nothing hashed, listed or signed."""
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in files(made):
            archive.write(path, path.relative_to(made.folder))


def packed(made: Made, to: Path) -> None:
    """The pack, as it is handed out."""
    told = json.loads((made.folder / "scope.json").read_bytes())
    since, as_of = (date.fromisoformat(told[name]) for name in ("since", "as_of"))
    known_at, controls = datetime.fromisoformat(told["known_at"]), tuple(told["controls"])
    scope = pack.Scope(told["company"], told["company"], since, as_of, known_at, told["raw"], controls)
    payload = [Payload(str(path.relative_to(made.folder / "data")), _opener(path)) for path in files(made)]
    leaves = (made.folder / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    tags = {"reperform.sql": b"-- nothing to judge again\n"}
    pack.write(to, scope, payload, leaves, (made.folder / "checkpoint").read_text("utf-8"), made.key, tags)


def _opener(path: Path) -> Callable[[], Any]:
    return lambda: path.open("rb")


def hashed(made: Made) -> None:
    """The bare work of verifying."""
    for path in files(made):
        _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified(folder: Path, vkey: str) -> tuple[float, float]:
    """As an auditor does, in the unpacked folder; CPU seconds, and the peak of memory in MiB."""
    command = [sys.executable, "-I", "-c", WATCHED, "verify.py", "--key", vkey]
    told = json.loads(subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE).stdout)
    return told[0], told[1] * 1024 / MIB


def proven(folder: Path) -> None:
    """That an entry stands under the head, from the leaves that the pack brings."""
    leaves = (folder / "ledger.jsonl").read_bytes().split(b"\n")[:-1]
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    size, place = len(leaves), len(leaves) // 3

    def root(low: int, high: int) -> bytes:
        return merkle.root(hashes[low:high])

    path = merkle.inclusion_proof(root, size, place)
    merkle.verify_inclusion(hashes[place], place, size, path, root(0, size))


def grown(work: Callable[[], object]) -> float:
    """By how many MiB a work lets this process grow at the most."""
    forget()
    before = peak()
    work()
    return (peak() - before) / MIB


def measured(folder: Path, count: int, size: int) -> dict[str, float]:
    """CPU seconds of each work, its ratio to the bare one, and memory in MiB."""
    made = make(SEED, folder, (log_of(number, size // count) for number in range(count)))
    bare, ours = folder / "bare.zip", folder / "made.zip"
    times, digests = list[tuple[float, float]](), set[str]()
    for _ in range(PAIRS):
        times.append((spent(lambda: zipped(made, bare))[0], spent(lambda: packed(made, ours))[0]))
        digests.add(_digest(ours))
    told: dict[str, float] = {"files": len(files(made)), "bytes": sum(path.stat().st_size for path in files(made))}
    told |= {"packed": min(one for _, one in times), "times_zip": median(one / base for base, one in times)}
    told |= {"grown": grown(lambda: packed(made, ours)), "different": len(digests | {_digest(ours)})}
    with zipfile.ZipFile(ours) as archive:
        archive.extractall(folder)
    out = folder / ours.stem
    told["hashed"] = spent(lambda: hashed(made))[0]
    told["verified"], told["peak"] = verified(out, str(made.vkeys()[-1]))
    return told | {"proven": spent(lambda: proven(out))[0]}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
