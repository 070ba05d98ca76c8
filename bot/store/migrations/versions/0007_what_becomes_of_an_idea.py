"""what becomes of an idea: receipts, translations, merging and tags."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merging",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("yes", schema.Packed(), nullable=False),
        sa.Column("groups", schema.Packed(), nullable=False),
        sa.Column("decided_at", schema.Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id", "idea_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_merging_conversation_id_idea_id_idea"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "into_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_merging_conversation_id_into_id_idea"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "proposed_by"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_merging_conversation_id_proposed_by_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_merging")),
    )
    op.create_table(
        "receipt",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("told_at", schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "idea_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_receipt_conversation_id_idea_id_idea"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "idea_id", "about", name=op.f("pk_receipt")),
    )
    op.create_table(
        "translation",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("translator_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id", "idea_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_translation_conversation_id_idea_id_idea"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "translator_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_translation_conversation_id_translator_id_participant"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "idea_id", "locale", name=op.f("pk_translation")),
    )
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("tags", schema.Packed(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("translated", schema.Packed(), nullable=False, server_default="[]"))
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.alter_column("tags", server_default=None)
        batch_op.alter_column("translated", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.drop_column("translated")
        batch_op.drop_column("tags")
        batch_op.drop_column("merged_into")

    op.drop_table("translation")
    op.drop_table("receipt")
    op.drop_table("merging")
