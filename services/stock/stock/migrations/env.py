"""Runs migrations within the transaction that `stock.migrate` has begun."""

from alembic import context

connection = context.config.attributes["connection"]
# All migrations share the caller's transaction: a failure in any rolls all of them back.
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
