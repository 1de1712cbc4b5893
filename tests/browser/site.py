"""What the browser tests look at: the running site, and its pages as a user knows them."""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from redis import Redis

from demo.crm.database import copy_tables, open_engine
from demo.crm.records import Saving
from demo.crm.sample import LUCIA_ID
from demo.stack import Stack
from plugin.google.quota import PREFIX

EMAIL = "lucia@empresa.example"
# Series fill the list's first pages and move with the calendar; tests/demo syncs them, these tests look at the pages.
SERIES = ("seed0semanal", "seed0gastos")
WITHOUT_SERIES = (
    "UPDATE vtiger_crmentity SET deleted = 1 WHERE crmid IN (SELECT recurrenceid FROM vtiger_activity_recurring_info)",
    "DELETE FROM vtiger_recurringevents",
    "DELETE FROM vtiger_activity_recurring_info",
)
# These stay: whose database it is, the registered client, the schema's version.
KEPT = ("gsync_install", "gsync_oauth_client", "gsync_alembic_version")


class Site:
    """The running demo, taken back to its first day when it is entered."""

    def __init__(self, stack: Stack, template: str) -> None:
        self.stack, self._template = stack, template
        self.url = stack.crm_url
        self._engine = open_engine(stack.mariadb.url(stack.database))

    def __enter__(self) -> Self:
        with self._engine.begin() as connection:
            copy_tables(connection, self._template)
            for table in sa.inspect(connection).get_table_names():
                if table.startswith("gsync_") and table not in KEPT:
                    connection.exec_driver_sql(f"DELETE FROM {table}")
            for statement in WITHOUT_SERIES:
                connection.exec_driver_sql(statement)
        for method, name in (("POST", "reset"), ("DELETE", "faults"), ("DELETE", "log")):
            self.stack.control(method, name)
        for event_id in SERIES:
            self.edit_google("delete", event_id)
        self.slow_google(0)
        # Tests click more often in a minute than Google's quota for one person's contacts is made for.
        with Redis.from_url(self.stack.redis.url) as redis:
            for key in redis.scan_iter(f"{PREFIX}*"):
                redis.delete(key)
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def execute(self, sql: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(sql)

    def in_crm(self, act: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Do something as Lucía does it in the CRM's pages, a minute ago: what is being saved just now waits."""
        with self._engine.begin() as connection:
            now_utc = datetime.now(UTC).replace(tzinfo=None, microsecond=0) - timedelta(minutes=1)
            return act(Saving(connection, LUCIA_ID, now_utc), *arguments, **named)

    def count(self, sql: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {sql}").scalar_one())

    # --- Google ---

    def slow_google(self, latency_ms: int) -> None:
        """Let every answer of Google take this long."""
        self.stack.control("POST", "latency", {"latency_ms": latency_ms, "part_latency_ms": 0})

    def edit_google(self, operation: str, event_id: str = "", **body: Any) -> Any:
        """Do what the user does in Google's own pages; return the event."""
        edit = {"email": EMAIL, "operation": operation, "event_id": event_id, "body": body}
        return self.stack.control("POST", "edit", edit)

    def google_event(self, title: str, email: str = EMAIL) -> dict[str, Any]:
        """Return the only living event of this title."""
        [event] = [event for event in self._google_events(email) if event["summary"] == title]
        return event

    def google_titles(self, email: str = EMAIL) -> list[str]:
        """Return the titles of the living events that don't repeat."""
        events = self._google_events(email)
        return sorted(event["summary"] for event in events if "recurrence" not in event)

    def google_series(self, title: str) -> list[dict[str, Any]]:
        """Return the living series of this title, and their occurrences that were changed by themselves."""
        events = self._google_events(EMAIL)
        masters = {e["id"] for e in events if e.get("summary") == title and "recurrence" in e}
        return [e for e in events if e["id"] in masters or e.get("recurringEventId") in masters]

    def _google_events(self, email: str) -> list[dict[str, Any]]:
        state = self.stack.control("GET", "state")
        [calendar] = [calendar for calendar in state["calendars"] if calendar["id"] == email]
        return [event for event in calendar["events"] if event["status"] != "cancelled"]

    def subjects(self, owner_id: int = 5) -> list[str]:
        """Return the subjects of the user's living activities that don't repeat."""
        with self._engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT a.subject FROM vtiger_activity a JOIN vtiger_crmentity e ON e.crmid = a.activityid"
                f" WHERE e.deleted = 0 AND e.smownerid = {owner_id} AND a.activitytype <> 'Task'"
                " AND (a.recurringtype IS NULL OR a.recurringtype IN ('', '--None--'))"
            )
            return sorted(row.subject for row in rows)


class Box:
    """The box "Google Calendar", wherever it stands."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.button: Locator = tab.locator("#sync_button")
        self.details: Locator = tab.locator("#sync_details")
        self.problem: Locator = self.details.locator(".gsync-problem")
        self.progress: Locator = self.details.locator(".gsync-progress")

    def click(self) -> None:
        self.button.click()

    def open_popup(self) -> Page:
        """Press the button that opens Google's window."""
        with self.tab.expect_popup() as opened:
            self.click()
        return opened.value

    def connect(self, account: str = "Lucía", decision: str = "Permitir", *, untick: str = "") -> None:
        """Go through Google's window to its end; no account: Google knows already which one is meant."""
        consent = self.open_popup()
        if account:
            choose_account(consent, account)
        expect(consent.get_by_role("button", name=decision)).to_be_visible()
        if untick:
            consent.get_by_label(untick).uncheck()
        shot(consent, f"consent-{decision}")
        click_away(consent.get_by_role("button", name=decision))

    def expect_idle(self, words: str = "Sincronizar ahora") -> None:
        """The button can be pressed again, and nothing turns."""
        expect(self.button).to_be_enabled()
        expect(self.button).to_have_text(words)
        expect(self.tab.locator(".gsync-wait, .gsync-progress, .spinner")).to_have_count(0)

    def expect_counts(self, crm: str, google: str, words: str = "Sincronizar ahora") -> None:
        """The counts stand in the box, each side's as `created updated deleted skipped`."""
        sides = self.details.locator(".gsync-side")
        expect(sides).to_have_count(2)
        assert [side.locator("dd").all_inner_texts() for side in sides.all()] == [crm.split(), google.split()]
        self.expect_idle(words)

    def expect_problem(self, words: str) -> None:
        """A sentence says what went wrong, and the button can be pressed again."""
        expect(self.problem).to_contain_text(words)
        self.expect_idle()


class CalendarList(Box):
    """The CRM's Calendar as a list, with the box in its sidebar."""

    def open_box(self) -> Self:
        """Open the box, unless it was left open before: then the page's script opens it by itself."""
        self.tab.wait_for_function("window.jQuery && jQuery.isReady && jQuery('.quickWidgetHeader').length")
        header = self.tab.locator(".quickWidgetHeader")
        if "open" not in (header.get_attribute("class") or ""):
            header.click()
        expect(self.button).to_be_visible()
        return self

    def row(self, subject: str) -> Locator:
        return self.tab.locator("tr.listViewEntries").filter(has=self.tab.get_by_text(subject, exact=True))

    def show_mine(self) -> None:
        """Show the user's own records only, which all fit on one page."""
        self.tab.locator(".views a").last.click()
        self.open_box()


def choose_account(popup: Page, account: str) -> Page:
    """Click the account in the chooser; the consent page comes next."""
    popup.get_by_role("button", name=account).click()
    expect(popup.locator("button.allow")).to_be_visible()
    return popup


def click_away(locator: Locator) -> None:
    """Click what ends the window: it may be gone before an ordinary click has reported back."""
    locator.evaluate("(button) => { setTimeout(() => button.click(), 20); }")


def shot(tab: Page, name: str) -> None:
    """Keep a picture of the page, if somebody wants to look at them."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        tab.screenshot(path=Path(folder) / f"{re.sub('[^a-z0-9-]+', '-', name.lower())}.png", full_page=True)
