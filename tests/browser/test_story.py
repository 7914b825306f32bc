"""The demo that travels in time, as somebody sees it who moves its clock: before, in the last week, after, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.app.story import Opened, tell
from tests.browser.conftest import PATIENCE, OpenPage
from tests.browser.test_page import say, scrolls_sideways

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def told(tmp_path: Path) -> AsyncIterator[str]:
    """Tell the story, and give the address of its page."""
    stop, begun = asyncio.Event(), asyncio.get_running_loop().create_future()

    def started(opened: Opened) -> None:
        if opened.travelling.turn == 1:
            begun.set_result(opened.app.address)

    work = asyncio.create_task(tell("twitter", folder=tmp_path / "var", port=0, stop=stop, started=started))
    try:
        await asyncio.wait([work, begun], timeout=PATIENCE / 1000, return_when=asyncio.FIRST_COMPLETED)
        yield begun.result()
    finally:
        stop.set()
        await work


async def is_day(page: Page, date: str) -> None:
    """Wait until the story has come to a day."""
    await expect(page.locator("#story-status")).to_contain_text(f"It is {date}.")
    await expect(page.locator("#story-date")).to_have_text(date)


async def slide(page: Page, day: int) -> None:
    """Let go of the slider so many days after the first."""
    await page.get_by_role("slider", name="The day of the story").fill(str(day))


async def picture(page: Page, folder: Path, name: str) -> None:
    """Keep what is seen, where somebody who looks for it finds it."""
    await page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size > 10_000


async def test_three_days(told: str, open_page: OpenPage, tmp_path: Path) -> None:
    """Before, in the last week and after: chat, calendar, notices and money show the day, on a desk, with the clock moved."""
    page = await open_page(told, width=1280, height=900)
    panel = page.locator("#story")
    await expect(panel).to_have_attribute("data-ready", "yes")
    await expect(page.locator("#story-date")).to_have_text("1 January 2014")
    await expect(page.get_by_role("button", name="Buy")).to_be_visible()
    await picture(page, tmp_path, "before")

    await page.get_by_role("button", name="To the announcement").click()
    await is_day(page, "19 January 2017")
    await expect(page.locator("#log")).to_contain_text("T-shirt")
    for _ in range(2):
        before = await page.locator("#story-date").inner_text()
        await page.get_by_role("button", name="+1 day").click()
        await expect(page.locator("#story-status")).to_contain_text("It is")
        await expect(page.locator("#story-date")).not_to_have_text(before)
    await is_day(page, "21 January 2017")
    await slide(page, 1123)  # 28 January 2017
    await is_day(page, "28 January 2017")
    await expect(page.locator("#story-calendar [aria-current=date]")).to_contain_text("28 January 2017")
    await expect(page.locator("#story-notices")).to_contain_text("Reminder 7 days before")
    await expect(page.locator("#story-money")).to_contain_text("Paid, to be delivered")
    await expect(page.locator("#story-compare")).to_contain_text("Partners got less than two weeks’ notice.")
    await expect(page.locator("#opening")).to_contain_text("1 February 2017")
    await picture(page, tmp_path, "last-week")

    await page.get_by_role("button", name="To the closing").click()
    await is_day(page, "1 February 2017")
    await page.get_by_role("button", name="To the second end").click()
    await is_day(page, "30 April 2017")
    await expect(page.locator("#story-compare")).to_contain_text("All order history was deleted.")
    await expect(page.locator("#opening")).to_contain_text("Buy has closed here")
    await say(page, "/orders")
    await expect(page.locator("#log article").last).to_contain_text("T-shirt")
    assert not await scrolls_sideways(page)
    await picture(page, tmp_path, "after")


async def test_going_back(told: str, open_page: OpenPage, tmp_path: Path) -> None:
    """Going back says that it begins anew, forgets what was said, and shows the day again as it was, on a phone in the dark."""
    page = await open_page(told, width=390, height=844, color_scheme="dark")
    await page.get_by_role("button", name="To the closing").click()
    await is_day(page, "1 February 2017")
    assert not await scrolls_sideways(page)
    await page.locator("#story summary").first.click()
    await page.locator("#story-date").scroll_into_view_if_needed()
    await picture(page, tmp_path, "phone")
    await say(page, "/buy single")
    await expect(page.locator("#log article").last).to_contain_text("Buy has closed here")
    slider = page.get_by_role("slider", name="The day of the story")
    await slider.focus()
    await slider.fill("60")
    await is_day(page, "2 March 2014")
    await expect(slider).to_be_focused()
    await picture(page, tmp_path, "phone-back")
    await expect(page.locator("#log")).not_to_contain_text("Buy has closed here")
    await expect(page.get_by_role("button", name="Buy")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await is_day(page, "3 March 2014")
    await expect(page.get_by_role("button", name="+1 day")).to_be_enabled()
