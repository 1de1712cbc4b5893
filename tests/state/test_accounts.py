"""Visits to the consent page, accounts and pairs: who may connect what, and what disconnecting leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from plugin.core.errors import UnavailableError
from plugin.sync.account_ports import Collection, Grant
from plugin.sync.accounts import STATE_TTL, ConnectAccounts
from plugin.sync.ports import CrmUser
from plugin.sync.views import CALENDAR, CONTACTS, ConnectionStatus, ConnectOutcome
from tests.installed import Clock, Installed

LUCIA, OTHER = 5, 6


@dataclass
class FakeSignIn:
    """Google's side of the popup: one account, one calendar."""

    clock: Clock
    sub: str = "sub-ana"
    collection: str = "ana@empresa.example"
    scopes: frozenset[str] = frozenset({"all"})
    refresh_token: str | None = "refresh-1"
    revoked: list[str] = field(default_factory=list)
    is_down: bool = False

    def consent_url(
        self, *, module: str, state: str, code_challenge: str, login_hint: str, language: str
    ) -> str:
        return f"https://accounts.example/?state={state}&challenge={code_challenge}&hint={login_hint}"

    def exchange(self, *, module: str, code: str, verifier: str) -> Grant:
        if self.is_down:
            raise UnavailableError
        expires = self.clock() + timedelta(hours=1)
        return Grant(self.sub, f"{self.sub}@example", self.scopes, "access", expires, self.refresh_token)

    def revoke(self, refresh_token: str) -> None:
        self.revoked.append(refresh_token)
        if self.is_down:
            raise UnavailableError

    def has_needed_scopes(self, module: str, scopes: frozenset[str]) -> bool:
        return bool({"all", module} & scopes)

    def primary_collection(self, module: str, grant: Grant) -> Collection:
        return Collection(f"{module}:{self.collection}", "Ana")


@pytest.fixture
def google_side(installed: Installed) -> FakeSignIn:
    return FakeSignIn(installed.clock)


@pytest.fixture
def accounts(installed: Installed, google_side: FakeSignIn) -> ConnectAccounts:
    return ConnectAccounts(installed.parts.grants, lambda: google_side, installed.clock)


def user(installed: Installed, user_id: int = LUCIA) -> CrmUser:
    found = installed.parts.users.user(user_id)
    assert found is not None
    return found


@pytest.fixture
def visit(installed: Installed, accounts: ConnectAccounts) -> Callable[..., ConnectOutcome]:
    """Go to the consent page and come back."""

    def go(user_id: int = LUCIA, module: str = CALENDAR, **parameters: str) -> ConnectOutcome:
        who = user(installed, user_id)
        state = begin(accounts, who, module)
        return accounts.complete_connect(
            who, "session-1", parameters | {"state": state} if parameters else {"state": state, "code": "c"}
        )

    return go


def begin(accounts: ConnectAccounts, who: CrmUser, module: str = CALENDAR) -> str:
    [state] = parse_qs(urlsplit(accounts.begin_connect(who, module, "session-1")).query)["state"]
    return state


def answer(state: str) -> Mapping[str, str]:
    return {"state": state, "code": "c"}


def status(installed: Installed, user_id: int = LUCIA, module: str = CALENDAR) -> ConnectionStatus:
    return installed.parts.grants.connection(user_id, module).status


def kept_tokens(installed: Installed) -> int:
    return len(installed.rows("SELECT 1 FROM gsync_accounts WHERE refresh_token_encrypted IS NOT NULL"))


# --- visits ---


def test_visit_connects_and_keeps_tokens_encrypted(
    installed: Installed, visit: Callable[..., ConnectOutcome]
) -> None:
    assert visit() is ConnectOutcome.CONNECTED
    assert status(installed) is ConnectionStatus.ACTIVE
    [row] = installed.rows("SELECT * FROM gsync_accounts")
    assert "refresh-1" not in str(row)
    assert installed.parts.tokens.load(row["account_id"]).refresh_token == "refresh-1"


def test_state_is_used_once(installed: Installed, accounts: ConnectAccounts) -> None:
    state = begin(accounts, user(installed))
    first, second = (accounts.complete_connect(user(installed), "session-1", answer(state)) for _ in range(2))
    assert (first, second) == (ConnectOutcome.CONNECTED, ConnectOutcome.EXPIRED)


def test_state_expires(installed: Installed, accounts: ConnectAccounts) -> None:
    state = begin(accounts, user(installed))
    installed.clock.now += STATE_TTL
    assert accounts.complete_connect(user(installed), "session-1", answer(state)) is ConnectOutcome.EXPIRED
    assert accounts.last_outcome(user(installed), CALENDAR, "session-1") is ConnectOutcome.EXPIRED
    assert status(installed) is ConnectionStatus.NONE


@pytest.mark.parametrize(("user_id", "session"), [(LUCIA, "session-2"), (OTHER, "session-1")])
def test_state_of_another_session_or_user_is_foreign(
    installed: Installed, accounts: ConnectAccounts, user_id: int, session: str
) -> None:
    state = begin(accounts, user(installed))
    outcome = accounts.complete_connect(user(installed, user_id), session, answer(state))
    assert outcome is ConnectOutcome.FOREIGN
    assert installed.rows("SELECT * FROM gsync_accounts") == []


@pytest.mark.parametrize("parameters", [{}, {"state": ""}, {"state": "made up", "code": "c"}])
def test_unknown_state_is_expired(
    installed: Installed, accounts: ConnectAccounts, parameters: dict[str, str]
) -> None:
    assert accounts.complete_connect(user(installed), "session-1", parameters) is ConnectOutcome.EXPIRED


def test_open_visit_has_no_outcome_yet(installed: Installed, accounts: ConnectAccounts) -> None:
    begin(accounts, user(installed))
    assert accounts.last_outcome(user(installed), CALENDAR, "session-1") is None


