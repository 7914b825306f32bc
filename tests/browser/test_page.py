"""The chat's page in a real browser: typing, forms, news, small screens, dark rooms."""

import asyncio

import pytest
from playwright.async_api import Browser, Page, Route, expect

from bot.chat import Card
from tests.adapters.web.site import SIGNER, Site
from tests.browser.conftest import PATIENCE, OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def say(page: Page, text: str) -> None:
    """Type at the prompt and send."""
    await page.get_by_role("combobox", name="What would you like?").fill(text)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")


async def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth > innerWidth"))


async def who(page: Page) -> str:
    """Tell the key of the person that the page's cookie names."""
    await say(page, "/greet")
    fact = page.locator("#log dd").first
    return ":".join((await fact.inner_text()).split(":")[:2])


async def test_the_first_screen_shows_what_to_do(site: Site, open_page: OpenPage) -> None:
    """The opening cards, what to try, the badge and the prompt are on the first screen, with the prompt ready to type."""
    page = await open_page(site.address)
    await expect(page.get_by_role("button", name="Order")).to_be_in_viewport()
    await expect(page.get_by_role("heading", name="Donate")).to_be_in_viewport()
    await expect(page.get_by_text("Type /order mug 2")).to_be_in_viewport()
    await expect(page.get_by_text("Test money", exact=True)).to_be_visible()
    await expect(page.get_by_role("combobox", name="What would you like?")).to_be_focused()


async def test_commands_are_completed_by_keyboard(site: Site, open_page: OpenPage) -> None:
    """A few keys write a command and its option: the list follows the combobox pattern, and Enter picks before it sends."""
    page = await open_page(site.address)
    prompt = page.get_by_role("combobox", name="What would you like?")
    options = page.locator("#completions [role=option]")
    await page.keyboard.type("/")
    await expect(options).to_have_count(2)
    await expect(prompt).to_have_attribute("aria-expanded", "true")
    await page.keyboard.type("or")
    await expect(options).to_have_text(["/orderOrder a thing"])
    await page.keyboard.press("Tab")
    await expect(prompt).to_have_value("/order ")
    await page.keyboard.type("mug")
    await expect(options).to_have_text(["Mug, blue", "Mug, red"])
    await page.keyboard.press("ArrowUp")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = await prompt.get_attribute("aria-activedescendant")
    assert active == await options.nth(1).get_attribute("id")
    await page.keyboard.press("Enter")
    await expect(prompt).to_have_value("/order mug/red ")
    await page.keyboard.type("2")
    await page.keyboard.press("Escape")
    await expect(prompt).to_have_attribute("aria-expanded", "false")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("product=mug/red; quantity=2")).to_be_visible()


async def test_suggestions_that_come_too_late_are_not_shown(site: Site, open_page: OpenPage) -> None:
    """What was sent needs no completing: a list that arrives afterwards stays away, and moves nothing."""
    page = await open_page(site.address)
    asked, held, answers = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await held.wait()
        await route.continue_()

    async def hold_answer(route: Route) -> None:
        await answers.wait()
        await route.continue_()

    await page.route("**/web/suggestions", hold)
    await page.route("**/web/messages", hold_answer)
    prompt = page.get_by_role("combobox", name="What would you like?")
    await prompt.fill("/order mug")
    await asyncio.wait_for(asked.wait(), PATIENCE / 1000)
    await page.keyboard.press("Enter")
    await expect(page.locator("#log p.mine")).to_have_text("You: /order mug")
    async with page.expect_response("**/web/suggestions"):
        held.set()
    await page.evaluate("fetch('/web/commands').then((later) => later.json())")
    await expect(prompt).to_have_attribute("aria-expanded", "false")
    answers.set()
    await expect(page.locator("form.card")).to_be_visible()


