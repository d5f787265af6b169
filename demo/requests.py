"""What outsiders ask for and what becomes of it: requests, their papers, stops that hold; all in order."""

from datetime import date, datetime, timedelta

from demo.days import AS_OF, SINCE, ago, at
from demo.group import COMPANIES, WEEK, Group
from demo.keeping import DESK, erase, request
from demo.values import Cell
from demo.values_subjects import Use

SENDER = {"AOI": "SYS-MKT", "MID": "SYS-SUP"}
ANSWERED_AFTER = timedelta(days=4)
UNDECIDED: dict[str, Cell] = {
    "decision": None,
    "decided_on": None,
    "approved_by": None,
    "responded_on": None,
    "disclosed_at": None,
    "closed_on": None,
}
REFUSED: dict[str, Cell] = {
    "decision": "refused",
    "refusal_ground": "G7",
    "reason_sent": True,
    "disclosed_at": None,
    "closed_on": None,
}
PAPERS: dict[str, Cell] = {
    "channel": "post",
    "documents_received": True,
    "documents": ("photo_id",),
    "documents_masked": True,
}


def build(group: Group) -> None:
    """Let outsiders ask both companies for all that the law gives them, and mail those who did not stop it."""
    for company in COMPANIES:
        officer = group.posts[company, "cpo"]
        for days, action in (
            (50, "disclose"),
            (45, "notice_purpose"),
            (40, "correct"),
            (30, "disclose_provision_record"),
        ):
            ask(group, company, action, ago(days))
        ask(group, company, "correct", ago(28), **(REFUSED | {"refusal_ground": "H1", "second_reviewer_key": officer}))
        partly = {"decision": "partly", "refusal_ground": "G2", "second_reviewer_key": officer}
        ask(group, company, "disclose", ago(26), **(REFUSED | partly))
        _with_papers(group, company)
        for action, days in (("stop_use", 70), ("stop_provision", 80)):
            stopped = stop(group, company, action, ago(days))
            use(group, company, str(stopped["subject_key"]), at(ago(days - 25), 10))
        week = SINCE + WEEK
        while week <= AS_OF:
            use(group, company, group.number("reader", "M-{:05d}"), at(week, 7))
            week += WEEK


def _with_papers(group: Group, company: str) -> None:
    """One request answered, one refused and given up, the papers of both gone on record."""
    disposed: dict[str, Cell] = PAPERS | {"documents_disposed_on": ago(20)}
    for number in (
        ask(group, company, "disclose", ago(48), closed_on=ago(30), **disposed),
        ask(group, company, "disclose", ago(45), **(REFUSED | {"decision": "deemed_no_request"} | disposed)),
    ):
        dispose_papers(group, company, number, ago(20))


def ask(group: Group, company: str, action: str, arrived: date, **fields: Cell) -> str:
    """Write a request that was registered at once and granted on the fourth day; fields override."""
    answered = arrived + ANSWERED_AFTER
    closed = answered + timedelta(days=10)
    told: dict[str, Cell] = {
        "action": action,
        "done_on": None,
        "disclosed_at": at(answered, 11) if action == "disclose" else None,
        "closed_on": closed if closed <= AS_OF else None,
    }
    return request(group, company, answered, **(told | fields))


def stop(group: Group, company: str, action: str, done: date, **fields: Cell) -> dict[str, Cell]:
    """Write a stop that was carried out three weeks after it was asked for; fields override."""
    arrived = done - timedelta(days=21)
    number = ask(group, company, action, arrived, **({"done_on": done, "closed_on": done} | fields))
    if action == "erase":
        erase(group, company, "request", number, done + timedelta(days=1))
    return group.row("requests", request_id=number)


def dispose_papers(group: Group, company: str, number: str, day: date, **fields: Cell) -> None:
    """Write how the papers of a request were disposed of; fields override."""
    told: dict[str, Cell] = {"done_on": day, "method": "溶解処理", "count_before": 2, "confirmed_on": day}
    erase(group, company, "request_documents", number, day, **(told | fields))


def use(
    group: Group, company: str, person: str, moment: datetime, kind: str = "mail", *, exception: str | None = None
) -> Use:
    """Use the data of a person."""
    number = group.number("use", "SU-{:05d}")
    one = Use(number, moment, company, DESK[company], SENDER[company], person, kind, exception)
    group.uses.append(one)
    return one
