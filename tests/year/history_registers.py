"""What people do too late, or not at all, and write into registers; and the findings that take gaps up."""

from datetime import date

from demo.days import DAY, at
from tests.year.happenings import backdate, change_machine, contract, redo
from tests.year.story import Story, life, on, when
from tests.year.world import World


def stories(w: World) -> list[Story]:
    """Stories of vendors, reviews and findings."""
    return [*_vendors(w), *_reviews(w), *_findings(w)]


def _vendors(w: World) -> list[Story]:
    unaudited, old, ended = w.vendor("AOI", "T2"), w.vendor("MID", "T2"), w.vendor("AOI", "T1")
    clerk = w.post("AOI-ADM", "deputy")
    backdate(w, "vendor_audits", ("performed_on",), date(2025, 5, 20), vendor_id=unaudited)
    backdate(w, "vendor_evaluations", ("approved_on", "evaluated_on"), date(2025, 6, 15), vendor_id=old)
    w.neglected |= {f"vendor_audits {unaudited}", f"vendor_evaluations {old}", f"vendor_contracts {ended}"}
    audits = ("vendor_audits", "audit_id", ("performed_on",))
    return [
        Story(
            "The yearly audit of a vendor is made two months late",
            [when("07-15", lambda d: redo(d.world, *audits, on("07-15"), vendor_id=unaudited))],
            [
                life("VEN-04", "AOI", unaudited, "05-31 opened, 07-31 closed", aspect="vendor"),
            ],
        ),
        Story(
            "A vendor is evaluated again three weeks late",
            [when("07-06", lambda d: redo(d.world, "vendor_evaluations", "evaluation_id", ("approved_on", "evaluated_on"), on("07-06"), vendor_id=old))],
            [
                life("VEN-01", "MID", old, "06-30 opened, 07-31 closed", aspect="evaluation"),
            ],
        ),
        Story(
            "A contract ends and the next one is signed eleven days later; meanwhile somebody is given the gap",
            [
                when("04-02", lambda d: d.world.rewrite("vendor_contracts", {"ends_on": on("05-14")}, vendor_id=ended)),
                when("05-18", lambda d: d.act("assigned", "VEN-02", "AOI", ended, by="AOI cpo", reason=clerk)),
                when("05-25", lambda d: contract(d.world, ended, on("05-15"), date(2028, 5, 14))),
            ],
            [life("VEN-02", "AOI", ended, f"05-15 opened, 05-18 assigned {clerk}, 05-25 closed", _0520=clerk)],
        ),
    ]  # fmt: skip


def _reviews(w: World) -> list[Story]:
    zone = "Z-MID-WRK"
    w.neglected |= {zone, "MID CONTACTS"}

    def looked_at(d: object) -> None:
        for row in w.group.rows("documents", company="MID", document_code="CONTACTS", status="effective"):
            row["reviewed_on"] = on("08-17")
        w.neglected.discard("MID CONTACTS")

    return [
        Story(
            "Nobody looks at a contact tree for more than half a year: the close of July finds it",
            [when("08-17", looked_at)],
            [life("ORG-1-04", "MID", "MID", "07-31 opened @08-07, 08-31 closed @09-07", aspect="contact_tree")],
        ),
        Story(
            "A zone is not walked in time",
            [
                when("06-10", lambda d: redo_patrol(d.world, zone)),
                when("06-10", lambda d: d.world.neglected.discard(zone)),
            ],
            [life("PHY-1-01", "MID", zone, "05-31 opened @06-05, 06-30 closed", aspect="patrol")],
        ),
    ]


def redo_patrol(w: World, zone: str) -> None:
    """Let a zone be walked, good for a quarter."""
    *_, row = w.group.rows("attestations", subject=zone, question="patrol")
    w.write(
        "attestations",
        **(
            row
            | {"attestation_id": "ATT-0610", "answered_at": at(on("06-10"), 11), "expires_on": on("06-10") + 92 * DAY}
        ),
    )


def _findings(w: World) -> list[Story]:
    one, two = w.portable("AOI-SYS"), w.portable("AOI-SYS", 1)

    def bare(d: object) -> None:
        for no in (one, two):
            change_machine(w, no, encryption="off")

    def closed(d: object) -> None:
        for no in (one, two):
            change_machine(w, no, encryption="on")

    gaps = [("PHY-3-01", "AOI", w.machine(no), "device") for no in (one, two)]
    return [
        Story(
            "A finding takes up two gaps: cause, correction, a check by somebody else that it held",
            [
                when("10-12", bare),
                when("10-14", lambda d: d.take_up(*gaps, by="AOI audit_officer")),
                when("10-15", lambda d: d.plan_finding(by="AOI-SYS manager", owner="AOI-SYS manager", due=on("11-12"))),
                when("10-19", closed),
                when("10-20", lambda d: d.complete_finding(by="AOI-SYS manager")),
                when("11-24", lambda d: d.is_refused(lambda: d.verify_finding(by="AOI-SYS manager"))),
                when("11-25", lambda d: d.verify_finding(by="AOI-ADM deputy")),
                when("11-26", lambda d: d.close_finding(by="AOI-ADM deputy")),
            ],
            [life(*g[:3], "10-12 opened, 10-14 taken_up, 10-19 closed", aspect=g[3]) for g in gaps],
        ),
        Story(
            "A finding of an audit is mended seven days after its due day",
            [
                when(
                    "12-01", lambda d: d.world.finding("F-YEAR", "MID", "MID-SUP", raised=on("12-01"), due=on("12-22"))
                ),
                when(
                    "12-28",
                    lambda d: d.world.rewrite(
                        "findings",
                        {"completed_on": on("12-28"), "implemented_by": w.no("MID-SUP", "dept_privacy_manager")},
                        finding_id="F-YEAR",
                    ),
                ),
                when(
                    "02-08",
                    lambda d: d.world.rewrite(
                        "findings",
                        {
                            "verified_on": on("02-08"),
                            "verified_by": w.no("MID", "cpo"),
                            "effective": True,
                            "closed_on": on("02-08"),
                        },
                        finding_id="F-YEAR",
                    ),
                ),
            ],
            [
                life("ORG-5-04", "MID", "F-YEAR", "12-23 opened, 12-28 closed", aspect="finding"),
                life("ORG-5-04", "MID", "F-YEAR", "12-28 opened of 12-28", aspect="late"),
            ],
        ),
    ]
