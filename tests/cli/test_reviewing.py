"""What waits for a person, on the command line: deletions that are held, records that are set aside."""

import json

from plugin.bootstrap import SqlReviews
from plugin.state import locks
from tests.builders import timed_body
from tests.cli.conftest import Command
from tests.installed import Installed


def hold_a_meeting(installed: Installed) -> int:
    """Sync a meeting with guests and delete it in the CRM; return its id there."""
    guests = [{"email": "marco@empresa.example"}]
    installed.google.edit("insert", body={"summary": "Reunión", "attendees": guests, **timed_body()})
    installed.sync()
    [row] = installed.activities().values()
    installed.delete_activity(row["activityid"])
    assert installed.sync().held == 1
    return int(row["activityid"])


def test_held_deletions_are_listed_until_they_are_approved(installed: Installed, command: Command) -> None:
    crm_id = hold_a_meeting(installed)

    told = command("held", "--user", "lucia")
    [change] = json.loads(command("held", "--user", "lucia", "--json").stdout)

    assert told.exit_code == 0
    assert "Delete from Google" in told.stdout
    assert "Reunión" in told.stdout
    assert "waits for approval: the event has guests" in told.stdout
    named = {key: change[key] for key in ("action", "side", "reason", "held", "subject", "crm_id")}
    assert named == {
        "action": "delete",
        "side": "google",
        "reason": "deleted_in_crm",
        "held": "guests",
        "subject": "Reunión",
        "crm_id": crm_id,
    }
    assert change["start"].endswith("+00:00")
    approved = command("approve", "--user", "lucia", "--yes")
    assert (approved.exit_code, "Reunión" in approved.stdout) == (0, True)
    assert command("sync", "--user", "lucia").exit_code == 0
    assert "No deletion waits for approval." in command("held", "--user", "lucia").stdout
    assert installed.events() == []


def test_approving_asks_first_and_is_for_the_list_that_was_shown(
    installed: Installed, command: Command
) -> None:
    hold_a_meeting(installed)
    refused = command("approve", "--user", "lucia")
    assert (refused.exit_code, "Reunión" in refused.stdout) == (1, True)
    assert installed.sync().held == 1
    assert not SqlReviews(installed.parts).approve(installed.pair_id, "another list")
    assert installed.sync().held == 1


def test_approving_nothing_says_so(command: Command) -> None:
    told = command("approve", "--user", "lucia")
    assert (told.exit_code, told.stdout) == (0, "No deletion waits for approval.\n")
    assert command("approve", "--user", "admin").exit_code == 1


def test_looking_at_what_is_held_asks_google_nothing_and_writes_nothing(
    installed: Installed, command: Command
) -> None:
    hold_a_meeting(installed)
    before, calls = installed.links(), installed.google.calls()
    command("held", "--user", "lucia")
    command("parked", "--user", "lucia")
    assert (installed.links(), installed.google.calls()) == (before, calls)


def test_records_set_aside_are_listed(installed: Installed, command: Command) -> None:
    assert "No record is set aside." in command("parked", "--user", "lucia").stdout
    hourly = {"summary": "Aviso", "recurrence": ["RRULE:FREQ=HOURLY;COUNT=3"], **timed_body()}
    installed.google.edit("insert", body=hourly)
    installed.sync()

    told = command("parked", "--user", "lucia").stdout
    [record] = json.loads(command("parked", "--user", "lucia", "--json").stdout)

    assert "Aviso  (" in told
    assert "next try: when it changes" in told
    assert (record["side"], record["reason"], record["attempts"]) == ("google", "unreadable", 1)
    assert record["next_try_utc"] is None
    assert record["since_utc"]


def test_who_is_not_connected_is_told(command: Command) -> None:
    for name in ("held", "parked"):
        assert command(name, "--user", "admin").exit_code == 1
        assert command(name, "--user", "nobody").exit_code == 2


# --- sync --plan ---


def everything(installed: Installed) -> object:
    """Return all that a plan must leave alone: both sides, and our own memory."""
    ours = ("gsync_links", "gsync_inbox", "gsync_parked", "gsync_journal", "gsync_intents", "gsync_runs")
    pair = "SELECT sync_token, list_hash, is_listed, is_matched, last_sync_utc FROM gsync_pairs"
    tables = [installed.rows(f"SELECT * FROM {name}") for name in ours]
    return installed.activities(), installed.events(), installed.rows(pair), tables


def test_plan_tells_each_record_and_writes_nothing(installed: Installed, command: Command) -> None:
    installed.google.edit("insert", body={"summary": "De Google", **timed_body()})
    installed.add_activity("Del CRM")
    before = everything(installed)

    told = command("sync", "--user", "lucia", "--plan")
    plan = json.loads(command("sync", "--user", "lucia", "--plan", "--json").stdout)

    assert told.exit_code == 0
    assert "Add to the CRM" in told.stdout
    assert "02-03-2027 10:00  De Google  (new in Google)" in told.stdout
    assert {(c["action"], c["side"], c["subject"], c["reason"]) for c in plan["changes"]} == {
        ("create", "crm", "De Google", "new_in_google"),
        ("create", "google", "Del CRM", "new_in_crm"),
    }
    assert (plan["held"], plan["more"]) == ([], False)
    assert everything(installed) == before
    assert command("sync", "--user", "lucia").exit_code == 0
    assert len(installed.events()) == len(installed.activities()) == 2
    installed.sync()
    assert "nothing to synchronize" in command("sync", "--user", "lucia", "--plan").stdout


def test_plan_of_a_first_sync_links_what_is_on_both_sides_and_forgets_it_again(
    installed: Installed, command: Command
) -> None:
    installed.google.edit("insert", body={"summary": "Reunión", **timed_body()})
    installed.sync()
    installed.execute("DELETE FROM gsync_links")
    installed.execute("UPDATE gsync_pairs SET is_matched = 0, sync_token = NULL, list_hash = NULL")

    assert "nothing to synchronize" in command("sync", "--user", "lucia", "--plan").stdout

    assert installed.links() == []


def test_plan_waits_for_nobody(installed: Installed, command: Command) -> None:
    [pair] = installed.rows("SELECT a.google_sub FROM gsync_pairs p JOIN gsync_accounts a USING (account_id)")
    lock = locks.acquire(installed.parts.engine, pair["google_sub"], "somebody", 60)
    told = command("sync", "--user", "lucia", "--plan")
    locks.release(installed.parts.engine, lock)
    assert told.exit_code == 1
    assert "already running" in told.stderr


def test_plan_that_google_refuses_says_what_to_do(installed: Installed, command: Command) -> None:
    installed.google.fault("events.list", status=403, reason="quotaExceeded", times=1)
    told = command("sync", "--user", "lucia", "--plan")
    assert told.exit_code == 1
    assert "Google takes no more requests from you" in told.stderr
