"""The parts that differ by CRM module, wired for one pair: what `Execution` and `Rehearsal` are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from datetime import time as time_of_day
from typing import Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from plugin.bootstrap.parts import Parts
from plugin.core.model import Direction
from plugin.crm.events import MemoryTables, UserEvents
from plugin.crm.records import ReserveIds
from plugin.google.calendar import GoogleCalendar
from plugin.google.transport import Transport
from plugin.state import models
from plugin.state.halves import EVENT_HALVES, Halves
from plugin.sync.memory_ports import Pair
from plugin.sync.module import Module
from plugin.sync.modules.calendar import CALENDAR
from plugin.sync.ports import CrmRecords, CrmUser, GoogleRecords

MEMORY = MemoryTables(models.links, models.parked, models.pairs)


class ModuleParts(Protocol):
    """One pair's module, and what builds its two sides."""

    @property
    def module(self) -> Module: ...

    @property
    def halves(self) -> Halves:
        """How the two halves of the base are kept."""

    @property
    def service(self) -> tuple[str, str]:
        """Google's name and version of the API."""

    def crm(self, connection: sa.Connection, now_utc: datetime, reserve: ReserveIds) -> CrmRecords:
        """Return the CRM's side inside a transaction."""

    def google(self, transport: Transport) -> GoogleRecords:
        """Return Google's side."""


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

    @property
    def service(self) -> tuple[str, str]:
        """See the port."""
        return "calendar", "v3"

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

    def google(self, transport: Transport) -> GoogleRecords:
        """See the port."""
        limit, zone = self.pair.sync_from, ZoneInfo(self.user.time_zone)
        midnight = datetime.combine(limit, time_of_day(), zone).astimezone(UTC) if limit else None
        is_written = Direction(self.pair.direction) is not Direction.GOOGLE_TO_CRM
        return GoogleCalendar(
            transport, self.pair.collection_id, time_min_utc=midnight, is_written=is_written
        )


def parts_of(parts: Parts, pair: Pair, user: CrmUser) -> ModuleParts:
    """Return the parts of the pair's module; the pair with the start limit that counts."""
    return CalendarParts(parts, pair, user)
