"""Samples 試査 for an auditor's own look at the originals, drawn so that nobody can choose them (domain.md §3).

The machine judges whole populations; what a person compares with originals is drawn from the same rows. The seed is the
digest of the population, which the ledger recorded when it was judged: whoever holds the pack draws the same again.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from heapq import nsmallest

import pyarrow as pa

from controls.model import Assessment, Control
from controls.population import Population
from reports.coverage import most_frequent

SIZES: Mapping[str, int] = {  # by frequency of the control; 25 without exception: 90 % confidence of at most 9 %
    "annual": 1,
    "half_yearly": 2,
    "quarterly": 2,
    "monthly": 3,
    "weekly": 8,
    "daily": 25,
    "event": 25,
}
SHOWN = ("subject", "aspect", "occurred_on", "department", "conforms", "members")
METHOD = """# 試査(サンプル)の方法 / How the samples were drawn

- 判定は母集団の全件で行っています。試査は、監査人が原本と見比べるためのものです。
  Verdicts are over whole populations; a sample is for an auditor to compare with originals.
- 抽出: 無作為。04_populations/<管理策ID>.csv の n 行目(見出しを除き 1 から)について SHA-256("<seed>:<n>") を求め、
  小さい順に件数分を採ります。
  Random: of row n (from 1, without the heading) of 04_populations/<control>.csv take SHA-256("<seed>:<n>"); the
  smallest are drawn.
- seed: 母集団の SHA-256。判定時に台帳(ledger.jsonl の kind judged、digests の 2 番目)に記録済みで、後から選べません。
  The digest of the population, in the ledger since it was judged: nobody could choose it for its sample.
- 件数: 管理策の頻度による(年 1、半期・四半期 2、月 3、週 8、日・都度 25)。
  25 件で例外 0 なら、信頼度 90 % で逸脱率は 9 % 以下です。
  Sizes by the control's frequency. 25 without exception: 90 % confidence that at most 9 % deviate.
- 例外が 1 件でもあれば 25 件を追加するか、不適合と結論します。 / One exception: draw 25 more, or conclude ×.
"""


def drawn(seed: str, rows: int, size: int) -> list[int]:
    """The numbers (from 1) of the rows that are drawn, in the order of drawing."""
    return nsmallest(size, range(1, rows + 1), key=lambda number: sha256(f"{seed}:{number}".encode()).digest())


def samples(
    controls: Sequence[Control], assessments: Sequence[Assessment], populations: Mapping[str, Population]
) -> pa.Table:
    """The drawn rows of every judged control, with what the machine said of them; ``outcome`` is the auditor's."""
    told, named = list[pa.Table](), {control.id: control for control in controls}
    for one in assessments:
        rows, frequency = populations[one.control].rows, most_frequent(named[one.control].frequency)
        numbers = drawn(one.population_digest, len(rows), SIZES[frequency])
        picked = rows.select(SHOWN).take(pa.array([number - 1 for number in numbers], pa.int64()))
        about = {
            "control": pa.array([str(one.control)] * len(numbers), pa.string()),
            "frequency": pa.array([frequency] * len(numbers), pa.string()),
            "seed": pa.array([one.population_digest] * len(numbers), pa.string()),
            "rows": pa.array([len(rows)] * len(numbers), pa.int64()),
            "row": pa.array(numbers, pa.int64()),
        }
        shown = {name: picked[name] for name in SHOWN}
        outcome = {"outcome": pa.nulls(len(numbers), pa.string())}
        told.append(pa.table(about | shown | outcome))
    return pa.concat_tables(told)
