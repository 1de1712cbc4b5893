"""Two tabs, two clicks, and servers that are away: one run, and always a sentence instead of an endless wheel."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from demo.servers import Server
from tests.browser.site import CalendarList, Site, shot

SLOW_MS = 700


@pytest.fixture
def second(synced: CalendarList, site: Site) -> CalendarList:
    """The same list in another tab."""
    tab = synced.tab.context.new_page()
    tab.goto(site.url)
    return CalendarList(tab).open_box()


@contextmanager
def away(server: Server) -> Iterator[None]:
    """The server is stopped meanwhile."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def test_click_in_a_second_tab_joins_the_running_sync(
    synced: CalendarList, second: CalendarList, site: Site
) -> None:
    runs = site.count("gsync_runs")
    site.edit_google("insert", summary="Nuevo", **an_hour("10:00"))
    site.slow_google(SLOW_MS)
    synced.click()
    expect(synced.progress).to_be_visible()

    second.click()

    expect(second.progress).to_be_visible()
    synced.expect_counts("1 0 0 0", "0 0 0 0")
    second.expect_counts("1 0 0 0", "0 0 0 0")
    assert site.count("gsync_runs") == runs + 1


def test_page_opened_meanwhile_shows_the_running_sync(
    synced: CalendarList, second: CalendarList, site: Site
) -> None:
    site.slow_google(SLOW_MS)
    synced.click()
    expect(synced.progress).to_be_visible()

    second.tab.reload()
    second.open_box()

    expect(second.button).to_be_disabled()
    expect(second.progress).to_be_visible()
    shot(second.tab, "30-joined")
    second.expect_counts("0 0 0 0", "0 0 0 0")


def test_without_workers_the_box_says_that_it_waits_and_then_why(synced: CalendarList, site: Site) -> None:
    with away(site.stack.workers):
        synced.click()
        expect(synced.progress).to_contain_text("Esperando su turno")
        # What the box says after three quarters of a minute.
        site.execute(
            "UPDATE gsync_runs SET requested_utc = requested_utc - INTERVAL 1 MINUTE WHERE status = 'queued'"
        )
        expect(synced.progress).to_contain_text("El servicio que sincroniza no está en marcha")
        shot(synced.tab, "31-no-worker")

    synced.expect_counts("0 0 0 0", "0 0 0 0")


def test_without_the_plugin_a_click_is_answered_with_a_sentence(synced: CalendarList, site: Site) -> None:
    with away(site.stack.plugin):
        synced.click()
        expect(synced.details).to_contain_text("no está disponible en este momento")
        synced.expect_idle()
        shot(synced.tab, "32-plugin-down")

        synced.tab.reload()
        expect(synced.tab.locator(".widgetContainer")).to_contain_text("no está disponible en este momento")
        shot(synced.tab, "33-plugin-down-box")

    synced.tab.reload()
    synced.open_box()
    synced.click()
    synced.expect_counts("0 0 0 0", "0 0 0 0")


def test_plugin_restarted_during_a_sync_costs_the_page_nothing(synced: CalendarList, site: Site) -> None:
    site.edit_google("insert", summary="Nuevo", **an_hour("10:00"))
    site.slow_google(SLOW_MS)
    synced.click()
    expect(synced.progress).to_be_visible()

    with away(site.stack.plugin):
        pass

    synced.expect_counts("1 0 0 0", "0 0 0 0")


def an_hour(start: str) -> dict[str, dict[str, str]]:
    """Return the times of an event on a day far ahead."""
    hours, minutes = start.split(":")
    end = f"{int(hours) + 1:02}:{minutes}"
    return {
        "start": {"dateTime": f"2031-03-05T{start}:00", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": f"2031-03-05T{end}:00", "timeZone": "Europe/Madrid"},
    }