async def test_a_form_is_filled_checked_and_sent(site: Site, open_page: OpenPage) -> None:
    """Required fields are the browser's to check, others the shop's: its words stand beside the field that has the focus."""
    page = await open_page(site.address)
    await page.get_by_role("button", name="Order").click()
    form = page.locator("form.card")
    product, quantity = form.get_by_label("Product"), form.get_by_label("How many")
    await expect(product).to_be_focused()
    await form.get_by_role("button", name="Order").click()
    assert await product.evaluate("field => field.validity.valueMissing")
    await product.fill("red")
    await form.get_by_role("option", name="Mug, red").click()
    await expect(product).to_have_value("Mug, red")
    await quantity.fill("two")
    await form.get_by_role("button", name="2.50").click()
    await form.get_by_label("Quickly").check()
    await form.get_by_role("button", name="Order").click()
    await expect(quantity).to_be_focused()
    await expect(quantity).to_have_attribute("aria-invalid", "true")
    await expect(form.get_by_text("a whole number, please")).to_be_visible()
    await quantity.fill("2")
    await expect(form.get_by_text("a whole number, please")).to_be_hidden()
    await page.keyboard.press("Enter")
    answer = page.get_by_text("amount=2.50; extras=wrap,fast; note=; product=mug/red; quantity=2; value=basket-1")
    await expect(answer).to_be_visible()
    await expect(form).to_have_count(0)
    await expect(page.get_by_role("article", name="Ordered")).to_be_focused()


async def test_what_fits_no_suggestion_is_sent_as_it_was_typed(site: Site, open_page: OpenPage) -> None:
    """A choice that is completed takes any text, and a label typed in full is its value."""
    page = await open_page(site.address)
    for typed, sent in (("a lamp", "product=a lamp;"), ("mug, BLUE", "product=mug/blue;")):
        await page.get_by_role("button", name="Order").first.click()
        form = page.locator("form.card")
        await form.get_by_label("Product").fill(typed)
        await form.get_by_role("button", name="Order").click()
        await expect(page.get_by_text(sent)).to_be_visible()


async def test_typed_markup_stays_text(site: Site, open_page: OpenPage) -> None:
    """What somebody types is shown as they typed it, and nothing of it becomes an element."""
    page = await open_page(site.address)
    nasty = "<img src=x onerror=alert(1)><b>bold</b>"
    await say(page, nasty)
    await expect(page.get_by_text(f"You said: {nasty}")).to_be_visible()
    await say(page, f'/greet "{nasty}"')
    await expect(page.get_by_role("heading", name=f"Hello {nasty}")).to_be_visible()
    assert await page.locator("#log img, #log b").count() == 0


async def test_instants_are_said_in_the_reader_s_time_too(site: Site, open_page: OpenPage) -> None:
    """Where the reader's clock differs, their own time follows the shop's; where it does not, nothing is added."""
    far = await open_page(site.address, timezone_id="America/New_York")
    await say(far, "/greet")
    time = far.locator("#log time")
    await expect(time).to_have_attribute("datetime", "2017-01-20T13:00:00+01:00")
    await expect(time).to_contain_text("2017-01-20 13:00 (Europe/Paris)")
    await expect(time).to_contain_text("7:00 AM your time")
    near = await open_page(site.address)
    await say(near, "/greet")
    await expect(near.locator("#log time")).to_have_text("2017-01-20 13:00 (Europe/Paris)")


async def test_progress_is_a_bar_and_a_sentence(site: Site, open_page: OpenPage) -> None:
    """The bar shows the ratio, and the words beside it say the same."""
    page = await open_page(site.address)
    await say(page, "/greet")
    bar = page.locator("progress")
    assert await bar.evaluate("bar => bar.position") == pytest.approx(0.24)
    await expect(page.get_by_text("24% of the goal")).to_be_visible()


async def test_a_select_runs_its_step(site: Site, open_page: OpenPage) -> None:
    """Choosing from a card's list is an answer by itself."""
    page = await open_page(site.address)
    await say(page, "/greet")
    await page.get_by_label("Which?").select_option("print")
    await expect(page.get_by_role("article", name="Chosen")).to_contain_text("print")


