"""What happens to people in the year: they come, learn, sign, move, are away and leave."""

from datetime import date

from demo.days import at
from tests.year.happenings import (
    be_away,
    end_post,
    hire,
    learn,
    leave,
    move,
    pledge,
    succeed,
    trained_last,
    use,
)
from tests.year.story import Story, life, on, when
from tests.year.world import World


def stories(w: World) -> list[Story]:
    """Stories of people; the first lines say who plays which part."""
    return [*_leavers(w), *_newcomers(w), *_learners(w), *_posts(w)]


def _leavers(w: World) -> list[Story]:
    slow, posted, silent = w.staff("AOI-SAL", 3), w.staff("MID-OPS", 2), w.staff("AOI-MKT", 3)
    gone, steady = w.staff("MID-OPS", 1), w.engagement
    w.idle.add(gone)
    return [
        Story(
            "A seller leaves on a Friday; the account, due on Monday, is disabled on Wednesday",
            [
                when("04-10", lambda d: leave(d.world, slow, on("04-10"), disabled=at(on("04-15"), 17))),
                when(
                    "04-17",
                    lambda d: d.dispose(
                        "TEC-1-03", "AOI", steady(slow), "late", by="AOI-SAL manager", approver="AOI cpo"
                    ),
                ),
                when(
                    "04-17",
                    lambda d: d.dispose(
                        "HUM-06", "AOI", steady(slow), "late", by="AOI-SAL manager", approver="AOI cpo"
                    ),
                ),
            ],
            [
                life("TEC-1-03", "AOI", steady(slow), "04-14 opened, 04-15 closed", aspect="account"),
                life("TEC-1-03", "AOI", steady(slow), "04-15 opened of 04-15, 04-17 disposed", aspect="late"),
                life("HUM-06", "AOI", steady(slow), "04-14 opened, 04-15 closed", aspect="account"),
                life("HUM-06", "AOI", steady(slow), "04-15 opened of 04-15, 04-17 disposed", aspect="late"),
                life("TEC-2-01", "AOI", w.account(slow, "SYS-CRM"), "04-11 opened, 04-15 closed", aspect="account"),
            ],
        ),
        Story(
            "Personnel posts a leaving nine days late: what the account did meanwhile was done after leaving",
            [
                when(
                    "04-07",
                    lambda d: leave(d.world, posted, on("04-07"), disabled=at(on("04-16"), 17), posted_on=on("04-16")),
                ),
                when(
                    "04-09",
                    lambda d: use(
                        d.world,
                        posted,
                        "SYS-WMS",
                        at(on("04-09"), 11),
                        action="login_ok",
                        store=None,
                        rows=None,
                        host="sv-wms",
                    ),
                ),
                when(
                    "06-01",
                    lambda d: d.dispose(
                        "TEC-1-03", "MID", steady(posted), "used", by="MID-OPS manager", approver="MID cpo"
                    ),
                ),
            ],
            [
                life("TEC-1-03", "MID", steady(posted), "04-16 opened of 04-09, 06-01 disposed", aspect="used"),
                life("TEC-1-03", "MID", steady(posted), "04-16 opened of 04-16", aspect="late"),
                life("TEC-2-01", "MID", w.account(posted, "SYS-WMS"), "04-16 opened of 04-09", aspect="seen"),
            ],
        ),
        Story(
            "A marketer leaves and signs the exit pledge three days after the due day",
            [
                when("04-17", lambda d: leave(d.world, silent, on("04-17"), signs=False)),
                when("04-23", lambda d: pledge(d.world, silent, on("04-23"), "exit_pledged")),
            ],
            [
                life("HUM-06", "AOI", steady(silent), "04-21 opened, 04-23 closed", aspect="exit_pledge"),
                life("HUM-06", "AOI", steady(silent), "04-23 opened of 04-23", aspect="late"),
            ],
        ),
        Story(
            "Somebody is missing from the roster for three days without having left",
            [
                when("08-18", lambda d: d.world.vanished.add(gone)),
                when("08-21", lambda d: d.world.vanished.remove(gone)),
            ],
            [
                life("TEC-1-03", "MID", steady(gone), "08-18 opened, 08-21 closed", aspect="roster"),
                life("TEC-2-01", "MID", w.account(gone, "SYS-WMS"), "08-18 opened, 08-21 closed", aspect="account"),
            ],
        ),
    ]


