"""A proof is asked for the deviating members only, as deep as a SELECT says whose a row is, and never deeper."""

import pytest

from controls.narrowing import DEVIATING
from controls.proof import traced
from tests.controls.catalogues import control
from tests.controls.test_proof import FRAME, WORKERS, proofs


@pytest.mark.parametrize(
    ("inner", "asked"),
    [
        pytest.param("SELECT w.engagement_key || '' AS name, w.company, w.department, w.person_key FROM workers AS w", 1, id="rows"),
        pytest.param(
            "SELECT w.engagement_key AS name, w.company, w.department, max(w.person_key) AS person_key FROM workers AS w "
            "GROUP BY w.engagement_key, w.company, w.department",
            1,
            id="groups",
        ),
        pytest.param(
            "SELECT max(w.engagement_key) AS name, max(w.company) AS company, w.department, w.person_key FROM workers AS w "
            "GROUP BY w.person_key, w.department",
            0,
            id="groups that do not say whose they are",
        ),
        pytest.param(
            "SELECT w.engagement_key AS name, w.company, w.department, w.person_key, "
            "count(*) OVER (ORDER BY w.person_key) AS so_far FROM workers AS w",
            0,
            id="rows that need the others",
        ),
    ],
)  # fmt: skip
def test_a_sub_select_too_is_asked_only_for_the_deviating_where_it_says_whose_a_row_is(inner: str, asked: int) -> None:
    one = control(
        "SELECT i.name || '!' AS subject, i.company, i.department, bool_and(i.person_key <> 'P2') AS conforms "
        f"FROM ({inner}) AS i GROUP BY i.name, i.company, i.department"
    )
    assert list(proofs(one, WORKERS)) == ["E2!"]
    assert traced(one).sql.count(f"FROM {DEVIATING}") == 2 + asked


@pytest.mark.parametrize(
    ("on", "asked"),
    [
        pytest.param("i.engagement_key = w.engagement_key AND w.company = i.company", 1, id="all that names a member"),
        pytest.param("i.engagement_key = w.engagement_key", 1, id="a part of it"),
        pytest.param("w.engagement_key = i.engagement_key", 1, id="a part of it, the other way round"),
        pytest.param("i.engagement_key >= w.engagement_key AND w.person_key = 'P2'", 0, id="nothing equal"),
    ],
)
def test_a_joined_sub_select_is_asked_only_for_the_deviating_where_its_on_says_whose_a_row_is(
    on: str, asked: int
) -> None:
    inner = "SELECT x.engagement_key, x.company, count(*) AS found FROM workers AS x WHERE x.person_key = 'P2'"
    one = control(
        f"SELECT {FRAME}, max(i.found) IS NULL AS conforms FROM workers AS w LEFT JOIN "
        f"({inner} GROUP BY x.engagement_key, x.company) AS i ON {on} GROUP BY w.engagement_key, w.company, w.department"
    )
    assert proofs(one, WORKERS) == {"E2": ("workers::2",)}
    assert traced(one).sql.count(f"FROM {DEVIATING}") == 2 + asked


@pytest.mark.parametrize(
    ("more", "asked"),
    [
        pytest.param("", 1, id="once"),
        pytest.param("LEFT JOIN named AS o ON o.subject = n.subject AND o.company = n.company", 1, id="twice, for the same"),
        pytest.param("LEFT JOIN named AS o ON o.department = n.department", 0, id="by somebody who needs all"),
    ],
)  # fmt: skip
def test_a_cte_is_asked_only_for_the_deviating_where_nobody_needs_more_of_it(more: str, asked: int) -> None:
    one = control(
        f"WITH named AS (SELECT {FRAME}, w.person_key FROM workers AS w) SELECT n.subject, n.company, n.department, "
        f"bool_and(n.person_key <> 'P2') AS conforms FROM named AS n {more} GROUP BY n.subject, n.company, n.department"
    )
    assert list(proofs(one, WORKERS)) == ["E2"]
    assert traced(one).sql.count(f"FROM {DEVIATING}") == 2 + asked


def test_a_cte_is_whole_where_an_exists_reads_it_too() -> None:
    one = control(
        f"WITH named AS (SELECT {FRAME}, w.person_key FROM workers AS w) SELECT n.subject, n.company, n.department, "
        "NOT (n.person_key = 'P2' AND EXISTS (SELECT 1 FROM named AS o WHERE o.person_key = 'P1')) AS conforms "
        "FROM named AS n"
    )
    assert proofs(one, WORKERS) == {"E2": ("workers::1", "workers::2")}


def test_the_right_side_of_a_left_join_is_not_asked_by_its_own_columns() -> None:
    one = control(
        "SELECT i.engagement_key AS subject, w.company, w.department, false AS conforms FROM workers AS w "
        "LEFT JOIN (SELECT x.engagement_key, x.person_key FROM workers AS x) AS i ON i.person_key >= w.person_key "
        "GROUP BY i.engagement_key, w.company, w.department"
    )
    assert list(proofs(one, WORKERS)) == ["E1", "E2", "E3"]
    assert traced(one).sql.count(f"FROM {DEVIATING}") == 2


@pytest.mark.parametrize(
    ("branches", "asked"),
    [pytest.param(3, 3, id="a few, each by itself"), pytest.param(4, 1, id="many, once for all of them")],
)
def test_selects_that_want_the_same_rows_of_a_dataset_are_asked(branches: int, asked: int) -> None:
    inner = " UNION ALL ".join(
        "SELECT w.engagement_key AS name, w.company, w.department, w.person_key FROM workers AS w "
        f"WHERE w.person_key <> 'X{n}'"
        for n in range(branches)
    )
    one = control(
        "SELECT i.name AS subject, i.company, i.department, bool_and(i.person_key <> 'P2') AS conforms "
        f"FROM ({inner}) AS i GROUP BY i.name, i.company, i.department"
    )
    assert proofs(one, WORKERS) == {"E2": ("workers::2",)}
    assert traced(one).sql.count(f"FROM {DEVIATING}") == 2 + asked
