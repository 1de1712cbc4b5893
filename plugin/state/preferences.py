"""What users chose for their pairs, kept in the pairs' rows. Every method is a transaction of its own."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plugin.core.model import Direction, Policy
from plugin.state import models as m
from plugin.state.pairs import two_way_key
from plugin.sync.views import Preferences


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

    def save(self, pair_id: int, chosen: Preferences) -> bool:
        """Keep what was chosen. False, and nothing is kept, if another user's pair already writes to the collection."""
        this = m.pairs.c.pair_id == pair_id
        try:
            with self._engine.begin() as connection:
                row = connection.execute(sa.select(m.pairs).where(this)).one()
                # Who only reads leaves the collection to a pair that writes to it.
                is_reader = chosen.direction is Direction.GOOGLE_TO_CRM
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
            if "gsync_pairs_two_way_once" in str(error.orig):
                return False
            raise
        return True
