"""Controls against oracles written from domain.md and datasets.md alone, over worlds close to the limits.

Populations and marks are compared as exact sets; where the texts leave open what a member is called, as strictly as
they allow, which is told by the fold of each case. What no text decides is not drawn.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from controls import engine
from controls.loader import Catalogue, load_for_judging
from controls.model import Control
from evidence.datasets import catalogue
from evidence.facts.rows import shown, typed
from evidence.facts.window import Window
from evidence.period import Period
from tests.oracle import (
    areas,
    book,
    carried,
    countries,
    hum,
    leakage,
    logs,
    notices,
    org,
    org_1,
    org_2,
    org_4,
    org_5,
    outside,
    people,
    phy,
    pol,
    provisions,
    requests,
    rights,
    self_answers,
    sign_in,
    tec,
    things,
    upkeep,
    ven,
    vendors,
)
from tests.oracle.facts import COMPANIES, Block, Told, World, worlds
from tests.oracle.folds import (
    Fold,
    by_carried,
    by_change,
    by_company,
    by_device,
    by_event_day,
    by_kind,
    by_pair,
    by_party,
    by_person,
    by_subject,
    by_system,
    by_task,
    by_thing,
    by_weakness,
    by_zone,
    exact,
)
from tests.oracle.predicates import Facts, Marks, Parameters
from tests.oracle.worlds import areas as areas_worlds
from tests.oracle.worlds import book as book_worlds
from tests.oracle.worlds import carried as carried_worlds
from tests.oracle.worlds import countries as countries_worlds
from tests.oracle.worlds import hum as hum_worlds
from tests.oracle.worlds import leakage as leakage_worlds
from tests.oracle.worlds import logs as logs_worlds
from tests.oracle.worlds import notices as notices_worlds
from tests.oracle.worlds import org as org_worlds
from tests.oracle.worlds import org_1 as org_1_worlds
from tests.oracle.worlds import org_2 as org_2_worlds
from tests.oracle.worlds import org_4 as org_4_worlds
from tests.oracle.worlds import org_5 as org_5_worlds
from tests.oracle.worlds import outside as outside_worlds
from tests.oracle.worlds import people as people_worlds
from tests.oracle.worlds import phy as phy_worlds
from tests.oracle.worlds import pol as pol_worlds
from tests.oracle.worlds import provisions as provisions_worlds
from tests.oracle.worlds import requests as requests_worlds
from tests.oracle.worlds import rights as rights_worlds
from tests.oracle.worlds import self_answers as self_answers_worlds
from tests.oracle.worlds import sent as sent_worlds
from tests.oracle.worlds import shared_use as shared_use_worlds
from tests.oracle.worlds import sign_in as sign_in_worlds
from tests.oracle.worlds import tec as tec_worlds
from tests.oracle.worlds import things as things_worlds
from tests.oracle.worlds import upkeep as upkeep_worlds
from tests.oracle.worlds import uses as uses_worlds
from tests.oracle.worlds import ven as ven_worlds
from tests.oracle.worlds import vendors as vendors_worlds

Oracle = Callable[[Facts, Period, Parameters], Marks]


@dataclass(frozen=True)
class Case:
    """A control, its oracle, its worlds, and how far the texts name its members."""

    control: str
    oracle: Oracle
    world: Block
    fold: Fold = exact
    part: str = ""  # of a control that is shown two kinds of worlds

    @property
    def name(self) -> str:
        return f"{self.control} {self.part}".rstrip()


CASES = [
    Case("POL-01", pol.pol_01, pol_worlds.pol_01),
    Case("POL-02", notices.pol_02, notices_worlds.pol_02, by_company),
    Case("POL-03", notices.pol_03, notices_worlds.pol_03, by_company),
    Case("POL-03", notices.pol_03, notices_worlds.pol_03_days, by_company, "days"),
    Case("REG-01", notices.reg_01, notices_worlds.reg_01, by_company),
    Case("REG-02", pol.reg_02, pol_worlds.reg_02, by_kind),
    Case("REG-03", notices.reg_03, notices_worlds.reg_03, by_subject),
    Case("ORG-1-01", org_1.org_1_01, org_1_worlds.org_1_01, by_subject),
    Case("ORG-1-01", org_1.org_1_01, org_1_worlds.org_1_01_hands, by_subject, "hands"),
    Case("ORG-1-01", org_1.org_1_01, org_1_worlds.org_1_01_line, by_subject, "line"),
    Case("ORG-1-02", org.org_1_02, org_worlds.org_1_02),
    Case("ORG-1-03", org_1.org_1_03, org_1_worlds.org_1_03, by_pair),
    Case("ORG-1-04", org_1.org_1_04, org_1_worlds.org_1_04_tree, by_company, "tree"),
    Case("ORG-1-04", org_1.org_1_04, org_1_worlds.org_1_04_contacts, by_company, "contacts"),
    Case("ORG-1-04", org_1.org_1_04, org_1_worlds.org_1_04_reach, by_company, "reach"),
    Case("ORG-2-01", logs.org_2_01, logs_worlds.org_2_01, by_subject),
    Case("ORG-2-02", logs.org_2_02, logs_worlds.org_2_02, by_event_day),
    Case("ORG-2-02", logs.org_2_02, logs_worlds.org_2_02_reach, by_event_day, "reach"),
    Case("ORG-2-03", org_2.org_2_03, org_2_worlds.org_2_03, by_subject),
    Case("ORG-2-04", org_2.org_2_04, org_2_worlds.org_2_04, by_subject),
    Case("ORG-2-05", logs.org_2_05, logs_worlds.org_2_05),
    Case("ORG-3-01", upkeep.org_3_01, upkeep_worlds.org_3_01),
    Case("ORG-3-02", book.org_3_02, book_worlds.org_3_02),
    Case("ORG-3-03", upkeep.org_3_03, upkeep_worlds.org_3_03),
    Case("ORG-3-04", org.org_3_04, org_worlds.org_3_04, by_subject),
    Case("ORG-3-05", upkeep.org_3_05, upkeep_worlds.org_3_05),
    Case("ORG-3-06", upkeep.org_3_06, upkeep_worlds.org_3_06),
    Case("ORG-4-01", org_4.org_4_01, org_4_worlds.org_4_01, by_company),
    Case("ORG-4-02", org_4.org_4_02, org_4_worlds.org_4_02, by_thing),
    Case("ORG-4-03", org_4.org_4_03, org_4_worlds.org_4_03, by_thing),
    Case("ORG-4-04", org_4.org_4_04, org_4_worlds.org_4_04, by_thing),
    Case("ORG-4-05", org_4.org_4_05, org_4_worlds.org_4_05, by_thing),
    Case("ORG-4-06", org.org_4_06, org_worlds.org_4_06, by_subject),
    Case("ORG-4-06", org.org_4_06, org_worlds.org_4_06_undated, by_thing, "undated"),
    Case("ORG-5-01", org_5.org_5_01, org_5_worlds.org_5_01, by_subject),
    Case("ORG-5-02", self_answers.org_5_02, self_answers_worlds.org_5_02, by_pair),
    Case("ORG-5-03", org_5.org_5_03, org_5_worlds.org_5_03, by_company),
    Case("ORG-5-04", org.org_5_04, org_worlds.org_5_04, by_kind),
    Case("ORG-5-05", org_5.org_5_05, org_5_worlds.org_5_05, by_company),
    Case("HUM-01", hum.hum_01, hum_worlds.hum_01),
    Case("HUM-02", people.hum_02, people_worlds.hum_02, by_kind),
    Case("HUM-03", hum.hum_03, hum_worlds.hum_03),
    Case("HUM-04", people.hum_04, people_worlds.hum_04, by_kind),
    Case("HUM-05", people.hum_05, people_worlds.hum_05, by_kind),
    Case("HUM-06", people.hum_06, people_worlds.hum_06, by_person),
    Case("HUM-06", people.hum_06, people_worlds.hum_06_earlier, by_person, "earlier"),
    Case("PHY-1-01", areas.phy_1_01, areas_worlds.phy_1_01, by_zone),
    Case("PHY-1-02", phy.phy_1_02, phy_worlds.phy_1_02),
    Case("PHY-1-03", areas.phy_1_03, areas_worlds.phy_1_03, by_zone),
    Case("PHY-1-03", areas.phy_1_03, areas_worlds.phy_1_03_reviews, by_zone, "reviews"),
    Case("PHY-2-01", things.phy_2_01, things_worlds.phy_2_01, by_subject),
    Case("PHY-2-02", phy.phy_2_02, phy_worlds.phy_2_02, by_device),
    Case("PHY-2-02", phy.phy_2_02, phy_worlds.phy_2_02_day_only, by_device, "undated"),
    Case("PHY-2-03", things.phy_2_03, things_worlds.phy_2_03, by_subject),
    Case("PHY-2-04", things.phy_2_04, things_worlds.phy_2_04, by_subject),
    Case("PHY-3-01", phy.phy_3_01, phy_worlds.phy_3_01, by_kind),
    Case("PHY-3-02", carried.phy_3_02, carried_worlds.phy_3_02, by_carried),
    Case("PHY-3-02", carried.phy_3_02, carried_worlds.phy_3_02_outside, by_carried, "outside"),
    Case("PHY-3-03", carried.phy_3_03, carried_worlds.phy_3_03, by_subject),
    Case("PHY-4-01", phy.phy_4_01, phy_worlds.phy_4_01, by_kind),
    Case("PHY-4-02", carried.phy_4_02, carried_worlds.phy_4_02, by_subject),
    Case("PHY-4-03", carried.phy_4_03, carried_worlds.phy_4_03, by_task),
    Case("PHY-4-03", carried.phy_4_03, carried_worlds.phy_4_03_owner, by_task, "owner"),
    Case("PHY-4-03", carried.phy_4_03, carried_worlds.phy_4_03_untold, by_task, "untold"),
    Case("TEC-1-01", rights.tec_1_01, rights_worlds.tec_1_01, by_kind),
    Case("TEC-1-02", rights.tec_1_02, rights_worlds.tec_1_02, by_kind),
    Case("TEC-1-03", tec.tec_1_03, tec_worlds.tec_1_03, by_person),
    Case("TEC-1-04", rights.tec_1_04, rights_worlds.tec_1_04, by_kind),
    Case("TEC-1-05", rights.tec_1_05, uses_worlds.tec_1_05, by_kind),
    Case("TEC-1-05", rights.tec_1_05, uses_worlds.tec_1_05_use, by_kind, "use"),
    Case("TEC-1-05", rights.tec_1_05, uses_worlds.tec_1_05_count, by_company, "count"),
    Case("TEC-1-06", rights.tec_1_06, uses_worlds.tec_1_06, by_subject),
    Case("TEC-2-01", tec.tec_2_01, tec_worlds.tec_2_01, by_kind),
    Case("TEC-2-02", sign_in.tec_2_02, sign_in_worlds.tec_2_02, by_system),
    Case("TEC-2-03", sign_in.tec_2_03, sign_in_worlds.tec_2_03, by_subject),
    Case("TEC-2-04", sign_in.tec_2_04, sign_in_worlds.tec_2_04, by_subject),
    Case("TEC-2-04", sign_in.tec_2_04, sign_in_worlds.tec_2_04_day_only, by_subject, "undated"),
    Case("TEC-3-01", outside.tec_3_01, outside_worlds.tec_3_01, by_subject),
    Case("TEC-3-02", outside.tec_3_02, outside_worlds.tec_3_02, by_weakness),
    Case("TEC-3-02", outside.tec_3_02, outside_worlds.tec_3_02_systems, by_weakness, "systems"),
    Case("TEC-3-03", outside.tec_3_03, outside_worlds.tec_3_03, by_subject),
    Case("TEC-3-04", tec.tec_3_04, tec_worlds.tec_3_04, by_subject),
    Case("TEC-3-04", tec.tec_3_04, tec_worlds.tec_3_04_day_only, by_subject, "undated"),
    Case("TEC-4-01", leakage.tec_4_01, leakage_worlds.tec_4_01, by_subject),
    Case("TEC-4-02", leakage.tec_4_02, leakage_worlds.tec_4_02, by_change),
    Case("TEC-4-03", leakage.tec_4_03, sent_worlds.tec_4_03, by_subject),
    Case("TEC-4-04", tec.tec_4_04, tec_worlds.tec_4_04),
    Case("TEC-4-05", leakage.tec_4_05, leakage_worlds.tec_4_05, by_subject),
    Case("VEN-01", vendors.ven_01, vendors_worlds.ven_01, by_kind),
    Case("VEN-02", ven.ven_02, ven_worlds.ven_02),
    Case("VEN-02", ven.ven_02, ven_worlds.ven_02_ended, part="ended"),
    Case("VEN-03", vendors.ven_03, vendors_worlds.ven_03, by_subject),
    Case("VEN-04", ven.ven_04, ven_worlds.ven_04, by_kind),
    Case("VEN-05", ven.ven_05, ven_worlds.ven_05),
    Case("VEN-06", vendors.ven_06, vendors_worlds.ven_06, by_kind),
    Case("VEN-07", vendors.ven_07, vendors_worlds.ven_07, by_party),
    Case("EXT-01", countries.ext_01, countries_worlds.ext_01, by_party),
    Case("EXT-02", ven.ext_02, ven_worlds.ext_02),
    Case("EXT-03", countries.ext_03, countries_worlds.ext_03),
    Case("EXT-04", countries.ext_04, countries_worlds.ext_04, by_subject),
    Case("TPP-01", provisions.tpp_01, provisions_worlds.tpp_01, by_subject),
    Case("TPP-01", provisions.tpp_01, provisions_worlds.tpp_01_basis, by_subject, "basis"),
    Case("TPP-02", provisions.tpp_02, provisions_worlds.tpp_02, by_subject),
    Case("TPP-03", provisions.tpp_03, provisions_worlds.tpp_03, by_subject),
    Case("TPP-04", provisions.tpp_04, shared_use_worlds.tpp_04, by_company),
    Case("TPP-04", provisions.tpp_04, shared_use_worlds.tpp_04_scope, by_company, "scope"),
    Case("TPP-04", provisions.tpp_04, shared_use_worlds.tpp_04_history, by_company, "history"),
    Case("REQ-01", requests.req_01, requests_worlds.req_01, by_thing),
    Case("REQ-02", requests.req_02, requests_worlds.req_02, by_thing),
    Case("REQ-03", requests.req_03, requests_worlds.req_03, by_thing),
    Case("REQ-04", requests.req_04, requests_worlds.req_04, by_subject),
    Case("REQ-05", requests.req_05, requests_worlds.req_05, by_thing),
]


@cache
def controls() -> Catalogue:
    """The shipped catalogue; not a fixture, because a report of failure would print it whole."""
    return load_for_judging()


def filled(world: World, period: Period) -> Facts:
    """The world as a window shows it: what a row leaves out is filled in, for every dataset and its history."""
    facts: dict[str, list[dict[str, Any]]] = {}
    for dataset in catalogue().values():
        history = f"{dataset.name}_history"
        for name, shape in ((dataset.name, dataset), (history, dataset.with_span())):
            rows = shown(shape, world.get(name, world.get(dataset.name, ())), period.zone)
            facts[name] = [{c.name: typed(c, row.get(c.name)) for c in shape.all_columns} for row in rows]
    return facts


def folded(case: Case, control: Control, facts: Facts, marks: Marks) -> dict[Hashable, bool]:
    """The marks under the keys that the texts dictate; where several fall together, one deviation is enough.

    A late act is a member (§8.8); whether a punctual one is, no text says: it is left out.
    """
    together: dict[Hashable, bool] = {}
    for key, conforms in marks.items():
        if not (conforms and key[2] == "late"):
            name = case.fold(control, facts, key)
            together[name] = together.get(name, True) and conforms
    return together


def explained(told: Told, marks: Mapping[Hashable, bool], required: Mapping[Hashable, bool]) -> str:
    """Where the two heads differ, and all rows of the smallest company in which they do."""
    differing = [k for k in marks.keys() | required.keys() if marks.get(k) != required.get(k)]
    rows = {
        company: [f"{name}: {row}" for name, rows in told.world.items() for row in rows if _is_of(company, name, row)]
        for company in COMPANIES
        if any(company in str(key) for key in differing)
    }
    company = min(rows, key=lambda one: len(rows[one]))
    lines = [f"{k}: control {marks.get(k)}, texts {required.get(k)}" for k in differing if company in str(k)]
    return "\n".join([str(told.period), *lines, *rows[company]])


def _is_of(company: str, dataset: str, row: Mapping[str, Any]) -> bool:
    return dataset != "calendar_days" and any(str(value).startswith(company) for value in row.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@settings(
    max_examples=5,  # of twelve companies each: sixty small worlds; make mutants measures what these find
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    phases=[Phase.generate],  # a company is small as it is: shrinking costs minutes and shows no more
)
@given(data=st.data())
def test_a_control_marks_every_member_as_the_texts_do(case: Case, data: st.DataObject) -> None:
    control = controls().control(case.control)
    parameters = {p.name: p.value for p in control.parameters}
    told = data.draw(worlds(case.world, parameters))
    members = engine.run(control, Window.given(told.world, told.period, only=control.datasets))
    assert not isinstance(members, engine.TestFault), members
    facts = filled(told.world, told.period)
    answered = {(m.company, m.subject, m.aspect, m.occurred_on): m.conforms for m in members}
    marks = folded(case, control, facts, answered)
    required = folded(case, control, facts, case.oracle(facts, told.period, parameters))
    assert marks == required, explained(told, marks, required)
