"""Planted in what the companies use together: TPP-04."""

from dataclasses import replace
from datetime import date

from demo.book import count, entry
from demo.days import DAY, OPEN_END, ago, at
from demo.group import Group
from demo.plan import Plan
from demo.plant_access import waive
from demo.rules import purpose
from demo.shared_use import SEARCH
from demo.systems import register
from demo.values import Account, Cell, Host, Right, Worker

_CONTROL = "TPP-04"
_OLD = "SYS-MEI"  # cards collected until 2015, which only one company may use
_READ, _OWN = "DB-MEI-01", "DB-MEI-02"
_ITEMS = ("氏名", "電話番号", "メールアドレス")
_HISTORY = "取引・商談・接触履歴"
_LAST_OLD, _FIRST_NEW = date(2015, 9, 30), date(2015, 10, 1)
_OF_OLD: dict[str, Cell] = {"collected_from_on": date(2008, 4, 1), "collected_to_on": _LAST_OLD, "scope_ids": ("S2",)}


def plant(group: Group, plan: Plan) -> None:
    """Plant people beyond the scope, items and changes that nobody published, and old records that others read."""
    _scope(group, "S2", "AOI", **{name: value for name, value in _OF_OLD.items() if name != "scope_ids"})
    told: dict[str, Cell] = {"name": "旧名刺台帳", "holds_personal_data": False, "shared_use_scope": "S2"}
    register(group, Host(_OLD, "AOI", "AOI-SAL", None, "none", (_READ, _OWN), fields=told))
    for store in (_READ, _OWN):
        count(group, store, ago(300))
    _accounts(group, plan)
    _entries(group, plan)
    _old_records(group, plan)
    _published(group, plan)
    _changes(group, plan)


def _scope(group: Group, scope: str, company: str, **fields: Cell) -> None:
    """Write a published scope of a company, in force for ever; fields override."""
    row: dict[str, Cell] = {
        "scope_id": scope,
        "scope_version": "1",
        "company": company,
        "items": _ITEMS,
        "purposes": (purpose(company, "09"),),
        "manager_complete": True,
        "collected_from_on": _FIRST_NEW,
        "collected_to_on": OPEN_END,
        "change_basis": None,
        "valid_from_on": date(2020, 4, 1),
        "valid_to_on": OPEN_END,
    }
    group.add("shared_use_scopes", **(row | fields))


def _holds(group: Group, worker: Worker, store: str, *, enabled: bool = True) -> str:
    """Give somebody an account of the old register with a right on one of its stores; the login."""
    login = group.login(worker, _OLD)
    group.rights.append(Right(_OLD, login, "閲覧", store, "GRP-AOI-SAL", enabled=enabled))
    return login


def _accounts(group: Group, plan: Plan) -> None:
    def fault(system: str, login: str, kind: str, note: str) -> str:
        key = plan.account(system, login)
        plan.fault(_CONTROL, "AOI", key, kind, note, aspect=f"account:{system}")
        return key

    def near(system: str, login: str, kind: str, note: str) -> None:
        plan.near(_CONTROL, "AOI", plan.account(system, login), kind, note, aspect=f"account:{system}")

    stranger = _holds(group, group.take("MID", "MID-OPS"), _READ)
    fault(_OLD, stranger, "of a company outside the scope", "旧範囲に含まれない会社の社員のID")
    guest = _holds(group, group.take("MID", "MID-SUP"), _OWN, enabled=False)
    key = fault(_OLD, guest, "of another company, waived", "範囲外の会社の社員のID(例外承認あり)")
    waive(group, _CONTROL, "AOI", key, "移行作業のため4月10日まで")
    group.accounts[SEARCH, "card-old"] = Account(SEARCH, "card-old", created_on=date(2024, 4, 1))
    key = fault(SEARCH, "card-old", "of nobody", "利用者の分からないID")
    plan.fault("TEC-2-01", "AOI", key, "of nobody", "共同利用の入口に所有者のないID", aspect="account")
    near(SEARCH, group.login(group.take("MID", "MID-OPS"), SEARCH), "of the other company", "範囲に含まれる会社の社員")
    near(_OLD, _holds(group, group.take("AOI", "AOI-SAL"), _OWN), "of the one company", "旧範囲の会社の社員")
    gone = group.login(group.take("MID", "MID-OPS"), _OLD)
    group.accounts[_OLD, gone] = replace(group.accounts[_OLD, gone], enabled=False, disabled_at=at(ago(20), 9))
    near(_OLD, gone, "disabled", "停止済の範囲外の会社の社員のID")


def _entry(group: Group, company: str, name: str, **fields: Cell) -> str:
    """Write an entry about business partners; the number."""
    department, system = ("AOI-SAL", "SYS-CRM") if company == "AOI" else ("MID-OPS", "SYS-WMS")
    told: dict[str, Cell] = {"system_ids": (system,), "items": _ITEMS}
    return str(entry(group, company, department, name, "取引先管理", "取引先役職員", **(told | fields))["entry_id"])