def _newcomers(w: World) -> list[Story]:
    early, told_late, slow, unsigned, forgot = "G500001", "G500002", "G500003", "G500004", "G500005"
    return [
        Story(
            "A newcomer touches personal data two days before the onboarding course",
            [
                when("04-13", lambda d: hire(d.world, early, "MID-OPS", on("04-13"), onboarded=None)),
                when("04-15", lambda d: use(d.world, early, "SYS-WMS", at(on("04-15"), 11))),
                when("04-17", lambda d: learn(d.world, d.world.group.engagement(early), on("04-17"), "入社時")),
                when("04-24", lambda d: learn(d.world, d.world.group.engagement(early), on("04-24"))),
            ],
            [
                life("HUM-03", "MID", w.person(early), "04-15 opened of 04-15"),
                life("HUM-02", "MID", w.person(early), "04-15 opened, 04-17 closed", aspect="onboarding"),
                life("HUM-02", "MID", w.person(early), "04-17 opened of 04-17", aspect="late"),
            ],
        ),
        Story(
            "Another one was onboarded in time, which the learning system tells six days late: the evidence is corrected",
            [
                when("04-06", lambda d: hire(d.world, told_late, "AOI-SAL", on("04-06"), onboarded=None)),
                when("04-09", lambda d: use(d.world, told_late, "SYS-CRM", at(on("04-09"), 11))),
                when("04-14", lambda d: learn(d.world, d.world.group.engagement(told_late), on("04-08"), "入社時")),
                when("04-24", lambda d: learn(d.world, d.world.group.engagement(told_late), on("04-24"))),
            ],
            [
                life("HUM-03", "AOI", w.person(told_late), "04-09 opened of 04-09, 04-14 gone of 04-09, 04-14 closed"),
                life("HUM-02", "AOI", w.person(told_late), "04-09 opened, 04-14 closed", aspect="onboarding"),
            ],
        ),
        Story(
            "A newcomer takes the onboarding course on the 36th day",
            [
                when("04-06", lambda d: hire(d.world, slow, "AOI-CSC", on("04-06"), onboarded=None)),
                when("05-12", lambda d: learn(d.world, d.world.group.engagement(slow), on("05-12"), "入社時")),
                when("05-12", lambda d: learn(d.world, d.world.group.engagement(slow), on("05-12"))),
            ],
            [
                life("HUM-02", "AOI", w.person(slow), "05-07 opened, 05-12 closed", aspect="onboarding"),
                life("HUM-02", "AOI", w.person(slow), "05-12 opened of 05-12", aspect="late"),
            ],
        ),
        Story(
            "A newcomer signs the pledge eighteen days after the hire, between two monthly checks",
            [
                when("05-07", lambda d: hire(d.world, unsigned, "AOI-SAL", on("05-07"), pledged=None)),
                when("05-25", lambda d: pledge(d.world, unsigned, on("05-25"))),
                when("05-25", lambda d: learn(d.world, d.world.group.engagement(unsigned), on("05-25"))),
                when(
                    "06-08",
                    lambda d: d.dispose(
                        "HUM-05", "AOI", w.person(unsigned), "late", by="AOI-SAL manager", approver="AOI representative"
                    ),
                ),
            ],
            [life("HUM-05", "AOI", w.person(unsigned), "05-31 opened of 05-25, 06-08 disposed", aspect="late")],
        ),
        Story(
            "Another one signs after a monthly check has found it: the state closes, that it was late stays",
            [
                when("06-08", lambda d: hire(d.world, forgot, "MID-OPS", on("06-08"), pledged=None)),
                when("06-22", lambda d: learn(d.world, d.world.group.engagement(forgot), on("06-22"))),
                when("07-03", lambda d: pledge(d.world, forgot, on("07-03"))),
            ],
            [
                life("HUM-05", "MID", w.person(forgot), "06-30 opened, 07-31 closed", aspect="pledge"),
                life("HUM-05", "MID", w.person(forgot), "07-31 opened of 07-03", aspect="late"),
            ],
        ),
    ]


