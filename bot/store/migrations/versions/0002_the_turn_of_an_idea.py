"""the turn of an idea: what there is comes in the order in which it came before, fewest voters first."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn", sa.Double(), nullable=False, server_default="0"))
    op.execute("update idea set turn = voters / 5.0")
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.alter_column("turn", server_default=None)
        batch_op.drop_index(batch_op.f("ix_idea_conversation_id_state_voters_number"))
        batch_op.create_index(
            batch_op.f("ix_idea_conversation_id_state_turn_number"),
            ["conversation_id", "state", "turn", "number"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("idea", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idea_conversation_id_state_turn_number"))
        batch_op.create_index(
            batch_op.f("ix_idea_conversation_id_state_voters_number"),
            ["conversation_id", "state", "voters", "number"],
            unique=False,
        )
        batch_op.drop_column("turn")
