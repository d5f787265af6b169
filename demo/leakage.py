"""How systems keep data from leaking: encryption on every way, and reviews before anything new is used; in order."""

from datetime import date

from demo.days import AS_OF, ago
from demo.group import COMPANIES, Group
from demo.keeping import WORK
from demo.values import Cell, Setting

TLS, ENCRYPTED = "tls_min", "encrypted"
WAYS = {"transit": ("endpoint:443", TLS), "storage": ("storage", ENCRYPTED), "backup": ("backup", ENCRYPTED)}


def build(group: Group) -> None:
    """Let both companies change a system, reviewed before, and test with data that names nobody."""
    for company in COMPANIES:
        change(group, company, "system_change", (WORK[company],), 18)
        change(group, company, "test_data_use", (WORK[company],), 12, production_data_basis="pseudonymised")


def complete(group: Group) -> None:
    """Encrypt every way of every system with personal data, but for what the plan says of it."""
    said = {(setting.system, setting.part, setting.name) for setting in group.settings}
    spoken_of = {system for system, _, name in said if name == TLS}
    for row in group.rows("systems", holds_personal_data=True):
        system, retired = str(row["system_id"]), row["retired_on"]
        if isinstance(retired, date) and retired <= AS_OF:
            continue
        for part, name in WAYS.values():
            if (system, part, name) not in said and not (name == TLS and system in spoken_of):
                group.settings.append(secured(system, part, name))


def secured(system: str, part: str, name: str) -> Setting:
    """What one part of a system is set to when it is safe."""
    return Setting(system, name, 1.3, "1.3", part) if name == TLS else Setting(system, name, None, "true", part)


def change(group: Group, company: str, kind: str, affects: tuple[str, ...], days: int, **fields: Cell) -> str:
    """Write a change so many days ago, reviewed a week before; tests use production data. Fields override."""
    number = group.number("security change", "CHS-{:04d}")
    row: dict[str, Cell] = {
        "company": company,
        "department": f"{company}-ADM",
        "change_id": number,
        "kind": kind,
        "affects": affects,
        "effective_on": ago(days),
        "review_approved_on": ago(days + 7),
        "pia_ref": f"PIA-{number}",
        "production_data": kind == "test_data_use",
        "production_data_basis": None,
    }
    group.add("changes", **(row | fields))
    return number
