"""The systems, stores, accounts and machines of the group, all in order."""

from datetime import date

from demo.days import OPEN_END, ago
from demo.group import Group
from demo.values import Account, Cell, Device, Host, Worker
from demo.values_security import Cloud

_SYSTEMS = (
    Host(
        "SYS-CRM", "AOI", "AOI-SAL", "log_crm", "json", ("DB-CRM-MEM", "DB-CRM-INQ"), fields={"name": "会員・顧客管理"}
    ),
    Host("SYS-ATS", "AOI", "AOI-MKT", "log_ats", "json", ("DB-ATS-APP",), fields={"name": "応募者管理"}),
    Host("SYS-HRM", "AOI", "AOI-ADM", "log_hrm", "csv", ("DB-HRM-EMP", "DB-HRM-MYN"), fields={"name": "人事給与"}),
    Host(
        "SYS-AWS",
        "AOI",
        "AOI-SYS",
        "log_aws",
        "cloudtrail",
        ("aoi-analysis",),
        fields={"name": "分析基盤(クラウド)", "operator_country": "US", "internet_facing": True},
    ),
    Host("SYS-LNX", "AOI", "AOI-SYS", "log_lnx", "sshd", (), fields={"name": "夜間処理サーバ"}),
    Host(
        "SYS-MKT",
        "AOI",
        "AOI-MKT",
        "log_mkt",
        "csv",
        ("DB-MKT-SUB",),
        fields={"name": "メール配信(SaaS)", "server_country": "US", "operator_country": "US"},
    ),
    Host(
        "SYS-TKT",
        "AOI",
        "AOI-SYS",
        "log_tkt",
        "json",
        ("DB-TKT-OPS",),
        tickets=True,
        fields={"name": "本番保守コンソール"},
    ),
    Host(
        "SYS-WIKI",
        "AOI",
        "AOI-SYS",
        "log_wiki",
        "csv",
        ("DB-WIKI",),
        fields={"name": "社内ポータル", "holds_personal_data": False},
    ),
    Host("SYS-WMS", "MID", "MID-OPS", "log_wms", "csv", ("DB-WMS-SHP",), fields={"name": "配送・作業管理"}),
    Host(
        "SYS-SUP",
        "MID",
        "MID-SUP",
        "log_sup",
        "json",
        ("DB-SUP-CASE",),
        fields={"name": "受託問合せ管理(SaaS)", "server_country": "SG", "operator_country": "SG"},
    ),
    Host("SYS-MHR", "MID", "MID-ADM", "log_mhr", "csv", ("DB-MHR-EMP",), fields={"name": "人事給与"}),
    Host(
        "SYS-MNT", "MID", "MID-SUP", "log_mnt", "json", ("DB-MNT-OPS",), tickets=True, fields={"name": "保守コンソール"}
    ),
)
TRAIL = "arn:aws:cloudtrail:ap-northeast-1:000000000001:trail/aoi-trail"
_USES = {
    "AOI-ADM": ("SYS-HRM",),
    "AOI-SAL": ("SYS-CRM",),
    "AOI-CSC": ("SYS-CRM",),
    "AOI-SYS": ("SYS-TKT", "SYS-AWS", "SYS-LNX"),
    "AOI-MKT": ("SYS-MKT", "SYS-ATS"),
    "MID-ADM": ("SYS-MHR",),
    "MID-OPS": ("SYS-WMS",),
    "MID-SUP": ("SYS-SUP",),
}
_SPECIAL: dict[str, dict[str, Cell]] = {
    "DB-HRM-EMP": {"special_care": True},
    "DB-HRM-MYN": {"my_number": True},
    "DB-WIKI": {"holds_personal_data": False},
}


def build(group: Group) -> None:
    """Register the systems and stores, give accounts to those who need them, and a machine to everybody."""
    for host in _SYSTEMS:
        register(group, host)
    for worker in group.workers:
        for system in uses(worker):
            group.login(worker, system)
        _machine(group, worker)
    group.accounts["SYS-CRM", "batch-crm"] = Account(
        "SYS-CRM",
        "batch-crm",
        "サービス",
        registered_owner=group.posts["AOI-SYS", "deputy"],
        expires_on=date(2026, 9, 30),
    )
    group.accounts["SYS-WMS", "batch-wms"] = Account(
        "SYS-WMS",
        "batch-wms",
        "サービス",
        registered_owner=group.posts["MID-OPS", "deputy"],
        expires_on=date(2026, 9, 30),
    )
    for company in ("AOI", "MID"):
        _shared_machines(group, company)
    group.cloud += [
        Cloud("arn:aws:s3:::aoi-analysis", "AOI", "SYS-AWS", "bucket", "ap-northeast-1", "JP"),
        Cloud(
            "arn:aws:rds:ap-northeast-1:000000000001:db:analysis", "AOI", "SYS-AWS", "database", "ap-northeast-1", "JP"
        ),
        Cloud("arn:aws:s3:::mid-backup", "MID", "SYS-WMS", "bucket", "ap-northeast-1", "JP"),
    ]


