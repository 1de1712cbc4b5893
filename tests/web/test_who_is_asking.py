"""Session, csrf token and Referer, as the CRM itself treats them."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from plugin.core.errors import SessionBrokenError, SessionBusyError, SessionStoreError
from tests.fakes.services import FakeWorld
from tests.web.browser import ANA, INDEX, Get, an_envelope_of, client_of, token_for, words

BOX = {"view": "List", "sourcemodule": "Calendar"}
SYNC = {**BOX, "operation": "sync"}


def test_visitor_is_sent_to_the_crms_login_with_a_sentence(world: FakeWorld) -> None:
    answer = client_of(world, is_logged_in=False).get(INDEX, query_string={"module": "Google", **BOX})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "index.php"
    assert "Su sesión del CRM ha terminado" in words(answer)


def test_visitors_action_gets_the_envelope(world: FakeWorld) -> None:
    answer = client_of(world, is_logged_in=False).get(
        INDEX, query_string={"module": "Google", "action": "Import"}
    )
    assert answer.status_code == 302
    assert answer.get_json(force=True)["success"] is False


def test_script_that_looks_on_is_told_in_words_that_the_session_ended(world: FakeWorld) -> None:
    answer = client_of(world, is_logged_in=False).get(
        INDEX, query_string={"module": "Google", **BOX, "operation": "status"}
    )
    assert an_envelope_of(answer)["error"]["code"] == "login"


def test_inactive_user_is_not_logged_in(world: FakeWorld, get: Get) -> None:
    world.users.users[ANA] = replace(world.users.users[ANA], is_active=False)
    assert get(**BOX).status_code == 302


def test_deleted_user_is_not_logged_in(world: FakeWorld, get: Get) -> None:
    world.users.users.clear()
    assert get(**BOX).status_code == 302


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SessionBusyError(), "El CRM está ocupado"),
        (SessionStoreError("/var/lib"), "No se pueden leer las sesiones del CRM"),
        (SessionBrokenError(), "Salga del CRM y vuelva a entrar"),
    ],
    ids=["busy", "store", "broken"],
)
def test_session_that_cant_be_read_is_a_sentence_not_a_login(
    world: FakeWorld, get: Get, error: Exception, sentence: str
) -> None:
    world.sessions.error = error
    answer = get(**BOX)
    assert answer.status_code == 200
    assert sentence in words(answer)
    assert "/var/lib" not in answer.get_data(as_text=True)


def test_post_without_token_gets_csrf_magics_own_words(client: FlaskClient, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    for body in ({}, {"__vtrftk": "sid:0,1"}, {"__vtrftk": token_for(world, "another")}):
        answer = client.post(INDEX, data={"module": "Google", **SYNC, **body})
        assert (answer.status_code, answer.get_data(as_text=True)) == (200, "Invalid request")
    assert not world.runs.runs


def test_token_in_the_query_does_not_count(client: FlaskClient, world: FakeWorld) -> None:
    answer = client.post(INDEX, query_string={"module": "Google", **SYNC, "__vtrftk": token_for(world)})
    assert answer.get_data(as_text=True) == "Invalid request"


def test_crms_bypass_of_the_token_is_none_here(client: FlaskClient) -> None:
    answer = client.post(INDEX, data={"module": "Google", **SYNC, "mode": "reset"})
    assert answer.get_data(as_text=True) == "Invalid request"


def test_token_runs_out_after_three_days(client: FlaskClient, world: FakeWorld) -> None:
    token = token_for(world)
    world.clock.advance(days=3, seconds=1)
    answer = client.post(INDEX, data={"module": "Google", **SYNC, "__vtrftk": token})
    assert answer.get_data(as_text=True) == "Invalid request"


def test_page_of_another_site_is_refused(get: Get, post: Get) -> None:
    evil = {"Referer": "https://evil.example/crm/"}
    assert "se ha rechazado" in words(get(headers=evil, **BOX))
    assert "se ha rechazado" in words(get(headers=evil, **SYNC))
    assert "se ha rechazado" in words(post(headers=evil, **BOX, operation="removeSync"))


def test_own_page_and_google_with_its_answer_are_let_in(get: Get) -> None:
    assert "Sincronizar ahora" in words(get(headers={"Referer": "https://CRM.example/crm/index.php"}, **BOX))
    answer = get(headers={"Referer": "https://accounts.google.com/"}, **SYNC, code="c", state="s1")
    assert "Conectado con Google" in words(answer)


@pytest.mark.parametrize(
    ("language", "button"),
    [
        ("es_es", "Sincronizar ahora"),
        ("es_mx", "Sincronizar ahora"),
        ("es", "Sincronizar ahora"),
        ("en_us", "Synchronize Now"),
        ("de_de", "Synchronize Now"),
        ("", "Synchronize Now"),
    ],
)
def test_pages_speak_the_users_language(world: FakeWorld, get: Get, language: str, button: str) -> None:
    world.users.users[ANA] = replace(world.users.users[ANA], language=language)
    assert button in words(get(**BOX))


def test_unknown_user_is_spoken_to_in_the_browsers_language(world: FakeWorld) -> None:
    client = client_of(world, is_logged_in=False)
    answer = client.get(INDEX, query_string={"module": "Google", **BOX}, headers={"Accept-Language": "en-GB"})
    assert "Please log in again" in words(answer)