def _learners(w: World) -> list[Story]:
    mover, back = w.staff("AOI-CSC", 5), w.staff("AOI-MKT", 5)
    half = w.campaign
    lost, found = frozenset(half[:21]), half[21:]
    for no in half:
        trained_last(w, no, date(2025, 7, 6))
    trained_last(w, mover, date(2025, 6, 10))

    def taught(d: object) -> None:
        for no in half:
            learn(w, w.group.engagement(no), on("06-11"), told=no not in lost)

    def told_again(d: object) -> None:
        w.taken += [t for t in w.group.training if t.no in lost and t.on == on("06-11")]

    return [
        Story(
            "An annual course lapses; its owner moves to another department and takes it two months later",
            [
                when("07-16", lambda d: move(d.world, mover, "AOI-MKT", on("07-16"))),
                when("08-05", lambda d: learn(d.world, d.world.group.engagement(mover), on("08-05"))),
            ],
            [life("HUM-01", "AOI", w.person(mover), "06-30 opened, 07-31 found, 08-31 closed", _0702=w.post("AOI-CSC", "dept_privacy_manager"))],
        ),
        Story(
            f"Two departments take the course; of the export {len(lost)} rows are lost and {len(found)} come: held until the source is right again",
            [when("06-11", taught), when("08-04", told_again)],
            [life("HUM-01", "AOI", w.person(no), "07-31 opened mass, 07-31 closed @08-07") for no in lost],
        ),
        Story(
            "Somebody is back from a long illness and takes the returner's course on the 19th day",
            [
                when("06-01", lambda d: be_away(d.world, back, on("06-01"), on("07-31"), "傷病")),
                when("08-19", lambda d: learn(d.world, d.world.group.engagement(back), on("08-19"), "復職")),
                when("08-24", lambda d: d.act("assigned", "HUM-02", "AOI", w.person(back), "late", by="AOI cpo", reason=w.post("AOI-MKT", "deputy"))),
            ],
            [
                life("HUM-02", "AOI", w.person(back), "08-15 opened, 08-19 closed", aspect="returner"),
                life(
                    "HUM-02", "AOI", w.person(back), f"08-19 opened of 08-19, 08-24 assigned {w.post('AOI-MKT', 'deputy')}", aspect="late",
                    _0821=w.post("AOI-MKT", "dept_privacy_manager"), _0826=w.post("AOI-MKT", "deputy"),
                ),
            ],
        ),
    ]  # fmt: skip


def _posts(w: World) -> list[Story]:
    boss, deputy, heir = w.no("AOI-SAL", "dept_privacy_manager"), w.no("AOI-SAL", "deputy"), w.staff("AOI-SAL", 6)
    pupil, auditor = w.staff("AOI-SAL", 7), w.staff("AOI-ADM", 3)
    trained_last(w, pupil, date(2025, 8, 1))
    w.idle |= {boss, heir}
    return [
        Story(
            "The manager of a department leaves; the deputy stands in until a successor is appointed",
            [
                when("08-31", lambda d: leave(d.world, boss, on("08-31"))),
                when("08-31", lambda d: end_post(d.world, ("AOI-SAL", "dept_privacy_manager"), on("08-31"))),
                when("09-14", lambda d: succeed(d.world, ("AOI-SAL", "dept_privacy_manager"), heir, on("09-14"))),
                when("09-28", lambda d: learn(d.world, d.world.group.engagement(pupil), on("09-28"))),
            ],
            [
                life(
                    "HUM-01", "AOI", w.person(pupil), "08-31 opened, 09-30 closed",
                    _0901=w.person(deputy), _0907=w.person(deputy), _0916=w.person(heir),
                )
            ],
        ),
        Story(
            "Nobody heads the audit of a company in September",
            [
                when("08-28", lambda d: end_post(d.world, ("AOI", "audit_officer"), on("08-31"))),
                when("10-05", lambda d: succeed(d.world, ("AOI", "audit_officer"), auditor, on("10-05"))),
            ],
            [
                life("ORG-1-01", "AOI", "AOI", "09-30 opened, 10-31 closed @11-04", aspect="audit_officer"),
            ],
        ),
    ]  # fmt: skip
