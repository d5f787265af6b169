"""Fifty people at once in the portal of a home that was judged: how long each of its pages takes beside an empty one."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import quantiles

import requests

from house import open_house
from tests.memory import peak
from tests.portal.admitted import Person, admit
from tests.portal.served import PASSWORD

ROOT = Path(__file__).parents[2]
PEOPLE, ROUNDS, LOOK = 50, 3, 8.0  # rounds through all pages, and seconds that somebody looks at one, on the average
PAGES = {  # {c}: a company
    "empty": "/there/is/nothing",
    "dashboard": "/{c}",
    "gaps": "/{c}/gaps",
    "a control": "/{c}/controls/TEC-1-01",
    "findings": "/{c}/findings",
    "a register": "/{c}/registers/book_entries",
    "vendors": "/{c}/vendors",
    "waivers": "/{c}/waivers",
    "registers": "/{c}/registers",
    "evidence": "/{c}/evidence",
    "the calendar": "/{c}/calendar",
}
TICKS, MIB = 100, 1 << 20  # clock ticks a second, of /proc


@dataclass(frozen=True, slots=True)
class Visited:
    """How long the answers took, in seconds, by page; how many were no such page; and what the server cost."""

    times: Mapping[str, Sequence[float]]
    wrong: int
    cpu: float  # seconds
    peak: int  # MiB

    def late(self, page: str) -> float:
        """The time within which 95 of 100 answers of a page came."""
        return quantiles(self.times[page], n=20)[-1]


def visited(home: Path, people: int = PEOPLE, rounds: int = ROUNDS, look: float = LOOK) -> Visited:
    """Let people into the portal of a home, each of one company, and let them read at once."""
    house = open_house(home)
    codes = [house.settings.codes[n % len(house.settings.codes)] for n in range(people)]
    admit(house, [Person(f"B-{n}", "internal_auditor", code) for n, code in enumerate(codes)])
    house.store.close()
    with _served(home) as (origin, server), ThreadPoolExecutor(people) as crowd:
        browsers = [_browser(origin, f"B-{n}") for n in range(people)]
        before = _spent(server)
        told = [
            crowd.submit(_read, one, origin, code, Random(n), rounds, look)
            for n, (one, code) in enumerate(zip(browsers, codes, strict=True))
        ]
        seen = [line for one in told for line in one.result()]
        cpu, most = _spent(server) - before, peak(server) // MIB
    times = {name: [took for page, took, _ in seen if page == name] for name in PAGES}
    wrong = sum(status != (404 if page == "empty" else 200) for page, _, status in seen)
    return Visited(times, wrong, cpu, most)


@contextmanager
def _served(home: Path) -> Iterator[tuple[str, int]]:
    """The address of the portal of a home, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with (home / "settings.yaml").open("a", encoding="utf-8") as file:
        file.write(f"portal: {{url: 'http://{address}', listen: '{address}', second_factor: []}}\n")
    command = [sys.executable, "-m", "cli", "--home", str(home), "portal", "run"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        try:
            while not _answers(f"http://{address}"):
                time.sleep(0.1)
            yield f"http://{address}", server.pid
        finally:
            server.terminate()


def _answers(origin: str) -> bool:
    try:
        return requests.get(origin + "/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def _browser(origin: str, number: str) -> requests.Session:
    one = requests.Session()
    form = {"number": number, "password": PASSWORD}
    answer = one.post(origin + "/login", form, headers={"Origin": origin}, allow_redirects=False, timeout=60)
    assert answer.status_code == 303
    return one


def _read(
    browser: requests.Session, origin: str, company: str, dice: Random, rounds: int, look: float
) -> list[tuple[str, float, int]]:
    """Go through all pages again and again, in any order; each with how long it took, and its status."""
    seen = []
    for page in (name for _ in range(rounds) for name in dice.sample([*PAGES], len(PAGES))):
        time.sleep(dice.expovariate(1 / look))
        begun = time.monotonic()
        answer = browser.get(origin + PAGES[page].format(c=company), timeout=120)
        seen.append((page, time.monotonic() - begun, answer.status_code))
    return seen


def _spent(process: int) -> float:
    """The CPU seconds of a process so far."""
    told = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS
