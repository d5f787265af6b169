"""Planted in what keeps attackers out: TEC-3-01, TEC-3-02 and TEC-3-03."""

from dataclasses import replace

from demo.care import dispose
from demo.days import AS_OF, ago, at
from demo.group import Group
from demo.outside import firewall, reviewed, tested, weakness
from demo.plan import Plan
from demo.plant_access import waive
from demo.systems import machine
from demo.values import Device

_NEVER: dict[str, object] = {"agent_ago": None, "signature_ago": None}
_TEST = {"scan": "vulnerability_scan", "pentest": "penetration_test"}


def plant(group: Group, plan: Plan) -> None:
    """Plant silent agents, vulnerabilities left open, untested systems and walls with holes."""
    _silent(group, plan)
    _reporting(group, plan)
    _open(group, plan)
    _fixed(group, plan)
    _unsupported(group, plan)
    _untested(group, plan)
    _tested(group, plan)
    _unwalled(group, plan)
    _rules(group, plan)
    _rules_in_order(group, plan)


def _made(group: Group, number: str, department: str, **fields: object) -> Device:
    return machine(group, number, department[:3], department, **fields)


def _silent(group: Group, plan: Plan) -> None:
    control = "TEC-3-01"

    def fault(device: Device, kind: str, note: str) -> None:
        plan.fault(control, device.company, device.id, kind, note)

    fault(_made(group, "580001", "AOI-SAL", agent_ago=8), "silent for 8 days", "対策ソフトの最終報告から8日")
    old = _made(group, "580002", "MID-SUP", signature_ago=8)
    fault(old, "signatures 8 days old", "毎日報告するが定義ファイルは8日前")
    bare = _made(group, "580003", "AOI-ADM", kind="server", portable=False, **_NEVER)
    fault(bare, "server without agent", "対策ソフトの報告がないサーバ")
    fault(_made(group, "580004", "MID-OPS", signature_ago=None), "no signatures known", "定義ファイルの日付が不明")
    waived = _made(group, "580005", "MID-ADM", agent_ago=40, portable=False)
    fault(waived, "silent, waived", "例外承認あり(印は付くが消えない)")
    waive(group, control, "MID", waived.id, "測定器に付属する端末。専用網にのみ接続")


def _reporting(group: Group, plan: Plan) -> None:
    def near(device: Device, kind: str, note: str) -> None:
        plan.near("TEC-3-01", device.company, device.id, kind, note)

    week = _made(group, "581001", "AOI-SAL", agent_ago=7, signature_ago=7)
    near(week, "silent for 7 days", "報告も定義ファイルもちょうど7日前")
    near(_made(group, "581002", "MID-SUP", kind="phone", **_NEVER), "a phone", "対策ソフトの対象外の携帯電話")
    shelf = _made(group, "581003", "AOI-MKT", status="stored", changed_at=at(ago(60), 9), **_NEVER)
    near(shelf, "stored", "保管中で電源の入らない端末")
    out = _made(group, "581004", "MID-OPS", status="carried", changed_at=at(ago(12), 9), agent_ago=1)
    near(out, "carried, reporting", "持出中も報告している端末")


def _open(group: Group, plan: Plan) -> None:
    def told(
        company: str, days: int, severity: str, kind: str, note: str, *, near: bool, system: str | None = None
    ) -> str:
        subject = weakness(group, company, severity, days, system=system)
        plan.fault("TEC-3-02", company, subject, kind, note, aspect="vulnerability", near_miss=near)
        return subject

    told("AOI", 15, "critical", "critical, 15 days", "重大な脆弱性が15日間未修正", near=False)
    told("MID", 31, "high", "high, 31 days", "システムの高い脆弱性が31日間未修正", near=False, system="SYS-WMS")
    accepted = told("AOI", 60, "high", "high, waived", "例外承認あり(印は付くが消えない)", near=False)
    waive(group, "TEC-3-02", "AOI", accepted, "該当機能を無効にして影響を受けない。次期更改で解消")
    told("MID", 14, "critical", "critical, 14 days", "重大な脆弱性の発見からちょうど14日", near=True)
    told("AOI", 30, "high", "high, 30 days", "高い脆弱性の発見からちょうど30日", near=True, system="SYS-CRM")
    told("MID", 300, "medium", "medium", "中程度の脆弱性に期限はない", near=True)


def _fixed(group: Group, plan: Plan) -> None:
    """What was fixed too late is an event of its day; what is so today is in order again."""
    control = "TEC-3-02"
    subject = weakness(group, "MID", "critical", 35, 20)
    plan.fault(control, "MID", subject, "fixed on the 15th day", "15日目に修正(遅延)", aspect="late", day=ago(20))
    plan.near(control, "MID", subject, "late, but fixed", "遅れても修正済なら未修正ではない", aspect="vulnerability")
    subject = weakness(group, "AOI", "critical", 35, 21)
    plan.near(control, "AOI", subject, "fixed on the 14th day", "ちょうど14日目に修正", aspect="late", day=ago(21))
    subject = weakness(group, "AOI", "high", 31, 0)
    plan.fault(control, "AOI", subject, "fixed today, late", "31日目の当日に修正(遅延)", aspect="late", day=AS_OF)
    before = weakness(group, "AOI", "high", 110, 60)
    plan.near(control, "AOI", before, "late, but before the period", "期間の前日に遅れて修正", day=ago(60))


