"""``make mutants``: at least 95 of 100 mutants are killed, and of each survivor survivors.yaml says why it is equivalent.

``python -m tests.mutants [ID …]``: of some controls only.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from ruamel.yaml import YAML

from controls.loader import load_for_judging
from tests.mutants.hunt import hunted

SURVIVORS = Path(__file__).parent / "survivors.yaml"
LEAST_KILLED = 95  # percent (issue 4)


def reasons() -> Mapping[str, Mapping[str, str]]:
    """Of each control, why its survivors change nothing that anybody could see, by the name of the mutant."""
    return YAML(typ="safe").load(SURVIVORS) or {}


def main(wanted: Sequence[str]) -> int:
    """Print what was killed by what; 1 when too few were, or when a survivor has no reason."""
    ids = [control.id for control in load_for_judging().controls if not wanted or control.id in wanted]
    known, total, unexplained = reasons(), Counter[str | None](), 0
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as workers:
        for name, found in zip(ids, workers.map(hunted, ids), strict=True):
            counts = Counter(one.by for one in found)
            total += counts
            left = [one for one in found if one.by is None and one.mutant.name not in known.get(name, {})]
            unexplained += len(left)
            print(
                f"{name}: {len(found)} mutants, {counts['examples']} killed by examples, {counts['oracles']} by oracles"
            )
            stale = sorted(known.get(name, {}).keys() - {one.mutant.name for one in found if one.by is None})
            unexplained += len(stale)
            print("".join(f"  has a reason and does not survive: {one}\n" for one in stale), end="")
            for one in left:
                print(f"  survives: {one.mutant.name}", flush=True)
    killed, all_of_them = total["examples"] + total["oracles"], sum(total.values())
    share = 100 * killed / all_of_them
    print(
        f"{killed} of {all_of_them} killed ({share:.1f} %, bar {LEAST_KILLED}); {unexplained} survivors without a reason, or reasons without a survivor"
    )
    return int(share < LEAST_KILLED or unexplained > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
