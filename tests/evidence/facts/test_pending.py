"""What waits for a signature, as a window shows it (ADR 6)."""

from pathlib import Path

import pytest

from evidence.datasets import State
from evidence.store.values import RegisterVersion
from tests.evidence.facts.test_window import Held, version


def assessed(number: int, word: str, state: State) -> RegisterVersion:
    row = {"company": "C1", "country": "US", "assessment_version": "1", "system_summary": word, "measures": []}
    return version(number, "", register="country_assessments", key=("US", "1"), values=row, state=state)


@pytest.mark.parametrize(
    ("told", "seen"),
    [
        pytest.param([("a", State.DRAFT)], ["a"], id="what was never approved is shown where it may lack a signature"),
        pytest.param([("a", State.APPROVED), ("b", State.DRAFT)], ["a"], id="a draft changes no row that holds"),
        pytest.param([("a", State.APPROVED), ("b", State.SUBMITTED)], ["a"], id="nor does what is submitted"),
        pytest.param([("a", State.APPROVED), ("b", State.SENT_BACK)], ["a"], id="nor what was sent back"),
        pytest.param([("a", State.APPROVED), ("b", State.DRAFT), ("b", State.APPROVED)], ["b"], id="approved anew"),
        pytest.param([("a", State.APPROVED), ("a", State.RETIRED), ("b", State.DRAFT)], [], id="retired stays so"),
    ],
)
def test_what_waits_for_a_signature_changes_no_row_that_holds(
    tmp_path: Path, told: list[tuple[str, State]], seen: list[str]
) -> None:
    held = Held(tmp_path)
    for number, (word, state) in enumerate(told, start=1):
        with held.store.write() as tx:
            tx.registers.add(assessed(number, word, state))
    assert [row["system_summary"] for row in held.window().rows("country_assessments")] == seen
