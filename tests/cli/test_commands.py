"""What each command does, says and returns: 0 done, 1 failed, 2 bad usage or settings."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from plugin import create_app
from plugin.bootstrap.parts import redirect_uri
from plugin.jobs.queue import MANUAL
from plugin.state import locks
from plugin.sync.views import RunStatus
from tests.builders import timed_body
from tests.cli.conftest import Command
from tests.installed import Installed, settings_for
from tests.simulated_google import EMAIL, SimulatedGoogle

CALENDAR_URI = (
    "http://crm.example/index.php?module=Google&view=List&operation=sync"
    "&sourcemodule=Calendar&service=GoogleCalendar"
)
CONTACTS_URI = CALENDAR_URI.replace("Calendar", "Contacts")


# --- urls ---


def test_urls_are_the_manual_s(command: Command) -> None:
    told = command("urls")
    assert told.exit_code == 0
    assert told.output.split("\n") == [
        "Authorized JavaScript origin:",
        "  http://crm.example",
        "Authorized redirect URIs:",
        f"  {CALENDAR_URI}",
        f"  {CONTACTS_URI}",
        "",
    ]


def test_urls_of_a_site_under_a_path_as_json(installed: Installed) -> None:
    settings = settings_for(
        installed.parts.settings.database_url, installed.google, GSYNC_CRM_URL="https://host.example:8443/crm"
    )
    app = create_app(settings)

    told = app.test_cli_runner().invoke(args=["google", "urls", "--json"])

    assert json.loads(told.stdout) == {
        "origin": "https://host.example:8443",
        "redirect_uris": [
            uri.replace("http://crm.example", "https://host.example:8443/crm")
            for uri in (CALENDAR_URI, CONTACTS_URI)
        ],
    }


# --- credentials ---


def client_file(folder: Path, document: Any) -> str:
    path = folder / "client.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def web_client(**more: Any) -> dict[str, Any]:
    return {"web": {"client_id": "new-client", "client_secret": "new-secret", **more}}


def test_credentials_are_registered(installed: Installed, command: Command, tmp_path: Path) -> None:
    uris = [redirect_uri("http://crm.example/", module) for module in ("Calendar", "Contacts")]

    told = command("credentials", client_file(tmp_path, web_client(redirect_uris=uris)))

    assert told.exit_code == 0
    assert "Registered the client new-client." in told.stdout
    assert "Not in its redirect URIs" not in told.stderr
    assert "GSYNC_GOOGLE_CLIENT_ID is set" in told.stderr
    assert installed.parts.tokens.client() == ("new-client", "new-secret")
    assert "new-secret" not in told.output
    [row] = installed.rows("SELECT * FROM gsync_oauth_client")
    assert "new-secret" not in row["client_secret_encrypted"]


@pytest.mark.parametrize("more", [{}, {"redirect_uris": None}, {"redirect_uris": ["https://other/"]}])
def test_missing_redirect_uris_are_told(command: Command, tmp_path: Path, more: dict[str, Any]) -> None:
    told = command("credentials", client_file(tmp_path, web_client(**more)))
    assert told.exit_code == 0
    assert CALENDAR_URI in told.stderr
    assert CONTACTS_URI in told.stderr


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("not json", "is not the JSON of a web client"),
        ("[]", "is not the JSON of a web client"),
        ({"web": {"client_id": "alone"}}, "is not the JSON of a web client"),
        ({"web": {"client_id": 5, "client_secret": "x"}}, "is not the JSON of a web client"),
        ({"type": "service_account", "client_id": "x"}, "is not the JSON of a web client"),
        ({"installed": {"client_id": "a", "client_secret": "b"}}, "belongs to a desktop client"),
    ],
)
def test_wrong_file_is_bad_usage(
    installed: Installed, command: Command, tmp_path: Path, document: Any, sentence: str
) -> None:
    told = command("credentials", client_file(tmp_path, document))
    assert told.exit_code == 2
    assert sentence in told.stderr
    assert installed.parts.tokens.client() is None


def test_missing_file_is_bad_usage(command: Command) -> None:
    assert command("credentials", "/no/such/file.json").exit_code == 2


# --- sync ---


def test_sync_tells_what_it_did(installed: Installed, command: Command) -> None:
    installed.add_activity("Visita")
    told = command("sync", "--user", "lucia")
    assert told.exit_code == 0
    lines = [line.split() for line in told.stdout.splitlines()]
    assert lines == [
        ["created", "updated", "deleted", "skipped"],
        ["CRM", "0", "0", "0", "0"],
        ["Google", "1", "0", "0", "0"],
    ]


def test_sync_as_json(installed: Installed, command: Command) -> None:
    installed.add_activity("Visita")
    told = json.loads(command("sync", "--user", "lucia", "--json").stdout)
    assert (told["status"], told["trigger"], told["error"]) == ("done", "cli", None)
    assert told["google"] == {"created": 1, "updated": 0, "deleted": 0, "skipped": 0, "more": False}


def test_sync_says_what_did_not_fit(installed: Installed, command: Command) -> None:
    for number in range(2):
        installed.google.edit("insert", body={"summary": f"Fiesta {number} 🎉", **timed_body()})
    planned = command("sync", "--user", "lucia", "--plan").stdout
    assert planned.count("does not fit wholly into the CRM: subject") == 2
    told = command("sync", "--user", "lucia")
    assert "2 records did not fit wholly into the CRM: long texts were cut and emoji replaced" in told.stdout
    [run] = json.loads(command("history", "--json").stdout)
    assert run["cut"] == 2


def test_sync_of_an_unknown_user_is_bad_usage(command: Command) -> None:
    told = command("sync", "--user", "nobody")
    assert told.exit_code == 2
    assert "The CRM has no user “nobody”." in told.stderr


def test_sync_without_a_user_is_bad_usage(command: Command) -> None:
    assert command("sync").exit_code == 2


def test_sync_of_a_user_who_is_not_connected_fails(command: Command) -> None:
    told = command("sync", "--user", "admin")
    assert told.exit_code == 1
    assert "You are not connected with Google" in told.stderr


def test_failed_sync_says_why(installed: Installed, command: Command) -> None:
    installed.execute("UPDATE gsync_accounts SET access_expires_utc = '2020-01-01'")
    installed.google.control("POST", "revoke", {"email": EMAIL})
    told = command("sync", "--user", "lucia")
    assert told.exit_code == 1
    assert "Google no longer accepts the permission" in told.stderr
    assert "Traceback" not in told.output


def test_sync_carries_out_a_run_that_waits_for_a_worker(installed: Installed, command: Command) -> None:
    run, _ = installed.parts.run_store.request(installed.pair_id, MANUAL, installed.clock())

    told = command("sync", "--user", "lucia")

    assert told.exit_code == 0
    assert "already under way" in told.stdout
    done = installed.parts.run_store.view(run.run_id)
    assert done is not None
    assert done.status is RunStatus.DONE


def test_sync_waits_for_a_busy_account(installed: Installed, command: Command) -> None:
    lock = locks.acquire(installed.parts.engine, f"sub-{EMAIL}", "another run", 30)

    def let_go() -> None:
        time.sleep(1)
        locks.release(installed.parts.engine, lock)

    other = threading.Thread(target=let_go)
    other.start()
    assert command("sync", "--user", "lucia").exit_code == 0
    other.join()


# --- history ---


def test_history_lists_the_newest_first(installed: Installed, command: Command) -> None:
    assert command("history").stdout == "No synchronization yet.\n"
    installed.add_activity("Visita")
    first, second = installed.sync(), installed.sync()

    told = command("history")

    assert told.exit_code == 0
    newest, oldest = told.stdout.splitlines()
    assert newest.split()[0] == str(second.run_id)
    assert oldest.split()[0] == str(first.run_id)
    assert "Google +1 ~0 -0 !0" in oldest


def test_history_can_be_narrowed(installed: Installed, command: Command) -> None:
    installed.sync()
    installed.sync()
    assert len(json.loads(command("history", "--json", "--limit", "1").stdout)) == 1
    assert json.loads(command("history", "--json", "--user", "admin").stdout) == []
    assert command("history", "--user", "nobody").exit_code == 2
    assert command("history", "--limit", "0").exit_code == 2


def test_commands_before_the_first_migration_say_what_to_run(installed: Installed, command: Command) -> None:
    installed.execute("DROP TABLE gsync_pairs")
    told = command("sync", "--user", "lucia")
    assert told.exit_code == 1
    assert "flask --app wsgi db upgrade" in told.stderr


def test_spanish_terminal_is_answered_in_spanish(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "es_ES.UTF-8")
    assert "URIs de redirección" in command("urls").stdout


# --- planner ---


def test_planner_creates_the_disabled_task_and_says_who_enables_it(
    installed: Installed, command: Command
) -> None:
    told = command("planner")

    assert (told.exit_code, "an administrator enables it" in told.output) == (0, True)
    [row] = installed.rows("SELECT status FROM vtiger_cron_task WHERE name = 'SAI GoogleCalSync'")
    assert row["status"] == 0
    assert command("planner").exit_code == 0


def test_planner_without_the_crm_s_root_says_what_to_give(
    installed: Installed, command: Command, google: SimulatedGoogle
) -> None:
    url = installed.parts.settings.database_url
    app = create_app(settings_for(url, google))

    told = app.test_cli_runner().invoke(args=["google", "planner"])

    assert (told.exit_code, "GSYNC_CRM_ROOT" in told.output) == (1, True)
    assert installed.rows("SELECT 1 FROM vtiger_cron_task WHERE name = 'SAI GoogleCalSync'") == []
