"""Samples are drawn by a seed that nobody could choose, in the size that the frequency asks for, and can be drawn again."""

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest

from tests.reports.packed import JUDGED, Issued

SIZES = {"HUM-01": 3, "PHY-3-01": 3, "POL-01": 1, "VEN-02": 2, "VEN-04": 3}  # by hand, from domain.md and the catalogue


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def seeds(pack: Path) -> dict[str, str]:
    """What the ledger recorded of each population when it was judged."""
    scope = json.loads((pack / "scope.json").read_text())
    told = [json.loads(line) for line in (pack / "ledger.jsonl").read_bytes().split(b"\n") if line]
    mine = [
        one for one in told
        if (one["kind"], one.get("since"), one.get("as_of")) == ("judged", scope["since"], scope["as_of"])
    ]  # fmt: skip
    return {control: digests[1] for one in mine for control, digests in one["digests"].items()}


@pytest.mark.parametrize("kind", ["masked", "raw", "other"])
def test_an_auditor_draws_the_same_samples_from_the_pack_alone(issued: Issued, kind: str) -> None:
    pack = issued.folder / kind
    picked, expected = table(pack / "data/05_samples/samples.csv"), []
    for control, seed in seeds(pack).items():
        rows = table(pack / f"data/04_populations/{control}.csv")
        order = sorted(range(1, len(rows) + 1), key=lambda n: sha256(f"{seed}:{n}".encode()).hexdigest())
        size = {"annual": 1, "quarterly": 2, "monthly": 3, "weekly": 8, "daily": 25, "event": 25}
        mine = [one for one in picked if one["control"] == control]
        wanted = order[: size[mine[0]["frequency"]]] if mine else []
        expected += [(control, str(n), rows[n - 1]["subject"], rows[n - 1]["conforms"]) for n in wanted]
    assert sorted((one["control"], one["row"], one["subject"], one["conforms"]) for one in picked) == sorted(expected)
    assert picked


def test_masked_and_raw_draw_the_same_rows(issued: Issued) -> None:
    drawn = [
        [(one["control"], one["row"]) for one in table(issued.folder / kind / "data/05_samples/samples.csv")]
        for kind in ("masked", "raw")
    ]
    assert drawn[0] == drawn[1]


def test_a_control_that_has_members_has_a_sample(issued: Issued) -> None:
    pack = issued.folder / "masked"
    sampled = {one["control"] for one in table(pack / "data/05_samples/samples.csv")}
    assert sampled == {c for c in JUDGED if table(pack / f"data/04_populations/{c}.csv")}
