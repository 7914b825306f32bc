"""What people type after /buy and /donate, and what is understood of it."""

from __future__ import annotations

import pytest

from bot.chat import Card, Form, Then
from bot.tokenise import tokenise
from commands.buy import buy
from commands.donate import donate
from tests.bot.rig import Rig


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("", {}),
        ("mug", {"product": "mug"}),
        ("mug 2", {"product": "mug", "quantity": "2"}),
        ("2 mug", {"product": "mug", "quantity": "2"}),
        ("mug x2", {"product": "mug", "quantity": "2"}),
        ("mug ×2", {"product": "mug", "quantity": "2"}),
        ("2x mug", {"product": "mug", "quantity": "2"}),
        ("mug 2x", {"product": "mug", "quantity": "2"}),
        ("mug 2 ×", {"product": "mug 2 ×"}),
        ("blue mug 2", {"product": "blue mug", "quantity": "2"}),
        ('"blue mug" 2 code WELCOME10', {"product": "blue mug", "quantity": "2", "code": "WELCOME10"}),
        ('code WELCOME10 "blue mug"', {"product": "blue mug", "code": "WELCOME10"}),
        ("mug CODE welcome10 2", {"product": "mug", "quantity": "2", "code": "welcome10"}),
        ("code", {"product": "code"}),
        ("2", {"product": "2"}),
        ('"poster 2024"', {"product": "poster 2024"}),
        ("mug -1", {"product": "mug", "quantity": "-1"}),
        ("mug 0", {"product": "mug", "quantity": "0"}),
        ('""', {}),
    ],
)
async def test_what_is_typed_after_buy(rig: Rig, text: str, typed: dict[str, str]) -> None:
    """Product, quantity at either end, and a code behind its word."""
    read = buy.read(await rig.context(), tokenise(text))
    assert {name: value for name, value in read.items() if value} == typed


@pytest.mark.parametrize(
    ("text", "locale", "typed"),
    [
        ("", "en", {}),
        ("25", "en", {"amount": "25"}),
        ("12,50 € to water", "en", {"amount": "12,50 €", "cause": "water"}),
        ('12,50 € to "Clean water" monthly', "en", {"amount": "12,50 €", "cause": "Clean water", "rhythm": "monthly"}),
        ("monthly 10 for clean water", "en", {"amount": "10", "cause": "clean water", "rhythm": "monthly"}),
        ('12,50 € à "Eau potable" mensuel', "fr", {"amount": "12,50 €", "cause": "Eau potable", "rhythm": "monthly"}),
        ("10 pour eau potable", "fr", {"amount": "10", "cause": "eau potable"}),
        ("10 to water monthly", "fr", {"amount": "10", "cause": "water", "rhythm": "monthly"}),
        ("water", "en", {"cause": "water"}),
        ("to water", "en", {"cause": "water"}),
        ('"To the sea" 5', "en", {"amount": "To the sea 5"}),
        ("to", "en", {}),
    ],
)
async def test_what_is_typed_after_donate(rig: Rig, text: str, locale: str, typed: dict[str, str]) -> None:
    """Amount, cause behind its word, and rhythm, in the reader's language; English works for all."""
    assert donate.read(await rig.context(locale=locale), tokenise(text)) == typed


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("/buy mug/white 2", ["2 × Mug, white"]),
        ('/buy "blue mug" 2 code WELCOME10', ["2 × Mug, blue", "Discount WELCOME10"]),
        ("/buy zine", ["1 × Knots zine"]),
        ("/buy KNOTS ZINE", ["1 × Knots zine"]),
    ],
)
async def test_what_is_clear_is_ordered(rig: Rig, said: str, lines: list[str]) -> None:
    """All said and clear: the answer is the order with its pay link."""
    card = await rig.say(said)
    assert card.state == "awaiting"
    assert [name for name, _ in card.facts][: len(lines)] == lines


