"""Behaviours Google does not document, or that tests want to force; set under /_sim/switches."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

from demo.google.wire import Json


@dataclass
class Switches:
    page_size_cap: int | None = None
    """Largest page whatever maxResults says; forces paging."""
    empty_pages: bool = False
    """The first page of every events.list is empty but has a nextPageToken."""
    batch_limit: int = 1000
    """Most parts in one batch; the guide says 1000, older texts 50."""
    batch_shuffle: bool = False
    """Execute the parts of a batch in random order (answers stay in request order)."""
    batch_conflict: bool = False
    """Two writes on one event or series in one batch: the second answers 409 conflict."""
    garbage_sync_token: Literal["410", "400"] = "410"
    """The answer to a sync token that never was one."""
    token_parameters: Literal["ignore", "400"] = "ignore"
    """The answer when other parameters change between a sync token and its use."""
    filtered_increments: bool = False
    """Increments stay inside timeMin/timeMax of the first list."""
    sync_token_days: float | None = None
    """Calendar sync tokens older than this are dead."""
    updated_min_days: float = 30
    """updatedMin may reach back so far."""
    tombstones: Literal["full", "bare"] = "full"
    """Deleted events keep their body, or only what is guaranteed."""
    tombstone_days: float | None = None
    """Tombstones older than this are forgotten (404)."""
    sequence: Literal["time", "always", "never"] = "time"
    """When the server raises `sequence`."""
    mails_unasked: bool = False
    """A write without sendUpdates mails the guests: "some emails might still be sent" is all that Google says."""
    html_descriptions: bool = False
    """Descriptions come back as HTML (line breaks become <br>)."""
    expires_in: int = 3599
    """Life of an access token; below 226 google-auth refreshes before every call."""
    code_seconds: int = 600
    """Life of an authorization code."""
    rotate_refresh_tokens: bool = False
    """Each refresh brings a new refresh token, and the old one dies; Google may, and normally doesn't."""
    testing_project: bool = False
    """The project is in 'Testing': refresh tokens die after 7 days."""
    refresh_tokens_per_client: int = 100
    """Live refresh tokens per account and client; the next one kills the oldest."""
    user_units_per_minute: int | None = None
    """Quota per user (Google: 600); None switches it off."""
    project_units_per_minute: int | None = None
    """Quota of the project (Google: 10,000); None switches it off."""
    people_delay_s: float = 0
    """How long lists of people lag behind writes, by the simulator's clock (Google: minutes)."""
    people_delay_random: bool = False
    """Each write lags between nothing and people_delay_s, so lists learn of them out of order."""
    people_delay_gets: bool = False
    """Single people lag too, not only lists."""
    people_token_days: float = 7
    """How long after the full sync a sync token of people is alive."""
    people_expired_status: Literal["400", "410"] = "400"
    """The status of EXPIRED_SYNC_TOKEN; older texts say 410."""
    people_batch: Literal["item", "whole"] = "item"
    """One refused person of a batch: its own status, or the whole batch refused and nothing done."""
    people_concurrent: Literal["allow", "409", "500"] = "allow"
    """The answer to a write while another of the same user is under way; Google asks for one after another."""
    people_delete_missing: Literal["404", "ignore"] = "404"
    """batchDeleteContacts with an unknown name: nothing is deleted, or the others are."""
    people_critical_reads: int | None = None
    """Quota per user and minute (seen at Google: 60); None switches it off, as with the following."""
    people_critical_writes: int | None = None
    """Quota per user and minute (seen: 30)."""
    people_writes: int | None = None
    """Deletes and group writes per user and minute (seen: 30)."""
    people_group_reads: int | None = None
    """Quota per user and minute (seen: 90)."""
    people_daily_writes: int | None = None
    """Quota per day (seen: 100,000)."""
    people_full_syncs: int | None = None
    """First pages of full syncs per user and minute; Google has a fixed limit that it doesn't tell."""

    def update(self, values: Json) -> None:
        """Set the named switches; raises ValueError and changes nothing if one does not fit."""
        hints = get_type_hints(type(self))
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r}; known: {', '.join(sorted(known))}")
            if not _fits(value, hints[name]):
                raise ValueError(f"switch {name!r} does not take {value!r}")
        for name, value in values.items():
            setattr(self, name, value)

    def dump(self) -> Json:
        return asdict(self)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    allowed = get_args(hint) or (hint,)
    if isinstance(value, bool):
        return bool in allowed
    if isinstance(value, int) and float in allowed:
        return True
    return isinstance(value, allowed)
