"""prompts, the rhythm between two meetings, and when a host was here last."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rhythm",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", schema.Moment(), nullable=False),
        sa.Column("meeting_at", schema.Moment(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("steps", schema.Packed(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_rhythm_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_rhythm")),
    )
    op.create_table(
        "schedule",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("since", schema.Moment(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("rule", schema.Packed(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "created_by"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_schedule_conversation_id_created_by_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_schedule")),
    )
    op.create_table(
        "occurrence",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("day", schema.Packed(), nullable=False),
        sa.Column("at", schema.Moment(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "schedule_id"],
            ["schedule.conversation_id", "schedule.id"],
            name=op.f("fk_occurrence_conversation_id_schedule_id_schedule"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint(
            "conversation_id", "schedule_id", "day", name=op.f("uq_occurrence_conversation_id_schedule_id_day")
        ),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("host_seen_at", schema.Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_column("host_seen_at")

    op.drop_table("occurrence")
    op.drop_table("schedule")
    op.drop_table("rhythm")
