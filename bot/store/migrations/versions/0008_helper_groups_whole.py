"""helper groups whole: who was asked to hold one together."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("helper_group", sa.Column("offered_to", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("helper_group", "offered_to")