async def test_a_moved_order_takes_the_buttons_off_its_older_cards(site: Site, open_page: OpenPage) -> None:
    """Where news says that an order moved on, what its older cards offered is over."""
    page = await open_page(site.address)
    key = await who(page)
    old = page.get_by_role("article", name="Hello")
    await expect(old.get_by_role("link", name="Pay")).to_be_visible()
    site.room.add(key, Card("Paid, thank you", order="T7K3M9QX", state="paid"))
    await expect(page.get_by_role("article", name="Paid, thank you")).to_be_visible()
    await expect(old.get_by_role("link", name="Pay")).to_have_count(0)


async def test_news_does_not_pull_anybody_from_a_form(site: Site, open_page: OpenPage) -> None:
    """Whoever fills in a form stays where they are; the status line says that there is news."""
    page = await open_page(site.address, height=500, reduced_motion="reduce")
    key = await who(page)
    await say(page, "/order")
    quantity = page.locator("form.card").get_by_label("How many")
    await quantity.fill("3")
    before = await quantity.evaluate("field => field.getBoundingClientRect().top")
    site.room.add(key, Card("Shipped", order="T7K3M9QX", state="fulfilled"))
    await expect(page.get_by_text("News: Shipped")).to_be_visible()
    await expect(quantity).to_be_focused()
    after = await quantity.evaluate("field => field.getBoundingClientRect().top")
    assert after == pytest.approx(before, abs=2)


async def test_news_resumes_after_a_lost_connection(site: Site, open_page: OpenPage) -> None:
    """News of the time without connection comes once the browser is back, each piece once, and the page says both."""
    page = await open_page(site.address)
    key = await who(page)
    site.room.add(key, Card("First news"))
    await expect(page.get_by_role("article", name="First news")).to_be_visible()
    await site.server.stop()
    await expect(page.get_by_text("Connection lost")).to_be_visible()
    site.room.add(key, Card("Second news"))
    await site.restart()
    await expect(page.get_by_role("article", name="Second news")).to_be_visible()
    await expect(page.get_by_text("Connected again")).to_be_visible()
    await expect(page.get_by_role("article", name="First news")).to_have_count(1)


async def test_a_reload_keeps_the_conversation(site: Site, open_page: OpenPage) -> None:
    """What was said and answered is there again, and news is neither lost nor said twice."""
    page = await open_page(site.address)
    key = await who(page)
    site.room.add(key, Card("First news"))
    await expect(page.get_by_role("article", name="First news")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("article", name="Hello")).to_be_visible()
    site.room.add(key, Card("Second news"))
    await expect(page.get_by_role("article", name="Second news")).to_be_visible()
    await expect(page.get_by_role("article", name="First news")).to_have_count(1)