async def test_a_french_gift_is_understood_whole(rig: Rig) -> None:
    """Amount with its sign, cause in guillemets, and the rhythm, in one French sentence."""
    card = await rig.say("/don 12,50 € à « Clean water » mensuel", locale="fr")
    order = await rig.order(card.order)
    assert (order.state, str(order.total), order.monthly) == ("awaiting", "12.50 EUR", True)
    assert ("Cause", ("Clean water",)) in card.facts


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("/buy zin 2", "There is no “zin” here."),
        ("/buy mug/blue 0", "“0” is no quantity"),
        ("/buy mug/blue -1", "“-1” is no quantity"),
        ("/buy mug/blue 99999999999999999999", "at most"),
        ("/buy badge", "too little"),
        ("/buy zine code NONE", "There is no code “NONE”"),
        ("/donate potatoes to water", "“potatoes” is no amount"),
        ("/donate 1,234 to water", "can be read in two ways"),
        ("/donate ¥500 to water", "another currency"),
        ("/donate -5 to water", "less than nothing"),
        ("/donate 5 to the moon", "There is no cause “the moon”"),
        ("/donate 0.10 to water", "too little"),
        ("/donate 0 to water", "too little"),
        ("/donate 99999999 to water", "more than can be charged"),
    ],
)
async def test_what_cannot_be_says_why_and_writes_nothing(rig: Rig, said: str, says: str) -> None:
    """Odd input is a clear card, and no order."""
    card = await rig.say(said)
    assert says in str(card.text)
    assert list(await rig.mine()) == []
    assert rig.stripe.asked["open"] == rig.water.asked["open"] == 0


async def test_an_unknown_product_offers_the_nearest(rig: Rig) -> None:
    """A slip of the finger names what was probably meant, with buttons that order it, as many as were asked for."""
    card = await rig.say("/buy knots zien 2")
    assert "Closest: Knots zine." in str(card.text)
    nearest = card.actions[0]
    assert nearest.value == "zine 2"  # type: ignore[union-attr]  # a Button
    assert nearest.label.startswith("Knots zine")
    assert (await rig.press("buy.choose", nearest.value)).state == "awaiting"  # type: ignore[union-attr]  # a Button


async def test_what_is_near_nothing_leads_to_the_form(rig: Rig) -> None:
    """Nobody is left with a card that leads nowhere."""
    card = await rig.say("/buy xyzzy")
    assert [action.label for action in card.actions] == ["Buy"]


async def test_what_is_not_clear_is_asked_with_its_quantity_and_code_kept(rig: Rig) -> None:
    """Blue or white? The choice keeps how many and the code."""
    card = await rig.say("/buy mug 2 code WELCOME10")
    assert card.title == "Which one?"
    assert [action.value for action in card.actions] == [  # type: ignore[union-attr]  # Buttons
        "mug/blue 2 WELCOME10",
        "mug/white 2 WELCOME10",
    ]


async def test_a_gift_with_one_word_missing_opens_the_form_with_the_others_in_it(rig: Rig) -> None:
    """What was typed is not typed again."""
    form = await rig.form("/donate 12,50 € monthly")
    values = {field.name: getattr(field, "value", "") for field in form.fields}
    assert (values["amount"], values["rhythm"]) == ("12,50 €", "monthly")
    form = await rig.form("/donate kitchen")
    assert {field.name: getattr(field, "value", "") for field in form.fields}["cause"] == "kitchen"


async def test_an_amount_is_looked_at_before_the_form_is_opened(rig: Rig) -> None:
    """With no cause named a doubtful amount is refused at once and a clear one opens the form; with a cause it is given."""
    opened = rig.house.conversation.hear(await rig.context(), "/donate 1,234")
    assert isinstance(opened, Card)
    opened = rig.house.conversation.hear(await rig.context(), "/donate 12.34")
    assert isinstance(opened, Form)
    opened = rig.house.conversation.hear(await rig.context(), "/donate 12.34 to water")
    assert isinstance(opened, Then)
