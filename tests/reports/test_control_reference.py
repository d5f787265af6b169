"""The reference of controls is what the catalogue says, and what an auditor asks about a control stands in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from controls.loader import shipped
from controls.model import About
from reports.control_reference import reference, section
from tests.reports.made import control

PAGE = Path(__file__).parents[2] / "docs" / "controls.md"


def test_the_page_in_the_docs_says_what_the_catalogue_says() -> None:
    told = reference(shipped().controls, shipped().measures)
    assert PAGE.read_text("utf-8") == told, "run `make docs`"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("### HUM-07 教育の点検 — Check", id="id and both titles"),
        pytest.param("\nIt is done.\n", id="the requirement in English"),
        pytest.param("個人情報保護法 第23条、通則編 10-3(2)、JIS Q 15001 J.4.3(条番号未確認)", id="its grounds"),
        pytest.param("退職後の使用 `used`: 事象", id="what each aspect is about"),
        pytest.param("低 low(対応期限 90 日)", id="severity and days"),
        pytest.param("従業者(雇用・契約関係) `workers`", id="its datasets"),
        pytest.param("(対象期間の前 400 日までを読む)", id="how far back it reads"),
        pytest.param(
            "| `grace_days` | 7 日(所管 個人情報保護管理者、0〜400 の範囲) |", id="a threshold with its limits"
        ),
        pytest.param("| `allowed_kinds` | 正社員、役員、派遣 ", id="a list in words"),
        pytest.param("実施しましたか(部門管理者、90 日有効)", id="the question"),
        pytest.param("2022-04-01 〜 2027-03-31", id="the days in force"),
        pytest.param("\\|", id="a bar in the message breaks no table"),
    ],
)
def test_a_section_says_what_an_auditor_asks(said: str) -> None:
    made = control(7, "HUM", "教育")
    told = replace(
        made,
        about={"account": About.STATE, "used": About.EVENT},
        attest=control(5, "HUM", "教育").attest,
        valid_to=made.valid_from.replace(2027, 3, 31),
        gap=replace(made.gap, ja="a|b"),
    )
    assert said in section(told)
