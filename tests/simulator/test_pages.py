"""The page at /, as a person and as a browser see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.chromium import running_chromium

LUCIA, MARCO = "lucia@empresa.example", "marco@empresa.example"


def event(**more: Any) -> dict[str, Any]:
    return {
        "id": "abcde",
        "summary": "Visita <b>",
        "start": {"dateTime": "2026-11-23T10:00:00+01:00"},
        "end": {"dateTime": "2026-11-23T11:00:00+01:00"},
        **more,
    }


def page(url: str, **query: str) -> str:
    answer = requests.get(url, params={"month": "2026-11", "hl": "es"} | query, timeout=10)
    assert answer.status_code == 200
    return answer.text


def form(**more: str) -> dict[str, str]:
    return {
        "account": LUCIA,
        "summary": "Comida",
        "start_date": "2026-11-23",
        "start_time": "14:00",
        "end_date": "2026-11-23",
        "end_time": "15:30",
        **more,
    }


def send(url: str, action: str, **more: str) -> requests.Response:
    return requests.post(f"{url}/page/{action}", data=form(**more), allow_redirects=False, timeout=10)


def stored(sim: Any, email: str = LUCIA) -> list[Any]:
    calendars = {calendar["id"]: calendar for calendar in sim.get("state")["calendars"]}
    return list(calendars[email]["events"])


def test_the_month_shows_the_events_of_the_account_escaped(url: str, sim: Any) -> None:
    sim.edit(LUCIA, "insert", **event())
    text = page(url, account=LUCIA)
    assert "Visita &lt;b&gt;" in text
    assert "Visita" not in page(url, account=MARCO)
    assert "Visita" not in page(url, account=LUCIA, month="2027-03")
    assert "noviembre 2026" in text
    assert "November 2026" in page(url, hl="en")


def test_a_reader_sees_that_a_private_event_exists_but_not_what(url: str, sim: Any) -> None:
    sim.edit(LUCIA, "insert", **event(visibility="private"))
    sim.post("share", calendar=LUCIA, email=MARCO, role="reader")
    text = page(url, account=MARCO)
    assert "Ocupado" in text
    assert "Visita" not in text
    assert "Visita" not in page(url, account=MARCO, cal=LUCIA, event="abcde")


def test_saving_inserts_and_changes(url: str, sim: Any) -> None:
    answer = send(url, "save", location="Bilbao", repeat="WEEKLY")
    assert (answer.status_code, answer.headers["Location"][:2]) == (303, "/?")
    (made,) = stored(sim)
    assert made["start"] == {"dateTime": "2026-11-23T14:00:00+01:00", "timeZone": "Europe/Madrid"}
    assert made["recurrence"] == ["RRULE:FREQ=WEEKLY"]
    sim.edit(LUCIA, "insert", **event(description="x"))
    send(url, "save", event="abcde", cal=LUCIA, all_day="on", end_date="2026-11-24")
    changed = next(e for e in stored(sim) if e["id"] == "abcde")
    assert (changed["start"], changed["end"]) == ({"date": "2026-11-23"}, {"date": "2026-11-25"})
    assert changed["summary"] == "Comida"
    assert "description" not in changed
    assert 'value="2026-11-24"' in page(url, cal=LUCIA, event="abcde")


def test_deleting_one_day_of_a_series_leaves_the_others(url: str, sim: Any) -> None:
    edges = {"start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}}
    sim.edit(LUCIA, "insert", **event(recurrence=["RRULE:FREQ=DAILY;COUNT=3"], **edges))
    assert page(url).count("Visita") == 3
    send(url, "delete", event="abcde_20261124", cal=LUCIA)
    assert page(url).count("Visita") == 2


def test_what_can_not_be_saved_comes_back_with_the_reason(url: str, sim: Any) -> None:
    answer = send(url, "save", end_time="13:00")
    assert answer.status_code == 400
    assert "role=alert" in answer.text
    assert "Comida" in answer.text
    assert stored(sim) == []
    assert send(url, "save", cal="festivos@empresa.example").status_code == 400
    assert send(url, "delete", event="unknown").status_code == 400


def test_pages_stay_out_of_the_log_and_send_no_mail(url: str, sim: Any) -> None:
    sim.edit(LUCIA, "insert", **event(attendees=[{"email": "ana@fuera.example"}]))
    page(url)
    send(url, "delete", event="abcde", cal=LUCIA)
    assert sim.get("log")["entries"] == []
    assert sim.mails() == []


def test_html_link_leads_to_the_event(url: str, sim: Any) -> None:
    made = sim.edit(LUCIA, "insert", **event())
    assert made["htmlLink"].startswith(url)
    assert (
        "Editar evento" in requests.get(made["htmlLink"], headers={"Accept-Language": "es"}, timeout=10).text
    )


@pytest.fixture(scope="module")
def in_browser() -> Any:
    """Runs a visit in Chromium, Spanish."""
    with running_chromium() as browser:

        def visit(steps: Callable[[Page], None]) -> None:
            context = browser.new_context(locale="es-ES", viewport={"width": 1360, "height": 900})
            context.set_default_timeout(10_000)
            steps(context.new_page())
            context.close()

        yield visit


@pytest.mark.browser
def test_a_person_adds_and_removes_an_event(url: str, sim: Any, in_browser: Any) -> None:
    def steps(tab: Page) -> None:
        tab.goto(url)
        tab.get_by_role("link", name="Nuevo evento").click()
        tab.get_by_label("Título").fill("Revisión")
        tab.get_by_label("Todo el día").check()
        tab.get_by_role("button", name="Guardar").click()
        tab.get_by_role("link", name="Revisión").click()
        expect(tab.get_by_label("Título")).to_have_value("Revisión")
        tab.get_by_role("button", name="Eliminar").click()
        expect(tab.get_by_role("link", name="Revisión")).to_have_count(0)

    in_browser(steps)
    assert [e["status"] for e in stored(sim)] == ["cancelled"]


@pytest.mark.browser
def test_a_person_chooses_an_account_and_allows_one_scope(url: str, sim: Any, in_browser: Any) -> None:
    callback = f"{url}/?from=google"
    sim.post("clients", client_id="browser", client_secret="s", redirect_uris=[callback])
    query = {
        "client_id": "browser",
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/contacts",
        "state": "xyz",
    }
    seen = []

    def steps(tab: Page) -> None:
        tab.goto(requests.Request("GET", f"{url}/o/oauth2/v2/auth", params=query).prepare().url or "")
        tab.get_by_role("button", name="Marco").click()
        tab.get_by_label("contactos").uncheck()
        tab.get_by_role("button", name="Permitir").click()
        tab.wait_for_url("**/?from=google*")
        seen.append(tab.url)

    in_browser(steps)
    assert "state=xyz&code=4%2F0sim" in seen[0]
    assert sim.get("state")["grants"][0]["scopes"] == ["https://www.googleapis.com/auth/calendar"]
