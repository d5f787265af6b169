"""What happens in systems and with machines."""

from dataclasses import replace
from datetime import date

from demo import systems
from demo.days import at
from demo.values_security import Vulnerability
from tests.year.happenings import (
    approve_output,
    be_away,
    change_machine,
    publish,
    put_out,
    set_account,
    set_up,
    stick,
    unstick,
    use,
)
from tests.year.story import Story, life, on, when
from tests.year.world import World

BUCKET = "arn:aws:s3:::aoi-analysis"


def stories(w: World) -> list[Story]:
    """Stories of accounts, outputs, machines and what is set up."""
    return [*_accounts(w), *_outputs(w), *_machines(w), *_waived(w), *_weekly(w)]


def _accounts(w: World) -> list[Story]:
    weak, last, login = w.staff("MID-OPS", 3), w.staff("AOI-CSC", 7), "batch-wms"
    weak_login, last_login = f"u{weak[1:]}", f"u{last[1:]}"
    manager, deputy = w.post("MID-OPS", "dept_privacy_manager"), w.post("MID-OPS", "deputy")
    w.group.accounts["SYS-WMS", login] = replace(w.group.accounts["SYS-WMS", login], expires_on=on("12-15"))
    w.neglected.add(login)
    return [
        Story(
            "An account works without a second factor while the manager of its department is away",
            [
                when("04-09", lambda d: set_account(d.world, "SYS-WMS", weak_login, mfa=False)),
                when(
                    "04-13",
                    lambda d: be_away(d.world, d.world.no("MID-OPS", "dept_privacy_manager"), on("04-13"), on("04-19")),
                ),
                when("04-21", lambda d: set_account(d.world, "SYS-WMS", weak_login, mfa=True)),
            ],
            [
                life(
                    "TEC-2-02",
                    "MID",
                    w.account(weak, "SYS-WMS"),
                    "04-09 opened, 04-21 closed",
                    aspect="account",
                    _0410=manager,
                    _0414=deputy,
                    _0421=manager,
                )
            ],
        ),
        Story(
            "The registration of a service account runs out before it is renewed",
            [when("12-21", lambda d: set_account(d.world, "SYS-WMS", login, expires_on=date(2027, 12, 15)))],
            [life("TEC-2-01", "MID", w.plan.account("SYS-WMS", login), "12-16 opened, 12-21 closed", aspect="account")],
        ),
        Story(
            "On the last day of the year an account loses its second factor",
            [when("03-31", lambda d: set_account(d.world, "SYS-CRM", last_login, mfa=False))],
            [life("TEC-2-02", "AOI", w.account(last, "SYS-CRM"), "03-31 opened", aspect="account")],
        ),
    ]


def _outputs(w: World) -> list[Story]:
    late, bare = w.staff("AOI-CSC", 4), w.staff("MID-OPS", 0)
    return [
        Story(
            "An approval that was given in time is entered six days after the output: the evidence is corrected",
            [
                when("04-14", lambda d: put_out(d.world, late, "SYS-CRM", at(on("04-14"), 11), "E-0414", 1200)),
                when("04-20", lambda d: approve_output(d.world, late, "SYS-CRM", at(on("04-13"), 15))),
            ],
            [life("ORG-2-04", "AOI", "E-0414", "04-14 opened of 04-14, 04-20 gone of 04-14, 04-20 closed")],
        ),
        Story(
            "An output that nobody approved is answered for",
            [
                when("05-18", lambda d: put_out(d.world, bare, "SYS-WMS", at(on("05-18"), 11), "E-0518", 1500)),
                when("05-20", lambda d: d.act("acknowledged", "ORG-2-04", "MID", "E-0518", by="MID-OPS manager")),
                when(
                    "05-22",
                    lambda d: d.is_refused(
                        lambda: d.dispose("ORG-2-04", "MID", "E-0518", by="MID cpo", approver="MID-OPS manager")
                    ),
                ),
                when(
                    "05-25", lambda d: d.dispose("ORG-2-04", "MID", "E-0518", by="MID-OPS manager", approver="MID cpo")
                ),
            ],
            [life("ORG-2-04", "MID", "E-0518", "05-18 opened of 05-18, 05-20 acknowledged, 05-25 disposed")],
        ),
        Story(
            "An approval is entered when its month is closed: the month is restated, and says why",
            [
                when("11-20", lambda d: put_out(d.world, bare, "SYS-WMS", at(on("11-20"), 11), "E-1120", 1800)),
                when("12-14", lambda d: approve_output(d.world, bare, "SYS-WMS", at(on("11-19"), 15))),
            ],
            [life("ORG-2-04", "MID", "E-1120", "11-20 opened of 11-20, 12-14 gone of 11-20, 12-14 closed")],
            restates=[("MID", on("11-30"), "ORG-2-04 by approvals")],
        ),
        Story(
            "Another one never is",
            [when("07-15", lambda d: put_out(d.world, bare, "SYS-WMS", at(on("07-15"), 11), "E-0715", 2500))],
            [life("ORG-2-04", "MID", "E-0715", "07-15 opened of 07-15")],
        ),
    ]


