"""Note approvals, and find links by their key

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_TABLES = ('gsync_intents', 'gsync_journal')


def upgrade() -> None:
    for table in _TABLES:
        is_approved = sa.Column('is_approved', sa.Boolean(), server_default=sa.text('false'), nullable=False)
        op.add_column(table, is_approved)
    op.create_index('gsync_links_by_key', 'gsync_links', ['pair_id', 'link_key'], unique=False)


def downgrade() -> None:
    op.drop_index('gsync_links_by_key', table_name='gsync_links')
    for table in _TABLES:
        op.drop_column(table, 'is_approved')
