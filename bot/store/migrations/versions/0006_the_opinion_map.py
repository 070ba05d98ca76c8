"""the opinion map: what it is kept up from, its editions and pictures."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", schema.Moment(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _of_conversation("edition"),
        sa.PrimaryKeyConstraint("conversation_id", "id", name=op.f("pk_edition")),
    )
    op.create_table(
        "map_picture",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _of_conversation("map_picture"),
        sa.PrimaryKeyConstraint("conversation_id", "edition_id", "locale", name=op.f("pk_map_picture")),
    )
    op.create_table(
        "map_kept",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=True),
        sa.Column("posted_id", sa.Uuid(), nullable=True),
        sa.Column("posted_at", schema.Moment(), nullable=True),
        sa.Column("leaving", schema.Packed(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        _of_conversation("map_kept"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_map_kept")),
    )
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extremity", sa.Double(), nullable=False, server_default="0"))
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.alter_column("extremity", server_default=None)


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_conversation_id_conversation")
    return sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=name)


def downgrade() -> None:
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.drop_column("extremity")
    for table in ("map_kept", "map_picture", "edition"):
        op.drop_table(table)
