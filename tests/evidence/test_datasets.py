from pathlib import Path

import pytest

from evidence import datasets
from evidence.datasets import KIND_COLUMNS, Column, Dataset, Kind, catalogue

NAMES = """
access_events account_owners accounts acknowledgements appointments approvals assessments attestations
audit_assignments badge_rights book_entries book_risks calendar_days changes cloud_resources companies complaints
consents country_assessments courses data_stores devices disposals document_elements documents entitlements
entry_events erasures exclusions exercises findings incidents leaves legal_references log_segments management_reviews
media_writes org_units outbound_transfers page_captures parameter_values party_decisions party_sightings
perimeter_rules person_identities portal_grants postings provision_events provision_records purposes receipts recipients requests
review_lines reviews security_events self_check_items shared_use_scopes source_runs stock_counts storage_locations
store_statistics sub_vendor_approvals sub_vendors subject_uses system_settings systems take_outs training triages
vendor_audits vendor_contracts vendor_evaluations vendors visitor_records vocabulary vulnerabilities waivers
work_shifts workers zones
"""
DATASETS = pytest.mark.parametrize("dataset", catalogue().values(), ids=lambda dataset: dataset.name)
SUFFIXES = {
    "_on": {"date"},
    "_at": {"timestamp"},
    "_ids": {"list"},
    "_id": {"text"},
    "_by": {"text"},
    "_key": {"text"},
    "_path": {"list"},
}
PERSONAL = """
account_key person_key engagement_key representative_key owner_key carrier_key auditor_key author_key manager_key
key_owner_key data_admin_key registered_owner_key posting_key leave_key shift_key training_key right_key subject_keys
subject_key entitlement_key handler_key second_reviewer_key manager_path account_id badge_id identifier source_ip
"""
BOOK_HEADERS = """
台帳ID 版 状態 会社 部門 業務名 個人情報の名称 本人の区分 個人情報の項目 区分 要配慮個人情報 特定個人情報
差別的取扱いのおそれ(職安法指針) 件数(概算) 利用目的 取得方法 取得時の措置 同意の根拠 取得開始日 取得終了日 媒体
保管場所(システム) 保管場所(区域) 保管国 保管方法 取扱責任者 アクセス権を有する者 利用期限 保管期間 最古データ日
廃棄方法 委託 第三者提供 提供先 外国提供 共同利用 第三者からの受領 個人関連情報の突合 自動処理・機械学習 開示等対象
関連規程 作成者 部門承認 管理者承認 最終確認日 次回期限 記載の根拠
"""
# domain.md §2.4 and §5: what the law, the standard and the trade expect on the sheet.
REGISTER_HEADERS = {
    "vendors": "委託先ID 法人番号 委託する業務 個人情報の項目 件数(概算) 委託先の区分 認証 認証の期限 終了日",
    "vendor_contracts": "契約日 契約満了日 秘密保持契約(NDA) 契約条項 再委託の可否 返却・消去証明日",
    "vendor_evaluations": "評価点 評価日",
    "vendor_audits": "実施日 次回監査の期限",
    "sub_vendor_approvals": "再委託先 再委託先の国 承認日",
    "systems": """システムID システム名 システム責任者 個人情報の保有 利用部門 基盤・リージョン 運営者の国 認証方式 暗号化
        ログの収集元 ログ保存日数 目標復旧時点(RPO) バックアップの保存日数 インターネット公開 稼働日 廃止日""",
    "provision_records": """提供日 提供先ID 対象集合の定義 個人情報の項目 提供の根拠 例外の根拠 同意の旨の記載 同意ID
        記録の作成方法""",
    "receipts": """受領日 提供元の名称 提供元の所在地 提供元の代表者 対象集合の定義 個人情報の項目 取得の経緯 記録の作成方法
        同意の確認(法31)""",
    "shared_use_scopes": """共同利用ID 個人情報の項目 共同利用する会社 共同利用の目的 管理責任者の名称 管理責任者の所在地
        管理責任者の代表者 公表版 取得期間の開始日 取得期間の終了日""",
    "country_assessments": "国 制度の概要 OECD8原則への対応 政府によるアクセス 講じる措置 評価日 次回評価の期限 出典版",
    "incidents": """発生日 発覚日時 知った日 知った部署 概要 個人情報の項目 本人数(確定) 本人数(上限) 媒体 原因
        要配慮個人情報(規7①) 財産的被害のおそれ(規7②) 不正の目的(規7③) 千人超(規7④) 高度な暗号化 受託業務での発生 委託先ID
        速報日 速報の受付番号 確報日 確報の受付番号 本人通知日 委託元への通知日 公表日 Pマーク報告日 Pマーク報告の受付番号
        二次被害 再発防止策 指摘ID""",
    "requests": """受付番号 到達日 受付経路 追跡番号 請求種別 本人・代理の区分 確認書類 確認書類の発行日 本人確認
        個人番号・本籍のマスク 対象サービス 判断 応じない理由 承認者 通知方法 通知日 到達確認日 実施日 実施証跡 書類の廃棄期限
        書類の廃棄日 提訴可能日 担当者""",
    "erasures": "消去期限 消去日 消去方法 確認者",
    "findings": "不適合内容",
    "purposes": "利用目的",
}


