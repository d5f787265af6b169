"""A small company's systems, as they write evidence: odd encodings, their own column names, invented people."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from evidence.datasets import catalogue
from house import House
from registers.sheets import export

CODE, SILENT = "AOI", "MID"  # the second company has no source at all
AWS, SSH = "SYS-AWS", "SYS-SSH"
HIRED = "2020/04/01"


@dataclass(frozen=True, slots=True)
class Person:
    """One invented worker, in all the ways that systems name them."""

    number: str
    name: str
    mail: str
    login: str
    system: str


def people(ssh_user: str) -> tuple[Person, ...]:
    """Who is on the roster; two of them own an account that acts in the logs."""
    return (
        Person("W904171", "髙橋①太郎", "takahashi.taro@aoi.example", "bert-jan", AWS),
        Person("W904172", "甲野花子", "kouno.hanako@aoi.example", ssh_user, SSH),
        Person("W904173", "乙山壱郎", "otoyama.ichiro@aoi.example", "otoyama1", AWS),
    )


LEAVER = Person("W904174", "丙野四郎", "heino.shiro@agency.example", "-", "-")  # dispatched; no account anywhere

PROFILES = {
    "pay_roster": """\
title: {ja: 給与名簿, en: Payroll roster}
format: {kind: csv, encoding: cp932}
completeness: {trailer: {first_cell: 合計, count_cell: 2}}
datasets:
  workers:
    columns:
      department: {from: 所属}
      engagement_key: {from: [社員番号, 入社日], mint: engagement}
      person_key: {from: 社員番号, mint: person, as: worker_no}
      kind: {from: 区分, map: {正社員: regular}}
      hired_on: {from: 入社日, date: "%Y/%m/%d"}
      handles_personal_data: {from: 取扱者, map: {"○": true, "": false}}
      pledge_held_by_agency: {value: false}
      has_account: {value: true}
""",
    "web_training": """\
title: {ja: 受講履歴, en: Learning records}
format: {kind: csv, encoding: utf-8-sig}
completeness: file
datasets:
  training:
    columns:
      department: {from: 所属}
      training_key: {from: [社員番号, 講座, 修了日], mint: training}
      person_key: {from: 社員番号, mint: person, as: worker_no}
      course: {from: 講座}
      content_version: {from: 版}
      kind: {value: annual}
      completed_on: {from: 修了日, date: "%Y/%m/%d"}
      score: {from: 得点}
      passed: {from: 合否, map: {合格: true, 不合格: false}}
      method: {value: e_learning}
""",
    "mdm_list": """\
title: {ja: 端末管理, en: Device management}
format: {kind: json_lines, records: /devices}
completeness: {count_pointer: /total}
datasets:
  devices:
    columns:
      department: {from: dept}
      device_id: {from: asset}
      kind: {from: type, map: {notebook: pc, smartphone: phone}}
      portable: {value: true}
      owner_key: {from: owner, mint: person, as: worker_no}
      status: {value: in_use}
      aliases: {from: host, split: ";", mint: device}
      encryption: {from: disk, map: {encrypted: "on", plain: "off"}}
      approved_model: {value: true}
""",
    "media_list": """\
title: {ja: 記録媒体一覧, en: List of media}
format: {kind: csv, encoding: utf-16, delimiter: "\\t"}
completeness: file
datasets:
  devices:
    columns:
      department: {from: 部署}
      device_id: {from: 管理番号}
      kind: {value: media}
      portable: {value: true}
      owner_key: {from: 管理者番号, mint: person, as: worker_no}
      status: {from: 状態, map: {保管: stored, 持出: carried}}
      encryption: {from: 暗号化, map: {済: "on", 未: "off"}}
      approved_model: {value: true}
""",
    "id_list": """\
title: {ja: ID台帳, en: Accounts and their owners}
format: {kind: csv, encoding: utf-16, delimiter: "\\t"}
completeness: file
datasets:
  accounts:
    columns:
      account_key: {from: [システム, ID], mint: account}
      account_id: {from: ID}
      system_id: {from: システム}
      kind: {value: personal}
      enabled: {from: 状態, map: {有効: true, 停止: false}}
  account_owners:
    columns:
      account_key: {from: [システム, ID], mint: account}
      person_key: {from: 社員番号, mint: person, as: worker_no}
      basis: {value: worker_no}
      valid_from_on: {from: 発行日, date: "%Y/%m/%d"}
      valid_to_on: {value: 9999-12-31}
      entered_by: {value: id_list}
