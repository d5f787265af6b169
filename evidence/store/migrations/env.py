"""Alembic enters here; the connection, already in its transaction, is handed in by ``evidence.store.schema``."""

from alembic import context

from evidence.store.tables import CommitTable

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=CommitTable.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
