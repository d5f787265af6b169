"""A population: split by company, counted, and one digest whatever the table it is kept in looks like."""

import hashlib
from collections import Counter
from datetime import date

import pyarrow as pa
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from controls.model import KEY, Member
from controls.population import AS_MEMBER, NOBODY, Population

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MEMBERS = st.builds(
    Member,
    company=st.sampled_from(["C1", "C2", "C3"]),
    department=st.none() | TEXTS,
    subject=TEXTS,
    aspect=st.none() | TEXTS,
    occurred_on=st.none() | st.dates(date(1990, 1, 1), date(2099, 12, 31)),
    conforms=st.booleans(),
    members=st.integers(1, 2**40),
    columns=st.fixed_dictionaries({"last": st.none() | TEXTS}),
)


def population(members: list[Member]) -> Population:
    """The population of these members."""
    told = [{name: getattr(m, name) for name in AS_MEMBER} | dict(m.columns) for m in members]
    rows = pa.Table.from_pylist(told, NOBODY.rows.schema.append(pa.field("last", pa.string())))
    return Population(rows.sort_by([(name, "ascending") for name in KEY]))


def line(m: Member) -> bytes:
    """What the digest is made of."""
    day = m.occurred_on.isoformat() if m.occurred_on else None
    return rfc8785.dumps([m.subject, m.aspect, day, m.department, m.conforms, m.members]) + b"\n"


@given(members=st.lists(MEMBERS, max_size=12))
def test_a_company_has_its_own_members_and_their_digest(members: list[Member]) -> None:
    whole = population(members)
    for company in ("C1", "C2", "C3", "C4"):
        mine, part = [m for m in members if m.company == company], whole.of(company)
        assert Counter(map(repr, part)) == Counter(map(repr, mine))
        assert part.size == sum(m.members for m in mine)
        assert part.digest == hashlib.sha256(b"".join(map(line, part))).hexdigest()
        assert [repr(m) for m in part.deviating] == [repr(m) for m in part if not m.conforms]
        sizes: Counter[str | None] = Counter()
        for m in mine:
            sizes[m.department] += m.members
        assert part.departments == dict(sizes)
        assert list(part.departments) == sorted(sizes, key=lambda name: (name is not None, name or ""))


def test_the_digest_does_not_depend_on_how_a_table_is_kept() -> None:
    members = [Member("C1", None, f"S{n}", None, None, True, 1, {"last": None}) for n in range(10)]
    whole = population(members)
    pieces = Population(pa.concat_tables([whole.rows.slice(n, 3) for n in (0, 3, 6, 9)]))
    assert pieces.digest == whole.digest == hashlib.sha256(b"".join(map(line, members))).hexdigest()
