import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from evidence.datasets import register
from evidence.errors import ConfigError
from evidence.persons import Keys
from evidence.store import Store
from evidence.vault import Digest
from evidence.vault.memory import MemoryVault
from registers import audit_sheet
from registers.audit_sheet import Checklist, Result, Score, scored, versions
from registers.imports import apply, plan_rows
from registers.versions import entered, rows_as_of
from tests.evidence.vault.keyed import content_of
from tests.registers.samples import OTHER_VENDOR, TOKYO, VENDOR, VENDOR_HEADERS, VENDORS

HEAD = {
    "監査の方法": "実地",
    "実施日": date(2026, 6, 10),
    "報告日": date(2026, 6, 20),
    "監査者": "1001",
    "監査範囲の記載": "はい",
    "サンプル数": 5,
    "必要な項目のみの提供": "はい",
}
HEADERS = "番号 分野 設問 重み ノックアウト可否 回答 確認方法 確認した証跡 点 指摘 区分 是正期限 是正確認"
CONFORMING: dict[int, dict[str, Any]] = {number: {"回答": "○"} for number in range(1, 25)}
WRONG = {"回答": "×", "指摘": "棚卸の記録がない", "区分": "重大な不適合", "是正期限": date(2026, 7, 31)}
Answers = Mapping[int, Mapping[str, Any]]


@dataclass
class Office:
    """Who audits vendors: a store with two of them, one of T1 and one of T2, and a folder for what comes back."""

    store: Store
    vault: MemoryVault
    keys: Keys
    folder: Path

    def sheet(self, answers: Answers, head: Mapping[str, Any] = HEAD, vendor: str = "V-1") -> Path:
        book = load_workbook(io.BytesIO(audit_sheet.sheet(self.store, vendor)))
        fill(book, "監査の概要", 3, head)
        for number, told in answers.items():
            fill(book, "委託先監査チェックリスト", 2 + number, told)
        path = self.folder / "監査票.xlsx"
        book.save(path)
        return path

    def plan(self, path: Path) -> Result:
        return audit_sheet.plan(self.store, path, self.keys, companies=["AOI"], zone=TOKYO)

    def enter(self, path: Path) -> int:
        return audit_sheet.apply(self.plan(path), self.store, self.vault, self.keys, by="1001", reason="定期監査")

    def rows(self, name: str) -> list[dict[str, Any]]:
        return rows_as_of(self.store, register(name))


def fill(book: Workbook, title: str, row: int, told: Mapping[str, Any]) -> None:
    sheet = book[title]
    places = {str(cell.value).removesuffix(" ●"): n for n, cell in enumerate(sheet[1], start=1)}
    for header, value in told.items():
        sheet.cell(row, places[header]).value = value


def opened(content: bytes, title: str) -> Worksheet:
    sheet = load_workbook(io.BytesIO(content))[title]
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.fixture
def office(store: Store, vault: MemoryVault, keys: Keys, tmp_path: Path) -> Office:
    names = ["company", "department", "vendor_id", "name", "tier", "status", "handles_personal_data"]
    assert len(names) == len(VENDOR_HEADERS)
    rows = [dict(zip(names, told, strict=True)) for told in (VENDOR, OTHER_VENDOR)]
    apply(plan_rows(store, VENDORS, rows, keys), store, vault, keys, by="1001", reason="登録")
    return Office(store, vault, keys, tmp_path)


@pytest.fixture
def checklist() -> Checklist:
    return list(versions().values())[-1]


def test_the_checklist_asks_24_questions(checklist: Checklist) -> None:
    assert [question.number for question in checklist.questions] == list(range(1, 25))


def test_seven_questions_refuse_a_vendor_of_the_first_tier(checklist: Checklist) -> None:
    assert [q.number for q in checklist.questions if "T1" in q.knock_out] == [1, 3, 12, 14, 18, 20, 24]


def test_a_file_of_questions_is_called_like_its_version() -> None:
    assert {f"{version}.yaml" for version in versions()} == {path.name for path in audit_sheet.FOLDER.glob("[0-9]*")}


