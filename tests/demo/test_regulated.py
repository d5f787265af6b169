"""The published texts and the regulations are in order but for what is planted: POL-02, REG-01 and REG-03 done again by hand."""

from datetime import timedelta
from typing import Any

import pytest

from demo.days import AS_OF, OPEN_END, SINCE, ago
from demo.group import COMPANIES
from demo.plan import Plan
from tests.demo.conftest import SEEDS, world

# fmt: off
CODES = (
    "HANDLING", "STRUCTURE", "TRAINING", "OUTSOURCING", "ENTRY", "DEVICES", "DISPOSAL", "ACCESS", "LOGS", "INCIDENT",
    "REQUESTS", "PROVISION", "FOREIGN", "AUDIT", "DOCUMENTS", "TELEWORK", "MY_NUMBER",
)
# fmt: on
STAGES = ("acquire", "use", "store", "provide", "erase")
CELLS = [(stage, matter) for stage in STAGES for matter in ("method", "responsible", "handler", "duty")]


def _planned(plan: Plan, control: str, aspect: str = "") -> set[tuple[str, str, str]]:
    return {
        (one.company, one.subject, str(one.aspect) + (f"@{one.day}" if one.day else ""))
        for one in plan.planted
        if one.control == control and not one.near_miss and str(one.aspect).startswith(aspect)
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_pages_show_another_text_than_the_approved_one(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for company in COMPANIES:
        for code in ("POLICY", "NOTICE"):
            text = group.row("documents", company=company, document_code=code, status="effective")["sha256_normalised"]
            last = max((p for p in group.pages if (p.company, p.code) == (company, code)), key=lambda page: page.at)
            if last.at.date() < ago(31) or last.status != 200 or last.text != text:
                bad.add((company, code, "published"))
    assert bad == _planned(plan, "POL-02", "published")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_versions_were_not_announced_within_31_days(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    published: list[dict[str, Any]] = [r for r in group.rows("documents") if r["document_code"] in ("POLICY", "NOTICE")]
    for row in published:
        first = row["effective_on"]
        missed = first + timedelta(days=32)
        seen = [
            page
            for page in group.pages
            if (page.company, page.code, page.text) == (row["company"], row["document_code"], row["sha256_normalised"])
            and page.status == 200
            and first <= page.at.date() < missed
        ]
        if SINCE <= missed <= AS_OF and not seen:
            bad.add((row["company"], row["document_code"], f"announced@{missed}"))
    assert bad == _planned(plan, "POL-02", "announced")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_codes_and_cells_of_the_regulations_are_missing(seed: int) -> None:
    group, plan = world(seed)
    bad = set()
    for company in COMPANIES:
        rows: list[dict[str, Any]] = list(group.rows("documents", company=company, status="effective"))
        held = {
            (row["document_code"], row["document_version"])
            for row in rows
            if row["effective_on"] <= AS_OF and (row["adopted_from_company"] is None or row["adoption_record"])
        }
        said = {
            (row["stage"], row["aspect"])
            for row in group.rows("document_elements", company=company)
            if row["confirmed_by"] and (row["document_code"], row["document_version"]) in held
        }
        bad |= {(company, company, f"document:{code}") for code in CODES if code not in {code for code, _ in held}}
        bad |= {(company, company, f"stage:{stage}/{matter}") for stage, matter in CELLS if (stage, matter) not in said}
    assert bad == _planned(plan, "REG-01")


@pytest.mark.parametrize("seed", SEEDS)
def test_only_planted_workers_have_not_acknowledged_the_core_regulation(seed: int) -> None:
    group, plan = world(seed)
    signed = {
        (row["company"], row["person_key"])
        for row in group.rows("acknowledgements", kind="acknowledged", document_code="HANDLING", document_version="3.0")
    }
    bad = {
        (worker.company, plan.person(worker.no), "acknowledged")
        for worker in group.workers
        if worker.hired_on < ago(30) and (worker.left_on or OPEN_END) >= AS_OF
        if (worker.company, worker.no) not in signed
    }
    assert bad == _planned(plan, "REG-03", "acknowledged")
