"""What the systems log: application logs, CloudTrail objects, an sshd log, and the log platform's own report."""

import gzip
import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from demo.days import AS_OF, DAY, JST, OPEN_END, at
from demo.files import Folder, clocked, json_lines, separated, slashed
from demo.group import Group, day_of, event_id
from demo.systems import TRAIL
from demo.values import Access, Host, Segment

APP = [
    "ログID",
    "日時",
    "利用者",
    "操作",
    "データベース",
    "件数",
    "結果",
    "接続元",
    "端末",
    "拠点",
    "作業票",
    "目的",
    "多要素",
]
ACTIONS = {
    "login_ok": "ログイン",
    "login_ng": "ログイン失敗",
    "read": "参照",
    "search": "検索",
    "update": "更新",
    "export": "出力",
    "print": "印刷",
}
MANIFEST = [
    "区間ID",
    "会社コード",
    "システム",
    "取得元",
    "開始",
    "終了",
    "受信行数",
    "送信行数",
    "不良行数",
    "ID数",
    "対応付け済",
    "ハッシュ一致",
    "連鎖一致",
    "時刻差秒",
    "保存期限",
]
AWS_ACCOUNT = "000000000001"
REGION = "ap-northeast-1"


def write(group: Group, inbox: Folder) -> None:
    """Write one file for each system and day, rotated logs, and the report of segments."""
    logs(group, inbox, group.access)
    for company in group.companies:
        _write_segments(group, inbox.under(f"log_platform_{company.lower()}"), company)


def logs(group: Group, inbox: Folder, accesses: Iterable[Access]) -> None:
    """Write what the systems logged, as each of them does."""
    of_system: dict[str, dict[date, list[Access]]] = defaultdict(lambda: defaultdict(list))
    for access in accesses:
        of_system[access.system][day_of(access.at)].append(access)
    writers: dict[str, Callable[[Folder, Host, dict[date, list[Access]]], None]] = {
        "json": _write_json,
        "csv": _write_csv,
        "cloudtrail": _write_trail,
        "sshd": _write_sshd,
    }
    for host in group.hosts.values():
        if host.source:
            writers[host.log](inbox.under(host.source), host, of_system[host.system])


def _write_json(folder: Folder, host: Host, days: dict[date, list[Access]]) -> None:
    for day, told in days.items():
        folder.put(f"{host.system.lower()}-{day:%Y%m%d}.jsonl", json_log(told), at(day, 24))


def json_log(accesses: Iterable[Access]) -> bytes:
    """An application log of one object a line."""
    return json_lines(map(_line, accesses))


def _line(access: Access) -> dict[str, Any]:
    told = {
        "id": access.id,
        "ts": access.at.astimezone(JST).isoformat(timespec="seconds"),
        "user": access.login,
        "op": access.action,
        "store": access.store,
        "rows": access.rows,
        "result": access.result,
        "ip": access.ip,
        "host": access.host,
        "site": access.site,
        "ticket": access.ticket,
        "purpose": access.purpose,
        "mfa": access.mfa if access.action == "login_ok" else None,
        "country": access.country,
        "zone": access.zone,
    }
    return {name: value for name, value in told.items() if value is not None}


def _write_csv(folder: Folder, host: Host, days: dict[date, list[Access]]) -> None:
    for day, told in days.items():
        folder.put(f"{host.system}_{day:%Y%m%d}.csv", csv_log(told), at(day, 24))


def csv_log(accesses: Iterable[Access]) -> bytes:
    """An application log as a table."""
    results = {"ok": "成功", "denied": "拒否", "error": "異常"}
    rows = [
        [
            a.id,
            clocked(a.at.astimezone(JST)),
            a.login,
            ACTIONS[a.action],
            a.store or "",
            "" if a.rows is None else str(a.rows),
            results[a.result],
            a.ip,
            a.host or "",
            a.site or "",
            a.ticket or "",
            a.purpose or "",
            {True: "1", False: "0", None: ""}[a.mfa] if a.action == "login_ok" else "",
        ]
        for a in accesses
    ]
    return separated([APP, *rows], "cp932")


def _write_trail(folder: Folder, host: Host, days: dict[date, list[Access]]) -> None:
    """Objects under AWS's own names: account, region, day by UTC, minute of delivery and a random tail."""
    objects: dict[tuple[date, bool], list[Access]] = defaultdict(list)
    for told in days.values():
        for access in told:
            moment = access.at.astimezone(UTC)
            objects[moment.date(), moment.hour >= 6].append(access)
    for (day, late), accesses in sorted(objects.items()):
        delivered = datetime(day.year, day.month, day.day, 23 if late else 6, 55, tzinfo=UTC)
        tail = uuid.uuid5(uuid.NAMESPACE_URL, f"{host.system}/{delivered}").hex[:16]
        name = f"{AWS_ACCOUNT}_CloudTrail_{REGION}_{delivered:%Y%m%dT%H%MZ}_{tail}.json.gz"
        content = json.dumps({"Records": [_record(access) for access in accesses]}).encode()
        path = f"AWSLogs/{AWS_ACCOUNT}/CloudTrail/{REGION}/{day:%Y/%m/%d}/{name}"
        folder.put(path, gzip.compress(content, mtime=0), delivered)


