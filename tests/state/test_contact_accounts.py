"""Contacts beside the calendar: one grant for both, one pair for all labels, what was chosen for them."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from plugin.core.contact import Kind, Slot
from plugin.core.errors import CollectionLostError
from plugin.core.model import Direction, Policy
from plugin.state.collections import SqlCollections
from plugin.sync.account_ports import Collection
from plugin.sync.accounts import ConnectAccounts
from plugin.sync.views import (
    ALL_CONTACTS,
    CALENDAR,
    CONTACTS,
    ConnectionStatus,
    ConnectionView,
    ConnectOutcome,
    Preferences,
    SettingsOutcome,
)
from tests.installed import Installed
from tests.state.test_accounts import LUCIA, OTHER, FakeSignIn, answer, begin, user

CLUB = Collection("contactGroups/c1", "Club")
EVERYBODY = Collection(ALL_CONTACTS, "")


@pytest.fixture
def google_side(installed: Installed) -> FakeSignIn:
    return FakeSignIn(installed.clock)


@pytest.fixture
def accounts(installed: Installed, google_side: FakeSignIn) -> ConnectAccounts:
    return ConnectAccounts(installed.parts.grants, lambda: google_side, installed.clock)


def connect(
    installed: Installed, accounts: ConnectAccounts, module: str = CONTACTS, user_id: int = LUCIA
) -> ConnectOutcome:
    who = user(installed, user_id)
    return accounts.complete_connect(who, "session-1", answer(begin(accounts, who, module)))


def view(installed: Installed, module: str = CONTACTS, user_id: int = LUCIA) -> ConnectionView:
    return installed.parts.grants.connection(user_id, module)


def choose(installed: Installed, collection: Collection, user_id: int = LUCIA) -> SettingsOutcome:
    pair_id = view(installed, CONTACTS, user_id).pair_id or 0
    return SqlCollections(installed.parts.engine).take_up(pair_id, collection, installed.clock())


# --- one grant for both modules ---


def test_contacts_share_the_calendars_grant(
    installed: Installed, accounts: ConnectAccounts, google_side: FakeSignIn
) -> None:
    connect(installed, accounts, CALENDAR)
    google_side.refresh_token = "refresh-2"
    assert connect(installed, accounts, CONTACTS) is ConnectOutcome.CONNECTED
    [account] = installed.rows("SELECT account_id FROM gsync_accounts")
    assert installed.parts.tokens.load(account["account_id"]).refresh_token == "refresh-2"
    assert {view(installed, module).status for module in (CALENDAR, CONTACTS)} == {ConnectionStatus.ACTIVE}
    assert set(installed.parts.pairs.active_pairs().values()) == {LUCIA}
    assert len(installed.parts.pairs.active_pairs()) == 2


def test_google_is_told_which_account_the_calendar_uses(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    connect(installed, accounts, CALENDAR)
    address = accounts.begin_connect(user(installed), CONTACTS, "session-1")
    assert parse_qs(urlsplit(address).query)["hint"] == ["sub-ana@example"]


def test_module_that_the_new_grant_does_not_cover_asks_again(
    installed: Installed, accounts: ConnectAccounts, google_side: FakeSignIn
) -> None:
    connect(installed, accounts, CALENDAR)
    google_side.scopes = frozenset({CONTACTS})
    connect(installed, accounts, CONTACTS)
    calendar = view(installed, CALENDAR)
    assert (calendar.status, calendar.problem_code) == (ConnectionStatus.RECONNECT, "missing_scope")
    assert view(installed).status is ConnectionStatus.ACTIVE
    google_side.scopes = frozenset({CALENDAR, CONTACTS})
    connect(installed, accounts, CALENDAR)
    assert {view(installed, module).status for module in (CALENDAR, CONTACTS)} == {ConnectionStatus.ACTIVE}


def test_missing_scope_stops_its_module_only(installed: Installed, accounts: ConnectAccounts) -> None:
    connect(installed, accounts, CALENDAR)
    connect(installed, accounts, CONTACTS)
    pair_id = installed.parts.pairs.pair_of_user(LUCIA, CONTACTS)
    loaded = installed.parts.pairs.load(pair_id or 0)
    assert loaded is not None
    installed.parts.pairs.mark_not_allowed(loaded[0])
    assert view(installed).status is ConnectionStatus.RECONNECT
    assert view(installed, CALENDAR).status is ConnectionStatus.ACTIVE


def test_another_google_account_for_contacts_is_asked_about(
    installed: Installed, accounts: ConnectAccounts, google_side: FakeSignIn
) -> None:
    connect(installed, accounts, CALENDAR)
    google_side.sub = "sub-private"
    assert connect(installed, accounts, CONTACTS) is ConnectOutcome.CONNECTED
    google_side.sub = "sub-ana"
    assert connect(installed, accounts, CONTACTS) is ConnectOutcome.OTHER_ACCOUNT
    assert view(installed, CALENDAR).email == "sub-ana@example"


# --- labels ---


def test_second_user_of_the_same_google_contacts_is_refused(
    installed: Installed, accounts: ConnectAccounts, google_side: FakeSignIn
) -> None:
    google_side.collection = "everybody"
    assert connect(installed, accounts) is ConnectOutcome.CONNECTED
    assert connect(installed, accounts, user_id=OTHER) is ConnectOutcome.TAKEN
    google_side.sub = "sub-other"  # whose address book has the same name
    assert connect(installed, accounts, user_id=OTHER) is ConnectOutcome.CONNECTED


def test_label_narrows_the_same_pair_and_has_everything_listed_again(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    connect(installed, accounts)
    before = view(installed)
    installed.execute("UPDATE gsync_pairs SET sync_token = 'token', list_hash = 'hash', policy = 'crm'")
    assert choose(installed, CLUB) is SettingsOutcome.KEPT
    after = view(installed)
    assert (after.pair_id, after.collection_id, after.collection_name) == (
        before.pair_id,
        "contactGroups/c1",
        "Club",
    )
    [pair] = installed.rows("SELECT sync_token, list_hash, policy FROM gsync_pairs")
    assert pair == {"sync_token": None, "list_hash": None, "policy": "crm"}


def test_label_chosen_once_more_is_not_listed_again(installed: Installed, accounts: ConnectAccounts) -> None:
    connect(installed, accounts)
    choose(installed, CLUB)
    installed.execute("UPDATE gsync_pairs SET sync_token = 'token', collection_name = 'Old name'")
    choose(installed, CLUB)
    [pair] = installed.rows("SELECT sync_token, collection_name FROM gsync_pairs")
    assert pair == {"sync_token": "token", "collection_name": "Club"}


def test_lost_label_stays_chosen_when_connected_again(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    connect(installed, accounts)
    choose(installed, CLUB)
    installed.parts.pairs.mark_paused(view(installed).pair_id or 0, CollectionLostError.code)
    accounts.disconnect(user(installed), CONTACTS)
    connect(installed, accounts)
    assert view(installed).collection_id == CLUB.collection_id


def test_second_user_of_the_account_is_refused_whichever_label_the_first_one_has(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    """One person may have several labels: two pairs that write would both have it."""
    connect(installed, accounts)
    choose(installed, CLUB)
    assert connect(installed, accounts, user_id=OTHER) is ConnectOutcome.TAKEN


def test_labels_of_an_account_that_another_user_writes_to_are_read_only_until_it_is_free(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    connect(installed, accounts, user_id=OTHER)
    other = view(installed, CONTACTS, OTHER).pair_id or 0
    reads = replace(installed.parts.preferences.load(other), direction=Direction.GOOGLE_TO_CRM)
    installed.parts.preferences.save(other, reads)
    assert connect(installed, accounts) is ConnectOutcome.CONNECTED

    store = SqlCollections(installed.parts.engine)
    assert store.taken(other, [CLUB.collection_id, ALL_CONTACTS]) == {CLUB.collection_id, ALL_CONTACTS}
    assert choose(installed, CLUB, OTHER) is SettingsOutcome.KEPT
    assert view(installed, CONTACTS, OTHER).collection_id == CLUB.collection_id
    both = replace(reads, direction=Direction.BOTH)
    assert installed.parts.preferences.save(other, both) is SettingsOutcome.TAKEN
    assert installed.parts.preferences.load(other).direction is Direction.GOOGLE_TO_CRM

    accounts.disconnect(user(installed, LUCIA), CONTACTS)
    assert installed.parts.preferences.save(other, both) is SettingsOutcome.KEPT
    assert connect(installed, accounts) is ConnectOutcome.TAKEN


# --- what was chosen ---


def test_field_mapping_and_organizations_are_kept_and_reach_the_run(
    installed: Installed, accounts: ConnectAccounts
) -> None:
    connect(installed, accounts)
    pair_id = view(installed).pair_id or 0
    assert installed.parts.preferences.load(pair_id) == Preferences()
    choice = (Slot("email", Kind.EMAIL, "work"), Slot("cf_853", Kind.CUSTOM, "Año ★"))
    chosen = Preferences(
        Direction.CRM_TO_GOOGLE, Policy.CRM_WINS, date(2026, 1, 1), choice, creates_accounts=True
    )
    assert installed.parts.preferences.save(pair_id, chosen) is SettingsOutcome.KEPT
    assert installed.parts.preferences.load(pair_id) == chosen
    loaded = installed.parts.pairs.load(pair_id)
    assert loaded is not None
    assert (loaded[0].field_choice, loaded[0].creates_accounts) == (choice, True)
    installed.parts.preferences.save(pair_id, replace(chosen, field_choice=None))
    assert installed.parts.preferences.load(pair_id).field_choice is None


def test_new_pair_begins_with_what_the_crms_own_window_had(
    installed: Installed, google_side: FakeSignIn
) -> None:
    """What never fitted isn't taken over, and a pair that comes back keeps its own."""
    accounts = ConnectAccounts(
        installed.parts.grants, lambda: google_side, installed.clock, installed.parts.crm_choice
    )
    installed.execute(
        "INSERT INTO vtiger_google_sync_fieldmapping VALUES ('fax', 'gd:phoneNumber', 'work_fax', '', :user),"
        " ('email', 'gd:email', 'custom', 'Casa', :user), ('phone', 'gd:email', 'work', '', :user)",
        user=LUCIA,
    )
    try:
        connect(installed, accounts)
        choice = installed.parts.preferences.load(view(installed).pair_id or 0).field_choice or ()
        assert choice[0] == Slot("email", Kind.EMAIL, "Casa")
        assert choice[-1] == Slot("fax", Kind.PHONE, "workFax")
        assert "phone" not in {slot.crm_field for slot in choice}
        accounts.disconnect(user(installed), CONTACTS)
        installed.execute("UPDATE gsync_pairs SET field_choice = '[]'")
        connect(installed, accounts)
        assert installed.parts.preferences.load(view(installed).pair_id or 0).field_choice == ()
    finally:
        installed.execute("DELETE FROM vtiger_google_sync_fieldmapping")
