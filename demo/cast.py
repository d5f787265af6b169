"""People who play several parts: the smaller company has too few for one each, and their parts do not touch."""

from demo.group import Group
from demo.values import Worker

_FROM = {"AOI": "AOI-SAL", "MID": "MID-ADM"}


def guest(group: Group, company: str, name: str) -> Worker:
    """Somebody without everyday access, the same for the same name; no manager and no administrator of anything."""
    if (company, name) not in group.cast:
        worker = group.take(company, _FROM[company])
        group.silent.add(worker.no)
        group.cast[company, name] = worker.no
    return group.engagement(group.cast[company, name], company)
