"""The lease; and on PostgreSQL the order of text is that of its code points, as everywhere else."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the tables up to this revision."""
    lease = op.create_table(
        "lease",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=256), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.bulk_insert(lease, [{"name": "sink", "holder": "", "beat": 0}])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        inspector = sa.inspect(connection)
        for table in inspector.get_table_names():
            for column in inspector.get_columns(table):
                if table != "alembic_version" and isinstance(column["type"], sa.String):
                    length = column["type"].length
                    ordered = sa.String(length, collation="C") if length else sa.Text(collation="C")
                    op.alter_column(table, column["name"], type_=ordered)
