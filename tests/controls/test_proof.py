"""Every deviation leads back to the rows that made it (the proofs stated in sql.md §4, and the rules one by one)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from controls.binding import closed_engine, dataset_of
from controls.engine import TestFault, prove, run
from controls.examples import name_of
from controls.loader import checked
from controls.model import Control, View
from controls.population import Population
from controls.proof import KEPT, traced
from controls.shown import Shown
from evidence.period import Period
from tests.controls.catalogues import MARCH, control, parameter

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def proofs(one: Control, given: Rows, period: Period = MARCH) -> dict[str, tuple[str, ...]]:
    """The proof of each deviating member, by its name in examples."""
    with closed_engine() as engine:
        window = Shown({dataset_of(name) for name in given}, period, engine)
        for name, rows in window.filled(given, one.lookback_days).items():
            window.hold(name, rows)
        answer = run(one, window)
        assert not isinstance(answer, TestFault), answer
        found = prove(one, window, [member for member in answer if not member.conforms])
        assert not isinstance(found, TestFault), found
        return {name_of(member): proof.rows for member, proof in found.items()}


def business_days(first: date, last: date) -> list[dict[str, Any]]:
    rows, number = [], 0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        number += day.weekday() < 5
        rows.append(
            {"calendar": "C1", "day_on": day, "is_business_day": day.weekday() < 5, "business_day_number": number}
        )
    return rows


LEAVERS = View(
    "leavers",
    ("workers", "calendar_days"),
    (parameter("leaver_days", 1),),
    """
    SELECT w.engagement_key, w.person_key, w.company, w.department, w.left_on, due.day_on AS due_on
    FROM workers AS w
    JOIN calendar_days AS last ON last.calendar = w.company AND last.day_on = w.left_on
    JOIN calendar_days AS due ON due.calendar = w.company AND due.is_business_day
     AND due.business_day_number = last.business_day_number + $leaver_days
    WHERE w.left_on BETWEEN $since AND $as_of
    """,
    "views.yaml",
)
TEC_1_03 = control(
    """
    SELECT l.engagement_key AS subject, a.account_key AS aspect, l.company, l.department,
           count(u.event_key) AS uses_after,
           count(u.event_key) = 0 AS conforms
    FROM leavers AS l
    JOIN account_owners AS o ON o.person_key = l.person_key AND l.left_on BETWEEN o.valid_from_on AND o.valid_to_on
    JOIN accounts AS a ON a.account_key = o.account_key AND a.kind = 'personal'
    LEFT JOIN access_events AS u ON u.account_key = a.account_key
     AND u.action <> 'login_ng' AND u.occurred_on > l.left_on
    GROUP BY l.engagement_key, a.account_key, l.company, l.department
    """,
    views=(LEAVERS,),
    parameters=LEAVERS.parameters,
)


def test_tec_1_03_shows_the_use_after_leaving_and_not_the_use_before() -> None:
    given: Rows = {
        "calendar_days": business_days(date(2026, 3, 1), date(2026, 4, 30)),
        "workers": [{"engagement_key": "E1", "person_key": "P1", "left_on": date(2026, 3, 27)}],
        "account_owners": [{"account_key": "A1", "person_key": "P1"}],
        "accounts": [{"account_key": "A1", "kind": "personal"}],
        "access_events": [
            {"event_key": "e1", "account_key": "A1", "action": "read", "occurred_at": "2026-03-28T00:00+09:00"},
            {"event_key": "e0", "account_key": "A1", "action": "read", "occurred_at": "2026-03-27T23:59:59+09:00"},
        ],
    }
    assert proofs(TEC_1_03, given) == {"E1/A1": ("access_events::1", "account_owners::1", "accounts::1", "workers::1")}


TEC_3_04 = control(
    """
    WITH tries AS (
      SELECT e.account_key, e.company, e.department, e.event_key, e.action, e.occurred_at, e.occurred_on,
             sum(CASE WHEN e.action = 'login_ng' THEN 1 ELSE 0 END) OVER (
                 PARTITION BY e.account_key ORDER BY e.occurred_at
                 RANGE BETWEEN INTERVAL '10' MINUTE PRECEDING AND CURRENT ROW) AS failures
      FROM access_events AS e WHERE e.occurred_on BETWEEN $since AND $as_of
    )
    SELECT t.event_key AS subject, 'login_pattern' AS aspect, t.company, t.department, t.occurred_on,
           EXISTS (SELECT 1 FROM triages AS r
                   WHERE r.signal_kind = 'login_pattern' AND r.signal_id = t.event_key) AS conforms
    FROM tries AS t WHERE t.action = 'login_ok' AND t.failures >= $failures
    UNION ALL
    SELECT s.signal_id, 'alert', s.company, s.department, s.occurred_on,
           EXISTS (SELECT 1 FROM triages AS r WHERE r.signal_kind = 'security_event' AND r.signal_id = s.signal_id
                   AND r.triaged_at <= s.occurred_at + $triage_hours * INTERVAL '1' HOUR)
    FROM security_events AS s WHERE s.occurred_on BETWEEN $since AND $as_of
    """,
    parameters=(parameter("failures", 3), parameter("triage_hours", 24)),
)


def test_tec_3_04_shows_the_three_failures_and_the_success() -> None:
    logins = [
        ("a0", "login_ng", "09:00"),
        ("a1", "login_ng", "09:01"),
        ("a2", "login_ng", "09:02"),
        ("ok1", "login_ok", "09:10"),
    ]
    given: Rows = {
        "access_events": [
            {"event_key": "old", "account_key": "A1", "action": "login_ng", "occurred_at": "2026-03-30T08:59+09:00"},
            *(
                {"event_key": k, "account_key": "A1", "action": a, "occurred_at": f"2026-03-30T{t}+09:00"}
                for k, a, t in logins
            ),
        ],
        "security_events": [{"signal_id": "s2", "severity": "high", "occurred_at": "2026-03-30T09:00+09:00"}],
        "triages": [
            {
                "triage_id": "t2",
                "signal_kind": "security_event",
                "signal_id": "s2",
                "triaged_at": "2026-03-31T09:00:01+09:00",
            }
        ],
    }
    assert proofs(TEC_3_04, given) == {
        "ok1/login_pattern@2026-03-30": tuple(f"access_events::{n}" for n in (2, 3, 4, 5)),
        "s2/alert@2026-03-30": ("security_events::1",),
    }


VEN_02 = control(
    """
    SELECT v.vendor_id AS subject, v.company, v.department, max(c.ends_on) AS ends_on,
           coalesce(bool_or(c.nda AND c.missing = 0), false) AS conforms
    FROM vendors AS v
    LEFT JOIN (
      SELECT k.contract_id, k.vendor_id, k.company, k.ends_on, k.nda,
             count(*) FILTER (WHERE NOT list_contains(k.clauses, r.value)) AS missing
      FROM vendor_contracts AS k CROSS JOIN required_clauses AS r
      WHERE $as_of BETWEEN k.starts_on AND k.ends_on
      GROUP BY k.contract_id, k.vendor_id, k.company, k.ends_on, k.nda
    ) AS c ON c.vendor_id = v.vendor_id AND c.company = v.company
    WHERE v.status = 'active' AND v.handles_personal_data
    GROUP BY v.vendor_id, v.company, v.department
    """,
    parameters=(parameter("required_clauses", ("security", "audit_right", "after_end")),),
)


def test_ven_02_shows_the_faulty_contract_and_of_an_expired_one_only_the_vendor() -> None:
    clauses = ["after_end", "security", "audit_right"]
    given: Rows = {
        "vendors": [{"vendor_id": f"V{n}", "status": "active", "handles_personal_data": True} for n in (1, 2, 3)],
        "vendor_contracts": [
            {
                "contract_id": "k1",
                "vendor_id": "V1",
                "starts_on": date(2025, 4, 1),
                "ends_on": date(2026, 3, 31),
                "nda": True,
                "clauses": clauses,
            },
            {
                "contract_id": "k2",
                "vendor_id": "V2",
                "starts_on": date(2025, 4, 1),
                "ends_on": date(2026, 3, 30),
                "nda": True,
                "clauses": clauses,
            },
            {
                "contract_id": "k3",
                "vendor_id": "V3",
                "starts_on": date(2025, 4, 1),
                "nda": True,
                "clauses": ["security"],
            },
        ],
    }
    assert proofs(VEN_02, given) == {"V2": ("vendors::2",), "V3": ("vendor_contracts::3", "vendors::3")}


WORKERS: Rows = {
    "workers": [{"engagement_key": f"E{n}", "person_key": f"P{n}", "left_on": date(2026, 3, n)} for n in (1, 2, 3)],
    "leaves": [
        {"leave_key": "L1", "person_key": "P1"},
        {"leave_key": "L2", "person_key": "P1"},
        {"leave_key": "L3", "person_key": "P2"},
    ],
}
FRAME = "w.engagement_key AS subject, w.company, w.department"
RULES = [
    pytest.param(
        f"SELECT {FRAME}, EXISTS (SELECT 1 FROM leaves AS x WHERE x.person_key = w.person_key) AND "
        f"false AS conforms FROM workers AS w",
        {"E1": ("leaves::1", "leaves::2", "workers::1"), "E2": ("leaves::3", "workers::2"), "E3": ("workers::3",)},
        id="what an EXISTS in the SELECT list matched",
    ),
    pytest.param(
        f"SELECT {FRAME}, false AS conforms FROM workers AS w WHERE EXISTS (SELECT 1 FROM leaves AS x "
        f"WHERE x.person_key = w.person_key)",
        {"E1": ("workers::1",), "E2": ("workers::2",)},
        id="nothing of an EXISTS in WHERE",
    ),
    pytest.param(
        f"SELECT {FRAME}, w.person_key IN (SELECT x.person_key FROM leaves AS x) AND false AS "
        f"conforms FROM workers AS w",
        {"E1": ("leaves::1", "leaves::2", "workers::1"), "E2": ("leaves::3", "workers::2"), "E3": ("workers::3",)},
        id="the rows of an IN that are equal",
    ),
    pytest.param(
        f"SELECT {FRAME}, (SELECT count(*) FROM leaves AS x WHERE x.person_key = w.person_key) > 9 AS "
        f"conforms FROM workers AS w",
        {"E1": ("leaves::1", "leaves::2", "workers::1"), "E2": ("leaves::3", "workers::2"), "E3": ("workers::3",)},
        id="the rows of a one-value sub-select",
    ),
    pytest.param(
        f"SELECT {FRAME}, bool_or(EXISTS (SELECT 1 FROM leaves AS x WHERE x.person_key = "
        f"w.person_key)) AND false AS conforms "
        "FROM workers AS w GROUP BY w.engagement_key, w.company, w.department",
        {"E1": ("leaves::1", "leaves::2", "workers::1"), "E2": ("leaves::3", "workers::2"), "E3": ("workers::3",)},
        id="an EXISTS inside an aggregate",
    ),
    pytest.param(
        f"SELECT {FRAME}, EXISTS (SELECT x.person_key FROM leaves AS x WHERE x.person_key = "
        f"w.person_key GROUP BY x.person_key HAVING count(*) > 1) "
        "AND false AS conforms FROM workers AS w",
        {"E1": ("leaves::1", "leaves::2", "workers::1"), "E2": ("workers::2",), "E3": ("workers::3",)},
        id="a grouped EXISTS",
    ),
    pytest.param(
        f"SELECT {FRAME}, false AS conforms FROM workers AS w QUALIFY row_number() OVER (PARTITION BY "
        f"w.company ORDER BY w.left_on DESC, w.person_key) = 1",
        {"E3": ("workers::3",)},
        id="only itself where rows are numbered",
    ),
    pytest.param(
        f"SELECT {FRAME}, lag(w.left_on) OVER (PARTITION BY w.company ORDER BY w.left_on, "
        f"w.person_key) IS NULL AS conforms FROM workers AS w",
        {"E2": ("workers::1", "workers::2"), "E3": ("workers::2", "workers::3")},
        id="the rows that lag looks back over",
    ),
    pytest.param(
        "SELECT 'all' AS subject, w.company, cast(NULL AS TEXT) AS department, count(*) = 0 AS "
        "conforms FROM workers AS w GROUP BY w.company",
        {"all": ("workers::1", "workers::2", "workers::3")},
        id="a whole group",
    ),
    pytest.param(
        "WITH a AS (SELECT w.person_key AS k, w.company AS c FROM workers AS w UNION ALL SELECT "
        "x.person_key, x.company FROM leaves AS x) "
        "SELECT a.k AS subject, a.c AS company, cast(NULL AS TEXT) AS department, count(*) = 0 AS "
        "conforms FROM a GROUP BY a.k, a.c",
        {"P1": ("leaves::1", "leaves::2", "workers::1"), "P2": ("leaves::3", "workers::2"), "P3": ("workers::3",)},
        id="both branches of a union below",
    ),
]


@pytest.mark.parametrize(("test", "expected"), RULES)
def test_a_proof_holds(test: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert proofs(control(test), WORKERS) == expected


@pytest.mark.parametrize(
    ("rest", "gathers"),
    [
        pytest.param("JOIN idle AS s ON s.person_key = w.person_key", True, id="rows are brought from it"),
        pytest.param("WHERE w.person_key IN (SELECT s.person_key FROM idle AS s)", False, id="a condition reads it"),
        pytest.param(
            "JOIN idle AS s ON s.person_key = w.person_key "
            "WHERE NOT EXISTS (SELECT 1 FROM idle AS o WHERE o.person_key <> w.person_key)",
            True,
            id="both",
        ),
    ],
)
def test_only_what_rows_are_brought_from_gathers_for_a_proof(rest: str, *, gathers: bool) -> None:
    text = traced(
        control(
            "WITH idle AS (SELECT w.person_key FROM workers AS w) "
            f"SELECT w.person_key AS subject, w.company, false AS conforms FROM workers AS w {rest}"
        )
    ).sql
    made = text[text.index("idle AS (") :].partition("\n)")[0]
    assert ("row_ref" in made) is gathers


def test_a_proof_keeps_fifty_rows_and_counts_all() -> None:
    given: Rows = {
        "workers": [{"engagement_key": "E1", "person_key": "P1"}],
        "leaves": [{"leave_key": f"L{n}", "person_key": "P1"} for n in range(70)],
    }
    one = control(
        f"SELECT {FRAME}, count(x.leave_key) = 0 AS conforms FROM workers AS w LEFT JOIN leaves AS x "
        f"ON x.person_key = w.person_key "
        "GROUP BY w.engagement_key, w.company, w.department"
    )
    with closed_engine() as engine:
        window = Shown(given, MARCH, engine)
        for name, rows in window.filled(given, 0).items():
            window.hold(name, rows)
        answer = run(one, window)
        assert isinstance(answer, Population)
        found = prove(one, window, answer)
        assert not isinstance(found, TestFault), found
        [proof] = found.values()
    assert (len(proof.rows), proof.total) == (KEPT, 71)
    assert list(proof.rows) == sorted(proof.rows)


def test_of_an_attack_each_login_shows_the_last_burst_alone() -> None:
    nine = datetime(2026, 3, 10, tzinfo=UTC)
    tries = [nine + timedelta(milliseconds=100 * n) for n in range(3000)]
    logins = [tries[-1] + timedelta(seconds=n) for n in range(5)]
    told = [(f"f{n:04}", "login_ng", at) for n, at in enumerate(tries)]
    told += [(f"s{n}", "login_ok", at) for n, at in enumerate(logins)]
    found = proofs(
        checked().control("TEC-3-04"),
        {
            "access_events": [
                {"event_key": key, "account_key": "A1", "action": action, "occurred_at": at.isoformat()}
                for key, action, at in told
            ],
            **dict.fromkeys(("security_events", "triages", "incidents"), ()),
        },
    )
    last = [f"access_events::{n}" for n in range(2981, 3001)]
    assert found == {
        f"s{n}/login_pattern@2026-03-10": tuple(sorted([*last, f"access_events::{3001 + n}"])) for n in range(5)
    }


def test_only_deviating_members_are_traced() -> None:
    one = control(f"SELECT {FRAME}, w.person_key <> 'P2' AS conforms FROM workers AS w")
    assert list(proofs(one, WORKERS)) == ["E2"]


def test_rows_of_a_history_are_traced_too() -> None:
    one = control(
        "SELECT w.engagement_key AS subject, w.company, w.department, false AS conforms FROM workers_history AS w"
    )
    given: Rows = {
        "workers": [],
        "workers_history": [{"engagement_key": "E9", "line": 7, "object": "f00d", "part": "Sheet1"}],
    }
    assert proofs(one, given) == {"E9": ("f00d:Sheet1:7",)}
