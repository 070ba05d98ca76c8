"""Alembic's entry: runs migrations on the connection that `bot.store.setup` hands over, in its transaction."""

from alembic import context

from bot.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=False,
    user_module_prefix="schema.",
)
with context.begin_transaction():
    context.run_migrations()
