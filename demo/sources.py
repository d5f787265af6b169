"""The home's own files: settings, schedule, one file a source, the profiles that say what their columns mean."""

from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from demo.days import AS_OF, at
from demo.files import Folder
from demo.group import Group
from demo.write_taken_over import TAKEN_OVER
from evidence import secrets

WRITTEN_AT = at(AS_OF, 12)
SECRET = "keys/secret"  # noqa: S105 - a path
YEARS = 400
OF_ONE = (("badge", "demo_badge", 4), ("entry", "demo_entry", 31), ("log_platform", "demo_log_platform", 2))
"""What each company delivers by itself: name, profile, days until it is stale."""
Source = dict[str, Any]


def write_secret(secret: bytes, home: Path) -> None:
    """Write the secret that the home mints keys from, before anything is named by them."""
    secrets.create(home / SECRET, secret.hex())


def write(group: Group, home: Folder) -> None:
    """Write settings, schedule, profiles and sources."""
    settings = {
        "group": "架空グループ",
        "zone": "Asia/Tokyo",
        "vault": {"key": "file"},
        "companies": [{"code": c, "name": n} for c, n in group.companies.items()],
    }
    _put(home, "settings.yaml", settings)
    schedules = [
        {"name": "collect", "does": "collect", "cron": "30 5 * * *"},
        {"name": "judge", "does": "judge", "cron": "0 7 * * *"},
        {"name": "close", "does": "close", "cron": "30 7 * * *"},
        {"name": "self-check", "does": "self-check", "cron": "0 8 * * *", "business_day": 15},
    ]
    _put(home, "schedule.yaml", {"schedules": schedules, "grace_hours": 12})
    for profile in sorted(files("demo").joinpath("profiles").iterdir(), key=lambda entry: entry.name):
        home.put(f"profiles/{profile.name}", profile.read_bytes(), WRITTEN_AT)
    for source in sources(group):
        _put(home, f"sources/{source['name']}.yaml", source)


def sources(group: Group) -> list[Source]:
    """Every source of the home; badge_mid is configured like its sister and never delivers."""
    everybody = tuple(group.companies)
    told = [
        _source("hr_roster", everybody, "*.csv", "demo_hr_roster", days=4),
        _source("hr_postings", everybody, "*.csv", "demo_hr_postings", days=4),
        _source("hr_leaves", everybody, "*.csv", "demo_hr_leaves", days=4) | {"may_lack_companies": True},
        _source("hr_units", everybody, "*.csv", "demo_hr_units", days=90),
        _source("attendance", everybody, "*.csv", "demo_attendance", days=31),
        _source("lms", everybody, "*.csv", "demo_lms", days=31),
        _source("classroom", everybody, "*.xlsx", "demo_classroom", days=YEARS),
        _source("idp", everybody, "*.tsv", "demo_idp", days=4),
        _source("directory_rights", everybody, "*.csv", "demo_rights", days=4),
        _source("mdm", everybody, "*.json", "demo_mdm", days=4),
        _source("gates", everybody, "*.csv", "demo_gates", days=31),
        _source("settings", everybody, "*.json", "demo_settings", days=31),
        _source("visitors", everybody, "*.csv", "demo_visitors", days=31),
        _source("cloud", everybody, "*.json", "demo_cloud", days=31),
        _source("page_captures", everybody, "*.jsonl", "demo_pages", days=31),
        _source("edr", everybody, "*.jsonl", "demo_edr", days=31),
        _source("dlp", everybody, "*.csv", "demo_dlp", days=31),
        _source("dlp_media", everybody, "*.csv", "demo_media", days=31),
        _source("scanner", everybody, "*.csv", "demo_scanner", days=31),
        _source("firewalls", everybody, "*.json", "demo_firewalls", days=31),
        _source("vendor_audits", everybody, "*.xlsx", "vendor_audit_sheet", days=YEARS),
        _source("sub_vendors", everybody, "*.csv", "demo_sub_vendors", days=YEARS),
        _source("provisions", everybody, "*.csv", "demo_provisions", days=31),
        _source("subject_uses", everybody, "*.jsonl", "demo_subject_uses", days=31),
        _source("payments", everybody, "*.csv", "demo_payments", days=40),
        _source("sign_on", everybody, "*.json", "demo_sign_on", days=31),
    ]
    for company in everybody:
        for name, profile, days in OF_ONE:
            told.append(_source(f"{name}_{company.lower()}", (company,), "*.csv", profile, days=days))
    told += [_taken_over(register, source, everybody) for register, source in TAKEN_OVER.items()]
    logs = {
        "json": ("*.jsonl", "demo_log_json"),
        "csv": ("*.csv", "demo_log_csv"),
        "cloudtrail": ("AWSLogs/**/*.json.gz", "cloudtrail"),
        "sshd": ("auth.log*", "demo_sshd"),
    }
    for host in group.hosts.values():
        if host.source:
            pattern, profile = logs[host.log]
            kept = group.row("systems", system_id=host.system)["log_retention_days"]
            source = _source(host.source, (host.company,), pattern, profile, days=2)
            told.append(source | {"options": {"system_id": host.system}, "retention_days": kept})
    return told


def _taken_over(register: str, source: str, companies: tuple[str, ...]) -> Source:
    """A source whose columns are the register's own: it needs no profile."""
    told = _source(source, companies, "*.jsonl", "", days=YEARS)
    del told["profile"]
    return told | {"dataset": register, "format": {"kind": "json_lines"}, "completeness": "file"}


def _source(name: str, companies: tuple[str, ...], pattern: str, profile: str, *, days: int) -> Source:
    return {
        "name": name,
        "companies": list(companies),
        "transport": {"kind": "local", "folder": f"inbox/{name}", "pattern": pattern},
        "profile": profile,
        "zone": "Asia/Tokyo",
        "max_age_days": days,
        "max_drop_percent": 20,
    }


def _put(home: Folder, name: str, content: object) -> None:
    text = StringIO()
    yaml = YAML(pure=True)
    yaml.default_flow_style = False
    yaml.dump(content, text)
    home.put(name, text.getvalue().encode(), WRITTEN_AT)
