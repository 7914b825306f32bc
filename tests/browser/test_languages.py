"""The page in languages of another direction, or of longer words, on a phone."""

import pytest
from playwright.async_api import Page, expect

from tests.adapters.web.site import Site
from tests.browser.conftest import OpenPage
from tests.browser.test_page import scrolls_sideways

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: What a language calls the prompt's button, and the way it runs.
SEND = {"ar": ("إرسال", "rtl"), "de": ("Senden", "ltr")}


async def sticks_out(page: Page) -> list[str]:
    """List what lies outside the window, but for what is hidden on purpose."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("body *:not(.hidden):not(.skip)")]
          .filter((each) => { const { left, right, width } = each.getBoundingClientRect();
            return width && (left < -0.5 || right > innerWidth + 0.5); })
          .map((each) => each.outerHTML.slice(0, 80))"""
    )
    return found


@pytest.mark.parametrize("locale", SEND)
async def test_a_phone_shows_the_page_in_its_direction(site: Site, open_page: OpenPage, locale: str) -> None:
    """At 390 pixels the page runs as its language does, and cards, forms and what was typed stay inside the window."""
    send, direction = SEND[locale]
    page = await open_page(f"{site.address}/?lang={locale}", width=390, height=844)
    assert await page.evaluate("getComputedStyle(document.documentElement).direction") == direction
    prompt = page.locator("#say")
    button = page.get_by_role("button", name=send, exact=True)
    assert await prompt.evaluate("each => getComputedStyle(each).direction") == direction
    boxes = await prompt.bounding_box(), await button.bounding_box()
    assert boxes[0]
    assert boxes[1]
    assert (boxes[0]["x"] > boxes[1]["x"]) == (direction == "rtl")
    for text in ("/greet 2026-000001", "/order"):
        await prompt.fill(text)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Enter")
    await expect(page.locator("form.card")).to_be_visible()
    assert await page.locator(".mine bdi").first.inner_text() == "/greet 2026-000001"
    assert await page.evaluate("getComputedStyle(document.querySelector('.mine bdi')).direction") == "ltr"
    assert not await scrolls_sideways(page)
    assert await sticks_out(page) == []


@pytest.mark.parametrize("path", ["/thanks/t", "/retirement", "/pay/closed"])
async def test_pages_of_one_card_run_from_right_to_left(site: Site, open_page: OpenPage, path: str) -> None:
    """An order's page, the retirement's and the notice run from right to left in Arabic, within a phone's window."""
    page = await open_page(f"{site.address}/?lang=ar", width=390, height=844)
    await page.goto(f"{site.address}{path}?lang=ar")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.get_by_role("link", name="العودة إلى المتجر")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.querySelector('.card h1')).direction") == "rtl"
    assert not await scrolls_sideways(page)
    assert await sticks_out(page) == []
