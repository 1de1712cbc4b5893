"""The settings form on the extension page: shown to the connected, kept by POST, refused in words."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from plugin.core.errors import UnavailableError
from plugin.core.model import Direction, Policy
from plugin.sync.views import ALL_CONTACTS, CONTACTS, ConnectionStatus, OfferedCalendar, Preferences
from tests.fakes.services import FakeWorld
from tests.web.browser import ANA, Get, words

EXTENSION = {"module": "Calendar", "view": "Extension", "extensionModule": "Google", "extensionView": "Index"}
SAVE = {"action": "SaveSyncSettings", "sourcemodule": "Calendar"}
PAIR = 10 + ANA


def test_form_shows_what_was_chosen(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    chosen = Preferences(Direction.GOOGLE_TO_CRM, Policy.NEWEST_WINS, date(2026, 1, 31))
    world.preferences.kept[PAIR] = chosen
    page = get(**EXTENSION)
    assert "Solo de Google al CRM" in words(page)
    html = page.get_data(as_text=True)
    assert '<option value="10" selected>' in html
    assert '<option value="newest" selected>' in html
    assert 'value="2026-01-31"' in html


def test_page_says_that_it_was_saved(world: FakeWorld, post: Get, client: FlaskClient) -> None:
    world.accounts.connect(ANA)
    location = post(**SAVE, policy="crm").headers["Location"]
    assert "Guardado." in words(client.get(f"/crm/{location}"))
    assert "Guardado." not in words(client.get(f"/crm/{location.removesuffix('&saved=1')}"))


def test_form_is_for_the_connected(get: Get) -> None:
    assert "gsync_preferences" not in get(**EXTENSION).get_data(as_text=True)


def test_what_is_chosen_is_kept_and_the_page_shown_again(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    answer = post(**SAVE, sync_direction="01", policy="crm", sync_from="2026-01-31")
    assert (answer.status_code, "extensionModule=Google" in answer.headers["Location"]) == (302, True)
    assert world.preferences.kept[PAIR] == Preferences(
        Direction.CRM_TO_GOOGLE, Policy.CRM_WINS, date(2026, 1, 31)
    )
    post(**SAVE, sync_from="")
    assert world.preferences.kept[PAIR] == Preferences(Direction.CRM_TO_GOOGLE, Policy.CRM_WINS)


@pytest.mark.parametrize("bad", [{"sync_direction": "00"}, {"policy": "dice"}, {"sync_from": "soon"}])
def test_nonsense_is_refused_and_nothing_kept(world: FakeWorld, post: Get, bad: dict[str, str]) -> None:
    world.accounts.connect(ANA)
    assert "No se entienden estos ajustes" in words(post(**SAVE, **bad))
    assert world.preferences.kept == {}


def test_calendar_of_another_user_is_not_written_to(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    world.preferences.is_taken = True
    assert "Otro usuario" in words(post(**SAVE, sync_direction="01"))


def test_without_a_connection_there_is_nothing_to_choose(world: FakeWorld, post: Get) -> None:
    assert post(**SAVE, policy="crm").status_code == 200
    assert world.preferences.kept == {}


def test_settings_do_not_change_by_a_link(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    get(**SAVE, policy="crm")
    assert world.preferences.kept == {}


# --- the calendar ---

CALENDARS = {"view": "List", "operation": "calendars", "sourcemodule": "Calendar"}
OWN, TEAM, BOSS = "ana@example.com", "team@group.example", "boss@group.example"


@pytest.fixture
def choosing(world: FakeWorld) -> FakeWorld:
    """Ana may choose between her own calendar, which is in use, the team's and her boss's."""
    world.accounts.connect(ANA, collection_id=OWN)
    world.calendars.found = [
        OfferedCalendar(OWN, "Ana", is_primary=True),
        OfferedCalendar(TEAM, "Equipo <1>", is_taken=True),
        OfferedCalendar(BOSS, "Jefa", can_write=False),
    ]
    return world


def test_settings_name_the_calendar_and_lead_to_the_others(choosing: FakeWorld, get: Get) -> None:
    page = get(**EXTENSION)
    assert "Calendario Ana Elegir otro…" in words(page)
    assert "operation=calendars&amp;sourcemodule=Calendar" in page.get_data(as_text=True)


def test_calendars_are_offered_with_what_may_be_done_with_them(choosing: FakeWorld, get: Get) -> None:
    page = get(**CALENDARS)
    html = page.get_data(as_text=True)
    assert f'value="{OWN}" checked' in html
    assert "Equipo &lt;1&gt;" in html
    assert "Ana (calendario principal)" in words(page)
    assert "Otro usuario del CRM lo sincroniza: solo de Google al CRM." in words(page)
    assert "Solo puede leerlo: solo de Google al CRM." in words(page)


def test_chosen_calendar_is_taken_up(choosing: FakeWorld, post: Get) -> None:
    answer = post(**SAVE, google_group=TEAM)
    assert (answer.status_code, choosing.calendars.chosen) == (302, [TEAM])
    assert choosing.preferences.kept == {}


def test_calendar_that_is_in_use_is_not_chosen_again_unless_it_is_paused(
    choosing: FakeWorld, post: Get
) -> None:
    post(**SAVE, google_group=OWN)
    assert choosing.calendars.chosen == []
    choosing.accounts.connect(ANA, collection_id=OWN, status=ConnectionStatus.PAUSED)
    post(**SAVE, google_group=OWN)
    assert choosing.calendars.chosen == [OWN]


def test_direction_that_comes_with_a_calendar_is_of_its_pair(choosing: FakeWorld, post: Get) -> None:
    post(**SAVE, google_group=TEAM, sync_direction="01")
    assert choosing.preferences.kept == {PAIR + 100: Preferences(Direction.CRM_TO_GOOGLE)}


def test_reader_is_told_that_the_direction_is_forced(choosing: FakeWorld, post: Get, get: Get) -> None:
    page = post(**SAVE, google_group=BOSS)
    assert "solo se puede sincronizar de Google al CRM" in words(page)
    assert 'href="index.php?module=Calendar&amp;view=Extension' in page.get_data(as_text=True)
    html = get(**EXTENSION).get_data(as_text=True)
    assert '<select name="sync_direction" disabled>' in html


def test_calendar_that_is_not_offered_is_refused(choosing: FakeWorld, post: Get) -> None:
    assert "no está entre los que se pueden sincronizar" in words(
        post(**SAVE, google_group="x", policy="crm")
    )
    assert choosing.preferences.kept == {}


def test_nonsense_beside_a_calendar_leaves_the_calendar(choosing: FakeWorld, post: Get) -> None:
    post(**SAVE, google_group=TEAM, policy="dice")
    assert choosing.calendars.chosen == []


def test_google_that_does_not_answer_is_told(choosing: FakeWorld, get: Get, post: Get) -> None:
    choosing.calendars.error = UnavailableError()
    assert "no responde" in words(get(**CALENDARS))
    assert "no responde" in words(post(**SAVE, google_group=TEAM))


def test_calendars_are_for_the_connected(world: FakeWorld, get: Get) -> None:
    assert "No está conectado" in words(get(**CALENDARS))


# --- the CRM's own form, 7.x and 8.x ---

OWN_FORM = {
    "action": "SaveSyncSettings",
    "settingsPage": "index.php",
    "Contacts[enabled]": "on",
    "Contacts[google_group]": "all",
    "Contacts[sync_direction]": "10",
}


@pytest.mark.parametrize("module", ["Calendar", "Contacts"])
def test_form_of_the_crm_says_it_in_arrays(choosing: FakeWorld, post: Get, module: str) -> None:
    form = {"Calendar[google_group]": TEAM, "Calendar[enabled]": "on", "Calendar[sync_direction]": "01"}
    answer = post(**OWN_FORM, **form, sourceModule=module, parent="")
    page = f"index.php?module={module}&view=Extension&extensionModule=Google&extensionView=Index&saved=1"
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert choosing.calendars.chosen == [TEAM]
    assert choosing.preferences.kept == {PAIR + 100: Preferences(Direction.CRM_TO_GOOGLE)}


def test_form_of_the_crm_leads_back_to_the_settings_it_stood_in(choosing: FakeWorld, post: Get) -> None:
    form = {"Calendar[enabled]": "on", "Calendar[sync_direction]": "10", "parent": "Settings"}
    location = post(**OWN_FORM, **form, sourceModule="Calendar").headers["Location"]
    assert location.endswith("&parent=Settings&mode=settings&saved=1")
    assert choosing.preferences.kept == {PAIR: Preferences(Direction.GOOGLE_TO_CRM)}


def test_what_the_form_of_the_crm_says_of_an_unticked_calendar_is_left(
    choosing: FakeWorld, post: Get
) -> None:
    answer = post(**OWN_FORM, **{"Calendar[sync_direction]": "01", "Calendar[google_group]": TEAM})
    assert (answer.status_code, choosing.preferences.kept, choosing.calendars.chosen) == (302, {}, [])


def test_nonsense_in_the_form_of_the_crm_is_refused(choosing: FakeWorld, post: Get) -> None:
    form = {"Calendar[enabled]": "on", "Calendar[sync_direction]": "00"}
    assert "No se entienden estos ajustes" in words(post(**OWN_FORM, **form))


def test_form_of_the_crm_is_for_both_modules(choosing: FakeWorld, post: Get) -> None:
    contacts = choosing.accounts.connect(ANA, CONTACTS, collection_id="contactGroups/c1")
    form = {"Calendar[enabled]": "on", "Calendar[sync_direction]": "01"}
    assert post(**OWN_FORM, **form, sourceModule="Contacts").status_code == 302
    assert choosing.preferences.kept == {
        PAIR: Preferences(Direction.CRM_TO_GOOGLE),
        contacts.pair_id: Preferences(Direction.GOOGLE_TO_CRM),
    }
    assert choosing.accounts.connections[ANA, CONTACTS].collection_id == ALL_CONTACTS