def mistyped(column: Column) -> bool:
    return any(column.name.endswith(suffix) and column.type not in types for suffix, types in SUFFIXES.items())


def mislabelled(column: Column) -> bool:
    labels = [label for _, label in column.allowed]
    stray = {label for code, label in column.allowed if label in column.codes and label != code}
    return bool(stray) or len(set(labels)) < len(labels) or any(label.strip() != label or not label for label in labels)


def test_the_catalogue_holds_exactly_the_agreed_datasets() -> None:
    assert sorted(catalogue()) == NAMES.split()


@pytest.mark.parametrize("path", sorted(datasets.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_declaration_is_called_like_its_file_and_is_finished(path: Path) -> None:
    assert datasets.read(path).name == path.stem
    assert "TODO" not in path.read_text("utf-8")


@DATASETS
def test_every_column_has_a_japanese_header_of_its_own(dataset: Dataset) -> None:
    headers = [column.header for column in dataset.all_columns]
    assert all(header.strip() == header != "" for header in headers)
    assert len(set(headers)) == len(headers)


@DATASETS
def test_a_column_name_tells_its_type(dataset: Dataset) -> None:
    assert [column.name for column in dataset.all_columns if mistyped(column)] == []


@DATASETS
def test_a_closed_list_has_a_label_of_its_own_for_every_code(dataset: Dataset) -> None:
    assert [column.name for column in dataset.columns if mislabelled(column)] == []


@DATASETS
def test_the_codes_of_a_closed_list_are_text_and_never_read_as_yes_or_no(dataset: Dataset) -> None:
    listed = [column for column in dataset.columns if column.allowed]
    assert [c.name for c in listed if c.type not in ("text", "list") or {"true", "false"} & set(c.codes)] == []


@DATASETS
def test_a_key_is_made_of_columns_that_are_never_empty(dataset: Dataset) -> None:
    keys = [dataset.column(name) for name in dataset.key]
    assert [key.name for key in keys if key.nullable or key.type == "list"] == []


@DATASETS
def test_rows_carry_the_columns_of_their_kind(dataset: Dataset) -> None:
    held = {column.name for column in dataset.all_columns}
    assert {column.name for column in KIND_COLUMNS[dataset.kind]} <= held
    assert {"source", "run_id", "object", "part", "line", "recorded_at", "row_ref"} <= held


@DATASETS
def test_what_names_a_person_is_marked_as_personal(dataset: Dataset) -> None:
    named = [column for column in dataset.all_columns if column.name in PERSONAL.split() or column.name.endswith("_by")]
    assert [column.name for column in named if not column.personal] == []


@pytest.mark.parametrize("header", BOOK_HEADERS.split())
def test_the_management_book_keeps_every_written_column_of_the_law_and_the_standard(header: str) -> None:
    assert header in {column.header for column in catalogue()["book_entries"].columns}


@pytest.mark.parametrize(
    ("name", "header"),
    [pytest.param(name, one, id=f"{name} {one}") for name, told in REGISTER_HEADERS.items() for one in told.split()],
)
def test_a_register_keeps_every_column_that_the_law_and_the_trade_expect(name: str, header: str) -> None:
    assert header in {column.header for column in catalogue()[name].columns}


@pytest.mark.parametrize(
    ("name", "column", "codes"),
    [
        ("requests", "refusal_ground", "G0 G1 G2 G3 G4 G5 G6 G7 G8 G9 H1 H2"),
        (
            "requests",
            "action",
            "notice_purpose disclose correct add remove stop_use erase stop_provision disclose_provision_record",
        ),
        ("provision_records", "route", "consent opt_out exception_27_1 entrustment succession shared_use"),
        ("acknowledgements", "kind", "acknowledged pledged exit_pledged agency_certified"),
    ],
)
def test_a_closed_list_of_the_law_is_whole(name: str, column: str, codes: str) -> None:
    assert catalogue()[name].column(column).codes == tuple(codes.split())


def test_an_audit_is_assigned_for_each_of_the_18_measures() -> None:
    measures = catalogue()["audit_assignments"].column("measure").codes
    assert len(measures) == 18


@pytest.mark.parametrize("name", ["recipients", "country_assessments", "triages", "review_lines", "courses"])
def test_a_row_of_no_single_company_is_the_whole_group_s(name: str) -> None:
    assert catalogue()[name].column("company").nullable


def test_relations_are_read_whole() -> None:
    relations = {name for name, dataset in catalogue().items() if dataset.relation}
    assert relations == {"account_owners", "appointments", "courses", "shared_use_scopes"}


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_every_kind_of_dataset_is_used(kind: Kind) -> None:
    assert any(dataset.kind is kind for dataset in catalogue().values())
