"""files to be made: what asks for them is found at once, however much there is to send."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    making = sa.text("state = 'making'")
    op.create_index("ix_outbox_making", "outbox", ["id"], sqlite_where=making, postgresql_where=making)


def downgrade() -> None:
    op.drop_index("ix_outbox_making", "outbox")
