"""A purge that nobody else asked for before is told by the ledger's own verification."""

from typing import Any

import pytest

from evidence import ledger
from tests.evidence.ledger.test_ledger import AOI, GROUP_KEY, KEY
from tests.evidence.ledger.twin import Held

ABOUT = {"request": 3, "source": "hr", "until": "2026-03-31", "why": "retention"}
ASKED = {"kind": "purge_requested", "actor": "W-2", **ABOUT}
PURGED = {"kind": "purged", "actor": "W-1", "requested_by": "W-2", "erased": [], **ABOUT}


def problems(*entries: dict[str, Any], log: str = AOI) -> list[str]:
    tx = Held()
    for number, entry in enumerate(entries):
        tx.ledger.append(log, entry, f"{number}")
    return ledger.verify(tx, log, (KEY if log == AOI else GROUP_KEY).vkey)


def test_a_purge_that_another_asked_for_is_sound() -> None:
    assert problems(ASKED, PURGED) == []


def test_in_the_groups_log_the_request_is_known_by_its_place() -> None:
    asked = {name: value for name, value in ASKED.items() if name != "request"}
    assert problems(asked, {**PURGED, "request": 0}, log=ledger.GROUP) == []
    assert problems(asked, {**PURGED, "request": 1}, log=ledger.GROUP) != []


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param((PURGED,), id="nobody asked"),
        pytest.param((PURGED, ASKED), id="asked for afterwards"),
        pytest.param(({**ASKED, "actor": "W-1"}, PURGED), id="asked for by the one who approved"),
        pytest.param(({**ASKED, "actor": "W-1"}, {**PURGED, "requested_by": "W-1"}), id="and it says so"),
        pytest.param((ASKED, {**PURGED, "requested_by": "W-3"}), id="asked for by somebody else"),
        pytest.param((ASKED, {**PURGED, "requested_by": None}), id="it does not say who asked"),
        pytest.param(({**ASKED, "actor": ""}, {**PURGED, "requested_by": ""}), id="asked for by nobody of a name"),
        pytest.param((ASKED, {**PURGED, "request": 4}), id="another request"),
        pytest.param((ASKED, {**PURGED, "source": "mdm"}), id="another source"),
        pytest.param((ASKED, {**PURGED, "until": "2026-04-01"}), id="another day"),
        pytest.param((ASKED, {**PURGED, "why": "request"}), id="another reason"),
    ],
)
def test_a_purge_by_one_hand_is_told(entries: tuple[dict[str, Any], ...]) -> None:
    tomb = entries.index(next(one for one in entries if one["kind"] == "purged"))
    assert problems(*entries) == [f"{AOI}: entry {tomb}: a purge that nobody else asked for before"]
