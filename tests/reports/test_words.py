"""No code of ours reaches a reader: what tests answer is told in Japanese."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from controls.loader import load
from controls.model import Basis, Value, Words
from reports.words import UNITS, aspect_text, basis_text, deviation_text, reason_text, shown
from tests.reports import made

BY_SOURCE = "ORG-2-01"  # its aspects are the names of a company's sources


def told(value: Value) -> str:
    control = replace(made.controls()[0], gap=Words("{subject}: {answer}", ""), datasets=("devices",))
    return deviation_text(control, replace(made.deviation(2), columns={"answer": value}))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(True, "はい", id="true"),
        pytest.param(False, "いいえ", id="false"),
        pytest.param(None, "―", id="nothing"),
        pytest.param("", "", id="an empty text"),
        pytest.param(5001, "5,001", id="a number"),
        pytest.param(Decimal("0.5"), "0.5", id="a share"),
        pytest.param(date(2026, 3, 5), "2026/03/05", id="a day"),
        pytest.param("2026-03-05", "2026/03/05", id="a day as it is stored"),
        pytest.param("disposed", "廃棄済", id="a code of a dataset of the control"),
        pytest.param("vendor:V-0044", "委託先:V-0044", id="a kind with its key"),
        pytest.param("StopLogging", "StopLogging", id="a word of somebody else"),
    ],
)
def test_an_answer_is_read_in_words(value: Value, text: str) -> None:
    assert told(value) == f"SYS-002/export: {text}"


def test_each_part_of_a_shipped_control_has_a_japanese_name() -> None:
    shipped = load()
    keys = [key.split("@")[0] for e in shipped.examples if e.control != BY_SOURCE for key in e.expect]
    aspects = {key.partition("/")[2] for key in keys if "/" in key}
    aspects |= {aspect or "" for control in shipped.controls for aspect in control.about}
    assert {a for a in aspects - {""} if aspect_text(a) == a} == set()


def test_each_unit_of_a_shipped_parameter_has_a_japanese_name() -> None:
    assert {p.unit for control in load().controls for p in control.parameters} - set(UNITS) == set()


@pytest.mark.parametrize(
    ("basis", "text"),
    [
        (Basis("law", "APPI", "23"), "個人情報保護法 第23条"),
        (Basis("law", "APPI", "32(1)(iv)"), "個人情報保護法 第32条第1項第4号"),
        (Basis("law", "個人情報保護法施行規則", "15-18"), "個人情報保護法施行規則 第15-18条"),
        (Basis("guideline", "通則編", "10-3(2)"), "通則編 10-3(2)"),
        (Basis("jis", "JIS Q 15001", "J.4.3", verified=False), "JIS Q 15001 J.4.3(条番号未確認)"),
    ],
)
def test_a_legal_ground_is_cited_as_lawyers_do(basis: Basis, text: str) -> None:
    assert basis_text(basis) == text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("workers: 取得元の設定なし / no source", "従業者(雇用・契約関係): 取得元の設定なし / no source"),
        ("workers(hr): 証跡なし", "従業者(雇用・契約関係)(hr): 証跡なし"),
        ("未確認: devices: 取得元の設定なし", "未確認: 機器・媒体: 取得元の設定なし"),
        ("hr_roster: 証跡が古い", "hr_roster: 証跡が古い"),
    ],
)
def test_a_reason_names_datasets_by_their_titles(reason: str, text: str) -> None:
    assert reason_text(reason) == text


def test_a_list_is_read_as_one() -> None:
    assert shown(["a", "on"], {"on": "暗号化済"}) == "a、暗号化済"
