"""A home with the evidence of many worlds, from the home of one: what belongs to a world gets the names of another.

Written as a collection writes it, but straight into facts and registers: to let 70,000 people's systems export, and to
collect that, takes hours, and is not what is measured here.
"""

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from ruamel.yaml import YAML

from evidence.datasets import Dataset, catalogue
from evidence.facts import read_schema
from evidence.store import Transaction
from evidence.store.values import FactFile, RegisterVersion, Run
from house import House, furnish, open_house

NAMES = re.compile(  # of columns that hold what belongs to a world
    r"(?:^|_)(?:ids?|keys?|by|company|departments?|ancestors|path|serials?|calendar|subject|sources?|aliases)$"
    r"|^(?:source_name|access_group|shared_use_scope|evidence)$"
)
SHARED = frozenset({"control_id", "control_ids", "adopted_from_company"})


def multiplied(home: Path, out: Path, worlds: int) -> House:
    """A new home with this many times the evidence of another one; its own worlds included."""
    first = open_house(home)
    for folder in ("profiles", "keys"):
        shutil.copytree(home / folder, out / folder)
    shutil.copytree(home / "sources", out / "sources")
    yaml = YAML()
    told = yaml.load(home / "settings.yaml")
    companies = list(told["companies"])
    told["companies"] = [{**one, "code": _named(one["code"], n)} for n in range(worlds) for one in companies]
    yaml.dump(told, out / "settings.yaml")
    for path in sorted((home / "sources").glob("*.yaml")):
        for n in range(1, worlds):
            source = yaml.load(path)
            source["name"] = _named(source["name"], n)
            source["companies"] = [_named(code, n) for code in source["companies"]]
            yaml.dump(source, out / "sources" / f"{source['name']}.yaml")
    house = furnish(out)
    with first.store.read() as known, house.store.write() as tx:
        at = known.at
        for run in known.runs.visible(at):
            for n in range(worlds):
                tx.runs.add(_run(run, n))
        for one in known.objects.visible(at):
            for n in range(worlds):
                tx.objects.add(
                    replace(one, source=_named(one.source, n), run_id=_named(one.run_id, n), recorded_at=None)
                )
        for file in known.facts.visible(at):
            _write(first, house, tx, file, worlds)
        tx.registers.add_all(
            _version(version, n)
            for version in known.registers.entered(at)
            for n in range(worlds if _is_of_a_world(version) else 1)
        )
    return house


def _named(text: str, world: int) -> str:
    return f"{text}_{world:02d}" if world else text


def _renamed(value: Any, world: int) -> Any:
    """A value of a column that holds names."""
    if isinstance(value, str):
        return _named(value, world)
    return [_named(one, world) for one in value] if isinstance(value, list | tuple) else value


@cache
def _names(dataset: str) -> frozenset[str]:
    """The columns that hold names; those of a closed list are the same in every world."""
    told = catalogue()[dataset].all_columns
    return frozenset(one.name for one in told if NAMES.search(one.name) and one.name not in SHARED and not one.codes)


def _run(run: Run, world: int) -> Run:
    return replace(
        run,
        run_id=_named(run.run_id, world),
        source=_named(run.source, world),
        company=_named(run.company, world),
        recorded_at=None,
    )


def _is_of_a_world(version: RegisterVersion) -> bool:
    return not _names(version.register).isdisjoint(catalogue()[version.register].key)


def _version(version: RegisterVersion, world: int) -> RegisterVersion:
    names = _names(version.register)
    values = {k: _renamed(v, world) if k in names else v for k, v in version.values.items()}
    key = zip(catalogue()[version.register].key, version.key, strict=True)
    renamed = tuple(_named(v, world) if k in names else v for k, v in key)
    return replace(version, values=values, key=renamed, entered_at=None)


def _write(first: House, house: House, tx: Transaction, file: FactFile, worlds: int) -> None:
    """A fact file for each world."""
    dataset, parquet = catalogue()[file.dataset], pq.ParquetFile(first.facts.verified(file))
    names = read_schema(dataset).names
    for world in range(worlds):
        written = house.facts.write(
            dataset, _named(file.source, world), _named(file.run_id, world), file.day,
            (_batch(dataset, batch, world) for batch in parquet.iter_batches(columns=names)),
            snapshot_at=file.snapshot_at, complete=file.complete,
        )  # fmt: skip
        if written:
            tx.facts.add(written)


def _batch(dataset: Dataset, batch: pa.RecordBatch, world: int) -> pa.RecordBatch:
    columns = [
        _column(column, f"_{world:02d}") if world and name in _names(dataset.name) else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _column(column: pa.Array, suffix: str) -> pa.Array:
    if pa.types.is_list(column.type):
        inner = pc.binary_join_element_wise(column.values, suffix, "")
        return pa.ListArray.from_arrays(column.offsets, inner, mask=column.is_null())
    return pc.binary_join_element_wise(column, suffix, "")
