"""Which Google collection a user's module syncs: one pair is in use, the others rest with their links (docs/adr/0007).

Contacts have one pair for all labels of an account (docs/adr/0012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plugin.by_key import update_by_key, update_found
from plugin.core.contact import Slot
from plugin.core.errors import CollectionLostError, WriteAccessLostError
from plugin.core.mapping.contact_mapping import json_from_choice
from plugin.core.model import Direction
from plugin.state import models as m
from plugin.state.pairs import ACTIVE, OFF, two_way_key
from plugin.state.rows import stored
from plugin.sync.account_ports import Collection
from plugin.sync.views import CONTACTS, SettingsOutcome

_LOST = (CollectionLostError.code, WriteAccessLostError.code)


@dataclass(frozen=True, slots=True)
class PairOwner:
    """Whose pair it is."""

    account_id: int
    crm_user_id: int
    google_sub: str
    module: str


class SqlCollections:
    """The `CollectionStore` over MariaDB or MySQL; every method is a transaction of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def taken(self, pair_id: int, collection_ids: Sequence[str]) -> frozenset[str]:
        """See the port."""
        with self._engine.connect() as connection:
            owner = _owner_of(connection, pair_id)
            key_of = {i: two_way_key(owner.module, owner.google_sub, i) for i in collection_ids}
            query = sa.select(m.pairs.c.two_way_key).where(
                m.pairs.c.two_way_key.in_(set(key_of.values())), m.pairs.c.crm_user_id != owner.crm_user_id
            )
            found = set(connection.execute(query).scalars())
            return frozenset(i for i, key in key_of.items() if key in found)

    def take_up(self, pair_id: int, collection: Collection, now_utc: datetime) -> SettingsOutcome:
        """See the port: whom the database refuses the collection's key reads only."""
        outcome = SettingsOutcome.KEPT if collection.can_write else SettingsOutcome.READ_ONLY
        try:
            self._take_up(pair_id, collection, now_utc)
        except IntegrityError as error:
            if not is_taken(error):
                raise
            outcome = SettingsOutcome.TAKEN
            self._take_up(pair_id, collection, now_utc, reads_only=True)
        return outcome

    def _take_up(
        self, pair_id: int, collection: Collection, now_utc: datetime, *, reads_only: bool = False
    ) -> None:
        with self._engine.begin() as connection:
            owner = _owner_of(connection, pair_id)
            use_pair(connection, owner, collection, now_utc, like=pair_id, reads_only=reads_only)


def is_taken(error: IntegrityError) -> bool:
    """Tell whether the database refused because another pair writes to the collection."""
    return "gsync_pairs_two_way_once" in str(error.orig)


def last_used(connection: sa.Connection, account_id: int, module: str) -> Collection | None:
    """Return the collection that the account used last for the module, unless it was lost.

    A lost label stays: the whole address book is nothing that a user who chose a label asked for.
    """
    query = (
        sa.select(m.pairs)
        .where(m.pairs.c.account_id == account_id, m.pairs.c.module == module)
        .order_by(m.pairs.c.taken_up_utc.desc(), m.pairs.c.pair_id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None or (row.problem_code in _LOST and module != CONTACTS):
        return None
    return Collection(row.collection_id, row.collection_name, bool(row.can_write))


def use_pair(
    connection: sa.Connection,
    owner: PairOwner,
    collection: Collection,
    now_utc: datetime,
    *,
    like: int | None = None,
    reads_only: bool = False,
    field_choice: Sequence[Slot] | None = None,
) -> None:
    """Put the collection's pair to use and let the user's others rest.

    One used before comes back with its links and settings; a new one begins with those of `like`, or with this field choice.
    Raises IntegrityError if another pair writes to the collection.
    """
    _rest(connection, owner)
    same = _same_pair(owner, collection)
    before = connection.execute(sa.select(m.pairs).where(same)).one_or_none()
    settings = {"direction": before.direction} if before is not None else _settings_like(connection, like)
    if reads_only or not collection.can_write:
        settings["direction"] = Direction.GOOGLE_TO_CRM.value
    is_reader = settings["direction"] == Direction.GOOGLE_TO_CRM.value
    key = two_way_key(owner.module, owner.google_sub, collection.collection_id)
    values = {
        **settings,
        **_anew(before, collection),
        "collection_name": collection.name,
        "can_write": collection.can_write,
        "two_way_key": None if is_reader else key,
        "status": ACTIVE,
        "problem_code": "",
        # What people wrote down on both sides by hand while the pair rested is one event, as at the first contact.
        "is_matched": False,
        "taken_up_utc": stored(now_utc),
    }
    if before is not None:
        connection.execute(update_by_key(m.pairs, [before.pair_id]).values(**values))
        return
    connection.execute(
        sa.insert(m.pairs).values(
            account_id=owner.account_id,
            crm_user_id=owner.crm_user_id,
            google_sub=owner.google_sub,
            module=owner.module,
            field_choice=None if field_choice is None else json_from_choice(field_choice),
            **values,
        )
    )


def _same_pair(owner: PairOwner, collection: Collection) -> sa.ColumnElement[bool]:
    same = sa.and_(m.pairs.c.account_id == owner.account_id, m.pairs.c.module == owner.module)
    # Labels are parts of one address book: whichever is chosen, its contacts are the same, and so are their links.
    return same if owner.module == CONTACTS else same & (m.pairs.c.collection_id == collection.collection_id)


def _anew(before: Any, collection: Collection) -> dict[str, Any]:
    """Return the collection, and have everything listed again if it is another one than before."""
    is_other = before is None or before.collection_id != collection.collection_id
    return {
        "collection_id": collection.collection_id,
        **({"sync_token": None, "list_hash": None} if is_other else {}),
    }


def _rest(connection: sa.Connection, owner: PairOwner) -> None:
    is_own = sa.and_(m.pairs.c.crm_user_id == owner.crm_user_id, m.pairs.c.module == owner.module)
    update_found(connection, m.pairs, is_own, m.pairs.c.status != OFF, status=OFF, two_way_key=None)


def _owner_of(connection: sa.Connection, pair_id: int) -> PairOwner:
    row = connection.execute(sa.select(m.pairs).where(m.pairs.c.pair_id == pair_id)).one()
    return PairOwner(row.account_id, row.crm_user_id, row.google_sub, row.module)


def _settings_like(connection: sa.Connection, pair_id: int | None) -> dict[str, Any]:
    if pair_id is None:
        return {"direction": Direction.BOTH.value}
    row = connection.execute(sa.select(m.pairs).where(m.pairs.c.pair_id == pair_id)).one()
    # The direction of a collection that could only be read was nobody's choice.
    direction = row.direction if row.can_write else Direction.BOTH.value
    return {"direction": direction, "policy": row.policy, "sync_from": row.sync_from}
