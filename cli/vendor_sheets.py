"""``tenken registers audit-sheet | audit-result | sub-vendors``: what is asked of vendors, and whom they work with."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.given import By, Home, On, Reason, opened
from cli.output import Json, listed, progress
from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.facts.window import Window
from evidence.period import Period
from house import House
from registers import audit_sheet as checklist
from registers.sub_vendors import Passed, SubVendor
from registers.versions import rows_as_of

Sheet = Annotated[Path, typer.Argument(help="The checklist that came back.")]
Vendor = Annotated[str, typer.Argument(metavar="VENDOR_ID", help="The vendor's id in the register.")]


def audit_sheet(
    home: Home, vendor_id: Vendor, out: Annotated[Path, typer.Option(help="The workbook to write.")]
) -> None:
    """Write the audit checklist of a vendor (委託先監査チェックリスト), to be filled in."""
    out.write_bytes(checklist.sheet(opened(home).store, vendor_id))
    print(out)


def audit_result(
    home: Home,
    path: Sheet,
    by: By,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: Json = False,
) -> None:
    """Score a checklist that came back: evaluation, audit and findings; wrong cells are named (then exit 2)."""
    house = opened(home)
    keys = house.keys()
    result = checklist.plan(house.store, path, keys, companies=house.settings.codes, zone=house.zone)
    for problem in result.problems:
        progress(str(problem))
    if result.problems or result.score is None:
        progress(f"{path}: {len(result.problems)} problems; nothing was added")
        raise typer.Exit(ConfigError.exit_code)
    rows = [
        {
            "register": str(plan.dataset.name),
            "row": entry.line,
            "key": list(entry.key),
            "change": "changed" if entry.before else "added",
        }
        for plan in result.plans
        for entry in (*plan.added, *plan.changed)
    ]
    if not dry_run:
        checklist.apply(result, house.store, house.vault, keys, by=by, reason=reason)
    listed(rows, json=json)
    score = result.score
    knocked = f"; knock-outs {', '.join(score.knock_outs)}" if score.knock_outs else ""
    progress(f"score {score.percent.normalize():f} %, {score.open} questions open{knocked}; {len(rows)} rows")


def sub_vendors(
    home: Home,
    vendor: Annotated[str | None, typer.Option(help="Only this vendor.")] = None,
    as_of: On = None,
    json: Json = False,
) -> None:
    """Say who works for whom: vendor, sub-vendor and so on, with sightings, approval and country."""
    house = opened(home)
    on = as_of or house.today
    vendors, approvals = (
        rows_as_of(house.store, register(name), on=on) for name in ("vendors", "sub_vendor_approvals")
    )
    passed = Passed(vendors, _sightings(house), approvals)
    names = {row["vendor_id"]: row["name"] for row in vendors}
    if vendor is not None and vendor not in names:
        raise ConfigError(f"no vendor {vendor!r}; see `tenken registers export vendors`")
    trees = {root: passed.below(root, on) for root in ([vendor] if vendor else passed.roots())}
    if json:
        told = [{"vendor_id": root, "name": names.get(root), **_told(below)} for root, below in trees.items()]
        listed(told, json=True)
        return
    listed([row for root, below in trees.items() for row in _flat((root,), below)], json=False)


def _sightings(house: House) -> list[dict[str, Any]]:
    known_at = house.store.last_commit()
    if known_at is None:
        return []
    today = Period(house.today, house.today, house.settings.zone)
    return Window.open(house.store, house.facts, (), today, known_at, only=("sub_vendors",)).rows("sub_vendors")


def _told(below: Sequence[SubVendor]) -> dict[str, Any]:
    return {
        "sub_vendors": [
            {
                "sub_vendor": one.sub_vendor,
                "approval": one.approval,
                "countries": list(one.countries),
                "sightings": [
                    {name: row[name] for name in ("seen_in", "occurred_on", "work", "country", "operator_country")}
                    for row in one.sightings
                ],
                **_told(one.sub_vendors),
            }
            for one in below
        ]
    }


def _flat(above: tuple[str, ...], below: Sequence[SubVendor]) -> Iterator[dict[str, Any]]:
    for one in below:
        path = (*above, one.sub_vendor)
        yield {
            "path": " > ".join(path),
            "approval": str(one.approval),
            "countries": list(one.countries),
            "sightings": len(one.sightings),
        }
        yield from _flat(path, one.sub_vendors)
