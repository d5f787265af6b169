"""What comes in about vendors: audit workbooks of 24 questions, and what vendors declare of their own vendors."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from demo.days import at
from demo.files import Folder, fixed, separated, slashed
from demo.group import Group
from demo.values import VendorAudit
from evidence.datasets import catalogue

DECLARED = ["申告ID", "申告日", "会社コード", "所属", "委託先", "再委託先", "業務", "保管国", "運営国"]
QUESTIONS = (
    ("体制", "個人情報の責任者を定めている"),
    ("体制", "取扱者を限定している"),
    ("体制", "事故連絡網を定め試験している"),
    ("規律", "取扱規程を定めている"),
    ("規律", "取扱いの記録を残している"),
    ("人", "取扱者から誓約書を得ている"),
    ("人", "年次教育を全員が受けている"),
    ("物理", "区域と入退を管理している"),
    ("物理", "施錠と机上整理を守っている"),
    ("物理", "持出しを管理し暗号化している"),
    ("物理", "廃棄の証明を残している"),
    ("技術", "権限を絞り棚卸している"),
    ("技術", "多要素認証とし共有IDがない"),
    ("技術", "ログを取得し確認している"),
    ("技術", "対策ソフトと更新を保っている"),
    ("技術", "通信と保存を暗号化している"),
    ("技術", "脆弱性を診断している"),
    ("委託", "再委託の一覧と承認がある"),
    ("委託", "再委託先の監督記録がある"),
    ("外国", "保管国と運営者国を把握している"),
    ("運用", "目的外の利用と複製を禁じている"),
    ("運用", "自己点検と監査の実績がある"),
    ("運用", "過去の事故と再発防止を説明できる"),
    ("運用", "終了時の返却・消去の手順がある"),
)
KNOCK_OUTS = frozenset({1, 3, 12, 14, 18, 20, 24})
ASKED = ("番号", "分野", "設問", "重み", "ノックアウト", "回答", "確認方法", "証跡", "点")
FOUND = ("指摘", "区分", "是正期限", "是正確認")


def write(group: Group, inbox: Folder) -> None:
    """Write one workbook an audit, and the declarations of each company's vendors."""
    for audit in group.audits:
        name = f"{audit.vendor}_{audit.on:%Y%m%d}_{audit.id}.xlsx"
        inbox.under("vendor_audits").put(name, _workbook(audit), at(audit.on, 34))
    rows = [
        [s.id, slashed(s.on), s.company, s.department, s.vendor, s.sub_vendor, s.work, s.country, s.operator_country]
        for s in group.sub_vendors
    ]
    inbox.under("sub_vendors").put(
        "saiitaku_202602.csv", separated([DECLARED, *rows], "cp932"), at(group.sub_vendors[0].on, 34)
    )


def _workbook(audit: VendorAudit) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "委託先監査チェックリスト"
    for name, value in (
        ("監査ID", audit.id),
        ("委託先ID", audit.vendor),
        ("会社", audit.company),
        ("部門", audit.department),
        ("監査の方法", _label("vendor_audits", "method", audit.method)),
        ("実施日", audit.on),
        ("監査者", audit.auditor),
        ("監査範囲", "個人データの取扱いを委託する全業務" if audit.has_scope else None),
        ("サンプル数", audit.samples),
    ):
        sheet.append([name, value])
    sheet.append([])
    sheet.append([*ASKED, *FOUND])
    for number, (area, question) in enumerate(QUESTIONS, start=1):
        knock_out = "可" if number in KNOCK_OUTS else ""
        seen = ["書面", "規程・記録の写し"] if audit.method == "questionnaire" else ["現地", "現物と記録"]
        row = [number, area, question, 4, knock_out, "○", *seen, 4]
        if number == audit.remark:
            row[5], row[8] = "△", 2
            row += ["記録の一部が残っていない", _label("findings", "severity", "medium")]
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    return fixed(content.getvalue(), at(audit.on, 17))


def _label(dataset: str, column: str, code: str) -> str:
    """A code of a closed list as people write it."""
    return dict(catalogue()[dataset].column(column).allowed)[code]
