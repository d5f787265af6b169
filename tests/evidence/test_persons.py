import stat
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evidence import persons
from evidence.errors import ConfigError
from evidence.persons import Keys, normal, pseudonym

SECRET = bytes(range(32))
KEYS = Keys(SECRET)
words = st.text(min_size=1).filter(lambda word: normal(word) != "")


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        pytest.param("E001", "e001", id="case"),
        pytest.param("Ｅ００１", "e001", id="full width"),
        pytest.param(" e001\u3000", "e001", id="outer blanks, a wide one too"),
        pytest.param("ﾔﾏﾀﾞ", "ヤマダ", id="half-width kana"),
        pytest.param("STRASSE@example.jp", "strasse@example.jp", id="a mail address"),
        pytest.param("山田 花子", "山田 花子", id="an inner blank stays"),
        pytest.param("\u0415001", "\u0435001", id="a Cyrillic letter stays another letter"),
    ],
)
def test_an_identifier_is_compared_without_width_and_case(written: str, compared: str) -> None:
    assert normal(written) == compared


@given(st.text())
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    assert normal(normal(text)) == normal(text)


def test_a_key_is_the_hmac_that_openssl_computes() -> None:
    """From ``printf 'worker_no\\0e001' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0001..1f -binary | base32``."""
    assert KEYS.person("worker_no", "E001") == "p422tmv6nu5eanyhhh3qd"


@pytest.mark.parametrize("kind", ["person", "account", "device", "engagement", "event"])
def test_a_key_is_a_letter_of_its_kind_and_twenty_digits(kind: str) -> None:
    key = KEYS.mint(kind, "one", "two")
    assert key[0] == kind[0]
    assert len(key) == 21
    assert set(key[1:]) <= set("abcdefghijklmnopqrstuvwxyz234567")


@pytest.mark.parametrize("written", ["e001", "E001", "Ｅ００１", " E001 "])
def test_one_identifier_is_one_person_however_it_is_written(written: str) -> None:
    assert KEYS.person("worker_no", written) == KEYS.person("worker_no", "E001")


@given(words, words, words, words)
def test_other_kinds_or_identifiers_are_other_persons(kind: str, one: str, other_kind: str, other: str) -> None:
    assume("\0" not in kind + other_kind)
    same = (kind, normal(one)) == (other_kind, normal(other))
    assert (KEYS.person(kind, one) == KEYS.person(other_kind, other)) == same


@given(st.lists(words, min_size=1), st.lists(words, min_size=1))
def test_no_two_lists_of_parts_make_one_key(one: list[str], other: list[str]) -> None:
    same = [normal(part) for part in one] == [normal(part) for part in other]
    assert (KEYS.mint("device", *one) == KEYS.mint("device", *other)) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("a", "b"), ("a\0b",), id="a NUL for a border"),
        pytest.param(("a\1", "b"), ("a\1\2b",), id="a NUL as it is written"),
        pytest.param(("a", ""), ("a",), id="an empty part"),
        pytest.param(("ab", "c"), ("a", "bc"), id="a border moved"),
    ],
)
def test_parts_cannot_pose_as_other_parts(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert KEYS.mint("device", *one) != KEYS.mint("device", *other)


def test_events_that_differ_in_case_only_are_two() -> None:
    assert KEYS.mint("event", "GET /A", "0") != KEYS.mint("event", "GET /a", "0")


def test_an_alias_joins_two_identifiers_in_one_person() -> None:
    known = KEYS.person("worker_no", "E001")
    joined = Keys(SECRET, {("mail", "hanako@example.jp"): known})
    assert joined.person("mail", " Hanako@Example.JP") == known
    assert joined.person("worker_no", "hanako@example.jp") != known


@pytest.mark.parametrize("links", [
    pytest.param({"E001": "E002"}, id="one"),
    pytest.param({"E001": "E002", "E002": "E003"}, id="one behind the other"),
    pytest.param({"E001": "E002", "E002": "E001"}, id="each behind the other"),
    pytest.param({"E000": "E001", "E001": "E002", "E002": "E001"}, id="one behind these"),
])  # fmt: skip
def test_all_keys_that_are_linked_are_of_one_person_and_no_other_is(links: dict[str, str]) -> None:
    keys = Keys(SECRET, {("worker_no", one): KEYS.person("worker_no", other) for one, other in links.items()})
    linked = {KEYS.person("worker_no", one) for one in {*links, *links.values()}}
    [person] = {keys.of_person(one) for one in linked}
    assert person in linked
    assert keys.of_person(KEYS.person("worker_no", "E009")) == KEYS.person("worker_no", "E009")


def test_another_secret_makes_other_keys() -> None:
    assert Keys(b"x" * 32).person("worker_no", "E001") != KEYS.person("worker_no", "E001")


@pytest.mark.parametrize("blank", ["", " ", "\u3000", "\t\n"], ids=ascii)
def test_a_blank_identifier_names_nobody(blank: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        KEYS.person("worker_no", blank)


@pytest.mark.parametrize("kind", ["", "a\0b"], ids=["empty", "with a NUL"])
def test_a_kind_that_could_pose_as_another_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="not a kind"):
        KEYS.mint(kind, "one")


def test_a_key_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="made of"):
        KEYS.mint("device")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(b"short")


def test_keys_do_not_show_their_secret() -> None:
    assert repr(KEYS) == "Keys()"


@given(words, words, words, words)
def test_pseudonyms_meet_in_one_company_only(company: str, key: str, other_company: str, other_key: str) -> None:
    same = (company, key) == (other_company, other_key)
    assert (pseudonym(SECRET, company, key) == pseudonym(SECRET, other_company, other_key)) == same


def test_a_pseudonym_is_no_key() -> None:
    key = KEYS.person("worker_no", "E001")
    told = pseudonym(SECRET, "AOI", key)
    assert told[0] == "x"
    assert told[1:] != key[1:]
    assert len(told) == 21


def test_a_created_secret_is_loaded_and_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "keys/persons"
    persons.create_secret(path)
    assert len(persons.load_secret(path)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_is_not_overwritten(tmp_path: Path) -> None:
    persons.create_secret(tmp_path / "persons")
    secret = persons.load_secret(tmp_path / "persons")
    with pytest.raises(ConfigError, match="exists already"):
        persons.create_secret(tmp_path / "persons")
    assert persons.load_secret(tmp_path / "persons") == secret


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    persons.create_secret(tmp_path / "persons")
    (tmp_path / "persons").chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        persons.load_secret(tmp_path / "persons")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("00" * 31 + "\n", id="short"),
        pytest.param("00" * 33 + "\n", id="long"),
        pytest.param("zz" * 32 + "\n", id="not hex"),
        pytest.param("AA" * 32 + "\n", id="capitals"),
        pytest.param(" ".join(["00"] * 32) + "\n", id="blanks"),
    ],
)
def test_a_damaged_secret_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "persons"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="persons"):
        persons.load_secret(path)
