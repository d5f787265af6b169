"""What people wrote down, version by version."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Select, func, or_, select, tuple_, type_coerce
from sqlalchemy.orm import aliased

from evidence.ledger import commitment
from evidence.store.rows import STREAMED, Rows, columns, row
from evidence.store.tables import RegisterTable
from evidence.store.values import RegisterVersion, Written


def bound(versions: Iterable[RegisterVersion], salt: bytes) -> str:
    """The commitment (hex) to all that versions say, in whatever order; the ledger's entry of an import has it."""
    lines = (json.dumps(_told(one), sort_keys=True, ensure_ascii=True) for one in versions)
    told = b"".join(sorted(sha256(line.encode()).digest() for line in lines))
    return commitment(salt, sha256(told).digest()).hex()


def _told(one: RegisterVersion) -> dict[str, object]:
    told = {field.name: getattr(one, field.name) for field in fields(one)} | {"values": dict(one.values)}
    del told["entered_at"]  # the entry has it
    return told | {name: told[name].isoformat() for name in ("valid_from_on", "valid_to_on")}


def _concerning(register: str | None, company: str) -> Select[Any, Any]:
    """The rows (of a register) that ever were a company's or the whole group's, by register and key."""
    one = aliased(RegisterTable)
    told = type_coerce(one.values, JSON)["company"].as_string()
    rows = select(one.register, one.key).where(or_(told == company, told.is_(None)))
    return rows if register is None else rows.where(one.register == register)


class Registers:
    """The versions of all register rows; earlier ones stay readable."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, version: RegisterVersion) -> RegisterVersion:
        """Record a version; AlreadyDone when somebody entered this version of the row first."""
        self.add_all([version])
        return replace(version, entered_at=self._rows.at)

    def add_all(self, versions: Iterable[RegisterVersion]) -> None:
        """Record versions, any number, never all of them at once in memory; AlreadyDone as for one."""
        told, at = iter(versions), self._rows.at
        while some := list(islice(told, STREAMED)):
            what = f"register {', '.join(sorted({one.register for one in some}))}, a version of a row"
            rows = [row(one, entered_at=at) | {"values": dict(one.values)} for one in some]
            self._rows.add(RegisterTable, what, rows)

    def visible(
        self, known_at: datetime, register: str | None = None, company: str | None = None
    ) -> list[RegisterVersion]:
        """All versions entered by a moment, by register, key, time of entry and version."""
        # The stored text of a key does not order as the key does; sorting is stable, so the rest keeps its order.
        return sorted(self.entered(known_at, register, company=company), key=lambda one: (one.register, one.key))

    def entered(
        self,
        known_at: datetime,
        register: str | None = None,
        after: datetime | None = None,
        company: str | None = None,
    ) -> Iterator[RegisterVersion]:
        """The same (of what was entered ``after`` a moment) one by one, by register, time of entry, version and key as
        it is stored; of a ``company`` all versions of the rows that ever were its own or the whole group's."""
        known = select(*columns(RegisterTable, RegisterVersion)).where(RegisterTable.entered_at <= known_at)
        if register is not None:
            known = known.where(RegisterTable.register == register)
        if after is not None:
            known = known.where(RegisterTable.entered_at > after)
        if company is not None:
            known = known.where(tuple_(RegisterTable.register, RegisterTable.key).in_(_concerning(register, company)))
        order = (RegisterTable.register, RegisterTable.entered_at, RegisterTable.version, RegisterTable.key)
        return self._rows.stream(RegisterVersion, known.order_by(*order))

    def newest(self, known_at: datetime, states: Collection[str], register: str | None = None) -> list[RegisterVersion]:
        """Of the rows (of a register) that are in one of some states, as known at a moment, their newest versions; by
        register and key."""
        one, later = RegisterTable, aliased(RegisterTable)
        is_old = (
            select(later.id)
            .where(later.register == one.register, later.key == one.key, later.version > one.version)
            .where(later.entered_at <= known_at)
        )
        found = select(*columns(one, RegisterVersion)).where(
            one.state.in_(sorted(states)), one.entered_at <= known_at, ~is_old.exists()
        )
        if register is not None:
            found = found.where(one.register == register)
        return sorted(self._rows.read(RegisterVersion, found), key=lambda told: (told.register, told.key))

    def written(self, known_at: datetime, company: str | None = None) -> list[Written]:
        """What each object says (of a company and the whole group) that was entered by a moment, counted: there may be
        millions of versions."""
        told = type_coerce(RegisterTable.values, JSON)
        about = (
            RegisterTable.object,
            RegisterTable.register,
            told["company"].as_string().label("company"),
            told["department"].as_string().label("department"),
        )
        days = func.min(RegisterTable.valid_from_on), func.max(RegisterTable.valid_to_on)
        counted = select(*about, func.count(), *days).where(RegisterTable.entered_at <= known_at)
        if company is not None:
            counted = counted.where(or_(about[2] == company, about[2].is_(None)))
        return self._rows.read(Written, counted.group_by("object", "register", "company", "department"))

    def came_after(self, at: datetime, registers: Collection[str]) -> bool:
        """Whether a version of a row of some registers was entered after a moment."""
        newer = select(RegisterTable.id).where(
            RegisterTable.entered_at > at, RegisterTable.register.in_(sorted(registers))
        )
        return self._rows.execute(newer.limit(1)).first() is not None
