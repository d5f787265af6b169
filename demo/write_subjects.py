"""What systems hand over about outsiders: what went to third parties, and who was mailed, called or looked up."""

from datetime import date

from demo.days import AS_OF, at
from demo.files import Folder, json_lines, separated
from demo.group import Group
from demo.values_subjects import Provided, Use

PROVIDED = ["提供ID", "日時", "会社コード", "所属", "提供先", "送信先", "本人番号", "本人数", "項目", "手段"]
MONTHS = (date(2026, 2, 28), AS_OF)


def write(group: Group, inbox: Folder) -> None:
    """Write both logs, one file a month."""
    for last in MONTHS:
        provided = [one for one in sorted(group.provided, key=lambda p: (p.at, p.id)) if one.at.month == last.month]
        rows = separated([PROVIDED, *map(_provided, provided)], "cp932")
        inbox.under("provisions").put(f"teikyo_{last:%Y%m}.csv", rows, at(last, 24))
        uses = [one for one in sorted(group.uses, key=lambda u: (u.at, u.id)) if one.at.month == last.month]
        inbox.under("subject_uses").put(f"uses_{last:%Y%m}.jsonl", json_lines(map(_use, uses)), at(last, 24))


def _provided(one: Provided) -> list[str]:
    told = [one.id, one.at.isoformat(), one.company, one.department, one.party or "", one.destination]
    return [*told, one.person or "", "1" if one.person else "25", ";".join(one.items), one.channel]


def _use(one: Use) -> dict[str, str]:
    told = {
        "id": one.id,
        "time": one.at.isoformat(),
        "company": one.company,
        "department": one.department,
        "system": one.system,
        "person": one.person,
        "use": one.kind,
        "exception": one.exception,
    }
    return {name: value for name, value in told.items() if value is not None}
