"""What only a person can answer (domain.md §1): a control's test of it, and that there is nothing to judge."""

from collections.abc import Mapping

from controls.engine import Evidence
from controls.model import Attest

ASKED_ABOUT: dict[str, tuple[str, str, str]] = {  # population → kind of subject, its column, its department
    "companies": ("company", "company", "cast(NULL AS TEXT)"),
    "org_units": ("department", "department", "p.department"),
    "systems": ("system", "system_id", "p.department"),
    "zones": ("zone", "zone_id", "p.department"),
    "devices": ("device", "device_id", "p.department"),
    "data_stores": ("store", "db_id", "p.department"),
    "book_entries": ("book_entry", "entry_id", "p.department"),
}
_IN_SCOPE = ("companies", "org_units")


def test_of(control: str, attest: Attest, population: str) -> str:
    """The SELECT: conforms when the newest answer that still holds is yes."""
    kind, column, department = ASKED_ABOUT[population]
    scope = "WHERE p.in_scope\n" if population in _IN_SCOPE else ""
    grouped = dict.fromkeys((f"p.{column}", "p.company", *([department] if department.startswith("p.") else ())))
    return (
        f"SELECT p.{column} AS subject, p.company, {department} AS department, max(a.expires_on) AS holds_until,\n"
        "       coalesce(max_by(a.answer, a.answered_at) = 'yes', false) AS conforms\n"
        f"FROM {population} AS p\n"
        f"LEFT JOIN attestations AS a ON a.control_id = '{control}' AND a.question = '{attest.question}'\n"
        f" AND a.subject_kind = '{kind}' AND a.subject = p.{column} AND a.company = p.company\n"
        " AND a.answered_at < $until_at AND a.expires_on >= $as_of\n"
        f"{scope}GROUP BY {', '.join(grouped)}\n"
    )


_ZEROS = """
SELECT control_id, list(DISTINCT company) AS companies FROM attestations
WHERE answer = 'nil' AND subject_kind = 'company' AND answered_at < $until_at AND expires_on >= $as_of
GROUP BY control_id
"""


def zeros(window: Evidence) -> Mapping[str, frozenset[str]]:
    """By control: the companies where somebody answered for the whole company that there is nothing, and it holds."""
    moments = {"until_at": window.period.until_at, "as_of": window.period.as_of}
    told = window.run(_ZEROS, moments, lookback_days=0).to_pylist()
    return {row["control_id"]: frozenset(row["companies"]) for row in told}
