"""What keeps attackers out: vulnerabilities found and fixed, firewalls and their rules, tests; in order."""

from datetime import date

from demo.days import AS_OF, ago
from demo.group import COMPANIES, Group
from demo.values import Cell
from demo.values_security import Firewall, Rule, Vulnerability

_TESTS = {"vulnerability_scan": 25, "penetration_test": 140}  # days ago


def build(group: Group) -> None:
    """Give both companies a firewall in order, and vulnerabilities that were fixed in time or are not grave."""
    for company in COMPANIES:
        rules = firewall(group, company, f"FW-{company}", temporary_until=ago(-14))
        reviewed(group, company, rules, 80)
        for severity, found, fixed in (("critical", 140, 135), ("high", 45, 21), ("medium", 70, None)):
            weakness(group, company, severity, found, fixed)


def complete(group: Group) -> None:
    """Have every system that faces the internet scanned and attacked in time, but for what the plan says of it."""
    for system in exposed(group):
        for kind, days in _TESTS.items():
            if not any(group.rows("exercises", kind=kind, scope_id=system["system_id"])):
                tested(group, str(system["system_id"]), kind, days)


def exposed(group: Group) -> list[dict[str, Cell]]:
    """The systems in use with personal data that face the internet."""
    facing = group.rows("systems", internet_facing=True, holds_personal_data=True)
    return [row for row in facing if not isinstance(row["retired_on"], date) or row["retired_on"] > AS_OF]


def tested(group: Group, system: str, kind: str, days: int) -> None:
    """Write a scan or an attack on a system, so many days ago; what it found was fixed since."""
    group.add(
        "exercises",
        company=group.hosts[system].company,
        department=None,
        exercise_id=group.number("outside test", "EXO-{:04d}"),
        kind=kind,
        scope_id=system,
        performed_on=ago(days),
        result="partly",
        reply_minutes=None,
        finding_ids=(),
    )


def weakness(
    group: Group, company: str, severity: str, found: int, fixed: int | None = None, *, system: str | None = None
) -> str:
    """Let the scanner find a vulnerability so many days ago, on a system or else on some machine; its number."""
    device = None if system else group.steady_machine(company)
    department = device.department if device else group.hosts[str(system)].department
    number = group.number("vulnerability", "VU-{:04d}")
    fixed_on = ago(fixed) if fixed is not None else None
    group.vulnerabilities.append(
        Vulnerability(
            number, company, department, device.id if device else None, system, severity, ago(found), fixed_on
        )
    )
    return number


def firewall(
    group: Group, company: str, name: str, *, any_any: bool = False, temporary_until: date | None = None
) -> str:
    """Put a firewall of three rules into the network; the second is temporary or lets everything pass, if told."""
    rules = (
        Rule(f"{name}-R01"),
        Rule(f"{name}-R02", any_any=any_any, temporary_until=temporary_until),
        Rule(f"{name}-R03"),
    )
    group.firewalls.append(Firewall(name, company, rules))
    return name


def reviewed(group: Group, company: str, name: str, days: int, **fields: Cell) -> None:
    """Review the rules of a firewall so many days ago; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "department": None,
        "review_id": group.number("perimeter review", "RV-FW-{:04d}"),
        "kind": "perimeter",
        "scope_id": name,
        "period": ago(days).strftime("%Y-%m"),
        "reviewed_on": ago(days),
        "reviewed_by": group.posts[f"{company}-ADM", "deputy"],
        "items_total": 3,
        "items_decided": 3,
        "success_count": None,
        "failure_count": None,
        "anomalies": 0,
        "anomalies_disposed": 0,
    }
    group.add("reviews", **(row | fields))
