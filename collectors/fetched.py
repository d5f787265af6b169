"""Getting what is new from a source: bytes into the vault first, before anyone looks into them.

An object is known by its name with its version, or else with its modification time and size. One that was read to its
end before is not got again; one that was not (a reject, a profile since mended) is, so that its rows are never
forgotten and a run never looks whole without them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.sources import Source
from collectors.transports import Item, Transport
from evidence.errors import SourceError, SourceMalformed, SourceUnreachable
from evidence.store.values import FetchedObject
from evidence.vault import StoredObject, Vault


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was got in one run, and what could not be."""

    objects: tuple[StoredObject, ...] = ()  # oldest first
    origins: tuple[str, ...] = ()  # where each lay
    lost: tuple[str, ...] = ()  # why others could not be got; without their names


def fetch(source: Source, vault: Vault, known: Sequence[FetchedObject]) -> Fetched:
    """Store everything of a source that was not read to its end before. SourceUnreachable: trying again may help."""
    objects: list[StoredObject] = []
    origins: list[str] = []
    lost: list[str] = []
    with source.connect() as transport:
        listed = sorted(transport.items(None), key=lambda item: (item.modified, item.name))
        for item in _new(source, listed, known):
            try:
                objects.append(_stored(source, transport, item, vault))
                origins.append(transport.origin(item))
            except SourceUnreachable:
                raise
            except SourceError as error:
                lost.append(_nameless(error, item))
        lost += [f"not collected: {refused.why}" for refused in transport.refused]
    return Fetched(tuple(objects), tuple(origins), tuple(lost))


def identity(name: str, version: str | None, modified: datetime | None, size: int) -> tuple[object, ...]:
    """What makes an item the same as one got before."""
    return (name, version) if version is not None else (name, modified, size)


def _new(source: Source, listed: Iterable[Item], known: Sequence[FetchedObject]) -> list[Item]:
    read = {identity(o.name, o.version, o.modified, o.size) for o in known if o.mapped is not None}
    new = [item for item in listed if identity(item.name, item.version, item.modified, item.size) not in read]
    moments = [o.modified for o in known if o.mapped is not None and o.modified is not None]
    if source.is_snapshots_only and moments:
        # What a newer state has replaced, and was looked at once, tells nothing any more.
        seen = {identity(o.name, o.version, o.modified, o.size) for o in known}
        latest = max(moments)
        new = [
            item
            for item in new
            if item.modified > latest or identity(item.name, item.version, item.modified, item.size) not in seen
        ]
    return new


def _stored(source: Source, transport: Transport, item: Item, vault: Vault) -> StoredObject:
    with transport.open(item) as stream:
        stored = vault.put(stream)
        version = stream.version if stream.version is not None else item.version
    if stored.size != item.size:
        raise SourceMalformed(source.name, f"{item.size} bytes were listed, {stored.size} came")
    return replace(stored, name=item.name, modified=item.modified, version=version)


def _nameless(error: SourceError, item: Item) -> str:
    """Why an item could not be got, without its name, which may be a person's."""
    return error.why.replace(repr(item.name), "an object").replace(item.name, "an object")
