"""A source that delivers rows of a register beside those that people write."""

import json
from pathlib import Path

SOURCE = {
    "name": "audits", "companies": ["AOBA"], "zone": "Asia/Tokyo", "max_age_days": 400, "dataset": "vendor_audits",
    "format": {"kind": "csv", "encoding": "utf-8"}, "completeness": "file",
    "transport": {"kind": "local", "folder": "inbox/audits", "pattern": "*.csv"},
}  # fmt: skip
DELIVERED = (
    "company,department,audit_id,vendor_id,method,performed_on,auditor_key,has_scope,samples,finding_ids\n"
    "AOBA,D2,A-7,V-2,実地,2026-03-01,109,はい,4,\n"
)


def feed(home: Path) -> Path:
    """Give a home a source of audits with one that it delivered; the file that says so."""
    (home / "inbox" / "audits").mkdir()
    (home / "inbox" / "audits" / "audits.csv").write_text(DELIVERED, "utf-8")
    path = home / "sources" / "audits.yaml"
    path.write_text(json.dumps(SOURCE), "utf-8")
    return path
