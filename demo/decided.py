"""What the owners of systems decide: rights approved and reviewed, sign-in set; for whatever the plan left as usual."""

from dataclasses import replace
from datetime import date

from demo.days import AS_OF, ago, at
from demo.group import Group
from demo.plan import Plan
from demo.values import Cell, Setting

SETTINGS: dict[str, int | str] = {
    "password_min_length": 14,
    "lock_after": 5,
    "idle_minutes": 15,
    "reuse_blocked": "true",
}


def build(group: Group, plan: Plan) -> None:
    """Approve every right that quotes nothing yet, review what was not reviewed, set what was not set."""
    numbers: dict[tuple[str, str], str] = {}
    for index, right in enumerate(group.rights):
        if right.approval is None:
            key = right.system, right.login
            if key not in numbers:
                numbers[key] = _approved(group, *key)
            group.rights[index] = replace(right, approval=numbers[key])
    for row in list(group.rows("systems", holds_personal_data=True)):
        if not any(group.rows("reviews", kind="entitlement", scope_id=row["system_id"])):
            reviewed(group, str(row["system_id"]), ago(group.rng.randrange(20, 85)))
    for row in list(group.rows("reviews", kind="entitlement")):
        _decide(group, plan, row)
    said = {(setting.system, setting.name) for setting in group.settings}
    for row in group.rows("systems"):
        for name, value in SETTINGS.items():
            if (str(row["system_id"]), name) not in said:
                group.settings.append(setting(str(row["system_id"]), name, value))


def _decide(group: Group, plan: Plan, review: dict[str, Cell]) -> None:
    """Write a line for each right that was enabled on the day of a review, but for those left undecided."""
    system, day = str(review["scope_id"]), review["reviewed_on"]
    assert isinstance(day, date)
    keys = sorted(
        plan.mint("entitlement", system, right.login, f"{right.store or system}:{right.name}")
        for right in group.rights
        if right.system == system and right.enabled and group.accounts[system, right.login].created_on <= day
        if right.removed_on is None or day < right.removed_on
        if (review["review_id"], f"G{right.login[1:]}") not in group.bare
    )
    told = {line["item_key"] for line in group.rows("review_lines", review_id=review["review_id"])}
    left = int(str(review["items_total"]))
    open_keys = [key for key in keys if key not in told]
    for key in open_keys[: len(open_keys) - left]:
        decide(group, review, key, "keep")
    review["items_total"] = len(keys)
    review["items_decided"] = len(keys) - left


def decide(group: Group, review: dict[str, Cell], key: str, decision: str) -> None:
    """Write what the owner of a system decided about one right in a review."""
    group.add(
        "review_lines",
        company=review["company"],
        review_id=review["review_id"],
        item_key=key,
        decision=decision,
        decided_by=review["reviewed_by"],
        decided_on=review["reviewed_on"],
    )


def setting(system: str, name: str, value: int | str) -> Setting:
    """What one setting of a system is: a number, or a word."""
    return Setting(system, name, value if isinstance(value, int) else None, str(value))


def _approved(group: Group, system: str, login: str) -> str:
    """The approval of an account's rights on the morning of the day it was made; empty for an account of nobody."""
    holder = next(
        (o.no for o in group.owners if (o.system, o.login) == (system, login) and o.from_on <= AS_OF <= o.to_on), None
    )
    if holder is None:
        return ""
    scope = (system, *group.hosts[system].stores)
    return approve(group, system, holder, scope, group.accounts[system, login].created_on)


def approve(group: Group, system: str, holder: str, scope: tuple[str, ...], day: date, **fields: Cell) -> str:
    """Let the owner of a system approve rights on it; the owner's own are approved by the owner of the data."""
    company = group.hosts[system].company
    owner = str(group.row("systems", system_id=system)["owner_key"])
    by = group.posts[company, "cpo"] if holder == owner else owner
    told: dict[str, Cell] = {"approved_at": at(day, 9), "valid_from_at": at(day, 0), "valid_to_at": at(ago(-365), 0)}
    return group.approve("entitlement", company, by, holder, scope, **(told | fields))


def reviewed(group: Group, system: str, day: date, *, undecided: int = 0, **fields: Cell) -> str:
    """Let the owner of a system go through its rights, but for as many as stay undecided; the number of the review.

    Fields override. The lines are written once all rights are given.
    """
    register = group.row("systems", system_id=system)
    row: dict[str, Cell] = {
        "company": register["company"],
        "department": register["department"],
        "review_id": group.number("access review", "RV-ACC-{:04d}"),
        "kind": "entitlement",
        "scope_id": system,
        "period": day.strftime("%Y-%m"),
        "reviewed_on": day,
        "reviewed_by": register["owner_key"],
        "items_total": undecided,
        "items_decided": 0,
        "success_count": None,
        "failure_count": None,
        "anomalies": 0,
        "anomalies_disposed": 0,
    }
    group.add("reviews", **(row | fields))
    return str((row | fields)["review_id"])
