"""Who is connected with what: this install, its OAuth client, users' accounts and their pairs."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from plugin.extensions import db
from plugin.state.models.columns import OPTIONS, id_column, key_column, moment_column

install = sa.Table(
    "gsync_install",
    db.metadata,
    sa.Column("install_row", sa.SmallInteger, primary_key=True, autoincrement=False),
    key_column("install_id"),
    sa.Column("site_url", sa.String(255), nullable=False),
    key_column("app_key_hash"),
    moment_column("created_utc", nullable=False),
    **OPTIONS,
)

oauth_client = sa.Table(
    "gsync_oauth_client",
    db.metadata,
    sa.Column("client_row", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.String(255), nullable=False),
    sa.Column("client_secret_encrypted", sa.Text, nullable=False),
    moment_column("updated_utc", nullable=False),
    **OPTIONS,
)

oauth_states = sa.Table(
    "gsync_oauth_states",
    db.metadata,
    sa.Column("state_hash", mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), primary_key=True),
    key_column("session_hash"),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    sa.Column("module", sa.String(20), nullable=False),
    sa.Column("verifier_encrypted", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(40), nullable=True),
    moment_column("created_utc", nullable=False),
    moment_column("expires_utc", nullable=False),
    moment_column("used_utc"),
    sa.Index("gsync_oauth_states_by_user", "crm_user_id", "created_utc"),
    **OPTIONS,
)

accounts = sa.Table(
    "gsync_accounts",
    db.metadata,
    id_column("account_id"),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    key_column("google_sub", 255),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("refresh_token_encrypted", sa.Text, nullable=True),
    sa.Column("access_token_encrypted", sa.Text, nullable=True),
    moment_column("access_expires_utc"),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("problem_code", sa.String(40), nullable=False, server_default=""),
    moment_column("connected_utc", nullable=False),
    sa.UniqueConstraint("crm_user_id", "google_sub", name="gsync_accounts_once"),
    **OPTIONS,
)

pairs = sa.Table(
    "gsync_pairs",
    db.metadata,
    id_column("pair_id"),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    key_column("google_sub", 255),
    sa.Column("module", sa.String(20), nullable=False),
    sa.Column(
        "collection_id", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False
    ),
    sa.Column("collection_name", sa.String(255), nullable=False, server_default=""),
    # As Google's list of calendars said when the pair was put to use.
    sa.Column("can_write", sa.Boolean, nullable=False, server_default=sa.true()),
    # Set while the pair is in use: at most one two-way pair for a Google collection (design.md §5).
    key_column("two_way_key", nullable=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("problem_code", sa.String(40), nullable=False, server_default=""),
    sa.Column("policy", sa.String(20), nullable=False, server_default="google"),
    sa.Column("direction", sa.String(2), nullable=False, server_default="11"),
    sa.Column("sync_from", sa.Date, nullable=True),
    # Of contacts only: NULL is the CRM's own field mapping.
    sa.Column("field_choice", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("creates_accounts", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sync_token", sa.Text, nullable=True),
    key_column("list_hash", nullable=True),
    sa.Column("is_listed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_matched", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("approved_deletions", sa.JSON(none_as_null=True), nullable=True),
    moment_column("deletions_approved_utc"),
    moment_column("last_sync_utc"),
    # Of the pairs of an account and module, the one put to use last is taken up again at the next connect.
    moment_column("taken_up_utc"),
    sa.UniqueConstraint("account_id", "module", "collection_id", name="gsync_pairs_once"),
    sa.UniqueConstraint("two_way_key", name="gsync_pairs_two_way_once"),
    sa.Index("gsync_pairs_by_user", "crm_user_id", "module"),
    **OPTIONS,
)
