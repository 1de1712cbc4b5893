"""What Google renews of an account's tokens is kept, and a run with an old grant says nothing about one that came since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from plugin.sync.views import CALENDAR, CONTACTS, ConnectionStatus, RunStatus
from tests.engine.test_disconnected_meanwhile import before_request
from tests.installed import USER, Installed
from tests.simulated_google import EMAIL


def expire_access_token(installed: Installed) -> None:
    installed.execute("UPDATE gsync_accounts SET access_expires_utc = '2020-01-01'")


def status(installed: Installed, module: str = CALENDAR) -> ConnectionStatus:
    return installed.parts.grants.connection(USER, module).status


def connect_again(installed: Installed, connect: Callable[[], object]) -> None:
    installed.clock.advance(seconds=1)
    connect()


def test_refresh_token_that_google_replaces_is_kept(installed: Installed) -> None:
    installed.google.switch(rotate_refresh_tokens=True)
    for _ in range(2):
        expire_access_token(installed)
        assert installed.sync().status is RunStatus.DONE


@pytest.mark.parametrize("has_expired", [True, False], ids=["at the refresh", "at the request"])
def test_grant_that_was_given_anew_meanwhile_is_not_taken_for_the_dead_one(
    installed: Installed, *, has_expired: bool
) -> None:
    if has_expired:
        expire_access_token(installed)

    def give_back_and_connect() -> None:
        installed.google.control("POST", "revoke", {"email": EMAIL})
        connect_again(installed, installed.connect)

    calm = installed.parts
    before_request(installed, 1, give_back_and_connect)

    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, "reconnect")
    assert status(installed) is ConnectionStatus.ACTIVE
    installed.parts = calm
    assert installed.sync().status is RunStatus.DONE


def test_renewed_access_token_of_an_older_grant_does_not_replace_that_of_the_newer(
    installed: Installed,
) -> None:
    installed.add_activity("Visita")
    expire_access_token(installed)
    calm = installed.parts
    # The first request renews the token, for the calendar alone; before the second one the user allows the contacts, too.
    before_request(installed, 2, lambda: connect_again(installed, installed.connect_contacts))

    assert installed.sync().status is RunStatus.DONE

    installed.parts = calm
    contacts = installed.parts.pair_of(USER, CONTACTS)
    assert contacts is not None
    assert installed.sync(contacts).status is RunStatus.DONE
    assert status(installed, CONTACTS) is ConnectionStatus.ACTIVE


def test_scope_that_was_allowed_meanwhile_is_not_asked_for_again(installed: Installed) -> None:
    loaded = installed.parts.pairs.load(installed.pair_id)
    assert loaded is not None
    before = loaded[0]
    connect_again(installed, installed.connect)

    installed.parts.pairs.mark_not_allowed(before)
    assert status(installed) is ConnectionStatus.ACTIVE

    installed.parts.pairs.mark_not_allowed(replace(before, connected_utc=installed.clock()))
    assert status(installed) is ConnectionStatus.RECONNECT
