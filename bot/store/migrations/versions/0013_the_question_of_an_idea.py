"""Which question in the groups an idea answers."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idea", sa.Column("prompt_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("idea", "prompt_id")