async def test_a_wish_that_did_not_get_through_is_asked_again_as_the_same(site: Site, open_page: OpenPage) -> None:
    """With the server away the page says that nothing is lost, and trying again sends the same key once more."""
    page = await open_page(site.address)
    keys: list[str] = []
    page.on(
        "request",
        lambda request: keys.append(request.headers["idempotency-key"]) if "/web/messages" in request.url else None,
    )
    await page.route("**/web/messages", lambda route: route.abort())
    await say(page, "/greet")
    await page.get_by_role("button", name="Try again").wait_for()
    await page.unroute("**/web/messages")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("article", name="Hello")).to_be_visible()
    assert len(keys) > 1
    assert len(set(keys)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_scrolls_sideways_on_a_phone(site: Site, open_page: OpenPage, scheme: str) -> None:
    """At 360 pixels everything fits: cards, long words, forms, errors, lists."""
    page = await open_page(site.address, width=360, height=640, color_scheme=scheme)
    assert not await scrolls_sideways(page)
    await say(page, "/greet " + "W" * 300)
    await expect(page.get_by_role("article", name="Hello")).to_be_visible()
    await say(page, "/order")
    form = page.locator("form.card")
    await form.get_by_label("Product").fill("print")
    await expect(form.get_by_role("option")).to_have_count(1)
    assert not await scrolls_sideways(page)
    await form.get_by_role("option").click()
    await form.get_by_label("How many").fill("x")
    await form.get_by_role("button", name="Order").click()
    await expect(form.get_by_text("a whole number, please")).to_be_visible()
    assert not await scrolls_sideways(page)


async def test_a_dark_room_gets_a_dark_page(site: Site, open_page: OpenPage) -> None:
    """The colours follow the reader's scheme, and the text stays readable on them (WCAG 2.2, 1.4.3: 4.5 to 1)."""
    shades = {}
    for scheme in ("light", "dark"):
        page = await open_page(site.address, color_scheme=scheme)
        colours = await page.evaluate(
            """() => ["#opening .card h3", "#hints li", ".badge", "nav a", "#opening .button"].map((selector) => {
                const found = document.querySelector(selector);
                let behind = found;
                while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
                const numbers = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
                return [numbers(getComputedStyle(found).color), numbers(getComputedStyle(behind).backgroundColor)];
            })"""
        )
        for text, ground in colours:
            assert contrast(text, ground) >= 4.5, (scheme, text, ground)
        shades[scheme] = luminance(colours[0][1])
    assert shades["dark"] < 0.1
    assert shades["light"] > 0.8


async def test_the_language_can_be_changed(site: Site, open_page: OpenPage) -> None:
    """The reader's own language comes first, and another is one press away, for the answers too."""
    page = await open_page(site.address, locale="fr-FR")
    await expect(page.get_by_role("button", name="Envoyer")).to_be_visible()
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()
    await page.locator("html[data-ready]").wait_for()
    await page.keyboard.type("/gre")
    await expect(page.locator("#completions [role=option]")).to_have_text(["/greetSay hello"])


async def test_an_old_pay_link_leads_on(site: Site, open_page: OpenPage) -> None:
    """The notice's button opens the command in the chat by itself; a step is not opened by a link."""
    page = await open_page(site.address)
    await page.goto(f"{site.address}/pay/closed")
    await expect(page.get_by_role("heading", name="<b>Buy</b> has ended")).to_be_visible()
    await page.get_by_role("link", name="Greet").click()
    await expect(page.get_by_role("article", name="Hello")).to_be_visible()
    assert page.url == f"{site.address}/"
    await page.goto(f"{site.address}/?open=order.cancel")
    await page.locator("html[data-ready]").wait_for()
    await expect(page.get_by_role("article", name="Cancelled")).to_have_count(0)


async def test_the_page_of_thanks_shows_the_payment_by_itself(site: Site, browser: Browser) -> None:
    """Where the payment is not known yet, the page looks again and says so when it is."""
    page = await browser.new_page()
    site.shown.state = "awaiting"
    await page.goto(f"{site.address}/thanks/t")
    await expect(page.get_by_text("It is awaiting.")).to_be_visible()
    site.shown.state = "paid"
    await expect(page.get_by_text("It is paid.")).to_be_visible()
    assert await page.locator("[data-waits]").count() == 0
    await page.close()


async def test_the_staff_desk_has_news_of_its_own(site: Site, open_page: OpenPage) -> None:
    """Behind the staff link orders appear as they come; leaving makes the browser the buyer it was."""
    page = await open_page(site.address)
    key = await who(page)
    await page.goto(f"{site.address}/staff/{SIGNER.sign('staff', 'staff:99999999999')}")
    await page.locator("html[data-ready]").wait_for()
    badge = page.locator("header").get_by_text("Staff", exact=True)
    await expect(badge).to_be_visible()
    await expect(page.get_by_role("article", name="Hello")).to_have_count(0)
    await site.chat.voice.post("staff", Card("Order", order="T7K3M9QX"), key="staff:T7K3M9QX")
    await expect(page.get_by_role("article", name="Staff: T7K3M9QX")).to_be_visible()
    await page.get_by_role("button", name="Leave").click()
    await expect(page.get_by_role("article", name="Hello")).to_be_visible()
    await expect(badge).to_have_count(0)
    site.room.add(key, Card("For the buyer"))
    await expect(page.get_by_role("article", name="For the buyer")).to_be_visible()


def luminance(colour: list[float]) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
