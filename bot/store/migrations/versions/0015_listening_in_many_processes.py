"""Where a talk is in which somebody is listened to: enough for any process to go on from."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("listening", schema=None) as batch_op:
        batch_op.add_column(sa.Column("heard_at", schema.Moment(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("asked", sa.Integer(), nullable=False, server_default="2"))
        batch_op.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("over_at", schema.Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("listening", schema=None) as batch_op:
        for name in ("over_at", "waits", "turn", "asked", "heard_at"):
            batch_op.drop_column(name)
