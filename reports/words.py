"""What a reader sees in the place of codes: the labels of the datasets, and Japanese for what the tests answer.

A test answers in the codes of its SQL (design.md §5). Nobody who signs a report reads those; the key of a person or
thing stays as it is, for it is how the system finds it again.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from collectors.typed import ALWAYS, NEVER_ENDS
from controls.model import Assessment, Basis, Control, Deviation, Verdict, Words
from evidence.datasets import catalogue

ASPECTS: Mapping[str, str] = {  # which part of a requirement a deviation is about
    "access": "個人データへの最初のアクセス",
    "account": "アカウント",
    "acknowledged": "周知の確認",
    "actions": "請求の種別",
    "address": "住所",
    "alert": "検知",
    "announced": "新しい版の公表",
    "approval": "再委託の承認",
    "audit_officer": "監査責任者",
    "citation": "引用条番号",
    "badge": "入館証",
    "backup": "バックアップ",
    "breakglass": "緊急用IDの使用",
    "change": "システムの変更",
    "certificate": "返却・消去の証明",
    "complaint": "苦情・相談",
    "consent": "同意前の情報提供",
    "confirmation": "年次の確認・変更後の確認",
    "console": "コンソール操作",
    "contact_tree": "連絡体制表",
    "contacts": "緊急連絡先",
    "coverage": "監査の網羅",
    "cpo": "個人情報保護管理者",
    "decisions": "見直しの指示",
    "count": "特権IDの数",
    "department": "部門",
    "device": "機器",
    "document": "文書",
    "drill": "漏えい対応訓練",
    "due": "是正期限",
    "entrusting_party": "委託元への通知",
    "entry": "台帳の記載",
    "erase_request": "消去の請求",
    "erasure": "消去の実施",
    "evaluation": "評価・再評価",
    "escalation": "上申",
    "external": "外部監査",
    "entries": "入退室の記録",
    "exit_pledge": "退職時の誓約",
    "finding": "指摘",
    "items": "周知事項",
    "independence": "監査員の独立",
    "individuals": "本人への通知",
    "inputs": "見直しの入力",
    "kept": "ログの保存",
    "keys": "暗号鍵の管理",
    "late": "期限後の実施",
    "lessons": "訓練の教訓",
    "log": "ログ",
    "log_stop": "ログの停止・変更",
    "login": "ログイン",
    "login_pattern": "ログインの異常",
    "lost_device": "機器の紛失",
    "none": "収集元なし",
    "published": "公表中の文面",
    "purposes": "利用目的",
    "plan": "対応手順",
    "os": "OSのサポート",
    "old_record": "旧範囲の記録",
    "provision": "第三者提供",
    "outside": "社外からの接続",
    "reach_test": "到達試験",
    "recipient": "提供先",
    "read_through": "年次の通読",
    "reference": "文中の参照",
    "review": "代表者による見直し",
    "onboarding": "導入教育",
    "patrol": "巡回",
    "pentest": "侵入試験",
    "pledge": "秘密保持の誓約",
    "remedial": "不合格後の再受講",
    "restore": "復元試験",
    "returner": "復職者教育",
    "role": "役割別教育",
    "roster": "名簿",
    "rule_review": "境界規則の点検",
    "rules": "境界規則",
    "scope_change": "共同利用の変更",
    "security_event": "セキュリティ事象",
    "seen": "ログに出現",
    "scan": "脆弱性診断",
    "self_check": "自己点検",
    "separation": "管理者と監査責任者の分離",
    "stage": "取扱いの段階",
    "storage": "保存",
    "start": "委託の開始",
    "server_site": "サーバの設置場所",
    "site": "拠点",
    "setting": "設定",
    "sighting": "再委託先の把握",
    "store": "保管場所",
    "sub_vendor": "再委託先",
    "suspension": "取扱い停止の判断",
    "system": "システム",
    "take_out": "持出",
    "test_data": "試験・学習でのデータ使用",
    "transit": "通信経路",
    "transfer": "終了後の送信",
    "use": "特権IDの使用",
    "used": "退職後の使用",
    "vendor": "委託先",
    "vendor_notice": "委託先からの連絡",
    "visitor": "来訪者の記録",
    "vulnerability": "脆弱性",
    "work_rules": "就業規則",
}
COLUMNS = "columns of the management book"
UNITS: Mapping[str, str] = {
    "accounts": "アカウント",
    "business days": "営業日",
    "characters": "文字",
    "clauses of the contract register": "委託契約の条項",
    COLUMNS: "台帳の欄",
    "date": "日付",
    "days": "日",
    "days after a change takes effect": "日(変更の実施後)",
    "devices": "台",
    "divisor of the factor before leaving": "退職前に倍率を割る数",
    "document code": "文書コード",
    "document codes": "文書コード",
    "document elements": "文書の記載要素",
    "failed logins": "回(ログイン失敗)",
    "grounds of refusal": "応じない理由",
    "hours": "時間",
    "inputs of the management review": "見直しの入力",
    "ISO 3166": "国コード(ISO 3166)",
    "HTTP status": "HTTPステータス",
    "items of rule 8(1)": "規則8条1項の号",
    "kind of device:method": "機器の種別:廃棄方法",
    "kinds of device": "機器の種別",
    "kinds of request": "請求の種別",
    "matters of a regulation": "規律の観点",
    "measures": "安全管理措置",
    "medium:method": "媒体:廃棄方法",
    "minutes": "分",
    "months": "か月",
    "operations that stop, delete or change a log source": "ログを停止・削除・変更する操作",
    "percent": "%",
    "personal-data items": "個人情報の項目",
    "permille": "‰(千分率)",
    "points": "点",
    "roles of the appointment register": "任命簿の役割",
    "rows": "行",
    "seconds": "秒",
    "stages of the life cycle": "取扱いの段階",
    "times": "倍",
    "TLS version": "TLSの版",
    "ways of sending": "提供の手段",
    "words in the names of administrators' rights": "管理者権限の名称に含まれる語",
    "words of the management book": "台帳の語",
    "versions": "版",
    "yes or no": "はい・いいえ",
}
VOCABULARIES: Mapping[str, tuple[str, ...]] = {  # whose codes a parameter of a unit holds, else its control's datasets
    "grounds of refusal": ("requests",),
    "kind of device:method": ("devices", "disposals"),
    "kinds of request": ("requests",),
    "matters of a regulation": ("document_elements",),
    "medium:method": ("book_entries", "disposals"),
}
LAWS: Mapping[str, str] = {"APPI": "個人情報保護法"}
NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_CLAUSE = re.compile(r"([0-9-]+)((?:\([0-9ivx]+\))*)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATASET = re.compile(r"\b[a-z][a-z_]+(?=(?:\([^()]*\))?: )")


def basis_text(basis: Basis) -> str:
    """A legal ground as the reports print it; a clause nobody has confirmed says so."""
    name, article = LAWS.get(basis.name, basis.name), basis.article
    if basis.kind == "law" and (clause := _CLAUSE.fullmatch(article)):
        article = f"第{clause[1]}条" + "".join(map(_part, re.findall(r"[0-9ivx]+", clause[2])))
    return f"{name} {article}" + ("" if basis.verified else "(条番号未確認)")


def _part(told: str) -> str:
    return f"第{told}項" if told.isdecimal() else f"第{NUMERALS.index(told) + 1}号" if told in NUMERALS else f"({told})"


def aspect_text(aspect: str | None) -> str:
    """A part of a requirement by its name; what stands behind a colon, or is no code of ours, stays."""
    kind, colon, key = (aspect or "").partition(":")
    return ASPECTS.get(kind, kind) + colon + key


def deviation_text(control: Control, deviation: Deviation) -> str:
    """What a deviation is, with its answers as a reader sees them."""
    labels = labels_of(control.datasets)
    columns = {
        "subject": deviation.subject,
        "aspect": aspect_text(deviation.aspect) or "―",
        "department": deviation.department or "―",
        "occurred_on": shown(deviation.occurred_on, {}),
        **{name: shown(value, labels) for name, value in deviation.columns.items()},
    }
    return control.gap.ja.format_map(columns)


def shown(value: object, labels: Mapping[str, str]) -> str:
    """One answer of a test, or one value of a register, in words."""
    match value:
        case None | [] | ():
            return "―"
        case bool():
            return "はい" if value else "いいえ"
        case int():
            return f"{value:,}"
        case datetime():
            return f"{value:%Y/%m/%d %H:%M}"
        case date():
            return day_text(value)
        case list() | tuple():
            return "、".join(shown(one, labels) for one in value)
        case str() if _DAY.fullmatch(value):  # a day that a judgement was stored with
            return value.replace("-", "/")
        case str():
            told = aspect_text(value) if ":" in value else value
            return ":".join(labels.get(part, part) for part in told.split(":"))
        case Decimal() | float():
            return f"{value:,}"
    return str(value)


def day_text(day: date) -> str:
    """A day as the reports print it; the days that stand for no beginning and no end are none."""
    return "当初" if day <= ALWAYS else "期限なし" if day >= NEVER_ENDS else f"{day:%Y/%m/%d}"


def vocabulary(unit: str, datasets: tuple[str, ...]) -> Mapping[str, str]:
    """What the values of a parameter are called, by its unit and the datasets of its control."""
    if unit == COLUMNS:
        return {column.name: column.header for column in catalogue()["book_entries"].columns}
    return labels_of(VOCABULARIES.get(unit, datasets))


@cache
def labels_of(datasets: tuple[str, ...]) -> Mapping[str, str]:
    """The label of each code in the closed lists of some datasets; a code that they label in two ways has none."""
    found = {"unknown": {"不明"}}  # what tests answer where a source tells no kind
    for name in datasets:
        for column in catalogue()[name].columns:
            for code, label in column.allowed:
                found.setdefault(code, set()).add(label)
    return {code: labels.pop() for code, labels in found.items() if len(labels) == 1}


def remark(control: Control, judged: Assessment) -> str:
    """Why a control has its mark: a verdict without its ground cannot be followed (domain.md §1.0)."""
    if judged.reason:
        return reason_text(judged.reason)
    found = len(judged.deviations)
    if not found:
        return "例外なし"
    told = f"例外 {found:,} 件(母集団 {judged.population:,} 件の {100 * found / (judged.population or 1):.1f}%)。"
    if all(d.waiver for d in judged.deviations):
        return told + "すべて例外承認済"
    if judged.verdict is Verdict.PARTIAL:
        return told + "許容範囲内"
    return told + ("危険度「重大」は未承認が 1 件でも不適合" if control.severity == "critical" else "許容範囲を超える")


def reason_text(reason: str) -> str:
    """A reason why nothing could be judged, with the titles of the datasets that it names."""
    return _DATASET.sub(lambda name: dataset_title(name[0]), reason)


def dataset_title(name: str) -> str:
    """The Japanese title of a dataset; a name that is none stays."""
    return titled(name).ja


def titled(dataset: str) -> Words:
    """What a dataset is called; a name that is none stays."""
    told = catalogue().get(dataset)
    return Words(told.title_ja, told.title_en) if told else Words(dataset, dataset)
