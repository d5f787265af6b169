"""Who may reach which store: everyday rights, given with the group that the management book names."""

from datetime import date

from demo.days import DAY
from demo.group import Group, day_of
from demo.values import Account, Right


def build(group: Group) -> None:
    """Give every personal account, once all are there, a right on each store of its system until it is disabled."""
    planted = {(right.system, right.login) for right in group.rights}
    groups = _groups(group)
    for (system, login), account in sorted(group.accounts.items()):
        if account.kind == "個人" and (system, login) not in planted:
            stores = [store for store in group.hosts[system].stores if store in groups]
            last = _withdrawn_on(account)
            group.rights += [Right(system, login, "利用", store, groups[store], removed_on=last) for store in stores]


def _withdrawn_on(account: Account) -> date | None:
    """The day after the account was disabled: what is left on it would be live when it is enabled again."""
    return day_of(account.disabled_at) + DAY if account.disabled_at else None


def _groups(group: Group) -> dict[str, str | None]:
    """The group of each store that the book knows; who uses the portal is in none, it holds nothing to handle."""
    told: dict[str, str | None] = {}
    for entry in group.rows("book_entries", status="approved"):
        stores = entry["db_ids"]
        assert isinstance(stores, tuple)
        for store in stores:
            told.setdefault(store, str(entry["access_group"]))
    return told | {"DB-WIKI": None}
