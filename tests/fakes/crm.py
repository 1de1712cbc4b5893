"""The CRM's activities in memory, held to the same contract as the real adapter (tests/contract/crm_contract.py)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from plugin.core.crm_rules import CrmRule
from plugin.core.errors import RefusedError
from plugin.core.mapping.crm_event import ActivityRow
from plugin.core.model import CrmLimits, Field, Link, LinkState, Presence
from plugin.sync.ports import CrmEvents, CrmRecord, CrmRepeat, CrmUser, CrmWrite, JoinedSeries
from tests.builders import USER_ID, a_row
from tests.fakes.tables import FakeDatabase, StoredActivity, StoredContact, Tables

NOT_EVENTS = {"Task", "Emails"}
NO_REPEAT = "--None--"
UNSETTLED = timedelta(seconds=5)

_COLUMNS = {
    Field.SUBJECT: ("subject",),
    Field.DESCRIPTION: ("description",),
    Field.LOCATION: ("location",),
    Field.VISIBILITY: ("visibility",),
    Field.WHEN: ("date_start", "time_start", "due_date", "time_end"),
}


class FakeCrmEvents(CrmEvents):
    """One user's activities inside a transaction; a row that is longer than its columns is refused, as by a strict server."""

    def __init__(self, tables: Tables, user: CrmUser, limits: CrmLimits, now_utc: datetime) -> None:
        self._tables, self._user, self._limits = tables, user, limits
        self._now_utc = now_utc
        self._now = crm_time(now_utc)

    def read_changes(self, limit: int) -> Sequence[CrmRecord]:
        """See the port."""
        links = {link.crm_id: link for link in self._tables.links.values()}
        changed = [i for i in sorted(self._tables.activities) if self._has_changed(i, links.get(i))]
        left = [
            link.crm_id for link in self._tables.links.values() if self._has_left(link.crm_id, link.state)
        ]
        records = self.read_records([*changed[:limit], *left]).values()
        return [replace(r, link_id=links[r.crm_id].link_id) if r.crm_id in links else r for r in records]

    def read_unlinked(self) -> Sequence[CrmRecord]:
        """See the port."""
        linked = {link.crm_id for link in self._tables.links.values()} | self._tables.linked_in_resting
        records = [self._record(crm_id) for crm_id in sorted(self._tables.activities) if crm_id not in linked]
        return [r for r in records if r.presence is Presence.ALIVE and self._is_after_limit(r)]

    def read_legacy_mapping(self) -> Mapping[str, int]:
        """See the port."""
        return self._tables.legacy_mapping

    def read_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port."""
        return {crm_id: self._record(crm_id) for crm_id in crm_ids}

    def lock_records(self, crm_ids: Sequence[int]) -> Mapping[int, CrmRecord]:
        """See the port. Nothing else runs while a transaction is open."""
        return self.read_records(crm_ids)

    def create(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """See the port."""
        for row in rows:
            if row.crm_id in self._tables.activities:
                raise RefusedError("two records of one id", "duplicate")
            self._put(row.crm_id, StoredActivity(self._fitting(row), self._user.user_id, crm_time(now_utc)))

    def update(self, writes: Sequence[CrmWrite], now_utc: datetime) -> None:
        """See the port."""
        for write in writes:
            stored = self._tables.activities[write.row.crm_id]
            names = [name for field in write.fields for name in _COLUMNS[field]]
            row = replace(stored.row, **{name: getattr(write.row, name) for name in names})
            self._put(row.crm_id, replace(stored, row=self._fitting(row), modified=crm_time(now_utc)))

    def revive(self, rows: Sequence[ActivityRow], now_utc: datetime) -> None:
        """See the port."""
        for row in rows:
            stored = self._tables.activities[row.crm_id]
            alive = replace(stored, row=self._fitting(row), is_deleted=False, modified=crm_time(now_utc))
            kind = NO_REPEAT if stored.recurring_type not in {"", NO_REPEAT} else stored.recurring_type
            self._put(row.crm_id, replace(alive, recurring_type=kind))

    def delete(self, crm_ids: Sequence[int], now_utc: datetime) -> None:
        """See the port."""
        for crm_id in crm_ids:
            stored = self._tables.activities[crm_id]
            gone = replace(stored, is_deleted=True, modified=crm_time(now_utc))
            if stored.rule is not None:
                kept = {name: value for name, value in stored.unmapped.items() if name != "reminder"}
                gone = replace(gone, head_id=None, rule=None, unmapped=kept)
            self._put(crm_id, gone)

    def read_repeats(self, crm_ids: Sequence[int]) -> Sequence[CrmRepeat]:
        """See the port."""
        repeats: list[CrmRepeat] = []
        rule_of: dict[int, CrmRule] = {}
        for crm_id in sorted(crm_ids):
            stored = self._tables.activities[crm_id]
            if stored.head_id is not None and stored.rule is not None:
                rule_of.setdefault(stored.head_id, stored.rule)
        for head_id, rule in sorted(rule_of.items()):
            records = [
                self._record(i) for i, s in sorted(self._tables.activities.items()) if s.head_id == head_id
            ]
            there = [r.crm_id for r in records if r.presence is Presence.ALIVE and self._is_after_limit(r)]
            repeats.append(CrmRepeat(head_id, rule.kind, rule.interval, tuple(there)))
        return repeats

    def join_repeats(self, series: Sequence[JoinedSeries]) -> None:
        """See the port."""
        for one in series:
            for crm_id in one.crm_ids:
                stored = self._tables.activities[crm_id]
                if one.rule is None and one.is_new_rule:
                    stored = replace(stored, head_id=None, rule=None, recurring_type=NO_REPEAT)
                elif one.rule is not None and (one.is_new_rule or stored.head_id is None):
                    stored = replace(stored, head_id=one.head_id, rule=one.rule, recurring_type=one.rule.kind)
                self._put(crm_id, stored)

    def relate_contacts(self, guests: Mapping[int, Collection[str]]) -> None:
        """See the port."""
        for crm_id, addresses in guests.items():
            stored = self._tables.activities[crm_id]
            found = {c.contact_id for c in self._tables.contacts.values() if self._is_among(c, addresses)}
            self._put(crm_id, replace(stored, contact_ids=stored.contact_ids | found))

    def find_transferred(self, records: Sequence[CrmRecord]) -> frozenset[int]:
        """See the port."""
        return find_transferred(self._tables, self._user, records)

    # --- inside ---

    def _is_among(self, contact: StoredContact, addresses: Collection[str]) -> bool:
        is_seen = not self._tables.are_contacts_private or contact.owner_id == self._user.user_id
        is_guest = {contact.email.lower(), contact.secondary_email.lower()} & set(addresses)
        return bool(is_guest) and is_seen and not contact.is_deleted

    def _has_changed(self, crm_id: int, link: Link | None) -> bool:
        record = self._record(crm_id)
        if record.presence is not Presence.ALIVE or self._is_parked(crm_id, record.version):
            return False
        if link is None:
            return self._is_after_limit(record) and crm_id not in self._tables.linked_in_resting
        return link.state is not LinkState.LIVE or link.crm_version != record.version or not link.is_settled

    def _has_left(self, crm_id: int, state: LinkState) -> bool:
        record = self._record(crm_id)
        is_there = record.presence is Presence.ALIVE
        return state is LinkState.LIVE and not is_there and not self._is_parked(crm_id, record.version)

    def _is_after_limit(self, record: CrmRecord) -> bool:
        limit = self._tables.pair.sync_from
        if limit is None or record.row is None:
            return True
        return max(record.row.due_date or date.min, record.row.date_start) >= limit - timedelta(days=2)

    def _is_parked(self, crm_id: int, version: str) -> bool:
        parked = self._tables.parked.get(("crm", str(crm_id)))
        if parked is None or parked.item.version != version:
            return False
        return parked.item.retry_at_utc is None or parked.item.retry_at_utc > self._now_utc

    def _record(self, crm_id: int) -> CrmRecord:
        stored = self._tables.activities.get(crm_id)
        if stored is None:
            return CrmRecord(crm_id, Presence.GONE, "", None)
        return CrmRecord(
            crm_id=crm_id,
            presence=self._presence(stored),
            version=stored.modified.isoformat(" "),
            row=stored.row,
            repeats=stored.recurring_type not in {"", NO_REPEAT},
            is_settled=self._now - stored.modified > UNSETTLED,
            is_owned=stored.owner_id == self._user.user_id,
            modified_utc=stored.modified.replace(tzinfo=UTC),
        )

    def _presence(self, stored: StoredActivity) -> Presence:
        if stored.owner_id != self._user.user_id:
            return Presence.LEFT
        if stored.is_deleted:
            return Presence.GONE
        return Presence.LEFT if stored.activity_type in NOT_EVENTS else Presence.ALIVE

    def _fitting(self, row: ActivityRow) -> ActivityRow:
        if len(row.subject) > self._limits.subject_chars or len(row.location) > self._limits.location_chars:
            raise RefusedError("data too long", "database error 1406")
        return row

    def _put(self, crm_id: int, stored: StoredActivity) -> None:
        self._tables.activities[crm_id] = stored


class FakeCrmHands:
    """The CRM's own pages: what users do there. Each call is committed at once."""

    def __init__(self, database: FakeDatabase, now_utc: Callable[[], datetime]) -> None:
        self._database, self._now_utc = database, now_utc

    def add(self, subject: str = "Meeting", *, owner_id: int = USER_ID, **columns: Any) -> int:
        """Create an activity of tomorrow morning (UTC) and return its id; `recurring_type`, `activity_type` as well."""
        [crm_id] = self._database.sequences.reserve_crm_ids(1)
        about = {name: columns.pop(name) for name in ("recurring_type", "activity_type") if name in columns}
        unmapped = {"reminder": f"reminder of {crm_id}", "invitees": (7, 9)}
        row = a_row(crm_id, subject=subject, **columns)
        self._put(StoredActivity(row, owner_id, self._now, unmapped=unmapped, **about))
        return crm_id

    def add_series(
        self, rule: CrmRule, days: Sequence[str], subject: str = "Meeting", **columns: Any
    ) -> list[int]:
        """Create an activity on each of these days, as one series, and return their ids."""
        crm_ids = [self.add(subject, **(on(day) | columns), recurring_type=rule.kind) for day in days]
        for crm_id in crm_ids:
            self._put(replace(self.stored(crm_id), head_id=crm_ids[0], rule=rule))
        return crm_ids

    def put_into_series(self, crm_id: int, head_id: int) -> None:
        """Let an activity belong to a series, as one that was added to it later does."""
        self._put(replace(self.stored(crm_id), head_id=head_id))

    def leave_series(self, crm_id: int) -> None:
        """Take an activity out of its series' list, as a proper delete does; it is saved by another call."""
        self._put(replace(self.stored(crm_id), head_id=None, rule=None, recurring_type=NO_REPEAT))

    def repeat(self, crm_id: int) -> tuple[int | None, CrmRule | None, str]:
        """Return the series that an activity is in, its rule there, and what its own row says."""
        stored = self.stored(crm_id)
        return stored.head_id, stored.rule, stored.recurring_type

    def has_reminder(self, crm_id: int) -> bool:
        """Tell whether the activity reminds its user."""
        return "reminder" in self.unmapped(crm_id)

    def edit(self, crm_id: int, **columns: Any) -> None:
        """Save an activity with other values."""
        about = {name: columns.pop(name) for name in ("recurring_type", "activity_type") if name in columns}
        stored = self.stored(crm_id)
        self._put(replace(stored, row=replace(stored.row, **columns), modified=self._now, **about))

    def touch(self, crm_id: int) -> None:
        """Save an activity as it is."""
        self.edit(crm_id)

    def assign(self, crm_id: int, owner_id: int) -> None:
        """Give an activity to another user, without a trace in its modified time."""
        self._put(replace(self.stored(crm_id), owner_id=owner_id))

    def transfer(self, owner_id: int, new_owner_id: int) -> None:
        """Give all that a user owns to another one, as the CRM does before it marks the user as deleted."""
        tables = self._database.tables
        for crm_id, stored in tables.activities.items():
            if stored.owner_id == owner_id:
                self.assign(crm_id, new_owner_id)
        tables.emptied_users |= {owner_id}

    def link_elsewhere(self, crm_id: int, user_id: int) -> None:
        """Let the pair of another user have a link with the activity as it is now."""
        version = self.stored(crm_id).modified.isoformat(" ")
        self._database.tables.linked_elsewhere[crm_id] = (user_id, version)

    def delete(self, crm_id: int) -> None:
        """Put an activity into the bin."""
        self._put(replace(self.stored(crm_id), is_deleted=True, modified=self._now))

    def restore(self, crm_id: int) -> None:
        """Take an activity out of the bin."""
        self._put(replace(self.stored(crm_id), is_deleted=False, modified=self._now))

    def purge(self, crm_id: int) -> None:
        """Empty the bin of this one."""
        del self._database.tables.activities[crm_id]

    def add_contact(self, email: str, *, owner_id: int = USER_ID, secondary_email: str = "") -> int:
        """Create a contact and return its id."""
        [contact_id] = self._database.sequences.reserve_crm_ids(1)
        contact = StoredContact(contact_id, email, secondary_email, owner_id)
        self._database.tables.contacts[contact_id] = contact
        return contact_id

    def delete_contact(self, contact_id: int) -> None:
        """Put a contact into the bin."""
        contacts = self._database.tables.contacts
        contacts[contact_id] = replace(contacts[contact_id], is_deleted=True)

    def contacts_of(self, crm_id: int) -> list[int]:
        """Return the contacts that an activity is related to, sorted."""
        return sorted(self.stored(crm_id).contact_ids)

    def take_off(self, crm_id: int, contact_id: int) -> None:
        """Save an activity without one of its contacts."""
        stored = self.stored(crm_id)
        left = stored.contact_ids - {contact_id}
        self._put(replace(stored, contact_ids=left, modified=self._now))

    def keep_contacts_private(self) -> None:
        """Let users see their own contacts only."""
        self._database.tables.are_contacts_private = True

    def stored(self, crm_id: int) -> StoredActivity:
        """Return all that is kept of an activity."""
        return self._database.tables.activities[crm_id]

    def row(self, crm_id: int) -> ActivityRow:
        """Return the mapped columns."""
        return self.stored(crm_id).row

    def unmapped(self, crm_id: int) -> Mapping[str, Any]:
        """Return all that isn't ours to write."""
        return self.stored(crm_id).unmapped

    def rows(self, owner_id: int = USER_ID) -> dict[int, ActivityRow]:
        """Return a user's living activities."""
        found = self._database.tables.activities.items()
        return {i: s.row for i, s in found if s.owner_id == owner_id and not s.is_deleted}

    def subjects(self, owner_id: int = USER_ID) -> list[str]:
        """Return the subjects of a user's living activities, sorted."""
        return sorted(row.subject for row in self.rows(owner_id).values())

    @property
    def _now(self) -> datetime:
        return crm_time(self._now_utc())

    def _put(self, stored: StoredActivity) -> None:
        self._database.tables.activities[stored.row.crm_id] = stored


