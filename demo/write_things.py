"""What identity, device, door, cloud and security systems export."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from demo.days import AS_OF, JST, at
from demo.files import SNAPSHOTS, Folder, exported, json_lines, separated, slashed
from demo.group import Group, day_of
from demo.values import Account, BadgeRight, Device, Signal
from demo.values_security import Transfer

IDENTITIES = [
    "行区分",
    "会社コード",
    "所属",
    "システム",
    "アカウント",
    "種別",
    "有効",
    "多要素",
    "作成日",
    "無効化日時",
    "外部会社",
    "管理責任者",
    "期限",
    "承認番号",
    "社員番号",
    "割当開始",
    "割当終了",
]
BADGES = ["権限ID", "カード番号", "会社コード", "所属", "社員番号", "区域", "承認番号", "状態", "返却日"]
SENT = [
    "送信ID",
    "日時",
    "会社コード",
    "所属",
    "システム",
    "アカウント",
    "宛先",
    "宛先区分",
    "相手先",
    "検知件数",
    "本人数",
    "項目",
    "保護",
    "承認番号",
    "契約番号",
    "経路",
]


def write(group: Group, inbox: Folder) -> None:
    """Write every export of the technical systems."""
    for day in SNAPSHOTS:
        inbox.under("idp").put(f"accounts_{day:%Y%m%d}.tsv", identities(group, day), exported(day))
        inbox.under("mdm").put(f"devices_{day:%Y%m%d}.json", devices(group, day), exported(day))
        for company, rights in _of_company(group).items():
            if rights:
                content = badges(rights, day)
                inbox.under(f"badge_{company.lower()}").put(f"kenri_{day:%Y%m%d}.csv", content, exported(day))
    for day in (SNAPSHOTS[0], AS_OF):
        inbox.under("cloud").put(f"resources_{day:%Y%m%d}.json", cloud(group), exported(day))
    _write_signals(group, inbox)
    for company in group.companies:  # one of them never delivers
        inbox.under(f"badge_{company.lower()}").path.mkdir(parents=True, exist_ok=True)


def identities(group: Group, day: date) -> bytes:
    """Accounts and, in rows of another kind, whose they are; as the directory exports them for spreadsheets."""
    rows: list[list[str]] = [IDENTITIES]
    for account in sorted(group.accounts.values(), key=lambda a: (a.system, a.login)):
        if account.created_on <= day:
            rows.append(_account(group, account, day))
    for owner in sorted(group.owners, key=lambda o: (o.system, o.login, o.from_on)):
        if owner.from_on <= day:
            company = group.hosts[owner.system].company
            told = [owner.no, slashed(owner.from_on), slashed(owner.to_on)]
            rows.append(["所有者", company, "", owner.system, owner.login, *[""] * 9, *told])
    return separated(rows, "utf-16", "\t")


def _account(group: Group, account: Account, day: date) -> list[str]:
    if account.disabled_at and account.disabled_at > exported(day):
        account = replace(account, enabled=True, disabled_at=None)
    return [
        "アカウント",
        group.hosts[account.system].company,
        account.department or "",
        account.system,
        account.login,
        account.kind,
        "1" if account.enabled else "0",
        "1" if account.mfa else "0",
        slashed(account.created_on),
        account.disabled_at.isoformat() if account.disabled_at else "",
        account.outside or "",
        account.registered_owner or "",
        slashed(account.expires_on),
        account.approval or "",
        "",
        "",
        "",
    ]


def devices(group: Group, day: date) -> bytes:
    """Machines and media, as the device management saw them last by a day."""
    told = [_device(device, day) for device in sorted(group.devices.values(), key=lambda d: d.id)]
    return json.dumps({"total": len(told), "devices": told}, ensure_ascii=False, indent=1).encode()


def _device(device: Device, day: date) -> dict[str, Any]:
    if device.changed_at and device.changed_at > exported(day):
        owner = device.owner or device.former_owner
        device = replace(device, status="in_use", changed_at=None, wiped_at=None, owner=owner)
    verified = day - timedelta(days=device.verified_ago) if device.verified_ago is not None else None
    gone = device.status in ("disposed", "lost")
    seen = day_of(device.changed_at) if gone and device.changed_at else day
    if gone and verified and device.changed_at:
        verified = min(verified, day_of(device.changed_at))
    return {
        "assetId": device.id,
        "company": device.company,
        "department": device.department,
        "serial": device.serial,
        "kind": device.kind,
        "portable": device.portable,
        "ownerNo": device.owner,
        "site": device.site,
        "status": device.status,
        "statusChangedAt": device.changed_at.isoformat() if device.changed_at else None,
        "names": ";".join(device.hosts),
        "encryption": device.encryption,
        "encryptionVerifiedOn": verified.isoformat() if verified else None,
        "approvedModel": device.approved_model,
        "osSupported": device.os_supported,
        "agentReportedOn": _before(seen, device.agent_ago),
        "signatureOn": _before(seen, device.signature_ago),
        "lastSeenOn": _before(seen, device.seen_ago),
        "wipedAt": device.wiped_at.isoformat() if device.wiped_at else None,
    }


def _before(day: date, days: int | None) -> str | None:
    return None if days is None else (day - timedelta(days=days)).isoformat()


def _of_company(group: Group) -> dict[str, list[BadgeRight]]:
    return {company: [right for right in group.badges if right.company == company] for company in group.companies}


def badges(rights: Iterable[BadgeRight], day: date) -> bytes:
    """Rights to enter zones, as a door system knows them on a day."""
    rows = [BADGES]
    for right in rights:
        enabled = day <= right.enabled_until
        told = [right.id, right.badge, right.company, right.department, right.no, right.zone, right.approval or ""]
        rows.append([*told, "有効" if enabled else "停止", "" if enabled else slashed(right.enabled_until)])
    return separated(rows, "cp932")


def cloud(group: Group) -> bytes:
    """The resources of the cloud accounts."""
    told = [
        {
            "id": one.id,
            "company": one.company,
            "system": one.system,
            "kind": one.kind,
            "region": one.region,
            "country": one.country,
            "public": one.public,
            "anonymous": one.anonymous,
            "personalData": one.tagged,
            "encrypted": one.encrypted,
        }
        for one in group.cloud
    ]
    return json.dumps({"total": len(told), "resources": told}, ensure_ascii=False, indent=1).encode()


def _write_signals(group: Group, inbox: Folder) -> None:
    for month in (2, 3):
        last = AS_OF if month == 3 else date(2026, 2, 28)
        signals = [s for s in group.signals if (s.at.month == 3) == (month == 3)]
        inbox.under("edr").put(f"alerts_{last:%Y%m}.jsonl", alerts(signals), at(last, 24))
        told = (t for t in group.transfers if (t.at.month == 3) == (month == 3))
        inbox.under("dlp").put(f"outbound_{last:%Y%m}.csv", sent(told), at(last, 24))


def alerts(signals: Iterable[Signal]) -> bytes:
    """Alerts in the order of their times."""
    return json_lines(_signal(s) for s in sorted(signals, key=lambda s: (s.at, s.id)))


def sent(transfers: Iterable[Transfer]) -> bytes:
    """What went out, in the order of its times."""
    told = sorted(transfers, key=lambda t: (t.at, t.id))
    return separated([SENT, *map(_transfer, told)], "utf-8-sig")


def _signal(signal: Signal) -> dict[str, Any]:
    told = {
        "alertId": signal.id,
        "time": signal.at.astimezone(JST).isoformat(),
        "company": signal.company,
        "department": signal.department,
        "category": signal.kind,
        "severity": signal.severity,
        "hostname": signal.host,
        "message": signal.text,
    }
    return {name: value for name, value in told.items() if value is not None}


def _transfer(transfer: Transfer) -> list[str]:
    return [
        transfer.id,
        transfer.at.isoformat(),
        transfer.company,
        transfer.department,
        transfer.system,
        transfer.login,
        transfer.destination,
        transfer.destination_kind,
        transfer.party or "",
        str(transfer.hits),
        str(transfer.hits),
        ";".join(transfer.items),
        "1" if transfer.protected else "0",
        transfer.approval or "",
        transfer.contract or "",
        transfer.channel,
    ]
