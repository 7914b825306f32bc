"""The JSON API of the web chat, as scripts use it."""

from aiohttp import ClientSession

from bot.chat import Card
from tests.adapters.web.site import Site


async def test_a_card_has_the_documented_shape(site: Site) -> None:
    """A card comes as JSON with its plain text, facts, progress, order and actions."""
    (card,) = await site.say("/greet Ada")
    assert card["kind"] == "card"
    assert card["title"] == "Hello Ada"
    assert card["body"] == "It is 2017-01-20 13:00 (Europe/Paris); see the shop (https://shop.example/?a=1&b=2)."
    assert card["facts"][2] == ["Staff", "False"]
    assert card["progress"] == {"value": 24, "goal": 100, "text": "24% of the goal"}
    assert (card["order"], card["state"], card["tone"]) == ("T7K3M9QX", "awaiting", "good")
    assert card["actions"] == [
        {"kind": "button", "label": "Order", "action": "order", "value": "", "style": "primary"},
        {"kind": "button", "label": "Cancel", "action": "order.cancel", "value": "T7K3M9QX", "style": "danger"},
        {"kind": "link", "label": "Pay", "url": "/pay/token", "style": "plain"},
        {
            "kind": "select",
            "label": "Which?",
            "action": "order.chosen",
            "options": [
                {"value": "mug/blue", "label": "Mug, blue"},
                {"value": "mug/red", "label": "Mug, red"},
                {"value": "print", "label": "A print of the harbour at dawn, signed and numbered"},
            ],
        },
    ]


async def test_rich_carries_the_pieces_for_the_page(site: Site) -> None:
    """Beside the plain text, `rich` holds instants in the operator's offset and links, and the test money note."""
    (card,) = await site.say("/greet")
    assert card["rich"]["body"] == [
        [
            "It is ",
            {"time": "2017-01-20T13:00:00+01:00", "text": "2017-01-20 13:00 (Europe/Paris)"},
            "; see ",
            {"link": "https://shop.example/?a=1&b=2", "text": "the shop"},
            ".",
        ]
    ]
    assert "".join(card["rich"]["footer"]) == card["footer"]
    assert card["footer"].startswith("Thank you ")


async def test_a_form_has_the_documented_shape(site: Site) -> None:
    """A form comes as JSON with every kind of field, where to submit it, and the value it carries."""
    (form,) = await site.say("/order mug")
    assert (form["kind"], form["submit"], form["value"], form["submit_label"]) == (
        "form",
        "order.place",
        "basket-1",
        "Order",
    )
    product, quantity, amount, note, extras = form["fields"]
    assert (product["type"], product["value"], product["suggest"]) == ("choice", "mug", "order.product")
    assert [option["value"] for option in product["options"]] == ["mug/blue", "mug/red", "print"]
    assert (quantity["type"], quantity["required"], quantity["value"]) == ("integer", True, "1")
    assert (amount["type"], amount["suggestions"], amount["hint"]) == ("amount", ["1", "2.50"], "If you like")
    assert (note["type"], note["most"]) == ("long", 200)
    assert (extras["type"], extras["value"]) == ("checks", ["wrap"])
    assert {field["error"] for field in form["fields"]} == {""}


async def test_a_submitted_form_reaches_its_step(site: Site) -> None:
    """Values of one and of many, and the carried value, arrive among the answers by name."""
    values = {"product": "mug/blue", "quantity": 2, "extras": ["wrap", "fast"], "note": ""}
    (card,) = await site.press("order.place", values=values, value="basket-1")
    assert card["body"] == "extras=wrap,fast; note=; product=mug/blue; quantity=2; value=basket-1"


async def test_a_wrong_form_comes_back_filled_in_with_errors_by_field(site: Site) -> None:
    """What was typed stands in the fields again, the error beside its own, and the step did not run."""
    values = {"product": "mug/red", "quantity": "<two>", "extras": ["fast"], "note": "Please"}
    (form,) = await site.press("order.place", values=values, value="basket-1")
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["quantity"]["error"] == "a whole number, please"
    assert fields["quantity"]["value"] == "<two>"
    assert (fields["product"]["value"], fields["product"]["error"]) == ("mug/red", "")
    assert (fields["extras"]["value"], fields["note"]["value"]) == (["fast"], "Please")
    assert (form["submit"], form["value"]) == ("order.place", "basket-1")


async def test_a_wrong_form_whose_opener_shows_another_still_says_what_is_wrong(site: Site) -> None:
    """Where the opener no longer gives that form, the wrong fields alone come back."""
    (form,) = await site.press("order.wrapped", values={"paper": "gold"}, value="v")
    assert (form["kind"], form["submit"], form["value"]) == ("form", "order.wrapped", "v")
    assert [(field["name"], field["value"], field["error"]) for field in form["fields"]] == [
        ("paper", "gold", "brown only")
    ]


