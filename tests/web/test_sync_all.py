"""view=Sync, the button of 7.x and 8.x."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plugin.sync.views import ConnectionStatus, RunStatus, RunView, SideCounts
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA, INDEX, Get, an_envelope_of, token_for

DONE = RunView(0, 0, "", "manual", RunStatus.DONE, finished_utc=NOW)


@pytest.fixture
def patient_post(client: FlaskClient, world: FakeWorld) -> Callable[[], TestResponse]:
    client.application.config["SYNC_WAIT_S"] = 5
    body = {"__vtrftk": token_for(world), "module": "Google", "view": "Sync"}
    return lambda: client.post(INDEX, data=body)


def test_counts_stand_as_the_crm_writes_them(
    world: FakeWorld, patient_post: Callable[[], TestResponse]
) -> None:  # fmt: skip
    world.accounts.connect(ANA)
    world.runs.script = [replace(DONE, crm=SideCounts(1, 2, 3, 0, True), google=SideCounts(4, 5, 6, 7))]
    assert an_envelope_of(patient_post())["result"] == {
        "Calendar": {
            "vtiger": {"create": 1, "update": 2, "delete": 3, "skip": 0, "more": True},
            "google": {"create": 4, "update": 5, "delete": 6, "skip": 7, "more": False},
        }
    }


def test_failed_run_is_told(world: FakeWorld, patient_post: Callable[[], TestResponse]) -> None:
    world.accounts.connect(ANA)
    world.runs.script = [replace(DONE, status=RunStatus.FAILED, error_code="collection_lost")]
    assert "El calendario ya no existe" in an_envelope_of(patient_post())["error"]["message"]


def test_nothing_connected_is_an_empty_list(post: Get) -> None:
    assert an_envelope_of(post(view="Sync")) == {"success": True, "result": []}


def test_run_that_goes_on_is_no_success(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    content = an_envelope_of(post(view="Sync"))
    assert content["error"]["code"] == "in_background"
    assert "sigue en segundo plano" in content["error"]["message"]
    assert len(world.runs.runs) == 1


def test_revoked_grant_is_told(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA, status=ConnectionStatus.RECONNECT)
    assert an_envelope_of(post(view="Sync"))["error"]["code"] == "reconnect"
    assert not world.runs.runs
