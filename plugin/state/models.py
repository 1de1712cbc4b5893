"""Our own tables. All begin with gsync_, live in the CRM's database and have no foreign keys to its tables.

Times are UTC, but for `crm_version`, which repeats the CRM's own `modifiedtime` to be compared for equality. Google's ids
are ASCII (base32hex and `_`), up to 1,024 characters: as ascii_bin they fit an index and differ by letter case.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from plugin.extensions import db

_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_unicode_ci",
}


def _google_id(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, mysql.VARCHAR(1024, charset="ascii", collation="ascii_bin"), nullable=nullable)


def _key(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, mysql.DATETIME(fsp=6), nullable=nullable)


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, primary_key=True, autoincrement=True)


install = sa.Table(
    "gsync_install",
    db.metadata,
    sa.Column("install_row", sa.SmallInteger, primary_key=True, autoincrement=False),
    _key("install_id"),
    sa.Column("site_url", sa.String(255), nullable=False),
    _key("app_key_hash"),
    _moment("created_utc", nullable=False),
    **_OPTIONS,
)

oauth_client = sa.Table(
    "gsync_oauth_client",
    db.metadata,
    sa.Column("client_row", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("client_id", sa.String(255), nullable=False),
    sa.Column("client_secret_encrypted", sa.Text, nullable=False),
    _moment("updated_utc", nullable=False),
    **_OPTIONS,
)

oauth_states = sa.Table(
    "gsync_oauth_states",
    db.metadata,
    sa.Column("state_hash", mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), primary_key=True),
    _key("session_hash"),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    sa.Column("module", sa.String(20), nullable=False),
    sa.Column("verifier_encrypted", sa.Text, nullable=False),
    sa.Column("outcome", sa.String(40), nullable=True),
    _moment("created_utc", nullable=False),
    _moment("expires_utc", nullable=False),
    _moment("used_utc"),
    sa.Index("gsync_oauth_states_by_user", "crm_user_id", "created_utc"),
    **_OPTIONS,
)

accounts = sa.Table(
    "gsync_accounts",
    db.metadata,
    _id("account_id"),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    _key("google_sub", 255),
    sa.Column("email", sa.String(255), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("refresh_token_encrypted", sa.Text, nullable=True),
    sa.Column("access_token_encrypted", sa.Text, nullable=True),
    _moment("access_expires_utc"),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("problem_code", sa.String(40), nullable=False, server_default=""),
    _moment("connected_utc", nullable=False),
    sa.UniqueConstraint("crm_user_id", "google_sub", name="gsync_accounts_once"),
    **_OPTIONS,
)

pairs = sa.Table(
    "gsync_pairs",
    db.metadata,
    _id("pair_id"),
    sa.Column("account_id", sa.BigInteger, nullable=False),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    _key("google_sub", 255),
    sa.Column("module", sa.String(20), nullable=False),
    sa.Column(
        "collection_id", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False
    ),
    sa.Column("collection_name", sa.String(255), nullable=False, server_default=""),
    # As Google's list of calendars said when the pair was put to use.
    sa.Column("can_write", sa.Boolean, nullable=False, server_default=sa.true()),
    # Set while the pair is in use: at most one two-way pair for a Google collection (design.md §5).
    _key("two_way_key", nullable=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("problem_code", sa.String(40), nullable=False, server_default=""),
    sa.Column("policy", sa.String(20), nullable=False, server_default="google"),
    sa.Column("direction", sa.String(2), nullable=False, server_default="11"),
    sa.Column("sync_from", sa.Date, nullable=True),
    # Of contacts only: NULL is the CRM's own field mapping.
    sa.Column("field_choice", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("creates_accounts", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sync_token", sa.Text, nullable=True),
    _key("list_hash", nullable=True),
    sa.Column("is_listed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_matched", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("approved_deletions", sa.JSON(none_as_null=True), nullable=True),
    _moment("deletions_approved_utc"),
    _moment("last_sync_utc"),
    # Of the pairs of an account and module, the one put to use last is taken up again at the next connect.
    _moment("taken_up_utc"),
    sa.UniqueConstraint("account_id", "module", "collection_id", name="gsync_pairs_once"),
    sa.UniqueConstraint("two_way_key", name="gsync_pairs_two_way_once"),
    sa.Index("gsync_pairs_by_user", "crm_user_id", "module"),
    **_OPTIONS,
)

links = sa.Table(
    "gsync_links",
    db.metadata,
    _id("link_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    _key("link_key"),
    sa.Column("crm_id", sa.Integer, nullable=False),
    _google_id("google_id"),
    sa.Column("crm_version", mysql.DATETIME, nullable=True),
    sa.Column("google_etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    sa.Column("crm_half", sa.JSON, nullable=False),
    sa.Column("google_half", sa.JSON, nullable=False),
    sa.Column("origin", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("is_settled", sa.Boolean, nullable=False),
    sa.Column("all_day_zone", sa.String(64), nullable=True),
    sa.Column("google_zone", sa.String(64), nullable=True),
    sa.Column("has_guests", sa.Boolean, nullable=False),
    # The series that the event is an occurrence of.
    _google_id("series_id", nullable=True),
    sa.Column("is_read_only", sa.Boolean, nullable=False, server_default=sa.false()),
    # Digests of the guests that were looked up among the CRM's contacts: those related once aren't related again.
    sa.Column("guest_keys", sa.JSON, nullable=True),
    # Lists of people lag behind: for a while after this they may show what was before.
    _moment("pushed_utc"),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_links_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_links_by_google"),
    # All that tells whether a linked row changed: every run reads these columns of all links, and none of the large ones.
    sa.Index("gsync_links_versions", "pair_id", "crm_id", "state", "crm_version", "is_settled"),
    sa.Index("gsync_links_by_series", "pair_id", "series_id"),
    sa.Index("gsync_links_by_key", "pair_id", "link_key"),
    **_OPTIONS,
)

inbox = sa.Table(
    "gsync_inbox",
    db.metadata,
    _id("inbox_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    _google_id("google_id"),
    sa.Column("etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    sa.Column("is_tombstone", sa.Boolean, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    _moment("received_utc", nullable=False),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_inbox_once"),
    **_OPTIONS,
)

series = sa.Table(
    "gsync_series",
    db.metadata,
    _id("series_row_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    _google_id("google_id"),
    sa.Column("etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    sa.Column("master", sa.JSON, nullable=False),
    sa.Column("exceptions", sa.JSON, nullable=False),
    sa.Column("crm_head_id", sa.Integer, nullable=True),
    _key("laid_out_rule"),
    sa.Column("laid_out_until", sa.Date, nullable=True),
    # Google reported something that isn't laid out in the CRM yet.
    sa.Column("is_pending", sa.Boolean, nullable=False),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_series_once"),
    sa.Index("gsync_series_due", "pair_id", "is_pending", "laid_out_until"),
    sa.Index("gsync_series_by_head", "pair_id", "crm_head_id"),
    **_OPTIONS,
)

intents = sa.Table(
    "gsync_intents",
    db.metadata,
    _id("intent_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    _key("link_key"),
    sa.Column("crm_id", sa.Integer, nullable=False),
    _google_id("google_id"),
    sa.Column("crm_version", mysql.DATETIME, nullable=True),
    sa.Column("crm_half", sa.JSON, nullable=False),
    sa.Column("existing_link_id", sa.BigInteger, nullable=True),
    sa.Column("is_delete", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_approved", sa.Boolean, nullable=False, server_default=sa.false()),
    # The CRM's series that it makes in Google.
    sa.Column("series_head_id", sa.Integer, nullable=True),
    sa.Column("occurrences", sa.JSON, nullable=False),
    # Of an update: what Google is to hold afterwards, and the version that it was sent for.
    sa.Column("google_half", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("google_etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    _moment("created_utc", nullable=False),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_intents_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_intents_by_google"),
    **_OPTIONS,
)

parked = sa.Table(
    "gsync_parked",
    db.metadata,
    _id("parked_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    sa.Column("side", sa.String(10), nullable=False),
    sa.Column("crm_id", sa.Integer, nullable=True),
    _google_id("google_id", nullable=True),
    sa.Column("crm_version", mysql.DATETIME, nullable=True),
    sa.Column("google_etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=True),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("detail", sa.String(255), nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    _moment("parked_utc", nullable=False),
    _moment("retry_at_utc"),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_parked_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_parked_by_google"),
    **_OPTIONS,
)

journal = sa.Table(
    "gsync_journal",
    db.metadata,
    _id("journal_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    sa.Column("run_id", sa.BigInteger, nullable=False),
    _moment("at_utc", nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("reason", sa.String(80), nullable=False),
    sa.Column("side", sa.String(10), nullable=False),
    sa.Column("crm_id", sa.Integer, nullable=True),
    _google_id("google_id", nullable=True),
    _google_id("series_id", nullable=True),
    sa.Column("lost", sa.JSON, nullable=True),
    sa.Column("cut", sa.JSON, nullable=True),
    # A deletion that a person had seen and approved: the brake doesn't count it.
    sa.Column("is_approved", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("gsync_journal_by_pair", "pair_id", "at_utc"),
    **_OPTIONS,
)

runs = sa.Table(
    "gsync_runs",
    db.metadata,
    _id("run_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    sa.Column("crm_user_id", sa.Integer, nullable=False),
    sa.Column("module", sa.String(20), nullable=False),
    sa.Column("trigger", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    # The pair's id while the run is queued or running, else NULL: a second click finds it taken and joins.
    sa.Column("active_key", sa.BigInteger, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    *(
        sa.Column(f"{side}_{what}", sa.Integer, nullable=False, server_default="0")
        for side in ("crm", "google")
        for what in ("created", "updated", "deleted", "skipped")
    ),
    sa.Column("crm_has_more", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("google_has_more", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("held", sa.Integer, nullable=False, server_default="0"),
    sa.Column("parked", sa.Integer, nullable=False, server_default="0"),
    sa.Column("cut", sa.Integer, nullable=False, server_default="0"),
    sa.Column("google_requests", sa.Integer, nullable=False, server_default="0"),
    sa.Column("quota_units", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error_code", sa.String(40), nullable=False, server_default=""),
    sa.Column("error_details", sa.JSON, nullable=True),
    # The planner pass that asked for it: the `laststart` it was claimed with.
    sa.Column("planner_start", sa.BigInteger, nullable=True),
    _moment("requested_utc", nullable=False),
    _moment("not_before_utc", nullable=False),
    _moment("started_utc"),
    _moment("finished_utc"),
    sa.UniqueConstraint("active_key", name="gsync_runs_one_active"),
    sa.Index("gsync_runs_by_pair", "pair_id", "run_id"),
    sa.Index("gsync_runs_by_planner", "planner_start", "status"),
    **_OPTIONS,
)

locks = sa.Table(
    "gsync_locks",
    db.metadata,
    sa.Column("lock_key", mysql.VARCHAR(255, charset="ascii", collation="ascii_bin"), primary_key=True),
    _key("owner"),
    sa.Column("generation", sa.BigInteger, nullable=False),
    _moment("expires_utc", nullable=False),
    **_OPTIONS,
)

planner = sa.Table(
    "gsync_planner",
    db.metadata,
    sa.Column("task_name", sa.String(100), primary_key=True),
    sa.Column("laststart_seen", sa.BigInteger, nullable=False),
    # The `laststart` of a pass that we claimed and have to end; NULL when none is open.
    sa.Column("open_laststart", sa.BigInteger, nullable=True),
    **_OPTIONS,
)
