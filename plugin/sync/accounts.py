"""Connecting a CRM user with Google, and disconnecting: the use case behind the popup.

`state` is single use, expires, and is bound to the CRM session; PKCE S256. Links outlive a disconnect, so that
connecting again doubles nothing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from plugin.core.contact import Slot
from plugin.core.errors import MissingClientError, StoreError
from plugin.sync.account_ports import GrantStore, OpenState, SignIn
from plugin.sync.ports import CrmUser
from plugin.sync.views import CONTACTS, MODULES, ConnectionView, ConnectOutcome

# Long enough to read a consent page, short enough that a leaked link is stale.
STATE_TTL = timedelta(minutes=10)


class ConnectAccounts:
    """The `Accounts` that web and jobs are given."""

    def __init__(
        self,
        store: GrantStore,
        sign_in: Callable[[], SignIn | None],
        now_utc: Callable[[], datetime],
        crm_choice: Callable[[int], Sequence[Slot] | None] = lambda crm_user_id: None,
    ) -> None:
        """`crm_choice` returns the field mapping that a user had chosen in the CRM's own window, None for who never did."""
        self._store, self._sign_in, self._now_utc = store, sign_in, now_utc
        self._crm_choice = crm_choice

    def begin_connect(self, user: CrmUser, module: str, session_id: str) -> str:
        """Return the address of Google's consent page. Raises MissingClientError if no OAuth client is registered."""
        sign_in = self._sign_in()
        if sign_in is None:
            raise MissingClientError("no OAuth client is registered")
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        now = self._now_utc()
        self._store.save_state(
            OpenState(_hash(state), _hash(session_id), user.user_id, module, verifier, now + STATE_TTL), now
        )
        return sign_in.consent_url(
            module=module,
            state=state,
            code_challenge=_challenge(verifier),
            login_hint=self._known_email(user, module),
            language=user.language[:2],
        )

    def complete_connect(
        self, user: CrmUser, session_id: str, parameters: Mapping[str, str]
    ) -> ConnectOutcome:
        """Take in what Google sent to the redirect URI (code or error, state); the state is used up by it."""
        opened = self._store.use_state(_hash(parameters.get("state", "")), self._now_utc())
        if opened is None:
            return ConnectOutcome.EXPIRED
        if opened.session_hash != _hash(session_id) or opened.crm_user_id != user.user_id:
            outcome = ConnectOutcome.FOREIGN
        elif "code" not in parameters:
            outcome = _refusal(parameters.get("error", ""))
        else:
            outcome = self._take_grant(user, opened, parameters["code"])
        self._store.save_outcome(opened.state_hash, outcome)
        return outcome

    def last_outcome(self, user: CrmUser, module: str, session_id: str) -> ConnectOutcome | None:
        """Return how this session's latest visit to the consent page ended; None while it is open or never was."""
        del user  # a session belongs to one user
        return self._store.last_outcome(_hash(session_id), module, self._now_utc())

    def disconnect(self, user: CrmUser, module: str) -> None:
        """Forget the grant; links rest. Google is told only if no other pair needs the account (design.md §5)."""
        tokens = self._store.disconnect(user.user_id, module)
        sign_in = self._sign_in()
        if sign_in is None:
            return
        for refresh_token in tokens:
            try:
                sign_in.revoke(refresh_token)
            except StoreError:
                # The grant is forgotten here either way; the user can end it in Google's own account page.
                continue

    def connection(self, user: CrmUser, module: str) -> ConnectionView:
        """Return where the user stands."""
        return self._store.connection(user.user_id, module)

    def _known_email(self, user: CrmUser, module: str) -> str:
        """Return the Google account in use for the module, else that of another module: most people have one."""
        wanted = (module, *(other for other in MODULES if other != module))
        emails = (self._store.connection(user.user_id, name).email for name in wanted)
        return next((email for email in emails if email), "")

    def _take_grant(self, user: CrmUser, opened: OpenState, code: str) -> ConnectOutcome:
        sign_in = self._sign_in()
        if sign_in is None:
            return ConnectOutcome.NO_CLIENT
        try:
            grant = sign_in.exchange(module=opened.module, code=code, verifier=opened.verifier)
            if not sign_in.has_needed_scopes(opened.module, grant.scopes):
                return ConnectOutcome.MISSING_SCOPE
            if grant.refresh_token is None:
                return ConnectOutcome.NO_REFRESH_TOKEN
            current_sub = self._store.current_sub(user.user_id, opened.module)
            if current_sub not in {None, grant.google_sub}:
                return ConnectOutcome.OTHER_ACCOUNT
            collection = sign_in.primary_collection(opened.module, grant)
        except StoreError:
            return ConnectOutcome.FAILED
        # Google adds what was allowed before; but that may have been taken back there meanwhile.
        not_allowed = [name for name in MODULES if not sign_in.has_needed_scopes(name, grant.scopes)]
        choice = self._crm_choice(user.user_id) if opened.module == CONTACTS else None
        is_free = self._store.save_grant(
            user.user_id, opened.module, grant, collection, self._now_utc(), not_allowed, choice
        )
        return ConnectOutcome.CONNECTED if is_free else ConnectOutcome.TAKEN


def _refusal(error: str) -> ConnectOutcome:
    return ConnectOutcome.REFUSED if error == "access_denied" else ConnectOutcome.FAILED


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
