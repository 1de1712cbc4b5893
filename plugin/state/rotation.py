"""All stored secrets encrypted anew with the first of GSYNC_TOKEN_KEYS, so that the others can be taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from plugin.core.errors import CredentialsRevokedError, KeyMissingError
from plugin.state import models as m
from plugin.state.crypto import SecretBox
from plugin.state.pairs import RECONNECT


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many secrets the first key encrypts now, and what no key decrypts: CRM users, and whether the OAuth client's."""

    renewed: int
    lost_user_ids: Sequence[int]
    is_client_lost: bool


def lost_grants(engine: sa.Engine, secrets: SecretBox) -> Sequence[int]:
    """Return the CRM users whose grant no key decrypts."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.select(m.accounts.c.crm_user_id, _GRANT).where(_GRANT.is_not(None))
        ).all()
    return sorted({user_id for user_id, encrypted in rows if _renewed(secrets, encrypted) is None})


def encrypt_anew(engine: sa.Engine, secrets: SecretBox, *, drop_lost: bool) -> Rotation:
    """Encrypt everything with the first key; with `drop_lost`, ask users whose grant no key decrypts to connect again."""
    renewed, lost = 0, set()
    with engine.begin() as connection:
        # Locked: a grant that is given, renewed or taken back meanwhile waits for the end of this, and stands.
        rows = connection.execute(sa.select(m.accounts).where(_GRANT.is_not(None)).with_for_update()).all()
        for row in rows:
            grant = _renewed(secrets, row.refresh_token_encrypted)
            if grant is not None:
                access = _renewed(secrets, row.access_token_encrypted or "")
                _update(connection, row, refresh_token_encrypted=grant, access_token_encrypted=access)
                renewed += 1
                continue
            lost.add(row.crm_user_id)
            if drop_lost:
                ask = {"status": RECONNECT, "problem_code": CredentialsRevokedError.code}
                _update(connection, row, **ask, refresh_token_encrypted=None, access_token_encrypted=None)
        client = connection.execute(sa.select(m.oauth_client).with_for_update()).one_or_none()
        secret = None if client is None else _renewed(secrets, client.client_secret_encrypted)
        if secret is not None:
            connection.execute(sa.update(m.oauth_client).values(client_secret_encrypted=secret))
            renewed += 1
    return Rotation(renewed, sorted(lost), client is not None and secret is None)


_GRANT = m.accounts.c.refresh_token_encrypted


def _renewed(secrets: SecretBox, encrypted: str) -> str | None:
    try:
        return secrets.encrypt_anew(encrypted)
    except KeyMissingError:
        return None


def _update(connection: sa.Connection, row: Any, **values: Any) -> None:
    this = m.accounts.c.account_id == row.account_id
    connection.execute(sa.update(m.accounts).where(this).values(**values))