def test_states_are_stored_as_hashes_and_swept(installed: Installed, accounts: ConnectAccounts) -> None:
    state = begin(accounts, user(installed))
    assert state not in str(installed.rows("SELECT * FROM gsync_oauth_states"))
    installed.clock.advance(days=2)
    begin(accounts, user(installed))
    assert len(installed.rows("SELECT * FROM gsync_oauth_states")) == 1


def test_what_google_refuses_connects_nobody(
    installed: Installed, visit: Callable[..., ConnectOutcome], google_side: FakeSignIn
) -> None:
    assert visit(error="access_denied") is ConnectOutcome.REFUSED
    assert visit(error="server_error") is ConnectOutcome.FAILED
    google_side.scopes = frozenset({"some"})
    assert visit() is ConnectOutcome.MISSING_SCOPE
    google_side.scopes, google_side.refresh_token = frozenset({"all"}), None
    assert visit() is ConnectOutcome.NO_REFRESH_TOKEN
    google_side.is_down = True
    assert visit() is ConnectOutcome.FAILED
    assert installed.rows("SELECT * FROM gsync_accounts") == []


# --- who may have what ---


def test_second_user_on_the_same_calendar_is_refused(
    installed: Installed, visit: Callable[..., ConnectOutcome]
) -> None:
    assert visit(LUCIA) is ConnectOutcome.CONNECTED
    assert visit(OTHER) is ConnectOutcome.TAKEN
    assert status(installed, OTHER) is ConnectionStatus.NONE
    assert kept_tokens(installed) == 1


def test_calendar_is_free_again_after_a_disconnect(
    installed: Installed, accounts: ConnectAccounts, visit: Callable[..., ConnectOutcome]
) -> None:
    visit(LUCIA)
    accounts.disconnect(user(installed), CALENDAR)
    assert visit(OTHER) is ConnectOutcome.CONNECTED
    assert visit(LUCIA) is ConnectOutcome.TAKEN


def test_another_google_account_asks_first(
    visit: Callable[..., ConnectOutcome], google_side: FakeSignIn
) -> None:
    visit()
    google_side.sub, google_side.collection = "sub-other", "other@example"
    assert visit() is ConnectOutcome.OTHER_ACCOUNT


def test_reconnecting_doubles_nothing_and_renews_the_grant(
    installed: Installed,
    accounts: ConnectAccounts,
    visit: Callable[..., ConnectOutcome],
    google_side: FakeSignIn,
) -> None:
    visit()
    before = installed.parts.pair_of(LUCIA)
    accounts.disconnect(user(installed), CALENDAR)
    assert installed.parts.pair_of(LUCIA) is None
    google_side.refresh_token = "refresh-2"

    assert visit() is ConnectOutcome.CONNECTED

    assert installed.parts.pair_of(LUCIA) == before
    [row] = installed.rows("SELECT * FROM gsync_accounts")
    assert installed.parts.tokens.load(row["account_id"]).refresh_token == "refresh-2"


# --- disconnecting ---


def test_disconnect_keeps_links_and_revokes(
    installed: Installed,
    accounts: ConnectAccounts,
    visit: Callable[..., ConnectOutcome],
    google_side: FakeSignIn,
) -> None:
    visit()
    accounts.disconnect(user(installed), CALENDAR)
    accounts.disconnect(user(installed), CALENDAR)
    assert google_side.revoked == ["refresh-1"]
    assert status(installed) is ConnectionStatus.NONE
    assert kept_tokens(installed) == 0


def test_grant_is_revoked_only_with_the_last_pair_of_its_google_account(
    installed: Installed,
    accounts: ConnectAccounts,
    visit: Callable[..., ConnectOutcome],
    google_side: FakeSignIn,
) -> None:
    visit(LUCIA, CALENDAR)
    visit(LUCIA, CONTACTS)
    accounts.disconnect(user(installed), CALENDAR)
    assert (google_side.revoked, kept_tokens(installed)) == ([], 1)
    assert status(installed, LUCIA, CONTACTS) is ConnectionStatus.ACTIVE
    accounts.disconnect(user(installed), CONTACTS)
    assert (google_side.revoked, kept_tokens(installed)) == (["refresh-1"], 0)


def test_who_disconnects_is_forgotten_while_another_user_keeps_the_google_account(
    installed: Installed,
    accounts: ConnectAccounts,
    visit: Callable[..., ConnectOutcome],
    google_side: FakeSignIn,
) -> None:
    visit(LUCIA)
    google_side.collection, google_side.refresh_token = "team@group.example", "refresh-2"
    assert visit(OTHER) is ConnectOutcome.CONNECTED

    accounts.disconnect(user(installed, LUCIA), CALENDAR)

    assert google_side.revoked == []
    assert kept_tokens(installed) == 1
    assert status(installed, OTHER) is ConnectionStatus.ACTIVE


def test_disconnect_succeeds_when_google_or_the_key_is_gone(
    installed: Installed,
    accounts: ConnectAccounts,
    visit: Callable[..., ConnectOutcome],
    google_side: FakeSignIn,
) -> None:
    visit()
    google_side.is_down = True
    accounts.disconnect(user(installed), CALENDAR)
    google_side.is_down = False
    visit()
    installed.execute("UPDATE gsync_accounts SET refresh_token_encrypted = 'by a key that is gone'")
    accounts.disconnect(user(installed), CALENDAR)
    assert kept_tokens(installed) == 0


def test_disconnecting_who_never_connected_does_nothing(
    installed: Installed, accounts: ConnectAccounts, google_side: FakeSignIn
) -> None:
    accounts.disconnect(user(installed), CALENDAR)
    assert google_side.revoked == []