def crm_time(moment_utc: datetime) -> datetime:
    """Return the moment as the CRM's columns hold it: whole seconds of its default zone, here UTC."""
    return moment_utc.replace(tzinfo=None, microsecond=0)


def find_transferred(tables: Tables, user: CrmUser, records: Sequence[CrmRecord]) -> frozenset[int]:
    """Return the ids of those that a delete-user transfer moved; see `CrmRecords.find_transferred`."""
    return frozenset(record.crm_id for record in records if _is_transferred(tables, user, record))


def _is_transferred(tables: Tables, user: CrmUser, record: CrmRecord) -> bool:
    if record.presence is Presence.LEFT and not record.is_owned:
        return user.user_id in tables.emptied_users
    if record.presence is not Presence.ALIVE or record.link_id is not None:
        return False
    user_id, version = tables.linked_elsewhere.get(record.crm_id, (user.user_id, ""))
    return user_id in tables.emptied_users and version == record.version


def on(
    day: str, start: str = "09:00:00", end: str = "10:30:00", last_day: str | None = None
) -> dict[str, Any]:
    """Return the time columns of an activity."""
    return {
        "date_start": date.fromisoformat(day),
        "time_start": start,
        "due_date": date.fromisoformat(last_day or day),
        "time_end": end,
    }
