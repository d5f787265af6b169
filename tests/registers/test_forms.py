import pytest

from evidence.datasets import Dataset, Kind, catalogue
from evidence.errors import ConfigError
from registers.forms import form
from tests.registers.samples import REGISTERS, field


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_a_form_asks_for_every_declared_column_and_the_span(dataset: Dataset) -> None:
    declared = [column.name for column in dataset.columns]
    assert [one.name for one in form(dataset).fields] == [*declared, "valid_from_on", "valid_to_on"]


@pytest.mark.parametrize("dataset", REGISTERS, ids=lambda dataset: dataset.name)
def test_every_header_and_every_column_name_finds_its_field(dataset: Dataset) -> None:
    told = form(dataset)
    assert len(told.headers) >= 2 * len(told.fields)


def test_a_dataset_that_sources_fill_has_no_form() -> None:
    [*others] = [dataset for dataset in catalogue().values() if dataset.kind is not Kind.REGISTER]
    with pytest.raises(ConfigError, match="台帳ではありません"):
        form(others[0])


@pytest.mark.parametrize(
    ("dataset", "column", "required"),
    [
        pytest.param("vendors", "name", True, id="what may not be empty"),
        pytest.param("vendors", "ended_on", False, id="what may be empty"),
        pytest.param("vendors", "items", False, id="a list says none by being empty"),
        pytest.param("account_owners", "valid_from_on", True, id="the first day where it is part of the key"),
        pytest.param("vendors", "valid_from_on", False, id="the first day elsewhere"),
    ],
)
def test_what_must_be_filled_in(dataset: str, column: str, required: bool) -> None:
    assert field(dataset, column).required is required


@pytest.mark.parametrize(
    ("dataset", "column", "person"),
    [
        pytest.param("vendors", "name", False, id="a name of a company"),
        pytest.param("approvals", "approved_by", True, id="who approved"),
        pytest.param("systems", "key_owner_key", True, id="who holds the keys"),
        pytest.param("account_owners", "account_key", False, id="an account"),
        pytest.param("review_lines", "item_key", False, id="a reviewed right"),
        pytest.param("person_identities", "person_key", True, id="the person of an identity"),
        pytest.param("person_identities", "identity_key", False, id="the identity itself"),
    ],
)
def test_which_fields_name_a_worker(dataset: str, column: str, person: bool) -> None:
    assert field(dataset, column).person is person


def test_a_note_names_the_choices_in_japanese() -> None:
    assert "T1(重要) / T2(標準) / T3(軽微)" in field("vendors", "tier").note
