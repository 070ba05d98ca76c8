"""gatherings: people meet, say whether they come, and bring topics and notes."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gathering",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("convener_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("at", schema.Moment(), nullable=False),
        sa.Column("ends_at", schema.Moment(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("changed_at", schema.Moment(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("open_space", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "convener_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_gathering_conversation_id_convener_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_gathering")),
    )
    op.create_index(op.f("ix_gathering_conversation_id_ends_at"), "gathering", ["conversation_id", "ends_at"])

    op.create_table(
        "meeting_note",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gathering_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id", "author_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_meeting_note_conversation_id_author_id_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "gathering_id"],
            ["gathering.conversation_id", "gathering.id"],
            name=op.f("fk_meeting_note_conversation_id_gathering_id_gathering"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_meeting_note")),
    )
    op.create_index(op.f("ix_meeting_note_conversation_id_author_id"), "meeting_note", ["conversation_id", "author_id"])
    op.create_index(
        op.f("ix_meeting_note_conversation_id_gathering_id"), "meeting_note", ["conversation_id", "gathering_id"]
    )

    op.create_table(
        "presence",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("gathering_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("been", schema.Packed(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "gathering_id"],
            ["gathering.conversation_id", "gathering.id"],
            name=op.f("fk_presence_conversation_id_gathering_id_gathering"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "participant_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_presence_conversation_id_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "gathering_id", "participant_id", name=op.f("pk_presence")),
    )
    op.create_index(
        op.f("ix_presence_conversation_id_participant_id"), "presence", ["conversation_id", "participant_id"]
    )

    op.create_table(
        "rsvp",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("gathering_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "gathering_id"],
            ["gathering.conversation_id", "gathering.id"],
            name=op.f("fk_rsvp_conversation_id_gathering_id_gathering"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "participant_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_rsvp_conversation_id_participant_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "gathering_id", "participant_id", name=op.f("pk_rsvp")),
        sa.UniqueConstraint(
            "conversation_id", "gathering_id", "seat", name=op.f("uq_rsvp_conversation_id_gathering_id_seat")
        ),
    )
    op.create_index(op.f("ix_rsvp_conversation_id_participant_id"), "rsvp", ["conversation_id", "participant_id"])

    op.create_table(
        "topic",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gathering_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("convener_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("at", schema.Moment(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=True),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "convener_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_topic_conversation_id_convener_id_participant"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "gathering_id"],
            ["gathering.conversation_id", "gathering.id"],
            name=op.f("fk_topic_conversation_id_gathering_id_gathering"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_topic")),
        sa.UniqueConstraint(
            "conversation_id", "gathering_id", "number", name=op.f("uq_topic_conversation_id_gathering_id_number")
        ),
    )


def downgrade() -> None:
    op.drop_table("topic")

    op.drop_table("rsvp")

    op.drop_table("presence")

    op.drop_table("meeting_note")

    op.drop_table("gathering")
