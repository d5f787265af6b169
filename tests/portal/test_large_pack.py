"""A large pack is taken away in bounded memory, and goes on where it was cut."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import portal.pages.packs
from tests.memory import forget, peak
from tests.portal.attacking import link_to_a_pack
from tests.portal.served import PERIOD, Served, Visitor

SHORT, LONG = 96 << 20, 2 << 30  # bytes
PIECE = 1 << 20
MOST_MEBIBYTES = 48  # that the process, which sends and receives, may grow by


@pytest.fixture
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How large the pack is that is built, at once: a pattern that tells each of its places."""
    size = LONG if request.config.getoption("--long") else SHORT

    def made(*about: object, **told: object) -> str:
        path = Path(str(about[3])) / "AOBA.zip"
        with path.open("wb") as file:
            for place in range(0, size, PIECE):
                file.write(piece(place))
        return str(path)

    monkeypatch.setattr(portal.pages.packs, "create_pack", made)
    return size


def piece(place: int) -> bytes:
    return place.to_bytes(8, "big") * (PIECE // 8)


def received(who: Visitor, link: str, first: int, until: int | None = None) -> Iterator[bytes]:
    """What comes of a pack from a place on; cut off when so many bytes came."""
    headers = {"Range": f"bytes={first}-"} if first else {}
    had = first
    with who.browser.get(who.origin + link, headers=headers, stream=True, timeout=60) as answer:
        assert answer.status_code == (206 if first else 200)
        for told in answer.iter_content(PIECE):
            yield told
            had += len(told)
            if until is not None and had >= until:
                return


def test_it_is_taken_in_bounded_memory_and_goes_on_after_a_cut(door: Served, size: int) -> None:
    auditor = door.visitor("109")
    link, whole, had = link_to_a_pack(auditor, PERIOD), hashlib.sha256(), 0
    forget()
    before = peak()
    for told in received(auditor, link, 0, until=size // 3):
        whole.update(told)
        had += len(told)
    assert size // 3 <= had < size
    for told in received(auditor, link, had):
        whole.update(told)
        had += len(told)
    expected = hashlib.sha256()
    for place in range(0, size, PIECE):
        expected.update(piece(place))
    assert (had, whole.digest()) == (size, expected.digest())
    assert peak() - before < MOST_MEBIBYTES << 20
