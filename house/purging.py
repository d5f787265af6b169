"""Purging 消去: two persons destroy the keys of what need not be kept any more; its tombstone stays in the ledger.

Keys and salts go in the transaction that writes the tombstones; facts and what is left of the objects right after it,
or, where the process was killed in between, with the next scrub. Nothing that was judged or closed changes: what is
judged again of that time has no evidence, and says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Literal

from evidence import ledger
from evidence.errors import ConfigError
from evidence.ledger import PURGED, REQUESTED
from evidence.vault import Digest
from house import House, purged
from house.duties import ever
from house.heads import checkpoint
from house.retention import Kept, kept

Why = Literal["retention", "request", "contract_end"]


def request(house: House, source: str, until: date, by: str, why: Why) -> int:
    """Ask that all that was collected of a source up to a day be purged; the number that another person approves."""
    refuse_stranger(house, by)
    chosen = _chosen(house, source, until)
    told = {
        "kind": REQUESTED, "source": source, "until": until.isoformat(), "why": why, "runs": len(chosen),
        "set": _digest(chosen),
    }  # fmt: skip
    with house.store.write() as tx:
        claim = f"{REQUESTED}|{source}|{until}|{tx.at.isoformat()}"
        number = tx.ledger.append(ledger.GROUP, {**told, "actor": _actor_of(house, ledger.GROUP, by)}, claim).seq
        opened = [commitment for digest in _digests(chosen) for _, commitment in tx.objects.commitments(digest)]
        for log in ledger.committing(tx, tx.ledger.logs(), opened):
            tx.ledger.append(log, {**told, "actor": _actor_of(house, log, by), "request": number}, f"{claim}|{log}")
    return number


def approve(house: House, number: int, by: str) -> int:
    """Purge what was asked for; how many objects. ConfigError when it is the same person, or may not be any more."""
    refuse_stranger(house, by)
    with house.store.read() as tx:
        asked = next(
            (said for _, said in ledger.told(tx, [ledger.GROUP], REQUESTED) if said.get("seq") == number), None
        )
        done = {said.get("request") for _, said in ledger.told(tx, [ledger.GROUP], PURGED)}
    if asked is None or number in done:
        raise ConfigError(f"no purge {number} waits for approval; `tenken vault purge request` makes one")
    if str(asked["actor"]) in map(house.masking(ledger.company_of(ledger.GROUP)), ever(house, by)):
        raise ConfigError("who asked for a purge does not approve it; somebody else must")
    chosen = _chosen(house, str(asked["source"]), date.fromisoformat(str(asked["until"])))
    if _digest(chosen) != asked["set"]:
        raise ConfigError(f"purge {number}: what it would destroy is not what was asked for any more; ask anew")
    count = _destroy(house, chosen, number, asked, by)
    checkpoint(house)  # a tombstone that nobody signed could be taken back
    clear(house)
    return count


def clear(house: House) -> None:
    """Remove what is left of purged objects: their ciphertext, and the facts that were read from them."""
    with house.store.read() as tx:
        if tx.last_at is None:
            return
        rows = purged.rows(tx)
        gone = tx.objects.erased_rows() & rows
        digests, runs = tx.objects.only_in(gone)
        files = [file for file in tx.facts.visible(tx.at) if file.run_id in runs]
    for digest in sorted(digests):
        house.vault.remove(Digest(digest))
    for file in files:
        (house.facts.root / file.path).unlink(missing_ok=True)
    house.forget()


def refuse_stranger(house: House, person: str) -> None:
    """Refuse who is not on the roster today: destroying evidence takes two who are there."""
    if house.keys().of_person(person) not in house.staff().present:
        raise ConfigError("is not on the roster or is on leave; name the worker number of one who is there")


def _chosen(house: House, source: str, until: date) -> list[Kept]:
    chosen = [one for one in kept(house) if one.source == source and one.collected_on <= until]
    if not chosen:
        raise ConfigError(f"nothing of {source} was collected up to {until}; see `tenken vault due`")
    refused = [one for one in chosen if not one.is_due(house.today)]
    if refused:
        one = refused[0]
        why = (
            f"is under legal hold ({one.held})" if one.held
            else f"must be kept up to {one.until}" if one.until
            else "must be kept: its time has not begun to run"
        )  # fmt: skip
        raise ConfigError(
            f"{len(refused)} of {len(chosen)} runs of {source} cannot be purged; that of {one.collected_on} {why}"
        )
    return chosen


def _destroy(house: House, chosen: Sequence[Kept], number: int, told: Mapping[str, object], by: str) -> int:
    digests = _digests(chosen)
    with house.store.write() as tx:
        erased = dict(tx.objects.erase(digests))  # commitment by row
        rows = {commitment: row for row, commitment in erased.items()}
        same = {"kind": PURGED, "request": number, **{name: told[name] for name in ("source", "until", "why")}}
        for log, made in ledger.committing(tx, tx.ledger.logs(), rows).items():
            asked = (said for _, said in ledger.told(tx, [log], REQUESTED) if said.get("request") == number)
            asker = next((said["actor"] for said in asked), None)
            if asker is None:  # another company got the same bytes since
                raise ConfigError(f"purge {number}: {log} was not told of it and holds the same objects; ask anew")
            if asker == _actor_of(house, log, by):
                raise ConfigError("who asked for a purge does not approve it; somebody else must")
            entry = {
                **same, "actor": _actor_of(house, log, by), "requested_by": asker, "erased": made,
                "objects": sorted(rows[one] for one in made),
            }  # fmt: skip
            tx.ledger.append(log, entry, f"{PURGED}|{number}|{log}")
        entry = {
            **same, "actor": _actor_of(house, ledger.GROUP, by), "requested_by": told["actor"],
            "objects": sorted(erased),
        }  # fmt: skip
        tx.ledger.append(ledger.GROUP, entry, f"{PURGED}|{number}")
    house.store.truncate_log()
    return len(digests)


def _actor_of(house: House, log: str, person: str) -> str:
    return house.masking(ledger.company_of(log))(house.keys().of_person(person))


def _digests(chosen: Sequence[Kept]) -> list[str]:
    return sorted({digest for one in chosen for digest in one.digests})


def _digest(chosen: Sequence[Kept]) -> str:
    return sha256("\n".join(sorted(one.run_id for one in chosen)).encode()).hexdigest()
