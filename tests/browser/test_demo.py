"""The demo as a newcomer meets it: one page, one sandbox, and one file edited on disk."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.app.demo import Demo, demo
from config.sample import SAMPLE
from tests.browser.conftest import OpenPage
from tests.browser.test_page import say, scrolls_sideways

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def running(tmp_path: Path) -> AsyncIterator[Demo]:
    """Run the demo on a copy of the sample shop."""
    config = tmp_path / "shop.toml"
    shutil.copyfile(SAMPLE, config)
    stop = asyncio.Event()
    async with demo(config=config, folder=tmp_path / "var", port=0, fresh=False) as opened:
        work = asyncio.create_task(opened.app.run(stop))
        try:
            yield opened
        finally:
            stop.set()
            await work


def card(page: Page, title: str) -> Locator:
    """Find the newest card of a title."""
    return page.locator("#log article", has=page.get_by_role("heading", name=title)).last


async def hosted(page: Page, within: Locator) -> Page:
    """Press Pay on a card, and give the tab that opens."""
    async with page.context.expect_page() as opened:
        await within.get_by_role("link", name="Pay").click()
    tab = await opened.value
    await tab.wait_for_load_state()
    return tab


def uncomment(running: Demo) -> None:
    """Take the "# " from the lines that the page speaks of, as an editor would."""
    assert running.lines is not None
    first, last = running.lines
    lines = running.config.read_text(encoding="utf-8").splitlines(keepends=True)
    for at in range(first - 1, last):
        lines[at] = lines[at].removeprefix("#").removeprefix(" ")
    running.config.write_text("".join(lines), encoding="utf-8")


async def test_first_screen(running: Demo, open_page: OpenPage) -> None:
    """The first screen shows a Buy card and a Donate card beside the prompt, the badge, and what to try last of all."""
    page = await open_page(running.app.address)
    await expect(page.get_by_role("button", name="Buy")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Donate")).to_be_in_viewport()
    await expect(page.get_by_text("Test money", exact=True)).to_be_visible()
    assert running.lines is not None
    await expect(page.get_by_text(f"lines {running.lines[0]} to {running.lines[1]}")).to_be_visible()


@pytest.mark.parametrize("width", [1024, 360])
async def test_newcomer(running: Demo, open_page: OpenPage, width: int) -> None:
    """A newcomer buys, closes Buy by editing one file, reads the notice and gives, within a minute, on desk and phone."""
    page = await open_page(running.app.address, width=width)
    begun = time.monotonic()
    await say(page, "/buy mug blue 2")
    tab = await hosted(page, card(page, "Your order: ready to pay"))
    await expect(tab.get_by_label("Test card or bank account number")).to_have_value("4242 4242 4242 4242")
    assert not await scrolls_sideways(tab)
    await tab.get_by_role("button", name="Pay").click()
    await expect(tab.get_by_text("Thank you!")).to_be_visible()
    assert not await scrolls_sideways(tab)
    await tab.close()
    await expect(card(page, "Your order: paid")).to_be_visible()
    assert not await scrolls_sideways(page)

    uncomment(running)
    await asyncio.sleep(1.0)  # what is promised: an edit is in force within a second
    await say(page, "/buy zine")
    notice = card(page, "Buy has closed here")
    await expect(notice).to_contain_text("1 February 2017")
    for name in ("Facebook Shop", "Pinterest", "Messenger", "Amazon"):
        await expect(notice.get_by_role("link", name=name)).to_be_visible()
    assert not await scrolls_sideways(page)

    await notice.get_by_role("button", name="Donate").click()
    form = page.locator("form", has=page.get_by_label("Amount")).last
    await form.get_by_label("Cause").select_option(label="Community kitchen")
    await form.get_by_label("Amount").fill("12.50")
    await form.get_by_role("button", name="Continue").click()
    tab = await hosted(page, card(page, "Your gift: ready to pay"))
    await tab.get_by_role("button", name="Donate").click()
    await expect(tab.get_by_text("Thank you!")).to_be_visible()
    await tab.close()
    thanks = card(page, "Thank you for your gift")
    await expect(thanks).to_contain_text("€12.50 of €1,200.00")
    assert not await scrolls_sideways(page)
    assert time.monotonic() - begun < 60


async def test_decline_then_cancel(running: Demo, open_page: OpenPage) -> None:
    """A declined card is said on the hosted page and charges nothing; the order is then cancelled in the chat."""
    page = await open_page(running.app.address)
    await say(page, "/buy tour")
    order = card(page, "Your order: ready to pay")
    tab = await hosted(page, order)
    await tab.get_by_label("Test card or bank account number").fill("4000 0000 0000 0002")
    await tab.get_by_role("button", name="Pay").click()
    await expect(tab.get_by_role("alert")).to_contain_text("declined")
    await tab.get_by_role("link", name="Back").click()
    await expect(tab.get_by_text("Nothing was paid")).to_be_visible()
    await tab.close()
    await order.get_by_role("button", name="Cancel").click()
    await expect(card(page, "Your order: cancelled")).to_contain_text("Nothing was charged")


async def test_old_pay_link_is_gone(running: Demo, open_page: OpenPage) -> None:
    """After closing, an old pay link answers 410 with the notice, its Sunset, Deprecation and Link headers."""
    page = await open_page(running.app.address)
    await say(page, "/buy tour")
    link = await card(page, "Your order: ready to pay").get_by_role("link", name="Pay").get_attribute("href")
    assert link is not None
    uncomment(running)
    await expect(card(page, "Buy has closed")).to_contain_text("before selling here ended")
    answer = await page.goto(link)
    assert answer is not None
    assert answer.status == 410
    assert answer.headers["sunset"] == "Wed, 01 Feb 2017 08:00:00 GMT"
    assert answer.headers["deprecation"] == "@1484845200"
    assert 'rel="sunset"' in answer.headers["link"]
    await expect(page.get_by_role("heading", name="Buy has closed here")).to_be_visible()


async def test_french(running: Demo, open_page: OpenPage) -> None:
    """A French reader meets the shop in French, and the closing's date reads 1er février 2017."""
    page = await open_page(running.app.address, locale="fr-FR")
    await expect(page.get_by_role("button", name="Acheter")).to_be_visible()
    uncomment(running)
    await asyncio.sleep(1.0)  # what is promised: an edit is in force within a second
    await page.get_by_role("combobox").fill("/acheter")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")
    await expect(card(page, "La vente est terminée ici")).to_contain_text("1er février 2017")
