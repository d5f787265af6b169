"""The sheets of rows of the self-check report (domain.md §3)."""

from collections.abc import Iterable, Mapping, Sequence

from controls.model import About, Verdict
from reports.self_check_cover import MARK_WORDS, TITLE
from reports.self_check_view import Change, DepartmentCell, DeviationLine, SelfCheckView
from reports.words import UNITS, basis_text, dataset_title, shown, vocabulary
from reports.workbook import Table, Value

PROOFS_SHOWN = 3
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
        "母集団の定義",
        "サンプル数",
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
            line.population if line.counted else "―",
            "、".join(dataset_title(name) for name in line.control.population),
            "全件" if line.counted else "―",
            line.deviations if line.counted else "―",
            line.waived if line.counted else "―",
            line.verdict.mark,
            None,
            None,
            line.reason,
            _numbers(line.evidence),
            "、".join(line.findings),
            line.population_digest if line.counted else "―",
        )
        for line in view.controls
    ]
    widths = {
        "管理策ID": 10,
        "措置": 8,
        "点検項目": 40,
        "根拠(法・GL・JIS)": 28,
        "対象": 7,
        "点検方法": 9,
        "対象期間": 13,
        "母集団(件)": 10,
        "母集団の定義": 20,
        "サンプル数": 9,
        "例外件数": 8,
        "うち承認済": 8,
        "実測判定": 7,
        "申告判定": 7,
        "最終判定": 7,
        "所見": 30,
        "証跡番号": 19,
        "指摘番号": 14,
        "母集団ハッシュ": 18,
    }
    note = (
        "全件を機械で判定(サンプリングなし)。判定の理由は所見に示す。申告判定・最終判定は点検者が記入する。― は未判定。"
    )
    centred = {"措置", "対象", "点検方法", "サンプル数"}
    return Table("管理策別結果", headers, rows, note, widths, centred=centred, pages_wide=2, running=running_head(view))


def departments(view: SelfCheckView) -> Table:
    """Departments by measures."""
    headers = ("部門", "部門名", *(m.code for m in view.measures))
    rows = [(d.code, d.name, *(cell_text(d.cells[m.code]) for m in view.measures)) for d in view.departments]
    note = (
        "○ 例外なし / △n 例外承認済 n 件 / ×n 例外 n 件 / ？ 未確認(n は確認できた例外) / 空欄 対象の構成員なし"
        "。措置の名称は総括に示す。"
    )
    widths = {m.code: 8 for m in view.measures} | {"部門名": 36}
    empty = "組織図に部門の登録がない。"
    return Table("部門別一覧", headers, rows, note, widths, frozen_columns=2, empty=empty, running=running_head(view))


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
            proof_text(d),
            d.proof_total,
        )
        for d in view.deviations
    ]
    widths = {
        "管理策ID": 10,
        "対象キー(仮名化)": 23,
        "区分": 14,
        "部門": 8,
        "内容": 58,
        "危険度": 7,
        "例外承認番号": 12,
        "処置状況": 11,
        "証跡(番号・部分・行)": 28,
        "証跡行数": 8,
    }
    note = "氏名・個人データの値は記載しない。キーは社内システムでのみ解決できる。証跡の番号は証跡索引を引く。"
    return Table(
        "例外明細",
        headers,
        rows,
        note,
        widths,
        centred={"部門", "危険度"},
        empty=no_deviations(view),
        running=running_head(view),
    )


def proof_text(told: DeviationLine) -> str:
    """Where the first rows stand that show a deviation; what proves an absence has no row (design.md §5)."""
    if not told.proof:
        return "該当する行なし"
    more = told.proof_total - PROOFS_SHOWN
    return "\n".join([*told.proof[:PROOFS_SHOWN], *([f"ほか {more} 行"] if more > 0 else [])])


def no_deviations(view: SelfCheckView) -> str:
    """What an empty list of deviations means: what was not judged has none to show either."""
    unverified = view.count(Verdict.UNVERIFIED)
    if not unverified:
        return "例外はない。"
    return f"判定できた管理策に例外はない。？ の管理策 {unverified} 件は未確認で、例外の有無が分からない。"


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
            _in_pairs(e.controls),
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
        "管理策ID": 18,
        "証跡名": 17,
        "種類": 8,
        "取得元": 14,
        "取得方法": 8,
        "バイト数": 12,
        "件数(取得回計)": 11,
        "SHA-256": 30,
        "読取(形式)": 12,
        "完全性確認": 12,
    }
    note = f"日時は {view.known_at:%Z}。SHA-256 は取得した原本(バイト列)のハッシュ値。"
    empty = "判定に用いた証跡はない。"
    return Table("証跡索引", headers, rows, note, widths, empty=empty, running=running_head(view))


