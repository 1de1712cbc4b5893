"""Debian's Chromium for tests. One at a time: Playwright's sync API allows no second one in a thread."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from demo.servers.process import find_program

# Longer than Playwright's 5 s: a build server with two cores runs a database, workers and this browser at once.
PATIENCE_MS = 20_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
]


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Start the browser, and close it."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_program("chromium", "chromium"), args=ARGUMENTS
        )
        try:
            yield browser
        finally:
            browser.close()
