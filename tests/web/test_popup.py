"""To Google's consent page and back."""

import pytest
from flask.testing import FlaskClient

from plugin.sync.views import CALENDAR, ConnectionStatus, ConnectOutcome
from tests.fakes.services import CONSENT_PAGE, FakeWorld
from tests.web.browser import ANA, INDEX, SESSION, Get, an_envelope_of, token_for, words

SYNC = {"view": "List", "operation": "sync", "sourcemodule": "Calendar"}
CHANGE = {**SYNC, "operation": "changeUser"}
STATUS = {**SYNC, "operation": "status"}


def test_popup_goes_to_google(world: FakeWorld, get: Get) -> None:
    answer = get(**SYNC)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{CONSENT_PAGE}?state=s1")
    assert world.accounts.calls == [("begin", ANA, CALENDAR, SESSION)]


def test_popup_of_a_connected_user_goes_on_to_the_sync(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    answer = get(**SYNC)
    assert 'data-success="yes"' in answer.get_data(as_text=True)
    assert "popup.js" in answer.get_data(as_text=True)
    assert not world.accounts.calls


@pytest.mark.parametrize("status", [ConnectionStatus.RECONNECT, ConnectionStatus.PAUSED])
def test_popup_of_a_broken_connection_goes_to_google(
    world: FakeWorld, get: Get, status: ConnectionStatus
) -> None:
    world.accounts.connect(ANA, status=status)
    assert get(**SYNC).status_code == 302


def test_popup_without_oauth_client_says_who_has_to_act(world: FakeWorld, get: Get) -> None:
    world.accounts.has_client = False
    answer = get(**SYNC)
    assert answer.status_code == 200
    assert "Su administrador tiene que registrar" in words(answer)
    assert 'data-success="no"' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        {**SYNC, "service": "GoogleCalendar"},
        {**SYNC, "sourcemodule": "Contacts", "service": "GoogleContacts"},
        {"view": "Authenticate", "service": "Google", "scope": "x"},
    ],
    ids=["manual, calendar", "manual, contacts", "7.x"],
)
def test_google_may_come_back_to_every_registered_address(
    world: FakeWorld, get: Get, address: dict[str, str]
) -> None:
    answer = get(**address, code="c1", state="s1")
    assert 'data-success="yes"' in answer.get_data(as_text=True)
    name, user_id, session_id, parameters = world.accounts.calls[0]
    assert (name, user_id, session_id) == ("complete", ANA, SESSION)
    assert isinstance(parameters, dict)
    assert (parameters["code"], parameters["state"]) == ("c1", "s1")


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (ConnectOutcome.REFUSED, "No ha permitido el acceso"),
        (ConnectOutcome.MISSING_SCOPE, "marque todas las casillas"),
        (ConnectOutcome.EXPIRED, "ha caducado o ya se ha usado"),
        (ConnectOutcome.FOREIGN, "empezó en otra sesión"),
        (ConnectOutcome.NO_REFRESH_TOKEN, "no ha dado un permiso duradero"),
        (ConnectOutcome.TAKEN, "Otro usuario del CRM ya sincroniza"),
        (ConnectOutcome.OTHER_ACCOUNT, "otra cuenta de Google"),
        (ConnectOutcome.NO_CLIENT, "aún no está configurada"),
        (ConnectOutcome.FAILED, "no ha respondido como se esperaba"),
    ],
)
def test_every_other_end_is_a_sentence_in_the_popup_and_for_the_box(
    world: FakeWorld, get: Get, outcome: ConnectOutcome, sentence: str
) -> None:
    world.accounts.next_outcome = outcome
    answer = get(**SYNC, error="access_denied", state="s1")
    assert sentence in words(answer)
    assert 'data-success="no"' in answer.get_data(as_text=True)
    status = an_envelope_of(get(**STATUS))["result"]
    assert (status["status"], status["outcome"]) == ("none", outcome.value)
    assert sentence in status["message"]


def test_repeated_or_made_up_callback_connects_nobody(world: FakeWorld, get: Get) -> None:
    assert 'data-success="no"' in get(**SYNC, code="c", state="made up").get_data(as_text=True)
    assert 'data-success="no"' in get(view="Authenticate").get_data(as_text=True)
    assert not world.accounts.connections


def test_status_while_the_window_is_open_has_no_outcome(get: Get) -> None:
    get(**SYNC)
    assert an_envelope_of(get(**STATUS))["result"] == {
        "status": "none", "email": "", "outcome": None, "message": "",
    }  # fmt: skip


def test_status_after_the_consent_is_active(get: Get) -> None:
    get(**SYNC, code="c", state="s1")
    assert an_envelope_of(get(**STATUS))["result"]["status"] == "active"


def test_parameters_of_a_callback_never_choose_where_to_go(get: Get) -> None:
    for name in ("redirect", "url", "return", "continue"):
        answer = get(**SYNC, code="c", state="s1", **{name: "https://evil.example/"})
        assert answer.status_code == 200
        assert "evil.example" not in answer.get_data(as_text=True)


def test_change_of_user_by_a_link_shows_a_button_only(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    html = get(**CHANGE).get_data(as_text=True)
    assert '<form method="post"' in html
    assert token_for(world) in html
    assert not world.accounts.calls


def test_change_of_user_by_its_button_disconnects_and_asks_google(
    world: FakeWorld, client: FlaskClient
) -> None:  # fmt: skip
    world.accounts.connect(ANA)
    answer = client.post(
        INDEX, query_string={"module": "Google", **CHANGE}, data={"__vtrftk": token_for(world)}
    )
    assert answer.headers["Location"].startswith(CONSENT_PAGE)
    assert [call[0] for call in world.accounts.calls] == ["disconnect", "begin"]
