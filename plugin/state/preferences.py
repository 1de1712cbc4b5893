"""What users chose for their pairs, kept in the pairs' rows. Every method is a transaction of its own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plugin.core.model import Direction, Policy
from plugin.state import models as m
from plugin.state.collections import is_taken
from plugin.state.pairs import two_way_key
from plugin.sync.views import Preferences, SettingsOutcome


class SqlPreferences:
    """Preferences by pair."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def load(self, pair_id: int) -> Preferences:
        """Return what holds for the pair."""
        query = sa.select(m.pairs).where(m.pairs.c.pair_id == pair_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).one()
        return Preferences(Direction(row.direction), Policy(row.policy), row.sync_from)

    def save(self, pair_id: int, chosen: Preferences) -> SettingsOutcome:
        """Keep what was chosen, or nothing at all: a collection that may only be read, or that another user's pair writes to,

        is not written to.
        """
        this = m.pairs.c.pair_id == pair_id
        try:
            with self._engine.begin() as connection:
                row = connection.execute(sa.select(m.pairs).where(this)).one()
                # Who only reads leaves the collection to a pair that writes to it.
                is_reader = chosen.direction is Direction.GOOGLE_TO_CRM
                if not is_reader and not row.can_write:
                    return SettingsOutcome.READ_ONLY
                key = None if is_reader else two_way_key(row.module, row.google_sub, row.collection_id)
                connection.execute(
                    sa.update(m.pairs)
                    .where(this)
                    .values(
                        direction=chosen.direction.value,
                        policy=chosen.policy.value,
                        sync_from=chosen.sync_from,
                        two_way_key=key,
                    )
                )
        except IntegrityError as error:
            if is_taken(error):
                return SettingsOutcome.TAKEN
            raise
        return SettingsOutcome.KEPT
