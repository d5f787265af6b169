"""A larger group: the same world again under other names, with what is planted in it."""

import random

import pytest

from demo.group import Group
from demo.plan import Plan
from demo.worlds import repeat
from evidence.persons import Keys


@pytest.mark.parametrize(
    ("aspect", "second"),
    [
        pytest.param("entry:S1", "entry:S102", id="a thing of the world"),
        pytest.param("role:auditor", "role:auditor", id="a word of the control"),
        pytest.param("published", "published", id="no thing"),
        pytest.param(None, None, id="no aspect"),
    ],
)
def test_what_an_aspect_names_has_the_name_of_its_world(aspect: str | None, second: str | None) -> None:
    group, plan = Group(random.Random(1)), Plan(Keys(bytes(32)))
    group.add("shared_use_scopes", company="AOI", scope_id="S1", scope_version="1")
    plan.fault("TPP-04", "AOI", "AOI-0001", "a fault", "台帳", aspect=aspect)
    repeat(group, plan, 2)
    assert [one.aspect for one in plan.planted] == [aspect, second]
