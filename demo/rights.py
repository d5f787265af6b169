"""Who may reach which store: everyday rights, given with the group that the management book names."""

from demo.group import Group
from demo.values import Right


def build(group: Group) -> None:
    """Give every personal account a right on each store of its system, after all accounts are there."""
    planted = {(right.system, right.login) for right in group.rights}
    groups = _groups(group)
    for (system, login), account in sorted(group.accounts.items()):
        if account.kind == "個人" and (system, login) not in planted:
            stores = [store for store in group.hosts[system].stores if store in groups]
            group.rights += [Right(system, login, "利用", store, groups[store]) for store in stores]


def _groups(group: Group) -> dict[str, str | None]:
    """The group of each store that the book knows; who uses the portal is in none, it holds nothing to handle."""
    told: dict[str, str | None] = {}
    for entry in group.rows("book_entries", status="approved"):
        stores = entry["db_ids"]
        assert isinstance(stores, tuple)
        for store in stores:
            told.setdefault(store, str(entry["access_group"]))
    return told | {"DB-WIKI": None}