def _unsupported(group: Group, plan: Plan) -> None:
    def told(device: Device, kind: str, note: str, *, near: bool = False) -> None:
        plan.fault("TEC-3-02", device.company, device.id, kind, note, aspect="os", near_miss=near)

    told(_made(group, "582001", "AOI-MKT", os_supported=False), "out of support", "サポートの切れたOS")
    told(_made(group, "582002", "MID-ADM", os_supported=None), "not known", "OSのサポートが不明")
    shelf = _made(group, "582003", "AOI-SYS", os_supported=False, status="stored", changed_at=at(ago(60), 9))
    told(shelf, "stored, out of support", "保管中だがサポートの切れたOS")
    stick = _made(group, "583001", "MID-ADM", kind="media", hosts=(), os_supported=None)
    told(stick, "a medium", "媒体にOSはない", near=True)
    gone = dispose(group, "AOI", ago(44))
    group.devices[gone.id] = replace(gone, os_supported=False)
    told(gone, "disposed of", "廃棄済の端末のOS", near=True)


def _untested(group: Group, plan: Plan) -> None:
    def fault(system: str, aspect: str, days: int, kind: str, note: str) -> None:
        row = group.row("systems", system_id=system)
        row["internet_facing"] = True
        tested(group, system, _TEST[aspect], days)
        plan.fault("TEC-3-02", str(row["company"]), system, kind, note, aspect=aspect)

    fault("SYS-MKT", "scan", 91, "scanned 91 days ago", "脆弱性診断から91日")
    fault("SYS-MKT", "pentest", 366, "attacked 366 days ago", "侵入試験から366日")
    fault("SYS-SUP", "scan", 200, "scanned 200 days ago", "侵入試験は期限内だが脆弱性診断から200日")


def _tested(group: Group, plan: Plan) -> None:
    def near(company: str, system: str, aspect: str, kind: str, note: str) -> None:
        plan.near("TEC-3-02", company, system, kind, note, aspect=aspect)

    tested(group, "SYS-AWS", _TEST["scan"], 90)
    near("AOI", "SYS-AWS", "scan", "scanned 90 days ago", "脆弱性診断からちょうど90日")
    tested(group, "SYS-SUP", _TEST["pentest"], 365)
    near("MID", "SYS-SUP", "pentest", "attacked 365 days ago", "侵入試験からちょうど365日")
    group.row("systems", system_id="SYS-GONE")["internet_facing"] = True
    near("AOI", "SYS-GONE", "scan", "retired", "廃止済の公開システムに診断は不要")
    near("MID", "SYS-WMS", "pentest", "not on the internet", "社内だけのシステムに侵入試験は不要")


def _unwalled(group: Group, plan: Plan) -> None:
    control = "TEC-3-03"
    group.row("systems", system_id="SYS-MHR")["behind_firewall"] = None
    plan.fault(control, "MID", "SYS-MHR", "behind no firewall", "個人情報を持つが境界機器の登録がない", aspect="system")
    lost = "FW-AOI-OLD"
    group.row("systems", system_id="SYS-HRM")["behind_firewall"] = lost
    reviewed(group, "AOI", lost, 30)
    plan.fault(control, "AOI", lost, "rules not exported", "システムが指す境界機器の規則が届いていない", aspect="rules")
    plan.near(control, "AOI", lost, "reviewed all the same", "規則は届かないが点検の記録はある", aspect="rule_review")
    plan.near(control, "AOI", "SYS-HRM", "behind a firewall", "境界機器の登録はある", aspect="system")
    group.row("systems", system_id="SYS-WIKI")["behind_firewall"] = None
    plan.near(control, "AOI", "SYS-WIKI", "no personal data", "個人情報を持たないシステム", aspect="system")
    group.row("systems", system_id="SYS-OLD")["behind_firewall"] = None
    plan.near(control, "MID", "SYS-OLD", "retired", "廃止済のシステム", aspect="system")


def _rules(group: Group, plan: Plan) -> None:
    def fault(name: str, aspect: str, kind: str, note: str) -> None:
        plan.fault("TEC-3-03", name[3:6], name, kind, note, aspect=aspect)

    reviewed(group, "AOI", firewall(group, "AOI", "FW-AOI-DMZ"), 181)
    fault("FW-AOI-DMZ", "rule_review", "reviewed 181 days ago", "規則の点検から181日")
    firewall(group, "MID", "FW-MID-WAF")
    reviewed(group, "MID", "FW-MID-WAF", 20, kind="log")
    fault("FW-MID-WAF", "rule_review", "only its log reviewed", "ログの点検だけで、規則の点検がない")
    reviewed(group, "AOI", firewall(group, "AOI", "FW-AOI-LAB", any_any=True), 60)
    fault("FW-AOI-LAB", "rules", "any to any", "全許可の規則がある")
    reviewed(group, "MID", firewall(group, "MID", "FW-MID-VPN", temporary_until=ago(1)), 60)
    fault("FW-MID-VPN", "rules", "temporary rule expired", "一時規則の期限が前日に切れた")
    reviewed(group, "AOI", firewall(group, "AOI", "FW-AOI-TST", any_any=True), 60)
    fault("FW-AOI-TST", "rules", "any to any, waived", "例外承認あり(印は付くが消えない)")
    waive(group, "TEC-3-03", "AOI", "FW-AOI-TST", "試験網の内側のみ。個人情報なし")


def _rules_in_order(group: Group, plan: Plan) -> None:
    def near(name: str, aspect: str, kind: str, note: str) -> None:
        plan.near("TEC-3-03", name[3:6], name, kind, note, aspect=aspect)

    reviewed(group, "AOI", firewall(group, "AOI", "FW-AOI-BR1"), 180)
    near("FW-AOI-BR1", "rule_review", "reviewed 180 days ago", "規則の点検からちょうど180日")
    reviewed(group, "MID", firewall(group, "MID", "FW-MID-BR1", temporary_until=AS_OF), 60)
    near("FW-MID-BR1", "rules", "temporary until today", "一時規則の期限は当日")
    near("FW-AOI", "rules", "temporary until April", "一時規則の期限は先")
