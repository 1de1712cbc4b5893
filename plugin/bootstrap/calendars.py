"""Asks Google for what an account has to choose from, outside of any run: its calendars, the labels of its contacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from plugin.bootstrap.execution import keep_renewed, open_transport
from plugin.bootstrap.parts import Parts
from plugin.core.errors import CredentialsRevokedError
from plugin.google.calendar_list import list_calendars
from plugin.google.people import GoogleContacts
from plugin.google.transport import Transport
from plugin.state.collections import SqlCollections
from plugin.sync.account_ports import Collection
from plugin.sync.choosing import ChooseCalendar, ChooseLabel
from plugin.sync.people_ports import ContactGroup


class AccountCalendars:
    """The `CalendarList` port over Google's list of calendars."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def load(self, pair_id: int) -> Sequence[Collection]:
        """See the port. Raises CredentialsRevokedError, MissingClientError, ForeignInstallError and what Google raises."""
        with _transport_of(self._parts, pair_id) as transport:
            found = list_calendars(transport)
        return [Collection(e.calendar_id, e.name, e.can_write, e.is_primary) for e in found]


class AccountLabels:
    """The `LabelList` port over Google's list of contact groups."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def load(self, pair_id: int) -> Sequence[ContactGroup]:
        """See the port. Raises the same as for calendars."""
        with _transport_of(self._parts, pair_id) as transport:
            return GoogleContacts(transport).fetch_groups()


@contextmanager
def _transport_of(parts: Parts, pair_id: int) -> Iterator[Transport]:
    parts.install.check()
    loaded = parts.pairs.load(pair_id)
    if loaded is None:
        raise CredentialsRevokedError(f"pair {pair_id} is gone")
    pair = loaded[0]
    known = parts.tokens.load(pair.account_id)
    transport = open_transport(parts, pair, known)
    try:
        yield transport
    finally:
        keep_renewed(parts, pair, known, transport)
        transport.close()


def choose_calendar(parts: Parts) -> ChooseCalendar:
    """Return the use case behind the settings' calendar."""
    return ChooseCalendar(AccountCalendars(parts), SqlCollections(parts.engine), parts.clock)


def choose_label(parts: Parts) -> ChooseLabel:
    """Return the use case behind the settings' label."""
    return ChooseLabel(AccountLabels(parts), SqlCollections(parts.engine), parts.clock)
