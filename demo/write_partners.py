"""Where outside parties are seen: what the ledger of payments and the sign-on service export."""

import json

from demo.days import AS_OF
from demo.files import Folder, exported, separated, slashed
from demo.group import Group
from demo.partners import PAYDAYS
from demo.values_partners import Sighting

PAID = ["支払番号", "支払日", "会社コード", "部門", "支払先", "個人情報関連", "委託先"]


def write(group: Group, inbox: Folder) -> None:
    """Write what was paid until each payday, and one list of applications and outside accounts."""
    paid = [one for one in group.sightings if one.seen_in == "payment"]
    after = None
    for day in PAYDAYS:
        rows = [PAID, *(_payment(one) for one in paid if one.on <= day and (after is None or one.on > after))]
        inbox.under("payments").put(f"shiharai_{day:%Y%m}.csv", separated(rows, "cp932"), exported(day))
        after = day
    told = [_let_in(one) for one in group.sightings if one.seen_in != "payment"]
    content = json.dumps({"total": len(told), "applications": told}, ensure_ascii=False, indent=1).encode()
    inbox.under("sign_on").put(f"applications_{AS_OF:%Y%m%d}.json", content, exported(AS_OF))


def _payment(one: Sighting) -> list[str]:
    marked = "○" if one.likely else ""
    return [one.id, slashed(one.on), one.company, one.department or "", one.party, marked, one.vendor or ""]


def _let_in(one: Sighting) -> dict[str, str | bool | None]:
    return {
        "id": one.id,
        "firstSeen": one.on.isoformat(),
        "company": one.company,
        "kind": one.seen_in,
        "party": one.party,
        "personalData": one.likely,
        "vendor": one.vendor,
    }
