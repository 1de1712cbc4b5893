"""Rows of our tables to and from the values of the ports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from plugin.core.contact import Slot
from plugin.core.mapping.contact_mapping import choice_from_json
from plugin.core.mapping.google_event import Resource
from plugin.core.model import Link, LinkState, Side
from plugin.state.halves import Halves
from plugin.sync.memory_ports import Intent, LinkDraft, Pair


def stored(moment_utc: datetime) -> datetime:
    """Return the moment as our DATETIME columns hold it: UTC without a zone."""
    return moment_utc.astimezone(UTC).replace(tzinfo=None)


def moment(value: datetime | None) -> datetime | None:
    """Return the aware moment of a stored one."""
    return None if value is None else value.replace(tzinfo=UTC)


def version_from_text(version: str) -> datetime | None:
    """Return the CRM's modifiedtime that a version is made of; an empty version is none."""
    return datetime.fromisoformat(version) if version else None


def version_text(version: datetime | None) -> str:
    """Return the opaque version of a stored modifiedtime."""
    return version.isoformat(" ") if version else ""


def link_from_row(row: Any, halves: Halves) -> Link:
    """Return the link; `crm_version` as the ISO text of the CRM's own time."""
    return Link(
        link_id=row.link_id,
        link_key=row.link_key,
        crm_id=row.crm_id,
        google_id=row.google_id,
        crm_version=version_text(row.crm_version),
        google_etag=row.google_etag,
        crm_half=halves.from_json(row.crm_half),
        google_half=halves.from_json(row.google_half),
        origin=Side(row.origin),
        state=LinkState(row.state),
        all_day_zone=row.all_day_zone,
        google_zone=row.google_zone,
        has_guests=bool(row.has_guests),
        is_settled=bool(row.is_settled),
        series_id=row.series_id,
        is_read_only=bool(row.is_read_only),
        guest_keys=frozenset(row.guest_keys or ()),
        pushed_utc=moment(row.pushed_utc),
    )


def row_from_draft(pair_id: int, draft: LinkDraft, halves: Halves) -> dict[str, Any]:
    """Return the columns of a link; `link_id` only where the draft has one."""
    row = {
        "pair_id": pair_id,
        "link_key": draft.link_key,
        "crm_id": draft.crm_id,
        "google_id": draft.google_id,
        "crm_version": version_from_text(draft.crm_version),
        "google_etag": draft.google_etag,
        "crm_half": halves.to_json(draft.crm_half),
        "google_half": halves.to_json(draft.google_half),
        "origin": draft.origin.value,
        "state": draft.state.value,
        "is_settled": draft.is_settled,
        "all_day_zone": draft.all_day_zone,
        "google_zone": draft.google_zone,
        "has_guests": draft.has_guests,
        "series_id": draft.series_id,
        "is_read_only": draft.is_read_only,
        "guest_keys": sorted(draft.guest_keys),
        "pushed_utc": stored(draft.pushed_utc) if draft.pushed_utc else None,
    }
    return row if draft.link_id is None else {"link_id": draft.link_id, **row}


def intent_from_row(row: Any, halves: Halves) -> Intent:
    """Return the intent."""
    return Intent(
        link_key=row.link_key,
        crm_id=row.crm_id,
        google_id=row.google_id,
        crm_version=version_text(row.crm_version),
        crm_half=halves.from_json(row.crm_half),
        noted_utc=row.created_utc.replace(tzinfo=UTC),
        existing_link_id=row.existing_link_id,
        is_delete=bool(row.is_delete),
        is_approved=bool(row.is_approved),
        series_head_id=row.series_head_id,
        occurrences=row.occurrences,
        google_half=None if row.google_half is None else halves.from_json(row.google_half),
        google_etag=row.google_etag,
    )


def intent_row(pair_id: int, intent: Intent, halves: Halves) -> dict[str, Any]:
    """Return the columns of an intent."""
    return {
        "pair_id": pair_id,
        "link_key": intent.link_key,
        "crm_id": intent.crm_id,
        "google_id": intent.google_id,
        "crm_version": version_from_text(intent.crm_version),
        "crm_half": halves.to_json(intent.crm_half),
        "existing_link_id": intent.existing_link_id,
        "is_delete": intent.is_delete,
        "is_approved": intent.is_approved,
        "series_head_id": intent.series_head_id,
        "occurrences": dict(intent.occurrences),
        "google_half": None if intent.google_half is None else halves.to_json(intent.google_half),
        "google_etag": intent.google_etag,
        "created_utc": stored(intent.noted_utc),
    }


def inbox_row(pair_id: int, resource: Resource, now_utc: datetime) -> dict[str, Any]:
    """Return the columns of an inbox item."""
    return {
        "pair_id": pair_id,
        "google_id": resource["id"],
        "etag": resource.get("etag", ""),
        "is_tombstone": resource.get("status") == "cancelled",
        "payload": dict(resource),
        "received_utc": stored(now_utc),
    }


def choice_from_row(row: Any) -> tuple[Slot, ...] | None:
    """Return the field mapping that a pair's user chose; None for the CRM's own."""
    return None if row.field_choice is None else choice_from_json(row.field_choice)


def pair_from_row(row: Any) -> Pair:
    """Return the pair."""
    return Pair(
        pair_id=row.pair_id,
        account_id=row.account_id,
        crm_user_id=row.crm_user_id,
        google_sub=row.google_sub,
        module=row.module,
        collection_id=row.collection_id,
        policy=row.policy,
        direction=row.direction,
        sync_from=row.sync_from,
        field_choice=choice_from_row(row),
        creates_accounts=bool(row.creates_accounts),
        sync_token=row.sync_token,
        list_hash=row.list_hash,
        is_listed=bool(row.is_listed),
        is_matched=bool(row.is_matched),
        approved_deletions=frozenset(row.approved_deletions or ()),
        deletions_approved_utc=moment(row.deletions_approved_utc),
        connected_utc=moment(row.connected_utc),
    )
