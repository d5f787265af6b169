"""What the companies tell the public: the notice, what each of its clauses says, and how its pages were captured."""

from datetime import date, timedelta

from demo.days import AS_OF, OPEN_END, ago, at
from demo.group import COMPANIES, Group
from demo.rules import attest, document
from demo.values import Cell, Page

NOTICE = "NOTICE"
CURRENT = "3.0"
ARTICLE = "27(5)(iii)"
LAST_DAY_ARTICLE = "30(1)"  # in force until the last day of the demo
CAPTURED = tuple(ago(days) for days in range(57, 0, -7))
_ITEMS = {
    "名称": "1",
    "代表者名": "1",
    "全利用目的": "1-2",
    "手続": "3-1",
    "手数料": "3-2",
    "安全管理措置": "4",
    "苦情申出先": "5",
    "認定団体と申出先": "5-2",
    "任意性": "1-3",
    "提供しない場合の結果": "1-3",
    "共同利用": "2-4",
}
_ACTIONS = (
    "notice_purpose",
    "disclose",
    "correct",
    "add",
    "remove",
    "stop_use",
    "erase",
    "stop_provision",
    "disclose_provision_record",
)
_LAW = (
    (ARTICLE, date(2022, 4, 1), OPEN_END, ARTICLE),
    ("32(1)", date(2022, 4, 1), OPEN_END, "32(1)"),
    (LAST_DAY_ARTICLE, date(2022, 4, 1), AS_OF, LAST_DAY_ARTICLE),
    ("23(5)(iii)", date(2017, 5, 30), date(2022, 3, 31), ARTICLE),
)


def build(group: Group) -> None:
    """Publish a policy and a notice for both companies: mapped, read through, and captured every week."""
    for citation, first, last, today in _LAW:
        group.add(
            "legal_references",
            law="APPI",
            citation=citation,
            current_citation=today,
            in_force_from_on=first,
            in_force_to_on=last,
        )
    for company in COMPANIES:
        document(group, company, NOTICE)
        _map(group, company)
        attest(group, company, "POL-03")
        for code in ("POLICY", NOTICE):
            for day in CAPTURED:
                capture(group, company, code, day, text_of(group, company, code))


def text_of(group: Group, company: str, code: str) -> str:
    """The digest of the text in force."""
    return str(group.row("documents", company=company, document_code=code, status="effective")["sha256_normalised"])


def capture(
    group: Group, company: str, code: str, day: date, text: str | None, *, status: int = 200, hour: int = 6
) -> None:
    """Capture the page of a published text."""
    number = group.number("capture", "CP-{:05d}")
    url = f"https://www.{company.lower()}.example/privacy/{code.lower()}"
    group.pages.append(Page(number, company, code, url, at(day, hour), status, text))


def state(group: Group, company: str, element: str, clause: str, value: str | None, **fields: Cell) -> dict[str, Cell]:
    """Write what a clause of the notice says, confirmed by the privacy officer; fields override."""
    row: dict[str, Cell] = {
        "company": company,
        "element_key": group.number("element", "EL-{:04d}"),
        "document_code": NOTICE,
        "document_version": CURRENT,
        "element": element,
        "stage": None,
        "aspect": None,
        "value": value,
        "clause_ref": clause,
        "confirmed_by": group.posts[company, "cpo"],
    }
    return group.add("document_elements", **(row | fields))


def _map(group: Group, company: str) -> None:
    for item, clause in _ITEMS.items():
        state(group, company, item, clause, "記載あり")
    for action in _ACTIONS:
        state(group, company, "請求種別", "3-1", action)
    for article in (ARTICLE, "32(1)"):
        state(group, company, "条番号", "2-4", article)
    state(group, company, "参照", "1-2", "2-4")
    address = str(group.row("companies", company=company)["address"])
    for clause in ("1", "3-1"):
        state(group, company, "住所", clause, address)


def renew(group: Group, company: str, days: int) -> None:
    """Let the notice in force be one that took effect so many days ago."""
    row = group.row("documents", company=company, document_code=NOTICE, status="effective")
    effective = ago(days)
    row |= {
        "approved_on": effective - timedelta(days=5),
        "effective_on": effective,
        "reviewed_on": effective - timedelta(days=5),
    }
