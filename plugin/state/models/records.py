"""What is remembered of a pair's records: links, what waits, what is on its way, and what was done."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from plugin.extensions import db
from plugin.state.models.columns import OPTIONS, google_id_column, id_column, key_column, moment_column

links = sa.Table(
    "gsync_links",
    db.metadata,
    id_column("link_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    key_column("link_key"),
    sa.Column("crm_id", sa.Integer, nullable=False),
    google_id_column("google_id"),
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
    google_id_column("series_id", nullable=True),
    sa.Column("is_read_only", sa.Boolean, nullable=False, server_default=sa.false()),
    # Digests of the guests that were looked up among the CRM's contacts: those related once aren't related again.
    sa.Column("guest_keys", sa.JSON, nullable=True),
    # Lists of people lag behind: for a while after this they may show what was before.
    moment_column("pushed_utc"),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_links_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_links_by_google"),
    # All that tells whether a linked row changed: every run reads these columns of all links, and none of the large ones.
    sa.Index("gsync_links_versions", "pair_id", "crm_id", "state", "crm_version", "is_settled"),
    sa.Index("gsync_links_by_series", "pair_id", "series_id"),
    sa.Index("gsync_links_by_key", "pair_id", "link_key"),
    **OPTIONS,
)

inbox = sa.Table(
    "gsync_inbox",
    db.metadata,
    id_column("inbox_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    google_id_column("google_id"),
    sa.Column("etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    sa.Column("is_tombstone", sa.Boolean, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    moment_column("received_utc", nullable=False),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_inbox_once"),
    **OPTIONS,
)

series = sa.Table(
    "gsync_series",
    db.metadata,
    id_column("series_row_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    google_id_column("google_id"),
    sa.Column("etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=False),
    sa.Column("master", sa.JSON, nullable=False),
    sa.Column("exceptions", sa.JSON, nullable=False),
    sa.Column("crm_head_id", sa.Integer, nullable=True),
    key_column("laid_out_rule"),
    sa.Column("laid_out_until", sa.Date, nullable=True),
    # Google reported something that isn't laid out in the CRM yet.
    sa.Column("is_pending", sa.Boolean, nullable=False),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_series_once"),
    sa.Index("gsync_series_due", "pair_id", "is_pending", "laid_out_until"),
    sa.Index("gsync_series_by_head", "pair_id", "crm_head_id"),
    **OPTIONS,
)

intents = sa.Table(
    "gsync_intents",
    db.metadata,
    id_column("intent_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    key_column("link_key"),
    sa.Column("crm_id", sa.Integer, nullable=False),
    google_id_column("google_id"),
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
    moment_column("created_utc", nullable=False),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_intents_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_intents_by_google"),
    **OPTIONS,
)

parked = sa.Table(
    "gsync_parked",
    db.metadata,
    id_column("parked_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    sa.Column("side", sa.String(10), nullable=False),
    sa.Column("crm_id", sa.Integer, nullable=True),
    google_id_column("google_id", nullable=True),
    sa.Column("crm_version", mysql.DATETIME, nullable=True),
    sa.Column("google_etag", mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), nullable=True),
    sa.Column("reason", sa.String(60), nullable=False),
    sa.Column("detail", sa.String(255), nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    moment_column("parked_utc", nullable=False),
    moment_column("retry_at_utc"),
    sa.UniqueConstraint("pair_id", "crm_id", name="gsync_parked_by_crm"),
    sa.UniqueConstraint("pair_id", "google_id", name="gsync_parked_by_google"),
    **OPTIONS,
)

journal = sa.Table(
    "gsync_journal",
    db.metadata,
    id_column("journal_id"),
    sa.Column("pair_id", sa.BigInteger, nullable=False),
    sa.Column("run_id", sa.BigInteger, nullable=False),
    moment_column("at_utc", nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("reason", sa.String(80), nullable=False),
    sa.Column("side", sa.String(10), nullable=False),
    sa.Column("crm_id", sa.Integer, nullable=True),
    google_id_column("google_id", nullable=True),
    google_id_column("series_id", nullable=True),
    sa.Column("lost", sa.JSON, nullable=True),
    sa.Column("cut", sa.JSON, nullable=True),
    # A deletion that a person had seen and approved: the brake doesn't count it.
    sa.Column("is_approved", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("gsync_journal_by_pair", "pair_id", "at_utc"),
    **OPTIONS,
)