async def test_all_options_typed_go_straight_to_the_answer(site: Site) -> None:
    """A Then from an opener is run in the same request."""
    (card,) = await site.say("/order mug/blue 2")
    assert (card["title"], card["body"]) == ("Ordered", "product=mug/blue; quantity=2")


async def test_a_button_of_a_command_opens_it_with_its_value(site: Site) -> None:
    """Pressing a command's id opens the command, and an id nobody knows gets an answer too."""
    assert (await site.press("greet", value="Ada"))[0]["title"] == "Hello Ada"
    assert (await site.press("order.chosen", value="print"))[0]["body"] == "print"
    assert (await site.press("order.bygone"))[0]["title"] == "From another time"


async def test_a_step_that_breaks_is_a_card_without_the_detail(site: Site) -> None:
    """Whatever breaks inside is said as trouble; its text stays in the log."""
    (card,) = await site.press("order.broken")
    assert card["title"] == "Trouble"
    assert "secret" not in str(card)


async def test_unknown_words_get_help_and_what_was_typed_stays_text(site: Site) -> None:
    """Markup that somebody types comes back as the same characters, in JSON that no browser takes for a page."""
    async with site.http.post(site.address + "/web/messages", json={"text": "<script>alert(1)</script>"}) as response:
        assert response.content_type == "application/json"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        card = (await response.json())["replies"][0]
    assert card["body"] == "You said: <script>alert(1)</script>"


async def test_the_same_idempotency_key_is_the_same_wish(site: Site) -> None:
    """A client's own key names the interaction; without one every request is a wish of its own."""
    keys = [
        (await site.say("/greet", **headers))[0]["facts"][0][1]
        for headers in ({"Idempotency_Key": "k1"}, {"Idempotency_Key": "k1"}, {}, {})
    ]
    assert keys[0] == keys[1]
    assert keys[0].endswith(":k1")
    assert len(set(keys)) == 3


async def test_kept_news_follows_the_next_answer(site: Site) -> None:
    """Private news that could not be told is told after the person's next word, where no page of theirs is open."""
    site.spoken.kept.append(Card("Your order was paid"))
    assert [reply["title"] for reply in await site.say("/greet")] == ["Hello ", "Your order was paid"]
    assert [reply["title"] for reply in await site.say("/greet")] == ["Hello "]


async def test_suggestions_complete_an_option(site: Site) -> None:
    """What is being typed is completed by the option's own suggestions; other options have none."""
    answer = await site.post("/web/suggestions", {"option": "order.product", "text": "mug"})
    assert answer == {
        "choices": [{"value": "mug/blue", "label": "Mug, blue"}, {"value": "mug/red", "label": "Mug, red"}]
    }
    assert await site.post("/web/suggestions", {"option": "order.quantity"}) == {"choices": []}
    assert await site.post("/web/suggestions", {"option": "nothing"}) == {"choices": []}


async def test_commands_are_listed_in_the_reader_s_language(site: Site) -> None:
    """Names and summaries come in the locale that was asked for; what is for the staff is not listed."""
    async with site.http.get(site.address + "/web/commands", headers={"Accept-Language": "fr-CA"}) as response:
        commands = (await response.json())["commands"]
    assert [command["name"] for command in commands] == ["saluer", "commander"]
    assert commands[1]["options"][0] == {
        "name": "product",
        "label": "product",
        "hint": "What you would like",
        "type": "text",
        "suggest": "order.product",
    }
    assert commands[1]["options"][1]["hint"] == ""


async def test_the_first_screen_has_cards_and_hints(site: Site) -> None:
    """The opening cards and what to try come without anybody saying anything."""
    async with site.http.get(site.address + "/web/welcome") as response:
        answer = await response.json()
    assert [reply["title"] for reply in answer["replies"]] == ["Buy", "Donate"]
    assert answer["hints"] == ["Type /order mug 2", "Press a button"]


async def test_the_page_speaks_the_reader_s_language_and_says_test_money(site: Site) -> None:
    """The page is written in the locale of Accept-Language, or of ?lang=, and shows the badge."""
    async with ClientSession() as http, http.get(site.address, headers={"Accept-Language": "fr"}) as response:
        page = await response.text()
    assert response.content_type == "text/html"
    assert '<html lang="fr" dir="ltr">' in page
    assert "Argent fictif" in page
    async with ClientSession() as http, http.get(site.address + "/?lang=en", headers={"Accept-Language": "fr"}) as two:
        assert '<html lang="en" dir="ltr">' in await two.text()