_CALLS = {
    "login_ok": ("ConsoleLogin", "signin.amazonaws.com", "AwsConsoleSignIn", False),
    "login_ng": ("ConsoleLogin", "signin.amazonaws.com", "AwsConsoleSignIn", False),
    "read": ("GetObject", "s3.amazonaws.com", "AwsApiCall", True),
    "stop_logging": ("StopLogging", "cloudtrail.amazonaws.com", "AwsApiCall", False),
}


def _record(access: Access) -> dict[str, Any]:
    name, source, kind, read_only = _CALLS[access.action]
    sign_in = name == "ConsoleLogin"
    arguments: dict[str, Any] | None = None
    if access.store:
        arguments = {
            "bucketName": access.store,
            "Host": f"{access.store}.s3.{REGION}.amazonaws.com",
            "key": "analysis/part-0000.parquet",
        }
    elif name == "StopLogging":
        arguments = {"name": TRAIL}
    denied = access.result == "denied"
    told: dict[str, Any] = {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": f"AIDADEMO{access.login.upper()}",
            "arn": f"arn:aws:iam::{AWS_ACCOUNT}:user/{access.login}",
            "accountId": AWS_ACCOUNT,
            "userName": access.login,
        },
        "eventTime": access.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": source,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": access.ip,
        "userAgent": "aws-cli/2.15.0",
        "requestParameters": arguments,
        "responseElements": {"ConsoleLogin": "Failure" if denied else "Success"} if sign_in else None,
        "requestID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"request/{access.id}")),
        "eventID": event_id(access),
        "readOnly": read_only,
        "eventType": kind,
        "managementEvent": name != "GetObject",
        "recipientAccountId": AWS_ACCOUNT,
        "eventCategory": "Data" if name == "GetObject" else "Management",
    }
    if sign_in:
        told["additionalEventData"] = {"MobileVersion": "No", "MFAUsed": "Yes" if access.mfa else "No"}
    elif denied:
        told |= {"errorCode": "AccessDenied", "errorMessage": "User is not authorized to perform this action"}
    return told


def _write_sshd(folder: Folder, _host: Host, days: dict[date, list[Access]]) -> None:
    """One log a month, as logrotate leaves them; lines carry neither year nor zone."""
    for name, months, ends in (("auth.log.1", (1, 2), at(date(2026, 2, 28), 24)), ("auth.log", (3,), at(AS_OF, 24))):
        lines = [line for day in sorted(days) if day.month in months for a in days[day] for line in _session(a)]
        folder.put(name, "".join(lines).encode(), ends)


def _session(access: Access) -> list[str]:
    moment = access.at.astimezone(JST)
    pid = 10_000 + int(access.id[1:]) % 20_000
    head = f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S} aoi-batch01 sshd[{pid}]: "
    tail = f"from {access.ip} port {40_000 + pid % 20_000} ssh2"
    if access.action == "login_ng":
        return [f"{head}Failed password for {access.login} {tail}\n"]
    session = f"pam_unix(sshd:session): session opened for user {access.login}(uid={pid}) by (uid=0)"
    return [f"{head}Accepted publickey for {access.login} {tail}: ED25519 SHA256:{'d' * 43}\n", f"{head}{session}\n"]


def _write_segments(group: Group, folder: Folder, company: str) -> None:
    own = [s for s in group.segments if group.hosts[s.system].company == company]
    march = at(AS_OF.replace(day=1), 0)
    for month in (2, 3):
        told = [s for s in own if (s.starts_at >= march) == (month == 3)]
        last = AS_OF if month == 3 else AS_OF.replace(month=3, day=1) - DAY
        folder.put(f"kukan_{last:%Y%m}.csv", segments(company, told), at(last, 24))


def segments(company: str, told: Iterable[Segment]) -> bytes:
    """Segments of a company's logs, as its log platform reports them."""
    return separated([MANIFEST, *(_segment(company, s) for s in told)], "utf-8-sig")


def _segment(company: str, segment: Segment) -> list[str]:
    return [
        f"{segment.source}-{segment.starts_at:%Y%m%d}",
        company,
        segment.system,
        segment.source,
        segment.starts_at.isoformat(),
        segment.ends_at.isoformat(),
        str(segment.lines),
        str(segment.lines_reported),
        "0",
        str(segment.accounts),
        str(segment.accounts_mapped),
        "○" if segment.digest_ok else "×",
        "○" if segment.chain_ok else "×",
        "" if segment.drift_s is None else str(segment.drift_s),
        slashed(min(segment.retained_until, OPEN_END)),
    ]
