"""A synthetic group of companies with planted faults, in the formats that real systems export.

Nobody in it exists. What is planted is written down before anything of it can be judged, and follows from domain.md and
the readings of datasets.md alone: this room is the independent head, it knows no control's test.
"""

import hashlib
import random
from pathlib import Path

from demo import (
    activity,
    book,
    care,
    countries,
    decided,
    doors,
    gates,
    keeping,
    leakage,
    log_reviews,
    outside,
    partners,
    people,
    personnel,
    plant_self_answers,
    privileged,
    provisions,
    published,
    readiness,
    regulated,
    requests,
    rights,
    rules,
    shared_use,
    sources,
    structure,
    systems,
    vendors,
    write_access,
    write_doors,
    write_gates,
    write_media,
    write_pages,
    write_partners,
    write_people,
    write_registers,
    write_rights,
    write_security,
    write_subjects,
    write_taken_over,
    write_things,
    write_vendors,
)
from demo.days import AS_OF, SINCE
from demo.files import Folder
from demo.group import COMPANIES, Group
from demo.plan import Plan, Planted, written
from demo.plant import plant
from demo.score import Score, compare
from demo.worlds import SIZES, Size, repeat
from evidence.persons import Keys

__all__ = ["AS_OF", "COMPANIES", "SINCE", "SIZES", "Planted", "Score", "build", "compare", "secret_of", "write"]


def secret_of(seed: int) -> bytes:
    """The secret that a demo home mints its keys from: a function of the seed, so that a demo can be repeated."""
    return hashlib.sha256(f"tenken demo {seed}".encode()).digest()


def build(seed: int, size: Size = SIZES["small"], *, planted: bool = True) -> tuple[Group, Plan]:
    """The whole group of a seed, and what is planted in it; nothing, where it is wanted as it should be."""
    group = Group(random.Random(seed), size.people)  # noqa: S311 - a synthetic world, no secret
    plan = Plan(Keys(secret_of(seed)))
    for builder in (
        people,
        systems,
        rules,
        vendors,
        book,
        care,
        structure,
        published,
        regulated,
        log_reviews,
        readiness,
        keeping,
        privileged,
        personnel,
        doors,
        provisions,
        requests,
        shared_use,
        partners,
        countries,
        outside,
        leakage,
    ):
        builder.build(group)
    if planted:
        plant(group, plan)
    keeping.complete(group)
    partners.complete(group)
    countries.complete(group)
    personnel.settle(group, plan)
    rights.build(group)
    decided.build(group, plan)
    regulated.tell(group)
    log_reviews.complete(group)
    outside.complete(group)
    leakage.complete(group)
    if planted:
        plant_self_answers.plant(group, plan)
    for builder in (activity, gates):
        builder.build(group)
    repeat(group, plan, size.worlds)
    return group, plan


def write(seed: int, out: Path, size: Size = SIZES["small"]) -> None:
    """Write ``home/`` with everything that a run needs, and before it ``planted.json`` with what it must find."""
    group, plan = build(seed, size)
    home = Folder(out / "home")
    sources.write_secret(secret_of(seed), home.path)
    (out / "planted.json").write_text(written(plan.planted), encoding="utf-8")
    sources.write(group, home)
    inbox = home.under("inbox")
    for writer in (
        write_people,
        write_access,
        write_rights,
        write_gates,
        write_things,
        write_media,
        write_vendors,
        write_pages,
        write_doors,
        write_subjects,
        write_partners,
        write_security,
    ):
        writer.write(group, inbox)
    write_taken_over.write(group, inbox)
    write_registers.write(group, home.under("registers"))
