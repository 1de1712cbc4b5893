"""What the CRM's own Google module remembered: which Google event is which activity (facts §3, §6.3, §12.4).

State row of the user → JSON `synctrackerid` → vtiger_wsapp.appkey → appid → rows of vtiger_wsapp_recordmapping. Rows with an
empty clientid come from failed inserts and mean nothing. Only read; the old module's tables stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

_STATE = sa.text(
    "SELECT stateencodedvalues FROM vtiger_wsapp_sync_state WHERE name = :name AND userid = :user_id ORDER BY id DESC"
)
_MAPPING = sa.text(
    "SELECT m.clientid AS google_id, m.serverid AS server_id FROM vtiger_wsapp_recordmapping m"
    " JOIN vtiger_wsapp w ON w.appid = m.appid"
    " WHERE w.appkey IN :keys AND m.clientid IS NOT NULL AND m.clientid <> ''"
).bindparams(sa.bindparam("keys", expanding=True))
_FIELDS = sa.text(
    "SELECT vtiger_field AS crm_field, google_field, google_field_type AS kind, google_custom_label AS label"
    " FROM vtiger_google_sync_fieldmapping WHERE user = :user_id"
)
_TABLES = ("vtiger_wsapp_sync_state", "vtiger_wsapp_recordmapping", "vtiger_wsapp")


def read_mapping(
    connection: sa.Connection, user_id: int, name: str = "Vtiger_GoogleCalendar"
) -> Mapping[str, int]:
    """Return google_id → crm_id as the old module left it for the user; empty where it never ran."""
    inspector = sa.inspect(connection)
    if not all(inspector.has_table(table) for table in _TABLES):
        return {}
    states = connection.execute(_STATE, {"name": name, "user_id": user_id}).scalars()
    keys = [key for state in states if (key := _tracker(state))]
    if not keys:
        return {}
    rows = connection.execute(_MAPPING, {"keys": keys})
    return {row.google_id: crm_id for row in rows if (crm_id := _crm_id(row.server_id or ""))}


def read_field_mapping(connection: sa.Connection, user_id: int) -> Sequence[tuple[str, str, str, str]]:
    """Return the user's rows of the old module's field mapping: CRM field, Google field, its type, own label."""
    if not sa.inspect(connection).has_table("vtiger_google_sync_fieldmapping"):
        return []
    found = connection.execute(_FIELDS, {"user_id": user_id})
    return [(row.crm_field or "", row.google_field or "", row.kind or "", row.label or "") for row in found]


def _tracker(state: str | None) -> str | None:
    try:
        values = json.loads(state or "")
    except ValueError:
        return None
    key = values.get("synctrackerid") if isinstance(values, dict) else None
    return key if isinstance(key, str) and key else None


def _crm_id(server_id: str) -> int | None:
    # `<webservice entity>x<crmid>`; the column is short, so ids of eight digits were cut, and are not to be trusted.
    entity, _, crm_id = server_id.partition("x")
    is_whole = len(server_id) < 10
    return int(crm_id) if entity.isdigit() and crm_id.isdigit() and is_whole else None
