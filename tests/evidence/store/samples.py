"""One row of each kind, of an invented company."""

from datetime import UTC, date, datetime, timedelta

from evidence.store import Transaction
from evidence.store.slots import Leases
from evidence.store.values import (
    FactFile,
    FetchedObject,
    GapEventRow,
    JudgementRow,
    Notice,
    PeriodCloseRow,
    RegisterVersion,
    Rejected,
    Run,
    SlotRow,
    TimestampRow,
)

DAY = date(2026, 3, 31)
FAR = date(9999, 12, 31)
MORNING = datetime(2026, 3, 30, 22, 0, 0, 123456, tzinfo=UTC)
DIGEST = "ab" * 32

RUN = Run("r1", "hr_roster", "AOI", "workers", DAY, "collected", True, 300, 300, 0, None, MORNING, DAY, DAY)
FAILED = Run("r2", "lms", "AOI", "training", DAY, "failed", False, 0, None, 2, "応答なし", None, None, None)
OBJECT = FetchedObject(
    DIGEST, 2048, "hr_roster", "r1", "roster_0331.csv", MORNING, None, "inbox/hr/roster_0331.csv", "local", "5a" * 32
)
VERSIONED = FetchedObject(
    "cd" * 32, 9, "trail", "r3", "a.json.gz", None, "v7", "s3://aoi/a.json.gz", "s3", "5b" * 32, "k1", "cloudtrail"
)
FACTS = FactFile(
    "workers/hr_roster/2026-03-31/r1.parquet", DIGEST, "workers", "hr_roster", DAY, "r1", 300, MORNING, True
)
LOG_FACTS = FactFile("access_events/x.parquet", DIGEST, "access_events", "trail", DAY, "r3", 9, None, False)
REJECT = Rejected("r1", DIGEST, None, 17, "入社日", "not a date")
REJECT_OF_PART = Rejected("r1", DIGEST, "Sheet1", 18, None, "a short row")
VERSION = RegisterVersion(
    "vendors", ("AOI", "V-1"), 1, {"name": "青井運輸", "tier": 2}, DAY, FAR, "p-editor", "new", DIGEST, "委託先", 5
)
RETIRED = RegisterVersion(
    "vendors", ("AOI", "V-1"), 2, {}, DAY, DAY, "p-editor", "ended", DIGEST, None, 6, state="retired"
)
JUDGEMENT = JudgementRow(
    "HUM-01",
    "AOI",
    date(2026, 3, 1),
    DAY,
    MORNING,
    "fail",
    None,
    300,
    2,
    {"deviations": [{"subject": "p1"}], "ja": "未受講"},
)
UNVERIFIED = JudgementRow("TEC-01", "AOI", DAY, DAY, MORNING, "unverified", "stale: trail", 0, 0, {})
GAP = GapEventRow("HUM-01", "AOI", "p1", None, "opened", "state", DAY, None, "D1", None, None, {"message": "未受講"})
DISPOSED = GapEventRow("TEC-05", "AOI", "p2", "export", "disposed", "event", DAY, DAY, None, "p9", "承認済み", {})
CLOSE = PeriodCloseRow("AOI", "month", date(2026, 3, 1), DAY, 1, DIGEST, 7, MORNING, {"pass": 80, "fail": 2})
NOTICE = Notice("digest|p9|2026-03-31", "mail", "digest", "p9", ("AOI",), DAY, False, {"gaps": 2})
STAMP = TimestampRow("tenken/AOI", 2, b"0\x03", None)
SLOT = SlotRow("daily", MORNING, "done", None)
LEASE = timedelta(minutes=1)


def begin(leases: Leases) -> None:
    """Put a row into every table that tells who serves what."""
    leases.plan([("hourly", MORNING)])
    leases.claim("hourly", MORNING, "host-1", LEASE)
    leases.heard("host-1", MORNING)


def fill(tx: Transaction) -> None:
    """Put a row into every table of evidence."""
    tx.runs.add(RUN)
    tx.objects.add(OBJECT)
    tx.objects.found(OBJECT.digest, whole=True)
    tx.readings.keep(b"how a source is read")
    tx.credentials.add("password", "p9", "what cannot be turned back")
    tx.facts.add(FACTS)
    tx.rejects.add_all([REJECT])
    tx.registers.add(VERSION)
    tx.judgements.add(JUDGEMENT)
    tx.gaps.add(GAP)
    tx.slots.finish(SLOT)
    tx.closes.add(CLOSE)
    tx.notices.add(NOTICE, [1])
    tx.notices.begin(NOTICE.key, 1, "host-1")
    tx.notices.end(NOTICE.key, 1, "failed", "no answer")
    for day in ("2026-03-30", "2026-03-31"):  # two leaves have a node above them
        tx.ledger.append("tenken/AOI", {"kind": "collected"}, f"collect|hr_roster|{day}")
    tx.checkpoints.add("tenken/AOI", 2, "tenken/AOI\n2\n…\n")
    tx.timestamps.add(STAMP)