def criteria(view: SelfCheckView) -> Table:
    """What the marks mean and which thresholds were in force."""
    words = [("記号", verdict.mark, MARK_WORDS[verdict]) for verdict in Verdict]
    words += [
        ("判定規則", "危険度「重大」", "承認されていない例外が 1 件でもあれば ×。すべて例外承認済なら △"),
        ("判定規則", "その他", "例外率が許容範囲(既定 5%)以内なら △、超えれば ×。すべて例外承認済なら △"),
        ("用語", "母集団", "点検の対象となる人・物・記録のすべて。抜取りはしない"),
        ("用語", "例外", "母集団のうち要件を満たさないもの。例外承認されたものも数える"),
        ("用語", "ギャップ", "例外を同じ対象ごとにまとめ、解消まで追うもの。未確認の管理策も 1 件と数える"),
        ("用語", "適合率", "○ ÷ (管理策数 − ―)。？ は適合に数えない。小数点以下切捨て"),
        ("用語", "母集団ハッシュ", "母集団の全構成員とその判定を並べたものの SHA-256"),
        ("用語", "判定結果の SHA-256", "報告書IDと、管理策ごとの判定・母集団・例外件数を並べたものの SHA-256(表紙)"),
        ("用語", "GL・通則編", "個人情報の保護に関する法律についてのガイドライン(通則編)"),
        ("用語", "BK-01 〜 BK-24", "個人情報管理台帳の記載規則の番号"),
        ("用語", "仮名化", "人・アカウント・機器のキーを、社内システムでのみ元に戻せる記号に置き換えること"),
    ]
    rows: list[Sequence[Value]] = [(kind, "", word, meaning, "", "", "") for kind, word, meaning in words]
    for line in view.controls:
        for p in line.control.parameters:
            labels = vocabulary(p.unit, line.control.datasets)
            changed = line.changes.get(p.name)
            told = (
                shown(p.value, labels),
                UNITS.get(p.unit, p.unit),
                p.owner,
                _changed(changed, labels) if changed else "",
            )
            rows.append((line.control.id, line.control.title.ja, p.name, *told))
    headers = ("管理策ID・区分", "点検項目", "記号・用語・パラメータ", "意味・値", "単位", "所管", "変更")
    widths = {
        "管理策ID・区分": 14,
        "点検項目": 30,
        "記号・用語・パラメータ": 24,
        "意味・値": 50,
        "単位": 18,
        "所管": 20,
        "変更": 30,
    }
    note = "パラメータは判定に用いたしきい値。名称は管理策の定義のもの。変更は別の者が承認し、基準の値とともに示す。"
    return Table("判定基準", headers, rows, note, widths, running=running_head(view))


def _changed(change: Change, labels: Mapping[str, str]) -> str:
    late = "。対象期間の後に記録" if change.late else ""
    return f"{change.change_id}(承認 {change.approved_on:%Y/%m/%d}、基準 {shown(change.base, labels)}){late}"


def _about(abouts: Iterable[About]) -> str:
    kinds = sorted({about.value for about in abouts})
    return "・".join(ABOUT[kind] for kind in kinds)


def cell_text(cell: DepartmentCell) -> str:
    """The mark of a department in a measure with its deviations."""
    if cell.verdict is None:
        return ""
    return cell.verdict.mark + (str(cell.deviations) if cell.deviations else "")


def _numbers(numbers: Sequence[str]) -> str:
    """Evidence numbers of one control; what is beyond six is counted, the index has them all."""
    return _in_pairs([*numbers[:6], *([f"ほか{len(numbers) - 6}件"] if len(numbers) > 6 else [])])


def _in_pairs(numbers: Sequence[str]) -> str:
    """Two to a line: left to itself a spreadsheet breaks a number at its hyphen."""
    return "\n".join("、".join(numbers[at : at + 2]) for at in range(0, len(numbers), 2))
