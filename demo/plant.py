"""Planted faults and near-misses, in the order in which they may take people, machines and vendors."""

from demo import (
    plant_access,
    plant_book,
    plant_care,
    plant_complaints,
    plant_countries,
    plant_doors,
    plant_keeping,
    plant_log_reviews,
    plant_logins,
    plant_movement,
    plant_newcomers,
    plant_oversight,
    plant_partners,
    plant_people,
    plant_pledges,
    plant_privileged,
    plant_provisions,
    plant_published,
    plant_readiness,
    plant_regulated,
    plant_requests,
    plant_rights,
    plant_rules,
    plant_scope,
    plant_shared_use,
    plant_structure,
    plant_systems,
    plant_things,
    plant_upkeep,
    plant_vendors,
)
from demo.group import Group
from demo.plan import Plan


def plant(group: Group, plan: Plan) -> None:
    """Plant every fault and near-miss; what follows from a fault in another control is planned there as well."""
    for family in (
        plant_rules,
        plant_people,
        plant_book,
        plant_systems,
        plant_access,
        plant_things,
        plant_vendors,
        plant_care,
        plant_upkeep,
        plant_structure,
        plant_published,
        plant_regulated,
        plant_log_reviews,
        plant_readiness,
        plant_keeping,
        plant_movement,
        plant_rights,
        plant_privileged,
        plant_scope,
        plant_logins,
        plant_newcomers,
        plant_pledges,
        plant_doors,
        plant_provisions,
        plant_requests,
        plant_complaints,
        plant_shared_use,
        plant_partners,
        plant_countries,
        plant_oversight,  # the last one: every department answers, those that others plant too
    ):
        family.plant(group, plan)
