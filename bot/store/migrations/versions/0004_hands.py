"""hands: what people want to help with."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.CheckConstraint("place between 1 and 3", name="ck_hand_place"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "idea_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_hand_conversation_id_idea_id_idea"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "participant_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_hand_conversation_id_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "idea_id", "participant_id", name=op.f("pk_hand")),
        sa.UniqueConstraint(
            "conversation_id", "participant_id", "place", name=op.f("uq_hand_conversation_id_participant_id_place")
        ),
    )
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hands", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.alter_column("hands", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.drop_column("hands")
    op.drop_table("hand")
