"""Registers: what people write down, as it stood on a day, how each row came to say it, and what waits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.responses import Response

from evidence.border import leaving
from evidence.datasets import Dataset, Kind, catalogue, source_of
from evidence.errors import ConfigError
from evidence.period import Period
from evidence.persons import normal
from evidence.store.values import RegisterVersion
from house import within
from house.desk import act_on, import_register
from house.granting import GRANTS
from portal.door import Asked, NotThere
from portal.forms import day_of, number_of
from portal.naming import name_of
from portal.pages.packs import WORKBOOK
from portal.rights import Right
from registers import comparison, sheets, versions
from registers.approval import FROM, Act
from registers.cells import shown
from registers.csv_files import is_csv
from registers.forms import Field, form
from registers.handed_out import masked
from registers.workbook import Seen
from reports.pack.recorded import NEVER_HANDED_OUT

NOT_HERE = NEVER_HANDED_OUT | {GRANTS}  # that has a page of its own
MOST_SHOWN, MOST_CHANGES = 200, 500
COLUMNS = 8  # of a row in a list
ACTS = {  # and who may
    Act.SUBMIT: Right.ENTER,
    Act.CONFIRM: Right.SIGN,
    Act.APPROVE: Right.SIGN,
    Act.SEND_BACK: Right.SIGN,
    Act.RETIRE: Right.SIGN,
}
COLLECTED = "collected"  # the state of a row that a source delivered
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A row of a register, and what somebody wrote that it is; None: a source delivered it."""

    row: Row
    version: RegisterVersion | None


def list_(asked: Asked) -> Response:
    """The registers, and how many rows of each wait for somebody."""
    waits = Counter(one.register for one in within.waiting(asked.house, str(asked.company)))
    told = [{"name": one.name, "title": one.title_ja, "en": one.title_en, "waits": waits[one.name]} for one in _here()]
    return asked.page("registers.html", registers=told)


def _here() -> list[Dataset]:
    return [one for one in catalogue().values() if one.kind is Kind.REGISTER and one.name not in NOT_HERE]


def rows(asked: Asked) -> Response:
    """The rows of a register as they stood on a day, those with a word in them, or those that wait."""
    dataset, wanted = _register(asked), asked.request.query_params
    on, word, waits = day_of(wanted.get("on")), wanted.get("q", ""), wanted.get("show") == "waiting"
    found = _waiting(asked, dataset) if waits else _rows(asked, dataset, on)
    told = [one for one in _lines(asked, dataset, found) if _has(one, word)]
    first = number_of(wanted.get("from"))
    return asked.page(
        "register.html", register=dataset, fields=form(dataset).fields[:COLUMNS], rows=told[first : first + MOST_SHOWN],
        found=len(told), first=first, most=MOST_SHOWN, on=on or "", word=word, waits=waits,
        may_enter=asked.may(Right.ENTER) and dataset.name not in within.BY_NO_SHEET,
    )  # fmt: skip


def row(asked: Asked) -> Response:
    """One row: all that it says, what changed in it, and what may be done to it."""
    dataset, one = _register(asked), _found(asked)
    [line], version = _lines(asked, dataset, [one]), one.version
    is_own = within.whose(asked.house, dataset.name)(one.row) == asked.company
    may = [act for act, right in ACTS.items() if is_own and asked.may(right)]
    return asked.page(
        "row.html", register=dataset, fields=form(dataset).fields, row=line,
        acts=[act.value for act in may if version and version.state in FROM[act]],
        changes=_changes(asked, dataset, version.key) if version else [],
    )  # fmt: skip


def act(asked: Asked) -> Response:
    """Bring a row further: hand it in, sign it, send it back, end it or confirm it."""
    dataset, told = _register(asked), asked.form.get("act", "")
    if told not in {*ACTS} or not asked.may(ACTS[Act(told)]):
        raise NotThere
    one = _found(asked)
    if one.version is None or within.whose(asked.house, dataset.name)(one.row) != asked.company:
        raise NotThere
    key, seen = "/".join(one.version.key), number_of(asked.form.get("version"))
    act_on(asked.house, dataset.name, [key], Act(told), asked.session.person, _reason(asked), over=seen)
    return asked.moved(f"/{asked.company}/registers/{dataset.name}")


def compare(asked: Asked) -> Response:
    """What differs between the ends of two days, on a page or as a workbook."""
    dataset, wanted = _register(asked), asked.request.query_params
    first, last = day_of(wanted.get("first")), day_of(wanted.get("last"))
    if first is None or last is None:
        return asked.page("compare.html", register=dataset, told=None, first=first, last=last, today=asked.house.today)
    before, after = (_at_end(asked, dataset, day) for day in (first, last))
    told = versions.differences(dataset, before, after)
    if wanted.get("as") == "xlsx":
        content = comparison.workbook(dataset, told, first, last, asked.house.zone)
        return _file(f"{dataset.name}_{first}_{last}.xlsx", content)
    return asked.page("compare.html", register=dataset, told=told, first=first, last=last, today=asked.house.today)


