from pathlib import Path

import pytest

from evidence import datasets
from evidence.datasets import KIND_COLUMNS, Column, Dataset, Kind, catalogue

NAMES = """
access_events account_owners accounts appointments approvals attestations badge_rights book_entries book_risks
calendar_days changes cloud_resources companies complaints country_assessments courses data_stores devices disposals
document_elements documents erasures exercises findings incidents leaves log_segments org_units outbound_transfers
person_identities postings purposes recipients review_lines reviews security_events shared_use_scopes source_runs
storage_locations sub_vendors systems take_outs training triages vendor_audits vendor_contracts vendors vocabulary
waivers work_shifts workers zones
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
manager_path account_id badge_id identifier source_ip
"""
BOOK_HEADERS = """
台帳ID 版 状態 会社 部門 業務名 個人情報の名称 本人の区分 個人情報の項目 区分 要配慮個人情報 特定個人情報
差別的取扱いのおそれ(職安法指針) 件数(概算) 利用目的 取得方法 取得時の措置 同意の根拠 取得開始日 取得終了日 媒体
保管場所(システム) 保管場所(区域) 保管国 保管方法 取扱責任者 アクセス権を有する者 利用期限 保管期間 最古データ日
廃棄方法 委託 第三者提供 提供先 外国提供 共同利用 第三者からの受領 個人関連情報の突合 自動処理・機械学習 開示等対象
関連規程 作成者 部門承認 管理者承認 最終確認日 次回期限 記載の根拠
"""


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


def test_relations_are_read_whole() -> None:
    relations = {name for name, dataset in catalogue().items() if dataset.relation}
    assert relations == {"account_owners", "appointments", "courses", "shared_use_scopes"}


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_every_kind_of_dataset_is_used(kind: Kind) -> None:
    assert any(dataset.kind is kind for dataset in catalogue().values())