def _entries(group: Group, plan: Plan) -> None:
    number = _entry(group, "AOI", "名刺検索の元帳", system_ids=(SEARCH,), items=("氏名", "生年月日"))
    note = "共同利用システムに公表していない項目(生年月日)"
    plan.fault(_CONTROL, "AOI", number, "an item that is not published", note, aspect="entry:S1")
    number = _entry(
        group, "MID", "取引先名刺", scope_ids=("S2",), **{k: v for k, v in _OF_OLD.items() if k != "scope_ids"}
    )
    note = "自社が含まれない範囲で共同利用"
    plan.fault(_CONTROL, "MID", number, "scope of another company", note, aspect="entry:S2")
    plan.fault("ORG-3-02", "MID", number, "BK-10", note)
    number = _entry(
        group, "MID", "商談履歴付き名刺", scope_ids=("S1",), items=(*_ITEMS, _HISTORY), collected_from_on=_FIRST_NEW
    )
    note = "2015年10月1日以後の記録の履歴は公表した項目"
    plan.near(_CONTROL, "MID", number, "history of new records", note, aspect="entry:S1")
    plan.near(_CONTROL, "MID", number, "history of new records", note, aspect="old_record")


def _old_records(group: Group, plan: Plan) -> None:
    aspect = "old_record"
    number = _entry(group, "AOI", "旧名刺(履歴付き)", **(_OF_OLD | {"items": (*_ITEMS, _HISTORY)}))
    note = "2015年9月30日以前の記録に履歴の項目"
    plan.fault(_CONTROL, "AOI", number, "old record with history", note, aspect=aspect)
    plan.fault(_CONTROL, "AOI", number, "old record with history", note, aspect="entry:S2")
    plan.fault("ORG-3-02", "AOI", number, "BK-10", "履歴は旧範囲で公表した項目でない")
    number = _entry(group, "AOI", "旧名刺(本社)", system_ids=(_OLD,), db_ids=(_READ,), **_OF_OLD)
    note = "旧範囲の記録を他社の社員が読める"
    plan.fault(_CONTROL, "AOI", number, "read by another company", note, aspect=aspect)
    number = _entry(group, "AOI", "旧名刺(支店)", system_ids=(_OLD,), db_ids=(_OWN,), **_OF_OLD)
    note = "他社の社員の権限は無効"
    plan.near(_CONTROL, "AOI", number, "read by nobody else", note, aspect=aspect)
    from_last: dict[str, Cell] = {"scope_ids": ("S1",), "collected_from_on": _FIRST_NEW, "items": ("氏名", _HISTORY)}
    number = _entry(group, "AOI", "名刺(2015年10月から)", **from_last)
    note = "2015年10月1日からの記録の履歴"
    plan.near(_CONTROL, "AOI", number, "collected a day later", note, aspect=aspect)


def _published(group: Group, plan: Plan) -> None:
    aspect = "published"
    _scope(group, "S3", "AOI", manager_complete=False)
    note = "管理責任者の住所・代表者の公表がない"
    plan.fault(_CONTROL, "AOI", "S3", "manager incomplete", note, aspect=aspect)
    group.row("document_elements", company="MID", element="範囲")["confirmed_by"] = None
    note = "範囲の記載を誰も確認していない"
    plan.fault(_CONTROL, "MID", "S1", "an element that nobody confirmed", note, aspect=aspect)
    plan.near(_CONTROL, "AOI", "S1", "published whole", "すべての要素を公表", aspect=aspect)


def _changes(group: Group, plan: Plan) -> None:
    aspect, today = "scope_change", date(2025, 10, 1)

    def changed(scope: str, **fields: Cell) -> None:
        _scope(group, scope, "AOI", valid_to_on=today - DAY)
        _scope(group, scope, "AOI", scope_version="2", valid_from_on=today, **fields)

    more = (*_ITEMS, _HISTORY)
    changed("S4", items=more)
    note = "同意・承継の根拠なく項目を追加"
    plan.fault(_CONTROL, "AOI", "S4", "more items without basis", note, aspect=aspect)
    changed("S5", items=more, change_basis="consent")
    plan.near(_CONTROL, "AOI", "S5", "more items by consent", "同意に基づく項目の追加", aspect=aspect)
    changed("S6")
    plan.near(_CONTROL, "AOI", "S6", "published again", "同じ項目の再公表は変更でない", aspect=aspect)
    note = "範囲を確認していない告知の共同利用"
    for scope, basis in (("S3", None), ("S4", "succession")):
        _scope(group, scope, "MID", valid_from_on=today, change_basis=basis)
        plan.fault(_CONTROL, "MID", scope, "an element that nobody confirmed", note, aspect="published")
    plan.fault(_CONTROL, "MID", "S3", "joined without basis", "根拠なく後から参加した会社", aspect=aspect)
    plan.near(_CONTROL, "MID", "S4", "joined by succession", "承継により後から参加した会社", aspect=aspect)
