"""The box in the sidebar: what the CRM's 6.x script finds in it, and what people read."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from plugin.sync.views import ConnectionStatus, Progress, RunStatus, RunView, SideCounts
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA, Get, an_envelope_of, words

BOX = {"view": "List", "sourcemodule": "Calendar"}
SYNC, REMOVE = {**BOX, "operation": "sync"}, {**BOX, "operation": "removeSync"}
DONE = RunView(0, 0, "", "manual", RunStatus.DONE, finished_utc=NOW)


def html_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def has_norefresh(html: str) -> bool:
    return 'id="norefresh"' in html


@pytest.mark.parametrize(("path", "prefix"), [("/crm/index.php", "/crm"), ("/crm/", "/crm")])
def test_box_has_what_the_crms_script_needs(get: Get, path: str, prefix: str) -> None:
    html = html_of(get(path, **BOX))
    for element in (
        "sync_message", "firsttime", "sync_details", "synctime", "sync_button", "removeSyncBlock", "remove_sync",
        "removePop", "popid", "mappingTable",
    ):  # fmt: skip
        assert html.count(f'id="{element}"') == 1
    url = "index.php?module=Google&amp;view=List&amp;operation={}&amp;sourcemodule=Calendar"
    assert f'data-url="{url.format("sync")}"' in html
    assert f'data-url="{url.format("removeSync")}"' in html
    assert re.search(rf'<script src="{prefix}/google-sync/static/box.js\?v=[0-9a-f]{{12}}">', html)
    assert "<html" not in html


def test_box_of_a_new_user_begins_with_the_popup(get: Get) -> None:
    html = html_of(get(**BOX))
    assert 'id="firsttime" value="yes"' in html
    assert 'class="gsync-remove hide"' in html
    assert "Todavía no ha sincronizado" in html


def test_box_of_a_connected_user_tells_the_last_sync_in_zone_and_format(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA, last_sync_utc=NOW - timedelta(minutes=5))
    html = html_of(get(**BOX))
    assert 'id="firsttime" value="no"' in html
    assert 'title="22-11-2026 12:55"' in html
    assert "hace 5 minutos" in html
    world.users.users[ANA] = replace(
        world.users.users[ANA],
        language="en_us",
        date_format="mm-dd-yyyy",
        hour_format="12",
        time_zone="Nowhere",
    )
    html = html_of(get(**BOX))
    assert re.search('title="11-22-2026 11:55\\sAM"', html)
    assert "5 minutes ago" in html


@pytest.mark.parametrize("date_format", ["", "'{}", "EEEE'", "dd.mm.yyyy"])
def test_odd_date_format_is_no_fault(world: FakeWorld, get: Get, date_format: str) -> None:
    world.accounts.connect(ANA, last_sync_utc=NOW)
    world.users.users[ANA] = replace(world.users.users[ANA], date_format=date_format)
    assert "Sincronizado: hace un momento" in words(get(**BOX))


def test_revoked_grant_is_told_and_begins_with_the_popup(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA, status=ConnectionStatus.RECONNECT, problem_code="reconnect")
    html = html_of(get(**BOX))
    assert 'id="firsttime" value="yes"' in html
    assert "Google ya no acepta el permiso" in html
    assert 'class="gsync-remove"' in html


def test_box_joins_a_run_that_is_going_on(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "planner")
    html = html_of(get(**BOX))
    assert 'class="gsync-progress"' in html
    assert "operation=progress&amp;sourcemodule=Calendar&amp;run=1" in html
    assert "Sincronizando…" in html


def test_contacts_say_that_they_are_not_built(get: Get, post: Get) -> None:
    assert "aún no está disponible" in words(get(view="List", sourcemodule="Contacts"))
    assert "aún no está disponible" in words(get(view="List", sourcemodule="Contacts", operation="sync"))
    assert "aún no está disponible" in words(post(view="List", sourcemodule="Contacts", operation="sync"))
    progress = get(view="List", sourcemodule="Contacts", operation="progress", run="1")
    assert "aún no está" in an_envelope_of(progress)["error"]["message"]


# --- synchronizing ---------------------------------------------------------------------------------------------------


def test_sync_answers_with_progress_that_the_crms_script_can_show(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    html = html_of(post(**SYNC))
    assert 'class="gsync-progress"' in html
    assert has_norefresh(html)
    assert "/google-sync/static/follow.js?v=" in html
    assert [run.trigger for run in world.runs.runs.values()] == ["manual"]


def test_second_click_joins_the_run(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    assert "run=1" in html_of(post(**SYNC))
    assert len(world.runs.runs) == 1


@pytest.mark.parametrize("status", [ConnectionStatus.NONE, ConnectionStatus.RECONNECT])
def test_sync_without_grant_sends_the_script_to_the_popup(
    world: FakeWorld, post: Get, status: ConnectionStatus
) -> None:
    if status is not ConnectionStatus.NONE:
        world.accounts.connect(ANA, status=status)
    error = an_envelope_of(post(**SYNC))["error"]
    assert error["code"] == "401"
    assert "Sincronizar ahora" in error["message"]
    assert not world.runs.runs


def test_sync_of_a_lost_calendar_says_what_to_do(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA, status=ConnectionStatus.PAUSED, problem_code="collection_lost")
    answer = post(**SYNC)
    assert "El calendario ya no existe" in words(answer)
    assert has_norefresh(html_of(answer))


def test_get_never_starts_a_sync(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    get(**SYNC)
    get(view="Sync")
    assert not world.runs.runs


@pytest.mark.parametrize(
    ("progress", "sentence"),
    [
        (Progress("fetching", 120), "Leyendo los cambios de Google… 120 registros"),
        (Progress("fetching"), "Leyendo los cambios de Google…"),
        (Progress("comparing"), "Comparando"),
        (Progress("crm", 5, 100), "Actualizando el CRM… 5 de 100"),
        (Progress("google", 1, 3), "Actualizando Google… 1 de 3"),
        (Progress("brand new phase"), "Esperando su turno…"),
        (None, "Esperando su turno…"),
    ],
)
def test_progress_is_told_per_side(
    world: FakeWorld, get: Get, post: Get, progress: Progress | None, sentence: str
) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.runs.change(1, replace(DONE, status=RunStatus.RUNNING, finished_utc=None, progress=progress))
    result = an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]
    assert (result["run"], result["status"], result["ended"]) == (1, "running", False)
    assert sentence in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", result["html"]))


def test_run_that_nobody_takes_points_at_the_service(world: FakeWorld, get: Get, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    assert "no está en marcha" not in html_of(get(**BOX, operation="progress", run="1"))
    world.clock.advance(minutes=2)
    assert "no está en marcha" in html_of(get(**BOX, operation="progress", run="1"))


def test_run_that_was_put_off_says_so(world: FakeWorld, get: Get, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.runs.change(1, replace(DONE, status=RunStatus.QUEUED, started_utc=NOW, finished_utc=None))
    world.clock.advance(minutes=2)
    html = html_of(get(**BOX, operation="progress", run="1"))
    assert "sigue por sí sola" in html
    assert "no está en marcha" not in html


def test_end_of_a_run_is_told_in_counts(world: FakeWorld, get: Get, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.runs.change(
        1,
        replace(
            DONE, crm=SideCounts(100, 2, 3, 4, True), google=SideCounts(5, 6, 7, 8), held=12, parked=1, cut=3
        ),
    )
    result = an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", result["html"]))
    assert result["ended"] is True
    assert "Actualizaciones en el CRM Añadidos 100 Actualizados 2 Eliminados 3 Omitidos 4" in told
    assert "Actualizaciones en Google Añadidos 5 Actualizados 6 Eliminados 7 Omitidos 8" in told
    assert "Hay más registros por sincronizar en el CRM" in told
    assert "Hay más registros por sincronizar en Google" not in told
    assert "12 eliminaciones esperan aprobación" in told
    assert "1 registro se ha apartado" in told
    assert "3 registros no cabían enteros en el CRM" in told
    assert "Sincronizado: hace un momento" in told
    assert not has_norefresh(result["html"])


def test_run_that_changed_nothing_leaves_the_list_alone(world: FakeWorld, get: Get, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.runs.change(1, replace(DONE, google=SideCounts(skipped=1)))
    assert has_norefresh(an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]["html"])


def test_failed_run_is_told_in_a_sentence(world: FakeWorld, get: Get, post: Get) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.runs.change(1, replace(DONE, status=RunStatus.FAILED, error_code="rate_limited"))
    result = an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]
    assert "Google pide que vayamos más despacio" in result["html"]
    assert "Añadidos" not in result["html"]
    assert "Google pide" in words(get(**BOX))


def test_run_ended_by_a_revoked_grant_has_the_next_click_open_the_popup(
    world: FakeWorld, get: Get, post: Get
) -> None:
    world.accounts.connect(ANA)
    post(**SYNC)
    world.accounts.connect(ANA, status=ConnectionStatus.RECONNECT)
    world.runs.change(1, replace(DONE, status=RunStatus.FAILED, error_code="reconnect"))
    result = an_envelope_of(get(**BOX, operation="progress", run="1"))["result"]
    assert "data-consent-needed" in result["html"]


@pytest.mark.parametrize("run", ["2", "99", "", "x", "-1", "1' OR 1", "9" * 40])
def test_run_of_somebody_else_is_not_told(world: FakeWorld, get: Get, run: str) -> None:
    world.accounts.connect(ANA)
    world.runs.request(10 + ANA, "manual")
    world.runs.request(77, "manual")
    answer = an_envelope_of(get(**BOX, operation="progress", run=run))
    assert answer["error"]["code"] == "run_unknown"


# --- removing --------------------------------------------------------------------------------------------------------


def test_remove_disconnects_and_answers_nothing(world: FakeWorld, post: Get) -> None:
    world.accounts.connect(ANA)
    answer = post(**REMOVE)
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert world.accounts.calls == [("disconnect", ANA, "Calendar")]


def test_remove_by_a_link_does_nothing(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    assert "Use el botón" in words(get(**REMOVE))
    assert not world.accounts.calls
