"""Accounts, pairs and visits to the consent page. Every method is a transaction of its own; secrets go in encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.exc import IntegrityError

from plugin.by_key import delete_found
from plugin.core.contact import Slot
from plugin.core.errors import KeyMissingError
from plugin.state import models as m
from plugin.state.collections import PairOwner, is_taken, last_used, use_pair
from plugin.state.crypto import SecretBox
from plugin.state.pairs import ACTIVE, OFF, ask_again, current, status_of
from plugin.state.rows import moment, stored
from plugin.sync.account_ports import Collection, Grant, OpenState
from plugin.sync.views import ConnectionStatus, ConnectionView, ConnectOutcome


class SqlGrants:
    """The `GrantStore` over MariaDB or MySQL."""

    def __init__(self, engine: sa.Engine, secrets: SecretBox) -> None:
        self._engine, self._secrets = engine, secrets

    # --- visits to the consent page ---

    def save_state(self, state: OpenState, now_utc: datetime) -> None:
        """See the port; visits that expired a day ago and more are swept."""
        with self._engine.begin() as connection:
            delete_found(
                connection, m.oauth_states, m.oauth_states.c.expires_utc < stored(now_utc - timedelta(days=1))
            )
            connection.execute(
                sa.insert(m.oauth_states).values(
                    state_hash=state.state_hash,
                    session_hash=state.session_hash,
                    crm_user_id=state.crm_user_id,
                    module=state.module,
                    verifier_encrypted=self._secrets.encrypt(state.verifier),
                    created_utc=stored(now_utc),
                    expires_utc=stored(state.expires_utc),
                )
            )

    def use_state(self, state_hash: str, now_utc: datetime) -> OpenState | None:
        """See the port: the conditional update lets exactly one caller through."""
        states = m.oauth_states
        with self._engine.begin() as connection:
            used = connection.execute(
                sa.update(states)
                .where(
                    states.c.state_hash == state_hash,
                    states.c.used_utc.is_(None),
                    states.c.expires_utc > stored(now_utc),
                )
                .values(used_utc=stored(now_utc))
            )
            if used.rowcount != 1:
                return None
            row = connection.execute(sa.select(states).where(states.c.state_hash == state_hash)).one()
        return OpenState(
            state_hash=row.state_hash,
            session_hash=row.session_hash,
            crm_user_id=row.crm_user_id,
            module=row.module,
            verifier=self._secrets.decrypt(row.verifier_encrypted),
            expires_utc=row.expires_utc,
        )

    def save_outcome(self, state_hash: str, outcome: ConnectOutcome) -> None:
        """See the port."""
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(m.oauth_states)
                .where(m.oauth_states.c.state_hash == state_hash)
                .values(outcome=outcome.value)
            )

    def last_outcome(self, session_hash: str, module: str, now_utc: datetime) -> ConnectOutcome | None:
        """See the port."""
        states = m.oauth_states
        query = (
            sa.select(states.c.outcome, states.c.expires_utc)
            .where(states.c.session_hash == session_hash, states.c.module == module)
            .order_by(states.c.created_utc.desc())
            .limit(1)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.outcome is None:
            return ConnectOutcome.EXPIRED if row.expires_utc <= stored(now_utc) else None
        return ConnectOutcome(row.outcome)

    # --- accounts and pairs ---

    def connection(self, crm_user_id: int, module: str) -> ConnectionView:
        """See the port."""
        with self._engine.connect() as connection:
            row = connection.execute(current(crm_user_id, module)).one_or_none()
        if row is None:
            return ConnectionView(ConnectionStatus.NONE)
        status, code = status_of(row)
        return ConnectionView(
            status=status,
            pair_id=row.pair_id,
            email=row.email,
            collection_name=row.collection_name,
            collection_id=row.collection_id,
            can_write=bool(row.can_write),
            last_sync_utc=moment(row.last_sync_utc),
            problem_code=code,
        )

    def current_sub(self, crm_user_id: int, module: str) -> str | None:
        """See the port."""
        with self._engine.connect() as connection:
            row = connection.execute(current(crm_user_id, module)).one_or_none()
        return None if row is None else str(row.google_sub)

    def save_grant(
        self,
        crm_user_id: int,
        module: str,
        grant: Grant,
        collection: Collection,
        now_utc: datetime,
        not_allowed: Sequence[str] = (),
        field_choice: Sequence[Slot] | None = None,
    ) -> bool:
        """See the port: account and pair commit together, or not at all if the collection is taken."""
        for reads_only in (False, True):
            try:
                with self._engine.begin() as connection:
                    account_id = self._save_account(connection, crm_user_id, grant, now_utc)
                    owner = PairOwner(account_id, crm_user_id, grant.google_sub, module)
                    wanted = last_used(connection, account_id, module) or collection
                    use_pair(
                        connection, owner, wanted, now_utc, reads_only=reads_only, field_choice=field_choice
                    )
                    ask_again(connection, account_id, not_allowed)
                return True
            except IntegrityError as error:
                # Of a calendar that was chosen, and is another user's by now, reading is left.
                if not is_taken(error) or wanted.collection_id == collection.collection_id:
                    if is_taken(error):
                        return False
                    raise
        return False

    def disconnect(self, crm_user_id: int, module: str) -> Sequence[str]:
        """See the port."""
        with self._engine.begin() as connection:
            row = connection.execute(current(crm_user_id, module)).one_or_none()
            if row is None:
                return []
            connection.execute(
                sa.update(m.pairs)
                .where(m.pairs.c.pair_id == row.pair_id)
                .values(status=OFF, two_way_key=None)
            )
            in_use = connection.execute(
                sa.select(m.pairs.c.account_id).where(
                    m.pairs.c.google_sub == row.google_sub, m.pairs.c.status != OFF
                )
            ).scalars()
            used_accounts = set(in_use)
            if row.account_id in used_accounts:
                return []
            encrypted = _forget_tokens(connection, row.account_id)
        # Revoking ends all grants of the Google account; what another user needs stays.
        return [] if used_accounts else self._decrypted(encrypted)

    def _decrypted(self, encrypted: str | None) -> Sequence[str]:
        try:
            return [self._secrets.decrypt(encrypted)] if encrypted else []
        except KeyMissingError:
            return []  # its key is gone: there is nothing left to revoke it with

    def _save_account(
        self, connection: sa.Connection, crm_user_id: int, grant: Grant, now_utc: datetime
    ) -> int:
        values: dict[str, Any] = {
            "email": grant.email,
            "scopes": " ".join(sorted(grant.scopes)),
            "refresh_token_encrypted": self._secrets.encrypt(grant.refresh_token or ""),
            "access_token_encrypted": self._secrets.encrypt(grant.access_token),
            "access_expires_utc": stored(grant.expires_utc),
            "status": ACTIVE,
            "problem_code": "",
            "connected_utc": stored(now_utc),
        }
        connection.execute(
            insert(m.accounts)
            .values(crm_user_id=crm_user_id, google_sub=grant.google_sub, **values)
            .on_duplicate_key_update(**values)
        )
        query = sa.select(m.accounts.c.account_id).where(
            m.accounts.c.crm_user_id == crm_user_id, m.accounts.c.google_sub == grant.google_sub
        )
        return int(connection.execute(query).scalar_one())


def _forget_tokens(connection: sa.Connection, account_id: int) -> str | None:
    """Forget the account's tokens; return the refresh token, encrypted as it was."""
    this = m.accounts.c.account_id == account_id
    query = sa.select(m.accounts.c.refresh_token_encrypted).where(this)
    encrypted: str | None = connection.execute(query).scalar_one()
    connection.execute(
        sa.update(m.accounts)
        .where(this)
        .values(
            status=OFF, refresh_token_encrypted=None, access_token_encrypted=None, access_expires_utc=None
        )
    )
    return encrypted
