"""The extension page, the administrator's page, health, metrics and static files."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from plugin.sync.views import CONTACTS, RunStatus, RunView, SideCounts
from tests.fakes.services import NOW, FakeWorld
from tests.web.browser import ANA, Get, client_of, words

EXTENSION = {"module": "Calendar", "view": "Extension", "extensionModule": "Google", "extensionView": "Index"}
DONE = RunView(0, 0, "", "manual", RunStatus.DONE, finished_utc=NOW)


def test_extension_page_shows_box_and_last_runs(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    for like in (
        replace(DONE, crm=SideCounts(created=41)),
        replace(DONE, status=RunStatus.FAILED, error_code="rate_limited"),
    ):
        run = world.runs.request(10 + ANA, "planner")
        world.runs.change(run.run_id, like)
    told = words(get(**EXTENSION))
    assert "Sincronizar ahora" in told
    assert "Eliminar la sincronización" in told
    assert "22-11-2026 13:00 Terminada 41 0 0 0 0 0 0 0" in told
    assert "Google pide que vayamos más despacio" in told


@pytest.mark.parametrize("header", ["X-PJAX", "X-Requested-With"])
def test_extension_page_without_frame_for_pjax(get: Get, header: str) -> None:
    html = get(headers={header: "true"}, **EXTENSION).get_data(as_text=True)
    assert "<html" not in html
    assert 'class="gsync-extension"' in html


def test_extension_page_of_contacts_shows_their_box_runs_and_settings(world: FakeWorld, get: Get) -> None:
    world.accounts.connect(ANA)
    view = world.accounts.connect(ANA, CONTACTS)
    world.runs.change(
        world.runs.request(10 + ANA, "planner").run_id, replace(DONE, crm=SideCounts(created=41))
    )
    run = world.runs.request(view.pair_id or 0, "planner")
    world.runs.change(run.run_id, replace(DONE, crm=SideCounts(created=7)))
    page = get(**{**EXTENSION, "module": "Contacts"})
    told = words(page)
    assert "Terminada 7 0 0 0 0 0 0 0" in told
    assert "41" not in told
    assert "Contactos de Google Todos los contactos" in told
    assert "Organizaciones que faltan en el CRM no se crean" in told
    assert "view=Setting&amp;sourcemodule=Contacts" in page.get_data(as_text=True)


# --- administrator ---------------------------------------------------------------------------------------------------

ADMIN = "/crm/google-sync/admin"


def test_admin_page_shows_what_to_register(client: FlaskClient, world: FakeWorld) -> None:
    world.users.users[ANA] = replace(world.users.users[ANA], is_admin=True)
    world.accounts.has_client = False
    world.down.append("redis")
    html = client_of(world).get(ADMIN).get_data(as_text=True)
    base = (
        "https://crm.example/crm/index.php?module=Google&amp;view=List&amp;operation=sync&amp;sourcemodule="
    )
    assert f"<code>{base}Calendar&amp;service=GoogleCalendar</code>" in html
    assert f"<code>{base}Contacts&amp;service=GoogleContacts</code>" in html
    assert "<code>https://crm.example</code>" in html
    assert "<code>Google People API</code>" in html
    assert "aún no están configuradas" in html
    assert "redis: La cola" in html


def test_admin_page_is_for_administrators(client: FlaskClient, world: FakeWorld) -> None:
    assert client.get(ADMIN).status_code == 403
    visitor = client_of(world, is_logged_in=False).get(ADMIN)
    assert (visitor.status_code, visitor.headers["Location"]) == (302, "../index.php")


# --- machines --------------------------------------------------------------------------------------------------------


def test_ready_names_the_part_that_is_down(client: FlaskClient, world: FakeWorld) -> None:
    assert client.get("/crm/google-sync/health/ready").get_json() == {"ready": True, "down": []}
    world.down.extend(["database", "redis"])
    answer = client.get("/crm/google-sync/health/ready")
    assert (answer.status_code, answer.get_json()["down"]) == (503, ["database", "redis"])


def test_live_needs_nobody(world: FakeWorld) -> None:
    world.users.error = world.sessions.error = RuntimeError("down")
    answer = client_of(world, is_logged_in=False).get("/crm/google-sync/health/live")
    assert (answer.status_code, answer.get_data()) == (200, b"ok\n")


def test_metrics_count_requests_and_runs(client: FlaskClient, world: FakeWorld) -> None:
    world.accounts.connect(ANA)
    world.runs.change(world.runs.request(10 + ANA, "manual").run_id, DONE)
    client.get("/crm/google-sync/health/live")
    told = client.get("/crm/google-sync/metrics").get_data(as_text=True)
    assert 'gsync_requests_total{route="live",status="200"} 1.0' in told
    assert 'gsync_recent_runs{error="",module="Calendar",status="done"} 1.0' in told


def test_metrics_are_for_this_machine(client: FlaskClient) -> None:
    outside = {"REMOTE_ADDR": "192.0.2.1"}
    assert client.get("/crm/google-sync/metrics", environ_overrides=outside).status_code == 403
    proxied = {"X-Forwarded-For": "192.0.2.1"}
    assert client.get("/crm/google-sync/metrics", headers=proxied).status_code == 403


def test_static_files_may_be_kept_for_a_year(client: FlaskClient) -> None:
    with client.get("/crm/google-sync/static/box.js?v=0") as answer:
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]
        assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/crm/google-sync/static/../__init__.py").status_code == 404
    assert client.get("/crm/google-sync/static/none.js").status_code == 404


def test_calendar_s_settings_window_leads_to_where_they_are(get: Get) -> None:
    answer = get(view="Setting", sourcemodule="Calendar")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(
        "index.php?module=Calendar&view=Extension&extensionModule=Google"
    )
