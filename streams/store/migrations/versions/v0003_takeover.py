"""Alerts that wait to be compared with what was told, and source records asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the tables up to this revision."""
    ordered = {"collation": "C"} if op.get_bind().dialect.name == "postgresql" else {}
    op.create_table(
        "pending",
        sa.Column("rule_id", sa.String(length=64, **ordered), nullable=False),
        sa.Column("actors", sa.String(length=1024, **ordered), nullable=False),
        sa.Column("window_start", sa.String(length=32, **ordered), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "actors", "window_start"),
    )
    op.create_table(
        "mend",
        sa.Column("topic_id", sa.String(length=64, **ordered), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("source_offset", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=16, **ordered), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", "source_offset", "why"),
    )
