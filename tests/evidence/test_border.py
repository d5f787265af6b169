"""What a text becomes that leaves the house: known persons are pseudonyms, unknown ones make it be withheld."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.border import WITHHELD, Border, Known, Level, is_my_number, leaving
from evidence.datasets import catalogue
from evidence.persons import Keys, pseudonym

SECRET = bytes(range(32))
KEYS = Keys(SECRET)
HANAKO, TARO, MINTED = KEYS.person("worker_no", "KANARIA-7777"), KEYS.person("worker_no", "104417"), "W3"
IDENTITIES = (
    ("name", "金糸雀 花子"), ("name", "カナリア ハナコ"), ("name", "Hanako Kanaria"), ("mail", "hanako@canary.example"),
    ("login", "hkanaria"), ("worker_no", "KANARIA-7777"),
)  # fmt: skip
ROWS = [{"identifier_kind": kind, "identifier": told, "person_key": HANAKO} for kind, told in IDENTITIES]
BORDER = Border(Known.of(SECRET, ROWS, [HANAKO, TARO, KEYS.person("worker_no", MINTED)]), "AOBA")
NOBODY = Border(Known.of(SECRET, [], []), "AOBA")
X = pseudonym(SECRET, "AOBA", HANAKO)
CUSTOMER = "顧客は水無瀬冬彦様"
MARKS = {
    "a mail address": "fuyuhiko@minase.example に返信",
    "a telephone number": "電話 090-1234-5678",
    "a telephone number in full width": "電話０３－１２３４－５６７８まで",
    "a telephone number from abroad": "+81 90 1234 5678",
    "My Number": "番号は123456789018です",
    "My Number in groups": "1234-5678-9018",
    "My Number in a number of a case": "CP-123456789018",
    "an address": "東京都架空区青葉1-2-3",
    "an address in kanji": "青森県架空市緑町二丁目",
    "a name with 様": CUSTOMER,
    "a name with さん": "水無瀬さんの申出",
    "a labelled name": "氏名:水無瀬冬彦",
}
PLAIN = (
    "年次教育の受講が期限を過ぎた", "製品仕様と同様に各部署様へ", "窓口担当者様", "件数 104,417 のうち 1,234", "2026-03-31 まで 365 日",
    "氏名、住所、電話番号", "arn:aws:s3:::trails/2026/03", "E-0001 12行", "HUM-01", "法人番号 1234567890123", "神奈川県の事業所",
    "0120", "x" + "a" * 20,
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("金糸雀花子が対応", id="a name"),
        pytest.param("金糸雀　花子が対応", id="a name with a wide blank"),
        pytest.param("担当はカナリアハナコ", id="a name in kana"),
        pytest.param("担当はｶﾅﾘｱ ﾊﾅｺ", id="a name in half-width kana"),
        pytest.param("by HANAKO KANARIA.", id="a name in capitals"),
        pytest.param("Hanako@Canary.example に送信", id="a mail address"),
        pytest.param("/home/hkanaria/meibo.csv", id="a login in a path"),
        pytest.param("社員ＫＡＮＡＲＩＡ－７７７７が持出", id="a number in full width"),
    ],
)
def test_a_known_person_is_a_pseudonym(text: str) -> None:
    assert X in BORDER(text)
    assert not re.search("金糸雀|花子|ハナコ|ﾊﾅｺ|(?i:hanako|kanaria)|７７７７|7777", BORDER(text))
    assert BORDER(text) == BORDER(BORDER(text))
    assert NOBODY(text) == text or NOBODY(text).startswith(WITHHELD)


def test_what_stands_around_a_person_stays() -> None:
    assert re.fullmatch(rf"\(株\)青葉の{X}-[a-z2-7]{{4}}が対応", BORDER("(株)青葉の金糸雀 花子が対応"))


def test_a_worker_number_is_known_though_nobody_kept_it() -> None:
    told = [pseudonym(SECRET, "AOBA", KEYS.person("worker_no", number)) for number in (MINTED, "104417")]
    assert [one[:21] for one in BORDER("W3、104417").split("、")] == told


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("PC-KANARIA-7777", "PC-hkanaria", id="by two names of one person"),
        pytest.param("pc-hkanaria", "pc-HKanaria", id="by capitals"),
        pytest.param("金糸雀花子", "金糸雀 花子", id="by a blank"),
    ],
)
def test_two_things_that_are_called_after_one_person_stay_two(one: str, other: str) -> None:
    assert BORDER(one) != BORDER(other)


@pytest.mark.parametrize("text", MARKS.values(), ids=MARKS)
def test_who_is_not_known_makes_the_text_be_withheld(text: str) -> None:
    told = BORDER(f"前文 {text}")
    assert re.fullmatch(rf"{WITHHELD} x[a-z2-7]{{20}}", told)
    assert told != BORDER(f"後文 {text}")


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_about_nobody_stays(text: str) -> None:
    assert BORDER(text) == text


@given(st.text())
def test_any_text_has_one_form_outside(text: str) -> None:
    assert BORDER(text) == BORDER(text)
    assert "花子" not in BORDER(f"{text}金糸雀花子")


@given(st.text(), st.text())
def test_two_texts_stay_two(one: str, other: str) -> None:
    assert (BORDER(one) == BORDER(other)) == (one == other)


@pytest.mark.parametrize(("digits", "valid"), [("123456789018", True), ("123456789017", False), ("000000000000", True)])
def test_my_number_ends_with_its_check_digit(digits: str, valid: bool) -> None:
    assert is_my_number(digits) is valid


@pytest.mark.parametrize(
    ("dataset", "column", "level"),
    [
        pytest.param("findings", "cause", Level.WORDS, id="what somebody wrote"),
        pytest.param("findings", "owner_key", Level.WHOLE, id="a person"),
        pytest.param("accounts", "account_id", Level.WHOLE, id="a login"),
        pytest.param("badge_rights", "right_key", Level.WORDS, id="what a system calls a thing of somebody's"),
        pytest.param("review_lines", "item_key", Level.WORDS, id="the same in another dataset"),
        pytest.param("findings", "finding_id", Level.WORDS, id="what somebody named a thing"),
        pytest.param("recipients", "address", Level.KEYS, id="what a company publishes"),
        pytest.param("findings", "object", Level.KEYS, id="a digest"),
        pytest.param("incidents", "incident_id", Level.WORDS, id="a number of a case"),
    ],
)
def test_a_column_leaves_by_what_is_declared_of_it(dataset: str, column: str, level: Level) -> None:
    told = leaving(BORDER, catalogue()[dataset].column(column))
    assert isinstance(told, Border)
    assert told.level is level


def test_a_login_leaves_as_a_pseudonym_and_a_key_as_its_own() -> None:
    whole = replace(BORDER, level=Level.WHOLE)
    assert re.fullmatch(r"x[a-z2-7]{20}", whole("hkanaria"))
    assert whole(HANAKO) == X
    assert whole("") == ""


def test_secret_and_names_are_not_shown() -> None:
    assert not re.search("金糸雀|hkanaria|worker", repr(BORDER))
