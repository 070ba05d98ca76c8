"""moderating more than ideas: a report and an act may be about a need, a story, whatever people say."""

import sqlalchemy as sa
from alembic import op

from bot.store import schema

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _reports(about: str, *constraints: sa.Constraint, was: str, only: str = "") -> None:
    """Make the table of reports anew, with another name for what a report is about. A constraint cannot be dropped."""
    op.execute("CREATE TABLE report_before AS SELECT * FROM report")
    op.drop_table("report")
    op.create_table(
        "report",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column(about, sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", schema.Moment(), nullable=False),
        sa.Column("handled_at", schema.Moment(), nullable=True),
        *constraints,
        sa.PrimaryKeyConstraint("conversation_id", about, "reporter_id", name=op.f("pk_report")),
    )
    op.execute(
        f"INSERT INTO report (conversation_id, {about}, reporter_id, reason, created_at, handled_at)"  # noqa: S608
        f" SELECT conversation_id, {was}, reporter_id, reason, created_at, handled_at FROM report_before{only}"
    )
    op.drop_table("report_before")


def upgrade() -> None:
    _reports("subject_id", was="idea_id")
    op.execute("ALTER TABLE act RENAME COLUMN idea_id TO subject_id")


def downgrade() -> None:
    op.execute("ALTER TABLE act RENAME COLUMN subject_id TO idea_id")
    _reports(
        "idea_id",
        sa.ForeignKeyConstraint(
            ["conversation_id", "idea_id"],
            ["idea.conversation_id", "idea.id"],
            name=op.f("fk_report_conversation_id_idea_id_idea"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "reporter_id"],
            ["participant.conversation_id", "participant.id"],
            name=op.f("fk_report_conversation_id_reporter_id_participant"),
        ),
        was="subject_id",
        only=" WHERE subject_id IN (SELECT id FROM idea) AND reporter_id IN (SELECT id FROM participant)",
    )