""",
}

OWN_HEADERS = {  # headers are the datasets' own names, English or Japanese: no profile
    "classroom": ("training", {"kind": "workbook"}, "*.xlsx"),
    "alerts": ("security_events", {"kind": "json_lines"}, "*.jsonl"),
    "dispatch": ("workers", {"kind": "csv", "encoding": "utf-8"}, "*.csv"),
    "leaves": ("leaves", {"kind": "csv", "encoding": "cp932"}, "*.csv"),
}
OF_PROFILE = {
    "roster": ("pay_roster", "*.csv"),
    "lms": ("web_training", "*.csv"),
    "mdm": ("mdm_list", "*.json"),
    "media": ("media_list", "*.tsv"),
    "ids": ("id_list", "*.tsv"),
}


def configure(home: Path, remote: Mapping[str, Mapping[str, Any]]) -> None:
    """Write profiles and sources; ``remote`` are the sources that are no folders of the home."""
    for name, text in PROFILES.items():
        (home / "profiles" / f"{name}.yaml").write_text(f"name: {name}\n{text}", "utf-8")
    local: dict[str, dict[str, Any]] = {}
    for name, (profile, pattern) in OF_PROFILE.items():
        local[name] = {"profile": profile, "transport": _folder(name, pattern)}
    for name, (dataset, layout, pattern) in OWN_HEADERS.items():
        local[name] = {"dataset": dataset, "format": layout, "transport": _folder(name, pattern)}
    for name, told in {**local, **remote}.items():
        source = {"name": name, "companies": [CODE], "zone": "Asia/Tokyo", "max_age_days": 3, **told}
        (home / "sources" / f"{name}.yaml").write_text(json.dumps(source, ensure_ascii=False), "utf-8")
        if name in local:
            (home / "inbox" / name).mkdir(parents=True)


def deliver(home: Path, staff: Sequence[Person], at: datetime) -> None:
    """What every system drops on a day, with the time of that moment."""
    day = f"{at:%Y%m%d}"
    rows: list[list[Any]] = [["社員番号", "氏名", "所属", "区分", "入社日", "取扱者"]]
    rows += [[p.number, p.name, "営業部", "正社員", HIRED, "○"] for p in staff]
    put(home, f"roster/meibo_{day}.csv", _csv([*rows, ["合計", len(staff), "", "", "", ""]]).encode("cp932"), at)
    rows = [["社員番号", "氏名", "所属", "講座", "版", "修了日", "得点", "合否"]]
    rows += [[p.number, p.name, "営業部", "PI", "2023", f"{at:%Y/%m/%d}", 90, "合格"] for p in staff[:2]]
    put(home, f"lms/rireki_{day}.csv", _csv(rows).encode("utf-8-sig"), at)
    put(home, f"classroom/研修_{staff[2].name}_{day}.xlsx", _classroom(staff[2], at), at)
    notebooks = [
        {"asset": f"PC-{n}", "dept": "営業部", "type": "notebook", "owner": p.number, "host": f"pc{n};PC{n}.aoi.example",
         "disk": "encrypted"}
        for n, p in enumerate(staff, start=1)
    ]  # fmt: skip
    put(home, f"mdm/devices_{day}.json", json.dumps({"total": len(staff), "devices": notebooks}).encode(), at)
    rows = [["管理番号", "部署", "管理者番号", "状態", "暗号化"], ["USB-1", "営業部", staff[0].number, "保管", "済"]]
    put(home, f"media/media_{day}.tsv", _csv(rows, "\t").encode("utf-16"), at)
    rows = [["システム", "ID", "状態", "社員番号", "メール", "発行日"]]
    rows += [[p.system, p.login, "有効", p.number, p.mail, HIRED] for p in staff]
    put(home, f"ids/ids_{day}.tsv", _csv(rows, "\t").encode("utf-16"), at)
    alert = {"signal_id": f"A-{day}", "kind": "other", "severity": "low", "occurred_at": f"{at.isoformat()}",
             "text": f"{staff[1].name} <{staff[1].mail}>"}  # fmt: skip
    put(home, f"alerts/alerts_{day}.jsonl", json.dumps(alert, ensure_ascii=False).encode() + b"\n", at)
    rows = [["department", "engagement_key", "person_key", "kind", "employer", "hired_on", "left_on",
             "handles_personal_data", "pledge_held_by_agency", "has_account"]]  # fmt: skip
    rows += [["営業部", f"{LEAVER.number}-1", LEAVER.number, "派遣", f"担当 {LEAVER.mail}", "2022-04-01", "2023-07-07",
              "はい", "はい", "いいえ"]]  # fmt: skip
    put(home, f"dispatch/{LEAVER.name}_{day}.csv", _csv(rows).encode(), at)
    rows = [["部門", "休職キー", "対象者", "休職・休業の種別", "休職開始日", "休職終了日"]]
    rows += [["営業部", f"{staff[1].name}の休職", staff[1].number, staff[1].mail, f"{at:%Y-%m-%d}", "9999-12-31"]]
    put(home, f"leaves/leaves_{day}.csv", _csv(rows).encode("cp932"), at)


def put(home: Path, name: str, content: bytes, at: datetime) -> None:
    """A file in an inbox, written at that moment."""
    path = home / "inbox" / name
    path.write_bytes(content)
    os.utime(path, (at.timestamp(), at.timestamp()))


def registers(home: Path, owner: str) -> dict[str, Path]:
    """The filled-in workbooks of the systems and of a vendor."""
    common = {
        "company": CODE, "department": "情報システム部", "owner_key": owner, "requires_ticket": False,
        "requires_mfa": False, "internet_facing": False, "log_calendar": "daily", "log_retention_days": 730,
        "min_events_per_day": 0, "shared_use_scope": None,
    }  # fmt: skip
    systems = [
        {**common, "system_id": AWS, "name": "クラウド", "holds_personal_data": True, "log_sources": ["trails"]},
        {**common, "system_id": SSH, "name": "踏み台", "holds_personal_data": True, "log_sources": ["bastion"]},
    ]
    vendors = [
        {"company": CODE, "department": "総務部", "vendor_id": "V-1", "name": "架空印刷", "tier": "T2", "status": "active",
         "handles_personal_data": True, "items": ["氏名", "住所"]}
    ]  # fmt: skip
    paths = {}
    for name, rows in {"systems": systems, "vendors": vendors}.items():
        paths[name] = home / f"{name}.xlsx"
        paths[name].write_bytes(export(catalogue()[name], rows))
    return paths


def remote(house: House, endpoint: str, access: str, secret: str, ssh: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The sources that are fetched over a network; their secrets go where a source's secrets belong."""
    for name, value in {"s3_access": access, "s3_secret": secret}.items():
        path = house.home / "keys" / name
        path.touch(0o600)
        path.write_text(value)
    return {
        "trails": {
            "transport": {
                "kind": "s3", "bucket": "trails", "prefix": "AWSLogs/", "pattern": "*.json.gz",
                "region": "ap-northeast-1", "endpoint": endpoint,
                "access_key": "${file:keys/s3_access}", "secret_key": "${file:keys/s3_secret}",
            },
            "profile": "cloudtrail",
            "options": {"system_id": AWS},
        },
        "bastion": {"transport": dict(ssh), "profile": "sshd_auth", "options": {"system_id": SSH}},
    }  # fmt: skip


def _folder(name: str, pattern: str) -> dict[str, str]:
    return {"kind": "local", "folder": f"inbox/{name}", "pattern": pattern}


def _csv(rows: Sequence[Sequence[Any]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _classroom(person: Person, at: datetime) -> bytes:
    told = catalogue()["training"]
    row = {
        "department": "営業部", "person_key": person.number, "course": "PI", "content_version": "2023",
        "kind": "年次教育", "completed_on": f"{at:%Y-%m-%d}", "passed": "はい", "method": "集合研修",
    }  # fmt: skip
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([told.column(name).header for name in row])
    sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
