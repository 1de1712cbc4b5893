"""Saying whose database this is: a CRM that moved keeps its grants, a copy drops them, and the original isn't taken for one."""

from plugin.sync.views import ConnectionStatus
from tests.cli.conftest import Command
from tests.installed import USER, Installed


def test_adopting_a_moved_crm_keeps_its_grants(installed: Installed, command: Command) -> None:
    installed.parts.install.check()
    installed.execute("UPDATE gsync_install SET site_url = 'http://old.example/'")
    refused = command("sync", "--user", "lucia")
    assert refused.exit_code == 1
    assert "copy or to have moved" in refused.stderr

    assert command("adopt", "--moved").exit_code == 0

    assert command("sync", "--user", "lucia").exit_code == 0


def test_adopting_a_copy_drops_its_grants(installed: Installed, command: Command) -> None:
    old_id = installed.parts.install.check()
    installed.execute("UPDATE gsync_install SET site_url = 'http://production.example/'")

    assert command("adopt", "--copy").exit_code == 0

    assert installed.parts.install.check() != old_id
    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.NONE
    assert installed.rows("SELECT 1 FROM gsync_accounts WHERE refresh_token_encrypted IS NOT NULL") == []
    assert command("sync", "--user", "lucia").exit_code == 1


def test_taking_the_original_for_a_copy_asks_first(installed: Installed, command: Command) -> None:
    installed.parts.install.check()

    told = command("adopt", "--copy")

    assert told.exit_code == 1
    assert "disconnects all its users" in told.stdout
    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.ACTIVE
    assert command("adopt", "--copy", "--yes").exit_code == 0
    assert installed.parts.grants.connection(USER, "Calendar").status is ConnectionStatus.NONE


def test_adopt_needs_to_know_how(command: Command) -> None:
    told = command("adopt")
    assert told.exit_code == 2
    assert "Say --moved or --copy." in told.stderr
