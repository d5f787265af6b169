"""Planted in how systems keep data from leaking: TEC-4-01, TEC-4-02, TEC-4-03 and TEC-4-05."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from demo.days import DAY, ago, at
from demo.group import Group
from demo.leakage import ENCRYPTED, TLS, change
from demo.plan import Plan
from demo.plant_access import waive
from demo.values import Cell, Setting
from demo.values_security import Cloud
from demo.vendors import send

_SENT = date(2026, 3, 12)
_SENDERS = {"AOI": ("AOI-MKT", "SYS-ATS"), "MID": ("MID-OPS", "SYS-WMS")}


def plant(group: Group, plan: Plan) -> None:
    """Plant open ways, keys in the wrong hands, releases that nobody reviewed and clouds open to anybody."""
    _open_ways(group, plan)
    _keys(group, plan)
    _restored(group, plan)
    _closed_ways(group, plan)
    _unreviewed(group, plan)
    _went_live(group, plan)
    _test_data(group, plan)
    _sent(group, plan)
    _sent_in_order(group, plan)
    _exposed(group, plan)
    _not_exposed(group, plan)


def _way(group: Group, system: str, part: str, name: str, number: float | None, value: str | None) -> None:
    group.settings.append(Setting(system, name, number, value, part))


def _open_ways(group: Group, plan: Plan) -> None:
    def fault(company: str, system: str, aspect: str, kind: str, note: str) -> None:
        plan.fault("TEC-4-01", company, system, kind, note, aspect=aspect)

    _way(group, "SYS-MKT", "endpoint:443", TLS, 1.3, "1.3")
    _way(group, "SYS-MKT", "endpoint:8443", TLS, 1.1, "1.1")
    fault("AOI", "SYS-MKT", "transit", "one of two ends takes TLS 1.1", "2つの接続先の一方がTLS 1.1を受け付ける")
    _way(group, "SYS-LNX", "endpoint:22", TLS, None, None)
    fault("AOI", "SYS-LNX", "transit", "not read out", "接続先のTLSの版が確認されていない")
    _way(group, "SYS-MNT", "storage", ENCRYPTED, 0, "false")
    fault("MID", "SYS-MNT", "storage", "storage not encrypted", "保存先が暗号化されていない")
    group.cloud.append(
        Cloud("snap-mid-20260301", "MID", "SYS-WMS", "snapshot", "ap-northeast-1", "JP", encrypted=False)
    )
    fault("MID", "SYS-WMS", "backup", "snapshot not encrypted", "バックアップは暗号化、クラウドの写しは未暗号化")
    _way(group, "SYS-FAX", "backup", ENCRYPTED, None, None)
    fault("AOI", "SYS-FAX", "backup", "not known, waived", "例外承認あり(印は付くが消えない)")
    waive(group, "TEC-4-01", "AOI", "SYS-FAX", "複合機の保守契約で4月に確認予定")


def _keys(group: Group, plan: Plan) -> None:
    def told(system: str, kind: str, note: str, **fields: Cell) -> None:
        row = group.row("systems", system_id=system)
        row.update(fields)
        plan.fault("TEC-4-01", str(row["company"]), system, kind, note, aspect="keys")

    same = group.row("systems", system_id="SYS-HRM")["data_admin_key"]
    told("SYS-HRM", "keys with the data administrator", "鍵の管理者がデータ管理者と同じ", key_owner_key=same)
    told("SYS-SUP", "holder of the keys not known", "鍵の管理者の登録がない", key_owner_key=None)


def _restored(group: Group, plan: Plan) -> None:
    def told(company: str, system: str, kind: str, note: str, *, near: bool = False) -> None:
        plan.fault("TEC-4-01", company, system, kind, note, aspect="restore", near_miss=near)

    def tested(system: str, days: int, result: str) -> None:
        model = group.row("exercises", kind="restore_test", scope_id=system)
        again: dict[str, Cell] = {"performed_on": ago(days), "result": result}
        group.add("exercises", **(model | again | {"exercise_id": group.number("restore", "EXR-{:04d}")}))

    told("AOI", "SYS-TKT", "restore test 366 days ago", "復元試験から366日(ORG-2-02と同じ試験)")
    tested("SYS-SUP", 3, "partly")
    told("MID", "SYS-SUP", "failed since", "合格の後の復元試験が一部不合格")
    group.row("exercises", kind="restore_test", scope_id="SYS-MHR")["performed_on"] = ago(300)
    tested("SYS-MHR", 301, "failed")
    told("MID", "SYS-MHR", "passed after it had failed", "不合格の翌日の復元試験に合格", near=True)
    group.row("exercises", kind="restore_test", scope_id="SYS-CRM")["performed_on"] = ago(365)
    told("AOI", "SYS-CRM", "restore test 365 days ago", "復元試験からちょうど365日", near=True)


def _closed_ways(group: Group, plan: Plan) -> None:
    def near(company: str, system: str, aspect: str, kind: str, note: str) -> None:
        plan.near("TEC-4-01", company, system, kind, note, aspect=aspect)

    _way(group, "SYS-ATS", "endpoint:443", TLS, 1.2, "1.2")
    near("AOI", "SYS-ATS", "transit", "TLS 1.2", "ちょうどTLS 1.2から")
    _way(group, "SYS-WIKI", "storage", ENCRYPTED, 0, "false")
    near("AOI", "SYS-WIKI", "storage", "no personal data", "個人情報を持たないシステムの保存先")
    _way(group, "SYS-OLD", "endpoint:443", TLS, 1.0, "1.0")
    near("MID", "SYS-OLD", "transit", "retired", "廃止済のシステムの接続先")


def _unreviewed(group: Group, plan: Plan) -> None:
    def told(company: str, days: int, kind: str, note: str, *, near: bool = False, **fields: Cell) -> None:
        made = change(group, company, "system_change", (f"NET-{company}",), days, **fields)
        plan.fault("TEC-4-02", company, made, kind, note, aspect="change", day=ago(days), near_miss=near)

    told("AOI", 20, "reviewed the day after", "変更の翌日に審査を承認", review_approved_on=ago(19))
    told("MID", 59, "never reviewed", "期間の初日の変更に審査がない", review_approved_on=None)
    told("MID", 21, "reviewed on the day", "変更の当日に審査を承認", near=True, review_approved_on=ago(21))
    told("AOI", 60, "before the period", "期間の前日の変更に審査がない", near=True, review_approved_on=None)
    told("AOI", -1, "tomorrow", "翌日に予定する変更は審査中", near=True, review_approved_on=None)


def _went_live(group: Group, plan: Plan) -> None:
    def told(system: str, aspect: str, subject: str, day: date, kind: str, note: str, *, near: bool = False) -> None:
        company = group.hosts[system].company
        plan.fault("TEC-4-02", company, subject, kind, note, aspect=aspect, day=day, near_miss=near)

    def live(system: str, days: int) -> date:
        group.row("systems", system_id=system)["went_live_on"] = ago(days)
        return ago(days)

    day = live("SYS-FAX", 15)
    told("SYS-FAX", "system", "SYS-FAX", day, "no release on record", "変更の記録なしに稼働したシステム")
    day = live("SYS-MNT", 26)
    made = change(group, "MID", "system_release", ("SYS-MNT",), 26, review_approved_on=day + DAY)
    told("SYS-MNT", "system", "SYS-MNT", day, "reviewed the day after", "稼働の翌日に審査を承認")
    told("SYS-MNT", "change", made, day, "reviewed the day after", "稼働の翌日に審査を承認した変更")
    day = live("SYS-WIKI", 22)
    change(group, "AOI", "system_release", ("SYS-WIKI",), 22, review_approved_on=day)
    told("SYS-WIKI", "system", "SYS-WIKI", day, "reviewed on the day", "稼働の当日に審査を承認", near=True)


def _test_data(group: Group, plan: Plan) -> None:
    def told(company: str, kind: str, note: str, *, near: bool = False, **fields: Cell) -> str:
        made = change(group, company, "test_data_use", (), 10, **fields)
        plan.fault("TEC-4-02", company, made, kind, note, aspect="test_data", day=ago(10), near_miss=near)
        return made

    def approve(company: str, made: str, **fields: Cell) -> None:
        admin = f"{company}-ADM"
        by, asked = group.posts[admin, "dept_privacy_manager"], group.posts[admin, "deputy"]
        group.approve("ticket", company, by, asked, (made,), **fields)

    told("AOI", "on no ground", "本番データを根拠なく試験に使用")
    told("MID", "no approval", "承認によるとした使用に承認がない", production_data_basis="approval")
    ended = told("AOI", "approval ended the day before", "前日に切れた承認", production_data_basis="approval")
    approve("AOI", ended, valid_to_at=at(ago(11), 24) - timedelta(seconds=1))
    held = told("MID", "approved", "有効な承認の下での使用", near=True, production_data_basis="approval")
    approve("MID", held, approved_at=at(ago(10), 9))
    told("AOI", "anonymised", "匿名加工した本番データ", near=True, production_data_basis="anonymised")
    told("MID", "invented data", "本番データを使わない試験", near=True, production_data=False)


def _out(group: Group, company: str, hits: int, **fields: Any) -> str:
    """Send records to a vendor of the register; fields override."""
    department, system = _SENDERS[company]
    sender = next(
        w
        for w in group.workers
        if w.department == department and w.handles and w.kind != "正社員" and w.pattern == "office"
    )
    partner = group.row("vendors", company=company, handles_personal_data=True, status="active")
    send(group, company, sender.no, department, system, str(partner["vendor_id"]), _SENT, hits=hits)
    group.transfers[-1] = replace(group.transfers[-1], **fields)
    return group.transfers[-1].id


def _approved(group: Group, company: str, **fields: Cell) -> str:
    department, system = _SENDERS[company]
    by, asked = group.posts[department, "dept_privacy_manager"], group.posts[department, "deputy"]
    scopes = fields.pop("scope_ids", (system,))
    assert isinstance(scopes, tuple)
    return group.approve("outbound", company, by, asked, scopes, **fields)


def _sent(group: Group, plan: Plan) -> None:
    def fault(company: str, hits: int, kind: str, note: str, **fields: Any) -> str:
        subject = _out(group, company, hits, **fields)
        plan.fault("TEC-4-03", company, subject, kind, note, day=_SENT)
        return subject

    unknown = {"destination": "upload.example", "destination_kind": "unknown", "party": None}
    fault("AOI", 3, "to nobody known", "登録のない宛先へ個人情報3件を送信", **unknown)
    fault("MID", 8, "not protected", "委託先へ保護なしで送信", protected=False, channel="mail")
    fault("AOI", 100, "100 without approval", "承認のない100件の送信")
    fault("MID", 300, "more than approved", "承認299件に対し300件", approval=_approved(group, "MID", max_rows=299))
    elsewhere = _approved(group, "AOI", scope_ids=("SYS-HRM",))
    fault("AOI", 200, "approved for another system", "別のシステムの承認を引用", approval=elsewhere)
    late = _approved(group, "MID", approved_at=at(_SENT, 18))
    fault("MID", 150, "approved afterwards", "送信後の承認", approval=late)
    waived = fault("AOI", 5, "to nobody known, waived", "例外承認あり(印は付くが消えない)", **unknown)
    waive(group, "TEC-4-03", "AOI", waived, "委託候補との接続試験。相手先を4月に登録")


def _sent_in_order(group: Group, plan: Plan) -> None:
    def near(company: str, hits: int, kind: str, note: str, **fields: Any) -> None:
        plan.near("TEC-4-03", company, _out(group, company, hits, **fields), kind, note, day=_SENT)

    near("AOI", 99, "99 without approval", "99件に承認は不要")
    near("MID", 300, "as many as approved", "承認ちょうど300件", approval=_approved(group, "MID", max_rows=300))
    by_name = {"destination": "employer-a.example", "destination_kind": "unknown", "party": None}
    near("AOI", 12, "a recipient's domain", "提供先の登録ドメイン宛(相手先の番号なし)", **by_name)
    own = {"destination": "mail.example", "destination_kind": "data_subject", "party": None}
    near("MID", 1, "to the person", "本人への送信", **own, channel="mail")
    near("AOI", 4, "a fax", "委託先へのFAXに保護する回線はない", protected=False, channel="fax")
    nothing = {"destination": "upload.example", "destination_kind": "unknown", "party": None}
    near("MID", 0, "no personal data", "個人情報のない送信", **nothing, protected=False)


def _exposed(group: Group, plan: Plan) -> None:
    def fault(one: Cloud, kind: str, note: str) -> None:
        group.cloud.append(one)
        plan.fault("TEC-4-05", one.company, one.id, kind, note)

    tokyo = ("ap-northeast-1", "JP")
    open_one = Cloud("arn:aws:s3:::aoi-campaign", "AOI", "SYS-AWS", "bucket", *tokyo, public=True)
    fault(open_one, "public bucket", "個人情報の保存先がインターネットに公開")
    link = Cloud("link-mid-0007", "MID", None, "link", None, None, anonymous=True, tagged=False)
    fault(link, "link without sign-in", "表示のない資源の、サインインなしの共有リンク")
    forgotten = Cloud("snap-aoi-0003", "AOI", "SYS-AWS", "snapshot", *tokyo, public=True, tagged=False)
    fault(forgotten, "untagged public snapshot", "個人情報の表示を忘れた公開スナップショット")
    share = Cloud("share-mid-0002", "MID", "SYS-WMS", "share", *tokyo, anonymous=True)
    fault(share, "folder shared without sign-in", "サインインなしで開ける共有フォルダ")
    waived = Cloud("arn:aws:s3:::aoi-forms", "AOI", "SYS-AWS", "bucket", *tokyo, public=True)
    fault(waived, "public, waived", "例外承認あり(印は付くが消えない)")
    waive(group, "TEC-4-05", "AOI", waived.id, "申込書の様式のみ。4月に別の保存先へ移す")


def _not_exposed(group: Group, plan: Plan) -> None:
    def near(one: Cloud, kind: str, note: str) -> None:
        group.cloud.append(one)
        plan.near("TEC-4-05", one.company, one.id, kind, note)

    tokyo = ("ap-northeast-1", "JP")
    site = Cloud("arn:aws:s3:::aoi-news", "AOI", "SYS-WIKI", "bucket", *tokyo, public=True, tagged=False)
    near(site, "public, no personal data", "個人情報を持たないシステムの公開資料")
    link = Cloud("link-mid-0008", "MID", "SYS-WMS", "link", None, None)
    near(link, "link with sign-in", "サインインの要る共有リンク")
    own = Cloud("arn:aws:s3:::mid-press", "MID", None, "bucket", *tokyo, public=True, tagged=False)
    near(own, "public, of no system", "どのシステムにも属さない、個人情報のない公開資料")
