"""A real Chromium, where there is one, and pages opened in it as a person would have them."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.adapters.web.site import Site, running_site

#: Quiet and offline: no sandbox in containers, no calls to anybody but the page's own server.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Milliseconds that a page may take for anything.
PATIENCE = 30_000

expect.set_options(timeout=PATIENCE)

#: Opens a page: `await open_page(address, width=360)`; other words go to the browser's context.
OpenPage = Callable[..., Awaitable[Page]]


def _chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


# One browser for the whole run: its fixtures and the tests share the session's loop
# (`pytestmark = pytest.mark.asyncio(loop_scope="session")`).
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start a headless Chromium for all tests of the folder, which are skipped where this machine has none."""
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium on PATH")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """Open pages, each with cookies of its own; whatever the page's scripts complain of fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def hear(message: ConsoleMessage) -> None:
        # Chromium reports every 4xx as an error of its own; what the scripts make of it is what is tested.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    async def opened(address: str, *, width: int = 1024, height: int = 760, **more: Any) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, **{"locale": "en-GB", "timezone_id": "Europe/Paris", **more}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(address)
        await page.locator("html[data-ready]").wait_for()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[Site]:
    """Run the web door with its example conversation."""
    async with running_site() as site:
        yield site