def uses(worker: Worker) -> tuple[str, ...]:
    """The systems of a worker's everyday work."""
    if worker.kind == "役員" or not worker.handles:
        return ("SYS-WIKI",) if worker.company == "AOI" else ()
    own = _USES[worker.department]
    if worker.department == "AOI-SYS":
        own = (own[int(worker.no[1:]) % 3], own[(int(worker.no[1:]) + 1) % 3])
    if worker.department == "MID-SUP" and int(worker.no[1:]) % 5 == 0:
        own = (*own, "SYS-MNT")
    return (*own, "SYS-WIKI") if worker.company == "AOI" else own


def register(group: Group, host: Host) -> None:
    """Write a system and its stores into the registers."""
    group.hosts[host.system] = host
    manager, deputy = group.posts[host.department, "dept_privacy_manager"], group.posts[host.department, "deputy"]
    row: dict[str, Cell] = {
        "company": host.company,
        "department": host.department,
        "system_id": host.system,
        "name": host.system,
        "owner_key": manager,
        "holds_personal_data": True,
        "requires_ticket": host.tickets,
        "requires_mfa": False,
        "internet_facing": False,
        "behind_firewall": f"FW-{host.company}",
        "log_sources": (host.source,) if host.source else (),
        "log_calendar": "daily",
        "log_retention_days": 800,
        "min_events_per_day": 0,
        "server_country": "JP",
        "operator_country": "JP",
        "shared_use_scope": None,
        "key_owner_key": manager,
        "data_admin_key": deputy,
        "went_live_on": date(2021, 4, 1),
        "retired_on": None,
    }
    group.add("systems", **(row | dict(host.fields)))
    for store in host.stores:
        kept: dict[str, Cell] = {
            "company": host.company,
            "department": host.department,
            "db_id": store,
            "system_id": host.system,
            "zone_id": None,
            "special_care": False,
            "my_number": False,
            "holds_personal_data": True,
        }
        group.add("data_stores", **(kept | _SPECIAL.get(store, {})))
    group.add(
        "exercises",
        company=host.company,
        department=None,
        exercise_id=group.number("exercise", "EX-{:04d}"),
        kind="restore_test",
        scope_id=host.system,
        performed_on=ago(group.rng.randrange(20, 300)),
        result="passed",
        reply_minutes=None,
        finding_ids=(),
    )
    appoint_admin(group, host, deputy)


def appoint_admin(group: Group, host: Host, no: str, *, last: date = OPEN_END) -> None:
    """Appoint somebody to administer a system."""
    group.add(
        "appointments",
        company=host.company,
        department=host.department,
        appointment_id=group.number("appointment", "APT-{:04d}"),
        role="system_admin",
        scope_id=host.system,
        person_key=no,
        appointed_by=group.posts[host.company, "representative"],
        appointed_on=date(2021, 4, 1),
        ends_on=last,
    )


def machine(group: Group, number: str, company: str, department: str, **fields: object) -> Device:
    """Put a machine into the inventory; the host name and the MAC follow from its number."""
    told: dict[str, object] = {
        "id": f"DV-{number}",
        "serial": f"SN{number}",
        "kind": "pc",
        "company": company,
        "department": department,
        "portable": True,
        "hosts": (f"PC-{number}", _mac(number)),
        "verified_ago": group.rng.randrange(3),
    }
    device = Device(**(told | fields))  # type: ignore[arg-type]
    if device.id in group.devices:
        raise ValueError(f"{device.id} is in the inventory already: give each module its own numbers")
    group.devices[device.id] = device
    return device


def _machine(group: Group, worker: Worker) -> None:
    machine(group, worker.no[1:], worker.company, worker.department, owner=worker.no, portable=group.rng.random() < 0.6)


def _shared_machines(group: Group, company: str) -> None:
    for department in [d for d in group.departments if d.company == company]:
        for _ in range(2):
            machine(group, group.number("phone", "7{:05d}"), company, department.code, kind="phone")
    admin = f"{company}-ADM"
    for system in [h.system for h in group.hosts.values() if h.company == company]:
        number = group.number("server", "8{:05d}")
        name = "aoi-batch01" if system == "SYS-LNX" else f"sv-{system[4:].lower()}"
        machine(group, number, company, admin, kind="server", portable=False, hosts=(name, _mac(number)))
    for _ in range(3):
        machine(group, group.number("medium", "9{:05d}"), company, admin, kind="media", hosts=())


def _mac(number: str) -> str:
    """A locally administered address: it belongs to no maker."""
    digits = f"{int(number):08x}"
    return "02:5a:" + ":".join(digits[i : i + 2] for i in range(0, 8, 2))
