"""Whose turn it is: runs, the lock of each Google account, and the CRM's planner as it was last seen."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from plugin.extensions import db
from plugin.state.models.columns import OPTIONS, id_column, key_column, moment_column

runs = sa.Table(
    "gsync_runs",
    db.metadata,
    id_column("run_id"),
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
    moment_column("requested_utc", nullable=False),
    moment_column("not_before_utc", nullable=False),
    moment_column("started_utc"),
    moment_column("finished_utc"),
    sa.UniqueConstraint("active_key", name="gsync_runs_one_active"),
    sa.Index("gsync_runs_by_pair", "pair_id", "run_id"),
    sa.Index("gsync_runs_by_planner", "planner_start", "status"),
    **OPTIONS,
)

locks = sa.Table(
    "gsync_locks",
    db.metadata,
    sa.Column("lock_key", mysql.VARCHAR(255, charset="ascii", collation="ascii_bin"), primary_key=True),
    key_column("owner"),
    sa.Column("generation", sa.BigInteger, nullable=False),
    moment_column("expires_utc", nullable=False),
    **OPTIONS,
)

planner = sa.Table(
    "gsync_planner",
    db.metadata,
    sa.Column("task_name", sa.String(100), primary_key=True),
    sa.Column("laststart_seen", sa.BigInteger, nullable=False),
    # The `laststart` of a pass that we claimed and have to end; NULL when none is open.
    sa.Column("open_laststart", sa.BigInteger, nullable=True),
    **OPTIONS,
)
