"""Another calendar is another pair: the old one rests with its links, and nothing is deleted or doubled (docs/adr/0007)."""

import pytest

from plugin.sync.views import CALENDAR, ConnectionStatus, RunStatus, SettingsOutcome
from tests.engine.test_first_sync import timed
from tests.engine.test_thirteen_faults import is_quiet
from tests.installed import USER, Installed
from tests.simulated_google import EMAIL

TEAM = "team@group.calendar.google.com"
MARCO, MARCO_EMAIL = 6, "marco@otra.example"


@pytest.fixture
def with_team(installed: Installed) -> Installed:
    """Lucía has a second calendar, and one activity in sync with the first."""
    installed.google.add_calendar(TEAM, "Team")
    installed.add_activity("Old")
    installed.sync()
    return installed


def titles(installed: Installed, calendar_id: str) -> list[str]:
    return [event["summary"] for event in installed.events(calendar_id)]


def problem(installed: Installed) -> tuple[ConnectionStatus, str]:
    view = installed.parts.grants.connection(USER, CALENDAR)
    return view.status, view.problem_code


def test_chosen_calendar_gets_what_is_new_and_the_old_one_rests(with_team: Installed) -> None:
    assert with_team.choose(TEAM) is SettingsOutcome.KEPT
    with_team.add_activity("New")
    with_team.google.edit("insert", body=timed("From the team"), calendar=TEAM)
    with_team.google.edit("insert", body=timed("Unseen"))

    run = with_team.sync()

    assert (run.crm.created, run.google.created) == (1, 1)
    assert titles(with_team, TEAM) == ["From the team", "New"]
    assert titles(with_team, EMAIL) == ["Old", "Unseen"]
    assert set(with_team.activities()) == {"Old", "New", "From the team"}
    assert is_quiet(with_team.sync())


def test_nothing_that_happens_while_a_pair_rests_is_lost_or_doubled(with_team: Installed) -> None:
    first = with_team.pair_id
    with_team.choose(TEAM)
    with_team.add_activity("New")
    with_team.sync()
    crm_id = with_team.activities()["Old"]["activityid"]
    with_team.edit_activity(crm_id, location="Sala 2")
    [event] = with_team.events()
    with_team.google.edit("patch", event["id"], {"description": "Con café"})
    assert is_quiet(with_team.sync())

    with_team.choose(EMAIL)
    assert with_team.pair_id == first
    run = with_team.sync()

    assert (run.crm.created, run.crm.updated, run.google.created, run.google.updated) == (0, 1, 0, 1)
    assert with_team.activities()["Old"]["description"] == "Con café"
    assert with_team.events()[0]["location"] == "Sala 2"
    assert titles(with_team, EMAIL) == ["Old"]
    assert titles(with_team, TEAM) == ["New"]


def test_going_back_and_forth_with_dead_tokens_doubles_nothing(with_team: Installed) -> None:
    with_team.google.edit("insert", body=timed("Team's"), calendar=TEAM)
    for calendar_id in (TEAM, EMAIL, TEAM, EMAIL):
        with_team.choose(calendar_id)
        with_team.google.control("POST", "expire-sync-tokens")
        assert with_team.sync().status is RunStatus.DONE
    assert (titles(with_team, EMAIL), titles(with_team, TEAM)) == (["Old"], ["Team's"])
    assert set(with_team.activities()) == {"Old", "Team's"}


def test_chosen_calendar_is_the_one_of_the_next_connect(with_team: Installed) -> None:
    with_team.choose(TEAM)
    with_team.add_activity("New")
    with_team.sync()
    chosen = with_team.pair_id
    with_team.parts.grants.disconnect(USER, CALENDAR)

    assert with_team.connect() == chosen
    assert with_team.connect() == chosen
    assert is_quiet(with_team.sync())
    assert list(with_team.parts.pairs.active_pairs()) == [chosen]


def test_calendar_that_was_lost_is_not_taken_up_by_connecting(with_team: Installed) -> None:
    first = with_team.pair_id
    with_team.choose(TEAM)
    with_team.google.share(TEAM, None)
    with_team.sync()
    with_team.parts.grants.disconnect(USER, CALENDAR)
    assert with_team.connect() == first


# --- what the account may do ---


def shared(installed: Installed, role: str) -> None:
    installed.google.add_calendar(TEAM, "Boss", "boss@empresa.example", role)


