"""held cards: what nobody asked for waits in the outbox for a room's one message."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = sa.text("state IN ('held', 'told')")


def upgrade() -> None:
    op.create_index("ix_outbox_held", "outbox", ["room_id", "id"], sqlite_where=HELD, postgresql_where=HELD)
    op.drop_column("room", "digested_at")


def downgrade() -> None:
    op.add_column("room", sa.Column("digested_at", schema.Moment(), nullable=True))
    op.drop_index("ix_outbox_held", table_name="outbox")