def _machines(w: World) -> list[Story]:
    quiet, guest, unseen = w.staff("AOI-MKT", 4), w.staff("MID-OPS", 4), w.staff("MID-SUP", 4)
    fleet = [w.staff("MID-OPS", n) for n in range(5, 27)]
    scrap = "DV-655555"

    def update(d: object) -> None:
        for no in fleet:
            stick(w, no, "agent_ago", on("09-01"))

    def mend(d: object) -> None:
        for no in fleet:
            unstick(w, no, "agent_ago")

    def scrapped(d: object) -> None:
        systems.machine(
            w.group,
            "655555",
            "AOI",
            "AOI-ADM",
            portable=False,
            status="disposed",
            changed_at=at(on("07-13"), 17),
            verified_ago=None,
        )

    return [
        Story(
            "A protection agent stops, is said to be mended and is not, then is; and stops again two months later",
            [
                when("04-06", lambda d: stick(d.world, quiet, "agent_ago", on("04-06"))),
                when("04-15", lambda d: d.act("acknowledged", "TEC-3-01", "AOI", w.machine(quiet), by="AOI-MKT manager")),
                when("04-16", lambda d: d.act("corrected", "TEC-3-01", "AOI", w.machine(quiet), by="AOI-MKT manager")),
                when("04-20", lambda d: unstick(d.world, quiet, "agent_ago")),
                when("06-20", lambda d: stick(d.world, quiet, "agent_ago", on("06-20"))),
                when("07-02", lambda d: unstick(d.world, quiet, "agent_ago")),
            ],
            [
                life(
                    "TEC-3-01", "AOI", w.machine(quiet),
                    "04-14 opened, 04-15 acknowledged, 04-16 corrected, 04-17 refuted, 04-20 closed, 06-28 regressed 69 clean, 07-02 closed",
                )
            ],
        ),
        Story(
            "A new machine is used before it stands in the inventory: when it does, nothing is left of it",
            [
                when("04-13", lambda d: use(d.world, guest, "SYS-WMS", at(on("04-13"), 11), host="PC-777777")),
                when("04-15", lambda d: use(d.world, guest, "SYS-WMS", at(on("04-15"), 11), host="PC-777777")),
                when("04-21", lambda d: systems.machine(d.world.group, "777777", "MID", "MID-OPS", owner=guest)),
            ],
            [
                life(
                    "PHY-2-02", "MID", w.plan.device("PC-777777"),
                    "04-13 opened of 04-13, 04-15 found of 04-15, 04-21 gone of 04-13, 04-21 gone of 04-15, 04-21 closed",
                )
            ],
        ),
        Story(
            f"An update stops the agents of {len(fleet)} machines at once: held, looked at, released, mended",
            [
                when("09-01", update),
                when("09-10", lambda d: d.release("mass:TEC-3-01:MID:2026-09-09", by="MID cpo")),
                when("09-14", mend),
            ],
            [life("TEC-3-01", "MID", w.machine(no), "09-09 opened mass, 09-10 released, 09-14 closed") for no in fleet],
        ),
        Story(
            "A machine is scrapped nine days before anybody writes it down",
            [
                when("07-13", scrapped),
                when("07-22", lambda d: d.world.write("disposals", **(d.world.row("disposals", company="AOI") | {"disposal_id": "DP-0722", "device_id": scrap, "serial": "SN655555", "done_on": on("07-13")}))),
            ],
            [life("PHY-4-01", "AOI", scrap, "07-13 opened, 07-22 closed", aspect="device")],
        ),
        Story(
            "Nobody has seen a machine for more than thirty days",
            [
                when("08-10", lambda d: stick(d.world, unseen, "seen_ago", on("08-10"))),
                when("09-16", lambda d: unstick(d.world, unseen, "seen_ago")),
            ],
            [life("PHY-2-03", "MID", w.machine(unseen), "09-13 opened, 09-20 closed")],
        ),
    ]  # fmt: skip


