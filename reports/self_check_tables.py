"""The sheets of rows of the self-check report (domain.md §3)."""

from collections.abc import Iterable, Mapping, Sequence

from controls.model import About, Basis, Verdict
from evidence.datasets import catalogue
from reports.self_check_cover import MARK_WORDS, TITLE
from reports.self_check_view import DepartmentCell, SelfCheckView
from reports.workbook import Table, Value

ABOUT = {"state": "状態", "event": "事象"}


def running_head(view: SelfCheckView) -> tuple[str, str]:
    """What stands above every page: a loose sheet of paper still says what it belongs to."""
    return f"{TITLE} {view.company_name} {view.since:%Y/%m/%d}〜{view.as_of:%Y/%m/%d}", view.report_id


def results(view: SelfCheckView) -> Table:
    """Every control: what was asked, on how many, what came out, and where the proof is."""
    headers = (
        "管理策ID",
        "措置",
        "点検項目",
        "根拠(法・GL・JIS)",
        "対象",
        "点検方法",
        "対象期間",
        "母集団(件)",
        "例外件数",
        "うち承認済",
        "実測判定",
        "申告判定",
        "最終判定",
        "所見",
        "証跡番号",
        "指摘番号",
        "母集団ハッシュ",
    )
    rows: list[Sequence[Value]] = [
        (
            line.control.id,
            line.control.measure,
            f"{line.control.title.ja}\n{line.control.requires.ja}",
            "\n".join(basis_text(b) for b in line.control.basis),
            _about(line.control.about.values()),
            "自動＋人の確認" if line.control.attest else "自動",
            f"{view.since:%Y/%m/%d} 〜{view.as_of:%Y/%m/%d}",
            line.population,
            line.deviations,
            line.waived,
            line.verdict.mark,
            None,
            None,
            line.reason,
            _numbers(line.evidence),
            "、".join(line.findings),
            line.population_digest,
        )
        for line in view.controls
    ]
    widths = {
        "管理策ID": 10,
        "措置": 8,
        "点検項目": 40,
        "根拠(法・GL・JIS)": 22,
        "対象": 7,
        "点検方法": 9,
        "対象期間": 13,
        "母集団(件)": 10,
        "例外件数": 8,
        "うち承認済": 8,
        "実測判定": 7,
        "申告判定": 7,
        "最終判定": 7,
        "所見": 30,
        "証跡番号": 16,
        "指摘番号": 14,
        "母集団ハッシュ": 18,
    }
    note = "全件を機械で判定(サンプリングなし)。申告判定・最終判定は点検者が記入する。？ の理由は所見に示す。"
    return Table(
        "管理策別結果", headers, rows, note, widths, centred={"措置", "対象", "点検方法"}, running=running_head(view)
    )


def departments(view: SelfCheckView) -> Table:
    """Departments by measures."""
    headers = ("部門", "部門名", *(m.code for m in view.measures))
    rows = [(d.code, d.name, *(cell_text(d.cells[m.code]) for m in view.measures)) for d in view.departments]
    note = "○ 例外なし / △n 例外承認済 n 件 / ×n 例外 n 件 / ？ 未確認(n は確認できた例外) / 空欄 対象の構成員なし"
    widths = {m.code: 8 for m in view.measures} | {"部門名": 36}
    return Table("部門別一覧", headers, rows, note, widths, frozen_columns=2, running=running_head(view))


def deviations(view: SelfCheckView) -> Table:
    """Every deviation, without names."""
    headers = (
        "管理策ID",
        "対象キー(仮名化)",
        "区分",
        "部門",
        "発生日",
        "内容",
        "危険度",
        "例外承認番号",
        "処置状況",
        "証跡(番号・部分・行)",
        "証跡行数",
    )
    rows: list[Sequence[Value]] = [
        (
            d.control,
            d.subject,
            d.aspect,
            d.department,
            d.occurred_on,
            d.text,
            d.severity,
            d.waiver,
            d.state,
            "\n".join([*d.proof[:3], *([f"ほか {d.proof_total - 3} 行"] if d.proof_total > 3 else [])]),
            d.proof_total,
        )
        for d in view.deviations
    ]
    widths = {
        "管理策ID": 10,
        "対象キー(仮名化)": 23,
        "区分": 16,
        "部門": 8,
        "内容": 64,
        "危険度": 7,
        "例外承認番号": 14,
        "処置状況": 12,
        "証跡(番号・部分・行)": 26,
        "証跡行数": 8,
    }
    note = "氏名・個人データの値は記載しない。キーは社内システムでのみ解決できる。証跡の番号は証跡索引を引く。"
    return Table("例外明細", headers, rows, note, widths, centred={"部門", "危険度"}, running=running_head(view))