def sheet(asked: Asked) -> Response:
    """The rows of a day as a workbook, masked; it can be filled in further and brought back."""
    dataset = _register(asked)
    on = day_of(asked.request.query_params.get("on"))
    at = asked.house.store.last_commit()
    held = within.versions(asked.house, dataset.name, str(asked.company), at, on)
    told = masked(dataset, [versions.row_of(dataset, one) for one in held], asked.masked)
    content = sheets.export(dataset, told, asked.house.zone, Seen(at, on) if at else None)
    return _file(f"{dataset.name}.xlsx", content)


def bring_in(asked: Asked) -> Response:
    """Take a filled-in sheet, or say what it would change."""
    dataset, sent, tries = _register(asked), asked.file, asked.form.get("do") == "try"
    if sent is None or not sent.content:
        raise ConfigError("ファイルを選んでください / choose a file")
    reason = _reason(asked)
    with TemporaryDirectory(dir=asked.room.ready) as folder:
        path = Path(folder) / f"{dataset.name}{'.csv' if is_csv(sent.name.casefold()) else '.xlsx'}"
        path.write_bytes(sent.content)
        planned = import_register(
            asked.house, dataset.name, path, asked.session.person, reason, dry_run=tries, within=asked.company
        )
    return asked.page("brought.html", register=dataset, planned=planned, tried=tries)


def _register(asked: Asked) -> Dataset:
    found = catalogue().get(asked.given["register"])
    if found is None or found not in _here():
        raise NotThere
    return found


def _rows(asked: Asked, dataset: Dataset, on: date | None = None) -> list[Held]:
    """The rows that hold on a day; beside those that people wrote, what a source delivers of the register."""
    held = within.versions(asked.house, dataset.name, str(asked.company), on=on or asked.house.today)
    written = {one.key: one for one in held}
    return [
        Held(row, written.get(versions.key_of(dataset, row)) if row["source"] == source_of(dataset.name) else None)
        for row in within.rows(asked.house, dataset.name, str(asked.company), on=on)
    ]


def _waiting(asked: Asked, dataset: Dataset) -> list[Held]:
    told = within.waiting(asked.house, str(asked.company), dataset.name)
    return [Held(versions.row_of(dataset, one), one) for one in told]


def _found(asked: Asked) -> Held:
    """The row of the address; what waits over it comes first."""
    dataset = _register(asked)
    for one in (*_waiting(asked, dataset), *_rows(asked, dataset)):
        [told] = masked(dataset, [one.row], asked.masked)
        if name_of(versions.key_of(dataset, told)) == asked.given["row"]:
            return one
    raise NotThere


def _lines(asked: Asked, dataset: Dataset, found: Sequence[Held]) -> Iterable[Row]:
    """Rows as lists show them: what each is called, how far it has come, and its cells in the order of the form."""
    fields, zone = form(dataset).fields, asked.house.zone
    for one, told in zip(found, masked(dataset, [one.row for one in found], asked.masked), strict=True):
        key, version = versions.key_of(dataset, told), one.version
        cells = [_shown(field, told[field.name], zone) for field in fields]
        yield {
            "name": name_of(key), "key": " / ".join(key), "cells": cells,
            "state": version.state if version else COLLECTED, "version": version.version if version else 0,
            "object": None if version else told["object"],
            "by": asked.masked(version.entered_by) if version else told["source"],
            "at": f"{one.row['recorded_at'].astimezone(zone):%Y-%m-%d %H:%M}",
        }  # fmt: skip


def _changes(asked: Asked, dataset: Dataset, key: tuple[str, ...]) -> list[Row]:
    """What changed in a row that somebody wrote, the newest first."""
    fields, zone = {one.name: one for one in form(dataset).fields}, asked.house.zone
    ways = {name: leaving(asked.masked, one.column) for name, one in fields.items()}

    def said(name: str, value: Any) -> str:
        told = shown(fields[name], value, zone)
        return ways[name](str(told)) if told is not None else ""

    return [
        {
            "at": f"{one.entered_at.astimezone(zone):%Y-%m-%d %H:%M}", "by": asked.masked(one.entered_by),
            "header": one.header, "before": said(one.column, one.before), "after": said(one.column, one.after),
            "reason": asked.masked(one.reason),
        }
        for one in within.history(asked.house, dataset.name, str(asked.company), key)[: -MOST_CHANGES - 1 : -1]
    ]  # fmt: skip


def _at_end(asked: Asked, dataset: Dataset, day: date) -> list[Row]:
    at = Period(day, day, asked.house.settings.zone).until_at
    found = within.rows(asked.house, dataset.name, str(asked.company), min(at, asked.known_at), day)
    return masked(dataset, found, asked.masked)


def _shown(field: Field, value: Any, zone: Any) -> str:
    told = shown(field, value, zone)
    return "" if told is None else str(told)


def _has(line: Row, word: str) -> bool:
    told = normal(word)
    return not told or any(told in normal(cell) for cell in (line["key"], *line["cells"]))


def _reason(asked: Asked) -> str:
    if told := asked.form.get("reason", "").strip():
        return told
    raise ConfigError("理由を記入してください / a reason cannot be blank")


def _file(name: str, content: bytes) -> Response:
    return Response(content, media_type=WORKBOOK, headers={"Content-Disposition": f'attachment; filename="{name}"'})
