"""Runs revisions within the transaction that `stock.migrate` has begun."""

from alembic import context

connection = context.config.attributes["connection"]
# All revisions share the caller's transaction: a failure in any leaves the database as it was.
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