def _waived(w: World) -> list[Story]:
    old, odd = w.portable("AOI-MKT"), w.portable("MID-OPS")
    return [
        Story(
            "A machine cannot be encrypted until July: the waiver expires, and it counts again the day after",
            [
                when("05-07", lambda d: change_machine(d.world, old, encryption="off")),
                when("05-08", lambda d: d.waive("PHY-3-01", "AOI", w.machine(old), "device", by="AOI-MKT deputy", approver="AOI cpo", until=on("06-30"))),
                when("07-06", lambda d: change_machine(d.world, old, encryption="on")),
            ],
            [
                life(
                    "PHY-3-01", "AOI", w.machine(old), "05-07 opened, 05-08 waived 2026-06-30, 07-06 closed", aspect="device",
                    _0601="waived until 06-30", _0701=w.post("AOI-MKT", "dept_privacy_manager"),
                )
            ],
        ),
        Story(
            "Another waiver is ended early, and what it covered is late at once",
            [
                when("05-11", lambda d: change_machine(d.world, odd, encryption="off")),
                when("05-12", lambda d: d.waive("PHY-3-01", "MID", w.machine(odd), "device", by="MID-OPS deputy", approver="MID cpo", until=on("03-31"))),
                when("08-03", lambda d: d.unwaive("PHY-3-01", "MID", w.machine(odd), "device", by="MID-OPS deputy")),
                when("08-10", lambda d: change_machine(d.world, odd, encryption="on")),
            ],
            [life("PHY-3-01", "MID", w.machine(odd), "05-11 opened, 05-12 waived 2027-03-31, 08-03 unwaived, 08-10 closed", aspect="device")],
            restates=[("MID", on("06-30"), "PHY-3-01 by waivers")],
        ),
    ]  # fmt: skip


def _weekly(w: World) -> list[Story]:
    holed = w.machine(w.staff("AOI-SYS", 4))
    key = "VUL-YEAR-01"

    def scanned(d: object) -> None:
        w.group.vulnerabilities.append(Vulnerability(key, "AOI", "AOI-SYS", holed, None, "critical", on("06-02")))

    def patched(d: object) -> None:
        w.group.vulnerabilities = [
            replace(v, fixed_on=on("06-24")) if v.id == key else v for v in w.group.vulnerabilities
        ]

    return [
        Story(
            "A critical weakness is mended on the 22nd day instead of the 14th",
            [when("06-02", scanned), when("06-24", patched)],
            [
                life("TEC-3-02", "AOI", key, "06-21 opened, 06-28 closed", aspect="vulnerability"),
                life("TEC-3-02", "AOI", key, "06-28 opened of 06-24", aspect="late"),
            ],
        ),
        Story(
            "A bucket is open to everybody for eight days, as the weekly export tells",
            [
                when("05-12", lambda d: publish(d.world, BUCKET, public=True)),
                when("05-20", lambda d: publish(d.world, BUCKET, public=False)),
            ],
            [life("TEC-4-05", "AOI", BUCKET, "05-17 opened, 05-24 closed")],
        ),
        Story(
            "A system lets twenty wrong passwords pass",
            [
                when("10-05", lambda d: set_up(d.world, "SYS-WMS", "lock_after", 20)),
                when("11-16", lambda d: set_up(d.world, "SYS-WMS", "lock_after", 5)),
            ],
            [life("TEC-2-03", "MID", "SYS-WMS", "10-31 opened @11-04, 11-30 closed", aspect="setting:lock_after")],
        ),
    ]
