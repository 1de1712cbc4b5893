"""The tokens of an account and the registered OAuth client, decrypted for whoever talks to Google."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import insert

from plugin.core.errors import CredentialsRevokedError, KeyMissingError
from plugin.state import models as m
from plugin.state.crypto import SecretBox
from plugin.state.pairs import is_grant_of
from plugin.state.rows import moment, stored
from plugin.sync.memory_ports import Pair

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccountTokens:
    """What a run needs to act for an account; never logged, never shown."""

    refresh_token: str = field(repr=False)
    access_token: str | None = field(repr=False)
    expires_utc: datetime | None


class SqlTokens:
    """Reads and renews tokens."""

    def __init__(self, engine: sa.Engine, secrets: SecretBox) -> None:
        self._engine, self._secrets = engine, secrets

    def load(self, account_id: int) -> AccountTokens:
        """Return the account's tokens. Raises CredentialsRevokedError without any, KeyMissingError if no key decrypts them."""
        query = sa.select(m.accounts).where(m.accounts.c.account_id == account_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise CredentialsRevokedError(f"account {account_id} is gone")
        return self.tokens_from_row(row)

    def tokens_from_row(self, row: Any) -> AccountTokens:
        """Return the tokens of an account's row; raises CredentialsRevokedError, KeyMissingError."""
        if not row.refresh_token_encrypted:
            raise CredentialsRevokedError(f"account {row.account_id} has no grant")
        access = row.access_token_encrypted
        return AccountTokens(
            refresh_token=self._secrets.decrypt(row.refresh_token_encrypted),
            access_token=self._readable(access) if access else None,
            expires_utc=moment(row.access_expires_utc),
        )

    def _readable(self, access_token_encrypted: str) -> str | None:
        try:
            return self._secrets.decrypt(access_token_encrypted)
        except KeyMissingError:
            return None  # of a key that was in front for a while; another is fetched with the refresh token

    def save_renewed(self, pair: Pair, tokens: AccountTokens) -> None:
        """Keep what Google renewed for a pair's account, unless it was disconnected meanwhile, or connected once more."""
        if tokens.access_token is None or tokens.expires_utc is None:
            return
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(m.accounts)
                .where(*is_grant_of(pair), m.accounts.c.refresh_token_encrypted.is_not(None))
                .values(
                    # Google gives the same one for years, and could replace it with any answer.
                    refresh_token_encrypted=self._secrets.encrypt(tokens.refresh_token),
                    access_token_encrypted=self._secrets.encrypt(tokens.access_token),
                    access_expires_utc=stored(tokens.expires_utc),
                )
            )

    def client(self) -> tuple[str, str] | None:
        """Return id and secret of the OAuth client that was registered by page or CLI; None if none was.

        One whose key is gone counts as none: that is the administrator's to mend, no user has to reconnect.
        """
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(m.oauth_client)).one_or_none()
        return self.client_from_row(row)

    def has_locked_client(self) -> bool:
        """Tell whether a client is registered whose secret no key decrypts."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(m.oauth_client)).one_or_none()
        return row is not None and self.client_from_row(row) is None

    def client_from_row(self, row: Any) -> tuple[str, str] | None:
        """Return id and secret of a registered client's row."""
        if row is None:
            return None
        try:
            return row.client_id, self._secrets.decrypt(row.client_secret_encrypted)
        except KeyMissingError:
            log.warning(
                "no key in GSYNC_TOKEN_KEYS decrypts the OAuth client's secret: put the key back, or register it again"
            )
            return None

    def save_client(self, client_id: str, client_secret: str, now_utc: datetime) -> None:
        """Register the OAuth client."""
        values = {
            "client_id": client_id,
            "client_secret_encrypted": self._secrets.encrypt(client_secret),
            "updated_utc": stored(now_utc),
        }
        with self._engine.begin() as connection:
            connection.execute(
                insert(m.oauth_client).values(client_row=1, **values).on_duplicate_key_update(**values)
            )