def findings(view: SelfCheckView) -> Table:
    """What people recorded to correct it."""
    headers = (
        "指摘番号",
        "検出日",
        "検出元",
        "部門",
        "管理策ID",
        "不適合内容",
        "区分",
        "原因",
        "是正内容",
        "担当者",
        "期限",
        "完了日",
        "有効性確認者",
        "有効性確認日",
        "有効",
        "完了(クローズ)",
    )
    titles: dict[str, str] = {line.control.id: line.control.title.ja for line in view.controls}
    columns = (
        "finding_id",
        "raised_on",
        "origin",
        "department",
        "control_id",
        "title",
        "severity",
        "cause",
        "correction",
        "owner_key",
        "due_on",
        "completed_on",
        "verified_by",
        "verified_on",
        "effective",
        "closed_on",
    )
    rows = [
        tuple(finding_value(name, {**row, "title": titles.get(str(row.get("control_id")), "")}) for name in columns)
        for row in view.findings
    ]
    widths = {
        "指摘番号": 14,
        "検出元": 14,
        "部門": 8,
        "管理策ID": 10,
        "不適合内容": 24,
        "区分": 6,
        "原因": 32,
        "是正内容": 32,
        "担当者": 12,
        "有効性確認者": 12,
        "有効": 7,
    }
    note = "" if view.findings else "この期間に登録された指摘はない。"
    return Table(
        "指摘・是正処置", headers, rows, note, widths, centred={"部門", "区分", "有効"}, running=running_head(view)
    )


def finding_value(name: str, finding: Mapping[str, object]) -> Value:
    """A column of a finding as it is read: the label of a closed list, not its code."""
    value = finding.get(name)
    if name not in ("severity", "origin"):
        return value  # type: ignore[return-value]
    return dict(catalogue()["findings"].column(name).allowed).get(str(value), str(value or ""))


def evidence(view: SelfCheckView) -> Table:
    """Every object behind the verdicts."""
    headers = (
        "証跡番号",
        "管理策ID",
        "証跡名",
        "種類",
        "取得元",
        "取得方法",
        "取得日時",
        "元ファイル日時",
        "バイト数",
        "件数(取得回計)",
        "SHA-256",
        "読取(形式)",
        "完全性確認",
    )
    rows: list[Sequence[Value]] = [
        (
            e.number,
            e.controls,
            e.name,
            e.kind,
            e.origin,
            e.how,
            e.fetched_at,
            e.modified_at,
            e.size,
            e.rows,
            e.sha256,
            e.reader,
            e.complete,
        )
        for e in view.evidence
    ]
    widths = {
        "証跡番号": 9,
        "管理策ID": 22,
        "証跡名": 18,
        "種類": 13,
        "取得元": 28,
        "取得方法": 13,
        "SHA-256": 34,
        "読取(形式)": 15,
        "完全性確認": 20,
    }
    note = f"日時は {view.known_at:%Z}。SHA-256 は取得した原本(バイト列)のハッシュ値。"
    return Table("証跡索引", headers, rows, note, widths, running=running_head(view))


def criteria(view: SelfCheckView) -> Table:
    """What the marks mean and which thresholds were in force."""
    rows: list[Sequence[Value]] = [("記号", verdict.mark, MARK_WORDS[verdict], "", "") for verdict in Verdict]
    rows += [
        ("判定規則", "重大", "例外が 1 件でもあれば ×", "", ""),
        ("判定規則", "その他", "例外率が許容範囲(既定 5%)以内なら △、超えれば ×。すべて例外承認済なら △", "", ""),
        ("用語", "適合率", "○ ÷ (管理策数 − ―)。？ は適合に数えない。小数点以下切捨て", "", ""),
        ("用語", "母集団ハッシュ", "母集団の全構成員とその判定を並べたものの SHA-256", "", ""),
        (
            "用語",
            "判定結果の SHA-256",
            "報告書IDと、管理策ごとの判定・母集団・例外件数を並べたものの SHA-256(表紙)",
            "",
            "",
        ),
    ]
    for line in view.controls:
        for p in line.control.parameters:
            value = p.value if isinstance(p.value, bool | tuple) else str(p.value)
            rows.append((line.control.id, p.name, value, p.unit, p.owner))
    headers = ("管理策ID・区分", "記号・パラメータ", "意味・値", "単位", "所管")
    widths = {"管理策ID・区分": 14, "記号・パラメータ": 28, "意味・値": 60, "単位": 22, "所管": 24}
    return Table("判定基準", headers, rows, widths=widths, running=running_head(view))


def _about(abouts: Iterable[About]) -> str:
    kinds = sorted({about.value for about in abouts})
    return "・".join(ABOUT[kind] for kind in kinds)


def basis_text(basis: Basis) -> str:
    """A legal ground as the reports print it; a clause nobody has confirmed says so."""
    return f"{basis.name} {basis.article}" + ("" if basis.verified else "(条番号未確認)")


def cell_text(cell: DepartmentCell) -> str:
    """The mark of a department in a measure with its deviations."""
    if cell.verdict is None:
        return ""
    return cell.verdict.mark + (str(cell.deviations) if cell.deviations else "")


def _numbers(numbers: Sequence[str]) -> str:
    """Evidence numbers of one control; runs of more than six are cut, the index has them all."""
    return "、".join(numbers[:6]) + (f" ほか{len(numbers) - 6}件" if len(numbers) > 6 else "")
