"""What both companies use together: a search that members of the group share, and what the notice says of it."""

from demo.group import COMPANIES, Group
from demo.published import state
from demo.systems import register
from demo.values import Cell, Host

SEARCH = "SYS-CARD"
STATED = ("旨", "項目", "範囲", "目的", "責任者名称・住所・代表者")


def build(group: Group) -> None:
    """Open the shared search to people of both companies and let both notices tell all that must be told of it."""
    told: dict[str, Cell] = {"name": "グループ名刺検索(入口)", "holds_personal_data": False, "shared_use_scope": "S1"}
    register(group, Host(SEARCH, "AOI", "AOI-SAL", None, "none", fields=told))
    for company in COMPANIES:
        for element in STATED:
            state(group, company, element, "2-4", "記載あり")
        for post in ("cpo", "audit_officer"):
            group.login(group.engagement(group.posts[company, post]), SEARCH)
