"""The sheet of findings and corrective actions 指摘・是正処置 (domain.md §3, 6)."""

from collections.abc import Mapping

from evidence.datasets import catalogue
from reports.self_check_tables import running_head
from reports.self_check_view import SelfCheckView
from reports.workbook import Table, Value

BY_HAND = ("応急処置(日)", "完了証跡", "確認予定日", "水平展開", "承認")  # the register has no column of them
COLUMNS = {
    "指摘番号": ("finding_id", 14),
    "検出日": ("raised_on", 12),
    "検出元": ("origin", 14),
    "部門": ("department", 8),
    "管理策ID": ("control_id", 10),
    "不適合内容": ("title", 24),
    "区分": ("severity", 6),
    "応急処置(日)": ("", 14),
    "原因": ("cause", 32),
    "是正内容": ("correction", 32),
    "再発防止策": ("prevention", 32),
    "担当者": ("owner_key", 23),
    "期限": ("due_on", 12),
    "完了日": ("completed_on", 12),
    "完了証跡": ("", 12),
    "有効性確認者": ("verified_by", 23),
    "確認予定日": ("", 12),
    "有効性確認日": ("verified_on", 13),
    "結果": ("effective", 9),
    "水平展開": ("", 14),
    "承認": ("", 10),
    "完了(クローズ)": ("closed_on", 13),
}


def findings(view: SelfCheckView) -> Table:
    """What people recorded to correct it."""
    titles: dict[str, str] = {line.control.id: line.control.title.ja for line in view.controls}
    told = [{**row, "title": row.get("content") or _title(row, titles)} for row in view.findings]
    rows = [tuple(finding_value(name, row) for name, _ in COLUMNS.values()) for row in told]
    return Table(
        "指摘・是正処置",
        tuple(COLUMNS),
        rows,
        f"{'・'.join(BY_HAND)}は人が記入する。" if rows else "",
        {header: width for header, (_, width) in COLUMNS.items()},
        centred={"部門", "区分", "結果"},
        pages_wide=2,
        empty="登録された指摘はない。",
        running=running_head(view),
    )


def _title(finding: Mapping[str, object], titles: Mapping[str, str]) -> str:
    """What a finding is about: the register knows the control, or the vendor that was audited."""
    if title := titles.get(str(finding.get("control_id"))):
        return title
    return f"委託先 {finding['vendor_id']} への指摘" if finding.get("vendor_id") else "台帳に記載なし"


def finding_value(name: str, finding: Mapping[str, object]) -> Value:
    """A column of a finding as it is read: the label of a closed list, not its code."""
    value = finding.get(name)
    if name == "effective" and value is not None:
        return "有効" if value else "有効でない"
    if name not in ("severity", "origin"):
        return value  # type: ignore[return-value]
    return dict(catalogue()["findings"].column(name).allowed).get(str(value), str(value or ""))
