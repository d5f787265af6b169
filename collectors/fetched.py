"""Getting what is new from a source: bytes into the vault first, before anyone looks into them.

An item is known by its name with its version, or, where its listing tells none, with its modification time and size
(reading may tell a version all the same). One that was read to its end before is not got again; one that was not (a
reject, a profile since mended) is, so that its rows are never forgotten and a run never looks whole without them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.sources import Source
from collectors.transports import Item, Transport, printable
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable
from evidence.store.values import FetchedObject
from evidence.vault import StoredObject, Vault


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was got in one run, and what could not be."""

    objects: tuple[StoredObject, ...] = ()  # oldest first
    origins: tuple[str, ...] = ()  # where each lay
    checksums: tuple[str | None, ...] = ()  # against which checksum of the source each was verified; None: it gave none
    lost: tuple[str, ...] = ()  # why others could not be got; without their names
    lost_names: tuple[str, ...] = ()  # which these are, safe to print; only told, never recorded


def fetch(source: Source, vault: Vault, known: Sequence[FetchedObject]) -> Fetched:
    """Store everything of a source that was not read to its end before. SourceUnreachable: trying again may help."""
    objects: list[StoredObject] = []
    origins: list[str] = []
    checksums: list[str | None] = []
    lost: list[tuple[str, str]] = []
    with source.connect() as transport:
        listed = sorted(transport.items(None), key=lambda item: (item.modified, item.name))
        for item in _new(source, listed, known):
            try:
                stored, checksum = _stored(source, transport, item, vault)
                objects.append(stored)
                origins.append(transport.origin(item))
                checksums.append(checksum)
            except SourceUnreachable:
                raise
            except SourceError as error:
                lost.append((_nameless(error, item), printable(item.name)))
        lost += [(f"not collected: {refused.why}", refused.name) for refused in transport.refused]
    whys, names = tuple(why for why, _ in lost), tuple(name for _, name in lost)
    return Fetched(tuple(objects), tuple(origins), tuple(checksums), whys, names)


def _new(source: Source, listed: Iterable[Item], known: Sequence[FetchedObject]) -> list[Item]:
    read = _Known(o for o in known if o.mapped is not None or not o.salt)  # no salt: it was erased, and stays so
    new = [item for item in listed if item not in read]
    moments = [o.modified for o in known if o.mapped is not None and o.modified is not None]
    if source.is_snapshots_only and moments:
        # What a newer state has replaced, and was looked at once, tells nothing any more.
        seen, latest = _Known(known), max(moments)
        new = [item for item in new if item.modified > latest or item not in seen]
    return new


class _Known:
    """Items that were got before."""

    __slots__ = ("_stamps", "_versions")

    def __init__(self, objects: Iterable[FetchedObject]) -> None:
        self._versions: set[tuple[str, str]] = set()
        self._stamps: set[tuple[str, datetime | None, int]] = set()
        for one in objects:
            if one.version is not None:
                self._versions.add((one.name, one.version))
            self._stamps.add((one.name, one.modified, one.size))

    def __contains__(self, item: Item) -> bool:
        if item.version is not None:
            return (item.name, item.version) in self._versions
        return (item.name, item.modified, item.size) in self._stamps


def _stored(source: Source, transport: Transport, item: Item, vault: Vault) -> tuple[StoredObject, str | None]:
    """One item in the vault as it was when it was opened, and the checksum that it was verified against."""
    with transport.open(item) as stream:
        stored, got, checksum = vault.put(stream), stream.item, stream.checksum
    if stored.size != got.size:
        raise SourceMalformed(source.name, f"{got.size} bytes were told, {stored.size} came")
    return replace(stored, name=item.name, modified=got.modified, version=got.version), checksum


def _nameless(error: SourceError, item: Item) -> str:
    """Why an item could not be got, without its name, which may be a person's."""
    return error.why.replace(repr(item.name), "an object").replace(item.name, "an object")