def test_the_sheet_has_the_columns_of_the_trade(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    assert [str(cell.value).removesuffix(" ●") for cell in sheet[1]] == HEADERS.split()


def test_the_sheet_carries_its_version_and_its_vendor(office: Office, checklist: Checklist) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "監査の概要")
    assert [sheet.cell(3, column).value for column in (1, 2, 3)] == ["V-1", "みどり印刷", checklist.version]


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        pytest.param("F", ["○", "△", "×", "―"], id="answers"),
        pytest.param("G", ["書面", "画面", "現地", "ヒアリング"], id="how it was checked"),
        pytest.param("K", ["重大な不適合", "軽微な不適合", "観察事項", "改善の機会"], id="classes of a finding"),
    ],
)
def test_closed_lists_are_offered_to_choose_from(office: Office, column: str, labels: list[str]) -> None:
    book = load_workbook(io.BytesIO(audit_sheet.sheet(office.store, "V-1")))
    offers = {
        str(offer.sqref).split(":")[0]: offer.formula1
        for offer in book["委託先監査チェックリスト"].data_validations.dataValidation
    }
    place = str(offers[f"{column}3"]).split("!")[1].replace("$", "")
    assert [cell.value for (cell,) in book["選択肢"][place]] == labels


def test_no_cell_of_the_sheet_is_a_formula(office: Office) -> None:
    book = load_workbook(io.BytesIO(audit_sheet.sheet(office.store, "V-1")))
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}


