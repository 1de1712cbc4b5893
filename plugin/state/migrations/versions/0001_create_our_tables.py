"""Create our tables

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table('gsync_accounts',
    sa.Column('account_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('crm_user_id', sa.Integer(), nullable=False),
    sa.Column('google_sub', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=255), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('refresh_token_encrypted', sa.Text(), nullable=True),
    sa.Column('access_token_encrypted', sa.Text(), nullable=True),
    sa.Column('access_expires_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('problem_code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('connected_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('account_id'),
    sa.UniqueConstraint('crm_user_id', 'google_sub', name='gsync_accounts_once'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_inbox',
    sa.Column('inbox_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=False),
    sa.Column('etag', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=False),
    sa.Column('is_tombstone', sa.Boolean(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('received_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('inbox_id'),
    sa.UniqueConstraint('pair_id', 'google_id', name='gsync_inbox_once'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_install',
    sa.Column('install_row', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('install_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('site_url', sa.String(length=255), nullable=False),
    sa.Column('app_key_hash', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('created_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('install_row'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_intents',
    sa.Column('intent_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('link_key', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('crm_id', sa.Integer(), nullable=False),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=False),
    sa.Column('crm_version', mysql.DATETIME(), nullable=True),
    sa.Column('crm_half', sa.JSON(), nullable=False),
    sa.Column('existing_link_id', sa.BigInteger(), nullable=True),
    sa.Column('is_delete', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('series_head_id', sa.Integer(), nullable=True),
    sa.Column('occurrences', sa.JSON(), nullable=False),
    sa.Column('google_half', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('google_etag', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=False),
    sa.Column('created_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('intent_id'),
    sa.UniqueConstraint('pair_id', 'crm_id', name='gsync_intents_by_crm'),
    sa.UniqueConstraint('pair_id', 'google_id', name='gsync_intents_by_google'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_journal',
    sa.Column('journal_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('at_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=80), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('crm_id', sa.Integer(), nullable=True),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=True),
    sa.Column('series_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=True),
    sa.Column('lost', sa.JSON(), nullable=True),
    sa.Column('cut', sa.JSON(), nullable=True),
    sa.PrimaryKeyConstraint('journal_id'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_journal_by_pair', 'gsync_journal', ['pair_id', 'at_utc'], unique=False)
    op.create_table('gsync_links',
    sa.Column('link_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('link_key', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('crm_id', sa.Integer(), nullable=False),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=False),
    sa.Column('crm_version', mysql.DATETIME(), nullable=True),
    sa.Column('google_etag', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=False),
    sa.Column('crm_half', sa.JSON(), nullable=False),
    sa.Column('google_half', sa.JSON(), nullable=False),
    sa.Column('origin', sa.String(length=10), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('is_settled', sa.Boolean(), nullable=False),
    sa.Column('all_day_zone', sa.String(length=64), nullable=True),
    sa.Column('google_zone', sa.String(length=64), nullable=True),
    sa.Column('has_guests', sa.Boolean(), nullable=False),
    sa.Column('series_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=True),
    sa.Column('is_read_only', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('guest_keys', sa.JSON(), nullable=True),
    sa.Column('pushed_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.PrimaryKeyConstraint('link_id'),
    sa.UniqueConstraint('pair_id', 'crm_id', name='gsync_links_by_crm'),
    sa.UniqueConstraint('pair_id', 'google_id', name='gsync_links_by_google'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_links_by_series', 'gsync_links', ['pair_id', 'series_id'], unique=False)
    op.create_index('gsync_links_versions', 'gsync_links', ['pair_id', 'crm_id', 'state', 'crm_version', 'is_settled'], unique=False)
    op.create_table('gsync_locks',
    sa.Column('lock_key', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=255), nullable=False),
    sa.Column('owner', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('generation', sa.BigInteger(), nullable=False),
    sa.Column('expires_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('lock_key'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_oauth_client',
    sa.Column('client_row', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('client_id', sa.String(length=255), nullable=False),
    sa.Column('client_secret_encrypted', sa.Text(), nullable=False),
    sa.Column('updated_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.PrimaryKeyConstraint('client_row'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_oauth_states',
    sa.Column('state_hash', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('session_hash', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('crm_user_id', sa.Integer(), nullable=False),
    sa.Column('module', sa.String(length=20), nullable=False),
    sa.Column('verifier_encrypted', sa.Text(), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=True),
    sa.Column('created_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('expires_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('used_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.PrimaryKeyConstraint('state_hash'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_oauth_states_by_user', 'gsync_oauth_states', ['crm_user_id', 'created_utc'], unique=False)
    op.create_table('gsync_pairs',
    sa.Column('pair_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('crm_user_id', sa.Integer(), nullable=False),
    sa.Column('google_sub', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=255), nullable=False),
    sa.Column('module', sa.String(length=20), nullable=False),
    sa.Column('collection_id', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=False),
    sa.Column('collection_name', sa.String(length=255), server_default='', nullable=False),
    sa.Column('can_write', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('two_way_key', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('problem_code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('policy', sa.String(length=20), server_default='google', nullable=False),
    sa.Column('direction', sa.String(length=2), server_default='11', nullable=False),
    sa.Column('sync_from', sa.Date(), nullable=True),
    sa.Column('field_choice', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('creates_accounts', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('sync_token', sa.Text(), nullable=True),
    sa.Column('list_hash', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=True),
    sa.Column('is_listed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_matched', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('approved_deletions', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('deletions_approved_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.Column('last_sync_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.Column('taken_up_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.PrimaryKeyConstraint('pair_id'),
    sa.UniqueConstraint('account_id', 'module', 'collection_id', name='gsync_pairs_once'),
    sa.UniqueConstraint('two_way_key', name='gsync_pairs_two_way_once'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_pairs_by_user', 'gsync_pairs', ['crm_user_id', 'module'], unique=False)
    op.create_table('gsync_parked',
    sa.Column('parked_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(length=10), nullable=False),
    sa.Column('crm_id', sa.Integer(), nullable=True),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=True),
    sa.Column('crm_version', mysql.DATETIME(), nullable=True),
    sa.Column('google_etag', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=True),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.String(length=255), server_default='', nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='1', nullable=False),
    sa.Column('parked_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('retry_at_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.PrimaryKeyConstraint('parked_id'),
    sa.UniqueConstraint('pair_id', 'crm_id', name='gsync_parked_by_crm'),
    sa.UniqueConstraint('pair_id', 'google_id', name='gsync_parked_by_google'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_planner',
    sa.Column('task_name', sa.String(length=100), nullable=False),
    sa.Column('laststart_seen', sa.BigInteger(), nullable=False),
    sa.Column('open_laststart', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('task_name'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_table('gsync_runs',
    sa.Column('run_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('crm_user_id', sa.Integer(), nullable=False),
    sa.Column('module', sa.String(length=20), nullable=False),
    sa.Column('trigger', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('active_key', sa.BigInteger(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('crm_created', sa.Integer(), server_default='0', nullable=False),
    sa.Column('crm_updated', sa.Integer(), server_default='0', nullable=False),
    sa.Column('crm_deleted', sa.Integer(), server_default='0', nullable=False),
    sa.Column('crm_skipped', sa.Integer(), server_default='0', nullable=False),
    sa.Column('google_created', sa.Integer(), server_default='0', nullable=False),
    sa.Column('google_updated', sa.Integer(), server_default='0', nullable=False),
    sa.Column('google_deleted', sa.Integer(), server_default='0', nullable=False),
    sa.Column('google_skipped', sa.Integer(), server_default='0', nullable=False),
    sa.Column('crm_has_more', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('google_has_more', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('held', sa.Integer(), server_default='0', nullable=False),
    sa.Column('parked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('cut', sa.Integer(), server_default='0', nullable=False),
    sa.Column('google_requests', sa.Integer(), server_default='0', nullable=False),
    sa.Column('quota_units', sa.Integer(), server_default='0', nullable=False),
    sa.Column('error_code', sa.String(length=40), server_default='', nullable=False),
    sa.Column('error_details', sa.JSON(), nullable=True),
    sa.Column('planner_start', sa.BigInteger(), nullable=True),
    sa.Column('requested_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('not_before_utc', mysql.DATETIME(fsp=6), nullable=False),
    sa.Column('started_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.Column('finished_utc', mysql.DATETIME(fsp=6), nullable=True),
    sa.PrimaryKeyConstraint('run_id'),
    sa.UniqueConstraint('active_key', name='gsync_runs_one_active'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_runs_by_pair', 'gsync_runs', ['pair_id', 'run_id'], unique=False)
    op.create_index('gsync_runs_by_planner', 'gsync_runs', ['planner_start', 'status'], unique=False)
    op.create_table('gsync_series',
    sa.Column('series_row_id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('pair_id', sa.BigInteger(), nullable=False),
    sa.Column('google_id', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=1024), nullable=False),
    sa.Column('etag', mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_bin', length=255), nullable=False),
    sa.Column('master', sa.JSON(), nullable=False),
    sa.Column('exceptions', sa.JSON(), nullable=False),
    sa.Column('crm_head_id', sa.Integer(), nullable=True),
    sa.Column('laid_out_rule', mysql.VARCHAR(charset='ascii', collation='ascii_bin', length=64), nullable=False),
    sa.Column('laid_out_until', sa.Date(), nullable=True),
    sa.Column('is_pending', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('series_row_id'),
    sa.UniqueConstraint('pair_id', 'google_id', name='gsync_series_once'),
    mysql_charset='utf8mb4',
    mysql_collate='utf8mb4_unicode_ci',
    mysql_engine='InnoDB'
    )
    op.create_index('gsync_series_by_head', 'gsync_series', ['pair_id', 'crm_head_id'], unique=False)
    op.create_index('gsync_series_due', 'gsync_series', ['pair_id', 'is_pending', 'laid_out_until'], unique=False)



def downgrade() -> None:

    op.drop_index('gsync_series_due', table_name='gsync_series')
    op.drop_index('gsync_series_by_head', table_name='gsync_series')
    op.drop_table('gsync_series')
    op.drop_index('gsync_runs_by_planner', table_name='gsync_runs')
    op.drop_index('gsync_runs_by_pair', table_name='gsync_runs')
    op.drop_table('gsync_runs')
    op.drop_table('gsync_planner')
    op.drop_table('gsync_parked')
    op.drop_index('gsync_pairs_by_user', table_name='gsync_pairs')
    op.drop_table('gsync_pairs')
    op.drop_index('gsync_oauth_states_by_user', table_name='gsync_oauth_states')
    op.drop_table('gsync_oauth_states')
    op.drop_table('gsync_oauth_client')
    op.drop_table('gsync_locks')
    op.drop_index('gsync_links_versions', table_name='gsync_links')
    op.drop_index('gsync_links_by_series', table_name='gsync_links')
    op.drop_table('gsync_links')
    op.drop_index('gsync_journal_by_pair', table_name='gsync_journal')
    op.drop_table('gsync_journal')
    op.drop_table('gsync_intents')
    op.drop_table('gsync_install')
    op.drop_table('gsync_inbox')
    op.drop_table('gsync_accounts')

