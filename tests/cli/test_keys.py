"""Rotating GSYNC_TOKEN_KEYS: no user connects again because of it, and a key that is gone disconnects nobody unasked."""

import json
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from plugin.bootstrap import Parts
from plugin.state.rotation import encrypt_anew, lost_grants
from plugin.sync.views import ConnectionStatus, RunStatus
from tests.cli.conftest import Command
from tests.installed import USER, Installed


def new_key() -> str:
    return Fernet.generate_key().decode()


def with_keys(installed: Installed, *keys: str) -> Parts:
    return replace(installed.parts, settings=replace(installed.parts.settings, token_keys=keys))


def go_on_with(installed: Installed, parts: Parts) -> None:
    installed.parts = parts


def test_after_rotating_the_old_key_can_be_taken_out(installed: Installed) -> None:
    [old], new = installed.parts.settings.token_keys, new_key()
    both = with_keys(installed, new, old)

    done = encrypt_anew(both.engine, both.secrets, drop_lost=False)

    assert (done.renewed, list(done.lost_user_ids), done.is_client_lost) == (1, [], False)
    go_on_with(installed, with_keys(installed, new))
    assert installed.sync().status is RunStatus.DONE
    assert lost_grants(installed.parts.engine, with_keys(installed, old).secrets) == [USER]


def test_key_that_is_taken_back_out_again_costs_only_an_access_token(installed: Installed) -> None:
    [old], new = installed.parts.settings.token_keys, new_key()
    both = with_keys(installed, new, old)
    access_token = both.secrets.encrypt("short-lived")
    installed.execute("UPDATE gsync_accounts SET access_token_encrypted = :value", value=access_token)

    assert installed.sync().status is RunStatus.DONE


def test_rotating_tells_what_it_did(installed: Installed, command: Command) -> None:
    told = command("rotate", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout) == {"renewed": 1, "lost_user_ids": [], "is_client_lost": False}
    assert command("rotate").stdout == "1 secrets are encrypted with the first key now.\n"


@pytest.fixture
def lost(installed: Installed) -> Installed:
    installed.execute("UPDATE gsync_accounts SET refresh_token_encrypted = 'by a key that is gone'")
    return installed


def test_lost_grant_is_said_and_left(lost: Installed, command: Command) -> None:
    told = command("rotate")
    assert told.exit_code == 1
    assert f"CRM users {USER}: put the key back" in told.stderr
    assert lost.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.ACTIVE


def test_lost_grant_is_dropped_when_asked(lost: Installed, command: Command) -> None:
    told = command("rotate", "--drop-lost")
    assert told.exit_code == 0
    assert "they have to connect again" in told.stderr
    assert lost.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.RECONNECT


def test_lost_client_is_said(installed: Installed, command: Command) -> None:
    installed.parts.tokens.save_client("the-client", "the-secret", installed.clock())
    installed.execute("UPDATE gsync_oauth_client SET client_secret_encrypted = 'by a key that is gone'")
    told = command("rotate")
    assert told.exit_code == 1
    assert "register the client again" in told.stderr
