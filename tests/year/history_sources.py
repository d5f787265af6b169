"""Sources that fail, and a scheduler that does not run: what cannot be judged, and what was not done."""

from datetime import date

from demo.days import DAY
from tests.year.expected import CONTROLS
from tests.year.judgings import judgings, unverified
from tests.year.lived import Lived
from tests.year.story import Story, life, on, when
from tests.year.world import World

DOWN = tuple(on("11-01") + n * DAY for n in range(3))
SILENT = {  # source → first and last day without an export
    "mdm": (on("04-22"), on("04-27")),
    "log_wms": (on("09-26"), on("09-28")),
    "log_crm": (on("10-19"), on("10-22")),
    "hr_roster": (on("12-02"), on("12-07")),
}
NEVER = "badge_mid"
MISSED = {  # schedule → the days on which it was due while no scheduler ran
    "collect-weekly": ("11-02",), "judge-daily": ("11-01", "11-02", "11-03"), "judge-weekly": ("11-02",),
    "judge-monthly": ("11-01",), "checkpoint": ("11-01",), "scheduler": ("11-01",),
}  # fmt: skip
UNREADABLE = "06-29"


def stories(w: World, until: date) -> list[Story]:
    """What fails; of sources that are silent, every control that reads them is unverified, and it is one matter."""
    made = list(judgings(until, DOWN))
    controls = [control for control in CONTROLS if control != "SCHEDULE"]
    return [
        Story(
            "The machines' list, a log and the roster fail for some days, and a card system never delivers",
            [when("04-01", lambda d: d.exports.silent.update(SILENT))],
            [unverified(control, code, made, SILENT, NEVER) for control in controls for code in w.group.companies],
        ),
        Story(
            "What the silent logs did not tell nobody can know: more than a day without a line, until it is 45 days old",
            [
                when(
                    "10-01",
                    lambda d: d.waive(
                        "ORG-2-01", "MID", "SYS-WMS", None, by="MID-OPS deputy", approver="MID cpo", until=on("10-31")
                    ),
                )
            ],
            [
                life(
                    "ORG-2-01",
                    "MID",
                    "SYS-WMS",
                    "09-26 opened, 10-01 waived 2026-10-31, 11-13 closed",
                    aspect="log_wms",
                ),
                life("ORG-2-01", "AOI", "SYS-CRM", "10-19 opened, 12-07 closed", aspect="log_crm"),
            ],
        ),
        Story(
            "The learning system hands out what nobody can read, and the next day the same in order; in November no "
            "scheduler runs for three days",
            [
                when(UNREADABLE, lambda d: d.exports.damaged.update({("lms", on(UNREADABLE)): _cut})),
                when("06-30", lambda d: d.exports.again.append(("lms", on(UNREADABLE)))),
                when("11-10", _answered),
            ],
            [life("SCHEDULE", code, name, steps) for code in w.group.companies for name, steps in _not_done().items()],
        ),
    ]


def _answered(d: Lived) -> None:
    """Answer for everything that was missed."""
    for code in d.house.settings.codes:
        for name in ("collect", *MISSED):
            d.dispose("SCHEDULE", code, name, by=f"{code}-ADM manager", approver=f"{code} representative")


def _cut(content: bytes) -> bytes:
    """What is no text in any encoding."""
    return b"\xff" + content


def _not_done() -> dict[str, str]:
    """The lives of what was not done: a schedule's days stand in one gap; the day of a failed collection is mended."""
    told = {
        "collect": "06-30 opened of 06-30 @06-30, 07-01 gone of 06-30 @07-01, 07-01 closed @07-01, 11-04 regressed of 11-01 @11-04 126 clean, "
        "11-04 found of 11-02 @11-04, 11-04 found of 11-03 @11-04, 11-10 disposed"
    }
    for name, (first, *others) in MISSED.items():
        more = "".join(f", 11-04 found of {day} @11-04" for day in others)
        told[name] = f"11-04 opened of {first} @11-04{more}, 11-10 disposed"
    return told
