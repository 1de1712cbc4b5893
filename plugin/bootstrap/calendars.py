"""Asks Google for the calendars of an account, outside of any run."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.bootstrap.execution import open_transport
from plugin.bootstrap.parts import Parts
from plugin.core.errors import CredentialsRevokedError
from plugin.google.calendar_list import list_calendars
from plugin.state.collections import SqlCollections
from plugin.sync.account_ports import Collection
from plugin.sync.choosing import ChooseCalendar


class AccountCalendars:
    """The `CalendarList` port over Google's list of calendars."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def load(self, pair_id: int) -> Sequence[Collection]:
        """See the port. Raises CredentialsRevokedError, MissingClientError, ForeignInstallError and what Google raises."""
        self._parts.install.check()
        loaded = self._parts.pairs.load(pair_id)
        if loaded is None:
            raise CredentialsRevokedError(f"pair {pair_id} is gone")
        pair = loaded[0]
        known = self._parts.tokens.load(pair.account_id)
        transport = open_transport(self._parts, pair, known)
        try:
            found = list_calendars(transport)
        finally:
            tokens = transport.tokens
            if tokens is not None and tokens.access_token != known.access_token:
                self._parts.tokens.save_access_token(pair.account_id, tokens.access_token, tokens.expires_utc)
            transport.close()
        return [Collection(e.calendar_id, e.name, e.can_write, e.is_primary) for e in found]


def choose_calendar(parts: Parts) -> ChooseCalendar:
    """Return the use case behind the settings' calendar."""
    return ChooseCalendar(AccountCalendars(parts), SqlCollections(parts.engine), parts.clock)
