"""What a home gives, judged and handed out once more: ``python -m tests.recomputed HOME OUT`` prints the digests."""

import hashlib
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from controls.model import Assessment
from controls.record import judgement_row
from evidence.datasets import catalogue
from evidence.period import Period
from house import House, create, day, desk, handout, open_house
from registers.sheets import export
from tests.outside import CODE, Person, configure, deliver, people, put, registers
from tests.reports.made_book import entry

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 18, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
WHO = "admin1"
PERIOD = Period(DAY, DAY)
SOME = ("ORG-2-01", "ORG-3-04", "PHY-3-01", "TEC-2-01", "VEN-04")  # with deviations, proofs, and a pass


def collected(base: Path) -> tuple[House, list[datetime]]:
    """A house of two companies that collected a day of everything, and when it committed what it had."""
    house = create(base / "home", "架空グループ", [(CODE, "株式会社葵"), ("MID", "株式会社緑")])
    staff = people(WHO)
    folder = {"kind": "local", "folder": "inbox/log", "pattern": "*.jsonl"}
    own = {"dataset": "access_events", "format": {"kind": "json_lines"}, "transport": folder}
    configure(house.home, {"log": own})
    (house.home / "inbox" / "log").mkdir()
    deliver(house.home, staff, AT)
    put(house.home, "log/day.jsonl", log(staff), AT)
    owner = house.keys().person("worker_no", staff[0].number)
    paths = registers(base, owner)
    paths["book_entries"] = base / "book_entries.xlsx"
    paths["book_entries"].write_bytes(
        export(catalogue()["book_entries"], [entry(number, company=CODE, status="draft") for number in range(12)])
    )
    for name, path in paths.items():
        planned = desk.import_register(house, name, path, staff[0].number, "初回登録")
        assert planned.added and not planned.problems
    commits = []
    for _ in day.collect_day(house, DAY):
        at = house.store.last_commit()
        assert at is not None
        commits.append(at)
    return house, commits


def log(staff: Sequence[Person]) -> bytes:
    """What two known people did that day, as a log in the dataset's own words."""
    rows = (
        {"system_id": p.system, "account_key": p.login, "action": "read", "result": "ok", "occurred_at": AT.isoformat()}
        for p in staff
    )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


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