def test_questions_are_protected_and_answers_are_not(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    assert (sheet["C3"].protection.locked, sheet["F3"].protection.locked) == (True, False)


def test_the_sheet_prints_on_a4_landscape_with_its_header_on_every_page(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$1:$1"


def test_the_questions_and_their_answers_are_printed_on_one_page_beside_each_other(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    assert sheet.page_setup.fitToWidth == 1


def test_every_row_has_room_for_the_sentences_that_are_written_later(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    assert min(sheet.row_dimensions[row].height or 0 for row in range(3, 27)) >= 45


def test_a_question_of_more_than_one_line_is_printed_whole(office: Office) -> None:
    sheet = opened(audit_sheet.sheet(office.store, "V-1"), "委託先監査チェックリスト")
    heights = {len(str(sheet.cell(row, 3).value)): sheet.row_dimensions[row].height or 15 for row in range(3, 27)}
    assert heights[max(heights)] >= 15 * 2 * max(heights) / 40


def test_a_vendor_that_is_not_registered_gets_no_sheet(office: Office) -> None:
    with pytest.raises(ConfigError, match="V-9"):
        audit_sheet.sheet(office.store, "V-9")


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({}, Score(Decimal(100), 0, ()), id="all conform"),
        pytest.param({1: "no"}, Score(Decimal("50"), 0, ("1",)), id="a × on a knock-out question"),
        pytest.param({2: "no"}, Score(Decimal("66.6666"), 0, ()), id="a × elsewhere; cut, never rounded up"),
        pytest.param({1: "partly"}, Score(Decimal("75"), 0, ()), id="a △ is half and knocks nobody out"),
        pytest.param({1: None}, Score(Decimal("50"), 1, ()), id="an open question scores nothing"),
        pytest.param({1: "not_applicable"}, Score(Decimal(100), 0, ()), id="― is not counted"),
        pytest.param({1: "not_applicable", 2: "no"}, Score(Decimal("33.3333"), 0, ()), id="― leaves the denominator"),
        pytest.param({1: "not_applicable", 2: "not_applicable", 3: "not_applicable"}, None, id="nothing to score"),
    ],
)
def test_what_answers_come_to(answers: dict[int, str | None], expected: Score | None) -> None:
    told = [(1, 3, {"T1"}), (2, 2, set()), (3, 1, set())]
    small = Checklist(
        version="1",
        points={"yes": Decimal(1), "partly": Decimal("0.5"), "no": Decimal(0)},
        severities={},
        questions=tuple({"number": n, "area": "a", "question": "q", "weight": w, "knock_out": k} for n, w, k in told),  # type: ignore[misc]
    )
    given = {number: {"answer": "yes"} for number in (1, 2, 3)} | {n: {"answer": a} for n, a in answers.items()}
    assert scored(small, given, "T1") == expected


def test_a_question_that_is_not_on_the_sheet_is_open(checklist: Checklist) -> None:
    score = scored(checklist, {number: {"answer": "yes"} for number in range(1, 24)}, "T1")
    assert score is not None
    assert (score.open, score.percent < 100) == (1, True)


def test_a_sheet_that_came_back_is_an_evaluation_and_an_audit(office: Office, checklist: Checklist) -> None:
    office.enter(office.sheet(CONFORMING))
    [evaluation], [audit] = office.rows("vendor_evaluations"), office.rows("vendor_audits")
    assert (evaluation["score"], evaluation["questions_open"], evaluation["knock_outs"]) == (Decimal(100), 0, [])
    assert (evaluation["checklist_version"], evaluation["company"]) == (checklist.version, "AOI")
    assert (audit["vendor_id"], audit["method"], audit["performed_on"]) == ("V-1", "on_site", date(2026, 6, 10))
    assert (audit["auditor_key"], audit["samples"]) == (office.keys.person("worker_no", "1001"), 5)


def test_nobody_has_approved_an_evaluation_by_importing_it(office: Office) -> None:
    office.enter(office.sheet(CONFORMING))
    [evaluation] = office.rows("vendor_evaluations")
    assert (evaluation["approved_by"], evaluation["approved_on"]) == (None, None)


def test_a_wrong_answer_is_a_finding_that_the_audit_names(office: Office) -> None:
    office.enter(office.sheet(CONFORMING | {12: WRONG}))
    [finding], [audit] = office.rows("findings"), office.rows("vendor_audits")
    assert audit["finding_ids"] == [finding["finding_id"]]
    assert (finding["origin"], finding["vendor_id"], finding["severity"]) == ("vendor_audit", "V-1", "critical")
    assert (finding["content"], finding["due_on"]) == ("棚卸の記録がない", date(2026, 7, 31))
    assert (finding["raised_on"], finding["due_set_on"]) == (date(2026, 6, 20), date(2026, 6, 20))


@pytest.mark.parametrize(("vendor", "knocked"), [("V-1", ["12"]), ("V-2", [])], ids=["T1", "T2"])
def test_a_knock_out_counts_for_the_tier_that_it_is_meant_for(office: Office, vendor: str, knocked: list[str]) -> None:
    office.enter(office.sheet(CONFORMING | {12: WRONG}, vendor=vendor))
    [evaluation] = office.rows("vendor_evaluations")
    assert evaluation["knock_outs"] == knocked


def test_the_same_sheet_twice_adds_nothing(office: Office) -> None:
    path = office.sheet(CONFORMING | {12: WRONG})
    assert office.enter(path) == 3
    after = office.store.last_commit()
    assert (office.enter(path), office.store.last_commit()) == (0, after)


def test_an_audit_on_another_day_is_another_audit(office: Office) -> None:
    office.enter(office.sheet(CONFORMING))
    office.enter(office.sheet(CONFORMING, HEAD | {"実施日": date(2027, 6, 9)}))
    assert [row["performed_on"] for row in office.rows("vendor_audits")] == [date(2026, 6, 10), date(2027, 6, 9)]


def test_a_correction_that_was_confirmed_completes_the_finding(office: Office) -> None:
    office.enter(office.sheet(CONFORMING | {12: WRONG}))
    office.enter(office.sheet(CONFORMING | {12: WRONG | {"是正確認": date(2026, 7, 20)}}))
    [finding] = office.rows("findings")
    assert (finding["completed_on"], finding["effective"]) == (date(2026, 7, 20), None)


def test_what_people_wrote_in_the_register_since_stays(office: Office) -> None:
    path = office.sheet(CONFORMING | {12: {name: WRONG[name] for name in ("回答", "指摘", "区分")}})
    office.enter(path)
    [finding] = office.rows("findings")
    edited = plan_rows(
        office.store, register("findings"), [finding_form(finding, due_on=date(2026, 9, 1))], office.keys
    )
    apply(edited, office.store, office.vault, office.keys, by="1001", reason="期限の設定")
    assert office.enter(path) == 0


def finding_form(row: Mapping[str, Any], **told: Any) -> dict[str, Any]:
    return {column.name: row[column.name] for column in register("findings").columns} | told


@pytest.mark.parametrize(
    ("name", "sheet", "line"),
    [
        ("findings", "委託先監査チェックリスト", 14),
        ("vendor_audits", "監査の概要", 3),
        ("vendor_evaluations", "監査の概要", 3),
    ],
)
def test_a_row_leads_back_to_the_very_sheet_that_said_it(office: Office, name: str, sheet: str, line: int) -> None:
    path = office.sheet(CONFORMING | {12: WRONG})
    office.enter(path)
    [version] = entered(office.store, register(name))
    assert (version.part, version.line) == (sheet, line)
    assert content_of(office.vault, Digest(version.object)) == path.read_bytes()


@pytest.mark.parametrize(
    ("answers", "head", "places"),
    [
        pytest.param({5: {"回答": "はい"}}, {}, ["7 F"], id="no answer of the list"),
        pytest.param({5: {"回答": "×"}}, {}, ["7 J"], id="× without a finding"),
        pytest.param({5: {"回答": "△", "指摘": "一部"}}, {}, ["7 K"], id="a finding without its class"),
        pytest.param({5: {"回答": "―"}}, {}, ["7 H"], id="― without a reason"),
        pytest.param({5: {"回答": "○", "是正期限": date(2026, 7, 1)}}, {}, ["7 L"], id="a due date of no finding"),
        pytest.param({5: {"是正期限": "いつか"}}, {}, ["7 L"], id="no date"),
        pytest.param({5: {"点": 99}}, {}, ["7 I"], id="points that somebody typed"),
        pytest.param({5: {"設問": "別の設問"}}, {}, ["7 C"], id="another question"),
        pytest.param({5: {"重み": 9}}, {}, ["7 D"], id="another weight"),
        pytest.param({5: {"番号": 99}}, {}, ["7 A"], id="a question that there is not"),
        pytest.param({}, {"実施日": None}, ["3 E"], id="no day"),
        pytest.param({}, {"委託先ID": "V-9"}, ["3 A"], id="an unknown vendor"),
        pytest.param({}, {"チェックリストの版": "999"}, ["3 C"], id="an unknown version"),
        pytest.param(
            {5: {"回答": "×"}, 9: {"回答": "―"}, 12: {"回答": "?"}},
            {"実施日": None},
            ["3 E", "14 F"],
            id="all of one look",
        ),
    ],
)
def test_every_wrong_cell_is_named_and_nothing_is_planned(
    office: Office, answers: Answers, head: Mapping[str, Any], places: list[str]
) -> None:
    told = {number: CONFORMING[number] | dict(answers.get(number, {})) for number in CONFORMING}
    result = office.plan(office.sheet(told, HEAD | dict(head)))
    assert set(places) <= {f"{problem.row} {problem.column}" for problem in result.problems}
    assert (result.plans, result.score) == ((), None)


def test_wrong_cells_of_both_kinds_are_named_in_one_pass(office: Office) -> None:
    told = CONFORMING | {5: {"回答": "×"}, 9: {"回答": "―"}, 12: {"回答": "?"}}
    result = office.plan(office.sheet(told))
    assert {f"{problem.row} {problem.column}" for problem in result.problems} == {"7 J", "7 K", "11 H", "14 F"}


def test_a_problem_never_repeats_what_the_cell_says(office: Office) -> None:
    result = office.plan(office.sheet(CONFORMING | {5: {"回答": "秘密の回答", "設問": "秘密の設問"}}))
    assert result.problems
    assert not [problem for problem in result.problems if "秘密" in str(problem)]


@pytest.mark.parametrize(
    "content",
    [pytest.param(lambda: b"not a workbook", id="no workbook"), pytest.param(lambda: b"", id="nothing")],
)
def test_what_is_no_checklist_is_refused_by_name(office: Office, content: Callable[[], bytes]) -> None:
    path = office.folder / "x.xlsx"
    path.write_bytes(content())
    with pytest.raises(ConfigError, match=r"x\.xlsx"):
        office.plan(path)
