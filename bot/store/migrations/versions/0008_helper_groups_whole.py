"""helper groups whole: who was asked to hold one together, and what is carried between its rooms."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("helper_group", sa.Column("offered_to", sa.Uuid(), nullable=True))
    with op.batch_alter_table("room") as batch_op:
        batch_op.add_column(sa.Column("hears", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("carries_since", schema.Moment(), nullable=True))
    with op.batch_alter_table("room") as batch_op:
        batch_op.alter_column("hears", server_default=None)
    op.create_table(
        "carried",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("author", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("answers_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_carried_room_id_room")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carried")),
    )
    op.create_index(op.f("ix_carried_room_id_message_id"), "carried", ["room_id", "message_id"])
    op.create_index(op.f("ix_carried_origin_id"), "carried", ["origin_id"])
    op.create_index(op.f("ix_carried_author"), "carried", ["author"])
    op.create_index(op.f("ix_carried_created_at"), "carried", ["created_at"])


def downgrade() -> None:
    op.drop_table("carried")
    op.drop_column("room", "carries_since")
    op.drop_column("room", "hears")
    op.drop_column("helper_group", "offered_to")
