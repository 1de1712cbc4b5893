"""The parts that differ by CRM module, wired for one pair: what `Execution` and `Rehearsal` are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugin.bootstrap.parts import Parts
from plugin.core.mapping.contact_mapping import in_force
from plugin.core.mapping.stored_contact import contact_from_json, json_from_contact
from plugin.core.model import Direction
from plugin.crm.contact_numbers import reserve_numbers
from plugin.crm.contact_tables import probe_contacts
from plugin.crm.contacts import UserContacts
from plugin.crm.events import MemoryTables, UserEvents
from plugin.crm.records import ReserveIds
from plugin.google.calendar import GoogleCalendar
from plugin.google.people import GoogleContacts
from plugin.google.transport import Transport
from plugin.state import models
from plugin.state.halves import EVENT_HALVES, Halves
from plugin.sync.memory_ports import Pair
from plugin.sync.module import Module
from plugin.sync.modules.calendar import CALENDAR
from plugin.sync.modules.contacts import ContactsModule
from plugin.sync.modules.people import PersonRecords
from plugin.sync.ports import CrmRecords, CrmUser, GoogleRecords
from plugin.sync.views import ALL_CONTACTS, CONTACTS

MEMORY = MemoryTables(models.links, models.parked, models.pairs)


class ModuleParts(Protocol):
    """One pair's module, and what builds its two sides."""

    @property
    def module(self) -> Module: ...

    @property
    def halves(self) -> Halves:
        """How the two halves of the base are kept."""

    def crm(self, connection: sa.Connection, now_utc: datetime, reserve: ReserveIds) -> CrmRecords:
        """Return the CRM's side inside a transaction."""

    def google(self, transport: Transport, before_write: Callable[[], None] | None = None) -> GoogleRecords:
        """Return Google's side; `before_write` is asked before each request that writes, and raises what forbids it."""


@dataclass(frozen=True, slots=True)
class CalendarParts:
    """Activities ⇄ events."""

    parts: Parts
    pair: Pair
    user: CrmUser

    @property
    def module(self) -> Module:
        """See the port."""
        return CALENDAR

    @property
    def halves(self) -> Halves:
        """See the port."""
        return EVENT_HALVES

    def crm(self, connection: sa.Connection, now_utc: datetime, reserve: ReserveIds) -> CrmRecords:
        """See the port."""
        return UserEvents(
            connection,
            self.parts.schema,
            MEMORY,
            pair=self.pair,
            user=self.user,
            crm_zone=self.parts.settings.crm_timezone,
            now_utc=now_utc,
            reserve=reserve,
        )

    def google(self, transport: Transport, before_write: Callable[[], None] | None = None) -> GoogleRecords:
        """See the port."""
        limit, zone = self.pair.sync_from, ZoneInfo(self.user.time_zone)
        midnight = datetime.combine(limit, time_of_day(), zone).astimezone(UTC) if limit else None
        is_written = Direction(self.pair.direction) is not Direction.GOOGLE_TO_CRM
        return GoogleCalendar(
            transport,
            self.pair.collection_id,
            time_min_utc=midnight,
            is_written=is_written,
            before_request=before_write,
        )


class ContactsParts:
    """The CRM's contacts ⇄ people in Google, by the pair's field mapping."""

    def __init__(self, parts: Parts, pair: Pair, user: CrmUser) -> None:
        self._parts, self._pair, self._user = parts, pair, user
        # An administrator may have added or removed a field since the last run.
        self._schema = probe_contacts(parts.engine)
        self._mapping, _ = in_force(pair.field_choice, self._schema.fields)
        self._group_id = None if pair.collection_id == ALL_CONTACTS else pair.collection_id

    @property
    def module(self) -> Module:
        """See the port."""
        return ContactsModule(self._mapping, self._schema.fields, self._pair.creates_accounts, self._group_id)

    @property
    def halves(self) -> Halves:
        """See the port."""
        return Halves(json_from_contact, lambda stored: contact_from_json(stored, self._mapping))

    def crm(self, connection: sa.Connection, now_utc: datetime, reserve: ReserveIds) -> CrmRecords:
        """See the port."""
        return UserContacts(
            connection,
            self._schema,
            MEMORY,
            pair=self._pair,
            user=self._user,
            mapping=self._mapping,
            crm_zone=self._parts.settings.crm_timezone,
            now_utc=now_utc,
            reserve=reserve,
            reserve_numbers=self._reserve_numbers,
        )

    def google(self, transport: Transport, before_write: Callable[[], None] | None = None) -> GoogleRecords:
        """See the port."""
        contacts = GoogleContacts(transport, before_request=before_write)
        return PersonRecords(contacts, self._mapping, self._group_id)

    def _reserve_numbers(self, module: str, count: int) -> Sequence[str]:
        return reserve_numbers(self._parts.engine, module, count)


def parts_of(parts: Parts, pair: Pair, user: CrmUser) -> ModuleParts:
    """Return the parts of the pair's module; the pair with the start limit that counts."""
    if pair.module == CONTACTS:
        return ContactsParts(parts, pair, user)
    return CalendarParts(parts, pair, user)
