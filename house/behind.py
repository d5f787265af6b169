"""Whose the things are that gaps are about: the person behind an account, a device, an engagement, a right, an act.

Gaps name things by keys; which person is meant is known to inventories, registers and logs.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from controls.severities import datasets as reading
from evidence.datasets import catalogue

if TYPE_CHECKING:
    from evidence.facts.window import Window

ACCOUNTS: Mapping[str, str] = {"account_owners": "person_key", "accounts": "registered_owner_key"}
THINGS: Mapping[str, str] = {
    "workers": "person_key",
    "devices": "owner_key",
    "badge_rights": "person_key",
    "entitlements": "account_key",
    **ACCOUNTS,
}
"""By dataset: which of its columns says whose the thing is that its key names; the owner of an account, at any time."""
ACTS: Mapping[str, str] = {
    "media_writes": "account_key",
    "outbound_transfers": "account_key",
    "security_events": "account_key",
    "take_outs": "carrier_key",
}
"""The same of what somebody did. Access logs are too long for it: of those, a control's test tells the account."""


def read_by(controls: Collection[str], datasets: Collection[str]) -> frozenset[str]:
    """Which of these datasets any of the controls reads; where it reads of accounts, all that tells whose they are."""
    read = frozenset(datasets).intersection(frozenset().union(*(reading().get(one, ()) for one in controls)))
    return read | ACCOUNTS.keys() if read & {*ACCOUNTS, "entitlements"} else read


def behind(seen: "Window", names: Collection[str], datasets: Collection[str]) -> dict[str, frozenset[str]]:
    """By name: the accounts and persons behind it, as far as these datasets know; a name of nothing has none."""
    found: dict[str, set[str]] = defaultdict(set)
    columns = {**THINGS, **ACTS}
    for dataset in (one for one in columns if one in datasets and one not in ACCOUNTS):
        _put(found, seen, dataset, columns[dataset], names)
    accounts = {*names, *(one for told in found.values() for one in told)}
    for dataset, column in ACCOUNTS.items():
        if dataset in datasets:
            _put(found, seen, dataset, column, accounts)
    return {
        name: frozenset(found[name].union(*(found.get(one, ()) for one in found[name])))
        for name in found.keys() & set(names)
    }


def _put(found: dict[str, set[str]], seen: "Window", dataset: str, column: str, names: Collection[str]) -> None:
    key = catalogue()[dataset].key[0]
    for row in seen.about(dataset, names):
        if row[column] is not None:
            found[row[key]].add(row[column])
