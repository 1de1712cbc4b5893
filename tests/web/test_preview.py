"""“Ver cambios”: the question, the wait, and what is shown in the end."""

import re
from dataclasses import replace

import pytest

from plugin.core.model import Side
from plugin.core.reconcile import Reason
from plugin.jobs.queue import QueueDownError
from plugin.sync.views import ConnectionStatus, Deed, Hold, Preview, PreviewView, RunStatus
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA, Get, an_envelope_of, client_of, token_for, words
from tests.web.test_waiting import FAIR, MEETING

BOX = {"view": "List", "sourcemodule": "Calendar"}
PREVIEW = {**BOX, "operation": "preview"}
PAIR = 10 + ANA


def answer_with(world: FakeWorld, **values: object) -> None:
    view = PreviewView(RunStatus.DONE, NOW)
    world.previews.views[PAIR] = replace(view, **values)  # type: ignore[arg-type]


def offers_preview(get: Get) -> bool:
    [button] = re.findall(r'<button[^>]*id="sync_preview"[^>]*>', get(**BOX).get_data(as_text=True))
    return " hidden" not in button


def test_box_of_a_connected_user_offers_to_view_the_changes(world: FakeWorld, get: Get) -> None:
    assert not offers_preview(get)
    world.accounts.connect(ANA)
    assert offers_preview(get)
    world.accounts.connect(ANA, status=ConnectionStatus.RECONNECT)
    assert not offers_preview(get)


def test_question_is_answered_with_something_to_wait_for(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    html = post(**PREVIEW).get_data(as_text=True)
    assert 'class="gsync-progress"' in html
    assert "operation=preview&amp;sourcemodule=Calendar" in html
    assert 'id="norefresh"' in html
    assert world.previews.views[PAIR].status is RunStatus.QUEUED
    assert world.runs.runs == {}


def test_page_is_told_when_no_worker_takes_the_question(world: FakeWorld, post: Get, get: Get) -> None:
    world.accounts.connect(ANA)
    post(**PREVIEW)
    assert "no está en marcha" not in an_envelope_of(get(**PREVIEW))["result"]["html"]
    world.clock.advance(minutes=1)
    told = an_envelope_of(get(**PREVIEW))["result"]
    assert told["ended"] is False
    assert "gsync-note" in told["html"]


def test_answer_shows_every_record_with_the_reason(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    new = replace(
        MEETING, deed=Deed.CREATE, hold=Hold.NONE, subject="Nueva <cita>", cut=("subject", "location")
    )
    answer_with(world, preview=Preview(changes=(new,), held=(FAIR,), has_more=True))
    told = an_envelope_of(get(**PREVIEW))["result"]
    assert (told["ended"], told["status"]) == (True, "done")
    assert "Nueva &lt;cita&gt;" in told["html"]
    assert "01-12-2026 10:30" in told["html"]
    assert "Añadir en Google: eliminado en el CRM" in told["html"]
    assert "no cabe entero en el CRM: asunto, ubicación" in told["html"]
    assert "espera aprobación: muchas eliminaciones a la vez" in told["html"]
    assert "irían en la sincronización siguiente" in told["html"]
    assert "data-gsync-show" in told["html"]


def test_update_says_in_which_fields(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    update = replace(
        MEETING, deed=Deed.UPDATE, side=Side.CRM, reason=Reason.CHANGED, hold=Hold.NONE,
        fields=("subject", "when"), overwritten=("subject",),
    )  # fmt: skip
    answer_with(world, preview=Preview(changes=(update,)))
    told = " ".join(an_envelope_of(get(**PREVIEW))["result"]["html"].split())
    assert "Cambiar en el CRM: modificado (asunto, fecha y hora)" in told
    assert "modificado en los dos lados y sobrescrito aquí: asunto" in told


def test_nothing_to_do_is_said(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    answer_with(world, preview=Preview())
    assert "no hay nada que sincronizar" in an_envelope_of(get(**PREVIEW))["result"]["html"]


def test_failure_and_forgotten_question_are_sentences(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    unknown = an_envelope_of(get(**PREVIEW))
    assert unknown["error"]["code"] == "preview_unknown"
    answer_with(world, status=RunStatus.FAILED, error_code="lock_busy")
    told = an_envelope_of(get(**PREVIEW))["result"]
    assert told["ended"] is True
    assert "gsync-problem" in told["html"]


def test_queue_that_is_down_is_told(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    world.previews.error = QueueDownError("down")
    assert "no responde" in words(post(**PREVIEW))


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_connected_learns_nothing(world: FakeWorld, get: Get, post: Get, method: str) -> None:
    world.previews.views[PAIR] = PreviewView(RunStatus.DONE, NOW, Preview(changes=(MEETING,)))
    answer = get(**PREVIEW) if method == "get" else post(**PREVIEW)
    assert answer.status_code == 200
    assert answer.get_json(force=True)["success"] is False


def test_our_script_is_told_in_words_that_the_session_has_ended(world: FakeWorld) -> None:
    stranger = client_of(world, is_logged_in=False)
    asked = stranger.get("/crm/index.php", query_string={"module": "Google", **PREVIEW})
    assert asked.get_json(force=True)["error"]["code"] == "login"
    body = {"__vtrftk": token_for(world, ""), "module": "Google", **PREVIEW}
    assert stranger.post("/crm/index.php", data=body).status_code in (200, 302)
