"""What a home gives, judged and handed out once more: ``python -m tests.recomputed HOME OUT`` prints the digests."""

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from controls.model import Assessment
from controls.record import judgement_row
from evidence.period import Period
from house import House, day, handout, open_house
from tests.outside import CODE

DAY = date(2026, 3, 2)
PERIOD = Period(DAY, DAY)
SOME = ("ORG-2-01", "ORG-3-04", "PHY-3-01", "TEC-2-01", "VEN-04")  # with deviations, proofs, and a pass


def bodies(judged: Sequence[Assessment]) -> str:
    """Everything that assessments say, in one text."""
    rows = [judgement_row(one) for one in judged]
    told = [[r.control, r.company, r.verdict, r.reason, r.population, r.deviations, dict(r.body)] for r in rows]
    return json.dumps(told, ensure_ascii=False, default=str)


def judged_once_more(house: House, only: Sequence[str] = ()) -> Sequence[Assessment]:
    """The period judged again as it was known when it was judged before."""
    [known_at] = {one.known_at for one in day.assessments(house, PERIOD)}
    return day.judge(house, PERIOD, known_at, only)


def main(home: Path, out: Path) -> None:
    """Write every document and the pack, judge, and print what came out."""
    house = open_house(home)
    documents = [*handout.self_check_documents(house, CODE, PERIOD), handout.management_book(house, CODE, PERIOD)]
    told = {document.name: hashlib.sha256(document.content).hexdigest() for document in documents}
    pack = Path(handout.create_pack(house, CODE, PERIOD, out))
    told[pack.name] = hashlib.sha256(pack.read_bytes()).hexdigest()
    told["judged"] = hashlib.sha256(bodies(judged_once_more(house, SOME)).encode()).hexdigest()
    house.store.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
