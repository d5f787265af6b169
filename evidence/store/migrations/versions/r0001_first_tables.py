"""The first tables, and the triggers that keep their rows as they were added."""

import sqlalchemy as sa
from alembic import op

from evidence.store import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger()
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)

ADDED_ONLY = (
    "commits",
    "runs",
    "objects",
    "fact_files",
    "rejects",
    "register_versions",
    "gap_events",
    "slot_claims",
    "slot_results",
    "ledger",
    "checkpoints",
)


def upgrade() -> None:
    """Make all tables."""
    guards.prepare()
    op.create_table("commits", sa.Column("at", AT, nullable=False), sa.PrimaryKeyConstraint("at", name="pk_commits"))
    _collected()
    _written_down()
    _judged()
    _done()
    for table in ADDED_ONLY:
        guards.refuse(table, "UPDATE", "DELETE")
    guards.refuse("judgements", "UPDATE")


def downgrade() -> None:
    """Drop all tables and all that they hold."""
    for table in ("judgements", *reversed(ADDED_ONLY)):
        op.drop_table(table)
    guards.remove()


def _collected() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("company", NAME, nullable=False),
        sa.Column("dataset", NAME, nullable=False),
        sa.Column("slot_on", sa.Date(), nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("rows_reported", NUMBER),
        sa.Column("rejected", NUMBER, nullable=False),
        sa.Column("reason", NAME),
        sa.Column("snapshot_at", AT),
        sa.Column("covers_from", sa.Date()),
        sa.Column("covers_to", sa.Date()),
        *_committed("runs", "recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("run_id", "company", "dataset", name="uq_runs_run_id_company_dataset"),
        sa.CheckConstraint("outcome IN ('collected', 'failed', 'missed')", name=op.f("ck_runs_outcome")),
    )
    op.create_index("ix_runs_source_slot_on", "runs", ["source", "slot_on"])
    op.create_table(
        "objects",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("modified", AT),
        sa.Column("version", NAME),
        sa.Column("edition", NAME, nullable=False),
        sa.Column("origin", NAME, nullable=False),
        sa.Column("how", NAME, nullable=False),
        sa.Column("salt", NAME, nullable=False),
        sa.Column("key_id", NAME),
        sa.Column("mapped", NAME),
        *_committed("objects", "recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_objects"),
        sa.UniqueConstraint("source", "name", "edition", "digest", name="uq_objects_source_name_edition_digest"),
        sa.CheckConstraint("length(salt) = 64", name=op.f("ck_objects_salt")),
    )
    op.create_index("ix_objects_digest", "objects", ["digest"])
    op.create_table(
        "fact_files",
        sa.Column("path", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("dataset", NAME, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("snapshot_at", AT),
        sa.Column("complete", sa.Boolean(), nullable=False),
        *_committed("fact_files", "recorded_at"),
        sa.PrimaryKeyConstraint("path", name="pk_fact_files"),
    )
    op.create_index("ix_fact_files_recorded_at_path", "fact_files", ["recorded_at", "path"])
    op.create_table(
        "rejects",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("run_id", NAME, nullable=False),
        sa.Column("object", NAME, nullable=False),
        sa.Column("part", NAME),
        sa.Column("line", NUMBER, nullable=False),
        sa.Column("column", NAME),
        sa.Column("reason", NAME, nullable=False),
        *_committed("rejects", "recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_rejects"),
    )
    op.create_index("ix_rejects_run_id", "rejects", ["run_id"])


def _written_down() -> None:
    op.create_table(
        "register_versions",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("register", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("valid_from_on", sa.Date(), nullable=False),
        sa.Column("valid_to_on", sa.Date(), nullable=False),
        sa.Column("entered_by", NAME, nullable=False),
        sa.Column("reason", NAME, nullable=False),
        sa.Column("object", NAME, nullable=False),
        sa.Column("part", NAME),
        sa.Column("line", NUMBER, nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        *_committed("register_versions", "entered_at"),
        sa.PrimaryKeyConstraint("id", name="pk_register_versions"),
        sa.UniqueConstraint("register", "key", "version", name="uq_register_versions_register_key_version"),
    )


def _judged() -> None:
    op.create_table(
        "judgements",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("control", NAME, nullable=False),
        sa.Column("company", NAME, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_at", AT, nullable=False),
        sa.Column("verdict", NAME, nullable=False),
        sa.Column("reason", NAME),
        sa.Column("population", NUMBER, nullable=False),
        sa.Column("deviations", NUMBER, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("followed", sa.Boolean(), nullable=False),
        *_committed("judgements", "judged_at"),
        sa.PrimaryKeyConstraint("id", name="pk_judgements"),
    )
    op.create_index("ix_judgements_control_company_as_of", "judgements", ["control", "company", "as_of"])
    op.create_table(
        "gap_events",
        sa.Column("seq", ROW_NUMBER, nullable=False),
        sa.Column("control", NAME, nullable=False),
        sa.Column("company", NAME, nullable=False),
        sa.Column("subject", NAME, nullable=False),
        sa.Column("aspect", NAME),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("about", NAME, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("department", NAME),
        sa.Column("actor", NAME),
        sa.Column("reason", NAME),
        sa.Column("body", sa.JSON(), nullable=False),
        *_committed("gap_events", "at"),
        sa.PrimaryKeyConstraint("seq", name="pk_gap_events"),
    )
    op.create_index("ix_gap_events_company", "gap_events", ["company"])


def _done() -> None:
    op.create_table(
        "slot_claims",
        sa.Column("schedule", NAME, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        *_committed("slot_claims", "claimed_at"),
        sa.PrimaryKeyConstraint("schedule", "due_at", name="pk_slot_claims"),
    )
    op.create_table(
        "slot_results",
        sa.Column("schedule", NAME, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("outcome", NAME, nullable=False),
        sa.Column("reason", NAME),
        *_committed("slot_results", "finished_at"),
        sa.PrimaryKeyConstraint("schedule", "due_at", name="pk_slot_results"),
        sa.CheckConstraint(
            "outcome IN ('collected', 'failed', 'missed', 'done')", name=op.f("ck_slot_results_outcome")
        ),
    )
    op.create_table(
        "ledger",
        sa.Column("log", NAME, nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("claim_key", NAME, nullable=False),
        *_committed("ledger", "recorded_at"),
        sa.PrimaryKeyConstraint("log", "seq", name="pk_ledger"),
        sa.UniqueConstraint("claim_key", name="uq_ledger_claim_key"),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_ledger_seq")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("id", ROW_NUMBER, nullable=False),
        sa.Column("log", NAME, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("note", NAME, nullable=False),
        *_committed("checkpoints", "recorded_at"),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoints"),
    )
    op.create_index("ix_checkpoints_log_size", "checkpoints", ["log", "size"])


def _committed(table: str, name: str) -> tuple[sa.Column[object], sa.ForeignKeyConstraint]:
    return (
        sa.Column(name, AT, nullable=False),
        sa.ForeignKeyConstraint([name], ["commits.at"], name=f"fk_{table}_{name}"),
    )
