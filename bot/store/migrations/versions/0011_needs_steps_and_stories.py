"""needs and offers, and what brings them together; next steps; stories and their pictures."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("place_key", sa.String(), nullable=False),
        sa.Column("place_name", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("listens", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("group_in", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "author_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_help_conversation_id_author_id_participant"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help")),
    )
    with op.batch_alter_table("help", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_help_conversation_id_author_id"), ["conversation_id", "author_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_help_owner"), ["owner"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_help_place_key_kind_state_created_at"),
            ["place_key", "kind", "state", "created_at"],
            unique=False,
        )

    op.create_table(
        "story",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("pictured", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "author_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_story_conversation_id_author_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_story")),
    )
    op.create_table(
        "help_match",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("need_says", sa.Integer(), nullable=False),
        sa.Column("offer_says", sa.Integer(), nullable=False),
        sa.Column("introduced_at", schema.Moment(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["help.id"], name=op.f("fk_help_match_need_id_help")),
        sa.ForeignKeyConstraint(["offer_id"], ["help.id"], name=op.f("fk_help_match_offer_id_help")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_match")),
        sa.UniqueConstraint("need_id", "offer_id", name=op.f("uq_help_match_need_id_offer_id")),
    )
    with op.batch_alter_table("help_match", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_match_offer_id"), ["offer_id"], unique=False)

    op.create_table(
        "help_report",
        sa.Column("help_id", sa.Uuid(), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["help_id"], ["help.id"], name=op.f("fk_help_report_help_id_help")),
        sa.PrimaryKeyConstraint("help_id", "reporter", name=op.f("pk_help_report")),
    )
    op.create_table(
        "step",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("at", schema.Moment(), nullable=True),
        sa.Column("doer_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_at", schema.Moment(), nullable=True),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "group_id"],
            ["helper_group.conversation_id", "helper_group.id"],
            name=op.f("fk_step_conversation_id_group_id_helper_group"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_step")),
    )
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_step_conversation_id_group_id_state"), ["conversation_id", "group_id", "state"], unique=False
        )

    op.create_table(
        "story_picture",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("story_id", sa.Uuid(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "story_id"],
            ["story.conversation_id", "story.id"],
            name=op.f("fk_story_picture_conversation_id_story_id_story"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "story_id", name=op.f("pk_story_picture")),
    )


def downgrade() -> None:
    op.drop_table("story_picture")
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_step_conversation_id_group_id_state"))

    op.drop_table("step")
    op.drop_table("help_report")
    with op.batch_alter_table("help_match", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_help_match_offer_id"))

    op.drop_table("help_match")
    op.drop_table("story")
    with op.batch_alter_table("help", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_help_place_key_kind_state_created_at"))
        batch_op.drop_index(batch_op.f("ix_help_owner"))
        batch_op.drop_index(batch_op.f("ix_help_conversation_id_author_id"))

    op.drop_table("help")
