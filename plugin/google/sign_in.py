"""Connecting an account, as the port `SignIn` wants it."""

from __future__ import annotations

from collections.abc import Mapping

from plugin.google import oauth
from plugin.google.calendar_list import resolve_collection
from plugin.google.transport import Transport
from plugin.sync.account_ports import Collection, Grant
from plugin.sync.views import CALENDAR

# An account has one address book; the People API calls its owner so.
CONTACTS_COLLECTION = "people/me"


class GoogleSignIn:
    """Sign-in with the registered OAuth client; each module has its own redirect URI."""

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uris: Mapping[str, str],
        endpoint: str | None = None,
    ) -> None:
        self._endpoint = endpoint
        endpoints = oauth.build_endpoints(endpoint)
        self._clients = {
            module: oauth.OAuthClient(client_id, client_secret, redirect_uri, endpoints)
            for module, redirect_uri in redirect_uris.items()
        }

    def consent_url(
        self, *, module: str, state: str, code_challenge: str, login_hint: str, language: str
    ) -> str:
        """Return the address of the consent page; its redirect URI is the module's."""
        return oauth.authorization_url(
            self._clients[module],
            oauth.SCOPES[module],
            state=state,
            code_challenge=code_challenge,
            login_hint=login_hint,
            language=language,
        )

    def exchange(self, *, module: str, code: str, verifier: str) -> Grant:
        """Return the grant for a code."""
        return oauth.exchange_code(self._clients[module], code, verifier)

    def revoke(self, refresh_token: str) -> None:
        """End the grant at Google."""
        oauth.revoke(next(iter(self._clients.values())), refresh_token)

    def has_needed_scopes(self, module: str, scopes: frozenset[str]) -> bool:
        """Tell whether the user allowed what the module needs."""
        return scopes.issuperset(oauth.SCOPES[module])

    def primary_collection(self, module: str, grant: Grant) -> Collection:
        """Return the collection that the module syncs unless another is chosen."""
        if module != CALENDAR:
            return Collection(CONTACTS_COLLECTION, grant.email)
        credentials = oauth.build_credentials(
            self._clients[module], grant.refresh_token or "", grant.access_token, grant.expires_utc
        )
        transport = Transport(credentials, "calendar", "v3", self._endpoint)
        try:
            entry = resolve_collection(transport)
        finally:
            transport.close()
        return Collection(entry.calendar_id, entry.name, entry.can_write, entry.is_primary)
