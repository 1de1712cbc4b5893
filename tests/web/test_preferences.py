"""The settings form on the extension page: shown to the connected, kept by POST, refused in words."""

from datetime import date

import pytest

from plugin.core.model import Direction, Policy
from plugin.sync.views import Preferences
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
    assert "Otro usuario" in words(post(**SAVE, sync_direction="11"))


def test_without_a_connection_there_is_nothing_to_choose(world: FakeWorld, post: Get) -> None:
    assert post(**SAVE, policy="crm").status_code == 200
    assert world.preferences.kept == {}


def test_settings_do_not_change_by_a_link(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    get(**SAVE, policy="crm")
    assert world.preferences.kept == {}