@pytest.mark.parametrize("role", ["reader", "writerWithoutPrivateAccess"])
def test_reader_gets_events_and_writes_none(installed: Installed, role: str) -> None:
    shared(installed, role)
    installed.google.edit("insert", body=timed("Boss's"), calendar=TEAM, email="boss@empresa.example")
    installed.add_activity("Mine")

    assert installed.choose(TEAM) is SettingsOutcome.READ_ONLY
    installed.sync()
    installed.edit_activity(installed.activities()["Boss's"]["activityid"], location="Sala 2")
    run = installed.sync()

    assert set(installed.activities()) == {"Mine", "Boss's"}
    assert (run.status, run.google.is_nothing) == (RunStatus.DONE, True)
    assert titles(installed, TEAM) == ["Boss's"]
    assert installed.google.requests("events.patch") == []


def test_calendar_of_which_only_busy_is_seen_is_not_offered(installed: Installed) -> None:
    shared(installed, "freeBusyReader")
    assert installed.choose(TEAM) is SettingsOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("reader", "write_access_lost"),
        ("writerWithoutPrivateAccess", "write_access_lost"),
        ("freeBusyReader", "collection_lost"),
        (None, "collection_lost"),
    ],
)
def test_access_that_is_taken_away_pauses_the_pair_and_deletes_nothing(
    installed: Installed, role: str | None, code: str
) -> None:
    shared(installed, "writer")
    installed.google.edit("insert", body=timed("Boss's"), calendar=TEAM)
    installed.choose(TEAM)
    installed.add_activity("Mine")
    installed.sync()
    assert titles(installed, TEAM) == ["Boss's", "Mine"]

    installed.google.share(TEAM, role)
    run = installed.sync()

    assert (run.status, run.error_code) == (RunStatus.FAILED, code)
    assert problem(installed) == (ConnectionStatus.PAUSED, code)
    assert set(installed.activities()) == {"Boss's", "Mine"}
    assert installed.activities()["Boss's"]["description"] == ""
    installed.google.share(TEAM, "writer")
    assert installed.choose(TEAM) is SettingsOutcome.KEPT
    assert is_quiet(installed.sync())


def test_calendar_that_became_a_reader_s_goes_on_to_the_crm_once_it_is_chosen_again(
    installed: Installed,
) -> None:
    shared(installed, "writer")
    installed.choose(TEAM)
    installed.add_activity("Mine")
    installed.sync()
    installed.google.share(TEAM, "reader")
    installed.sync()

    assert installed.choose(TEAM) is SettingsOutcome.READ_ONLY
    installed.google.edit("insert", body=timed("Boss's"), calendar=TEAM, email="boss@empresa.example")
    assert installed.sync().status is RunStatus.DONE
    assert set(installed.activities()) == {"Boss's", "Mine"}


def test_reader_whose_access_shrinks_to_busy_loses_no_words(installed: Installed) -> None:
    shared(installed, "reader")
    installed.google.edit("insert", body=timed("Boss's"), calendar=TEAM, email="boss@empresa.example")
    installed.choose(TEAM)
    installed.sync()

    installed.google.share(TEAM, "freeBusyReader")

    assert installed.sync().error_code == "collection_lost"
    assert set(installed.activities()) == {"Boss's"}


# --- two users on one calendar ---


def test_second_user_of_a_shared_calendar_only_reads_it(installed: Installed) -> None:
    installed.google.control("POST", "account", {"email": MARCO_EMAIL})
    installed.google.add_calendar(TEAM, "Team")
    installed.google.share(TEAM, "writer", MARCO_EMAIL)
    installed.choose(TEAM)
    installed.connect(MARCO, MARCO_EMAIL)

    assert installed.choose(TEAM, MARCO) is SettingsOutcome.TAKEN

    installed.google.edit("insert", body=timed("Ours"), calendar=TEAM)
    installed.add_activity("Lucía's")
    installed.add_activity("Marco's", user_id=MARCO)
    for user_id in (USER, MARCO):
        installed.sync(installed.parts.pair_of(user_id))
    assert titles(installed, TEAM) == ["Lucía's", "Ours"]
    assert set(installed.activities(MARCO)) == {"Marco's", "Ours"}


def test_calendar_that_another_user_took_while_disconnected_is_read(installed: Installed) -> None:
    installed.google.control("POST", "account", {"email": MARCO_EMAIL})
    installed.google.add_calendar(TEAM, "Team")
    installed.google.share(TEAM, "writer", MARCO_EMAIL)
    installed.choose(TEAM)
    chosen = installed.pair_id
    installed.parts.grants.disconnect(USER, CALENDAR)
    installed.connect(MARCO, MARCO_EMAIL)
    assert installed.choose(TEAM, MARCO) is SettingsOutcome.KEPT

    assert installed.connect() == chosen
    assert installed.parts.preferences.load(chosen).direction.value == "10"
