"""How the measures came out over the last year: at the end of each month in which anything was judged, and last."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from controls.model import Verdict
from portal.door import Asked
from reports.self_check_view import rate

BACK = timedelta(days=366)
Points = list[tuple[date, int]]  # a day, and the share of ○ in percent


def trends(asked: Asked) -> Mapping[str, Points]:
    """The points of each measure, the oldest first, by the controls that are for whoever asks."""
    house, today = asked.house, asked.house.today
    measure_of = {str(one.id): one.measure for one in house.catalogue.controls if asked.scope.knows(str(one.id))}
    with house.store.read() as tx:
        judged = tx.judgements.days(str(asked.company), today - BACK, today, asked.known_at, [*measure_of])
        told = sorted((one.as_of, one.control, one.verdict) for one in judged)
    ends = sorted({(day.year, day.month): day for day, _, _ in told}.values())
    newest, points, rest = dict[str, Verdict](), defaultdict[str, Points](list), iter(told)
    row = next(rest, None)
    for end in ends:
        while row is not None and row[0] <= end:
            newest[row[1]] = Verdict(row[2])
            row = next(rest, None)
        counts: dict[str, dict[Verdict, int]] = defaultdict(lambda: dict.fromkeys(Verdict, 0))
        for control, verdict in newest.items():
            counts[measure_of[control]][verdict] += 1
        for measure, told_of in counts.items():
            if (share := rate(told_of)) is not None:
                points[measure].append((end, share))
    return points
