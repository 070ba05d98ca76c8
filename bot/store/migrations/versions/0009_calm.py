"""Calm: what waits to be told to people, how often they want it, quiet hours of rooms; and who is listened to."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calm",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calm_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_calm")),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("unique_key", sa.String(), nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
        sa.UniqueConstraint("unique_key", name=op.f("uq_note_unique_key")),
    )
    op.create_index(op.f("ix_note_person_id"), "note", ["person_id"])
    op.create_table(
        "listening",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_listening_person_id_person")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_listening_room_id_room")),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_listening")),
    )
    op.create_index(op.f("ix_listening_person_id"), "listening", ["person_id"])
    op.add_column("person", sa.Column("room_id", sa.Uuid(), nullable=True))
    op.add_column("room", sa.Column("quiet", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("room", "quiet")
    op.drop_column("person", "room_id")
    op.drop_table("listening")
    op.drop_table("note")
    op.drop_table("calm")
